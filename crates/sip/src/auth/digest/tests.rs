use super::*;

/// RFC 2617 3.5.
#[test]
fn rfc_2617_example() {
    let ha1 = ha1(Algorithm::Md5, "Mufasa", "testrealm@host.com", "Circle Of Life");
    let nonce = "dcd98b7102dd2f0e8b11d0f600bfb0c093";
    let answer = response(Algorithm::Md5, &ha1, nonce, "00000001", "0a4f113b", "GET", "/dir/index.html");
    assert_eq!(answer, "6629fae49393a05397450978507c4ef1");
}

/// RFC 7616 3.9.1, both algorithms.
#[test]
fn rfc_7616_examples() {
    let nonce = "7ypf/xlj9XXwfDPEoM4URrv/xwf94BcCAzFZH4GiTo0v";
    let cnonce = "f2/wE4q74E6zIJEtWaHKaf5wv/H5QzzpXusqGemxURZJ";
    for (algorithm, expected) in [
        (Algorithm::Md5, "8ca523f5e9506fed4657c9700eebdbec"),
        (Algorithm::Sha256, "753927fa0e85d155564e2e272a28d1802ca10daf4496794697cf8db5856cb6c1"),
    ] {
        let ha1 = ha1(algorithm, "Mufasa", "http-auth@example.org", "Circle of Life");
        let answer = response(algorithm, &ha1, nonce, "00000001", cnonce, "GET", "/dir/index.html");
        assert_eq!(answer, expected);
    }
}

/// RFC 8760 2.6 changes no computation; rsip computes the same for well-formed text and small counts.
#[test]
fn rsip_agrees_on_well_formed_text() {
    for (ours, theirs) in [
        (Algorithm::Md5, rsip::headers::auth::Algorithm::Md5),
        (Algorithm::Sha256, rsip::headers::auth::Algorithm::Sha256),
    ] {
        for nc in 1..=9u8 {
            let qop = rsip::headers::auth::AuthQop::Auth { cnonce: "abc".to_owned(), nc };
            let oracle = rsip::services::DigestGenerator {
                username: "7001",
                password: "secret",
                nonce: "n0",
                uri: &"sip:120@hospital.example".try_into().expect("rsip reads it"),
                realm: "hospital",
                method: &rsip::Method::Invite,
                qop: Some(&qop),
                algorithm: theirs,
            };
            let ha1 = ha1(ours, "7001", "hospital", "secret");
            let nc = format!("{nc:08x}");
            let answer = response(ours, &ha1, "n0", &nc, "abc", "INVITE", "sip:120@hospital.example");
            assert_eq!(oracle.compute(), answer);
        }
    }
}

#[test]
fn the_client_refuses_what_it_does_not_speak() {
    let uri: Uri = "sip:h".parse().expect("a URI");
    let answer = |challenge: &str| authorize(challenge, &Method::Register, &uri, "u", "p", "c", 1);
    assert!(answer("Basic realm=\"r\"").is_none());
    assert!(answer("Digest realm=\"r\", nonce=\"n\", algorithm=SHA-512-256, qop=\"auth\"").is_none());
    assert!(answer("Digest realm=\"r\", nonce=\"n\", qop=\"auth-int\"").is_none());
    assert!(answer("Digest realm=\"r\"").is_none());
    let old = answer("Digest realm=\"r\", nonce=\"n\", opaque=\"o\"").expect("RFC 2069");
    assert!(!old.contains("qop") && old.ends_with("opaque=\"o\""));
}

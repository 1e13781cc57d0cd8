//! Challenge and check, both sides of it.
use std::net::IpAddr;

use crate::support::invite;
use careline_sip::auth::{Account, Algorithm, NONCE_LIFE_S, Realm, Secret, Verdict, authorize};
use careline_sip::{Message, Request, parse};

const AT_S: u64 = 1_790_000_000;

fn source() -> IpAddr {
    "192.0.2.9".parse().unwrap()
}

fn realm() -> Realm {
    Realm::new("hospital".to_owned(), [7; 32])
}

fn secret(user: &str) -> Option<Account> {
    (user == "7001").then(|| Account::new("right"))
}

fn request(authorization: &str) -> Request {
    let line =
        if authorization.is_empty() { String::new() } else { format!("Authorization: {authorization}\r\n") };
    match parse(invite("1", 1, &line).as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn signed(challenge: &str, user: &str, password: &str, nc: u32) -> Request {
    let bare = request("");
    request(&authorize(challenge, &bare.method, &bare.uri, user, password, "cn", nc).unwrap())
}

#[test]
fn right_credentials_are_granted_with_either_algorithm() {
    let mut realm = realm();
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let challenge = realm.challenge(AT_S, source(), &[algorithm], false).remove(0);
        assert!(
            challenge.contains(&format!("algorithm={}", algorithm.as_str()))
                && challenge.contains("qop=\"auth\"")
        );
        let nc = algorithm as u32 + 1;
        let verdict = realm.check(AT_S + 1, source(), &signed(&challenge, "7001", "right", nc), secret);
        assert_eq!(verdict, Verdict::Granted { user: "7001".to_owned() });
    }
}

#[test]
fn nonce_counts_are_hexadecimal_and_good_once() {
    let mut realm = realm();
    let challenge = realm.challenge(AT_S, source(), &[Algorithm::Md5], false).remove(0);
    for nc in 1..40 {
        let request = signed(&challenge, "7001", "right", nc);
        assert!(
            matches!(realm.check(AT_S, source(), &request, secret), Verdict::Granted { .. }),
            "count {nc}"
        );
        assert_eq!(realm.check(AT_S, source(), &request, secret), Verdict::Stale, "count {nc} again");
    }
}

#[test]
fn unknown_users_and_wrong_passwords_look_the_same() {
    let mut realm = realm();
    let challenge = realm.challenge(AT_S, source(), &[Algorithm::Sha256], false).remove(0);
    for (user, password) in [("7001", "wrong"), ("9999", "right"), ("", "")] {
        let verdict = realm.check(AT_S, source(), &signed(&challenge, user, password, 1), secret);
        assert_eq!(verdict, Verdict::Denied, "{user}");
    }
    let no_hash =
        |_: &str| Some(Account { secret: Secret::Ha1 { md5: None, sha256: None }, ..Account::new("") });
    assert_eq!(realm.check(AT_S, source(), &signed(&challenge, "7001", "", 1), no_hash), Verdict::Denied);
}

#[test]
fn old_foreign_and_forged_nonces_are_stale_only_to_those_who_know_the_password() {
    let mut realm = realm();
    let challenge = realm.challenge(AT_S, source(), &[Algorithm::Md5], false).remove(0);
    let late_s = AT_S + NONCE_LIFE_S + 1;
    assert_eq!(
        realm.check(late_s, source(), &signed(&challenge, "7001", "right", 1), secret),
        Verdict::Stale
    );
    assert_eq!(
        realm.check(late_s, source(), &signed(&challenge, "7001", "wrong", 1), secret),
        Verdict::Denied
    );
    let elsewhere = "198.51.100.1".parse().unwrap();
    assert_eq!(realm.check(AT_S, elsewhere, &signed(&challenge, "7001", "right", 1), secret), Verdict::Stale);
    let forged = "Digest realm=\"hospital\", nonce=\"deadbeef\", qop=\"auth\"";
    assert_eq!(realm.check(AT_S, source(), &signed(forged, "7001", "right", 1), secret), Verdict::Stale);
    assert!(realm.challenge(AT_S, source(), &[Algorithm::Md5], true)[0].ends_with(", stale=true"));
}

#[test]
fn a_signature_over_another_request_is_denied() {
    let mut realm = realm();
    let challenge = realm.challenge(AT_S, source(), &[Algorithm::Md5], false).remove(0);
    let mut request = signed(&challenge, "7001", "right", 1);
    request.uri = "sip:premium@192.0.2.1".parse().unwrap();
    assert_eq!(realm.check(AT_S, source(), &request, secret), Verdict::Denied);
}

#[test]
fn other_schemes_other_realms_and_nothing_are_missing() {
    let mut realm = realm();
    for text in ["", "NoOneKnowsThisScheme opaque-data=here", "Digest realm=\"elsewhere\", username=\"7001\""]
    {
        assert_eq!(realm.check(AT_S, source(), &request(text), secret), Verdict::Missing, "{text}");
    }
    let no_qop = "Digest username=\"7001\", realm=\"hospital\", nonce=\"n\", uri=\"sip:h\", response=\"0\"";
    assert_eq!(realm.check(AT_S, source(), &request(no_qop), secret), Verdict::Denied, "qop is not optional");
}

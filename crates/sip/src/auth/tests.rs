use super::digest::work;
use super::*;
use crate::message::{Message, parse};

const AT_S: u64 = 1_790_000_000;

fn source() -> IpAddr {
    "192.0.2.9".parse().unwrap()
}

fn request(authorization: &str) -> Request {
    let text = format!(
        "REGISTER sip:h SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:7@h>;tag=f\r\n\
         To: <sip:7@h>\r\nCall-ID: c\r\nCSeq: 1 REGISTER\r\n{authorization}\r\n"
    );
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn signed(challenge: &str, user: &str, password: &str) -> Request {
    let bare = request("");
    let value = authorize(challenge, &bare.method, &bare.uri, user, password, "c0ffee", 1).unwrap();
    request(&format!("Authorization: {value}\r\n"))
}

/// The digests that the check of this answer costs, and the verdict.
fn cost(
    algorithm: Algorithm,
    user: &str,
    password: &str,
    account: Option<Account>,
) -> (Verdict, Vec<(Algorithm, usize)>) {
    let mut realm = Realm::new("careline".to_owned(), [7; 32]);
    let challenge = realm.challenge(AT_S, source(), &[algorithm], false).remove(0);
    let request = signed(&challenge, user, password);
    work::take();
    let verdict = realm.check(AT_S, source(), &request, |_| account.clone());
    (verdict, work::take())
}

#[test]
fn a_known_and_an_unknown_user_cost_the_same_digests() {
    for algorithm in [Algorithm::Md5, Algorithm::Sha256] {
        let md5_only = Account { accepts: &[Algorithm::Md5], ..Account::new("pw1001-abcde") };
        let hashed = Account {
            secret: Secret::Ha1 { md5: Some("0".repeat(32)), sha256: Some("0".repeat(64)) },
            ..md5_only.clone()
        };
        let none = Account { secret: Secret::Ha1 { md5: None, sha256: None }, ..md5_only.clone() };
        let unknown = cost(algorithm, "1001", "wrong", None);
        assert_eq!(unknown.0, Verdict::Denied);
        assert_eq!(unknown.1.len(), 3, "HA1, HA2, response");
        for known in [Account::new("pw1001-abcde"), md5_only, hashed, none] {
            assert_eq!(cost(algorithm, "1001", "wrong", Some(known)), unknown);
        }
    }
}

#[test]
fn the_secret_of_nobody_is_nobodys_guess() {
    let realm = Realm::new("careline".to_owned(), [7; 32]);
    let other = Realm::new("careline".to_owned(), [8; 32]);
    let secret = realm.derived_password("9999");
    assert_ne!(secret, realm.derived_password("9998"));
    assert_ne!(secret, other.derived_password("9999"));
    // Even who knows it is not let in: there is no such user.
    assert_eq!(cost(Algorithm::Md5, "9999", &secret, None).0, Verdict::Denied);
}

#[test]
fn an_account_decides_which_answers_it_accepts() {
    let only = |accepts: &'static [Algorithm]| Account { accepts, ..Account::new("right") };
    let granted = Verdict::Granted { user: "1001".to_owned() };
    for (accepts, md5, sha256) in [
        (&[Algorithm::Md5] as &'static [Algorithm], granted.clone(), Verdict::Denied),
        (&[Algorithm::Sha256], Verdict::Denied, granted.clone()),
        (&[Algorithm::Sha256, Algorithm::Md5], granted.clone(), granted),
    ] {
        assert_eq!(cost(Algorithm::Md5, "1001", "right", Some(only(accepts))).0, md5);
        assert_eq!(cost(Algorithm::Sha256, "1001", "right", Some(only(accepts))).0, sha256);
    }
}

/// SIPp signs the house and not whom it calls there; somebody else's name is another request's signature.
#[test]
fn a_digest_is_for_its_request_or_for_the_house() {
    let mut realm = Realm::new("careline".to_owned(), [7; 32]);
    let challenge = realm.challenge(AT_S, source(), &[Algorithm::Md5], false).remove(0);
    let request = request("");
    let own = request.uri.as_str();
    let house = format!("sip:{}", request.uri.host());
    for (count, (uri, granted)) in [
        (own, true),
        (house.as_str(), true),
        ("sip:0088@example.com", false),
        ("sip:elsewhere.example", false),
    ]
    .into_iter()
    .enumerate()
    {
        let count = u32::try_from(count).unwrap() + 1;
        let signed: Uri = uri.parse().unwrap();
        let value =
            authorize(&challenge, &request.method, &signed, "1001", "right", "c0ffee", count).unwrap();
        let request = self::request(&format!("Authorization: {value}\r\n"));
        let verdict = realm.check(AT_S, source(), &request, |_| Some(Account::new("right")));
        assert_eq!(matches!(verdict, Verdict::Granted { .. }), granted, "{uri}");
    }
}

/// A restarted switch reads the same key: what it challenged before is still good, for the same source.
#[test]
fn a_nonce_outlives_a_restart_with_the_same_key() {
    let mut before = Realm::new("careline".to_owned(), [7; 32]);
    let challenges = before.challenge(AT_S, source(), &[Algorithm::Sha256, Algorithm::Md5], false);
    assert!(challenges[0].contains("SHA-256") && challenges[1].contains("MD5"));
    let mut after = Realm::new("careline".to_owned(), [7; 32]);
    let request = signed(&challenges[0], "1001", "right");
    let known = |_: &str| Some(Account::new("right"));
    assert_eq!(
        after.check(AT_S + 5, source(), &request, known),
        Verdict::Granted { user: "1001".to_owned() }
    );
    assert_eq!(after.check(AT_S + 5, source(), &request, known), Verdict::Stale, "a replay");
    let elsewhere = "198.51.100.1".parse().unwrap();
    assert_eq!(after.check(AT_S + 5, elsewhere, &request, known), Verdict::Stale, "from another address");
}

#[test]
fn a_restart_makes_every_nonce_of_before_stale_and_new_ones_good_at_once() {
    let account = |_: &str| Some(Account::new("pw"));
    let mut before = Realm::new("careline".to_owned(), [7; 32]).begun_at(AT_S - 100);
    let challenge = |realm: &mut Realm| realm.challenge(AT_S, source(), &[Algorithm::Md5], false).remove(0);
    let captured = signed(&challenge(&mut before), "1001", "pw");
    let unused = signed(&challenge(&mut before), "1001", "pw");
    let granted = Verdict::Granted { user: "1001".to_owned() };
    assert_eq!(before.check(AT_S, source(), &captured, account), granted);
    assert_eq!(before.check(AT_S, source(), &captured, account), Verdict::Stale, "used");
    // Killed and back within the second, with the key that lies on disk.
    let mut after = Realm::new("careline".to_owned(), [0; 32]).begun_at(AT_S);
    after.use_key([7; 32]);
    for old in [captured, unused] {
        assert_eq!(
            after.check(AT_S, source(), &old, account),
            Verdict::Stale,
            "not denied, and not good again"
        );
        assert!(after.was_challenged(AT_S, source(), &old));
    }
    let again = signed(&challenge(&mut after), "1001", "pw");
    assert_eq!(after.check(AT_S, source(), &again, account), granted);
}

//! What a stranger gets for floods of messages that need no state, and what the time of an answer tells him.

use careline_interop::Door;
use careline_interop::mutate::Mutator;
use careline_sip::{Flow, Method, Transport, Uri, auth};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Messages of a flood, and how many tokens a bucket of `[guard] others_per_second` (50 by default) holds at most.
const FLOOD: u32 = 4_000;
const BURST: usize = 200;
/// Bytes out for each byte in.
const FACTOR: usize = 10;
/// Pairs of measurements in a round, and rounds; each has a house of its own, and the middle one counts: where a
/// house's tables happen to lie in the caches differs from process to process.
const PAIRS: usize = 2_000;
const ROUNDS: usize = 5;

fn stranger() -> SocketAddr {
    ([127, 0, 0, 9], 5060).into()
}

fn head(method: &str, number: u32) -> String {
    format!(
        "{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK{number}\r\nFrom: <sip:a@b>;tag={number}\r\n\
         To: <sip:a@b>\r\nCall-ID: {number}\r\n"
    )
}

/// What a flood is, and its message of a number.
type Kind = (&'static str, fn(u32) -> String);

/// Floods of one kind, each message with its number.
const KINDS: [Kind; 6] = [
    ("CANCEL of nothing", |n| format!("{}CSeq: 1 CANCEL\r\nContent-Length: 0\r\n\r\n", head("CANCEL", n))),
    ("BYE to nothing", |n| {
        format!(
            "{}CSeq: 1 BYE\r\nContent-Length: 0\r\n\r\n",
            head("BYE", n).replace("To: <sip:a@b>", "To: <sip:a@b>;tag=x")
        )
    }),
    ("a CSeq of letters", |n| format!("{}CSeq: one MESSAGE\r\n\r\n", head("MESSAGE", n))),
    ("a length of letters", |n| format!("{}CSeq: 1 FOO\r\nContent-Length: x\r\n\r\n", head("FOO", n))),
    ("another version", |n| {
        format!("{}CSeq: 1 FOO\r\n\r\n", head("FOO", n)).replacen("SIP/2.0", "SIP/7.0", 1)
    }),
    ("an unknown method", |n| format!("{}CSeq: 1 FOO\r\nContent-Length: 0\r\n\r\n", head("FOO", n))),
];

#[test]
fn floods_that_need_no_state_get_what_the_bucket_holds_and_ten_bytes_for_each() {
    for (kind, message) in KINDS {
        let mut door = Door::new();
        let (mut answers, mut bytes_in) = (0, 0);
        for number in 0..FLOOD {
            let bytes = message(number).into_bytes();
            bytes_in += bytes.len();
            let one = door.ask_at_once(stranger(), &bytes);
            assert!(one.iter().map(String::len).sum::<usize>() <= bytes.len() * FACTOR, "{kind}: {one:?}");
            answers += one.len();
        }
        assert!((1..=BURST).contains(&answers), "{kind}: {answers} answers to {FLOOD}");
        assert!(door.sent() <= bytes_in * FACTOR, "{kind}");
        assert_eq!((door.alive(), door.sip_alive()), ((0, 0), (0, 0)), "{kind}");
        // The next address is answered all the same.
        let other = ([127, 0, 0, 10], 5060).into();
        assert_eq!(door.ask_at_once(other, message(FLOOD).as_bytes()).len(), 1, "{kind}");
    }
}

#[test]
fn keep_alives_are_answered_within_a_bucket_and_never_to_a_banned_address() {
    let mut door = Door::with("[guard]\nothers_per_second = 50\n");
    let flow = |number: u8| Flow {
        transport: Transport::Udp,
        local: ([127, 0, 0, 1], 5060).into(),
        remote: ([127, 0, 0, number], 5060).into(),
    };
    let (board, now) = door.board();
    let answered = (0..100_000).filter(|_| board.answers_keep_alive(now, flow(9))).count();
    // The doors of these tests answer 10,000 OPTIONS a second; a bucket holds four seconds' worth.
    assert_eq!(answered, 40_000);
    assert!(board.answers_keep_alive(now, flow(10)));
    let scan = format!("{}CSeq: 1 OPTIONS\r\nUser-Agent: friendly-scanner\r\n\r\n", head("OPTIONS", 1));
    assert!(door.ask_at_once(([127, 0, 0, 10], 5060).into(), scan.as_bytes()).is_empty());
    let (board, now) = door.board();
    assert!(!board.answers_keep_alive(now, flow(10)), "banned");
    assert!(board.answers_keep_alive(now, flow(2)), "the trunk");
}

fn register(name: &str, key: usize, credentials: &str) -> Vec<u8> {
    format!(
        "REGISTER sip:127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.9;branch=z9hG4bK{key:08}\r\nMax-Forwards: 70\r\n\
         From: <sip:{name}@127.0.0.1>;tag=f\r\nTo: <sip:{name}@127.0.0.1>\r\nCall-ID: {key:08}\r\n\
         CSeq: 1 REGISTER\r\n{credentials}Content-Length: 0\r\n\r\n"
    )
    .into_bytes()
}

/// The probability that one of `slow` took longer than one of `fast`, ties halved: 0.5 when the two cannot be told apart.
fn area_under_curve(slow: &[Duration], fast: &[Duration]) -> f64 {
    let mut sorted = fast.to_vec();
    sorted.sort();
    let below = |one: &Duration| {
        let less = sorted.partition_point(|other| other < one);
        let equal = sorted.partition_point(|other| other <= one) - less;
        less as f64 + equal as f64 / 2.0
    };
    slow.iter().map(below).sum::<f64>() / (slow.len() * fast.len()) as f64
}

/// A request of a name and a number.
type Ask<'a> = dyn Fn(&str, usize) -> Vec<u8> + 'a;

/// Times of answers to a name that exists and to one that does not, each pair in an order of its own.
#[expect(clippy::disallowed_methods, reason = "it is the time that is measured")]
fn times(message: &Ask<'_>) -> [Vec<Duration>; 2] {
    let (mut dice, mut times) = (Mutator::new(1), [Vec::new(), Vec::new()]);
    let mut door =
        Door::with("[guard]\nfailures_max = 1000\nfailures_within_s = 1\nregisters_per_second = 100000\n");
    for pair in 0..PAIRS {
        let first = dice.below(2);
        for which in [first, 1 - first] {
            let bytes = message(["1001", "1002"][which], pair * 2 + which);
            // A second apart: neither bucket nor ban has anything to say.
            door.wait(Duration::from_secs(1));
            let start = Instant::now();
            let answers = door.ask_at_once(stranger(), &bytes);
            times[which].push(start.elapsed());
            assert!(answers.len() == 1 && answers[0].starts_with("SIP/2.0 401"), "{answers:?}");
        }
    }
    times
}

#[test]
fn the_time_of_an_answer_does_not_tell_whether_a_name_exists() {
    let mut door = Door::new();
    let challenge = door.ask_at_once(stranger(), &register("1001", 0, "")).remove(0);
    let challenge =
        challenge.lines().find_map(|line| line.strip_prefix("WWW-Authenticate: ")).expect("a challenge");
    let uri: Uri = "sip:127.0.0.1".parse().expect("a URI");
    let wrong = |name: &str, key: usize| {
        let value = auth::authorize(challenge, &Method::Register, &uri, name, "guess", "c0ffee", 1);
        register(name, key, &format!("Authorization: {}\r\n", value.expect("an answer")))
    };
    let asks: [(&str, &Ask<'_>); 2] =
        [("without a password", &|name, key| register(name, key, "")), ("with a wrong one", &wrong)];
    for (what, ask) in asks {
        let mut areas = [(); ROUNDS].map(|()| {
            let [known, unknown] = times(ask);
            area_under_curve(&known, &unknown)
        });
        areas.sort_by(f64::total_cmp);
        let middle = areas[ROUNDS / 2];
        assert!((0.4..=0.6).contains(&middle), "{what}: known names are told by their time, AUC {areas:.3?}");
    }
}

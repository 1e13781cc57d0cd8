//! Damaged messages by the thousand against a whole switchboard: nothing panics, nothing grows, a good phone is served
//! all the while. 5,000 in the quick tier, 200,000 with `CARELINE_LONG=1`; `CARELINE_SEED=n` for other damage.

use careline_interop::mutate::Mutator;
use careline_interop::{Door, cases, corpus, status};
use careline_sip::{Message, Method, Response, auth, parse};
use std::net::SocketAddr;
use std::time::Duration;

/// Time between two messages: fifty a second, from everybody together.
const STEP: Duration = Duration::from_millis(20);
/// A transaction and a call nobody acknowledges are gone after 64*T1 each: what fifty a second can have alive.
const ALIVE_MAX: usize = 50 * 80;
/// Growth of the whole process in the second half of the messages, bytes.
const GROWTH_MAX: usize = 64 << 20;
/// Messages between two checks that a good phone is served.
const CHECK_EVERY: usize = 500;

const TRUNK: ([u8; 4], u16) = ([127, 0, 0, 2], 5060);
const PHONE: ([u8; 4], u16) = ([127, 0, 0, 77], 5060);
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.77\r\ns=-\r\nc=IN IP4 127.0.0.77\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n";

/// What everything is made of: the torture files where there are any, our own odd messages, and requests in a dialog.
fn originals() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = cases::table().into_iter().map(|case| case.bytes).collect();
    match corpus::verdicts() {
        Ok(verdicts) => all.extend(verdicts.into_iter().map(|verdict| verdict.bytes)),
        Err(reason) => corpus::skipped(&reason),
    }
    all.extend(corpus::jain().unwrap_or_default().into_iter().map(|message| message.bytes));
    all.retain(|bytes| !bytes.is_empty());
    all
}

/// A request with everything in its place; `to` may bring a tag.
fn request(method: &str, n: usize, call: &str, to: &str, cseq: u32, extra: &str, body: &str) -> Vec<u8> {
    format!(
        "{method} sip:{user}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.77:5060;branch=z9hG4bKgood{n};rport\r\n\
         Max-Forwards: 70\r\nFrom: <sip:1001@127.0.0.1>;tag=good{call}\r\nTo: <sip:{user}@127.0.0.1>{to}\r\n\
         Call-ID: {call}@good\r\nCSeq: {cseq} {method}\r\nContact: <sip:1001@127.0.0.77:5060>\r\n{extra}\
         Content-Length: {length}\r\n\r\n{body}",
        user = if method == "REGISTER" { "1001" } else { "9196" },
        length = body.len(),
    )
    .into_bytes()
}

/// The last final response among what came back.
fn last_final(sent: &[Vec<u8>]) -> Option<Response> {
    sent.iter().rev().find_map(|bytes| match parse(bytes) {
        Ok(Message::Response(response)) if response.status >= 200 => Some(response),
        _ => None,
    })
}

/// Sends a request of the good phone and answers its challenge.
fn ask(door: &mut Door, method: &str, n: &mut usize, call: &str, extra: &str, body: &str) -> Response {
    *n += 2;
    let phone = SocketAddr::from(PHONE);
    let first = door.exchange(phone, &request(method, *n, call, "", 1, extra, body));
    let challenge = last_final(&first).expect("an answer");
    assert_eq!(challenge.status, 401, "{method}");
    door.exchange(phone, &request("ACK", *n, call, "", 1, "", ""));
    let user = if method == "REGISTER" { "1001" } else { "9196" };
    let uri = format!("sip:{user}@127.0.0.1").parse().expect("a URI");
    // A nonce may come twice, a count with it may not.
    let count = u32::try_from(*n).unwrap_or(1);
    let credentials = challenge
        .headers
        .get_all("WWW-Authenticate")
        .find_map(|one| auth::authorize(one, &Method::from(method), &uri, "1001", "pw1001", "cnonce", count))
        .expect("a challenge we understand");
    let extra = format!("{extra}Authorization: {credentials}\r\n");
    let again = door.exchange(phone, &request(method, *n + 1, call, "", 2, &extra, body));
    last_final(&again).expect("an answer to the right password")
}

/// A good phone registers, calls the echo and hangs up; the trunk's ping is answered.
fn is_served(door: &mut Door, n: &mut usize) {
    *n += 1;
    let ping = request("OPTIONS", *n, &format!("ping{n}"), "", 1, "", "");
    assert_eq!(door.knock(TRUNK.into(), &ping).last(), Some(&200), "OPTIONS");
    let call = format!("register{n}");
    assert_eq!(ask(door, "REGISTER", n, &call, "Expires: 600\r\n", "").status, 200);
    let call = format!("call{n}");
    let answer = ask(door, "INVITE", n, &call, "Content-Type: application/sdp\r\n", SDP);
    assert_eq!(answer.status, 200, "INVITE");
    let tag = answer.to().and_then(|to| to.tag().map(str::to_owned)).expect("a tag");
    let to = format!(";tag={tag}");
    *n += 2;
    door.exchange(PHONE.into(), &request("ACK", *n, &call, &to, 2, "", ""));
    let gone = door.exchange(PHONE.into(), &request("BYE", *n + 1, &call, &to, 3, "", ""));
    assert_eq!(last_final(&gone).map(|one| one.status), Some(200), "BYE");
    *n += 2;
}

/// Resident bytes of this process, where the system tells.
fn resident() -> Option<usize> {
    let text = std::fs::read_to_string("/proc/self/statm").ok()?;
    Some(text.split(' ').nth(1)?.parse::<usize>().ok()? * 4096)
}

/// A call of the trunk that is answered: requests in its dialog reach deeper than any from outside.
fn open_call(door: &mut Door, n: usize) -> Option<(String, String)> {
    let call = format!("deep{n}");
    let invite = request("INVITE", n, &call, "", 1, "Content-Type: application/sdp\r\n", SDP);
    let invite = String::from_utf8_lossy(&invite).replace("9196", "4001234567").into_bytes();
    let tag = last_final(&door.exchange(TRUNK.into(), &invite))?.to()?.tag()?.to_owned();
    Some((call, format!(";tag={tag}")))
}

/// A request in that call, the numbers always higher.
fn deep_request(dice: &mut Mutator, n: usize, call: &str, to: &str) -> Vec<u8> {
    let methods = ["ACK", "BYE", "INFO", "UPDATE", "INVITE", "REFER", "NOTIFY", "PRACK", "CANCEL", "OPTIONS"];
    let method = methods[dice.below(methods.len())];
    let extra = "Refer-To: <sip:1001@127.0.0.1>\r\nContent-Type: application/sdp\r\nRAck: 1 1 INVITE\r\n";
    request(method, n, call, to, u32::try_from(n).unwrap_or(1) + 2, extra, SDP)
}

#[test]
fn damaged_messages_cost_nobody_else_a_call_and_leave_nothing_behind() {
    let total = if std::env::var_os("CARELINE_LONG").is_some() { 200_000 } else { 5_000 };
    let seed = std::env::var("CARELINE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    println!("CARELINE_SEED={seed}, {total} messages");
    let originals = originals();
    let (mut door, mut dice) = (Door::new(), Mutator::new(seed));
    let (mut n, mut answered, mut halfway) = (0, 0, None);
    let mut deep: Option<(String, String)> = None;
    for count in 0..total {
        n += 1;
        let other = &originals[dice.below(originals.len())];
        let bytes = match &deep {
            Some((call, to)) if dice.percent(30) => {
                let whole = deep_request(&mut dice, n, call, to);
                if dice.percent(50) { whole } else { dice.damaged(&whole, other) }
            }
            _ => {
                let original = &originals[dice.below(originals.len())];
                dice.damaged(original, other)
            }
        };
        let stranger = [10, 0, dice.below(40) as u8, dice.below(256) as u8];
        let from = if dice.percent(60) { TRUNK } else { (stranger, 5060) };
        answered += usize::from(door.exchange(from.into(), &bytes).iter().any(|one| status(one).is_some()));
        door.wait(STEP);
        if count % 50 == 0 {
            deep = open_call(&mut door, n);
        }
        if count % CHECK_EVERY == CHECK_EVERY - 1 {
            let ((calls, legs), (dialogs, transactions)) = (door.alive(), door.sip_alive());
            let alive = [calls, legs, dialogs, transactions];
            assert!(alive.iter().all(|one| *one <= ALIVE_MAX), "after {count}: {alive:?}");
            // Calls nobody acknowledged hold their ports as long as RFC 3261 says.
            door.wait(Duration::from_secs(130));
            is_served(&mut door, &mut n);
        }
        if count == total / 2 {
            halfway = resident();
        }
    }
    assert!(answered * 10 > total, "only {answered} of {total} were answered: the damage kills everything");
    if let (Some(before), Some(after)) = (halfway, resident()) {
        assert!(after <= before + GROWTH_MAX, "{before} bytes halfway, {after} at the end");
    }
    door.wait(Duration::from_secs(4000));
    assert_eq!((door.alive(), door.sip_alive()), ((0, 0), (0, 0)));
    is_served(&mut door, &mut n);
}

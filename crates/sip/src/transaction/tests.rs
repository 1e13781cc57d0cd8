//! One test per arrow of the figures in RFC 3261 17 and RFC 6026 that the stories in `tests/stories/calls.rs` do not walk.

use super::*;
use crate::flow::{Flow, Transport};
use crate::message::{Message, Request, Response, parse};

const TIMES: Times =
    Times { t1: Duration::from_millis(500), t2: Duration::from_secs(4), t4: Duration::from_secs(5) };

fn base() -> Instant {
    #[allow(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
    Instant::now()
}

fn request(method: &str) -> Request {
    let text = format!(
        "{method} sip:a@b SIP/2.0\r\nVia: SIP/2.0/UDP h;branch=z9hG4bK1\r\nFrom: <sip:a@b>;tag=f\r\nTo: <sip:a@b>\r\n\
         Call-ID: c\r\nCSeq: 1 {method}\r\n\r\n"
    );
    match parse(text.as_bytes()) {
        Ok(Message::Request(request)) => request,
        other => panic!("{other:?}"),
    }
}

fn response(status: u16, tag: &str) -> Response {
    let mut response = Response::to_request(&request("INVITE"), status);
    response.headers.append_to_first("To", &format!(";tag={tag}"));
    response
}

/// Every deadline of a machine until it is over, in milliseconds, with what fired.
fn fire_all(machine: &mut Machine, start: Instant) -> Vec<(u128, Fired)> {
    let mut fired = Vec::new();
    while let Some(at) = machine.next_deadline() {
        let what = machine.on_deadline(at, &TIMES);
        fired.push((at.duration_since(start).as_millis(), what));
        if matches!(what, Fired::TimedOut | Fired::Over) {
            return fired;
        }
    }
    fired
}

#[test]
fn client_invite_over_tcp_repeats_nothing_and_times_out_by_timer_b() {
    let start = base();
    let mut machine = Machine::ClientInvite(ClientInvite::start(start, &TIMES, true, request("INVITE")));
    assert_eq!(fire_all(&mut machine, start), [(32_000, Fired::TimedOut)]);
}

#[test]
fn client_invite_proceeding_waits_without_limit() {
    let start = base();
    let mut one = ClientInvite::start(start, &TIMES, false, request("INVITE"));
    let step = one.on_response(start, &TIMES, false, &response(180, "t"));
    assert!(step.pass && step.ack.is_none() && !step.over);
    assert_eq!(Machine::ClientInvite(one).next_deadline(), None);
}

#[test]
fn client_invite_completed_acks_repetitions_for_timer_d() {
    let start = base();
    let mut one = ClientInvite::start(start, &TIMES, false, request("INVITE"));
    assert!(one.on_response(start, &TIMES, false, &response(486, "t")).ack.is_some());
    let again = one.on_response(start, &TIMES, false, &response(486, "t"));
    assert!(!again.pass && again.ack.is_some());
    let late = one.on_response(start, &TIMES, false, &response(200, "t"));
    assert!(!late.pass && late.ack.is_none(), "a 2xx after a refusal is nonsense");
    assert_eq!(fire_all(&mut Machine::ClientInvite(one), start), [(32_000, Fired::Over)]);
}

#[test]
fn client_invite_over_tcp_is_over_with_the_refusal() {
    let start = base();
    let mut one = ClientInvite::start(start, &TIMES, true, request("INVITE"));
    let step = one.on_response(start, &TIMES, true, &response(486, "t"));
    assert!(step.pass && step.over && step.ack.is_some());
}

#[test]
fn client_invite_accepted_waits_timer_m_for_other_branches() {
    let start = base();
    let mut one = ClientInvite::start(start, &TIMES, false, request("INVITE"));
    assert!(one.on_response(start, &TIMES, false, &response(200, "one")).pass);
    let elsewhere = "192.0.2.7:5060".parse().unwrap();
    let flow =
        Flow { transport: Transport::Udp, local: "192.0.2.1:5060".parse().unwrap(), remote: elsewhere };
    one.keep_ack("one".to_owned(), flow, b"ACK".to_vec());
    let again = one.on_response(start, &TIMES, false, &response(200, "one"));
    assert!(!again.pass && again.ack.as_deref() == Some(b"ACK"));
    assert!(one.on_response(start, &TIMES, false, &response(200, "two")).pass);
    assert!(!one.on_response(start, &TIMES, false, &response(486, "two")).pass);
    assert_eq!(fire_all(&mut Machine::ClientInvite(one), start), [(32_000, Fired::Over)]);
}

#[test]
fn client_other_slows_down_to_t2_and_times_out_by_timer_f() {
    let start = base();
    let mut machine = Machine::ClientOther(ClientOther::start(start, &TIMES, false, request("OPTIONS")));
    let fired = fire_all(&mut machine, start);
    let times: Vec<u128> = fired.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000]);
    assert_eq!(fired.last().map(|(_, what)| *what), Some(Fired::TimedOut));
}

#[test]
fn client_other_proceeding_repeats_every_t2() {
    let start = base();
    let mut one = ClientOther::start(start, &TIMES, false, request("OPTIONS"));
    assert_eq!(one.on_response(start, &TIMES, false, 100), (true, false));
    let fired = fire_all(&mut Machine::ClientOther(one), start);
    let times: Vec<u128> = fired.iter().map(|(ms, _)| *ms).take(4).collect();
    assert_eq!(times, [500, 4500, 8500, 12_500]);
}

#[test]
fn client_other_completed_absorbs_for_timer_k() {
    let start = base();
    let mut one = ClientOther::start(start, &TIMES, false, request("OPTIONS"));
    assert_eq!(one.on_response(start, &TIMES, false, 200), (true, false));
    assert_eq!(one.on_response(start, &TIMES, false, 200), (false, false));
    assert_eq!(fire_all(&mut Machine::ClientOther(one), start), [(5000, Fired::Over)]);
    let mut tcp = ClientOther::start(start, &TIMES, true, request("OPTIONS"));
    assert_eq!(tcp.on_response(start, &TIMES, true, 200), (true, true), "timer K is zero");
}

#[test]
fn server_invite_completed_repeats_by_timer_g_until_timer_h() {
    let start = base();
    let mut one = ServerInvite::start();
    assert!(one.respond(start, &TIMES, false, 486, b"486"));
    assert!(!one.respond(start, &TIMES, false, 200, b"200"), "one final response only");
    assert_eq!(one.on_repeated().as_deref(), Some(&b"486"[..]));
    let fired = fire_all(&mut Machine::ServerInvite(one), start);
    let times: Vec<u128> = fired.iter().map(|(ms, _)| *ms).collect();
    assert_eq!(times, [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500, 32_000]);
    assert_eq!(fired.last().map(|(_, what)| *what), Some(Fired::TimedOut));
}

#[test]
fn server_invite_confirmed_absorbs_for_timer_i() {
    let start = base();
    let mut one = ServerInvite::start();
    one.respond(start, &TIMES, false, 486, b"486");
    assert_eq!(one.on_ack(start, &TIMES, false), AckStep::Absorbed);
    assert_eq!(one.on_ack(start, &TIMES, false), AckStep::Absorbed);
    assert_eq!(one.on_repeated(), None);
    assert_eq!(fire_all(&mut Machine::ServerInvite(one), start), [(5000, Fired::Over)]);
    let mut tcp = ServerInvite::start();
    tcp.respond(start, &TIMES, true, 486, b"486");
    assert_eq!(tcp.on_ack(start, &TIMES, true), AckStep::Over, "timer I is zero");
}

#[test]
fn server_invite_accepted_passes_acks_and_ends_by_timer_l() {
    let start = base();
    let mut one = ServerInvite::start();
    assert!(one.respond(start, &TIMES, false, 180, b"180"));
    assert_eq!(one.on_repeated().as_deref(), Some(&b"180"[..]));
    assert!(one.respond(start, &TIMES, false, 200, b"200"));
    assert_eq!(one.on_repeated(), None);
    assert_eq!(one.on_ack(start, &TIMES, false), AckStep::Pass);
    assert_eq!(fire_all(&mut Machine::ServerInvite(one), start), [(32_000, Fired::Over)]);
}

#[test]
fn server_other_answers_repetitions_until_timer_j() {
    let start = base();
    let mut one = ServerOther::start();
    assert_eq!(one.on_repeated(), None, "trying");
    assert_eq!(one.respond(start, &TIMES, false, 100, b"100"), (true, false));
    assert_eq!(one.on_repeated().as_deref(), Some(&b"100"[..]));
    assert_eq!(one.respond(start, &TIMES, false, 200, b"200"), (true, false));
    assert_eq!(one.respond(start, &TIMES, false, 500, b"500"), (false, false));
    assert_eq!(one.on_repeated().as_deref(), Some(&b"200"[..]));
    assert_eq!(fire_all(&mut Machine::ServerOther(one), start), [(32_000, Fired::Over)]);
    assert_eq!(
        ServerOther::start().respond(start, &TIMES, true, 200, b"200"),
        (true, true),
        "timer J is zero"
    );
}

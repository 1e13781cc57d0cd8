//! Every timer of RFC 3261 table 4 and of RFC 6026 on a fake clock, as seen from outside: when bytes go out again, and
//! when nothing is left. Timer C is a proxy's; its place takes the owner's patience with an outgoing call.

use std::time::Duration;

use crate::support::{Bench, SDP, answer_to, in_dialog, invite};
use careline_sip::{EndpointConfig, Event, Method, Request, TransactionId, Transport};

/// 64*T1 in milliseconds.
const LIMIT: u128 = 32_000;
/// Timers E, F and G by their default values, up to 64*T1.
const BY_T2: [u128; 10] = [500, 1500, 3500, 7500, 11_500, 15_500, 19_500, 23_500, 27_500, 31_500];
const RELIABLE: [Transport; 4] = [Transport::Tcp, Transport::Tls, Transport::Ws, Transport::Wss];

fn times(seen: &[(u128, String)]) -> Vec<u128> {
    seen.iter().map(|(ms, _)| *ms).collect()
}

/// Milliseconds from now until no transaction is left.
fn until_empty(bench: &mut Bench) -> u128 {
    let from = bench.now;
    while bench.endpoint.transaction_count() > 0 {
        let at = bench.endpoint.next_deadline().expect("something ends the last transaction");
        bench.now = at;
        bench.endpoint.handle_deadline(at);
    }
    bench.now.duration_since(from).as_millis()
}

fn options(bench: &mut Bench) -> (TransactionId, Request) {
    let to: careline_sip::NameAddr = "<sip:agent@192.0.2.9>".parse().unwrap();
    let (now, flow) = (bench.now, bench.flow);
    let sent = bench.endpoint.request(
        now,
        flow,
        Method::Options,
        to.uri.clone(),
        to.clone(),
        to,
        Vec::new(),
        Vec::new(),
    );
    (sent.unwrap(), bench.requests().remove(0))
}

fn answered_408(bench: &mut Bench, tx: TransactionId) -> bool {
    let events = bench.events();
    matches!(&events[..], [Event::Response { transaction, response }]
        if *transaction == tx && response.status == 408)
}

#[test]
fn timer_a_doubles_the_wait_between_invites_until_timer_b_gives_up() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.outgoing(600);
    let seen = bench.run_ms(40_000);
    assert_eq!(times(&seen), [500, 1500, 3500, 7500, 15_500, 31_500], "timer A knows no T2");
    assert!(seen.iter().all(|(_, one)| one == "INVITE"));
    assert!(matches!(bench.events()[..], [Event::Refused { dialog: on, status: 408, .. }] if on == dialog));
    assert_eq!((bench.endpoint.dialog_count(), bench.endpoint.transaction_count()), (0, 0));
}

#[test]
fn timer_b_alone_ends_an_unanswered_invite_on_a_connection() {
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        bench.outgoing(600);
        assert_eq!(bench.run_ms(31_999), [], "{transport:?}");
        assert_eq!(bench.events(), []);
        bench.run_ms(1);
        assert!(matches!(bench.events()[..], [Event::Refused { status: 408, .. }]), "{transport:?}");
    }
}

#[test]
fn timers_a_and_b_stop_with_the_first_provisional_response() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = bench.outgoing(600);
    bench.run_ms(499);
    bench.reply(&request, 100, "", "");
    assert_eq!(bench.run_ms(500_000), []);
    assert_eq!((bench.events(), bench.endpoint.dialog_count()), (vec![], 1));
}

#[test]
fn in_place_of_timer_c_the_owners_patience_cancels_a_call_that_only_rings() {
    for transport in [Transport::Udp, Transport::Tls] {
        let mut bench = Bench::new(transport);
        let (_, request) = bench.outgoing(181);
        bench.reply(&request, 180, "them", "");
        bench.run_ms(100_000);
        bench.reply(&request, 183, "them", "");
        let seen = bench.run_ms(81_000);
        assert_eq!(seen, [(181_000, "CANCEL".to_owned())], "ringing on does not prolong it");
    }
}

#[test]
fn timer_d_acks_a_repeated_refusal_for_32_seconds_even_when_t1_is_short() {
    let config = EndpointConfig { t1: Duration::from_millis(100), ..EndpointConfig::default() };
    let mut bench = Bench::with(Transport::Udp, config);
    let (_, request) = bench.outgoing(600);
    bench.reply(&request, 486, "them", "");
    assert_eq!(bench.sent_short(), ["ACK"]);
    bench.run_ms(31_999);
    bench.reply(&request, 486, "them", "");
    assert_eq!(bench.sent_short(), ["ACK"], "at the last millisecond");
    assert_eq!(until_empty(&mut bench), 1);
    bench.reply(&request, 486, "them", "");
    assert_eq!((bench.sent_short().len(), bench.endpoint.counters().stray_response), (0, 1));
}

#[test]
fn timer_d_is_zero_on_a_connection() {
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let (_, request) = bench.outgoing(600);
        bench.reply(&request, 486, "them", "");
        assert_eq!((bench.sent_short(), bench.endpoint.transaction_count()), (vec!["ACK".to_owned()], 0));
    }
}

#[test]
fn timer_e_slows_down_to_t2_until_timer_f_gives_up() {
    let mut bench = Bench::new(Transport::Udp);
    let (tx, _) = options(&mut bench);
    assert_eq!(times(&bench.run_ms(31_999)), BY_T2);
    assert_eq!(bench.events(), []);
    assert_eq!(bench.run_ms(1), []);
    assert!(answered_408(&mut bench, tx));
    assert_eq!(bench.endpoint.transaction_count(), 0);
}

#[test]
fn timer_e_goes_on_every_t2_after_a_provisional_response_and_timer_f_still_ends_it() {
    let mut bench = Bench::new(Transport::Udp);
    let (tx, request) = options(&mut bench);
    bench.reply(&request, 100, "", "");
    let expected = [500, 4500, 8500, 12_500, 16_500, 20_500, 24_500, 28_500];
    assert_eq!(times(&bench.run_ms(32_000)), expected);
    assert!(answered_408(&mut bench, tx));
}

#[test]
fn timer_e_does_not_run_on_a_connection_and_timer_f_does() {
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let (tx, _) = options(&mut bench);
        assert_eq!(bench.run_ms(31_999), [], "{transport:?}");
        bench.run_ms(1);
        assert!(answered_408(&mut bench, tx), "{transport:?}");
    }
}

#[test]
fn timer_g_repeats_a_refusal_up_to_every_t2_until_timer_h_gives_up() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.reject(bench.now, dialog, 486, &[]);
    bench.sent();
    let seen = bench.run_ms(31_999);
    assert_eq!(times(&seen), BY_T2);
    assert!(seen.iter().all(|(_, one)| one == "486 INVITE"));
    assert_eq!(until_empty(&mut bench), 1);
    assert_eq!((bench.endpoint.counters().timeouts, bench.events()), (1, vec![]));
}

#[test]
fn timer_g_does_not_run_on_a_connection_and_timer_h_does() {
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let dialog = bench.incoming();
        bench.endpoint.reject(bench.now, dialog, 486, &[]);
        bench.sent();
        assert_eq!(until_empty(&mut bench), LIMIT, "{transport:?}");
        assert_eq!(bench.sent_short(), [""; 0]);
    }
}

#[test]
fn timer_i_absorbs_repeated_acks_for_t4() {
    let mut bench = Bench::new(Transport::Udp);
    let dialog = bench.incoming();
    bench.endpoint.reject(bench.now, dialog, 486, &[]);
    let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    bench.run_ms(4999);
    bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
    bench.receive(&invite("1", 1, ""));
    assert_eq!((bench.sent_short().len(), bench.endpoint.counters().stray_ack), (0, 0));
    assert_eq!(until_empty(&mut bench), 1);
}

#[test]
fn timer_i_is_zero_on_a_connection() {
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let dialog = bench.incoming();
        bench.endpoint.reject(bench.now, dialog, 486, &[]);
        let tag = bench.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
        bench.receive(&in_dialog("ACK", "1", 1, &tag, ""));
        assert_eq!(bench.endpoint.transaction_count(), 0, "{transport:?}");
    }
}

#[test]
fn timer_j_answers_repeated_requests_for_64_t1_and_is_zero_on_a_connection() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, tag) = bench.answered();
    bench.receive(&in_dialog("INFO", "i", 2, &tag, ""));
    assert_eq!(bench.sent_short(), ["200 INFO"]);
    bench.events();
    bench.run_ms(31_999);
    bench.receive(&in_dialog("INFO", "i", 2, &tag, ""));
    assert_eq!((bench.sent_short(), bench.events()), (vec!["200 INFO".to_owned()], vec![]));
    assert_eq!(until_empty(&mut bench), 1);
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let (_, tag) = bench.answered();
        let before = bench.endpoint.transaction_count();
        bench.receive(&in_dialog("INFO", "i", 2, &tag, ""));
        assert_eq!(bench.endpoint.transaction_count(), before, "{transport:?}");
    }
}

#[test]
fn timer_k_absorbs_repeated_answers_for_t4_and_is_zero_on_a_connection() {
    let mut bench = Bench::new(Transport::Udp);
    let (_, request) = options(&mut bench);
    bench.reply(&request, 200, "them", "");
    bench.run_ms(4999);
    bench.reply(&request, 200, "them", "");
    assert_eq!((bench.events().len(), bench.endpoint.counters().stray_response), (1, 0));
    assert_eq!(until_empty(&mut bench), 1);
    for transport in RELIABLE {
        let mut bench = Bench::new(transport);
        let (_, request) = options(&mut bench);
        bench.reply(&request, 200, "them", "");
        assert_eq!((bench.events().len(), bench.endpoint.transaction_count()), (1, 0), "{transport:?}");
    }
}

#[test]
fn timer_l_absorbs_repeated_invites_of_an_answered_call_over_every_transport() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Wss] {
        let mut bench = Bench::new(transport);
        bench.answered();
        bench.sent();
        bench.run_ms(31_999);
        bench.receive(&invite("1", 1, ""));
        assert_eq!((bench.sent_short().len(), bench.endpoint.counters().repeated_by_peer), (0, 1));
        assert_eq!(until_empty(&mut bench), 1, "{transport:?}");
        assert_eq!(bench.endpoint.dialog_count(), 1);
    }
}

#[test]
fn timer_m_acks_every_repeated_200_over_every_transport() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Wss] {
        let mut bench = Bench::new(transport);
        let (_, request) = bench.outgoing(600);
        let way = "Contact: <sip:a@192.0.2.9>\r\n";
        bench.reply(&request, 200, "them", way);
        let first = bench.requests().remove(0);
        bench.run_ms(31_999);
        bench.reply(&request, 200, "them", way);
        let again = bench.requests().remove(0);
        assert_eq!(first.to_bytes(), again.to_bytes(), "{transport:?}");
        assert_eq!(until_empty(&mut bench), 1);
        bench.receive(&answer_to(&request, 200, "them", way));
        assert_eq!((bench.sent_short().len(), bench.endpoint.counters().stray_response), (0, 1));
    }
}

#[test]
fn a_200_is_repeated_up_to_every_t2_over_every_transport_and_then_given_up_by_bye() {
    for transport in [Transport::Udp, Transport::Tcp, Transport::Tls, Transport::Ws] {
        let mut bench = Bench::new(transport);
        let dialog = bench.incoming();
        bench.endpoint.answer(bench.now, dialog, SDP);
        bench.sent();
        let seen = bench.run_ms(31_999);
        assert_eq!(times(&seen), BY_T2, "{transport:?}");
        let given_up = bench.run_ms(1);
        assert_eq!(given_up, [(LIMIT, "BYE".to_owned())], "{transport:?}");
    }
}

#[test]
fn every_timer_scales_with_t1() {
    let config = EndpointConfig { t1: Duration::from_millis(100), ..EndpointConfig::default() };
    let mut bench = Bench::with(Transport::Udp, config);
    bench.outgoing(600);
    assert_eq!(times(&bench.run_ms(6400)), [100, 300, 700, 1500, 3100, 6300]);
    assert_eq!(bench.endpoint.transaction_count(), 0);
    let (_, _) = options(&mut bench);
    let from = bench.now.duration_since(bench.start).as_millis();
    let seen: Vec<u128> = times(&bench.run_ms(6400)).into_iter().map(|ms| ms - from).collect();
    assert_eq!(seen, [100, 300, 700, 1500, 3100, 6300], "T2 is not reached");
}

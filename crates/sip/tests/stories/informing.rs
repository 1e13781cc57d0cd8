//! INFO requests of ours on a fake clock: one at a time, none overtaken, none left behind.

use crate::support::Bench;
use careline_sip::Transport;
use std::time::Duration;

const KIND: &str = "application/dtmf-relay";

#[test]
fn keys_go_out_one_after_the_other_in_order() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    for key in ["1", "2", "3"] {
        assert!(bench.endpoint.inform(bench.now, dialog, KIND, key.into()));
    }
    let mut numbers = Vec::new();
    // Whatever the answer is: the next key is another matter.
    for (key, status) in [("1", 200), ("2", 415), ("3", 200)] {
        let sent = bench.requests();
        assert_eq!(sent.len(), 1, "the next waits for the answer");
        assert_eq!(
            (sent[0].body.as_slice(), sent[0].headers.get("Content-Type")),
            (key.as_bytes(), Some(KIND))
        );
        numbers.push(sent[0].cseq().unwrap().number);
        bench.reply(&sent[0], status, "", "");
    }
    assert!(numbers.is_sorted() && bench.sent_short().is_empty());
    assert_eq!(bench.events().len(), 0, "nobody has to know");
}

#[test]
fn silence_holds_the_next_key_up_only_as_long_as_a_request_is_repeated() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    bench.endpoint.inform(bench.now, dialog, KIND, b"1".to_vec());
    bench.endpoint.inform(bench.now, dialog, KIND, b"2".to_vec());
    let first = bench.requests().remove(0);
    let sent = bench.run(Duration::from_millis(31_900));
    assert!(sent.len() > 5 && sent.iter().all(|(_, what)| what == "INFO"), "repeated: {sent:?}");
    // 64*T1 (RFC 3261 17.1.2.2): nobody answers any more.
    bench.endpoint.handle_deadline(bench.start + Duration::from_secs(32));
    let second = bench.requests().remove(0);
    assert_eq!((first.body, second.body), (b"1".to_vec(), b"2".to_vec()));
}

#[test]
fn a_call_that_is_over_gets_no_keys_and_too_many_are_refused() {
    let mut bench = Bench::new(Transport::Udp);
    let (dialog, _) = bench.answered();
    let taken = (0..200).filter(|_| bench.endpoint.inform(bench.now, dialog, KIND, Vec::new())).count();
    assert_eq!(taken, 65, "one under way, 64 behind it");
    let first = bench.requests().remove(0);
    bench.endpoint.hang_up(bench.now, dialog, None);
    bench.sent();
    assert!(!bench.endpoint.inform(bench.now, dialog, KIND, Vec::new()));
    bench.reply(&first, 200, "", "");
    assert!(bench.sent_short().is_empty(), "what waited is gone with the call");
}

//! What somebody gets who is nobody here and sends what is answered without state.

use crate::lab::Lab;

/// Bytes that went to the stranger at 127.0.0.77, message by message.
fn told(lab: &mut Lab) -> Vec<usize> {
    let all: Vec<usize> = lab
        .sent
        .iter()
        .filter(|(to, _)| to.ip().to_string() == "127.0.0.77")
        .map(|(_, size)| *size)
        .collect();
    lab.sent.clear();
    all
}

fn cancel(number: usize) -> String {
    format!(
        "CANCEL sip:1@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.77:5060;branch=z9hG4bK{number}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:x@a>;tag=1\r\nTo: <sip:1@a>\r\nCall-ID: {number}\r\nCSeq: 1 CANCEL\r\n\r\n"
    )
}

#[test]
fn stray_cancels_and_malformed_requests_cost_a_token_each() {
    let malformed = |number: usize| cancel(number).replace("CSeq: 1", "CSeq: x");
    for text in [&cancel as &dyn Fn(usize) -> String, &malformed] {
        let mut lab = Lab::new();
        lab.raw(77, text(0).as_bytes());
        assert_eq!(told(&mut lab).len(), 1, "the RFC's answer");
        for number in 1..2000 {
            lab.raw(77, text(number).as_bytes());
        }
        // 50 a second, and four seconds' worth at once.
        assert_eq!(told(&mut lab).len(), 199);
    }
}

#[test]
fn nothing_that_a_stranger_sends_comes_back_tenfold() {
    let mut lab = Lab::new();
    for text in ["X sip:a SIP/2.0\r\nVia:SIP/2.0/UDP b\r\n\r\n", "X\r\n\r\n", "INVITE sip:a SIP/9\r\n\r\n"] {
        lab.raw(77, text.as_bytes());
        let size = told(&mut lab).iter().sum::<usize>();
        assert!(size <= 10 * text.len(), "{size} for {}", text.len());
    }
}

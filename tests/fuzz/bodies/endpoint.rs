//! Datagrams in a row, parted by a zero byte pair, at one endpoint whose owner takes every call and ends it when it is
//! acknowledged: never a panic, and when all timers have run out nothing is left: no dialog, transaction or REFER.

use careline_sip::{Endpoint, EndpointConfig, Event, Flow, Method, Received, Transport, Uri};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::time::{Duration, Instant};

const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.1\r\ns=-\r\nc=IN IP4 192.0.2.1\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
/// Datagrams of one run.
const DATAGRAMS_MAX: usize = 32;

/// One run.
pub fn run(bytes: &[u8]) {
    #[expect(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
    let mut now = Instant::now();
    let mut endpoint = Endpoint::new(EndpointConfig::default(), ChaCha20Rng::seed_from_u64(1));
    let flow = Flow {
        transport: Transport::Udp,
        local: ([192, 0, 2, 1], 5060).into(),
        remote: ([192, 0, 2, 9], 5060).into(),
    };
    for datagram in split(bytes).into_iter().take(DATAGRAMS_MAX) {
        now += Duration::from_millis(20);
        if let Received::New(new) = endpoint.receive(now, flow, datagram) {
            if let Some(refusal) = endpoint.inspect(&new) {
                endpoint.respond_statelessly(&new, refusal);
            } else if new.request.method == Method::Invite {
                let contact = Uri::sip(Some("switch"), "192.0.2.1", None);
                if let Ok(dialog) = endpoint.accept_invite(now, new, contact) {
                    endpoint.answer(now, dialog, SDP);
                }
            }
        }
        while let Some(event) = endpoint.poll_event() {
            match event {
                Event::Reoffer { dialog, .. } => endpoint.answer_reoffer(now, dialog, SDP),
                Event::Referred { refer, .. } => endpoint.accept_refer(now, refer),
                Event::Acked { dialog, .. } => endpoint.hang_up(now, dialog, None),
                _ => {}
            }
        }
    }
    while let Some(at) = endpoint.next_deadline() {
        now = now.max(at);
        endpoint.handle_deadline(now);
        while endpoint.poll_transmit().is_some() || endpoint.poll_event().is_some() {}
    }
    assert_eq!((endpoint.dialog_count(), endpoint.transaction_count(), endpoint.refer_count()), (0, 0, 0));
}

fn split(bytes: &[u8]) -> Vec<&[u8]> {
    let mut datagrams = Vec::new();
    let mut rest = bytes;
    while let Some(at) = rest.windows(2).position(|pair| pair == [0, 0]) {
        datagrams.push(&rest[..at]);
        rest = &rest[at + 2..];
    }
    datagrams.push(rest);
    datagrams
}

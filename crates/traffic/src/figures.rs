//! What the SIP core costs by itself, without sockets: time to read and print a message, memory of a registration and of
//! an idle dialog.
//!
//! Memory is what the kernel gave this process, before and after: it contains what an allocator wastes.

use anyhow::{Context, ensure};
use careline_sip::registrar::{Limits, Registrar};
use careline_sip::{Endpoint, EndpointConfig, Flow, Message, Received, Transport, Uri, parse};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use serde::Serialize;
use std::hint::black_box;
use std::time::{Duration, Instant};

/// Times that each message is read and printed.
const ROUNDS: u32 = 50_000;
/// Registrations and dialogs that memory is divided by.
const COUNT: usize = 20_000;
/// Dialogs set up between two looks at the clock, so that ended transactions make room for the next.
const BATCH: usize = 250;
/// Past the longest timer of a transaction (64*T1, RFC 3261 17).
const QUIET: Duration = Duration::from_secs(40);

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 192.0.2.7\r\ns=-\r\nc=IN IP4 192.0.2.7\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8 0 101\r\n\
    a=rtpmap:8 PCMA/8000\r\na=rtpmap:0 PCMU/8000\r\na=rtpmap:101 telephone-event/8000\r\na=fmtp:101 0-15\r\n";

/// The result.
#[derive(Debug, Clone, Copy, Serialize)]
pub struct Figures {
    /// Reading one message, mean over those of a call, nanoseconds.
    pub parse_ns: u64,
    /// Printing one message, mean over those of a call, nanoseconds.
    pub print_ns: u64,
    /// Memory of one registered phone.
    pub bytes_per_registration: u64,
    /// Memory of one dialog in which nothing happens.
    pub bytes_per_dialog: u64,
}

/// Measures everything.
///
/// # Errors
/// When the core refuses what it is given, so that nothing was measured.
pub fn measure() -> anyhow::Result<Figures> {
    let (parse_ns, print_ns) = codec()?;
    Ok(Figures { parse_ns, print_ns, bytes_per_registration: registrations()?, bytes_per_dialog: dialogs()? })
}

fn flow() -> Flow {
    let local = ([192, 0, 2, 1], 5060).into();
    Flow { transport: Transport::Udp, local, remote: ([192, 0, 2, 7], 5060).into() }
}

fn message(start: &str, cseq: &str, number: usize, tag: &str, more: &str, body: &str) -> String {
    format!(
        "{start}\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK-{cseq}{number};rport\r\nMax-Forwards: 70\r\n\
         From: \"Carrier\" <sip:+8613800138000@192.0.2.7>;tag=f{number}\r\nTo: <sip:4001234567@192.0.2.1>{tag}\r\n\
         Call-ID: {number}-3c26700a8f5c@192.0.2.7\r\nCSeq: 1 {cseq}\r\nContact: <sip:trunk@192.0.2.7:5060>\r\n\
         Allow: INVITE, ACK, BYE, CANCEL, OPTIONS, UPDATE\r\nSupported: replaces\r\nUser-Agent: Carrier SBC 7.2\r\n{more}\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

fn invite(number: usize) -> String {
    let more = "Content-Type: application/sdp\r\n";
    message("INVITE sip:4001234567@192.0.2.1 SIP/2.0", "INVITE", number, "", more, SDP)
}

fn codec() -> anyhow::Result<(u64, u64)> {
    let more = "Content-Type: application/sdp\r\n";
    let texts = [
        invite(1),
        message("SIP/2.0 180 Ringing", "INVITE", 1, ";tag=t", "", ""),
        message("SIP/2.0 200 OK", "INVITE", 1, ";tag=t", more, SDP),
        message("ACK sip:careline@192.0.2.1 SIP/2.0", "ACK", 1, ";tag=t", "", ""),
        message("BYE sip:careline@192.0.2.1 SIP/2.0", "BYE", 1, ";tag=t", "", ""),
        message("SIP/2.0 200 OK", "BYE", 1, ";tag=t", "", ""),
    ];
    let messages: Vec<Message> = texts
        .iter()
        .map(|text| parse(text.as_bytes()))
        .collect::<Result<_, _>>()
        .context("a good message")?;
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for text in &texts {
            let _ = black_box(parse(black_box(text.as_bytes())));
        }
    }
    let parsed = began.elapsed();
    let began = Instant::now();
    for _ in 0..ROUNDS {
        for message in &messages {
            match black_box(message) {
                Message::Request(request) => black_box(request.to_bytes()),
                Message::Response(response) => black_box(response.to_bytes()),
            };
        }
    }
    let each = |time: Duration| {
        let nanos = time.as_nanos() / u128::from(ROUNDS) / texts.len() as u128;
        u64::try_from(nanos).unwrap_or(u64::MAX)
    };
    Ok((each(parsed), each(began.elapsed())))
}

fn registrations() -> anyhow::Result<u64> {
    let limits = Limits { aors_max: COUNT, bindings_max: COUNT * 2, ..Limits::default() };
    let mut registrar = Registrar::new(limits);
    let now = Instant::now();
    let before = resident()?;
    for number in 0..COUNT {
        let user = 100_000 + number;
        let text = format!(
            "REGISTER sip:192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.7:5060;branch=z9hG4bK{user};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:{user}@192.0.2.1>;tag=1\r\nTo: <sip:{user}@192.0.2.1>\r\n\
             Call-ID: {user}-3c26700a8f5c\r\nCSeq: 1 REGISTER\r\nContact: <sip:{user}@192.0.2.7:5060;line=ab12>;\
             +sip.instance=\"<urn:uuid:00000000-0000-1000-8000-000{user:09}>\"\r\nExpires: 3600\r\nContent-Length: 0\r\n\r\n"
        );
        let Message::Request(request) = parse(text.as_bytes()).context("a good REGISTER")? else { continue };
        let response = registrar.handle(now, &user.to_string(), &request, flow());
        ensure!(response.status == 200, "REGISTER was answered {}", response.status);
    }
    let each = resident()?.saturating_sub(before) / COUNT as u64;
    ensure!(registrar.len() == COUNT, "{} registrations", registrar.len());
    Ok(each)
}

fn dialogs() -> anyhow::Result<u64> {
    let config = EndpointConfig { dialogs_max: COUNT, ..EndpointConfig::default() };
    let mut endpoint = Endpoint::new(config, ChaCha20Rng::seed_from_u64(1));
    let mut now = Instant::now();
    let contact = Uri::sip(Some("careline"), "192.0.2.1", Some(5060));
    let before = resident()?;
    for number in 0..COUNT {
        set_up(&mut endpoint, now, number, &contact)?;
        if (number + 1) % BATCH == 0 {
            now += QUIET;
            endpoint.handle_deadline(now);
            while endpoint.poll_transmit().is_some() || endpoint.poll_event().is_some() {}
        }
    }
    let each = resident()?.saturating_sub(before) / COUNT as u64;
    ensure!(endpoint.dialog_count() == COUNT, "{} dialogs", endpoint.dialog_count());
    ensure!(endpoint.transaction_count() == 0, "{} transactions", endpoint.transaction_count());
    Ok(each)
}

fn set_up(endpoint: &mut Endpoint, now: Instant, number: usize, contact: &Uri) -> anyhow::Result<()> {
    let Received::New(new) = endpoint.receive(now, flow(), invite(number).as_bytes()) else {
        anyhow::bail!("an INVITE was not handed out");
    };
    let dialog = endpoint.accept_invite(now, new, contact.clone())?;
    endpoint.answer(now, dialog, SDP.as_bytes());
    let mut tag = None;
    while let Some(transmit) = endpoint.poll_transmit() {
        if let Ok(Message::Response(response)) = parse(&transmit.bytes) {
            tag = response.to().and_then(|to| to.tag().map(str::to_owned)).or(tag);
        }
    }
    let tag = tag.context("the INVITE was not answered")?;
    let ack = message("ACK sip:careline@192.0.2.1 SIP/2.0", "ACK", number, &format!(";tag={tag}"), "", "");
    endpoint.receive(now, flow(), ack.as_bytes());
    while endpoint.poll_event().is_some() {}
    Ok(())
}

/// Bytes of memory that this process has, by the kernel's count.
fn resident() -> anyhow::Result<u64> {
    let text = std::fs::read_to_string("/proc/self/status").context("no /proc/self/status")?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:")).context("no VmRSS")?;
    let kilobytes: u64 = line.trim().trim_end_matches("kB").trim().parse().context("VmRSS is no number")?;
    Ok(kilobytes * 1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_dialog_that_is_measured_stands() {
        let mut endpoint = Endpoint::new(EndpointConfig::default(), ChaCha20Rng::seed_from_u64(1));
        let contact = Uri::sip(Some("careline"), "192.0.2.1", Some(5060));
        let now = Instant::now();
        set_up(&mut endpoint, now, 1, &contact).expect("it stands");
        endpoint.handle_deadline(now + QUIET);
        assert_eq!((endpoint.dialog_count(), endpoint.transaction_count()), (1, 0));
    }

    #[test]
    fn a_phone_and_a_dialog_take_less_than_they_may() {
        assert!(registrations().expect("they are taken") < 4096);
        assert!(dialogs().expect("they stand") < 8192);
    }
}

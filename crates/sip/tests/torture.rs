//! The RFC 4475 and 5118 messages on the wire of an endpoint, against the table of verdicts next to them.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

mod support;

use std::path::PathBuf;

use careline_sip::{Received, Transport};
use support::Bench;

fn corpus() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder =
        std::env::var_os("CARELINE_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let folder = folder.join("sip-torture");
    folder.join("verdicts.tsv").is_file().then_some(folder)
}

/// JAIN-SIP cases on which this codec and that one differ, by start line, in the order of the file.
const JUDGED_OTHERWISE: &[&str] = &[
    // An unknown scheme is the endpoint's 416, not the parser's 400.
    "INVITE name:user SIP/2.0",
    // A blank in the empty line makes it a fold, so the body is read as a header.
    "INVITE sip:3660@166.35.231.140 SIP/2.0",
    // An unknown method is the endpoint's 501.
    "NEWMETHOD sip:user@comapny.com SIP/2.0",
    // No From.
    "SIP/2.0 180 Ringing",
    // A header line without a colon.
    "REGISTER sip:example.com SIP/2.0",
    // Their mark-up for a blank.
    "SIP/2.0 100<hex>20</hex>",
    // A Date that is not in GMT is none of our business (RFC 4475 3.1.2.12).
    "INVITE sip:user@example.com SIP/2.0",
    // Blanks inside of the brackets are tolerated (RFC 4475 3.1.2.14).
    "OPTIONS sip:user@example.org SIP/2.0",
    // Two of each single header (RFC 4475 3.3.8).
    "INVITE sip:user@company.com SIP/2.0",
];

/// What an endpoint whose owner grants everything answers: its own refusal, 200, or nothing.
fn answer(bytes: &[u8]) -> Option<u16> {
    let mut bench = Bench::new(Transport::Udp);
    if let Received::New(new) = bench.endpoint.receive(bench.now, bench.flow, bytes) {
        let response = bench.endpoint.inspect(&new);
        let response = response.unwrap_or_else(|| bench.endpoint.response_to(&new.request, 200));
        bench.endpoint.respond_statelessly(&new, response);
    }
    let sent: Vec<_> = std::iter::from_fn(|| bench.endpoint.poll_transmit()).collect();
    assert!(sent.len() <= 1, "one answer at most");
    // A 400 echoes the header that is wrong, so only the status line is sure to be readable.
    sent.first().map(|one| {
        let line = String::from_utf8_lossy(&one.bytes[..12]).into_owned();
        line.strip_prefix("SIP/2.0 ").expect("a response").trim().parse().unwrap()
    })
}

/// The files of RFC 5118 end lines with LF, have no closing blank line at times and a wrong length.
fn on_the_wire(name: &str, bytes: Vec<u8>) -> Vec<u8> {
    if !name.starts_with("rfc5118") {
        return bytes;
    }
    let text = String::from_utf8(bytes).unwrap().replace("\r\n", "\n");
    let (head, body) = text.split_once("\n\n").unwrap_or((text.trim_end(), ""));
    let keep =
        |line: &&str| !line.to_ascii_lowercase().starts_with("content-length") && !line.starts_with("l:");
    let head = head.lines().filter(keep).collect::<Vec<_>>().join("\r\n");
    format!("{head}\r\n\r\n{}", body.replace('\n', "\r\n")).into_bytes()
}

#[test]
fn every_message_gets_an_allowed_answer() {
    let Some(folder) = corpus() else {
        return println_skip("every_message_gets_an_allowed_answer");
    };
    let table = std::fs::read_to_string(folder.join("verdicts.tsv")).unwrap();
    let mut wrong = Vec::new();
    for line in table.lines().skip(1) {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap();
        let (class, allow) = (cells.nth(2).unwrap(), cells.next().unwrap());
        let bytes = on_the_wire(name, std::fs::read(folder.join(name)).unwrap());
        let got = answer(&bytes);
        let fits = match (allow, got) {
            ("any", got) => got != Some(500),
            ("none", got) => got.is_none(),
            (_, None) => false,
            ("!400", Some(status)) => status != 400 && status != 500,
            (list, Some(status)) => list.split(',').any(|one| one == status.to_string()),
        };
        if !fits {
            wrong.push(format!("{name} ({class}): {got:?}, allowed {allow}"));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_jain_sip_messages_parse_or_are_refused_as_marked() {
    let Some(folder) = corpus() else {
        return println_skip("the_jain_sip_messages_parse_or_are_refused_as_marked");
    };
    let text = std::fs::read(folder.join("jain-sip/torture.xml")).unwrap();
    let text = String::from_utf8_lossy(&text);
    let mut wrong = Vec::new();
    for case in text.split("<testcase>").skip(1) {
        let Some(message) = case.split("<message>").nth(1) else { continue };
        let message = message.split("<![CDATA[").nth(1).unwrap().split("]]>").next().unwrap();
        let message = message.trim_start().replace("\r\n", "\n").replace('\n', "\r\n");
        let must_fail = case.contains("expect-exception");
        let got = careline_sip::parse(message.as_bytes());
        if got.is_err() != must_fail {
            wrong.push(message.lines().next().unwrap_or_default().to_owned());
        }
    }
    assert_eq!(wrong, JUDGED_OTHERWISE);
}

#[allow(clippy::print_stderr, reason = "a skipped test says so")]
fn println_skip(name: &str) {
    eprintln!("{name}: skipped, no corpus (set CARELINE_CORPUS)");
}

//! The RFC 4475 and 5118 messages on the wire of an endpoint, against the table of verdicts next to them.

use std::path::PathBuf;

use crate::support::Bench;
use careline_sip::{Received, Transport};

fn corpus() -> Option<PathBuf> {
    let root = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../..");
    let folder =
        std::env::var_os("CARELINE_CORPUS").map_or_else(|| root.join("../shared/corpus"), PathBuf::from);
    let folder = folder.join("sip-torture");
    folder.join("verdicts.tsv").is_file().then_some(folder)
}

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

/// Written past the test harness, which would keep it to itself: whoever counts tests counts this too.
fn println_skip(name: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "skipped: {name}: no corpus (set CARELINE_CORPUS)");
}

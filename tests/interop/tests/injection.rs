//! What comes over the wire is data for ever: line ends, terminal escapes, paths, SQL and templates in every header of
//! calls, registrations and strangers' requests, at the built switch; then its log, its journal and its files are read.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::{Context, ensure};
use careline_e2e::{House, HouseOptions, tell};
use careline_interop::knock::{ANSWER, Knocker, SILENCE, alive};
use careline_testkit::wait;
use std::path::{Path, PathBuf};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(20);
const SDP: &str =
    "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\n";
/// Stands in every text, to find it again.
const MARK: &str = "pwned";

/// Texts that have become something else elsewhere.
const TEXTS: [&str; 10] = [
    "pwned\u{1b}[2J\u{1b}[31mred",
    "pwned\r2026-01-01T00:00:00Z ERROR forged",
    "pwned%0d%0aERROR forged",
    "pwned\u{85}ERROR\u{2028}forged",
    "../../../../../../tmp/pwned",
    "..%2f..%2fpwned",
    "pwned'; DROP TABLE event; --",
    "{{7*7}}pwned${7*7}",
    "$(touch pwned)`touch pwned`",
    "pwned\u{0}after",
];

/// A request in whose every header the text stands where the syntax lets it.
fn request(method: &str, user: &str, text: &str, number: usize) -> Vec<u8> {
    let (kind, body) = if method == "INVITE" { ("Content-Type: application/sdp\r\n", SDP) } else { ("", "") };
    // A quoted string and the text of a comment take anything but line ends; a Call-ID takes what is a word.
    let word: String = text.chars().filter(|one| !one.is_whitespace() && !one.is_control()).collect();
    format!(
        "{method} sip:{user}@127.0.0.1 SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2:5060;branch=z9hG4bK{method}{number};rport\r\n\
         Max-Forwards: 70\r\nFrom: \"{text}\" <sip:13800138000@127.0.0.2>;tag=f{number}\r\n\
         To: \"{text}\" <sip:{user}@127.0.0.1>\r\nCall-ID: {word}-{number}\r\nCSeq: 1 {method}\r\n\
         Contact: \"{text}\" <sip:{number}@127.0.0.2:5060>\r\nUser-Agent: {text}\r\nSubject: {text}\r\n\
         Reason: SIP;cause=200;text=\"{text}\"\r\nP-Asserted-Identity: \"{text}\" <sip:13800138000@127.0.0.2>\r\n\
         X-Odd: {text}\r\n{kind}Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into_bytes()
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    for entry in std::fs::read_dir(folder).with_context(|| folder.display().to_string())? {
        let path = entry?.path();
        if path.is_dir() {
            files_below(&path, found)?;
        }
        found.push(path);
    }
    Ok(())
}

/// Files with the mark in their names, in the house and where the paths point to.
fn files_of_theirs(house: &House) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    files_below(house.place().dir(), &mut found)?;
    let mut outside = house.place().dir().to_path_buf();
    while outside.pop() {
        let entries = std::fs::read_dir(&outside).into_iter().flatten().flatten();
        found.extend(entries.map(|entry| entry.path()));
    }
    found.extend(std::fs::read_dir("/tmp").into_iter().flatten().flatten().map(|entry| entry.path()));
    found.retain(|path| path.file_name().is_some_and(|name| name.to_string_lossy().contains(MARK)));
    Ok(found)
}

#[test]
fn texts_of_strangers_are_data_in_the_log_in_the_journal_and_on_the_disk() {
    tell("injection", HouseOptions::default(), |house| {
        let sip = house.sip()?;
        let stranger = Knocker::new(house.next_address()?, sip)?;
        let mut calls = 0;
        for (number, text) in TEXTS.iter().enumerate() {
            let line = Knocker::new(house.trunk_address()?, sip)?;
            let answers = line.knock(&request("INVITE", "4001234567", text, number), ANSWER, |answers| {
                answers.iter().any(|status| *status > 100)
            })?;
            calls += usize::from(answers.contains(&200));
            for (method, user) in
                [("REGISTER", "1001"), ("INVITE", "1001"), ("OPTIONS", "x"), ("MESSAGE", "x")]
            {
                stranger.knock(&request(method, user, text, 100 + number), SILENCE, |answers| {
                    !answers.is_empty()
                })?;
            }
            alive(house, number)?;
        }
        ensure!(calls >= TEXTS.len() - 3, "only {calls} of the calls were taken: the texts did not get in");

        // The journal is whole, and what is named after a call is named after our own id.
        let wanted = calls;
        let offered = wait::until("every answered call in the journal", SOON, || {
            let offered = house.journal().of_kind("call_offered").unwrap_or_default();
            ensure!(offered.len() <= wanted, "{} calls in the journal, {wanted} answered", offered.len());
            Ok((offered.len() == wanted).then_some(offered))
        })?;
        for event in &offered {
            let id = event["call"].as_str().context("an id")?;
            ensure!(id.len() == 36 && id.chars().all(|one| one.is_ascii_hexdigit() || one == '-'), "{id}");
        }
        let theirs = files_of_theirs(house)?;
        ensure!(theirs.is_empty(), "files were named by strangers: {theirs:?}");

        let logs = house.logs();
        for line in logs.lines() {
            ensure!(!line.contains('\u{1b}'), "a terminal would obey: {line:?}");
            ensure!(!line.contains(['\r', '\0', '\u{85}', '\u{2028}']), "a control character: {line:?}");
            ensure!(!line.trim_start().starts_with("ERROR forged"), "a line of theirs: {line:?}");
            ensure!(!line.starts_with("2026-01-01T00:00:00Z"), "a line of theirs: {line:?}");
        }
        ensure!(!logs.contains("49pwned"), "a template was filled in");
        Ok(())
    });
}

//! The RFC 4475 and RFC 5118 files and their verdicts, read from `CARELINE_CORPUS` (default `../shared/corpus`).

use std::path::PathBuf;

/// One file and what is allowed as an answer.
#[derive(Debug, Clone)]
pub struct Verdict {
    /// Path inside `sip-torture`.
    pub file: String,
    /// `accept`, `reject`, `either` or `drop`.
    pub class: String,
    /// Codes, `!400`, `any` or `none`.
    pub allow: String,
    /// The message's bytes, ready for the wire.
    pub bytes: Vec<u8>,
}

impl Verdict {
    /// Whether these answers are allowed.
    #[must_use]
    pub fn allows(&self, answers: &[u16]) -> bool {
        // 100 is only a hop's word.
        let last = answers.iter().copied().rfind(|status| *status > 100).or_else(|| answers.last().copied());
        match (self.allow.as_str(), last) {
            ("none", answer) => answer.is_none(),
            ("any", answer) => answer != Some(500),
            ("!400", answer) => answer.is_some_and(|status| status != 400 && status != 500),
            (codes, Some(answer)) => codes.split(',').any(|code| code.parse() == Ok(answer)),
            (_, None) => false,
        }
    }
}

/// Says that a test has nothing to do on this machine, past the test harness, which would keep it to itself: whoever
/// counts tests counts this too.
pub fn skipped(reason: &str) {
    use std::io::Write;
    let _ = writeln!(std::io::stdout(), "skipped: {reason}");
}

fn folder() -> PathBuf {
    std::env::var_os("CARELINE_CORPUS")
        .map_or_else(|| crate::root().join("../shared/corpus"), PathBuf::from)
        .join("sip-torture")
}

/// One message of the JAIN-SIP parser tests.
#[derive(Debug, Clone)]
pub struct JainMessage {
    /// As a datagram.
    pub bytes: Vec<u8>,
    /// That parser refuses it.
    pub must_fail: bool,
}

impl JainMessage {
    /// Its first line, for errors.
    #[must_use]
    pub fn start_line(&self) -> String {
        String::from_utf8_lossy(&self.bytes).lines().next().unwrap_or_default().to_owned()
    }
}

/// The whole messages of the JAIN-SIP parser tests (single headers and addresses are left out), or the reason why there
/// are none on this machine.
///
/// # Errors
/// The path that was looked at, when it is not there.
pub fn jain() -> Result<Vec<JainMessage>, String> {
    let file = folder().join("jain-sip/torture.xml");
    let raw = std::fs::read(&file).map_err(|error| format!("no corpus at {}: {error}", file.display()))?;
    let text = String::from_utf8_lossy(&raw);
    let message = |case: &str| {
        let (_, message) = case.split_once("<message>")?;
        let (_, message) = message.split_once("<![CDATA[")?;
        let (message, _) = message.split_once("]]>")?;
        let message = message.trim_start().replace("\r\n", "\n").replace('\n', "\r\n");
        Some(JainMessage { bytes: message.into_bytes(), must_fail: case.contains("expect-exception") })
    };
    Ok(text.split("<testcase>").skip(1).filter_map(message).collect())
}

/// All verdicts, or the reason why there are none on this machine.
///
/// # Errors
/// The path that was looked at, when it is not there.
pub fn verdicts() -> Result<Vec<Verdict>, String> {
    let corpus = folder();
    let table = std::fs::read_to_string(corpus.join("verdicts.tsv"))
        .map_err(|error| format!("no corpus at {}: {error}", corpus.display()))?;
    let mut verdicts = Vec::new();
    for line in table.lines().skip(1) {
        let mut fields = line.split('\t');
        let (Some(file), Some(_rfc), Some(_section), Some(class), Some(allow)) =
            (fields.next(), fields.next(), fields.next(), fields.next(), fields.next())
        else {
            continue;
        };
        let raw = std::fs::read(corpus.join(file)).map_err(|error| format!("{file}: {error}"))?;
        let bytes = if file.starts_with("rfc5118") { wire_form(&raw, file) } else { raw };
        verdicts.push(Verdict {
            file: file.to_owned(),
            class: class.to_owned(),
            allow: allow.to_owned(),
            bytes,
        });
    }
    Ok(verdicts)
}

/// The archive's RFC 5118 files end lines with LF, share one branch, and lie about their length.
fn wire_form(raw: &[u8], file: &str) -> Vec<u8> {
    let text = String::from_utf8_lossy(raw).replace("\r\n", "\n");
    let (head, body) = match text.split_once("\n\n") {
        Some((head, body)) => (head.to_owned(), body.replace('\n', "\r\n")),
        None => (text.trim_end().to_owned(), String::new()),
    };
    let branch = format!("z9hG4bK{}", file.replace(['/', '_'], "-"));
    let head: Vec<String> = head
        .lines()
        .map(|line| {
            if line.to_ascii_lowercase().starts_with("content-length") {
                return format!("Content-Length: {}", body.len());
            }
            match line.find("branch=z9hG4bK") {
                Some(at) => {
                    let rest = &line[at + "branch=".len()..];
                    let end = rest.find([';', ',', ' ']).unwrap_or(rest.len());
                    format!("{}branch={branch}{}", &line[..at], &rest[end..])
                }
                None => line.to_owned(),
            }
        })
        .collect();
    format!("{}\r\n\r\n{body}", head.join("\r\n")).into_bytes()
}

//! What is peculiar about a message, read off its bytes without parsing it: the conditions of the table of reasons.

use std::collections::BTreeSet;

/// One peculiarity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fact {
    /// Holds for every message.
    Always,
    /// Somebody changed a few bytes of a valid message.
    Damaged,
    /// One-letter header names.
    Compact,
    /// Lines that continue the one before.
    Folded,
    /// Lines that end with LF alone, or CR inside.
    OddLineEnd,
    /// Empty lines before the start.
    LeadingLine,
    /// Bytes that are no UTF-8.
    NotUtf8,
    /// Characters beyond ASCII.
    NotAscii,
    /// Control characters.
    Control,
    /// A quoted string.
    Quoted,
    /// A comma in Via or Contact.
    List,
    /// White space before a colon or around the slashes of a Via, or twice.
    OddSpace,
    /// Brackets of IPv6.
    Brackets,
    /// A percent sign.
    Percent,
    /// Parameters in the Request-URI.
    Params,
    /// A branch or tag that is no token, or stands twice or under another name.
    OddToken,
    /// A URI scheme that is not `sip` or `sips`.
    Scheme,
    /// A method of no RFC, or not as it is spelled.
    Method,
    /// `sip/2.0` not in capitals, or another version.
    Version,
    /// No Content-Length, or not one that is a number.
    NoLength,
    /// Content-Length is not the length of the body.
    OtherLength,
    /// A header that may stand once stands twice.
    Twice,
    /// A header that must be there is not.
    Missing,
    /// A name that no header has.
    OddHeader,
    /// An address without brackets.
    Bare,
    /// A status that no RFC names, or a reason that is none.
    OddStatus,
}

const METHODS: [&str; 14] = [
    "INVITE",
    "ACK",
    "BYE",
    "CANCEL",
    "OPTIONS",
    "REGISTER",
    "INFO",
    "PRACK",
    "UPDATE",
    "REFER",
    "NOTIFY",
    "SUBSCRIBE",
    "MESSAGE",
    "PUBLISH",
];
const NAMES: [&str; 14] = [
    "via",
    "from",
    "to",
    "call-id",
    "cseq",
    "contact",
    "max-forwards",
    "content-length",
    "subject",
    "x-odd",
    "v",
    "f",
    "t",
    "i",
];
const ONCE: [(&str, &str); 4] = [("from", "f"), ("to", "t"), ("call-id", "i"), ("cseq", "cseq")];

/// All of them.
#[must_use]
pub fn facts(bytes: &[u8]) -> BTreeSet<Fact> {
    let mut facts = BTreeSet::from([Fact::Always]);
    let mut note = |fact, is_so: bool| {
        if is_so {
            facts.insert(fact);
        }
    };
    let whole = String::from_utf8_lossy(bytes);
    let text = whole.trim_start_matches(['\r', '\n']);
    let (head, body) = text.split_once("\r\n\r\n").or_else(|| text.split_once("\n\n")).unwrap_or((text, ""));
    let plain = head.replace("\r\n", "");
    note(Fact::LeadingLine, whole.len() != text.len());
    note(Fact::NotUtf8, std::str::from_utf8(bytes).is_err());
    note(Fact::NotAscii, !head.is_ascii());
    note(Fact::OddLineEnd, plain.contains(['\r', '\n']) || !text.contains("\r\n\r\n"));
    note(Fact::Control, plain.chars().any(|one| one.is_control() && !matches!(one, '\r' | '\n')));
    note(Fact::Folded, head.contains("\n ") || head.contains("\n\t"));
    note(Fact::Quoted, head.contains('"'));
    note(Fact::Brackets, head.contains(['[', ']']));
    note(Fact::Percent, head.contains('%'));
    let mut lines = head.split(['\r', '\n']).filter(|line| !line.is_empty());
    let start = lines.next().unwrap_or_default();
    let lower: Vec<(String, &str)> = lines
        .map(|line| {
            let (name, value) = line.split_once(':').unwrap_or((line, ""));
            (name.to_ascii_lowercase(), value)
        })
        .collect();
    start_facts(start, &mut note);
    for (name, value) in &lower {
        let known = NAMES.contains(&name.trim()) || matches!(name.trim(), "m" | "l");
        note(Fact::OddHeader, !known || value.trim().is_empty());
        note(Fact::OddToken, has_odd_token(name, value));
        note(Fact::Compact, name.trim().len() == 1);
        note(Fact::OddSpace, name.ends_with([' ', '\t']) || value.contains("  ") || value.contains(" / "));
        note(Fact::OddSpace, !value.starts_with(' ') || value.ends_with(' ') || value.contains(" ;"));
        let in_via = [" :", ": ", "/ ", " /"].iter().any(|space| value.contains(space));
        note(Fact::OddSpace, matches!(name.trim(), "via" | "v") && in_via);
        note(Fact::List, matches!(name.as_str(), "via" | "v" | "contact" | "m") && value.contains(','));
        note(
            Fact::Bare,
            matches!(name.as_str(), "from" | "to" | "contact" | "f" | "t" | "m") && !value.contains("<sip:"),
        );
        note(Fact::Version, matches!(name.as_str(), "via" | "v") && !value.contains("SIP/2.0/"));
        note(
            Fact::Method,
            name == "cseq" && !METHODS.iter().any(|method| value.trim_end().ends_with(&format!(" {method}"))),
        );
    }
    for (long, short) in ONCE {
        let count = lower.iter().filter(|(name, _)| name.trim() == long || name.trim() == short).count();
        note(Fact::Twice, count > 1);
        note(Fact::Missing, count == 0);
    }
    note(Fact::Missing, !lower.iter().any(|(name, _)| matches!(name.trim(), "via" | "v")));
    let lengths: Vec<&str> = lower
        .iter()
        .filter(|(name, _)| matches!(name.trim(), "content-length" | "l"))
        .map(|(_, value)| value.trim())
        .collect();
    let length = lengths.first().and_then(|text| text.parse::<usize>().ok());
    note(Fact::Twice, lengths.len() > 1);
    note(Fact::NoLength, length.is_none());
    note(Fact::OtherLength, length.is_some_and(|length| length != body.len()));
    facts
}

/// A Via has one branch for each value, From has one tag, To one at most; all are tokens.
fn has_odd_token(name: &str, value: &str) -> bool {
    let (param, least) = match name.trim() {
        "via" | "v" => (";branch=", 1),
        "from" | "f" => (";tag=", 1),
        "to" | "t" => (";tag=", 0),
        _ => return false,
    };
    let is_token = |one: &str| {
        let end = one.find([';', ',', ' ']).unwrap_or(one.len());
        end > 0
            && one[..end].bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte))
    };
    let values: Vec<&str> = value.split(param).skip(1).collect();
    if value.matches(param.trim_end_matches('=')).count() != values.len() {
        return true;
    }
    let most = if least == 1 { value.matches(',').count() + 1 } else { 1 };
    values.len() < least || values.len() > most || !values.iter().all(|one| is_token(one))
}

fn start_facts(start: &str, note: &mut impl FnMut(Fact, bool)) {
    if let Some(rest) = start.strip_prefix("SIP/2.0 ") {
        let (code, reason) = rest.split_once(' ').unwrap_or((rest, ""));
        let usual = ["OK", "Ringing", "Busy Here"].contains(&reason);
        return note(Fact::OddStatus, !usual || !["200", "180", "486"].contains(&code));
    }
    let mut words = start.split(' ');
    let (method, uri, version) = (words.next(), words.next(), words.next());
    note(Fact::Method, !method.is_some_and(|one| METHODS.contains(&one)));
    note(Fact::Scheme, !uri.is_some_and(|uri| uri.starts_with("sip:") || uri.starts_with("sips:")));
    note(Fact::Params, uri.is_some_and(|uri| uri.contains(';')));
    note(Fact::Version, version != Some("SIP/2.0") || words.next().is_some());
}

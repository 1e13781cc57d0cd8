//! What can be wrong with a message, by RFC 3261, and what we make of it. The predicates look at the text alone, so the
//! table is an oracle for our codec: it refuses a message when, and only when, a fault of the first kind is in it.

use crate::grammar::{self as g, ALL, Loose, STRICT};
use crate::text::{End, Field, Text};
use careline_sip::{HEADER_LINE_BYTES_MAX, HEADERS_MAX, MESSAGE_BYTES_MAX};

/// What we do with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Ruling {
    /// We refuse the message, with one of these words.
    Refused(&'static [&'static str]),
    /// We read it all the same.
    Read,
}

/// One kind of fault.
#[derive(Clone, Copy, Debug)]
pub struct Fault {
    /// What is wrong.
    pub what: &'static str,
    /// Where an RFC forbids it.
    pub rfc: &'static str,
    /// What we do.
    pub ruling: Ruling,
    /// Why we do so.
    pub why: &'static str,
    /// Whether the message has it.
    pub shows: fn(&Text) -> bool,
}

const fn refused(
    what: &'static str,
    rfc: &'static str,
    words: &'static [&'static str],
    why: &'static str,
    shows: fn(&Text) -> bool,
) -> Fault {
    Fault { what, rfc, ruling: Ruling::Refused(words), why, shows }
}

const fn read(what: &'static str, rfc: &'static str, why: &'static str, shows: fn(&Text) -> bool) -> Fault {
    Fault { what, rfc, ruling: Ruling::Read, why, shows }
}

/// All kinds.
pub const FAULTS: &[Fault] = &[
    // What nobody can answer sensibly but with 400.
    refused("nothing but empty lines", "RFC 3261 7", &["empty"], "there is nothing to read", |text| {
        text.start.is_empty()
    }),
    refused(
        "no start line",
        "RFC 3261 7.1, 7.2",
        &["no start line", "version"],
        "who cannot be told from noise gets no answer",
        is_no_start,
    ),
    refused(
        "no empty line behind the headers",
        "RFC 3261 7",
        &["no empty line"],
        "cut off somewhere: what was to follow is not known",
        |text| text.close == End::Nothing && !has_forgotten_line(text),
    ),
    refused(
        "two tags in From or To, two branches in the topmost Via",
        "RFC 3261 7.3.1",
        &["two tags", "two branches"],
        "who takes the first and who the last would not mean the same dialog",
        |text| {
            let two = |value, name| g::count_param(value, name) > 1;
            two(text.first("from"), "tag") || two(text.first("to"), "tag") || two(top_via(text), "branch")
        },
    ),
    refused("another version", "RFC 3261 7.1", &["version"], "505 (RFC 3261 21.5.6)", |text| {
        !is_no_start(text) && !version(text).eq_ignore_ascii_case("SIP/2.0")
    }),
    refused("a status that is none", "RFC 3261 7.2", &["status code"], "no response class fits", |text| {
        text.is_response()
            && version(text).eq_ignore_ascii_case("SIP/2.0")
            && !is_status(text.start.split(' ').nth(1).unwrap_or_default())
    }),
    refused(
        "a Request-URI that is none, or blanks around it",
        "RFC 3261 7.1, 25.1; RFC 4475 3.1.2.6, 3.1.2.8",
        &["Request-URI"],
        "400 (RFC 4475): where a call goes is not guessed",
        |text| is_request(text) && (!g::is_uri(text.uri(), ALL) || text.start.ends_with([' ', '\t'])),
    ),
    refused(
        "header fields in a Request-URI",
        "RFC 3261 19.1.1 (table 1); RFC 4475 3.1.2.11",
        &["Request-URI"],
        "they would become headers of what we send",
        |text| is_request(text) && is_sip(text.uri()) && after_user(text.uri()).contains('?'),
    ),
    refused(
        "a header line without a colon or without a name",
        "RFC 3261 7.3.1",
        &["header line"],
        "no header",
        |text| {
            text.fields
                .iter()
                .any(|one| !one.has_colon || !g::is_token(one.written.trim_end_matches([' ', '\t'])))
        },
    ),
    refused(
        "CR inside a header",
        "RFC 3261 25.1",
        &["header line"],
        "a neighbour may take it for a line end",
        |text| text.fields.iter().any(|one| one.value.contains('\r')),
    ),
    refused(
        "a Content-Length that is no number",
        "RFC 3261 20.14, 25.1",
        &["Content-Length"],
        "400",
        |text| text.all("content-length").any(|one| !g::is_number_up_to(one, u64::from(u32::MAX))),
    ),
    refused("two different Content-Lengths", "RFC 3261 7.3.1", &["two Content-Lengths"], "400", |text| {
        let mut all = text.all("content-length").map(|one| one.trim_start_matches('0'));
        let first = all.next();
        all.any(|one| Some(one) != first)
    }),
    refused(
        "a body shorter than its Content-Length",
        "RFC 3261 18.3",
        &["Content-Length beyond the end"],
        "400 (RFC 4475 3.1.2.2)",
        |text| {
            let length = text.all("content-length").next().and_then(|one| one.parse::<u64>().ok());
            length.is_some_and(|length| length > text.body.len() as u64)
        },
    ),
    refused(
        "no From, To, Call-ID, CSeq or Via",
        "RFC 3261 8.1.1",
        &["missing mandatory header"],
        "400",
        |text| {
            ["from", "to", "call-id", "cseq"].iter().any(|name| text.first(name).is_empty())
                || text.list("via").is_empty()
        },
    ),
    refused(
        "a header twice that stands once",
        "RFC 3261 7.3.1, 20",
        &["single header twice"],
        "400 (RFC 4475 3.3.8)",
        |text| {
            ["from", "to", "call-id", "cseq", "max-forwards", "content-type", "expires"]
                .iter()
                .any(|name| text.named(name).count() > 1)
        },
    ),
    refused(
        "a From or To that is no address",
        "RFC 3261 20.20, 20.39, 25.1",
        &["From or To"],
        "400",
        |text| ["from", "to"].iter().any(|name| !g::is_address(text.first(name), ALL)),
    ),
    refused(
        "a topmost Via that is none",
        "RFC 3261 20.42, 8.1.1.7, 25.1",
        &["Via"],
        "400: no answer finds its way",
        |text| !g::is_via(top_via(text), ALL),
    ),
    refused("a Contact that is no address", "RFC 3261 20.10, 25.1", &["Contact"], "400", |text| {
        text.list("contact").iter().any(|one| *one != "*" && !g::is_address(one, ALL))
    }),
    refused("a CSeq that is none, or 2^31 and more", "RFC 3261 8.1.1.5, 20.16", &["CSeq"], "400", |text| {
        !g::is_cseq(text.first("cseq"))
    }),
    refused(
        "a CSeq of another method",
        "RFC 3261 8.1.1.5",
        &["CSeq method"],
        "400 (RFC 4475 3.1.2.17)",
        |text| {
            let method =
                text.first("cseq").split_once([' ', '\t']).map_or("", |(_, method)| method.trim_start());
            is_request(text) && method != text.method()
        },
    ),
    refused("a Max-Forwards that is no number", "RFC 3261 20.22, 25.1", &["Max-Forwards"], "400", |text| {
        text.all("max-forwards").any(|one| !g::is_number_up_to(one, u64::from(u32::MAX)))
    }),
    refused(
        "more than we look at",
        "RFC 3261 21.5.7 (limits of our own)",
        &["message too long", "start line too long", "header too long", "too many headers"],
        "what is read must have an end",
        |text| {
            let is_long = |one: &Field| one.written.len() + one.value.len() + 2 > HEADER_LINE_BYTES_MAX;
            text.bytes.len() > MESSAGE_BYTES_MAX
                || text.start.len() > HEADER_LINE_BYTES_MAX
                || text.fields.len() > HEADERS_MAX
                || text.fields.iter().any(is_long)
        },
    ),
    // What does no harm when it is read.
    read("empty lines before the start", "RFC 3261 7.5", "to be ignored", |text| text.leading),
    read("no empty line behind Content-Length: 0", "RFC 3261 7", "nothing was to follow", has_forgotten_line),
    read("a fold before the colon", "RFC 3261 25.1 (HCOLON)", "RFC 2543 had it", |text| {
        text.fields.iter().any(|one| one.folded_name && one.has_colon)
    }),
    read("lines that end with LF alone", "RFC 3261 7", "an old gateway sends nothing else", has_bare_lf),
    read(
        "bytes that are no UTF-8",
        "RFC 3261 7.3.1, 25.1",
        "old phones write Latin-1; the bytes are kept",
        |text| {
            text.start.contains('\u{fffd}')
                || text
                    .fields
                    .iter()
                    .any(|one| one.raw.contains('\u{fffd}') || one.value.contains('\u{fffd}'))
        },
    ),
    read("control characters in a line", "RFC 3261 25.1", "kept out of what we print ourselves", |text| {
        let is_bad = |one: char| one.is_control() && one != '\t';
        text.start.contains(is_bad) || text.fields.iter().any(|one| one.value.contains(is_bad))
    }),
    read("no blank after the status", "RFC 3261 7.2", "nobody reads the phrase", |text| {
        text.is_response() && text.start.split(' ').count() < 3
    }),
    read("SIP/2.0 in small letters", "RFC 3261 7.1", "case-insensitive when it is read", |text| {
        version(text) != "SIP/2.0" && version(text).eq_ignore_ascii_case("SIP/2.0")
    }),
    read(
        "characters that a URI does not have",
        "RFC 3261 25.1",
        "opaque to us: whoever it names is not found",
        |text| needs(text, g::URI_CHARS),
    ),
    read("a host name that is none", "RFC 3261 25.1", "its resolution fails", |text| {
        needs(text, g::HOST_NAMES)
    }),
    read("an IPv6 reference without an address", "RFC 5118 4.10", "to be tolerated there", |text| {
        needs(text, g::V6_TEXT)
    }),
    read("a parameter whose value is none", "RFC 3261 25.1", "kept as text", |text| {
        needs(text, g::PARAM_VALUES)
    }),
    read("a display name beyond ASCII without quotes", "RFC 3261 25.1", "phones write names so", |text| {
        needs(text, g::DISPLAY_NAMES)
    }),
    read(
        "control characters in quotes",
        "RFC 3261 25.1; RFC 4475 3.1.1.2",
        "a display name is only shown",
        |text| needs(text, g::QUOTED_CONTROLS),
    ),
    read(
        "white space inside the brackets",
        "RFC 3261 25.1",
        "may be tolerated (RFC 4475 3.1.2.14)",
        |text| needs(text, g::BRACKET_BLANKS),
    ),
    read("a Call-ID that is none", "RFC 3261 20.8, 25.1", "compared as text", |text| {
        !g::is_call_id(text.first("call-id"))
    }),
    read("a further Via that is none", "RFC 3261 20.42", "it is for those behind the first", |text| {
        text.list("via").iter().skip(1).any(|one| !g::is_via(one, STRICT))
    }),
    read("an empty value in a list", "RFC 3261 7.3.1, 25.1", "left out", |text| {
        ["via", "contact"].iter().any(|name| {
            text.named(name).any(|one| {
                crate::text::cut(&one.value, b',')
                    .iter()
                    .any(|part| part.trim_matches([' ', '\t']).is_empty())
            })
        })
    }),
    read("a Max-Forwards above 255", "RFC 3261 20.22", "a number is a number", |text| {
        let number = text.first("max-forwards");
        g::is_number(number) && !g::is_number_up_to(number, 255)
    }),
];

/// All lines are whole, the empty one is missing, and Content-Length says that there is no body.
fn has_forgotten_line(text: &Text) -> bool {
    let is_zero = |one: &str| g::is_number_up_to(one, 0);
    let mut lengths = text.all("content-length").peekable();
    text.close == End::Nothing
        && text.bytes.ends_with(b"\n")
        && lengths.peek().is_some()
        && lengths.all(is_zero)
}

fn is_request(text: &Text) -> bool {
    !is_no_start(text) && !text.is_response()
}

/// Neither `token SP something SP SIP/...` nor `SIP/...`.
fn is_no_start(text: &Text) -> bool {
    let is_sip = |version: &str| version.get(..4).is_some_and(|name| name.eq_ignore_ascii_case("SIP/"));
    let is_request_like = g::is_token(text.method()) && is_sip(text.version()) && text.start.contains(' ');
    !text.is_response() && !is_request_like
}

fn version(text: &Text) -> &str {
    if text.is_response() { text.start.split(' ').next().unwrap_or_default() } else { text.version() }
}

fn is_status(code: &str) -> bool {
    code.len() == 3 && g::is_number(code) && ("100"..="699").contains(&code)
}

/// The topmost Via, empty when there is none.
#[must_use]
pub fn top_via(text: &Text) -> &str {
    text.list("via").first().copied().unwrap_or_default()
}

fn is_sip(uri: &str) -> bool {
    let scheme = uri.split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")
}

fn after_user(uri: &str) -> &str {
    uri.split_once('@').map_or(uri, |(_, host)| host)
}

fn has_bare_lf(text: &Text) -> bool {
    text.start_end == End::Lf
        || text.close == End::Lf
        || text.bytes.starts_with(b"\n")
        || text.fields.iter().any(|one| one.end == End::Lf)
}

/// Whether something that we look at is in the grammar with all loosenings, and not without this one.
fn needs(text: &Text, one: Loose) -> bool {
    let differ = |fits: fn(&str, Loose) -> bool, part: &str| fits(part, ALL) && !fits(part, ALL & !one);
    (is_request(text) && differ(g::is_uri, text.uri()))
        || differ(g::is_via, top_via(text))
        || ["from", "to"].iter().any(|name| differ(g::is_address, text.first(name)))
        || text.list("contact").iter().any(|one| differ(g::is_address, one))
}

/// The faults that a message has.
#[must_use]
pub fn faults(text: &Text) -> Vec<&'static Fault> {
    FAULTS.iter().filter(|one| (one.shows)(text)).collect()
}

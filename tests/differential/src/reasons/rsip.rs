//! `rsip` 0.4: cuts by CR LF, knows no folds and no compact names, reads what is in a header with a grammar of its own.

use super::{
    Case, Reason, has_blanks_in_params, host_part, is_cut_at_odd_character, is_listed, is_quoted_bracket,
    is_sip, is_transport, is_trimmed, is_without_zeros, reason, transport_param,
};
use crate::grammar;
use crate::text::{End, Text, cut};

const READ: &[&str] = &["via host", "via branch", "from tag", "to tag", "cseq"];
const VIA: &[&str] = &["via host", "via branch"];
const TAGS: &[&str] = &["from tag", "to tag"];
const CUT: &[&str] =
    &["vias", "via host", "via branch", "from tag", "to tag", "call-id", "cseq", "contacts", "body"];

/// Its table.
pub const TABLE: &[Reason] = &[
    // Refused.
    reason(&["refused"], "RFC 3261 7.5", "empty lines before the start are not skipped", |case| {
        case.text.leading
    }),
    reason(&["refused"], "RFC 3261 7.1", "a method outside its list is refused; any token is one", |case| {
        is_request(case.text) && !is_listed(case.text.method()) && case.says("invalid method")
    }),
    reason(&["refused"], "RFC 3261 7.1", "the version is compared with case", |case| {
        !case.text.start.contains("SIP/2.0") && case.text.start.to_ascii_uppercase().contains("SIP/2.0")
    }),
    reason(&["refused"], "RFC 3261 7.2", "it wants the blank behind the status", |case| {
        case.text.is_response() && case.text.start.split(' ').count() < 3
    }),
    reason(&["refused"], "RFC 3261 7 (we read LF)", "a start line that ends with LF is none", |case| {
        case.text.start_end == End::Lf
    }),
    reason(&["refused"], "RFC 3261 7.3.1", "a folded line is no header to it", |case| {
        case.text.fields.iter().any(|one| one.folded) && case.says("tokenize")
    }),
    reason(&["refused"], "RFC 3261 7.3.1 (HCOLON)", "a blank before the colon is no header to it", |case| {
        case.text.fields.iter().any(|one| one.written.ends_with([' ', '\t'])) && case.says("tokenize")
    }),
    reason(
        &["refused"],
        "RFC 3261 7.3.1 (we keep the bytes)",
        "bytes that are no UTF-8 are refused",
        |case| !case.text.is_utf8_head() && case.says("utf8"),
    ),
    reason(&["refused"], "RFC 3261 8.2.2.1", "another scheme is read as host and port", |case| {
        is_request(case.text) && !is_sip(case.text.uri())
    }),
    reason(&["refused"], "RFC 5118 4.1", "an IPv6 reference is cut at its first colon", |case| {
        is_request(case.text)
            && host_part(case.text.uri()).starts_with('[')
            && case.says("could not parse part")
    }),
    reason(&["refused"], "RFC 3261 19.1.1", "a user with a dot in it is read as a host", |case| {
        let user = case.text.uri().split_once('@').map_or("", |(user, _)| user);
        is_request(case.text) && user.contains('.') && (user.contains(';') || user.matches(':').count() > 1)
    }),
    reason(&["refused"], "RFC 3261 19.1.1", "a URI parameter has token characters only", |case| {
        let params = host_part(case.text.uri()).split_once(';').map_or("", |(_, params)| params);
        let is_odd = |one: &str| one.split('=').any(|part| !part.is_empty() && !grammar::is_token(part));
        is_request(case.text) && params.split(';').any(|one| is_odd(one) || one.matches('=').count() > 1)
    }),
    reason(&["refused"], "RFC 3261 19.1.1", "a transport parameter outside its list is refused", |case| {
        is_request(case.text)
            && transport_param(case.text.uri()).is_some_and(|one| !is_transport(one))
            && case.says("unknown transport")
    }),
    reason(&["refused"], "RFC 3261 7 (we read LF)", "an empty line that ends with LF is no header", |case| {
        !case.text.ends_in_double_crlf() && case.says("tokenize")
    }),
    // The start line.
    reason(&["start"], "RFC 3261 7.1", "methods are compared without case", |case| {
        case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["uri"], "RFC 3261 19.1.4", "scheme, transport and the like are printed its own way", |case| {
        case.their().is_some_and(|one| one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["uri"], "RFC 3261 19.1.1", "a port with leading zeros is printed without", is_without_zeros),
    reason(&["uri"], "RFC 3261 8.2.2.1", "another scheme is read as host and port", |case| {
        !is_sip(case.mine()) && case.their().is_some()
    }),
    // How it cuts.
    reason(
        CUT,
        "RFC 3261 7 (we read LF)",
        "without CR LF CR LF the body begins behind the first header",
        |case| !case.text.has_double_crlf() && is_as_cut(case),
    ),
    reason(CUT, "RFC 3261 7.3.3", "compact names are unknown headers", |case| {
        let is_short = |one: &crate::text::Field| one.written.trim_end().len() == 1;
        case.text.named(case.header()).any(is_short) && is_as_cut(case)
    }),
    reason(CUT, "RFC 3261 7 (we read LF)", "a line that ends with LF goes on in the next", |case| {
        has_lf(case.text) && is_as_cut(case)
    }),
    reason(
        &["call-id", "cseq"],
        "RFC 3261 7.3.1",
        "white space at a value's end is kept, and a CR there",
        |case| {
            case.text.named(case.header()).any(|one| one.raw.ends_with([' ', '\t', '\r'])) && is_as_cut(case)
        },
    ),
    reason(&["vias", "contacts"], "RFC 3261 7.3.1", "lines are counted, not the values in them", |case| {
        case.text.named(case.header()).count() != case.text.list(case.header()).len() && is_as_cut(case)
    }),
    reason(
        &["body"],
        "RFC 3261 18.3",
        "all that follows is the body, whatever Content-Length says",
        |case| case.text.first("content-length").parse() != Ok(case.text.body.len()) && is_as_cut(case),
    ),
    // How it reads.
    reason(
        READ,
        "RFC 3261 7 (we read CR CR LF)",
        "a CR before the line's end belongs to the value",
        |case| case.text.named(case.header()).any(|one| one.raw.ends_with('\r')) && case.is_unread(),
    ),
    reason(VIA, "RFC 3261 7.3.1", "an empty line in front is the first value", |case| {
        case.value().is_empty() && case.is_unread()
    }),
    reason(VIA, "RFC 3261 25.1 (SLASH)", "white space around the slashes of a Via is no Via", |case| {
        let protocol = case.value().split(';').next().unwrap_or_default();
        case.is_unread() && ["/ ", " /", "/\t", "\t/"].iter().any(|one| protocol.contains(one))
    }),
    reason(VIA, "RFC 3261 25.1", "`SIP` in small letters is no Via", |case| {
        case.is_unread() && !case.value().starts_with("SIP/")
    }),
    reason(VIA, "RFC 3261 25.1", "a transport outside its list is refused", |case| {
        case.is_unread() && !is_transport(transport(case.value()))
    }),
    reason(VIA, "RFC 3261 25.1 (LWS)", "a tab before the host is no blank", |case| {
        case.is_unread() && case.value().contains('\t')
    }),
    reason(VIA, "RFC 5118 4.5", "an IPv6 reference is cut at its first colon", |case| {
        case.is_unread() && case.value().contains(" [")
    }),
    reason(VIA, "RFC 3261 25.1 (COLON)", "white space around the colon is none", |case| {
        let blanks = [": ", " :", ":\t", "\t:"].iter().any(|one| case.value().contains(one));
        blanks && (case.is_unread() || is_trimmed(case))
    }),
    reason(&["cseq"], "RFC 3261 7.1", "methods are compared without case, others are unknown", |case| {
        let method = case.value().split_whitespace().nth(1).unwrap_or_default();
        !is_listed(method) && case.is_unread()
            || case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["cseq"], "RFC 3261 25.1 (LWS)", "a tab before the method is no blank", |case| {
        case.is_unread() && case.value().contains('\t')
    }),
    reason(TAGS, "RFC 3261 25.1", "a `<` in a quoted name begins the address", |case| {
        is_quoted_bracket(case.value())
    }),
    reason(TAGS, "RFC 3261 20.20", "another scheme is read as host and port", |case| {
        case.is_unread() && !is_sip(&case.uri())
    }),
    reason(TAGS, "RFC 5118 4.1", "an IPv6 reference is cut at its first colon", |case| {
        case.is_unread() && host_part(&case.uri()).starts_with('[')
    }),
    reason(TAGS, "RFC 3261 19.1.1", "a transport parameter outside its list is refused", |case| {
        case.is_unread() && transport_param(&case.uri()).is_some_and(|one| !is_transport(one))
    }),
    reason(
        READ,
        "RFC 3261 25.1 (SEMI, EQUAL)",
        "white space around `;` and `=` ends the parameters",
        |case| has_blanks_in_params(case.value()),
    ),
    reason(VIA, "RFC 3261 25.1 (we keep what is there)", "what stands before an `@` is a user", |case| {
        case.value().contains('@')
    }),
    reason(
        READ,
        "RFC 3261 25.1 (we keep what is there)",
        "a parameter ends where its token ends",
        is_cut_at_odd_character,
    ),
    reason(READ, "RFC 3261 7.3.1", "white space at a value's end is no end", |case| {
        case.is_unread() && case.text.named(case.header()).any(|one| one.raw.ends_with([' ', '\t']))
    }),
    reason(VIA, "RFC 3261 7.3.1", "a line with several values is read as one", |case| {
        cut(case.value(), b',').len() > 1
            && (case.is_unread()
                || case.value().to_ascii_lowercase().contains(&case.heard().to_ascii_lowercase()))
    }),
];

fn has_lf(text: &Text) -> bool {
    text.start_end == End::Lf
        || !text.ends_in_double_crlf()
        || text.fields.iter().any(|one| one.end == End::Lf)
}

fn is_request(text: &Text) -> bool {
    !text.is_response()
}

fn transport(via: &str) -> &str {
    via.split('/').nth(2).unwrap_or_default().split([' ', '\t']).next().unwrap_or_default()
}

/// Whether what it reads is what stands in the lines as it cuts them.
fn is_as_cut(case: &Case<'_>) -> bool {
    let first = case.seen.all(case.header()).next();
    match case.field {
        "body" => case.their() == Some(case.seen.body.to_string().as_str()),
        "vias" | "contacts" => {
            case.their() == Some(case.seen.all(case.header()).count().to_string().as_str())
        }
        "call-id" => case.their() == first,
        // What it reads in a line that it cuts otherwise is its own affair.
        _ => first != Some(case.value()),
    }
}

//! `rsiprtp` 0.4: cuts lines as we do, wants UTF-8 and three words in the start line; lists of methods and schemes.

use super::{
    Case, Reason, has_question_in_user, is_listed, is_sip, is_trimmed, is_without_empty_params,
    is_without_foreign_blanks, is_without_zeros, reason,
};
use crate::text::{End, Text, cut};

const TAGS: &[&str] = &["from tag", "to tag"];
const CUT: &[&str] = &["vias", "via branch", "from tag", "to tag", "call-id", "cseq", "body"];

/// Its table.
pub const TABLE: &[Reason] = &[
    // Refused.
    reason(&["refused"], "RFC 3261 7.5", "empty lines before the start are not skipped", |case| {
        case.text.leading
    }),
    reason(&["refused"], "RFC 3261 7.1", "a method outside its list is refused; any token is one", |case| {
        is_request(case.text) && !is_listed(case.text.method()) && case.says("unknown method")
    }),
    reason(&["refused"], "RFC 3261 7.1", "the version is compared with case", |case| {
        let is_odd_response = case.text.is_response() && !case.text.start.starts_with("SIP/2.0 ");
        is_odd_response || (!case.text.start.ends_with("SIP/2.0") && case.says("version"))
    }),
    reason(&["refused"], "RFC 3261 7.2", "it wants the blank behind the status", |case| {
        case.text.is_response() && case.text.start.split(' ').count() < 3 && case.says("missing SP")
    }),
    reason(
        &["refused"],
        "RFC 3261 7.3.1 (we keep the bytes)",
        "bytes that are no UTF-8 are refused",
        |case| !case.text.is_utf8_head() && case.says("UTF-8"),
    ),
    reason(&["refused"], "RFC 3261 8.2.2.1", "a scheme that it does not know is refused", |case| {
        is_request(case.text) && !is_known(case.text.uri()) && case.says("scheme")
    }),
    reason(
        &["refused"],
        "RFC 3261 7 (we read LF)",
        "a start line that ends with LF goes on up to CR LF",
        |case| case.text.start_end == End::Lf && case.text.bytes.windows(2).any(|two| two == b"\r\n"),
    ),
    reason(
        &["refused"],
        "RFC 3261 7 (we read LF)",
        "the body is read as headers up to CR LF CR LF",
        |case| !case.text.ends_in_double_crlf() && case.text.has_double_crlf() && case.says("header"),
    ),
    reason(&["refused"], "RFC 3261 7 (we read LF)", "it wants CR LF CR LF or LF LF", |case| {
        !case.text.has_double_crlf() && case.says("separator")
    }),
    reason(
        &["refused"],
        "RFC 3261 25.1 (we keep it out of what we print)",
        "a control character in the phrase",
        |case| {
            case.text.is_response()
                && case.says("control byte")
                && case.text.start.contains(|one: char| one.is_control())
        },
    ),
    reason(
        &["refused"],
        "RFC 3261 7.1, 25.1 (SP)",
        "more than a blank parts the words of the start line",
        |case| {
            let is_other = |one: char| one.is_whitespace() && one != ' ';
            is_request(case.text) && case.text.start.contains(is_other) && case.says("3 whitespace")
        },
    ),
    // The start line.
    reason(&["start"], "RFC 3261 7.1", "methods are compared without case", |case| {
        case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["uri"], "RFC 3261 19.1.4", "the scheme is printed in small letters", |case| {
        case.their().is_some_and(|one| one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["uri"], "RFC 3261 19.1.1", "a port with leading zeros is printed without", is_without_zeros),
    reason(&["uri"], "RFC 3261 25.1 (user-unreserved)", "a `?` in the user begins the headers", |case| {
        has_question_in_user(&case.uri()) && case.their() != Some(case.mine())
    }),
    reason(
        &["uri"],
        "RFC 3261 25.1 (uri-parameters)",
        "empty parameters are left out",
        is_without_empty_params,
    ),
    reason(&["uri"], "RFC 3261 25.1 (WSP)", "white space beyond ASCII is trimmed", is_without_foreign_blanks),
    // How it cuts.
    reason(
        CUT,
        "RFC 3261 25.1 (WSP)",
        "more than blank and tab counts as white space around a value",
        |case| case.value() != case.value().trim() && is_as_cut(case),
    ),
    reason(&["vias"], "RFC 3261 7.3.1", "lines are counted, not the values in them", |case| {
        case.text.named(case.header()).count() != case.text.list(case.header()).len() && is_as_cut(case)
    }),
    reason(
        CUT,
        "RFC 3261 7 (we read LF)",
        "an empty line that ends with LF ends the headers only without CR LF CR LF",
        |case| !case.text.ends_in_double_crlf() && is_as_cut(case),
    ),
    // How it reads.
    reason(
        &["via branch", "from tag", "to tag"],
        "RFC 3261 25.1 (WSP)",
        "more than blank and tab is trimmed",
        |case| is_trimmed(case) && case.mine() != case.mine().trim(),
    ),
    reason(&["via branch"], "RFC 3261 25.1 (LWS)", "a tab before the host is no blank", |case| {
        case.is_unread() && case.value().contains('\t')
    }),
    reason(
        &["via branch"],
        "RFC 3261 25.1 (SLASH)",
        "white space around the slashes of a Via is no Via",
        |case| {
            let protocol = case.value().split(';').next().unwrap_or_default();
            case.is_unread() && ["/ ", " /", "/\t", "\t/"].iter().any(|one| protocol.contains(one))
        },
    ),
    reason(&["via branch"], "RFC 3261 25.1 (COLON)", "white space before the port is no Via", |case| {
        case.is_unread() && (case.value().contains(": ") || case.value().contains(" :"))
    }),
    reason(&["cseq"], "RFC 3261 7.1", "methods are compared without case, others are unknown", |case| {
        let method = case.value().split_whitespace().nth(1).unwrap_or_default();
        (!is_listed(method) && case.is_unread())
            || case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(TAGS, "RFC 3261 20.20", "an address of a scheme that it does not know is not read", |case| {
        case.is_unread() && !is_known(&case.uri())
    }),
    reason(&["via branch"], "RFC 3261 7.3.1", "an empty line in front is the first value", |case| {
        case.value().is_empty() && case.is_unread()
    }),
    reason(&["via branch"], "RFC 3261 7.3.1", "a line with several values is read as one", |case| {
        cut(case.value(), b',').len() > 1
    }),
];

fn is_request(text: &Text) -> bool {
    !text.is_response()
}

fn is_known(uri: &str) -> bool {
    is_sip(uri) || uri.trim().get(..4).is_some_and(|scheme| scheme.eq_ignore_ascii_case("tel:"))
}

/// Whether what it reads is what stands in the lines as it cuts them.
fn is_as_cut(case: &Case<'_>) -> bool {
    match case.field {
        "body" => case.their() == Some(case.seen.body.to_string().as_str()),
        "vias" => case.their() == Some(case.seen.all(case.header()).count().to_string().as_str()),
        "call-id" => case.their() == case.seen.all(case.header()).next(),
        _ => !case.is_cut_alike(),
    }
}

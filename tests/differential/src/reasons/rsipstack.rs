//! `rsipstack` 0.7, which grew from `rsip`: cuts lines well, but wants CR LF CR LF; lists of methods and transports.

use super::{
    Case, Reason, form, has_blanks_in_params, has_question_in_user, is_listed, is_printed_alike,
    is_quoted_bracket, is_sip, is_transport, is_trimmed, is_without_empty_params, is_without_foreign_blanks,
    is_without_zeros, quoted_parts, reason, transport_param, v6_in,
};
use crate::text::{Text, cut};

const VIA: &[&str] = &["via host", "via branch"];
const READ: &[&str] = &["via branch", "from tag", "to tag"];
const TAGS: &[&str] = &["from tag", "to tag"];
const CUT: &[&str] =
    &["vias", "via host", "via branch", "from tag", "to tag", "call-id", "cseq", "contacts", "body"];

/// Its table.
pub const TABLE: &[Reason] = &[
    // Refused.
    reason(&["refused"], "RFC 3261 7.5", "empty lines before the start are not skipped", |case| {
        case.text.leading
    }),
    reason(&["refused"], "RFC 3261 7 (we read LF)", "it wants CR LF CR LF", |case| {
        !case.text.has_double_crlf() && case.says("separator")
    }),
    reason(&["refused"], "RFC 3261 7.1", "a method outside its list is refused; any token is one", |case| {
        is_request(case.text) && !is_listed(case.text.method()) && case.says("invalid method")
    }),
    reason(&["refused"], "RFC 3261 7.1", "the version is compared with case", |case| {
        !case.text.start.contains("SIP/2.0") && case.text.start.to_ascii_uppercase().contains("SIP/2.0")
    }),
    reason(
        &["refused"],
        "RFC 3261 7.2 (we keep the bytes)",
        "a start line that is no UTF-8 is none",
        |case| case.text.start.contains('\u{fffd}') && case.says("empty start line"),
    ),
    reason(&["refused"], "RFC 3261 19.1.1", "a transport parameter outside its list is refused", |case| {
        is_request(case.text)
            && transport_param(case.text.uri()).is_some_and(|one| !is_transport(one))
            && case.says("unknown transport")
    }),
    reason(&["refused"], "RFC 5118 4.10", "an IPv6 reference that is no address is refused", |case| {
        let address = in_brackets(case.text.uri()).map(str::parse::<std::net::Ipv6Addr>);
        is_request(case.text) && address.is_some_and(|one| one.is_err()) && case.says("invalid IPv6")
    }),
    reason(&["refused"], "RFC 3261 25.1 (user-unreserved)", "a `?` in the user begins the headers", |case| {
        is_request(case.text) && has_question_in_user(case.text.uri()) && case.says("host")
    }),
    reason(
        &["refused"],
        "RFC 3261 25.1 (user-unreserved)",
        "a `;` in the user begins the parameters",
        |case| is_request(case.text) && user(case.text.uri()).contains(';') && case.says("empty host"),
    ),
    reason(
        &["refused"],
        "RFC 3261 25.1 (absoluteURI)",
        "digits behind the last colon are a port in every scheme",
        |case| is_request(case.text) && has_no_port(case.text.uri()) && case.says("invalid port"),
    ),
    // The start line.
    reason(&["start"], "RFC 3261 7.1", "methods are compared without case", |case| {
        case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(&["uri"], "RFC 3261 19.1.4", "scheme, transport and the like are printed its own way", |case| {
        case.their().is_some_and(|one| one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(
        &["uri"],
        "RFC 3261 19.1.1",
        "what is escaped or should be is escaped again when it is printed",
        |case| {
            let plain =
                |uri: &str| uri.split_once('@').map(|(user, host)| format!("{}@{host}", unescaped(user)));
            let theirs = case.their().and_then(plain);
            theirs.is_some_and(|one| case.heard().contains('%') && form(&one) == form(case.mine()))
        },
    ),
    reason(
        &["uri", "from tag", "to tag"],
        "RFC 3261 25.1 (user-unreserved)",
        "a `?` in the user begins the headers",
        |case| has_question_in_user(&case.uri()) && case.their() != Some(case.mine()),
    ),
    reason(
        &["uri", "via host"],
        "RFC 5118 4.1, 4.5",
        "an IPv6 address is printed in its short form",
        |case| {
            v6_in(case.mine()).is_some_and(|v6| !case.mine().contains(&format!("[{v6}]")))
                && is_printed_alike(case)
        },
    ),
    reason(&["uri"], "RFC 3261 19.1.1", "a port with leading zeros is printed without", is_without_zeros),
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
    reason(
        CUT,
        "RFC 3261 7.3.1 (we keep the bytes)",
        "behind a byte that is no UTF-8 every header is lost",
        |case| !case.text.is_utf8_head() && is_as_cut(case),
    ),
    reason(
        &["body"],
        "RFC 3261 18.3",
        "without Content-Length it reads no body; it reaches to the end",
        |case| case.text.named("content-length").next().is_none() && is_as_cut(case),
    ),
    reason(&["vias", "contacts"], "RFC 3261 7.3.1", "lines are counted, not the values in them", |case| {
        case.text.named(case.header()).count() != case.text.list(case.header()).len() && is_as_cut(case)
    }),
    reason(
        CUT,
        "RFC 3261 7 (we read LF)",
        "an empty line that ends with LF does not end the headers",
        |case| !case.text.ends_in_double_crlf() && is_as_cut(case),
    ),
    reason(CUT, "RFC 3261 7.3.1", "a line of white space leaves a blank behind", |case| {
        let first = case.seen.all(case.header()).next().unwrap_or_default();
        case.text.named(case.header()).any(|one| one.folded)
            && first != case.value()
            && first.trim() == case.value()
    }),
    reason(CUT, "RFC 3261 25.1 (HCOLON)", "a line folded before its colon is lost", |case| {
        case.text.fields.iter().any(|one| one.folded_name && one.has_colon) && is_as_cut(case)
    }),
    // How it reads.
    reason(VIA, "RFC 3261 7.3.1", "an empty line in front is the first value", |case| {
        case.value().is_empty() && case.is_unread()
    }),
    reason(TAGS, "RFC 3261 25.1", "a `<` in a quoted name begins the address", |case| {
        is_quoted_bracket(case.value())
    }),
    reason(VIA, "RFC 3261 25.1 (COLON)", "white space around the colon stays in the host", |case| {
        let sent_by = case.value().split(';').next().unwrap_or_default();
        let blanks = [" :", ": ", "\t:", ":\t"].iter().any(|one| sent_by.contains(one));
        blanks && (case.is_unread() || case.their().is_some_and(|one| one.starts_with(case.mine())))
    }),
    reason(READ, "RFC 3261 25.1 (quoted-string)", "a `;` in a quoted value ends the parameter", |case| {
        let name = cut(case.value(), b'<')[0].len();
        let has_name = case.header() != "via" && name < case.value().len();
        quoted_parts(&case.value()[if has_name { name } else { 0 }..]).iter().any(|one| one.contains(';'))
    }),
    reason(VIA, "RFC 3261 25.1", "a transport outside its list is refused", |case| {
        case.is_unread() && !is_transport(transport(case.value()))
    }),
    reason(&["cseq"], "RFC 3261 7.1", "methods are compared without case, others are unknown", |case| {
        let method = case.value().split_whitespace().nth(1).unwrap_or_default();
        (!is_listed(method) && case.is_unread())
            || case.their().is_some_and(|one| one != case.mine() && one.eq_ignore_ascii_case(case.mine()))
    }),
    reason(TAGS, "RFC 3261 19.1.1", "a transport parameter outside its list is refused", |case| {
        let uri = case.uri();
        let bare = (!case.value().contains('<')).then(|| case.value());
        let mut params = transport_param(&uri).into_iter().chain(bare.and_then(transport_param));
        case.is_unread() && params.any(|one| !is_transport(one))
    }),
    reason(
        TAGS,
        "RFC 3261 25.1 (absoluteURI)",
        "digits behind the last colon are a port in every scheme",
        |case| case.is_unread() && has_no_port(&case.uri()),
    ),
    reason(TAGS, "RFC 3261 25.1 (absoluteURI)", "an `@` in another scheme begins a host", |case| {
        case.is_unread() && !is_sip(&case.uri()) && case.uri().contains('@')
    }),
    reason(TAGS, "RFC 5118 4.10", "an IPv6 reference that is no address is refused", |case| {
        case.is_unread()
            && in_brackets(&case.uri()).is_some_and(|one| one.parse::<std::net::Ipv6Addr>().is_err())
    }),
    reason(VIA, "RFC 5118 4.10", "an IPv6 reference that is no address is refused", |case| {
        case.is_unread()
            && in_brackets(case.value()).is_some_and(|one| one.parse::<std::net::Ipv6Addr>().is_err())
    }),
    reason(READ, "RFC 3261 25.1 (EQUAL)", "white space around `=` belongs to name and value", |case| {
        has_blanks_in_params(case.value()) && (case.is_unread() || is_trimmed(case))
    }),
    reason(
        READ,
        "RFC 3261 25.1 (WSP)",
        "more than blank and tab counts as white space around a value",
        |case| is_trimmed(case) && case.mine() != case.mine().trim(),
    ),
    reason(VIA, "RFC 3581 3 (we keep what is there)", "an rport that is no number is refused", |case| {
        let mut params = case.value().split(';').filter_map(|one| one.split_once('='));
        case.is_unread()
            && params
                .any(|(name, port)| name.trim().eq_ignore_ascii_case("rport") && port.parse::<u16>().is_err())
    }),
    reason(TAGS, "RFC 3261 25.1 (user-unreserved)", "a `;` in the user begins the parameters", |case| {
        case.is_unread() && user(&case.uri()).contains(';')
    }),
    reason(VIA, "RFC 3261 7.3.1", "a line with several values is read as one", |case| {
        cut(case.value(), b',').len() > 1
    }),
];

fn is_request(text: &Text) -> bool {
    !text.is_response()
}

fn transport(via: &str) -> &str {
    via.splitn(3, '/').nth(2).unwrap_or_default().trim().split([' ', '\t']).next().unwrap_or_default()
}

/// The user part of a URI, empty when there is none.
fn user(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or("", |(_, rest)| rest);
    rest.split_once('@').map_or("", |(user, _)| user)
}

/// Whether what stands behind the last colon is digits, or nothing, and no port.
fn has_no_port(uri: &str) -> bool {
    let port = uri.split([';', '?']).next().unwrap_or_default().rsplit(':').next().unwrap_or_default();
    port.bytes().all(|byte| byte.is_ascii_digit()) && port.parse::<u16>().is_err()
}

fn in_brackets(text: &str) -> Option<&str> {
    text.split_once('[').and_then(|(_, rest)| rest.split_once(']')).map(|(inner, _)| inner)
}

/// Escapes resolved, once.
fn unescaped(text: &str) -> String {
    let mut plain = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let escape =
            text.get(text.len() - tail.len()..).and_then(|tail| tail.get(..2)).filter(|_| *first == b'%');
        let byte = escape.and_then(|two| u8::from_str_radix(two, 16).ok());
        plain.push(byte.unwrap_or(*first));
        rest = byte.map_or(tail, |_| &tail[2..]);
    }
    String::from_utf8_lossy(&plain).into_owned()
}

/// Whether what it reads is what stands in the lines as it cuts them.
fn is_as_cut(case: &Case<'_>) -> bool {
    match case.field {
        "body" => case.their() == Some(case.seen.body.to_string().as_str()),
        "vias" | "contacts" => {
            case.their() == Some(case.seen.all(case.header()).count().to_string().as_str())
        }
        "call-id" => case.their() == case.seen.all(case.header()).next(),
        _ => !case.is_cut_alike(),
    }
}

//! Why the others read something else. The first column names who, the second the field (`refused`: they do not take what
//! we take; `accepted`: they take what we refuse; `unread`: they have no word for a field that we read), the third what must be peculiar about the message.

use crate::facts::Fact;

/// One explained difference.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    /// The witness, or `*`.
    pub who: &'static str,
    /// The field, or `*` for every field that is read.
    pub field: &'static str,
    /// What must hold for the message.
    pub when: Fact,
    /// Who is right, and why.
    pub why: &'static str,
}

const fn reason(who: &'static str, field: &'static str, when: Fact, why: &'static str) -> Reason {
    Reason { who, field, when, why }
}

/// Every known difference.
pub const TABLE: &[Reason] = &[
    // Everybody.
    reason(
        "*",
        "accepted",
        Fact::Always,
        "validation is ours: the others check the start line and little else",
    ),
    reason("*", "vias", Fact::List, "they count lines; RFC 3261 7.3.1 allows several values in one"),
    reason("*", "contacts", Fact::List, "they count lines; RFC 3261 7.3.1 allows several values in one"),
    reason("*", "refused", Fact::LeadingLine, "RFC 3261 7.5: empty lines before the start are to be ignored"),
    reason("*", "refused", Fact::Method, "RFC 3261 7.1: any token is a method, answered 405 or 501"),
    reason("*", "refused", Fact::NotUtf8, "old phones write Latin-1; we keep the bytes and read the rest"),
    reason("*", "cseq", Fact::Method, "they know a list of methods"),
    reason("*", "refused", Fact::Damaged, "they give up where we still read what is whole"),
    reason("*", "unread", Fact::Damaged, "they give up on a header where we still read what is whole"),
    reason("*", "via branch", Fact::List, "they read the whole line as one value (RFC 3261 7.3.1)"),
    reason("*", "via host", Fact::List, "as above"),
    reason(
        "*",
        "via branch",
        Fact::OddToken,
        "what is no token is cut or kept as each likes; it never names a transaction of ours",
    ),
    reason("*", "from tag", Fact::OddToken, "as above"),
    reason("*", "to tag", Fact::OddToken, "as above"),
    reason("*", "body", Fact::OddLineEnd, "we end the headers at an empty line that ends with LF alone"),
    reason("*", "vias", Fact::OddLineEnd, "as above"),
    reason("*", "uri", Fact::Scheme, "they print the scheme in lower case; we keep what was written"),
    reason("*", "vias", Fact::OddHeader, "they count an empty Via line as a value"),
    reason(
        "*",
        "via branch",
        Fact::OddSpace,
        "white space may stand around the slashes and the colon of a Via (RFC 3261 25.1)",
    ),
    reason("*", "via host", Fact::OddSpace, "as above"),
    // rsip.
    reason("rsip", "call-id", Fact::OddSpace, "it keeps white space at the end of a value"),
    reason(
        "rsip",
        "*",
        Fact::OddLineEnd,
        "without CRLF CRLF it takes the headers for the body; we read what is there",
    ),
    reason("rsip", "*", Fact::Compact, "it keeps one-letter names as unknown headers (RFC 3261 7.3.3)"),
    reason("rsip", "refused", Fact::Folded, "it knows no folded lines (RFC 3261 7.3.1)"),
    reason("rsip", "refused", Fact::OddSpace, "white space before a colon is allowed (RFC 3261 7.3.1)"),
    reason("rsip", "refused", Fact::OddHeader, "an empty value is allowed (RFC 4475 3.1.1.1)"),
    reason(
        "rsip",
        "refused",
        Fact::OddLineEnd,
        "we take LF for a line end; an old gateway sends nothing else",
    ),
    reason(
        "rsip",
        "refused",
        Fact::Scheme,
        "unknown schemes are to be read and answered 416 (RFC 3261 8.2.2.1)",
    ),
    reason("rsip", "refused", Fact::Brackets, "it knows no IPv6 in a Request-URI (RFC 5118)"),
    reason(
        "rsip",
        "body",
        Fact::OtherLength,
        "it takes all that follows; RFC 3261 18.3 ignores octets behind the length",
    ),
    reason(
        "rsip",
        "via host",
        Fact::Version,
        "it wants SIP/2.0/UDP in capitals without spaces (RFC 3261 25.1 does not)",
    ),
    reason("rsip", "via branch", Fact::Version, "as above"),
    reason("rsip", "via host", Fact::Brackets, "it knows no IPv6 in a Via (RFC 5118 4.5)"),
    reason("rsip", "via branch", Fact::Brackets, "as above"),
    reason("rsip", "from tag", Fact::Quoted, "it reads quoted names with commas, quotes and brackets wrong"),
    reason("rsip", "uri", Fact::Params, "it spells transports its own way when it prints"),
    // rsipstack.
    reason("rsipstack", "refused", Fact::OddLineEnd, "it knows no lines that end with LF alone"),
    reason(
        "rsipstack",
        "body",
        Fact::NoLength,
        "it drops a body without Content-Length (RFC 3261 18.3: to the end of the datagram)",
    ),
    reason("rsipstack", "uri", Fact::Percent, "it escapes what is escaped already: %20 becomes %2520"),
    reason("rsipstack", "uri", Fact::Params, "it spells transports its own way when it prints"),
    reason("rsipstack", "*", Fact::NotUtf8, "the header with such a byte and all after it vanish"),
    reason(
        "rsipstack",
        "uri",
        Fact::Brackets,
        "it prints IPv6 addresses in their short form; we keep what was written",
    ),
    reason("rsipstack", "via host", Fact::Brackets, "as above"),
    reason(
        "rsipstack",
        "call-id",
        Fact::Folded,
        "it loses a line that a fold or a space before the colon breaks",
    ),
    reason("rsipstack", "body", Fact::Folded, "as above"),
    reason("rsipstack", "contacts", Fact::OddLineEnd, "a line broken by LF alone is no line of its own"),
    // rsiprtp.
    reason("rsiprtp", "from tag", Fact::Quoted, "it looks for the tag inside quoted names"),
    reason("rsiprtp", "to tag", Fact::Quoted, "as above"),
    reason("rsiprtp", "uri", Fact::Params, "it drops or reorders parameters when it prints"),
    reason(
        "rsiprtp",
        "from tag",
        Fact::Bare,
        "it takes the parameters of an address without brackets for the URI's",
    ),
    reason("rsiprtp", "to tag", Fact::Bare, "as above"),
    reason(
        "rsiprtp",
        "refused",
        Fact::Scheme,
        "unknown schemes are to be read and answered 416 (RFC 3261 8.2.2.1)",
    ),
    reason(
        "rsiprtp",
        "via branch",
        Fact::Version,
        "it wants SIP/2.0/UDP without spaces (RFC 3261 25.1 does not)",
    ),
];

/// The reason of a difference, if there is one.
#[must_use]
pub fn why(who: &str, field: &str, facts: &std::collections::BTreeSet<Fact>) -> Option<&'static str> {
    let fits = |one: &&Reason| {
        (one.who == "*" || one.who == who)
            && (one.field == field
                || (one.field == "*" && !matches!(field, "accepted" | "refused" | "unread")))
            && facts.contains(&one.when)
    };
    TABLE.iter().find(fits).map(|one| one.why)
}

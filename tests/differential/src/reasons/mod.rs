//! Why the others read something else than we do. Every row has a predicate that shows its cause in the message at hand:
//! a difference that no predicate explains is a finding, about them or about us.
//!
//! What we refuse and they take is no quirk of theirs: there the fault must be in the message (`crate::faults`).

mod rsip;
mod rsiprtp;
mod rsipstack;
mod seen;

use crate::faults::{Ruling, faults};
use crate::text::Text;
use crate::witness::View;

pub use seen::Seen;

/// One message as both read it, and the field in which they differ (`refused`: they do not take what we take;
/// `accepted`: they take what we refuse).
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// The message.
    pub text: &'a Text,
    /// How the witness cuts it, where that is modelled.
    pub seen: &'a Seen,
    /// The field.
    pub field: &'static str,
    /// What we read.
    pub ours: &'a Result<View, String>,
    /// What the witness reads.
    pub theirs: &'a Result<View, String>,
}

/// One explained difference.
#[derive(Clone, Copy, Debug)]
pub struct Reason {
    /// The fields it explains.
    pub fields: &'static [&'static str],
    /// Where the RFC says who is right.
    pub rfc: &'static str,
    /// What they do.
    pub why: &'static str,
    /// Whether that is what happened here.
    pub shows: fn(&Case<'_>) -> bool,
}

const fn reason(
    fields: &'static [&'static str],
    rfc: &'static str,
    why: &'static str,
    shows: fn(&Case<'_>) -> bool,
) -> Reason {
    Reason { fields, rfc, why, shows }
}

/// The table of a witness, empty for a name that none has.
#[must_use]
pub fn table(who: &str) -> &'static [Reason] {
    match who {
        "rsip" => rsip::TABLE,
        "rsipstack" => rsipstack::TABLE,
        "rsiprtp" => rsiprtp::TABLE,
        _ => &[],
    }
}

/// What explains the difference: the row and what it says.
#[must_use]
pub fn why(who: &str, case: &Case<'_>) -> Option<&'static str> {
    if let (Err(word), "accepted") = (case.ours, case.field) {
        let is_cause =
            |ruling: Ruling| matches!(ruling, Ruling::Refused(words) if words.contains(&word.as_str()));
        return faults(case.text).into_iter().find(|fault| is_cause(fault.ruling)).map(|fault| fault.what);
    }
    let fits = |one: &&Reason| one.fields.contains(&case.field) && (one.shows)(case);
    table(who).iter().find(fits).map(|one| one.why)
}

impl<'a> Case<'a> {
    /// What we read in the field, empty for nothing.
    #[must_use]
    pub fn mine(&self) -> &'a str {
        let value = self.ours.as_ref().ok().and_then(|view| view.get(self.field));
        value.and_then(Option::as_deref).unwrap_or_default()
    }

    /// What they read in it, none when they have no word for it.
    #[must_use]
    pub fn their(&self) -> Option<&'a str> {
        self.theirs.as_ref().ok().and_then(|view| view.get(self.field)).and_then(Option::as_deref)
    }

    /// What they read in it, empty for nothing.
    #[must_use]
    pub fn heard(&self) -> &'a str {
        self.their().unwrap_or_default()
    }

    /// Whether they read nothing in it.
    #[must_use]
    pub fn is_unread(&self) -> bool {
        self.their().is_none_or(str::is_empty)
    }

    /// Whether their refusal has these words.
    #[must_use]
    pub fn says(&self, words: &str) -> bool {
        self.theirs.as_ref().is_err_and(|why| why.contains(words))
    }

    /// The name of the header that the field is read from.
    #[must_use]
    pub fn header(&self) -> &'static str {
        match self.field {
            "vias" | "via host" | "via branch" => "via",
            "from tag" => "from",
            "to tag" => "to",
            "contacts" => "contact",
            "call-id" => "call-id",
            "cseq" => "cseq",
            _ => "",
        }
    }

    /// The value that the field is read from: of a list the first line.
    #[must_use]
    pub fn value(&self) -> &'a str {
        self.text.first(self.header())
    }

    /// The address that the field is read from: the Request-URI, or the one in the header.
    #[must_use]
    pub fn uri(&self) -> String {
        if self.field == "uri" { self.text.uri().to_owned() } else { uri_in(self.value()) }
    }

    /// Whether they cut the header out as it is on the wire; then what differs is how they read its value.
    #[must_use]
    pub fn is_cut_alike(&self) -> bool {
        let mut theirs = self.seen.all(self.header());
        let mut ours = self.text.all(self.header());
        theirs.next() == ours.next() && theirs.count() == ours.count()
    }
}

/// White space around `;` or `=` behind the address (RFC 3261 25.1: SEMI and EQUAL have it).
fn has_blanks_in_params(value: &str) -> bool {
    [" ;", "; ", " =", "= ", "\t;", ";\t", "\t=", "=\t"].iter().any(|one| unquoted(value).contains(one))
}

/// A URI without what printing may change: case, zeros before the port, the long form of an IPv6 address, empty
/// parameters, white space beyond ASCII.
fn form(uri: &str) -> String {
    let plain: String = uri.chars().filter(|one| one.is_ascii() || !one.is_whitespace()).collect();
    let mut parts = plain.split(';').filter(|one| !one.is_empty());
    let address = parts.next().unwrap_or_default();
    let short = match address.rsplit_once(':').filter(|(_, port)| crate::grammar::is_number(port)) {
        Some((host, port)) => format!("{host}:{}", port.trim_start_matches('0')),
        None => address.to_owned(),
    };
    let short = match v6_in(&short) {
        Some(v6) => format!(
            "{}[{v6}{}",
            &short[..short.rfind('[').unwrap_or(0)],
            &short[short.rfind(']').unwrap_or(0)..]
        ),
        None => short,
    };
    let params: String = parts.map(|one| format!(";{one}")).collect();
    (short + &params).to_ascii_lowercase()
}

/// The IPv6 address in the last brackets.
fn v6_in(text: &str) -> Option<std::net::Ipv6Addr> {
    let (_, rest) = text.rsplit_once('[')?;
    rest.split_once(']')?.0.parse().ok()
}

/// Whether what they print is what we read, but for what printing may change.
fn is_printed_alike(case: &Case<'_>) -> bool {
    case.their().is_some_and(|one| form(one) == form(case.mine()))
}

/// They print a port without the zeros before it.
fn is_without_zeros(case: &Case<'_>) -> bool {
    let (_, port) = case.mine().split(';').next().unwrap_or_default().rsplit_once(':').unwrap_or_default();
    port.starts_with('0') && is_printed_alike(case)
}

/// They leave empty parameters out.
fn is_without_empty_params(case: &Case<'_>) -> bool {
    case.mine().split(';').skip(1).any(str::is_empty) && is_printed_alike(case)
}

/// They trim white space beyond ASCII.
fn is_without_foreign_blanks(case: &Case<'_>) -> bool {
    case.mine().contains(|one: char| !one.is_ascii() && one.is_whitespace()) && is_printed_alike(case)
}

/// What they read is what we read, more or less white space around it.
fn is_trimmed(case: &Case<'_>) -> bool {
    let (mine, their) = (case.mine(), case.their().unwrap_or_default());
    mine != their && mine.trim() == their.trim() && !mine.trim().is_empty()
}

/// Whether a `?` begins no headers in this URI: in a user part, and in a scheme that has none.
fn has_question_in_user(uri: &str) -> bool {
    let in_user = uri.split_once('@').is_some_and(|(user, _)| user.contains('?'));
    in_user || (!is_sip(uri) && uri.contains('?'))
}

/// What stands in quotes.
fn quoted_parts(value: &str) -> Vec<&str> {
    let (mut parts, mut from, mut escaped) = (Vec::new(), None, false);
    for (at, byte) in value.bytes().enumerate() {
        match (byte, from) {
            _ if escaped => escaped = false,
            (b'\\', Some(_)) => escaped = true,
            (b'"', Some(begin)) => {
                parts.push(&value[begin..at]);
                from = None;
            }
            (b'"', None) => from = Some(at + 1),
            _ => {}
        }
    }
    parts
}

/// The value without what stands in quotes.
fn unquoted(value: &str) -> String {
    let mut outside = String::new();
    let (mut quoted, mut escaped) = (false, false);
    for one in value.chars() {
        match one {
            _ if escaped => escaped = false,
            '\\' if quoted => escaped = true,
            '"' => quoted = !quoted,
            _ if quoted => {}
            _ => outside.push(one),
        }
    }
    outside
}

/// Whether a parameter has a character that is in no token, and they read up to it or nothing at all.
fn is_cut_at_odd_character(case: &Case<'_>) -> bool {
    let value = unquoted(case.value());
    let bracket = value.split_once('<').filter(|_| case.header() != "via");
    let params =
        bracket.map_or(value.as_str(), |(_, rest)| rest.split_once('>').map_or("", |(_, rest)| rest));
    let params = params.split_once(';').map_or("", |(_, params)| params);
    let odd =
        |one: char| !matches!(one, ';' | '=') && !crate::grammar::is_token(one.encode_utf8(&mut [0; 4]));
    let twice = params.split(';').any(|one| one.matches('=').count() > 1 || one.starts_with('='));
    (params.contains(odd) || twice || case.value().contains('"'))
        && (case.is_unread() || case.their().is_some_and(|one| case.mine().starts_with(one)))
}

/// Whether a `<` stands in quotes before the address, or without one.
fn is_quoted_bracket(value: &str) -> bool {
    value.find('<').is_some_and(|at| at != crate::text::cut(value, b'<')[0].len())
}

/// The address in a From, To or Contact, without brackets.
fn uri_in(value: &str) -> String {
    let outside = unquoted(value);
    let inner =
        outside.split_once('<').map(|(_, rest)| rest.split('>').next().unwrap_or_default().to_owned());
    inner.unwrap_or_else(|| outside.split(';').next().unwrap_or_default().to_owned())
}

fn is_sip(uri: &str) -> bool {
    let scheme = uri.trim().split(':').next().unwrap_or_default();
    scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips")
}

/// Behind the user part.
fn host_part(uri: &str) -> &str {
    let rest = uri.split_once(':').map_or(uri, |(_, rest)| rest);
    rest.split_once('@').map_or(rest, |(_, host)| host)
}

const METHODS: [&str; 14] = [
    "ACK",
    "BYE",
    "CANCEL",
    "INFO",
    "INVITE",
    "MESSAGE",
    "NOTIFY",
    "OPTIONS",
    "PRACK",
    "PUBLISH",
    "REFER",
    "REGISTER",
    "SUBSCRIBE",
    "UPDATE",
];

/// Whether a method is one that the others have a name for: they compare without case and know no other.
fn is_listed(method: &str) -> bool {
    METHODS.iter().any(|one| one.eq_ignore_ascii_case(method))
}

const TRANSPORTS: [&str; 7] = ["UDP", "TCP", "TLS", "SCTP", "TLS-SCTP", "WS", "WSS"];

/// Whether a transport is one that the others have a name for.
fn is_transport(name: &str) -> bool {
    TRANSPORTS.iter().any(|one| one.eq_ignore_ascii_case(name))
}

/// The value of a URI's transport parameter.
fn transport_param(uri: &str) -> Option<&str> {
    let mut params = uri.split([';', '?']).skip(1).filter_map(|one| one.split_once('='));
    params.find(|(name, _)| name.trim().eq_ignore_ascii_case("transport")).map(|(_, value)| value)
}

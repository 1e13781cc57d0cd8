//! The grammar of RFC 3261 25.1 for what identifies and routes a message, said as predicates: to the letter, or with named
//! loosenings. It shares nothing with our codec, which it judges.

use crate::text::cut;

/// What is read although the grammar does not have it: a set of the bits below.
pub type Loose = u16;
/// To the letter.
pub const STRICT: Loose = 0;
/// Characters in a URI that must be escaped, and escapes that are none.
pub const URI_CHARS: Loose = 1;
/// Host names with `_`, with empty labels, or whose last label begins with a digit.
pub const HOST_NAMES: Loose = 1 << 1;
/// What stands in the brackets of an IPv6 reference is no address.
pub const V6_TEXT: Loose = 1 << 2;
/// A parameter's value that is neither token, host nor quoted string, or empty.
pub const PARAM_VALUES: Loose = 1 << 3;
/// A display name beyond ASCII without quotes.
pub const DISPLAY_NAMES: Loose = 1 << 4;
/// Control characters in a quoted string.
pub const QUOTED_CONTROLS: Loose = 1 << 5;
/// White space inside angle brackets.
pub const BRACKET_BLANKS: Loose = 1 << 6;
/// All loosenings.
pub const ALL: Loose = (1 << 7) - 1;

const BLANK: [char; 2] = [' ', '\t'];

/// `token`.
#[must_use]
pub fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte))
}

/// `1*DIGIT`.
#[must_use]
pub fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `1*DIGIT` up to `most`, leading zeros aside.
#[must_use]
pub fn is_number_up_to(text: &str, most: u64) -> bool {
    let digits = text.trim_start_matches('0');
    is_number(text) && (digits.is_empty() || digits.parse::<u64>().is_ok_and(|number| number <= most))
}

/// `quoted-string`, which fills all of the text.
#[must_use]
pub fn is_quoted(text: &str, loose: Loose) -> bool {
    let Some(mut rest) = text.strip_prefix('"') else { return false };
    loop {
        let mut chars = rest.chars();
        match chars.next() {
            None => return false,
            Some('"') => return chars.as_str().is_empty(),
            Some('\\') => match chars.next() {
                None => return false,
                Some(next) if next.is_ascii() || loose & QUOTED_CONTROLS != 0 => {}
                Some(_) => return false,
            },
            Some(one) if (one < ' ' && one != '\t') || one == '\u{7f}' => {
                if loose & QUOTED_CONTROLS == 0 {
                    return false;
                }
            }
            Some(_) => {}
        }
        rest = chars.as_str();
    }
}

/// Whether all characters are alphanumeric, in `more`, or an escape; at least one.
fn is_escaped_text(text: &str, more: &[u8], loose: Loose) -> bool {
    let bytes = text.as_bytes();
    let (mut at, mut fits) = (0, !bytes.is_empty());
    while fits && at < bytes.len() {
        let escape = bytes.get(at + 1..at + 3);
        if bytes[at] == b'%' && escape.is_some_and(|two| two.iter().all(u8::is_ascii_hexdigit)) {
            at += 3;
        } else {
            fits = bytes[at].is_ascii_alphanumeric()
                || b"-_.!~*'()".contains(&bytes[at])
                || more.contains(&bytes[at]);
            at += 1;
        }
    }
    // What could end a URI before its time is in no loosening.
    let is_uri_like =
        || !text.chars().any(|one| one <= ' ' || one == '\u{7f}' || matches!(one, '<' | '>' | '"'));
    fits || (loose & URI_CHARS != 0 && is_uri_like())
}

/// `host`.
#[must_use]
pub fn is_host(text: &str, loose: Loose) -> bool {
    if let Some(inner) = text.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')) {
        let is_like =
            !inner.is_empty() && inner.bytes().all(|byte| byte.is_ascii_hexdigit() || b":.".contains(&byte));
        return inner.parse::<std::net::Ipv6Addr>().is_ok() || (loose & V6_TEXT != 0 && is_like);
    }
    let is_label = |label: &str| {
        label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.is_empty()
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let name = text.strip_suffix('.').unwrap_or(text);
    let top = name.rsplit('.').next().unwrap_or_default();
    let is_name = name.split('.').all(is_label) && top.starts_with(|one: char| one.is_ascii_alphabetic());
    let parts: Vec<&str> = text.split('.').collect();
    let is_v4 = parts.len() == 4 && parts.iter().all(|part| is_number(part) && part.len() <= 3);
    let is_like = || {
        !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_".contains(&byte))
    };
    is_name || is_v4 || (loose & HOST_NAMES != 0 && is_like())
}

/// `host [ COLON port ]`; white space around the colon with `blanks` (in a Via, not in a URI).
#[must_use]
pub fn is_host_port(text: &str, blanks: bool, loose: Loose) -> bool {
    let colon = text.rfind(':').filter(|at| !text[*at..].contains(']'));
    let (host, port) = match colon {
        Some(at) => (&text[..at], Some(&text[at + 1..])),
        None => (text, None),
    };
    let (host, port) = match (blanks, port) {
        (true, Some(port)) => (host.trim_end_matches(BLANK), Some(port.trim_start_matches(BLANK))),
        (_, port) => (host, port),
    };
    is_host(host, loose) && port.is_none_or(|port| port.len() <= 5 && is_number_up_to(port, 65_535))
}

/// `SIP-URI / SIPS-URI / absoluteURI`.
#[must_use]
pub fn is_uri(text: &str, loose: Loose) -> bool {
    let Some((scheme, rest)) = text.split_once(':') else { return false };
    let is_scheme = scheme.starts_with(|one: char| one.is_ascii_alphabetic())
        && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte));
    let is_sip = scheme.eq_ignore_ascii_case("sip") || scheme.eq_ignore_ascii_case("sips");
    let is_tel = scheme.eq_ignore_ascii_case("tel");
    if is_scheme && is_sip {
        return is_sip_part(rest, loose);
    }
    let is_numbered = !is_tel || !rest.split(';').next().unwrap_or_default().is_empty();
    is_scheme
        && is_numbered
        && (is_escaped_text(rest, b";/?:@&=+$,", loose) || (rest.is_empty() && loose & URI_CHARS != 0))
}

/// What follows `sip:`.
fn is_sip_part(rest: &str, loose: Loose) -> bool {
    let host = match rest.split_once('@') {
        Some((userinfo, host)) => {
            let (user, password) = userinfo.split_once(':').unwrap_or((userinfo, ""));
            let is_user = !user.is_empty() && is_escaped_text(user, b"&=+$,;?/", loose);
            let is_password = password.is_empty() || is_escaped_text(password, b"&=+$,", loose);
            if !is_user || !is_password {
                return false;
            }
            host
        }
        None => rest,
    };
    let (host, headers) = host.split_once('?').unwrap_or((host, ""));
    let (host, params) = host.split_once(';').map_or((host, None), |(host, params)| (host, Some(params)));
    let is_param = |one: &str| match one.split_once('=') {
        Some((name, value)) => {
            is_escaped_text(name, b"[]/:&+$", STRICT) && is_escaped_text(value, b"[]/:&+$", STRICT)
        }
        None => is_escaped_text(one, b"[]/:&+$", STRICT),
    };
    let is_header = |one: &str| {
        one.split_once('=').is_some_and(|(name, value)| {
            is_escaped_text(name, b"[]/?:+$", STRICT)
                && (value.is_empty() || is_escaped_text(value, b"[]/?:+$", STRICT))
        })
    };
    let odd = loose & URI_CHARS != 0;
    let is_plain = |text: &str| text.is_empty() || is_escaped_text(text, b"", URI_CHARS);
    is_host_port(host, false, loose)
        && params.is_none_or(|all| all.split(';').all(is_param) || (odd && is_plain(all)))
        && (headers.is_empty() || headers.split('&').all(is_header) || (odd && is_plain(headers)))
}

/// `*( SEMI generic-param )`.
#[must_use]
pub fn are_params(text: &str, loose: Loose) -> bool {
    let text = text.trim_matches(BLANK);
    if text.is_empty() {
        return true;
    }
    let mut parts = cut(text, b';').into_iter();
    parts.next().is_some_and(str::is_empty) && parts.all(|one| is_param(one, loose))
}

fn is_param(text: &str, loose: Loose) -> bool {
    let (name, value) = text.split_once('=').map_or((text, None), |(name, value)| (name, Some(value)));
    let Some(value) = value.map(|value| value.trim_matches(BLANK)) else {
        return is_token(name.trim_matches(BLANK));
    };
    let is_value = if value.starts_with('"') {
        is_quoted(value, loose)
    } else {
        // `tag` and `branch` are tokens and nothing else.
        let id = ["tag", "branch"].iter().any(|id| name.trim_matches(BLANK).eq_ignore_ascii_case(id));
        let odd = || !value.bytes().any(|byte| byte <= b' ' || matches!(byte, b'"' | 0x7f));
        is_token(value) || (!id && is_host(value, STRICT)) || (loose & PARAM_VALUES != 0 && odd())
    };
    is_token(name.trim_matches(BLANK)) && is_value
}

/// `( name-addr / addr-spec ) *( SEMI generic-param )`, as in From, To and Contact.
#[must_use]
pub fn is_address(text: &str, loose: Loose) -> bool {
    let text = text.trim_matches(BLANK);
    let parts = cut(text, b'<');
    let Some(rest) = text.get(parts[0].len()..).and_then(|rest| rest.strip_prefix('<')) else {
        let (uri, params) = text.split_at(text.find(';').unwrap_or(text.len()));
        let uri = uri.trim_end_matches(BLANK);
        // RFC 3261 20: with a comma or a question mark it must stand in brackets.
        return !uri.contains([',', '?']) && is_uri(uri, loose) && are_params(params, loose);
    };
    let display = parts[0].trim_matches(BLANK);
    let is_word = |word: &str| is_token(word) || (loose & DISPLAY_NAMES != 0 && is_foreign_word(word));
    let is_display =
        display.split(BLANK).filter(|word| !word.is_empty()).all(is_word) || is_quoted(display, loose);
    let Some((uri, params)) = rest.split_once('>') else { return false };
    let uri = if loose & BRACKET_BLANKS != 0 { uri.trim_matches(BLANK) } else { uri };
    is_display && is_uri(uri, loose) && are_params(params, loose)
}

fn is_foreign_word(word: &str) -> bool {
    word.chars().all(|one| !one.is_ascii() || is_token(one.encode_utf8(&mut [0; 4])))
}

/// `via-parm` of `SIP/2.0` (RFC 3261 8.1.1.7 leaves no other).
#[must_use]
pub fn is_via(text: &str, loose: Loose) -> bool {
    let (protocol, params) = text.split_at(text.find(';').unwrap_or(text.len()));
    let mut parts = protocol.splitn(3, '/').map(|part| part.trim_matches(BLANK));
    let (name, version, rest) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
    let Some((transport, sent_by)) = rest.split_once(BLANK) else { return false };
    name.is_some_and(|name| name.eq_ignore_ascii_case("SIP"))
        && version == Some("2.0")
        && is_token(transport)
        && is_host_port(sent_by.trim_matches(BLANK), true, loose)
        && are_params(params, loose)
}

/// `1*DIGIT LWS Method`, the number below 2^31 (RFC 3261 8.1.1.5).
#[must_use]
pub fn is_cseq(text: &str) -> bool {
    text.split_once(BLANK).is_some_and(|(number, method)| {
        is_number_up_to(number, (1 << 31) - 1) && is_token(method.trim_matches(BLANK))
    })
}

/// `word [ "@" word ]`.
#[must_use]
pub fn is_call_id(text: &str) -> bool {
    let is_word = |word: &str| {
        let fits = |byte: u8| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~()<>:\\\"/[]?{}".contains(&byte);
        !word.is_empty() && word.bytes().all(fits)
    };
    text.splitn(2, '@').all(is_word)
}

/// How often a parameter stands behind the address, or in a Via behind the host.
#[must_use]
pub fn count_param(value: &str, name: &str) -> usize {
    let display = cut(value, b'<')[0].len();
    let address = value[display..].split_once('>').filter(|_| name != "branch");
    let params = address.map_or(value, |(_, params)| params);
    let names = cut(params, b';').into_iter().skip(1).map(|one| one.split('=').next().unwrap_or_default());
    names.filter(|one| one.trim_matches(BLANK).eq_ignore_ascii_case(name)).count()
}

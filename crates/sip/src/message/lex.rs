//! The small rules that all headers share (RFC 3261 25.1): tokens, white space, quotes, lists, parameters.

/// White space within a line (RFC 3261 25.1 WSP): nothing else separates, whatever Unicode calls white space.
pub(crate) const BLANK: [char; 2] = [' ', '\t'];

/// The bytes without white space around them.
pub(crate) fn trim_bytes(mut bytes: &[u8]) -> &[u8] {
    while let [b' ' | b'\t', rest @ ..] = bytes {
        bytes = rest;
    }
    trim_bytes_end(bytes)
}

/// The value of a header line without what stands around it: also without CRs before its end, as scripts of SIPp write
/// them that repeat a line they have caught. We never send them on.
pub(crate) fn trim_value(bytes: &[u8]) -> &[u8] {
    trim_value_end(trim_bytes(bytes))
}

/// The end of that.
pub(crate) fn trim_value_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t' | b'\r'] = bytes {
        bytes = rest;
    }
    bytes
}

/// The bytes without white space at their end.
pub(crate) fn trim_bytes_end(mut bytes: &[u8]) -> &[u8] {
    while let [rest @ .., b' ' | b'\t'] = bytes {
        bytes = rest;
    }
    bytes
}

/// Whether `byte` may stand in a token.
pub(crate) fn is_token_byte(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte)
}

/// Whether `text` is a token.
pub(crate) fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(is_token_byte)
}

/// The first place of `stop` outside of quoted strings and, if `brackets`, outside of `<>`. None too when a quote is
/// not closed before it.
pub(crate) fn find_outside(text: &str, stop: u8, brackets: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let (mut quoted, mut depth, mut at) = (false, false, 0);
    while at < bytes.len() {
        match bytes[at] {
            b'\\' if quoted => at += 1,
            b'"' => quoted = !quoted,
            _ if quoted => {}
            byte if byte == stop && !(depth && brackets) => return Some(at),
            b'<' => depth = true,
            b'>' => depth = false,
            _ => {}
        }
        at += 1;
    }
    None
}

/// Splits a list header at its commas.
pub(crate) fn split_list(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let line = rest?;
        let (value, tail) = match find_outside(line, b',', true) {
            Some(comma) => (&line[..comma], Some(&line[comma + 1..])),
            None => (line, None),
        };
        rest = tail;
        Some(value.trim_matches(BLANK))
    })
    .filter(|value| !value.is_empty())
}

/// Name and value of header parameters, in order.
pub(crate) type Params = Vec<(String, Option<String>)>;

/// Parses `;name=value;name` with white space anywhere around the separators; `None` when a name is empty or no token,
/// or a quote stays open. Quoted values keep their quotes, so that printing gives them back as they came.
pub(crate) fn params(text: &str) -> Option<Params> {
    let mut found = Params::new();
    let mut rest = text.trim_matches(BLANK);
    while !rest.is_empty() {
        rest = rest.strip_prefix(';')?;
        let end = find_outside(rest, b';', false).unwrap_or(rest.len());
        let one = rest[..end].trim_matches(BLANK);
        rest = &rest[end..];
        let (name, value) = match one.split_once('=') {
            Some((name, value)) => (name.trim_end_matches(BLANK), Some(value.trim_start_matches(BLANK))),
            None => (one, None),
        };
        if !is_token(name) || value.is_some_and(|value| !is_param_value(value)) {
            return None;
        }
        found.push((name.to_owned(), value.map(str::to_owned)));
    }
    Some(found)
}

/// A closed quoted string, or anything without quotes, white space and control characters inside (tokens, hosts, `[v6]`).
fn is_param_value(value: &str) -> bool {
    if value.starts_with('"') {
        return unquote(value).is_some();
    }
    !value.bytes().any(|byte| byte == b'"' || byte <= b' ' || byte == 0x7f)
}

/// The text inside a quoted string that fills all of `text`, escapes resolved; `None` if it is none.
pub(crate) fn unquote(text: &str) -> Option<String> {
    let inner = text.strip_prefix('"')?;
    let mut plain = String::with_capacity(inner.len());
    let mut chars = inner.chars();
    loop {
        match chars.next()? {
            '\\' => plain.push(chars.next()?),
            '"' => return chars.as_str().is_empty().then_some(plain),
            other => plain.push(other),
        }
    }
}

/// The text as a quoted string.
pub(crate) fn quote(text: &str) -> String {
    let mut quoted = String::with_capacity(text.len() + 2);
    quoted.push('"');
    for one in text.chars() {
        if matches!(one, '"' | '\\') {
            quoted.push('\\');
        }
        quoted.push(if matches!(one, '\r' | '\n' | '\0') { ' ' } else { one });
    }
    quoted.push('"');
    quoted
}

/// A parameter's value with quotes taken off; names are compared without case.
pub(crate) fn param<'a>(params: &'a Params, name: &str) -> Option<&'a str> {
    let (_, value) = params.iter().find(|(one, _)| one.eq_ignore_ascii_case(name))?;
    Some(value.as_deref().unwrap_or_default())
}

/// Whether that parameter stands twice, which RFC 3261 7.3.1 forbids: who reads the first and who the last would not mean
/// the same.
pub(crate) fn is_doubled(params: &Params, name: &str) -> bool {
    params.iter().filter(|(one, _)| one.eq_ignore_ascii_case(name)).nth(1).is_some()
}

/// A decimal number that may have leading zeros; `None` when it is none or beyond `max`.
pub(crate) fn number(text: &str, max: u64) -> Option<u64> {
    if text.is_empty() || !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let mut value = 0u64;
    for digit in text.bytes() {
        value = value.checked_mul(10)?.checked_add(u64::from(digit - b'0'))?;
    }
    (value <= max).then_some(value)
}

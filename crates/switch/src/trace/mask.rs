//! Masking in place: what is hidden becomes as many `*`, so that Content-Length and every other length stay true.
//!
//! Two degrees. [`secrets`] is done before anything is stored: credentials, media keys and bodies that are no session
//! description (keys pressed, told by INFO; what people write to each other) are never kept. [`persons`] is done before
//! anything is shown: numbers and names.

use std::ops::Range;

/// What hides a byte; allowed in the user part of a URI and in a token.
const STAR: u8 = b'*';
/// Numbers up to this length are extensions and hotlines, which name no patient.
const SHORT_DIGITS_MAX: usize = 6;
/// Digits of a longer number that stay readable.
const DIGITS_SHOWN: usize = 2;

/// The header that says which leg a message is of.
const CALL_ID: [&[u8]; 2] = [b"call-id", b"i"];
/// Headers whose value is a password's proof.
const SECRET_HEADERS: [&[u8]; 2] = [b"authorization", b"proxy-authorization"];
/// Lines of a session description that carry keys of the media.
const SECRET_LINES: [&[u8]; 3] = [b"a=crypto:", b"a=key-mgmt:", b"k="];
/// Headers with a display name before their URI.
const NAME_HEADERS: [&[u8]; 18] = [
    b"from",
    b"f",
    b"to",
    b"t",
    b"contact",
    b"m",
    b"p-asserted-identity",
    b"p-preferred-identity",
    b"remote-party-id",
    b"refer-to",
    b"r",
    b"referred-by",
    b"b",
    b"diversion",
    b"history-info",
    b"reply-to",
    b"p-called-party-id",
    b"p-associated-uri",
];
/// Headers that people write.
const TEXT_HEADERS: [&[u8]; 3] = [b"subject", b"s", b"organization"];
/// Lines of a session description that people may be named in.
const NAME_LINES: [&[u8]; 5] = [b"s=", b"i=", b"u=", b"e=", b"p="];

/// Hides credentials, media keys and every body but session descriptions. Where the value of the first Call-ID header is, if there is one: every message of
/// every call goes through here, once.
pub fn secrets(message: &mut [u8]) -> Option<Range<usize>> {
    let head = head(message);
    let mut call_id = None;
    let mut body = Body::default();
    let mut headers = Headers::new(message, head);
    while let Some(header) = headers.next(message) {
        let name = &message[header.name];
        body.see(name, &message[header.value.clone()]);
        if call_id.is_none() && is_one_of(name, &CALL_ID) {
            call_id = Some(header.value);
        } else if is_one_of(name, &SECRET_HEADERS) {
            hide_parameters(message, header.value);
        }
    }
    if !body.is_sdp() {
        hide(message, head..message.len());
    }
    let mut at = head;
    while let Some(line) = next_line(message, &mut at) {
        // Most lines of a body begin with another letter than any key does, or say something else behind `a=`.
        for key in SECRET_LINES {
            if starts_with(&message[line.clone()], key) {
                hide_key(message, line.start + key.len()..line.end);
            }
        }
    }
    call_id.map(|value| trimmed(message, value)).filter(|value| !value.is_empty())
}

/// `range` without the white space at its ends.
fn trimmed(message: &[u8], range: Range<usize>) -> Range<usize> {
    let start = range.end - message[range.clone()].trim_ascii_start().len();
    start..start + message[start..range.end].trim_ascii_end().len()
}

/// Hides the values of `name=value` parameters; the scheme and the names say nothing secret. What has no parameters (a
/// token in one word) is hidden behind its scheme.
fn hide_parameters(message: &mut [u8], value: Range<usize>) {
    let mut at = value.start;
    while at < value.end && message[at].is_ascii_whitespace() {
        at += 1;
    }
    while at < value.end && !message[at].is_ascii_whitespace() {
        at += 1;
    }
    while at < value.end {
        let end = find_unquoted(message, at..value.end, b',').unwrap_or(value.end);
        // Padding of a token in one word is no parameter's sign.
        let name = message[at..end].iter().position(|byte| *byte == b'=').filter(|n| {
            message[at..at + n]
                .trim_ascii()
                .iter()
                .all(|byte| byte.is_ascii_alphabetic() || matches!(byte, b'-' | b'_'))
        });
        let start =
            name.filter(|n| at + n + 1 < end && message[at + n + 1] != b'=').map_or(at, |n| at + n + 1);
        for byte in &mut message[start..end] {
            if !byte.is_ascii_whitespace() && *byte != b'"' {
                *byte = STAR;
            }
        }
        at = end + 1;
    }
}

/// Hides a key of SDES (RFC 4568 9.1) behind `inline:`, or all of a key of another kind. Base64 stays base64, so that
/// readers of captures read the rest.
fn hide_key(message: &mut [u8], value: Range<usize>) {
    const INLINE: &[u8] = b"inline:";
    let inline =
        message[value.clone()].windows(INLINE.len()).position(|window| window.eq_ignore_ascii_case(INLINE));
    match inline {
        Some(at) => message[value.start + at + INLINE.len()..value.end].fill(b'A'),
        None => hide(message, value),
    }
}

/// What the headers say a body is.
#[derive(Debug, Default)]
struct Body {
    sdp: bool,
    other: bool,
}

impl Body {
    fn see(&mut self, name: &[u8], value: &[u8]) {
        if is_one_of(name, &[b"content-type", b"c"]) {
            let value = value.trim_ascii();
            let kind = value.split(|byte| *byte == b';' || byte.is_ascii_whitespace()).next();
            let is_sdp = kind.is_some_and(|kind| kind.eq_ignore_ascii_case(b"application/sdp"));
            (self.sdp, self.other) = (self.sdp | is_sdp, self.other | !is_sdp);
        }
    }

    /// Whether it is one beyond doubt.
    fn is_sdp(&self) -> bool {
        self.sdp && !self.other
    }
}

/// Hides numbers and names of people, and bodies that are no session description.
pub fn persons(message: &mut [u8]) {
    let head = head(message);
    let mut headers = Headers::new(message, head);
    let mut body = Body::default();
    while let Some(header) = headers.next(message) {
        let name = &message[header.name];
        body.see(name, &message[header.value.clone()]);
        if is_one_of(name, &NAME_HEADERS) {
            hide_display_names(message, header.value);
        } else if is_one_of(name, &TEXT_HEADERS) {
            hide(message, header.value);
        }
    }
    hide_users(message, head);
    if !body.is_sdp() {
        hide(message, head..message.len());
        return;
    }
    let mut at = head;
    while let Some(line) = next_line(message, &mut at) {
        if let Some(key) = NAME_LINES.iter().find(|key| starts_with(&message[line.clone()], key)) {
            hide(message, line.start + key.len()..line.end);
        } else if starts_with(&message[line.clone()], b"o=") {
            let user = message[line.clone()].iter().position(|byte| *byte == b' ').unwrap_or(line.len());
            hide(message, line.start + 2..line.start + user.max(2));
        }
    }
}

/// A header: its name and its value, with the lines that continue it.
#[derive(Debug, Clone)]
struct Header {
    name: Range<usize>,
    value: Range<usize>,
}

/// Where the body begins: behind the first empty line, or at the end.
fn head(message: &[u8]) -> usize {
    let mut line = 0;
    for end in memchr::memchr_iter(b'\n', message) {
        if end > 1 && message[line..end].trim_ascii().is_empty() {
            return end + 1;
        }
        line = end + 1;
    }
    message.len()
}

/// The headers between the start line and the body; the message may change between two of them.
#[derive(Debug)]
struct Headers {
    at: usize,
    end: usize,
}

impl Headers {
    fn new(message: &[u8], end: usize) -> Self {
        let mut headers = Self { at: 0, end };
        headers.at = headers.line_end(message, 0);
        headers
    }

    fn line_end(&self, message: &[u8], at: usize) -> usize {
        memchr::memchr(b'\n', &message[at..self.end]).map_or(self.end, |n| at + n + 1)
    }

    fn next(&mut self, message: &[u8]) -> Option<Header> {
        while self.at < self.end {
            let start = self.at;
            self.at = self.line_end(message, start);
            while self.at < self.end && matches!(message[self.at], b' ' | b'\t') {
                self.at = self.line_end(message, self.at);
            }
            if let Some(colon) = memchr::memchr(b':', &message[start..self.at]) {
                return Some(Header { name: start..start + colon, value: start + colon + 1..self.at });
            }
        }
        None
    }
}

/// The line that begins at `at`, without its end; `at` is then behind it.
fn next_line(message: &[u8], at: &mut usize) -> Option<Range<usize>> {
    let start = *at;
    let rest = message.get(start..).filter(|rest| !rest.is_empty())?;
    let end = memchr::memchr2(b'\r', b'\n', rest).map_or(message.len(), |n| start + n);
    *at = end + 1;
    Some(start..end)
}

fn is_one_of(name: &[u8], names: &[&[u8]]) -> bool {
    let name = name.trim_ascii();
    names.iter().any(|one| name.eq_ignore_ascii_case(one))
}

fn starts_with(text: &[u8], prefix: &[u8]) -> bool {
    text.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

fn hide(message: &mut [u8], range: Range<usize>) {
    for byte in &mut message[range] {
        if !byte.is_ascii_whitespace() {
            *byte = STAR;
        }
    }
}

/// Hides what stands before each `<` of a list of name-addr.
fn hide_display_names(message: &mut [u8], value: Range<usize>) {
    let mut at = value.start;
    while at < value.end {
        let Some(bracket) = find_unquoted(message, at..value.end, b'<') else { return };
        for byte in &mut message[at..bracket] {
            if !byte.is_ascii_whitespace() && *byte != b'"' && *byte != b',' {
                *byte = STAR;
            }
        }
        let close = message[bracket..value.end]
            .iter()
            .position(|byte| *byte == b'>')
            .map_or(value.end, |n| bracket + n);
        at = find_unquoted(message, close..value.end, b',').map_or(value.end, |comma| comma + 1);
    }
}

fn find_unquoted(message: &[u8], range: Range<usize>, wanted: u8) -> Option<usize> {
    let (mut quoted, mut escaped) = (false, false);
    for at in range {
        match message[at] {
            _ if escaped => escaped = false,
            b'\\' if quoted => escaped = true,
            b'"' => quoted = !quoted,
            byte if byte == wanted && !quoted => return Some(at),
            _ => {}
        }
    }
    None
}

/// Hides the user part of every URI in the start line and the headers.
fn hide_users(message: &mut [u8], end: usize) {
    let mut at = 0;
    while at < end {
        let rest = &message[at..end];
        let is_tel = starts_with(rest, b"tel:");
        let scheme = if starts_with(rest, b"sips:") { 5 } else { 4 };
        if !is_tel && scheme == 4 && !starts_with(rest, b"sip:") {
            at += 1;
            continue;
        }
        let start = at + scheme;
        let uri_end = message[start..end]
            .iter()
            .position(|byte| byte.is_ascii_whitespace() || matches!(byte, b'>' | b'<' | b'"' | b','))
            .map_or(end, |length| start + length);
        let user_end = if is_tel {
            message[start..uri_end]
                .iter()
                .position(|byte| matches!(byte, b';' | b'?'))
                .map_or(uri_end, |n| start + n)
        } else {
            message[start..uri_end].iter().position(|byte| *byte == b'@').map_or(start, |n| start + n)
        };
        hide_user(&mut message[start..user_end]);
        at = start;
    }
}

fn hide_user(user: &mut [u8]) {
    let digits = user.iter().filter(|byte| byte.is_ascii_digit()).count();
    let is_number =
        user.iter().all(|byte| byte.is_ascii_digit() || matches!(byte, b'+' | b'-' | b'.' | b'*' | b'#'));
    if is_number && digits <= SHORT_DIGITS_MAX {
        return;
    }
    let shown = if is_number { DIGITS_SHOWN } else { 0 };
    let hidden = user.len() - shown;
    user[..hidden].fill(STAR);
}

#[cfg(test)]
mod tests {
    use super::*;

    const INVITE: &str = "INVITE sip:12320@hospital.cn SIP/2.0\r\n\
        Via: SIP/2.0/UDP 192.0.2.1:5060;branch=z9hG4bK1\r\n\
        From: \"王小明, 男\" <sip:+8613812345678@carrier.cn>;tag=a\r\n\
        t: Hotline <sip:12320@hospital.cn>\r\n\
        P-Asserted-Identity: <tel:+8613812345678;phone-context=x>, \"W\" <sip:wang:pw@carrier.cn>\r\n\
        Call-ID: abc@carrier\r\n\
        Proxy-Authorization: Digest username=\"u\",\r\n response=\"0123\"\r\n\
        Content-Type: application/sdp\r\n\r\n\
        v=0\r\no=8613812345678 1 1 IN IP4 192.0.2.1\r\ns=call of Wang\r\nc=IN IP4 192.0.2.1\r\n\
        m=audio 4000 RTP/SAVP 8\r\na=crypto:1 AES_CM_128_HMAC_SHA1_80 inline:c2VjcmV0\r\n";

    fn masked(text: &str, mask: impl Fn(&mut [u8])) -> String {
        let mut bytes = text.as_bytes().to_vec();
        mask(&mut bytes);
        assert_eq!(bytes.len(), text.len());
        String::from_utf8_lossy(&bytes).into_owned()
    }

    fn hide_secrets(message: &mut [u8]) {
        let _ = secrets(message);
    }

    /// The value of the first Call-ID header.
    fn call_id(message: &[u8]) -> Option<&[u8]> {
        secrets(&mut message.to_vec()).map(|value| &message[value])
    }

    #[test]
    fn secrets_are_hidden_and_nothing_else() {
        let text = masked(INVITE, hide_secrets);
        assert!(!text.contains("0123\"") && !text.contains("c2VjcmV0"), "{text}");
        assert!(text.contains(": Digest username=\"*\",\r\n response=\"****\"\r\n"), "{text}");
        assert!(text.contains("inline:AAAAAAAA\r\n"), "{text}");
        assert!(text.contains("+8613812345678@carrier.cn") && text.contains("s=call of Wang"), "{text}");
    }

    #[test]
    fn a_token_in_one_word_is_hidden_too() {
        let text = masked(
            "OPTIONS sip:a SIP/2.0\r\nAuthorization: Bearer c2Vj.cmV0==, x==y\r\n\r\nk=clear:c2Vj\r\n",
            hide_secrets,
        );
        assert!(text.contains("Bearer *"), "{text}");
        assert!(!text.contains("c2Vj") && !text.contains("cmV0") && !text.contains('y'), "{text}");
    }

    #[test]
    fn persons_are_hidden_and_the_way_stays_readable() {
        let text = masked(INVITE, persons);
        for hidden in ["王", "138123456", "wang", "pw@", "call of", "8613812345678", "Hotline"] {
            assert!(!text.contains(hidden), "{hidden} in {text}");
        }
        for shown in [
            "INVITE sip:12320@hospital.cn",
            "************78@carrier.cn>;tag=a",
            "c=IN IP4 192.0.2.1",
            "m=audio 4000",
        ] {
            assert!(text.contains(shown), "no {shown} in {text}");
        }
    }

    #[test]
    fn keys_pressed_and_what_people_write_are_hidden_whole_before_anything_is_stored() {
        for kind in [
            "c: application/dtmf-relay",
            "Content-Type: application/dtmf",
            "Content-Type: text/plain",
            "X-None: 1",
            "Content-Type: application/sdp\r\nc: application/dtmf-relay",
            "Content-Type: application/sdp-not",
        ] {
            for mask in [hide_secrets as fn(&mut [u8]), persons] {
                let text =
                    masked(&format!("INFO sip:1 SIP/2.0\r\ni:  7 \r\n{kind}\r\n\r\nSignal=5\r\n"), mask);
                assert!(text.ends_with("\r\n\r\n********\r\n"), "{text}");
                assert_eq!(call_id(text.as_bytes()), Some(b"7".as_slice()));
            }
        }
        let sdp = "INVITE sip:1 SIP/2.0\r\nc : application/SDP;x=y\r\n\r\nv=0\r\n";
        assert_eq!(masked(sdp, hide_secrets), sdp);
    }

    #[test]
    fn nothing_that_arrives_makes_it_panic() {
        for text in [
            "",
            "\n",
            "\r\n\r\n",
            ":",
            "sip:",
            "a\n:\n\n",
            "INVITE sip:@ SIP/2.0\r\nFrom: \"\\",
            "x\nFrom: <<,>,sip:@",
            "x\no\n\no=\nk=",
        ] {
            let _ = call_id(text.as_bytes());
            masked(text, hide_secrets);
            masked(text, persons);
        }
    }
}

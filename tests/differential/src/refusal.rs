//! Whether a refusal of ours is deserved, and whether what we read stands in the message: said without our parser, by the
//! narrow core of the grammar alone.
//!
//! What fits the core must be read. What does not may be refused, for the reason that we give; that is all that a witness
//! who reads on can be told.

use crate::witness::View;

/// Longest line and most headers that the core has.
const LINE_BYTES_MAX: usize = 8_000;
const HEADERS_MAX: usize = 128;
/// Headers that a message has once.
const SINGLE: [&str; 7] = ["from", "to", "call-id", "cseq", "max-forwards", "content-type", "expires"];

/// The head of a message: its start line and headers, unfolded, names in lower case and whole; and its body.
struct Head {
    start: String,
    headers: Vec<(String, String)>,
    broken: bool,
    body: usize,
}

impl Head {
    fn of(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes).into_owned();
        let text = text.trim_start_matches(['\r', '\n']);
        let (mut lines, mut rest): (Vec<String>, &str) = (Vec::new(), text);
        while let Some((line, after)) = rest.split_once('\n') {
            rest = after;
            let line = line.strip_suffix('\r').unwrap_or(line);
            if line.is_empty() {
                break;
            }
            match (line.starts_with([' ', '\t']), lines.len()) {
                (true, 2..) => {
                    lines.last_mut().expect("there are two").push_str(&format!(" {}", line.trim()))
                }
                _ => lines.push(line.to_owned()),
            }
        }
        let mut lines = lines.into_iter();
        let start = lines.next().unwrap_or_else(|| text.to_owned());
        let (mut headers, mut broken) = (Vec::new(), false);
        for line in lines {
            let (name, value) = line.split_once(':').unwrap_or(("", ""));
            let name = name.trim_end().to_ascii_lowercase();
            broken |= !is_token(&name) || value.trim().contains('\r');
            let name = match name.as_str() {
                "v" => "via",
                "f" => "from",
                "t" => "to",
                "i" => "call-id",
                "m" => "contact",
                "l" => "content-length",
                "c" => "content-type",
                other => other,
            };
            headers.push((name.to_owned(), value.trim().to_owned()));
        }
        Self { start, headers, broken, body: rest.len() }
    }

    fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.headers.iter().filter(move |(own, _)| own == name).map(|(_, value)| value.as_str())
    }

    fn is_long(&self) -> bool {
        self.headers.len() > HEADERS_MAX
            || self.headers.iter().any(|(name, value)| name.len() + value.len() > LINE_BYTES_MAX)
    }
}

fn is_token(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.!%*_+`'~".contains(&byte))
}

fn is_number(text: &str, digits: usize) -> bool {
    (1..=digits).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// `host`, `host:port`, `[v6]` or `[v6]:port`, the port of four digits at most.
fn is_host(text: &str) -> bool {
    let (host, port) = match text.strip_prefix('[') {
        Some(rest) => match rest.split_once(']') {
            Some((v6, "")) => (v6.parse::<std::net::Ipv6Addr>().is_ok(), ""),
            Some((v6, port)) => {
                (v6.parse::<std::net::Ipv6Addr>().is_ok(), port.strip_prefix(':').unwrap_or("x"))
            }
            None => (false, ""),
        },
        None => {
            let (name, port) = text.split_once(':').unwrap_or((text, ""));
            let is_name = name.split('.').all(|part| {
                !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric()) && part.len() < 64
            });
            (is_name, if text.contains(':') && port.is_empty() { "x" } else { port })
        }
    };
    host && (port.is_empty() || is_number(port, 4))
}

/// `;name` or `;name=token`, any number of them.
fn are_params(text: &str) -> bool {
    text.is_empty()
        || text.strip_prefix(';').is_some_and(|rest| {
            rest.split(';').all(|one| match one.split_once('=') {
                Some((name, value)) => is_token(name) && is_token(value),
                None => is_token(one),
            })
        })
}

/// `sip:`, user of letters and digits, host, plain parameters.
fn is_uri(text: &str) -> bool {
    let Some(rest) = text.strip_prefix("sip:") else { return false };
    let (address, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let host = match address.split_once('@') {
        Some((user, host)) if !user.is_empty() && user.bytes().all(|byte| byte.is_ascii_alphanumeric()) => {
            host
        }
        Some(_) => return false,
        None => address,
    };
    is_host(host) && are_params(params)
}

/// `<uri>` with a plain name before it or none, and plain parameters behind.
fn is_address(text: &str) -> bool {
    let Some((name, rest)) = text.split_once('<') else { return false };
    let Some((uri, params)) = rest.split_once('>') else { return false };
    let is_name = name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b' ');
    is_name && is_uri(uri) && are_params(params)
}

fn is_via(text: &str) -> bool {
    let Some((protocol, rest)) = text.split_once(' ') else { return false };
    let (host, params) = rest.split_at(rest.find(';').unwrap_or(rest.len()));
    let transport = protocol.strip_prefix("SIP/2.0/").unwrap_or_default();
    ["UDP", "TCP", "TLS", "WS", "WSS"].contains(&transport) && is_host(host) && are_params(params)
}

/// Whether the refusal `why` of ours has its cause in the message.
#[must_use]
pub fn is_deserved(why: &str, bytes: &[u8]) -> bool {
    let head = Head::of(bytes);
    let words: Vec<&str> = head.start.split(' ').collect();
    let is_start = matches!(words.as_slice(), [method, uri, "SIP/2.0"] if is_token(method) && is_uri(uri));
    let lengths: Vec<&str> = head.all("content-length").collect();
    let all_are = |name: &str, good: fn(&str) -> bool| head.all(name).all(good);
    match why {
        "empty"
        | "start line too long"
        | "message too long"
        | "no start line"
        | "Request-URI"
        | "version" => !is_start,
        "status code" => !matches!(words.get(1), Some(code) if is_number(code, 3) && matches!(code.len(), 3)),
        "header line" => head.broken,
        "header too long" | "too many headers" => head.is_long(),
        "Content-Length" => lengths.iter().any(|one| !is_number(one, 9)),
        "two Content-Lengths" => lengths.iter().any(|one| Some(one) != lengths.first()),
        "Content-Length beyond the end" => {
            lengths.first().and_then(|one| one.parse::<usize>().ok()).is_some_and(|length| length > head.body)
        }
        "missing mandatory header" => ["from", "to", "call-id", "cseq", "via"]
            .iter()
            .any(|name| head.all(name).next().is_none_or(|value| value.trim_matches([',', ' ']).is_empty())),
        "single header twice" => SINGLE.iter().any(|name| head.all(name).count() > 1),
        "From or To" => !all_are("from", is_address) || !all_are("to", is_address),
        "Via" => !all_are("via", is_via),
        "Contact" => !all_are("contact", is_address),
        "CSeq" => !all_are("cseq", |one| {
            one.split_once(' ').is_some_and(|(number, method)| is_number(number, 9) && is_token(method))
        }),
        "CSeq method" => {
            let method = head.all("cseq").next().and_then(|one| one.split_whitespace().nth(1));
            method != words.first().copied()
        }
        "Max-Forwards" => !all_are("max-forwards", |one| is_number(one, 9)),
        _ => false,
    }
}

/// Whether what we read stands in the message: nothing of it is made up.
#[must_use]
pub fn stands_there(view: &View, bytes: &[u8]) -> bool {
    let text = String::from_utf8_lossy(bytes);
    let found = |value: &str| text.contains(value);
    ["start", "via branch", "from tag", "to tag", "call-id", "cseq"].iter().all(|field| {
        let Some(Some(value)) = view.get(field) else { return true };
        // White space that a fold, or a blank too many, put between two words is not kept.
        value.split_whitespace().all(found)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: &str = "INVITE sip:120@192.0.2.1;user=phone SIP/2.0\r\nVia: SIP/2.0/UDP [2001:db8::9]:5060;branch=z9hG4bK1;rport\r\n\
        From: Li <sip:p@192.0.2.9>;tag=f\r\nTo: <sip:120@example.com>\r\nCall-ID: 1\r\nCSeq: 1 INVITE\r\n\
        Contact: <sip:a@192.0.2.9>\r\nMax-Forwards: 70\r\nContent-Length: 0\r\n\r\n";

    const REASONS: [(&str, &str, &str); 12] = [
        ("Request-URI", "sip:120@", "sip:120@@"),
        ("version", "SIP/2.0\r\nVia", "SIP/3.0\r\nVia"),
        ("header line", "Call-ID: 1", "Call-ID 1"),
        ("Content-Length", "Length: 0", "Length: x"),
        ("two Content-Lengths", "Content-Length: 0", "l: 0\r\nContent-Length: 1"),
        ("Content-Length beyond the end", "Length: 0", "Length: 7"),
        ("missing mandatory header", "Call-ID: 1\r\n", ""),
        ("single header twice", "To: <sip:120@example.com>\r\n", "To: <sip:a@b>\r\nt: <sip:a@b>\r\n"),
        ("From or To", "<sip:p@192.0.2.9>", "<sip:p@192.0.2.9"),
        ("Via", "[2001:db8::9]", "[2001:db8::9"),
        ("CSeq", "CSeq: 1 ", "CSeq: one "),
        ("Max-Forwards", "70", "-1"),
    ];

    #[test]
    fn a_refusal_is_deserved_by_what_is_wrong_and_never_by_a_good_message() {
        for (why, good, bad) in REASONS {
            assert!(GOOD.contains(good), "{good}");
            assert!(!is_deserved(why, GOOD.as_bytes()), "{why}");
            assert!(is_deserved(why, GOOD.replacen(good, bad, 1).as_bytes()), "{why}: {bad}");
        }
    }

    #[test]
    fn what_is_made_up_is_found_out() {
        let view = |tag: &str| View::from([("from tag", Some(tag.to_owned()))]);
        assert!(stands_there(&view("f"), GOOD.as_bytes()) && !stands_there(&view("forged"), GOOD.as_bytes()));
    }
}

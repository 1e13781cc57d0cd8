//! Reason phrases, from the vocabulary of `rsip`.

/// The usual reason phrase of a status code, empty for a code no RFC defines.
pub fn reason_phrase(status: u16) -> String {
    // rsip names its codes in one word; a few phrases of RFC 3261 21 are not that word with spaces put in.
    let exception = match status {
        305 => "Use Proxy",
        414 => "Request-URI Too Long",
        416 => "Unsupported URI Scheme",
        439 => "First Hop Lacks Outbound Support",
        481 => "Call/Transaction Does Not Exist",
        504 => "Server Time-out",
        505 => "Version Not Supported",
        606 => "Not Acceptable",
        _ => "",
    };
    if !exception.is_empty() {
        return exception.to_owned();
    }
    let name = match rsip::StatusCode::from(status) {
        rsip::StatusCode::Other(..) => return String::new(),
        rsip::StatusCode::OK => return "OK".to_owned(),
        known => format!("{known:?}"),
    };
    let mut phrase = String::with_capacity(name.len() + 4);
    for one in name.chars() {
        if one.is_ascii_uppercase() && !phrase.is_empty() {
            phrase.push(' ');
        }
        phrase.push(one);
    }
    phrase
}

//! One message: never a panic, and what parses prints to something that parses to the same.

use careline_sip::{Message, parse};

/// One run.
pub fn run(bytes: &[u8]) {
    let Ok(message) = parse(bytes) else { return };
    let printed = match &message {
        Message::Request(request) => request.to_bytes(),
        Message::Response(response) => response.to_bytes(),
    };
    assert_eq!(parse(&printed).as_ref(), Ok(&message));
}

//! One message: never a panic, and what parses prints to something that parses to the same.

#![no_main]

use careline_sip::{Message, parse};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let Ok(message) = parse(bytes) else { return };
    let printed = match &message {
        Message::Request(request) => request.to_bytes(),
        Message::Response(response) => response.to_bytes(),
    };
    assert_eq!(parse(&printed).as_ref(), Ok(&message));
});

//! One session description; what is done with it, and what must hold, is in `bodies/sdp.rs`.

#![no_main]

#[path = "../bodies/sdp.rs"]
mod body;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| body::run(bytes));

//! One session description: never a panic.

#![no_main]

use careline_sdp::{Codec, read_answer, read_offer};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|bytes: &[u8]| {
    let codecs = [Codec::Pcma, Codec::Pcmu];
    let _ = read_offer(bytes, &codecs);
    let _ = read_answer(bytes, &codecs);
});

//! One session description, as an offer and as an answer: never a panic, and what can be read can be answered.

use careline_sdp::{
    Codec, LocalAudio, MasterKey, Security, Suite, Terms, answer, offer, read_answer, read_offer,
};

/// One run.
pub fn run(bytes: &[u8]) {
    let mut local = LocalAudio::new(([192, 0, 2, 1], 20_000).into(), 1);
    local.keys = Suite::ALL.map(|suite| MasterKey::random(suite, |key| key.fill(1))).to_vec();
    for security in [Security::Plain, Security::Optional, Security::Required] {
        let terms = Terms::new(&Codec::ALL, security);
        if let Ok(remote) = read_offer(bytes, &terms) {
            answer(bytes, &remote, &local).expect("what was read can be answered");
        }
        let ours = offer(&local, &terms).expect("there are codecs and keys");
        let _ = read_answer(bytes, &ours, &terms);
    }
}

//! What the tests share: offers of real phones, and our own side.
#![allow(dead_code, reason = "each test file uses its own part")]

use careline_sdp::{Codec, LocalAudio, MasterKey, RemoteAudio, Security, Suite, Terms, answer, read_offer};

pub const G711: &[Codec] = &[Codec::Pcma, Codec::Pcmu];

pub const BARESIP_SRTP_MAND: &str = include_str!("../offers/baresip_srtp_mand.sdp");
pub const BARESIP_SRTP: &str = include_str!("../offers/baresip_srtp.sdp");
pub const BARESIP_G722: &str = include_str!("../offers/baresip_g722.sdp");
pub const LINPHONE_SRTP: &str = include_str!("../offers/linphone_srtp.sdp");
pub const CHROMIUM_SDES: &str = include_str!("../offers/chromium_sdes.sdp");
pub const IMS_CARRIER: &str = include_str!("../offers/ims_carrier.sdp");
pub const SIPP: &str = include_str!("../offers/sipp.sdp");
pub const TWO_ALTERNATIVES: &str = include_str!("../offers/two_alternatives.sdp");
pub const ALL: [&str; 8] = [
    BARESIP_SRTP_MAND,
    BARESIP_SRTP,
    BARESIP_G722,
    LINPHONE_SRTP,
    CHROMIUM_SDES,
    IMS_CARRIER,
    SIPP,
    TWO_ALTERNATIVES,
];

pub fn local() -> LocalAudio {
    LocalAudio::new("192.0.2.1:20000".parse().expect("an address"), 7)
}

/// A key of each suite, of zeros and one byte that tells them apart.
pub fn with_keys() -> LocalAudio {
    let key = |suite: Suite| MasterKey::random(suite, |bytes| bytes.fill(suite as u8 + 1));
    LocalAudio { keys: Suite::ALL.map(key).to_vec(), ..local() }
}

pub fn secure(security: Security) -> Terms {
    Terms::new(&Codec::ALL, security)
}

/// Reads and answers; gives what was read and the answer's lines of the stream's `m=` and below.
pub fn negotiate(offer: &str, terms: &Terms) -> (RemoteAudio, String) {
    let offer = offer.replace('\n', "\r\n");
    let remote = read_offer(offer.as_bytes(), terms).expect("an offer we take");
    let text = answer(offer.as_bytes(), &remote, &with_keys()).expect("an answer");
    (remote, String::from_utf8(text).expect("text").replace("\r\n", "\n"))
}

/// The media part of a description.
pub fn media(text: &str) -> &str {
    text.find("m=").map_or("", |at| &text[at..])
}

/// A description without the lines that begin so.
pub fn without(text: &str, start: &str) -> String {
    text.lines().filter(|line| !line.starts_with(start)).map(|line| format!("{line}\n")).collect()
}

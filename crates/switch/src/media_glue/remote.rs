//! The other side of a leg, as the descriptions settled it, in the words of the media engine.

use careline_media::{CodecKind, Format, RemoteStream, Rtcp, Sources, StreamKeys};
use careline_model::config::plan::Latch;
use careline_rtp::srtp::{Keys, Profile, SrtpError};
use careline_sdp::{Codec, Direction, MasterKey, RemoteAudio, Suite};
use careline_switchboard::KeyGenerations;
use std::net::IpAddr;

/// What the engine has to know beside the description.
pub(super) struct Beside {
    pub own_key: Option<MasterKey>,
    pub key_generations: KeyGenerations,
    pub signalled_from: Option<IpAddr>,
    pub sources: Sources,
    pub keys_signalled: bool,
}

/// The stream for the engine. An error when a key has not the length of its suite: then nothing may be sent in clear
/// instead.
pub(super) fn stream(remote: &RemoteAudio, beside: &Beside) -> Result<RemoteStream, SrtpError> {
    // The description is the other side's: what it only sends, we do not answer.
    let (send, receive) = match remote.direction {
        Direction::SendRecv => (true, true),
        Direction::SendOnly => (false, true),
        Direction::RecvOnly => (true, false),
        Direction::Inactive => (false, false),
    };
    let format = |payload_type, codec| Format { payload_type, codec: codec_kind(codec) };
    let events = remote.telephone_event;
    let accepted = remote.accepted.iter();
    Ok(RemoteStream {
        signalled_from: beside.signalled_from,
        sources: beside.sources,
        receive_formats: accepted.map(|one| format(one.receive_payload_type, one.codec)).collect(),
        send_events: events.map(|events| events.payload_type),
        receive_events: events.map(|events| events.receive_payload_type),
        events_clock: events.map_or(8000, |events| events.clock_hz),
        keys_signalled: beside.keys_signalled,
        send,
        receive,
        keys: keys(remote, beside)?,
        rtcp: rtcp(remote),
        ..RemoteStream::plain(remote.address, format(remote.payload_type, remote.codec))
    })
}

/// Whose media are listened to, in the engine's word.
pub(crate) fn sources(latch: Latch) -> Sources {
    match latch {
        Latch::Signalled => Sources::Signalled,
        Latch::Any => Sources::Any,
    }
}

/// Both keys, or an error: a stream is never encrypted one way only.
fn keys(remote: &RemoteAudio, beside: &Beside) -> Result<Option<StreamKeys>, SrtpError> {
    let (ours, theirs) = match (&beside.own_key, &remote.crypto) {
        (None, None) => return Ok(None),
        (Some(ours), Some(theirs)) => (ours, &theirs.key),
        (Some(_), None) | (None, Some(_)) => return Err(SrtpError::KeyLength),
    };
    let KeyGenerations { own: send_generation, peer: receive_generation } = beside.key_generations;
    Ok(Some(StreamKeys { send: key(ours)?, receive: key(theirs)?, send_generation, receive_generation }))
}

fn key(key: &MasterKey) -> Result<Keys, SrtpError> {
    Keys::new(profile(key.suite()), &[key.key(), key.salt()].concat())
}

fn profile(suite: Suite) -> Profile {
    match suite {
        Suite::Aes256Gcm => Profile::AeadAes256Gcm,
        Suite::Aes128Gcm => Profile::AeadAes128Gcm,
        Suite::Aes256CmSha1_80 => Profile::AesCm256HmacSha1_80,
        Suite::Aes128CmSha1_80 => Profile::AesCm128HmacSha1_80,
        Suite::Aes128CmSha1_32 => Profile::AesCm128HmacSha1_32,
    }
}

fn rtcp(remote: &RemoteAudio) -> Rtcp {
    match remote.rtcp {
        Some(_) if remote.rtcp_mux => Rtcp::Mux,
        Some(address) => Rtcp::Own(Some(address)),
        None => Rtcp::Off,
    }
}

fn codec_kind(codec: Codec) -> CodecKind {
    match codec {
        Codec::Pcma => CodecKind::Pcma,
        Codec::Pcmu => CodecKind::Pcmu,
        Codec::G722 => CodecKind::G722,
        Codec::Opus => CodecKind::Opus,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_sdp::{LocalAudio, Security, Terms, answer, read_offer};

    const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn offer(profile: &str, more: &str) -> RemoteAudio {
        let text = format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
             m=audio 4000 {profile} 0 8 101\r\na=rtpmap:101 telephone-event/8000\r\n{more}"
        );
        let terms = Terms::new(&[Codec::Pcma, Codec::Pcmu], Security::Optional);
        let remote = read_offer(text.as_bytes(), &terms).expect("an offer we take");
        let keys = vec![own_key()];
        let local = LocalAudio { keys, ..LocalAudio::new(([192, 0, 2, 1], 20_000).into(), 1) };
        answer(text.as_bytes(), &remote, &local).expect("an answer");
        remote
    }

    fn own_key() -> MasterKey {
        MasterKey::random(Suite::Aes128CmSha1_80, |bytes| bytes.fill(7))
    }

    fn beside(own_key: Option<MasterKey>, own: u64, peer: u64) -> Beside {
        let signalled_from = Some([198, 51, 100, 1].into());
        let key_generations = KeyGenerations { own, peer };
        let (sources, keys_signalled) = (Sources::Signalled, false);
        Beside { own_key, key_generations, signalled_from, sources, keys_signalled }
    }

    #[test]
    fn an_encrypted_stream_has_both_keys_with_their_numbers() {
        let remote = offer("RTP/SAVP", &format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n"));
        let stream_of = stream(&remote, &beside(Some(own_key()), 3, 4)).expect("a stream");
        let keys = stream_of.keys.expect("keys");
        let suites = (keys.send.profile(), keys.receive.profile());
        assert_eq!(suites, (Profile::AesCm128HmacSha1_80, Profile::AesCm128HmacSha1_80));
        assert_eq!((keys.send_generation, keys.receive_generation), (3, 4));
        assert!(stream(&remote, &beside(None, 0, 1)).is_err(), "half of it in clear is worse than none");
    }

    #[test]
    fn reports_go_where_the_peer_wants_them() {
        let of = |more: &str| stream(&offer("RTP/AVP", more), &beside(None, 0, 0)).expect("a stream");
        let plain = of("");
        assert!(plain.keys.is_none());
        assert_eq!(plain.signalled_from, Some([198, 51, 100, 1].into()));
        assert_eq!(plain.rtcp, Rtcp::Own(Some(([192, 0, 2, 9], 4001).into())));
        assert_eq!(of("a=rtcp:5000\r\n").rtcp, Rtcp::Own(Some(([192, 0, 2, 9], 5000).into())));
        assert_eq!(of("a=rtcp-mux\r\n").rtcp, Rtcp::Mux);
    }
}

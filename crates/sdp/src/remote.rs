//! What the other side said: the audio stream we can talk to.

use crate::crypto::{self, RemoteCrypto};
use crate::formats::{Format, OpusWishes, formats};
use crate::stream::{address, asks_for_rtcp_mux, direction, packet_times, rtcp_address};
use crate::{Codec, Direction, MEDIA_MAX, Profile, SDP_BYTES_MAX, SdpError, Security, Suite, Terms};
use sdp_types::{Media, Session};
use std::net::SocketAddr;

/// Payload types that RTCP would be taken for when both share a port (RFC 5761 4).
const LIKE_RTCP: std::ops::RangeInclusive<u8> = 64..=95;

/// The audio stream that the other side described, reduced to what the media engine needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAudio {
    /// Where it wants to receive RTP. The port is 0 only in a refused stream, which is never returned.
    pub address: SocketAddr,
    /// Where it wants to receive RTCP: as it said, or the port above. `None` when there is no such place. With
    /// `rtcp_mux` it is `address`.
    pub rtcp: Option<SocketAddr>,
    /// RTP and RTCP share one port, both ways (RFC 5761).
    pub rtcp_mux: bool,
    /// The first codec of its list that we speak: what we send.
    pub codec: Codec,
    /// The payload type to send it with: the other side's number (RFC 3264 5.1).
    pub payload_type: u8,
    /// The payload type it comes with: our number.
    pub receive_payload_type: u8,
    /// Every codec that both descriptions name, `codec` first: the other side may change among them at any time.
    pub accepted: Vec<Accepted>,
    /// Telephone events (RFC 4733) beside `codec`: at its clock, or else at 8000 Hz when the other side knows only that.
    pub telephone_event: Option<TelephoneEvent>,
    /// All telephone events that both descriptions name; each clock once.
    pub accepted_events: Vec<TelephoneEvent>,
    /// What the other side's Opus decoder would like; `None` when Opus is not accepted.
    pub opus: Option<OpusWishes>,
    /// Length of the packets that it would like to get, in milliseconds: a multiple of 10 from 10 to 60.
    pub ptime_ms: u8,
    /// The longest packets that it takes, in milliseconds, likewise; `None` when it did not say.
    pub max_ptime_ms: Option<u8>,
    /// Which way audio flows, as the other side sees it. An address of 0.0.0.0 counts as a hold (RFC 3264 8.4).
    pub direction: Direction,
    /// Profile of the stream.
    pub profile: Profile,
    /// What it encrypts with; `None` is plain RTP. We then encrypt with our own key of the same suite.
    pub crypto: Option<RemoteCrypto>,
    /// Index of the stream among the media descriptions.
    pub(crate) index: usize,
}

/// A codec that both sides named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Accepted {
    /// The codec.
    pub codec: Codec,
    /// To send it with: the other side's number.
    pub payload_type: u8,
    /// It comes with: our number.
    pub receive_payload_type: u8,
}

/// Telephone events that both sides named.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TelephoneEvent {
    /// To send them with: the other side's number.
    pub payload_type: u8,
    /// They come with: our number.
    pub receive_payload_type: u8,
    /// Clock of their durations and timestamps, in Hz: 8000 or 48000.
    pub clock_hz: u32,
}

/// Reads an offer: takes the first acceptable audio stream, an encrypted one before a plain one.
///
/// # Errors
/// [`SdpError`]; `NothingInCommon` is answered 488.
pub fn read_offer(text: &[u8], terms: &Terms) -> Result<RemoteAudio, SdpError> {
    select(&parse(text)?, terms, None)
}

/// Reads the answer to `offer`, a description of ours: what stood there is what may be agreed to. That is the last
/// description we sent, which may itself have been an answer when a session is refreshed with it.
///
/// # Errors
/// [`SdpError`]; a refused stream (port 0) is `NothingInCommon`, and so is an answer that drops the encryption.
pub fn read_answer(text: &[u8], offer: &[u8], terms: &Terms) -> Result<RemoteAudio, SdpError> {
    let offered = Offered::of(&parse(offer)?).ok_or(SdpError::NothingInCommon)?;
    select(&parse(text)?, terms, Some(&offered))
}

pub(crate) fn parse(text: &[u8]) -> Result<Session, SdpError> {
    if text.len() > SDP_BYTES_MAX {
        return Err(SdpError::TooLarge);
    }
    let session = Session::parse(text).map_err(|error| SdpError::Syntax(error.to_string()))?;
    if session.medias.len() > MEDIA_MAX {
        return Err(SdpError::TooLarge);
    }
    Ok(session)
}

/// What a description of ours said of its stream.
struct Offered {
    profile: Profile,
    formats: Vec<(u8, Format)>,
    crypto: Vec<(u32, Suite)>,
    rtcp_mux: bool,
}

impl Offered {
    fn of(session: &Session) -> Option<Self> {
        let media = session.medias.iter().find(|media| media.media == "audio" && media.port != 0)?;
        Some(Self {
            profile: Profile::of_name(&media.proto)?,
            formats: formats(media, &[]),
            crypto: crypto::lines(media).iter().map(|line| (line.tag, line.key.suite())).collect(),
            rtcp_mux: asks_for_rtcp_mux(media),
        })
    }
}

fn select(session: &Session, terms: &Terms, offered: Option<&Offered>) -> Result<RemoteAudio, SdpError> {
    let mut plain = None;
    let mut last = SdpError::NothingInCommon;
    for (index, media) in session.medias.iter().enumerate() {
        if media.media != "audio" || media.port == 0 {
            continue;
        }
        match audio(session, media, index, terms, offered) {
            Ok(audio) if audio.crypto.is_some() => return Ok(audio),
            Ok(audio) => plain = plain.or(Some(audio)),
            Err(error) => last = error,
        }
    }
    plain.ok_or(last)
}

fn audio(
    session: &Session,
    media: &Media,
    index: usize,
    terms: &Terms,
    offered: Option<&Offered>,
) -> Result<RemoteAudio, SdpError> {
    let profile = Profile::of_name(&media.proto).ok_or(SdpError::NothingInCommon)?;
    let crypto = protection(media, profile, terms, offered)?;
    let listed = formats(media, offered.map_or(&[][..], |offered| &offered.formats));
    let (accepted, accepted_events) = match offered {
        Some(offered) => in_answer(&listed, &offered.formats),
        None => in_offer(&listed, terms),
    };
    let first = *accepted.first().ok_or(SdpError::NothingInCommon)?;
    let clock_of = |clock_hz| accepted_events.iter().find(move |event| event.clock_hz == clock_hz).copied();
    let telephone_event = clock_of(first.codec.clock_hz()).or_else(|| clock_of(8_000));
    let opus = accepted.iter().find(|one| one.codec == Codec::Opus);
    let opus = opus.map(|opus| OpusWishes::of(media, opus.payload_type));
    let address = address(session, media)?;
    let (ptime_ms, max_ptime_ms) = packet_times(media);
    let numbers = accepted.iter().map(|one| one.payload_type);
    let mut numbers = numbers.chain(accepted_events.iter().map(|one| one.payload_type));
    let rtcp_mux = asks_for_rtcp_mux(media)
        && offered.is_none_or(|offered| offered.rtcp_mux)
        && !numbers.any(|number| LIKE_RTCP.contains(&number));
    let rtcp = if rtcp_mux { Some(address) } else { rtcp_address(media, address) };
    Ok(RemoteAudio {
        address,
        rtcp: rtcp.filter(|rtcp| !rtcp.ip().is_unspecified()),
        rtcp_mux,
        codec: first.codec,
        payload_type: first.payload_type,
        receive_payload_type: first.receive_payload_type,
        accepted,
        telephone_event,
        accepted_events,
        opus,
        ptime_ms,
        max_ptime_ms,
        direction: direction(session, media, address.ip()),
        profile,
        crypto,
        index,
    })
}

/// What we take of an offer, and name in our answer: one codec, and the events that go with it.
fn in_offer(listed: &[(u8, Format)], terms: &Terms) -> (Vec<Accepted>, Vec<TelephoneEvent>) {
    // RFC 3264 6.1: the offerer lists formats in its order of preference; we keep that order.
    let chosen = listed.iter().find_map(|(number, format)| match format {
        Format::Codec(codec) if terms.codecs.contains(codec) => Some((*number, *codec)),
        Format::Codec(_) | Format::Events { .. } => None,
    });
    let Some((number, codec)) = chosen else { return (Vec::new(), Vec::new()) };
    let accepted = Accepted { codec, payload_type: number, receive_payload_type: number };
    // RFC 4733 2.1 wants the clock of the audio; baresip and others know only 8000 Hz, also beside Opus.
    let find = |clock_hz| listed.iter().find(move |(_, format)| *format == Format::Events { clock_hz });
    let event = find(codec.clock_hz()).or_else(|| find(8_000)).filter(|_| terms.telephone_events);
    let events = event.and_then(|(number, format)| match format {
        Format::Events { clock_hz } => {
            Some(TelephoneEvent { payload_type: *number, receive_payload_type: *number, clock_hz: *clock_hz })
        }
        Format::Codec(_) => None,
    });
    (vec![accepted], events.into_iter().collect())
}

/// What an answer takes of our offer. The numbers may differ: each side sends with the other's (RFC 3264 5.1).
fn in_answer(listed: &[(u8, Format)], ours: &[(u8, Format)]) -> (Vec<Accepted>, Vec<TelephoneEvent>) {
    let (mut codecs, mut events): (Vec<Accepted>, Vec<TelephoneEvent>) = (Vec::new(), Vec::new());
    for &(payload_type, format) in listed {
        let Some(&(receive_payload_type, _)) = ours.iter().find(|(_, offered)| *offered == format) else {
            continue;
        };
        match format {
            Format::Codec(codec) if codecs.iter().all(|one| one.codec != codec) => {
                codecs.push(Accepted { codec, payload_type, receive_payload_type });
            }
            Format::Events { clock_hz } if events.iter().all(|one| one.clock_hz != clock_hz) => {
                events.push(TelephoneEvent { payload_type, receive_payload_type, clock_hz });
            }
            Format::Codec(_) | Format::Events { .. } => {}
        }
    }
    (codecs, events)
}

/// The encryption of a stream, or none if it may have none; an error when it may not be used as it is.
fn protection(
    media: &Media,
    profile: Profile,
    terms: &Terms,
    offered: Option<&Offered>,
) -> Result<Option<RemoteCrypto>, SdpError> {
    let is_secure = profile.is_secure();
    let fits = match terms.security {
        Security::Plain => !is_secure,
        Security::Optional => true,
        Security::Required => is_secure,
    };
    // An answer has the profile of its offer (RFC 3264 6.1); feedback or not is taken lightly, encryption is not.
    let is_answer_to = offered.is_none_or(|offered| offered.profile.is_secure() == is_secure);
    if !fits || !is_answer_to {
        return Err(SdpError::NothingInCommon);
    }
    let found = match (terms.security, offered) {
        (Security::Plain, _) => None,
        (_, Some(offered)) => {
            let ours = |line: &RemoteCrypto| offered.crypto.contains(&(line.tag, line.key.suite()));
            crypto::lines(media).into_iter().find(ours)
        }
        (_, None) => best(crypto::lines(media), terms),
    };
    // What was encrypted once stays so: a re-offer without keys is refused and the call goes on as it was.
    if found.is_none() && (is_secure || terms.is_encrypted()) {
        return Err(SdpError::NothingInCommon);
    }
    Ok(found)
}

/// The line of an offer to take: the one in use, any of its suite, or the best by our own order.
fn best(lines: Vec<RemoteCrypto>, terms: &Terms) -> Option<RemoteCrypto> {
    let rank = |line: &RemoteCrypto| {
        let suite = line.key.suite();
        let place = terms.suites.iter().position(|known| *known == suite)?;
        Some(match terms.kept.crypto {
            Some((tag, kept)) if kept == suite => usize::from(tag != line.tag),
            _ => place + 2,
        })
    };
    let ranked = lines.into_iter().filter_map(|line| Some((rank(&line)?, line)));
    ranked.min_by_key(|(rank, _)| *rank).map(|(_, line)| line)
}

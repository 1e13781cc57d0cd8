//! What the other side said: the audio stream we can talk to.

use crate::{Codec, Direction, MEDIA_MAX, SDP_BYTES_MAX, SdpError};
use sdp_types::{Media, Session};
use std::net::{IpAddr, SocketAddr};

/// The audio stream that the other side described, reduced to what the media engine needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RemoteAudio {
    /// Where it wants to receive RTP. The port is 0 only in a refused stream, which is never returned.
    pub address: SocketAddr,
    /// The first codec of its list that we speak.
    pub codec: Codec,
    /// Its payload type for `telephone-event/8000`.
    pub telephone_event: Option<u8>,
    /// Which way audio flows, as the other side sees it. An address of 0.0.0.0 counts as a hold (RFC 3264 8.4).
    pub direction: Direction,
    /// Index of the stream among the media descriptions.
    pub(crate) index: usize,
}

/// Reads an offer: takes the first acceptable audio stream.
///
/// # Errors
/// [`SdpError`]; `NothingInCommon` is answered 488.
pub fn read_offer(text: &[u8], preferred: &[Codec]) -> Result<RemoteAudio, SdpError> {
    let session = parse(text)?;
    select(&session, preferred)
}

/// Reads the answer to an offer of ours.
///
/// # Errors
/// [`SdpError`]; a refused stream (port 0) is `NothingInCommon`.
pub fn read_answer(text: &[u8], offered: &[Codec]) -> Result<RemoteAudio, SdpError> {
    read_offer(text, offered)
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

fn select(session: &Session, preferred: &[Codec]) -> Result<RemoteAudio, SdpError> {
    let mut last = SdpError::NothingInCommon;
    for (index, media) in session.medias.iter().enumerate() {
        if media.media != "audio" || media.port == 0 || media.proto != "RTP/AVP" {
            continue;
        }
        match audio(session, media, index, preferred) {
            Ok(audio) => return Ok(audio),
            Err(error) => last = error,
        }
    }
    Err(last)
}

fn audio(
    session: &Session,
    media: &Media,
    index: usize,
    preferred: &[Codec],
) -> Result<RemoteAudio, SdpError> {
    // RFC 3264 6.1: the offerer lists formats in its order of preference; we keep that order.
    let codec = media
        .fmt
        .split_ascii_whitespace()
        .filter_map(|format| format.parse::<u8>().ok())
        .find_map(|payload| preferred.iter().copied().find(|codec| codec.payload_type() == payload))
        .ok_or(SdpError::NothingInCommon)?;
    let connection = media.connections.first().or(session.connection.as_ref()).ok_or(SdpError::Address)?;
    let text = connection.connection_address.split('/').next().unwrap_or_default();
    let ip: IpAddr = text.trim().parse().map_err(|_| SdpError::Address)?;
    let mut direction = direction(session, media);
    if ip.is_unspecified() {
        direction = match direction {
            Direction::SendRecv | Direction::SendOnly => Direction::SendOnly,
            Direction::RecvOnly | Direction::Inactive => Direction::Inactive,
        };
    }
    let address = SocketAddr::new(ip, media.port);
    Ok(RemoteAudio { address, codec, telephone_event: telephone_event(media), direction, index })
}

fn direction(session: &Session, media: &Media) -> Direction {
    let find = |attributes: &[sdp_types::Attribute]| {
        attributes.iter().find_map(|attribute| match attribute.attribute.as_str() {
            "sendrecv" => Some(Direction::SendRecv),
            "sendonly" => Some(Direction::SendOnly),
            "recvonly" => Some(Direction::RecvOnly),
            "inactive" => Some(Direction::Inactive),
            _ => None,
        })
    };
    find(&media.attributes).or_else(|| find(&session.attributes)).unwrap_or(Direction::SendRecv)
}

/// The payload type that `a=rtpmap` gives to `telephone-event/8000`, if the format list names it too.
fn telephone_event(media: &Media) -> Option<u8> {
    let listed = |payload: &str| media.fmt.split_ascii_whitespace().any(|format| format == payload);
    media.attributes.iter().filter(|attribute| attribute.attribute == "rtpmap").find_map(|attribute| {
        let (payload, encoding) = attribute.value.as_deref()?.split_once(' ')?;
        let event = encoding.trim().to_ascii_lowercase();
        let matches = event == "telephone-event/8000" || event == "telephone-event/8000/1";
        if matches && listed(payload) { payload.parse().ok().filter(|p| *p < 128) } else { None }
    })
}

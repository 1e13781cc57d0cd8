//! What we say: offers and answers.

use crate::formats::{DYNAMIC_FIRST, Format, OpusWishes};
use crate::remote::parse;
use crate::{Codec, Direction, MasterKey, Profile, RemoteAudio, SdpError, Security, Suite, Terms};
use sdp_types::{Attribute, Connection, Media, Origin, Session, Time};
use std::net::SocketAddr;

/// Packet time that we ask for, in milliseconds.
const PTIME_MS: &str = "20";

/// Our own side of one stream.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LocalAudio {
    /// Where we want to receive RTP: the advertised address and the leg's port. RTCP is on the port above, unless both
    /// sides agree to have it on the same.
    pub address: SocketAddr,
    /// Session id of the `o=` line; the same for the life of the dialog.
    pub session_id: u64,
    /// Session version; grows by one with each description that differs (RFC 3264 8).
    pub version: u64,
    /// What we encrypt with: one key for each suite that may be agreed to, made for this dialog alone and kept for its
    /// life. Empty for plain RTP.
    pub keys: Vec<MasterKey>,
}

impl LocalAudio {
    /// A first description at this address, without keys.
    #[must_use]
    pub fn new(address: SocketAddr, session_id: u64) -> Self {
        Self { address, session_id, version: 1, keys: Vec::new() }
    }

    /// Our key of a suite: what we send with when the other side's is of that suite.
    #[must_use]
    pub fn key_of(&self, suite: Suite) -> Option<&MasterKey> {
        self.keys.iter().find(|key| key.suite() == suite)
    }

    /// What we encrypt with towards `remote`; `None` in plain RTP.
    #[must_use]
    pub fn key_for(&self, remote: &RemoteAudio) -> Option<&MasterKey> {
        self.key_of(remote.crypto.as_ref()?.key.suite())
    }
}

/// The parts of a media description of ours.
struct Stream<'a> {
    profile: Profile,
    formats: &'a [(u8, Format)],
    crypto: Vec<(u32, &'a MasterKey)>,
    rtcp_mux: bool,
    direction: Direction,
}

/// An offer on our terms: within a dialog with the payload types, the profile and the key that are in use.
///
/// # Errors
/// [`SdpError::NoKey`] when it has to be encrypted and `local` has no key for it; `NothingInCommon` without a codec.
pub fn offer(local: &LocalAudio, terms: &Terms) -> Result<Vec<u8>, SdpError> {
    let formats = offered_formats(terms);
    if !formats.iter().any(|(_, format)| matches!(format, Format::Codec(_))) {
        return Err(SdpError::NothingInCommon);
    }
    let crypto = offered_crypto(local, terms);
    let required = terms.security == Security::Required;
    let profile = match terms.kept.profile {
        Some(profile) if profile.is_secure() || !required => profile,
        _ if required => Profile::Savp,
        _ => Profile::Avp,
    };
    if crypto.is_empty() && (profile.is_secure() || terms.is_encrypted()) {
        return Err(SdpError::NoKey);
    }
    let rtcp_mux = terms.offer_rtcp_mux || terms.kept.rtcp_mux;
    let stream = Stream { profile, formats: &formats, crypto, rtcp_mux, direction: Direction::SendRecv };
    let mut session = session(local);
    session.medias.push(media(local, &stream));
    Ok(write(&session))
}

/// Our answer to `offer`, with the stream that [`crate::read_offer`] chose; every other stream is refused by port 0
/// (RFC 3264 6). It names one codec and what goes with it.
///
/// # Errors
/// When the offer cannot be read again; [`SdpError::NoKey`] when `local` has no key of the agreed suite.
pub fn answer(offer: &[u8], chosen: &RemoteAudio, local: &LocalAudio) -> Result<Vec<u8>, SdpError> {
    let offered = parse(offer)?;
    let mut crypto = Vec::new();
    if let Some(remote) = &chosen.crypto {
        crypto.push((remote.tag, local.key_for(chosen).ok_or(SdpError::NoKey)?));
    }
    // RFC 3264 6.1: with the numbers of the offer.
    let event = chosen.telephone_event;
    let event = event.map(|event| (event.payload_type, Format::Events { clock_hz: event.clock_hz }));
    let codec = (chosen.payload_type, Format::Codec(chosen.codec));
    let formats: Vec<(u8, Format)> = std::iter::once(codec).chain(event).collect();
    let stream = Stream {
        profile: chosen.profile,
        formats: &formats,
        crypto,
        rtcp_mux: chosen.rtcp_mux,
        direction: chosen.direction.mirrored(),
    };
    let mut session = session(local);
    // RFC 3264 6: the t= line of the answer equals that of the offer.
    if !offered.times.is_empty() {
        session.times.clone_from(&offered.times);
    }
    for (index, theirs) in offered.medias.iter().enumerate() {
        session.medias.push(if index == chosen.index { media(local, &stream) } else { refused(theirs) });
    }
    Ok(write(&session))
}

/// Our codecs in our order, then telephone events: at each clock of the codecs, and at 8000 Hz in any case, as many
/// phones know no other.
fn offered_formats(terms: &Terms) -> Vec<(u8, Format)> {
    let mut wanted: Vec<Format> = terms.codecs.iter().copied().map(Format::Codec).collect();
    if terms.telephone_events {
        let clocks = terms.codecs.iter().map(|codec| codec.clock_hz()).chain([8_000]);
        wanted.extend(clocks.map(|clock_hz| Format::Events { clock_hz }));
    }
    let mut formats: Vec<(u8, Format)> = Vec::new();
    for format in wanted {
        if formats.iter().all(|(_, listed)| *listed != format) {
            formats.push((number_of(format, &formats, terms), format));
        }
    }
    formats
}

/// The payload type of a format: what it was, what it usually is, or the first that is free.
fn number_of(format: Format, listed: &[(u8, Format)], terms: &Terms) -> u8 {
    let kept = &terms.kept.formats;
    if let Some((number, _)) = kept.iter().find(|(_, known)| *known == format) {
        return *number;
    }
    let is_free = |number: &u8| !kept.iter().chain(listed).any(|(taken, _)| taken == number);
    let usual = format.usual_number();
    // There are 32 dynamic numbers and six formats.
    Some(usual).filter(is_free).or_else(|| (DYNAMIC_FIRST..=127).find(is_free)).unwrap_or(usual)
}

/// The key in use, or one for each suite that we allow and have a key for.
fn offered_crypto<'a>(local: &'a LocalAudio, terms: &Terms) -> Vec<(u32, &'a MasterKey)> {
    match (terms.security, terms.kept.crypto) {
        (Security::Plain, None) => Vec::new(),
        (_, Some((tag, suite))) => local.key_of(suite).map(|key| (tag, key)).into_iter().collect(),
        (Security::Optional | Security::Required, None) => {
            (1..).zip(terms.suites.iter().filter_map(|suite| local.key_of(*suite))).collect()
        }
    }
}

fn session(local: &LocalAudio) -> Session {
    let ip = local.address.ip();
    let mut origin = Origin::with_ip_addr(local.session_id, local.version, ip);
    origin.set_username("-");
    let mut session = Session::new(origin, "-");
    session.connection = Some(Connection::from_ip_addr(ip));
    session.times.push(Time { start_time: 0, stop_time: 0, repeats: Vec::new() });
    session
}

fn attribute(name: &str, value: impl Into<Option<String>>) -> Attribute {
    Attribute { attribute: name.to_owned(), value: value.into() }
}

fn media(local: &LocalAudio, stream: &Stream<'_>) -> Media {
    let mut attributes = Vec::new();
    for (number, format) in stream.formats {
        let (encoding, parameters) = match format {
            Format::Codec(codec) => {
                (codec.encoding().to_owned(), (*codec == Codec::Opus).then_some(OpusWishes::OURS))
            }
            Format::Events { clock_hz } => (format!("telephone-event/{clock_hz}"), Some("0-15")),
        };
        attributes.push(attribute("rtpmap", format!("{number} {encoding}")));
        attributes.extend(parameters.map(|text| attribute("fmtp", format!("{number} {text}"))));
    }
    attributes.extend(stream.crypto.iter().map(|(tag, key)| attribute("crypto", key.line(*tag))));
    if stream.rtcp_mux {
        attributes.push(attribute("rtcp-mux", None));
    }
    attributes.push(attribute("ptime", PTIME_MS.to_owned()));
    attributes.push(attribute(stream.direction.attribute(), None));
    let numbers: Vec<String> = stream.formats.iter().map(|(number, _)| number.to_string()).collect();
    Media {
        media: "audio".to_owned(),
        port: local.address.port(),
        num_ports: None,
        proto: stream.profile.name().to_owned(),
        fmt: numbers.join(" "),
        media_title: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes,
    }
}

fn refused(media: &Media) -> Media {
    Media {
        port: 0,
        num_ports: None,
        media_title: None,
        connections: Vec::new(),
        bandwidths: Vec::new(),
        key: None,
        attributes: Vec::new(),
        ..media.clone()
    }
}

fn write(session: &Session) -> Vec<u8> {
    let mut text = Vec::with_capacity(512);
    session.write(&mut text).expect("writing into memory does not fail");
    text
}

//! What we say: offers and answers.

use crate::remote::parse;
use crate::{Codec, Direction, RemoteAudio, SdpError};
use sdp_types::{Attribute, Connection, Media, Origin, Session, Time};
use std::net::SocketAddr;

/// Packet time that we ask for, in milliseconds.
const PTIME_MS: &str = "20";
/// Payload type of telephone events in our offers.
const TELEPHONE_EVENT: u8 = 101;

/// Our own side of one stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct LocalAudio {
    /// Where we want to receive RTP: the advertised address and the leg's port.
    pub address: SocketAddr,
    /// Session id of the `o=` line; the same for the life of the dialog.
    pub session_id: u64,
    /// Keys travel as telephone events (RFC 4733); otherwise they are neither offered nor accepted.
    pub telephone_events: bool,
    /// Session version; grows by one with each description that differs (RFC 3264 8).
    pub version: u64,
}

/// An offer of the codecs, in order of preference.
#[must_use]
pub fn offer(local: &LocalAudio, codecs: &[Codec]) -> Vec<u8> {
    let mut session = session(local);
    session.medias.push(stream(
        local,
        codecs,
        local.telephone_events.then_some(TELEPHONE_EVENT),
        Direction::SendRecv,
    ));
    write(&session)
}

/// Our answer to `offer`, with the stream that [`crate::read_offer`] chose; every other stream is refused by port 0
/// (RFC 3264 6).
///
/// # Errors
/// When the offer cannot be read again.
pub fn answer(offer: &[u8], chosen: &RemoteAudio, local: &LocalAudio) -> Result<Vec<u8>, SdpError> {
    let offered = parse(offer)?;
    let mut session = session(local);
    // RFC 3264 6: the t= line of the answer equals that of the offer.
    if !offered.times.is_empty() {
        session.times.clone_from(&offered.times);
    }
    for (index, media) in offered.medias.iter().enumerate() {
        if index == chosen.index {
            let direction = chosen.direction.mirrored();
            let telephone_event = chosen.telephone_event.filter(|_| local.telephone_events);
            session.medias.push(stream(local, &[chosen.codec], telephone_event, direction));
        } else {
            session.medias.push(refused(media));
        }
    }
    Ok(write(&session))
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

fn stream(local: &LocalAudio, codecs: &[Codec], telephone_event: Option<u8>, direction: Direction) -> Media {
    let mut formats: Vec<String> = codecs.iter().map(|codec| codec.payload_type().to_string()).collect();
    let mut attributes: Vec<Attribute> = codecs
        .iter()
        .map(|codec| attribute("rtpmap", format!("{} {}/8000", codec.payload_type(), codec.name())))
        .collect();
    if let Some(event) = telephone_event {
        formats.push(event.to_string());
        attributes.push(attribute("rtpmap", format!("{event} telephone-event/8000")));
        attributes.push(attribute("fmtp", format!("{event} 0-15")));
    }
    attributes.push(attribute("ptime", PTIME_MS.to_owned()));
    attributes.push(attribute(direction.attribute(), None));
    Media {
        media: "audio".to_owned(),
        port: local.address.port(),
        num_ports: None,
        proto: "RTP/AVP".to_owned(),
        fmt: formats.join(" "),
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

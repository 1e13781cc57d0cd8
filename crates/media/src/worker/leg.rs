//! One leg: its sockets, what it says, what it is to hear.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use careline_audio::g711::Law;
use careline_rtp::latch::{Latch, RELATCH_AFTER};
use careline_rtp::packet::HEADER_BYTES;
use careline_rtp::rtcp::Reports;
use careline_rtp::sequence::Sequence;
use careline_rtp::srtp;
use careline_rtp::stream::Outgoing;
use careline_rtp::telephone_event;
use rustix::io::Errno;
use rustix::net::{RecvFlags, SendFlags};

use super::audible::{Music, Playback};
use super::control::Control;
use super::due::Due;
use super::mixing::Membership;
use super::pace::Pace;
use super::progress::LineWatch;
use crate::command::LegId;
use crate::event::LegStats;
use crate::remote::{FORMATS_MAX, Format, StreamKeys};

/// Recordings that one leg can be part of at once.
pub(super) const TRACKS_MAX: usize = 2;
/// Datagrams taken at once when a socket has just been closed to others: what came before that is judged one by one.
const QUEUED_MAX: usize = 64;

/// Which side of which running recording hears this leg.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Track {
    pub(super) capture: usize,
    pub(super) side: usize,
}

/// A bridge as one of its legs sees it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Bridge {
    pub(super) peer: usize,
    /// A valid packet came since the bridge was made.
    pub(super) heard: bool,
}

/// How packets of an encrypted leg are opened and closed.
pub(super) struct Crypto {
    send_generation: u64,
    receive_generation: u64,
    pub(super) sender: srtp::Sender,
    pub(super) receiver: srtp::Receiver,
}

impl Crypto {
    pub(super) fn new(keys: &StreamKeys) -> Self {
        Self {
            send_generation: keys.send_generation,
            receive_generation: keys.receive_generation,
            sender: srtp::Sender::new(&keys.send),
            receiver: srtp::Receiver::new(&keys.receive),
        }
    }

    /// Takes over what is new of these keys. What is not goes on counting its packets.
    pub(super) fn renew(&mut self, keys: &StreamKeys) {
        if self.send_generation != keys.send_generation {
            self.send_generation = keys.send_generation;
            self.sender = srtp::Sender::new(&keys.send);
        }
        if self.receive_generation != keys.receive_generation {
            self.receive_generation = keys.receive_generation;
            self.receiver = srtp::Receiver::new(&keys.receive);
        }
    }
}

impl std::fmt::Debug for Crypto {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let generations = (self.send_generation, self.receive_generation);
        f.debug_struct("Crypto").field("generations", &generations).finish_non_exhaustive()
    }
}

/// Who may still be in the queue of a leg's socket.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Door {
    /// Anybody may send; the source of each packet is asked for.
    Open,
    /// Connected a moment ago: the queue may hold what others sent before.
    Closing(usize),
    /// The kernel lets the latched source in and nobody else.
    Closed(SocketAddr),
}

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    /// Legs of one group may hear each other.
    pub(super) group: u64,
    socket: UdpSocket,
    door: Door,
    pub(super) may_send: bool,
    pub(super) may_receive: bool,
    pub(super) echo: bool,
    /// Is in the list of its phase.
    pub(super) paced: bool,
    /// What the last audio packet was.
    pub(super) receive_format: Format,
    pub(super) send_format: Format,
    pub(super) receive_events: Option<u8>,
    pub(super) send_events: Option<u8>,
    /// Clock of the events' durations, Hz.
    pub(super) events_clock: u32,
    /// Keys reach the peer by signalling.
    pub(super) keys_signalled: bool,
    pub(super) latch: Latch,
    pub(super) sequence: Sequence,
    pub(super) pace: Pace,
    /// When the socket is looked at; `None`: the kernel tells when something has come.
    pub(super) due: Option<Due>,
    /// Is in the list of those that were not read to the end.
    pub(super) unread: bool,
    /// Name of the incoming stream; another one after each change of source. Never the same for two legs.
    pub(super) stream: u64,
    pub(super) ssrc: Option<u32>,
    pub(super) out: Outgoing,
    pub(super) reports: Reports,
    pub(super) bridge: Option<Bridge>,
    pub(super) membership: Membership,
    pub(super) tracks: [Option<Track>; TRACKS_MAX],
    pub(super) heard_at: Duration,
    pub(super) crypto: Option<Box<Crypto>>,
    /// Boxed, like the music, to keep what every packet touches close together.
    pub(super) play: Option<Box<Playback>>,
    pub(super) music: Option<Box<Music>>,
    pub(super) digits: telephone_event::Receiver,
    /// Keys on their way to the peer.
    pub(super) keys: Option<Box<telephone_event::EventSender>>,
    /// Listens for the tones of a copper line.
    pub(super) watch: Option<Box<LineWatch>>,
    /// Tones of its keys are not to be heard in recordings.
    pub(super) keys_secret: bool,
    pub(super) first_reported: bool,
    pub(super) timed_out: bool,
    pub(super) stats: LegStats,
    pub(super) control: Box<Control>,
    /// Whom it hears besides its bridge.
    pub(super) also_hears: Vec<LegId>,
    /// Keys are sought in its sound.
    pub(super) seeks_keys: bool,
    /// What else the peer may send.
    pub(super) receive_formats: [Option<Format>; FORMATS_MAX],
    /// The local address as bound, to restore it when un-connecting loses the port.
    bound: SocketAddr,
}

impl Leg {
    pub(super) fn new(
        (id, group): (LegId, u64),
        socket: UdpSocket,
        control: Control,
        (out, reports): (Outgoing, Reports),
        now: Duration,
    ) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let bound = socket.local_addr()?;
        Ok(Self {
            id,
            group,
            socket,
            door: Door::Open,
            may_send: false,
            may_receive: false,
            echo: false,
            paced: false,
            receive_format: Format::PCMA,
            send_format: Format::PCMA,
            receive_events: None,
            send_events: None,
            events_clock: 8000,
            keys_signalled: false,
            latch: Latch::new(RELATCH_AFTER),
            sequence: Sequence::default(),
            pace: Pace::default(),
            due: None,
            unread: false,
            stream: 0,
            ssrc: None,
            out,
            reports,
            bridge: None,
            membership: Membership::default(),
            tracks: [None; TRACKS_MAX],
            keys_secret: false,
            heard_at: now,
            crypto: None,
            play: None,
            music: None,
            digits: telephone_event::Receiver::default(),
            keys: None,
            watch: None,
            first_reported: false,
            timed_out: false,
            stats: LegStats::default(),
            control: Box::new(control),
            also_hears: Vec::new(),
            seeks_keys: false,
            receive_formats: [None; FORMATS_MAX],
            bound,
        })
    }

    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// One datagram and its source.
    pub(super) fn receive(&mut self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        match self.door {
            // Not by way of the C library, whose calls may be cancelled, which costs two of a hundred packets.
            Door::Closed(source) => {
                let (length, _) = rustix::net::recv(&self.socket, buffer, RecvFlags::empty())?;
                Ok((length, source))
            }
            Door::Open => self.socket.recv_from(buffer),
            Door::Closing(left) => {
                let received = self.socket.recv_from(buffer);
                let is_empty =
                    received.as_ref().is_err_and(|error| error.kind() == io::ErrorKind::WouldBlock);
                self.door = match self.latch.source() {
                    Some(source) if is_empty || left == 0 => Door::Closed(source),
                    _ => Door::Closing(left.saturating_sub(1)),
                };
                received
            }
        }
    }

    /// Should the socket be read until it is empty? True for a moment after it was closed to others.
    pub(super) fn must_be_emptied(&self) -> bool {
        matches!(self.door, Door::Closing(_))
    }

    /// Protects and sends the packet of `length` bytes at the start of `buffer`, which has room for a tag behind it.
    /// True when it went out.
    pub(super) fn send(&mut self, buffer: &mut [u8], length: usize, now: Duration) -> bool {
        let timestamp = u32::from_be_bytes([buffer[4], buffer[5], buffer[6], buffer[7]]);
        let payload_bytes = length - HEADER_BYTES;
        let length = match &mut self.crypto {
            None => length,
            Some(crypto) => match crypto.sender.protect(buffer, length) {
                Ok(length) => length,
                Err(_) => {
                    self.stats.send_errors += 1;
                    return false;
                }
            },
        };
        let is_sent = self.send_raw(&buffer[..length]);
        if is_sent {
            self.stats.sent += 1;
            self.reports.sent(timestamp, payload_bytes, now);
        } else {
            self.stats.send_errors += 1;
        }
        is_sent
    }

    /// Sends bytes as they are. True when they went out.
    pub(super) fn send_raw(&mut self, packet: &[u8]) -> bool {
        let sent = if self.is_connected() {
            match rustix::net::send(&self.socket, packet, SendFlags::NOSIGNAL) {
                // The error belongs to an earlier packet and has kept this one from being sent.
                Err(Errno::CONNREFUSED) => rustix::net::send(&self.socket, packet, SendFlags::NOSIGNAL),
                result => result,
            }
            .map_err(io::Error::from)
        } else {
            let Some(target) = self.latch.target() else { return false };
            self.socket.send_to(packet, target)
        };
        sent.is_ok()
    }

    /// May and can anything be sent?
    pub(super) fn can_send(&self) -> bool {
        self.may_send && self.latch.target().is_some()
    }

    /// The law of what is sent, when it is G.711.
    pub(super) fn law(&self) -> Option<Law> {
        self.send_format.codec.law()
    }

    /// What plays at its own pace: a prompt, or music while there is no bridge.
    pub(super) fn wants_pacing(&self) -> bool {
        self.play.is_some() || (self.bridge.is_none() && self.music.as_ref().is_some_and(|music| music.on))
    }

    /// The format of a payload type that the peer may use.
    pub(super) fn format_of(&self, payload_type: u8) -> Option<Format> {
        if self.receive_format.payload_type == payload_type {
            return Some(self.receive_format);
        }
        self.receive_formats.iter().flatten().find(|one| one.payload_type == payload_type).copied()
    }

    /// From now on the kernel drops what others send, and finds the route once. When the kernel refuses, the socket
    /// stays open to all and the latch alone decides.
    pub(super) fn connect(&mut self) {
        let Some(source) = self.latch.source() else { return };
        if self.socket.connect(source).is_ok() {
            self.door = Door::Closing(QUEUED_MAX);
        }
    }

    /// Opens the socket to other sources again.
    pub(super) fn disconnect(&mut self) {
        if std::mem::replace(&mut self.door, Door::Open) == Door::Open {
            return;
        }
        let undone = rustix::net::connect_unspec(&self.socket);
        // A port that the system had chosen is given back by this; take the same again.
        let lost = self.socket.local_addr().ok() != Some(self.bound);
        if undone.is_err() || (lost && rustix::net::bind(&self.socket, &self.bound).is_err()) {
            tracing::warn!(leg = self.id.0, "a media socket could not be opened to a new source");
        }
    }

    pub(super) fn is_connected(&self) -> bool {
        self.door != Door::Open
    }

    /// The counters, with those of the parts.
    pub(super) fn totals(&self) -> LegStats {
        LegStats {
            lost: self.sequence.missing(),
            duplicates: self.sequence.duplicates(),
            reordered: self.sequence.late(),
            strangers: self.latch.strangers(),
            ..self.stats
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_rtp::packet::Header;
    use careline_rtp::srtp::{Keys, Profile};

    const PROFILE: Profile = Profile::AesCm128HmacSha1_80;

    fn keys(receive: u8) -> StreamKeys {
        let of = |fill| {
            Keys::new(PROFILE, &vec![fill; PROFILE.material_bytes()]).expect("of the profile's length")
        };
        StreamKeys {
            send: of(1),
            receive: of(receive),
            send_generation: 1,
            receive_generation: receive.into(),
        }
    }

    fn protected(crypto: &mut Crypto, sequence: u16) -> Vec<u8> {
        let mut packet = vec![0; 200];
        let header = Header { payload_type: 8, marker: false, sequence, timestamp: 0, ssrc: 7 };
        header.write(packet.first_chunk_mut().expect("room for a header"));
        let length = crypto.sender.protect(&mut packet, 172).expect("protected");
        packet.truncate(length);
        packet
    }

    #[test]
    fn a_new_key_of_the_peer_does_not_begin_our_key_stream_again() {
        let mut crypto = Crypto::new(&keys(2));
        let mut peer = srtp::Receiver::new(&keys(2).send);
        for sequence in [65_534, 65_535, 0] {
            peer.unprotect(&mut protected(&mut crypto, sequence)).expect("the peer understands");
        }
        crypto.renew(&keys(3));
        // Begun again it would count the wrap anew, under the same key.
        peer.unprotect(&mut protected(&mut crypto, 1)).expect("the peer still understands");
    }
}

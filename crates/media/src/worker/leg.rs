//! One leg: its socket, what it says, what it is to hear.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::Duration;

use careline_audio::g711::Law;
use careline_rtp::latch::{Latch, RELATCH_AFTER};
use careline_rtp::sequence::Sequence;
use careline_rtp::stream::Outgoing;
use careline_rtp::telephone_event;

use crate::command::LegId;
use crate::event::LegStats;
use crate::prompts::Prompt;

/// Recordings that one leg can be part of at once.
pub(super) const TRACKS_MAX: usize = 2;

/// A position in a row of prompts.
#[derive(Debug)]
pub(super) struct Cursor {
    pub(super) items: Vec<Arc<Prompt>>,
    item: usize,
    offset: usize,
    repeat: bool,
}

impl Cursor {
    pub(super) fn new(items: Vec<Arc<Prompt>>, repeat: bool) -> Self {
        Self { items, item: 0, offset: 0, repeat }
    }

    /// Copies the next samples and goes on without a seam from one item to the next; the rest after the end is
    /// silence. True when the end has been reached.
    pub(super) fn fill(&mut self, law: Law, mut frame: &mut [u8]) -> bool {
        while !frame.is_empty() {
            let Some(prompt) = self.items.get(self.item) else {
                frame.fill(law.silence());
                return true;
            };
            let rest = &prompt.samples(law)[self.offset..];
            let copied = rest.len().min(frame.len());
            frame[..copied].copy_from_slice(&rest[..copied]);
            frame = &mut frame[copied..];
            self.offset += copied;
            if copied == rest.len() {
                self.offset = 0;
                self.item += 1;
                if self.repeat && self.item == self.items.len() {
                    self.item = 0;
                }
            }
        }
        self.item >= self.items.len()
    }
}

#[derive(Debug)]
pub(super) struct Playback {
    pub(super) id: u64,
    pub(super) cursor: Cursor,
}

#[derive(Debug)]
pub(super) struct Music {
    pub(super) name: Arc<str>,
    pub(super) cursor: Cursor,
    pub(super) on: bool,
}

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

#[derive(Debug)]
pub(super) struct Leg {
    pub(super) id: LegId,
    socket: UdpSocket,
    /// The local address as bound, to restore it when un-connecting loses the port.
    bound: SocketAddr,
    connected: bool,
    pub(super) latch: Latch,
    pub(super) law: Law,
    pub(super) dtmf_payload: Option<u8>,
    pub(super) may_send: bool,
    pub(super) may_receive: bool,
    pub(super) sequence: Sequence,
    /// Name of the incoming stream; another one after each change of source. Never the same for two legs.
    pub(super) stream: u64,
    pub(super) ssrc: Option<u32>,
    pub(super) digits: telephone_event::Receiver,
    pub(super) out: Outgoing,
    pub(super) bridge: Option<Bridge>,
    pub(super) echo: bool,
    /// Boxed, like the music, to keep what every packet touches close together.
    pub(super) play: Option<Box<Playback>>,
    pub(super) music: Option<Box<Music>>,
    /// Is in the list of its phase.
    pub(super) paced: bool,
    pub(super) tracks: [Option<Track>; TRACKS_MAX],
    pub(super) heard_at: Duration,
    pub(super) first_reported: bool,
    pub(super) timed_out: bool,
    pub(super) stats: LegStats,
}

impl Leg {
    pub(super) fn new(id: LegId, socket: UdpSocket, out: Outgoing, now: Duration) -> io::Result<Self> {
        socket.set_nonblocking(true)?;
        let bound = socket.local_addr()?;
        Ok(Self {
            id,
            socket,
            bound,
            connected: false,
            latch: Latch::new(RELATCH_AFTER),
            law: Law::A,
            dtmf_payload: None,
            may_send: false,
            may_receive: false,
            sequence: Sequence::default(),
            stream: 0,
            ssrc: None,
            digits: telephone_event::Receiver::default(),
            out,
            bridge: None,
            echo: false,
            play: None,
            music: None,
            paced: false,
            tracks: [None; TRACKS_MAX],
            heard_at: now,
            first_reported: false,
            timed_out: false,
            stats: LegStats::default(),
        })
    }

    pub(super) fn socket(&self) -> &UdpSocket {
        &self.socket
    }

    /// One datagram and its source. The source is asked for on connected sockets too: what strangers sent before
    /// the connect may still be in the queue.
    pub(super) fn receive(&self, buffer: &mut [u8]) -> io::Result<(usize, SocketAddr)> {
        self.socket.recv_from(buffer)
    }

    /// Sends to the peer. True when it went out.
    pub(super) fn send(&mut self, packet: &[u8]) -> bool {
        let sent = if self.connected {
            match self.socket.send(packet) {
                // The error belongs to an earlier packet and has kept this one from being sent.
                Err(error) if error.kind() == io::ErrorKind::ConnectionRefused => self.socket.send(packet),
                result => result,
            }
        } else {
            let Some(target) = self.latch.target() else { return false };
            self.socket.send_to(packet, target)
        };
        match sent {
            Ok(_) => self.stats.sent += 1,
            Err(_) => self.stats.send_errors += 1,
        }
        sent.is_ok()
    }

    /// May and can anything be sent?
    pub(super) fn can_send(&self) -> bool {
        self.may_send && self.latch.target().is_some()
    }

    /// What plays at its own pace: a prompt, or music while there is no bridge.
    pub(super) fn wants_pacing(&self) -> bool {
        self.play.is_some() || (self.bridge.is_none() && self.music.as_ref().is_some_and(|music| music.on))
    }

    /// From now on the kernel drops what others send, and finds the route once. When the kernel refuses, the socket
    /// stays open to all and the latch alone decides.
    pub(super) fn connect(&mut self) {
        let Some(source) = self.latch.source() else { return };
        self.connected = self.socket.connect(source).is_ok();
    }

    /// Opens the socket to other sources again.
    pub(super) fn disconnect(&mut self) {
        if !std::mem::take(&mut self.connected) {
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
        self.connected
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

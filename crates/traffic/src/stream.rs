//! All RTP of the crowd in one thread: every 20 ms one frame out of each stream and everything that came in.
//!
//! The pace is absolute (start + n * 20 ms): a late tick is made up for, and how late the latest was is reported,
//! because a generator that cannot keep its own clock says nothing about the switch.

use crate::ear::{Ear, Heard};
use crate::pair::Pair;
use crate::voice::Voice;
use careline_audio::FRAME_SAMPLES;
use careline_audio::g711::{self, Law};
use careline_rtp::FRAME_UNITS;
use careline_rtp::packet::{HEADER_BYTES, Header, Packet};
use careline_rtp::telephone_event::{self, EventPacket, PAYLOAD_BYTES};
use std::collections::{BTreeMap, VecDeque};
use std::net::{SocketAddr, UdpSocket};
use std::sync::mpsc::{Receiver, Sender, TryRecvError, channel};
use std::time::{Duration, Instant};

/// Length of a frame.
const FRAME: Duration = Duration::from_millis(20);

/// How long a key is held down, milliseconds.
const KEY_MS: u16 = 120;

/// Ticks that are made up for at once; further behind the pace begins anew.
const CATCH_UP_TICKS_MAX: u32 = 10;

/// Largest packet looked at.
const PACKET_BYTES_MAX: usize = 1500;

/// Names a stream.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct StreamId(pub u64);

/// What the other side of a stream agreed to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Remote {
    /// Where it wants to receive.
    pub address: SocketAddr,
    /// What it wants to receive.
    pub law: Law,
    /// Payload type of its telephone events.
    pub telephone_event: Option<u8>,
}

/// An order to the thread.
#[derive(Debug)]
enum Order {
    Open { id: StreamId, socket: UdpSocket, ssrc: u32 },
    Send { id: StreamId, remote: Remote, voice: Voice },
    Expect { id: StreamId, own: Pair, foreign: Vec<Pair> },
    Press { id: StreamId, key: char },
    Close { id: StreamId },
}

/// What the thread tells.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum News {
    /// The first window that was not silent: somebody speaks.
    SoundBegan(StreamId),
    /// The stream is closed; this is all it heard.
    Closed(StreamId, Heard),
}

/// The thread, as its owner sees it. It ends when this is dropped.
#[derive(Debug)]
pub struct Streams {
    orders: Sender<Order>,
    thread: Option<std::thread::JoinHandle<Duration>>,
    next: u64,
}

impl Streams {
    /// Starts the thread; its news go to `tell`.
    ///
    /// # Errors
    /// When the system gives no thread.
    pub fn start(tell: impl Fn(News) + Send + 'static) -> anyhow::Result<Self> {
        let (orders, receiver) = channel();
        let thread = std::thread::Builder::new()
            .name("rtp".into())
            .spawn(move || Pace { orders: receiver, streams: BTreeMap::new(), tell: Box::new(tell) }.run())?;
        Ok(Self { orders, thread: Some(thread), next: 1 })
    }

    /// Takes a bound socket; it listens at once and sends after [`Self::send`].
    ///
    /// # Errors
    /// When the socket cannot be made non-blocking.
    pub fn open(&mut self, socket: UdpSocket) -> anyhow::Result<StreamId> {
        socket.set_nonblocking(true)?;
        let id = StreamId(self.next);
        self.next += 1;
        // Any number will do that no other stream of this run has.
        let ssrc = u32::try_from(id.0).unwrap_or(0) ^ 0x5eed_0000;
        self.order(Order::Open { id, socket, ssrc });
        Ok(id)
    }

    /// Says `voice` from now on.
    pub fn send(&self, id: StreamId, remote: Remote, voice: Voice) {
        self.order(Order::Send { id, remote, voice });
    }

    /// The other's pair should be heard from now on, and none of the foreign ones.
    pub fn expect(&self, id: StreamId, own: Pair, foreign: Vec<Pair>) {
        self.order(Order::Expect { id, own, foreign });
    }

    /// Presses a key.
    pub fn press(&self, id: StreamId, key: char) {
        self.order(Order::Press { id, key });
    }

    /// Ends the stream; [`News::Closed`] follows.
    pub fn close(&self, id: StreamId) {
        self.order(Order::Close { id });
    }

    /// Ends the thread and tells how far it was ever behind its pace.
    #[must_use]
    pub fn finish(mut self) -> Duration {
        let thread = self.thread.take();
        drop(self);
        thread.and_then(|thread| thread.join().ok()).unwrap_or_default()
    }

    fn order(&self, order: Order) {
        // The thread ends only after its owner.
        let _ = self.orders.send(order);
    }
}

struct Stream {
    socket: UdpSocket,
    remote: Option<(Remote, Voice)>,
    keys: VecDeque<EventPacket>,
    key_timestamp: u32,
    header: Header,
    ear: Ear,
    sound_told: bool,
}

struct Pace {
    orders: Receiver<Order>,
    streams: BTreeMap<StreamId, Stream>,
    tell: Box<dyn Fn(News) + Send>,
}

impl Pace {
    fn run(mut self) -> Duration {
        let mut behind_max = Duration::ZERO;
        let mut due = Instant::now();
        while self.obey() {
            for (id, stream) in &mut self.streams {
                stream.receive();
                stream.send_frame();
                if !stream.sound_told && stream.ear.heard().sound_windows > 0 {
                    stream.sound_told = true;
                    (self.tell)(News::SoundBegan(*id));
                }
            }
            due += FRAME;
            let now = Instant::now();
            let behind = now.saturating_duration_since(due);
            behind_max = behind_max.max(behind);
            if behind > FRAME * CATCH_UP_TICKS_MAX {
                due = now;
            }
            std::thread::sleep(due.saturating_duration_since(now));
        }
        behind_max
    }

    /// False when the owner is gone.
    fn obey(&mut self) -> bool {
        loop {
            match self.orders.try_recv() {
                Ok(order) => self.take(order),
                Err(TryRecvError::Empty) => return true,
                Err(TryRecvError::Disconnected) => return false,
            }
        }
    }

    fn take(&mut self, order: Order) {
        match order {
            Order::Open { id, socket, ssrc } => {
                self.streams.insert(id, Stream::new(socket, ssrc));
            }
            Order::Send { id, remote, voice } => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.remote = Some((remote, voice));
                }
            }
            Order::Expect { id, own, foreign } => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.ear.expect(own, &foreign);
                }
            }
            Order::Press { id, key } => {
                if let Some(stream) = self.streams.get_mut(&id) {
                    stream.keys.extend(telephone_event::packets(key, KEY_MS).into_iter().flatten());
                }
            }
            Order::Close { id } => {
                if let Some(mut stream) = self.streams.remove(&id) {
                    stream.receive();
                    (self.tell)(News::Closed(id, stream.ear.heard()));
                }
            }
        }
    }
}

impl Stream {
    fn new(socket: UdpSocket, ssrc: u32) -> Self {
        let header = Header { payload_type: 0, marker: true, sequence: 0, timestamp: 0, ssrc };
        Self {
            socket,
            remote: None,
            keys: VecDeque::new(),
            key_timestamp: 0,
            header,
            ear: Ear::default(),
            sound_told: false,
        }
    }

    fn receive(&mut self) {
        let mut buffer = [0_u8; PACKET_BYTES_MAX];
        while let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
            let Ok(packet) = Packet::parse(&buffer[..length]) else { continue };
            let Some(law) = Law::of_payload_type(packet.payload_type) else { continue };
            self.ear.hear(buffer[packet.payload].iter().map(|&byte| g711::decode(law, byte)));
        }
    }

    /// A key takes the place of the voice while it is held (RFC 4733 2.5.1.2); the clock goes on.
    fn send_frame(&mut self) {
        let Some((remote, voice)) = &mut self.remote else { return };
        let frame = voice.frame();
        let key =
            remote.telephone_event.and_then(|payload_type| Some((payload_type, self.keys.pop_front()?)));
        let mut datagram = [0_u8; HEADER_BYTES + FRAME_SAMPLES];
        let (head, payload) = datagram.split_at_mut(HEADER_BYTES);
        let head: &mut [u8; HEADER_BYTES] = head.try_into().expect("split at its length");
        let length = if let Some((payload_type, key)) = key {
            if key.marker {
                self.key_timestamp = self.header.timestamp;
            }
            let header =
                Header { payload_type, marker: key.marker, timestamp: self.key_timestamp, ..self.header };
            header.write(head);
            payload[..PAYLOAD_BYTES].copy_from_slice(&key.payload);
            HEADER_BYTES + PAYLOAD_BYTES
        } else {
            Header { payload_type: remote.law.payload_type(), ..self.header }.write(head);
            payload.copy_from_slice(frame);
            self.header.marker = false;
            HEADER_BYTES + FRAME_SAMPLES
        };
        // A full socket buffer loses a packet, as a network would.
        let _ = self.socket.send_to(&datagram[..length], remote.address);
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(FRAME_UNITS);
    }
}

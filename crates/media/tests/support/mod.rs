//! Phones made of real sockets, and an engine to ring.
#![allow(dead_code, reason = "every test file uses its own part")]

use std::net::{Ipv4Addr, SocketAddr, UdpSocket};
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU8, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::sync::{Arc, Condvar, Mutex};
use std::time::{Duration, Instant};

use careline_audio::detect::{ToneWindow, tone_windows};
use careline_audio::g711::{Law, decode, encode};
use careline_audio::tone::Tone;
use careline_media::{
    Command, Engine, EventReceiver, Format, LegId, MediaConfig, MediaEvent, Prompts, RecorderConfig,
    RecordingSpec, RemoteStream,
};
use careline_rtp::packet::{HEADER_BYTES, Header, Packet};
use careline_rtp::telephone_event;

/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(20);
/// Level of every phone's tone.
pub const LEVEL_DBFS: f64 = -13.0;
/// Payload type of the phones' telephone events.
pub const DTMF: u8 = 101;

/// A packet that a phone got.
#[derive(Clone, Debug)]
pub struct Heard {
    pub at: Instant,
    pub header: Packet,
    pub payload: Vec<u8>,
}

enum Order {
    Tone(Option<f64>),
    Press(char),
    Mute(bool),
    /// These bytes, now.
    Raw(Vec<u8>),
    /// A new synchronisation source with numbers of its own.
    Source(u32),
    /// So many packets every 20 ms.
    Speed(u32),
    /// So many bytes of sound in the next packet.
    Odd(usize),
}

#[derive(Default)]
struct Ear {
    heard: Mutex<Vec<Heard>>,
    grown: Condvar,
}

/// A phone: says a tone every 20 ms and notes what it hears.
pub struct Phone {
    pub address: SocketAddr,
    pub law: Law,
    ear: Arc<Ear>,
    orders: Sender<Order>,
    over: Arc<AtomicBool>,
    thread: Option<std::thread::JoinHandle<()>>,
}

impl Phone {
    /// Talks to `to`; `frequency` `None` is A-law or mu-law silence.
    pub fn call(to: SocketAddr, law: Law, frequency: Option<f64>) -> Self {
        Self::at(UdpSocket::bind((to.ip(), 0)).expect("a port"), to, law, frequency)
    }

    fn at(socket: UdpSocket, to: SocketAddr, law: Law, frequency: Option<f64>) -> Self {
        let address = socket.local_addr().expect("an address");
        let ear = Arc::new(Ear::default());
        let over = Arc::new(AtomicBool::new(false));
        let (orders, inbox) = channel();
        let voice = Voice::new(law, frequency);
        let thread = {
            let (ear, over) = (Arc::clone(&ear), Arc::clone(&over));
            std::thread::spawn(move || live(&socket, to, voice, &inbox, &ear, &over))
        };
        Self { address, law, ear, orders, over, thread: Some(thread) }
    }

    pub fn say(&self, frequency: Option<f64>) {
        self.orders.send(Order::Tone(frequency)).expect("the phone lives");
    }

    pub fn press(&self, key: char) {
        self.orders.send(Order::Press(key)).expect("the phone lives");
    }

    pub fn mute(&self, mute: bool) {
        self.orders.send(Order::Mute(mute)).expect("the phone lives");
    }

    /// Sends bytes that are no part of its stream.
    pub fn send_raw(&self, bytes: &[u8]) {
        self.orders.send(Order::Raw(bytes.to_vec())).expect("the phone lives");
    }

    /// Goes on under another SSRC, with other numbers and timestamps.
    pub fn change_source(&self, ssrc: u32) {
        self.orders.send(Order::Source(ssrc)).expect("the phone lives");
    }

    /// Sends so many packets where one is due.
    pub fn speed(&self, packets: u32) {
        self.orders.send(Order::Speed(packets)).expect("the phone lives");
    }

    /// Puts so many bytes of sound into its next packet.
    pub fn say_oddly(&self, bytes: usize) {
        self.orders.send(Order::Odd(bytes)).expect("the phone lives");
    }

    /// Everything heard so far.
    pub fn heard(&self) -> Vec<Heard> {
        self.ear.heard.lock().expect("no panic in the phone").clone()
    }

    /// Waits until `count` packets have been heard and gives them all.
    pub fn wait_heard(&self, count: usize) -> Vec<Heard> {
        let heard = self.ear.heard.lock().expect("no panic in the phone");
        let (heard, wait) = self
            .ear
            .grown
            .wait_timeout_while(heard, PATIENCE, |heard| heard.len() < count)
            .expect("no panic in the phone");
        assert!(!wait.timed_out(), "heard only {} of {count} packets", heard.len());
        heard.clone()
    }

    /// Waits for `count` more packets from now on and gives those.
    pub fn wait_more(&self, count: usize) -> Vec<Heard> {
        let before = self.heard().len();
        self.wait_heard(before + count).split_off(before)
    }
}

impl Drop for Phone {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

struct Voice {
    law: Law,
    tone: Tone,
    header: Header,
    muted: bool,
    event: Vec<telephone_event::EventPacket>,
    event_timestamp: u32,
    speed: u32,
    odd: Option<usize>,
    raw: Vec<Vec<u8>>,
}

impl Voice {
    fn new(law: Law, frequency: Option<f64>) -> Self {
        let header = Header {
            payload_type: law.payload_type(),
            marker: true,
            sequence: 65_500,
            timestamp: 12_345,
            ssrc: 99,
        };
        let mut voice = Self {
            law,
            tone: Tone::new(8000, &[]),
            header,
            muted: false,
            event: Vec::new(),
            event_timestamp: 0,
            speed: 1,
            odd: None,
            raw: Vec::new(),
        };
        voice.obey(Order::Tone(frequency));
        voice
    }

    fn obey(&mut self, order: Order) {
        match order {
            Order::Tone(Some(frequency)) => self.tone = Tone::new(8000, &[(frequency, LEVEL_DBFS)]),
            Order::Tone(None) => self.tone = Tone::new(8000, &[]),
            Order::Press(key) => {
                self.event = telephone_event::packets(key, 80).expect("a key").collect();
                self.event.reverse();
                self.event_timestamp = self.header.timestamp.wrapping_add(160);
            }
            Order::Mute(mute) => self.muted = mute,
            Order::Raw(bytes) => self.raw.push(bytes),
            Order::Source(ssrc) => {
                let sequence = (ssrc >> 7) as u16;
                self.header = Header { ssrc, sequence, timestamp: ssrc.rotate_left(9), ..self.header };
            }
            Order::Speed(speed) => self.speed = speed,
            Order::Odd(bytes) => self.odd = Some(bytes),
        }
    }

    /// The next packet, if anything is said.
    fn next(&mut self) -> Option<Vec<u8>> {
        self.header.timestamp = self.header.timestamp.wrapping_add(160);
        let samples = self.tone.take(self.odd.take().unwrap_or(160));
        if self.muted {
            return None;
        }
        self.header.sequence = self.header.sequence.wrapping_add(1);
        let mut bytes = [0; HEADER_BYTES];
        if let Some(event) = self.event.pop() {
            let header = Header {
                payload_type: DTMF,
                marker: event.marker,
                timestamp: self.event_timestamp,
                ..self.header
            };
            header.write(&mut bytes);
            return Some([&bytes[..], &event.payload].concat());
        }
        self.header.write(&mut bytes);
        self.header.marker = false;
        let payload: Vec<u8> = samples.into_iter().map(|sample| encode(self.law, sample)).collect();
        Some([&bytes[..], &payload].concat())
    }
}

fn live(
    socket: &UdpSocket,
    to: SocketAddr,
    mut voice: Voice,
    inbox: &Receiver<Order>,
    ear: &Ear,
    over: &AtomicBool,
) {
    let mut due = Instant::now();
    let mut buffer = [0; 2048];
    while !over.load(Ordering::Relaxed) {
        while let Ok(order) = inbox.try_recv() {
            voice.obey(order);
        }
        let now = Instant::now();
        if now >= due {
            due += Duration::from_millis(20);
            for bytes in voice.raw.drain(..) {
                let _ = socket.send_to(&bytes, to);
            }
            for _ in 0..voice.speed {
                if let Some(packet) = voice.next() {
                    let _ = socket.send_to(&packet, to);
                }
            }
            continue;
        }
        socket.set_read_timeout(Some(due - now)).expect("a time-out above zero");
        if let Ok((length, _)) = socket.recv_from(&mut buffer) {
            let at = Instant::now();
            let header = Packet::parse(&buffer[..length]).expect("the engine sends RTP");
            let payload = buffer[header.payload.clone()].to_vec();
            ear.heard.lock().expect("no panic in the test").push(Heard { at, header, payload });
            ear.grown.notify_all();
        }
    }
}

/// The audio of packets, in the order heard.
pub fn samples(law: Law, heard: &[Heard]) -> Vec<i16> {
    heard
        .iter()
        .filter(|packet| packet.header.payload_type == law.payload_type())
        .flat_map(|packet| packet.payload.iter().map(|&byte| decode(law, byte)))
        .collect()
}

/// Asserts that the audio holds the tone nearly throughout: all windows but the edges.
pub fn assert_tone(samples: &[i16], frequency: f64) {
    assert_tone_with_breaks(samples, frequency, 0);
}

/// The same of audio that begins anew so many times, somewhere within the tone.
pub fn assert_tone_with_breaks(samples: &[i16], frequency: f64, breaks: usize) {
    let windows = tone_windows(samples, 8000, &[frequency]);
    assert!(windows.len() >= 5, "only {} windows", windows.len());
    let good = windows.iter().filter(|window| window.is_tone(0, LEVEL_DBFS)).count();
    assert!(
        good + 2 + breaks >= windows.len(),
        "{frequency} Hz in {good} of {} windows: {windows:?}",
        windows.len()
    );
}

/// Asserts that sequence numbers rise by one and timestamps never fall.
pub fn assert_continuous(heard: &[Heard]) {
    for pair in heard.windows(2) {
        let [one, next] = pair else { continue };
        assert_eq!(next.header.sequence, one.header.sequence.wrapping_add(1), "sequence");
        assert_eq!(next.header.ssrc, one.header.ssrc, "ssrc");
        let step = careline_rtp::timestamp_distance(one.header.timestamp, next.header.timestamp);
        assert!((0..16_000).contains(&step), "timestamp step {step}");
    }
}

/// A loopback address that no other rig of this machine has now.
///
/// A port that one test gives back is another's at once, and a packet on its way to the first
/// would be a stranger to the second.
fn own_host() -> Ipv4Addr {
    static RIGS: AtomicU8 = AtomicU8::new(1);
    let [.., high, low] = std::process::id().to_be_bytes();
    Ipv4Addr::new(127, high.max(1), low, RIGS.fetch_add(1, Ordering::Relaxed))
}

/// An engine and its events.
pub struct Rig {
    host: Ipv4Addr,
    pub engine: Engine,
    pub events: EventReceiver,
    pub seen: Vec<MediaEvent>,
    pub folder: tempfile::TempDir,
}

impl Rig {
    pub fn new(prompts: Prompts) -> Self {
        Self::with(prompts, |_| {})
    }

    pub fn with(prompts: Prompts, change: impl FnOnce(&mut MediaConfig)) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let mut config = MediaConfig { recordings: recorder_config(folder.path()), ..MediaConfig::default() };
        change(&mut config);
        let (engine, events) = Engine::start(config, Arc::new(prompts)).expect("the engine starts");
        Self { host: own_host(), engine, events, seen: Vec::new(), folder }
    }

    /// Opens a leg and gives the address of its socket.
    pub fn open(&self, leg: u64) -> SocketAddr {
        self.open_in(1, leg)
    }

    /// A leg of another group than the usual one.
    pub fn open_in(&self, group: u64, leg: u64) -> SocketAddr {
        let socket = UdpSocket::bind((self.host, 0)).expect("a port");
        let address = socket.local_addr().expect("an address");
        self.send(Command::Open { leg: LegId(leg), call: group, socket, rtcp: None });
        address
    }

    pub fn remote(&self, leg: u64, addr: SocketAddr, law: Law) {
        self.remote_stream(leg, stream(addr, law));
    }

    pub fn remote_stream(&self, leg: u64, stream: RemoteStream) {
        self.send(Command::Remote { leg: LegId(leg), stream: Box::new(stream) });
    }

    /// A leg with a phone on it.
    pub fn phone(&self, leg: u64, law: Law, frequency: Option<f64>) -> Phone {
        let to = self.open(leg);
        let socket = UdpSocket::bind((to.ip(), 0)).expect("a port");
        self.remote(leg, socket.local_addr().expect("an address"), law);
        self.settle();
        Phone::at(socket, to, law, frequency)
    }

    /// Waits until all that was ordered is done: a packet that is quicker than the order that says who sends it is a
    /// stranger's.
    fn settle(&self) {
        let ignored = self.engine.stats().commands_ignored;
        self.send(Command::StopPlay { leg: LegId(u64::MAX) });
        let end = Instant::now() + PATIENCE;
        while self.engine.stats().commands_ignored == ignored {
            assert!(Instant::now() < end, "the engine does not obey");
            std::thread::yield_now();
        }
    }

    pub fn bridge(&self, a: u64, b: u64) {
        self.send(Command::Bridge { a: LegId(a), b: LegId(b) });
    }

    pub fn play(&self, leg: u64, playback: u64, items: &[&str]) {
        let items = items.iter().map(|&name| Arc::from(name)).collect();
        self.send(Command::Play { leg: LegId(leg), playback, items, repeat: false });
    }

    pub fn music(&self, leg: u64, item: Option<&str>) {
        self.send(Command::Music { leg: LegId(leg), item: item.map(Arc::from) });
    }

    pub fn record(&self, id: &str, left: u64, right: u64) {
        let recording = RecordingSpec {
            id: Arc::from(id),
            started_wall_us: 1_700_000_000_000_000,
            directory: self.folder.path().join("2026/11/22"),
            rate: 8000,
            sidecar: serde_json::json!({ "line": "010", "state": "not the recorder's" }),
        };
        self.send(Command::Record { recording, left: LegId(left), right: LegId(right) });
    }

    pub fn send(&self, command: Command) {
        self.engine.send(command).expect("room in the queue");
    }

    /// Waits for an event for which `wanted` gives something.
    pub fn wait<T>(&mut self, what: &str, wanted: impl Fn(&MediaEvent) -> Option<T>) -> T {
        wait(&mut self.events, &mut self.seen, what, wanted)
    }
}

/// G.711 both ways with telephone events, in clear.
pub fn stream(addr: SocketAddr, law: Law) -> RemoteStream {
    let format = match law {
        Law::A => Format::PCMA,
        Law::U => Format::PCMU,
    };
    let events = Some(DTMF);
    RemoteStream { send_events: events, receive_events: events, ..RemoteStream::plain(addr, format) }
}

pub fn recorder_config(folder: &Path) -> RecorderConfig {
    RecorderConfig { directory: folder.to_path_buf(), free_space_min_bytes: 0, ..RecorderConfig::default() }
}

/// Waits on the receiver's file descriptor; no sleeping.
pub fn wait<T>(
    events: &mut EventReceiver,
    seen: &mut Vec<MediaEvent>,
    what: &str,
    wanted: impl Fn(&MediaEvent) -> Option<T>,
) -> T {
    use rustix::event::{PollFd, PollFlags, Timespec, poll};
    let deadline = Instant::now() + PATIENCE;
    loop {
        while let Some(event) = events.try_recv() {
            let found = wanted(&event);
            seen.push(event);
            if let Some(found) = found {
                return found;
            }
        }
        let left = deadline.saturating_duration_since(Instant::now());
        assert!(!left.is_zero(), "no {what}; seen: {seen:?}");
        // Statistics ring no bell: they are read with the next event, or when somebody looks.
        let left = left.min(Duration::from_millis(50));
        let timeout = Timespec { tv_sec: 0, tv_nsec: i64::from(left.subsec_nanos()) };
        let _ = poll(&mut [PollFd::new(events, PollFlags::IN)], Some(&timeout));
    }
}

/// Windows of a whole signal for one frequency.
pub fn windows(samples: &[i16], frequency: f64) -> Vec<ToneWindow> {
    tone_windows(samples, 8000, &[frequency])
}

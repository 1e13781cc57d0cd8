//! The phones: a process of its own, so that its work is not counted as the engine's.
//!
//! Conversation on stdin and stdout, one line each: the engine's ports in; the phones' ports out; `go <seconds>` in;
//! [`Totals`] as JSON out.

use std::io::{BufRead, Write};
use std::net::UdpSocket;
use std::time::Duration;

use careline_rtp::packet::{HEADER_BYTES, Header};
use rustix::thread::{ClockId as SleepClock, clock_nanosleep_absolute};
use rustix::time::{ClockId, Timespec, clock_gettime};

use crate::floor::PACKET_BYTES;
use crate::relay::{Failed, WARM_UP};

/// First argument of the generator process.
pub(crate) const ARGUMENT: &str = "generator";
/// Slots of 1 ms in a frame of 20 ms; each phone belongs to one.
const SLOTS: usize = 20;
/// After the last packet, this many slots of listening.
const TAIL_SLOTS: u64 = 500;
/// First byte of the payload of packets that count.
const COUNTED: u8 = 0x31;

/// What the phones have seen.
#[derive(Clone, Copy, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Totals {
    pub(crate) sent: u64,
    pub(crate) received: u64,
}

struct Phone {
    socket: UdpSocket,
    header: Header,
}

/// The whole life of the process.
pub(crate) fn run() -> Result<(), Failed> {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().ok_or_else(|| Failed::new("the bench has gone".to_owned()));
    let ports: Vec<u16> = serde_json::from_str(&line()??)?;
    let mut phones = Vec::with_capacity(ports.len());
    for (index, port) in ports.into_iter().enumerate() {
        let socket = UdpSocket::bind("127.0.0.1:0")?;
        socket.connect(("127.0.0.1", port))?;
        socket.set_nonblocking(true)?;
        let ssrc = index as u32 + 1;
        phones.push(Phone {
            socket,
            header: Header { payload_type: 8, marker: false, sequence: 0, timestamp: 0, ssrc },
        });
    }
    let own: Vec<u16> = phones
        .iter()
        .map(|phone| phone.socket.local_addr().map(|own| own.port()))
        .collect::<Result<_, _>>()?;
    say(&serde_json::to_string(&own)?)?;
    let seconds: u64 = line()??.parse().map_err(|_| Failed::new("no number of seconds".to_owned()))?;
    let totals = talk(&mut phones, seconds);
    say(&serde_json::to_string(&totals)?)
}

fn say(line: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

/// Warm-up, then `seconds` in which every packet counts; then the tail.
fn talk(phones: &mut [Phone], seconds: u64) -> Totals {
    let mut totals = Totals::default();
    let start = monotonic();
    let warm = WARM_UP.as_millis() as u64;
    let end = warm + seconds * 1000;
    for slot in 0..end + TAIL_SLOTS {
        let due = start + Duration::from_millis(slot);
        let request = Timespec { tv_sec: due.as_secs() as i64, tv_nsec: i64::from(due.subsec_nanos()) };
        let _ = clock_nanosleep_absolute(SleepClock::Monotonic, &request);
        let place = slot as usize % SLOTS;
        if slot < end {
            let counted = slot >= warm;
            for phone in phones.iter_mut().skip(place).step_by(SLOTS) {
                totals.sent += u64::from(phone.speak(counted) && counted);
            }
        }
        // Half a frame later than their own packets, so that the other side's have come.
        for phone in phones.iter().skip((place + SLOTS / 2) % SLOTS).step_by(SLOTS) {
            totals.received += phone.listen();
        }
    }
    totals
}

impl Phone {
    fn speak(&mut self, counted: bool) -> bool {
        let mut packet = [0xd5; PACKET_BYTES];
        let (header, payload) = packet.split_first_chunk_mut::<HEADER_BYTES>().expect("a packet is longer");
        self.header.write(header);
        payload[0] = if counted { COUNTED } else { 0xd5 };
        self.header.sequence = self.header.sequence.wrapping_add(1);
        self.header.timestamp = self.header.timestamp.wrapping_add(160);
        self.socket.send(&packet).is_ok()
    }

    fn listen(&self) -> u64 {
        let mut counted = 0;
        let mut buffer = [0; 2048];
        while let Ok(length) = self.socket.recv(&mut buffer) {
            counted += u64::from(length == PACKET_BYTES && buffer[HEADER_BYTES] == COUNTED);
        }
        counted
    }
}

fn monotonic() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

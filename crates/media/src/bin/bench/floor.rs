//! The kernel's own cost: one send and one receive of an RTP packet on connected sockets, over as many pairs of
//! sockets as there are legs, in CPU time of one thread.
//!
//! The floor has both ends on one processor. [`crossed_ns_per_packet`] has the other end where the phones are in a run, on
//! the next processor, at a run's pace: what a socket costs that two processors touch by turns differs much between
//! machines (threads of one core share a cache), and is no work of the engine's.

use std::net::UdpSocket;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use rustix::event::Timespec;
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, clock_gettime};

use crate::Failed;
use crate::payload::PACKET_BYTES;

/// How long one measurement takes.
const LENGTH: Duration = Duration::from_millis(1500);
/// Rounds over all pairs at least.
const ROUNDS_MIN: usize = 5;

/// Time between two turns of the crossed floor: the engine's tick.
const TICK: Duration = Duration::from_millis(2);
/// Turns in a frame of 20 ms.
const TURNS: usize = 10;
/// How often the other end looks for packets.
const LOOK: Duration = Duration::from_micros(250);
/// Looks in a frame: at each socket once.
const LOOKS: usize = 80;
/// Where the phones are.
const PHONES_PROCESSOR: usize = 1;

/// Medians over the rounds, nanoseconds a packet.
pub(crate) struct Floor {
    pub(crate) send: f64,
    pub(crate) receive: f64,
}

impl Floor {
    pub(crate) fn sum(&self) -> f64 {
        self.send + self.receive
    }
}

/// Sends over all pairs, then receives over all pairs: so each socket is as cold as in a relay.
pub(crate) fn ns_per_packet(pairs: usize) -> Result<Floor, Failed> {
    let sockets = connected(pairs)?;
    let packet = [0x80; PACKET_BYTES];
    let mut buffer = [0; 2048];
    let (mut sends, mut receives) = (Vec::new(), Vec::new());
    let end = Instant::now() + LENGTH;
    while sends.len() < ROUNDS_MIN || Instant::now() < end {
        let begun = thread_cpu();
        for (one, _) in &sockets {
            one.send(&packet)?;
        }
        let sent = thread_cpu();
        for (_, other) in &sockets {
            other.recv(&mut buffer)?;
        }
        sends.push((sent - begun).as_nanos() as f64 / pairs as f64);
        receives.push((thread_cpu() - sent).as_nanos() as f64 / pairs as f64);
    }
    Ok(Floor { send: median(sends), receive: median(receives) })
}

/// Sends to sockets that another processor reads, and receives what it sends back.
pub(crate) fn crossed_ns_per_packet(pairs: usize) -> Result<Floor, Failed> {
    let (ours, theirs): (Vec<_>, Vec<_>) = connected(pairs)?.into_iter().unzip();
    ours.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    let over = Arc::new(AtomicBool::new(false));
    let phones = {
        let over = Arc::clone(&over);
        std::thread::spawn(move || echo(&theirs, &over))
    };
    let measured = in_turns(&ours);
    over.store(true, Ordering::Relaxed);
    phones.join().map_err(|_| Failed::new("the other end of the floor has gone".to_owned()))??;
    measured
}

fn in_turns(sockets: &[UdpSocket]) -> Result<Floor, Failed> {
    let packet = [0x80; PACKET_BYTES];
    let mut buffer = [0; 2048];
    let (mut sends, mut receives) = (Vec::new(), Vec::new());
    let begun = monotonic();
    for (turn, due) in (0..).map(|turn| (turn, begun + TICK * turn)) {
        if due > begun + LENGTH && sends.len() >= ROUNDS_MIN * TURNS {
            break;
        }
        sleep_until(due);
        let own = || sockets.iter().skip(turn as usize % TURNS).step_by(TURNS);
        let before = thread_cpu();
        // What was sent to these a frame ago has come back.
        let received = own().filter(|socket| socket.recv(&mut buffer).is_ok()).count();
        let between = thread_cpu();
        for socket in own() {
            socket.send(&packet)?;
        }
        let after = thread_cpu();
        if received > 0 {
            receives.push((between - before).as_nanos() as f64 / received as f64);
        }
        sends.push((after - between).as_nanos() as f64 / own().count().max(1) as f64);
    }
    if receives.is_empty() {
        return Err(Failed::new("nothing came back over the crossed floor".to_owned()));
    }
    Ok(Floor { send: median(sends), receive: median(receives) })
}

/// As the generator listens, without being told, and everything goes back.
fn echo(sockets: &[UdpSocket], over: &AtomicBool) -> Result<(), std::io::Error> {
    let mut processor = rustix::thread::CpuSet::new();
    processor.set(PHONES_PROCESSOR);
    // A machine with one processor has nothing to cross.
    let _ = rustix::thread::sched_setaffinity(None, &processor);
    sockets.iter().try_for_each(|socket| socket.set_nonblocking(true))?;
    let mut buffer = [0; 2048];
    let mut due = monotonic();
    for look in (0..LOOKS).cycle() {
        if over.load(Ordering::Relaxed) {
            break;
        }
        due = (due + LOOK).max(monotonic());
        sleep_until(due);
        for socket in sockets.iter().skip(look).step_by(LOOKS) {
            while let Ok(length) = socket.recv(&mut buffer) {
                let _ = socket.send(&buffer[..length]);
            }
        }
    }
    Ok(())
}

fn connected(pairs: usize) -> Result<Vec<(UdpSocket, UdpSocket)>, Failed> {
    (0..pairs)
        .map(|_| {
            let (one, other) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
            one.connect(other.local_addr()?)?;
            other.connect(one.local_addr()?)?;
            Ok((one, other))
        })
        .collect()
}

fn monotonic() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

fn sleep_until(due: Duration) {
    let until = Timespec { tv_sec: due.as_secs() as i64, tv_nsec: i64::from(due.subsec_nanos()) };
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &until);
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

//! The kernel's own cost: one send and one receive of an RTP packet on connected sockets, over as many pairs of
//! sockets as there are legs, in CPU time of one thread.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::Failed;
use crate::payload::PACKET_BYTES;

/// How long one measurement takes.
const LENGTH: Duration = Duration::from_millis(1500);
/// Rounds over all pairs at least.
const ROUNDS_MIN: usize = 5;

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
    let mut sockets = Vec::with_capacity(pairs);
    for _ in 0..pairs {
        let (one, other) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
        one.connect(other.local_addr()?)?;
        other.connect(one.local_addr()?)?;
        sockets.push((one, other));
    }
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

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

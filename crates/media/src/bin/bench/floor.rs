//! The kernel's own cost: one send and one receive of an RTP packet on connected sockets, over as many pairs of
//! sockets as there are legs, in CPU time of one thread.

use std::net::UdpSocket;
use std::time::{Duration, Instant};

use rustix::time::{ClockId, clock_gettime};

use crate::relay::Failed;

/// How long one measurement takes.
const LENGTH: Duration = Duration::from_millis(1500);
/// Rounds over all pairs at least.
const ROUNDS_MIN: usize = 5;
/// A G.711 packet of 20 ms.
pub(crate) const PACKET_BYTES: usize = 172;

/// Median over the rounds.
pub(crate) fn ns_per_packet(pairs: usize) -> Result<f64, Failed> {
    let mut sockets = Vec::with_capacity(pairs);
    for _ in 0..pairs {
        let (one, other) = (UdpSocket::bind("127.0.0.1:0")?, UdpSocket::bind("127.0.0.1:0")?);
        one.connect(other.local_addr()?)?;
        other.connect(one.local_addr()?)?;
        sockets.push((one, other));
    }
    let packet = [0x80; PACKET_BYTES];
    let mut buffer = [0; 2048];
    let mut rounds = Vec::new();
    let end = Instant::now() + LENGTH;
    while rounds.len() < ROUNDS_MIN || Instant::now() < end {
        let before = thread_cpu();
        for (one, other) in &sockets {
            one.send(&packet)?;
            other.recv(&mut buffer)?;
        }
        rounds.push((thread_cpu() - before).as_nanos() as f64 / pairs as f64);
    }
    rounds.sort_by(f64::total_cmp);
    Ok(rounds[rounds.len() / 2])
}

fn thread_cpu() -> Duration {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

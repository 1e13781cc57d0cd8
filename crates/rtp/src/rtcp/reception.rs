//! What is known of a stream that we receive (RFC 3550 appendices A.3 and A.8).

use core::time::Duration;

/// A jump of the extended number by more than this is a new beginning of the stream.
const JUMP_MAX: u64 = 1 << 15;
/// A change of transit time by more than this many seconds is a new beginning of the timestamps, not jitter.
const TRANSIT_JUMP_MAX_S: u32 = 5;

/// The counters of the RTCP report block for one SSRC.
#[derive(Clone, Copy, Debug)]
struct Stream {
    ssrc: u32,
    base: u64,
    highest: u64,
    received: u64,
    expected_before: u64,
    received_before: u64,
    transit: u32,
    timestamp: u32,
}

impl Stream {
    fn expected(&self) -> u64 {
        self.highest - self.base + 1
    }

    /// Negative when duplicates outweigh losses.
    fn lost(&self) -> i64 {
        self.expected().cast_signed() - self.received.cast_signed()
    }
}

/// The report block that is to be sent.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Block {
    pub(super) ssrc: u32,
    pub(super) fraction_lost: u8,
    pub(super) cumulative_lost: u32,
    pub(super) highest: u32,
    pub(super) jitter: u32,
}

/// Counts one direction. A change of SSRC, or of the numbers, begins a new stream for the reports; the totals go on.
#[derive(Clone, Debug)]
pub struct Reception {
    clock: u32,
    stream: Option<Stream>,
    /// Sixteen times the jitter, in timestamp units.
    jitter_16: u32,
    packets: u64,
    /// Of the streams before.
    lost_before: i64,
}

impl Reception {
    /// `clock`: timestamp units a second.
    #[must_use]
    pub fn new(clock: u32) -> Self {
        Self { clock, stream: None, jitter_16: 0, packets: 0, lost_before: 0 }
    }

    /// One valid packet, in any order, with its number from [`crate::sequence`].
    pub fn received(&mut self, ssrc: u32, extended: u64, timestamp: u32, now: Duration) {
        self.packets += 1;
        // The low 32 bits of the arrival time in timestamp units: only differences count.
        let arrival = (now.as_micros() * u128::from(self.clock) / 1_000_000) as u32;
        let transit = arrival.wrapping_sub(timestamp);
        let known = self.stream.as_mut().filter(|stream| {
            stream.ssrc == ssrc && extended.abs_diff(stream.highest) <= JUMP_MAX && extended >= stream.base
        });
        let Some(stream) = known else {
            self.lost_before += self.stream.map_or(0, |stream| stream.lost());
            self.stream = Some(Stream {
                ssrc,
                base: extended,
                highest: extended,
                received: 1,
                expected_before: 0,
                received_before: 0,
                transit,
                timestamp,
            });
            return;
        };
        stream.received += 1;
        stream.highest = stream.highest.max(extended);
        // The packets of a telephone event share a timestamp, which says nothing about when they were sent.
        if timestamp == stream.timestamp {
            return;
        }
        let change = transit.wrapping_sub(stream.transit).cast_signed().unsigned_abs();
        (stream.transit, stream.timestamp) = (transit, timestamp);
        if change < self.clock.saturating_mul(TRANSIT_JUMP_MAX_S) {
            self.jitter_16 = (self.jitter_16 + change).saturating_sub((self.jitter_16 + 8) >> 4);
        }
    }

    /// Another codec, with another clock: the jitter is measured anew.
    pub fn set_clock(&mut self, clock: u32) {
        if self.clock != clock {
            self.clock = clock;
            self.jitter_16 = 0;
            self.lost_before += self.stream.take().map_or(0, |stream| stream.lost());
        }
    }

    /// Packets received in all.
    #[must_use]
    pub fn packets(&self) -> u64 {
        self.packets
    }

    /// Packets that never came, in all; late ones are taken off again.
    #[must_use]
    pub fn lost(&self) -> u64 {
        let lost = self.lost_before + self.stream.map_or(0, |stream| stream.lost());
        u64::try_from(lost).unwrap_or(0)
    }

    /// Interarrival jitter (A.8), milliseconds.
    #[must_use]
    pub fn jitter_ms(&self) -> f64 {
        f64::from(self.jitter_16) / 16.0 * 1000.0 / f64::from(self.clock.max(1))
    }

    /// The SSRC of the stream.
    #[must_use]
    pub fn ssrc(&self) -> Option<u32> {
        self.stream.map(|stream| stream.ssrc)
    }

    /// The block for the next report; its fraction is that since the last one. `None` before the first packet.
    pub(super) fn block(&mut self) -> Option<Block> {
        const LOST_MAX: i64 = 0x7f_ffff;
        let stream = self.stream.as_mut()?;
        let expected = stream.expected() - stream.expected_before;
        let received = stream.received - stream.received_before;
        (stream.expected_before, stream.received_before) = (stream.expected(), stream.received);
        let lost = expected.saturating_sub(received);
        let fraction = (lost << 8).checked_div(expected).unwrap_or(0).min(255);
        Some(Block {
            ssrc: stream.ssrc,
            fraction_lost: fraction as u8,
            // Two's complement in 24 bits, stopping at its ends (section 6.4.1).
            cumulative_lost: (stream.lost().clamp(-LOST_MAX - 1, LOST_MAX) as u32) & 0xff_ffff,
            // Our numbers start above 65,535, the peer's cycles at 0.
            highest: (stream.highest - (stream.base >> 16 << 16)) as u32,
            jitter: self.jitter_16 >> 4,
        })
    }
}

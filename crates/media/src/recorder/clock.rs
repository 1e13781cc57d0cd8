//! Where a packet belongs on the recording's clock.
//!
//! The clock is the media thread's own; frames are counted at the side's rate since the recording began. A stream's
//! first packet is anchored where it arrives, the next ones stand where their timestamps say, so that jitter, loss and
//! silence suppression leave the right gaps. What is estimated is the *least lateness*: how late the quickest packet of
//! two seconds came, compared with its place. It should be nothing. When it is not, the anchor follows:
//!
//! - in a gap between packets at once, because nobody hears it;
//! - in running speech by one sample every eighth packet, repeated or left out. That follows clocks that differ by 200
//!   ppm four times over, whatever the jitter, and changes the pitch by less than 0.1 %. What is off by 20 ms and more
//!   is corrected oftener, a sample a packet at most (0.6 %);
//! - in the first half second of a stream, whose first packet may have come late, at once as well;
//! - by a jump only when everything is late by more than [`DELAY_JUMP_MS`] for half a second, or early for two (another
//!   way through the network), or when the timestamps themselves jumped.

use careline_rtp::timestamp_distance;

/// Packets over which the least lateness is taken: two seconds.
const WINDOW_PACKETS: u16 = 100;
/// Packets in which a stream may still find its place by bigger steps: half a second.
const SETTLING_PACKETS: u32 = 25;
/// What is off by less is not worth a step then: many senders' timers have 4 ms.
const SETTLING_STEP_MS: i64 = 5;
/// Lateness that is not corrected.
const DEAD_BAND_MS: i64 = 1;
/// Lateness of all packets that is a new way through the network.
const DELAY_JUMP_MS: i64 = 60;
/// Packets in a row that must be so late.
const DELAY_JUMP_PACKETS: u16 = 25;
/// A gap up to this long is no pause: packets may have overtaken each other.
const OVERTAKEN_MS: i64 = 60;
/// A packet further off than this means that the sender's timestamps jumped.
const JUMP_LATE_MS: i64 = 2000;
/// A packet may lie this far in the future: it came through quicker than those before.
const JUMP_EARLY_MS: i64 = 200;

/// Where a packet's first sample belongs.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct Placed {
    /// Frame at the side's rate; negative before the recording's beginning.
    pub(crate) frame: i64,
    /// So many frames before it (0 or 1) are to be filled with the first sample again.
    pub(crate) repeat: u8,
}

/// The place of one side's stream.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Anchor {
    stream: u64,
    rate: u32,
    timestamp: u32,
    /// Place of that timestamp.
    frame: i64,
    /// Behind the last sample of the packets so far.
    end: i64,
    packets: u32,
    window: u16,
    /// Least lateness of the window, as if nothing had been corrected in it.
    least: i64,
    /// Corrected in this window.
    corrected: i64,
    /// Still to be corrected: repeated when positive, left out when negative.
    slip: i64,
    /// Packets in a row that came late by more than [`DELAY_JUMP_MS`], and the least late of them.
    late_run: u16,
    late_run_least: i64,
}

/// What is known of a packet.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Arrival {
    /// Changes when the source changes.
    pub(crate) stream: u64,
    /// Samples per second of timestamps and samples.
    pub(crate) rate: u32,
    pub(crate) timestamp: u32,
    /// Samples in it.
    pub(crate) length: i64,
    /// Now, in frames of that rate. A packet that is not late ends now.
    pub(crate) now: i64,
}

impl Anchor {
    fn new(packet: &Arrival) -> Self {
        let arrived = packet.now - packet.length;
        Self {
            stream: packet.stream,
            rate: packet.rate,
            timestamp: packet.timestamp,
            frame: arrived,
            end: arrived + packet.length,
            packets: 1,
            window: 0,
            least: i64::MAX,
            corrected: 0,
            slip: 0,
            late_run: 0,
            late_run_least: i64::MAX,
        }
    }

    /// Places a packet of the side whose place is kept in `anchor`.
    pub(crate) fn place(anchor: &mut Option<Self>, packet: &Arrival) -> Placed {
        let ms = i64::from(packet.rate / 1000);
        if let Some(known) = anchor
            && known.stream == packet.stream
            && known.rate == packet.rate
        {
            let frame = known.frame + i64::from(timestamp_distance(known.timestamp, packet.timestamp));
            let late = packet.now - packet.length - frame;
            if (-JUMP_EARLY_MS * ms..=JUMP_LATE_MS * ms).contains(&late) {
                return known.follow(packet, frame, late, ms);
            }
        }
        let begun = anchor.insert(Self::new(packet));
        Placed { frame: begun.frame, repeat: 0 }
    }

    fn follow(&mut self, packet: &Arrival, frame: i64, late: i64, ms: i64) -> Placed {
        if frame < self.end {
            // Overtaken, or partly said already: it says nothing about the clock.
            return Placed { frame, repeat: 0 };
        }
        let gap = frame - self.end;
        let moved = match self.delay_jumped(late, ms) {
            Some(jump) => {
                (self.window, self.least, self.corrected, self.slip) = (0, i64::MAX, 0, 0);
                jump
            }
            None => {
                let moved = match gap {
                    0 => self.in_speech(late, ms),
                    // One that was overtaken, or lost: what belongs there may still come.
                    1.. if gap <= OVERTAKEN_MS * ms => 0,
                    _ => self.in_a_gap(late, gap),
                };
                self.watch(late, moved, ms);
                moved
            }
        };
        self.packets = self.packets.saturating_add(1);
        // The anchor follows the stream, so that its distance never comes near the wrap.
        (self.timestamp, self.frame) = (packet.timestamp, frame + moved);
        self.end = self.frame + packet.length;
        // In a gap there is silence already; only what is stretched needs a sample.
        let repeat = u8::from(gap == 0 && moved == 1);
        Placed { frame: self.frame, repeat }
    }

    /// By how much everything has been late for half a second.
    fn delay_jumped(&mut self, late: i64, ms: i64) -> Option<i64> {
        if late <= DELAY_JUMP_MS * ms {
            (self.late_run, self.late_run_least) = (0, i64::MAX);
            return None;
        }
        self.late_run += 1;
        self.late_run_least = self.late_run_least.min(late);
        (self.late_run >= DELAY_JUMP_PACKETS).then(|| {
            self.late_run = 0;
            std::mem::replace(&mut self.late_run_least, i64::MAX)
        })
    }

    /// All that is known may be corrected at once, as far as the gap goes.
    fn in_a_gap(&mut self, late: i64, gap: i64) -> i64 {
        let early = if self.packets < SETTLING_PACKETS { late.min(0) } else { 0 };
        let wanted = if early < 0 { early } else { self.slip };
        let moved = wanted.max(-gap);
        self.slip -= moved.clamp(self.slip.min(0), self.slip.max(0));
        moved
    }

    fn in_speech(&mut self, late: i64, ms: i64) -> i64 {
        if self.packets < SETTLING_PACKETS && late < -SETTLING_STEP_MS * ms {
            return late;
        }
        if self.slip < -DELAY_JUMP_MS * ms {
            // Everything comes that much earlier: a shorter way.
            return std::mem::take(&mut self.slip);
        }
        // The further off, the oftener a sample.
        let every = match self.slip.abs() / (20 * ms) {
            0 => 8,
            1 => 2,
            _ => 1,
        };
        let moved = if self.packets.is_multiple_of(every) { self.slip.signum() } else { 0 };
        self.slip -= moved;
        moved
    }

    /// The window of the estimate.
    fn watch(&mut self, late: i64, moved: i64, ms: i64) {
        self.least = self.least.min(late + self.corrected);
        self.corrected += moved;
        self.window += 1;
        if self.window >= WINDOW_PACKETS {
            let off = self.least - self.corrected;
            self.slip = if off.abs() > DEAD_BAND_MS * ms { off } else { 0 };
            (self.window, self.least, self.corrected) = (0, i64::MAX, 0);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RATE: u32 = 8000;
    const LENGTH: i64 = 160;

    /// A sender whose clock is off by `ppm`; each packet is `jitter(index)` frames late. Gives how far from its true
    /// place each packet was put, in frames.
    fn errors(ppm: i64, seconds: i64, jitter: impl Fn(i64) -> i64) -> Vec<i64> {
        let mut anchor = None;
        (0..seconds * 50)
            .map(|index| {
                let said_at = index * LENGTH - index * LENGTH * ppm / 1_000_000;
                let now = said_at + LENGTH + jitter(index);
                let timestamp = (index * LENGTH) as u32;
                let placed = Anchor::place(
                    &mut anchor,
                    &Arrival { stream: 1, rate: RATE, timestamp, length: LENGTH, now },
                );
                placed.frame - said_at
            })
            .collect()
    }

    /// Any number between 0 and 320 frames (40 ms), the same in each run.
    fn jitter(index: i64) -> i64 {
        (index.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407) >> 33)
            .rem_euclid(320)
    }

    #[test]
    fn clocks_that_differ_stay_within_three_milliseconds_whatever_the_jitter() {
        for ppm in [-200, -20, 0, 20, 200] {
            let errors = errors(ppm, 600, jitter);
            let worst = errors[500..].iter().map(|error| error.abs()).max().unwrap();
            assert!(worst <= 24, "{ppm} ppm: {worst} frames off");
        }
    }

    #[test]
    fn running_speech_is_corrected_by_single_samples() {
        for ppm in [-200, 200] {
            let errors = errors(ppm, 600, jitter);
            // What moves besides the skew itself (0.032 frames a packet) is one sample.
            let worst = errors[500..].windows(2).map(|pair| (pair[1] - pair[0]).abs()).max().unwrap();
            assert!(worst <= 2, "{ppm} ppm: a step of {worst} frames");
        }
    }

    #[test]
    fn a_longer_way_through_the_network_is_followed_within_a_second() {
        let errors = errors(0, 20, |index| if index < 500 { 0 } else { 800 });
        assert_eq!(errors[499], 0);
        assert_eq!(errors[540], 800);
    }

    #[test]
    fn timers_of_four_milliseconds_make_no_jump() {
        let errors = errors(0, 20, |index| 32 - 8 * (index % 5));
        assert!(errors.windows(2).all(|pair| (pair[1] - pair[0]).abs() <= 1), "a jump");
        assert_eq!((errors[0], errors[999]), (32, 7), "slowly to where the quickest packet says, or nearly");
    }

    #[test]
    fn a_shorter_way_through_the_network_is_followed_within_four_seconds() {
        let errors = errors(0, 20, |index| if index < 500 { 800 } else { 0 });
        assert_eq!((errors[499], errors[701]), (800, 0));
    }

    #[test]
    fn a_spike_of_late_packets_moves_nothing() {
        let errors = errors(0, 20, |index| if (500..515).contains(&index) { 800 } else { 0 });
        assert!(errors.iter().all(|&error| error == 0));
    }
}

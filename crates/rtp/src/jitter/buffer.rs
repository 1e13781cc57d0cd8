//! The buffer itself.

use core::time::Duration;

use super::delay::Delay;
use super::store::{Store, Waiting};
use super::{Adjust, Arrived, CONCEALED_MAX, Config, DELAY_MAX, Pulled, Put, Stats};
use crate::timestamp_distance;

/// Numbers behind the highest of which is known whether they came.
const SEEN_WINDOW: u64 = 128;
/// The longest packet that is taken: 120 ms, the longest of Opus.
const PACKET_MAX: Duration = Duration::from_millis(120);
/// Payloads are never longer, whatever is configured.
const PAYLOAD_BYTES_MAX: usize = 1500;
/// Clocks outside of this make no sense for audio.
const CLOCKS: core::ops::RangeInclusive<u32> = 1000..=192_000;

/// What is played at the moment.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Phase {
    /// Nothing of this stream has been played.
    Fresh,
    /// Up to `cursor`, then so many units of concealment that no packet was left out for yet.
    Talk { concealed: i64 },
    /// A pause: the next packet is held back until the delay is the target.
    Pause,
}

/// The jitter buffer of one incoming stream; see [`super`].
#[derive(Debug)]
pub struct Buffer {
    clock: i64,
    frame: i64,
    delay_max: i64,
    packet_max: i64,
    payload_bytes_max: usize,
    store: Store,
    delay: Delay,
    phase: Phase,
    /// End of what was played, in extended timestamps.
    cursor: i64,
    /// Number of what was played last.
    played: Option<u64>,
    /// Highest number, with its timestamp as received and extended.
    highest: Option<(u64, u32, i64)>,
    /// Bit n: number `highest - n` has come.
    seen: u128,
    /// Payload that the caller is looking at.
    current: Vec<u8>,
    /// Concealed in a row.
    lost_in_a_row: u32,
    stats: Stats,
    last_delay: i64,
}

impl Buffer {
    /// Empty. Values out of bounds are taken for the nearest that make sense.
    #[must_use]
    pub fn new(config: Config) -> Self {
        let clock = i64::from(config.clock.clamp(*CLOCKS.start(), *CLOCKS.end()));
        let frame = clock / 50;
        let payload_bytes_max = config.payload_bytes_max.clamp(1, PAYLOAD_BYTES_MAX);
        Self {
            clock,
            frame,
            delay_max: units(config.delay_max.min(DELAY_MAX), clock).max(2 * frame),
            packet_max: units(PACKET_MAX, clock),
            payload_bytes_max,
            store: Store::new(payload_bytes_max),
            delay: Delay::new(clock as u32),
            phase: Phase::Fresh,
            cursor: 0,
            played: None,
            highest: None,
            seen: 0,
            current: Vec::new(),
            lost_in_a_row: 0,
            stats: Stats::default(),
            last_delay: 0,
        }
    }

    /// The packets that come from now on are of another stream (another SSRC, source, or restarted numbers). What still
    /// waits is dropped; what is known of the network stays.
    pub fn restart(&mut self) {
        self.stats.skipped += self.store.len() as u64;
        self.stats.restarts += u64::from(self.highest.is_some());
        self.store.clear();
        self.delay.restart();
        self.phase = Phase::Fresh;
        self.played = None;
        self.highest = None;
        self.lost_in_a_row = 0;
    }

    /// Takes a packet.
    pub fn put(&mut self, packet: &Arrived<'_>, now: Duration) -> Put {
        self.stats.received += 1;
        let units_ok = packet.is_noise || (1..=self.packet_max).contains(&i64::from(packet.units));
        let length_ok = (1..=self.payload_bytes_max).contains(&packet.payload.len());
        if !(units_ok && length_ok) {
            self.stats.odd += 1;
            return Put::Odd;
        }
        let now = units(now, self.clock);
        let mut timestamp = self.extend(packet.timestamp);
        let restarted = self.is_new_beginning(packet.extended, timestamp, now);
        if restarted {
            self.restart();
            timestamp = self.extend(packet.timestamp);
        }
        if !self.note(packet, timestamp) {
            self.stats.duplicates += 1;
            return Put::Duplicate;
        }
        let is_late = self.played.is_some_and(|played| packet.extended < played)
            || (self.phase != Phase::Fresh && timestamp + packet_units(packet) / 2 < self.cursor);
        self.delay.observe(now - timestamp, now, is_late);
        if is_late {
            self.stats.late += 1;
            return Put::Late;
        }
        if !self.store.insert(packet, timestamp, packet_units(packet)) {
            self.stats.overflowed += 1;
            return Put::Full;
        }
        if restarted { Put::Restarted } else { Put::Stored }
    }

    /// What comes next. `quiet`: what was played last was of low energy, so that a piece more or less is not heard.
    pub fn pull(&mut self, now: Duration, quiet: bool) -> Pulled<'_> {
        let now = units(now, self.clock);
        let current = core::mem::take(&mut self.current);
        if current.capacity() > 0 {
            self.store.recycle(current);
        }
        self.skip_excess(now);
        let Some(front) = self.store.front() else { return self.starved() };
        let (timestamp, extended) = (front.timestamp, front.extended);
        let follows = self.played.is_none_or(|played| extended == played.wrapping_add(1));
        if let Phase::Talk { concealed } = self.phase {
            // What was concealed while waiting may have been for packets that will not come.
            let gap = timestamp - self.cursor - concealed.min(timestamp - self.cursor).max(0);
            if gap > 0 {
                if follows || self.lost_in_a_row >= CONCEALED_MAX {
                    self.phase = Phase::Pause;
                } else {
                    return self.conceal_gap(gap, concealed);
                }
            }
        }
        let fastest = self.delay.fastest().unwrap_or(0);
        if self.phase == Phase::Pause && now - timestamp - fastest < self.target() && !self.is_crowded() {
            return Pulled::Silence { units: self.frame as u32, noise: None };
        }
        let Some(next) = self.store.pop() else { return self.starved() };
        self.play(next, now, quiet)
    }

    /// Counters and estimates.
    #[must_use]
    pub fn stats(&self) -> Stats {
        let ms = |units: i64| units as f64 * 1000.0 / self.clock as f64;
        Stats {
            delay_ms: ms(self.last_delay),
            target_ms: ms(self.target()),
            skew_ppm: self.delay.skew_ppm(),
            ..self.stats
        }
    }

    /// Packets that wait.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.store.len()
    }

    /// Timestamp units of a frame of 20 ms.
    #[must_use]
    pub fn frame_units(&self) -> u32 {
        self.frame as u32
    }

    fn target(&self) -> i64 {
        self.delay.target().clamp(self.frame, self.delay_max)
    }

    /// So much waits that a pause need not be prolonged.
    fn is_crowded(&self) -> bool {
        self.store.len() >= super::PACKETS_MAX / 2
    }

    fn extend(&self, timestamp: u32) -> i64 {
        match self.highest {
            Some((_, known, extended)) => extended + i64::from(timestamp_distance(known, timestamp)),
            None => i64::from(timestamp),
        }
    }

    /// Numbers go on and timestamps go back, or jump against the clock.
    fn is_new_beginning(&self, extended: u64, timestamp: i64, now: i64) -> bool {
        self.highest.is_some_and(|(highest, _, highest_timestamp)| {
            extended > highest && (timestamp < highest_timestamp || self.delay.is_jump(now - timestamp))
        })
    }

    /// Notes the number; false: it was there before, or is too old to know.
    fn note(&mut self, packet: &Arrived<'_>, timestamp: i64) -> bool {
        let Some((highest, ..)) = self.highest else {
            self.highest = Some((packet.extended, packet.timestamp, timestamp));
            self.seen = 1;
            return true;
        };
        if packet.extended > highest {
            let ahead = packet.extended - highest;
            self.seen = if ahead < SEEN_WINDOW { self.seen << ahead | 1 } else { 1 };
            self.highest = Some((packet.extended, packet.timestamp, timestamp));
            return true;
        }
        self.stats.reordered += u64::from(packet.extended < highest);
        let behind = highest - packet.extended;
        let is_new = behind < SEEN_WINDOW && self.seen & 1 << behind == 0;
        if is_new {
            self.seen |= 1 << behind;
        }
        is_new
    }

    /// Nothing waits.
    fn starved(&mut self) -> Pulled<'_> {
        let units = self.frame as u32;
        match &mut self.phase {
            Phase::Fresh => Pulled::Wait { units },
            Phase::Talk { concealed } if self.lost_in_a_row < CONCEALED_MAX => {
                *concealed += self.frame;
                self.lost_in_a_row += 1;
                self.stats.concealed_units += u64::from(units);
                Pulled::Lost { units, next: None }
            }
            Phase::Talk { .. } | Phase::Pause => {
                self.phase = Phase::Pause;
                Pulled::Silence { units, noise: None }
            }
        }
    }

    /// A later packet is there: what is before it has been lost, and `gap` of it is still to be covered.
    fn conceal_gap(&mut self, gap: i64, concealed: i64) -> Pulled<'_> {
        let units = gap.min(self.frame);
        self.cursor += concealed + units;
        self.phase = Phase::Talk { concealed: 0 };
        self.lost_in_a_row += 1;
        self.stats.concealed_units += units.unsigned_abs();
        let next = self.store.front().filter(|front| front.timestamp == self.cursor);
        Pulled::Lost { units: units as u32, next: next.map(|front| front.payload.as_slice()) }
    }

    fn play(&mut self, next: Waiting, now: i64, quiet: bool) -> Pulled<'_> {
        if let Some(played) = self.played {
            self.stats.lost += (next.extended - played).saturating_sub(1);
        }
        self.played = Some(next.extended);
        self.lost_in_a_row = 0;
        self.current = next.payload;
        self.cursor = next.timestamp + next.units;
        if next.is_noise {
            self.phase = Phase::Pause;
            return Pulled::Silence { units: self.frame as u32, noise: Some(&self.current) };
        }
        self.phase = Phase::Talk { concealed: 0 };
        self.stats.played += 1;
        self.last_delay = now - next.timestamp - self.delay.fastest().unwrap_or(0);
        let adjust = self.adjust(self.last_delay, quiet);
        Pulled::Frame { payload: &self.current, units: next.units as u32, adjust }
    }

    fn adjust(&self, delay: i64, quiet: bool) -> Adjust {
        let excess = delay - self.target();
        let (too_long, too_short, step) = if quiet {
            (self.frame, self.frame / 2, self.frame)
        } else {
            (3 * self.frame, self.frame, self.frame / 4)
        };
        if excess > too_long {
            Adjust::Shorten(excess.min(step) as u32)
        } else if excess < -too_short {
            Adjust::Lengthen((-excess).min(step) as u32)
        } else {
            Adjust::Keep
        }
    }

    /// Leaves out packets when what is played is older than the longest delay allows.
    fn skip_excess(&mut self, now: i64) {
        let Some(fastest) = self.delay.fastest() else { return };
        let age = |waiting: &Waiting| now - waiting.timestamp - fastest;
        if self.store.front().is_none_or(|front| age(front) <= self.delay_max + self.frame) {
            return;
        }
        let target = self.target();
        while self.store.len() > 1 && self.store.front().is_some_and(|front| age(front) > target) {
            if let Some(skipped) = self.store.pop() {
                self.stats.skipped += 1;
                self.played = Some(skipped.extended);
                self.cursor = skipped.timestamp + skipped.units;
                self.store.recycle(skipped.payload);
            }
        }
        if let Some(front) = self.store.front() {
            self.cursor = front.timestamp;
            self.phase = Phase::Talk { concealed: 0 };
        }
    }
}

/// A comfort-noise packet has no length.
fn packet_units(packet: &Arrived<'_>) -> i64 {
    if packet.is_noise { 0 } else { i64::from(packet.units) }
}

fn units(time: Duration, clock: i64) -> i64 {
    let exact = time.as_micros().saturating_mul(u128::from(clock.unsigned_abs())) / 1_000_000;
    // Centuries: only so that sums of two have room.
    i64::try_from(exact).unwrap_or(i64::MAX).min(i64::MAX / 8)
}

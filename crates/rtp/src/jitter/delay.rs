//! How late packets come, and how far the sender's clock is off.

use core::time::Duration;

/// A transit time that changes by more than this from one packet to the next is a jump of the timestamps.
pub const TRANSIT_JUMP: Duration = Duration::from_secs(1);

/// Width of a class of relative delay: 5 ms.
const CLASSES_PER_S: i64 = 200;
/// Classes; the last one holds everything above.
const CLASSES: usize = 64;
/// Counts are halved when there are so many: at 50 packets a second older than ten seconds weigh less than half.
const COUNTED_MAX: u32 = 500;
/// Share of packets that the target is to serve, in thousandths.
const SERVED_THOUSANDTHS: u32 = 975;
/// A packet that came too late counts for so many: two or three of them are enough to want a longer delay.
const LATE_WEIGHT: u32 = 4;
/// The fastest packet is sought in two windows of this length.
const WINDOW_S: i64 = 10;
/// The skew is the mean over this many windows at most: an hour.
const SKEW_WINDOWS_MAX: u32 = 360;
/// A change between two windows by more than this is a change of the path, not skew.
const SKEW_MAX_PPM: f64 = 1500.0;

/// Follows the transit times (arrival minus timestamp) of one stream, in timestamp units.
#[derive(Clone, Debug)]
pub(super) struct Delay {
    clock: i64,
    classes: [u32; CLASSES],
    counted: u32,
    /// When the current window began, and the fastest in it.
    window_at: i64,
    fastest: Option<i64>,
    fastest_before: Option<i64>,
    skew_windows: u32,
    skew_ppm: f64,
}

impl Delay {
    pub(super) fn new(clock: u32) -> Self {
        Self {
            clock: i64::from(clock),
            classes: [0; CLASSES],
            counted: 0,
            window_at: 0,
            fastest: None,
            fastest_before: None,
            skew_windows: 0,
            skew_ppm: 0.0,
        }
    }

    /// Another stream: its timestamps and its clock say nothing about those of before; the network is the same.
    pub(super) fn restart(&mut self) {
        (self.fastest, self.fastest_before) = (None, None);
        (self.skew_windows, self.skew_ppm) = (0, 0.0);
    }

    /// The transit time of the fastest packets.
    pub(super) fn fastest(&self) -> Option<i64> {
        match (self.fastest, self.fastest_before) {
            (Some(current), Some(before)) => Some(current.min(before)),
            (current, before) => current.or(before),
        }
    }

    /// Is this packet's transit time that of another stream of timestamps?
    pub(super) fn is_jump(&self, transit: i64) -> bool {
        let limit = self.clock * TRANSIT_JUMP.as_secs().cast_signed();
        self.fastest().is_some_and(|fastest| (transit - fastest).abs() > limit)
    }

    /// A packet came, in time to be played or not.
    pub(super) fn observe(&mut self, transit: i64, now: i64, too_late: bool) {
        if self.fastest.is_some() && now - self.window_at >= WINDOW_S * self.clock {
            self.next_window(now);
        }
        match &mut self.fastest {
            Some(fastest) => *fastest = transit.min(*fastest),
            None => (self.fastest, self.window_at) = (Some(transit), now),
        }
        let late = transit - self.fastest().unwrap_or(transit);
        let class = (late * CLASSES_PER_S / self.clock).clamp(0, CLASSES as i64 - 1);
        let weight = if too_late { LATE_WEIGHT } else { 1 };
        self.classes[class as usize] += weight;
        self.counted += weight;
        if self.counted >= COUNTED_MAX {
            for count in &mut self.classes {
                *count /= 2;
            }
            self.counted = self.classes.iter().sum();
        }
    }

    fn next_window(&mut self, now: i64) {
        if let (Some(current), Some(before)) = (self.fastest, self.fastest_before) {
            // A sender whose clock is fast makes its packets seem to come ever sooner.
            let ppm = (before - current) as f64 / (now - self.window_at) as f64 * 1e6;
            if ppm.abs() <= SKEW_MAX_PPM {
                self.skew_windows = (self.skew_windows + 1).min(SKEW_WINDOWS_MAX);
                self.skew_ppm += (ppm - self.skew_ppm) / f64::from(self.skew_windows);
            }
        }
        self.fastest_before = self.fastest.take();
    }

    /// The delay that serves nearly all packets: the upper end of a class.
    pub(super) fn target(&self) -> i64 {
        let wanted = self.counted * SERVED_THOUSANDTHS / 1000;
        let mut served = 0;
        let class = self.classes.iter().position(|count| {
            served += count;
            served >= wanted && served > 0
        });
        class.map_or(0, |class| (class as i64 + 1) * self.clock / CLASSES_PER_S)
    }

    pub(super) fn skew_ppm(&self) -> f64 {
        self.skew_ppm
    }
}

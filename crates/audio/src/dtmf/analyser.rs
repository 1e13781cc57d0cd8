//! One look at 16 ms of sound: which pair of tones could it be?
//!
//! Eight Goertzel filters over a Hann window. The window's low side lobes keep one tone out of the other's filter, also
//! when it is 8 dB louder. How far a tone is off its frequency shows in the phase that it gains from one window to the
//! next; that is much sharper than what filters 73 Hz apart could say.

use core::f32::consts::{PI, TAU};

use super::{COLUMNS, ROWS};

/// Length of a window, samples (16 ms).
pub const WINDOW: usize = 128;
/// From one window to the next, samples (8 ms).
pub const HOP: usize = 64;

const RATE: f32 = 8000.0;
/// Sum of the window's weights.
const WEIGHT_SUM: f32 = WINDOW as f32 / 2.0;
/// Sum of their squares.
const WEIGHT_SQUARES: f32 = WINDOW as f32 * 0.375;
/// Mean squares: -43 dBFS for the weaker tone, which is 8 dB below a stronger one of -35.
const TONE_POWER_MIN: f32 = 53_800.0;
/// Share of the power that both tones must have before their frequency is known: an upper tone that is 1.5 % off is
/// weaker by 0.9 dB.
const SHARE_ROUGH_MIN: f32 = 0.66;
/// Upper tone to lower tone, power: -11 dB. Q.24 asks for up to 8; a clipped sum loses more of the weaker tone.
const TWIST_MIN: f32 = 0.079;
/// The same: +7 dB (4 are asked for).
const TWIST_MAX: f32 = 5.0;

/// A complex number.
#[derive(Clone, Copy, Default, Debug)]
struct Phasor {
    re: f32,
    im: f32,
}

/// A pair of tones that one window may hold.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    /// Index into [`ROWS`].
    pub row: usize,
    /// Index into [`COLUMNS`].
    pub column: usize,
    /// Share of the window's power that is in both, 0 to about 1.
    share: f32,
    row_phasor: Phasor,
    column_phasor: Phasor,
}

impl Pair {
    /// Whether both windows hold the same pair.
    pub const fn is_same_as(&self, other: &Self) -> bool {
        self.row == other.row && self.column == other.column
    }

    /// How far both tones are off their frequency, as shares of it, by comparison with the window one hop before.
    pub fn deviation(&self, before: &Self) -> (f32, f32) {
        (
            off(before.row_phasor, self.row_phasor, ROWS[self.row] as f32),
            off(before.column_phasor, self.column_phasor, COLUMNS[self.column] as f32),
        )
    }

    /// The share of the power, made good for what the filters miss because the tones are off their frequency by
    /// `deviation`.
    pub fn share_at(&self, deviation: (f32, f32)) -> f32 {
        let row = self.row_phasor.power() / response(deviation.0 * ROWS[self.row] as f32);
        let column = self.column_phasor.power() / response(deviation.1 * COLUMNS[self.column] as f32);
        self.share * (row + column) / (self.row_phasor.power() + self.column_phasor.power())
    }
}

impl Phasor {
    fn power(self) -> f32 {
        self.re * self.re + self.im * self.im
    }
}

/// Power that a filter of the window keeps of a tone that is `hertz` beside it.
fn response(hertz: f32) -> f32 {
    let bins = hertz * WINDOW as f32 / RATE;
    if bins.abs() < 1e-3 {
        return 1.0;
    }
    let amplitude = (PI * bins).sin() / (PI * bins) / (1.0 - bins * bins);
    (amplitude * amplitude).max(0.25)
}

fn off(before: Phasor, after: Phasor, frequency: f32) -> f32 {
    // Phase gained = argument of `after * conjugate(before)`.
    let re = after.re * before.re + after.im * before.im;
    let im = after.im * before.re - after.re * before.im;
    let expected = TAU * frequency * HOP as f32 / RATE;
    let gained = im.atan2(re) - expected;
    let gained = gained - TAU * (gained / TAU).round();
    gained * RATE / (TAU * HOP as f32) / frequency
}

/// Filters of one frequency each, side by side.
const LANES: usize = 8;

/// Cuts a stream into windows and looks at each.
#[derive(Clone, Debug)]
pub struct Analyser {
    weights: [f32; WINDOW],
    /// `2 cos w` of the filters: rows, then columns.
    coefficients: [f32; LANES],
    /// `e^-jw`.
    turns: [Phasor; LANES],
    samples: [f32; WINDOW],
    /// How many of `samples` are filled.
    filled: usize,
}

impl Analyser {
    pub fn new() -> Self {
        let mut weights = [0.0; WINDOW];
        for (index, weight) in weights.iter_mut().enumerate() {
            *weight = 0.5 - 0.5 * (TAU * index as f32 / WINDOW as f32).cos();
        }
        let mut coefficients = [0.0; LANES];
        let mut turns = [Phasor::default(); LANES];
        for (lane, &frequency) in ROWS.iter().chain(&COLUMNS).enumerate() {
            let omega = TAU * frequency as f32 / RATE;
            coefficients[lane] = 2.0 * omega.cos();
            turns[lane] = Phasor { re: omega.cos(), im: -omega.sin() };
        }
        Self { weights, coefficients, turns, samples: [0.0; WINDOW], filled: 0 }
    }

    /// How many more samples the next window needs, 1 to [`WINDOW`].
    pub const fn missing(&self) -> usize {
        WINDOW - self.filled
    }

    /// Takes in at most [`Analyser::missing`] samples (further ones are ignored); `Some` when they complete a window.
    /// The inner `None` says that it holds no pair of tones.
    pub fn push(&mut self, samples: &[i16]) -> Option<Option<Pair>> {
        for (kept, &sample) in self.samples[self.filled..].iter_mut().zip(samples) {
            *kept = f32::from(sample);
        }
        self.filled += samples.len().min(self.missing());
        if self.filled < WINDOW {
            return None;
        }
        let pair = self.look();
        self.samples.copy_within(HOP.., 0);
        self.filled = WINDOW - HOP;
        Some(pair)
    }

    fn look(&self) -> Option<Pair> {
        let (mut last, mut before, mut total) = ([0.0; LANES], [0.0; LANES], 0.0);
        for (&sample, &weight) in self.samples.iter().zip(&self.weights) {
            let value = sample * weight;
            total += value * value;
            for lane in 0..LANES {
                let next = value + self.coefficients[lane] * last[lane] - before[lane];
                before[lane] = last[lane];
                last[lane] = next;
            }
        }
        let mean_square = total / WEIGHT_SQUARES;
        if mean_square < 2.0 * TONE_POWER_MIN {
            return None;
        }
        let phasor = |lane: usize| Phasor {
            re: last[lane] - self.turns[lane].re * before[lane],
            im: -self.turns[lane].im * before[lane],
        };
        let strongest = |first: usize| {
            let lanes = (first..first + 4).map(|lane| (lane, phasor(lane)));
            lanes.fold((first, Phasor::default()), |best, other| {
                if other.1.power() > best.1.power() { other } else { best }
            })
        };
        let (row, row_phasor) = strongest(0);
        let (column, column_phasor) = strongest(4);
        // Mean square of a sine whose filter gave this.
        let power = |phasor: Phasor| 2.0 * phasor.power() / (WEIGHT_SUM * WEIGHT_SUM);
        let (lower, upper) = (power(row_phasor), power(column_phasor));
        let share = (lower + upper) / mean_square;
        let is_pair = lower.min(upper) >= TONE_POWER_MIN
            && share >= SHARE_ROUGH_MIN
            && (TWIST_MIN..=TWIST_MAX).contains(&(upper / lower));
        is_pair.then_some(Pair { row, column: column - 4, share, row_phasor, column_phasor })
    }
}

//! Call-progress tones of a telephone line, heard in its sound: busy, congestion, ring-back, dial tone, and anything
//! that is none of these, a voice above all. For copper lines, whose exchange says with tones what SIP says with
//! responses (China: GF 002-9002; elsewhere ITU-T E.180 and its supplement 2).
//!
//! What it is not: it does not tell a voice from music (a ring-back melody is sound), it knows no packets and no time
//! but that of the samples.
//!
//! Each [`BLOCK_SAMPLES`] are a block: tone (most of its energy lies at one of the frequencies), silence, or other
//! sound. Blocks of one kind make a run; a tone is known by the lengths of its runs:
//!
//! ```text
//! busy        350 on, 350 off (China), 500 on, 500 off (E.180)   three times in a row
//! congestion  700 on, 700 off (China), 250 on, 250 off (E.180)   three times in a row
//! ring-back   1000 on, 4000 off                                   once, a second after it stopped
//! dial tone   3000 on and longer                                  once
//! sound       neither tone nor silence, 240 ms within a second    again each second
//! ```
//!
//! A voice has no such runs: it never stays at one frequency and one level, nor does it stop for equal times.

use core::f64::consts::TAU;

use crate::SAMPLE_RATE;

/// Samples of one block: 20 ms.
pub const BLOCK_SAMPLES: usize = 160;
/// Most frequencies that are listened for; more are ignored.
pub const FREQUENCIES_MAX: usize = 4;
/// What exchanges use: 450 Hz in China, 425 Hz in most other places. Each is good for 18 Hz up and down.
pub const FREQUENCIES: [f64; 2] = [450.0, 425.0];

/// From this part of its energy at one frequency on, a block is tone.
const SHARE_MIN: f64 = 0.6;
/// Mean squares of samples. Lines deliver tones at -35 to -5 dBFS; below -40 none is taken for one, below -44 dBFS
/// nothing is to be heard.
const TONE_MIN: f64 = 107_374.0;
const SILENCE_MAX: f64 = 42_746.0;
/// What is 16 dB below the last burst is the pause after it, however noisy the line.
const PAUSE_SHARE: f64 = 0.025;
/// Blocks of one burst have one level, 3 dB up and down.
const LEVEL_FACTOR_MAX: f64 = 2.0;
/// A run may be longer or shorter than it should by so much, and by the grain of two blocks.
const TOLERANCE_PERCENT: u32 = 15;
const TOLERANCE_MS: u32 = 20;
/// Equal cycles in a row that are no accident.
const CYCLES: u32 = 3;
const RING_ON_MS: u32 = 1000;
const RING_OFF_MIN_MS: u32 = 1000;
const DIAL_ON_MS: u32 = 3000;
/// Half a block; runs are counted in these, so that a block across an edge belongs to both sides.
const HALF_MS: u32 = 10;
/// Blocks of sound within [`SOUND_WINDOW`] blocks that are more than a click.
const SOUND_BLOCKS: u32 = 12;
const SOUND_WINDOW: u32 = 50;
/// A gap so long is bridged with what was before it; a longer one is silence (nobody sends it).
const GAP_BRIDGED: usize = 3 * BLOCK_SAMPLES;
/// No gap counts for longer: a run of ten seconds is as good as an hour.
const GAP_MAX: usize = 10 * SAMPLE_RATE as usize;

/// What is heard.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum LineTone {
    /// The exchange waits for a number.
    Dial,
    /// It rings at the other end. Told for each burst.
    RingBack,
    /// The other end is busy, or has hung up.
    Busy,
    /// No way to the other end.
    Congestion,
    /// A voice, music, noise. Told each second while it goes on.
    Sound,
}

/// Bursts and pauses of equal length that repeat.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Cadence {
    on_ms: u32,
    off_ms: u32,
    tone: LineTone,
}

const CADENCES: [Cadence; 4] = [
    Cadence { on_ms: 350, off_ms: 350, tone: LineTone::Busy },
    Cadence { on_ms: 500, off_ms: 500, tone: LineTone::Busy },
    Cadence { on_ms: 700, off_ms: 700, tone: LineTone::Congestion },
    Cadence { on_ms: 250, off_ms: 250, tone: LineTone::Congestion },
];

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Kind {
    Silence,
    Tone,
    Sound,
}

/// Listens to one line.
#[derive(Clone, Debug)]
pub struct ToneWatch {
    /// `2 cos` of the step of each frequency; zero steps are unused.
    filters: [f64; FREQUENCIES_MAX],
    filters_used: usize,
    block: [i16; BLOCK_SAMPLES],
    filled: usize,
    /// The run that goes on, and its length in half blocks.
    kind: Kind,
    halves: u32,
    /// Mean square of the burst that goes on, or of the last one.
    level: f64,
    /// One block of sound at the end of the run, perhaps only its edge.
    edge: bool,
    /// Length of the last burst, while the pause after it goes on.
    on_ms: Option<u32>,
    /// Level of the burst before.
    level_before: f64,
    cadence: Option<Cadence>,
    cycles: u32,
    /// Sound or not, the last blocks, newest lowest.
    sounds: u64,
    told: Told,
}

/// What of this run was told.
#[derive(Clone, Copy, Default, Debug)]
struct Told {
    dial: bool,
    ring: bool,
    cadence: bool,
}

impl ToneWatch {
    /// Listens for tones of these frequencies, in Hz; [`FREQUENCIES`] is a good choice.
    #[must_use]
    pub fn new(frequencies: &[f64]) -> Self {
        let mut filters = [0.0; FREQUENCIES_MAX];
        for (filter, frequency) in filters.iter_mut().zip(frequencies) {
            *filter = 2.0 * (TAU * frequency / f64::from(SAMPLE_RATE)).cos();
        }
        Self {
            filters,
            filters_used: frequencies.len().min(FREQUENCIES_MAX),
            block: [0; BLOCK_SAMPLES],
            filled: 0,
            kind: Kind::Silence,
            halves: 0,
            level: 0.0,
            edge: false,
            on_ms: None,
            level_before: 0.0,
            cadence: None,
            cycles: 0,
            sounds: 0,
            told: Told::default(),
        }
    }

    /// The next samples of the line, any number. `heard` is called for what they complete.
    pub fn feed(&mut self, samples: impl IntoIterator<Item = i16>, mut heard: impl FnMut(LineTone)) {
        for sample in samples {
            self.block[self.filled] = sample;
            self.filled += 1;
            if self.filled == BLOCK_SAMPLES {
                self.filled = 0;
                let (kind, power) = self.classify();
                self.take(kind, power, &mut heard);
            }
        }
    }

    /// So many samples did not come.
    pub fn gap(&mut self, samples: usize, mut heard: impl FnMut(LineTone)) {
        let blocks = samples.min(GAP_MAX) / BLOCK_SAMPLES;
        let kind = if samples <= GAP_BRIDGED { self.kind } else { Kind::Silence };
        for _ in 0..blocks {
            self.take(kind, self.level, &mut heard);
        }
    }

    fn classify(&self) -> (Kind, f64) {
        let power = crate::level::mean_square(&self.block);
        if power < SILENCE_MAX {
            return (Kind::Silence, power);
        }
        let length = BLOCK_SAMPLES as f64;
        let filters = self.filters.iter().take(self.filters_used);
        let share = |filter: &f64| 2.0 * goertzel(&self.block, *filter) / (length * length * power);
        if power >= TONE_MIN && filters.map(share).any(|share| share >= SHARE_MIN) {
            return (Kind::Tone, power);
        }
        let pause = self.kind != Kind::Sound && power < self.level * PAUSE_SHARE;
        (if pause { Kind::Silence } else { Kind::Sound }, power)
    }

    /// One block more.
    fn take(&mut self, kind: Kind, power: f64, heard: &mut impl FnMut(LineTone)) {
        self.sounds = (self.sounds << 1 | u64::from(kind == Kind::Sound)) & ((1 << SOUND_WINDOW) - 1);
        // A burst that swells or fades is no tone of an exchange.
        let other_level =
            kind == Kind::Tone && self.kind == Kind::Tone && ratio(power, self.level) > LEVEL_FACTOR_MAX;
        if kind == Kind::Sound && self.kind != Kind::Sound && !self.edge {
            self.edge = true;
            return;
        }
        let edge = core::mem::take(&mut self.edge);
        if kind == self.kind && !other_level {
            // A block of sound between two of the same kind was a click.
            self.halves = self.halves.saturating_add(2 + 2 * u32::from(edge));
            self.level = if kind == Kind::Tone { self.level.max(power) } else { self.level };
        } else {
            let between = u32::from(edge);
            let new = if kind == Kind::Sound { 2 * between } else { between };
            self.halves = self.halves.saturating_add(if kind == Kind::Sound { 0 } else { between });
            self.end_run(kind, power, heard);
            self.halves = self.halves.saturating_add(new);
        }
        self.look_at_run(heard);
    }

    /// The run is over; one of `kind` begins with a block.
    fn end_run(&mut self, kind: Kind, power: f64, heard: &mut impl FnMut(LineTone)) {
        let ms = self.halves * HALF_MS;
        match (self.kind, kind) {
            (Kind::Tone, Kind::Silence) => self.on_ms = Some(ms),
            (Kind::Silence, Kind::Tone) => self.cycle(ms, power, heard),
            _ => self.break_cadence(),
        }
        (self.kind, self.halves) = (kind, 2);
        self.told = Told { cadence: self.told.cadence, ..Told::default() };
        if kind == Kind::Tone {
            self.level_before = self.level;
            self.level = power;
        }
    }

    fn break_cadence(&mut self) {
        (self.on_ms, self.cadence, self.cycles, self.told.cadence) = (None, None, 0, false);
    }

    /// A burst and the pause after it are over; the next burst has `power`.
    fn cycle(&mut self, off_ms: u32, power: f64, heard: &mut impl FnMut(LineTone)) {
        let fitting = self.on_ms.take().and_then(|on_ms| {
            let distance = |one: &Cadence| one.on_ms.abs_diff(on_ms) + one.off_ms.abs_diff(off_ms);
            let fits = |one: &&Cadence| is_near(on_ms, one.on_ms) && is_near(off_ms, one.off_ms);
            CADENCES.iter().filter(fits).min_by_key(|one| distance(one))
        });
        let Some(fitting) = fitting.filter(|_| ratio(power, self.level) <= LEVEL_FACTOR_MAX) else {
            return self.break_cadence();
        };
        if self.cadence != Some(*fitting) {
            self.break_cadence();
            self.cadence = Some(*fitting);
        }
        self.cycles = self.cycles.saturating_add(1);
        if self.cycles >= CYCLES && !self.told.cadence {
            self.told.cadence = true;
            heard(fitting.tone);
        }
    }

    /// What is known before the run is over.
    fn look_at_run(&mut self, heard: &mut impl FnMut(LineTone)) {
        let ms = self.halves * HALF_MS;
        match self.kind {
            Kind::Tone if ms >= DIAL_ON_MS && !self.told.dial => {
                self.told.dial = true;
                heard(LineTone::Dial);
            }
            Kind::Silence if ms >= RING_OFF_MIN_MS && !self.told.ring => {
                self.told.ring = true;
                if self.on_ms.is_some_and(|on_ms| is_near(on_ms, RING_ON_MS)) {
                    heard(LineTone::RingBack);
                }
            }
            _ => {}
        }
        if self.sounds.count_ones() >= SOUND_BLOCKS {
            // A whole window has to pass before it is told again.
            if self.sounds >> (SOUND_WINDOW - 1) == 1 || self.sounds.count_ones() == SOUND_BLOCKS {
                self.sounds = 0;
                heard(LineTone::Sound);
            }
        }
    }
}

fn is_near(ms: u32, wanted: u32) -> bool {
    ms.abs_diff(wanted) <= wanted * TOLERANCE_PERCENT / 100 + TOLERANCE_MS
}

fn ratio(one: f64, other: f64) -> f64 {
    let (low, high) = if one < other { (one, other) } else { (other, one) };
    if low > 0.0 { high / low } else { f64::INFINITY }
}

/// Squared magnitude of the block's Fourier transform at the frequency whose filter this is.
fn goertzel(block: &[i16; BLOCK_SAMPLES], filter: f64) -> f64 {
    let (mut last, mut before) = (0.0, 0.0);
    for &sample in block {
        let next = f64::from(sample) + filter * last - before;
        before = last;
        last = next;
    }
    last * last + before * before - filter * last * before
}

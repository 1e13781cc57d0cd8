//! Packet loss concealment in the style of ITU-T G.711 Appendix I: the last pitch periods go on, quieter and quieter.
//!
//! - The pitch (66 to 200 Hz) is where the history agrees best with itself, by normalised cross-correlation.
//! - One period is repeated for the first 10 ms of a gap, two for the next 10 ms, three after that: one alone would
//!   beep. The end of the repeated piece is overlapped with what came before it, so that it joins itself.
//! - From 10 ms on the level falls by 20 % of the beginning's each 10 ms; after 60 ms there is silence.
//! - The first packet after the gap is overlapped with what would have been said next.
//!
//! Unlike Appendix I it delays nothing. At the beginning of a gap, where Appendix I rewrites 3.75 ms that it held back,
//! the step between the last sample and the repeated piece is taken out and faded back in over the same time.
//!
//! What it is not: it does not know *that* something is missing, and it is not for Opus, which has its own.

use crate::level::mean_square;

/// Milliseconds after which a gap is silent.
pub const SILENT_AFTER_MS: usize = 60;

/// Longest period, samples at 8 kHz (66 Hz).
const PITCH_MAX: usize = 120;
/// Shortest period, samples at 8 kHz (200 Hz); a higher voice is found at twice or three times its period.
const PITCH_MIN: usize = 40;
/// How much is compared, samples at 8 kHz: 8 ms. Appendix I compares 20; the pitch of Mandarin moves too fast for that
/// (correlation with what was lost, on our prompts: 0.50 with 8 ms, 0.39 with 20).
const COMPARED: usize = 64;
/// Three periods and the quarter that the third overlaps with, samples at 8 kHz.
const HISTORY: usize = PITCH_MAX * 3 + PITCH_MAX / 4;
/// Everything above twice, for 16 kHz.
const HISTORY_MAX: usize = HISTORY * 2;
/// Longest overlap at the end of a gap, milliseconds.
const OVERLAP_MS_MAX: usize = 10;

/// Concealment of one stream at 8 or 16 kHz. Fixed size (about 3 kB), allocates nothing.
#[derive(Clone, Debug)]
pub struct Plc {
    /// 1 at 8 kHz, 2 at 16 kHz.
    scale: usize,
    /// What was heard last, with what was concealed; the newest at the end.
    history: [i16; HISTORY_MAX],
    /// The history at the beginning of the gap, its end overlapped: the piece that is repeated is its tail.
    piece: [i16; HISTORY_MAX],
    /// How much of the history was heard; before it is the silence of the beginning.
    known: usize,
    pitch: usize,
    /// How many periods are repeated: 1 to 3.
    periods: usize,
    /// Next sample within the repeated periods.
    position: usize,
    /// Samples since the gap began; 0 outside of one.
    missing: usize,
    /// Difference between the last sample heard and the one that the piece expects there.
    step: f32,
}

impl Plc {
    /// With silence as history. `rate` is 8000 or 16,000 samples per second; any other counts as the nearer one.
    #[must_use]
    pub const fn new(rate: u32) -> Self {
        Self {
            scale: if rate > 12_000 { 2 } else { 1 },
            history: [0; HISTORY_MAX],
            piece: [0; HISTORY_MAX],
            known: 0,
            pitch: PITCH_MIN,
            periods: 1,
            position: 0,
            missing: 0,
            step: 0.0,
        }
    }

    /// Is the last thing that was heard concealment?
    #[must_use]
    pub const fn is_in_gap(&self) -> bool {
        self.missing > 0
    }

    /// A frame that did come, of any length. Outside a gap it is left as it is; at the end of one its beginning is
    /// blended with the concealment.
    pub fn good(&mut self, frame: &mut [i16]) {
        if self.missing > 0 && !frame.is_empty() {
            self.join(frame);
            self.missing = 0;
        }
        self.remember(frame);
    }

    /// Fills `block` with what stands for as many missing samples; block after block for a longer gap.
    pub fn conceal(&mut self, block: &mut [i16]) {
        if block.is_empty() {
            return;
        }
        if self.missing == 0 {
            self.begin();
        }
        for sample in block.iter_mut() {
            *sample = self.next();
        }
        self.remember(block);
    }

    fn ms(&self, milliseconds: usize) -> usize {
        milliseconds * 8 * self.scale
    }

    fn history_len(&self) -> usize {
        HISTORY * self.scale
    }

    fn remember(&mut self, block: &[i16]) {
        let length = self.history_len();
        let history = &mut self.history[..length];
        let new = &block[block.len().saturating_sub(length)..];
        history.copy_within(new.len().., 0);
        history[length - new.len()..].copy_from_slice(new);
        self.known = (self.known + new.len()).min(length);
    }

    fn begin(&mut self) {
        self.pitch = self.find_pitch();
        self.periods = 1;
        self.position = 0;
        let last = self.history[self.history_len() - 1];
        self.overlap_piece();
        let length = self.history_len();
        // What stands before the repeated piece's first sample when the piece goes round.
        self.step = f32::from(last) - f32::from(self.piece[length - 1]);
    }

    /// Copies the history and lets the last quarter period of the repeated piece become what stood before the piece,
    /// so that its end leads into its beginning.
    fn overlap_piece(&mut self) {
        let length = self.history_len();
        self.piece[..length].copy_from_slice(&self.history[..length]);
        let quarter = self.pitch / 4;
        let repeated = self.pitch * self.periods;
        for index in 0..quarter {
            let at = length - quarter + index;
            let share = (index + 1) as f32 / quarter as f32;
            let (own, before) = (f32::from(self.history[at]), f32::from(self.history[at - repeated]));
            self.piece[at] = (own + (before - own) * share) as i16;
        }
    }

    /// One more period in the repeated piece. The history is still the one before the gap: what was concealed is
    /// remembered at the end of a block, and the piece was copied at its beginning.
    fn widen(&mut self) {
        let length = self.history_len();
        let (old, quarter) = (self.pitch * self.periods, self.pitch / 4);
        self.periods += 1;
        let repeated = self.pitch * self.periods;
        // The end leads into the new beginning; the old overlap led into the old one, which is whole periods later.
        for index in 0..quarter {
            let at = length - quarter + index;
            let share = (index + 1) as f32 / quarter as f32;
            let (own, before) = (f32::from(self.piece[at]), f32::from(self.piece[at - repeated]));
            self.piece[at] = (own + (before - own) * share) as i16;
        }
        // Same place in the signal: the periods that are new lie before the old ones.
        self.position = (self.position % old) + self.pitch;
    }

    /// The next concealed sample.
    fn next(&mut self) -> i16 {
        if self.missing >= self.ms(SILENT_AFTER_MS) {
            self.missing = self.missing.saturating_add(1);
            return 0;
        }
        let wider = self.pitch * (self.periods + 1) + self.pitch / 4;
        if (self.missing == self.ms(10) || self.missing == self.ms(20)) && wider <= self.known {
            self.widen();
        }
        let repeated = self.pitch * self.periods;
        let sample = f32::from(self.piece[self.history_len() - repeated + self.position]);
        self.position = (self.position + 1) % repeated;

        let bridge = self.ms(4);
        let step =
            if self.missing < bridge { self.step * (1.0 - self.missing as f32 / bridge as f32) } else { 0.0 };
        let falling = self.missing.saturating_sub(self.ms(10)) as f32 / self.ms(50) as f32;
        self.missing += 1;
        // `as` saturates.
        ((sample + step) * (1.0 - falling)) as i16
    }

    /// Blends the beginning of the first frame after a gap: a quarter period, and 4 ms more for each 10 ms of the
    /// gap, 10 ms at most.
    fn join(&mut self, frame: &mut [i16]) {
        let tenths = self.missing / self.ms(10);
        let overlap = (self.pitch / 4 + tenths.saturating_sub(1).saturating_mul(self.ms(4)))
            .min(self.ms(OVERLAP_MS_MAX))
            .min(frame.len());
        for (index, sample) in frame[..overlap].iter_mut().enumerate() {
            let share = (index + 1) as f32 / (overlap + 1) as f32;
            let concealed = f32::from(self.next());
            *sample = (concealed + (f32::from(*sample) - concealed) * share) as i16;
        }
    }

    /// The period at which the end of the history agrees best with what lies before it, samples.
    fn find_pitch(&self) -> usize {
        let end = self.history_len();
        let compared = COMPARED * self.scale;
        let recent = &self.history[end - compared..end];
        if mean_square(recent) < 1.0 {
            return PITCH_MAX * self.scale;
        }
        let agreement = |lag: usize, stride: usize| {
            let earlier = &self.history[end - compared - lag..end - lag];
            let (mut product, mut energy) = (0.0_f32, 1.0_f32);
            for (&now, &then) in recent.iter().zip(earlier).step_by(stride) {
                product += f32::from(now) * f32::from(then);
                energy += f32::from(then) * f32::from(then);
            }
            product / energy.sqrt()
        };
        let best = |lags: &mut dyn Iterator<Item = usize>, stride: usize| {
            let first = (PITCH_MIN * self.scale, f32::MIN);
            let better = |best: (usize, f32), lag: usize| {
                let value = agreement(lag, stride);
                if value > best.1 { (lag, value) } else { best }
            };
            lags.fold(first, better).0
        };
        // Every second lag on every second sample at 8 kHz, then the neighbours exactly.
        let coarse = 2 * self.scale;
        let (shortest, longest) = (PITCH_MIN * self.scale, PITCH_MAX * self.scale);
        let about = best(&mut (shortest..=longest).step_by(coarse), coarse);
        best(&mut ((about - coarse).max(shortest)..=(about + coarse).min(longest)), 1)
    }
}

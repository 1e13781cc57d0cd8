//! Between 8 and 16 kHz: a half-band FIR filter of 63 taps, integers, with state from block to block.
//!
//! Flat within 0.01 dB to 3.4 kHz, 64 dB down from 4.6 kHz on. Each direction delays by [`DELAY_SAMPLES_16K`] samples
//! at 16 kHz (1.94 ms); there and back is 31 samples at 8 kHz.
//!
//! What it is not: it makes no other ratio. Opus needs none, as libopus has its own resampler.

/// Delay of each direction, samples at 16 kHz.
pub const DELAY_SAMPLES_16K: usize = 31;

/// Taps that are not zero beside the middle one, which is one half. Kaiser window with beta 6, scaled by 32,768; they
/// sum to one half, so that a constant stays what it is.
const SIDE: [i16; 32] =
    mirrored([10_406, -3395, 1951, -1306, 930, -680, 502, -369, 268, -191, 132, -88, 56, -34, 18, -8]);
/// What is kept from block to block.
const KEPT: usize = SIDE.len() - 1;
/// How many values of the lower rate are worked on at once.
const CHUNK: usize = 160;
/// The middle tap stands on the value this far back, lower rate.
const MIDDLE: usize = 15;

const fn mirrored(half: [i16; 16]) -> [i16; 32] {
    let mut all = [0; 32];
    let mut index = 0;
    while index < 16 {
        all[16 + index] = half[index];
        all[15 - index] = half[index];
        index += 1;
    }
    all
}

/// The filter's side taps over 32 values. Cannot wrap: the taps' magnitudes sum to less than 1.3 times 32,768.
fn side(values: &[i16]) -> i32 {
    values
        .iter()
        .zip(&SIDE)
        .fold(0_i32, |sum, (&value, &tap)| sum.wrapping_add(i32::from(value).wrapping_mul(i32::from(tap))))
}

const fn saturated(value: i32) -> i16 {
    if value > i16::MAX as i32 {
        i16::MAX
    } else if value < i16::MIN as i32 {
        i16::MIN
    } else {
        value as i16
    }
}

/// 8 to 16 kHz.
#[derive(Clone, Debug)]
pub struct Up2 {
    kept: [i16; KEPT],
}

impl Default for Up2 {
    fn default() -> Self {
        Self::new()
    }
}

impl Up2 {
    /// After silence.
    #[must_use]
    pub const fn new() -> Self {
        Self { kept: [0; KEPT] }
    }

    /// Makes two samples of each one. Takes as many as both slices allow and returns how many of `output` it wrote;
    /// what does not fit is left out, so give room for twice `input`.
    pub fn process(&mut self, input: &[i16], output: &mut [i16]) -> usize {
        let count = input.len().min(output.len() / 2);
        let mut work = [0; KEPT + CHUNK];
        for (input, output) in input[..count].chunks(CHUNK).zip(output[..count * 2].chunks_mut(CHUNK * 2)) {
            work[..KEPT].copy_from_slice(&self.kept);
            work[KEPT..KEPT + input.len()].copy_from_slice(input);
            for (values, pair) in work.windows(SIDE.len()).zip(output.chunks_exact_mut(2)) {
                // The gain is two, as every other value of the input is nothing.
                pair[0] = saturated((side(values) + (1 << 13)) >> 14);
                pair[1] = values[SIDE.len() - 1 - MIDDLE];
            }
            self.kept.copy_from_slice(&work[input.len()..input.len() + KEPT]);
        }
        count * 2
    }
}

/// 16 to 8 kHz.
#[derive(Clone, Debug)]
pub struct Down2 {
    /// First samples of the pairs: under the side taps.
    kept: [i16; KEPT],
    /// Second samples of the pairs: under the middle tap.
    kept_middle: [i16; MIDDLE + 1],
}

impl Default for Down2 {
    fn default() -> Self {
        Self::new()
    }
}

impl Down2 {
    /// After silence.
    #[must_use]
    pub const fn new() -> Self {
        Self { kept: [0; KEPT], kept_middle: [0; MIDDLE + 1] }
    }

    /// Makes one sample of each two. Takes as many pairs as both slices allow and returns how many of `output` it
    /// wrote; a single last sample is left out.
    pub fn process(&mut self, input: &[i16], output: &mut [i16]) -> usize {
        let count = (input.len() / 2).min(output.len());
        let mut work = [0; KEPT + CHUNK];
        let mut middle = [0; MIDDLE + 1 + CHUNK];
        for (input, output) in input[..count * 2].chunks(CHUNK * 2).zip(output[..count].chunks_mut(CHUNK)) {
            work[..KEPT].copy_from_slice(&self.kept);
            middle[..=MIDDLE].copy_from_slice(&self.kept_middle);
            for (index, pair) in input.chunks_exact(2).enumerate() {
                work[KEPT + index] = pair[0];
                middle[MIDDLE + 1 + index] = pair[1];
            }
            for ((values, &middle), sample) in work.windows(SIDE.len()).zip(&middle).zip(output.iter_mut()) {
                let half = i32::from(middle) << 14;
                *sample = saturated((side(values) + half + (1 << 14)) >> 15);
            }
            self.kept.copy_from_slice(&work[output.len()..output.len() + KEPT]);
            self.kept_middle.copy_from_slice(&middle[output.len()..=output.len() + MIDDLE]);
        }
        count
    }
}

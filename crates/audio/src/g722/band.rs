//! One sub-band: the step that adapts itself to the signal and the predictor of two poles and six zeros
//! (ITU-T G.722 sections 3.5 and 3.6). Encoder and decoder run the same one, so that they stay in step.
//!
//! Arithmetic is that of the recommendation: 16-bit values in `i32`. Each product is below 2^31 because both
//! factors are within 16 bits, so the wrapping operators never wrap; they are there because the checked ones cost a
//! third of the codec's time.

use super::tables::POWERS;

/// What tells the two bands apart.
#[derive(Clone, Copy, Debug)]
struct Scale {
    /// Most that the logarithmic step may be.
    log_max: i32,
    /// Exponent of the linear step at logarithm 0.
    shift: i32,
}

const LOW: Scale = Scale { log_max: 18_432, shift: 8 };
const HIGH: Scale = Scale { log_max: 22_528, shift: 10 };

/// State of one sub-band.
#[derive(Clone, Debug)]
pub struct Band {
    scale: Scale,
    /// Logarithm of the step.
    log_step: i32,
    /// Step of the quantiser.
    step: i32,
    /// What is expected next.
    predicted: i32,
    /// The part of it that comes from the zeros.
    predicted_by_zeros: i32,
    /// Last two values of the signal as the decoder has it.
    rebuilt: [i32; 2],
    /// Signs (0 or -1) of the last two partly rebuilt values.
    signs: [i32; 2],
    poles: [i32; 2],
    zeros: [i32; 6],
    /// Last six quantised differences.
    differences: [i32; 6],
}

impl Band {
    /// The lower band at rest.
    pub const fn low() -> Self {
        Self::new(LOW, 32)
    }

    /// The upper band at rest.
    pub const fn high() -> Self {
        Self::new(HIGH, 8)
    }

    const fn new(scale: Scale, step: i32) -> Self {
        Self {
            scale,
            log_step: 0,
            step,
            predicted: 0,
            predicted_by_zeros: 0,
            rebuilt: [0; 2],
            signs: [0; 2],
            poles: [0; 2],
            zeros: [0; 6],
            differences: [0; 6],
        }
    }

    /// Step of the quantiser.
    pub const fn step(&self) -> i32 {
        self.step
    }

    /// What is expected next.
    pub const fn predicted(&self) -> i32 {
        self.predicted
    }

    /// `value` of a quantiser's table in the signal's own unit.
    pub const fn scaled(&self, value: i32) -> i32 {
        self.step.wrapping_mul(value) >> 15
    }

    /// Goes on by one value: `difference` is what came out of the quantiser, `step_change` what its code does to the
    /// step (blocks 3 and 4 of the recommendation).
    pub fn adapt(&mut self, difference: i32, step_change: i32) {
        self.predict(difference);
        self.log_step = (((self.log_step * 127) >> 7) + step_change).clamp(0, self.scale.log_max);
        let power = POWERS[((self.log_step >> 6) & 31) as usize];
        let shift = self.scale.shift - (self.log_step >> 11);
        let step = if shift < 0 { power << -shift } else { power >> shift };
        self.step = step << 2;
    }

    fn predict(&mut self, difference: i32) {
        let rebuilt = clamp16(self.predicted + difference);
        let sign = clamp16(self.predicted_by_zeros + difference) >> 15;
        self.adapt_poles(sign);
        self.signs = [sign, self.signs[0]];
        self.rebuilt = [rebuilt, self.rebuilt[0]];

        let gain = if difference == 0 { 0 } else { 128 };
        let difference_sign = difference >> 15;
        for (zero, &earlier) in self.zeros.iter_mut().zip(&self.differences) {
            // +gain for equal signs, -gain for different ones.
            let turn = (earlier >> 15) ^ difference_sign;
            let change = (gain ^ turn).wrapping_sub(turn);
            *zero = clamp16((zero.wrapping_mul(32_640) >> 15).wrapping_add(change));
        }
        self.differences.copy_within(..5, 1);
        self.differences[0] = difference;

        let mut by_zeros = 0_i32;
        for (&zero, &earlier) in self.zeros.iter().zip(&self.differences) {
            by_zeros = by_zeros.wrapping_add(zero.wrapping_mul(clamp16(earlier << 1)) >> 15);
        }
        self.predicted_by_zeros = clamp16(by_zeros);
        let mut by_poles = 0_i32;
        for (&pole, &earlier) in self.poles.iter().zip(&self.rebuilt) {
            by_poles = by_poles.wrapping_add(pole.wrapping_mul(clamp16(earlier << 1)) >> 15);
        }
        self.predicted = clamp16(clamp16(by_poles) + self.predicted_by_zeros);
    }

    fn adapt_poles(&mut self, sign: i32) {
        let [first, second] = self.poles;
        let turned = clamp16(first << 2);
        let turned = if sign == self.signs[0] { (-turned).min(32_767) } else { turned };
        let push = if sign == self.signs[1] { 128 } else { -128 };
        let second = ((turned >> 7) + push + (second.wrapping_mul(32_512) >> 15)).clamp(-12_288, 12_288);
        let push = if sign == self.signs[0] { 192 } else { -192 };
        let bound = 15_360 - second;
        let first = (push + (first.wrapping_mul(32_640) >> 15)).clamp(-bound, bound);
        self.poles = [first, second];
    }
}

/// Limits to 16 bits.
pub const fn clamp16(value: i32) -> i32 {
    // Ord::clamp is not const.
    if value < -32_768 {
        -32_768
    } else if value > 32_767 {
        32_767
    } else {
        value
    }
}

//! Tones: sums of sines whose phase goes on from block to block.

use core::f64::consts::TAU;

/// Most sines in one generator; more are ignored.
pub const SINES_MAX: usize = 8;

#[derive(Clone, Debug)]
struct Sine {
    amplitude: f64,
    phase: f64,
    step: f64,
}

/// Makes samples of one or several sines. The next call goes on exactly where the last one ended.
#[derive(Clone, Debug)]
pub struct Tone {
    sines: Vec<Sine>,
}

impl Tone {
    /// `(frequency in Hz, RMS level in dBFS)` of each sine, at `rate` samples per second. A full-scale sine has
    /// -3.01 dBFS; the sum is clipped to 16 bits.
    #[must_use]
    pub fn new(rate: u32, sines: &[(f64, f64)]) -> Self {
        let sines = sines
            .iter()
            .take(SINES_MAX)
            .map(|&(frequency, level_dbfs)| Sine {
                amplitude: 32768.0 * core::f64::consts::SQRT_2 * 10f64.powf(level_dbfs / 20.0),
                phase: 0.0,
                step: TAU * frequency / f64::from(rate),
            })
            .collect();
        Self { sines }
    }

    /// The next samples.
    pub fn fill(&mut self, block: &mut [i16]) {
        for sample in block {
            let mut sum = 0.0;
            for sine in &mut self.sines {
                sum += sine.amplitude * sine.phase.sin();
                sine.phase += sine.step;
                if sine.phase >= TAU {
                    sine.phase -= TAU;
                }
            }
            // `as` saturates, which is the clipping that is wanted.
            *sample = sum.round() as i16;
        }
    }

    /// The next `samples` samples in a vector of their own.
    #[must_use]
    pub fn take(&mut self, samples: usize) -> Vec<i16> {
        let mut block = vec![0; samples];
        self.fill(&mut block);
        block
    }
}

//! Comfort noise: what a line sounds like when nobody speaks, as RFC 3389 carries it.
//!
//! - [`Background`] listens to frames and keeps level and spectrum of the quiet ones.
//! - [`Sid`] is that in a packet (payload type 13): level in -dBov and reflection coefficients.
//! - [`ComfortNoise`] makes noise of it, the same for the same seed.
//!
//! What it is not: it does not decide when to be silent (voice activity detection and DTX are the sender's).
//!
//! dBov of RFC 3389 is dBFS of this crate: 0 is a full-scale square wave.

use crate::level::{from_mean_square, mean_square};

/// Static RTP payload type at 8 kHz (RFC 3389 section 4).
pub const PAYLOAD_TYPE: u8 = 13;
/// Most reflection coefficients that are kept; further ones of a packet are ignored, as the RFC allows.
pub const ORDER_MAX: usize = 10;
/// Quietest level that a packet can say, dBov.
pub const LEVEL_MIN_DBOV: i16 = -127;

/// Why a payload says no noise.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("an empty comfort noise payload")]
pub struct EmptySidError;

/// Silence insertion descriptor (RFC 3389 section 3).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Sid {
    /// Level below 0 dBov, dB, 0 to 127.
    level: u8,
    order: u8,
    /// As they are in the packet: 127 is zero.
    reflections: [u8; ORDER_MAX],
}

impl Sid {
    /// White noise of this level, dBFS; brought into 0 to -127.
    #[must_use]
    pub fn white(level_dbfs: f64) -> Self {
        Self { level: (-level_dbfs).round().clamp(0.0, 127.0) as u8, order: 0, reflections: [127; ORDER_MAX] }
    }

    /// Reads a payload: one byte of level, then any number of coefficients, of which [`ORDER_MAX`] count.
    ///
    /// # Errors
    /// [`EmptySidError`]; every other payload means something.
    pub fn read(payload: &[u8]) -> Result<Self, EmptySidError> {
        let (&level, coefficients) = payload.split_first().ok_or(EmptySidError)?;
        let order = coefficients.len().min(ORDER_MAX);
        let mut reflections = [127; ORDER_MAX];
        for (kept, &byte) in reflections.iter_mut().zip(coefficients) {
            // 255 is not defined; it would be no stable filter.
            *kept = byte.min(254);
        }
        // The uppermost bit is reserved.
        Ok(Self { level: level & 0x7f, order: order as u8, reflections })
    }

    /// Appends the payload: 1 + [`Sid::order`] bytes.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.push(self.level);
        out.extend_from_slice(&self.reflections[..self.order()]);
    }

    /// Level, dBFS.
    #[must_use]
    pub fn level_dbfs(&self) -> f64 {
        -f64::from(self.level)
    }

    /// How many coefficients it has, 0 (white) to [`ORDER_MAX`].
    #[must_use]
    pub fn order(&self) -> usize {
        usize::from(self.order)
    }

    /// Reflection coefficient `index`, between -1 and 1; 0 past the order.
    fn reflection(&self, index: usize) -> f32 {
        // RFC 3389 section 3.2: k = 258 * (N - 127) / 32768.
        258.0 * (f32::from(self.reflections[index]) - 127.0) / 32_768.0
    }
}

/// How much of its difference the estimate moves with each quiet frame.
const ESTIMATE_STEP: f64 = 0.1;
/// A frame this many times the floor (6 dB) is still background.
const QUIET_RATIO: f64 = 4.0;
/// Factor by which the floor rises with each frame (3 dB per second at 20 ms), so that a line that becomes noisier is
/// believed after a while.
const FLOOR_RISE: f64 = 1.0139;
/// The lowest floor, mean square (-75 dBFS): a digital silence does not forbid everything that follows.
const FLOOR_MIN: f64 = 32.0;

/// Estimate of a stream's background from its quiet frames. Feed it all frames, of 10 to 60 ms each.
#[derive(Clone, Debug)]
pub struct Background {
    floor: f64,
    /// Mean of `x[i] x[i-lag]`.
    autocorrelation: [f64; ORDER_MAX + 1],
    known: bool,
}

impl Default for Background {
    fn default() -> Self {
        Self::new()
    }
}

impl Background {
    /// Knows nothing.
    #[must_use]
    pub const fn new() -> Self {
        Self { floor: 0.0, autocorrelation: [0.0; ORDER_MAX + 1], known: false }
    }

    /// Takes a frame in; one that is much louder than the quietest of late changes nothing.
    pub fn update(&mut self, frame: &[i16]) {
        if frame.len() <= ORDER_MAX {
            return;
        }
        let power = mean_square(frame);
        if !self.known {
            self.floor = power.max(FLOOR_MIN);
        }
        if power < self.floor {
            self.floor = (self.floor + (power - self.floor) * 0.5).max(FLOOR_MIN);
        } else {
            self.floor *= FLOOR_RISE;
        }
        if power > self.floor * QUIET_RATIO {
            return;
        }
        let step = if self.known { ESTIMATE_STEP } else { 1.0 };
        self.known = true;
        for (lag, kept) in self.autocorrelation.iter_mut().enumerate() {
            let sum: f64 = frame.iter().zip(&frame[lag..]).map(|(&a, &b)| f64::from(a) * f64::from(b)).sum();
            *kept += (sum / frame.len() as f64 - *kept) * step;
        }
    }

    /// Level of the background, dBFS; [`crate::level::LEVEL_MIN_DBFS`] when nothing was heard.
    #[must_use]
    pub fn level_dbfs(&self) -> f64 {
        from_mean_square(self.autocorrelation[0])
    }

    /// The descriptor of the background with `order` coefficients (at most [`ORDER_MAX`]; 0 says the level only).
    #[must_use]
    pub fn sid(&self, order: usize) -> Sid {
        let order = order.min(ORDER_MAX);
        let mut sid = Sid::white(self.level_dbfs());
        sid.order = order as u8;
        for (byte, reflection) in
            sid.reflections.iter_mut().zip(reflections(&self.autocorrelation)).take(order)
        {
            *byte = (127.0 + reflection * 32_768.0 / 258.0).round().clamp(0.0, 254.0) as u8;
        }
        sid
    }
}

/// Reflection coefficients by the recursion of Levinson and Durbin, with the sign of G.711 Appendix II: the first is
/// `-r1/r0`, positive for noise that is mostly high.
fn reflections(autocorrelation: &[f64; ORDER_MAX + 1]) -> [f64; ORDER_MAX] {
    let mut found = [0.0; ORDER_MAX];
    let mut filter = [0.0; ORDER_MAX + 1];
    filter[0] = 1.0;
    // A trace of white noise keeps it well-conditioned.
    let mut error = autocorrelation[0] * 1.0001 + 1e-9;
    for order in 1..=ORDER_MAX {
        let sum: f64 = (0..order).map(|index| filter[index] * autocorrelation[order - index]).sum();
        let reflection = (-sum / error).clamp(-0.99, 0.99);
        found[order - 1] = reflection;
        let before = filter;
        for index in 1..=order {
            filter[index] = before[index] + reflection * before[order - index];
        }
        error *= 1.0 - reflection * reflection;
    }
    found
}

/// Samples over which the level follows a new descriptor.
const FADE: f32 = 1.0 / 256.0;

/// Makes noise of a descriptor. The same seed, descriptors and lengths make the same samples.
#[derive(Clone, Debug)]
pub struct ComfortNoise {
    state: u64,
    order: usize,
    reflections: [f32; ORDER_MAX],
    /// The lattice's memory.
    backward: [f32; ORDER_MAX],
    /// Amplitude of the white noise before the filter, now and where it goes.
    amplitude: f32,
    target: f32,
}

impl ComfortNoise {
    /// Noise of this descriptor.
    #[must_use]
    pub fn new(seed: u64, sid: &Sid) -> Self {
        let mut noise = Self {
            // Never all zero, where the generator would stay.
            state: (seed ^ 0x9e37_79b9_7f4a_7c15).max(1),
            order: 0,
            reflections: [0.0; ORDER_MAX],
            backward: [0.0; ORDER_MAX],
            amplitude: 0.0,
            target: 0.0,
        };
        noise.set(sid);
        noise.amplitude = noise.target;
        noise
    }

    /// A new descriptor: the spectrum changes at once, the level within 50 ms or so.
    pub fn set(&mut self, sid: &Sid) {
        self.order = sid.order();
        // What the filter will add to the power, taken away beforehand.
        let mut rest = 1.0;
        for index in 0..self.order {
            self.reflections[index] = sid.reflection(index);
            rest *= 1.0 - self.reflections[index] * self.reflections[index];
        }
        let rms = 32_768.0 * 10_f64.powf(sid.level_dbfs() / 20.0);
        self.target = rms as f32 * f32::sqrt(rest);
    }

    /// The next samples.
    pub fn fill(&mut self, block: &mut [i16]) {
        for sample in block {
            self.amplitude += (self.target - self.amplitude) * FADE;
            let mut value = self.white() * self.amplitude;
            // All-pole lattice, from the last coefficient to the first.
            for index in (0..self.order).rev() {
                let reflection = self.reflections[index];
                value -= reflection * self.backward[index];
                let delayed = self.backward[index] + reflection * value;
                if index + 1 < ORDER_MAX {
                    self.backward[index + 1] = delayed;
                }
            }
            self.backward[0] = value;
            // `as` saturates.
            *sample = value.round() as i16;
        }
    }

    /// Nearly Gaussian, mean 0, variance 1: the sum of four even distributions (xorshift64*).
    fn white(&mut self) -> f32 {
        self.state ^= self.state >> 12;
        self.state ^= self.state << 25;
        self.state ^= self.state >> 27;
        let bits = self.state.wrapping_mul(0x2545_f491_4f6c_dd1d);
        let sum: i64 = (0..4).map(|part| i64::from((bits >> (part * 16)) as u16 as i16)).sum();
        // Each part has variance 65536^2 / 12.
        sum as f32 * (1.0 / 37_837.23)
    }
}

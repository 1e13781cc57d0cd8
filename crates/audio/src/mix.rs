//! Mixing for three and more: everybody is added once, and each listener gets the sum without what is his own.
//!
//! The sum is held in 32 bits, so nothing is lost before the listener's [`Limiter`]. That lets everything through as
//! it is while it fits into 16 bits (a single voice stays bit-exact), and turns the whole sum down smoothly when it
//! does not; it never wraps.
//!
//! What it is not: it knows no conference, only slices of equal length. Shorter ones end with silence.

/// Most sources in one sum: with each of them at full scale and the highest gain the sum still fits into 32 bits.
pub const SOURCES_MAX: usize = 16_384;

/// A factor from 0 to just below 2, with 15 bits behind the point.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Gain(u16);

impl Gain {
    /// As loud as it is; exact.
    pub const UNITY: Self = Self(1 << 15);
    /// Nothing.
    pub const SILENT: Self = Self(0);

    /// From decibels; above +6.02 dB it is that.
    #[must_use]
    pub fn from_db(db: f64) -> Self {
        // `as` saturates.
        Self((32_768.0 * 10_f64.powf(db / 20.0)).round() as u16)
    }

    const fn apply(self, sample: i16) -> i32 {
        // At most 32,768 * 65,535, which is below 2^31.
        (sample as i32).wrapping_mul(self.0 as i32) >> 15
    }
}

/// Adds one source to the sum. At most [`SOURCES_MAX`] per sum.
pub fn add(sum: &mut [i32], source: &[i16], gain: Gain) {
    // Wrapping only because it is three times as fast; SOURCES_MAX keeps it from happening.
    if gain == Gain::UNITY {
        for (sum, &sample) in sum.iter_mut().zip(source) {
            *sum = sum.wrapping_add(i32::from(sample));
        }
    } else {
        for (sum, &sample) in sum.iter_mut().zip(source) {
            *sum = sum.wrapping_add(gain.apply(sample));
        }
    }
}

/// Takes one source out of the sum that it was added to, with the same gain. So a listener with several sources that he
/// must not hear gets rid of them one by one; for the usual single one [`for_listener`] does it on the way.
pub fn remove(sum: &mut [i32], source: &[i16], gain: Gain) {
    for (sum, &sample) in sum.iter_mut().zip(source) {
        *sum = sum.wrapping_sub(gain.apply(sample));
    }
}

/// What one listener hears: the sum without his `own` source (with the gain it was added with), limited to 16 bits.
pub fn for_listener(sum: &[i32], own: Option<(&[i16], Gain)>, limiter: &mut Limiter, out: &mut [i16]) {
    let Some((own, gain)) = own else {
        return limiter.process(sum, out);
    };
    let mut rest = [0; BLOCK];
    let count = sum.len().min(out.len());
    let mut start = 0;
    while start < count {
        let length = (count - start).min(BLOCK);
        let rest = &mut rest[..length];
        rest.copy_from_slice(&sum[start..start + length]);
        let own = own.get(start..).unwrap_or_default();
        if gain == Gain::UNITY {
            for (rest, &own) in rest.iter_mut().zip(own) {
                *rest = rest.wrapping_sub(i32::from(own));
            }
        } else {
            remove(rest, own, gain);
        }
        limiter.process(rest, &mut out[start..start + length]);
        start += length;
    }
}

/// How many samples are worked on at once: a 20 ms frame at 16 kHz.
const BLOCK: usize = 320;
/// Over how many samples the volume goes down.
const ATTACK: usize = 16;
/// Share of the missing volume that comes back with each block of 20 ms or less: nine tenths of it in half a second.
const RECOVERY: f32 = 0.09;
/// From here on the volume is full again.
const NEARLY_FULL: f32 = 0.999;

/// Keeps one listener's sum within 16 bits. Feed it block by block (a frame, at most 20 ms at a time is usual).
///
/// While the sum fits and nothing was too loud in the last half second or so, what comes out is exactly what went in.
#[derive(Clone, Debug)]
pub struct Limiter {
    /// Volume at the end of the last block, 0 to 1.
    volume: f32,
}

impl Default for Limiter {
    fn default() -> Self {
        Self::new()
    }
}

impl Limiter {
    /// At full volume.
    #[must_use]
    pub const fn new() -> Self {
        Self { volume: 1.0 }
    }

    /// Limits one block; the shorter of both slices counts.
    pub fn process(&mut self, sum: &[i32], out: &mut [i16]) {
        let loudest = sum.iter().fold(0_u32, |most, &value| most.max(value.unsigned_abs()));
        let fits = loudest <= i16::MAX as u32;
        if fits && self.volume >= 1.0 {
            for (sample, &value) in out.iter_mut().zip(sum) {
                *sample = value as i16;
            }
            return;
        }
        self.scale(sum, out, loudest);
    }

    fn scale(&mut self, sum: &[i32], out: &mut [i16], loudest: u32) {
        let allowed = if loudest == 0 { 1.0 } else { (f32::from(i16::MAX) / loudest as f32).min(1.0) };
        let recovered = self.volume + (1.0 - self.volume) * RECOVERY;
        let recovered = if recovered > NEARLY_FULL { 1.0 } else { recovered };
        let (start, end) = (self.volume, recovered.min(allowed));
        // Down within 2 ms, up over the whole block. `as` saturates: the first samples of an attack may clip.
        let ramp = if end < start { ATTACK } else { sum.len().max(1) };
        for (index, (sample, &value)) in out.iter_mut().zip(sum).enumerate() {
            let share = ((index + 1) as f32 / ramp as f32).min(1.0);
            *sample = (value as f32 * (start + (end - start) * share)) as i16;
        }
        self.volume = end;
    }
}

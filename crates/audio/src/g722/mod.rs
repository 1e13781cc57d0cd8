//! G.722 at 64 kbit/s (ITU-T G.722, mode 1): 16 kHz speech in one byte for every two samples.
//!
//! What it is not: the 56 and 48 kbit/s modes, which nobody offers in SIP, and loss concealment ([`crate::plc`]).
//!
//! RTP has its clock at 8,000 Hz although it carries 16,000 samples per second (RFC 3551 section 4.5.2).

mod band;
mod tables;

use band::{Band, clamp16};
use tables::{
    HIGH_CODES_NEGATIVE, HIGH_CODES_POSITIVE, HIGH_LIMIT, HIGH_STEP_CHANGES, HIGH_VALUES, LOW_CODES_NEGATIVE,
    LOW_CODES_POSITIVE, LOW_LIMITS, LOW_STEP_CHANGES, LOW_VALUES_4, LOW_VALUES_6, QMF,
};

/// Samples per second.
pub const SAMPLE_RATE: u32 = 16_000;
/// Static RTP payload type (RFC 3551 table 4).
pub const PAYLOAD_TYPE: u8 = 9;

/// Length of both filters.
const TAPS: usize = 24;

/// The filters' memory: pairs of values, the newest last.
#[derive(Clone, Debug)]
struct Line([i32; TAPS]);

impl Line {
    /// Takes the next pair in and gives the two halves of the filter: over the first and over the second of every
    /// pair.
    fn filter(&mut self, first: i32, second: i32) -> (i32, i32) {
        self.0.copy_within(2.., 0);
        self.0[TAPS - 2] = first;
        self.0[TAPS - 1] = second;
        let (mut of_first, mut of_second) = (0_i32, 0_i32);
        // Cannot wrap: the coefficients' magnitudes sum to less than 2^13, the values are within 17 bits.
        for (index, pair) in self.0.chunks_exact(2).enumerate() {
            of_first = of_first.wrapping_add(pair[0].wrapping_mul(QMF[index]));
            of_second = of_second.wrapping_add(pair[1].wrapping_mul(QMF[11 - index]));
        }
        (of_first, of_second)
    }
}

/// Encoder of one stream.
#[derive(Clone, Debug)]
pub struct Encoder {
    line: Line,
    low: Band,
    high: Band,
}

impl Default for Encoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Encoder {
    /// At rest.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: Line([0; TAPS]), low: Band::low(), high: Band::high() }
    }

    /// Appends one byte for every two samples; a single last sample is left out.
    pub fn encode(&mut self, samples: &[i16], out: &mut Vec<u8>) {
        out.extend(samples.chunks_exact(2).map(|pair| self.encode_pair(pair[0], pair[1])));
    }

    fn encode_pair(&mut self, first: i16, second: i16) -> u8 {
        let (of_first, of_second) = self.line.filter(i32::from(first), i32::from(second));
        let low = self.encode_low((of_second + of_first) >> 14);
        let high = self.encode_high((of_second - of_first) >> 14);
        (high << 6) | low
    }

    fn encode_low(&mut self, value: i32) -> u8 {
        let difference = clamp16(value - self.low.predicted());
        let magnitude = if difference < 0 { !difference } else { difference };
        let step = self.low.step();
        // The limits rise, so their number below the magnitude is the place.
        let place = LOW_LIMITS.partition_point(|&limit| magnitude >= (limit.wrapping_mul(step) >> 12));
        let code = if difference < 0 { LOW_CODES_NEGATIVE[place] } else { LOW_CODES_POSITIVE[place] };
        let short = usize::from(code >> 2);
        self.low.adapt(self.low.scaled(LOW_VALUES_4[short]), LOW_STEP_CHANGES[short]);
        code
    }

    fn encode_high(&mut self, value: i32) -> u8 {
        let difference = clamp16(value - self.high.predicted());
        let magnitude = if difference < 0 { !difference } else { difference };
        let place = usize::from(magnitude >= (HIGH_LIMIT.wrapping_mul(self.high.step()) >> 12));
        let code = if difference < 0 { HIGH_CODES_NEGATIVE[place] } else { HIGH_CODES_POSITIVE[place] };
        self.high
            .adapt(self.high.scaled(HIGH_VALUES[usize::from(code)]), HIGH_STEP_CHANGES[usize::from(code)]);
        code
    }
}

/// Decoder of one stream.
#[derive(Clone, Debug)]
pub struct Decoder {
    line: Line,
    low: Band,
    high: Band,
}

impl Default for Decoder {
    fn default() -> Self {
        Self::new()
    }
}

impl Decoder {
    /// At rest.
    #[must_use]
    pub const fn new() -> Self {
        Self { line: Line([0; TAPS]), low: Band::low(), high: Band::high() }
    }

    /// Appends two samples for every byte. Every byte means something, so nothing can be wrong.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) {
        out.extend(payload.iter().flat_map(|&byte| self.decode_byte(byte)));
    }

    fn decode_byte(&mut self, byte: u8) -> [i16; 2] {
        let long = usize::from(byte & 0x3f);
        let short = long >> 2;
        let low = limit15(self.low.predicted() + self.low.scaled(LOW_VALUES_6[long]));
        self.low.adapt(self.low.scaled(LOW_VALUES_4[short]), LOW_STEP_CHANGES[short]);

        let code = usize::from(byte >> 6);
        let difference = self.high.scaled(HIGH_VALUES[code]);
        let high = limit15(self.high.predicted() + difference);
        self.high.adapt(difference, HIGH_STEP_CHANGES[code]);

        let (of_first, of_second) = self.line.filter(low + high, low - high);
        [of_second, of_first].map(|sum| clamp16(sum >> 11) as i16)
    }
}

fn limit15(value: i32) -> i32 {
    value.clamp(-16_384, 16_383)
}

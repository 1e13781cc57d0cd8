//! G.711 by tables that are built at compile time (ITU-T G.711; bit-exact against an independent implementation
//! in the tests).

/// The two companding laws.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Law {
    /// A-law: PCMA, static payload type 8. The one used in China and Europe.
    A,
    /// Mu-law: PCMU, static payload type 0.
    U,
}

impl Law {
    /// Static RTP payload type (RFC 3551 table 4).
    #[must_use]
    pub const fn payload_type(self) -> u8 {
        match self {
            Self::A => 8,
            Self::U => 0,
        }
    }

    /// The law of a static RTP payload type.
    #[must_use]
    pub const fn of_payload_type(payload_type: u8) -> Option<Self> {
        match payload_type {
            8 => Some(Self::A),
            0 => Some(Self::U),
            _ => None,
        }
    }

    /// The byte that stands for silence: the smallest positive value.
    #[must_use]
    pub const fn silence(self) -> u8 {
        match self {
            Self::A => SILENCE_A,
            Self::U => SILENCE_U,
        }
    }
}

/// Silence in A-law. It decodes to +8, so its level is -72 dBFS and not minus infinity.
pub const SILENCE_A: u8 = 0xd5;
/// Silence in mu-law; decodes to 0.
pub const SILENCE_U: u8 = 0xff;

static DECODE_A: [i16; 256] = decode_table(Law::A);
static DECODE_U: [i16; 256] = decode_table(Law::U);
/// By the upper 12 bits of the sample.
static ENCODE_A: [u8; 4096] = encode_table_a();
/// By the upper 14 bits of the sample.
static ENCODE_U: [u8; 16384] = encode_table_u();
/// A-law byte to the mu-law byte next in value.
pub static A_TO_U: [u8; 256] = transcode_table(Law::A);
/// Mu-law byte to the A-law byte next in value.
pub static U_TO_A: [u8; 256] = transcode_table(Law::U);

/// One byte to one 16-bit sample.
#[must_use]
pub fn decode(law: Law, byte: u8) -> i16 {
    match law {
        Law::A => DECODE_A[usize::from(byte)],
        Law::U => DECODE_U[usize::from(byte)],
    }
}

/// One 16-bit sample to one byte.
#[must_use]
pub fn encode(law: Law, sample: i16) -> u8 {
    let bits = usize::from(sample.cast_unsigned());
    match law {
        Law::A => ENCODE_A[bits >> 4],
        Law::U => ENCODE_U[bits >> 2],
    }
}

/// The table for decoding in bulk.
#[must_use]
pub fn decode_by(law: Law) -> &'static [i16; 256] {
    match law {
        Law::A => &DECODE_A,
        Law::U => &DECODE_U,
    }
}

/// Changes a payload in place from one law to the other; nothing happens when they are the same.
pub fn transcode(from: Law, to: Law, payload: &mut [u8]) {
    let table = match (from, to) {
        (Law::A, Law::U) => &A_TO_U,
        (Law::U, Law::A) => &U_TO_A,
        (Law::A, Law::A) | (Law::U, Law::U) => return,
    };
    for byte in payload {
        *byte = table[usize::from(*byte)];
    }
}

const fn decode_arithmetic(law: Law, byte: u8) -> i16 {
    match law {
        Law::A => {
            let bits = byte ^ 0x55;
            let exponent = (bits >> 4) & 7;
            let mut magnitude = ((bits & 15) as i16) << 4;
            magnitude += if exponent > 0 { 0x108 } else { 8 };
            if exponent > 1 {
                magnitude <<= exponent - 1;
            }
            if bits & 0x80 != 0 { magnitude } else { -magnitude }
        }
        Law::U => {
            let bits = !byte;
            let exponent = (bits >> 4) & 7;
            let magnitude = (((((bits & 15) as i16) << 3) + 0x84) << exponent) - 0x84;
            if bits & 0x80 != 0 { -magnitude } else { magnitude }
        }
    }
}

const fn encode_arithmetic(law: Law, sample: i16) -> u8 {
    let positive = if sample < 0 { !sample } else { sample };
    let sign = if sample >= 0 { 0x80 } else { 0 };
    match law {
        Law::A => {
            let mut magnitude = positive >> 4;
            let mut exponent = 0;
            if magnitude > 15 {
                exponent = 1;
                while magnitude > 31 {
                    magnitude >>= 1;
                    exponent += 1;
                }
                magnitude -= 16;
            }
            (magnitude as u8 | (exponent << 4) | sign) ^ 0x55
        }
        Law::U => {
            let biased = (positive >> 2) + 33;
            let magnitude = if biased > 0x1fff { 0x1fff } else { biased };
            let mut exponent = 0;
            while magnitude >> (exponent + 6) != 0 {
                exponent += 1;
            }
            let mantissa = ((magnitude >> (exponent + 1)) & 15) as u8;
            !((exponent << 4) | mantissa | 0x80) & 0x7f | sign
        }
    }
}

const fn decode_table(law: Law) -> [i16; 256] {
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = decode_arithmetic(law, byte as u8);
        byte += 1;
    }
    table
}

const fn encode_table_a() -> [u8; 4096] {
    let mut table = [0; 4096];
    let mut index = 0;
    while index < 4096 {
        table[index] = encode_arithmetic(Law::A, ((index as u16) << 4).cast_signed());
        index += 1;
    }
    table
}

const fn encode_table_u() -> [u8; 16384] {
    let mut table = [0; 16384];
    let mut index = 0;
    while index < 16384 {
        table[index] = encode_arithmetic(Law::U, ((index as u16) << 2).cast_signed());
        index += 1;
    }
    table
}

const fn transcode_table(from: Law) -> [u8; 256] {
    let to = match from {
        Law::A => Law::U,
        Law::U => Law::A,
    };
    let mut table = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        table[byte] = encode_arithmetic(to, decode_arithmetic(from, byte as u8));
        byte += 1;
    }
    table
}

//! The constants of ITU-T G.722, sections 3.3 to 3.6 and table 11 to 21: nothing here is ours to choose.

/// Half of the 24 coefficients of both quadrature mirror filters, every other one; the other half is the same
/// read backwards. Scaled by 8192 (table 11).
pub const QMF: [i32; 12] = [3, -11, 12, 32, -210, 951, 3876, -805, 362, -156, 53, -11];

/// Upper limits of the lower band's 60-level quantiser, in units of its step (table 14). Past the last one all is one
/// step.
pub const LOW_LIMITS: [i32; 29] = [
    35, 72, 110, 150, 190, 233, 276, 323, 370, 422, 473, 530, 587, 650, 714, 786, 858, 940, 1023, 1121, 1219,
    1339, 1458, 1612, 1765, 1980, 2195, 2557, 2919,
];
/// Codes of the 30 steps of a negative difference (table 15).
pub const LOW_CODES_NEGATIVE: [u8; 30] = [
    63, 62, 31, 30, 29, 28, 27, 26, 25, 24, 23, 22, 21, 20, 19, 18, 17, 16, 15, 14, 13, 12, 11, 10, 9, 8, 7,
    6, 5, 4,
];
/// Codes of the 30 steps of a positive difference (table 15).
pub const LOW_CODES_POSITIVE: [u8; 30] = [
    61, 60, 59, 58, 57, 56, 55, 54, 53, 52, 51, 50, 49, 48, 47, 46, 45, 44, 43, 42, 41, 40, 39, 38, 37, 36,
    35, 34, 33, 32,
];
/// Values of the 64 codes of the lower band, for listening (table 17, 6 bits).
pub const LOW_VALUES_6: [i32; 64] = [
    -136, -136, -136, -136, -24808, -21904, -19008, -16704, -14984, -13512, -12280, -11192, -10232, -9360,
    -8576, -7856, -7192, -6576, -6000, -5456, -4944, -4464, -4008, -3576, -3168, -2776, -2400, -2032, -1688,
    -1360, -1040, -728, 24808, 21904, 19008, 16704, 14984, 13512, 12280, 11192, 10232, 9360, 8576, 7856,
    7192, 6576, 6000, 5456, 4944, 4464, 4008, 3576, 3168, 2776, 2400, 2032, 1688, 1360, 1040, 728, 432, 136,
    -432, -136,
];
/// Values of the upper four bits of the lower band's code, for prediction (table 18, 4 bits).
pub const LOW_VALUES_4: [i32; 16] =
    [0, -20456, -12896, -8968, -6288, -4240, -2584, -1200, 20456, 12896, 8968, 6288, 4240, 2584, 1200, 0];
/// How much the lower band's logarithmic step changes after each of the 16 short codes (tables 19 and 20).
pub const LOW_STEP_CHANGES: [i32; 16] =
    [-60, 3042, 1198, 538, 334, 172, 58, -30, 3042, 1198, 538, 334, 172, 58, -30, -60];

/// Limit between the two steps of the upper band's quantiser (table 14).
pub const HIGH_LIMIT: i32 = 564;
/// Codes of the two steps of a negative difference.
pub const HIGH_CODES_NEGATIVE: [u8; 2] = [1, 0];
/// Codes of the two steps of a positive difference.
pub const HIGH_CODES_POSITIVE: [u8; 2] = [3, 2];
/// Values of the four codes of the upper band (table 18, 2 bits).
pub const HIGH_VALUES: [i32; 4] = [-7408, -1616, 7408, 1616];
/// How much the upper band's logarithmic step changes after each code (table 19).
pub const HIGH_STEP_CHANGES: [i32; 4] = [798, -214, 798, -214];

/// `2048 * 2^(i/32)`: from the logarithmic step to the linear one.
pub const POWERS: [i32; 32] = [
    2048, 2093, 2139, 2186, 2233, 2282, 2332, 2383, 2435, 2489, 2543, 2599, 2656, 2714, 2774, 2834, 2896,
    2960, 3025, 3091, 3158, 3228, 3298, 3371, 3444, 3520, 3597, 3676, 3756, 3838, 3922, 4008,
];

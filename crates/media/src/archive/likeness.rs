//! Is this the same sound? Compares what came back from the archive with the original, by its loudness in time.
//!
//! A codec for speech keeps no sample as it was, but it keeps who spoke when and how loud. What is compared: the level
//! of each channel in pieces of 100 ms.

/// Pieces a second.
const PIECES_PER_SECOND: usize = 10;
/// Mean square below which a piece is silence: -45 dBFS.
const SILENCE: f64 = 34_000.0;
/// Most that the level of a piece may differ, as a ratio of powers: 6 dB.
const RATIO_MAX: f64 = 4.0;
/// One in so many pieces that are no silence may be off: clicks and the beginnings of words.
const OFF_SHARE: usize = 20;

/// Both sounds, piece by piece.
#[derive(Debug)]
pub(crate) struct Likeness {
    channels: usize,
    /// Frames of a piece.
    piece: usize,
    /// Sums of squares of the piece in hand, by channel: original, copy.
    sums: Vec<[f64; 2]>,
    frames: usize,
    loud: usize,
    off: usize,
}

impl Likeness {
    pub(crate) fn new(rate: u32, channels: u16) -> Self {
        let channels = usize::from(channels);
        let piece = rate as usize / PIECES_PER_SECOND;
        Self { channels, piece, sums: vec![[0.0; 2]; channels], frames: 0, loud: 0, off: 0 }
    }

    /// The same time of both, interleaved and equally long.
    pub(crate) fn compare(&mut self, original: &[i16], copy: &[i16]) {
        for (original, copy) in original.chunks_exact(self.channels).zip(copy.chunks_exact(self.channels)) {
            for ((sums, &one), &other) in self.sums.iter_mut().zip(original).zip(copy) {
                sums[0] += f64::from(one) * f64::from(one);
                sums[1] += f64::from(other) * f64::from(other);
            }
            self.frames += 1;
            if self.frames == self.piece {
                self.judge();
            }
        }
    }

    fn judge(&mut self) {
        for sums in &mut self.sums {
            let [original, copy] = sums.map(|sum| sum / self.piece as f64);
            *sums = [0.0; 2];
            if original.max(copy) < SILENCE {
                continue;
            }
            self.loud += 1;
            let (low, high) = (original.min(copy), original.max(copy));
            self.off += usize::from(high > low * RATIO_MAX);
        }
        self.frames = 0;
    }

    /// Whether it is the same sound.
    pub(crate) fn is_same(&self) -> bool {
        // A few pieces are off in any short file.
        self.off <= 2 + self.loud / OFF_SHARE
    }
}

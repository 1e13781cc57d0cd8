//! From a chunk's blocks to the bytes of the file: G.711 expanded, brought to the file's rate, tones of secret keys taken
//! out, both sides interleaved. Runs on the writer's thread.
//!
//! Taking out tones needs to look ahead: while it lasts, both sides come out [`MASK_DELAY`] samples later, and the rest
//! follows when it ends. The file is a moment shorter meanwhile, and nothing is shifted. The first chunk after the end
//! goes through the mask as well: a key may have been pressed at the last moment.

use careline_audio::dtmf::{DigitMask, MASK_DELAY};
use careline_audio::g711::decode_by;
use careline_audio::resample::{DELAY_SAMPLES_16K, Down2, Up2};
use careline_audio::wav::Format;

use super::chunk::{Chunk, Voice};

/// Samples that both sides are late while tones are taken out of a file of 16 kHz.
const WIDE_DELAY: usize = 2 * (MASK_DELAY + DELAY_SAMPLES_16K);

/// What one recording needs besides its file. Empty for a recording of G.711 in a file of 8 kHz.
#[derive(Debug, Default)]
pub(super) struct Sound {
    /// For sides of G.711 in a file of 16 kHz.
    up: [Option<Box<Up2>>; 2],
    masking: Option<Box<Masking>>,
}

/// Buffers that all recordings share.
#[derive(Debug, Default)]
pub(super) struct Scratch {
    sides: [Vec<i16>; 2],
    narrow: Vec<i16>,
    pub(super) bytes: Vec<u8>,
}

impl Sound {
    /// Puts what is now to be appended into `scratch.bytes`, interleaved; usually that is the whole chunk.
    pub(super) fn render(&mut self, chunk: &Chunk, format: Format, scratch: &mut Scratch) {
        let secret = chunk.secret != [None; 2];
        if let ([Voice::Law(left, lefts), Voice::Law(right, rights)], 8000, false, None) =
            (&chunk.sides, format.rate, secret, &self.masking)
        {
            let (left, right) = (decode_by(*left), decode_by(*right));
            scratch.bytes.clear();
            scratch.bytes.extend(lefts[..chunk.frames].iter().zip(&rights[..chunk.frames]).flat_map(
                |(l, r)| {
                    let ([a, b], [c, d]) =
                        (left[usize::from(*l)].to_le_bytes(), right[usize::from(*r)].to_le_bytes());
                    [a, b, c, d]
                },
            ));
            return;
        }
        for side in 0..2 {
            self.expand(side, &chunk.sides[side], chunk.frames, format.rate, scratch);
        }
        scratch.bytes.clear();
        if secret && self.masking.is_none() {
            self.masking = Some(Box::new(Masking::new(format.rate)));
        }
        if let Some(masking) = &mut self.masking {
            let hidden = chunk.secret.map(|span| span.is_some());
            masking.pass(hidden, &mut scratch.sides, &mut scratch.narrow);
        }
        interleave(&scratch.sides, format.channels, &mut scratch.bytes);
        if !secret && let Some(masking) = self.masking.take() {
            // Its line holds the chunk's end.
            masking.finish(&mut scratch.sides);
            interleave(&scratch.sides, format.channels, &mut scratch.bytes);
        }
    }

    /// What is still held back: frames of the file that come with the next chunk or with [`Sound::rest`].
    pub(super) fn held_frames(&self) -> u64 {
        self.masking.as_ref().map_or(0, |masking| masking.held as u64)
    }

    /// Puts what is held back into `scratch.bytes`: something else than the next chunk follows.
    pub(super) fn rest(&mut self, format: Format, scratch: &mut Scratch) {
        scratch.bytes.clear();
        if let Some(masking) = self.masking.take() {
            masking.finish(&mut scratch.sides);
            interleave(&scratch.sides, format.channels, &mut scratch.bytes);
        }
    }

    fn expand(&mut self, side: usize, voice: &Voice, frames: usize, rate: u32, scratch: &mut Scratch) {
        let samples = &mut scratch.sides[side];
        samples.clear();
        match voice {
            Voice::Absent => {}
            Voice::Pcm(block) => samples.extend_from_slice(&block[..frames]),
            Voice::Law(law, block) if rate == 16_000 => {
                let table = decode_by(*law);
                scratch.narrow.clear();
                // An odd last frame is heard to its end.
                scratch
                    .narrow
                    .extend(block[..frames.div_ceil(2)].iter().map(|&byte| table[usize::from(byte)]));
                samples.resize(2 * scratch.narrow.len(), 0);
                self.up[side].get_or_insert_default().process(&scratch.narrow, samples);
                samples.truncate(frames);
            }
            Voice::Law(law, block) => {
                let table = decode_by(*law);
                samples.extend(block[..frames].iter().map(|&byte| table[usize::from(byte)]));
            }
        }
    }
}

fn interleave(sides: &[Vec<i16>; 2], channels: u16, bytes: &mut Vec<u8>) {
    if channels == 1 {
        bytes.extend(sides[0].iter().flat_map(|sample| sample.to_le_bytes()));
        return;
    }
    bytes.extend(sides[0].iter().zip(&sides[1]).flat_map(|(left, right)| {
        let ([a, b], [c, d]) = (left.to_le_bytes(), right.to_le_bytes());
        [a, b, c, d]
    }));
}

/// Both sides later by the same time, tones of keys taken out of those that are hidden.
#[derive(Debug)]
struct Masking {
    wide: bool,
    masks: [Option<Mask>; 2],
    /// The last samples of sides that are not hidden.
    lines: [Vec<i16>; 2],
    /// What comes out first is older than what went in.
    skip: usize,
    held: usize,
}

#[derive(Debug)]
struct Mask {
    digits: DigitMask,
    down: Down2,
    up: Up2,
}

impl Masking {
    fn new(rate: u32) -> Self {
        let wide = rate == 16_000;
        let delay = if wide { WIDE_DELAY } else { MASK_DELAY };
        let lines = [vec![0; delay], vec![0; delay]];
        Self { wide, masks: [None, None], lines, skip: delay, held: 0 }
    }

    /// Replaces what both sides say by what they said a moment before.
    fn pass(&mut self, hidden: [bool; 2], sides: &mut [Vec<i16>; 2], narrow: &mut Vec<i16>) {
        let taken = sides[0].len();
        for side in 0..2 {
            if hidden[side] && self.masks[side].is_none() {
                self.masks[side] = Some(self.begin(side, narrow));
            }
            let samples = &mut sides[side];
            match &mut self.masks[side] {
                Some(mask) => mask.process(samples, self.wide, narrow),
                None => {
                    let count = samples.len();
                    self.lines[side].append(samples);
                    samples.extend(self.lines[side].drain(..count));
                }
            }
        }
        let skipped = self.skip.min(taken);
        self.skip -= skipped;
        for samples in sides {
            samples.drain(..skipped.min(samples.len()));
        }
        self.held += skipped;
    }

    /// A side that was only late so far: what its line holds goes through the mask.
    fn begin(&mut self, side: usize, narrow: &mut Vec<i16>) -> Mask {
        let mut mask = Mask { digits: DigitMask::new(None), down: Down2::new(), up: Up2::new() };
        let mut line = std::mem::take(&mut self.lines[side]);
        mask.process(&mut line, self.wide, narrow);
        mask
    }

    /// What is left in the lines.
    fn finish(self, sides: &mut [Vec<i16>; 2]) {
        let delay = if self.wide { WIDE_DELAY } else { MASK_DELAY };
        for ((samples, mask), line) in sides.iter_mut().zip(self.masks).zip(self.lines) {
            *samples = match mask {
                Some(mask) => mask.finish(self.wide),
                None => line,
            };
            // Whatever was never filled is no sound.
            samples.drain(..self.skip.min(samples.len()));
            samples.truncate(delay - self.skip.min(delay));
        }
    }
}

impl Mask {
    fn process(&mut self, samples: &mut [i16], wide: bool, narrow: &mut Vec<i16>) {
        if !wide {
            return self.digits.process(samples);
        }
        narrow.clear();
        narrow.resize(samples.len() / 2, 0);
        self.down.process(samples, narrow);
        self.digits.process(narrow);
        self.up.process(narrow, samples);
    }

    fn finish(mut self, wide: bool) -> Vec<i16> {
        if !wide {
            return self.digits.finish().to_vec();
        }
        // What is still in the filters follows by their own delay.
        let mut pushed = vec![0; DELAY_SAMPLES_16K];
        let mut narrow = vec![0; DELAY_SAMPLES_16K];
        self.down.process(&[0; 2 * DELAY_SAMPLES_16K], &mut pushed);
        self.digits.process(&mut pushed);
        narrow.copy_from_slice(&pushed);
        let mut rest = self.digits.clone().finish().to_vec();
        narrow.append(&mut rest);
        let mut wide = vec![0; 2 * narrow.len()];
        self.up.process(&narrow, &mut wide);
        wide
    }
}

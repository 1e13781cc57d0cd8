//! What a simulated person says: its tone pair, a piece of speech, and again.

use crate::pair::{Pair, TONE_DBFS};
use anyhow::Context;
use careline_audio::g711::{self, Law};
use careline_audio::{FRAME_SAMPLES, SAMPLE_RATE, tone::Tone, wav};
use std::path::Path;
use std::sync::Arc;

/// How long the pair is said at a stretch, milliseconds.
pub const TONE_MS: u32 = 1400;

/// Longest piece of speech used from one file, milliseconds.
const SPEECH_MS: u32 = 1200;

/// Pieces of speech, read from the prompt folder.
#[derive(Debug, Clone, Default)]
pub struct Speech {
    pieces: Vec<Arc<[i16]>>,
}

impl Speech {
    /// Reads every WAV of the folder whose name begins with `prefix`, in the order of their names.
    ///
    /// # Errors
    /// When the folder has none or one cannot be read.
    pub fn read(folder: &Path, prefix: &str) -> anyhow::Result<Self> {
        let mut paths: Vec<_> = std::fs::read_dir(folder)
            .with_context(|| format!("Failed to list {}", folder.display()))?
            .flatten()
            .map(|entry| entry.path())
            .filter(|path| {
                let name = path.file_name().unwrap_or_default().to_string_lossy();
                name.starts_with(prefix) && name.ends_with(".wav")
            })
            .collect();
        paths.sort();
        anyhow::ensure!(!paths.is_empty(), "no {prefix}*.wav in {}", folder.display());
        let pieces = paths.iter().map(|path| {
            let file = std::fs::File::open(path)?;
            let samples = wav::read_prompt(std::io::BufReader::new(file))
                .with_context(|| format!("Failed to read {}", path.display()))?;
            Ok(samples.into_iter().take(samples_of(SPEECH_MS)).collect())
        });
        Ok(Self { pieces: pieces.collect::<anyhow::Result<_>>()? })
    }

    /// One of the pieces; silence when there are none.
    #[must_use]
    pub fn piece(&self, index: usize) -> Arc<[i16]> {
        match self.pieces.len() {
            0 => vec![0; samples_of(SPEECH_MS)].into(),
            count => self.pieces[index % count].clone(),
        }
    }
}

/// An endless voice in frames of 20 ms, already encoded.
#[derive(Debug, Clone)]
pub struct Voice {
    cycle: Vec<u8>,
    at: usize,
}

impl Voice {
    /// Says nothing.
    #[must_use]
    pub fn silent(law: Law) -> Self {
        Self { cycle: vec![law.silence(); FRAME_SAMPLES], at: 0 }
    }

    /// Says `pair`, then `speech`, and again.
    #[must_use]
    pub fn new(law: Law, pair: Pair, speech: &[i16]) -> Self {
        let sines = pair.frequencies().map(|frequency| (frequency, TONE_DBFS));
        let mut samples = Tone::new(SAMPLE_RATE, &sines).take(samples_of(TONE_MS));
        samples.extend_from_slice(speech);
        let frames = samples.len().div_ceil(FRAME_SAMPLES);
        samples.resize(frames * FRAME_SAMPLES, 0);
        Self { cycle: samples.into_iter().map(|sample| g711::encode(law, sample)).collect(), at: 0 }
    }

    /// The next frame.
    pub fn frame(&mut self) -> &[u8] {
        let from = self.at;
        self.at = (from + FRAME_SAMPLES) % self.cycle.len();
        &self.cycle[from..from + FRAME_SAMPLES]
    }
}

fn samples_of(milliseconds: u32) -> usize {
    (SAMPLE_RATE * milliseconds / 1000) as usize
}

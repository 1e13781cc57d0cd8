//! The prompts, read once and kept in both laws so that playing one is copying bytes.
//!
//! A house may have them in several languages: the first one's have plain names, the others' begin with the folder and
//! `/`. What another language has no recording of is played in the first one, so that nobody hears silence.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use careline_audio::g711::{Law, encode};
use careline_audio::wav::{PromptFormatError, read_prompt};

/// Longest prompt or piece of music, samples: ten minutes.
pub const PROMPT_SAMPLES_MAX: usize = 10 * 60 * 8000;
/// Most prompts in one store.
pub const PROMPTS_MAX: usize = 10_000;

/// Why the prompts cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum PromptError {
    /// The folder or one of its sub-folders cannot be listed.
    #[error("failed to list prompts in {path}")]
    List {
        /// Which folder.
        path: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A file is not what a prompt must be.
    #[error("failed to read prompt {path}")]
    Read {
        /// Which file.
        path: PathBuf,
        /// What is wrong with it.
        #[source]
        source: PromptFormatError,
    },
    /// A prompt is empty or longer than [`PROMPT_SAMPLES_MAX`].
    #[error("prompt {name} has {samples} samples, allowed are 1 to {PROMPT_SAMPLES_MAX}")]
    Length {
        /// Which prompt.
        name: String,
        /// How long it is.
        samples: usize,
    },
    /// More than [`PROMPTS_MAX`] prompts.
    #[error("more than {PROMPTS_MAX} prompts")]
    TooMany,
    /// Two files have the same name: a sub-folder of the first language is called as another language.
    #[error("prompt {name} is there twice")]
    Twice {
        /// Which prompt.
        name: String,
    },
}

/// One prompt in both laws.
#[derive(Debug)]
pub(crate) struct Prompt {
    pub(crate) name: Arc<str>,
    a: Box<[u8]>,
    u: Box<[u8]>,
}

impl Prompt {
    /// Samples at 8 kHz, encoded in both laws.
    pub(crate) fn new(name: Arc<str>, samples: &[i16]) -> Self {
        let encoded = |law| samples.iter().map(|&sample| encode(law, sample)).collect();
        Self { name, a: encoded(Law::A), u: encoded(Law::U) }
    }

    pub(crate) fn samples(&self, law: Law) -> &[u8] {
        match law {
            Law::A => &self.a,
            Law::U => &self.u,
        }
    }
}

/// Sound that is played once: a message that somebody left. It is freed when nobody hears it any more.
#[derive(Debug)]
pub struct Sound(pub(crate) Arc<Prompt>);

impl Sound {
    /// Reads a recording of one or two channels, of which the first is heard, and brings it to 8 kHz.
    ///
    /// # Errors
    /// What is wrong with the file; also that it is empty or longer than [`PROMPT_SAMPLES_MAX`].
    pub fn of_recording(path: &Path) -> Result<Self, SoundError> {
        let wav = hound::WavReader::open(path)?;
        let spec = wav.spec();
        if spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
            return Err(SoundError::Format);
        }
        let channels = usize::from(spec.channels).max(1);
        let step = usize::try_from(spec.sample_rate / 8000).unwrap_or(1).max(1);
        let most = PROMPT_SAMPLES_MAX * step * channels;
        let first = wav.into_samples::<i16>().take(most).step_by(channels);
        let samples: Vec<i16> = first.map_while(Result::ok).collect();
        let samples: Vec<i16> = samples.chunks(step).map(mean).collect();
        if samples.is_empty() {
            return Err(SoundError::Empty);
        }
        Ok(Self(Arc::new(Prompt::new(Arc::from(""), &samples))))
    }
}

/// Of a few samples: a simple filter before every second one is left out.
fn mean(samples: &[i16]) -> i16 {
    let sum: i32 = samples.iter().map(|sample| i32::from(*sample)).sum();
    i16::try_from(sum / i32::try_from(samples.len()).unwrap_or(1).max(1)).unwrap_or(0)
}

/// Why a recording cannot be played.
#[derive(Debug, thiserror::Error)]
pub enum SoundError {
    /// It cannot be opened or read.
    #[error("failed to read the recording")]
    Read(#[from] hound::Error),
    /// It is no 16-bit PCM.
    #[error("the recording is no 16-bit PCM")]
    Format,
    /// Nothing is in it.
    #[error("the recording is empty")]
    Empty,
}

/// A store of prompts by name. Share it as `Arc<Prompts>`.
#[derive(Debug, Default)]
pub struct Prompts {
    by_name: BTreeMap<Arc<str>, Arc<Prompt>>,
    /// Languages beside the first one.
    others: Vec<String>,
}

impl Prompts {
    /// Reads every `*.wav` in `dir` (name: the file's stem) and in its direct sub-folders (name:
    /// `<folder>/<stem>`). 16-bit PCM mono at 8 kHz, nothing else.
    ///
    /// # Errors
    /// The first file that cannot be used, named.
    pub fn load(dir: &Path) -> Result<Self, PromptError> {
        let mut prompts = Self::default();
        prompts.load_folder(dir, "", true)?;
        Ok(prompts)
    }

    /// Reads one folder per language below `dir`, as [`Prompts::load`] reads it: those of `first` have plain names, those
    /// of `others` are `<language>/<name>`.
    ///
    /// # Errors
    /// The first file that cannot be used, named.
    pub fn load_languages<S: AsRef<str>>(dir: &Path, first: &str, others: &[S]) -> Result<Self, PromptError> {
        let mut prompts = Self::load(&dir.join(first))?;
        for other in others.iter().map(AsRef::as_ref) {
            prompts.load_folder(&dir.join(other), &format!("{other}/"), true)?;
            prompts.others.push(other.to_owned());
        }
        Ok(prompts)
    }

    /// A store of given samples, 8 kHz.
    ///
    /// # Errors
    /// [`PromptError::Length`] or [`PromptError::TooMany`].
    pub fn from_samples<N: AsRef<str>>(
        samples: impl IntoIterator<Item = (N, Vec<i16>)>,
    ) -> Result<Self, PromptError> {
        let mut prompts = Self::default();
        for (name, samples) in samples {
            prompts.insert(name.as_ref(), &samples)?;
        }
        Ok(prompts)
    }

    /// All names, sorted.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.by_name.keys().map(|name| &**name)
    }

    /// Is there such a prompt, in the language of its name?
    pub fn contains(&self, name: &str) -> bool {
        self.by_name.contains_key(name)
    }

    /// How long it plays, in the first language when there is none in its own.
    pub fn duration(&self, name: &str) -> Option<Duration> {
        self.get(name).map(|prompt| Duration::from_micros(prompt.a.len() as u64 * 125))
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Arc<Prompt>> {
        self.by_name.get(name).or_else(|| {
            let (language, name) = name.split_once('/')?;
            self.by_name.get(name).filter(|_| self.others.iter().any(|other| other == language))
        })
    }

    fn load_folder(&mut self, dir: &Path, prefix: &str, descend: bool) -> Result<(), PromptError> {
        let failed = |source| PromptError::List { path: dir.to_path_buf(), source };
        for entry in std::fs::read_dir(dir).map_err(failed)? {
            let path = entry.map_err(failed)?.path();
            let Some(stem) = path.file_stem().and_then(|stem| stem.to_str()) else { continue };
            if path.is_dir() {
                if descend {
                    self.load_folder(&path, &format!("{prefix}{stem}/"), false)?;
                }
            } else if path.extension().is_some_and(|extension| extension == "wav") {
                let samples = std::fs::File::open(&path)
                    .map_err(|error| PromptFormatError::Wav(error.into()))
                    .and_then(|file| read_prompt(std::io::BufReader::new(file)))
                    .map_err(|source| PromptError::Read { path: path.clone(), source })?;
                self.insert(&format!("{prefix}{stem}"), &samples)?;
            }
        }
        Ok(())
    }

    fn insert(&mut self, name: &str, samples: &[i16]) -> Result<(), PromptError> {
        if samples.is_empty() || samples.len() > PROMPT_SAMPLES_MAX {
            return Err(PromptError::Length { name: name.to_owned(), samples: samples.len() });
        }
        if self.by_name.len() >= PROMPTS_MAX {
            return Err(PromptError::TooMany);
        }
        if self.by_name.contains_key(name) {
            return Err(PromptError::Twice { name: name.to_owned() });
        }
        let name: Arc<str> = Arc::from(name);
        let prompt = Prompt::new(Arc::clone(&name), samples);
        self.by_name.insert(name, Arc::new(prompt));
        Ok(())
    }
}

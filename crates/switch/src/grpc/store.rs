//! Recordings on disk: where they are, what is known of them, how loud they are. Blocking functions.

use super::RecordingsOptions;
use careline_media::archive::{Hold, HoldError, LibraryError, Place};
use careline_model::hours::local_date;
use hound::WavReader;
use std::fs::File;
use std::io::{self, BufReader};
use std::path::PathBuf;

/// A recording begins on the day of its call or, around midnight and in long calls, on one of these days besides.
const DAYS_TRIED: [i64; 4] = [0, 1, -1, 2];
const DAY_US: i64 = 86_400_000_000;
/// Longest segment number, in digits.
const SEGMENT_DIGITS_MAX: usize = 6;
/// Between the segment and the number of a recording of one voice: a supervisor's, somebody's who was added.
const TRACKS: [char; 2] = ['w', 'p'];
/// Side-cars are small; a bigger file is none.
const SIDECAR_BYTES_MAX: u64 = 1 << 20;
/// Slices of one answer.
pub(super) const PEAKS_MAX: u64 = 1_000_000;

/// Why a recording cannot be had.
#[derive(Debug, thiserror::Error)]
pub(super) enum StoreError {
    #[error(
        "a recording is called <call id>-<segment>: a UUID in lower case, a hyphen, 1 to 6 digits; then perhaps w or p \
         and 1 to 6 digits"
    )]
    Id,
    #[error("there is no such recording")]
    Missing,
    #[error("the recording would have {0} peaks, {PEAKS_MAX} are allowed: ask for fewer per second")]
    TooManyPeaks(u64),
    #[error("the file is no 16-bit PCM WAV that can be read")]
    Format(#[source] hound::Error),
    #[error("the recording cannot be read")]
    Io(#[from] io::Error),
    #[error(transparent)]
    Library(#[from] LibraryError),
    #[error(transparent)]
    Hold(#[from] HoldError),
}

/// A name that cannot lead out of the folder: only what a call id and a segment consist of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct RecordingName {
    stem: String,
    call_us: i64,
}

impl RecordingName {
    pub(super) fn parse(text: &str) -> Result<Self, StoreError> {
        let (call, segment) = text.rsplit_once('-').ok_or(StoreError::Id)?;
        let is_number = |text: &str| {
            (1..=SEGMENT_DIGITS_MAX).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_digit())
        };
        let segment_good = match segment.split_once(TRACKS) {
            Some((segment, track)) => is_number(segment) && is_number(track),
            None => is_number(segment),
        };
        let id: careline_model::CallId = call.parse().map_err(|_| StoreError::Id)?;
        // The parser takes other spellings of a UUID; file names have one.
        if !segment_good || id.to_string() != call {
            return Err(StoreError::Id);
        }
        let (seconds, nanos) = id.0.get_timestamp().ok_or(StoreError::Id)?.to_unix();
        let micros = seconds.saturating_mul(1_000_000).saturating_add(u64::from(nanos / 1000));
        Ok(Self { stem: text.to_owned(), call_us: i64::try_from(micros).map_err(|_| StoreError::Id)? })
    }

    /// The WAV file; it exists, or existed before the recording was archived.
    pub(super) fn find(&self, options: &RecordingsOptions) -> Result<PathBuf, StoreError> {
        for day in DAYS_TRIED {
            let (year, month, day) = local_date(self.call_us.saturating_add(day * DAY_US), &options.timezone);
            let folder = options.directory.join(format!("{year:04}/{month:02}/{day:02}"));
            let file = folder.join(format!("{}.wav", self.stem));
            if options.library.place(&file).is_some() {
                return Ok(file);
            }
        }
        Err(StoreError::Missing)
    }

    /// A file that holds it as WAV: the original or, when that is archived, a decoded one of the same length.
    pub(super) fn wav(&self, options: &RecordingsOptions) -> Result<PathBuf, StoreError> {
        Ok(options.library.wav(&self.find(options)?)?)
    }
}

/// What is known of a recording.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Known {
    pub(super) bytes: u64,
    pub(super) duration_ms: u64,
    pub(super) sha256: String,
    pub(super) state: State,
    pub(super) started_at_us: i64,
    pub(super) sidecar_json: String,
    pub(super) archived: bool,
    pub(super) holds: Vec<Hold>,
}

/// Whether a recording is still growing.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    Open,
    Complete,
    Incomplete,
}

/// Reads the header and the side-car.
pub(super) fn stat(name: &RecordingName, options: &RecordingsOptions) -> Result<Known, StoreError> {
    let wav = name.find(options)?;
    let sidecar_json = read_sidecar(&wav.with_extension("json"))?;
    let fields: serde_json::Value = serde_json::from_str(&sidecar_json).unwrap_or_default();
    let number = |key: &str| fields[key].as_i64();
    let text = |key: &str| fields[key].as_str();
    let archived = options.library.place(&wav) == Some(Place::Archive);
    let bytes = match std::fs::metadata(&wav) {
        Ok(meta) => meta.len(),
        Err(error) if !archived => return Err(error.into()),
        // The original's.
        Err(_) => fields["bytes"].as_u64().unwrap_or(0),
    };
    let holds = options.library.holds(&wav)?;
    // Without a side-car nothing says that it is closed.
    let state = match text("state") {
        None | Some("open") => State::Open,
        Some(_) if fields["complete"] == true => State::Complete,
        Some(_) => State::Incomplete,
    };
    let duration_ms = match (state, fields["duration_ms"].as_u64()) {
        (State::Complete | State::Incomplete, Some(duration_ms)) => duration_ms,
        // A file whose header is not written yet has no length yet.
        (State::Open, _) | (_, None) => header_duration_ms(&wav).unwrap_or(0),
    };
    let started = number("started_wall_us").or_else(|| number("started_at_us"));
    let sha256 = text("sha256").filter(|_| state != State::Open).unwrap_or_default().to_owned();
    let started_at_us = started.unwrap_or(0);
    Ok(Known { bytes, duration_ms, sha256, state, started_at_us, sidecar_json, archived, holds })
}

fn read_sidecar(file: &std::path::Path) -> Result<String, StoreError> {
    match std::fs::metadata(file) {
        Ok(meta) if meta.len() <= SIDECAR_BYTES_MAX => Ok(std::fs::read_to_string(file)?),
        Ok(_) => Ok(String::new()),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        Err(error) => Err(error.into()),
    }
}

fn header_duration_ms(wav: &std::path::Path) -> Option<u64> {
    let reader = WavReader::open(wav).ok()?;
    Some(u64::from(reader.duration()) * 1000 / u64::from(reader.spec().sample_rate).max(1))
}

/// The loudest sample of each slice of the first and the second channel, 255 for full scale.
pub(super) fn peaks(
    name: &RecordingName,
    options: &RecordingsOptions,
    per_second: u32,
) -> Result<(Vec<u8>, Vec<u8>), StoreError> {
    let file = BufReader::new(File::open(name.wav(options)?)?);
    let wav = WavReader::new(file).map_err(StoreError::Format)?;
    let (spec, frames) = (wav.spec(), u64::from(wav.duration()));
    if spec.bits_per_sample != 16 || spec.sample_format != hound::SampleFormat::Int {
        return Err(StoreError::Format(hound::Error::Unsupported));
    }
    let (rate, slices) = (u64::from(spec.sample_rate).max(1), u64::from(per_second));
    let count = (frames * slices).div_ceil(rate);
    if count > PEAKS_MAX {
        return Err(StoreError::TooManyPeaks(count));
    }
    let count = usize::try_from(count).unwrap_or(0);
    let channels = usize::from(spec.channels).max(1);
    let mut left = vec![0_u8; count];
    let mut right = vec![0_u8; if channels > 1 { count } else { 0 }];
    for (index, sample) in wav.into_samples::<i16>().enumerate() {
        // A file that grows may end in the middle of a frame; what is there is drawn.
        let Ok(sample) = sample else { break };
        let frame = u64::try_from(index / channels).unwrap_or(u64::MAX);
        let slice = usize::try_from(frame * slices / rate).unwrap_or(usize::MAX);
        let channel = match index % channels {
            0 => &mut left,
            1 => &mut right,
            _ => continue,
        };
        if let Some(peak) = channel.get_mut(slice) {
            let loudness = u32::from(sample.unsigned_abs()) * 255 / 32768;
            *peak = (*peak).max(u8::try_from(loudness).unwrap_or(u8::MAX));
        }
    }
    Ok((left, right))
}

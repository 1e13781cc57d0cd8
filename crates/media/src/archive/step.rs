//! One recording goes to the archive. In this order, so that a program that ends anywhere leaves a recording that is
//! whole in at least one place, and the next pass finishes the work:
//!
//! 1. the WAV has the hash that its side-car says;
//! 2. Opus under another name, on the disk, then renamed;
//! 3. read back from there, and compared with the WAV;
//! 4. the side-car says where it is; the manifest has a line;
//! 5. the WAV goes.

use std::io;
use std::path::{Path, PathBuf};

use serde_json::json;

use super::day::{Facts, facts};
use super::likeness::Likeness;
use super::opus_file::{Breathe, OpusBlocks, OpusFileError, WavBlocks, encode};
use crate::recorder::manifest::{self, Entry, What};
use crate::recorder::sidecar;
use crate::recorder::store::{Growing, Store, temporary_of};

/// Why a recording stays where it is.
#[derive(Debug, thiserror::Error)]
pub(super) enum StepError {
    /// The archive is away or full: it concerns all recordings.
    #[error("the archive {path} cannot take anything: {reason}")]
    Archive { path: PathBuf, reason: String },
    /// This recording only.
    #[error("{0}")]
    Recording(String),
    #[error("told to end")]
    Stopped,
}

/// Where to, and how.
pub(super) struct Step<'a> {
    pub(super) store: &'a Store,
    pub(super) recordings: &'a Path,
    pub(super) archive: &'a Path,
    pub(super) bitrate: u32,
    pub(super) now_us: i64,
}

/// What a step has done.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Done {
    /// So many bytes went from the recordings' disk.
    Archived(u64),
    /// Not yet closed, or too young.
    NotYet,
}

impl Step<'_> {
    /// Archives the recording of this WAV when it is closed and ended before `before_us`.
    pub(super) fn archive(
        &self,
        wav: &Path,
        before_us: i64,
        breathe: Breathe<'_>,
    ) -> Result<Done, StepError> {
        let known = facts(self.store, &sidecar::path_of(wav)).map_err(|error| of_recording(&error))?;
        let Some(mut known) = known else { return Ok(Done::NotYet) };
        if !known.is_closed() || known.ended_us() > before_us {
            return Ok(Done::NotYet);
        }
        if known.archived().is_none() {
            self.move_there(&mut known, breathe)?;
        } else {
            // Cut off before the last step.
            self.check_there(&known)?;
        }
        self.store.remove(wav).map_err(|error| of_recording(&error))?;
        Ok(Done::Archived(known.number("bytes")))
    }

    fn move_there(&self, known: &mut Facts, breathe: Breathe<'_>) -> Result<(), StepError> {
        let (bytes, hash) = self.store.digest(&known.wav).map_err(|error| of_recording(&error))?;
        if hash != known.hash() {
            return Err(StepError::Recording(
                "the file was changed since it was recorded: its hash differs".into(),
            ));
        }
        let folder = known.wav.parent().and_then(|folder| folder.strip_prefix(self.recordings).ok());
        let Some(folder) = folder else {
            return Err(StepError::Recording("it lies outside the recordings' folder".into()));
        };
        let name = folder.join(format!("{}.opus", known.id));
        let file = self.archive.join(&name);
        self.store.folder(&self.archive.join(folder)).map_err(|error| self.of_archive(&error))?;
        let (archive_bytes, archive_hash) = self.write(known, bytes, &file, breathe)?;
        self.compare(known, bytes, &file, breathe)?;
        let archive = json!({
            "file": name,
            "codec": "opus",
            "bits_per_second": self.bitrate,
            "bytes": archive_bytes,
            "hash": archive_hash,
            "at_us": self.now_us,
        });
        known.fields.insert("archive".to_owned(), archive);
        let sidecar_path = sidecar::path_of(&known.wav);
        sidecar::write(self.store, &sidecar_path, &known.fields, true)
            .map_err(|error| of_recording(&error))?;
        // Who has only the archive has the facts, too.
        sidecar::write(self.store, &file.with_extension("json"), &known.fields, false)
            .map_err(|error| self.of_archive(&error))?;
        manifest::append(self.store, &known.wav, &entry(known, What::Archived, self.now_us, None))
            .map_err(|error| of_recording(&error))
    }

    fn write(
        &self,
        known: &Facts,
        bytes: u64,
        file: &Path,
        breathe: Breathe<'_>,
    ) -> Result<(u64, String), StepError> {
        let temporary = temporary_of(file);
        let written = (|| {
            self.store.remove(&temporary).map_err(|error| self.of_archive(&error))?;
            let mut out = self.store.create(&temporary).map_err(|error| self.of_archive(&error))?;
            let wav = self.store.read(&known.wav).map_err(|error| of_recording(&error))?;
            let mut wav = WavBlocks::new(wav, bytes).map_err(|error| of_recording(&error))?;
            let out_of = Appending { out: &mut out, at: 0 };
            encode(&mut wav, self.bitrate, &known.id, out_of, breathe)
                .map_err(|error| self.of_file(error))?;
            let sealed = out.seal().map_err(|error| self.of_archive(&error))?;
            self.store.rename(&temporary, file).map_err(|error| self.of_archive(&error))?;
            Ok(sealed)
        })();
        if written.is_err() {
            let _ = self.store.remove(&temporary);
        }
        written
    }

    /// Reads it back and compares it with the original.
    fn compare(&self, known: &Facts, bytes: u64, file: &Path, breathe: Breathe<'_>) -> Result<(), StepError> {
        let wav = self.store.read(&known.wav).map_err(|error| of_recording(&error))?;
        let mut wav = WavBlocks::new(wav, bytes).map_err(|error| of_recording(&error))?;
        let opus = self.store.read(file).map_err(|error| self.of_archive(&error))?;
        let mut opus = OpusBlocks::new(opus, wav.frames).map_err(|error| self.of_file(error))?;
        let mut likeness = Likeness::new(wav.format.rate, wav.format.channels);
        let (mut copy, mut original) = (Vec::new(), Vec::new());
        let mut blocks = 0_u32;
        loop {
            opus.next(&mut copy).map_err(|error| self.of_file(error))?;
            if copy.is_empty() {
                break;
            }
            wav.next(copy.len() / usize::from(wav.format.channels), &mut original)
                .map_err(|error| of_recording(&error))?;
            likeness.compare(&original, &copy);
            blocks += 1;
            if blocks.is_multiple_of(50) {
                breathe().map_err(|error| self.of_file(error))?;
            }
        }
        if opus.format == wav.format && opus.is_at_end() && likeness.is_same() {
            return Ok(());
        }
        let _ = self.store.remove(file);
        Err(StepError::Recording("what came back from the archive is not what was recorded".into()))
    }

    fn check_there(&self, known: &Facts) -> Result<(), StepError> {
        let Some(name) = known.archived() else { return Ok(()) };
        let (_, hash) =
            self.store.digest(&self.archive.join(name)).map_err(|error| self.of_archive(&error))?;
        if known.fields["archive"]["hash"] == hash {
            return Ok(());
        }
        Err(StepError::Recording("the file in the archive was changed: the original is kept".into()))
    }

    fn of_archive(&self, error: &io::Error) -> StepError {
        StepError::Archive { path: self.archive.to_path_buf(), reason: error.to_string() }
    }

    fn of_file(&self, error: OpusFileError) -> StepError {
        match error {
            OpusFileError::Stopped => StepError::Stopped,
            OpusFileError::Io(error) => self.of_archive(&error),
            other => of_recording(&other),
        }
    }
}

fn of_recording(error: &dyn std::error::Error) -> StepError {
    StepError::Recording(error.to_string())
}

/// A line of the manifest about a recording that is closed.
pub(super) fn entry(known: &Facts, what: What, at_us: i64, by: Option<&str>) -> Entry {
    Entry {
        what,
        recording: known.id.clone(),
        hash: known.hash(),
        bytes: known.number("bytes"),
        duration_ms: known.number("duration_ms"),
        at_us,
        by: by.map(str::to_owned),
    }
}

/// A growing file as something that is written to.
struct Appending<'a> {
    out: &'a mut Growing,
    at: u64,
}

impl io::Write for Appending<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.out.write_at(bytes, self.at)?;
        self.at += bytes.len() as u64;
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

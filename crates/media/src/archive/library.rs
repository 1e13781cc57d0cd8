//! What listeners and the desk ask for: a recording as a WAV wherever it lies, its holds, the state of the disk.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use super::ArchiveConfig;
use super::cache::Cache;
use super::day::facts;
use super::forecast::DiskReport;
use super::holds::{Hold, HoldError, Holds};
use super::opus_file::OpusFileError;
use crate::recorder::sidecar;
use crate::recorder::store::Store;

/// Where the sound of a recording is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place {
    /// As it was recorded.
    Here,
    /// In the archive.
    Archive,
}

/// Why a recording cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum LibraryError {
    /// There is neither sound nor side-car.
    #[error("there is no such recording")]
    Missing,
    /// It is archived, and the archive cannot be reached.
    #[error("the recording lies in the archive, which cannot be read: {0}")]
    Away(String),
    /// What lies in the archive is not what the archive wrote.
    #[error("the recording's file in the archive is damaged: {0}")]
    Damaged(String),
    /// The disk.
    #[error("the recording cannot be read")]
    Io(#[from] io::Error),
}

/// The recordings of a house, for all who ask. Blocking functions.
#[derive(Debug)]
pub struct Library {
    store: Store,
    archive: Option<PathBuf>,
    pub(super) cache: Cache,
    pub(super) holds: Holds,
    report: Mutex<DiskReport>,
}

impl Library {
    /// Opens nothing yet.
    #[must_use]
    pub fn new(config: &ArchiveConfig) -> Self {
        Self {
            store: Store::default(),
            archive: config.directory.clone(),
            cache: Cache::new(&config.recordings, config.cache_bytes_max, config.recordings_free_min_bytes),
            holds: Holds::default(),
            report: Mutex::default(),
        }
    }

    /// Where the recording with this WAV (which need not exist) is; `None`: nowhere.
    #[must_use]
    pub fn place(&self, wav: &Path) -> Option<Place> {
        // A link is none of ours.
        if std::fs::symlink_metadata(wav).is_ok_and(|meta| meta.is_file()) {
            return Some(Place::Here);
        }
        let known = facts(&self.store, &sidecar::path_of(wav)).ok()??;
        known.archived().map(|_| Place::Archive)
    }

    /// A file that holds the recording as WAV: the original, or a decoded one of the same length. It may be removed at
    /// any time; who has opened it can read it to its end.
    ///
    /// # Errors
    /// When there is none, or it lies in the archive and that cannot be read.
    pub fn wav(&self, wav: &Path) -> Result<PathBuf, LibraryError> {
        if self.place(wav) == Some(Place::Here) {
            return Ok(wav.to_path_buf());
        }
        let known = facts(&self.store, &sidecar::path_of(wav)).ok().flatten().ok_or(LibraryError::Missing)?;
        let name = known.archived().ok_or(LibraryError::Missing)?;
        let root =
            self.archive.as_ref().ok_or_else(|| LibraryError::Away("none is configured".to_owned()))?;
        self.cache.wav(&known.id, &root.join(name), known.number("bytes")).map_err(|error| match error {
            OpusFileError::Io(error) if error.kind() == io::ErrorKind::NotFound => {
                LibraryError::Away(error.to_string())
            }
            OpusFileError::Io(error) => LibraryError::Io(error),
            other => LibraryError::Damaged(other.to_string()),
        })
    }

    /// Places a hold on a recording, or replaces the one of the same name.
    ///
    /// # Errors
    /// What is wrong with it, or the disk.
    pub fn hold(&self, wav: &Path, hold: Hold) -> Result<(), HoldError> {
        tracing::info!(path = %wav.display(), hold = hold.name, who = hold.who, "recording held");
        self.holds.place(wav, hold)
    }

    /// Releases a hold.
    ///
    /// # Errors
    /// When there is none of that name, or the disk.
    pub fn release(&self, wav: &Path, name: &str, who: &str) -> Result<(), HoldError> {
        tracing::info!(path = %wav.display(), hold = name, who, "recording released");
        self.holds.release(wav, name)
    }

    /// All holds on a recording, those that are over as well.
    ///
    /// # Errors
    /// When they cannot be read.
    pub fn holds(&self, wav: &Path) -> Result<Vec<Hold>, HoldError> {
        self.holds.of(wav)
    }

    /// The last that is known of the disk.
    #[must_use]
    pub fn disk(&self) -> DiskReport {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn report(&self, report: DiskReport) {
        *self.report.lock().unwrap_or_else(PoisonError::into_inner) = report;
    }
}

//! Who wants a recording kept: `<id>.holds` beside it. A hold beats every retention; a file of holds that cannot be read
//! holds.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};

use serde::{Deserialize, Serialize};

use crate::recorder::store::Store;

/// Holds on one recording.
const HOLDS_MAX: usize = 64;
/// Longest text of a hold, characters.
const TEXT_MAX: usize = 500;
/// A bigger file is not read, and holds.
const BYTES_MAX: u64 = 1 << 20;

/// Why it is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum HoldKind {
    /// It belongs to a complaint.
    Complaint,
    /// By order of law or of the hospital's lawyers.
    Legal,
}

/// One hold.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Hold {
    /// Chosen by who holds: the same name again replaces the hold.
    pub name: String,
    /// Why, in kind.
    pub kind: HoldKind,
    /// Why, in words.
    pub reason: String,
    /// On whose behalf.
    pub who: String,
    /// When it was placed, microseconds UTC.
    pub placed_at_us: i64,
    /// Until when it holds, microseconds UTC; `None`: until it is released.
    pub until_us: Option<i64>,
}

impl Hold {
    fn holds_at(&self, now_us: i64) -> bool {
        self.until_us.is_none_or(|until| now_us < until)
    }
}

/// Why a hold was not placed or released.
#[derive(Debug, thiserror::Error)]
pub enum HoldError {
    /// A text is missing or too long.
    #[error("{0}: give 1 to {TEXT_MAX} characters")]
    Text(&'static str),
    /// Too many holds.
    #[error("the recording has {HOLDS_MAX} holds already")]
    Full,
    /// There is no such hold.
    #[error("there is no such hold on the recording")]
    Missing,
    /// The file cannot be read or written.
    #[error("the holds of the recording cannot be read or written")]
    Io(#[from] io::Error),
}

#[derive(Default, Serialize, Deserialize)]
struct File {
    holds: Vec<Hold>,
}

/// All holds of a house. Who decides over a deletion keeps [`Holds::lock`] until it is done.
#[derive(Debug, Default)]
pub(super) struct Holds {
    store: Store,
    lock: Mutex<()>,
}

impl Holds {
    pub(super) fn lock(&self) -> MutexGuard<'_, ()> {
        self.lock.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Places a hold, or replaces the one of the same name. It is on the disk then.
    pub(super) fn place(&self, wav: &Path, hold: Hold) -> Result<(), HoldError> {
        for (what, text) in [("name", &hold.name), ("reason", &hold.reason), ("who", &hold.who)] {
            if text.is_empty() || text.chars().count() > TEXT_MAX {
                return Err(HoldError::Text(what));
            }
        }
        let _lock = self.lock();
        let mut file = self.read(wav)?;
        file.holds.retain(|other| other.name != hold.name);
        if file.holds.len() >= HOLDS_MAX {
            return Err(HoldError::Full);
        }
        file.holds.push(hold);
        self.write(wav, &file)
    }

    /// Takes a hold off.
    pub(super) fn release(&self, wav: &Path, name: &str) -> Result<(), HoldError> {
        let _lock = self.lock();
        let mut file = self.read(wav)?;
        let before = file.holds.len();
        file.holds.retain(|hold| hold.name != name);
        if file.holds.len() == before {
            return Err(HoldError::Missing);
        }
        self.write(wav, &file)
    }

    pub(super) fn of(&self, wav: &Path) -> Result<Vec<Hold>, HoldError> {
        Ok(self.read(wav)?.holds)
    }

    /// Ask it under [`Holds::lock`].
    pub(super) fn is_held(&self, wav: &Path, now_us: i64) -> bool {
        match self.read(wav) {
            Ok(file) => file.holds.iter().any(|hold| hold.holds_at(now_us)),
            Err(error) => {
                tracing::error!(path = %path_of(wav).display(), %error, "holds cannot be read: the recording is kept");
                true
            }
        }
    }

    fn read(&self, wav: &Path) -> io::Result<File> {
        match self.store.read_whole(&path_of(wav), BYTES_MAX) {
            Ok(bytes) => Ok(serde_json::from_slice(&bytes)?),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(File::default()),
            Err(error) => Err(error),
        }
    }

    fn write(&self, wav: &Path, file: &File) -> Result<(), HoldError> {
        let text = serde_json::to_vec_pretty(file).map_err(io::Error::from)?;
        Ok(self.store.replace(&path_of(wav), &text, true)?)
    }
}

/// The file of a recording's holds.
pub(super) fn path_of(wav: &Path) -> PathBuf {
    wav.with_extension("holds")
}

//! Versions of the configuration on the disk, beside the journal: one private file for each, whole or not there at all.
//!
//! ```text
//! configuration/00000001.json ... 00000007.json   the last holds
//!               draft.json                        what somebody keeps for later, or a file that was changed
//!               seen.json                         the call centre's part of the files as they were at the last start
//! ```

use crate::kept::write_whole;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

/// Versions that are kept; the oldest goes first, and never the one that holds.
pub const VERSIONS_MAX: usize = 500;

/// Texts by name: `centre.toml`, `flows/main.toml`.
pub type Files = BTreeMap<String, String>;

/// One version.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Version {
    /// Counts from 1; of a draft, the version that it was made from.
    pub version: u64,
    /// UTC microseconds.
    pub at_us: i64,
    /// Who published it.
    pub by: String,
    /// Why.
    pub comment: String,
    /// The version that it has again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rolled_back_to: Option<u64>,
}

/// A version with its files.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Which.
    #[serde(flatten)]
    pub version: Version,
    /// Its texts.
    pub files: Files,
}

/// The folder.
#[derive(Debug, Clone)]
pub struct Store {
    folder: PathBuf,
}

impl Store {
    /// The folder beside a journal; it need not be there.
    #[must_use]
    pub fn beside(journal: &Path) -> Self {
        Self { folder: journal.with_file_name("configuration") }
    }

    /// Numbers of the versions that are kept, oldest first.
    ///
    /// # Errors
    /// When the folder cannot be read.
    pub fn numbers(&self) -> io::Result<Vec<u64>> {
        let entries = match std::fs::read_dir(&self.folder) {
            Ok(entries) => entries,
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
            Err(error) => return Err(error),
        };
        let mut numbers = Vec::new();
        for entry in entries {
            let name = entry?.file_name();
            let name = name.to_string_lossy();
            numbers.extend(name.strip_suffix(".json").and_then(|number| number.parse::<u64>().ok()));
        }
        numbers.sort_unstable();
        Ok(numbers)
    }

    /// The version that holds; nothing before the first start.
    ///
    /// # Errors
    /// When it cannot be read: nobody guesses then which one holds.
    pub fn latest(&self) -> io::Result<Option<Kept>> {
        match self.numbers()?.last() {
            Some(number) => self.read(*number),
            None => Ok(None),
        }
    }

    /// One version, if it is kept.
    ///
    /// # Errors
    /// When its file cannot be read.
    pub fn read(&self, number: u64) -> io::Result<Option<Kept>> {
        self.get(&format!("{number:08}.json"))
    }

    /// Keeps a version; it holds from now on.
    ///
    /// # Errors
    /// When it cannot be written: it is not there then.
    pub fn write(&self, kept: &Kept) -> io::Result<()> {
        self.put(&format!("{:08}.json", kept.version.version), kept)?;
        let numbers = self.numbers()?;
        for number in numbers.iter().take(numbers.len().saturating_sub(VERSIONS_MAX)) {
            self.take_away(&format!("{number:08}.json"))?;
        }
        Ok(())
    }

    /// Takes a version away that was never applied.
    ///
    /// # Errors
    /// When it stays.
    pub fn remove(&self, number: u64) -> io::Result<()> {
        self.take_away(&format!("{number:08}.json"))
    }

    /// The draft, if there is one.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn draft(&self) -> io::Result<Option<Kept>> {
        self.get("draft.json")
    }

    /// Keeps a draft in the place of the one before, or takes it away.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_draft(&self, draft: Option<&Kept>) -> io::Result<()> {
        match draft {
            Some(draft) => self.put("draft.json", draft),
            None => self.take_away("draft.json"),
        }
    }

    /// The files as they were when they were last taken or told of.
    ///
    /// # Errors
    /// When that cannot be read.
    pub fn seen(&self) -> io::Result<Option<Files>> {
        self.get("seen.json")
    }

    /// Notes that.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn set_seen(&self, files: &Files) -> io::Result<()> {
        self.put("seen.json", files)
    }

    fn get<T: DeserializeOwned>(&self, name: &str) -> io::Result<Option<T>> {
        let file = self.folder.join(name);
        let named = |error: &dyn std::fmt::Display| io::Error::other(format!("{}: {error}", file.display()));
        match std::fs::read(&file) {
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|error| named(&error)),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(named(&error)),
        }
    }

    fn put(&self, name: &str, value: &impl Serialize) -> io::Result<()> {
        std::fs::create_dir_all(&self.folder)?;
        let bytes = serde_json::to_vec_pretty(value)?;
        write_whole(&self.folder.join(name), &bytes)?;
        // The name, too, must outlive a power cut.
        std::fs::File::open(&self.folder)?.sync_all()
    }

    fn take_away(&self, name: &str) -> io::Result<()> {
        match std::fs::remove_file(self.folder.join(name)) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
            _ => Ok(()),
        }
    }
}

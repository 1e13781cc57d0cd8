//! Which folders this run has put recordings into: `<root>/.days`, one a line.
//!
//! A year of recordings is a million files; looking at all of them at every start would keep callers waiting. Only
//! folders of this list can hold what was cut off. It is written before the first file of a folder and emptied when
//! the repair has gone through it.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use super::store::Store;

/// Folders remembered; with more (a folder a day: a switch that ran for a year) the next one is noted twice.
const FOLDERS_MAX: usize = 512;
/// A bigger list is not believed; then everything is looked through.
const BYTES_MAX: u64 = 1 << 20;

/// The list as the writer keeps it.
#[derive(Debug)]
pub(super) struct Days {
    file: PathBuf,
    root: PathBuf,
    noted: BTreeSet<PathBuf>,
}

impl Days {
    pub(super) fn new(root: &Path) -> Self {
        Self { file: file_in(root), root: root.to_path_buf(), noted: BTreeSet::new() }
    }

    /// Puts a folder on the list, on the disk too, unless it is there.
    pub(super) fn note(&mut self, store: &Store, folder: &Path) -> io::Result<()> {
        if self.noted.contains(folder) {
            return Ok(());
        }
        let name = folder.strip_prefix(&self.root).unwrap_or(folder);
        let Some(name) = name.to_str().filter(|name| !name.contains('\n')) else {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "the folder's name is no text"));
        };
        let name = if name.is_empty() { "." } else { name };
        store.append_line(&self.file, |_| name.as_bytes().to_vec())?;
        if self.noted.len() >= FOLDERS_MAX {
            self.noted.clear();
        }
        self.noted.insert(folder.to_path_buf());
        Ok(())
    }
}

/// The folders that may hold something cut off; `None` when nobody knows.
pub(super) fn read(store: &Store, root: &Path) -> Option<BTreeSet<PathBuf>> {
    let text = String::from_utf8(store.read_whole(&file_in(root), BYTES_MAX).ok()?).ok()?;
    Some(text.lines().filter(|line| !line.is_empty()).map(|line| root.join(line)).collect())
}

/// All of them were gone through.
pub(super) fn clear(store: &Store, root: &Path) -> io::Result<()> {
    store.replace(&file_in(root), b"", true)
}

fn file_in(root: &Path) -> PathBuf {
    root.join(".days")
}

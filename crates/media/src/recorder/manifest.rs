//! The manifest of a day: `manifest.jsonl` in the folder of its recordings. One JSON object a line, appended when a
//! recording is closed, repaired, archived or deleted, and never changed. Each line carries the hash of the line
//! before, so that nothing can be taken out or put in unseen but at the end; [`verify`] looks.
//!
//! What it is not: no index. Who wants to know something about a recording reads its side-car.

use std::collections::BTreeMap;
use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::sidecar;
use super::store::{Store, hash_of};

/// Name of the file in each day's folder.
pub const FILE: &str = "manifest.jsonl";
/// A manifest is a few hundred bytes for each recording; a bigger file is none.
const BYTES_MAX: u64 = 1 << 30;
/// What the first line has for the hash of the line before.
const NO_LINE: &str = "none";

/// What happened to a recording.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum What {
    /// Closed in order.
    Finished,
    /// Cut off, and made readable at the next start.
    Repaired,
    /// The sound lies in the archive; hash and bytes are the original's, which is removed.
    Archived,
    /// Removed because its time was over.
    Deleted,
}

/// One line.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Entry {
    /// What happened.
    pub what: What,
    /// To which recording.
    pub recording: String,
    /// Hash of the WAV file, with the algorithm's name in front: `sha256:<hex>`.
    pub hash: String,
    /// Size of the WAV file.
    pub bytes: u64,
    /// Length of the sound.
    pub duration_ms: u64,
    /// When, microseconds UTC.
    pub at_us: i64,
    /// On whose behalf, where that is of interest.
    #[serde(skip_serializing_if = "Option::is_none", default)]
    pub by: Option<String>,
}

#[derive(Serialize, Deserialize)]
struct Line {
    #[serde(flatten)]
    entry: Entry,
    previous: String,
}

/// Adds a line to the manifest of the folder in which `file` lies; it is on the disk then.
pub(crate) fn append(store: &Store, file: &Path, entry: &Entry) -> io::Result<()> {
    let line = |last: &[u8]| {
        let previous = if last.is_empty() { NO_LINE.to_owned() } else { hash_of(last) };
        // Only maps with keys that are no text can fail.
        serde_json::to_vec(&Line { entry: entry.clone(), previous }).unwrap_or_default()
    };
    store.append_line(&file.with_file_name(FILE), line)
}

/// All lines of a folder's manifest that can be read; none when there is no manifest.
pub(crate) fn read(store: &Store, folder: &Path) -> io::Result<Vec<Entry>> {
    let text = match store.read_whole(&folder.join(FILE), BYTES_MAX) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(error),
    };
    let lines = text.split(|&byte| byte == b'\n');
    Ok(lines.filter_map(|line| serde_json::from_slice::<Line>(line).ok()).map(|line| line.entry).collect())
}

/// Something that is not as the manifest says.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Problem {
    /// A line is no entry.
    #[error("{file}:{line}: the line cannot be read")]
    Unreadable {
        /// The manifest.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The line before was changed, taken out or put in.
    #[error("{file}:{line}: the line before is not the one that was there when this one was written")]
    Chain {
        /// The manifest.
        file: PathBuf,
        /// Counted from 1.
        line: usize,
    },
    /// The sound is not there.
    #[error("{file}: missing")]
    Missing {
        /// The file.
        file: PathBuf,
    },
    /// The sound is not the one that was recorded.
    #[error("{file}: the file was changed: its hash is not the one in the manifest")]
    Changed {
        /// The file.
        file: PathBuf,
    },
    /// A closed recording that no line names.
    #[error("{file}: closed, but the manifest does not name it")]
    Unnamed {
        /// The file.
        file: PathBuf,
    },
    /// Something could not be read.
    #[error("{file}: {reason}")]
    Io {
        /// The file.
        file: PathBuf,
        /// Why.
        reason: String,
    },
}

/// What a check has found.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Verified {
    /// Recordings whose sound is there and unchanged.
    pub good: usize,
    /// Recordings that were deleted in order.
    pub deleted: usize,
    /// Everything that is not as it should be.
    pub problems: Vec<Problem>,
}

/// Checks the manifest of one day's folder and all files that it names. `archive` is the archive's root, in which the
/// side-cars' `archive.file` lies; without it archived recordings are missing.
#[must_use]
pub fn verify(folder: &Path, archive: Option<&Path>) -> Verified {
    let store = Store::default();
    let mut verified = Verified::default();
    let file = folder.join(FILE);
    let text = match store.read_whole(&file, BYTES_MAX) {
        Ok(text) => text,
        Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
        Err(error) => {
            verified.problems.push(Problem::Io { file, reason: error.to_string() });
            return verified;
        }
    };
    let latest = check_chain(&file, &text, &mut verified.problems);
    for entry in latest.values() {
        match check_sound(&store, folder, archive, entry) {
            Ok(true) => verified.good += 1,
            Ok(false) => verified.deleted += 1,
            Err(problem) => verified.problems.push(problem),
        }
    }
    find_unnamed(&store, folder, &latest, &mut verified.problems);
    verified
}

/// The last line of each recording.
fn check_chain(file: &Path, text: &[u8], problems: &mut Vec<Problem>) -> BTreeMap<String, Entry> {
    let mut latest = BTreeMap::new();
    let mut before: Option<&[u8]> = None;
    // What follows the last line's end is a line that was never finished.
    let whole = text.iter().rposition(|&byte| byte == b'\n').map_or(&[][..], |end| &text[..end]);
    for (index, bytes) in
        whole.split(|&byte| byte == b'\n').enumerate().filter(|(_, bytes)| !bytes.is_empty())
    {
        let line = index + 1;
        match serde_json::from_slice::<Line>(bytes) {
            Ok(read) => {
                if read.previous != before.map_or_else(|| NO_LINE.to_owned(), hash_of) {
                    problems.push(Problem::Chain { file: file.to_path_buf(), line });
                }
                latest.insert(read.entry.recording.clone(), read.entry);
            }
            Err(_) => problems.push(Problem::Unreadable { file: file.to_path_buf(), line }),
        }
        before = Some(bytes);
    }
    latest
}

/// True: there and unchanged. False: deleted in order.
fn check_sound(store: &Store, folder: &Path, archive: Option<&Path>, entry: &Entry) -> Result<bool, Problem> {
    let wav = folder.join(format!("{}.wav", entry.recording));
    let (file, hash) = match entry.what {
        What::Deleted => return Ok(false),
        What::Finished | What::Repaired => (wav, entry.hash.clone()),
        What::Archived => {
            let facts = sidecar::read(store, &sidecar::path_of(&wav));
            let archived = facts.ok().flatten().and_then(|mut facts| facts.remove("archive"));
            let text =
                |key: &str| archived.as_ref().and_then(|fields| fields[key].as_str()).map(str::to_owned);
            let (Some(name), Some(hash), Some(root)) = (text("file"), text("hash"), archive) else {
                return Err(Problem::Missing { file: wav });
            };
            (root.join(name), hash)
        }
    };
    match store.digest(&file) {
        Ok((_, found)) if found == hash => Ok(true),
        Ok(_) => Err(Problem::Changed { file }),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Err(Problem::Missing { file }),
        Err(error) => Err(Problem::Io { file, reason: error.to_string() }),
    }
}

fn find_unnamed(store: &Store, folder: &Path, latest: &BTreeMap<String, Entry>, problems: &mut Vec<Problem>) {
    let Ok(entries) = std::fs::read_dir(folder) else { return };
    let mut files: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    files.sort();
    for file in files.into_iter().filter(|file| file.extension().is_some_and(|extension| extension == "json"))
    {
        let Ok(Some(facts)) = sidecar::read(store, &file) else { continue };
        let text = |key: &str| facts.get(key).and_then(Value::as_str);
        let closed = text("state").is_some_and(|state| state != "open");
        if closed && text("id").is_some_and(|id| !latest.contains_key(id)) {
            problems.push(Problem::Unnamed { file: file.with_extension("wav") });
        }
    }
}

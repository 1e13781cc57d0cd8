//! The one door to the disk: every byte that the recorder and the archive keep is created, appended, sealed and read
//! here, so that what is at rest can be encrypted in one place later, and so that a test can take the disk away.
//!
//! What it is not: it knows no recordings and no formats. Files are as the file system keeps them today ([`SEALING`]);
//! hashes are SHA-256 and always carry the name of the algorithm.

use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use rustix::fs::{FlockOperation, flock};
use sha2::{Digest, Sha256};

/// What side-cars say about how files are sealed: the id of the envelope's key, or that there is none.
pub const SEALING: &str = "none";
/// The algorithm of all hashes made now.
pub const HASH_ALGORITHM: &str = "sha256";
/// Bytes read at once.
const BLOCK_BYTES: usize = 64 * 1024;

/// What is about to be done, for tests that refuse it or hold it up.
#[cfg(test)]
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Deed {
    Create,
    Append,
    Replace,
    Read,
}

#[cfg(test)]
type Fault = std::sync::Arc<dyn Fn(Deed, &Path) -> io::Result<()> + Send + Sync>;

/// The door. Cheap to clone.
#[derive(Clone, Default)]
pub(crate) struct Store {
    #[cfg(test)]
    fault: Option<Fault>,
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Store")
    }
}

macro_rules! may {
    ($store:expr, $deed:ident, $path:expr) => {
        #[cfg(test)]
        $store.ask(Deed::$deed, $path)?;
    };
}

impl Store {
    /// A door that asks first, for tests.
    #[cfg(test)]
    pub(crate) fn with_fault(fault: impl Fn(Deed, &Path) -> io::Result<()> + Send + Sync + 'static) -> Self {
        Self { fault: Some(std::sync::Arc::new(fault)) }
    }

    #[cfg(test)]
    fn ask(&self, deed: Deed, path: &Path) -> io::Result<()> {
        self.fault.as_ref().map_or(Ok(()), |fault| fault(deed, path))
    }

    /// A folder and those above it.
    pub(crate) fn folder(&self, path: &Path) -> io::Result<()> {
        std::fs::create_dir_all(path)
    }

    /// A new file that grows. An existing one is never overwritten.
    pub(crate) fn create(&self, path: &Path) -> io::Result<Growing> {
        may!(self, Create, path);
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        Ok(Growing { file, path: path.to_path_buf(), store: self.clone() })
    }

    /// A file that exists, to go on with.
    pub(crate) fn reopen(&self, path: &Path) -> io::Result<Growing> {
        may!(self, Create, path);
        let file = OpenOptions::new().read(true).write(true).open(path)?;
        Ok(Growing { file, path: path.to_path_buf(), store: self.clone() })
    }

    /// A small file, whole or not at all: written under another name first. `durable` waits for the disk.
    pub(crate) fn replace(&self, path: &Path, bytes: &[u8], durable: bool) -> io::Result<()> {
        may!(self, Replace, path);
        let temporary = temporary_of(path);
        let result = (|| {
            let mut file = File::create(&temporary)?;
            file.write_all(bytes)?;
            if durable {
                file.sync_all()?;
            }
            std::fs::rename(&temporary, path)?;
            if durable { sync_folder_of(path) } else { Ok(()) }
        })();
        if result.is_err() {
            let _ = std::fs::remove_file(&temporary);
        }
        result
    }

    /// Appends a line that depends on the last one, durably and with nobody else in between. What a dying program left
    /// of a line is cut off first.
    pub(crate) fn append_line(&self, path: &Path, line: impl FnOnce(&[u8]) -> Vec<u8>) -> io::Result<()> {
        may!(self, Append, path);
        let mut file = OpenOptions::new().read(true).append(true).create(true).open(path)?;
        // Given back when the file is closed. Another program (a check, an archive run by hand) may want it too.
        flock(&file, FlockOperation::LockExclusive)?;
        let (last, whole) = last_line(&mut file)?;
        file.set_len(whole)?;
        let mut text = line(&last);
        text.push(b'\n');
        file.write_all(&text).inspect_err(|_| {
            let _ = file.set_len(whole);
        })?;
        file.sync_all()
    }

    /// Opens a file for reading.
    pub(crate) fn read(&self, path: &Path) -> io::Result<File> {
        may!(self, Read, path);
        File::open(path)
    }

    /// A small file as a whole; a bigger one than `bytes_max` is refused.
    pub(crate) fn read_whole(&self, path: &Path, bytes_max: u64) -> io::Result<Vec<u8>> {
        let file = self.read(path)?;
        if file.metadata()?.len() > bytes_max {
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, "bigger than any file of this kind"));
        }
        let mut bytes = Vec::new();
        file.take(bytes_max).read_to_end(&mut bytes)?;
        Ok(bytes)
    }

    /// Size and hash of what is in a file, as `sha256:<hex>`.
    pub(crate) fn digest(&self, path: &Path) -> io::Result<(u64, String)> {
        digest(&mut self.read(path)?)
    }

    /// Gives a sealed file its name, durably.
    pub(crate) fn rename(&self, from: &Path, to: &Path) -> io::Result<()> {
        std::fs::rename(from, to)?;
        sync_folder_of(to)
    }

    /// Removes a file; one that is not there is removed already.
    pub(crate) fn remove(&self, path: &Path) -> io::Result<()> {
        match std::fs::remove_file(path) {
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(()),
            result => result,
        }
    }
}

/// A file that grows until it is sealed.
#[derive(Debug)]
pub(crate) struct Growing {
    file: File,
    path: PathBuf,
    #[cfg_attr(not(test), expect(dead_code, reason = "where sealing keeps its key, and tests their faults"))]
    store: Store,
}

impl Growing {
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    pub(crate) fn bytes(&self) -> io::Result<u64> {
        Ok(self.file.metadata()?.len())
    }

    /// Writes at a place: behind the end, or over what is there.
    pub(crate) fn write_at(&mut self, bytes: &[u8], at: u64) -> io::Result<()> {
        may!(self.store, Append, &self.path);
        self.file.write_all_at(bytes, at)
    }

    /// Reads exactly so many bytes.
    pub(crate) fn read_at(&mut self, bytes: &mut [u8], at: u64) -> io::Result<()> {
        self.file.read_exact_at(bytes, at)
    }

    /// Cuts the file off, or makes it longer with zeros that take no room on the disk.
    pub(crate) fn set_bytes(&mut self, bytes: u64) -> io::Result<()> {
        may!(self.store, Append, &self.path);
        self.file.set_len(bytes)
    }

    /// Nothing more will come: waits until all is on the disk; gives size and hash.
    pub(crate) fn seal(mut self) -> io::Result<(u64, String)> {
        self.file.sync_all()?;
        self.file.seek(SeekFrom::Start(0))?;
        digest(&mut self.file)
    }
}

/// Size and hash, with the algorithm's name in front.
pub(crate) fn digest(file: &mut impl Read) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut block = vec![0; BLOCK_BYTES];
    let mut bytes = 0u64;
    loop {
        match file.read(&mut block)? {
            0 => return Ok((bytes, named(&hash.finalize()))),
            read => {
                bytes += read as u64;
                hash.update(&block[..read]);
            }
        }
    }
}

/// Hash of a few bytes, with the algorithm's name in front.
pub(crate) fn hash_of(bytes: &[u8]) -> String {
    named(&Sha256::digest(bytes))
}

fn named(digest: &[u8]) -> String {
    format!("{HASH_ALGORITHM}:{}", hex::encode(digest))
}

/// The hash without the algorithm's name, for fields that are called after it.
pub(crate) fn bare(hash: &str) -> &str {
    hash.split_once(':').map_or(hash, |(_, hex)| hex)
}

/// Bytes that may still be written into the file system of a folder.
pub(crate) fn free_bytes(folder: &Path) -> io::Result<u64> {
    let space = rustix::fs::statvfs(folder)?;
    Ok(space.f_bavail.saturating_mul(space.f_frsize))
}

/// Where [`Store::replace`] writes first.
pub(crate) fn temporary_of(path: &Path) -> PathBuf {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(".tmp");
    path.with_file_name(name)
}

/// A file's name is in its folder, which is a file too.
fn sync_folder_of(path: &Path) -> io::Result<()> {
    path.parent().map_or(Ok(()), |folder| File::open(folder)?.sync_all())
}

/// The last whole line without its end, and the length of all whole lines.
fn last_line(file: &mut File) -> io::Result<(Vec<u8>, u64)> {
    /// Lines are short; what is longer was not written by us and is taken as it is.
    const TAIL_BYTES: u64 = 64 * 1024;
    let length = file.metadata()?.len();
    let begin = length.saturating_sub(TAIL_BYTES);
    file.seek(SeekFrom::Start(begin))?;
    let mut tail = Vec::new();
    file.take(TAIL_BYTES).read_to_end(&mut tail)?;
    let Some(end) = tail.iter().rposition(|&byte| byte == b'\n') else { return Ok((Vec::new(), begin)) };
    let start = tail[..end].iter().rposition(|&byte| byte == b'\n').map_or(0, |at| at + 1);
    Ok((tail[start..end].to_vec(), begin + end as u64 + 1))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_follow_each_other_and_a_torn_one_is_cut_off() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("lines");
        let store = Store::default();
        let append = |text: &str| {
            let text = text.to_owned();
            store.append_line(&path, move |last| {
                format!("{text} after {}", String::from_utf8_lossy(last)).into_bytes()
            })
        };
        append("one").unwrap();
        append("two").unwrap();
        OpenOptions::new().append(true).open(&path).unwrap().write_all(b"half a li").unwrap();
        append("three").unwrap();
        let text = std::fs::read_to_string(&path).unwrap();
        assert_eq!(text, "one after \ntwo after one after \nthree after two after one after \n");
    }

    #[test]
    fn a_refused_replacement_leaves_what_was_there() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("facts.json");
        Store::default().replace(&path, b"old", true).unwrap();
        let store = Store::with_fault(|_, _| Err(io::ErrorKind::StorageFull.into()));
        assert!(store.replace(&path, b"new", true).is_err());
        assert_eq!(std::fs::read(&path).unwrap(), b"old");
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}

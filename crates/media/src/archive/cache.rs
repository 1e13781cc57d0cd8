//! Recordings that are archived and being listened to: decoded WAVs in `<root>/.cache`, the least recently heard going
//! first when there is no room. Each has the length of the original to the byte.

use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::SystemTime;

use careline_audio::wav::{HEADER_BYTES, Header};

use super::opus_file::{OpusBlocks, OpusFileError};
use crate::recorder::store::{Store, free_bytes, temporary_of};

/// Files kept; more are not worth the search.
const FILES_MAX: usize = 4096;

/// The cache. One recording is decoded at a time; who wants another waits.
#[derive(Debug)]
pub(super) struct Cache {
    store: Store,
    folder: PathBuf,
    bytes_max: u64,
    /// The recordings' disk must keep so much free.
    free_min_bytes: u64,
    decoding: Mutex<()>,
}

impl Cache {
    pub(super) fn new(recordings: &Path, bytes_max: u64, free_min_bytes: u64) -> Self {
        let folder = recordings.join(".cache");
        Self { store: Store::default(), folder, bytes_max, free_min_bytes, decoding: Mutex::new(()) }
    }

    /// The decoded WAV of a file of the archive; `bytes`: length of the original.
    pub(super) fn wav(&self, id: &str, opus: &Path, bytes: u64) -> Result<PathBuf, OpusFileError> {
        let _lock = self.decoding.lock().unwrap_or_else(PoisonError::into_inner);
        let path = self.folder.join(format!("{id}.wav"));
        if let Ok(file) = self.store.read(&path)
            && file.metadata()?.len() == bytes
        {
            // Heard again: it goes last. Without a time of its own it goes earlier, and is decoded again.
            let _ = file.set_modified(SystemTime::now());
            return Ok(path);
        }
        self.store.folder(&self.folder)?;
        self.make_room(bytes)?;
        let temporary = temporary_of(&path);
        self.store.remove(&temporary)?;
        let decoded = self.decode(opus, bytes, &temporary).and_then(|()| {
            self.store.rename(&temporary, &path)?;
            Ok(path)
        });
        if decoded.is_err() {
            let _ = self.store.remove(&temporary);
        }
        decoded
    }

    /// The recording is deleted: what was decoded of it goes, too.
    pub(super) fn forget(&self, id: &str) -> io::Result<()> {
        let _lock = self.decoding.lock().unwrap_or_else(PoisonError::into_inner);
        self.store.remove(&self.folder.join(format!("{id}.wav")))
    }

    fn decode(&self, opus: &Path, bytes: u64, to: &Path) -> Result<(), OpusFileError> {
        let mut blocks = OpusBlocks::new(self.store.read(opus)?, u64::MAX)?;
        let frames = bytes.saturating_sub(HEADER_BYTES) / blocks.format.frame_bytes();
        blocks.limit(frames);
        let mut header = Header::new(blocks.format).map_err(|_| OpusFileError::Format("no WAV"))?;
        let mut out = self.store.create(to)?;
        out.write_at(header.with_frames(frames), 0)?;
        let (mut at, mut samples, mut piece) = (HEADER_BYTES, Vec::new(), Vec::new());
        loop {
            blocks.next(&mut samples)?;
            piece.extend(samples.iter().flat_map(|sample| sample.to_le_bytes()));
            if piece.len() >= 64 * 1024 || samples.is_empty() {
                out.write_at(&piece, at)?;
                at += piece.len() as u64;
                piece.clear();
            }
            if samples.is_empty() {
                break;
            }
        }
        if at == bytes { Ok(()) } else { Err(OpusFileError::Format("it ends too early")) }
    }

    /// Removes the least recently heard until there is room for `bytes` more.
    fn make_room(&self, bytes: u64) -> Result<(), OpusFileError> {
        let mut files: Vec<(SystemTime, u64, PathBuf)> = std::fs::read_dir(&self.folder)?
            .flatten()
            .filter_map(|entry| {
                let metadata = entry.metadata().ok()?;
                Some((metadata.modified().unwrap_or(SystemTime::UNIX_EPOCH), metadata.len(), entry.path()))
            })
            .collect();
        files.sort();
        let mut held: u64 = files.iter().map(|(_, bytes, _)| bytes).sum();
        let mut count = files.len();
        for (_, length, path) in files {
            if held.saturating_add(bytes) <= self.bytes_max && count < FILES_MAX {
                break;
            }
            self.store.remove(&path)?;
            held -= length;
            count -= 1;
        }
        if free_bytes(&self.folder)? < self.free_min_bytes.saturating_add(bytes) {
            return Err(OpusFileError::Io(io::ErrorKind::StorageFull.into()));
        }
        Ok(())
    }
}

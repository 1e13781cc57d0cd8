//! One open recording file: appended chunk by chunk, its header always right up to the last chunk.

use std::io;
use std::path::Path;

use careline_audio::wav::{Format, HEADER_BYTES, Header};

use super::store::{Growing, Store};

/// An open file. Nothing is buffered: a chunk is one write, its header another.
#[derive(Debug)]
pub(super) struct RecordingFile {
    file: Growing,
    header: Header,
    /// Frames that are in the file for certain.
    frames: u64,
    /// A write failed and what it left behind could not be taken off yet.
    torn: bool,
}

impl RecordingFile {
    /// Creates the file. An existing one is never overwritten.
    pub(super) fn create(store: &Store, path: &Path, format: Format) -> io::Result<Self> {
        let mut header = Header::new(format).map_err(into_io)?;
        let mut file = store.create(path)?;
        if let Err(error) = file.write_at(header.with_frames(0), 0) {
            // It was made a moment ago and holds nothing.
            let _ = store.remove(path);
            return Err(error);
        }
        Ok(Self { file, header, frames: 0, torn: false })
    }

    pub(super) fn path(&self) -> &Path {
        self.file.path()
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Appends interleaved samples, little-endian; after a failure the file is as it was before.
    pub(super) fn append(&mut self, samples: &[u8]) -> io::Result<()> {
        let frames = samples.len() as u64 / self.header.format().frame_bytes();
        self.change(frames, |file, end| file.write_at(samples, end))
    }

    /// Appends silence, which takes no room on the disk.
    pub(super) fn append_silence(&mut self, frames: u64) -> io::Result<()> {
        let bytes = frames.saturating_mul(self.header.format().frame_bytes());
        self.change(frames, |file, end| file.set_bytes(end.saturating_add(bytes)))
    }

    /// Closes the file and gives it back for sealing.
    pub(super) fn close(mut self) -> io::Result<Growing> {
        if self.torn {
            self.cut_back()?;
        }
        Ok(self.file)
    }

    fn change(
        &mut self,
        frames: u64,
        body: impl FnOnce(&mut Growing, u64) -> io::Result<()>,
    ) -> io::Result<()> {
        if self.torn {
            self.cut_back()?;
        }
        let end = self.end();
        let written = body(&mut self.file, end)
            .and_then(|()| self.file.write_at(self.header.with_frames(self.frames + frames), 0));
        match written {
            Ok(()) => self.frames += frames,
            Err(_) => {
                self.torn = true;
                // Another failure is tried again with the next chunk.
                let _ = self.cut_back();
            }
        }
        written
    }

    fn end(&self) -> u64 {
        HEADER_BYTES + self.frames * self.header.format().frame_bytes()
    }

    /// Takes off what a failed write left behind.
    fn cut_back(&mut self) -> io::Result<()> {
        self.file.set_bytes(self.end())?;
        self.file.write_at(self.header.with_frames(self.frames), 0)?;
        self.torn = false;
        Ok(())
    }
}

pub(super) fn into_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

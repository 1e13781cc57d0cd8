//! One open recording file: appended through hound, its header always right up to the last chunk.

use std::fs::{File, OpenOptions};
use std::io::{self, Seek, SeekFrom};
use std::path::{Path, PathBuf};

use careline_audio::g711::decode_by;
use careline_audio::wav::{HEADER_BYTES, STEREO_FRAME_BYTES, stereo_writer, write_stereo};
use hound::WavWriter;

use super::{Chunk, repair};

/// Silence is written in pieces of one second.
const SILENCE_FRAMES: u64 = 8000;

/// An open file. The WAV is written without a buffer of our own: hound hands over each chunk in one write.
#[derive(Debug)]
pub(super) struct RecordingFile {
    path: PathBuf,
    /// `None` after a failure; the next append opens the file again.
    wav: Option<Wav>,
    /// Frames that are in the file for certain.
    frames: u64,
}

struct Wav(WavWriter<File>);

impl std::fmt::Debug for Wav {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Wav")
    }
}

impl RecordingFile {
    /// Creates the file. An existing one is never overwritten.
    pub(super) fn create(path: &Path) -> io::Result<Self> {
        let file = OpenOptions::new().read(true).write(true).create_new(true).open(path)?;
        let begun = stereo_writer(file).and_then(|mut wav| wav.flush().map(|()| wav)).map_err(into_io);
        match begun {
            Ok(wav) => Ok(Self { path: path.to_path_buf(), wav: Some(Wav(wav)), frames: 0 }),
            Err(error) => {
                // It was made a moment ago and holds nothing.
                let _ = std::fs::remove_file(path);
                Err(error)
            }
        }
    }

    pub(super) fn path(&self) -> &Path {
        &self.path
    }

    pub(super) fn frames(&self) -> u64 {
        self.frames
    }

    /// Appends a chunk; after a failure the file is as it was before.
    pub(super) fn append(&mut self, chunk: &Chunk) -> io::Result<()> {
        let side = |index: usize| {
            let table = decode_by(chunk.buffer.laws[index]);
            chunk.buffer.sides[index][..chunk.frames].iter().map(move |&byte| table[usize::from(byte)])
        };
        self.write(chunk.frames as u64, |wav| write_stereo(wav, side(0), side(1)))
    }

    /// Appends silence.
    pub(super) fn append_silence(&mut self, mut frames: u64) -> io::Result<()> {
        while frames > 0 {
            let piece = frames.min(SILENCE_FRAMES);
            let silence = || std::iter::repeat_n(0i16, piece as usize);
            self.write(piece, |wav| write_stereo(wav, silence(), silence()))?;
            frames -= piece;
        }
        Ok(())
    }

    /// Closes the file and gives it back for syncing and reading.
    pub(super) fn close(mut self) -> io::Result<File> {
        if let Some(wav) = self.wav.take() {
            wav.0.finalize().map_err(into_io)?;
        }
        File::open(&self.path)
    }

    fn write(
        &mut self,
        frames: u64,
        body: impl FnOnce(&mut WavWriter<File>) -> Result<(), hound::Error>,
    ) -> io::Result<()> {
        let wav = match &mut self.wav {
            Some(wav) => wav,
            none => none.insert(Wav(reopen(&self.path)?)),
        };
        match body(&mut wav.0).and_then(|()| wav.0.flush()) {
            Ok(()) => {
                self.frames += frames;
                Ok(())
            }
            Err(error) => {
                self.wav = None;
                self.cut_back()?;
                Err(into_io(error))
            }
        }
    }

    /// Takes off what a failed write left behind.
    fn cut_back(&self) -> io::Result<()> {
        let file = OpenOptions::new().read(true).write(true).open(&self.path)?;
        file.set_len(HEADER_BYTES + self.frames * STEREO_FRAME_BYTES)?;
        repair::fix_header(&file)?;
        Ok(())
    }
}

fn reopen(path: &Path) -> io::Result<WavWriter<File>> {
    let mut file = OpenOptions::new().read(true).write(true).open(path)?;
    file.seek(SeekFrom::Start(0))?;
    WavWriter::new_append(file).map_err(into_io)
}

pub(super) fn into_io(error: hound::Error) -> io::Error {
    match error {
        hound::Error::IoError(error) => error,
        other => io::Error::other(other),
    }
}

//! Repair at start-up: recordings whose side-car still says `open` were cut off by the end of the program.

use std::fs::{File, OpenOptions};
use std::io::{self, Cursor, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use careline_audio::wav::{HEADER_BYTES, STEREO_FRAME_BYTES, stereo_writer};
use serde_json::{Map, Value};

use super::sidecar::{self, End};

/// Depth of folders searched: year, month, day and some more.
const DEPTH_MAX: usize = 8;

/// A recording that was cut off and can be heard again.
#[derive(Clone, PartialEq, Debug)]
pub struct Repaired {
    /// Recording.
    pub id: Arc<str>,
    /// The WAV file.
    pub path: PathBuf,
    /// Length of what was saved.
    pub duration_ms: u64,
    /// SHA-256 of the repaired file, lower-case hex.
    pub sha256: String,
    /// The side-car as it stands now: `state` is `repaired`, `complete` is false.
    pub sidecar: Value,
}

/// Looks through `dir` and its sub-folders, makes the headers agree with the lengths of the files and marks the
/// side-cars `repaired`. What cannot be repaired is logged and tried again at the next start; what cannot be listed
/// is left out. Run it before [`crate::Engine::start`], never beside a running engine.
#[must_use]
pub fn repair(dir: &Path) -> Vec<Repaired> {
    let mut repaired = Vec::new();
    search(dir, DEPTH_MAX, &mut repaired);
    repaired.sort_by(|one, other| one.path.cmp(&other.path));
    repaired
}

fn search(dir: &Path, depth: usize, repaired: &mut Vec<Repaired>) {
    let Ok(entries) = std::fs::read_dir(dir) else { return };
    for path in entries.flatten().map(|entry| entry.path()) {
        let is_directory = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
        if is_directory && depth > 0 {
            search(&path, depth - 1, repaired);
        } else if path.extension().is_some_and(|extension| extension == "json") {
            match repair_one(&path) {
                Ok(Some(recording)) => repaired.push(recording),
                Ok(None) => {}
                Err(error) => tracing::error!(path = %path.display(), %error, "failed to repair a recording"),
            }
        } else if path.to_str().is_some_and(|path| path.ends_with(".json.tmp")) {
            // Half a side-car; the whole one is still there under its own name.
            let _ = std::fs::remove_file(&path);
        }
    }
}

fn repair_one(sidecar_path: &Path) -> io::Result<Option<Repaired>> {
    let fields: Result<Map<String, Value>, _> = serde_json::from_slice(&std::fs::read(sidecar_path)?);
    let Ok(mut fields) = fields else { return Ok(None) };
    if fields.get("state").and_then(Value::as_str) != Some("open") {
        return Ok(None);
    }
    let Some(id) = fields.get("id").and_then(Value::as_str).map(Arc::<str>::from) else { return Ok(None) };
    let path = sidecar_path.with_extension("wav");
    let mut file = OpenOptions::new().read(true).write(true).create(true).truncate(false).open(&path)?;
    let frames = fix_header(&file)?;
    file.sync_all()?;
    file.seek(SeekFrom::Start(0))?;
    let (bytes, sha256) = sidecar::digest(&mut file)?;
    let end = End {
        state: "repaired",
        duration_ms: frames / 8,
        bytes,
        sha256: sha256.clone(),
        complete: false,
        lost_ms: 0,
    };
    sidecar::close(&mut fields, &end);
    sidecar::write(sidecar_path, &fields, true)?;
    Ok(Some(Repaired { id, path, duration_ms: frames / 8, sha256, sidecar: Value::Object(fields) }))
}

/// Rewrites the header for the file's length, rounded down to whole frames; gives the frames.
pub(super) fn fix_header(mut file: &File) -> io::Result<u64> {
    let length = file.metadata()?.len();
    let frames = length.saturating_sub(HEADER_BYTES) / STEREO_FRAME_BYTES;
    let audio_bytes = frames * STEREO_FRAME_BYTES;
    file.set_len(HEADER_BYTES + audio_bytes)?;
    let mut header = Cursor::new(Vec::new());
    stereo_writer(&mut header).and_then(hound::WavWriter::finalize).map_err(super::file::into_io)?;
    let mut header = header.into_inner();
    let field = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
    header[4..8].copy_from_slice(&field(audio_bytes + HEADER_BYTES - 8));
    header[40..44].copy_from_slice(&field(audio_bytes));
    file.seek(SeekFrom::Start(0))?;
    file.write_all(&header)?;
    Ok(frames)
}

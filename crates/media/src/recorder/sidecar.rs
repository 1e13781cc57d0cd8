//! The side-car: `<id>.json` next to `<id>.wav`. Says what the recording is and whether it is whole.
//!
//! Fields of the recorder: `id`, `file`, `state` (`open`, `finished`, `repaired`), `started_wall_us`, and from the end
//! on `duration_ms`, `bytes`, `sha256`, `complete`, `lost_ms`. Everything else came with the [`RecordingSpec`].

use std::fs::File;
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use crate::config::RecordingSpec;

/// What is known at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct End {
    pub(crate) state: &'static str,
    pub(crate) duration_ms: u64,
    pub(crate) bytes: u64,
    pub(crate) sha256: String,
    pub(crate) complete: bool,
    pub(crate) lost_ms: u64,
}

/// The side-car of a WAV file.
pub(crate) fn path_of(wav: &Path) -> PathBuf {
    wav.with_extension("json")
}

/// The side-car at the start.
pub(crate) fn open(spec: &RecordingSpec) -> Map<String, Value> {
    let mut fields = spec.sidecar.as_object().cloned().unwrap_or_default();
    fields.insert("id".to_owned(), json!(&*spec.id));
    fields.insert("file".to_owned(), json!(format!("{}.wav", spec.id)));
    fields.insert("state".to_owned(), json!("open"));
    fields.insert("started_wall_us".to_owned(), json!(spec.started_wall_us));
    fields
}

/// Adds the end to it.
pub(crate) fn close(fields: &mut Map<String, Value>, end: &End) {
    fields.insert("state".to_owned(), json!(end.state));
    fields.insert("duration_ms".to_owned(), json!(end.duration_ms));
    fields.insert("bytes".to_owned(), json!(end.bytes));
    fields.insert("sha256".to_owned(), json!(end.sha256));
    fields.insert("complete".to_owned(), json!(end.complete));
    fields.insert("lost_ms".to_owned(), json!(end.lost_ms));
}

/// Writes it whole or not at all: under another name first.
pub(crate) fn write(path: &Path, fields: &Map<String, Value>, sync: bool) -> io::Result<()> {
    let temporary = path.with_extension("json.tmp");
    let result = (|| {
        let mut file = File::create(&temporary)?;
        serde_json::to_writer_pretty(&mut file, fields)?;
        file.write_all(b"\n")?;
        if sync {
            file.sync_all()?;
        }
        std::fs::rename(&temporary, path)
    })();
    if result.is_err() {
        let _ = std::fs::remove_file(&temporary);
    }
    result
}

/// Size and SHA-256 of a file.
pub(crate) fn digest(file: &mut File) -> io::Result<(u64, String)> {
    let mut hash = Sha256::new();
    let mut block = vec![0; 64 * 1024];
    let mut bytes = 0;
    loop {
        let read = file.read(&mut block)?;
        if read == 0 {
            return Ok((bytes, hex::encode(hash.finalize())));
        }
        bytes += read as u64;
        hash.update(&block[..read]);
    }
}

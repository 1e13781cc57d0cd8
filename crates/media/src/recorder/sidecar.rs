//! The side-car: `<id>.json` next to `<id>.wav`. Says what the recording is and whether it is whole.
//!
//! Fields of the recorder: `id`, `file`, `state` (`open`, `finished`, `repaired`), `started_wall_us`, `rate`,
//! `channels`, `sealed` (how the file is encrypted: `none`), `markers`, and from the end on `duration_ms`, `bytes`,
//! `sha256`, `hash_algorithm`, `complete`, `lost_ms`. Everything else came with the [`RecordingSpec`] or, later, from
//! the archive.
//!
//! `markers` is a list of times in which the sound is not what was said: `kind` (`paused`, `keys`, `lost`), `from_ms`,
//! `until_ms` (null while it lasts), and `reason` or `side` where they make sense.

use std::io;
use std::path::{Path, PathBuf};

use careline_audio::wav::Format;
use serde_json::{Map, Value, json};

use super::store::{HASH_ALGORITHM, SEALING, Store, bare};
use crate::config::RecordingSpec;

/// Side-cars are small; a bigger file is none.
pub(crate) const BYTES_MAX: u64 = 1 << 20;
/// Markers kept of one recording; further ones make the last one longer.
const MARKERS_MAX: usize = 256;

/// What is known at the end.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct End {
    pub(crate) state: &'static str,
    pub(crate) duration_ms: u64,
    pub(crate) bytes: u64,
    /// With the algorithm's name in front.
    pub(crate) hash: String,
    pub(crate) complete: bool,
    pub(crate) lost_ms: u64,
}

/// The side-car of a WAV file.
pub(crate) fn path_of(wav: &Path) -> PathBuf {
    wav.with_extension("json")
}

/// The side-car at the start.
pub(crate) fn open(spec: &RecordingSpec, format: Format) -> Map<String, Value> {
    let mut fields = spec.sidecar.as_object().cloned().unwrap_or_default();
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("id", json!(&*spec.id));
    set("file", json!(format!("{}.wav", spec.id)));
    set("state", json!("open"));
    set("started_wall_us", json!(spec.started_wall_us));
    set("rate", json!(format.rate));
    set("channels", json!(format.channels));
    set("sealed", json!(SEALING));
    set("markers", json!([]));
    fields
}

/// Adds the end to it. What still lasts ends with the recording.
pub(crate) fn close(fields: &mut Map<String, Value>, end: &End) {
    let mut set = |key: &str, value: Value| fields.insert(key.to_owned(), value);
    set("state", json!(end.state));
    set("duration_ms", json!(end.duration_ms));
    set("bytes", json!(end.bytes));
    set("sha256", json!(bare(&end.hash)));
    set("hash_algorithm", json!(HASH_ALGORITHM));
    set("complete", json!(end.complete));
    set("lost_ms", json!(end.lost_ms));
    if let Some(Value::Array(markers)) = fields.get_mut("markers") {
        for marker in markers.iter_mut().filter(|marker| marker["until_ms"].is_null()) {
            marker["until_ms"] = json!(end.duration_ms);
        }
    }
}

/// What the recorder knew of the format; 8 kHz stereo in side-cars that do not say.
pub(crate) fn format_of(fields: &Map<String, Value>) -> Format {
    let number = |key: &str, otherwise: u64| fields.get(key).and_then(Value::as_u64).unwrap_or(otherwise);
    let rate = u32::try_from(number("rate", 8000)).unwrap_or(8000);
    let channels = if number("channels", 2) == 1 { 1 } else { 2 };
    Format { rate, channels }
}

/// A time in which the sound is not what was said.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Marker<'a> {
    pub(crate) kind: &'a str,
    pub(crate) from_ms: u64,
    pub(crate) until_ms: Option<u64>,
    pub(crate) reason: Option<&'a str>,
    pub(crate) side: Option<&'a str>,
}

/// Adds a marker. One that begins where the last one of its kind ends makes that one longer.
pub(crate) fn mark(fields: &mut Map<String, Value>, marker: &Marker<'_>) {
    let markers = fields.entry("markers").or_insert_with(|| json!([]));
    let Value::Array(markers) = markers else { return };
    let full = markers.len() >= MARKERS_MAX;
    let same = |other: &Value| {
        other["kind"] == marker.kind
            && other["side"].as_str() == marker.side
            && (full || other["until_ms"] == marker.from_ms)
    };
    if let Some(last) = markers.iter_mut().rev().find(|other| same(other)) {
        last["until_ms"] = json!(marker.until_ms);
        return;
    }
    let mut value = json!({ "kind": marker.kind, "from_ms": marker.from_ms, "until_ms": marker.until_ms });
    if let Some(reason) = marker.reason {
        value["reason"] = json!(reason);
    }
    if let Some(side) = marker.side {
        value["side"] = json!(side);
    }
    markers.push(value);
}

/// Ends the marker of this kind and side that still lasts.
pub(crate) fn end_mark(fields: &mut Map<String, Value>, kind: &str, side: Option<&str>, until_ms: u64) {
    let Some(Value::Array(markers)) = fields.get_mut("markers") else { return };
    let lasts = |marker: &&mut Value| {
        marker["kind"] == kind && marker["side"].as_str() == side && marker["until_ms"].is_null()
    };
    if let Some(marker) = markers.iter_mut().rev().find(lasts) {
        marker["until_ms"] = json!(until_ms);
    }
}

/// Writes it whole or not at all.
pub(crate) fn write(
    store: &Store,
    path: &Path,
    fields: &Map<String, Value>,
    durable: bool,
) -> io::Result<()> {
    let mut text = serde_json::to_vec_pretty(fields)?;
    text.push(b'\n');
    store.replace(path, &text, durable)
}

/// Reads it; `None` when it is no JSON object.
pub(crate) fn read(store: &Store, path: &Path) -> io::Result<Option<Map<String, Value>>> {
    Ok(serde_json::from_slice(&store.read_whole(path, BYTES_MAX)?).ok())
}

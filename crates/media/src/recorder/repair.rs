//! Repair at start-up: recordings whose side-car still says `open` were cut off by the end of the program, and closed
//! ones that the day's manifest does not name were cut off a moment later.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use careline_audio::wav::{Format, HEADER_BYTES, Header};
use serde_json::{Map, Value};

use super::finisher::wall_us;
use super::manifest::{self, Entry, What};
use super::sidecar::{self, End};
use super::store::{Growing, Store, bare};
use super::{days, file::into_io};

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

/// Looks through the folders of `dir` that the last run wrote into (all of them when that is not known), makes the
/// headers agree with the lengths of the files, marks the side-cars `repaired` and completes the manifests. What cannot
/// be repaired is logged and tried again at the next start; what cannot be listed is left out. Run it before
/// [`crate::Engine::start`], never beside a running engine.
#[must_use]
pub fn repair(dir: &Path) -> Vec<Repaired> {
    let store = Store::default();
    let mut search = Search { store: &store, repaired: Vec::new(), failed: false };
    match days::read(&store, dir) {
        Some(folders) => folders.iter().for_each(|folder| search.folder(folder, 0)),
        None => search.folder(dir, DEPTH_MAX),
    }
    let Search { mut repaired, failed, .. } = search;
    if !failed
        && dir.is_dir()
        && let Err(error) = days::clear(&store, dir)
    {
        tracing::warn!(path = %dir.display(), %error, "the next start will look through these folders again");
    }
    repaired.sort_by(|one, other| one.path.cmp(&other.path));
    repaired
}

struct Search<'a> {
    store: &'a Store,
    repaired: Vec<Repaired>,
    failed: bool,
}

impl Search<'_> {
    fn folder(&mut self, folder: &Path, depth: usize) {
        let Ok(entries) = std::fs::read_dir(folder) else { return };
        let mut sidecars = Vec::new();
        for path in entries.flatten().map(|entry| entry.path()) {
            let is_directory = path.symlink_metadata().is_ok_and(|metadata| metadata.is_dir());
            if is_directory && depth > 0 {
                self.folder(&path, depth - 1);
            } else if path.extension().is_some_and(|extension| extension == "json") {
                sidecars.push(path);
            } else if path.to_str().is_some_and(|path| path.ends_with(".json.tmp")) {
                // Half a side-car; the whole one is still there under its own name.
                let _ = std::fs::remove_file(&path);
            }
        }
        if sidecars.is_empty() {
            return;
        }
        sidecars.sort();
        let named: BTreeSet<String> = match manifest::read(self.store, folder) {
            Ok(entries) => entries.into_iter().map(|entry| entry.recording).collect(),
            Err(error) => return self.fail(folder, &error),
        };
        for path in sidecars {
            let stem = path.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
            if named.contains(stem) {
                continue;
            }
            match repair_one(self.store, &path) {
                Ok(Some(recording)) => self.repaired.push(recording),
                Ok(None) => {}
                Err(error) => self.fail(&path, &error),
            }
        }
    }

    fn fail(&mut self, path: &Path, error: &io::Error) {
        self.failed = true;
        tracing::error!(path = %path.display(), %error, "failed to repair a recording");
    }
}

fn repair_one(store: &Store, sidecar_path: &Path) -> io::Result<Option<Repaired>> {
    let Some(mut fields) = sidecar::read(store, sidecar_path)? else { return Ok(None) };
    let text = |key: &str| fields.get(key).and_then(Value::as_str);
    let Some(id) = text("id").map(Arc::<str>::from) else { return Ok(None) };
    let path = sidecar_path.with_extension("wav");
    match text("state") {
        Some("open") => {}
        Some("finished" | "repaired") => {
            name(store, &path, &id, &fields)?;
            return Ok(None);
        }
        Some(_) | None => return Ok(None),
    }
    let mut file = match store.reopen(&path) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => store.create(&path)?,
        result => result?,
    };
    let format = sidecar::format_of(&fields);
    let frames = fix_header(&mut file, format)?;
    let (bytes, hash) = file.seal()?;
    let duration_ms = format.ms(frames);
    let end = End { state: "repaired", duration_ms, bytes, hash, complete: false, lost_ms: 0 };
    sidecar::close(&mut fields, &end);
    sidecar::write(store, sidecar_path, &fields, true)?;
    name(store, &path, &id, &fields)?;
    let sha256 = bare(&end.hash).to_owned();
    Ok(Some(Repaired { id, path, duration_ms, sha256, sidecar: Value::Object(fields) }))
}

/// Writes the manifest's line of a closed recording, from its side-car.
fn name(store: &Store, path: &Path, id: &str, fields: &Map<String, Value>) -> io::Result<()> {
    let text = |key: &str| fields.get(key).and_then(Value::as_str).unwrap_or_default();
    let number = |key: &str| fields.get(key).and_then(Value::as_u64).unwrap_or(0);
    // Side-cars of before there were manifests have no algorithm.
    let algorithm = if text("hash_algorithm").is_empty() { "sha256" } else { text("hash_algorithm") };
    let entry = Entry {
        what: if text("state") == "repaired" { What::Repaired } else { What::Finished },
        recording: id.to_owned(),
        hash: format!("{algorithm}:{}", text("sha256")),
        bytes: number("bytes"),
        duration_ms: number("duration_ms"),
        at_us: wall_us(),
        by: None,
    };
    manifest::append(store, path, &entry)
}

/// Rewrites the header for the file's length, rounded down to whole frames; gives the frames.
fn fix_header(file: &mut Growing, format: Format) -> io::Result<u64> {
    let length = file.bytes()?;
    let mut header = Header::new(format).map_err(into_io)?;
    if length >= HEADER_BYTES {
        let mut bytes = [0; HEADER_BYTES as usize];
        file.read_at(&mut bytes, 0)?;
        // What the file says of itself is right, unless its first block never reached the disk.
        header = Header::parse(&bytes).unwrap_or(header);
    }
    let frames = length.saturating_sub(HEADER_BYTES) / header.format().frame_bytes();
    file.set_bytes(HEADER_BYTES + frames * header.format().frame_bytes())?;
    file.write_at(header.with_frames(frames), 0)?;
    Ok(frames)
}

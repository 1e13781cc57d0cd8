//! The end of a recording, which may take its time: fsync, SHA-256, side-car, event.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::Duration;

use serde_json::{Map, Value};

use super::sidecar::{self, End};
use crate::event::{EventSender, MediaEvent};

/// A recording whose last frame is written.
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) id: Arc<str>,
    pub(super) path: PathBuf,
    /// `None`: nothing could ever be written.
    pub(super) file: Option<File>,
    pub(super) fields: Map<String, Value>,
    pub(super) duration_ms: u64,
    pub(super) lost_ms: u64,
    pub(super) complete: bool,
    /// `RecordingIncomplete` has been reported.
    pub(super) told: bool,
}

/// Until the writer is gone.
pub(super) fn run(closing: &Receiver<Closing>, mut events: EventSender) {
    loop {
        match closing.recv_timeout(Duration::from_millis(200)) {
            Ok(recording) => finish(recording, &mut events),
            Err(RecvTimeoutError::Timeout) => events.flush(),
            Err(RecvTimeoutError::Disconnected) => return events.flush(),
        }
    }
}

fn finish(recording: Closing, events: &mut EventSender) {
    let Closing { id, path, file, mut fields, duration_ms, lost_ms, complete, told } = recording;
    let mut end = End { state: "finished", duration_ms, bytes: 0, sha256: String::new(), complete, lost_ms };
    if let Some(file) = file
        && let Err(error) = seal(file, &path, &mut fields, &mut end)
    {
        end.complete = false;
        tracing::error!(recording.id = %id, %error, "failed to close a recording");
        if !told {
            events.send(MediaEvent::RecordingIncomplete { id: Arc::clone(&id), reason: error.to_string() });
        }
    }
    let End { bytes, sha256, complete, .. } = end;
    events.send(MediaEvent::RecordingFinished { id, path, duration_ms, bytes, sha256, complete, lost_ms });
}

fn seal(
    mut file: File,
    path: &std::path::Path,
    fields: &mut Map<String, Value>,
    end: &mut End,
) -> io::Result<()> {
    file.sync_all()?;
    (end.bytes, end.sha256) = sidecar::digest(&mut file)?;
    sidecar::close(fields, end);
    sidecar::write(&sidecar::path_of(path), fields, true)
}

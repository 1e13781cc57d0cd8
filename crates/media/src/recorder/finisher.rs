//! The end of a recording, which may take its time: fsync, SHA-256, side-car, manifest, event. Now and then it asks the
//! system to put everything on the disk, so that the writer never waits for that.

use std::fs::File;
use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::manifest::{self, Entry, What};
use super::sidecar::{self, End};
use super::store::{Growing, Store, bare};
use crate::event::{EventSender, MediaEvent};

/// A recording whose last frame is written.
#[derive(Debug)]
pub(super) struct Closing {
    pub(super) id: Arc<str>,
    pub(super) path: PathBuf,
    /// `None`: nothing could ever be written.
    pub(super) file: Option<Growing>,
    pub(super) fields: Map<String, Value>,
    pub(super) duration_ms: u64,
    pub(super) lost_ms: u64,
    pub(super) complete: bool,
    /// `RecordingIncomplete` has been reported.
    pub(super) told: bool,
}

/// What the finisher is asked.
#[derive(Debug)]
pub(super) enum Task {
    Close(Box<Closing>),
    /// Put everything on the disk.
    Sync,
}

/// The thread's state.
#[derive(Debug)]
pub(super) struct Finisher {
    store: Store,
    /// The root of the recordings, whose file system is synced.
    root: File,
    events: EventSender,
}

impl Finisher {
    pub(super) fn new(store: Store, root: File, events: EventSender) -> Self {
        Self { store, root, events }
    }

    /// Until the writer is gone.
    pub(super) fn run(mut self, tasks: &Receiver<Task>) {
        loop {
            match tasks.recv_timeout(Duration::from_millis(200)) {
                Ok(Task::Close(closing)) => self.finish(*closing),
                Ok(Task::Sync) => {
                    if let Err(error) = rustix::fs::syncfs(&self.root) {
                        tracing::error!(%error, "failed to sync the recordings");
                    }
                }
                Err(RecvTimeoutError::Timeout) => self.events.flush(),
                Err(RecvTimeoutError::Disconnected) => return self.events.flush(),
            }
        }
    }

    pub(super) fn finish(&mut self, closing: Closing) {
        let Closing { id, path, file, mut fields, duration_ms, lost_ms, complete, told } = closing;
        let mut end =
            End { state: "finished", duration_ms, bytes: 0, hash: String::new(), complete, lost_ms };
        if let Some(file) = file
            && let Err(error) = self.seal(file, &id, &path, &mut fields, &mut end)
        {
            end.complete = false;
            tracing::error!(recording.id = %id, %error, "failed to close a recording");
            if !told {
                let event =
                    MediaEvent::RecordingIncomplete { id: Arc::clone(&id), reason: error.to_string() };
                self.events.send(event);
            }
        }
        let End { bytes, hash, complete, .. } = end;
        let sha256 = bare(&hash).to_owned();
        self.events.send(MediaEvent::RecordingFinished {
            id,
            path,
            duration_ms,
            bytes,
            sha256,
            complete,
            lost_ms,
        });
    }

    /// Side-car before manifest: what is in the manifest is whole. The repair adds a line that was cut off here.
    fn seal(
        &self,
        file: Growing,
        id: &str,
        path: &std::path::Path,
        fields: &mut Map<String, Value>,
        end: &mut End,
    ) -> io::Result<()> {
        (end.bytes, end.hash) = file.seal()?;
        sidecar::close(fields, end);
        sidecar::write(&self.store, &sidecar::path_of(path), fields, true)?;
        let entry = Entry {
            what: What::Finished,
            recording: id.to_owned(),
            hash: end.hash.clone(),
            bytes: end.bytes,
            duration_ms: end.duration_ms,
            at_us: wall_us(),
            by: None,
        };
        manifest::append(&self.store, path, &entry)
    }
}

/// Microseconds UTC since 1970.
pub(crate) fn wall_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

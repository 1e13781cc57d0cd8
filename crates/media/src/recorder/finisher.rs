//! The end of a recording, which may take its time: fsync, SHA-256, side-car, manifest, event. Now and then it asks the
//! system to put everything on the disk, so that the writer never waits for that.

use std::collections::VecDeque;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::mpsc::RecvTimeoutError;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use serde_json::{Map, Value};

use super::manifest::{self, Entry, What};
use super::sidecar::{self, End};
use super::store::{Growing, Store, bare};
use crate::channel::Receiver;
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

/// Recordings whose facts wait for room on the disk; the facts of more are made good at the next start.
const UNTOLD_MAX: usize = 1024;
/// How often they are tried again.
const AGAIN_EVERY: Duration = Duration::from_secs(5);

/// A sealed recording whose side-car or manifest could not be written.
#[derive(Debug)]
struct Untold {
    path: PathBuf,
    fields: Map<String, Value>,
    entry: Entry,
    /// The side-car is written.
    has_sidecar: bool,
}

/// The thread's state.
#[derive(Debug)]
pub(super) struct Finisher {
    store: Store,
    untold: VecDeque<Untold>,
    again_at: Instant,
    /// The root of the recordings, whose file system is synced.
    root: File,
    events: EventSender,
}

impl Finisher {
    pub(super) fn new(store: Store, root: File, events: EventSender) -> Self {
        Self { store, untold: VecDeque::new(), again_at: Instant::now(), root, events }
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
                Err(RecvTimeoutError::Disconnected) => {
                    self.again();
                    return self.events.flush();
                }
            }
            if Instant::now() >= self.again_at {
                self.again_at = Instant::now() + AGAIN_EVERY;
                self.again();
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

    /// Everything on the disk, and told. What is sealed but cannot be told now is told later.
    fn seal(
        &mut self,
        file: Growing,
        id: &str,
        path: &Path,
        fields: &mut Map<String, Value>,
        end: &mut End,
    ) -> io::Result<()> {
        (end.bytes, end.hash) = file.seal()?;
        sidecar::close(fields, end);
        let entry = Entry {
            what: What::Finished,
            recording: id.to_owned(),
            hash: end.hash.clone(),
            bytes: end.bytes,
            duration_ms: end.duration_ms,
            at_us: wall_us(),
            by: None,
        };
        let (path, fields) = (path.to_path_buf(), std::mem::take(fields));
        let mut untold = Untold { path, fields, entry, has_sidecar: false };
        let told = untold.tell(&self.store);
        if let Err(error) = &told {
            tracing::error!(recording.id = id, %error, "a recording is closed, but its facts wait for the disk");
            if self.untold.len() < UNTOLD_MAX {
                self.untold.push_back(untold);
            }
        }
        Ok(())
    }

    /// Tries those again that could not be told; the first failure ends it.
    pub(super) fn again(&mut self) {
        while let Some(untold) = self.untold.front_mut() {
            if untold.tell(&self.store).is_err() {
                return;
            }
            self.untold.pop_front();
        }
    }
}

impl Untold {
    /// Side-car before manifest: what is in the manifest is whole. The repair adds a line that was cut off here.
    fn tell(&mut self, store: &Store) -> io::Result<()> {
        if !self.has_sidecar {
            sidecar::write(store, &sidecar::path_of(&self.path), &self.fields, true)?;
            self.has_sidecar = true;
        }
        manifest::append(store, &self.path, &self.entry)
    }
}

/// Microseconds UTC since 1970.
pub(crate) fn wall_us() -> i64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
}

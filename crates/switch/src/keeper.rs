//! Keeps what of the call centre outlives the switch: a private file beside the journal, written off the driver's path.
//!
//! What is younger than [`KEEP_EVERY`], and the time the disk takes, is lost with a process that is killed.

use crate::kept::write_whole;
use anyhow::Context;
use careline_switchboard::KeptCentre;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

/// How often it is kept, when something has changed.
pub const KEEP_EVERY: Duration = Duration::from_secs(1);

/// The file. Dropping it ends its thread after what waits is written.
#[derive(Debug)]
pub struct Keeper {
    queue: Option<SyncSender<KeptCentre>>,
    thread: Option<std::thread::JoinHandle<()>>,
    changed: bool,
    next: Option<Instant>,
}

impl Keeper {
    /// Opens `centre.json` beside the journal and gives what was true when the switch ended; nothing at the first start. A
    /// file that cannot be understood is put aside and told: no call shall wait for it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn open(journal: &Path) -> anyhow::Result<(Self, Option<KeptCentre>)> {
        let file = journal.with_file_name("centre.json");
        let kept = read(&file).unwrap_or_else(|error| {
            tracing::error!(file = %file.display(), %error, "what was kept of agents and orders cannot be read");
            // Nothing can be done about a name that cannot be changed; the next write replaces the file.
            let _ = std::fs::rename(&file, file.with_extension("damaged"));
            None
        });
        let (queue, waiting) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || follow(&file, &waiting))
            .context("failed to start the keeper")?;
        Ok((Self { queue: Some(queue), thread: Some(thread), changed: true, next: None }, kept))
    }

    /// Something that is kept may be otherwise.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    /// Keeps what `state` gives, when something has changed and it is time; never waits. While the disk is behind, the
    /// next turn tries again.
    pub fn turn(&mut self, now: Instant, state: impl FnOnce() -> KeptCentre) {
        if !self.changed || self.next.is_some_and(|next| now < next) {
            return;
        }
        let Some(queue) = &self.queue else { return };
        self.next = Some(now + KEEP_EVERY);
        match queue.try_send(state()) {
            Ok(()) => self.changed = false,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    /// Writes the last state and waits until it is on the disk.
    pub fn finish(&mut self, state: KeptCentre) {
        if let Some(queue) = self.queue.take() {
            // The thread is gone only when it panicked; then there is nobody to tell.
            let _ = queue.send(state);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read(file: &Path) -> io::Result<Option<KeptCentre>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn follow(file: &Path, waiting: &Receiver<KeptCentre>) {
    let mut failing = false;
    while let Ok(state) = waiting.recv() {
        let done =
            serde_json::to_vec(&state).map_err(io::Error::from).and_then(|text| write_whole(file, &text));
        if let (Err(error), false) = (&done, failing) {
            tracing::warn!(%error, "agents and orders cannot be kept; a restart would begin without them");
        }
        failing = done.is_err();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt;

    fn state(at_us: i64) -> KeptCentre {
        KeptCentre { at_us, ..KeptCentre::default() }
    }

    #[test]
    fn the_last_state_is_there_again_and_private() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let (mut keeper, nothing) = Keeper::open(&journal).unwrap();
        assert_eq!(nothing, None);
        keeper.turn(Instant::now(), || state(1));
        keeper.finish(state(2));
        let (_keeper, kept) = Keeper::open(&journal).unwrap();
        assert_eq!(kept, Some(state(2)));
        let mode = std::fs::metadata(folder.path().join("centre.json")).unwrap().permissions().mode();
        assert_eq!(mode & 0o777, 0o600);
    }

    #[test]
    fn it_is_asked_once_a_second_and_only_when_something_changed() {
        let folder = tempfile::tempdir().unwrap();
        let (mut keeper, _) = Keeper::open(&folder.path().join("journal.db")).unwrap();
        let (start, mut asked) = (Instant::now(), 0);
        let mut turn = |keeper: &mut Keeper, after_ms: u64| {
            keeper.turn(start + Duration::from_millis(after_ms), || {
                asked += 1;
                state(0)
            });
        };
        turn(&mut keeper, 0);
        keeper.changed();
        turn(&mut keeper, 500);
        turn(&mut keeper, 1000);
        // The disk may have been behind once; nothing else asks again.
        keeper.changed = false;
        turn(&mut keeper, 3000);
        assert_eq!(asked, 2);
    }

    #[test]
    fn a_damaged_file_is_put_aside_and_the_switch_starts() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::write(folder.path().join("centre.json"), "{\"at_us\":").unwrap();
        let (_keeper, kept) = Keeper::open(&folder.path().join("journal.db")).unwrap();
        assert_eq!(kept, None);
        assert!(folder.path().join("centre.damaged").exists());
    }
}

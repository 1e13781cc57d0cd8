//! Keeps what of the call centre outlives the switch: private files beside the journal, written off the driver's path.
//!
//! What is younger than [`KEEP_EVERY`], and the time the disk takes, is lost with a process that is killed. A long state is
//! kept less often, some thousands of its entries a second: giving it out keeps calls waiting.

use crate::kept::write_whole;
use anyhow::Context;
use careline_model::outbound::OutboundState;
use careline_switchboard::KeptCentre;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::io;
use std::path::Path;
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};
use std::time::{Duration, Instant};

/// How often it is kept, when something has changed.
pub const KEEP_EVERY: Duration = Duration::from_secs(1);
/// So many entries of a long state are given out a second, a millisecond of work.
const ENTRIES_A_SECOND: usize = 5000;

/// What is kept as a whole.
pub trait Kept: Serialize + DeserializeOwned + Send + 'static {
    /// Name of its file.
    const FILE: &'static str;
    /// What it is, for the log.
    const WHAT: &'static str;

    /// How long it is.
    fn entries(&self) -> usize;
}

impl Kept for KeptCentre {
    const FILE: &'static str = "centre.json";
    const WHAT: &'static str = "agents and orders";

    fn entries(&self) -> usize {
        self.agents.len() + self.talks.len()
    }
}

impl Kept for OutboundState {
    const FILE: &'static str = "outbound.json";
    const WHAT: &'static str = "campaigns and their tasks";

    fn entries(&self) -> usize {
        self.tasks.len() + self.ended.len() + self.dialled.len() + self.do_not_call.len()
    }
}

/// A file. Dropping it ends its thread after what waits is written.
#[derive(Debug)]
pub struct Keeper<T> {
    queue: Option<SyncSender<T>>,
    thread: Option<std::thread::JoinHandle<()>>,
    changed: bool,
    next: Option<Instant>,
}

impl<T: Kept> Keeper<T> {
    /// Opens its file beside the journal and gives what was true when the switch ended; nothing at the first start. A
    /// file that cannot be understood is put aside and told: no call shall wait for it.
    ///
    /// # Errors
    /// When no thread can be started.
    pub fn open(journal: &Path) -> anyhow::Result<(Self, Option<T>)> {
        let file = journal.with_file_name(T::FILE);
        let kept = read(&file).unwrap_or_else(|error| {
            tracing::error!(file = %file.display(), %error, "what was kept of {} cannot be read", T::WHAT);
            // Nothing can be done about a name that cannot be changed; the next write replaces the file.
            let _ = std::fs::rename(&file, file.with_extension("damaged"));
            None
        });
        let (queue, waiting) = sync_channel(1);
        let thread = std::thread::Builder::new()
            .name("keeper".to_owned())
            .spawn(move || follow::<T>(&file, &waiting))
            .context("failed to start the keeper")?;
        Ok((Self { queue: Some(queue), thread: Some(thread), changed: true, next: None }, kept))
    }

    /// Something that is kept may be otherwise.
    pub fn changed(&mut self) {
        self.changed = true;
    }

    /// Keeps what `state` gives, when something has changed and it is time; never waits. While the disk is behind, the
    /// next turn tries again.
    pub fn turn(&mut self, now: Instant, state: impl FnOnce() -> T) {
        if !self.changed || self.next.is_some_and(|next| now < next) {
            return;
        }
        let Some(queue) = &self.queue else { return };
        let state = state();
        let seconds = u32::try_from(state.entries() / ENTRIES_A_SECOND).unwrap_or(u32::MAX);
        self.next = Some(now + KEEP_EVERY * seconds.saturating_add(1));
        match queue.try_send(state) {
            Ok(()) => self.changed = false,
            Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) => {}
        }
    }

    /// Writes the last state and waits until it is on the disk.
    pub fn finish(&mut self, state: T) {
        if let Some(queue) = self.queue.take() {
            // The thread is gone only when it panicked; then there is nobody to tell.
            let _ = queue.send(state);
        }
        if let Some(thread) = self.thread.take() {
            let _ = thread.join();
        }
    }
}

fn read<T: Kept>(file: &Path) -> io::Result<Option<T>> {
    match std::fs::read(file) {
        Ok(bytes) => Ok(Some(serde_json::from_slice(&bytes)?)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

fn follow<T: Kept>(file: &Path, waiting: &Receiver<T>) {
    let mut failing = false;
    while let Ok(state) = waiting.recv() {
        let done =
            serde_json::to_vec(&state).map_err(io::Error::from).and_then(|text| write_whole(file, &text));
        if let (Err(error), false) = (&done, failing) {
            tracing::warn!(%error, "{} cannot be kept; a restart would begin without them", T::WHAT);
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
        let mut turn = |keeper: &mut Keeper<KeptCentre>, after_ms: u64| {
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
        let (_keeper, kept) = Keeper::<KeptCentre>::open(&folder.path().join("journal.db")).unwrap();
        assert_eq!(kept, None);
        assert!(folder.path().join("centre.damaged").exists());
    }
}

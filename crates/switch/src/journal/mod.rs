//! The event journal: every fact is on disk before anybody is offered it, and stays until all who asked have it.
//!
//! What it is not: it decides nothing about calls, and no call ever waits for it. [`Journal::append`] only takes a lock
//! for the length of a push.
//!
//! ```text
//! append --> [ memory, <= memory_max ] --20 ms or 256 events--> [ SQLite, WAL, synchronous=FULL ] --> head moves on
//!                  |  the file refuses: ERROR, tried again every second                                   |
//!                  '- full: diagnostic events go first, then new events are lost (counted)                v
//!                                                              [ Subscription ]* read pages of the file up to head
//! ```
//!
//! **Numbers** are given at `append` and grow by one for as long as the file lives, also over restarts. A number whose
//! event was given up (memory or file full, or deleted) is never given to another event that a subscriber sees: readers
//! get [`Fact::Omitted`] in its place, so that a jump is always explained.
//!
//! **Epoch**: the file's life, in UTC microseconds of its beginning. A new one begins with a new file, and when a
//! subscriber has more than the journal (an older file was put back). It then covers everything that is kept, since
//! nobody can say where the two histories part: facts may come again under a new key, but none is taken for another.
//!
//! **Subscriptions** own no queue: each reads the file at its own pace, at most [`PAGE`] events at a time, so a slow one
//! costs no memory and one that follows reads what the page cache still holds.

mod file;
mod open_calls;
mod pending;
mod rows;
mod subscription;
#[cfg(test)]
mod tests;
mod writer;

pub use file::{PAGE, Reader, has_log};
pub use open_calls::OpenCall;
pub use subscription::Subscription;

use careline_model::Event;
use pending::Pending;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot, watch};
use writer::{Command, Writer};

/// Names for which events are kept. More are refused: each can fill the disk by never acknowledging.
pub const SUBSCRIBERS_MAX: usize = 16;
/// Longest name of a subscriber, in characters.
pub const SUBSCRIBER_CHARS_MAX: usize = 64;
/// Orders to the writer that may wait; who orders more waits with them.
const COMMANDS_MAX: usize = 64;

/// How the journal is kept.
#[derive(Debug, Clone)]
pub struct JournalOptions {
    /// The SQLite file; created when missing. Its folder must exist.
    pub file: PathBuf,
    /// The configured name of the switch; a file of another switch is refused.
    pub switch_id: String,
    /// Acknowledged events are kept this long all the same: a desk that was restored from a backup reads them again.
    pub keep: Duration,
    /// From this size of kept events on, acknowledged events go at once, and after them diagnostic events.
    pub limit_bytes: u64,
    /// Events that may wait in memory while the file refuses.
    pub memory_max: usize,
    /// A commit happens this long after its first event at the latest...
    pub commit_every: Duration,
    /// ...or as soon as so many wait.
    pub commit_max: usize,
    /// How long after a refused commit the next is tried.
    pub retry_every: Duration,
}

impl JournalOptions {
    /// The limits of the house: 7 days, 4 GiB, 100,000 events in memory, 20 ms or 256 events, 1 s.
    #[must_use]
    pub fn new(file: PathBuf, switch_id: String) -> Self {
        Self {
            file,
            switch_id,
            keep: Duration::from_secs(7 * 86_400),
            limit_bytes: 4 << 30,
            memory_max: 100_000,
            commit_every: Duration::from_millis(20),
            commit_max: 256,
            retry_every: Duration::from_secs(1),
        }
    }
}

/// Why the journal could not do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum JournalError {
    /// Another process has it.
    #[error("the journal {} is in use: is another switch running with it?", .0.display())]
    Locked(PathBuf),
    /// The file is no journal of ours, or damaged.
    #[error(
        "the journal {} is damaged or no journal: {reason}. Move it away and start again; \
         a new one begins a new epoch, and what subscribers had not acknowledged is only in the old file",
        .file.display()
    )]
    Corrupt {
        /// Which file.
        file: PathBuf,
        /// What the database found.
        reason: String,
    },
    /// The file belongs to another switch.
    #[error("the journal {} belongs to switch \"{found}\"; give each switch its own file", .file.display())]
    OtherSwitch {
        /// Which file.
        file: PathBuf,
        /// Whose it is.
        found: String,
    },
    /// The folder or the lock beside the file cannot be used.
    #[error("failed to open the journal {}", .file.display())]
    Open {
        /// Which file.
        file: PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// The database refused.
    #[error("the journal's file refused")]
    Database(#[from] sqlx::Error),
    /// A subscriber's name is no name.
    #[error("a subscriber is called by 1 to 64 characters of a-z, 0-9, '.', '_' and '-'")]
    Name,
    /// There are [`SUBSCRIBERS_MAX`] names already.
    #[error("events are kept for {SUBSCRIBERS_MAX} subscribers already: {0}")]
    TooManySubscribers(String),
    /// Nobody subscribed under this name.
    #[error("nobody subscribed as \"{0}\"")]
    UnknownSubscriber(String),
    /// An acknowledgement of another epoch, or of what was never offered.
    #[error("cannot acknowledge {number} of epoch {epoch}: the journal is at {head:?}; subscribe again")]
    NotOffered {
        /// The epoch asked.
        epoch: u64,
        /// The number asked.
        number: u64,
        /// Where the journal is.
        head: Position,
    },
    /// The epoch changed while the subscription was open.
    #[error("the journal began a new epoch; subscribe again")]
    EpochChanged,
    /// The journal was closed.
    #[error("the journal is closed")]
    Closed,
}

/// A place in the journal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Position {
    /// Life of the file.
    pub epoch: u64,
    /// Number of an event; 0 is before the first.
    pub number: u64,
}

/// What stands at a number.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A fact.
    Event(Event),
    /// So many numbers in a row, this one the last, that cannot be had any more.
    Omitted(u64),
}

/// One message to a subscriber.
#[derive(Debug, Clone, PartialEq)]
pub struct Numbered {
    /// Its key within the switch.
    pub position: Position,
    /// The stream does not continue where the subscriber stood.
    pub epoch_changed: bool,
    /// What it says.
    pub fact: Fact,
}

/// How far the disk is behind.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Backlog {
    /// Events that are not on the disk yet.
    pub waiting: usize,
    /// Diagnostic events given up since the start, for want of room.
    pub dropped: u64,
    /// Other events given up since the start, for want of room.
    pub lost: u64,
}

/// What the journal's handles and its writer share.
#[derive(Debug)]
struct Shared {
    pending: Mutex<Pending>,
    /// There is something to write.
    wake: Notify,
    /// What is on disk.
    committed: watch::Sender<Position>,
}

impl Shared {
    fn pending(&self) -> MutexGuard<'_, Pending> {
        // What is behind the lock is whole between any two statements, also when another thread panicked.
        self.pending.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The journal. Clones are the same journal; when the last is dropped, what waits is written and the file is closed.
#[derive(Debug, Clone)]
pub struct Journal {
    shared: Arc<Shared>,
    commands: mpsc::Sender<Command>,
    reader: Reader,
    switch_id: Arc<str>,
    commit_max: usize,
}

impl Journal {
    /// Opens or creates the file and starts its writer on the present tokio runtime.
    ///
    /// Also gives the calls that have begun and not ended: those of a run that was killed.
    ///
    /// # Errors
    /// [`JournalError::Locked`], [`JournalError::Corrupt`], [`JournalError::OtherSwitch`], or what the file refuses.
    pub async fn open(options: JournalOptions) -> Result<(Self, Vec<OpenCall>), JournalError> {
        let (file, start) = file::File::open(&options).await?;
        let reader = Reader::open(&options.file, false)?;
        let shared = Arc::new(Shared {
            pending: Mutex::new(Pending::new(start.head.number, options.memory_max)),
            wake: Notify::new(),
            committed: watch::Sender::new(start.head),
        });
        let open_calls = start.ledger.open();
        let (commands, orders) = mpsc::channel(COMMANDS_MAX);
        let switch_id = Arc::from(options.switch_id.as_str());
        let commit_max = options.commit_max;
        tokio::spawn(Writer::new(file, Arc::clone(&shared), start.ledger, options).run(orders));
        Ok((Self { shared, commands, reader, switch_id, commit_max }, open_calls))
    }

    /// The configured name of the switch.
    #[must_use]
    pub fn switch_id(&self) -> &str {
        &self.switch_id
    }

    /// Takes a fact and gives its number. Never blocks and never fails: see the limits above.
    pub fn append(&self, event: Event) -> u64 {
        let (number, waiting) = {
            let mut pending = self.shared.pending();
            (pending.push(event), pending.len())
        };
        // The first wakes the writer, which plans its commit; a full batch hurries it. Between them it sleeps.
        if waiting <= 1 || waiting >= self.commit_max {
            self.shared.wake.notify_one();
        }
        number
    }

    /// The epoch and the number last given by [`Self::append`]; it may not be on disk yet.
    #[must_use]
    pub fn head(&self) -> (u64, u64) {
        let epoch = self.shared.committed.borrow().epoch;
        (epoch, self.shared.pending().last_number())
    }

    /// What waits for the disk, and what was given up.
    #[must_use]
    pub fn backlog(&self) -> Backlog {
        let pending = self.shared.pending();
        let (dropped, lost) = pending.given_up();
        Backlog { waiting: pending.unwritten(), dropped, lost }
    }

    /// The position up to which everything is on disk.
    #[must_use]
    pub fn committed(&self) -> Position {
        *self.shared.committed.borrow()
    }

    /// Follows the journal after a position, or after the last acknowledgement of this name, or from the oldest event.
    /// Without a name nothing is kept for the subscriber.
    ///
    /// # Errors
    /// [`JournalError::Name`], [`JournalError::TooManySubscribers`], or what the file refuses.
    pub async fn subscribe(
        &self,
        subscriber: Option<&str>,
        after: Option<Position>,
    ) -> Result<Subscription, JournalError> {
        let subscriber = subscriber.map(checked_name).transpose()?;
        let start = self.order(|reply| Command::Subscribe { subscriber, after, reply }).await??;
        Ok(Subscription::new(self.reader.clone(), self.shared.committed.subscribe(), start))
    }

    /// Says that a subscriber has everything up to a number. What all have is deleted once it is old enough.
    ///
    /// # Errors
    /// [`JournalError::NotOffered`], [`JournalError::UnknownSubscriber`], or what the file refuses.
    pub async fn acknowledge(&self, subscriber: &str, upto: Position) -> Result<(), JournalError> {
        let subscriber = checked_name(subscriber)?;
        self.order(|reply| Command::Acknowledge { subscriber, upto, reply }).await?
    }

    /// Keeps nothing for this subscriber any more.
    ///
    /// # Errors
    /// [`JournalError::UnknownSubscriber`], or what the file refuses.
    pub async fn forget(&self, subscriber: &str) -> Result<(), JournalError> {
        let subscriber = checked_name(subscriber)?;
        self.order(|reply| Command::Forget { subscriber, reply }).await?
    }

    /// Waits until everything appended before is on disk. False when the file refused: the events wait in memory still.
    pub async fn flush(&self) -> bool {
        self.order(Command::Flush).await.unwrap_or(false)
    }

    /// Waits until the last handle is gone, everything is written and the file is closed. Other handles must be dropped
    /// by their owners; subscriptions end by themselves.
    pub async fn close(self) {
        let mut committed = self.shared.committed.subscribe();
        drop(self);
        while committed.changed().await.is_ok() {}
    }

    async fn order<T>(&self, command: impl FnOnce(oneshot::Sender<T>) -> Command) -> Result<T, JournalError> {
        let (reply, answer) = oneshot::channel();
        self.commands.send(command(reply)).await.map_err(|_| JournalError::Closed)?;
        answer.await.map_err(|_| JournalError::Closed)
    }
}

fn checked_name(name: &str) -> Result<String, JournalError> {
    let allowed = |c: u8| c.is_ascii_lowercase() || c.is_ascii_digit() || matches!(c, b'.' | b'_' | b'-');
    let good = (1..=SUBSCRIBER_CHARS_MAX).contains(&name.len()) && name.bytes().all(allowed);
    if good { Ok(name.to_owned()) } else { Err(JournalError::Name) }
}

//! The trace: every SIP message in and out, kept for a while in a SQLite file beside the journal, so that a call can
//! be explained afterwards.
//!
//! ```text
//! driver --message, name--> waiting (bounded) --every second--> writer: secrets masked --> SQLite file
//!                                                                 ^  |
//!                              gRPC switch_admin/v1 --read--------+  +--> messages of one call --> ladder, pcap
//! ```
//!
//! What it is not: nothing waits for it. The driver leaves a message under a lock that is held for the time of a
//! push; what finds no room is dropped and counted. A disk that refuses costs messages of the trace, never a call.

mod file;
pub mod ladder;
pub mod mask;
pub mod pcap;
#[cfg(test)]
mod tests;
mod writer;

use careline_model::CallId;
use careline_rpc::proto::switch_admin::v1::{Direction, TracedMessage};
use careline_sip::Flow;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};

/// Bytes of messages that wait for the writer; beyond it messages are dropped and counted. Two seconds of 1,500 calls
/// a second.
pub const WAITING_BYTES_MAX: usize = 48 * 1024 * 1024;
/// Messages and names that wait for the writer, whatever their size.
const WAITING_MAX: usize = 100_000;
/// Questions that wait for the writer.
const ASKS_MAX: usize = 4;
/// Messages of one call that are read; the rest is said to be missing.
pub const MESSAGES_MAX: usize = 5_000;
/// Longest Call-ID that is told from others, in bytes; RFC 3261 names no limit.
const CALL_ID_BYTES_MAX: usize = 256;

/// How a trace is kept.
#[derive(Debug, Clone)]
pub struct TraceOptions {
    /// The SQLite file.
    pub file: PathBuf,
    /// How long messages are kept.
    pub keep: Duration,
    /// The largest size of the file, in bytes.
    pub limit_bytes: u64,
}

/// The trace's file beside a journal's: `journal.db` has `journal-trace.db`.
#[must_use]
pub fn file_beside(journal: &Path) -> PathBuf {
    let stem = journal.file_stem().unwrap_or_default().to_string_lossy();
    journal.with_file_name(format!("{stem}-trace.db"))
}

/// Why a trace cannot be opened or read.
#[derive(Debug, thiserror::Error)]
pub enum TraceError {
    /// What the file refused.
    #[error("the trace's file: {0}")]
    File(#[from] sqlx::Error),
    /// Nothing is kept under this name.
    #[error("no message is kept of this call: it is older than [trace] keep_days, or its id is another")]
    Unknown,
    /// The last digits of an id that several calls share.
    #[error("several calls end like that: give the whole id")]
    Ambiguous,
    /// Too many ask at once.
    #[error("others are reading the trace: try again in a second")]
    Busy,
    /// The writer has ended.
    #[error("the switch ends")]
    Ended,
}

/// Which call is asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallName {
    /// All of its id.
    Whole(CallId),
    /// The last 12 hex digits, as `careline-switch events` prints them.
    Tail(String),
}

impl std::str::FromStr for CallName {
    type Err = BadCallName;

    fn from_str(text: &str) -> Result<Self, BadCallName> {
        if let Ok(call) = text.parse() {
            return Ok(Self::Whole(call));
        }
        let is_tail = text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if is_tail { Ok(Self::Tail(text.to_ascii_lowercase())) } else { Err(BadCallName) }
    }
}

/// A text that names no call.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("no call id: give the UUID of a call, or its last 12 hex digits")]
pub struct BadCallName;

/// The messages of one call.
#[derive(Debug, Clone, PartialEq)]
pub struct Traced {
    /// The call.
    pub call: CallId,
    /// In the order of their times; secrets are masked, the rest is as it was.
    pub messages: Vec<TracedMessage>,
    /// There were more than [`MESSAGES_MAX`].
    pub cut_short: bool,
}

/// One message as the driver leaves it.
#[derive(Debug)]
struct Message {
    at_us: i64,
    direction: Direction,
    flow: Flow,
    bytes: Vec<u8>,
}

/// What waits for the writer.
#[derive(Debug, Default)]
struct Waiting {
    messages: Vec<Message>,
    names: Vec<(String, CallId)>,
    bytes: usize,
}

#[derive(Debug, Default)]
struct Shared {
    waiting: Mutex<Waiting>,
    /// Something waits; said once for each batch.
    wake: Notify,
    dropped: AtomicU64,
}

impl Shared {
    fn leave(&self, bytes: usize, put: impl FnOnce(&mut Waiting)) {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let count = waiting.messages.len() + waiting.names.len();
        if count >= WAITING_MAX || waiting.bytes + bytes > WAITING_BYTES_MAX {
            drop(waiting);
            self.dropped.fetch_add(1, Ordering::Relaxed);
            return;
        }
        waiting.bytes += bytes;
        put(&mut waiting);
        drop(waiting);
        if count == 0 {
            self.wake.notify_one();
        }
    }

    /// Takes what waits and leaves an empty one with room in it.
    fn take(&self, empty: Waiting) -> Waiting {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        std::mem::replace(&mut *waiting, empty)
    }
}

enum Ask {
    Read(CallName, oneshot::Sender<Result<Traced, TraceError>>),
    Flush(oneshot::Sender<()>),
}

/// The trace, as the driver leaves messages in it and as it is asked. Clones are the same trace.
#[derive(Debug, Clone)]
pub struct Trace {
    shared: Arc<Shared>,
    asks: mpsc::Sender<Ask>,
}

impl Trace {
    /// Opens or makes the file, and starts the writer on the runtime that calls.
    ///
    /// # Errors
    /// When the file cannot be opened or is none of ours.
    pub async fn open(options: TraceOptions) -> Result<Self, TraceError> {
        let file = file::File::open(&options).await?;
        let shared = Arc::new(Shared::default());
        let (asks, asked) = mpsc::channel(ASKS_MAX);
        tokio::spawn(writer::Writer::new(shared.clone(), file).run(asked));
        Ok(Self { shared, asks })
    }

    /// A message arrived.
    pub fn received(&self, at_us: i64, flow: Flow, bytes: Vec<u8>) {
        self.message(Message { at_us, direction: Direction::In, flow, bytes });
    }

    /// A message was sent.
    pub fn sent(&self, at_us: i64, flow: Flow, bytes: Vec<u8>) {
        self.message(Message { at_us, direction: Direction::Out, flow, bytes });
    }

    fn message(&self, message: Message) {
        self.shared.leave(message.bytes.len(), |waiting| waiting.messages.push(message));
    }

    /// A leg of a call has this Call-ID on the wire.
    pub fn named(&self, sip_call_id: String, call: CallId) {
        self.shared.leave(sip_call_id.len(), |waiting| waiting.names.push((sip_call_id, call)));
    }

    /// Messages that were not kept since the start.
    #[must_use]
    pub fn dropped(&self) -> u64 {
        self.shared.dropped.load(Ordering::Relaxed)
    }

    /// The messages of one call, up to this moment.
    ///
    /// # Errors
    /// When nothing is kept of it, or the file cannot be read.
    pub async fn read(&self, call: CallName) -> Result<Traced, TraceError> {
        let (reply, answer) = oneshot::channel();
        self.asks.try_send(Ask::Read(call, reply)).map_err(|error| match error {
            mpsc::error::TrySendError::Full(_) => TraceError::Busy,
            mpsc::error::TrySendError::Closed(_) => TraceError::Ended,
        })?;
        answer.await.map_err(|_| TraceError::Ended)?
    }

    /// Writes what waits.
    pub async fn flush(&self) {
        let (reply, answer) = oneshot::channel();
        // A writer that has ended has written everything.
        if self.asks.send(Ask::Flush(reply)).await.is_ok() {
            let _ = answer.await;
        }
    }
}

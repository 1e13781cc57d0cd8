//! The one task that writes the trace's file and reads it.

use super::file::{Chunk, File};
use super::{Ask, CALL_ID_BYTES_MAX, Message, Shared, Waiting, mask};
use careline_rpc::proto::switch_admin::v1::TracedMessage;
use prost::Message as _;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::{Instant, MissedTickBehavior};

/// How long messages gather before they are written: one row then holds most of a leg.
const GATHER: Duration = Duration::from_secs(1);
/// How often old messages are looked for.
const TIDY_EVERY: Duration = Duration::from_secs(60);
/// Legs remembered as belonging to a call; of one that was forgotten the later messages go first when room is short.
const NAMED_MAX: usize = 20_000;

pub(super) struct Writer {
    shared: Arc<Shared>,
    file: File,
    named: BTreeSet<String>,
    named_order: VecDeque<String>,
    empty: Waiting,
    failing: bool,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, file: File) -> Self {
        let (named, named_order) = (BTreeSet::new(), VecDeque::new());
        Self { shared, file, named, named_order, empty: Waiting::default(), failing: false }
    }

    /// Writes and answers until the last [`super::Trace`] is gone.
    pub(super) async fn run(mut self, mut asks: mpsc::Receiver<Ask>) {
        let mut due: Option<Instant> = None;
        let mut tidy = tokio::time::interval(TIDY_EVERY);
        tidy.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            let write_at = due.unwrap_or_else(Instant::now);
            tokio::select! {
                () = self.shared.wake.notified(), if due.is_none() => due = Some(Instant::now() + GATHER),
                () = tokio::time::sleep_until(write_at), if due.is_some() => {
                    due = None;
                    self.write_waiting().await;
                }
                _ = tidy.tick() => self.tidy().await,
                ask = asks.recv() => {
                    self.write_waiting().await;
                    due = None;
                    match ask {
                        Some(Ask::Read(call, reply)) => {
                            // Who asked may be gone.
                            let _ = reply.send(self.file.read(&call).await);
                        }
                        Some(Ask::Flush(reply)) => {
                            let _ = reply.send(());
                        }
                        None => return self.file.close().await,
                    }
                }
            }
        }
    }

    async fn write_waiting(&mut self) {
        let mut waiting = self.shared.take(std::mem::take(&mut self.empty));
        if waiting.messages.is_empty() && waiting.names.is_empty() {
            self.empty = waiting;
            return;
        }
        let count = waiting.messages.len();
        for (leg, _) in &mut waiting.names {
            *leg = cut(std::mem::take(leg));
            self.remember(leg);
        }
        let chunks = chunks(waiting.messages.drain(..), &self.named);
        let written = self.file.write(&waiting.names, &chunks).await;
        if let Err(error) = &written {
            self.shared.dropped.fetch_add(u64::try_from(count).unwrap_or(u64::MAX), Ordering::Relaxed);
            if !self.failing {
                tracing::warn!(%error, "the trace cannot be written; calls go on, their messages are not kept");
            }
        }
        self.failing = written.is_err();
        waiting.names.clear();
        waiting.bytes = 0;
        self.empty = waiting;
    }

    async fn tidy(&mut self) {
        if let Err(error) = self.file.tidy().await {
            tracing::warn!(%error, "old messages of the trace cannot be deleted");
        }
    }

    fn remember(&mut self, leg: &str) {
        if !self.named.insert(leg.to_owned()) {
            return;
        }
        self.named_order.push_back(leg.to_owned());
        if self.named_order.len() > NAMED_MAX
            && let Some(oldest) = self.named_order.pop_front()
        {
            self.named.remove(&oldest);
        }
    }
}

/// The messages of one batch by leg, secrets masked, encoded one after the other.
fn chunks(messages: impl Iterator<Item = Message>, named: &BTreeSet<String>) -> Vec<Chunk> {
    let mut legs: BTreeMap<String, Chunk> = BTreeMap::new();
    for mut message in messages {
        // Without a Call-ID it is no SIP message, and nobody could ask for it.
        let Some(leg) = mask::call_id(&message.bytes) else { continue };
        let leg = cut(String::from_utf8_lossy(leg).into_owned());
        mask::secrets(&mut message.bytes);
        let chunk = legs.entry(leg).or_insert_with_key(|leg| Chunk {
            sip_call_id: leg.clone(),
            at_us: message.at_us,
            named: named.contains(leg),
            messages: Vec::new(),
        });
        let traced = TracedMessage {
            at_us: message.at_us,
            direction: message.direction.into(),
            transport: message.flow.transport.via_name().to_owned(),
            local: message.flow.local.to_string(),
            remote: message.flow.remote.to_string(),
            text: message.bytes,
            sip_call_id: String::new(),
        };
        traced.encode_length_delimited(&mut chunk.messages).expect("a Vec grows as needed");
    }
    legs.into_values().collect()
}

fn cut(mut leg: String) -> String {
    if leg.len() > CALL_ID_BYTES_MAX {
        let mut end = CALL_ID_BYTES_MAX;
        while !leg.is_char_boundary(end) {
            end -= 1;
        }
        leg.truncate(end);
    }
    leg
}

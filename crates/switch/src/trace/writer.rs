//! The one task that writes the trace's file and reads it.

use super::file::{Chunk, File};
use super::{Ask, CALL_ID_BYTES_MAX, Message, Shared, Waiting, mask};
use careline_rpc::proto::switch_admin::v1::TracedMessage;
use careline_sip::Flow;
use prost::Message as _;
use std::borrow::Cow;
use std::collections::{BTreeMap, HashMap, HashSet, VecDeque};
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
/// What a kept message mostly takes beside its text: time, way, lengths.
const FIELDS_BYTES: usize = 80;

pub(super) struct Writer {
    shared: Arc<Shared>,
    file: File,
    named: HashSet<String>,
    named_order: VecDeque<String>,
    empty: Waiting,
    failing: bool,
}

impl Writer {
    pub(super) fn new(shared: Arc<Shared>, file: File) -> Self {
        let (named, named_order) = (HashSet::new(), VecDeque::new());
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
            *leg = cut(Cow::Owned(std::mem::take(leg))).into_owned();
            self.remember(leg);
        }
        let chunks = chunks(&mut waiting.messages, &self.named);
        waiting.messages.clear();
        let written = self.file.write(&waiting.names, chunks).await;
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
fn chunks(messages: &mut [Message], named: &HashSet<String>) -> Vec<Chunk> {
    let mut chunks: Vec<Chunk> = Vec::new();
    // Where the chunk of each message is, and the room that each needs: thousands of legs a second are written, and
    // none is copied because it outgrew its place.
    let mut place_of = Vec::with_capacity(messages.len());
    let mut room: Vec<usize> = Vec::new();
    let mut by_leg: HashMap<String, usize> = HashMap::new();
    for message in messages.iter_mut() {
        // Without a Call-ID it is no SIP message, and nobody could ask for it.
        let Some(leg) = mask::secrets(&mut message.bytes) else {
            place_of.push(None);
            continue;
        };
        let leg = cut(String::from_utf8_lossy(&message.bytes[leg]));
        let place = by_leg.get(&*leg).copied().unwrap_or_else(|| {
            let leg = leg.into_owned();
            by_leg.insert(leg.clone(), chunks.len());
            let named = named.contains(&leg);
            chunks.push(Chunk { sip_call_id: leg, at_us: message.at_us, named, messages: Vec::new() });
            room.push(0);
            chunks.len() - 1
        });
        room[place] += message.bytes.len() + FIELDS_BYTES;
        place_of.push(Some(place));
    }
    for (chunk, room) in chunks.iter_mut().zip(room) {
        chunk.messages.reserve_exact(room);
    }
    // Few ways carry many messages: each is put into words once a batch.
    let mut ways: BTreeMap<Flow, TracedMessage> = BTreeMap::new();
    for (message, place) in messages.iter_mut().zip(place_of) {
        let Some(place) = place else { continue };
        let traced = ways.entry(message.flow).or_insert_with_key(|flow| TracedMessage {
            transport: flow.transport.via_name().to_owned(),
            local: flow.local.to_string(),
            remote: flow.remote.to_string(),
            ..TracedMessage::default()
        });
        traced.at_us = message.at_us;
        traced.direction = message.direction.into();
        traced.text = std::mem::take(&mut message.bytes);
        traced.encode_length_delimited(&mut chunks[place].messages).expect("a Vec grows as needed");
    }
    chunks
}

/// Of a Call-ID that is longer than any device makes, its beginning names the leg.
fn cut(leg: Cow<'_, str>) -> Cow<'_, str> {
    if leg.len() <= CALL_ID_BYTES_MAX {
        return leg;
    }
    let mut end = CALL_ID_BYTES_MAX;
    while !leg.is_char_boundary(end) {
        end -= 1;
    }
    Cow::Owned(leg[..end].to_owned())
}

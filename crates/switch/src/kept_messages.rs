//! Messages that are not handled, kept over a restart: a log beside the journal, made of the same events as the journal.
//!
//! One JSON object a line; the last one of a message counts. A line is in the kernel's hands as soon as it is written, so
//! that a killed process loses nothing; a line that a lost machine cut short is skipped, and the desk has the event.

use anyhow::Context;
use careline_model::event::MessageState;
use careline_model::{CallId, Event, EventBody, MailboxId, RecordingId};
use careline_switchboard::KeptMessage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::sync::mpsc::{Receiver, SyncSender, TrySendError, sync_channel};

/// Changes that wait for the writer; beyond it one is left out, which is told.
const QUEUE_MAX: usize = 4096;
/// The log is written anew when it has so many lines, and twice as many as it has to hold.
const LINES_MAX: usize = 10_000;
/// Owner may read and write.
const PRIVATE: u32 = 0o600;

/// The log. Dropping it ends its thread after what waits is written.
#[derive(Debug)]
pub struct Messages {
    queue: SyncSender<Line>,
    left_out: u64,
}

impl Messages {
    /// Opens `messages.jsonl` beside the journal and gives the messages that were not handled when the switch ended.
    ///
    /// # Errors
    /// When the file cannot be read or written, or no thread can be started.
    pub fn open(journal: &Path) -> anyhow::Result<(Self, Vec<KeptMessage>)> {
        let file = journal.with_file_name("messages.jsonl");
        let log = Log::open(&file).with_context(|| format!("failed to open {}", file.display()))?;
        let kept = log.latest.values().cloned().map(KeptMessage::from).collect();
        let (queue, changes) = sync_channel(QUEUE_MAX);
        std::thread::Builder::new().name("kept-messages".to_owned()).spawn(move || log.follow(&changes))?;
        Ok((Self { queue, left_out: 0 }, kept))
    }

    /// Notes what an event says of a message; never waits.
    pub fn note(&mut self, event: &Event) {
        let Some(line) = Line::of(event) else { return };
        if let Err(TrySendError::Full(_) | TrySendError::Disconnected(_)) = self.queue.try_send(line) {
            self.left_out += 1;
            if self.left_out.is_power_of_two() {
                tracing::error!(
                    left_out = self.left_out,
                    "messages are not kept over a restart: the disk is behind"
                );
            }
        }
    }
}

/// The message that an event tells of.
pub(crate) fn kept_of(event: &Event) -> Option<KeptMessage> {
    Line::of(event).filter(|line| line.left.is_some()).map(KeptMessage::from)
}

/// A message, or what became of it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
struct Line {
    recording: RecordingId,
    call: CallId,
    mailbox: MailboxId,
    /// Of the message; nothing in a change of one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    left: Option<Left>,
    state: MessageState,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    by: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
struct Left {
    at_us: i64,
    duration_ms: u64,
    urgent: bool,
}

impl Line {
    fn of(event: &Event) -> Option<Self> {
        match &event.body {
            EventBody::VoicemailLeft { call, mailbox, recording, duration_ms, urgent, .. } => Some(Self {
                recording: recording.clone(),
                call: *call,
                mailbox: mailbox.clone(),
                left: Some(Left { at_us: event.at_us, duration_ms: *duration_ms, urgent: *urgent }),
                state: MessageState::Open,
                by: None,
            }),
            EventBody::VoicemailMoved { call, mailbox, recording, state, by } => Some(Self {
                recording: recording.clone(),
                call: *call,
                mailbox: mailbox.clone(),
                left: None,
                state: *state,
                by: by.clone().filter(|_| *state == MessageState::Claimed),
            }),
            _ => None,
        }
    }
}

impl From<Line> for KeptMessage {
    fn from(line: Line) -> Self {
        let Left { at_us, duration_ms, urgent } =
            line.left.unwrap_or(Left { at_us: 0, duration_ms: 0, urgent: false });
        Self {
            recording: line.recording,
            call: line.call,
            mailbox: line.mailbox,
            left_us: at_us,
            duration_ms,
            urgent,
            state: line.state,
            by: line.by,
        }
    }
}

/// The file and what it says.
struct Log {
    name: PathBuf,
    file: File,
    lines: usize,
    latest: BTreeMap<RecordingId, Line>,
}

impl Log {
    fn open(name: &Path) -> io::Result<Self> {
        let text = match std::fs::read(name) {
            Ok(text) => text,
            Err(error) if error.kind() == io::ErrorKind::NotFound => Vec::new(),
            Err(error) => return Err(error),
        };
        let mut latest = BTreeMap::new();
        for line in String::from_utf8_lossy(&text).lines() {
            if let Ok(line) = serde_json::from_str(line) {
                apply(&mut latest, line);
            }
        }
        Self::anew(name.to_path_buf(), latest)
    }

    /// Writes the file with what is true alone, whole or not at all.
    fn anew(name: PathBuf, latest: BTreeMap<RecordingId, Line>) -> io::Result<Self> {
        let new = name.with_extension("new");
        match std::fs::remove_file(&new) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
            _ => {}
        }
        let mut out = OpenOptions::new().write(true).create_new(true).mode(PRIVATE).open(&new)?;
        for line in latest.values() {
            writeln!(out, "{}", serde_json::to_string(line)?)?;
        }
        out.sync_all()?;
        std::fs::rename(&new, &name)?;
        let file = OpenOptions::new().append(true).open(&name)?;
        Ok(Self { name, file, lines: latest.len(), latest })
    }

    fn follow(mut self, changes: &Receiver<Line>) {
        let mut failing = false;
        while let Ok(change) = changes.recv() {
            let done = self.write(change);
            if let (Err(error), false) = (&done, failing) {
                tracing::error!(%error, "messages cannot be kept over a restart; the desk has them");
            }
            failing = done.is_err();
        }
    }

    fn write(&mut self, change: Line) -> io::Result<()> {
        let text = serde_json::to_string(&change)?;
        apply(&mut self.latest, change);
        self.file.write_all(format!("{text}\n").as_bytes())?;
        self.lines += 1;
        if self.lines > LINES_MAX && self.lines > self.latest.len() * 2 {
            *self = Self::anew(self.name.clone(), std::mem::take(&mut self.latest))?;
        }
        Ok(())
    }
}

fn apply(latest: &mut BTreeMap<RecordingId, Line>, change: Line) {
    if change.state == MessageState::Handled {
        latest.remove(&change.recording);
    } else if change.left.is_some() {
        latest.insert(change.recording.clone(), change);
    } else if let Some(known) = latest.get_mut(&change.recording) {
        (known.state, known.by) = (change.state, change.by);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn call() -> CallId {
        "0190a5b0-1111-7abc-8def-0123456789ab".parse().unwrap()
    }

    fn left(recording: &str) -> Event {
        let (mailbox, recording) = ("general".into(), recording.into());
        let (duration_ms, urgent, due_at_us) = (4000, true, 9);
        let (call, queue, agent) = (call(), Some("general".into()), None);
        let body = EventBody::VoicemailLeft {
            call,
            mailbox,
            recording,
            queue,
            agent,
            duration_ms,
            urgent,
            due_at_us,
        };
        Event { at_us: 5, body }
    }

    fn moved(recording: &str, state: MessageState, by: &str) -> Event {
        let (mailbox, recording, by) = ("general".into(), recording.into(), Some(by.to_owned()));
        Event { at_us: 6, body: EventBody::VoicemailMoved { call: call(), mailbox, recording, state, by } }
    }

    #[test]
    fn what_is_not_handled_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let journal = folder.path().join("journal.db");
        let (mut messages, kept) = Messages::open(&journal).unwrap();
        assert!(kept.is_empty());
        for event in [
            left("m-1"),
            left("m-2"),
            left("m-3"),
            moved("m-1", MessageState::Claimed, "1001"),
            moved("m-2", MessageState::Handled, "1001"),
            moved("m-3", MessageState::Archived, "1001"),
        ] {
            messages.note(&event);
        }
        drop(messages);
        let deadline = std::time::Instant::now() + std::time::Duration::from_secs(10);
        let lines = || std::fs::read_to_string(folder.path().join("messages.jsonl")).unwrap().lines().count();
        while lines() < 6 {
            assert!(std::time::Instant::now() < deadline, "the log is not written");
            std::thread::yield_now();
        }
        let torn = b"{\"recording\":\"m-4\",\"ca";
        let file = folder.path().join("messages.jsonl");
        OpenOptions::new().append(true).open(file).unwrap().write_all(torn).unwrap();
        let (_, kept) = Messages::open(&journal).unwrap();
        let told: Vec<_> =
            kept.iter().map(|one| (one.recording.as_str(), one.state, one.by.as_deref())).collect();
        let claimed = ("m-1", MessageState::Claimed, Some("1001"));
        assert_eq!(told, [claimed, ("m-3", MessageState::Archived, None)]);
        assert_eq!((kept[0].left_us, kept[0].duration_ms, kept[0].urgent), (5, 4000, true));
        assert_eq!(lines(), 2, "written anew");
    }
}

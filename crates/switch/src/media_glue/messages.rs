//! Reads recordings from the disk for who wants to hear them by phone: a thread of its own, so that neither the driver nor
//! a media thread waits for a disk.

use crate::grpc::{RecordingsOptions, recording_file};
use careline_media::{LegId, Player, Sound};
use careline_model::RecordingId;
use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

/// Recordings that wait to be read; of more, each is over at once.
const WAITING_MAX: usize = 64;

struct Job {
    leg: LegId,
    playback: u64,
    recording: RecordingId,
}

/// The thread's inbox. Dropping it ends the thread when it has read what it reads.
#[derive(Debug)]
pub(super) struct MessageReader {
    jobs: SyncSender<Job>,
}

impl std::fmt::Debug for Job {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Job({})", self.recording)
    }
}

impl MessageReader {
    pub(super) fn start(options: RecordingsOptions, player: Player) -> io::Result<Self> {
        let (jobs, waiting) = sync_channel(WAITING_MAX);
        let body = move || read(&options, &player, &waiting);
        std::thread::Builder::new().name("messages".to_owned()).spawn(body)?;
        Ok(Self { jobs })
    }

    /// Plays a recording soon. False when too many wait.
    pub(super) fn play(&self, leg: LegId, playback: u64, recording: RecordingId) -> bool {
        self.jobs.try_send(Job { leg, playback, recording }).is_ok()
    }
}

fn read(options: &RecordingsOptions, player: &Player, waiting: &Receiver<Job>) {
    while let Ok(Job { leg, playback, recording }) = waiting.recv() {
        let sound = recording_file(recording.as_str(), options)
            .and_then(|file| Sound::of_recording(&file).map_err(anyhow::Error::from));
        let sound = match sound {
            Ok(sound) => Some(Arc::new(sound)),
            Err(error) => {
                tracing::warn!(%recording, error = format!("{error:#}"), "a recording cannot be played");
                None
            }
        };
        if player.play(leg, playback, sound).is_err() {
            // The caller's own deadline leads on.
            tracing::error!(%recording, "the media engine's command queue is full");
        }
    }
}

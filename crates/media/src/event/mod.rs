//! What the engine reports, and the bounded queue through which it does.
//!
//! Each media thread and the recorder put events into one bounded channel and ring an eventfd. When the channel
//! is full, statistics (`LegClosed`, `Quality`) are dropped and counted; everything else waits in the sender's own backlog
//! of [`EVENT_BACKLOG_MAX`] and is tried again at the next turn, in order. When the backlog is full as well, events
//! are dropped and counted, with one exception: events about recordings are always kept (there is at most a
//! handful per recording), and the side-car on disk holds the same facts. An event that finds the reader in the middle
//! of a step waits in the backlog as well: a media thread waits for nobody.

use std::collections::VecDeque;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use careline_audio::busy::LineTone;
use rustix::event::{EventfdFlags, eventfd};

use crate::channel::{Receiver, Refused, Sender, channel};
use crate::command::LegId;

/// Events that may wait for the switch.
pub const EVENTS_MAX: usize = 8192;
/// Events that one sender keeps when the channel is full.
pub const EVENT_BACKLOG_MAX: usize = 16_384;

/// What happened.
#[derive(Clone, PartialEq, Debug)]
#[non_exhaustive]
pub enum MediaEvent {
    /// The first packet from a validated source was accepted.
    FirstPacket {
        /// The leg.
        leg: LegId,
    },
    /// A key was pressed (RFC 4733) and let go.
    Digit {
        /// The leg.
        leg: LegId,
        /// `0`-`9`, `*`, `#`, `A`-`D`.
        digit: char,
        /// How long, milliseconds.
        duration_ms: u32,
    },
    /// The leg's line has this to say (`WatchTones`).
    Tone {
        /// The leg.
        leg: LegId,
        /// What was heard.
        tone: LineTone,
    },
    /// The last frame of a playback went out.
    PlaybackDone {
        /// The leg.
        leg: LegId,
        /// As given in `Play`.
        playback: u64,
    },
    /// No valid packet for the media time-out. Once per silence.
    TimedOut {
        /// The leg.
        leg: LegId,
    },
    /// Packets came again after `TimedOut`.
    Resumed {
        /// The leg.
        leg: LegId,
    },
    /// Since the bridge was made, valid packets came from both sides: two-way media is confirmed.
    Bridged {
        /// The leg with the lower id.
        a: LegId,
        /// The other.
        b: LegId,
    },
    /// A bridge or recording over two legs on different threads, or over a leg that is not open, was refused.
    Refused {
        /// One leg.
        a: LegId,
        /// The other.
        b: LegId,
        /// Why.
        reason: &'static str,
    },
    /// The file exists and is being written.
    RecordingStarted {
        /// Recording.
        id: Arc<str>,
        /// The WAV file.
        path: PathBuf,
    },
    /// The file is closed, on disk, and its side-car says so.
    RecordingFinished {
        /// Recording.
        id: Arc<str>,
        /// The WAV file.
        path: PathBuf,
        /// Length of the audio.
        duration_ms: u64,
        /// Size of the file.
        bytes: u64,
        /// SHA-256 of the file, lower-case hex.
        sha256: String,
        /// Nothing is missing.
        complete: bool,
        /// Audio replaced by silence because it could not be written.
        lost_ms: u64,
    },
    /// Something of this recording could not be written. Once per recording.
    RecordingIncomplete {
        /// Recording.
        id: Arc<str>,
        /// Why, for operators.
        reason: String,
    },
    /// How good the last seconds were, every five seconds.
    Quality {
        /// The leg.
        leg: LegId,
        /// What the leg saw since its beginning.
        stats: LegStats,
        /// Both directions.
        quality: Quality,
    },
    /// Something is heard in a recording that tells of it: at once, and every half second while it lasts.
    Heard {
        /// Recording.
        id: Arc<str>,
    },
    /// A paused recording went on by itself, after the longest pause that is allowed.
    RecordingResumed {
        /// Recording.
        id: Arc<str>,
    },
    /// The leg is gone; its counters.
    LegClosed {
        /// The leg.
        leg: LegId,
        /// What it saw.
        stats: LegStats,
        /// How good the whole of it was.
        quality: Quality,
    },
}

/// How good a leg was over some time, by RTCP (RFC 3550) and the E-model (ITU-T G.107).
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Quality {
    /// From the peer to us, as we measured it.
    pub inbound: Reception,
    /// From us to the peer, as it reported; `None` when it never did.
    pub outbound: Option<Reception>,
    /// To the peer and back.
    pub round_trip: Option<Duration>,
}

/// One direction.
#[derive(Clone, Copy, PartialEq, Default, Debug)]
pub struct Reception {
    /// Share of packets that never came, 0 to 1.
    pub loss: f64,
    /// Interarrival jitter at the receiving end, milliseconds.
    pub jitter_ms: f64,
    /// Transmission rating, 0 to 93.2; 0 also stands for a leg on which nothing was measured.
    pub r: f64,
    /// Mean opinion score, 1 to 4.41.
    pub mos: f64,
}

/// Counters of one leg.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct LegStats {
    /// Valid packets accepted from the latched source.
    pub received: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets from a source that is not the latched one.
    pub strangers: u64,
    /// Datagrams that are no RTP or of a payload type that was not negotiated.
    pub ignored: u64,
    /// Sequence numbers that never came.
    pub lost: u64,
    /// Packets that came twice.
    pub duplicates: u64,
    /// Packets that came after a later one.
    pub reordered: u64,
    /// Sends the network refused.
    pub send_errors: u64,
    /// Receives that failed, mostly "connection refused" by the peer's host.
    pub receive_errors: u64,
    /// Times the source of the stream changed.
    pub relatched: u64,
    /// Paced frames that were left out because the thread woke too late.
    pub frames_skipped: u64,
}

/// The sending half; one per thread.
#[derive(Debug)]
pub(crate) struct EventSender {
    channel: Sender<MediaEvent>,
    wake: Arc<OwnedFd>,
    backlog: VecDeque<MediaEvent>,
    dropped: Arc<AtomicU64>,
}

impl Clone for EventSender {
    fn clone(&self) -> Self {
        Self {
            channel: self.channel.clone(),
            wake: Arc::clone(&self.wake),
            backlog: VecDeque::new(),
            dropped: Arc::clone(&self.dropped),
        }
    }
}

impl EventSender {
    /// Reports, or keeps for later as the module says.
    pub(crate) fn send(&mut self, event: MediaEvent) {
        self.flush();
        // Statistics of the dead wake nobody: they are read with the next event.
        let urgent = !matches!(event, MediaEvent::LegClosed { .. } | MediaEvent::Quality { .. });
        if self.backlog.is_empty() {
            match self.channel.offer(event) {
                Ok(()) if urgent => self.ring(),
                Ok(()) => {}
                Err(Refused::Full(event)) => self.keep(event),
                Err(Refused::Busy(event)) => self.backlog.push_back(event),
                Err(Refused::Closed(_)) => {}
            }
        } else {
            self.keep(event);
        }
    }

    /// Tries the backlog again.
    pub(crate) fn flush(&mut self) {
        while let Some(event) = self.backlog.pop_front() {
            match self.channel.offer(event) {
                Ok(()) => self.ring(),
                Err(Refused::Full(event) | Refused::Busy(event)) => {
                    self.backlog.push_front(event);
                    return;
                }
                Err(Refused::Closed(_)) => self.backlog.clear(),
            }
        }
    }

    fn keep(&mut self, event: MediaEvent) {
        let droppable = match event {
            MediaEvent::LegClosed { .. } | MediaEvent::Quality { .. } => true,
            MediaEvent::RecordingStarted { .. }
            | MediaEvent::RecordingFinished { .. }
            | MediaEvent::RecordingIncomplete { .. }
            | MediaEvent::RecordingResumed { .. } => false,
            MediaEvent::FirstPacket { .. }
            | MediaEvent::Digit { .. }
            | MediaEvent::Tone { .. }
            | MediaEvent::Heard { .. }
            | MediaEvent::PlaybackDone { .. }
            | MediaEvent::TimedOut { .. }
            | MediaEvent::Resumed { .. }
            | MediaEvent::Bridged { .. }
            | MediaEvent::Refused { .. } => self.backlog.len() >= EVENT_BACKLOG_MAX,
        };
        if droppable {
            self.dropped.fetch_add(1, Ordering::Relaxed);
        } else {
            self.backlog.push_back(event);
        }
    }

    fn ring(&self) {
        // The only possible failure is a full counter, and then the reader has been woken already.
        let _ = rustix::io::write(&*self.wake, &1u64.to_ne_bytes());
    }
}

/// The receiving half. `as_fd` is readable when there may be events: register it with an event loop, and on
/// readiness call [`EventReceiver::try_recv`] until it gives `None`, which also clears the readiness.
#[derive(Debug)]
pub struct EventReceiver {
    channel: Receiver<MediaEvent>,
    wake: Arc<OwnedFd>,
}

impl EventReceiver {
    /// The next event, if there is one. Never blocks.
    pub fn try_recv(&mut self) -> Option<MediaEvent> {
        if let Ok(event) = self.channel.try_recv() {
            return Some(event);
        }
        // Clear first, look again then: an event between the two rings anew or is found here.
        let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        self.channel.try_recv().ok()
    }
}

impl AsFd for EventReceiver {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.wake.as_fd()
    }
}

impl std::os::fd::AsRawFd for EventReceiver {
    fn as_raw_fd(&self) -> std::os::fd::RawFd {
        std::os::fd::AsRawFd::as_raw_fd(&*self.wake)
    }
}

/// Makes the queue; the counter says how many events were dropped.
pub(crate) fn event_queue() -> rustix::io::Result<(EventSender, EventReceiver, Arc<AtomicU64>)> {
    let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
    let (sender, receiver) = channel(EVENTS_MAX);
    let dropped = Arc::new(AtomicU64::new(0));
    let sender = EventSender {
        channel: sender,
        wake: Arc::clone(&wake),
        backlog: VecDeque::new(),
        dropped: Arc::clone(&dropped),
    };
    Ok((sender, EventReceiver { channel: receiver, wake }, dropped))
}

#[cfg(test)]
mod tests;

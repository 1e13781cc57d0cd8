//! The engine as the switch sees it: start it, send commands, read events, shut it down.

use std::collections::BTreeMap;
use std::os::fd::OwnedFd;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::mpsc::TrySendError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;

use rustix::event::{EventfdFlags, eventfd};

use crate::channel::{Sender, channel};
use crate::command::{Command, LegId};
use crate::config::MediaConfig;
use crate::event::{EventReceiver, EventSender, MediaEvent, event_queue};
use crate::mixer::pool::Pool;
use crate::prompts::{Prompts, Sound};
use crate::recorder::{Recorder, RecorderStats};
use crate::worker::{Counters, Door, Order, Ties, Worker};

/// Commands that may wait for one media thread.
pub const COMMANDS_MAX: usize = 4096;

/// Why the engine did not start.
#[derive(Debug, thiserror::Error)]
pub enum MediaError {
    /// A file descriptor (eventfd, epoll, timer) was refused.
    #[error("failed to set up the event loop of the media engine")]
    EventLoop(#[source] std::io::Error),
    /// A thread was refused.
    #[error("failed to start a media thread")]
    Thread(#[source] std::io::Error),
    /// The recordings folder can neither be found nor made.
    #[error("failed to prepare the recordings folder {path}")]
    Recordings {
        /// Which folder.
        path: std::path::PathBuf,
        /// Why.
        #[source]
        source: std::io::Error,
    },
    /// A configured value is out of its range.
    #[error("media configuration: {0}")]
    Config(&'static str),
}

impl From<rustix::io::Errno> for MediaError {
    fn from(error: rustix::io::Errno) -> Self {
        Self::EventLoop(error.into())
    }
}

/// The command was not taken: [`COMMANDS_MAX`] are waiting already. The command is lost; a caller that cannot go on
/// without it ends the call.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
#[error("the media thread's command queue is full")]
pub struct QueueFull;

/// Totals since the start, over all threads.
#[derive(Clone, Copy, PartialEq, Eq, Default, Debug)]
pub struct Stats {
    /// Legs open now.
    pub legs: u64,
    /// Datagrams received.
    pub received: u64,
    /// Packets sent.
    pub sent: u64,
    /// Packets forwarded from one leg to another or echoed.
    pub relayed: u64,
    /// Datagrams that are no RTP.
    pub refused_malformed: u64,
    /// Packets whose tag was wrong, on encrypted legs, or that came twice.
    pub refused_unauthentic: u64,
    /// Packets of a payload type that nobody negotiated.
    pub refused_unknown: u64,
    /// Packets of another source than the peer, or before it was known.
    pub refused_strangers: u64,
    /// RTCP from nobody who may send it, or that makes no sense.
    pub refused_control: u64,
    /// Sends that failed.
    pub send_errors: u64,
    /// Receives that failed.
    pub receive_errors: u64,
    /// Frames of prompts or music left out because a thread woke too late. Growth means overload.
    pub frames_skipped: u64,
    /// Worst lateness of a tick since the start, microseconds.
    pub tick_late_us_max: u64,
    /// Turns of the 2 ms grid that sent something and came more than 1 ms late.
    pub turns_late: u64,
    /// Times a thread woke up.
    pub wakes: u64,
    /// Looks at sockets whose packet was due.
    pub looks: u64,
    /// Those of them in vain. Many, next to the looks: packets come with much jitter, or not at all.
    pub looks_in_vain: u64,
    /// Commands for legs that are not open.
    pub commands_ignored: u64,
    /// Prompt names that are not in the store.
    pub prompts_missing: u64,
    /// Events dropped because nobody read them.
    pub events_dropped: u64,
    /// Recordings open now.
    pub recordings: u64,
    /// Pieces of recordings on their way to the disk.
    pub chunks_flying: u64,
    /// Pieces of recordings that were not written (queue or disk full).
    pub chunks_lost: u64,
    /// Room on the file system of the recordings, in bytes; 0 also when it is not known.
    pub free_bytes: u64,
    /// 1 while the disk is below the watermark or refuses writes.
    pub disk_full: u64,
}

impl Stats {
    /// Datagrams that were of no use, whatever the reason.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused_malformed
            + self.refused_unauthentic
            + self.refused_unknown
            + self.refused_strangers
            + self.refused_control
    }
}

struct Thread {
    orders: Sender<Order>,
    wake: Arc<OwnedFd>,
    /// Something was posted and the thread was not woken for it yet.
    posted: AtomicBool,
    counters: Arc<Counters>,
    handle: JoinHandle<()>,
}

impl std::fmt::Debug for Thread {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Thread").field("counters", &self.counters).finish_non_exhaustive()
    }
}

/// The running engine. Dropping it is the same as [`Engine::shutdown`].
#[derive(Debug)]
pub struct Engine {
    threads: Vec<Thread>,
    /// Which thread has which leg. Touched by commands only, never by a packet.
    routes: Arc<Mutex<BTreeMap<LegId, usize>>>,
    refusals: Mutex<EventSender>,
    events_dropped: Arc<AtomicU64>,
    pool: Option<Pool>,
    recorder: Option<Recorder>,
    recorder_stats: Arc<RecorderStats>,
}

impl Engine {
    /// Starts the threads. The recordings folder is made when it is missing. Run [`crate::repair`] before.
    ///
    /// # Errors
    /// What the system refused, or a configured value out of range.
    pub fn start(config: MediaConfig, prompts: Arc<Prompts>) -> Result<(Self, EventReceiver), MediaError> {
        if config.threads == 0 || config.threads > 64 {
            return Err(MediaError::Config("threads must be 1 to 64"));
        }
        if config.tick.as_millis() > 20 {
            return Err(MediaError::Config("tick must be 0 to 20 ms"));
        }
        let (events, receiver, events_dropped) = event_queue()?;
        let recorder = Recorder::start(config.recordings.clone(), events.clone())?;
        let recorder_stats = recorder.stats();
        let pool = Pool::start(config.codec_threads.clamp(1, 64))?;
        let mut threads = Vec::with_capacity(config.threads);
        for index in 0..config.threads {
            let wake = Arc::new(eventfd(0, EventfdFlags::NONBLOCK | EventfdFlags::CLOEXEC)?);
            let (orders, inbox) = channel(COMMANDS_MAX);
            let counters = Arc::new(Counters::default());
            let ties = Ties {
                orders: inbox,
                wake: Arc::clone(&wake),
                events: events.clone(),
                feed: recorder.feed(),
                counters: Arc::clone(&counters),
                pool: pool.handle(),
            };
            let worker = Worker::new(config.clone(), Arc::clone(&prompts), ties)?;
            let handle = std::thread::Builder::new()
                .name(format!("media-{index}"))
                .spawn(move || worker.run(index))
                .map_err(MediaError::Thread)?;
            threads.push(Thread { orders, wake, posted: AtomicBool::new(false), counters, handle });
        }
        let engine = Self {
            threads,
            routes: Arc::default(),
            refusals: Mutex::new(events),
            events_dropped,
            pool: Some(pool),
            recorder: Some(recorder),
            recorder_stats,
        };
        Ok((engine, receiver))
    }

    /// Hands a command to the thread that owns the leg. Never blocks on the network or the disk.
    ///
    /// # Errors
    /// [`QueueFull`]: the command was not taken.
    pub fn send(&self, command: Command) -> Result<(), QueueFull> {
        self.post(command)?;
        self.wake();
        Ok(())
    }

    /// As [`Engine::send`], but the thread need not look before [`Engine::wake`]: several commands, one wake-up.
    ///
    /// # Errors
    /// [`QueueFull`]: the command was not taken.
    pub fn post(&self, command: Command) -> Result<(), QueueFull> {
        if let Command::Regroup { leg, call } = command {
            return self.regroup(leg, call);
        }
        let Some(index) = self.route(&command) else { return Ok(()) };
        let thread = &self.threads[index];
        let closed = if let Command::Close { leg } = command { Some(leg) } else { None };
        match thread.orders.try_send(Order::Command(command)) {
            Ok(()) => {
                thread.posted.store(true, Ordering::Relaxed);
                if let Some(leg) = closed {
                    self.routes.lock().unwrap_or_else(PoisonError::into_inner).remove(&leg);
                }
                Ok(())
            }
            Err(TrySendError::Full(order) | TrySendError::Disconnected(order)) => {
                if let Order::Command(Command::Open { leg, .. }) = order {
                    self.routes.lock().unwrap_or_else(PoisonError::into_inner).remove(&leg);
                }
                Err(QueueFull)
            }
        }
    }

    /// A way in for whoever loads sound beside the driver: it only plays.
    #[must_use]
    pub fn player(&self) -> Player {
        let threads = self.threads.iter();
        Player {
            threads: threads.map(|thread| (thread.orders.clone(), Arc::clone(&thread.wake))).collect(),
            routes: Arc::clone(&self.routes),
        }
    }

    /// Moves a leg to another group, and to the thread of that group.
    fn regroup(&self, leg: LegId, call: u64) -> Result<(), QueueFull> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let from = routes.get(&leg).copied().unwrap_or(0);
        let to = (call % self.threads.len() as u64) as usize;
        if from == to || !routes.contains_key(&leg) {
            return self.give(from, Order::Command(Command::Regroup { leg, call }));
        }
        let (taker, giver) = (&self.threads[to], &self.threads[from]);
        let door = Door { orders: taker.orders.clone(), wake: Arc::clone(&taker.wake) };
        // What is ordered for the leg from now on waits at the new thread until the old one has let go of it.
        self.give(to, Order::Expect(leg))?;
        if giver.orders.try_send(Order::HandOver { leg, group: call, door }).is_err() {
            let _ = self.give(to, Order::Adopt { leg, handed: None });
            return Err(QueueFull);
        }
        giver.posted.store(true, Ordering::Relaxed);
        routes.insert(leg, to);
        Ok(())
    }

    fn give(&self, index: usize, order: Order) -> Result<(), QueueFull> {
        let thread = &self.threads[index];
        thread.orders.try_send(order).map_err(|_| QueueFull)?;
        thread.posted.store(true, Ordering::Relaxed);
        Ok(())
    }

    /// Wakes the threads to which something was posted since the last wake-up.
    pub fn wake(&self) {
        for thread in self.threads.iter().filter(|thread| thread.posted.swap(false, Ordering::Relaxed)) {
            wake(&thread.wake);
        }
    }

    /// Totals of all threads; at most one turn old.
    pub fn stats(&self) -> Stats {
        let mut stats = Stats {
            events_dropped: self.events_dropped.load(Ordering::Relaxed),
            ..self.recorder_stats.totals()
        };
        for thread in &self.threads {
            thread.counters.add_to(&mut stats);
        }
        stats
    }

    /// Closes all legs, finishes all recordings, joins all threads. Events of the end can still be read afterwards.
    pub fn shutdown(mut self) {
        self.stop();
    }

    /// The thread for a command; `None` when the command is refused, which has been reported then.
    fn route(&self, command: &Command) -> Option<usize> {
        let mut routes = self.routes.lock().unwrap_or_else(PoisonError::into_inner);
        let of = |leg: &LegId| routes.get(leg).copied();
        match command {
            Command::Open { leg, call, .. } => {
                let index = (call % self.threads.len() as u64) as usize;
                routes.insert(*leg, index);
                Some(index)
            }
            Command::Close { leg }
            | Command::Remote { leg, .. }
            | Command::Play { leg, .. }
            | Command::PlaySound { leg, .. }
            | Command::StopPlay { leg }
            | Command::Music { leg, .. }
            | Command::Echo { leg, .. }
            | Command::Overhear { leg, .. }
            | Command::Regroup { leg, .. }
            | Command::SendKey { leg, .. }
            | Command::WatchTones { leg, .. }
            | Command::SeekKeys { leg, .. }
            | Command::MaskDigits { leg, .. } => Some(of(leg).unwrap_or(0)),
            Command::Bridge { a, b } | Command::Record { left: a, right: b, .. } => match (of(a), of(b)) {
                (Some(one), Some(other)) if one == other => Some(one),
                (Some(_), Some(_)) => self.refuse(*a, *b, "the legs belong to different media threads"),
                (None, _) | (_, None) => self.refuse(*a, *b, "a leg is not open"),
            },
            Command::RecordOne { leg, .. } => match of(leg) {
                Some(index) => Some(index),
                None => self.refuse(*leg, *leg, "the leg is not open"),
            },
            Command::Unbridge { a, b } => Some(of(a).or(of(b)).unwrap_or(0)),
            Command::StopRecording { id } => {
                self.ask_others(|| Command::StopRecording { id: Arc::clone(id) });
                Some(0)
            }
            Command::PauseRecording { id, reason } => {
                let (id, reason) = (Arc::clone(id), Arc::clone(reason));
                self.ask_others(|| Command::PauseRecording {
                    id: Arc::clone(&id),
                    reason: Arc::clone(&reason),
                });
                Some(0)
            }
            Command::ResumeRecording { id } => {
                self.ask_others(|| Command::ResumeRecording { id: Arc::clone(id) });
                Some(0)
            }
        }
    }

    /// Only the thread that has a recording knows it; the others ignore the order. Such orders are few, so ask them all.
    fn ask_others(&self, command: impl Fn() -> Command) {
        for thread in &self.threads[1..] {
            if thread.orders.try_send(Order::Command(command())).is_ok() {
                wake(&thread.wake);
            }
        }
    }

    fn refuse(&self, a: LegId, b: LegId, reason: &'static str) -> Option<usize> {
        let mut refusals = self.refusals.lock().unwrap_or_else(PoisonError::into_inner);
        refusals.send(MediaEvent::Refused { a, b, reason });
        None
    }

    fn stop(&mut self) {
        for thread in self.threads.drain(..) {
            // Blocks at most until the thread has taken one command; an error means that it has ended.
            let _ = thread.orders.send(Order::Shutdown);
            wake(&thread.wake);
            if thread.handle.join().is_err() {
                tracing::error!("a media thread ended by a panic");
            }
        }
        if let Some(pool) = self.pool.take() {
            pool.shutdown();
        }
        if let Some(recorder) = self.recorder.take() {
            recorder.shutdown();
        }
    }
}

/// Plays sound that was loaded elsewhere. It may outlive the engine; then nothing is played.
#[derive(Debug)]
pub struct Player {
    threads: Vec<(Sender<Order>, Arc<OwnedFd>)>,
    routes: Arc<Mutex<BTreeMap<LegId, usize>>>,
}

impl Player {
    /// Plays it on a leg, or, when there is nothing to play, reports at once that the playback is over.
    ///
    /// # Errors
    /// [`QueueFull`]: the command was not taken.
    pub fn play(&self, leg: LegId, playback: u64, sound: Option<Arc<Sound>>) -> Result<(), QueueFull> {
        let index = self.routes.lock().unwrap_or_else(PoisonError::into_inner).get(&leg).copied();
        let Some((orders, wakes)) = index.and_then(|index| self.threads.get(index)) else { return Ok(()) };
        let command = match sound {
            Some(sound) => Command::PlaySound { leg, playback, sound },
            None => Command::Play { leg, playback, items: Vec::new(), repeat: false },
        };
        orders.try_send(Order::Command(command)).map_err(|_| QueueFull)?;
        wake(wakes);
        Ok(())
    }
}

impl Drop for Engine {
    fn drop(&mut self) {
        self.stop();
    }
}

fn wake(eventfd: &OwnedFd) {
    // Fails only when the counter is full, and then the thread is being woken already.
    let _ = rustix::io::write(eventfd, &1u64.to_ne_bytes());
}

//! The threads beside the media threads: frames whose codecs are expensive are computed here.
//!
//! A frame goes to the pool with its mixer and comes back with what it has made; the media thread never waits for it.
//! When the pool is full, or a frame is not back when the next one is due, that frame is left out and counted.

use std::os::fd::OwnedFd;
use std::sync::mpsc::TrySendError;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::Duration;

use super::{Inbox, Mixer, Outbox};
use crate::channel::{Receiver, Sender, channel};
use crate::engine::MediaError;

/// Frames that may wait for each thread of the pool.
const TASKS_PER_THREAD: usize = 256;
/// Frames of one media thread that may be on their way back.
pub(crate) const DONE_MAX: usize = 4096;

/// One frame on its way.
#[derive(Debug)]
pub(crate) struct Task {
    /// Which mixing of the media thread, and which of those that had this place.
    pub(crate) place: (usize, u64),
    pub(crate) mixer: Box<Mixer>,
    pub(crate) inbox: Box<Inbox>,
    pub(crate) outbox: Box<Outbox>,
    pub(crate) now: Duration,
}

/// The way back to a media thread.
#[derive(Clone, Debug)]
pub(crate) struct Home {
    pub(crate) done: Sender<Task>,
    pub(crate) wake: Arc<OwnedFd>,
}

type Queue = Arc<Mutex<Receiver<(Task, Home)>>>;

/// A media thread's way to the pool.
#[derive(Clone, Debug)]
pub(crate) struct PoolHandle {
    tasks: Sender<(Task, Home)>,
}

impl PoolHandle {
    /// Sends a frame away. `Err`: the pool is full, here it is again.
    pub(crate) fn send(&self, task: Task, home: Home) -> Result<(), Box<Task>> {
        // The lock is held for a push or a pop: to wait for it costs less than a frame.
        self.tasks.try_send((task, home)).map_err(|error| match error {
            TrySendError::Full((task, _)) | TrySendError::Disconnected((task, _)) => Box::new(task),
        })
    }
}

/// The threads.
#[derive(Debug)]
pub(crate) struct Pool {
    tasks: Sender<(Task, Home)>,
    threads: Vec<JoinHandle<()>>,
}

impl Pool {
    /// `threads`: at least one.
    pub(crate) fn start(threads: usize) -> Result<Self, MediaError> {
        let (tasks, queue) = channel(threads * TASKS_PER_THREAD);
        let queue: Queue = Arc::new(Mutex::new(queue));
        let threads = (0..threads)
            .map(|index| {
                let queue = Arc::clone(&queue);
                std::thread::Builder::new()
                    .name(format!("codec-{index}"))
                    .spawn(move || work(&queue))
                    .map_err(MediaError::Thread)
            })
            .collect::<Result<_, _>>()?;
        Ok(Self { tasks, threads })
    }

    pub(crate) fn handle(&self) -> PoolHandle {
        PoolHandle { tasks: self.tasks.clone() }
    }

    /// Joins the threads; all handles must be gone.
    pub(crate) fn shutdown(self) {
        drop(self.tasks);
        for thread in self.threads {
            if thread.join().is_err() {
                tracing::error!("a codec thread ended by a panic");
            }
        }
    }
}

fn work(queue: &Queue) {
    loop {
        let next = queue.lock().unwrap_or_else(PoisonError::into_inner).recv();
        let Ok((mut task, home)) = next else { return };
        task.mixer.frame(task.now, &mut task.inbox, &mut task.outbox);
        // Without a reader the media thread has ended, and the mixer with it.
        if home.done.try_send(task).is_ok() {
            let _ = rustix::io::write(&*home.wake, &1u64.to_ne_bytes());
        }
    }
}

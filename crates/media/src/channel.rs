//! Bounded queues between the media threads and the others.
//!
//! As `std::sync::mpsc::sync_channel`, but for one promise: [`Sender::offer`] and [`Receiver::take`] neither wait nor
//! spin, whatever the other side was doing when it was interrupted. The channels of std spin there until the other side
//! has finished its step. A media thread with real-time priority that spins on the processor of the very thread it waits
//! for never lets it finish: all its calls fall silent, and with them whoever needs that processor.
//!
//! Everybody else may wait for the lock, which is held for one push or pop.

use std::collections::VecDeque;
use std::sync::mpsc::{RecvError, RecvTimeoutError, SendError, TryRecvError, TrySendError};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

/// Why something was not taken at once.
#[derive(Debug)]
pub(crate) enum Refused<T> {
    /// There is no room.
    Full(T),
    /// Somebody is in the middle of a step; a moment later it may go.
    Busy(T),
    /// The receiver has gone.
    Closed(T),
}

#[derive(Debug)]
struct State<T> {
    items: VecDeque<T>,
    senders: usize,
    /// Receivers that wait for an item; senders that wait for room.
    waiting: [usize; 2],
    is_received: bool,
}

#[derive(Debug)]
struct Shared<T> {
    state: Mutex<State<T>>,
    room: usize,
    /// Signalled when an item has come, and when room has come.
    changed: [Condvar; 2],
}

/// Index of the side that waits for an item.
const ITEM: usize = 0;
/// Index of the side that waits for room.
const ROOM: usize = 1;

impl<T> Shared<T> {
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn try_lock(&self) -> Option<MutexGuard<'_, State<T>>> {
        match self.state.try_lock() {
            Ok(state) => Some(state),
            Err(TryLockError::Poisoned(state)) => Some(state.into_inner()),
            Err(TryLockError::WouldBlock) => None,
        }
    }

    /// Wakes one of those that wait on this side, without the lock.
    fn signal(&self, state: MutexGuard<'_, State<T>>, side: usize) {
        let somebody_waits = state.waiting[side] > 0;
        drop(state);
        if somebody_waits {
            self.changed[side].notify_one();
        }
    }

    fn push(&self, mut state: MutexGuard<'_, State<T>>, item: T) -> Result<(), Refused<T>> {
        if !state.is_received {
            return Err(Refused::Closed(item));
        }
        if state.items.len() >= self.room {
            return Err(Refused::Full(item));
        }
        state.items.push_back(item);
        self.signal(state, ITEM);
        Ok(())
    }

    fn pop(&self, mut state: MutexGuard<'_, State<T>>) -> Result<T, TryRecvError> {
        match state.items.pop_front() {
            Some(item) => {
                self.signal(state, ROOM);
                Ok(item)
            }
            None if state.senders == 0 => Err(TryRecvError::Disconnected),
            None => Err(TryRecvError::Empty),
        }
    }
}

/// A queue with room for this many, at least one.
pub(crate) fn channel<T>(room: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { items: VecDeque::new(), senders: 1, waiting: [0; 2], is_received: true };
    let shared =
        Arc::new(Shared { state: Mutex::new(state), room: room.max(1), changed: Default::default() });
    (Sender(Arc::clone(&shared)), Receiver(shared))
}

/// The sending half.
#[derive(Debug)]
pub(crate) struct Sender<T>(Arc<Shared<T>>);

impl<T> Sender<T> {
    /// For media threads: at once or not at all.
    pub(crate) fn offer(&self, item: T) -> Result<(), Refused<T>> {
        match self.0.try_lock() {
            Some(state) => self.0.push(state, item),
            None => Err(Refused::Busy(item)),
        }
    }

    /// Does not wait for room.
    pub(crate) fn try_send(&self, item: T) -> Result<(), TrySendError<T>> {
        self.0.push(self.0.lock(), item).map_err(|refused| match refused {
            Refused::Full(item) | Refused::Busy(item) => TrySendError::Full(item),
            Refused::Closed(item) => TrySendError::Disconnected(item),
        })
    }

    /// Waits for room.
    pub(crate) fn send(&self, item: T) -> Result<(), SendError<T>> {
        let mut state = self.0.lock();
        while state.is_received && state.items.len() >= self.0.room {
            state.waiting[ROOM] += 1;
            state = self.0.changed[ROOM].wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting[ROOM] -= 1;
        }
        self.0.push(state, item).map_err(|refused| match refused {
            Refused::Full(item) | Refused::Busy(item) | Refused::Closed(item) => SendError(item),
        })
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        self.0.lock().senders += 1;
        Self(Arc::clone(&self.0))
    }
}

impl<T> Drop for Sender<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.senders -= 1;
        if state.senders == 0 {
            drop(state);
            self.0.changed[ITEM].notify_all();
        }
    }
}

/// The receiving half.
#[derive(Debug)]
pub(crate) struct Receiver<T>(Arc<Shared<T>>);

impl<T> Receiver<T> {
    /// For media threads: what is there at once. `None` also while somebody is in the middle of a step: who sends to a
    /// media thread wakes it afterwards.
    pub(crate) fn take(&self) -> Option<T> {
        self.0.pop(self.0.try_lock()?).ok()
    }

    /// Does not wait for an item.
    pub(crate) fn try_recv(&self) -> Result<T, TryRecvError> {
        self.0.pop(self.0.lock())
    }

    /// Waits for an item, or for the end of all senders.
    pub(crate) fn recv(&self) -> Result<T, RecvError> {
        let mut state = self.0.lock();
        while state.items.is_empty() && state.senders > 0 {
            state.waiting[ITEM] += 1;
            state = self.0.changed[ITEM].wait(state).unwrap_or_else(PoisonError::into_inner);
            state.waiting[ITEM] -= 1;
        }
        self.0.pop(state).map_err(|_| RecvError)
    }

    /// As [`Receiver::recv`], but no longer than this.
    pub(crate) fn recv_timeout(&self, limit: Duration) -> Result<T, RecvTimeoutError> {
        let end = Instant::now() + limit;
        let mut state = self.0.lock();
        while state.items.is_empty() && state.senders > 0 {
            let left = end.saturating_duration_since(Instant::now());
            if left.is_zero() {
                return Err(RecvTimeoutError::Timeout);
            }
            state.waiting[ITEM] += 1;
            let waited = self.0.changed[ITEM].wait_timeout(state, left);
            state = waited.unwrap_or_else(PoisonError::into_inner).0;
            state.waiting[ITEM] -= 1;
        }
        self.0.pop(state).map_err(|_| RecvTimeoutError::Disconnected)
    }
}

impl<T> Drop for Receiver<T> {
    fn drop(&mut self) {
        let mut state = self.0.lock();
        state.is_received = false;
        let items = std::mem::take(&mut state.items);
        drop(state);
        self.0.changed[ROOM].notify_all();
        drop(items);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_media_thread_never_waits_for_a_side_that_was_stopped_in_the_middle_of_a_step() {
        let (sender, receiver) = channel(4);
        sender.send(1).unwrap();
        let step = sender.0.lock();
        assert!(matches!(sender.offer(2), Err(Refused::Busy(2))));
        assert_eq!(receiver.take(), None, "it comes with the next wake-up");
        drop(step);
        assert!(sender.offer(2).is_ok());
        assert_eq!((receiver.take(), receiver.take(), receiver.take()), (Some(1), Some(2), None));
    }

    #[test]
    fn what_finds_no_room_comes_back_and_nothing_is_overtaken() {
        let (sender, receiver) = channel(2);
        assert!(sender.offer(1).is_ok() && sender.try_send(2).is_ok());
        assert!(matches!(sender.offer(3), Err(Refused::Full(3))));
        assert_eq!(sender.try_send(4), Err(TrySendError::Full(4)));
        assert_eq!((receiver.try_recv(), receiver.recv()), (Ok(1), Ok(2)));
        assert_eq!(receiver.try_recv(), Err(TryRecvError::Empty));
        assert_eq!(receiver.recv_timeout(Duration::ZERO), Err(RecvTimeoutError::Timeout));
    }

    #[test]
    fn the_end_of_one_side_is_told_to_the_other_when_all_has_been_read() {
        let (sender, receiver) = channel(2);
        let other = sender.clone();
        sender.send(1).unwrap();
        drop(sender);
        assert_eq!((receiver.recv(), receiver.try_recv()), (Ok(1), Err(TryRecvError::Empty)));
        drop(other);
        assert_eq!(receiver.recv(), Err(RecvError));
        assert_eq!(receiver.recv_timeout(Duration::from_secs(60)), Err(RecvTimeoutError::Disconnected));
        let (sender, receiver) = channel(1);
        drop(receiver);
        assert!(matches!(sender.offer(1), Err(Refused::Closed(1))));
        assert_eq!(sender.send(2), Err(SendError(2)));
    }

    #[test]
    fn who_waits_for_room_or_for_an_item_is_woken() {
        let (sender, receiver) = channel(1);
        let numbers = std::thread::spawn(move || (0..1000).map(|_| receiver.recv().unwrap()).sum::<u32>());
        for number in 0..1000 {
            sender.send(number).unwrap();
        }
        assert_eq!(numbers.join().unwrap(), 499_500);
    }
}

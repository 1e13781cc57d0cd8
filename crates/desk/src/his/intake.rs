//! One task stores what all connections of all doors bring, as many at a time as [`super::batch`] says: while a commit
//! waits for the disk, the next ones gather.

use super::batch::Waiting;
use crate::storage::{Arrival, Received, Store};
use tokio::sync::{mpsc, oneshot};

/// Units that wait to be seen; a connection has one under way.
const UNITS_MAX: usize = 256;

/// Messages of one connection, in their order, with who waits for what became of them.
type Unit = Vec<(Arrival, oneshot::Sender<Received>)>;

/// Where connections bring their messages. Clones lead to the same task.
#[derive(Debug, Clone)]
pub struct Intake {
    units: mpsc::Sender<Unit>,
}

/// What is being stored.
#[derive(Debug)]
pub struct Storing {
    store: Store,
    units: mpsc::Receiver<Unit>,
}

/// An intake, and what has to run for it.
#[must_use]
pub fn intake(store: Store) -> (Intake, Storing) {
    let (sender, units) = mpsc::channel(UNITS_MAX);
    (Intake { units: sender }, Storing { store, units })
}

impl Intake {
    /// Brings messages; each receiver tells what became of its message when it is on disk, and fails when it could not be
    /// stored.
    pub(super) async fn bring(&self, arrivals: Vec<Arrival>) -> Vec<oneshot::Receiver<Received>> {
        let (unit, answers) = arrivals
            .into_iter()
            .map(|arrival| {
                let (told, answer) = oneshot::channel();
                ((arrival, told), answer)
            })
            .unzip();
        // When nobody stores any more, the answers fail.
        let _ = self.units.send(unit).await;
        answers
    }
}

impl Storing {
    /// Stores for ever, or until every intake is gone. May be dropped at any moment: what was not answered comes again.
    pub async fn run(mut self) {
        let mut waiting = Waiting::default();
        let mut number = 0_u64;
        let mut take_in = |waiting: &mut Waiting<_>, unit: Unit| {
            number += 1;
            for (arrival, told) in unit {
                waiting.push(number, arrival.raw.len(), (arrival, told));
            }
        };
        loop {
            if waiting.is_empty() {
                let Some(unit) = self.units.recv().await else { return };
                take_in(&mut waiting, unit);
            }
            while let Ok(unit) = self.units.try_recv() {
                take_in(&mut waiting, unit);
            }
            for failed in self.store_batch(waiting.next_batch()).await {
                waiting.give_up(failed);
            }
        }
    }

    /// Stores and tells; gives the units of which something could not be stored.
    async fn store_batch(&self, batch: Vec<(u64, (Arrival, oneshot::Sender<Received>))>) -> Vec<u64> {
        let mut arrivals = Vec::with_capacity(batch.len());
        let mut waiters = Vec::with_capacity(batch.len());
        for (unit, (arrival, told)) in batch {
            arrivals.push(arrival);
            waiters.push((unit, told));
        }
        match self.store.receive(&arrivals).await {
            Ok(received) => {
                let mut failed = Vec::new();
                for ((unit, told), received) in waiters.into_iter().zip(received) {
                    match received {
                        // Whoever waited may be gone; the message comes again and is known.
                        Some(received) => drop(told.send(received)),
                        None => failed.push(unit),
                    }
                }
                failed
            }
            Err(error) => {
                let messages = arrivals.len();
                tracing::warn!(%error, messages, "messages cannot be stored; their senders keep them");
                waiters.into_iter().map(|(unit, _)| unit).collect()
            }
        }
    }
}

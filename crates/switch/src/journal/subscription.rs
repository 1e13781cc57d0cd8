//! One reader of the journal: first what is on disk, then what comes, without a seam between the two.

use super::{JournalError, Numbered, Position, Reader};
use std::collections::VecDeque;
use tokio::sync::watch;

/// Where a subscription starts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Start {
    /// The last event the subscriber has, in the present epoch.
    pub(super) after: Position,
    /// The subscriber stood elsewhere.
    pub(super) epoch_changed: bool,
}

/// A stream of the journal after a position.
#[derive(Debug)]
pub struct Subscription {
    reader: Reader,
    committed: watch::Receiver<Position>,
    page: VecDeque<Numbered>,
    after: Position,
    epoch_changed: bool,
}

impl Subscription {
    pub(super) fn new(reader: Reader, committed: watch::Receiver<Position>, start: Start) -> Self {
        let Start { after, epoch_changed } = start;
        Self { reader, committed, page: VecDeque::new(), after, epoch_changed }
    }

    /// The next message, when it is on disk. Nothing is lost when the future is dropped.
    ///
    /// # Errors
    /// [`JournalError::EpochChanged`] and [`JournalError::Closed`] end the subscription; a file that refuses may be
    /// asked again.
    pub async fn next(&mut self) -> Result<Numbered, JournalError> {
        loop {
            if let Some(mut numbered) = self.page.pop_front() {
                self.after = numbered.position;
                numbered.epoch_changed = std::mem::take(&mut self.epoch_changed);
                return Ok(numbered);
            }
            let head = *self.committed.borrow_and_update();
            if head.epoch != self.after.epoch {
                return Err(JournalError::EpochChanged);
            }
            if head.number > self.after.number {
                self.page = self.reader.page(self.after, head.number).await?;
            } else {
                self.committed.changed().await.map_err(|_| JournalError::Closed)?;
            }
        }
    }

    /// Messages read and not yet handed out.
    #[cfg(test)]
    pub(super) fn held(&self) -> usize {
        self.page.len()
    }
}

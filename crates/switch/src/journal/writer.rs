//! The one task that writes: gathers events, commits them, moves the head on, and clears away what nobody needs.

use super::file::File;
use super::open_calls::Ledger;
use super::pending::Waiting;
use super::subscription::Start;
use super::{JournalError, JournalOptions, Position, SUBSCRIBERS_MAX, Shared};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{mpsc, oneshot};
use tokio::time::{Instant, sleep_until};

/// Events of one transaction, when many wait after a refusal.
const BATCH_MAX: usize = 4096;
/// The size of the file is looked at once in so many commits.
const COMMITS_PER_LOOK: u32 = 64;
/// The same complaint is logged once in so long.
const COMPLAIN_EVERY: Duration = Duration::from_secs(60);

/// An order to the writer.
#[derive(Debug)]
pub(super) enum Command {
    Subscribe {
        subscriber: Option<String>,
        after: Option<Position>,
        reply: oneshot::Sender<Result<Start, JournalError>>,
    },
    Acknowledge {
        subscriber: String,
        upto: Position,
        reply: oneshot::Sender<Result<(), JournalError>>,
    },
    Forget {
        subscriber: String,
        reply: oneshot::Sender<Result<(), JournalError>>,
    },
    Flush(oneshot::Sender<bool>),
    /// Makes the disk small.
    #[cfg(test)]
    Execute(&'static str, oneshot::Sender<()>),
}

pub(super) struct Writer {
    file: File,
    shared: Arc<Shared>,
    ledger: Ledger,
    options: JournalOptions,
    /// Taken and not yet written.
    in_hand: Vec<Waiting>,
    /// When the next commit is tried, if one is wanted.
    due: Option<Instant>,
    failing: bool,
    complained: Option<Instant>,
    /// Everything up to here may be deleted now.
    delete_upto: Option<u64>,
    /// Everything up to here was acknowledged by all.
    acknowledged_upto: u64,
    /// The file is at its limit.
    over_limit: bool,
    commits: u32,
}

impl Writer {
    pub(super) fn new(file: File, shared: Arc<Shared>, ledger: Ledger, options: JournalOptions) -> Self {
        Self {
            file,
            shared,
            ledger,
            options,
            in_hand: Vec::new(),
            due: None,
            failing: false,
            complained: None,
            delete_upto: None,
            acknowledged_upto: 0,
            over_limit: false,
            commits: 0,
        }
    }

    pub(super) async fn run(mut self, mut commands: mpsc::Receiver<Command>) {
        loop {
            let due = self.due;
            tokio::select! {
                // Events before orders, and clearing away last.
                biased;
                () = sleep_until(due.unwrap_or_else(Instant::now)), if due.is_some() => {
                    self.commit_batch().await;
                }
                command = commands.recv() => match command {
                    Some(command) => self.obey(command).await,
                    None => break,
                },
                () = self.shared.wake.notified() => {}
                () = std::future::ready(()), if self.delete_upto.is_some() || self.over_limit && !self.failing => {
                    self.clear_some().await;
                }
            }
            self.plan();
        }
        if !self.commit_all().await {
            let waiting = self.in_hand.len() + self.shared.pending().len();
            tracing::error!(waiting, "the journal is closed and these events were never written");
        }
        self.file.close().await;
    }

    /// Decides when the next commit is tried.
    fn plan(&mut self) {
        let waiting = self.shared.pending().len();
        if self.failing || (waiting == 0 && self.in_hand.is_empty()) {
            return;
        }
        if waiting >= self.options.commit_max {
            self.due = Some(Instant::now());
        } else if self.due.is_none() {
            self.due = Some(Instant::now() + self.options.commit_every);
        }
    }

    /// Writes the oldest that wait; false when the file refused.
    async fn commit_batch(&mut self) -> bool {
        self.due = None;
        if self.in_hand.is_empty() {
            self.in_hand = self.shared.pending().take(BATCH_MAX);
            for waiting in &self.in_hand {
                self.ledger.apply(&waiting.event);
            }
        }
        let Some(last) = self.in_hand.last().map(|waiting| waiting.number) else { return true };
        if let Err(error) = self.file.commit(&self.in_hand, &self.ledger).await {
            self.refused(&error);
            return false;
        }
        self.in_hand.clear();
        self.ledger.written();
        self.shared.pending().written();
        self.shared.committed.send_modify(|head| head.number = last);
        self.accepted();
        self.look_at_size().await;
        true
    }

    async fn commit_all(&mut self) -> bool {
        while !self.in_hand.is_empty() || self.shared.pending().len() > 0 {
            if !self.commit_batch().await {
                return false;
            }
        }
        true
    }

    fn refused(&mut self, error: &sqlx::Error) {
        self.failing = true;
        self.due = Some(Instant::now() + self.options.retry_every);
        if self.may_complain() {
            let pending = self.shared.pending();
            let (dropped, lost) = pending.given_up();
            let waiting = pending.len() + self.in_hand.len();
            drop(pending);
            tracing::error!(%error, waiting, dropped, lost, "the journal cannot be written; events wait in memory");
        }
    }

    fn accepted(&mut self) {
        if std::mem::take(&mut self.failing) {
            let (dropped, lost) = self.shared.pending().given_up();
            self.complained = None;
            tracing::warn!(dropped, lost, "the journal is written again");
        }
    }

    fn may_complain(&mut self) -> bool {
        let now = Instant::now();
        let may = self.complained.is_none_or(|last| now - last >= COMPLAIN_EVERY);
        if may {
            self.complained = Some(now);
        }
        may
    }

    async fn obey(&mut self, command: Command) {
        // Who asked may be gone; what was asked is done all the same.
        match command {
            Command::Subscribe { subscriber, after, reply } => {
                let _ = reply.send(self.subscribe(subscriber, after).await);
            }
            Command::Acknowledge { subscriber, upto, reply } => {
                let _ = reply.send(self.acknowledge(&subscriber, upto).await);
            }
            Command::Forget { subscriber, reply } => {
                let _ = reply.send(self.forget(&subscriber).await);
            }
            Command::Flush(reply) => {
                let _ = reply.send(self.commit_all().await);
            }
            #[cfg(test)]
            Command::Execute(sql, reply) => {
                self.file.execute(sql).await.expect("a statement of a test");
                let _ = reply.send(());
            }
        }
    }

    async fn subscribe(
        &mut self,
        subscriber: Option<String>,
        after: Option<Position>,
    ) -> Result<Start, JournalError> {
        let known = self.file.subscribers().await?;
        let acknowledged = match &subscriber {
            None => 0,
            Some(name) => match known.iter().find(|(known, _)| known == name) {
                Some((_, acknowledged)) => *acknowledged,
                None if known.len() >= SUBSCRIBERS_MAX => {
                    let names: Vec<&str> = known.iter().map(|(name, _)| name.as_str()).collect();
                    return Err(JournalError::TooManySubscribers(names.join(", ")));
                }
                None => {
                    self.file.set_acknowledged(name, 0).await?;
                    self.delete_upto = None;
                    self.acknowledged_upto = 0;
                    0
                }
            },
        };
        let mut head = *self.shared.committed.borrow();
        let mut epoch_changed = false;
        if let Some(after) = after {
            // A snapshot may name what is not on disk yet: only what was never given is ahead.
            let ahead = after.epoch == head.epoch && after.number > self.shared.pending().last_number();
            if ahead {
                head.epoch = self.file.begin_epoch().await?;
                self.acknowledged_upto = 0;
                self.shared.committed.send_modify(|committed| committed.epoch = head.epoch);
                tracing::error!(
                    epoch = head.epoch,
                    "a subscriber has more than the journal: a new epoch begins"
                );
            }
            epoch_changed = after.epoch != head.epoch;
        }
        let number = match after {
            Some(after) if !epoch_changed => after.number,
            None if acknowledged > 0 => acknowledged,
            _ => self.file.before_oldest().await?.unwrap_or(head.number),
        };
        Ok(Start { after: Position { epoch: head.epoch, number }, epoch_changed })
    }

    async fn acknowledge(&mut self, subscriber: &str, upto: Position) -> Result<(), JournalError> {
        let head = *self.shared.committed.borrow();
        let Position { epoch, number } = upto;
        if epoch != head.epoch || number > head.number {
            return Err(JournalError::NotOffered { epoch, number, head });
        }
        let known = self.file.subscribers().await?;
        let Some((_, before)) = known.iter().find(|(name, _)| name == subscriber) else {
            return Err(JournalError::UnknownSubscriber(subscriber.to_owned()));
        };
        // An old acknowledgement that comes late takes nothing back.
        if number > *before {
            self.file.set_acknowledged(subscriber, number).await?;
            let others = known.iter().filter(|(name, _)| name != subscriber).map(|(_, number)| *number);
            self.all_have(others.fold(number, u64::min)).await?;
        }
        Ok(())
    }

    async fn forget(&mut self, subscriber: &str) -> Result<(), JournalError> {
        let known = self.file.subscribers().await?;
        if !known.iter().any(|(name, _)| name == subscriber) {
            return Err(JournalError::UnknownSubscriber(subscriber.to_owned()));
        }
        self.file.remove_subscriber(subscriber).await?;
        let others = known.iter().filter(|(name, _)| name != subscriber).map(|(_, number)| *number);
        match others.min() {
            Some(upto) => self.all_have(upto).await,
            None => Ok(()),
        }
    }

    /// Every subscriber has everything up to `upto`: what is old enough of it may go.
    async fn all_have(&mut self, upto: u64) -> Result<(), JournalError> {
        self.acknowledged_upto = upto;
        let old_enough = self.file.before_younger(self.options.keep).await?;
        self.delete_upto = Some(upto.min(old_enough));
        Ok(())
    }

    async fn look_at_size(&mut self) {
        self.commits = self.commits.wrapping_add(1);
        if self.commits % COMMITS_PER_LOOK != 1 {
            return;
        }
        match self.file.used_bytes().await {
            Ok(used) => {
                self.over_limit = used > self.options.limit_bytes;
                if !self.over_limit {
                    self.shared.pending().shed_diagnostics(false);
                }
            }
            Err(error) => tracing::warn!(%error, "the size of the journal is not known"),
        }
    }

    /// One bounded piece of clearing away.
    async fn clear_some(&mut self) {
        let done = match self.delete_upto {
            Some(upto) => self.file.delete_some(upto).await.map(|deleted| {
                if !deleted {
                    self.delete_upto = None;
                }
            }),
            None => self.shrink().await,
        };
        if let Err(error) = done {
            // It is tried again with the next acknowledgement or look at the size.
            self.delete_upto = None;
            self.over_limit = false;
            tracing::warn!(%error, "acknowledged events were not deleted");
        }
    }

    async fn shrink(&mut self) -> Result<(), sqlx::Error> {
        if self.file.delete_some(self.acknowledged_upto).await? {
            self.over_limit = self.file.used_bytes().await? > self.options.limit_bytes;
            return Ok(());
        }
        let head = self.shared.committed.borrow().number;
        if self.file.delete_diagnostics(head).await? {
            self.over_limit = self.file.used_bytes().await? > self.options.limit_bytes;
            if self.may_complain() {
                tracing::warn!("the journal is at its limit: diagnostic events are deleted");
            }
            return Ok(());
        }
        self.over_limit = false;
        self.shared.pending().shed_diagnostics(true);
        if self.may_complain() {
            let limit_bytes = self.options.limit_bytes;
            tracing::error!(
                limit_bytes,
                "the journal is over its limit: no subscriber acknowledges what it has"
            );
        }
        Ok(())
    }
}

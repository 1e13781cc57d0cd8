//! The switch's own statistics: fed from the journal in its order, kept beside it with the position in it, so that a switch
//! that was killed goes on counting where it was (CF C36, O8).
//!
//! What it is not: no part of a call. It reads what is on the disk, on the side runtime, and costs nobody anything.

use crate::journal::{Fact, Journal, JournalError, Numbered, Position};
use crate::kept::write_whole;
use careline_daemon::Clock;
use careline_model::config::Plan;
use careline_model::stats::report::{Question, Row};
use careline_model::stats::{Board, Members, Statistics, Terms};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::runtime::Handle;

/// How often they are written, when something was counted. What is younger is counted again from the journal.
const KEEP_EVERY: Duration = Duration::from_secs(10);
/// How long a journal that refuses is left alone.
const RETRY: Duration = Duration::from_secs(1);
/// Events that are counted between two looks at the time.
const BATCH: usize = 1_000;

/// The statistics. Clones are the same ones.
#[derive(Debug, Clone)]
pub struct Counted {
    shared: Arc<Mutex<Shared>>,
}

#[derive(Debug)]
struct Shared {
    statistics: Statistics,
    at: Position,
    /// All that was in the journal at the start is counted.
    caught_up: bool,
    members: Members,
}

/// What is on the disk.
#[derive(Serialize, Deserialize)]
struct Written {
    epoch: u64,
    number: u64,
    statistics: Statistics,
}

/// A board and the event it is true at.
#[derive(Debug, Clone, PartialEq)]
pub struct BoardAt {
    /// The last event that is counted.
    pub position: Position,
    /// What is shown.
    pub board: Board,
    /// Things that did not fit to the rest.
    pub oddities: u64,
}

/// Who serves which queue.
#[must_use]
pub fn members_of(plan: &Plan) -> Members {
    let mut members: Members = plan.queues.keys().map(|queue| (queue.clone(), Default::default())).collect();
    for agent in plan.agents.values() {
        for queue in agent.seats.keys() {
            members.entry(queue.clone()).or_default().insert(agent.id.clone());
        }
    }
    members
}

impl Counted {
    /// Reads what is kept beside the journal and follows the journal from there, on this runtime.
    #[must_use]
    pub fn start(side: &Handle, journal: &Journal, file: &Path, plan: &Plan) -> Self {
        let (statistics, at) = restored(file, &plan.timezone);
        let members = members_of(plan);
        let shared = Shared { statistics, at, caught_up: false, members };
        let counted = Self { shared: Arc::new(Mutex::new(shared)) };
        let follower = counted.clone();
        side.spawn(follower.follow(journal.clone(), file.to_path_buf()));
        counted
    }

    /// Agents serve other queues from now on.
    pub fn set_members(&self, members: Members) {
        self.lock().members = members;
    }

    /// The board now; nothing while the journal of before is still read.
    #[must_use]
    pub fn board(&self, now_us: i64) -> Option<BoardAt> {
        let mut shared = self.lock();
        if !shared.caught_up {
            return None;
        }
        shared.statistics.advance(now_us);
        let board = shared.statistics.board(now_us, &shared.members, &Terms::default());
        let oddities = u64::from(shared.statistics.oddities().total());
        Some(BoardAt { position: shared.at, board, oddities })
    }

    /// The rows that answer a question; nothing while the journal of before is still read.
    #[must_use]
    pub fn report(&self, question: &Question, now_us: i64) -> Option<Vec<Row>> {
        let mut shared = self.lock();
        if !shared.caught_up {
            return None;
        }
        shared.statistics.advance(now_us);
        Some(shared.statistics.report(question, &Terms::default()))
    }

    /// The day of a moment in the hospital's zone.
    #[must_use]
    pub fn day_of(&self, at_us: i64) -> Option<Date> {
        self.lock().statistics.day_of(at_us)
    }

    fn lock(&self) -> MutexGuard<'_, Shared> {
        self.shared.lock().unwrap_or_else(PoisonError::into_inner)
    }

    async fn follow(self, journal: Journal, file: PathBuf) {
        loop {
            match self.read(&journal, &file).await {
                Ok(()) | Err(JournalError::Closed) => return,
                // A new epoch covers all that is kept: it is counted from its beginning.
                Err(JournalError::EpochChanged) => self.begin_anew(),
                Err(error) => {
                    tracing::warn!(%error, "the statistics cannot read the journal; trying again");
                    tokio::time::sleep(RETRY).await;
                }
            }
        }
    }

    fn begin_anew(&self) {
        let mut shared = self.lock();
        let zone = shared.statistics.zone().clone();
        (shared.statistics, shared.at) = (Statistics::new(zone), Position { epoch: 0, number: 0 });
    }

    async fn read(&self, journal: &Journal, file: &Path) -> Result<(), JournalError> {
        let (from, goal) = (self.lock().at, journal.committed());
        let after = (from.epoch != 0).then_some(from);
        let mut events = journal.subscribe(None, after).await?;
        // A place that the journal does not know: all that it has is counted.
        if after.is_some() && from.epoch != goal.epoch {
            return Err(JournalError::EpochChanged);
        }
        let mut keep_at = tokio::time::Instant::now() + KEEP_EVERY;
        let mut uncounted = false;
        loop {
            if !self.lock().caught_up && self.lock().at.number >= goal.number {
                self.lock().caught_up = true;
            }
            let next = tokio::select! {
                next = events.next() => Some(next?),
                () = tokio::time::sleep_until(keep_at), if uncounted => None,
            };
            let mut counted = 0;
            let mut next = next;
            while let Some(numbered) = next.take() {
                self.count(&numbered);
                uncounted = true;
                counted += 1;
                if counted < BATCH && self.lock().at.number < journal.committed().number {
                    next = Some(events.next().await?);
                }
            }
            if uncounted && tokio::time::Instant::now() >= keep_at {
                self.keep(file).await;
                (keep_at, uncounted) = (tokio::time::Instant::now() + KEEP_EVERY, false);
            }
        }
    }

    fn count(&self, numbered: &Numbered) {
        let mut shared = self.lock();
        shared.at = numbered.position;
        if let Fact::Event(event) = &numbered.fact {
            shared.statistics.take(event);
        }
    }

    async fn keep(&self, file: &Path) {
        let written = {
            let shared = self.lock();
            let Position { epoch, number } = shared.at;
            Written { epoch, number, statistics: shared.statistics.clone() }
        };
        let file = file.to_path_buf();
        let done = tokio::task::spawn_blocking(move || {
            let bytes = serde_json::to_vec(&written).map_err(io::Error::from)?;
            write_whole(&file, &bytes)
        });
        match done.await {
            Ok(Ok(())) => {}
            Ok(Err(error)) => {
                tracing::warn!(%error, "the statistics cannot be kept; the journal has them all")
            }
            Err(error) => tracing::warn!(%error, "the statistics could not be written"),
        }
    }
}

/// What is on the disk, if it can be understood and is of the same zone; else nothing, and the journal is read.
fn restored(file: &Path, zone: &TimeZone) -> (Statistics, Position) {
    let anew = || (Statistics::new(zone.clone()), Position { epoch: 0, number: 0 });
    let Ok(bytes) = std::fs::read(file) else { return anew() };
    match serde_json::from_slice::<Written>(&bytes) {
        Ok(Written { epoch, number, statistics }) if statistics.zone() == zone => {
            (statistics, Position { epoch, number })
        }
        Ok(_) => anew(),
        Err(error) => {
            tracing::warn!(file = %file.display(), %error, "the kept statistics are read anew from the journal");
            anew()
        }
    }
}

/// Where they are kept.
#[must_use]
pub fn file_beside(journal: &Path) -> PathBuf {
    journal.with_file_name("statistics.json")
}

/// The clock on the wall, for who asks without one.
#[must_use]
pub fn now_us() -> i64 {
    Clock::start().now().wall_us
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::journal::JournalOptions;
    use careline_model::event::{Event, EventBody, QueueOutcome};
    use careline_model::stats::definitions::Subject;
    use careline_model::stats::report::Length;
    use careline_model::{CallId, EntryId, Number};
    use std::time::Instant;

    /// 2026-09-28, a Monday, 09:00 in Shanghai.
    const NINE_US: i64 = 1_790_557_200_000_000;

    /// One call that waited for five seconds.
    fn call(number: u64) -> Vec<Event> {
        let call: CallId = format!("01920000-0000-7000-8000-{number:012}").parse().unwrap();
        let (entry, queue) = (EntryId(number), "general".into());
        let at_us = NINE_US + i64::try_from(number).unwrap() * 60_000_000;
        let offered = EventBody::CallOffered {
            call,
            caller: Number::from(""),
            caller_name: "".into(),
            dialled: Number::from("100"),
            line: "main".into(),
            medium: String::new(),
            trunk: None,
        };
        let outcome = QueueOutcome::Abandoned;
        let bodies = [
            (0, offered),
            (1, EventBody::QueueEntered { call, entry, queue: "general".into(), position: 1 }),
            (5_000_000, EventBody::QueueLeft { call, entry, queue, outcome, wait_ms: 5_000 }),
        ];
        bodies.into_iter().map(|(after_us, body)| Event { at_us: at_us + after_us, body }).collect()
    }

    fn plan() -> Plan {
        let config = careline_model::config::parse("", "switch.toml").unwrap();
        careline_model::config::check(&config, &[], &|_| true).unwrap()
    }

    async fn counted_upto(counted: &Counted, number: u64) {
        let until = Instant::now() + Duration::from_secs(10);
        while counted.lock().at.number < number || !counted.lock().caught_up {
            assert!(Instant::now() < until, "not counted");
            tokio::task::yield_now().await;
        }
    }

    #[tokio::test]
    async fn a_killed_switch_counts_on_where_it_was_and_nothing_twice() {
        let folder = tempfile::tempdir().unwrap();
        let options = JournalOptions::new(folder.path().join("journal.db"), "switch-1".into());
        let file = file_beside(&options.file);
        let (journal, _) = Journal::open(options).await.unwrap();
        let (plan, side) = (plan(), Handle::current());
        let mut whole = Statistics::new(plan.timezone.clone());
        let mut last = 0;
        let mut tell = |number: u64| {
            for event in call(number) {
                whole.take(&event);
                last = journal.append(event);
            }
            (last, whole.clone())
        };
        let (upto, _) = tell(1);
        journal.flush().await;
        let first = Counted::start(&side, &journal, &file, &plan);
        counted_upto(&first, upto).await;
        first.keep(&file).await;
        // What is younger than the file is read again by the next one, whatever the first one knew.
        let (upto, _) = tell(2);
        journal.flush().await;
        counted_upto(&first, upto).await;
        let again = Counted::start(&side, &journal, &file, &plan);
        let (upto, mut whole) = tell(3);
        journal.flush().await;
        counted_upto(&again, upto).await;
        let question = Question {
            subject: Subject::Queue,
            ids: Vec::new(),
            day: "2026-09-28".parse().unwrap(),
            length: Length::Day,
            by_event: false,
        };
        let now_us = NINE_US + 3_600_000_000;
        whole.advance(now_us);
        let expected = whole.report(&question, &Terms::default());
        assert_eq!(again.report(&question, now_us), Some(expected));
        let at = again.board(now_us).unwrap();
        assert_eq!((at.board.queues[0].offered, at.board.queues[0].abandoned, at.oddities), (3, 3, 0));
    }
}

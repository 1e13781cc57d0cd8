//! The real-time board (CF 3.6): what is true of queues and agents at one moment.
//!
//! What it is not: no estimate of waits, no trunks, no alarms; whoever shows it has those elsewhere.

use super::Statistics;
use super::activity::Activity;
use super::cell::Cell;
use super::definitions::metric;
use super::entries::{Entries, WayOut};
use super::service_level::{Terms, cn, sl5};
use crate::event::OfferOutcome;
use crate::id::{AgentId, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Length of the latest service level in minutes: the minute of the question and those before it.
pub const RECENT_MIN: i64 = 30;

/// Which agents serve which queue.
pub type Members = BTreeMap<QueueId, BTreeSet<AgentId>>;

/// All that the board shows.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Board {
    /// The moment, UTC microseconds.
    pub at_us: i64,
    /// Queues that have members or had an entry, in the order of their ids.
    pub queues: Vec<QueueRow>,
    /// Agents who are signed in or did anything today, in the order of their ids.
    pub agents: Vec<AgentRow>,
}

/// One queue.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct QueueRow {
    /// The queue.
    pub queue: QueueId,
    /// Callers that wait, whether or not a phone rings for them.
    pub waiting: u32,
    /// The longest of their waits, milliseconds; 0 when nobody waits.
    pub longest_wait_ms: u64,
    /// Entries of today. Today is the day of the moment in the hospital's zone.
    pub offered: u32,
    /// Of these, answered.
    pub answered: u32,
    /// Of these, abandoned (long).
    pub abandoned: u32,
    /// Service levels of today's entries.
    pub today: Levels,
    /// Service levels of the entries of the last [`RECENT_MIN`] minutes.
    pub recent: Levels,
    /// What the queue's agents do.
    pub staff: Staff,
}

/// The two service levels that are shown, each with its letter. Nothing when there was no entry.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Levels {
    /// CN.
    pub cn: Option<f64>,
    /// SL5.
    pub sl5: Option<f64>,
}

/// How many agents do what. An agent of two queues is counted in both.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Staff {
    /// Waiting for calls.
    pub ready: u32,
    /// Chosen or rung.
    pub ringing: u32,
    /// With callers.
    pub talking: u32,
    /// In calls that no queue brought.
    pub dialing: u32,
    /// After calls.
    pub wrap_up: u32,
    /// Taking no calls.
    pub not_ready: u32,
    /// Ready without a phone.
    pub phone_away: u32,
    /// Signed in: the sum of those before.
    pub logged_in: u32,
}

/// One agent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct AgentRow {
    /// The agent.
    pub agent: AgentId,
    /// What she does.
    pub activity: Activity,
    /// Since when, UTC microseconds.
    pub since_us: i64,
    /// Conversations with callers of a queue today.
    pub handled: u32,
    /// Average handle time today, seconds.
    pub aht_s: Option<f64>,
    /// Average wrap-up today, seconds.
    pub acw_s: Option<f64>,
    /// Offers today that rang out.
    pub rona: u32,
}

impl Statistics {
    /// The board at a moment, UTC microseconds, which is not before the latest event. `members` says who serves which
    /// queue; queues that are not in it have no staff.
    #[must_use]
    pub fn board(&self, now_us: i64, members: &Members, terms: &Terms) -> Board {
        let waiting = self.waiting(now_us);
        let queues: BTreeSet<&QueueId> = self.books.queues.keys().chain(members.keys()).collect();
        let rows = queues.into_iter().map(|queue| {
            let (waiting, longest_wait_ms) = waiting.get(queue).copied().unwrap_or((0, 0));
            let empty = Entries::default();
            let today = self.today(now_us, self.queue(queue).map(|views| &views.by_entry));
            let entries = today.map_or(&empty, |cell| &cell.entries);
            let book = self.books.queues.get(queue);
            let recent = book.map(|book| book.last_minutes(now_us, RECENT_MIN)).unwrap_or_default();
            QueueRow {
                queue: queue.clone(),
                waiting,
                longest_wait_ms,
                offered: entries.offered,
                answered: entries.of(WayOut::Answered),
                abandoned: entries.of(WayOut::Abandoned),
                today: Levels { cn: cn(entries, terms), sl5: sl5(entries, terms) },
                recent: Levels { cn: cn(&recent, terms), sl5: sl5(&recent, terms) },
                staff: members.get(queue).map(|agents| self.staff(agents)).unwrap_or_default(),
            }
        });
        Board { at_us: now_us, queues: rows.collect(), agents: self.agent_rows(now_us, terms) }
    }

    /// How many wait in each queue, and the longest wait in milliseconds.
    fn waiting(&self, now_us: i64) -> BTreeMap<&QueueId, (u32, u64)> {
        let mut waiting: BTreeMap<&QueueId, (u32, u64)> = BTreeMap::new();
        for live in self.calls.values().filter_map(|call| call.entry.as_ref()) {
            let wait_ms = u64::try_from(now_us.saturating_sub(live.entered_us) / 1000).unwrap_or(0);
            let (count, longest) = waiting.entry(&live.home.queue).or_default();
            *count = count.saturating_add(1);
            *longest = (*longest).max(wait_ms);
        }
        waiting
    }

    fn today<'a>(&self, now_us: i64, series: Option<&'a super::interval::Series>) -> Option<&'a Cell> {
        Some(series?.day(self.day_of(now_us)?)?.total())
    }

    fn staff(&self, agents: &BTreeSet<AgentId>) -> Staff {
        let mut staff = Staff::default();
        for book in agents.iter().filter_map(|agent| self.books.agents.get(agent)) {
            let place = match book.activity {
                Activity::LoggedOut => continue,
                Activity::Ready => &mut staff.ready,
                Activity::Ringing => &mut staff.ringing,
                Activity::Talking => &mut staff.talking,
                Activity::Dialing => &mut staff.dialing,
                Activity::WrapUp => &mut staff.wrap_up,
                Activity::NotReady(_) => &mut staff.not_ready,
                Activity::PhoneAway => &mut staff.phone_away,
            };
            *place += 1;
            staff.logged_in += 1;
        }
        staff
    }

    fn agent_rows(&self, now_us: i64, terms: &Terms) -> Vec<AgentRow> {
        let rows = self.books.agents.iter().filter_map(|(agent, book)| {
            let today = self.today(now_us, Some(&book.series));
            if today.is_none() && book.activity == Activity::LoggedOut {
                return None;
            }
            let figure = |id| today.and_then(|cell| metric(id)?.value(cell, terms));
            Some(AgentRow {
                agent: agent.clone(),
                activity: book.activity.clone(),
                since_us: book.since_us,
                handled: today.map_or(0, |cell| cell.handled),
                aht_s: figure("aht"),
                acw_s: figure("acw"),
                rona: today.map_or(0, |cell| cell.offers.outcomes.of(OfferOutcome::NoAnswer)),
            })
        });
        rows.collect()
    }
}

//! Statistics out of the same events that everybody else gets (CF 1.11 and 3): a value that takes the journal's events one
//! by one, in their order, and knows at every moment what a report or a wallboard says.
//!
//! ```text
//! Event -> Statistics -> per queue and line: by entry, by event;  per agent: time, offers, conversations
//!                        each: days -> intervals of 15 minutes, as cells that can be added
//! Cell  -> definitions::METRICS -> figures
//! ```
//!
//! The sums always agree. An entry has exactly one outcome; offered is the sum of the outcomes and of those that wait,
//! in every interval and at every moment; a day is the sum of its intervals. Facts that are doubled, missing or out of
//! order are oddities: they are counted as such and change none of this.
//!
//! What it is not: it reads no clock and no configuration. Times that run (an agent's state) are counted when it is told
//! the time; what belongs to whom (agents to queues, reason codes to working time) is an argument of the question. It
//! keeps the newest [`interval::DAYS_KEPT`] days; what is older is in whatever was stored of it. It is about one switch,
//! whose ids of entries and offers it relies on; cells of several switches can be added.
//!
//! It is serialisable (as JSON, or another format that describes itself), so that a program has the day's statistics again
//! after a restart: keep the position in the journal with it, and take the events from there.

mod activity;
mod agents;
mod board;
mod books;
mod calls;
mod cell;
pub mod definitions;
mod entries;
pub mod histogram;
pub mod interval;
mod later;
mod oddity;
pub mod report;
mod service_level;
mod tally;

pub use activity::{Activity, NOT_READY_CODES_MAX, OTHER_CODE, TimeInStates};
pub use board::{AgentRow, Board, Levels, Members, QueueRow, RECENT_MIN, Staff};
pub use cell::{Calls, Cell, Offers, Transfers};
pub use entries::{Entries, THRESHOLDS_S, Threshold, WayOut, Within};
pub use later::{BEST_ANSWER, Callbacks, Surveys};
pub use oddity::{Oddities, Oddity};
pub use service_level::{Sl3, Terms};
pub use tally::{Spread, Tally, Total};

use crate::event::{CallDirection, Event, EventBody};
use crate::id::{AgentId, CallId, LineId, QueueId};
use books::{At, Books, Origin, is_glitch};
use calls::{End, LiveCall};
use interval::{Series, Slot, Views};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, VecDeque};

/// Queues that have an account; entries of further ones are not counted.
pub const QUEUES_MAX: usize = 500;
/// Lines that have an account; calls of further ones are not counted.
pub const LINES_MAX: usize = 500;
/// Agents that have an account; what further ones do is counted for their queues only.
pub const AGENTS_MAX: usize = 2_000;
/// Live calls that are known; a further one takes the place of the oldest, which is taken for lost.
pub const LIVE_CALLS_MAX: usize = 20_000;
/// Calls that are remembered after their end, so that what is told twice is not counted twice.
pub const ENDED_REMEMBERED_MAX: usize = 1_024;
/// Longest time, microseconds, that an agent's state may last without any sign of life of the switch: a weekend.
pub const GAP_US_MAX: i64 = 72 * 3_600_000_000;
/// Minutes with entries that each queue keeps for its latest service level, the oldest goes first.
const MINUTES_KEPT: usize = 32;

/// All that is counted, and what is needed to go on counting.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Statistics {
    #[serde(with = "jiff::fmt::serde::tz::required")]
    zone: TimeZone,
    books: Books,
    calls: BTreeMap<CallId, LiveCall>,
    /// The latest calls that ended, the oldest first.
    ended: VecDeque<CallId>,
    /// When the last event was.
    last_us: Option<i64>,
    /// The latest moment at which the switch is known to have lived.
    alive_us: Option<i64>,
}

impl Statistics {
    /// Nothing is counted yet. Days and intervals are those of the zone.
    #[must_use]
    pub fn new(zone: TimeZone) -> Self {
        Self {
            zone,
            books: Books::default(),
            calls: BTreeMap::new(),
            ended: VecDeque::new(),
            last_us: None,
            alive_us: None,
        }
    }

    /// The zone of days and intervals.
    #[must_use]
    pub fn zone(&self) -> &TimeZone {
        &self.zone
    }

    /// From now on, days and intervals are those of another zone; what is counted stays where it is.
    pub fn set_zone(&mut self, zone: TimeZone) {
        self.zone = zone;
    }

    /// Counts one event. Events come in the order of the journal, each once; those that do not are
    /// [oddities](Self::oddities).
    pub fn take(&mut self, event: &Event) {
        let Some(slot) = Slot::of(event.at_us, &self.zone) else { return self.books.odd(Oddity::BadTime) };
        let at = At { us: event.at_us, slot };
        if self.last_us.is_some_and(|last| at.us < last) {
            self.books.odd(Oddity::ClockWentBack);
        }
        self.last_us = Some(at.us);
        if shows_life(&event.body) {
            self.lives(at.us);
        }
        self.take_body(&event.body, at);
    }

    /// Counts the times that run (what agents do) up to a moment, UTC microseconds. To be told before figures of agents
    /// are read, by who knows that the switch is alive at that moment; and not with a moment that is ahead of events
    /// still to come.
    pub fn advance(&mut self, now_us: i64) {
        if Slot::of(now_us, &self.zone).is_none() {
            return self.books.odd(Oddity::BadTime);
        }
        self.settle(now_us);
        self.alive_us = self.alive_us.max(Some(now_us));
    }

    /// The day of a moment in the hospital's zone; nothing when the moment is no date.
    #[must_use]
    pub fn day_of(&self, at_us: i64) -> Option<Date> {
        Slot::of(at_us, &self.zone).map(|slot| slot.day)
    }

    /// Queues that had an entry, in the order of their ids.
    pub fn queues(&self) -> impl Iterator<Item = (&QueueId, &Views)> {
        self.books.queues.iter().map(|(queue, book)| (queue, &book.views))
    }

    /// One queue, if it had an entry.
    #[must_use]
    pub fn queue(&self, queue: &QueueId) -> Option<&Views> {
        self.books.queues.get(queue).map(|book| &book.views)
    }

    /// Lines that had a call, in the order of their ids. Entry means the arrival of the call.
    pub fn lines(&self) -> impl Iterator<Item = (&LineId, &Views)> {
        self.books.lines.iter()
    }

    /// One line, if it had a call.
    #[must_use]
    pub fn line(&self, line: &LineId) -> Option<&Views> {
        self.books.lines.get(line)
    }

    /// Calls that agents dialled: to somebody outside, or to extensions. Inbound calls are counted by line.
    #[must_use]
    pub fn dialled(&self, direction: CallDirection) -> Option<&Views> {
        match direction {
            CallDirection::Inbound => None,
            CallDirection::Outbound => Some(&self.books.outbound),
            CallDirection::Internal => Some(&self.books.internal),
        }
    }

    /// Agents who did anything, in the order of their ids. Time is counted where it passed; an offer, a conversation and
    /// a transfer in the interval in which it began; talk and wrap-up in the interval in which they ended.
    pub fn agents(&self) -> impl Iterator<Item = (&AgentId, &Series)> {
        self.books.agents.iter().map(|(agent, book)| (agent, &book.series))
    }

    /// One agent, if she did anything.
    #[must_use]
    pub fn agent(&self, agent: &AgentId) -> Option<&Series> {
        self.books.agents.get(agent).map(|book| &book.series)
    }

    /// What did not fit to the rest.
    #[must_use]
    pub fn oddities(&self) -> &Oddities {
        &self.books.oddities
    }

    /// The switch lives at a moment. The times of agents are counted with each new interval, so that a long quiet night
    /// is no gap.
    fn lives(&mut self, at_us: i64) {
        let Some(before) = self.alive_us else {
            self.alive_us = Some(at_us);
            return;
        };
        if at_us > before || is_glitch(at_us, before) {
            self.alive_us = Some(at_us);
            if at_us.div_euclid(interval::INTERVAL_US) != before.div_euclid(interval::INTERVAL_US) {
                self.settle(at_us);
            }
        }
    }

    fn take_body(&mut self, body: &EventBody, at: At) {
        use EventBody as E;
        match body {
            E::SwitchStarted { .. } => {
                self.all_calls_lost(at);
                self.all_agents_gone(at);
                self.alive_us = Some(at.us);
            }
            E::CallOffered { call, line, .. } => self.call_began(*call, Origin::Line(line.clone()), at),
            E::CallDialled { call, direction, .. } => {
                let origin = match direction {
                    CallDirection::Inbound => Origin::Unknown,
                    CallDirection::Outbound => Origin::Outbound,
                    CallDirection::Internal => Origin::Internal,
                };
                self.call_began(*call, origin, at);
            }
            // Counted by its queue and entries: it belongs to no line and was dialled by no agent.
            E::CallbackQueued(fact) => self.call_began(fact.call, Origin::Unknown, at),
            E::CallbackRequested(fact) => self.callback_requested(&fact.queue, at),
            E::CallbackEnded(fact) => self.callback_ended(fact, at),
            E::SurveyInvited(fact) => self.survey_began(fact.call, at),
            E::SurveyAnswered(fact) => self.survey_answered(fact, at),
            E::SurveyEnded(fact) => self.survey_ended(fact, at),
            E::QueueEntered { call, entry, queue, .. } => self.queue_entered(*call, *entry, queue, at),
            E::QueueLeft { call, entry, outcome, wait_ms, queue: _ } => {
                self.queue_left(*call, *entry, *outcome, *wait_ms, at);
            }
            E::OfferMade { call, entry, offer, agent } => self.offer_made(*call, *entry, *offer, agent, at),
            E::OfferEnded { offer, agent, outcome, ring_ms, call: _, entry: _ } => {
                self.offer_ended(*offer, agent, *outcome, *ring_ms, at);
            }
            E::CallConnected { call, agent, queue } => self.connected(*call, agent, queue.as_ref(), at),
            E::TransferStarted { call, agent, to, attended } => {
                self.transfer_started(*call, agent, to, *attended, at);
            }
            E::TransferEnded { call, outcome, ring_ms: _ } => self.transfer_ended(*call, *outcome, at),
            E::CallEnded { call, cause, duration_ms, talk_ms, ended_by: _ } => {
                let end = End { cause: *cause, length_ms: *duration_ms, talk_ms: *talk_ms };
                self.call_ended(*call, &end, at);
            }
            E::AgentState { agent, intent, work, device } => {
                self.agent_does(agent, Activity::of(intent, *work, *device), at);
            }
            // Nothing is counted of the others.
            _ => {}
        }
    }
}

/// Only a switch that runs tells this. The others are also told at the next start, of what a killed run left open.
fn shows_life(body: &EventBody) -> bool {
    !matches!(
        body,
        EventBody::SwitchStarted { .. }
            | EventBody::OfferEnded { .. }
            | EventBody::QueueLeft { .. }
            | EventBody::CallEnded { .. }
            | EventBody::RecordingFinished { .. }
            | EventBody::LegQuality { .. }
    )
}

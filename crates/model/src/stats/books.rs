//! The accounts: who is counted where. A fact goes to a queue, a line or an agent, and whatever cannot be counted there is
//! an oddity.

use super::activity::Activity;
use super::cell::Cell;
use super::entries::Entries;
use super::histogram::DURATION_MS_MAX;
use super::interval::{NotCounted, Series, Slot, Views};
use super::oddity::{Oddities, Oddity};
use super::{AGENTS_MAX, GAP_US_MAX, LINES_MAX, MINUTES_KEPT, QUEUES_MAX};
use crate::id::{AgentId, LineId, OfferId, QueueId};
use jiff::tz::TimeZone;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A moment and the interval that it falls into.
#[derive(Debug, Clone, Copy)]
pub(super) struct At {
    pub(super) us: i64,
    pub(super) slot: Slot,
}

/// The queue entry that something follows from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Home {
    pub(super) queue: QueueId,
    /// Of the entry.
    pub(super) slot: Slot,
}

/// Where a call came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Origin {
    Line(LineId),
    Outbound,
    Internal,
    /// Its beginning was not told; it is counted nowhere.
    Unknown,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct QueueBook {
    pub(super) views: Views,
    /// Entries of the last minutes by the minute of their beginning, at most [`MINUTES_KEPT`].
    recent: BTreeMap<i64, Entries>,
}

impl QueueBook {
    pub(super) fn begin_recent(&mut self, at_us: i64) {
        self.recent.entry(minute_of(at_us)).or_default().begin();
        if self.recent.len() > MINUTES_KEPT {
            self.recent.pop_first();
        }
    }

    /// The minute of an entry, as long as it is kept.
    pub(super) fn recent_of(&mut self, entered_us: i64) -> Option<&mut Entries> {
        self.recent.get_mut(&minute_of(entered_us))
    }

    /// Entries that began in the `minutes` up to the one of `now_us`.
    pub(super) fn last_minutes(&self, now_us: i64, minutes: i64) -> Entries {
        let last = minute_of(now_us);
        let mut sum = Entries::default();
        for entries in self.recent.range(last.saturating_sub(minutes - 1)..=last).map(|(_, entries)| entries)
        {
            sum.add(entries);
        }
        sum
    }
}

fn minute_of(at_us: i64) -> i64 {
    at_us.div_euclid(60_000_000)
}

/// An offer that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LiveOffer {
    pub(super) offer: OfferId,
    pub(super) home: Option<Home>,
    /// When it was made.
    pub(super) slot: Slot,
    pub(super) made_us: i64,
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct AgentBook {
    pub(super) series: Series,
    pub(super) activity: Activity,
    pub(super) since_us: i64,
    /// Up to here the time is in the series.
    counted_us: i64,
    /// What the last conversation was for; wrap-up belongs to it.
    pub(super) work_for: Option<Home>,
    pub(super) offer: Option<LiveOffer>,
    /// The latest offer that was made in this run of the switch.
    pub(super) last_offer: Option<OfferId>,
}

impl AgentBook {
    /// Counts the time up to a moment, each part of it in its own interval.
    pub(super) fn settle(&mut self, until_us: i64, zone: &TimeZone, oddities: &mut Oddities) {
        let mut from_us = self.counted_us;
        if until_us <= from_us && !is_glitch(until_us, from_us) {
            return;
        }
        self.counted_us = until_us;
        if self.activity == Activity::LoggedOut {
            return;
        }
        if until_us.saturating_sub(from_us) > GAP_US_MAX {
            return oddities.count(Oddity::BadTime);
        }
        while from_us < until_us {
            let Some(slot) = Slot::of(from_us, zone) else { return oddities.count(Oddity::BadTime) };
            let end_us = slot.end_us().min(until_us);
            let us = end_us.abs_diff(from_us);
            let counted = self.series.count(slot, |cell| cell.time.spend(&self.activity, us));
            note(counted, oddities);
            from_us = end_us;
        }
    }
}

/// The later moment was none of this life: a clock had jumped, and is right again.
pub(super) fn is_glitch(now_us: i64, before_us: i64) -> bool {
    before_us.saturating_sub(now_us) > GAP_US_MAX
}

fn note(counted: Result<(), NotCounted>, oddities: &mut Oddities) {
    match counted {
        Ok(()) => {}
        Err(NotCounted::TooOld) => oddities.count(Oddity::TooOld),
        Err(NotCounted::NoRoom) => oddities.count(Oddity::NoRoom),
    }
}

#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Books {
    pub(super) queues: BTreeMap<QueueId, QueueBook>,
    pub(super) lines: BTreeMap<LineId, Views>,
    pub(super) outbound: Views,
    pub(super) internal: Views,
    pub(super) agents: BTreeMap<AgentId, AgentBook>,
    pub(super) oddities: Oddities,
}

impl Books {
    pub(super) fn odd(&mut self, oddity: Oddity) {
        self.oddities.count(oddity);
    }

    /// A duration as it is counted.
    pub(super) fn bounded(&mut self, ms: u64) -> u64 {
        if ms > DURATION_MS_MAX {
            self.odd(Oddity::TooLong);
        }
        ms.min(DURATION_MS_MAX)
    }

    /// The time between two moments; none when the second is the earlier one.
    pub(super) fn between(&mut self, from_us: i64, to_us: i64) -> u64 {
        let us = if to_us > from_us { to_us.abs_diff(from_us) } else { 0 };
        self.bounded(us / 1000)
    }

    /// The queue's account; nothing when there is no room for one more.
    pub(super) fn open_queue(&mut self, queue: &QueueId) -> Option<&mut QueueBook> {
        if !self.queues.contains_key(queue) {
            if self.queues.len() >= QUEUES_MAX {
                self.odd(Oddity::NoRoom);
                return None;
            }
            self.queues.insert(queue.clone(), QueueBook::default());
        }
        self.queues.get_mut(queue)
    }

    /// Counts what follows from a queue entry.
    pub(super) fn queue(&mut self, home: &Home, event: Slot, change: impl Fn(&mut Cell)) {
        if let Some(book) = self.queues.get_mut(&home.queue) {
            note(book.views.count(home.slot, event, change), &mut self.oddities);
        }
    }

    /// The agent's account; nothing when there is no room for one more.
    pub(super) fn open_agent(&mut self, agent: &AgentId) -> Option<&mut AgentBook> {
        if !self.agents.contains_key(agent) {
            if self.agents.len() >= AGENTS_MAX {
                self.odd(Oddity::NoRoom);
                return None;
            }
            self.agents.insert(agent.clone(), AgentBook::default());
        }
        self.agents.get_mut(agent)
    }

    /// Counts what an agent did.
    pub(super) fn agent(&mut self, agent: &AgentId, slot: Slot, change: impl Fn(&mut Cell)) {
        if let Some(book) = self.open_agent(agent) {
            let counted = book.series.count(slot, change);
            note(counted, &mut self.oddities);
        }
    }

    /// Counts what follows from the beginning of a call.
    pub(super) fn call(&mut self, origin: &Origin, began: Slot, event: Slot, change: impl Fn(&mut Cell)) {
        let views = match origin {
            Origin::Line(line) => {
                if !self.lines.contains_key(line) && self.lines.len() >= LINES_MAX {
                    return self.odd(Oddity::NoRoom);
                }
                self.lines.entry(line.clone()).or_default()
            }
            Origin::Outbound => &mut self.outbound,
            Origin::Internal => &mut self.internal,
            Origin::Unknown => return,
        };
        note(views.count(began, event, change), &mut self.oddities);
    }
}

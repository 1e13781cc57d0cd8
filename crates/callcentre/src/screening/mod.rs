//! Who is let in (CF A9 to A11): caller lists, withheld numbers, calls per number, calls per line.
//!
//! [`Screening`] is asked once at the door and once before each queue. It decides and says why; it sends nothing. What
//! it is not: no guard against attackers, who are met before anything is known of a call (`switchboard::guard`).
//!
//! ```text
//! number ---> black list --> rate --+
//!                                   +--> caps of the line --> in, low priority, a flow, or busy
//! withheld -------------------------+                \--> the line's policy for withheld numbers
//! ```
//!
//! A white entry, a protected number and an emergency line go before the black list and the rate, an emergency line
//! before the caps too; who is let in by them alone is told, so that somebody can put the lists right.

mod apply;
mod lists;
mod orders;
mod rate;

pub(crate) use apply::BeforeQueue;

use careline_model::config::plan::{Anonymous, CallerRate, Cap, Line};
use careline_model::screening::{
    BlockAction, LOW_PRIORITY_POINTS, ListEntry, ListKind, ScreenCause, ScreenOutcome,
};
use careline_model::{FlowId, Now, Number, QueueId};
use lists::{Lists, Place};
use rate::CallerRates;

/// What is known of callers: lists that are set, and calls that were made.
#[derive(Debug, Default)]
pub(crate) struct Screening {
    lists: Lists,
    rates: CallerRates,
}

/// A call at the door.
#[derive(Debug)]
pub(crate) struct Arrival<'a> {
    pub(crate) caller: &'a Number,
    pub(crate) line: &'a Line,
    /// Its dialled number is never refused for overload.
    pub(crate) is_emergency_line: bool,
    /// How many calls of the line there are.
    pub(crate) occupancy: Occupancy,
}

/// Calls of one line, without those that were sent to a message.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct Occupancy {
    /// All of them.
    pub(crate) total: usize,
    /// Those in a queue, rung for or not.
    pub(crate) waiting: usize,
}

/// What is done with a call, and all that is to be told of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Verdict {
    pub(crate) hits: Vec<Hit>,
    pub(crate) way: Way,
    /// The call's priority points; 0 leaves them as they are.
    pub(crate) points: i32,
}

/// Where a call goes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) enum Way {
    /// In, as any other.
    #[default]
    In,
    /// In, by a flow that asks who it is.
    Ask(FlowId),
    /// To a flow of its own: it is not let in.
    Away(FlowId),
    /// Busy.
    Busy,
}

/// One thing that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Hit {
    pub(crate) cause: ScreenCause,
    pub(crate) outcome: ScreenOutcome,
    pub(crate) reason: String,
}

impl Screening {
    /// With the entries of the configuration.
    pub(crate) fn new(entries: &[ListEntry]) -> Self {
        Self { lists: Lists::new(entries), rates: CallerRates::default() }
    }

    /// Entries that count and that these do not have, and those of these that are not there.
    pub(crate) fn beside(&self, configured: &[ListEntry], wall_us: i64) -> (Vec<ListEntry>, Vec<ListEntry>) {
        let all = [ListKind::White, ListKind::Black, ListKind::Protected];
        let entries = all.into_iter().flat_map(|list| self.lists.entries(list, wall_us));
        let more = entries.filter(|entry| !configured.contains(entry)).collect();
        let gone = configured.iter().filter(|entry| !self.lists.has_key(entry)).cloned().collect();
        (more, gone)
    }

    /// Takes that back.
    pub(crate) fn restore(&mut self, more: &[ListEntry], gone: &[ListEntry], wall_us: i64) {
        for entry in gone {
            self.lists.remove(entry.list, &entry.pattern, &entry.scope);
        }
        for entry in more.iter().filter(|entry| entry.counts_at(wall_us)) {
            self.lists.set(entry.clone(), wall_us);
        }
    }

    /// The configuration has other entries. What people set at run time in the place of one stays.
    pub(crate) fn replan(&mut self, old: &[ListEntry], new: &[ListEntry], wall_us: i64) {
        for entry in old.iter().filter(|entry| !new.contains(entry)) {
            if self.lists.has_exactly(entry) {
                self.lists.remove(entry.list, &entry.pattern, &entry.scope);
            }
        }
        for entry in new.iter().filter(|entry| !old.contains(entry)) {
            // A list that is full keeps what is in it.
            self.lists.set(entry.clone(), wall_us);
        }
    }

    /// A call arrives. It is counted when it is let in.
    pub(crate) fn at_door(&mut self, arrival: &Arrival<'_>, rate: Option<&CallerRate>, now: Now) -> Verdict {
        let mut verdict = Verdict::default();
        let Arrival { caller, line, is_emergency_line, occupancy } = *arrival;
        let rate = rate.filter(|_| !caller.is_withheld());
        if !caller.is_withheld() {
            let place = Place::Door(&line.id);
            let pass = if is_emergency_line {
                Some(ScreenOutcome::AllowedOnEmergencyLine)
            } else {
                self.pass(caller, place, now)
            };
            if let Some(entry) = self.lists.find(ListKind::Black, caller, place, now.wall_us) {
                verdict.meet(ScreenCause::BlackList, &entry.action, &entry.reason, pass);
            }
            let over = |rate: &&CallerRate| self.rates.is_over(caller, rate, now.instant);
            if let Some(rate) = rate.filter(|_| verdict.lets_in()).filter(over) {
                verdict.meet(ScreenCause::CallerRate, &rate.action, "", pass);
            }
        }
        let pass = is_emergency_line.then_some(ScreenOutcome::AllowedOnEmergencyLine);
        let caps = [
            (ScreenCause::LineTotal, &line.total_max, occupancy.total),
            (ScreenCause::LineWaiting, &line.waiting_max, occupancy.waiting),
        ];
        for (cause, cap, calls) in caps {
            let full = |cap: &&Cap| calls >= cap.calls;
            if let Some(cap) = cap.as_ref().filter(full).filter(|_| verdict.lets_in()) {
                verdict.meet(cause, &cap.action, "", pass);
            }
        }
        if caller.is_withheld() && verdict.lets_in() {
            verdict.anonymous(&line.anonymous, is_emergency_line);
        }
        if let Some(rate) = rate.filter(|_| verdict.lets_in()) {
            self.rates.count(caller, rate, now.instant);
        }
        verdict
    }

    /// A call is about to wait in a queue.
    pub(crate) fn at_queue(&self, caller: &Number, line: &Line, queue: &QueueId, now: Now) -> Verdict {
        let mut verdict = Verdict::default();
        let place = Place::Queue(&line.id, queue);
        if !caller.is_withheld()
            && let Some(entry) = self.lists.find(ListKind::Black, caller, place, now.wall_us)
        {
            let pass = self.pass(caller, place, now);
            verdict.meet(ScreenCause::BlackList, &entry.action, &entry.reason, pass);
        }
        verdict
    }

    /// What lets a caller in against all else, protection first: that is what people look for.
    fn pass(&self, caller: &Number, place: Place<'_>, now: Now) -> Option<ScreenOutcome> {
        let on = |list| self.lists.find(list, caller, place, now.wall_us).is_some();
        if on(ListKind::Protected) {
            Some(ScreenOutcome::AllowedByProtection)
        } else {
            on(ListKind::White).then_some(ScreenOutcome::AllowedByWhiteList)
        }
    }
}

impl Verdict {
    /// The caller comes to people or to their flow.
    fn lets_in(&self) -> bool {
        matches!(self.way, Way::In | Way::Ask(_))
    }

    fn anonymous(&mut self, policy: &Anonymous, is_emergency_line: bool) {
        let (way, outcome) = match policy {
            Anonymous::Accept => return,
            _ if is_emergency_line => (Way::In, ScreenOutcome::AllowedOnEmergencyLine),
            Anonymous::Ask(flow) => (Way::Ask(flow.clone()), ScreenOutcome::Asked),
            Anonymous::Refuse(flow) => (Way::Away(flow.clone()), ScreenOutcome::Message),
        };
        self.way = way;
        self.hits.push(Hit { cause: ScreenCause::Anonymous, outcome, reason: String::new() });
    }

    /// Something speaks against the call; `pass` lets it in all the same.
    fn meet(&mut self, cause: ScreenCause, action: &BlockAction, reason: &str, pass: Option<ScreenOutcome>) {
        let outcome = match (pass, action) {
            (Some(pass), _) => pass,
            (None, BlockAction::Busy) => {
                self.way = Way::Busy;
                ScreenOutcome::Busy
            }
            (None, BlockAction::Message(flow)) => {
                self.way = Way::Away(flow.clone());
                ScreenOutcome::Message
            }
            (None, BlockAction::Voicemail(flow)) => {
                self.way = Way::Away(flow.clone());
                ScreenOutcome::Voicemail
            }
            (None, BlockAction::LowPriority) => {
                // Twice low is not lower: nobody shall wait for ever.
                self.points = LOW_PRIORITY_POINTS;
                ScreenOutcome::LowPriority
            }
        };
        self.hits.push(Hit { cause, outcome, reason: reason.to_owned() });
    }
}

//! What follows from the events of calls: entries and their outcomes, conversations, transfers, ends.

use super::books::{At, Home, Origin};
use super::interval::Slot;
use super::oddity::Oddity;
use super::{ENDED_REMEMBERED_MAX, LIVE_CALLS_MAX, Statistics};
use crate::event::{EndCause, QueueOutcome, TransferOutcome};
use crate::id::{AgentId, CallId, EntryId, QueueId};
use crate::number::{Number, NumberKind};
use serde::{Deserialize, Serialize};

/// A call that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LiveCall {
    origin: Origin,
    began: Slot,
    began_us: i64,
    /// The stay in a queue that has not ended.
    pub(super) entry: Option<LiveEntry>,
    /// The latest entry that began; their numbers grow within a call.
    last_entry: Option<EntryId>,
    /// The entry that was answered and that everything now follows from.
    home: Option<Home>,
    talk: Option<LiveTalk>,
    /// Whose conversation was counted last since that entry.
    handled_by: Option<AgentId>,
    transfer: Option<LiveTransfer>,
}

/// A stay in a queue that has not ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct LiveEntry {
    pub(super) id: EntryId,
    pub(super) home: Home,
    pub(super) entered_us: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LiveTalk {
    agent: AgentId,
    home: Option<Home>,
    since_us: i64,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
struct LiveTransfer {
    agent: AgentId,
    home: Option<Home>,
    /// When it began.
    slot: Slot,
    outside: bool,
}

/// How a call ended.
pub(super) struct End {
    pub(super) cause: EndCause,
    pub(super) length_ms: u64,
    pub(super) talk_ms: u64,
}

impl Statistics {
    pub(super) fn call_began(&mut self, id: CallId, origin: Origin, at: At) {
        if self.calls.contains_key(&id) || self.ended.contains(&id) {
            return self.books.odd(Oddity::Doubled);
        }
        self.books.call(&origin, at.slot, at.slot, |cell| cell.calls.begin());
        self.keep_call(id, origin, at);
    }

    fn keep_call(&mut self, id: CallId, origin: Origin, at: At) {
        if self.calls.len() >= LIVE_CALLS_MAX
            && let Some((_, oldest)) = self.calls.pop_first()
        {
            self.books.odd(Oddity::NoRoom);
            self.call_lost(oldest, EndCause::Fault, at);
        }
        let live = LiveCall {
            origin,
            began: at.slot,
            began_us: at.us,
            entry: None,
            last_entry: None,
            home: None,
            talk: None,
            handled_by: None,
            transfer: None,
        };
        self.calls.insert(id, live);
    }

    /// Makes a call known whose beginning was not told. False when it has ended already.
    fn is_live(&mut self, id: CallId, at: At) -> bool {
        if self.calls.contains_key(&id) {
            return true;
        }
        if self.ended.contains(&id) {
            self.books.odd(Oddity::Doubled);
            return false;
        }
        self.books.odd(Oddity::Unmatched);
        self.keep_call(id, Origin::Unknown, at);
        true
    }

    pub(super) fn queue_entered(&mut self, id: CallId, entry: EntryId, queue: &QueueId, at: At) {
        if !self.is_live(id, at) {
            return;
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.last_entry.is_some_and(|last| entry <= last) {
            return self.books.odd(Oddity::Doubled);
        }
        let first = call.last_entry.replace(entry).is_none();
        (call.home, call.handled_by) = (None, None);
        let (origin, began) = (call.origin.clone(), call.began);
        self.end_talk(id, at.us, at);
        self.entry_lost(id, at);
        let Some(book) = self.books.open_queue(queue) else { return };
        book.begin_recent(at.us);
        let home = Home { queue: queue.clone(), slot: at.slot };
        self.books.queue(&home, at.slot, |cell| cell.entries.begin());
        if first {
            self.books.call(&origin, began, at.slot, |cell| cell.calls.queue());
        }
        if let Some(call) = self.calls.get_mut(&id) {
            call.entry = Some(LiveEntry { id: entry, home, entered_us: at.us });
        }
    }

    pub(super) fn queue_left(
        &mut self,
        id: CallId,
        entry: EntryId,
        outcome: QueueOutcome,
        wait_ms: u64,
        at: At,
    ) {
        let call = self.calls.get_mut(&id).filter(|call| call.entry.as_ref().is_some_and(|e| e.id == entry));
        let Some((call, live)) = call.and_then(|call| call.entry.take().map(|live| (call, live))) else {
            return self.books.odd(Oddity::Unmatched);
        };
        if outcome == QueueOutcome::Answered {
            call.home = Some(live.home.clone());
        }
        self.end_entry(&live, outcome, wait_ms, at);
    }

    fn end_entry(&mut self, live: &LiveEntry, outcome: QueueOutcome, wait_ms: u64, at: At) {
        let wait_ms = self.books.bounded(wait_ms);
        self.books.queue(&live.home, at.slot, |cell| cell.end_entry(outcome, wait_ms));
        let book = self.books.queues.get_mut(&live.home.queue);
        if let Some(recent) = book.and_then(|book| book.recent_of(live.entered_us)) {
            recent.end(outcome, wait_ms);
        }
    }

    /// The end of an entry was not told.
    fn entry_lost(&mut self, id: CallId, at: At) {
        if let Some(live) = self.calls.get_mut(&id).and_then(|call| call.entry.take()) {
            self.books.odd(Oddity::Unfinished);
            let wait_ms = self.books.between(live.entered_us, at.us);
            self.end_entry(&live, QueueOutcome::SystemFault, wait_ms, at);
        }
    }

    pub(super) fn connected(&mut self, id: CallId, agent: &AgentId, queue: Option<&QueueId>, at: At) {
        if !self.is_live(id, at) {
            return;
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        // She goes on at another phone of hers: one conversation.
        if call.talk.as_ref().is_some_and(|talk| talk.agent == *agent) {
            return;
        }
        let home = call.home.clone().or_else(|| call.entry.as_ref().map(|entry| entry.home.clone()));
        self.end_talk(id, at.us, at);
        let home = home.or_else(|| {
            let queue = queue?;
            self.books.odd(Oddity::Unmatched);
            self.books.open_queue(queue)?;
            Some(Home { queue: queue.clone(), slot: at.slot })
        });
        if let Some(book) = self.books.open_agent(agent) {
            book.work_for.clone_from(&home);
        }
        let Some(call) = self.calls.get_mut(&id) else { return };
        let anew = call.handled_by.as_ref() != Some(agent);
        call.handled_by = Some(agent.clone());
        call.talk = Some(LiveTalk { agent: agent.clone(), home: home.clone(), since_us: at.us });
        if let Some(home) = home.filter(|_| anew) {
            self.books.queue(&home, at.slot, |cell| cell.handled = cell.handled.saturating_add(1));
            self.books.agent(agent, at.slot, |cell| cell.handled = cell.handled.saturating_add(1));
        }
    }

    /// The conversation is over, and the call goes on without an agent.
    pub(super) fn survey_began(&mut self, id: CallId, at: At) {
        if !self.calls.contains_key(&id) {
            return self.books.odd(Oddity::Unmatched);
        }
        self.end_talk(id, at.us, at);
    }

    fn end_talk(&mut self, id: CallId, until_us: i64, at: At) {
        if let Some(talk) = self.calls.get_mut(&id).and_then(|call| call.talk.take()) {
            self.count_talk(&talk, until_us, at);
        }
    }

    fn count_talk(&mut self, talk: &LiveTalk, until_us: i64, at: At) {
        let ms = self.books.between(talk.since_us, until_us);
        match &talk.home {
            Some(home) => {
                self.books.queue(home, at.slot, |cell| cell.talk.record(ms));
                self.books.agent(&talk.agent, at.slot, |cell| cell.talk.record(ms));
            }
            None => self.books.agent(&talk.agent, at.slot, |cell| cell.own_talk.record(ms)),
        }
    }

    pub(super) fn transfer_started(
        &mut self,
        id: CallId,
        agent: &AgentId,
        to: &Number,
        attended: bool,
        at: At,
    ) {
        let Some(call) = self.calls.get_mut(&id) else { return self.books.odd(Oddity::Unmatched) };
        if let Some(open) = call.transfer.take() {
            if call.talk.is_none() {
                call.transfer = Some(open);
                return self.books.odd(Oddity::Doubled);
            }
            self.books.odd(Oddity::Unfinished);
            self.end_transfer(&open, TransferOutcome::Cancelled, at);
        }
        let outside = goes_outside(to);
        let home = self.calls.get(&id).and_then(|call| call.home.clone());
        self.end_talk(id, at.us, at);
        if let Some(home) = &home {
            self.books.queue(home, at.slot, |cell| cell.transfers.begin(attended, outside));
        }
        self.books.agent(agent, at.slot, |cell| cell.transfers.begin(attended, outside));
        if let Some(call) = self.calls.get_mut(&id) {
            call.transfer = Some(LiveTransfer { agent: agent.clone(), home, slot: at.slot, outside });
        }
    }

    pub(super) fn transfer_ended(&mut self, id: CallId, outcome: TransferOutcome, at: At) {
        match self.calls.get_mut(&id).and_then(|call| call.transfer.take()) {
            Some(open) => self.end_transfer(&open, outcome, at),
            None => self.books.odd(Oddity::Unmatched),
        }
    }

    fn end_transfer(&mut self, open: &LiveTransfer, outcome: TransferOutcome, at: At) {
        let outside = open.outside;
        if let Some(home) = &open.home {
            self.books.queue(home, at.slot, |cell| cell.transfers.end(outcome, outside));
        }
        self.books.agent(&open.agent, open.slot, |cell| cell.transfers.end(outcome, outside));
    }

    pub(super) fn call_ended(&mut self, id: CallId, end: &End, at: At) {
        if !self.calls.contains_key(&id) {
            let oddity = if self.ended.contains(&id) { Oddity::Doubled } else { Oddity::Unmatched };
            return self.books.odd(oddity);
        }
        self.entry_lost(id, at);
        let Some(call) = self.calls.remove(&id) else { return };
        self.remember_ended(id);
        // Nobody talked on after the switch had died, and how long that was ago is not known better.
        let crashed = end.cause == EndCause::SwitchCrashed;
        let until_us = if crashed { self.alive_us.map_or(at.us, |alive| alive.min(at.us)) } else { at.us };
        if let Some(talk) = &call.talk {
            self.count_talk(talk, until_us, at);
        }
        if let Some(open) = &call.transfer {
            if !crashed {
                self.books.odd(Oddity::Unfinished);
            }
            self.end_transfer(open, TransferOutcome::Cancelled, at);
        }
        let (length_ms, talk_ms) = (self.books.bounded(end.length_ms), self.books.bounded(end.talk_ms));
        let cause = end.cause;
        self.books.call(&call.origin, call.began, at.slot, |cell| cell.calls.end(cause, length_ms, talk_ms));
    }

    /// The end of a call was not told.
    fn call_lost(&mut self, mut call: LiveCall, cause: EndCause, at: At) {
        self.books.odd(Oddity::Unfinished);
        let until_us = self.alive_us.map_or(at.us, |alive| alive.min(at.us));
        let talk_ms = call.talk.as_ref().map_or(0, |talk| self.books.between(talk.since_us, until_us));
        if let Some(talk) = call.talk.take() {
            self.count_talk(&talk, until_us, at);
        }
        if let Some(live) = call.entry.take() {
            let wait_ms = self.books.between(live.entered_us, until_us);
            self.end_entry(&live, QueueOutcome::SystemFault, wait_ms, at);
        }
        if let Some(open) = call.transfer.take() {
            self.end_transfer(&open, TransferOutcome::Cancelled, at);
        }
        let length_ms = self.books.between(call.began_us, until_us);
        self.books.call(&call.origin, call.began, at.slot, |cell| cell.calls.end(cause, length_ms, talk_ms));
    }

    /// A new run of the switch knows nothing of these calls; what was made good after a crash is told before it begins.
    pub(super) fn all_calls_lost(&mut self, at: At) {
        for (id, call) in std::mem::take(&mut self.calls) {
            self.remember_ended(id);
            self.call_lost(call, EndCause::SwitchCrashed, at);
        }
    }

    fn remember_ended(&mut self, id: CallId) {
        if self.ended.len() >= ENDED_REMEMBERED_MAX {
            self.ended.pop_front();
        }
        self.ended.push_back(id);
    }
}

/// Extensions are the ids of agents, which need not be digits; what goes outside is a number.
fn goes_outside(to: &Number) -> bool {
    match to.kind() {
        NumberKind::Mobile
        | NumberKind::Landline
        | NumberKind::Service
        | NumberKind::Short
        | NumberKind::Foreign => true,
        NumberKind::Extension | NumberKind::Invalid | NumberKind::Hidden => false,
    }
}

//! What follows from the events of agents: offers, and time by state.

use super::Statistics;
use super::activity::Activity;
use super::books::{At, Home, LiveOffer, is_glitch};
use super::oddity::Oddity;
use crate::event::OfferOutcome;
use crate::id::{AgentId, CallId, EntryId, OfferId};

impl Statistics {
    pub(super) fn offer_made(&mut self, id: CallId, entry: EntryId, offer: OfferId, agent: &AgentId, at: At) {
        let Some(book) = self.books.open_agent(agent) else { return };
        if book.last_offer.is_some_and(|last| offer <= last) {
            return self.books.odd(Oddity::Doubled);
        }
        book.last_offer = Some(offer);
        self.offer_lost(agent, at);
        let entry = self.calls.get(&id).and_then(|call| call.entry.as_ref()).filter(|live| live.id == entry);
        let home: Option<Home> = entry.map(|live| live.home.clone());
        match &home {
            Some(home) => self.books.queue(home, at.slot, |cell| cell.offers.begin()),
            None => self.books.odd(Oddity::Unmatched),
        }
        self.books.agent(agent, at.slot, |cell| cell.offers.begin());
        if let Some(book) = self.books.open_agent(agent) {
            book.offer = Some(LiveOffer { offer, home, slot: at.slot, made_us: at.us });
        }
    }

    pub(super) fn offer_ended(
        &mut self,
        offer: OfferId,
        agent: &AgentId,
        outcome: OfferOutcome,
        ring_ms: u64,
        at: At,
    ) {
        let book = self.books.agents.get_mut(agent);
        let Some(live) = book.and_then(|book| book.offer.take_if(|live| live.offer == offer)) else {
            return self.books.odd(Oddity::Unmatched);
        };
        self.end_offer(agent, &live, outcome, ring_ms, at);
    }

    fn end_offer(&mut self, agent: &AgentId, live: &LiveOffer, outcome: OfferOutcome, ring_ms: u64, at: At) {
        let ring_ms = self.books.bounded(ring_ms);
        if let Some(home) = &live.home {
            self.books.queue(home, at.slot, |cell| cell.offers.end(outcome, ring_ms));
        }
        self.books.agent(agent, live.slot, |cell| cell.offers.end(outcome, ring_ms));
    }

    /// The end of an offer was not told.
    fn offer_lost(&mut self, agent: &AgentId, at: At) {
        let book = self.books.agents.get_mut(agent);
        if let Some(live) = book.and_then(|book| book.offer.take()) {
            self.books.odd(Oddity::Unfinished);
            let ring_ms = self.books.between(live.made_us, at.us);
            self.end_offer(agent, &live, OfferOutcome::Cancelled, ring_ms, at);
        }
    }

    pub(super) fn agent_does(&mut self, agent: &AgentId, activity: Activity, at: At) {
        let Self { books, zone, .. } = self;
        if books.open_agent(agent).is_none_or(|book| book.activity == activity) {
            return;
        }
        let Some(book) = books.agents.get_mut(agent) else { return };
        book.settle(at.us, zone, &mut books.oddities);
        let before = std::mem::replace(&mut book.activity, activity);
        let since_us = book.since_us;
        // What she did before a time that is counted already is not counted again.
        let again = at.us < since_us && !is_glitch(at.us, since_us);
        if !again {
            book.since_us = at.us;
        }
        if before == Activity::WrapUp && !again {
            let home = book.work_for.clone();
            let ms = books.between(since_us, at.us);
            books.agent(agent, at.slot, |cell| cell.wrap_up.record(ms));
            if let Some(home) = home {
                books.queue(&home, at.slot, |cell| cell.wrap_up.record(ms));
            }
        }
    }

    /// Counts the time of all agents up to a moment.
    pub(super) fn settle(&mut self, until_us: i64) {
        let Self { books, zone, .. } = self;
        for book in books.agents.values_mut() {
            book.settle(until_us, zone, &mut books.oddities);
        }
    }

    /// A new run of the switch knows no agent as signed in. Until when they were is the last sign of life before it.
    pub(super) fn all_agents_gone(&mut self, at: At) {
        let until_us = self.alive_us.map_or(at.us, |alive| alive.min(at.us));
        let agents: Vec<AgentId> = self.books.agents.keys().cloned().collect();
        for agent in agents {
            self.offer_lost(&agent, at);
            self.agent_does(&agent, Activity::LoggedOut, At { us: until_us, slot: at.slot });
            if let Some(book) = self.books.agents.get_mut(&agent) {
                (book.last_offer, book.work_for) = (None, None);
            }
        }
    }
}

//! Pops on the way to pages: at once when the caller is known, after a short wait with the number alone otherwise, and
//! whole as soon as the database answers.

use super::{POP_WAIT_MAX, Room};
use crate::hub::facts::{Action, Row};
use crate::hub::message::ServerBody;
use crate::hub::page::{Page, PageId, PagePop, PopState};
use crate::live::LiveCall;
use crate::pop::{Offer, PopCall, Prepared, build};
use careline_model::event::{CallDirection, OfferOutcome, TransferOutcome};
use careline_model::{AgentId, CallId, Now, Number, OfferId};
use std::time::Instant;

/// Stands in the place of an offer's number where a conversation began without one.
const NO_OFFER: OfferId = OfferId(0);

impl Page {
    /// Until when the page's pop waits for the database.
    pub(super) fn awaits_until(&self) -> Option<Instant> {
        match self.pop.as_ref()?.state {
            PopState::Awaited(until) => Some(until),
            PopState::NumberOnly | PopState::Whole => None,
        }
    }
}

impl Room {
    pub(super) fn offer_made(
        &mut self,
        call: CallId,
        offer: OfferId,
        agent: &AgentId,
        at_us: i64,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let Some(id) = self.page_of(agent) else { return };
        if let Some(number) = self.board.call(call).map(|live| live.caller.clone()) {
            self.want(call, &number, actions);
        }
        let state = PopState::Awaited(now.instant + POP_WAIT_MAX);
        let asked = self.pops.get(call) == Some(&Prepared::Asked);
        self.set_pop(id, PagePop { call, offer, offered_us: at_us, state, painted: false });
        // A search that failed was begun again above; it is the same as one that takes its time.
        if !asked {
            self.send_pop(id, now, actions);
        }
    }

    /// An agent talks to somebody whom no queue brought her: passed on to her, or dialled. Her screen knows who that is
    /// all the same. Colleagues are no patients.
    pub(super) fn without_offer(
        &mut self,
        call: CallId,
        agent: &AgentId,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let internal = |live: &LiveCall| live.direction == CallDirection::Internal;
        let known = |page: &Page| page.pop.as_ref().is_some_and(|pop| pop.call == call);
        let page = self.page_of(agent).and_then(|id| self.pages.get(&id));
        if page.is_none_or(known) || self.board.call(call).is_none_or(internal) {
            return;
        }
        self.offer_made(call, NO_OFFER, agent, now.wall_us, now, actions);
        self.offer_ended(call, NO_OFFER, agent, OfferOutcome::Answered, now, actions);
    }

    /// Only who passed the call on is told: the third party sees the call itself.
    pub(super) fn transfer_ended(
        &mut self,
        call: CallId,
        agent: &AgentId,
        to: &Number,
        outcome: TransferOutcome,
        actions: &mut Vec<Action>,
    ) {
        let Some(id) = self.page_of(agent) else { return };
        let colleague = self.board.agent_view(&AgentId::from(to.as_str())).map(|agent| agent.name);
        let to = colleague.unwrap_or_else(|| to.masked());
        let body = ServerBody::TransferEnded { call: call.to_string(), to, outcome: outcome.into() };
        self.send(id, body, actions);
    }

    pub(super) fn offer_ended(
        &mut self,
        call: CallId,
        offer: OfferId,
        agent: &AgentId,
        outcome: OfferOutcome,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let Some(id) = self.page_of(agent) else { return };
        let Some(page) = self.pages.get_mut(&id) else { return };
        let Some(pop) = page.pop.as_ref().filter(|pop| pop.call == call && pop.offer == offer) else {
            return;
        };
        let unseen = matches!(pop.state, PopState::Awaited(_));
        if outcome == OfferOutcome::Answered {
            // The pop of a call that was answered is still filled in.
            if unseen {
                self.send_pop(id, now, actions);
            }
        } else {
            page.pop = None;
            if unseen {
                return;
            }
        }
        let body = ServerBody::OfferEnded { call: call.to_string(), offer: offer.0, outcome: outcome.into() };
        self.send(id, body, actions);
    }

    /// The offer for a page that begins: with the number alone when the caller is not known yet.
    pub(super) fn present_offer(&mut self, id: PageId, now: Now, actions: &mut Vec<Action>) -> Option<Offer> {
        let agent = self.pages.get(&id)?.agent.clone()?;
        let ringing = self.board.calls().find_map(|(call, live)| {
            let offer = live.offer.filter(|_| live.agent.as_ref() == Some(&agent))?;
            Some((call, offer, live.stage_since_us, live.caller.clone()))
        });
        let Some((call, offer, offered_us, number)) = ringing else {
            let page = self.pages.get_mut(&id)?;
            page.pop = page.pop.take().filter(|pop| self.board.call(pop.call).is_some());
            return None;
        };
        self.want(call, &number, actions);
        let before = self.pages.get(&id)?.pop.as_ref();
        let painted = before.is_some_and(|pop| (pop.call, pop.offer) == (call, offer) && pop.painted);
        let state = PopState::NumberOnly;
        self.set_pop(id, PagePop { call, offer, offered_us, state, painted });
        self.make_offer(id, now, actions)
    }

    /// The database answered, or failed: pops that wait for this call go out.
    pub(super) fn fill_pops(&mut self, call: CallId, now: Now, actions: &mut Vec<Action>) {
        let known = self.pops.ready(call).is_some();
        let waits = |page: &Page| {
            page.pop.as_ref().is_some_and(|pop| {
                pop.call == call
                    && match pop.state {
                        PopState::Awaited(_) => true,
                        PopState::NumberOnly => known,
                        PopState::Whole => false,
                    }
            })
        };
        let ids: Vec<PageId> = self.pages.iter().filter(|(_, page)| waits(page)).map(|(id, _)| *id).collect();
        for id in ids {
            self.send_pop(id, now, actions);
        }
    }

    pub(super) fn pops_overdue(&mut self, now: Now, actions: &mut Vec<Action>) {
        let overdue = |page: &Page| page.awaits_until().is_some_and(|until| until <= now.instant);
        let ids: Vec<PageId> =
            self.pages.iter().filter(|(_, page)| overdue(page)).map(|(id, _)| *id).collect();
        for id in ids {
            self.send_pop(id, now, actions);
        }
    }

    pub(super) fn painted(
        &mut self,
        id: PageId,
        call: CallId,
        offer: OfferId,
        now: Now,
        actions: &mut Vec<Action>,
    ) {
        let Some(pop) = self.pages.get_mut(&id).and_then(|page| page.pop.as_mut()) else { return };
        if pop.call != call || pop.offer != offer || pop.painted {
            return;
        }
        pop.painted = true;
        actions.push(Action::Write(Row::PopPainted { call, offer, at_us: now.wall_us }));
    }

    fn send_pop(&mut self, id: PageId, now: Now, actions: &mut Vec<Action>) {
        if let Some(offer) = self.make_offer(id, now, actions) {
            self.send(id, ServerBody::Offer { offer: Box::new(offer) }, actions);
        }
    }

    /// The page's pop with what is known now.
    fn make_offer(&mut self, id: PageId, now: Now, actions: &mut Vec<Action>) -> Option<Offer> {
        let page = self.pages.get_mut(&id)?;
        let pop = page.pop.as_mut()?;
        let (call, offer, offered_us) = (pop.call, pop.offer, pop.offered_us);
        let live = self.board.call(call)?;
        let findings = self.pops.ready(call);
        pop.state = if findings.is_some() { PopState::Whole } else { PopState::NumberOnly };
        let agent = page.agent.clone()?;
        let content = build(PopCall::live(call, live), findings.map(|findings| &**findings));
        actions.push(Action::Write(Row::PopSent {
            call,
            offer,
            agent: agent.clone(),
            account: page.me.account.clone(),
            offered_us,
            sent_us: now.wall_us,
            candidates: content.candidates.len(),
        }));
        let agent = agent.as_str().to_owned();
        Some(Offer { call: call.to_string(), offer: offer.0, agent, offered_us, pop: content })
    }

    fn set_pop(&mut self, id: PageId, pop: PagePop) {
        if let Some(page) = self.pages.get_mut(&id) {
            page.pop = Some(pop);
        }
    }

    fn page_of(&self, agent: &AgentId) -> Option<PageId> {
        self.pages.iter().find(|(_, page)| page.is_agent(agent)).map(|(id, _)| *id)
    }
}

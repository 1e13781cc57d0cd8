//! Offers: an agent is leased for a call, with a deadline at every step. Each `OfferMade` has one `OfferEnded`, and
//! whatever goes wrong before both hear each other brings the call back to its old place (CF 1.4).

use crate::action::{Action, HangUp, StopRinging};
use crate::agent::{Lease, Work, rest_after};
use crate::call::Stage;
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::input::{LegEnd, RefusedBy};
use crate::queue::millis;
use careline_model::config::RONA_CODE;
use careline_model::config::plan::Strategy;
use careline_model::event::{AgentIntent, EventBody, OfferOutcome};
use careline_model::{AgentId, CallId, LegId, Now, OfferId};
use std::time::Duration;

/// A phone that says nothing at all for this long cannot be reached.
const RESERVED_LIMIT: Duration = Duration::from_secs(3);
/// Joining the two legs takes no longer.
pub(crate) const JOINING_LIMIT: Duration = Duration::from_secs(3);

/// What is still to be done with the agent's leg when an offer ends.
pub(crate) enum Leg {
    /// It is over.
    Gone,
    /// It rings, or was answered meanwhile.
    End(StopRinging, HangUp),
}

impl Centre {
    /// Rings an agent for a waiting call, beside others when all are to be rung. She is free: the matcher looked.
    pub(crate) fn offer(&mut self, call_id: CallId, agent_id: AgentId, now: Now) {
        let leg = self.new_leg();
        let offer = OfferId(self.ids.next_offer());
        let Some((mut entry, mut rung)) = self.calls.get(&call_id).and_then(|call| match &call.stage {
            Stage::Queued(entry) => Some((entry.clone(), Vec::new())),
            Stage::Offered(entry, rung) => Some((entry.clone(), rung.clone())),
            _ => None,
        }) else {
            return;
        };
        let Some(rules) = self.plan.queues.get(&entry.queue) else { return };
        let (timeout, strategy, ring_next) = (rules.ring_timeout, rules.strategy, rules.ring_next);
        let own = self.plan.agents.get(&agent_id).and_then(|agent| agent.auto_answer);
        let by_itself = own.unwrap_or(rules.auto_answer);
        if strategy != Strategy::RingAll || entry.reserved.is_some() {
            self.unlist(call_id);
        }
        if strategy == Strategy::RingProgressive && rung.is_empty() {
            self.deadlines.set(Due::RingNext(call_id), now.instant + ring_next);
        }
        let Some(agent) = self.agents.get_mut(&agent_id) else { return };
        // Who missed an offer may not be there: an open line would be answered by an empty chair.
        let auto_answer = by_itself && agent.missed.is_none();
        entry.last_rung = Some(agent.position);
        let of_queue = entry.queue.clone();
        if let Some(queue) = self.queues.get_mut(&entry.queue) {
            queue.last_rung = Some(agent.position);
        }
        let Some(call) = self.calls.get_mut(&call_id) else { return };
        let (caller, label, entry_id) = (call.caller.clone(), call.look_up.label.clone(), entry.id);
        rung.push(agent_id.clone());
        call.enter(Stage::Offered(entry, rung), now);
        agent.work = Work::Reserved(Lease { offer, call: call_id, leg, since: now.instant, rang: None });
        self.legs.insert(leg, (call_id, Role::Agent));
        self.look_at_light(&of_queue);
        self.deadlines.set(Due::Work(agent_id.clone()), now.instant + RESERVED_LIMIT);
        let agent = agent_id.clone();
        self.tell(EventBody::OfferMade { call: call_id, entry: entry_id, offer, agent }, now);
        self.agent_changed(&agent_id, now);
        let (call, agent) = (call_id, agent_id);
        self.actions.push_back(Action::Ring { leg, call, agent, caller, label, timeout, auto_answer });
    }

    /// The phone rings: from now on the agent has the ringing time.
    pub(crate) fn ringing(&mut self, leg: LegId, now: Now) {
        let Some((id, lease)) = self.lease_of_leg(leg) else { return self.third_rings(leg) };
        let Some(agent) = self.agents.get_mut(&id).filter(|agent| matches!(agent.work, Work::Reserved(_)))
        else {
            return;
        };
        let entry = self.calls.get(&lease.call).and_then(|call| call.stage.entry());
        let queue = entry.and_then(|entry| self.plan.queues.get(&entry.queue));
        let limit = queue.map_or(RESERVED_LIMIT, |queue| queue.ring_timeout);
        agent.work = Work::Ringing(lease);
        self.deadlines.set(Due::Work(id.clone()), now.instant + limit);
        self.agent_changed(&id, now);
    }

    /// The agent answered: the legs are joined, now or when she has been told what the call is about.
    pub(crate) fn answered(&mut self, leg: LegId, now: Now) {
        let Some((id, mut lease)) = self.lease_of_leg(leg) else { return self.third_answered(leg, now) };
        self.unlist(lease.call);
        self.deadlines.stop(&Due::RingNext(lease.call));
        let Some(call) = self.calls.get_mut(&lease.call) else { return };
        let (entry, others) = match &call.stage {
            Stage::Offered(entry, rung) => {
                (entry.clone(), rung.iter().filter(|other| **other != id).cloned().collect())
            }
            Stage::Connecting(_, first, _) if *first != id => {
                let leg = Leg::End(StopRinging::AnsweredElsewhere, HangUp::OtherLegLost);
                return self.take_back(&id, OfferOutcome::LostRace, leg, now);
            }
            _ => return,
        };
        call.enter(Stage::Connecting(entry, id.clone(), others), now);
        let call = call.id;
        lease.rang = Some(now.instant.duration_since(lease.since));
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.work = Work::Connecting(lease);
        }
        self.agent_changed(&id, now);
        self.accept_or_join(call, &id, leg, now);
    }

    /// The phone did not take the offer.
    pub(crate) fn refused(&mut self, leg: LegId, why: RefusedBy, now: Now) {
        let Some((id, _)) = self.lease_of_leg(leg) else { return self.third_refused(leg, why, now) };
        self.missed(&id, why, Leg::Gone, now);
    }

    /// The agent's leg ended before the conversation began.
    pub(crate) fn offered_leg_ended(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let by = match why {
            LegEnd::HungUp | LegEnd::Cancelled => RefusedBy::Rejected,
            LegEnd::MediaTimeout | LegEnd::Failed => RefusedBy::Unreachable,
        };
        self.refused(leg, by, now);
    }

    pub(crate) fn phone_is_silent(&mut self, id: &AgentId, now: Now) {
        let leg = Leg::End(StopRinging::NoAnswer, HangUp::NotBridged);
        self.missed(id, RefusedBy::Unreachable, leg, now);
    }

    pub(crate) fn ringing_is_over(&mut self, id: &AgentId, now: Now) {
        let leg = Leg::End(StopRinging::NoAnswer, HangUp::NotBridged);
        self.missed(id, RefusedBy::NoAnswer, leg, now);
    }

    /// The legs were not joined: our fault, so it is no miss, but another agent has the better chance.
    pub(crate) fn joining_is_over(&mut self, id: &AgentId, now: Now) {
        if self.not_accepted(id, now) || self.cut_whisper(id, now) {
            return;
        }
        self.rest(id, self.plan.rona.rest_unreachable, now);
        self.take_back(id, OfferOutcome::Cancelled, Leg::End(StopRinging::Command, HangUp::NotBridged), now);
    }

    /// An offer that the agent missed: a rest, and after too many in a row not ready.
    pub(crate) fn missed(&mut self, id: &AgentId, why: RefusedBy, leg: Leg, now: Now) {
        self.count_miss(id, why, now);
        let outcome = match why {
            RefusedBy::NoAnswer => OfferOutcome::NoAnswer,
            RefusedBy::Rejected => OfferOutcome::Rejected,
            RefusedBy::Busy => OfferOutcome::Busy,
            RefusedBy::Unreachable => OfferOutcome::DeviceLost,
        };
        self.take_back(id, outcome, leg, now);
    }

    /// What a miss costs her; it holds when her work is released, which follows.
    pub(crate) fn count_miss(&mut self, id: &AgentId, why: RefusedBy, now: Now) {
        let rona = self.plan.rona;
        let Some(agent) = self.agents.get_mut(id) else { return };
        // Nobody clicks at a mobile: who is on duty stays on duty.
        let on_duty = self.plan.agents.get(id).is_some_and(|agent| agent.accept.is_some());
        if agent.missed.count(why, &rona) && !on_duty {
            // Instead of a rest: somebody has to click to take calls again, and that holds at once.
            agent.missed.forgive();
            agent.pending = Some(AgentIntent::NotReady(RONA_CODE.to_owned()));
        } else {
            self.rest(id, rest_after(why, &rona), now);
        }
    }

    /// Ends an offer. A call that nobody else is rung for is back in its old place.
    pub(crate) fn take_back(&mut self, id: &AgentId, outcome: OfferOutcome, leg: Leg, now: Now) {
        if let Some(call) = self.end_offer(id, outcome, leg, now) {
            self.offer_lost(call, id, now);
        }
    }

    fn offer_lost(&mut self, id: CallId, agent: &AgentId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let without = |rung: &[AgentId]| rung.iter().filter(|one| *one != agent).cloned().collect::<Vec<_>>();
        let (entry, joined, rung) = match &call.stage {
            Stage::Offered(entry, rung) => (entry.clone(), None, without(rung)),
            Stage::Connecting(entry, joined, rung) => {
                (entry.clone(), Some(joined).filter(|joined| *joined != agent).cloned(), without(rung))
            }
            _ => return,
        };
        let had_answered = matches!(call.stage, Stage::Connecting(..)) && joined.is_none();
        if had_answered {
            self.stop_calling_back(id);
        }
        let entry = crate::queue::Entry { accepting: entry.accepting && !had_answered, ..entry };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(joined) = joined {
            call.enter(Stage::Connecting(entry, joined, rung), now);
        } else if rung.is_empty() {
            // Who was to have it alone did not take it.
            if entry.reserved.as_ref() == Some(agent) {
                self.keep_no_longer(id, now);
            }
            self.return_to_place(id, now);
        } else {
            let rings_all = self.plan.queues.get(&entry.queue).map(|queue| queue.strategy);
            call.enter(Stage::Offered(entry, rung), now);
            if rings_all == Some(Strategy::RingAll) {
                self.list(id);
            }
        }
        if had_answered {
            self.comfort_again(id);
        }
    }

    /// An agent has the call: nobody else is rung for it.
    pub(crate) fn stop_the_others(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Connecting(_, _, others) = &mut call.stage else { return };
        for agent in std::mem::take(others) {
            let leg = Leg::End(StopRinging::AnsweredElsewhere, HangUp::OtherLegLost);
            self.end_offer(&agent, OfferOutcome::LostRace, leg, now);
        }
    }

    /// Ends an offer and frees the agent; the call is left as it is.
    pub(crate) fn end_offer(
        &mut self,
        id: &AgentId,
        outcome: OfferOutcome,
        leg: Leg,
        now: Now,
    ) -> Option<CallId> {
        let agent = self.agents.get_mut(id)?;
        let lease = agent.lease()?.clone();
        let ringing = !matches!(agent.work, Work::Connecting(_));
        agent.release(now.instant);
        self.legs.remove(&lease.leg);
        self.deadlines.stop(&Due::Work(id.clone()));
        match leg {
            Leg::Gone => {}
            Leg::End(why, _) if ringing => {
                self.actions.push_back(Action::StopRinging { leg: lease.leg, why });
            }
            Leg::End(_, why) => self.actions.push_back(Action::HangUp { leg: lease.leg, why }),
        }
        self.tell_offer_ended(id, &lease, outcome, now);
        self.agent_changed(id, now);
        Some(lease.call)
    }

    pub(crate) fn tell_offer_ended(&mut self, id: &AgentId, lease: &Lease, outcome: OfferOutcome, now: Now) {
        let Some(entry) =
            self.calls.get(&lease.call).and_then(|call| call.stage.entry()).map(|entry| entry.id)
        else {
            return;
        };
        let rang = lease.rang.unwrap_or_else(|| now.instant.duration_since(lease.since));
        let body = EventBody::OfferEnded {
            call: lease.call,
            entry,
            offer: lease.offer,
            agent: id.clone(),
            outcome,
            ring_ms: millis(rang),
        };
        self.tell(body, now);
    }
}

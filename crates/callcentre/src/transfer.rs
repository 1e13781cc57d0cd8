//! Transfers: an agent passes her other party on, blindly or after she has spoken to the third one (RFC 5589; CF 1G).
//! The call keeps its id; its next conversation is its next recording.
//!
//! ```text
//! Talking -> Ringing -> Talking with the third party
//!              | failed: her phone is still there -> Talking with her again
//!              | failed: she has gone
//!              v
//!            Back(1) -> Pause -> Back(2) -> the head of the caller's queue, or the end
//!                         Lost -> Back(2)   her phone was lost, and is back
//! ```

use crate::action::{Action, HangUp, Refusal, StopRinging, TransferNews};
use crate::call::{Home, Stage};
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::dial::{Goal, Shown, refusal_of};
use crate::input::{LegEnd, RefusedBy, TransferTo};
use crate::queue::millis;
use careline_model::event::{CallDirection, EndCause, EventBody, ParkStep, Party, TransferOutcome};
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::{Duration, Instant};

mod consult;
mod hand_over;
mod lost;
mod park;
mod queue;

/// A third party's extension rings for so long (CF G3).
pub(crate) const EXTENSION_RINGS: Duration = Duration::from_secs(15);
/// Who passed a caller on that nobody took is rung back for so long, so often, with such a pause between (CF G3).
const BACK_RINGS: Duration = Duration::from_secs(15);
const BACK_TRIES: u32 = 2;
const BACK_PAUSE: Duration = Duration::from_secs(10);
/// Some phones (baresip 1.0 among them) hang up when they are told that their transfer failed; no person is that quick.
const REFLEX: Duration = Duration::from_secs(1);

/// A caller on the way from one to the other.
#[derive(Debug, Clone)]
pub(crate) struct Transfer {
    /// Who passes it on.
    pub(crate) by: AgentId,
    /// Her leg, as long as her phone has not hung up.
    pub(crate) by_leg: Option<LegId>,
    /// Her phone holds it.
    pub(crate) held: bool,
    /// What her phone asked, until it was told how that ended.
    refer: Option<u64>,
    goal: Goal,
    /// The leg that rings: the third party's, or hers when she is rung back.
    leg: Option<LegId>,
    rang: bool,
    /// Her phone, or the third party's, was answered; the legs are being joined.
    answered: bool,
    began: Instant,
    step: Step,
    pub(crate) home: Option<Home>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Step {
    /// The third party is rung.
    Ringing,
    /// She is rung back, for the n-th time.
    Back(u32),
    /// Before she is rung back again.
    Pause(u32),
    /// Her phone was lost in the conversation, and may be back.
    Lost,
    /// It waits in a slot, for whoever dials its number.
    Parked(u32),
}

impl Centre {
    pub(crate) fn transfer_asked(&mut self, leg: LegId, refer: u64, to: &TransferTo, now: Now) {
        let begun = match to {
            TransferTo::Number(dialled) => self.blind(leg, refer, dialled, now),
            TransferTo::PartyOf(other) if self.still_rings(*other) => {
                self.hand_over_ringing(leg, refer, *other, now)
            }
            TransferTo::PartyOf(other) => self.attended(leg, refer, *other, now),
        };
        if let Err(why) = begun {
            self.actions.push_back(Action::RefuseTransfer { refer, why });
        }
    }

    /// The call and the agent of a leg that is an agent's, in conversation.
    pub(crate) fn conversation_of(&self, leg: LegId) -> Result<(CallId, AgentId), Refusal> {
        let call = self.call_of(leg).and_then(|id| self.calls.get(&id)).ok_or(Refusal::NoConversation)?;
        match &call.stage {
            // Whom she added would be lost.
            Stage::Talking(talk) if talk.leg == leg && !talk.guests.is_empty() => Err(Refusal::Busy),
            Stage::Talking(talk) if talk.leg == leg => {
                Ok((call.id, talk.agent.clone().ok_or(Refusal::NoConversation)?))
            }
            _ => Err(Refusal::NoConversation),
        }
    }

    /// The third party is rung. Who cannot be rung now is refused, and the conversation goes on.
    fn blind(&mut self, leg: LegId, refer: u64, dialled: &str, now: Now) -> Result<(), Refusal> {
        let (id, by) = self.conversation_of(leg)?;
        let number = self.plan.number(dialled);
        if let Some(queue) = self.plan.queue_of(dialled) {
            return self.pass_to_queue(id, &queue, Some(refer), now);
        }
        if let Some(slot) = self.slot_of(dialled) {
            return self.park(id, slot, Some(refer), now);
        }
        let goal = self.goal_of(&by, &number)?;
        self.actions.push_back(Action::AcceptTransfer { refer });
        self.ring_for_transfer(id, by, goal, Some(refer), now);
        Ok(())
    }

    /// The third party is rung for a conversation that is over.
    pub(crate) fn ring_for_transfer(
        &mut self,
        id: CallId,
        by: AgentId,
        goal: Goal,
        refer: Option<u64>,
        now: Now,
    ) {
        self.part_for_transfer(id, refer, goal.clone(), false, now);
        let third = self.new_leg();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let shown = Shown { by, caller: call.caller.clone(), label: call.look_up.label.clone() };
        if let Stage::Transferring(transfer) = &mut call.stage {
            transfer.leg = Some(third);
        }
        self.legs.insert(third, (id, Role::Agent));
        self.ring_third(id, third, &goal, shown, EXTENSION_RINGS, now);
    }

    /// The other parties of two calls of one phone are joined. The caller's call goes on; the other one ends.
    fn attended(&mut self, leg: LegId, refer: u64, other: LegId, now: Now) -> Result<(), Refusal> {
        if let Some((asked, held)) = self.asked_queue(leg, other) {
            return self.pass_on_as_asked(held, asked, refer, now);
        }
        let (one, by) = self.conversation_of(leg)?;
        let (two, other_by) = self.conversation_of(other)?;
        if one == two || by != other_by {
            return Err(Refusal::NoConversation);
        }
        let rank = |id: CallId| {
            let call = self.calls.get(&id);
            call.map(|call| (call.direction != CallDirection::Inbound, call.offered.instant, call.id))
        };
        let (kept, joined) = if rank(one) <= rank(two) { (one, two) } else { (two, one) };
        let Some(goal) = self.calls.get(&joined).map(|call| match &call.callee {
            Some(agent) => Goal::Extension(agent.clone()),
            None => Goal::Outside(call.caller.clone(), "".into()),
        }) else {
            return Err(Refusal::NoConversation);
        };
        self.actions.push_back(Action::AcceptTransfer { refer });
        self.part_for_transfer(kept, Some(refer), goal, true, now);
        if let Some(third) = self.give_up_party(joined, kept, now) {
            self.join_third(kept, third, now);
        }
        Ok(())
    }

    /// The leg of a third party that is up is joined with the other party's.
    fn join_third(&mut self, kept: CallId, third: LegId, now: Now) {
        let Some(call) = self.calls.get_mut(&kept) else { return };
        let caller = call.leg;
        if let Stage::Transferring(transfer) = &mut call.stage {
            (transfer.leg, transfer.answered) = (Some(third), true);
        }
        self.legs.insert(third, (kept, Role::Agent));
        self.deadlines.set(Due::Third(kept), now.instant + EXTENSION_RINGS);
        self.silence(kept);
        self.actions.push_back(Action::Bridge { call: kept, caller, agent: third });
    }

    /// Ends a call whose other party goes over into another call; gives that party's leg.
    pub(crate) fn give_up_party(&mut self, id: CallId, into: CallId, now: Now) -> Option<LegId> {
        let talk = self.end_talk(id, now)?;
        self.no_survey(id, &talk, careline_model::event::SurveyOutcome::NotOffered, now);
        let call = self.calls.remove(&id)?;
        self.actions.push_back(Action::Part { caller: call.leg, agent: talk.leg });
        self.actions.push_back(Action::HangUp { leg: talk.leg, why: HangUp::Transferred });
        let body = EventBody::CallEnded {
            call: id,
            cause: EndCause::Completed,
            ended_by: Party::Agent,
            duration_ms: millis(now.instant.duration_since(call.offered.instant)),
            talk_ms: millis(call.talked),
        };
        self.tell(body, now);
        if let Some(agent) = &talk.agent {
            self.vacate(agent, id, None, now);
        }
        if let Some(callee) = &call.callee {
            self.occupy(callee, into, now);
            self.vacate(callee, id, None, now);
        }
        Some(call.leg)
    }

    /// The agent's conversation is over; the other party hears music until the third one is there.
    fn part_for_transfer(&mut self, id: CallId, refer: Option<u64>, goal: Goal, attended: bool, now: Now) {
        let Some(talk) = self.end_talk(id, now) else { return };
        self.no_survey(id, &talk, careline_model::event::SurveyOutcome::NotOffered, now);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Some(by) = talk.agent else { return };
        self.legs.insert(talk.leg, (id, Role::Agent));
        let (caller, to) = (call.leg, goal.number());
        let transfer = Transfer {
            by: by.clone(),
            by_leg: Some(talk.leg),
            held: talk.phone_holds,
            refer,
            goal,
            leg: None,
            rang: false,
            answered: false,
            began: now.instant,
            step: Step::Ringing,
            home: talk.home.clone(),
        };
        call.enter(Stage::Transferring(transfer), now);
        if talk.joined {
            self.actions.push_back(Action::Part { caller, agent: talk.leg });
        }
        self.hold_music(id, talk.home.as_ref());
        self.tell(EventBody::TransferStarted { call: id, agent: by, to, attended }, now);
    }

    fn transfer_of(&mut self, id: CallId) -> Option<&mut Transfer> {
        match &mut self.calls.get_mut(&id)?.stage {
            Stage::Transferring(transfer) => Some(transfer),
            _ => None,
        }
    }

    pub(crate) fn transfer_rings(&mut self, leg: LegId) {
        let Some(transfer) = self.call_of(leg).and_then(|id| self.transfer_of(id)) else { return };
        let first = transfer.leg == Some(leg) && transfer.step == Step::Ringing && !transfer.rang;
        if let (true, Some(refer)) = (first, transfer.refer) {
            transfer.rang = true;
            self.actions.push_back(Action::TransferProgress { refer, news: TransferNews::Ringing });
        }
    }

    pub(crate) fn transfer_answered(&mut self, leg: LegId) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(transfer) = self.transfer_of(id) else { return };
        if transfer.leg != Some(leg) || transfer.answered {
            return;
        }
        transfer.answered = true;
        self.silence(id);
        if let Some(caller) = self.calls.get(&id).map(|call| call.leg) {
            self.actions.push_back(Action::Bridge { call: id, caller, agent: leg });
        }
    }

    /// The other party and whoever was rung hear each other.
    pub(crate) fn transfer_bridged(&mut self, id: CallId, now: Now) {
        let Some(transfer) = self.transfer_of(id).cloned() else { return };
        let (true, Some(leg)) = (transfer.answered, transfer.leg) else { return };
        self.deadlines.stop(&Due::Third(id));
        if let Step::Parked(slot) = transfer.step {
            return self.picked_up(id, slot, &transfer, leg, now);
        }
        if transfer.step != Step::Ringing {
            return self.begin_talk(id, Some(transfer.by), leg, transfer.home, now);
        }
        let queue = transfer.home.as_ref().map(|home| home.queue.clone());
        self.tell_transfer_ended(id, &transfer, TransferOutcome::Connected, now);
        self.report(&transfer, TransferNews::Connected);
        if let Some(by_leg) = transfer.by_leg {
            self.legs.remove(&by_leg);
            self.actions.push_back(Action::HangUp { leg: by_leg, why: HangUp::Transferred });
            self.vacate(&transfer.by, id, queue.as_ref(), now);
        }
        self.begin_talk(id, transfer.goal.agent().cloned(), leg, transfer.home, now);
    }

    /// Whoever was rung did not take the call; that leg is over.
    pub(crate) fn transfer_refused(&mut self, leg: LegId, why: RefusedBy, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        if self.transfer_of(id).is_some_and(|transfer| transfer.leg == Some(leg)) {
            self.legs.remove(&leg);
            self.not_taken(id, why, now);
        }
    }

    pub(crate) fn transferring_leg_ended(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(transfer) = self.transfer_of(id) else { return };
        if transfer.by_leg == Some(leg) {
            // Most phones hang up as soon as their wish is granted.
            transfer.by_leg = None;
            let (by, home) = (transfer.by.clone(), transfer.home.clone());
            self.legs.remove(&leg);
            self.vacate(&by, id, home.map(|home| home.queue).as_ref(), now);
            return;
        }
        let why = match why {
            LegEnd::HungUp | LegEnd::Cancelled => RefusedBy::Rejected,
            LegEnd::MediaTimeout | LegEnd::Failed => RefusedBy::Unreachable,
        };
        self.transfer_refused(leg, why, now);
    }

    /// The deadline of a third party, or of a pause.
    pub(crate) fn third_is_due(&mut self, id: CallId, now: Now) {
        if self.callback_step_is_due(id, now) {
            return;
        }
        let Some(transfer) = self.transfer_of(id) else { return self.dial_is_over(id, now) };
        let (leg, step, answered) = (transfer.leg, transfer.step, transfer.answered);
        if let Step::Pause(tries) = step {
            return self.ring_back(id, tries + 1, now);
        }
        if step == Step::Lost {
            return self.pause_or_give_up(id, BACK_TRIES, now);
        }
        if let (Step::Parked(slot), None) = (step, leg) {
            return self.unpark(id, slot, now);
        }
        if let Some(leg) = leg {
            self.legs.remove(&leg);
            self.actions.push_back(match answered {
                true => Action::HangUp { leg, why: HangUp::NotBridged },
                false => Action::StopRinging { leg, why: StopRinging::NoAnswer },
            });
        }
        self.not_taken(id, RefusedBy::NoAnswer, now);
    }

    /// Back to who passed it on, as long as that makes sense.
    fn not_taken(&mut self, id: CallId, why: RefusedBy, now: Now) {
        let Some(transfer) = self.transfer_of(id) else { return };
        (transfer.leg, transfer.answered) = (None, false);
        let transfer = transfer.clone();
        self.deadlines.stop(&Due::Third(id));
        match transfer.step {
            Step::Ringing => {
                if let Some(agent) = transfer.goal.agent() {
                    self.vacate(agent, id, None, now);
                }
                self.tell_transfer_ended(id, &transfer, outcome_of(why), now);
                self.report(&transfer, TransferNews::Failed(refusal_of(why)));
                if let Some(transfer) = self.transfer_of(id) {
                    transfer.refer = None;
                }
                match transfer.by_leg {
                    Some(by_leg) => self.take_up_again(id, &transfer, by_leg, now),
                    None => self.ring_back(id, 1, now),
                }
            }
            Step::Back(tries) => {
                self.vacate(&transfer.by, id, None, now);
                self.pause_or_give_up(id, tries, now);
            }
            Step::Parked(_) => self.park_again(id, now),
            Step::Pause(_) | Step::Lost => {}
        }
    }

    /// Her phone never left: she has the other party again.
    fn take_up_again(&mut self, id: CallId, transfer: &Transfer, by_leg: LegId, now: Now) {
        if !transfer.held {
            self.silence(id);
        }
        self.begin_talk(id, Some(transfer.by.clone()), by_leg, transfer.home.clone(), now);
        let Some(call) = self.calls.get_mut(&id) else { return };
        let caller = call.leg;
        if let Stage::Talking(talk) = &mut call.stage {
            talk.returned = Some(now.instant);
            (talk.phone_holds, talk.music, talk.joined) = (transfer.held, transfer.held, !transfer.held);
        }
        if !transfer.held {
            self.actions.push_back(Action::Bridge { call: id, caller, agent: by_leg });
        }
        self.arrange(id, now);
    }

    /// Whether the phone that just hung up did so because its transfer failed.
    pub(crate) fn hung_up_by_reflex(&self, id: CallId, now: Now) -> bool {
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else { return false };
        talk.returned.is_some_and(|since| now.instant.duration_since(since) <= REFLEX)
    }

    /// The phone dropped the caller whom it had again; she has not.
    pub(crate) fn ring_back_who_returned(&mut self, id: CallId, now: Now) {
        let Some(talk) = self.end_talk(id, now) else { return };
        self.no_survey(id, &talk, careline_model::event::SurveyOutcome::NotOffered, now);
        let (Some(by), Some(call)) = (talk.agent, self.calls.get_mut(&id)) else { return };
        let transfer = Transfer {
            by: by.clone(),
            by_leg: None,
            held: false,
            refer: None,
            goal: Goal::Extension(by.clone()),
            leg: None,
            rang: false,
            answered: false,
            began: now.instant,
            step: Step::Back(0),
            home: talk.home.clone(),
        };
        call.enter(Stage::Transferring(transfer), now);
        self.hold_music(id, talk.home.as_ref());
        self.vacate(&by, id, talk.home.map(|home| home.queue).as_ref(), now);
        self.ring_back(id, 1, now);
    }

    fn ring_back(&mut self, id: CallId, tries: u32, now: Now) {
        let Some(by) = self.transfer_of(id).map(|transfer| transfer.by.clone()) else { return };
        if self.can_be_rung(&by).is_err() {
            return self.pause_or_give_up(id, tries, now);
        }
        let leg = self.new_leg();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let (caller, label) = (call.caller.clone(), call.look_up.label.clone());
        let shown = Shown { by: by.clone(), caller, label };
        if let Stage::Transferring(transfer) = &mut call.stage {
            (transfer.leg, transfer.step) = (Some(leg), Step::Back(tries));
        }
        self.legs.insert(leg, (id, Role::Agent));
        self.ring_third(id, leg, &Goal::Extension(by), shown, BACK_RINGS, now);
    }

    fn pause_or_give_up(&mut self, id: CallId, tries: u32, now: Now) {
        let Some(transfer) = self.transfer_of(id) else { return };
        if tries < BACK_TRIES {
            transfer.step = Step::Pause(tries);
            return self.deadlines.set(Due::Third(id), now.instant + BACK_PAUSE);
        }
        match transfer.home.clone() {
            Some(home) => {
                self.silence(id);
                self.requeue_at_head(id, home, now);
            }
            None => self.end_call(id, EndCause::DeviceLost, Party::Switch, Some(HangUp::NotBridged), now),
        }
    }

    /// The call ends in the middle of a transfer.
    pub(crate) fn end_transfer(&mut self, id: CallId, cause: EndCause, now: Now) {
        let Some(transfer) = self.transfer_of(id).cloned() else { return };
        let command = cause == EndCause::Command;
        if let Some(leg) = transfer.leg {
            self.legs.remove(&leg);
            let why = if command { StopRinging::Command } else { StopRinging::CallerLeft };
            self.actions.push_back(match transfer.answered {
                true => Action::HangUp { leg, why: HangUp::CallerLeft },
                false => Action::StopRinging { leg, why },
            });
        }
        if let Step::Parked(slot) = transfer.step {
            self.tell_parked(id, slot, ParkStep::Ended, None, now);
            self.vacate_picker(id, &transfer, now);
        }
        if transfer.step == Step::Ringing {
            if let Some(agent) = transfer.goal.agent() {
                self.vacate(agent, id, None, now);
            }
            let outcome = if command { TransferOutcome::Cancelled } else { TransferOutcome::CallerLeft };
            self.tell_transfer_ended(id, &transfer, outcome, now);
            self.report(&transfer, TransferNews::Failed(Refusal::CallerLeft));
        }
        if let Some(leg) = transfer.by_leg {
            self.legs.remove(&leg);
            self.actions.push_back(Action::HangUp { leg, why: HangUp::Completed });
        }
    }

    fn tell_transfer_ended(&mut self, call: CallId, transfer: &Transfer, outcome: TransferOutcome, now: Now) {
        let ring_ms = millis(now.instant.duration_since(transfer.began));
        self.tell(EventBody::TransferEnded { call, outcome, ring_ms }, now);
    }

    fn report(&mut self, transfer: &Transfer, news: TransferNews) {
        if let Some(refer) = transfer.refer {
            self.actions.push_back(Action::TransferProgress { refer, news });
        }
    }
}

fn outcome_of(why: RefusedBy) -> TransferOutcome {
    match why {
        RefusedBy::NoAnswer => TransferOutcome::NoAnswer,
        RefusedBy::Rejected => TransferOutcome::Rejected,
        RefusedBy::Busy => TransferOutcome::Busy,
        RefusedBy::Unreachable => TransferOutcome::Unreachable,
    }
}

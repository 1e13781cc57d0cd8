//! Parked calls (CF G9): a call waits in a slot until somebody dials the slot's number. One that nobody picks up goes back to
//! who parked it, and from there as any caller whom nobody takes: to the head of its queue.
//!
//! ```text
//! Talking -> Parked(slot) --somebody dials the slot, her phone is up--> Talking with her
//!                 \-- too long: who parked it is rung, twice -> the head of the queue, or the end
//! ```

use super::{Step, Transfer};
use crate::action::{Action, HangUp, Refusal, TransferNews};
use crate::call::Stage;
use crate::centre::{Centre, Role};
use crate::command::CommandError;
use crate::deadlines::Due;
use crate::dial::Goal;
use crate::people::{PeopleAnswer, cannot_ring};
use careline_model::event::{ParkStep, PeopleFact};
use careline_model::{AgentId, CallId, LegId, Now};
use std::time::Duration;

/// A phone that picks a call up and does not acknowledge our answer has nobody behind it.
const PICKING: Duration = Duration::from_secs(40);

impl Centre {
    /// The slot that a number is of.
    pub(crate) fn slot_of(&self, dialled: &str) -> Option<u32> {
        let number: u32 = dialled.parse().ok()?;
        self.plan.people.park?.numbers().find(|slot| *slot == number)
    }

    fn parked_in(&self, slot: u32) -> Option<CallId> {
        let is_there = |step| step == Step::Parked(slot);
        let call = self
            .calls
            .values()
            .find(|call| matches!(&call.stage, Stage::Transferring(transfer) if is_there(transfer.step)));
        call.map(|call| call.id)
    }

    /// An agent parks her other party, in a slot of her choice or the first free one.
    pub(crate) fn park_by_order(
        &mut self,
        (id, by): (CallId, AgentId),
        slot: Option<u32>,
        now: Now,
    ) -> Result<PeopleAnswer, CommandError> {
        let others = self.talk_of(id, &by)?.guests.len();
        if others > 0 {
            return Err(CommandError::PartiesFull { call: id, parties: 2 + others, most: 2 });
        }
        let mut numbers =
            self.plan.people.park.into_iter().flat_map(careline_model::config::plan::Park::numbers);
        let free = numbers.find(|one| slot.is_none_or(|slot| slot == *one) && self.parked_in(*one).is_none());
        let Some(free) = free else { return Err(CommandError::NoSlot) };
        self.park(id, free, None, now).map_err(|why| cannot_ring(&free.to_string(), why))?;
        Ok(PeopleAnswer::Slot(free))
    }

    /// The other party of a conversation waits in a slot.
    pub(crate) fn park(
        &mut self,
        id: CallId,
        slot: u32,
        refer: Option<u64>,
        now: Now,
    ) -> Result<(), Refusal> {
        if self.parked_in(slot).is_some() {
            return Err(Refusal::Busy);
        }
        let Some(back_after) = self.plan.people.park.map(|park| park.back_after) else {
            return Err(Refusal::UnknownNumber);
        };
        let Some(Stage::Talking(talk)) = self.calls.get(&id).map(|call| &call.stage) else {
            return Err(Refusal::NoConversation);
        };
        let (Some(by), leg, joined) = (talk.agent.clone(), talk.leg, talk.joined) else {
            return Err(Refusal::NoConversation);
        };
        if let Some(refer) = refer {
            self.actions.push_back(Action::AcceptTransfer { refer });
        }
        let Some(talk) = self.end_talk(id, now) else { return Err(Refusal::NoConversation) };
        let Some(call) = self.calls.get_mut(&id) else { return Err(Refusal::NoConversation) };
        let caller = call.leg;
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
            step: Step::Parked(slot),
            home: talk.home.clone(),
        };
        call.enter(Stage::Transferring(transfer), now);
        if joined {
            self.actions.push_back(Action::Part { caller, agent: leg });
        }
        self.hold_music(id, talk.home.as_ref());
        if let Some(refer) = refer {
            self.actions.push_back(Action::TransferProgress { refer, news: TransferNews::Connected });
        }
        self.actions.push_back(Action::HangUp { leg, why: HangUp::Transferred });
        self.tell_parked(id, slot, ParkStep::Parked, Some(by.clone()), now);
        self.deadlines.set(Due::Third(id), now.instant + back_after);
        self.vacate(&by, id, talk.home.map(|home| home.queue).as_ref(), now);
        Ok(())
    }

    pub(super) fn tell_parked(
        &mut self,
        call: CallId,
        slot: u32,
        step: ParkStep,
        agent: Option<AgentId>,
        now: Now,
    ) {
        self.note_fact(PeopleFact::CallParked { call, slot, step, agent }, now);
    }

    /// A phone dials the number of a slot: it is answered, and has what waits there.
    pub(crate) fn pick_up(
        &mut self,
        leg: LegId,
        agent: &AgentId,
        slot: u32,
        now: Now,
    ) -> Result<(), Refusal> {
        let id = self.parked_in(slot).ok_or(Refusal::UnknownNumber)?;
        let Some(transfer) = self.transfer_of(id).filter(|transfer| transfer.leg.is_none()) else {
            return Err(Refusal::Busy);
        };
        (transfer.leg, transfer.answered) = (Some(leg), true);
        transfer.goal = Goal::Extension(agent.clone());
        self.legs.insert(leg, (id, Role::Agent));
        self.deadlines.set(Due::Third(id), now.instant + PICKING);
        self.occupy(agent, id, now);
        self.actions.push_back(Action::PickUp { leg, call: id });
        Ok(())
    }

    /// The phone that picks a call up acknowledged our answer.
    pub(crate) fn picker_up(&mut self, leg: LegId) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(transfer) = self.transfer_of(id) else { return };
        if transfer.leg != Some(leg) || !matches!(transfer.step, Step::Parked(_)) {
            return;
        }
        self.silence(id);
        if let Some(caller) = self.calls.get(&id).map(|call| call.leg) {
            self.actions.push_back(Action::Bridge { call: id, caller, agent: leg });
        }
    }

    pub(super) fn picked_up(&mut self, id: CallId, slot: u32, transfer: &Transfer, leg: LegId, now: Now) {
        let agent = transfer.goal.agent().cloned();
        self.tell_parked(id, slot, ParkStep::PickedUp, agent.clone(), now);
        self.begin_talk(id, agent, leg, transfer.home.clone(), now);
    }

    /// Who was to pick it up is gone before the two were joined: it waits for somebody else.
    pub(super) fn park_again(&mut self, id: CallId, now: Now) {
        let Some(transfer) = self.transfer_of(id).cloned() else { return };
        self.vacate_picker(id, &transfer, now);
        let since = now.instant.duration_since(transfer.began);
        let back_after = self.plan.people.park.map_or(Duration::ZERO, |park| park.back_after);
        self.hold_music(id, transfer.home.as_ref());
        self.deadlines.set(Due::Third(id), now.instant + back_after.saturating_sub(since));
        if let Some(transfer) = self.transfer_of(id) {
            transfer.goal = Goal::Extension(transfer.by.clone());
        }
    }

    pub(super) fn vacate_picker(&mut self, id: CallId, transfer: &Transfer, now: Now) {
        if let Some(agent) = transfer.goal.agent().filter(|agent| **agent != transfer.by).cloned() {
            self.vacate(&agent, id, None, now);
        }
    }

    /// Nobody picked it up: back to who parked it.
    pub(super) fn unpark(&mut self, id: CallId, slot: u32, now: Now) {
        self.tell_parked(id, slot, ParkStep::Returned, None, now);
        if let Some(transfer) = self.transfer_of(id) {
            transfer.step = Step::Back(0);
        }
        self.ring_back(id, 1, now);
    }
}

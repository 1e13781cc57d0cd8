//! An agent does not wait until her consultation is answered: whom it rings is rung for her caller from now on, and what
//! was to be an attended transfer is a blind one.

use super::EXTENSION_RINGS;
use crate::action::{Action, Refusal};
use crate::call::Stage;
use crate::centre::{Centre, Role};
use crate::deadlines::Due;
use crate::dial::{Goal, OUTSIDE_RINGS};
use crate::queue::millis;
use careline_model::event::{EndCause, EventBody, Party};
use careline_model::{CallId, LegId, Now};

impl Centre {
    /// Whether the call that a phone makes on this leg has not been answered.
    pub(super) fn still_rings(&self, leg: LegId) -> bool {
        let call = self.call_of(leg).and_then(|id| self.calls.get(&id)).map(|call| &call.stage);
        matches!(call, Some(Stage::Dialling(dial)) if dial.leg == leg && !dial.answered && !dial.refused)
    }

    /// The third party of the call on `other` rings for the other party of the conversation on `leg`. What follows is
    /// what follows a blind transfer.
    pub(super) fn hand_over_ringing(
        &mut self,
        leg: LegId,
        refer: u64,
        other: LegId,
        now: Now,
    ) -> Result<(), Refusal> {
        let (id, by) = self.conversation_of(leg)?;
        let rung = self.call_of(other).and_then(|two| self.calls.get(&two)).ok_or(Refusal::NoConversation)?;
        let (two, third) = (rung.id, rung.leg);
        let alerted = matches!(&rung.stage, Stage::Dialling(dial) if dial.agent == by && dial.alerted);
        if !matches!(&rung.stage, Stage::Dialling(dial) if dial.agent == by) {
            return Err(Refusal::NoConversation);
        }
        let goal = match &rung.callee {
            Some(agent) => Goal::Extension(agent.clone()),
            None => Goal::Outside(rung.caller.clone(), "".into()),
        };
        self.actions.push_back(Action::AcceptTransfer { refer });
        self.part_for_transfer(id, Some(refer), goal.clone(), false, now);
        self.actions.push_back(Action::Adopt { leg: third, call: id });
        self.legs.insert(third, (id, Role::Agent));
        self.end_dial_without_party(two, other, now);
        if let Some(agent) = goal.agent() {
            self.occupy(agent, id, now);
            self.vacate(agent, two, None, now);
        }
        self.vacate(&by, two, None, now);
        if let Some(transfer) = self.transfer_of(id) {
            transfer.leg = Some(third);
        }
        if alerted {
            self.transfer_rings(third);
        }
        let rings = if goal.agent().is_some() { EXTENSION_RINGS } else { OUTSIDE_RINGS };
        self.deadlines.set(Due::Third(id), now.instant + rings);
        Ok(())
    }

    /// A call is over whose dialled party rings for another one; only the dialler's leg is left to be refused.
    fn end_dial_without_party(&mut self, id: CallId, dialler: LegId, now: Now) {
        self.deadlines.stop(&Due::Third(id));
        let Some(call) = self.calls.remove(&id) else { return };
        self.legs.remove(&dialler);
        self.actions.push_back(Action::Refuse { leg: dialler, why: Refusal::CallerLeft });
        let body = EventBody::CallEnded {
            call: id,
            cause: EndCause::Cancelled,
            ended_by: Party::Agent,
            duration_ms: millis(now.instant.duration_since(call.offered.instant)),
            talk_ms: 0,
        };
        self.tell(body, now);
    }
}

//! A supervisor sets an agent's state: with a name and a reason, and never by accident in the middle of a call (CF D13).

use super::{Agent, Phone, Work};
use crate::action::{Action, HangUp, StopRinging};
use crate::call::Stage;
use crate::centre::Centre;
use crate::command::CommandError;
use crate::offer::Leg;
use careline_model::config::plan::SetBy;
use careline_model::event::{AgentIntent, EventBody, ForcedWhen, OfferOutcome};
use careline_model::{AgentId, CallId, Now};

/// What a supervisor orders.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ForcedOrder {
    /// Whose state.
    pub agent: AgentId,
    /// What it is to be.
    pub intent: AgentIntent,
    /// Whether work in hand is waited for.
    pub when: ForcedWhen,
    /// Who orders it.
    pub by: String,
    /// Why; it stands in the event.
    pub reason: String,
}

impl Agent {
    /// In a call of a queue that both would notice the end of.
    fn is_in_call(&self) -> bool {
        matches!(self.work, Work::Connecting(_) | Work::Talking { .. }) || self.has_own_call()
    }
}

impl Centre {
    /// Sets what an agent wants, by her supervisor. An offer that rings goes back to its place at once, whatever was
    /// ordered. In a call it is refused when it is only to be done if she is free; after the call, it waits for the
    /// wrap-up's end and she cannot take it back; now, a caller of a queue goes back to the head of it. Calls that came
    /// from no queue are never cut: they can be given back to nobody.
    ///
    /// # Errors
    /// [`CommandError::UnknownAgent`], [`CommandError::UnknownCode`], [`CommandError::CodeOfOthers`] and
    /// [`CommandError::InCall`].
    pub fn force_agent(&mut self, order: ForcedOrder, now: Now) -> Result<(), CommandError> {
        let ForcedOrder { agent: id, intent, when, by, reason } = order;
        self.may_set(&id, &intent, SetBy::Supervisor, now)?;
        let in_call = self.agents.get(&id).is_some_and(Agent::is_in_call);
        if in_call && when == ForcedWhen::IfFree {
            return Err(CommandError::InCall { agent: id });
        }
        self.wake(now);
        let (agent, told) = (id.clone(), intent.clone());
        self.tell(EventBody::AgentForced { agent, intent: told, when, by, reason }, now);
        if when == ForcedWhen::Now {
            self.cut_work(&id, &intent, now);
        }
        self.apply_intent(&id, intent, now);
        if let Some(agent) = self.agents.get_mut(&id) {
            agent.forced = agent.pending.is_some();
        }
        self.settle(now);
        Ok(())
    }

    /// What she does for a queue ends now.
    fn cut_work(&mut self, id: &AgentId, intent: &AgentIntent, now: Now) {
        let Some(agent) = self.agents.get_mut(id) else { return };
        match agent.work.clone() {
            Work::WrapUp(_) => {
                agent.want_next(intent.clone());
                self.end_wrap_up(id, true, now);
            }
            Work::Connecting(_) => {
                agent.want_next(intent.clone());
                let leg = Leg::End(StopRinging::Command, HangUp::Command);
                self.take_back(id, OfferOutcome::Cancelled, leg, now);
            }
            Work::Talking { call } => self.give_back(id, call, intent, now),
            Work::Idle | Work::Dialing | Work::Reserved(_) | Work::Ringing(_) | Work::Preview(_) => {}
        }
    }

    /// Her caller goes back to the head of the queue. One whom she is passing on goes on to where she passed him.
    fn give_back(&mut self, id: &AgentId, call: CallId, intent: &AgentIntent, now: Now) {
        let home = match self.calls.get(&call).map(|call| &call.stage) {
            Some(Stage::Talking(talk)) => talk.home.clone(),
            _ => None,
        };
        let Some(home) = home else { return };
        let Some(talk) = self.end_talk(call, now) else { return };
        self.no_survey(call, &talk, careline_model::event::SurveyOutcome::NotOffered, now);
        self.actions.push_back(Action::HangUp { leg: talk.leg, why: HangUp::Command });
        if let Some(agent) = self.agents.get_mut(id) {
            agent.handled_a_call();
            agent.want_next(intent.clone());
            agent.release(now.instant);
        }
        self.agent_changed(id, now);
        self.requeue_at_head(call, home, now);
    }

    /// Her phone has been away for too long: whoever is ready is not, until she says so again.
    pub(crate) fn device_is_away(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get(id).filter(|agent| agent.phone == Phone::Lost) else { return };
        if agent.pending.as_ref().unwrap_or(&agent.intent) == &AgentIntent::Ready {
            let code = careline_model::config::DEVICE_LOST_CODE.to_owned();
            self.apply_intent(id, AgentIntent::NotReady(code), now);
        }
    }
}

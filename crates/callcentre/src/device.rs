//! Agents' phones: they come, go, and have calls of their own.

use crate::action::{HangUp, StopRinging};
use crate::agent::{Phone, Work};
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::offer::Leg;
use careline_model::config::DEVICE_LOST_CODE;
use careline_model::event::{AgentIntent, OfferOutcome};
use careline_model::{AgentId, Now};

impl Centre {
    pub(crate) fn device_up(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.phone != Phone::Registered) else {
            return;
        };
        agent.phone = Phone::Registered;
        self.deadlines.stop(&Due::Device(id.clone()));
        if agent.ready_on_register {
            let lost = AgentIntent::NotReady(DEVICE_LOST_CODE.to_owned());
            agent.pending.take_if(|next| *next == lost);
            if agent.intent == AgentIntent::LoggedOut || agent.intent == lost {
                agent.want(AgentIntent::Ready, now.instant);
            }
        }
        self.phone_is_back(id, now);
        self.agent_changed(id, now);
    }

    /// A conversation goes on without a registration; an offer does not.
    pub(crate) fn device_gone(&mut self, id: &AgentId, now: Now) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.phone == Phone::Registered) else {
            return;
        };
        agent.phone = Phone::Lost;
        agent.own_call = false;
        self.deadlines.set(Due::Device(id.clone()), now.instant + self.plan.rona.device_back);
        match agent.work {
            Work::Reserved(_) | Work::Ringing(_) => {
                let leg = Leg::End(StopRinging::DeviceLost, HangUp::OtherLegLost);
                self.take_back(id, OfferOutcome::DeviceLost, leg, now);
            }
            Work::Preview(_) => self.leave_preview(id, now),
            Work::Dialing => {
                agent.release(now.instant);
                self.agent_changed(id, now);
            }
            Work::Idle | Work::Connecting(_) | Work::Talking { .. } | Work::WrapUp(_) => {
                self.agent_changed(id, now)
            }
        }
    }

    /// A call of the phone's own begins or ends.
    pub(crate) fn device_busy(&mut self, id: &AgentId, busy: bool, now: Now) {
        let Some(agent) = self.agents.get_mut(id).filter(|agent| agent.phone == Phone::Registered) else {
            return;
        };
        agent.own_call = busy;
        match (&agent.work, busy) {
            (Work::Idle, true) => agent.work = Work::Dialing,
            (Work::Dialing, false) => agent.release(now.instant),
            // Busy beside other work: it shows on the device axis, and as work when the other is done.
            _ => {}
        }
        self.agent_changed(id, now);
    }
}

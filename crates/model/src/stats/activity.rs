//! What an agent's time is spent on: one word at a time, derived from the three axes of the agent's state.

use crate::event::{AgentDevice, AgentIntent, AgentWork};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};

/// Reason codes that are told apart in one cell; the time of further ones is counted under [`OTHER_CODE`].
pub const NOT_READY_CODES_MAX: usize = 64;
/// Stands for reason codes that found no room.
pub const OTHER_CODE: &str = "other";

/// The one word for what an agent does (CF 2.2, shown state). Work comes before intent, so that who wants a break but
/// still talks is talking. A phone that is lost is told only of who waits for calls: in a conversation the work goes on.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Activity {
    /// Not signed in, and no work of a queue in hand. A call of her own does not sign an agent in.
    #[default]
    LoggedOut,
    /// Waits for calls.
    Ready,
    /// Would take calls, but the phone is not there.
    PhoneAway,
    /// Takes no calls, for a reason code.
    NotReady(String),
    /// Chosen for a call, or the phone rings.
    Ringing,
    /// Being joined with a caller of a queue, or in conversation with one; hold included.
    Talking,
    /// In a call that no queue brought.
    Dialing,
    /// Work after the call.
    WrapUp,
}

impl Activity {
    /// The word for the three axes.
    #[must_use]
    pub fn of(intent: &AgentIntent, work: AgentWork, device: AgentDevice) -> Self {
        match (work, intent, device) {
            (AgentWork::Reserved | AgentWork::Ringing, ..) => Self::Ringing,
            (AgentWork::Connecting | AgentWork::Talking, ..) => Self::Talking,
            (AgentWork::WrapUp, ..) => Self::WrapUp,
            (AgentWork::Preview, ..) => Self::Dialing,
            (AgentWork::Idle | AgentWork::Dialing, AgentIntent::LoggedOut, _) => Self::LoggedOut,
            (AgentWork::Dialing, AgentIntent::NotReady(_) | AgentIntent::Ready, _) => Self::Dialing,
            (AgentWork::Idle, AgentIntent::NotReady(code), _) => Self::NotReady(code.clone()),
            (AgentWork::Idle, AgentIntent::Ready, AgentDevice::None | AgentDevice::Lost) => Self::PhoneAway,
            (AgentWork::Idle, AgentIntent::Ready, AgentDevice::Registered | AgentDevice::InUse) => {
                Self::Ready
            }
        }
    }
}

/// An agent's time by what it was spent on, in microseconds. The parts do not overlap: their sum is the login time.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct TimeInStates {
    /// Waiting for calls.
    pub ready_us: u64,
    /// Ready without a phone.
    pub phone_away_us: u64,
    /// Chosen or rung.
    pub ringing_us: u64,
    /// With callers of queues.
    pub talking_us: u64,
    /// In calls that no queue brought.
    pub dialing_us: u64,
    /// After calls.
    pub wrap_up_us: u64,
    /// Taking no calls, by reason code.
    pub not_ready_us: BTreeMap<String, u64>,
}

impl TimeInStates {
    /// All of it: the time signed in.
    #[must_use]
    pub fn login_us(&self) -> u64 {
        [self.ready_us, self.phone_away_us, self.ringing_us, self.handling_us(), self.all_not_ready_us()]
            .into_iter()
            .fold(0, u64::saturating_add)
    }

    /// At work for somebody: talking, dialing and wrap-up. Ringing is neither work nor idle (CF 3.4, as Amazon Connect
    /// counts).
    #[must_use]
    pub fn handling_us(&self) -> u64 {
        self.talking_us.saturating_add(self.dialing_us).saturating_add(self.wrap_up_us)
    }

    /// Taking no calls, whatever the reason.
    #[must_use]
    pub fn all_not_ready_us(&self) -> u64 {
        self.not_ready_us.values().fold(0, |sum, us| sum.saturating_add(*us))
    }

    /// Taking no calls for one of these reasons.
    #[must_use]
    pub fn not_ready_of_us(&self, codes: &BTreeSet<String>) -> u64 {
        let chosen = self.not_ready_us.iter().filter(|(code, _)| codes.contains(*code));
        chosen.fold(0, |sum, (_, us)| sum.saturating_add(*us))
    }

    pub(super) fn spend(&mut self, activity: &Activity, us: u64) {
        let part = match activity {
            Activity::LoggedOut => return,
            Activity::Ready => &mut self.ready_us,
            Activity::PhoneAway => &mut self.phone_away_us,
            Activity::Ringing => &mut self.ringing_us,
            Activity::Talking => &mut self.talking_us,
            Activity::Dialing => &mut self.dialing_us,
            Activity::WrapUp => &mut self.wrap_up_us,
            Activity::NotReady(code) => self.code_us(code),
        };
        *part = part.saturating_add(us);
    }

    fn code_us(&mut self, code: &str) -> &mut u64 {
        let known = self.not_ready_us.contains_key(code);
        let room = known || self.not_ready_us.len() < NOT_READY_CODES_MAX;
        self.not_ready_us.entry(if room { code } else { OTHER_CODE }.to_owned()).or_default()
    }

    pub(super) fn add(&mut self, other: &Self) {
        self.ready_us = self.ready_us.saturating_add(other.ready_us);
        self.phone_away_us = self.phone_away_us.saturating_add(other.phone_away_us);
        self.ringing_us = self.ringing_us.saturating_add(other.ringing_us);
        self.talking_us = self.talking_us.saturating_add(other.talking_us);
        self.dialing_us = self.dialing_us.saturating_add(other.dialing_us);
        self.wrap_up_us = self.wrap_up_us.saturating_add(other.wrap_up_us);
        for (code, us) in &other.not_ready_us {
            let part = self.code_us(code);
            *part = part.saturating_add(*us);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_wants_a_break_but_still_talks_is_talking() {
        let meal = AgentIntent::NotReady("meal".into());
        let of = |intent: &AgentIntent, work| Activity::of(intent, work, AgentDevice::Registered);
        assert_eq!(of(&meal, AgentWork::Talking), Activity::Talking);
        assert_eq!(of(&meal, AgentWork::WrapUp), Activity::WrapUp);
        assert_eq!(of(&meal, AgentWork::Idle), Activity::NotReady("meal".into()));
        assert_eq!(of(&AgentIntent::LoggedOut, AgentWork::Talking), Activity::Talking);
        assert_eq!(of(&AgentIntent::LoggedOut, AgentWork::Dialing), Activity::LoggedOut);
    }

    #[test]
    fn a_lost_phone_is_told_of_who_waits_for_calls() {
        let lost = |work| Activity::of(&AgentIntent::Ready, work, AgentDevice::Lost);
        assert_eq!(lost(AgentWork::Idle), Activity::PhoneAway);
        assert_eq!(lost(AgentWork::Talking), Activity::Talking);
    }

    #[test]
    fn too_many_reason_codes_keep_the_sum() {
        let mut time = TimeInStates::default();
        for code in 0..1000 {
            time.spend(&Activity::NotReady(format!("code-{code}")), 3);
        }
        assert_eq!(time.not_ready_us.len(), NOT_READY_CODES_MAX + 1);
        assert_eq!((time.all_not_ready_us(), time.login_us()), (3000, 3000));
    }
}

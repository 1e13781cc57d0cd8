//! PINs that agents type: too many wrong ones in a row, over all calls, and the PIN is of no use for a while (CF F5).

use crate::centre::Centre;
use careline_model::event::EventBody;
use careline_model::{AgentId, Now};
use std::collections::BTreeMap;
use std::time::Instant;

/// What came of typing a PIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum PinSays {
    Right,
    Wrong,
    /// Nothing typed is of any use now.
    Locked,
}

/// Who typed what wrongly; one entry for each agent of the plan at most.
#[derive(Debug, Default)]
pub(crate) struct Pins {
    of: BTreeMap<AgentId, Tries>,
}

#[derive(Debug, Default)]
struct Tries {
    wrong: u32,
    locked_until: Option<Instant>,
}

impl Centre {
    /// Whether this agent can type a PIN now.
    pub(crate) fn pin_is_open(&self, agent: &AgentId, now: Now) -> bool {
        let has = self.plan.agents.get(agent).is_some_and(|agent| agent.pin.is_some());
        let until = self.pins.of.get(agent).and_then(|tries| tries.locked_until);
        has && until.is_none_or(|until| until <= now.instant)
    }

    /// Somebody typed a PIN. A lock that begins is told.
    pub(crate) fn try_pin(&mut self, agent: &AgentId, typed: &str, now: Now) -> PinSays {
        if !self.pin_is_open(agent, now) {
            return PinSays::Locked;
        }
        let pin = self.plan.agents.get(agent).and_then(|agent| agent.pin.as_ref());
        if pin.is_some_and(|pin| same(pin.expose().as_bytes(), typed.as_bytes())) {
            self.pins.of.remove(agent);
            return PinSays::Right;
        }
        let (most, lock) = (self.plan.voicemail.pin_tries, self.plan.voicemail.pin_lock);
        let tries = self.pins.of.entry(agent.clone()).or_default();
        tries.locked_until = None;
        tries.wrong += 1;
        if tries.wrong < most {
            return PinSays::Wrong;
        }
        *tries = Tries { wrong: 0, locked_until: Some(now.instant + lock) };
        let until_us = now.wall_us.saturating_add(i64::try_from(lock.as_micros()).unwrap_or(i64::MAX));
        self.tell(EventBody::PinLocked { agent: agent.clone(), until_us }, now);
        PinSays::Locked
    }
}

/// In a time that does not tell where the first difference is.
fn same(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |all, (a, b)| all | (a ^ b)) == 0
}

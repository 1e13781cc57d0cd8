//! How people and machines react to what they are asked: not part of a script, the same for everybody in it.

use crate::chance::Chance;
use careline_callcentre::RefusedBy;
use std::time::Duration;

/// Reactions, with their chances and times.
#[derive(Debug, Clone)]
pub struct Manners {
    /// From the ring to the agent's answer; not more than the ringing time as a rule.
    pub answer_mean: Duration,
    /// How much that varies; 0 for not at all.
    pub answer_variation: f64,
    /// Shares of offers that are not answered, declined, busy, and that find no phone.
    pub missed: [(f64, RefusedBy); 4],
    /// Until a phone says that it rings, and until two legs are joined.
    pub network: Duration,
    /// Length of a prompt.
    pub prompt: Duration,
    /// Until the directory answers, as a rule.
    pub directory: Duration,
    /// How late deadlines are kept at most: the driver has a grid.
    pub grid: Duration,
}

/// What an agent does about a phone that rings.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Reaction {
    Answers(Duration),
    Refuses(Duration, RefusedBy),
    /// Neither: the ringing time passes.
    Lets,
}

impl Manners {
    /// As people are.
    #[must_use]
    pub fn of_people() -> Self {
        Self {
            answer_mean: Duration::from_millis(3500),
            answer_variation: 0.6,
            missed: [
                (0.03, RefusedBy::NoAnswer),
                (0.02, RefusedBy::Rejected),
                (0.01, RefusedBy::Busy),
                (0.005, RefusedBy::Unreachable),
            ],
            network: Duration::from_millis(20),
            prompt: Duration::from_millis(2500),
            directory: Duration::from_millis(15),
            grid: Duration::from_millis(10),
        }
    }

    /// As a theory wants them: everybody answers at once, nothing takes time.
    #[must_use]
    pub fn of_theory() -> Self {
        Self {
            answer_mean: Duration::ZERO,
            answer_variation: 0.0,
            missed: [(0.0, RefusedBy::NoAnswer); 4],
            network: Duration::ZERO,
            prompt: Duration::ZERO,
            directory: Duration::ZERO,
            grid: Duration::ZERO,
        }
    }

    /// What an agent does about a ring.
    pub(crate) fn reaction(&self, chance: &mut Chance) -> Reaction {
        let mut left = chance.unit();
        for (share, why) in self.missed {
            left -= share;
            if left < 0.0 {
                return match why {
                    // Half of them by the phone itself, half by ours.
                    RefusedBy::NoAnswer if chance.is(0.5) => Reaction::Lets,
                    RefusedBy::NoAnswer => Reaction::Refuses(Duration::from_secs(12), why),
                    RefusedBy::Rejected => Reaction::Refuses(self.answer(chance), why),
                    RefusedBy::Busy | RefusedBy::Unreachable => Reaction::Refuses(self.network, why),
                };
            }
        }
        Reaction::Answers(self.answer(chance))
    }

    fn answer(&self, chance: &mut Chance) -> Duration {
        if self.answer_mean.is_zero() || self.answer_variation == 0.0 {
            return self.answer_mean;
        }
        self.network + chance.log_normal(self.answer_mean, self.answer_variation)
    }
}

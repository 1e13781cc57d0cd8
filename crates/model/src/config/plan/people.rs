//! Calls between people: who may listen to whom, hold, conference, park (CF 1G, 1H).

use super::Agent;
use crate::event::{WatchMode, WatchNotice};
use crate::id::QueueId;
use std::collections::BTreeSet;
use std::sync::Arc;
use std::time::Duration;

/// All of it.
#[derive(Debug, Clone, Default)]
pub struct People {
    /// What holds for everybody who listens to agents.
    pub supervision: Supervision,
    /// Held parties.
    pub hold: Hold,
    /// Conversations of three and more.
    pub conference: Conference,
    /// Slots for parked calls; nothing: there is no parking.
    pub park: Option<Park>,
}

/// Whom a supervisor may listen to, and how far she may go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Supervises {
    /// Every agent.
    pub all: bool,
    /// Agents who serve one of these queues.
    pub queues: BTreeSet<QueueId>,
    /// Agents of these teams.
    pub teams: BTreeSet<Arc<str>>,
    /// The most that she may do; what is less, too.
    pub up_to: WatchMode,
}

impl Supervises {
    /// Whether an agent is hers.
    #[must_use]
    pub fn covers(&self, agent: &Agent) -> bool {
        self.all
            || agent.team.as_ref().is_some_and(|team| self.teams.contains(team))
            || agent.seats.keys().any(|queue| self.queues.contains(queue))
    }
}

/// What holds for everybody who listens.
#[derive(Debug, Clone)]
pub struct Supervision {
    /// What an agent is told.
    pub notice: WatchNotice,
    /// What she hears, when a tone is her notice.
    pub tone: Option<Arc<str>>,
    /// A supervisor's phone rings for so long.
    pub rings: Duration,
    /// Most supervisors who listen to one agent.
    pub watchers_max: usize,
}

impl Default for Supervision {
    fn default() -> Self {
        Self { notice: WatchNotice::Icon, tone: None, rings: Duration::from_secs(30), watchers_max: 3 }
    }
}

/// Held parties.
#[derive(Debug, Clone, Default)]
pub struct Hold {
    /// What reminds an agent of whom she holds.
    pub tone: Option<Arc<str>>,
    /// How often.
    pub tone_every: Duration,
    /// A hold that lasts longer is told.
    pub long: Option<Duration>,
}

/// Conversations of three and more.
#[derive(Debug, Clone, Copy)]
pub struct Conference {
    /// Most parties, the two that it began with included.
    pub parties_max: usize,
    /// What becomes of it when no agent is left.
    pub last_agent_leaves: LastAgentLeaves,
}

impl Default for Conference {
    fn default() -> Self {
        Self { parties_max: 8, last_agent_leaves: LastAgentLeaves::GoOn }
    }
}

/// What becomes of a conversation when no agent is left in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LastAgentLeaves {
    /// The others go on.
    GoOn,
    /// It ends for all.
    End,
}

/// Slots where calls wait for whoever dials their number.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Park {
    /// Number of the first slot.
    pub first: u32,
    /// How many there are.
    pub slots: u32,
    /// A call that nobody picks up goes back to who parked it after this time.
    pub back_after: Duration,
}

impl Park {
    /// The numbers of the slots.
    pub fn numbers(self) -> impl Iterator<Item = u32> {
        self.first..self.first.saturating_add(self.slots)
    }
}

//! Calls between people, as they are written: who may listen to whom, hold, conference, park; and what is wrong with it.

use super::check::{Check, listed};
use super::plan::{Conference, Hold, LastAgentLeaves, Park, Plan, Queue, Supervises, Supervision};
use super::switch::{AgentConfig, SwitchConfig, unwritten};
use super::trunk_profile::Word;
use crate::event::{WatchMode, WatchNotice};
use crate::id::{AgentId, QueueId};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// Parties of one conversation (CF G6 asks for 8).
const PARTIES: (u32, u32) = (3, 16);
/// Numbers of slots, and how many there may be.
const SLOT_NUMBER_MAX: u32 = 9_999_999;
const SLOTS_MAX: u32 = 100;

/// `[supervision]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SupervisionConfig {
    /// What an agent is told when somebody listens to her: `none`, `icon` or `tone`.
    pub notice: Option<Spanned<String>>,
    /// The prompt that she hears with `tone`.
    pub tone: Option<Spanned<String>>,
    /// A supervisor's phone rings for so long, in seconds.
    pub ring_s: Spanned<u32>,
    /// Most supervisors who listen to one agent.
    pub watchers_max: Spanned<u32>,
}

impl Default for SupervisionConfig {
    fn default() -> Self {
        Self { notice: None, tone: None, ring_s: unwritten(30), watchers_max: unwritten(3) }
    }
}

/// `[hold]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct HoldConfig {
    /// The prompt that reminds an agent of whom she holds; none when absent.
    pub tone: Option<Spanned<String>>,
    /// How often, in seconds.
    pub tone_every_s: Spanned<u32>,
    /// A hold that lasts longer than this is told, in seconds; 0: none is.
    pub long_s: Spanned<u32>,
}

impl Default for HoldConfig {
    fn default() -> Self {
        Self { tone: None, tone_every_s: unwritten(60), long_s: unwritten(180) }
    }
}

/// `[conference]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ConferenceConfig {
    /// Most parties of one conversation, the two that it began with included.
    pub parties_max: Spanned<u32>,
    /// What becomes of it when the last agent leaves: `go_on` or `end`.
    pub last_agent_leaves: Option<Spanned<String>>,
}

impl Default for ConferenceConfig {
    fn default() -> Self {
        Self { parties_max: unwritten(8), last_agent_leaves: None }
    }
}

/// `[park]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ParkConfig {
    /// Number of the first slot: who dials it picks up what is parked there.
    pub first: Spanned<u32>,
    /// How many slots there are.
    #[serde(default = "slots")]
    pub slots: Spanned<u32>,
    /// A call that nobody picks up goes back to who parked it after so many seconds.
    #[serde(default = "back_after")]
    pub back_after_s: Spanned<u32>,
}

fn slots() -> Spanned<u32> {
    unwritten(10)
}

fn back_after() -> Spanned<u32> {
    unwritten(90)
}

impl Check<'_> {
    /// The tables of calls between people; what they name of the plan is there already.
    pub(super) fn people(&mut self, config: &SwitchConfig, plan: &mut Plan) {
        plan.people.supervision = self.supervision(&config.supervision);
        plan.people.hold = self.hold(&config.hold);
        let conference = &config.conference;
        plan.people.conference = Conference {
            parties_max: self
                .amount("conference.parties_max", &conference.parties_max, PARTIES.0, PARTIES.1)
                .try_into()
                .unwrap_or(usize::MAX),
            last_agent_leaves: self.word(
                "conference.last_agent_leaves",
                conference.last_agent_leaves.as_ref(),
                LastAgentLeaves::GoOn,
            ),
        };
        plan.people.park = config.park.as_ref().map(|park| self.park(park, plan));
        self.queue_extensions(config, plan);
    }

    /// Numbers of queues are nobody else's.
    fn queue_extensions(&mut self, config: &SwitchConfig, plan: &Plan) {
        let mut taken = BTreeSet::new();
        for written in config.queue.iter().filter_map(|queue| queue.extension.as_ref()) {
            let number = written.get_ref();
            let digits = (1..=15).contains(&number.len()) && number.bytes().all(|byte| byte.is_ascii_digit());
            if !digits {
                self.wrong(
                    "queue.extension",
                    written,
                    format!("`{number}` is no extension"),
                    "1 to 15 digits",
                );
            }
            let slot =
                plan.people.park.is_some_and(|park| park.numbers().any(|slot| slot.to_string() == *number));
            let ours = plan.agents.contains_key(&AgentId::from(number.as_str()))
                || plan.lines_by_number.contains_key(&plan.number(number))
                || plan.echo_number == *number;
            if ours || slot || !taken.insert(number.clone()) {
                let what = format!("`{number}` is a number of ours");
                self.wrong("queue.extension", written, what, "a free number");
            }
        }
    }

    fn supervision(&mut self, written: &SupervisionConfig) -> Supervision {
        let notice = self.word("supervision.notice", written.notice.as_ref(), WatchNotice::Icon);
        let tone = self.prompt("supervision.tone", written.tone.as_ref());
        if let (WatchNotice::Tone, None, Some(at)) = (notice, &tone, &written.notice) {
            self.wrong("supervision.notice", at, "`tone` has no prompt", "supervision.tone beside it");
        }
        Supervision {
            notice,
            tone: tone.filter(|_| notice == WatchNotice::Tone),
            rings: self.seconds("supervision.ring_s", &written.ring_s, 5),
            watchers_max: self.count("supervision.watchers_max", &written.watchers_max, 16),
        }
    }

    fn hold(&mut self, written: &HoldConfig) -> Hold {
        let long = self.seconds("hold.long_s", &written.long_s, 0);
        Hold {
            tone: self.prompt("hold.tone", written.tone.as_ref()),
            tone_every: self.seconds("hold.tone_every_s", &written.tone_every_s, 5),
            long: (long > Duration::ZERO).then_some(long),
        }
    }

    fn park(&mut self, written: &ParkConfig, plan: &Plan) -> Park {
        let first = self.amount("park.first", &written.first, 1, SLOT_NUMBER_MAX);
        let slots = self.amount("park.slots", &written.slots, 1, SLOTS_MAX);
        let park =
            Park { first, slots, back_after: self.seconds("park.back_after_s", &written.back_after_s, 10) };
        let taken = |slot: &u32| {
            let number = slot.to_string();
            plan.agents.contains_key(&AgentId::from(number.as_str()))
                || plan.lines_by_number.contains_key(&plan.number(&number))
                || plan.echo_number == number
        };
        if let Some(slot) = park.numbers().find(taken) {
            self.wrong(
                "park.first",
                &written.first,
                format!("slot {slot} is a number of ours"),
                "free numbers",
            );
        }
        park
    }

    /// Whom an agent may listen to, if anybody.
    pub(super) fn supervises(
        &mut self,
        agent: &AgentConfig,
        queues: &BTreeMap<QueueId, Queue>,
    ) -> Option<Supervises> {
        let all = agent.supervises.iter().any(|one| one.get_ref() == "*");
        let mut of = BTreeSet::new();
        for queue in agent.supervises.iter().filter(|one| one.get_ref() != "*") {
            let id = QueueId::from(queue.get_ref().as_str());
            if !queues.contains_key(&id) {
                let what = format!("queue `{id}` is not known");
                self.wrong("agent.supervises", queue, what, format!("* or {}", listed(queues.keys())));
            }
            of.insert(id);
        }
        let teams: BTreeSet<Arc<str>> =
            agent.supervises_teams.iter().map(|team| Arc::from(team.as_str())).collect();
        let up_to = self.word("agent.supervision", agent.supervision.as_ref(), WatchMode::TakeOver);
        if let (Some(at), true) = (&agent.supervision, of.is_empty() && teams.is_empty() && !all) {
            let allowed = "supervises or supervises_teams beside it";
            self.wrong("agent.supervision", at, "she supervises nobody", allowed);
        }
        let any = all || !of.is_empty() || !teams.is_empty();
        any.then_some(Supervises { all, queues: of, teams, up_to })
    }
}

impl Word for WatchMode {
    const WORDS: &[(&str, Self)] = &[
        ("listen", Self::Listen),
        ("whisper", Self::Whisper),
        ("barge", Self::Barge),
        ("take_over", Self::TakeOver),
    ];
}

impl Word for WatchNotice {
    const WORDS: &[(&str, Self)] = &[("none", Self::None), ("icon", Self::Icon), ("tone", Self::Tone)];
}

impl Word for LastAgentLeaves {
    const WORDS: &[(&str, Self)] = &[("go_on", Self::GoOn), ("end", Self::End)];
}

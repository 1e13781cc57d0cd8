//! Queues: who is served in which order, by whom, and how the choice widens while somebody waits (CF 1.1 to 1.4).

use super::WrapUp;
use super::callback::{CallbackRules, SurveyRules};
use super::wait::{AgentNumber, Closing, Comfort, Overflow, Vacancy, Whisper};
use crate::id::{QueueId, SkillId};
use crate::number::Number;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;
use std::time::Duration;

/// How the agent of a queue is chosen among those who may take the call, the lowest tier first (CF 1.1). Who is equal
/// by the rule is taken in the order of waiting for work.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Strategy {
    /// The agent who has been free longest.
    LongestIdle,
    /// The agent with the least talk since her counts began.
    LeastTalk,
    /// The agent with the fewest answered calls since her counts began.
    FewestCalls,
    /// The agent with the smallest share of handling in her ready time since her counts began.
    LeastOccupied,
    /// The next agent in the order of the file, after the one who was rung last for this queue.
    RoundRobin,
    /// The next agent in the order of the file, after the one who was rung last for this call.
    Linear,
    /// The first agent in the order of the file.
    TopDown,
    /// Anybody.
    Random,
    /// Anybody, in the shares that the seats' weights are of their sum.
    Weighted,
    /// The agent whose levels of the skills that the call asks for have the highest sum.
    BestSkill,
    /// Everybody at once.
    RingAll,
    /// One more after each `ring_next`, the one who has been free longest first.
    RingProgressive,
}

impl Strategy {
    /// All, by the word in the configuration.
    pub const ALL: [(&'static str, Self); 12] = [
        ("longest_idle", Self::LongestIdle),
        ("least_talk", Self::LeastTalk),
        ("fewest_calls", Self::FewestCalls),
        ("least_occupied", Self::LeastOccupied),
        ("round_robin", Self::RoundRobin),
        ("linear", Self::Linear),
        ("top_down", Self::TopDown),
        ("random", Self::Random),
        ("weighted", Self::Weighted),
        ("best_skill", Self::BestSkill),
        ("ring_all", Self::RingAll),
        ("ring_progressive", Self::RingProgressive),
    ];
}

/// A queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queue {
    /// Its id.
    pub id: QueueId,
    /// Its name on screens.
    pub name: String,
    /// How the agent is chosen.
    pub strategy: Strategy,
    /// Ringing time of one offer.
    pub ring_timeout: Duration,
    /// After this time one more agent is rung beside the others, when they are rung progressively.
    pub ring_next: Duration,
    /// Work after a conversation.
    pub wrap_up: WrapUp,
    /// Agents' phones answer its calls by themselves.
    pub auto_answer: bool,
    /// Longest wait.
    pub max_wait: Duration,
    /// A caller who hangs up within this time counts as a short abandon.
    pub short_abandon: Duration,
    /// Callers waiting at the same time.
    pub callers_max: usize,
    /// The number under which agents pass callers on to it.
    pub extension: Option<Number>,
    /// Prompt that is repeated while waiting.
    pub music: Option<Arc<str>>,
    /// Prompt on entry when nobody is free.
    pub announce: Option<Arc<str>>,
    /// Its callers go before all others.
    pub red_flag: bool,
    /// Its callers go before those of a higher class, 1 to 9.
    pub class: u8,
    /// Within a class each point counts as a minute of waiting; less than 0 for those who may wait.
    pub priority: i32,
    /// What its callers ask of an agent: skill to the lowest level that will do.
    pub needs: BTreeMap<SkillId, u8>,
    /// How the choice of agents widens, in the order of time.
    pub steps: Vec<QueueStep>,
    /// Who called before goes to the agent whom she talked to.
    pub sticky: Option<Sticky>,
    /// What a caller is told while she waits.
    pub comfort: Option<Comfort>,
    /// What becomes of callers when nobody is there.
    pub vacancy: Vacancy,
    /// Rules that send callers elsewhere; the first that holds counts.
    pub overflow: Vec<Overflow>,
    /// When it closes; nothing when it never does.
    pub closing: Option<Closing>,
    /// Who hangs up and rings again within this time has her old place; zero for nobody.
    pub reconnect: Duration,
    /// What an agent hears before the caller.
    pub whisper: Option<Whisper>,
    /// The caller is told the number of her agent.
    pub agent_number: Option<AgentNumber>,
    /// How its people are called back; nothing when they are not.
    pub callback: Option<CallbackRules>,
    /// Who is asked how it was; nobody when absent.
    pub survey: Option<SurveyRules>,
    /// What a call keeps an agent busy, wrap-up included, until calls have taught it.
    pub handling: Duration,
}

/// From some time of waiting on, others may take a call too.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QueueStep {
    /// Since the first entry into any queue. A step whose predecessor leaves nobody who is at work is taken at once.
    pub at: Duration,
    /// Agents of these tiers, both included; nothing leaves them as they are.
    pub tiers: Option<(u8, u8)>,
    /// Skills that are not asked for any longer.
    pub drop: BTreeSet<SkillId>,
    /// Skills of which a lower level will do.
    pub lower: BTreeMap<SkillId, u8>,
}

/// Who called before is kept for the agent whom she talked to (CF C16).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sticky {
    /// The conversation is no older.
    pub window: Duration,
    /// For an agent who is free.
    pub idle: Duration,
    /// For an agent who still works.
    pub busy: Duration,
}

/// How an agent serves a queue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Seat {
    /// Callers of a queue of a lower number go first for this agent, 1 to 9.
    pub priority: u8,
    /// Calls younger than this are none of hers.
    pub delay: Duration,
    /// 1 to 9: tier 1 is asked first, others when a step of the queue names them.
    pub tier: u8,
    /// Her share of the calls when they are dealt by weight.
    pub weight: u32,
}

impl Default for Seat {
    fn default() -> Self {
        Self { priority: 1, delay: Duration::ZERO, tier: 1, weight: 10 }
    }
}

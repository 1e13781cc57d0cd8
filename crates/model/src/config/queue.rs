//! `[[queue]]`, and how an agent serves one, as they are written.

use super::callback::{CallbackConfig, SurveyConfig};
use super::switch::unwritten;
use super::wait::{
    AgentNumberConfig, ClosingConfig, ComfortConfig, EmptyConfig, OverflowConfig, PositionConfig, WaitConfig,
    WhisperConfig,
};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// `[[queue]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct QueueConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Its name on screens.
    pub name: String,
    /// The number under which agents pass callers on to it; none when absent.
    #[serde(default)]
    pub extension: Option<Spanned<String>>,
    /// How the agent is chosen.
    #[serde(default)]
    pub strategy: Option<Spanned<String>>,
    /// Ringing time of one offer, in seconds.
    #[serde(default = "ring_timeout_s")]
    pub ring_timeout_s: Spanned<u32>,
    /// Seconds after which one more agent is rung, by the strategy `ring_progressive`.
    #[serde(default = "ring_next_s")]
    pub ring_next_s: Spanned<u32>,
    /// Wrap-up after a conversation: `none`, `optional`, `discretionary`, `timed` or `timed_fixed`.
    #[serde(default)]
    pub wrap_up_mode: Option<Spanned<String>>,
    /// Its length, in seconds; 0 for none. The longest one when the agent ends it.
    #[serde(default)]
    pub wrap_up_s: Option<Spanned<u32>>,
    /// Agents' phones answer its calls by themselves.
    #[serde(default)]
    pub auto_answer: bool,
    /// Longest wait, in seconds; then the flow's `timeout` node follows.
    #[serde(default = "max_wait_s")]
    pub max_wait_s: Spanned<u32>,
    /// A caller who hangs up within this time counts as a short abandon, in seconds.
    #[serde(default = "short_abandon_s")]
    pub short_abandon_s: Spanned<u32>,
    /// Callers waiting at the same time; the next goes to the flow's `full` node.
    #[serde(default = "callers_max")]
    pub callers_max: Spanned<u32>,
    /// Prompt that is repeated while waiting.
    #[serde(default)]
    pub music: Option<Spanned<String>>,
    /// Prompt on entry when nobody is free.
    #[serde(default)]
    pub announce: Option<Spanned<String>>,
    /// Its callers go before all others.
    #[serde(default)]
    pub red_flag: bool,
    /// Its callers go before those of a higher class, 1 to 9.
    #[serde(default = "class")]
    pub class: Spanned<u32>,
    /// Points; within a class each counts as a minute of waiting.
    #[serde(default = "priority")]
    pub priority: Spanned<i32>,
    /// What its callers ask of an agent: skill to the lowest level that will do.
    #[serde(default)]
    pub skills: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// `[[queue.step]]`: how the choice of agents widens.
    #[serde(default)]
    pub step: Vec<StepConfig>,
    /// `[queue.sticky]`: who called before is kept for the agent whom she talked to.
    #[serde(default)]
    pub sticky: Option<StickyConfig>,
    /// `[queue.comfort]`: what a caller is told while she waits, and when.
    #[serde(default)]
    pub comfort: Option<ComfortConfig>,
    /// `[queue.announce_position]`: her place.
    #[serde(default)]
    pub announce_position: Option<PositionConfig>,
    /// `[queue.announce_wait]`: how long she will wait.
    #[serde(default)]
    pub announce_wait: Option<WaitConfig>,
    /// `[queue.empty]`: what becomes of callers when nobody is there.
    #[serde(default)]
    pub empty: Option<EmptyConfig>,
    /// `[[queue.overflow]]`: rules that send callers elsewhere.
    #[serde(default)]
    pub overflow: Vec<OverflowConfig>,
    /// `[queue.closing]`: when it closes.
    #[serde(default)]
    pub closing: Option<ClosingConfig>,
    /// Who hangs up and rings again within so many seconds has her old place; 0 for nobody.
    #[serde(default = "reconnect_s")]
    pub reconnect_s: Spanned<u32>,
    /// `[queue.whisper]`: what an agent hears before the caller.
    #[serde(default)]
    pub whisper: Option<WhisperConfig>,
    /// `[queue.agent_number]`: the caller is told the number of her agent.
    #[serde(default)]
    pub agent_number: Option<AgentNumberConfig>,
    /// `[queue.callback]`: how its people are called back.
    #[serde(default)]
    pub callback: Option<CallbackConfig>,
    /// `[queue.survey]`: who is asked how it was.
    #[serde(default)]
    pub survey: Option<SurveyConfig>,
    /// Seconds for which a call keeps an agent busy, wrap-up included, as long as too few have been counted.
    #[serde(default = "handling_s")]
    pub handling_s: Spanned<u32>,
}

/// `[[queue.step]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct StepConfig {
    /// Seconds since the first entry into any queue.
    pub at_s: Spanned<u32>,
    /// Agents up to this tier may take the call from now on.
    #[serde(default)]
    pub tier: Option<Spanned<u32>>,
    /// Only agents of that tier.
    #[serde(default)]
    pub only: bool,
    /// Skills that are not asked for any longer.
    #[serde(default)]
    pub drop: Vec<Spanned<String>>,
    /// Skills of which a lower level will do.
    #[serde(default)]
    pub lower: BTreeMap<Spanned<String>, Spanned<u32>>,
}

/// `[queue.sticky]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StickyConfig {
    /// The conversation is no older, in hours.
    pub hours: Spanned<u32>,
    /// Seconds for which a call is kept for an agent who is free.
    pub idle_s: Spanned<u32>,
    /// Seconds for which a call is kept for an agent who still works.
    pub busy_s: Spanned<u32>,
}

impl Default for StickyConfig {
    fn default() -> Self {
        Self { hours: unwritten(24), idle_s: unwritten(15), busy_s: unwritten(30) }
    }
}

/// `[[agent.queue]]`: how an agent serves a queue, when it is not like everybody else.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeatConfig {
    /// Which queue.
    pub id: Spanned<String>,
    /// Callers of a queue of a lower number go first for this agent, 1 to 9.
    #[serde(default = "first")]
    pub priority: Spanned<u32>,
    /// Calls younger than so many seconds are none of hers.
    #[serde(default = "none_s")]
    pub delay_s: Spanned<u32>,
    /// Tier 1 is asked first, others when a step of the queue names them, 1 to 9.
    #[serde(default = "first")]
    pub tier: Spanned<u32>,
    /// Her share of the calls, by the strategy `weighted`.
    #[serde(default = "weight")]
    pub weight: Spanned<u32>,
}

fn first() -> Spanned<u32> {
    unwritten(1)
}

fn none_s() -> Spanned<u32> {
    unwritten(0)
}

fn weight() -> Spanned<u32> {
    unwritten(10)
}

fn ring_next_s() -> Spanned<u32> {
    unwritten(10)
}

fn class() -> Spanned<u32> {
    unwritten(5)
}

fn priority() -> Spanned<i32> {
    unwritten(0)
}

fn ring_timeout_s() -> Spanned<u32> {
    unwritten(15)
}

fn max_wait_s() -> Spanned<u32> {
    unwritten(600)
}

fn short_abandon_s() -> Spanned<u32> {
    unwritten(5)
}

fn reconnect_s() -> Spanned<u32> {
    unwritten(60)
}

fn handling_s() -> Spanned<u32> {
    unwritten(180)
}

fn callers_max() -> Spanned<u32> {
    unwritten(200)
}

//! Callbacks: promises to ring somebody back who would else have waited, as plain data (CF 1E, 1.10).
//!
//! What it is not: when whom an agent's phone rings for is the call centre's business; here is what outlives it.

use crate::id::{AgentId, CallId, CallbackId, LineId, QueueId, SkillId};
use crate::number::Number;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Who asked for a callback.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackOrigin {
    /// A caller, in a flow or while waiting.
    Caller,
    /// An agent, for a time agreed with the person (E8).
    Agent,
    /// Another program: a web page, WeChat (E9).
    Program,
}

/// How a callback ended: exactly one for each.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackOutcome {
    /// She and an agent hear each other. A voice mailbox counts as a voice.
    Reached,
    /// She rang again and has her place.
    Returned,
    /// She was not reached in the last attempt that the queue makes.
    Failed,
    /// Its time was over.
    Expired,
    /// Taken back by a person or a program.
    Cancelled,
}

/// Why an attempt reached nobody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CallbackMiss {
    /// Nobody answered.
    NoAnswer,
    /// The line is busy.
    Busy,
    /// The call was declined.
    Rejected,
    /// The network does not reach the number.
    Unreachable,
    /// Somebody or something answered, and did not say that it wants to be connected.
    NotConfirmed,
    /// She hung up before an agent was there.
    HungUp,
    /// Nobody was called: the night began, the switch is about to stop, or the call was lost by our fault.
    NotTried,
}

/// One promise, from the wish to its one end. Times are UTC microseconds since 1970.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Callback {
    /// Its id, over all attempts and restarts.
    pub id: CallbackId,
    /// Who is called, in normal form; never withheld. One callback is open for a number.
    pub number: Number,
    /// Where she stands in line.
    pub queue: QueueId,
    /// Who asked.
    pub origin: CallbackOrigin,
    /// The call in which she asked.
    pub call: Option<CallId>,
    /// The line that she rang; empty when she rang none.
    pub line: LineId,
    /// Its dialled number; empty when she rang none.
    pub dialled: Number,
    /// Advertising medium of the line.
    pub medium: String,
    /// What she hears prompts in; nothing for the first language of the configuration.
    pub language: Option<String>,
    /// The agent who is to call, before anybody else may.
    pub owner: Option<AgentId>,
    /// When it was asked for.
    pub requested_us: i64,
    /// Her first entry into a queue, or when it was asked for: her place in the order of service.
    pub first_us: i64,
    /// She is not called before.
    pub due_us: i64,
    /// She is not called any more from then on.
    pub expires_us: i64,
    /// Attempts that reached nobody.
    pub attempts: u32,
    /// She goes before all others.
    #[serde(default)]
    pub red_flag: bool,
    /// Her class, 1 to 9, when that is not the queue's.
    #[serde(default)]
    pub class: Option<u8>,
    /// Points beside those of the queue.
    #[serde(default)]
    pub points: i32,
    /// What she asks of an agent, beside what the queue asks for.
    #[serde(default)]
    pub needs: BTreeMap<SkillId, u8>,
}

/// All that has to outlive a restart of the switch.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct KeptCallbacks {
    /// Those that are open, the one that was asked for first, first.
    pub open: Vec<Callback>,
    /// Ids of those that ended lately, oldest first: a program that asks again for one of them gets no second.
    pub ended: Vec<CallbackId>,
}

/// Where an open callback is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackStage {
    /// It waits for its time.
    Later,
    /// It stands in line.
    Queued,
    /// An agent's phone rings for it, or she reads what it is about.
    Offered,
    /// The person's phone is being called.
    Calling,
}

/// An open callback as it is now.
#[derive(Debug, Clone, PartialEq)]
pub struct CallbackView {
    /// The promise.
    pub callback: Callback,
    /// Where it is.
    pub stage: CallbackStage,
    /// The call of the attempt under way.
    pub attempt: Option<CallId>,
}

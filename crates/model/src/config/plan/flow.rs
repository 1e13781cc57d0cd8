//! Flows: programmes of the IVR (CF chapter 4), immutable and shared by the calls that run them.
//!
//! A call keeps the flow it began with, and with it the flows that this one calls: what is published later does not
//! touch it. What it is not: where a call stands in its flow is the call centre's.

use super::value::{Comparison, Operand, QueueFigure, Source, Target, Test, Variable};
use super::wait::Exits;
use crate::event::GreetingReason;
use crate::id::{AgentId, FlowId, MailboxId, QueueId};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// An IVR programme. Every node it names exists, every prompt too, and no cycle runs without the caller's doing.
#[derive(Debug, Clone, PartialEq)]
pub struct Flow {
    /// Its id.
    pub id: FlowId,
    /// Its version, told in events.
    pub version: u32,
    /// Where a call begins.
    pub start: Arc<str>,
    /// The nodes by name.
    pub nodes: BTreeMap<Arc<str>, Node>,
    /// Where key 0 leads from everywhere where it means nothing else; absent when it means nothing then.
    pub agent_key: Option<Arc<str>>,
    /// Key `*` leads back to the menu before, where it means nothing else.
    pub star_is_up: bool,
    /// What its calls may remember.
    pub variables: BTreeMap<Arc<str>, Variable>,
    /// The flows that it calls itself, which call no further than [`SUBFLOW_DEPTH_MAX`] says.
    pub subflows: BTreeMap<FlowId, Arc<Flow>>,
}

/// Flows within flows: a subflow of a subflow of a flow is as deep as it goes.
pub const SUBFLOW_DEPTH_MAX: usize = 3;

/// A prompt in its place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prompt {
    /// Its id in the library.
    pub id: Arc<str>,
    /// A key cuts it short; keys that were typed ahead skip it.
    pub interruptible: bool,
}

/// One step of a flow.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// Says something and goes on.
    Play {
        /// What is said, in this order.
        prompts: Vec<Prompt>,
        /// The same when it was heard before in this call.
        short: Option<Vec<Prompt>>,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Says where to turn when a life is in danger, and lets one key lead there at once (CF B15).
    Safety(Safety),
    /// Asks for a choice.
    Menu(Menu),
    /// Asks for digits.
    Collect(Collect),
    /// Reads digits back and asks whether they are right.
    Confirm(Confirm),
    /// Branches by opening hours.
    Hours {
        /// Which hours.
        hours: Arc<str>,
        /// The node when open.
        open: Arc<str>,
        /// The node when closed.
        closed: Arc<str>,
        /// The node while somebody overrides the hours with an emergency message; `closed` unless it is named.
        emergency: Arc<str>,
    },
    /// Waits for an agent.
    Queue {
        /// Which queue.
        queue: QueueId,
        /// For whom the call is kept first, and for how long at most: a personal queue within this one (CF C17).
        agent: Option<(AgentId, Duration)>,
        /// What is said before the call is queued.
        prompts: Vec<Prompt>,
        /// Where she goes when she does not reach an agent.
        exits: Arc<Exits>,
    },
    /// Remembers something.
    Set {
        /// What is set to what, all from what was true before.
        values: Vec<(Target, Operand)>,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Branches by a value. One that was never set fits no case.
    Switch {
        /// What is looked at.
        value: Source,
        /// The first that fits decides.
        cases: Vec<(Test, Arc<str>)>,
        /// The node when none fits.
        otherwise: Arc<str>,
    },
    /// Branches by how a queue stands.
    QueueState {
        /// Which queue.
        queue: QueueId,
        /// The first that fits decides.
        cases: Vec<(QueueFigure, Comparison, Arc<str>)>,
        /// The node when none fits.
        otherwise: Arc<str>,
    },
    /// Changes the call's rank in queues, all but what it leaves out.
    Priority {
        /// Added, each worth a minute of waiting; may be negative.
        points: i32,
        /// Goes before those of a higher class, 1 to 9.
        class: Option<u8>,
        /// Goes before all others.
        red_flag: bool,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Chooses the prompt set from here on.
    Language {
        /// Its name.
        language: Arc<str>,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Branches by lot, the same way whenever this call comes here again.
    Percent {
        /// Weights, which are more than 0, and nodes.
        parts: Vec<(u32, Arc<str>)>,
    },
    /// Lets time pass.
    Wait {
        /// How long.
        time: Duration,
        /// Heard meanwhile; silence when absent.
        music: Option<Arc<str>>,
        /// A key ends it.
        interruptible: bool,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Lets a call pass a number of times, then no more.
    Loop {
        /// How often.
        times: u32,
        /// The node so often.
        again: Arc<str>,
        /// The node after that; the count begins anew.
        otherwise: Arc<str>,
    },
    /// Calls another flow.
    Subflow {
        /// Which.
        flow: FlowId,
        /// The node after its `Return`.
        next: Arc<str>,
    },
    /// Goes back to the flow that called this one.
    Return,
    /// Pins something to the agent's screen.
    ScreenData {
        /// Label and text, in this order.
        items: Vec<(Arc<str>, Operand)>,
        /// The node that follows.
        next: Arc<str>,
    },
    /// Asks another program.
    LookUp(FlowLookUp),
    /// Takes a message (CF 1F).
    Voicemail(LeaveMessage),
    /// Looks whether a callback helps this caller (CF E3).
    CallbackOffer(CallbackOffer),
    /// Promises a callback.
    Callback(CallbackNode),
    /// Asks how it was: a question of a survey.
    Rate(Rate),
    /// Says goodbye and hangs up.
    Hangup {
        /// What is said before.
        prompts: Vec<Prompt>,
    },
}

/// What is common to all questions (CF 4.3).
#[derive(Debug, Clone, PartialEq)]
pub struct Ask {
    /// The question.
    pub prompts: Vec<Prompt>,
    /// The question when it was heard before in this call.
    pub short: Option<Vec<Prompt>>,
    /// Said before the question is repeated after wrong keys: after the first time, the second, and so on; the last one
    /// stands for all that follow.
    pub invalid: Vec<Vec<Prompt>>,
    /// The same after silence.
    pub no_input: Vec<Vec<Prompt>>,
    /// Silence after the question that counts as no input.
    pub first_timeout: Duration,
    /// Silence after a key that ends an answer of several keys.
    pub inter_digit: Duration,
    /// Times of no input, and apart from these times of wrong keys, after which the call is led on.
    pub tries: u32,
    /// The node after too many wrong keys.
    pub invalid_to: Arc<str>,
    /// The node after too much silence.
    pub no_input_to: Arc<str>,
    /// Keys pressed before the question count.
    pub keeps_ahead: bool,
}

/// A question that is answered with one of several keys.
#[derive(Debug, Clone, PartialEq)]
pub struct Menu {
    /// How it is asked.
    pub ask: Ask,
    /// Answer to node.
    pub keys: BTreeMap<String, Arc<str>>,
    /// Nobody may see or hear the keys.
    pub secret: bool,
}

/// A question that is answered with digits.
#[derive(Debug, Clone, PartialEq)]
pub struct Collect {
    /// How it is asked.
    pub ask: Ask,
    /// The variable, a text, that remembers them.
    pub into: Arc<str>,
    /// Nobody may see or hear the keys: the variable is secret.
    pub secret: bool,
    /// Fewest digits.
    pub min: usize,
    /// Most digits: the answer ends with the last of them.
    pub max: usize,
    /// Ends the answer.
    pub end_key: Option<char>,
    /// Takes back what was typed so far.
    pub clear_key: Option<char>,
    /// The node that follows.
    pub next: Arc<str>,
}

/// A question whether digits are right: key 1 is yes, key 2 is once more.
#[derive(Debug, Clone, PartialEq)]
pub struct Confirm {
    /// How it is asked; the prompts come before the digits.
    pub ask: Ask,
    /// Said after the digits.
    pub question: Vec<Prompt>,
    /// The variable, a text, whose digits are read.
    pub variable: Arc<str>,
    /// Prompts of the digits 0 to 9; without them digits are said as the language says them, in groups
    /// ([`crate::spoken`]).
    pub digits: Option<[Arc<str>; 10]>,
    /// The node when they are right.
    pub yes: Arc<str>,
    /// The node when they are to be typed once more.
    pub again: Arc<str>,
    /// How often they may be read; after that `again` is `otherwise`.
    pub rounds: u32,
    /// The node when they did not come right.
    pub otherwise: Arc<str>,
}

/// What must be said to everybody first.
#[derive(Debug, Clone, PartialEq)]
pub struct Safety {
    /// What is said; no key but `key` cuts it short.
    pub prompts: Vec<Prompt>,
    /// The emergency numbers that the prompts name.
    pub numbers: Vec<Arc<str>>,
    /// Leads to help at once, with the node that it leads to.
    pub key: Option<(char, Arc<str>)>,
    /// The node that follows.
    pub next: Arc<str>,
}

/// Whether a callback helps: the wait would be long and still end before closing time, or nobody is there; and there is
/// room.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackOffer {
    /// In whose line she would stand.
    pub queue: QueueId,
    /// Remembers her own number as it is dialled here, for the reading back.
    pub into: Option<Arc<str>>,
    /// The node when it helps and her own number can be called.
    pub offer: Arc<str>,
    /// The node when it helps and her own number cannot be called, or is withheld.
    pub unknown: Arc<str>,
    /// The node when it does not help.
    pub otherwise: Arc<str>,
}

/// Where a callback is promised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackNode {
    /// In whose line she stands from then on.
    pub queue: QueueId,
    /// The number; her own when absent or never set.
    pub variable: Option<Arc<str>>,
    /// The node when it is promised.
    pub next: Arc<str>,
    /// The node when the number cannot be called.
    pub invalid: Arc<str>,
    /// The node when there is no room for one more.
    pub otherwise: Arc<str>,
}

/// A question that is answered with a key from 1 to `scale`.
#[derive(Debug, Clone, PartialEq)]
pub struct Rate {
    /// How it is asked.
    pub ask: Ask,
    /// Its name in events.
    pub question: Arc<str>,
    /// The highest key, 2 to 9.
    pub scale: u8,
    /// Answers up to this one have to be looked after.
    pub low: u8,
    /// The node that follows.
    pub next: Arc<str>,
}

/// A question to another program.
#[derive(Debug, Clone, PartialEq)]
pub struct FlowLookUp {
    /// Which question, in the other program's words.
    pub query: Arc<str>,
    /// What it is told.
    pub with: Vec<(Arc<str>, Source)>,
    /// The variables that its answer may set, all of them or none.
    pub into: Vec<Arc<str>>,
    /// Heard when the answer takes longer than the soft limit; silence when absent.
    pub comfort: Option<Arc<str>>,
    /// The node when it found something.
    pub success: Arc<str>,
    /// The node when it found nothing.
    pub not_found: Arc<str>,
    /// The node when it did not answer in time.
    pub timeout: Arc<str>,
    /// The node when it could not answer.
    pub error: Arc<str>,
}

/// A message is left in a mailbox.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeaveMessage {
    /// Which.
    pub mailbox: MailboxId,
    /// Which greeting is heard; nothing leaves it to the hours of the mailbox.
    pub reason: Option<GreetingReason>,
    /// The node after the message.
    pub next: Arc<str>,
    /// The node when nothing was said.
    pub nothing: Arc<str>,
}

impl Node {
    /// The nodes of the same flow that can follow, each with the branch that leads there.
    #[must_use]
    pub fn followers(&self) -> Vec<&Arc<str>> {
        match self {
            Self::Play { next, .. }
            | Self::Set { next, .. }
            | Self::Priority { next, .. }
            | Self::Language { next, .. }
            | Self::Wait { next, .. }
            | Self::Subflow { next, .. }
            | Self::ScreenData { next, .. } => vec![next],
            Self::Safety(safety) => safety.key.iter().map(|(_, node)| node).chain([&safety.next]).collect(),
            Self::Menu(menu) => menu.keys.values().chain(menu.ask.failures()).collect(),
            Self::Collect(collect) => [&collect.next].into_iter().chain(collect.ask.failures()).collect(),
            Self::Confirm(confirm) => {
                let own = [&confirm.yes, &confirm.again, &confirm.otherwise];
                own.into_iter().chain(confirm.ask.failures()).collect()
            }
            Self::Hours { open, closed, emergency, .. } => vec![open, closed, emergency],
            Self::Queue { exits, .. } => exits.targets().collect(),
            Self::Switch { cases, otherwise, .. } => {
                cases.iter().map(|(_, node)| node).chain([otherwise]).collect()
            }
            Self::QueueState { cases, otherwise, .. } => {
                cases.iter().map(|(_, _, node)| node).chain([otherwise]).collect()
            }
            Self::Percent { parts } => parts.iter().map(|(_, node)| node).collect(),
            Self::Loop { again, otherwise, .. } => vec![again, otherwise],
            Self::Voicemail(leave) => vec![&leave.next, &leave.nothing],
            Self::LookUp(ask) => vec![&ask.success, &ask.not_found, &ask.timeout, &ask.error],
            Self::CallbackOffer(node) => vec![&node.offer, &node.unknown, &node.otherwise],
            Self::Callback(node) => vec![&node.next, &node.invalid, &node.otherwise],
            Self::Rate(rate) => [&rate.next].into_iter().chain(rate.ask.failures()).collect(),
            Self::Return | Self::Hangup { .. } => Vec::new(),
        }
    }

    /// How it asks, when it is a question.
    #[must_use]
    pub fn ask(&self) -> Option<&Ask> {
        match self {
            Self::Menu(menu) => Some(&menu.ask),
            Self::Collect(collect) => Some(&collect.ask),
            Self::Confirm(confirm) => Some(&confirm.ask),
            Self::Rate(rate) => Some(&rate.ask),
            Self::Play { .. }
            | Self::Safety(_)
            | Self::Hours { .. }
            | Self::Queue { .. }
            | Self::Set { .. }
            | Self::Switch { .. }
            | Self::QueueState { .. }
            | Self::Priority { .. }
            | Self::Language { .. }
            | Self::Percent { .. }
            | Self::Wait { .. }
            | Self::Loop { .. }
            | Self::Subflow { .. }
            | Self::Return
            | Self::ScreenData { .. }
            | Self::LookUp(_)
            | Self::Voicemail(_)
            | Self::CallbackOffer(_)
            | Self::Callback(_)
            | Self::Hangup { .. } => None,
        }
    }

    /// The only node that can follow, of those that ask nothing and decide nothing.
    #[must_use]
    pub fn straight_on(&self) -> Option<&Arc<str>> {
        match self {
            Self::Play { next, .. }
            | Self::Set { next, .. }
            | Self::Priority { next, .. }
            | Self::Language { next, .. }
            | Self::Wait { next, .. }
            | Self::ScreenData { next, .. } => Some(next),
            Self::Safety(Safety { next, .. }) => Some(next),
            Self::Menu(_)
            | Self::Collect(_)
            | Self::Confirm(_)
            | Self::Hours { .. }
            | Self::Queue { .. }
            | Self::Switch { .. }
            | Self::QueueState { .. }
            | Self::Percent { .. }
            | Self::Loop { .. }
            | Self::Subflow { .. }
            | Self::Return
            | Self::LookUp(_)
            | Self::Voicemail(_)
            | Self::CallbackOffer(_)
            | Self::Callback(_)
            | Self::Rate(_)
            | Self::Hangup { .. } => None,
        }
    }
}

impl Ask {
    /// The nodes for callers who do not manage.
    pub fn failures(&self) -> impl Iterator<Item = &Arc<str>> {
        [&self.invalid_to, &self.no_input_to].into_iter()
    }
}

impl Flow {
    /// It is there to be called by another flow.
    #[must_use]
    pub fn returns(&self) -> bool {
        self.nodes.values().any(|node| matches!(node, Node::Return))
    }

    /// Whether a mailbox certainly comes next, this node included.
    #[must_use]
    pub fn leads_to_mailbox(&self, from: &str) -> bool {
        let mut node = self.nodes.get(from);
        for _ in 0..self.nodes.len() {
            match node {
                Some(Node::Voicemail(_)) => return true,
                Some(other) => node = other.straight_on().and_then(|next| self.nodes.get(next)),
                None => return false,
            }
        }
        false
    }

    /// The question that certainly comes next, this node included; nothing when the way divides or ends before.
    #[must_use]
    pub fn next_question(&self, from: &str) -> Option<&Node> {
        let mut node = self.nodes.get(from)?;
        for _ in 0..self.nodes.len() {
            if node.ask().is_some() {
                return Some(node);
            }
            if let Node::Subflow { flow, .. } = node {
                let inner = self.subflows.get(flow)?;
                return inner.next_question(&inner.start);
            }
            node = self.nodes.get(node.straight_on()?)?;
        }
        None
    }
}

//! Watches a call centre from outside, by what it says and shows to everybody: actions, events and the snapshot. It has
//! its own picture of calls, agents and queues, and says which promise was broken first.
//!
//! What it is not: it asks the call centre nothing that others cannot ask, and knows nothing of how it is made. What it
//! must be told of a centre's rules (who serves whom, who goes before whom, what a missed offer costs) is in [`rules`].

mod agents;
mod calls;
mod limits;
mod outbound;
mod rules;
mod shown;
mod tally;

pub(crate) use rules::Rules;
pub use rules::{ByPlan, Fairness};
pub use tally::{QueueTally, SaidWaits, Tally};

use agents::Agents;
use calls::Calls;
use careline_callcentre::{Action, Input, LegEnd};
use careline_model::event::{AgentIntent, EventBody};
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, Event, RecordingId};
use limits::Limits;
use outbound::Outbound;
use std::collections::BTreeSet;
use std::fmt::Write;
use std::time::Duration;

/// A promise that was broken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Violation {
    /// Which promise, in words.
    pub invariant: &'static str,
    /// What was seen instead.
    pub seen: String,
    /// When, from the beginning.
    pub at: Duration,
}

/// An additional promise about events, for stories that are sought: what is wrong with this one, if anything.
pub type Demand = fn(&EventBody) -> Option<String>;

/// Watches.
pub(crate) struct Witness {
    rules: Rules,
    calls: Calls,
    agents: Agents,
    limits: Limits,
    outbound: Outbound,
    /// Recordings that were begun and not stopped.
    recorded: BTreeSet<RecordingId>,
    /// Transfers that were asked for and not answered.
    asked: BTreeSet<u64>,
    demand: Option<Demand>,
    pub(crate) tally: Tally,
    now: Duration,
    wall_us: i64,
    /// Of all actions in their order.
    digest: Option<Fnv>,
    pub(crate) checks: u64,
    pub(crate) violation: Option<Violation>,
}

impl Witness {
    pub(crate) fn new(rules: Rules, demand: Option<Demand>, digested: bool) -> Self {
        Self {
            calls: Calls::new(&rules),
            agents: Agents::new(&rules),
            tally: Tally::new(&rules),
            rules,
            limits: Limits::default(),
            outbound: Outbound::default(),
            recorded: BTreeSet::new(),
            asked: BTreeSet::new(),
            demand,
            now: Duration::ZERO,
            wall_us: 0,
            digest: digested.then(Fnv::default),
            checks: 0,
            violation: None,
        }
    }

    /// One promise, checked. The first broken one stays.
    pub(crate) fn expect(&mut self, invariant: &'static str, holds: bool, seen: impl FnOnce() -> String) {
        self.checks += 1;
        if !holds && self.violation.is_none() {
            self.violation = Some(Violation { invariant, seen: seen(), at: self.now });
        }
    }

    /// Time goes on; what follows happens then.
    pub(crate) fn begin_step(&mut self, now: Duration, wall_us: i64) {
        (self.now, self.wall_us) = (now, wall_us);
    }

    /// What is given to the centre.
    pub(crate) fn given(&mut self, input: &Input) {
        match input {
            Input::TransferAsked { refer, .. } => {
                self.asked.insert(*refer);
            }
            // An agent whose leg was lost may rest, wherever she was.
            Input::LegEnded { leg, why: LegEnd::MediaTimeout | LegEnd::Failed } => {
                if let Some(agent) = self.calls.agent_of(*leg) {
                    self.rests(&agent, self.rules.longest_rest);
                }
            }
            _ => {}
        }
    }

    /// An agent may be left alone for so long.
    fn rests(&mut self, agent: &AgentId, rest: Duration) {
        self.agents.may_rest(agent, self.now + rest, &self.rules, self.now);
    }

    /// What somebody ordered for an agent, and the centre took.
    pub(crate) fn wished(&mut self, agent: &AgentId, intent: &AgentIntent) {
        self.agents.wished(agent, intent);
    }

    /// What the centre says.
    pub(crate) fn saw(&mut self, action: &Action) {
        if let Some(digest) = &mut self.digest {
            // Writing into a hash cannot fail.
            let _ = write!(digest, "{action:?}");
        }
        match action {
            Action::Ring { leg, agent, .. } => self.calls.rings_at(*leg, agent),
            Action::Record { recording, .. }
            | Action::RecordCaller { recording, .. }
            | Action::RecordAlone { recording, .. } => {
                let new = self.recorded.insert(recording.clone());
                self.expect("a recording begins once and ends once", new, || format!("{recording} twice"));
            }
            Action::StopRecording { recording } => {
                let known = self.recorded.remove(recording);
                self.expect("a recording begins once and ends once", known, || {
                    format!("{recording} stopped")
                });
            }
            Action::AcceptTransfer { refer } | Action::RefuseTransfer { refer, .. } => {
                let known = self.asked.remove(refer);
                self.expect("each wish for a transfer has one answer", known, || format!("transfer {refer}"));
            }
            Action::Emit(event) => self.told(event),
            _ => {}
        }
    }

    fn told(&mut self, event: &Event) {
        let (at, now) = (event.at_us, self.wall_us);
        self.expect("events tell when they happened", at == now, || format!("{at} instead of {now}"));
        if let Some(wrong) = self.demand.and_then(|demand| demand(&event.body)) {
            self.expect("what was demanded", false, || wrong);
        }
        match &event.body {
            EventBody::AgentState { agent, intent, work, device } => {
                self.agent_state(agent, intent, *work, *device);
            }
            body => self.call_event(body),
        }
    }

    /// Everything that one input brought has been seen.
    pub(crate) fn end_step(&mut self) {
        self.agents.let_rests_pass(&self.rules, self.now);
        let waits = self.calls.waits_beside(&self.agents);
        self.expect("nobody waits beside a free agent who serves the queue", waits.is_none(), || {
            waits.unwrap_or_default()
        });
        let late = self.limits.overdue(self.now.saturating_sub(self.rules.slack));
        self.expect("every state ends in its time", late.is_none(), || late.unwrap_or_default());
        let wish = self.agents.take_broken_wish();
        self.expect("a wish holds as soon as the work is done", wish.is_none(), || wish.unwrap_or_default());
    }

    /// Compares with what is shown to those who begin to watch.
    pub(crate) fn shown(&mut self, snapshot: &Snapshot) {
        let wrong = shown::differs(snapshot, &self.calls, &self.agents);
        self.expect("the snapshot shows what events told", wrong.is_none(), || wrong.unwrap_or_default());
    }

    /// Everybody has gone.
    pub(crate) fn end(&mut self) {
        let left = self.calls.left();
        self.expect("every call, entry, offer and transfer ends once", left.is_none(), || {
            left.unwrap_or_default()
        });
        let left = self.outbound.left();
        self.expect("every task, preview and attempt ends once", left.is_none(), || left.unwrap_or_default());
        let recorded = self.recorded.len();
        self.expect("a recording begins once and ends once", recorded == 0, || format!("{recorded} go on"));
        let asked = self.asked.len();
        self.expect("each wish for a transfer has one answer", asked == 0, || format!("{asked} have none"));
        self.agents.close(self.now);
        let wrong = self.agents.times_differ();
        self.expect("times of states add up to the time logged in", wrong.is_none(), || {
            wrong.unwrap_or_default()
        });
        self.tally.agents(&self.agents);
    }

    /// A number for everything that was done and told, in its order; 0 when nobody asked for it.
    pub(crate) fn digest(&self) -> u64 {
        self.digest.as_ref().map_or(0, |digest| digest.0)
    }
}

/// The Fowler-Noll-Vo hash (FNV-1a): the same in every build, which std's does not promise.
#[derive(Debug)]
struct Fnv(u64);

impl Default for Fnv {
    fn default() -> Self {
        Self(0xcbf2_9ce4_8422_2325)
    }
}

impl Write for Fnv {
    fn write_str(&mut self, text: &str) -> std::fmt::Result {
        for byte in text.bytes() {
            self.0 = (self.0 ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3);
        }
        Ok(())
    }
}

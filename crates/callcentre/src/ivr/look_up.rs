//! Asking another program in the middle of a flow (CF B6): the caller waits, hears comfort music when it takes longer,
//! and goes on by one of four branches, whatever the other program does.
//!
//! ```text
//! asked --soft limit--> comfort music --hard limit--> timeout
//!   +---------- answer ------+---------> success, not found, error
//! ```

use super::Position;
use crate::action::Action;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use crate::input::FlowAnswer;
use careline_model::config::plan::{Flow, FlowLookUp, Node, Value};
use careline_model::{CallId, Now};
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// After this the caller hears comfort music (CF 4.3).
const SOFT_LIMIT: Duration = Duration::from_secs(2);
/// After this no answer is waited for (CF 4.3).
const HARD_LIMIT: Duration = Duration::from_secs(5);

/// A question that is out.
#[derive(Debug, Clone)]
pub(crate) struct LookingUp {
    node: Arc<str>,
    number: u64,
    asked: Instant,
    comforted: bool,
}

impl Centre {
    /// What the answer may set is forgotten first: nothing of an earlier answer is taken for one of this.
    pub(super) fn ask_program(&mut self, id: CallId, node: &Arc<str>, question: &FlowLookUp, now: Now) {
        let read = question.with.iter();
        let variables =
            read.filter_map(|(name, source)| Some((name.clone(), self.value_of(id, source)?))).collect();
        let number = self.ids.next_look_up();
        let Some(call) = self.calls.get_mut(&id) else { return };
        for name in &question.into {
            call.ivr.variables.remove(name);
        }
        let looking = LookingUp { node: node.clone(), number, asked: now.instant, comforted: false };
        call.enter(Stage::Flow(Position::LookingUp(looking)), now);
        self.deadlines.set(Due::Caller(id), now.instant + SOFT_LIMIT);
        let query = question.query.clone();
        self.actions.push_back(Action::FlowLookUp { call: id, look_up: number, query, variables });
    }

    /// The soft limit, then the hard one.
    pub(super) fn look_up_is_due(&mut self, id: CallId, now: Now) {
        let Some((looking, flow)) = self.looking_up(id) else { return };
        let Some(question) = question_of(&looking, &flow) else { return };
        if looking.comforted {
            self.silence(id);
            return self.go(id, "timeout", question.timeout.clone(), now);
        }
        if let Some(call) = self.calls.get_mut(&id) {
            let hard = looking.asked + HARD_LIMIT;
            call.stage = Stage::Flow(Position::LookingUp(LookingUp { comforted: true, ..looking }));
            self.deadlines.set(Due::Caller(id), hard);
        }
        self.music_in_flow(id, question.comfort.as_ref());
    }

    /// The other program answered. It counts when the call still waits for this very question.
    pub(crate) fn flow_looked_up(&mut self, id: CallId, number: u64, answer: FlowAnswer, now: Now) {
        let Some((looking, flow)) = self.looking_up(id).filter(|(looking, _)| looking.number == number)
        else {
            return;
        };
        let Some(question) = question_of(&looking, &flow) else { return };
        self.deadlines.stop(&Due::Caller(id));
        self.silence(id);
        let (branch, next) = match answer {
            FlowAnswer::NotFound => ("not_found", &question.not_found),
            FlowAnswer::Failed => ("error", &question.error),
            FlowAnswer::Found { variables } => match wanted(variables, question, &flow) {
                Some(values) => {
                    for (name, value) in values {
                        self.set_variable(id, &name, value, now);
                    }
                    ("success", &question.success)
                }
                None => ("error", &question.error),
            },
        };
        self.go(id, branch, next.clone(), now);
    }

    fn looking_up(&self, id: CallId) -> Option<(LookingUp, Arc<Flow>)> {
        let call = self.calls.get(&id)?;
        let Stage::Flow(Position::LookingUp(looking)) = &call.stage else { return None };
        Some((looking.clone(), call.flow.clone()?))
    }
}

fn question_of<'f>(looking: &LookingUp, flow: &'f Flow) -> Option<&'f FlowLookUp> {
    match flow.nodes.get(&looking.node) {
        Some(Node::LookUp(question)) => Some(question),
        _ => None,
    }
}

/// The values that were asked for, the last of each name; nothing when one has the wrong type.
fn wanted(
    given: Vec<(Arc<str>, Value)>,
    question: &FlowLookUp,
    flow: &Flow,
) -> Option<BTreeMap<Arc<str>, Value>> {
    let mut values = BTreeMap::new();
    for (name, value) in given.into_iter().filter(|(name, _)| question.into.contains(name)) {
        if flow.variables.get(&name).is_none_or(|variable| variable.kind != value.kind()) {
            return None;
        }
        // Cut to what a call may remember.
        let value = if let Value::Text(text) = &value { Value::text(text) } else { value };
        values.insert(name, value);
    }
    Some(values)
}

//! What a call remembers in its flow: typed values by declared names, and facts that every call has. Events show a star
//! for what is secret.

use super::state::Place;
use super::step::{Step, branch_of};
use crate::centre::Centre;
use careline_model::config::plan::{CallFact, Operand, Source, Target, Test, Value};
use careline_model::event::{EventBody, ScreenItem};
use careline_model::{CallId, FlowId, Now};
use std::sync::Arc;

/// Shown for a secret.
const MASK: &str = "*";

impl Centre {
    /// What is true now; nothing for a variable that was not set.
    pub(super) fn value_of(&self, id: CallId, source: &Source) -> Option<Value> {
        let call = self.calls.get(&id)?;
        Some(match source {
            Source::Variable(name) => return call.ivr.variables.get(name).cloned(),
            Source::Fact(CallFact::Number) => Value::text(call.caller.as_str()),
            Source::Fact(CallFact::Dialled) => Value::text(call.dialled.as_str()),
            Source::Fact(CallFact::Line) => Value::text(call.line.as_str()),
            Source::Fact(CallFact::Medium) => Value::text(&call.medium),
            Source::Fact(CallFact::Language) => {
                Value::Text(call.language.clone().unwrap_or_else(|| self.plan.prompts.language.clone()))
            }
            Source::Fact(CallFact::Elderly) => Value::Flag(call.ivr.elderly),
            Source::Fact(CallFact::Priority) => Value::Number(call.priority_points.into()),
        })
    }

    fn operand(&self, id: CallId, operand: &Operand) -> Option<Value> {
        match operand {
            Operand::Literal(value) => Some(value.clone()),
            Operand::From(source) => self.value_of(id, source),
        }
    }

    fn is_secret(&self, id: CallId, name: &str) -> bool {
        let flow = self.calls.get(&id).and_then(|call| call.flow.as_ref());
        flow.and_then(|flow| flow.variables.get(name)).is_some_and(|variable| variable.secret)
    }

    /// What a text variable of a call says; nothing when it was never set.
    pub(crate) fn variable_text(&self, id: CallId, name: &Arc<str>) -> Option<String> {
        match self.calls.get(&id)?.ivr.variables.get(name)? {
            Value::Text(text) => Some(text.to_string()),
            Value::Number(_) | Value::Flag(_) => None,
        }
    }

    pub(crate) fn set_variable(&mut self, id: CallId, name: &Arc<str>, value: Value, now: Now) {
        let shown = if self.is_secret(id, name) { MASK.to_owned() } else { value.to_string() };
        let Some(call) = self.calls.get_mut(&id) else { return };
        call.ivr.variables.insert(name.clone(), value);
        self.tell(EventBody::CallAttribute { call: id, name: name.to_string(), value: shown }, now);
    }

    /// All values are read before the first is set. What copies a variable that was never set is left out.
    pub(super) fn set_values(&mut self, id: CallId, values: &[(Target, Operand)], now: Now) {
        let read: Vec<(&Target, Value)> = values
            .iter()
            .filter_map(|(target, operand)| Some((target, self.operand(id, operand)?)))
            .collect();
        for (target, value) in read {
            match (target, value) {
                (Target::Variable(name), value) => self.set_variable(id, name, value, now),
                (Target::Elderly, Value::Flag(elderly)) => {
                    if let Some(call) = self.calls.get_mut(&id) {
                        call.ivr.elderly = elderly;
                    }
                    self.tell_fact(id, CallFact::Elderly, elderly.to_string(), now);
                }
                // The check lets nothing but flags through.
                (Target::Elderly, Value::Text(_) | Value::Number(_)) => {}
            }
        }
    }

    pub(super) fn set_language(&mut self, id: CallId, language: &Arc<str>, now: Now) {
        if let Some(call) = self.calls.get_mut(&id) {
            call.language = Some(language.clone()).filter(|language| *language != self.plan.prompts.language);
        }
        self.tell_fact(id, CallFact::Language, language.to_string(), now);
    }

    pub(super) fn tell_fact(&mut self, call: CallId, fact: CallFact, value: String, now: Now) {
        self.tell(EventBody::CallAttribute { call, name: fact.name().to_owned(), value }, now);
    }

    pub(super) fn switch(
        &self,
        id: CallId,
        source: &Source,
        (cases, otherwise): (&[(Test, Arc<str>)], &Arc<str>),
    ) -> Step {
        let value = self.value_of(id, source);
        let fits = value.and_then(|value| cases.iter().position(|(test, _)| test.fits(&value)));
        let next = fits.and_then(|at| cases.get(at)).map_or(otherwise, |(_, next)| next);
        Step::On(branch_of(fits), next.clone())
    }

    /// Pins texts to the agent's screen; what was never set is left out.
    pub(super) fn pin(&mut self, id: CallId, items: &[(Arc<str>, Operand)], now: Now) {
        let item = |(label, operand): &(Arc<str>, Operand)| {
            let value = self.operand(id, operand)?;
            let secret = matches!(operand, Operand::From(Source::Variable(name)) if self.is_secret(id, name));
            let text = if secret { MASK.to_owned() } else { value.to_string() };
            Some(ScreenItem { label: label.to_string(), text })
        };
        let items: Vec<ScreenItem> = items.iter().filter_map(item).collect();
        if !items.is_empty() {
            self.tell(EventBody::ScreenData { call: id, items }, now);
        }
    }

    /// A node as its counters know it.
    pub(super) fn node_place(&self, id: CallId, node: &Arc<str>) -> Place {
        let flow = self.calls.get(&id).and_then(|call| call.flow.as_ref());
        (flow.map_or_else(|| FlowId::from(""), |flow| flow.id.clone()), node.clone())
    }

    pub(super) fn counted(&self, id: CallId, node: &Arc<str>) -> u32 {
        let place = self.node_place(id, node);
        self.calls.get(&id).and_then(|call| call.ivr.counts.get(&place)).copied().unwrap_or(0)
    }

    pub(super) fn count(&mut self, id: CallId, node: &Arc<str>, count: u32) {
        let place = self.node_place(id, node);
        if let Some(call) = self.calls.get_mut(&id) {
            call.ivr.counts.insert(place, count);
        }
    }
}

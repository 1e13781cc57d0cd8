//! Nodes that neither speak nor ask: values, branches, loops, look-ups.

use super::reader::Reader;
use crate::config::check::listed;
use crate::config::flow_value::Written;
use crate::config::plan::{
    CallFact, Comparison, FlowLookUp, Node, Operand, QueueFigure, Source, Target, Test, Value, ValueKind,
};
use crate::id::{FlowId, QueueId};
use serde_spanned::Spanned;
use std::ops::Range;
use std::sync::Arc;

/// Most branches of one node.
const CASES_MAX: usize = 32;
/// Most values that one node sets, shows or sends.
const VALUES_MAX: usize = 16;
/// Most points that one node adds or takes: a day of waiting.
const POINTS_MAX: i64 = 1440;
/// Highest class.
const CLASS_MAX: i64 = 9;
/// Longest wait of a wait node, in seconds.
const WAIT_S_MAX: i64 = 600;
/// Most passes of a loop.
const TIMES_MAX: i64 = 100;

impl<'a> Reader<'_, 'a, '_> {
    /// A name that can be read: a variable, or what the call knows of itself.
    fn source(&mut self, key: &'static str, name: &str, span: Range<usize>) -> Option<(Source, ValueKind)> {
        if let Some(fact) = CallFact::named(name) {
            return Some((Source::Fact(fact), fact.kind()));
        }
        let Some(variable) = self.check.variables.get(name) else {
            let facts = CallFact::ALL.iter().map(|(name, _)| *name);
            let all = listed(self.check.variables.keys().map(|name| &**name).chain(facts));
            self.wrong(span, key, format!("variable `{name}` is not known"), all);
            return None;
        };
        Some((Source::Variable(name.into()), variable.kind))
    }

    /// A value as written, or `{ from = "variable" }`, with its type.
    fn operand(&mut self, key: &'static str, written: &'a Spanned<Written>) -> Option<(Operand, ValueKind)> {
        let value = match written.get_ref() {
            Written::Text(text) if text.chars().count() > Value::CHARS_MAX => {
                let allowed = format!("at most {} characters", Value::CHARS_MAX);
                self.wrong(written.span(), key, "is too long".into(), allowed);
                return None;
            }
            Written::Text(text) => Value::text(text),
            Written::Whole(number) => Value::Number(*number),
            Written::Flag(flag) => Value::Flag(*flag),
            Written::Table(_) => {
                let mut reader = self.within(key, "a value", written)?;
                let source = reader
                    .text("from", "a variable")
                    .and_then(|(name, span)| reader.source("from", name, span));
                reader.finish();
                return source.map(|(source, kind)| (Operand::From(source), kind));
            }
            Written::Broken(_) | Written::List(_) => {
                let allowed = "a text, a whole number, true, false or { from = \"variable\" }";
                self.wrong(written.span(), key, "is no value".into(), allowed);
                return None;
            }
        };
        let kind = value.kind();
        Some((Operand::Literal(value), kind))
    }

    pub(super) fn set(&mut self) -> Node {
        let mut values = Vec::new();
        for (name, written) in self.named("values", ("variable and value", VALUES_MAX)) {
            let text = name.get_ref().as_str();
            let operand = self.operand("values", written);
            let (target, kind) = if text == CallFact::Elderly.name() {
                (Some(Target::Elderly), Some(ValueKind::Flag))
            } else {
                let known = self.is_variable("values", (text, name.span()), None);
                let kind = self.check.variables.get(text).map(|variable| variable.kind);
                (known.map(Target::Variable), kind)
            };
            let (Some(target), Some(kind), Some((operand, given))) = (target, kind, operand) else {
                continue;
            };
            if kind != given {
                let what = format!("`{text}` is a {}, and this a {}", kind.word(), given.word());
                self.wrong(written.span(), "values", what, format!("a {}", kind.word()));
            }
            self.no_secret_into((text, written.span()), &operand);
            values.push((target, operand));
        }
        Node::Set { values, next: self.node("next") }
    }

    /// What is secret stays so: it is not copied to where events show it.
    fn no_secret_into(&mut self, (target, span): (&str, Range<usize>), operand: &Operand) {
        let Operand::From(Source::Variable(from)) = operand else { return };
        let is_secret = |name: &str| self.check.variables.get(name).is_some_and(|variable| variable.secret);
        if is_secret(from) && !is_secret(target) {
            let what = format!("`{from}` is secret and `{target}` is not");
            self.wrong(span, "values", what, "a variable with secret = true");
        }
    }

    pub(super) fn switch(&mut self) -> Option<Node> {
        let value = self.text("variable", "a variable");
        let value = value.and_then(|(name, span)| self.source("variable", name, span));
        let kind = value.as_ref().map(|(_, kind)| *kind);
        let cases = self.tables("cases", ("a case", CASES_MAX), |case| {
            let (test, then) = (case.test(kind), case.node("then"));
            Some((test?, then))
        });
        let otherwise = self.node("otherwise");
        Some(Node::Switch { value: value?.0, cases, otherwise })
    }

    /// Exactly one of `is`, `prefix`, `less_than`, `at_least`.
    fn test(&mut self, kind: Option<ValueKind>) -> Option<Test> {
        const KEYS: [&str; 4] = ["is", "prefix", "less_than", "at_least"];
        let written = KEYS.iter().filter(|key| self.is_written(key)).count();
        let is = self.optional("is");
        let prefix = self.optional_text("prefix", "the beginning of a text");
        let (less, least) = (self.optional_number("less_than"), self.optional_number("at_least"));
        if written != 1 {
            self.wrong_here(
                "is",
                format!("{written} tests in one case"),
                format!("one of {}", KEYS.join(", ")),
            );
            return None;
        }
        let (test, needs) = if let Some(is) = is {
            let (Operand::Literal(value), needs) = self.operand("is", is)? else {
                self.wrong(is.span(), "is", "is no value".into(), "a text, a whole number, true or false");
                return None;
            };
            (Test::Is(value), needs)
        } else if let Some((prefix, _)) = prefix {
            (Test::Prefix(prefix.into()), ValueKind::Text)
        } else if let Some(limit) = less {
            (Test::Compares(Comparison::LessThan(limit)), ValueKind::Number)
        } else {
            (Test::Compares(Comparison::AtLeast(least?)), ValueKind::Number)
        };
        if let Some(kind) = kind.filter(|kind| *kind != needs) {
            let what = format!("compares with a {}, and the variable is a {}", needs.word(), kind.word());
            self.wrong_here("is", what, format!("a {}", kind.word()));
        }
        Some(test)
    }

    pub(super) fn queue_id(&mut self) -> QueueId {
        let all = listed(self.check.known.queues.keys());
        let Some((name, span)) = self.text("queue", &all) else { return QueueId::from("") };
        let id = QueueId::from(name);
        if !self.check.known.queues.contains_key(&id) {
            self.wrong(span, "queue", format!("queue `{id}` is not known"), all);
        }
        id
    }

    pub(super) fn queue_state(&mut self) -> Node {
        let queue = self.queue_id();
        let cases = self.tables("cases", ("a case", CASES_MAX), |case| {
            let figure = case.word("figure", &QueueFigure::ALL);
            let is = case.optional_number("is").map(Comparison::Is);
            let less = case.optional_number("less_than").map(Comparison::LessThan);
            let least = case.optional_number("at_least").map(Comparison::AtLeast);
            let then = case.node("then");
            let mut written = [is, less, least].into_iter().flatten();
            let (Some(comparison), None) = (written.next(), written.next()) else {
                case.wrong_here("is", "has not one comparison", "one of is, less_than, at_least");
                return None;
            };
            Some((figure?, comparison, then))
        });
        Node::QueueState { queue, cases, otherwise: self.node("otherwise") }
    }

    pub(super) fn priority(&mut self) -> Node {
        if !["points", "class", "red_flag"].iter().any(|key| self.is_written(key)) {
            self.wrong_here("points", "nothing changes here", "one or more of points, class, red_flag");
        }
        let points = self.optional_within("points", -POINTS_MAX, POINTS_MAX).unwrap_or(0);
        let class = self.optional_within("class", 1, CLASS_MAX).and_then(|class| u8::try_from(class).ok());
        let red_flag = self.flag("red_flag", false);
        Node::Priority {
            points: i32::try_from(points).unwrap_or(0),
            class,
            red_flag,
            next: self.node("next"),
        }
    }

    pub(super) fn percent(&mut self) -> Node {
        let parts = self.tables("parts", ("a part", CASES_MAX), |part| {
            let weight = u32::try_from(part.needed_number("weight", 1, 1000)).unwrap_or(1);
            Some((weight, part.node("then")))
        });
        Node::Percent { parts }
    }

    pub(super) fn wait(&mut self) -> Node {
        let seconds = u64::try_from(self.needed_number("seconds", 1, WAIT_S_MAX)).unwrap_or(1);
        let music = self.one_prompt("music");
        let interruptible = self.flag("interruptible", false);
        Node::Wait {
            time: std::time::Duration::from_secs(seconds),
            music,
            interruptible,
            next: self.node("next"),
        }
    }

    pub(super) fn repeat(&mut self) -> Node {
        let times = u32::try_from(self.needed_number("times", 1, TIMES_MAX)).unwrap_or(1);
        Node::Loop { times, again: self.node("again"), otherwise: self.node("otherwise") }
    }

    pub(super) fn subflow(&mut self) -> Node {
        let all = listed(self.check.flows.iter());
        let flow = self.text("flow", &all);
        if let Some((name, span)) = flow.clone().filter(|(name, _)| !self.check.flows.contains(*name)) {
            self.wrong(span, "flow", format!("flow `{name}` is not known"), all);
        }
        Node::Subflow { flow: FlowId::from(flow.map_or("", |(name, _)| name)), next: self.node("next") }
    }

    pub(super) fn screen_data(&mut self) -> Node {
        let mut items = Vec::new();
        for (label, written) in self.named("items", ("label and text", VALUES_MAX)) {
            self.is_label("items", label.get_ref(), label.span());
            if let Some((operand, _)) = self.operand("items", written) {
                items.push((Arc::from(label.get_ref().as_str()), operand));
            }
        }
        Node::ScreenData { items, next: self.node("next") }
    }

    /// `query` is the word for an identify node.
    pub(super) fn look_up(&mut self, query: Option<&str>) -> Node {
        let query = query.map_or_else(|| self.name("query", "a question"), Arc::from);
        let mut with = Vec::new();
        let names = self.texts("with", "a variable");
        for (name, span) in names {
            if let Some((source, _)) = self.source("with", name, span) {
                with.push((Arc::from(name), source));
            }
        }
        let mut into = Vec::new();
        let names = self.texts("into", "a variable of this flow");
        for (name, span) in names {
            into.extend(self.is_variable("into", (name, span), None));
        }
        if with.len() > VALUES_MAX || into.len() > VALUES_MAX {
            self.wrong_here("with", "too many variables", format!("at most {VALUES_MAX} each way"));
        }
        let comfort = self.one_prompt("comfort");
        let (success, not_found) = (self.node("success"), self.node("not_found"));
        let (timeout, error) = (self.node("timeout"), self.node("error"));
        Node::LookUp(FlowLookUp { query, with, into, comfort, success, not_found, timeout, error })
    }
}

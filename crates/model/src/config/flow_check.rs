//! Flows: each node to its kind, then the graph as a whole.

use super::check::listed;
use super::error::ConfigError;
use super::flow::{FlowConfig, NodeConfig};
use super::plan::{Flow, Menu, Node, Queue};
use crate::hours::WeeklyHours;
use crate::id::{FlowId, QueueId};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Most keys in one answer of a menu.
const ANSWER_KEYS_MAX: usize = 8;
/// Longest silence a menu may wait for, in seconds.
const SILENCE_S_MAX: u32 = 120;

/// What a flow may refer to.
pub(super) struct Known<'a> {
    pub(super) hours: &'a BTreeMap<Arc<str>, WeeklyHours>,
    pub(super) queues: &'a BTreeMap<QueueId, Queue>,
    pub(super) prompt_exists: &'a dyn Fn(&str) -> bool,
}

/// Checks one flow. What it gives back is usable only when no error was added.
pub(super) fn check_flow(config: &FlowConfig, known: &Known<'_>, errors: &mut Vec<ConfigError>) -> Flow {
    let mut nodes = BTreeMap::new();
    let errors_before = errors.len();
    let mut check = Check { config, known, errors };
    for (name, node) in &config.node {
        let mut reader = NodeReader { check: &mut check, name: name.get_ref(), node };
        if let Some(node) = reader.read() {
            nodes.insert(Arc::from(name.get_ref().as_str()), node);
        }
    }
    if config.id.get_ref().is_empty() {
        check.wrong(config.id.span(), "id", "is empty".into(), "a name".into());
    }
    let start = check.target("start", &config.start);
    let flow = Flow {
        id: FlowId::from(config.id.get_ref().as_str()),
        version: *config.version.get_ref(),
        start,
        nodes,
    };
    // A graph with holes would only repeat the mistakes above.
    if check.errors.len() == errors_before {
        check.graph(&flow);
    }
    flow
}

struct Check<'a, 'e> {
    config: &'a FlowConfig,
    known: &'a Known<'a>,
    errors: &'e mut Vec<ConfigError>,
}

impl Check<'_, '_> {
    fn wrong(&mut self, span: Range<usize>, key: &str, what: String, allowed: String) {
        self.errors.push(self.config.source.error(span, key, what, Some(allowed)));
    }

    /// A reference to a node.
    fn target(&mut self, key: &str, name: &Spanned<String>) -> Arc<str> {
        if !self.config.node.keys().any(|node| node.get_ref() == name.get_ref()) {
            let all = listed(self.config.node.keys().map(Spanned::get_ref));
            self.wrong(name.span(), key, format!("node `{}` is not there", name.get_ref()), all);
        }
        name.get_ref().as_str().into()
    }

    fn at_node(&mut self, name: &str, what: &str, allowed: &str) {
        let span = self.config.node.keys().find(|node| node.get_ref() == name).map_or(0..0, Spanned::span);
        self.wrong(span, &format!("node.{name}"), what.to_owned(), allowed.to_owned());
    }

    fn graph(&mut self, flow: &Flow) {
        let reached = closure(flow, vec![&flow.start], targets);
        for name in flow.nodes.keys().filter(|name| !reached.contains(*name)) {
            self.at_node(name, "no way leads here", "a node that others lead to");
        }
        if let Some(name) = flow.nodes.keys().find(|name| in_idle_cycle(flow, name)) {
            let what = "the way leads back here without a menu or a wait in a queue";
            self.at_node(name, what, "cycles through a menu or a queue's timeout");
        }
        for name in flow.nodes.keys().filter(|name| !ends(flow, name)) {
            self.at_node(name, "no way leads from here to a hangup", "a way to a hangup node");
        }
        if let Some(silent) = first_silence(flow, self.known.queues) {
            self.at_node(&silent, "a caller gets here without having heard anything", "a prompt before");
        }
    }
}

/// The nodes that can follow.
fn targets(node: &Node) -> Vec<&Arc<str>> {
    match node {
        Node::Play { next, .. } => vec![next],
        Node::Menu(menu) => menu.keys.values().chain([&menu.otherwise]).collect(),
        Node::Hours { open, closed, emergency, .. } => vec![open, closed, emergency],
        Node::Queue { timeout, full, .. } => vec![timeout, full],
        Node::Hangup { .. } => Vec::new(),
    }
}

/// The nodes that can follow without the caller's doing and without a wait.
fn idle_targets(node: &Node) -> Vec<&Arc<str>> {
    match node {
        Node::Menu(_) => Vec::new(),
        Node::Queue { full, .. } => vec![full],
        Node::Play { .. } | Node::Hours { .. } | Node::Hangup { .. } => targets(node),
    }
}

/// All nodes that follow from `starts`, these included.
fn closure(flow: &Flow, starts: Vec<&Arc<str>>, next: fn(&Node) -> Vec<&Arc<str>>) -> BTreeSet<Arc<str>> {
    let mut open: Vec<Arc<str>> = starts.into_iter().cloned().collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(node) = flow.nodes.get(&name).filter(|_| seen.insert(name.clone())) {
            open.extend(next(node).into_iter().cloned());
        }
    }
    seen
}

fn in_idle_cycle(flow: &Flow, name: &Arc<str>) -> bool {
    let followers = flow.nodes.get(name).map(idle_targets).unwrap_or_default();
    closure(flow, followers, idle_targets).contains(name)
}

fn ends(flow: &Flow, name: &Arc<str>) -> bool {
    let reached = closure(flow, vec![name], targets);
    reached.iter().any(|name| matches!(flow.nodes.get(name), Some(Node::Hangup { .. })))
}

/// The first node on a way from the start where the caller would have to do something, or is sent away, in silence.
/// Hold music is no silence.
fn first_silence(flow: &Flow, queues: &BTreeMap<QueueId, Queue>) -> Option<Arc<str>> {
    let mut open = vec![flow.start.clone()];
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        match flow.nodes.get(&name)? {
            Node::Play { prompts, next, .. } if prompts.is_empty() => open.push(next.clone()),
            node @ Node::Hours { .. } => open.extend(targets(node).into_iter().cloned()),
            Node::Menu(Menu { prompts, .. }) | Node::Hangup { prompts } if prompts.is_empty() => {
                return Some(name);
            }
            Node::Queue { prompts, queue, .. }
                if prompts.is_empty() && queues.get(queue).is_none_or(|queue| queue.music.is_none()) =>
            {
                return Some(name);
            }
            Node::Play { .. } | Node::Menu(_) | Node::Queue { .. } | Node::Hangup { .. } => {}
        }
    }
    None
}

/// One node on its way from raw keys to its kind.
struct NodeReader<'c, 'a, 'e> {
    check: &'c mut Check<'a, 'e>,
    name: &'a str,
    node: &'a NodeConfig,
}

impl NodeReader<'_, '_, '_> {
    fn read(&mut self) -> Option<Node> {
        let kind = &self.node.kind;
        let (allowed, required): (&[&str], &[&str]) = match kind.get_ref().as_str() {
            "play" => (&["prompts", "next", "interruptible"], &["prompts", "next"]),
            "menu" => (
                &[
                    "prompts",
                    "invalid",
                    "no_input",
                    "first_timeout_s",
                    "inter_digit_s",
                    "tries",
                    "keys",
                    "otherwise",
                    "secret",
                ],
                &["prompts", "keys", "otherwise"],
            ),
            "hours" => (&["hours", "open", "closed", "emergency"], &["hours", "open", "closed"]),
            "queue" => (&["queue", "prompts", "timeout", "full"], &["queue", "timeout"]),
            "hangup" => (&["prompts"], &[]),
            other => {
                let what = format!("`{other}` is no kind of node");
                self.wrong(kind.span(), "kind", what, "play, menu, hours, queue, hangup".into());
                return None;
            }
        };
        let written = self.node.written();
        for (key, span) in &written {
            if !allowed.contains(key) {
                let what = format!("is no key of a {} node", kind.get_ref());
                self.wrong(span.clone(), key, what, allowed.join(", "));
            }
        }
        let missing: Vec<&str> =
            required.iter().filter(|key| written.iter().all(|(other, _)| other != *key)).copied().collect();
        for key in &missing {
            let what = format!("is missing in a {} node", kind.get_ref());
            self.wrong(kind.span(), key, what, required.join(", "));
        }
        if missing.is_empty() { self.convert() } else { None }
    }

    /// All required keys are there.
    fn convert(&mut self) -> Option<Node> {
        let node = self.node;
        Some(match node.kind.get_ref().as_str() {
            "play" => Node::Play {
                prompts: self.prompts("prompts", node.prompts.as_ref()),
                next: self.target("next", node.next.as_ref()?),
                interruptible: node.interruptible.as_ref().is_none_or(|value| *value.get_ref()),
            },
            "menu" => Node::Menu(self.menu()?),
            "hours" => {
                let hours = node.hours.as_ref()?;
                if !self.check.known.hours.contains_key(hours.get_ref().as_str()) {
                    let all = listed(self.check.known.hours.keys());
                    self.wrong(
                        hours.span(),
                        "hours",
                        format!("hours `{}` are not known", hours.get_ref()),
                        all,
                    );
                }
                let closed = self.target("closed", node.closed.as_ref()?);
                let emergency = node.emergency.as_ref().map(|node| self.target("emergency", node));
                Node::Hours {
                    hours: hours.get_ref().as_str().into(),
                    open: self.target("open", node.open.as_ref()?),
                    emergency: emergency.unwrap_or_else(|| closed.clone()),
                    closed,
                }
            }
            "queue" => {
                let queue = node.queue.as_ref()?;
                let id = QueueId::from(queue.get_ref().as_str());
                if !self.check.known.queues.contains_key(&id) {
                    let all = listed(self.check.known.queues.keys());
                    self.wrong(queue.span(), "queue", format!("queue `{id}` is not known"), all);
                }
                let timeout = self.target("timeout", node.timeout.as_ref()?);
                let full = node.full.as_ref().map(|full| self.target("full", full));
                let prompts = self.prompts("prompts", node.prompts.as_ref());
                Node::Queue { queue: id, prompts, full: full.unwrap_or_else(|| timeout.clone()), timeout }
            }
            _ => Node::Hangup { prompts: self.prompts("prompts", node.prompts.as_ref()) },
        })
    }

    fn menu(&mut self) -> Option<Menu> {
        let node = self.node;
        let mut keys = BTreeMap::new();
        for (answer, target) in node.keys.as_ref()?.get_ref() {
            let text = answer.get_ref();
            let good = (1..=ANSWER_KEYS_MAX).contains(&text.len())
                && text.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#'));
            if !good {
                self.wrong(answer.span(), "keys", format!("`{text}` cannot be dialled"), "0-9 * #".into());
            }
            keys.insert(text.clone(), self.target("keys", target));
        }
        if keys.is_empty() {
            self.wrong(node.kind.span(), "keys", "a menu without answers".into(), "at least one".into());
        }
        Some(Menu {
            prompts: self.prompts("prompts", node.prompts.as_ref()),
            invalid: self.prompts("invalid", node.invalid.as_ref()),
            no_input: self.prompts("no_input", node.no_input.as_ref()),
            first_timeout: self.seconds("first_timeout_s", node.first_timeout_s.as_ref(), 6),
            inter_digit: self.seconds("inter_digit_s", node.inter_digit_s.as_ref(), 3),
            tries: self.amount("tries", node.tries.as_ref(), 3, 10),
            keys,
            otherwise: self.target("otherwise", node.otherwise.as_ref()?),
            secret: node.secret.as_ref().is_some_and(|value| *value.get_ref()),
        })
    }

    fn wrong(&mut self, span: Range<usize>, key: &str, what: String, allowed: String) {
        let key = format!("node.{}.{key}", self.name);
        self.check.wrong(span, &key, what, allowed);
    }

    fn target(&mut self, key: &str, name: &Spanned<String>) -> Arc<str> {
        self.check.target(&format!("node.{}.{key}", self.name), name)
    }

    fn prompts(&mut self, key: &str, prompts: Option<&Spanned<Vec<Spanned<String>>>>) -> Vec<Arc<str>> {
        let mut known = Vec::new();
        for prompt in prompts.map(Spanned::get_ref).into_iter().flatten() {
            if !(self.check.known.prompt_exists)(prompt.get_ref()) {
                let what = format!("prompt `{}` is missing", prompt.get_ref());
                self.wrong(prompt.span(), key, what, "a prompt of the library".into());
            }
            known.push(prompt.get_ref().as_str().into());
        }
        known
    }

    fn seconds(&mut self, key: &str, value: Option<&Spanned<u32>>, default: u32) -> Duration {
        Duration::from_secs(u64::from(self.amount(key, value, default, SILENCE_S_MAX)))
    }

    fn amount(&mut self, key: &str, value: Option<&Spanned<u32>>, default: u32, most: u32) -> u32 {
        let Some(value) = value else { return default };
        let amount = *value.get_ref();
        if !(1..=most).contains(&amount) {
            self.wrong(value.span(), key, format!("{amount} is out of range"), format!("1 to {most}"));
        }
        amount
    }
}

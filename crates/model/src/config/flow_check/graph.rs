//! The ways through a flow: nothing out of reach, no dead end, no circle by itself, nobody left in silence, and from a
//! hospital's front door first of all where to turn when a life is in danger (CF B15), then a person from everywhere.

use crate::config::error::ConfigError;
use crate::config::flow::FlowConfig;
use crate::config::plan::{Flow, Node, Prompt, Queue};
use crate::id::QueueId;
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::ops::Range;
use std::sync::Arc;

/// Menus behind each other that callers put up with (CF 4.3).
const MENU_DEPTH_GOOD: usize = 3;
/// Answers that callers keep in mind (CF 4.3).
const ANSWERS_GOOD: usize = 5;

/// A flow whose nodes are all right, with its subflows.
pub(super) struct Graph<'a> {
    flow: &'a Flow,
    config: &'a FlowConfig,
    queues: &'a BTreeMap<QueueId, Queue>,
}

impl<'a> Graph<'a> {
    pub(super) fn new(flow: &'a Flow, config: &'a FlowConfig, queues: &'a BTreeMap<QueueId, Queue>) -> Self {
        Self { flow, config, queues }
    }

    pub(super) fn check(&self, errors: &mut Vec<ConfigError>, warnings: &mut Vec<ConfigError>) {
        self.ways(errors);
        self.people(errors, warnings);
        self.habits(warnings);
    }

    fn at(&self, span: Range<usize>, key: &str, what: &str, allowed: &str) -> ConfigError {
        self.config.source.error(span, key, what.to_owned(), Some(allowed.to_owned()))
    }

    fn at_node(&self, name: &str, what: &str, allowed: &str) -> ConfigError {
        let key = self.config.node.keys().find(|key| key.get_ref() == name);
        self.at(key.map_or(0..0, Spanned::span), &format!("node.{name}"), what, allowed)
    }

    fn ways(&self, errors: &mut Vec<ConfigError>) {
        let flow = self.flow;
        let roots = [&flow.start].into_iter().chain(&flow.agent_key).collect();
        let reached = closure(flow, roots, Node::followers);
        for name in flow.nodes.keys().filter(|name| !reached.contains(*name)) {
            errors.push(self.at_node(name, "no way leads here", "a node that others lead to"));
        }
        let in_circle = |name: &&Arc<str>| {
            let next = flow.nodes.get(*name).map(|node| idle_followers(flow, node)).unwrap_or_default();
            closure(flow, next, |node| idle_followers(flow, node)).contains(*name)
        };
        if let Some(name) = flow.nodes.keys().find(in_circle) {
            let what = "the way leads back here without a question or a wait in a queue";
            let allowed = "circles through a question, a queue's timeout, or `again` of a loop";
            errors.push(self.at_node(name, what, allowed));
        }
        let ends = |name: &&Arc<str>| {
            let reached = closure(flow, vec![*name], Node::followers);
            let end = |name| matches!(flow.nodes.get(name), Some(Node::Hangup { .. } | Node::Return));
            reached.iter().any(end)
        };
        for name in flow.nodes.keys().filter(|name| !ends(name)) {
            let what = "no way leads from here to a hangup";
            errors.push(self.at_node(name, what, "a way to a hangup node, or to a return node"));
        }
        if let Some(silent) = first_silence(flow, self.queues) {
            let what = "a caller gets here without having heard anything";
            errors.push(self.at_node(&silent, what, "a prompt before"));
        }
    }

    /// What a front door owes to its callers.
    fn people(&self, errors: &mut Vec<ConfigError>, warnings: &mut Vec<ConfigError>) {
        let flow = self.flow;
        let on_key_0 = self.config.on_key_0.as_ref();
        if let (Some(node), Some(written)) = (&flow.agent_key, on_key_0)
            && !reaches_queue(flow, node)
        {
            let what = "no way leads from there to a queue";
            errors.push(self.at(written.span(), "on_key_0", what, "a node from which an agent can be had"));
        }
        let signed = self.config.safety_signed_off_by.as_ref();
        if !self.config.main {
            if let Some(signed) = signed {
                let what = "signs for a flow that is no front door";
                errors.push(self.at(signed.span(), "safety_signed_off_by", what, "beside main = true"));
            }
            return;
        }
        let names_120 = |node: &Node| match node {
            Node::Safety(safety) => safety.numbers.iter().any(|number| &**number == "120"),
            _ => false,
        };
        match signed {
            Some(name) if name.get_ref().trim().is_empty() => {
                let what = "nobody signed";
                errors.push(self.at(
                    name.span(),
                    "safety_signed_off_by",
                    what,
                    "the name of who answers for it",
                ));
            }
            Some(name) => {
                let what = format!("`{}` answers for a front door without a safety line", name.get_ref());
                let better = "a safety node at the start";
                warnings.push(self.at(name.span(), "safety_signed_off_by", &what, better));
            }
            None if !flow.nodes.get(&flow.start).is_some_and(names_120) => {
                let what = "the front door does not begin with the safety line";
                let allowed = "a safety node with numbers = [\"120\"], or safety_signed_off_by = \"name\"";
                errors.push(self.at(self.config.start.span(), "start", what, allowed));
            }
            None => {}
        }
        let asks = flow.nodes.iter().filter(|(_, node)| node.ask().is_some()).map(|(name, _)| name);
        for name in asks.filter(|name| flow.agent_key.is_none() && !reaches_queue(flow, name)) {
            let what = "no way leads from here to an agent";
            errors.push(self.at_node(name, what, "a way to a queue, or on_key_0"));
        }
    }

    /// What holds and callers will not like.
    fn habits(&self, warnings: &mut Vec<ConfigError>) {
        let flow = self.flow;
        for (name, depth) in menu_depths(flow).into_iter().filter(|(_, depth)| *depth > MENU_DEPTH_GOOD) {
            let what = format!("is menu number {depth} on the shortest way here");
            warnings.push(self.at_node(
                &name,
                &what,
                &format!("at most {MENU_DEPTH_GOOD} behind each other"),
            ));
        }
        for (name, node) in &flow.nodes {
            let Node::Menu(menu) = node else { continue };
            if menu.keys.len() > ANSWERS_GOOD {
                let what = format!("has {} answers", menu.keys.len());
                warnings.push(self.at_node(
                    name,
                    &what,
                    &format!("at most {ANSWERS_GOOD} to be kept in mind"),
                ));
            }
        }
    }
}

/// The nodes that can follow without the caller's doing and without end: those behind a question, a wait in a queue or
/// the counted side of a loop are not among them.
fn idle_followers<'f>(flow: &Flow, node: &'f Node) -> Vec<&'f Arc<str>> {
    match node {
        Node::Menu(_) | Node::Collect(_) | Node::Confirm(_) | Node::Rate(_) | Node::Voicemail(_) => {
            Vec::new()
        }
        Node::Queue { exits, .. } => exits.targets_at_once().collect(),
        Node::Loop { otherwise, .. } => vec![otherwise],
        Node::Subflow { flow: called, .. } => {
            let by_itself = flow.subflows.get(called).is_none_or(|called| {
                let reached = closure(called, vec![&called.start], |node| idle_followers(called, node));
                reached.iter().any(|name| matches!(called.nodes.get(name), Some(Node::Return)))
            });
            if by_itself { node.followers() } else { Vec::new() }
        }
        Node::Safety(safety) => vec![&safety.next],
        Node::Play { .. }
        | Node::Hours { .. }
        | Node::Set { .. }
        | Node::Switch { .. }
        | Node::QueueState { .. }
        | Node::Priority { .. }
        | Node::Language { .. }
        | Node::Percent { .. }
        | Node::Wait { .. }
        | Node::Return
        | Node::ScreenData { .. }
        | Node::LookUp(_)
        | Node::CallbackOffer(_)
        | Node::Callback(_)
        | Node::Hangup { .. } => node.followers(),
    }
}

/// All nodes that follow from `starts`, these included.
fn closure<'f>(
    flow: &'f Flow,
    starts: Vec<&Arc<str>>,
    next: impl Fn(&'f Node) -> Vec<&'f Arc<str>>,
) -> BTreeSet<Arc<str>> {
    let mut open: Vec<Arc<str>> = starts.into_iter().cloned().collect();
    let mut seen = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some(node) = flow.nodes.get(&name).filter(|_| seen.insert(name.clone())) {
            open.extend(next(node).into_iter().cloned());
        }
    }
    seen
}

/// Whether some way leads to an agent, be it in a subflow.
fn reaches_queue(flow: &Flow, from: &Arc<str>) -> bool {
    closure(flow, vec![from], Node::followers).iter().any(|name| match flow.nodes.get(name) {
        Some(Node::Queue { .. }) => true,
        Some(Node::Subflow { flow: called, .. }) => {
            flow.subflows.get(called).is_some_and(|called| reaches_queue(called, &called.start))
        }
        _ => false,
    })
}

/// The first node on a way from the start where the caller would have to do something, wait, or is sent away, in
/// silence. Music is no silence, and a subflow is looked at by itself.
fn first_silence(flow: &Flow, queues: &BTreeMap<QueueId, Queue>) -> Option<Arc<str>> {
    let mut open = vec![flow.start.clone()];
    let mut seen = BTreeSet::new();
    let quiet = |prompts: &[Prompt]| prompts.is_empty();
    while let Some(name) = open.pop() {
        if !seen.insert(name.clone()) {
            continue;
        }
        let node = flow.nodes.get(&name)?;
        match node {
            Node::Play { prompts, .. } if !quiet(prompts) => {}
            Node::Menu(menu) if !quiet(&menu.ask.prompts) => {}
            Node::Collect(collect) if !quiet(&collect.ask.prompts) => {}
            Node::Rate(rate) if !quiet(&rate.ask.prompts) => {}
            Node::Wait { music: Some(_), .. } | Node::Confirm(_) | Node::Safety(_) | Node::Voicemail(_) => {}
            Node::Subflow { .. } | Node::Return => {}
            Node::Hangup { prompts } if !quiet(prompts) => {}
            Node::Queue { prompts, queue, .. }
                if !quiet(prompts) || queues.get(queue).is_some_and(|queue| queue.music.is_some()) => {}
            Node::Menu(_)
            | Node::Collect(_)
            | Node::Rate(_)
            | Node::Wait { .. }
            | Node::LookUp(_)
            | Node::Queue { .. }
            | Node::Hangup { .. } => return Some(name),
            Node::Play { .. }
            | Node::Hours { .. }
            | Node::Set { .. }
            | Node::Switch { .. }
            | Node::QueueState { .. }
            | Node::Priority { .. }
            | Node::Language { .. }
            | Node::Percent { .. }
            | Node::Loop { .. }
            | Node::CallbackOffer(_)
            | Node::Callback(_)
            | Node::ScreenData { .. } => open.extend(node.followers().into_iter().cloned()),
        }
    }
    None
}

/// Each menu with the fewest menus from the start to it, itself included.
fn menu_depths(flow: &Flow) -> Vec<(Arc<str>, usize)> {
    let mut depths: BTreeMap<Arc<str>, usize> = BTreeMap::new();
    let mut open = VecDeque::from([(flow.start.clone(), 0)]);
    while let Some((name, before)) = open.pop_front() {
        let Some(node) = flow.nodes.get(&name) else { continue };
        let is_menu = matches!(node, Node::Menu(_));
        let depth = before + usize::from(is_menu);
        if depths.get(&name).is_some_and(|known| *known <= depth) {
            continue;
        }
        depths.insert(name.clone(), depth);
        for next in node.followers() {
            open.push_back((next.clone(), depth));
        }
    }
    let is_menu = |name: &Arc<str>| matches!(flow.nodes.get(name), Some(Node::Menu(_)));
    depths.into_iter().filter(|(name, _)| is_menu(name)).collect()
}

//! Flows: each node to its kind, then each flow's graph as a whole, then the flows that call each other.
//!
//! ```text
//! FlowConfig --nodes--> Flow --link--> Flow with its subflows --graph--> errors and warnings, each with its place
//! ```
//!
//! What it is not: it knows no switch.toml; queues, hours and prompts are given by their names ([`Known`]).

mod branches;
mod callbacks;
mod graph;
mod link;
mod nodes;
mod questions;
mod reader;

use super::check::listed;
use super::error::ConfigError;
use super::flow::FlowConfig;
use super::plan::{CallFact, Flow, Prompts, Queue, ValueKind, Variable};
use crate::hours::WeeklyHours;
use crate::id::{FlowId, QueueId};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

/// Most nodes of one flow.
const NODES_MAX: usize = 1000;
/// Most variables of all flows together, so of one call.
const VARIABLES_MAX: usize = 64;

/// What a flow may refer to.
pub(super) struct Known<'a> {
    pub(super) hours: &'a BTreeMap<Arc<str>, WeeklyHours>,
    pub(super) queues: &'a BTreeMap<QueueId, Queue>,
    /// Ids of all agents.
    pub(super) agents: &'a BTreeSet<&'a str>,
    /// Ids of all mailboxes.
    pub(super) mailboxes: &'a BTreeSet<&'a str>,
    pub(super) prompts: &'a Prompts,
    pub(super) prompt_exists: &'a dyn Fn(&str) -> bool,
}

/// Checks all flows. What it gives back is usable only when no error was added; with it come warnings.
pub(super) fn check_flows(
    configs: &[FlowConfig],
    known: &Known<'_>,
    errors: &mut Vec<ConfigError>,
) -> (BTreeMap<FlowId, Arc<Flow>>, Vec<ConfigError>) {
    let ids: BTreeSet<String> = configs.iter().map(|config| config.id.get_ref().clone()).collect();
    let errors_before = errors.len();
    let mut read: BTreeMap<FlowId, (Flow, &FlowConfig)> = BTreeMap::new();
    let mut variables = BTreeMap::new();
    for config in configs {
        let flow = Check::new(config, known, &ids, errors).flow();
        agree(config, &flow, &mut variables, errors);
        if read.contains_key(&flow.id) {
            let what = format!("flow `{}` is there twice", flow.id);
            errors.push(config.source.error(config.id.span(), "id", what, Some("each id once".into())));
        }
        read.insert(flow.id.clone(), (flow, config));
    }
    // A graph with holes would only repeat the mistakes above.
    if errors.len() > errors_before {
        let flows = read.into_iter().map(|(id, (flow, _))| (id, Arc::new(flow))).collect();
        return (flows, Vec::new());
    }
    link::link(&read, known, errors)
}

/// A call takes its variables along from flow to flow: each name means the same in all of them.
fn agree(
    config: &FlowConfig,
    flow: &Flow,
    all: &mut BTreeMap<Arc<str>, (Variable, FlowId)>,
    errors: &mut Vec<ConfigError>,
) {
    for (name, variable) in &flow.variables {
        let span = config.variable.keys().find(|key| key.get_ref() == &**name).map_or(0..0, Spanned::span);
        let key = format!("variable.{name}");
        if let Some((other, id)) = all.get(name).filter(|(other, _)| other != variable) {
            let secret = if other.secret { ", secret" } else { "" };
            let allowed = format!("as in flow `{id}`: {}{secret}", other.kind.word());
            let what = "is declared otherwise in another flow".to_owned();
            errors.push(config.source.error(span, &key, what, Some(allowed)));
        } else if !all.contains_key(name) && all.len() >= VARIABLES_MAX {
            let allowed = format!("at most {VARIABLES_MAX} in all flows");
            errors.push(config.source.error(span, &key, "is one too many".to_owned(), Some(allowed)));
        } else {
            all.insert(name.clone(), (*variable, flow.id.clone()));
        }
    }
}

/// The search for mistakes in one flow file.
struct Check<'a, 'e> {
    config: &'a FlowConfig,
    known: &'a Known<'a>,
    /// Ids of all flows.
    flows: &'a BTreeSet<String>,
    variables: BTreeMap<Arc<str>, Variable>,
    errors: &'e mut Vec<ConfigError>,
}

impl<'a, 'e> Check<'a, 'e> {
    fn new(
        config: &'a FlowConfig,
        known: &'a Known<'a>,
        flows: &'a BTreeSet<String>,
        errors: &'e mut Vec<ConfigError>,
    ) -> Self {
        Self { config, known, flows, variables: BTreeMap::new(), errors }
    }

    fn wrong(&mut self, span: Range<usize>, key: &str, what: String, allowed: String) {
        self.errors.push(self.config.source.error(span, key, what, Some(allowed)));
    }

    /// A reference to a node.
    fn target(&mut self, key: &str, name: &str, span: Range<usize>) -> Arc<str> {
        if !self.config.node.contains_key(name) {
            let all = listed(self.config.node.keys().map(Spanned::get_ref));
            self.wrong(span, key, format!("node `{name}` is not there"), all);
        }
        name.into()
    }

    /// Everything of the file but the graph.
    fn flow(mut self) -> Flow {
        let config = self.config;
        if config.id.get_ref().is_empty() {
            self.wrong(config.id.span(), "id", "is empty".into(), "a name".into());
        }
        if config.node.len() > NODES_MAX {
            let what = format!("has {} nodes", config.node.len());
            self.wrong(config.id.span(), "node", what, format!("at most {NODES_MAX}"));
        }
        self.declared();
        let mut nodes = BTreeMap::new();
        for (name, node) in &config.node {
            if let Some(node) = self.node(name, node) {
                nodes.insert(Arc::from(name.get_ref().as_str()), node);
            }
        }
        let start = self.target("start", config.start.get_ref(), config.start.span());
        let agent_key = config.on_key_0.as_ref();
        let agent_key = agent_key.map(|node| self.target("on_key_0", node.get_ref(), node.span()));
        Flow {
            id: FlowId::from(config.id.get_ref().as_str()),
            version: *config.version.get_ref(),
            start,
            nodes,
            agent_key,
            star_is_up: config.star_is_up,
            variables: self.variables,
            subflows: BTreeMap::new(),
        }
    }

    fn declared(&mut self) {
        let config = self.config;
        for (name, variable) in &config.variable {
            let text = name.get_ref();
            let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_');
            if text.is_empty() || text.len() > 64 || !text.chars().all(good) {
                let what = format!("`{text}` is no name of a variable");
                let facts = listed(CallFact::ALL.iter().map(|(name, _)| name));
                let allowed = format!("1 to 64 letters, digits, - _; every call has {facts}");
                self.wrong(name.span(), "variable", what, allowed);
            }
            let kind = ValueKind::ALL.iter().find(|(word, _)| *word == variable.kind.get_ref());
            let Some((_, kind)) = kind else {
                let what = format!("`{}` is no type", variable.kind.get_ref());
                let all = listed(ValueKind::ALL.iter().map(|(word, _)| word));
                self.wrong(variable.kind.span(), &format!("variable.{text}.type"), what, all);
                continue;
            };
            let variable = Variable { kind: *kind, secret: variable.secret };
            self.variables.insert(text.as_str().into(), variable);
        }
    }
}

//! Flows that call flows: each gets those that it calls, so that a call that runs it keeps all of them; circles and
//! too deep ones are mistakes.

use super::Known;
use super::graph::Graph;
use crate::config::error::ConfigError;
use crate::config::flow::FlowConfig;
use crate::config::plan::{Flow, Node, SUBFLOW_DEPTH_MAX};
use crate::id::FlowId;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

type Read<'a> = BTreeMap<FlowId, (Flow, &'a FlowConfig)>;

/// Links the flows, innermost first, and looks at each one's graph. Errors, then warnings, stand in the order in which
/// the flows are linked.
pub(super) fn link(
    read: &Read<'_>,
    known: &Known<'_>,
    errors: &mut Vec<ConfigError>,
) -> (BTreeMap<FlowId, Arc<Flow>>, Vec<ConfigError>) {
    let mut links =
        Links { read, known, errors, warnings: Vec::new(), done: BTreeMap::new(), refused: BTreeSet::new() };
    for id in read.keys() {
        links.link(id, &mut Vec::new());
    }
    let flows = links.done.into_iter().map(|(id, (flow, _))| (id, flow)).collect();
    (flows, links.warnings)
}

struct Links<'a, 'e> {
    read: &'a Read<'a>,
    known: &'a Known<'a>,
    errors: &'e mut Vec<ConfigError>,
    warnings: Vec<ConfigError>,
    /// Linked flows, with how many flows deep they call.
    done: BTreeMap<FlowId, (Arc<Flow>, usize)>,
    refused: BTreeSet<FlowId>,
}

impl Links<'_, '_> {
    /// How many flows deep a flow calls, itself included; nothing when that is a mistake, which is told then.
    /// `callers` are the flows that are being linked for it.
    fn link(&mut self, id: &FlowId, callers: &mut Vec<FlowId>) -> Option<usize> {
        if let Some((_, depth)) = self.done.get(id) {
            return Some(*depth);
        }
        if self.refused.contains(id) {
            return None;
        }
        let (flow, config) = self.read.get(id)?;
        let mut flow = flow.clone();
        let (mut deepest, mut good) = (0, true);
        callers.push(id.clone());
        for (name, node) in self.read.get(id)?.0.nodes.iter() {
            let Node::Subflow { flow: called, .. } = node else { continue };
            if callers.contains(called) {
                self.wrong(
                    config,
                    name,
                    format!("flow `{called}` comes back here"),
                    "flows that do not call each other in a circle",
                );
                good = false;
                continue;
            }
            let Some(depth) = self.link(called, callers) else {
                good = false;
                continue;
            };
            if depth >= SUBFLOW_DEPTH_MAX {
                let what = format!("flow `{called}` calls {} flows deep itself", depth - 1);
                let allowed = format!("at most {SUBFLOW_DEPTH_MAX} flows deep in all");
                self.wrong(config, name, what, &allowed);
                good = false;
            }
            deepest = deepest.max(depth);
            if let Some((linked, _)) = self.done.get(called) {
                flow.subflows.insert(called.clone(), linked.clone());
            }
        }
        callers.pop();
        if !good {
            self.refused.insert(id.clone());
            return None;
        }
        Graph::new(&flow, config, self.known.queues).check(self.errors, &mut self.warnings);
        self.done.insert(id.clone(), (Arc::new(flow), deepest + 1));
        Some(deepest + 1)
    }

    fn wrong(&mut self, config: &FlowConfig, node: &str, what: String, allowed: &str) {
        let written = config.node.get(node).and_then(|node| node.get_ref().get("flow"));
        let span = written.map_or(0..0, |written| written.span());
        let key = format!("node.{node}.flow");
        self.errors.push(config.source.error(span, &key, what, Some(allowed.to_owned())));
    }
}

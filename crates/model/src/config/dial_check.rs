//! Checks of groups, routes and classes of service.

use super::check::{Check, listed};
use super::dial::{ClassConfig, TrunkGroupConfig};
use super::flow::FlowConfig;
use super::plan::{Class, Dialling, Member, Plan, Route, TrunkGroup};
use super::switch::SwitchConfig;
use crate::id::{AgentId, ClassId, FlowId, TrunkGroupId, TrunkId};
use crate::number::{DialKind, Number};
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};

/// Class of agents that name none.
const AGENT_CLASS: &str = "standard";
/// Class of flows that name none.
const FLOW_CLASS: &str = "internal";
/// Class of trunks that name none: outsiders are connected nowhere outside.
const TRUNK_CLASS: &str = "none";

/// Classes that are there unless a file has one of the same id.
const BUILT_IN: [(&str, &[DialKind]); 4] = [
    ("none", &[]),
    ("internal", &[DialKind::Internal, DialKind::Emergency]),
    (
        "standard",
        &[
            DialKind::Internal,
            DialKind::Emergency,
            DialKind::Service,
            DialKind::Local,
            DialKind::National,
            DialKind::Mobile,
        ],
    ),
    ("full", &DialKind::ALL),
];

impl Check<'_> {
    /// Groups, routes and classes. Trunks, agents and flows of `plan` have to be there.
    pub(super) fn dialling_plan(
        &mut self,
        config: &SwitchConfig,
        flows: &[FlowConfig],
        plan: &Plan,
    ) -> Dialling {
        let classes = self.classes(&config.class);
        let groups = self.groups(&config.trunk_group, plan);
        let routes = self.routes(config, &groups);
        let mut dialling = Dialling { groups, routes, classes, ..Dialling::default() };
        for agent in &config.agent {
            let class = self.class_of("agent.class", agent.class.as_ref(), AGENT_CLASS, &dialling.classes);
            let id = AgentId::from(agent.id.get_ref().as_str());
            if let Some(number) = agent.caller_id.as_ref().map(|value| self.caller_id(value, plan)) {
                dialling.caller_ids.insert(id.clone(), number);
            }
            dialling.agents.insert(id, class);
        }
        for trunk in &config.trunk {
            let class = self.class_of("trunk.class", trunk.class.as_ref(), TRUNK_CLASS, &dialling.classes);
            dialling.trunks.insert(TrunkId::from(trunk.id.get_ref().as_str()), class);
        }
        for flow in flows {
            let written = flow.class.as_ref();
            let class = ClassId::from(written.map_or(FLOW_CLASS, |class| class.get_ref().as_str()));
            if let Some(at) = written.filter(|_| !dialling.classes.contains_key(&class)) {
                let what = format!("class `{class}` is not known");
                let allowed = Some(listed(dialling.classes.keys()));
                self.errors.push(flow.source.error(at.span(), "class", what, allowed));
            }
            dialling.flows.insert(FlowId::from(flow.id.get_ref().as_str()), class);
        }
        dialling
    }

    /// A number that some trunk knows for ours: a stranger's would be a lie, and carriers refuse such calls.
    fn caller_id(&mut self, value: &Spanned<String>, plan: &Plan) -> Number {
        let number = plan.number(value.get_ref());
        if !plan.trunks.values().any(|trunk| trunk.may_show(&number, plan)) {
            let what = format!("`{}` is a number of ours on no trunk", value.get_ref());
            let allowed = "a number of some trunk's number_block or caller_id, or of a line";
            self.wrong("agent.caller_id", value, what, allowed);
        }
        number
    }

    fn class_of(
        &mut self,
        key: &str,
        written: Option<&Spanned<String>>,
        unwritten: &str,
        classes: &BTreeMap<ClassId, Class>,
    ) -> ClassId {
        let class = ClassId::from(written.map_or(unwritten, |class| class.get_ref().as_str()));
        if let Some(at) = written.filter(|_| !classes.contains_key(&class)) {
            self.wrong(key, at, format!("class `{class}` is not known"), listed(classes.keys()));
        }
        class
    }

    fn classes(&mut self, written: &[ClassConfig]) -> BTreeMap<ClassId, Class> {
        let mut classes = BTreeMap::new();
        for class in written {
            let id: ClassId = self.unique("class.id", &class.id, &classes);
            let allow = self.kinds("class.allow", &class.allow);
            let bar = class.bar.iter().map(|prefix| self.normal_prefix("class.bar", prefix)).collect();
            classes.insert(id.clone(), Class { id, allow, bar });
        }
        for (id, allow) in BUILT_IN {
            let id = ClassId::from(id);
            let class = Class { id: id.clone(), allow: allow.iter().copied().collect(), bar: Vec::new() };
            classes.entry(id).or_insert(class);
        }
        classes
    }

    fn kinds(&mut self, key: &str, written: &[Spanned<String>]) -> BTreeSet<DialKind> {
        let mut kinds = BTreeSet::new();
        for word in written {
            match word.get_ref().parse() {
                Ok(kind) => {
                    kinds.insert(kind);
                }
                Err(unknown) => {
                    let unknown: crate::number::UnknownDialKind = unknown;
                    self.wrong(key, word, unknown.to_string(), listed(DialKind::ALL.iter()));
                }
            }
        }
        kinds
    }

    /// The beginning of a number in normal form: an international one with its plus, or a short one.
    pub(super) fn normal_prefix(&mut self, key: &str, written: &Spanned<String>) -> String {
        let text = written.get_ref();
        let digits = text.strip_prefix('+').unwrap_or(text);
        if digits.is_empty() || digits.starts_with('0') || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            let what = format!("`{text}` begins no number in normal form");
            self.wrong(key, written, what, "+86531 or +44 for outside numbers, 80 for extensions");
        }
        text.clone()
    }

    fn groups(&mut self, written: &[TrunkGroupConfig], plan: &Plan) -> BTreeMap<TrunkGroupId, TrunkGroup> {
        let mut groups = BTreeMap::new();
        for group in written {
            let id: TrunkGroupId = self.unique("trunk_group.id", &group.id, &groups);
            let mut members: Vec<Member> = Vec::new();
            for member in group.members.get_ref() {
                let trunk = TrunkId::from(member.trunk.get_ref().as_str());
                match plan.trunks.get(&trunk) {
                    None => {
                        let what = format!("trunk `{trunk}` is not known");
                        self.wrong("trunk_group.members", &member.trunk, what, listed(plan.trunks.keys()));
                    }
                    Some(known) if known.proxies.is_empty() => {
                        let what = format!("trunk `{trunk}` only calls us");
                        let allowed = "a trunk with proxy or register";
                        self.wrong("trunk_group.members", &member.trunk, what, allowed);
                    }
                    Some(_) if members.iter().any(|one| one.trunk == trunk) => {
                        let what = format!("`{trunk}` is there twice");
                        self.wrong("trunk_group.members", &member.trunk, what, "each trunk once");
                    }
                    Some(_) => {}
                }
                let mut number = |key: &str, value: &Option<Spanned<u32>>| {
                    value.as_ref().map_or(1, |value| self.amount(key, value, 1, 1000))
                };
                let order = number("trunk_group.members.order", &member.order);
                let weight = number("trunk_group.members.weight", &member.weight);
                members.push(Member { trunk, order, weight });
            }
            if members.is_empty() {
                self.wrong("trunk_group.members", &group.members, "is empty", listed(plan.trunks.keys()));
            }
            members.sort_by_key(|member| member.order);
            groups.insert(id.clone(), TrunkGroup { id, members });
        }
        groups
    }

    fn routes(&mut self, config: &SwitchConfig, groups: &BTreeMap<TrunkGroupId, TrunkGroup>) -> Vec<Route> {
        let mut routes = Vec::new();
        for route in &config.route {
            let group = TrunkGroupId::from(route.group.get_ref().as_str());
            if !groups.contains_key(&group) {
                let what = format!("trunk group `{group}` is not known");
                self.wrong("route.group", &route.group, what, listed(groups.keys()));
            }
            let kinds = self.kinds("route.kinds", &route.kinds);
            let prefix = route.prefix.as_ref().map(|prefix| self.normal_prefix("route.prefix", prefix));
            routes.push(Route { kinds, prefix: prefix.unwrap_or_default(), group });
        }
        routes
    }
}

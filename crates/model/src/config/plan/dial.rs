//! Who may dial what, and through which trunks it goes.

use super::Plan;
use crate::id::{AgentId, ClassId, FlowId, TrunkGroupId, TrunkId};
use crate::number::{DialKind, Number};
use std::collections::{BTreeMap, BTreeSet};

/// The ways out of the house.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Dialling {
    /// Groups of trunks.
    pub groups: BTreeMap<TrunkGroupId, TrunkGroup>,
    /// Routes in the order of the file; the first that fits decides.
    pub routes: Vec<Route>,
    /// Classes of service.
    pub classes: BTreeMap<ClassId, Class>,
    /// The class of each agent.
    pub agents: BTreeMap<AgentId, ClassId>,
    /// The number that an agent's calls to the outside show, where it is not the trunk's.
    pub caller_ids: BTreeMap<AgentId, Number>,
    /// The class of each flow.
    pub flows: BTreeMap<FlowId, ClassId>,
    /// The class of each trunk: what its callers may be connected to outside.
    pub trunks: BTreeMap<TrunkId, ClassId>,
}

/// Trunks that calls go out through.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TrunkGroup {
    /// Its id.
    pub id: TrunkGroupId,
    /// Its trunks, lowest `order` first; never empty.
    pub members: Vec<Member>,
}

/// A trunk in a group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Member {
    /// The trunk.
    pub trunk: TrunkId,
    /// A higher one is used when all lower ones are full or down.
    pub order: u32,
    /// Share of the calls among those of the same order; 1 or more.
    pub weight: u32,
}

/// Which numbers go through which group.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Route {
    /// Kinds that it is for; empty means all.
    pub kinds: BTreeSet<DialKind>,
    /// Beginning of the normal form that it is for; empty means all.
    pub prefix: String,
    /// Where they go.
    pub group: TrunkGroupId,
}

/// A class of service.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Class {
    /// Its id.
    pub id: ClassId,
    /// Kinds that its holders may dial.
    pub allow: BTreeSet<DialKind>,
    /// Beginnings of normal forms that they may not dial all the same.
    pub bar: Vec<String>,
}

/// Who wants to dial.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Dialler {
    /// An agent, by phone or page, also by REFER.
    Agent(AgentId),
    /// A flow that connects its caller.
    Flow(FlowId),
    /// A trunk: an outside party asks to be connected elsewhere (REFER, 302).
    Trunk(TrunkId),
}

/// Why a number is not dialled. It names no number, so that it may be logged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Barred {
    /// It is none.
    #[error("not a number that can be dialled")]
    NotANumber,
    /// The class of service has no such kind.
    #[error("class `{class}` does not allow {kind} numbers")]
    Kind {
        /// Of the number.
        kind: DialKind,
        /// Of the dialler.
        class: ClassId,
    },
    /// The class of service bars its beginning.
    #[error("class `{class}` bars numbers that begin with {prefix}")]
    Prefix {
        /// The beginning.
        prefix: String,
        /// Of the dialler.
        class: ClassId,
    },
    /// An extension that an exchange would take for the way out.
    #[error("an extension that begins with the outside digit {0}")]
    OutsideDigit(char),
    /// Nobody we know.
    #[error("the dialler has no class of service")]
    Unknown,
}

impl Plan {
    /// Whether the dialler may dial `number`, and what kind of number that is. Whatever form it comes in, the normal form
    /// is judged; dial that one ([`Plan::number`]). Emergency numbers are open to every agent.
    ///
    /// # Errors
    /// [`Barred`] with the reason.
    #[allow(
        clippy::needless_pass_by_value,
        reason = "the ids are shared text; callers make the value for this call"
    )]
    pub fn may_dial(&self, who: Dialler, number: &Number) -> Result<DialKind, Barred> {
        let number = self.number(number.as_str());
        let kind = self.dial_kind(&number)?;
        let dialling = &self.dialling;
        let class = match &who {
            Dialler::Agent(agent) => dialling.agents.get(agent),
            Dialler::Flow(flow) => dialling.flows.get(flow),
            Dialler::Trunk(trunk) => dialling.trunks.get(trunk),
        };
        let class = class.and_then(|id| dialling.classes.get(id)).ok_or(Barred::Unknown)?;
        if kind == DialKind::Emergency && matches!(who, Dialler::Agent(_)) {
            return Ok(kind);
        }
        if !class.allow.contains(&kind) {
            return Err(Barred::Kind { kind, class: class.id.clone() });
        }
        match class.bar.iter().find(|prefix| number.as_str().starts_with(prefix.as_str())) {
            Some(prefix) => Err(Barred::Prefix { prefix: prefix.clone(), class: class.id.clone() }),
            None => Ok(kind),
        }
    }

    /// What dialling a number in normal form means in this house.
    ///
    /// # Errors
    /// [`Barred::NotANumber`], or [`Barred::OutsideDigit`] for an extension of nobody that an exchange behind some trunk
    /// would take for the way out: what follows could be any number at all.
    pub fn dial_kind(&self, number: &Number) -> Result<DialKind, Barred> {
        if self.is_own(number) {
            return Ok(DialKind::Internal);
        }
        let kind =
            DialKind::of(number, self.area_code.as_deref()).map_err(|_not_diallable| Barred::NotANumber)?;
        let way_out = |digit: &char| kind == DialKind::Internal && number.as_str().starts_with(*digit);
        match self.trunks.values().filter_map(|trunk| trunk.outside_digit).find(way_out) {
            Some(digit) => Err(Barred::OutsideDigit(digit)),
            None => Ok(kind),
        }
    }

    /// A number that rings in this house: an agent, a line, the echo test.
    #[must_use]
    pub fn is_own(&self, number: &Number) -> bool {
        self.agents.contains_key(&AgentId::from(number.as_str()))
            || self.lines_by_number.contains_key(number)
            || self.echo_number == number.as_str()
    }

    /// The group that a number goes out through. Emergency numbers without a route of their own go the way of local ones,
    /// and else through whatever group there is.
    #[must_use]
    pub fn route_of(&self, number: &Number) -> Option<TrunkGroupId> {
        let number = self.number(number.as_str());
        let kind = self.dial_kind(&number).ok()?;
        let find = |kind: DialKind| {
            let fits = |route: &&Route| {
                (route.kinds.is_empty() || route.kinds.contains(&kind))
                    && number.as_str().starts_with(&route.prefix)
            };
            self.dialling.routes.iter().find(fits).map(|route| route.group.clone())
        };
        let found = find(kind);
        if found.is_some() || kind != DialKind::Emergency {
            return found;
        }
        find(DialKind::Local).or_else(|| self.dialling.groups.keys().next().cloned())
    }
}

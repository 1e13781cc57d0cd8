//! One offer, all phones of an agent: those with the highest `q` ring together, those with the next lower one when all
//! of these have refused (RFC 3261 16.6). The first that answers has the call; the others are taken back and told so
//! (RFC 3326), so that none of them notes a missed call.
//!
//! A leg has one socket, hence one network: phones in another network than the most preferred one are not rung.

use crate::keys::Keys;
use crate::leg::{KeysInUse, Leg, Role};
use crate::obey::{Ring, Target};
use crate::output::MediaOrder;
use crate::quality::Sound;
use crate::switchboard::Switchboard;
use crate::terms::to_phone;
use careline_callcentre::{Input, RefusedBy};
use careline_model::{AgentId, LegId, Now};
use careline_sip::{DialogId, Uri};
use std::collections::VecDeque;
use std::net::IpAddr;

/// Said to the phones that were not the first.
const ELSEWHERE: &str = "SIP;cause=200;text=\"Call completed elsewhere\"";
/// Said to the other phones when one declined for all (RFC 3261 21.6).
const DECLINED: &str = "SIP;cause=603;text=\"Declined elsewhere\"";

/// The phones that ring for one leg, and those that may still be rung.
pub(crate) struct Fork {
    ring: Ring,
    branches: Vec<Branch>,
    /// Groups of equal preference, the most preferred first.
    later: VecDeque<Vec<Target>>,
    /// The most telling refusal so far.
    why: RefusedBy,
}

/// One phone that was asked and has not decided.
struct Branch {
    dialog: DialogId,
    /// Where its signalling comes from.
    at: IpAddr,
    rang: bool,
}

impl Fork {
    /// Another call's from now on.
    pub fn adopt(&mut self, call: careline_model::CallId) {
        self.ring.call = call;
    }
}

impl Switchboard {
    /// Rings all phones of an agent.
    pub(crate) fn ring(&mut self, now: Now, ring: Ring) {
        let leg = ring.leg;
        if !self.try_ring(now, ring) {
            self.centre.handle(Input::Refused { leg, why: RefusedBy::Unreachable }, now);
        }
    }

    fn try_ring(&mut self, now: Now, ring: Ring) -> bool {
        let mut groups = self.targets_of(&ring.agent);
        let Some(first) = groups.front().and_then(|group| group.first()).map(|target| target.flow) else {
            return false;
        };
        let network = self.network_of(first).cloned();
        for group in &mut groups {
            group.retain(|target| self.network_of(target.flow) == network.as_ref());
        }
        let Some((socket, told)) = self.take_port(first) else { return false };
        let (id, call) = (ring.leg, ring.call);
        let terms = to_phone(&self.plan, &ring.agent, self.codec_spoken_in(call));
        let local = self.local_audio(told, &terms);
        let fork = Fork { ring, branches: Vec::new(), later: groups, why: RefusedBy::Unreachable };
        let role = Role::Agent { agent: fork.ring.agent.clone() };
        // The dialog is named when a branch has one; until then nobody can ask for it.
        let dialog = DialogId(0);
        let leg = Leg {
            role,
            dialog,
            socket,
            signalled_from: None,
            local,
            terms,
            said: Vec::new(),
            remote: None,
            keys: KeysInUse::default(),
            offer: None,
            call: None,
            open: false,
            max_forwards: 0,
            sound: Sound::default(),
            keys_pressed: Keys::default(),
            joined_with: None,
        };
        self.legs.insert_unnamed(id, leg);
        self.forks.insert(id, fork);
        if !self.ring_next_group(now, id) {
            self.forks.remove(&id);
            self.close_leg(id);
            return false;
        }
        if let Some(leg) = self.legs.get_mut(id) {
            leg.open = true;
        }
        let call = self.legs.group(call);
        self.media(MediaOrder::Open { leg: id, call, socket });
        true
    }

    /// Sends an INVITE to each phone of the next group that can be asked at all; false when none is left.
    fn ring_next_group(&mut self, now: Now, id: LegId) -> bool {
        let Some(mut fork) = self.forks.remove(&id) else { return false };
        // The phones get one offer, hence one key: they are one person's, and all but one fall silent.
        let Some(Ok(sdp)) = self.legs.get_mut(id).map(Leg::say_offer) else { return false };
        while fork.branches.is_empty()
            && let Some(group) = fork.later.pop_front()
        {
            for target in group {
                let invite = self.invite_to(&target, &fork.ring, sdp.clone());
                if let Ok(dialog) = self.endpoint.invite(now.instant, invite) {
                    self.name_leg(dialog, fork.ring.call);
                    self.legs.add_branch(dialog, id);
                    fork.branches.push(Branch { dialog, at: target.flow.remote.ip(), rang: false });
                }
            }
        }
        let rings = !fork.branches.is_empty();
        self.forks.insert(id, fork);
        rings
    }

    /// A phone of the leg rings.
    pub(crate) fn branch_rings(&mut self, id: LegId, dialog: DialogId) {
        let branches = self.forks.get_mut(&id).map(|fork| &mut fork.branches);
        if let Some(branch) = branches.and_then(|all| all.iter_mut().find(|one| one.dialog == dialog)) {
            branch.rang = true;
        }
    }

    /// Whether this phone has rung.
    pub(crate) fn branch_rang(&self, id: LegId, dialog: DialogId) -> bool {
        let branches = self.forks.get(&id).map(|fork| &fork.branches);
        branches.is_some_and(|all| all.iter().any(|one| one.dialog == dialog && one.rang))
    }

    /// Where the signalling of one of several phones comes from.
    pub(crate) fn branch_at(&self, id: LegId, dialog: DialogId) -> Option<IpAddr> {
        self.forks.get(&id)?.branches.iter().find(|one| one.dialog == dialog).map(|one| one.at)
    }

    /// A phone answered: it is the leg's from now on, the others are taken back.
    pub(crate) fn branch_answered(&mut self, now: Now, id: LegId, dialog: DialogId) {
        let Some(fork) = self.forks.remove(&id) else { return };
        for loser in fork.branches.into_iter().map(|one| one.dialog).filter(|one| *one != dialog) {
            self.legs.drop_branch(loser);
            self.endpoint.hang_up(now.instant, loser, Some(ELSEWHERE));
        }
        if let Some(leg) = self.legs.get_mut(id) {
            leg.dialog = dialog;
        }
    }

    /// A phone will not take the call; its dialog is over. `for_all`: nobody else of this agent is to be asked.
    pub(crate) fn branch_over(
        &mut self,
        now: Now,
        id: LegId,
        dialog: DialogId,
        why: RefusedBy,
        for_all: bool,
    ) {
        self.legs.drop_branch(dialog);
        let Some(fork) = self.forks.get_mut(&id) else { return };
        fork.branches.retain(|branch| branch.dialog != dialog);
        fork.why = more_telling(fork.why, why);
        let why = fork.why;
        if for_all {
            self.take_back_branches(now, id, Some(DECLINED));
        } else if !fork.branches.is_empty() || self.ring_next_group(now, id) {
            return;
        }
        self.forks.remove(&id);
        self.close_leg(id);
        self.centre.handle(Input::Refused { leg: id, why }, now);
    }

    /// Takes every INVITE of the leg back that is not decided; true when it was such a leg.
    pub(crate) fn take_back_branches(&mut self, now: Now, id: LegId, reason: Option<&str>) -> bool {
        let Some(fork) = self.forks.remove(&id) else { return false };
        for Branch { dialog, .. } in fork.branches {
            self.legs.drop_branch(dialog);
            self.endpoint.hang_up(now.instant, dialog, reason);
        }
        true
    }

    /// The phones of an agent in groups of equal preference: registered ones, of each instance the best way only
    /// (RFC 5626 7), or else the configured address of a phone that does not register.
    fn targets_of(&self, agent: &AgentId) -> VecDeque<Vec<Target>> {
        let mut groups: VecDeque<Vec<Target>> = VecDeque::new();
        let mut last_q = None;
        let mut instances: Vec<&str> = Vec::new();
        for binding in self.registrar.lookup(agent.as_str()) {
            if let Some(instance) = binding.instance.as_deref() {
                if instances.contains(&instance) {
                    continue;
                }
                instances.push(instance);
            }
            let target =
                Target { flow: binding.flow, uri: binding.contact.clone(), route: binding.path.clone() };
            match groups.back_mut().filter(|_| last_q == Some(binding.q)) {
                Some(group) => group.push(target),
                None => groups.push_back(vec![target]),
            }
            last_q = Some(binding.q);
        }
        if groups.is_empty() {
            groups.extend(self.configured_target(agent).map(|target| vec![target]));
        }
        groups
    }

    fn configured_target(&self, agent: &AgentId) -> Option<Target> {
        let uri: Uri = self.plan.agents.get(agent)?.contact.as_deref()?.parse().ok()?;
        let host = uri.host().trim_start_matches('[').trim_end_matches(']').parse().ok()?;
        let remote = std::net::SocketAddr::new(host, uri.port().unwrap_or(5060));
        Some(Target { flow: self.udp_flow_to(remote)?, uri, route: Vec::new() })
    }
}

/// Of two refusals the one that says more about the person: she declined, she is busy, she did not come, and last that a
/// phone could not be reached.
fn more_telling(one: RefusedBy, other: RefusedBy) -> RefusedBy {
    let rank = |why: RefusedBy| match why {
        RefusedBy::Rejected => 3,
        RefusedBy::Busy => 2,
        RefusedBy::NoAnswer => 1,
        RefusedBy::Unreachable => 0,
    };
    if rank(other) > rank(one) { other } else { one }
}

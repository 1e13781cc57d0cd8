//! Who hears whom beside the one she is joined with. It follows from the watches and conversations as they are, and is
//! told where it changed: two in a call stay on their plain relay as long as nobody else is heard there.
//!
//! ```text
//!                    agent hears      other party hears      supervisor hears
//! listen             -                -                      both
//! private whisper    supervisor       -                      nobody
//! whisper            supervisor       -                      both
//! barge              supervisor       supervisor             both, and others who barge
//! the other party is held: it hears its music, and is not heard; the supervisor hears the agent alone
//! ```

use crate::action::Action;
use crate::call::Stage;
use crate::centre::Centre;
use crate::people::Guest;
use careline_model::event::WatchMode;
use careline_model::{AgentId, CallId, LegId, Now};
use std::collections::BTreeMap;

/// The conversation of an agent that counts now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Heard {
    pub(super) call: CallId,
    /// The agent's leg.
    pub(super) leg: LegId,
    /// One of the two holds.
    pub(super) held: bool,
    /// She is the one whose conversation it is, not a colleague whom the other one called.
    pub(super) is_hers: bool,
}

impl Centre {
    /// What an agent is in: of several conversations the one that is not held.
    pub(super) fn heard_of(&self, agent: &AgentId) -> Option<Heard> {
        let known = self.agents.get(agent)?;
        let ids = known.call().into_iter().chain(known.own.iter().copied());
        let all = ids.filter_map(|id| {
            let call = self.calls.get(&id)?;
            let Stage::Talking(talk) = &call.stage else { return None };
            let held = talk.held || talk.callee_holds;
            if talk.agent.as_ref() == Some(agent) {
                Some(Heard { call: id, leg: talk.leg, held, is_hers: true })
            } else if call.callee.as_ref() == Some(agent) {
                Some(Heard { call: id, leg: call.leg, held, is_hers: false })
            } else {
                let there = |guest: &&Guest| guest.joined.is_some() && guest.goal.agent() == Some(agent);
                let guest = talk.guests.iter().find(there)?;
                Some(Heard { call: id, leg: guest.leg, held: guest.held, is_hers: false })
            }
        });
        all.min_by_key(|heard| heard.held)
    }

    /// Tells what has changed since it was told last.
    pub(crate) fn refresh_hearing(&mut self, now: Now) {
        if self.watches.is_empty() && self.hearing.is_empty() && self.conferences.is_empty() {
            return;
        }
        if self.draining && self.calls.is_empty() {
            self.end_watches(now);
        }
        self.follow_agents(now);
        let wanted = self.wanted_hearing();
        let gone: Vec<LegId> = self.hearing.keys().filter(|leg| !wanted.contains_key(leg)).copied().collect();
        for leg in gone {
            self.hearing.remove(&leg);
            // A leg that is over hears nobody anyway.
            if self.legs.contains_key(&leg) || self.watches.has(leg) {
                self.actions.push_back(Action::Overhear { leg, others: Vec::new() });
            }
        }
        for (leg, others) in wanted {
            if self.hearing.get(&leg) != Some(&others) {
                self.hearing.insert(leg, others.clone());
                self.actions.push_back(Action::Overhear { leg, others });
            }
        }
    }

    /// Who is in a conversation: leg, whether it hears the others, whether they hear it.
    fn members(&self, id: CallId) -> Vec<(LegId, bool, bool)> {
        let Some(call) = self.calls.get(&id) else { return Vec::new() };
        let Stage::Talking(talk) = &call.stage else { return Vec::new() };
        let party_is_in = !talk.music && !talk.callee_holds;
        let agent_is_in = !talk.phone_holds && !talk.agent_music;
        let mut all =
            vec![(call.leg, party_is_in, party_is_in && !talk.muted), (talk.leg, agent_is_in, agent_is_in)];
        let there = talk.guests.iter().filter(|guest| guest.joined.is_some());
        all.extend(there.map(|guest| (guest.leg, !guest.held, !guest.held && !guest.muted)));
        all
    }

    fn wanted_hearing(&self) -> BTreeMap<LegId, Vec<LegId>> {
        let mut wanted: BTreeMap<LegId, Vec<LegId>> = BTreeMap::new();
        let mut hears = |leg: LegId, other: LegId| {
            let others = wanted.entry(leg).or_default();
            if leg != other && !others.contains(&other) {
                others.push(other);
            }
        };
        for id in &self.conferences {
            let members = self.members(*id);
            let joined = match self.calls.get(id).map(|call| (&call.stage, call.leg)) {
                Some((Stage::Talking(talk), leg)) if talk.joined => [leg, talk.leg],
                _ => [LegId(0); 2],
            };
            for (leg, _, _) in members.iter().filter(|(_, is_in, _)| *is_in) {
                for (other, _, _) in members.iter().filter(|(_, _, is_heard)| *is_heard) {
                    // The two are joined already.
                    if !(joined.contains(leg) && joined.contains(other)) {
                        hears(*leg, *other);
                    }
                }
            }
        }
        let mut barging: Vec<(CallId, LegId)> = Vec::new();
        for watch in self.watches.up() {
            let Some(heard) = self.heard_of(&watch.agent) else { continue };
            let Heard { call, leg, .. } = heard;
            let members = self.members(call);
            if watch.mode != WatchMode::PrivateWhisper {
                hears(watch.leg, leg);
                for (other, _, _) in members.iter().filter(|(_, _, is_heard)| *is_heard) {
                    hears(watch.leg, *other);
                }
            }
            if watch.mode != WatchMode::Listen {
                hears(leg, watch.leg);
            }
            if watch.mode >= WatchMode::Barge {
                for (other, _, _) in members.iter().filter(|(_, is_in, _)| *is_in) {
                    hears(*other, watch.leg);
                }
                for (_, also) in barging.iter().filter(|(there, _)| *there == call) {
                    hears(watch.leg, *also);
                    hears(*also, watch.leg);
                }
                barging.push((call, watch.leg));
            }
        }
        wanted.retain(|_, others| !others.is_empty());
        wanted
    }
}

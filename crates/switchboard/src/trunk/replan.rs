//! Trunks that come, go, or have other terms while the switch runs. Calls that are up on a trunk that goes are dialogs of
//! their own and go on.

use super::{TrunkState, Trunks};
use crate::switchboard::Switchboard;
use careline_model::config::Plan;
use careline_model::config::plan::Trunk;
use careline_model::{Now, TrunkId};

impl Switchboard {
    /// The plan has changed from `old`. Registrations of trunks that are gone are taken back; who registers otherwise
    /// begins anew, and the old registration lapses unless the new one takes its place at the carrier.
    pub(crate) fn replan_trunks(&mut self, now: Now, old: &Plan) {
        let plan = self.plan.clone();
        let gone: Vec<TrunkId> =
            self.trunks.states.keys().filter(|id| !plan.trunks.contains_key(*id)).cloned().collect();
        for id in gone {
            self.retire_trunk(now, &id, old.trunks.get(&id));
        }
        for (id, trunk) in &plan.trunks {
            self.trunks.retired.remove(id);
            self.trunks.replan(trunk, old.trunks.get(id), now);
        }
        self.forget_trunks();
        self.tend_trunks(now);
    }

    fn retire_trunk(&mut self, now: Now, id: &TrunkId, trunk: Option<&Trunk>) {
        let Some(state) = self.trunks.states.get_mut(id) else { return };
        // Nobody asks how a trunk is that is gone.
        state.doors.clear();
        let leaves = state.registering.as_mut().is_some_and(|one| one.leave(now.instant));
        if let Some(trunk) = trunk {
            self.trunks.retired.entry(id.clone()).or_insert_with(|| trunk.clone());
        }
        if leaves {
            self.send_register(now, id);
        }
    }

    /// Trunks that are gone and have no registration left that could be taken back.
    pub(super) fn forget_trunks(&mut self) {
        let Trunks { states, retired, .. } = &mut self.trunks;
        retired.retain(|id, _| {
            let registering = states.get(id).and_then(|state| state.registering.as_ref());
            let stays = registering.is_some_and(|one| one.is_leaving());
            if !stays {
                states.remove(id);
            }
            stays
        });
    }
}

impl Trunks {
    fn replan(&mut self, trunk: &Trunk, old: Option<&Trunk>, now: Now) {
        if old == Some(trunk) && self.states.contains_key(&trunk.id) {
            return;
        }
        let fresh = TrunkState::new(trunk, &mut self.rng, now);
        let Some(state) = self.states.get_mut(&trunk.id) else {
            self.states.insert(trunk.id.clone(), fresh);
            return;
        };
        state.capacity.limit(trunk.calls_max, trunk.calls_per_second);
        let same = |of: &dyn Fn(&Trunk) -> bool| old.is_some_and(of);
        if !same(&|old| old.proxies == trunk.proxies && old.probing == trunk.probing) {
            state.doors = fresh.doors;
        }
        let place = |one: &Trunk| (one.network.clone(), one.transport, one.realm.clone());
        if !same(&|old| old.register == trunk.register && place(old) == place(trunk)) {
            (state.registering, state.told) = (fresh.registering, fresh.told);
            (state.registered_on, state.keep_alive_due, state.complaint) = (None, None, None);
        }
    }
}

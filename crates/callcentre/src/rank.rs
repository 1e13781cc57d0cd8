//! A call's rank among those who wait, which may change while it waits; what it asks of an agent, too (CF C11, C18).

use crate::call::Call;
use crate::centre::Centre;
use crate::command::{CommandError, in_range, listed};
use crate::input::Hints;
use crate::sticky::Wanted;
use careline_model::event::EventBody;
use careline_model::{CallId, Now, SkillId};
use std::collections::BTreeSet;

/// Highest class.
const CLASS_MAX: u8 = 9;
/// Most points, up or down: a day of waiting.
pub(crate) const POINTS_MAX: i32 = 1440;
/// Best level of a skill.
const LEVEL_MAX: u8 = 10;
/// Most skills that one call asks for.
const NEEDS_MAX: usize = 32;

/// What a call's rank is to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct NewRank {
    /// It goes before all others, in whatever queue.
    pub red_flag: bool,
    /// It goes before those of a higher class, 1 to 9; nothing leaves it to the queue.
    pub class: Option<u8>,
    /// Points beside those of its queue, each worth a minute of waiting, -1440 to 1440.
    pub points: i32,
}

impl Centre {
    /// Sets a call's rank. It holds at once for a call that waits, and in every queue that the call comes to.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`] and [`CommandError::OutOfRange`]; nothing has changed then.
    pub fn set_rank(&mut self, id: CallId, rank: NewRank, now: Now) -> Result<(), CommandError> {
        if !self.calls.contains_key(&id) {
            return Err(CommandError::UnknownCall { call: id });
        }
        in_range("class", rank.class.map_or(1, i64::from), (1, i64::from(CLASS_MAX)))?;
        in_range("points", i64::from(rank.points), (i64::from(-POINTS_MAX), i64::from(POINTS_MAX)))?;
        self.wake(now);
        self.rank_call(id, rank, now);
        self.settle(now);
        Ok(())
    }

    /// The same for who knows that all is in range: a flow, the directory.
    pub(crate) fn rank_call(&mut self, id: CallId, rank: NewRank, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if rank == rank_of(call) {
            return;
        }
        call.red_flag = rank.red_flag;
        call.class = rank.class;
        call.priority_points = rank.points;
        let NewRank { red_flag, class, points } = rank;
        self.tell(EventBody::RankChanged { call: id, red_flag, class, points }, now);
        self.move_to_place(id);
        // A rule may be for its new class.
        self.overflow(id, now);
    }

    /// The directory knows the caller. What is out of range is brought into it: nobody loses a call by a bad hint.
    pub(crate) fn hinted(&mut self, id: CallId, hints: Hints, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let class = hints.rank.class.map(|class| class.clamp(1, CLASS_MAX));
        let better = match (call.class, class) {
            (Some(has), Some(hint)) => Some(has.min(hint)),
            (has, hint) => has.or(hint),
        };
        let rank = NewRank {
            red_flag: call.red_flag || hints.rank.red_flag,
            class: better,
            points: call.priority_points.saturating_add(hints.rank.points).clamp(-POINTS_MAX, POINTS_MAX),
        };
        self.rank_call(id, rank, now);
        let known = hints.agent.filter(|agent| self.agents.contains_key(agent));
        if let (Some(agent), Some(call)) = (known, self.calls.get_mut(&id)) {
            call.wanted.get_or_insert(Wanted { agent, time: None });
        }
    }

    /// A waiting call goes where its rank now puts it.
    pub(crate) fn move_to_place(&mut self, id: CallId) {
        let Some(call) = self.calls.get(&id) else { return };
        let (Some(entry), Some(first)) = (call.stage.entry(), call.first_entry) else { return };
        let (queue, old) = (entry.queue.clone(), entry.place);
        let Some(rules) = self.plan.queues.get(&queue) else { return };
        let place = self.place(call.rank_in(rules, old.is_interrupted()), first);
        if place == old {
            return;
        }
        let listed = self.unlist(id);
        if let Some(line) = self.queues.get_mut(&queue) {
            line.entries.remove(&old);
            line.entries.insert(place, id);
        }
        if let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) {
            entry.place = place;
        }
        if listed {
            self.list(id);
        }
    }

    /// A call asks an agent for a skill of at least a level, beside what its queue asks for. It holds at once for a call
    /// that waits.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`], [`CommandError::UnknownSkill`], and [`CommandError::OutOfRange`] for a level that is
    /// not 1 to 10 or a call that asks for too much; nothing has changed then.
    pub fn ask_for_skill(
        &mut self,
        id: CallId,
        skill: SkillId,
        level: u8,
        now: Now,
    ) -> Result<(), CommandError> {
        let call = self.calls.get(&id).ok_or(CommandError::UnknownCall { call: id })?;
        in_range("level", i64::from(level), (1, i64::from(LEVEL_MAX)))?;
        let asked = call.needs.len() + usize::from(!call.needs.contains_key(&skill));
        in_range("skills asked for", i64::try_from(asked).unwrap_or(i64::MAX), (0, NEEDS_MAX as i64))?;
        let known: BTreeSet<&SkillId> = self.agents.values().flat_map(|agent| agent.skills.keys()).collect();
        if !known.contains(&skill) {
            let allowed = listed(known.iter().map(|skill| skill.as_str()));
            return Err(CommandError::UnknownSkill { skill, allowed });
        }
        self.wake(now);
        if let Some(call) = self.calls.get_mut(&id) {
            call.needs.insert(skill.clone(), level);
        }
        self.tell(EventBody::SkillAsked { call: id, skill, level }, now);
        self.widen(id, now);
        self.settle(now);
        Ok(())
    }
}

fn rank_of(call: &Call) -> NewRank {
    NewRank { red_flag: call.red_flag, class: call.class, points: call.priority_points }
}

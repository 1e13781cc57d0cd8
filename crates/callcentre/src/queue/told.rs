//! What a caller is told while she waits: her place, her further wait, a word of comfort. Music rests meanwhile and goes
//! on where it was; whatever is said is cut when an agent answers (CF 1.6, 1.7).
//!
//! ```text
//! entered --first--> turn --every--> turn ...      a turn that comes while something else is said waits for its end
//! ```

use super::estimate::{Staff, WHOLE, further_wait, kind_of};
use super::{Lane, millis};
use crate::agent::Work;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::config::plan::{Comfort, ComfortOrder, POSITION_MAX};
use careline_model::event::EventBody;
use careline_model::{CallId, Now, QueueId};
use rand_chacha::rand_core::RngCore;
use std::sync::Arc;
use std::time::Duration;

/// What was said to one who waits.
#[derive(Debug, Clone, Default)]
pub(crate) struct Told {
    /// The best place that was said; one behind the last number for all places behind.
    place: Option<usize>,
    /// The kind of wait that was said last.
    wait: Option<usize>,
    /// The comfort message that was said last.
    message: Option<usize>,
    /// Her turn came while something else was said.
    owed: bool,
}

impl Centre {
    /// The time for a word has come.
    pub(crate) fn comfort_is_due(&mut self, id: CallId, now: Now) {
        let Some(every) = self.comfort_of(id).map(|comfort| comfort.every) else { return };
        self.deadlines.set(Due::Comfort(id), now.instant + every);
        let Some(call) = self.calls.get_mut(&id) else { return };
        match &mut call.stage {
            // She is about to be joined.
            Stage::Connecting(..) => {}
            Stage::Queued(entry) | Stage::Offered(entry, _) if call.sound.playback.is_some() => {
                entry.told.owed = true;
            }
            _ => self.comfort_turn(id, now),
        }
    }

    /// What was said to a waiting caller has been heard.
    pub(crate) fn heard_while_waiting(&mut self, id: CallId, now: Now) {
        let entry = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut());
        if entry.is_some_and(|entry| std::mem::take(&mut entry.told.owed)) {
            self.comfort_turn(id, now);
        }
        if self.calls.get(&id).is_some_and(|call| call.sound.playback.is_none()) {
            self.start_music(id);
        }
    }

    fn comfort_of(&self, id: CallId) -> Option<&Comfort> {
        let entry = self.calls.get(&id)?.stage.entry()?;
        self.plan.queues.get(&entry.queue)?.comfort.as_ref()
    }

    fn comfort_turn(&mut self, id: CallId, now: Now) {
        let plan = self.plan.clone();
        let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return };
        let Some(comfort) = plan.queues.get(&entry.queue).and_then(|queue| queue.comfort.as_ref()) else {
            return;
        };
        let mut prompts = Vec::new();
        let position = self.say_place(id, comfort, &mut prompts);
        let wait = self.say_wait(id, comfort, &mut prompts, now);
        self.say_message(id, comfort, &mut prompts);
        self.say_callback(id, &mut prompts, now);
        if position.is_some() || wait.is_some() {
            let Some(entry) = self.calls.get(&id).and_then(|call| call.stage.entry()) else { return };
            let entry = entry.id;
            self.tell(
                EventBody::QueueAnnounced { call: id, entry, position, wait_ms: wait.map(millis) },
                now,
            );
        }
        if !prompts.is_empty() {
            self.play(id, prompts, now);
        }
    }

    /// Her place, when it is better than any that was said.
    fn say_place(&mut self, id: CallId, comfort: &Comfort, prompts: &mut Vec<Arc<str>>) -> Option<u32> {
        let words = comfort.position.as_ref()?;
        let position = self.position_of(id)?;
        let place = usize::try_from(position).unwrap_or(usize::MAX).min(POSITION_MAX + 1);
        let told = &mut self.calls.get_mut(&id)?.stage.entry_mut()?.told;
        if told.place.is_some_and(|before| before <= place) {
            return None;
        }
        told.place = Some(place);
        prompts.push(words.each.get(place.saturating_sub(1)).unwrap_or(&words.more).clone());
        Some(position)
    }

    /// Her further wait, when it is another than was said; a longer one only with the reason.
    fn say_wait(
        &mut self,
        id: CallId,
        comfort: &Comfort,
        prompts: &mut Vec<Arc<str>>,
        now: Now,
    ) -> Option<Duration> {
        let words = comfort.wait.as_ref()?;
        let wait = self.further_wait(id)?;
        let entry = self.calls.get_mut(&id)?.stage.entry_mut()?;
        let waited = now.instant.duration_since(entry.entered);
        entry.predicted.get_or_insert(waited.saturating_add(wait));
        let kind = kind_of(wait);
        match entry.told.wait {
            Some(before) if before == kind => return None,
            Some(before) if before < kind => prompts.push(words.busier.clone()?),
            Some(_) | None => {}
        }
        entry.told.wait = Some(kind);
        prompts.extend(words.each.get(kind).cloned());
        Some(wait)
    }

    fn say_message(&mut self, id: CallId, comfort: &Comfort, prompts: &mut Vec<Arc<str>>) {
        let count = comfort.prompts.len();
        if count == 0 {
            return;
        }
        let draw = match comfort.order {
            ComfortOrder::Random => usize::try_from(self.rng.next_u64() % count as u64).unwrap_or(0),
            ComfortOrder::Listed => 0,
        };
        let Some(entry) = self.calls.get_mut(&id).and_then(|call| call.stage.entry_mut()) else { return };
        let next = match (comfort.order, entry.told.message) {
            (ComfortOrder::Listed, before) => before.map_or(0, |before| (before + 1) % count),
            (ComfortOrder::Random, Some(before)) if before == draw => (draw + 1) % count,
            (ComfortOrder::Random, _) => draw,
        };
        entry.told.message = Some(next);
        prompts.extend(comfort.prompts.get(next).cloned());
    }

    /// 1 for the next.
    fn position_of(&self, id: CallId) -> Option<u32> {
        let entry = self.calls.get(&id)?.stage.entry()?;
        Some(self.queues.get(&entry.queue)?.position(entry.place))
    }

    /// How long a caller will still wait, as far as can be told.
    pub(crate) fn further_wait(&self, id: CallId) -> Option<Duration> {
        let call = self.calls.get(&id)?;
        let place = u64::from(self.position_of(id)?);
        let pace = &self.queues.get(&call.stage.entry()?.queue)?.pace;
        let entry = call.stage.entry()?;
        further_wait(place, self.staff_for(&entry.queue, &entry.lane), pace)
    }

    /// How long a call would wait that came to a queue now: in the place of its first entry, if it has waited before.
    pub(crate) fn wait_on_coming(&self, id: CallId, queue: &QueueId) -> Option<Duration> {
        let (rules, line) = (self.plan.queues.get(queue)?, self.queues.get(queue)?);
        let call = self.calls.get(&id)?;
        let ahead = match call.first_entry {
            Some(first) => usize::try_from(line.position(self.place(call.rank_in(rules, false), first)))
                .unwrap_or(usize::MAX),
            None => line.entries.len(),
        };
        self.wait_behind(queue, ahead)
    }

    /// How long one more would wait who came to a queue now, as the last in line.
    pub(crate) fn wait_of_one_more(&self, queue: &QueueId) -> Option<Duration> {
        self.wait_behind(queue, self.queues.get(queue)?.entries.len())
    }

    fn wait_behind(&self, queue: &QueueId, ahead: usize) -> Option<Duration> {
        let (rules, line) = (self.plan.queues.get(queue)?, self.queues.get(queue)?);
        let place = u64::try_from(ahead).unwrap_or(u64::MAX).saturating_add(1);
        let lane = Lane::new(rules, &rules.needs, 0, Duration::ZERO);
        further_wait(place, self.staff_for(queue, &lane), &line.pace)
    }

    /// Who could serve a call that waits in a lane of a queue.
    fn staff_for(&self, queue: &QueueId, lane: &Lane) -> Staff {
        let mut staff = Staff::default();
        for agent in self.agents.values() {
            if !lane.takes_when_older(agent, queue) || !agent.can_be_had_soon() {
                continue;
            }
            let waiting = agent
                .seats
                .keys()
                .filter(|queue| self.queues.get(*queue).is_some_and(|queue| !queue.entries.is_empty()));
            staff.shares += WHOLE / u64::try_from(waiting.count()).unwrap_or(1).max(1);
            let rung = matches!(agent.work, Work::Reserved(_) | Work::Ringing(_) | Work::Connecting(_));
            staff.free += u64::from(rung || agent.is_routable());
        }
        staff
    }
}

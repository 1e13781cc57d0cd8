//! Who hung up while waiting and rings again within a minute stands where she stood: one time, and only where she shows
//! her number (CF C29).

use crate::centre::Centre;
use crate::kept::{instant_of, wall_of};
use crate::queue::millis;
use careline_model::event::EventBody;
use careline_model::{CallId, EntryId, Now, Number, QueueId};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

/// Places that are kept for those who may ring again; the one whose time is up first makes room.
const PLACES_MAX: usize = 10_000;

/// The place of somebody who hung up.
#[derive(Debug, Clone)]
pub(crate) struct LeftPlace {
    queue: QueueId,
    call: CallId,
    /// Her first entry into any queue.
    first: (Instant, EntryId),
    until: Instant,
}

/// All such places, by number; one for a number.
#[derive(Debug, Default)]
pub(crate) struct LeftPlaces {
    by_number: BTreeMap<Number, LeftPlace>,
    by_time: BTreeSet<(Instant, Number)>,
}

/// The same, to be kept over a restart.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct KeptPlace {
    /// Whose.
    pub number: Number,
    /// In which queue.
    pub queue: QueueId,
    /// The call that had it.
    pub call: CallId,
    /// Its first entry into any queue, UTC microseconds.
    pub first_us: i64,
    /// That entry.
    pub entry: EntryId,
    /// Until when it is hers, UTC microseconds.
    pub until_us: i64,
}

impl LeftPlaces {
    pub(crate) fn keep_all(&self, now: Now) -> Vec<KeptPlace> {
        let kept = |(number, place): (&Number, &LeftPlace)| KeptPlace {
            number: number.clone(),
            queue: place.queue.clone(),
            call: place.call,
            first_us: wall_of(place.first.0, now),
            entry: place.first.1,
            until_us: wall_of(place.until, now),
        };
        self.by_number.iter().filter(|(_, place)| place.until >= now.instant).map(kept).collect()
    }

    pub(crate) fn restore(&mut self, kept: Vec<KeptPlace>, now: Now) {
        for place in kept.into_iter().filter(|place| place.until_us > now.wall_us) {
            let KeptPlace { number, queue, call, first_us, entry, until_us } = place;
            let (first, until) = ((instant_of(first_us, now), entry), instant_of(until_us, now));
            self.keep(number, LeftPlace { queue, call, first, until }, now.instant);
        }
    }

    fn keep(&mut self, number: Number, place: LeftPlace, now: Instant) {
        while let Some((_, oldest)) = self.by_time.first().filter(|(until, _)| *until < now).cloned() {
            self.take(&oldest);
        }
        self.take(&number);
        if self.by_number.len() >= PLACES_MAX
            && let Some((_, oldest)) = self.by_time.first().cloned()
        {
            self.take(&oldest);
        }
        self.by_time.insert((place.until, number.clone()));
        self.by_number.insert(number, place);
    }

    fn take(&mut self, number: &Number) -> Option<LeftPlace> {
        let place = self.by_number.remove(number)?;
        self.by_time.remove(&(place.until, number.clone()));
        Some(place)
    }
}

impl Centre {
    /// A waiting caller hung up.
    pub(crate) fn keep_place(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get(&id) else { return };
        let (Some(entry), Some(first)) = (call.stage.entry(), call.first_entry) else { return };
        let time = self.plan.queues.get(&entry.queue).map_or(Duration::ZERO, |queue| queue.reconnect);
        let again = call.resumed || call.caller.is_withheld() || entry.place.is_interrupted();
        let again = again || call.asks.is_some();
        if again || time.is_zero() {
            return;
        }
        let place = LeftPlace { queue: entry.queue.clone(), call: id, first, until: now.instant + time };
        let number = call.caller.clone();
        self.left_places.keep(number, place, now.instant);
    }

    /// A caller comes to her first queue: the place that she left there a moment ago is hers again.
    pub(crate) fn resume_place(&mut self, id: CallId, queue: &QueueId, now: Now) -> Option<LeftPlace> {
        let call = self.calls.get_mut(&id).filter(|call| call.first_entry.is_none())?;
        let known = self.left_places.by_number.get(&call.caller)?;
        if call.caller.is_withheld() || known.queue != *queue || known.until < now.instant {
            return None;
        }
        let place = self.left_places.take(&call.caller)?;
        call.first_entry = Some(place.first);
        call.resumed = true;
        Some(place)
    }

    /// She was to be called back, and rang again herself.
    pub(crate) fn tell_returned(
        &mut self,
        id: CallId,
        (entry, queue): (EntryId, &QueueId),
        earlier: CallId,
        now: Now,
    ) {
        let Some((first, _)) = self.calls.get(&id).and_then(|call| call.first_entry) else { return };
        let age_ms = millis(now.instant.saturating_duration_since(first));
        let queue = queue.clone();
        self.tell(EventBody::QueueResumed { call: id, entry, queue, earlier, age_ms }, now);
    }

    pub(crate) fn tell_resumed(&mut self, id: CallId, entry: EntryId, place: LeftPlace, now: Now) {
        let body = EventBody::QueueResumed {
            call: id,
            entry,
            queue: place.queue,
            earlier: place.call,
            age_ms: millis(now.instant.duration_since(place.first.0)),
        };
        self.tell(body, now);
    }
}

//! Recordings as a media thread sees them: which leg is on which side of which. Nothing here happens per packet.

use std::sync::Arc;

use careline_audio::g711::Law;

use super::Worker;
use super::leg::Track;
use crate::command::LegId;
use crate::config::RecordingSpec;
use crate::recorder::capture::Capture;

impl Worker {
    /// Two legs, two channels.
    pub(super) fn record(&mut self, spec: RecordingSpec, left: LegId, right: LegId) {
        let slots = (self.by_id.get(&left).copied(), self.by_id.get(&right).copied());
        let (Some(slot_left), Some(slot_right)) = slots else {
            return self.refuse(left, right, "a leg is not open");
        };
        if slot_left == slot_right {
            return self.refuse(left, right, "a leg cannot be recorded with itself");
        }
        if let Err(reason) = self.begin_recording(spec, [Some(slot_left), Some(slot_right)]) {
            self.refuse(left, right, reason);
        }
    }

    /// One leg, one channel.
    pub(super) fn record_one(&mut self, spec: RecordingSpec, leg: LegId, tells: bool) {
        let Some(slot) = self.by_id.get(&leg).copied() else {
            return self.refuse(leg, leg, "the leg is not open");
        };
        let id = Arc::clone(&spec.id);
        match self.begin_recording(spec, [Some(slot), None]) {
            Err(reason) => self.refuse(leg, leg, reason),
            Ok(()) if tells => {
                let capture = self.captures.iter_mut().flatten().find(|capture| capture.id == id);
                if let Some(capture) = capture {
                    capture.tell_sound();
                }
            }
            Ok(()) => {}
        }
    }

    fn begin_recording(
        &mut self,
        spec: RecordingSpec,
        slots: [Option<usize>; 2],
    ) -> Result<(), &'static str> {
        if spec.id.is_empty() || spec.id.starts_with('.') || spec.id.contains(['/', '\0']) {
            return Err("the id of the recording is no file name");
        }
        if self.captures.iter().flatten().any(|capture| capture.id == spec.id) {
            return Err("a recording with this id is running");
        }
        let leg = |slot: usize| self.legs[slot].as_ref();
        let has_room = |slot: usize| leg(slot).is_some_and(|leg| leg.tracks.contains(&None));
        if !slots.into_iter().flatten().all(has_room) {
            return Err("a leg is in too many recordings");
        }
        let laws = slots
            .map(|slot| slot.and_then(leg).and_then(|leg| leg.receive_format.codec.law()).unwrap_or(Law::A));
        let id = Arc::clone(&spec.id);
        let channels = if slots[1].is_some() { 2 } else { 1 };
        let shape = self.feed.shape(channels, spec.rate);
        let key = self.feed.start(spec, shape);
        let mut capture = Capture::new(id, key, slots, laws, shape, self.now, &self.feed);
        let index = self.captures.iter().position(Option::is_none).unwrap_or_else(|| {
            self.captures.push(None);
            self.captures.len() - 1
        });
        for (side, slot) in slots.into_iter().enumerate() {
            let Some(leg) = slot.and_then(|slot| self.legs[slot].as_mut()) else { continue };
            if let Some(place) = leg.tracks.iter_mut().find(|track| track.is_none()) {
                *place = Some(Track { capture: index, side });
            }
            if leg.keys_secret {
                capture.hide_keys(side, self.now, &mut self.feed);
            }
        }
        self.captures[index] = Some(capture);
        // Legs that are not G.711 are recorded as they are decoded.
        for slot in slots.into_iter().flatten() {
            self.refresh_pacing(slot);
        }
        Ok(())
    }

    /// Both sides silent.
    pub(super) fn pause_recording(&mut self, id: &str, reason: Arc<str>) {
        let (limit, now) = (self.config.recordings.pause_max, self.now);
        let capture = self.captures.iter_mut().flatten().find(|capture| *capture.id == *id);
        let paused = capture.is_some_and(|capture| capture.pause(reason, limit, now, &mut self.feed));
        self.tally.commands_ignored += u64::from(!paused);
    }

    /// Sound again.
    pub(super) fn resume_recording(&mut self, id: &str) {
        let now = self.now;
        let capture = self.captures.iter_mut().flatten().find(|capture| *capture.id == *id);
        let resumed = capture.is_some_and(|capture| capture.resume(now, &mut self.feed));
        self.tally.commands_ignored += u64::from(!resumed);
    }

    /// Tones of a leg's keys are not to be heard in its recordings, those that begin later as well.
    pub(super) fn mask_digits(&mut self, id: LegId, on: bool) {
        let Some(slot) = self.slot(id) else { return };
        let Some(leg) = self.legs[slot].as_mut() else { return };
        leg.keys_secret = on;
        for track in leg.tracks.iter().flatten() {
            let Some(capture) = self.captures[track.capture].as_mut() else { continue };
            if on {
                capture.hide_keys(track.side, self.now, &mut self.feed);
            } else {
                capture.show_keys(track.side, self.now, &mut self.feed);
            }
        }
    }

    pub(super) fn stop_recording(&mut self, id: &str) {
        let index =
            self.captures.iter().position(|capture| capture.as_ref().is_some_and(|one| *one.id == *id));
        match index {
            Some(index) => self.finish_recording(index),
            None => self.tally.commands_ignored += 1,
        }
    }

    fn finish_recording(&mut self, index: usize) {
        let Some(capture) = self.captures[index].take() else { return };
        for slot in capture.legs.into_iter().flatten() {
            if let Some(leg) = self.legs[slot].as_mut() {
                for track in
                    leg.tracks.iter_mut().filter(|track| track.is_some_and(|one| one.capture == index))
                {
                    *track = None;
                }
            }
        }
        capture.finish(self.now, &mut self.feed);
    }

    pub(super) fn leave_recording(&mut self, track: Track) {
        let Some(capture) = self.captures[track.capture].as_mut() else { return };
        capture.legs[track.side] = None;
        if capture.legs == [None; 2] {
            self.finish_recording(track.capture);
        }
    }
}

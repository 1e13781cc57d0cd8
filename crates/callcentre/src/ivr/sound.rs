//! What the caller hears: one playback or music, never both. Flows and queues name prompts without their language; here
//! they get the call's.

use crate::action::Action;
use crate::call::Stage;
use crate::centre::Centre;
use crate::deadlines::Due;
use careline_model::{CallId, LegId, Now};
use std::sync::Arc;
use std::time::Duration;

/// No prompt is longer; a playback whose end nobody tells is given up after this for each of its prompts.
const PROMPT_LIMIT: Duration = Duration::from_secs(30);

impl Centre {
    pub(crate) fn play(&mut self, id: CallId, prompts: Vec<Arc<str>>, now: Now) {
        let playback = self.ids.next_playback();
        let Some(call) = self.calls.get_mut(&id) else { return };
        if call.sound.music {
            call.sound.music = false;
            self.actions.push_back(Action::Music { leg: call.leg, item: None });
        }
        call.sound.playback = Some(playback);
        let language = call.language.as_deref();
        let prompts: Vec<_> =
            prompts.iter().map(|prompt| self.plan.prompts.named(language, prompt)).collect();
        let limit = PROMPT_LIMIT * u32::try_from(prompts.len()).unwrap_or(u32::MAX).min(100);
        self.deadlines.set(Due::Caller(id), now.instant + limit);
        self.actions.push_back(Action::Play { leg: call.leg, playback, prompts });
    }

    pub(crate) fn playback_done(&mut self, leg: LegId, playback: u64, now: Now) {
        let Some(call) = self.call_of_caller(leg) else { return self.whispered(leg, playback, now) };
        if call.sound.playback != Some(playback) {
            return;
        }
        let id = call.id;
        if let Some(call) = self.calls.get_mut(&id) {
            call.sound.playback = None;
        }
        self.deadlines.stop(&Due::Caller(id));
        self.heard(id, now);
    }

    /// Stops playback and music.
    pub(crate) fn silence(&mut self, id: CallId) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        let leg = call.leg;
        if call.sound.playback.take().is_some() {
            self.actions.push_back(Action::StopPlay { leg });
            self.deadlines.stop(&Due::Caller(id));
        }
        if call.sound.music {
            call.sound.music = false;
            self.actions.push_back(Action::Music { leg, item: None });
        }
    }

    /// The music of the queue the call waits in.
    pub(crate) fn start_music(&mut self, id: CallId) {
        let wants = |call: &&mut crate::call::Call| !call.sound.music && call.has_line();
        let Some(call) = self.calls.get_mut(&id).filter(wants) else { return };
        let Some(entry) = call.stage.entry() else { return };
        if let Some(item) = self.plan.queues.get(&entry.queue).and_then(|queue| queue.music.as_ref()) {
            let item = self.plan.prompts.named(call.language.as_deref(), item);
            call.sound.music = true;
            self.actions.push_back(Action::Music { leg: call.leg, item: Some(item) });
        }
    }

    /// A call was queued and the matcher has looked: who must wait is told so, then hears music.
    pub(crate) fn comfort(&mut self, id: CallId, now: Now) {
        let Some(call) = self.calls.get_mut(&id) else { return };
        if !std::mem::take(&mut call.sound.undecided) {
            return;
        }
        let announce = match &call.stage {
            Stage::Queued(entry) if !entry.place.is_interrupted() => {
                self.plan.queues.get(&entry.queue).and_then(|queue| queue.announce.clone())
            }
            _ => None,
        };
        match announce {
            Some(prompt) => self.play(id, vec![prompt], now),
            None => self.start_music(id),
        }
    }

    /// The offer was lost after its answer, when the music had already stopped.
    pub(crate) fn comfort_again(&mut self, id: CallId) {
        if self.calls.get(&id).is_some_and(|call| matches!(call.stage, Stage::Queued(_) | Stage::Offered(..)))
        {
            self.start_music(id);
        }
    }
}

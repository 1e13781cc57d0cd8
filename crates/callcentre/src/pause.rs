//! A recording that rests while something is said that may not be kept: a card's number, a name that must not be known.
//!
//! The media engine ends a pause by itself when it has lasted too long; then it is told here as any other end of one.

use crate::action::Action;
use crate::call::{Stage, Talk};
use crate::centre::Centre;
use crate::command::CommandError;
use careline_model::event::{EventBody, ResumedBy};
use careline_model::{CallId, Now, RecordingId};
use std::sync::Arc;

impl Centre {
    /// Both sides of a conversation's recording are silent from now on; the conversation itself goes on. `reason` stands
    /// in the recording's side-car and in the event.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`], [`CommandError::NotRecorded`], or [`CommandError::PausedAlready`].
    pub fn pause_recording(&mut self, call: CallId, reason: &str, now: Now) -> Result<(), CommandError> {
        let (recording, paused) = self.recorded_talk(call)?;
        if std::mem::replace(paused, true) {
            return Err(CommandError::PausedAlready { call });
        }
        let reason: Arc<str> = reason.into();
        self.actions
            .push_back(Action::PauseRecording { recording: recording.clone(), reason: reason.clone() });
        self.tell(EventBody::RecordingPaused { call, recording, reason: reason.to_string() }, now);
        self.settle(now);
        Ok(())
    }

    /// Sound again.
    ///
    /// # Errors
    /// [`CommandError::UnknownCall`], [`CommandError::NotRecorded`], or [`CommandError::NotPaused`].
    pub fn resume_recording(&mut self, call: CallId, now: Now) -> Result<(), CommandError> {
        let (recording, paused) = self.recorded_talk(call)?;
        if !std::mem::replace(paused, false) {
            return Err(CommandError::NotPaused { call });
        }
        self.actions.push_back(Action::ResumeRecording { recording: recording.clone() });
        self.tell(EventBody::RecordingResumed { call, recording, by: ResumedBy::Command }, now);
        self.settle(now);
        Ok(())
    }

    /// The engine ended a pause that had lasted too long.
    pub(crate) fn recording_resumed(&mut self, call: CallId, recording: RecordingId, now: Now) {
        let Ok((running, paused)) = self.recorded_talk(call) else { return };
        if running == recording && std::mem::replace(paused, false) {
            self.tell(EventBody::RecordingResumed { call, recording, by: ResumedBy::Limit }, now);
        }
    }

    /// The recording of a conversation, and whether it is paused.
    fn recorded_talk(&mut self, id: CallId) -> Result<(RecordingId, &mut bool), CommandError> {
        let call = self.calls.get_mut(&id).ok_or(CommandError::UnknownCall { call: id })?;
        match &mut call.stage {
            Stage::Talking(Talk { recording: Some(recording), paused, .. }) => {
                Ok((recording.clone(), paused))
            }
            _ => Err(CommandError::NotRecorded { call: id }),
        }
    }
}

//! What happened, for people: each input with its virtual time, and what the switch told in between.

use crate::exchange::Exchange;
use crate::hospital::Hospital;
use crate::script::{Happening, What};
use crate::world::{Who, World};
use careline_callcentre::{Action, Input};
use careline_model::{EventBody, LegId};
use std::fmt;
use std::time::Duration;

/// One line of a story.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Line {
    /// From the beginning.
    pub at: Duration,
    /// It came from outside; else the switch told it.
    pub from_outside: bool,
    /// What.
    pub text: String,
}

impl fmt::Display for Line {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (seconds, millis) = (self.at.as_secs(), self.at.subsec_millis());
        let (hours, minutes, seconds) = (seconds / 3600, seconds / 60 % 60, seconds % 60);
        let mark = if self.from_outside { "->" } else { "   <-" };
        write!(f, "{hours:02}:{minutes:02}:{seconds:02}.{millis:03} {mark} {}", self.text)
    }
}

/// An input in words.
fn words(input: &Input, name: impl Fn(LegId) -> String) -> String {
    match input {
        Input::Arrived { leg, dialled, .. } => format!("{} calls {dialled}", name(*leg)),
        Input::CallerUp { leg } => format!("{} is up", name(*leg)),
        Input::LegEnded { leg, why } => format!("{} ends: {why:?}", name(*leg)),
        Input::Digit { leg, digit, .. } => format!("{} presses {digit}", name(*leg)),
        Input::PlaybackDone { leg, playback } => format!("{} has heard playback {playback}", name(*leg)),
        Input::PhoneDialled { leg, dialled, .. } => format!("{} dials {dialled}", name(*leg)),
        Input::TransferAsked { leg, refer, to } => {
            format!("{} asks for transfer {refer} to {to:?}", name(*leg))
        }
        Input::Ringing { leg } => format!("{} rings", name(*leg)),
        Input::Answered { leg } => format!("{} answers", name(*leg)),
        Input::Refused { leg, why } => format!("{} refuses: {why:?}", name(*leg)),
        Input::Bridged { leg } => format!("{} is joined", name(*leg)),
        Input::Held { leg, held: true } => format!("{} holds", name(*leg)),
        Input::Held { leg, held: false } => format!("{} resumes", name(*leg)),
        Input::DeviceUp { agent } => format!("the phone of agent {agent} registers"),
        Input::DeviceGone { agent } => format!("the phone of agent {agent} is gone"),
        Input::DeviceBusy { agent, busy } => format!("the phone of agent {agent} is busy: {busy}"),
        other => format!("{other:?}"),
    }
}

impl<E: Exchange> World<E> {
    fn line(&mut self, from_outside: bool, text: String) {
        let at = self.elapsed();
        if let Some(log) = self.log() {
            log.push(Line { at, from_outside, text });
        }
    }

    fn name(&self, leg: LegId) -> String {
        match self.who(leg) {
            Some(Who::Patient(number)) => format!("patient {number}"),
            Some(Who::Agent(number)) => format!("agent {} ({leg})", Hospital::agent(number)),
            Some(Who::Dialler(number)) => format!("the phone of agent {} ({leg})", Hospital::agent(number)),
            Some(Who::Outside) => format!("the party outside ({leg})"),
            None => format!("leg {leg}, which is over,"),
        }
    }

    pub(crate) fn note_given(&mut self, input: &Input) {
        if self.log().is_some() {
            let text = words(input, |leg| self.name(leg));
            self.line(true, text);
        }
    }

    pub(crate) fn note_text(&mut self, text: impl FnOnce() -> String) {
        if self.log().is_some() {
            self.line(true, text());
        }
    }

    /// Faults and orders that show in no input of their own.
    pub(crate) fn note_begun(&mut self, happening: &Happening) {
        if let What::Fault(_) | What::Act(_) | What::Storm { .. } = happening.what {
            self.note_text(|| format!("{:?}", happening.what));
        }
    }

    pub(crate) fn note(&mut self, action: &Action) {
        if self.log().is_none() {
            return;
        }
        if let Action::Emit(event) = action
            && !matches!(event.body, EventBody::FlowNode { .. } | EventBody::Digit { .. })
        {
            let text = format!("{:?}", event.body);
            self.line(false, text);
        }
    }
}

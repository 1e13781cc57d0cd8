//! Copper lines: a gateway says 200 as soon as it has the line, and BYE never or late; what happens is told by tones.
//!
//! ```text
//!  200 --> unanswered --voice, or no ring-back for `answer_after_silence_s`--> answered
//!              |  \--ring-back--> (waits anew)                                    |
//!              '-----------------busy, congestion----------------> refused        '--busy--> released, as by BYE
//! ```
//!
//! What it is not: the tones themselves are known in the media engine. A melody instead of a ring-back tone, and an
//! announcement of the network, cannot be told from a voice: such calls count as answered early.

use super::report::Report;
use crate::output::{LineTone, MediaOrder};
use crate::switchboard::Switchboard;
use careline_callcentre::LegEnd;
use careline_model::config::plan::Trunk;
use careline_model::{LegId, Now};
use std::time::{Duration, Instant};

/// The gateway still dials, and its digits are heard; nobody is reached any sooner.
const DIALLING: Duration = Duration::from_secs(3);
/// Said to the gateway (RFC 3326; Q.850 16 is normal clearing).
const BUSY_TONE: &str = "Q.850;cause=16;text=\"Busy tone\"";
/// What a busy tone before anybody answered means.
const BUSY: u16 = 486;
/// What congestion means.
const NO_WAY: u16 = 503;

/// A call whose gateway has answered.
#[derive(Debug)]
pub(super) struct Unanswered {
    since: Instant,
    /// Silence that means an answer.
    silence: Duration,
    /// When that is over.
    answered_at: Instant,
}

impl Unanswered {
    /// When silence will have been an answer.
    pub fn answered_at(&self) -> Instant {
        self.answered_at
    }
}

impl Switchboard {
    fn line_of(&self, leg: LegId) -> Option<&Trunk> {
        let trunk = self.trunks.trunk_of(leg)?;
        self.plan.trunks.get(trunk).filter(|trunk| trunk.is_listened_to())
    }

    /// The media engine has the leg: it listens, if the leg is on a copper line.
    pub(crate) fn listen_to_line(&mut self, leg: LegId) {
        if let Some(trunk) = self.line_of(leg) {
            let frequencies_hz = trunk.tones.frequencies_hz.as_slice().into();
            self.media(MediaOrder::WatchTones { leg, frequencies_hz });
        }
    }

    /// The gateway has answered; whether somebody behind it is still waited for.
    pub(super) fn waits_for_a_voice(&mut self, now: Now, leg: LegId) -> bool {
        let Some(trunk) = self.line_of(leg).filter(|trunk| !trunk.answer_supervision) else { return false };
        let (since, silence) = (now.instant, trunk.tones.answer_after_silence);
        self.trunks.unanswered.insert(leg, Unanswered { since, silence, answered_at: since + silence });
        true
    }

    /// The line says something.
    pub(crate) fn line_tone(&mut self, now: Now, leg: LegId, tone: LineTone) {
        let Some(trunk) = self.line_of(leg) else { return };
        let release = trunk.tones.release_on_busy;
        let Some(waiting) = self.trunks.unanswered.get_mut(&leg) else {
            let over = matches!(tone, LineTone::Busy | LineTone::Congestion);
            // A leg that is dialled without an answer yet may say busy in its early media; its response comes.
            if release && over && !self.trunks.attempts.contains_key(&leg) {
                self.leg_over(now, leg, Some(BUSY_TONE), LegEnd::HungUp);
            }
            return;
        };
        match tone {
            LineTone::Dial | LineTone::RingBack => waiting.answered_at = now.instant + waiting.silence,
            LineTone::Sound if now.instant >= waiting.since + DIALLING => self.somebody_answered(now, leg),
            LineTone::Sound => {}
            LineTone::Busy => self.line_refuses(now, leg, BUSY),
            LineTone::Congestion => self.line_refuses(now, leg, NO_WAY),
        }
    }

    /// Those on whose lines nothing was heard for long enough.
    pub(super) fn silence_answers(&mut self, now: Now) {
        let silent = |(leg, one): (&LegId, &Unanswered)| (one.answered_at <= now.instant).then_some(*leg);
        let answered: Vec<LegId> = self.trunks.unanswered.iter().filter_map(silent).collect();
        for leg in answered {
            self.somebody_answered(now, leg);
        }
    }

    fn somebody_answered(&mut self, now: Now, leg: LegId) {
        self.trunks.unanswered.remove(&leg);
        self.report(now, leg, Report::Answered);
    }

    fn line_refuses(&mut self, now: Now, leg: LegId, status: u16) {
        self.trunks.unanswered.remove(&leg);
        if let Some(dialog) = self.legs.get(leg).map(|leg| leg.dialog) {
            self.endpoint.hang_up(now.instant, dialog, Some(BUSY_TONE));
        }
        self.trunks.causes.insert(leg, (status, None));
        self.outside_refused(now, leg, status);
    }
}

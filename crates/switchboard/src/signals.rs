//! What happened on the wire and in the media engine, said in the words of the call centre.

use crate::inbound::ECHO_PLAYBACK;
use crate::leg::Role;
use crate::output::{MediaOrder, MediaSignal, Output};
use crate::switchboard::Switchboard;
use careline_callcentre::{Input, LegEnd, RefusedBy};
use careline_model::{LegId, Now};
use careline_sdp::{Direction, RemoteAudio};
use careline_sip::{DialogId, EndCause, Event, Reason};
use rand_core::RngCore;

impl Switchboard {
    pub(crate) fn take_signal(&mut self, now: Now, event: Event) {
        match event {
            Event::Ringing { dialog, status, sdp, .. } => self.ringing(now, dialog, status, sdp.as_deref()),
            Event::Answered { dialog, sdp } => self.answered(now, dialog, sdp.as_deref()),
            Event::Refused { dialog, status, cause, .. } => self.refused(now, dialog, status, cause),
            Event::Acked { dialog, sdp } => self.acknowledged(now, dialog, sdp.as_deref()),
            Event::Cancelled { dialog, .. } => self.dialog_gone(now, dialog, LegEnd::Cancelled),
            Event::Ended { dialog, cause, .. } => {
                let why = match cause {
                    EndCause::RemoteBye => LegEnd::HungUp,
                    _ => LegEnd::Failed,
                };
                self.dialog_gone(now, dialog, why);
            }
            Event::ReofferDone { dialog, sdp } => self.reoffer_done(now, dialog, sdp.as_deref()),
            // The media stay as they were; reliable provisional responses of ours carry no offer.
            Event::ReofferFailed { .. } | Event::EarlyAnswer { .. } => {}
            Event::Reoffer { dialog, sdp } => self.reoffered(now, dialog, sdp.as_deref()),
            Event::Info { dialog, content_type, body } => {
                if let Some(leg) = self.legs.of(dialog) {
                    self.info(now, leg, &content_type, &body);
                }
            }
            Event::Referred { dialog, refer, to, replaces, .. } => {
                self.referred(now, dialog, refer, &to, replaces.as_ref());
            }
            Event::Response { transaction, response } => self.trunk_response(now, transaction, &response),
            // We send no REFER.
            Event::ReferProgress { .. } => {}
        }
    }

    fn is_outside(&self, id: LegId) -> bool {
        self.legs.get(id).is_some_and(|leg| leg.role == Role::Outside)
    }

    fn dialog_gone(&mut self, now: Now, dialog: DialogId, why: LegEnd) {
        if let Some(leg) = self.legs.of(dialog) {
            self.leg_gone(now, leg, why);
        }
    }

    fn ringing(&mut self, now: Now, dialog: DialogId, status: u16, sdp: Option<&[u8]>) {
        let Some(id) = self.legs.of(dialog) else { return };
        // 100 is only a hop's word; the phone itself has not rung.
        if status <= 100 {
            return;
        }
        if self.is_outside(id) {
            return self.outside_ringing(now, id, dialog, sdp);
        }
        self.branch_rings(id, dialog);
        self.centre.handle(Input::Ringing { leg: id }, now);
    }

    fn answered(&mut self, now: Now, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(id) = self.legs.of(dialog) else { return };
        if self.is_outside(id) {
            return self.outside_answered(now, id, dialog, sdp);
        }
        let at = self.branch_at(id, dialog);
        let Some(leg) = self.legs.get_mut(id) else { return };
        match leg.read_answer(sdp) {
            Ok(remote) => {
                leg.signalled_from = at.or(leg.signalled_from);
                leg.agree(remote);
                self.branch_answered(now, id, dialog);
                self.describe_media(id);
                self.centre.handle(Input::Answered { leg: id }, now);
            }
            // RFC 3261 13.2.2.4: an answer that is no use ends the call with a BYE.
            Err(_) => {
                self.endpoint.hang_up(now.instant, dialog, None);
                self.branch_over(now, id, dialog, RefusedBy::Unreachable, false);
            }
        }
    }

    fn refused(&mut self, now: Now, dialog: DialogId, status: u16, cause: Option<u16>) {
        let Some(id) = self.legs.of(dialog) else { return };
        if self.is_outside(id) {
            // Gateways say 500 or 503 for a busy party; what the telephone network said of her is the better word.
            let word = cause.and_then(Reason::status_of_called_party).filter(|_| matches!(status, 400..=599));
            self.trunks.causes.insert(id, (status, cause));
            let status = word.unwrap_or(status);
            return self.outside_over(now, id, dialog, status);
        }
        let ringing = self.branch_rang(id, dialog);
        let why = match status {
            // 486 after ringing is the decline key; before it, the phone is in another call.
            486 | 600 if !ringing => RefusedBy::Busy,
            // A redirection is not followed: a stranger would choose what we dial.
            300..=399 | 486 | 600 | 603 | 480 | 403 | 433 => RefusedBy::Rejected,
            408 | 487 if ringing => RefusedBy::NoAnswer,
            _ => RefusedBy::Unreachable,
        };
        self.branch_over(now, id, dialog, why, status >= 600);
    }

    fn acknowledged(&mut self, now: Now, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(id) = self.legs.of(dialog) else { return };
        let Some(leg) = self.legs.get(id) else { return };
        let (first, answer) = (leg.remote.is_none(), leg.read_answer(sdp));
        // The answer to a late offer of ours comes with the ACK, to the first INVITE as to any later one.
        match (answer, first) {
            (Ok(remote), _) => self.redescribed(now, id, remote),
            (Err(_), true) => return self.leg_failed(now, id, LegEnd::Failed),
            // Nothing was asked, or the answer is no use: the media stay as they were.
            (Err(_), false) => {}
        }
        if !first && sdp.is_some() {
            return;
        }
        if let Some(old) = self.replacing.remove(&id) {
            return self.centre.handle(Input::Replaced { old, by: id }, now);
        }
        let ours = |role: &Role| matches!(role, Role::Caller | Role::Dialler { .. });
        if self.legs.get(id).is_some_and(|leg| ours(&leg.role)) {
            self.centre.handle(Input::CallerUp { leg: id }, now);
        }
    }

    /// A new offer within the call: hold, resume, a new address.
    fn reoffered(&mut self, now: Now, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(id) = self.legs.of(dialog) else { return };
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.local.version += 1;
        let Some(offer) = sdp else {
            return match leg.say_offer() {
                Ok(sdp) => self.endpoint.answer_reoffer(now.instant, dialog, &sdp),
                Err(_) => self.endpoint.refuse_reoffer(now.instant, dialog, 488),
            };
        };
        match leg.say_answer_to(offer, |bytes| self.rng.fill_bytes(bytes)) {
            Ok((remote, sdp)) => {
                self.endpoint.answer_reoffer(now.instant, dialog, &sdp);
                self.redescribed(now, id, remote);
            }
            // RFC 3264 8: a refused offer leaves the call as it was.
            Err(_) => self.endpoint.refuse_reoffer(now.instant, dialog, 488),
        }
    }

    /// The peer's side of the media is another one.
    fn redescribed(&mut self, now: Now, id: LegId, remote: RemoteAudio) {
        // A phone that will not hear us holds the call (RFC 3264 8.4).
        let held = matches!(remote.direction, Direction::SendOnly | Direction::Inactive);
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.agree(remote);
        self.describe_media(id);
        self.centre.handle(Input::Held { leg: id, held }, now);
    }

    /// The peer answered an offer of ours, or a refresh of the session, with where its media are now.
    fn reoffer_done(&mut self, now: Now, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(id) = self.legs.of(dialog) else { return };
        let answer = self.legs.get(id).map(|leg| leg.read_answer(sdp));
        if let Some(Ok(remote)) = answer {
            self.redescribed(now, id, remote);
        }
    }

    pub(crate) fn take_media(&mut self, now: Now, signal: MediaSignal) {
        match signal {
            MediaSignal::Digit { leg, digit, duration_ms } => self.key_heard(now, leg, digit, duration_ms),
            MediaSignal::Tone { leg, tone } => self.line_tone(now, leg, tone),
            MediaSignal::PlaybackDone { leg, playback } => self.playback_done(now, leg, playback),
            MediaSignal::TimedOut { leg } => self.leg_failed(now, leg, LegEnd::MediaTimeout),
            MediaSignal::Failed { leg } => self.leg_failed(now, leg, LegEnd::Failed),
            MediaSignal::Quality { leg, figures } => self.leg_read(now, leg, figures),
            MediaSignal::LegClosed { leg, figures } => self.leg_closed(now, leg, figures),
            MediaSignal::RecordingStarted { recording, call } => {
                self.centre.handle(Input::RecordingStarted { recording, call }, now);
            }
            MediaSignal::RecordingFinished { recording, call, duration_ms, bytes, sha256, complete } => {
                let input =
                    Input::RecordingFinished { recording, call, duration_ms, bytes, sha256, complete };
                self.centre.handle(input, now);
            }
            MediaSignal::Spoke { recording, call } => {
                self.centre.handle(Input::Spoke { call, recording }, now);
            }
            MediaSignal::RecordingResumed { recording, call } => {
                self.centre.handle(Input::RecordingResumed { recording, call }, now);
            }
            MediaSignal::RecordingIncomplete { recording, call, reason } => {
                self.centre.handle(Input::RecordingIncomplete { recording, call, reason }, now);
            }
        }
    }

    fn playback_done(&mut self, now: Now, leg: LegId, playback: u64) {
        let echo = self.legs.get(leg).is_some_and(|leg| matches!(leg.role, Role::Echo { .. }));
        if echo && playback == ECHO_PLAYBACK {
            self.outputs.push_back(Output::Media(MediaOrder::Echo { leg }));
        } else {
            self.centre.handle(Input::PlaybackDone { leg, playback }, now);
        }
    }
}

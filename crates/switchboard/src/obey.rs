//! What the call centre wants done, said in SIP and to the media engine.

use crate::inbound::{CODECS, RETRY_AFTER_S};
use crate::output::{FlowQuestion, MediaOrder, MessageOrder, Output, Question, RecordingOrder, TrackOrder};
use crate::phone_call::status_of;
use crate::switchboard::Switchboard;
use crate::trunk::OutsideCall;
use careline_callcentre::{Action, Input, LegEnd, Refusal, StopRinging};
use careline_model::{AgentId, CallId, CallerName, EventBody, LegId, Now, Number};
use careline_sdp::Codec;
use careline_sip::{DialogId, Flow, NameAddr, OutgoingInvite, ReferId, Reliable, Uri};
use std::time::Duration;

/// Where an agent's phone is.
pub(crate) struct Target {
    pub flow: Flow,
    pub uri: Uri,
    /// RFC 3327: the proxies between us and the phone.
    pub route: Vec<String>,
}

/// An agent's phone to be rung, as the call centre says it.
pub(crate) struct Ring {
    pub leg: LegId,
    pub call: CallId,
    pub agent: AgentId,
    pub caller: Number,
    pub label: CallerName,
    pub timeout: Duration,
    /// The phone is to answer by itself.
    pub auto_answer: bool,
}

impl Switchboard {
    pub(crate) fn obey(&mut self, now: Now, action: Action) {
        match action {
            Action::Answer { leg, call } => self.answer(now, leg, call),
            Action::Refuse { leg, why } => self.refuse(now, leg, why),
            Action::Play { leg, playback, prompts } => {
                self.media(MediaOrder::Play { leg, playback, prompts })
            }
            Action::StopPlay { leg } => self.media(MediaOrder::StopPlay { leg }),
            Action::Music { leg, item } => self.media(MediaOrder::Music { leg, item }),
            Action::LookUp { call, caller, dialled } => {
                self.outputs.push_back(Output::LookUp(Question { call, caller, dialled }));
            }
            Action::FlowLookUp { call, look_up, query, variables } => {
                self.outputs.push_back(Output::Ask(FlowQuestion { call, look_up, query, variables }));
            }
            Action::Ring { leg, call, agent, caller, label, timeout, auto_answer } => {
                self.ring(now, Ring { leg, call, agent, caller, label, timeout, auto_answer });
            }
            Action::Dialled { leg, call } => self.dialled(leg, call),
            Action::Adopt { leg, call } => self.adopt(leg, call),
            Action::DialOutside { leg, call, by, group, number, caller_id, timeout } => {
                let (codecs, max_forwards) = (self.codecs_for(call), self.forwards_left(call));
                // RFC 3323: a phone of ours may hide its number, as anybody may.
                let hidden = self.is_hidden(call).then(|| Number::from(""));
                let own = || by.and_then(|by| self.plan.dialling.caller_ids.get(&by).cloned());
                let caller_id = hidden.or(caller_id).or_else(own);
                let out = OutsideCall { leg, call, group, number, caller_id, codecs, max_forwards, timeout };
                self.dial_out(now, out);
            }
            Action::PickUp { leg, call } => self.pick_up(now, leg, call),
            Action::Alert { leg } => self.alert(now, leg),
            Action::PassEarlyMedia { leg, from } => self.pass_early_media(now, leg, from),
            Action::AcceptTransfer { refer } => self.endpoint.accept_refer(now.instant, ReferId(refer)),
            Action::RefuseTransfer { refer, why } => {
                self.endpoint.refuse_refer(now.instant, ReferId(refer), status_of(why));
            }
            Action::TransferProgress { refer, news } => self.transfer_news(now, ReferId(refer), news),
            Action::StopRinging { leg, why } => self.stop_ringing(now, leg, why),
            Action::Bridge { call, caller, agent } => {
                self.join_legs(call, caller, agent);
                // Both descriptions are agreed and both sockets are open: the way is set up both ways.
                self.centre.handle(Input::Bridged { leg: caller }, now);
            }
            Action::Part { caller, agent } => self.part_legs(caller, agent),
            Action::Record { recording, call, caller, agent, details } => {
                let order = RecordingOrder { recording, call, caller, agent, details };
                self.media(MediaOrder::Record(Box::new(order)));
            }
            Action::RecordCaller { recording, call, leg, mailbox, details } => {
                let order = MessageOrder { recording, call, leg, mailbox, details };
                self.media(MediaOrder::RecordOne(Box::new(order)));
            }
            Action::PlayRecording { leg, playback, recording } => {
                self.media(MediaOrder::PlayRecording { leg, playback, recording });
            }
            Action::Gather { leg, call } => self.gather(leg, call),
            Action::Overhear { leg, others } => self.media(MediaOrder::Overhear { leg, others }),
            Action::RecordAlone { recording, call, leg, track, details } => {
                let order = TrackOrder { recording, call, leg, track, details };
                self.media(MediaOrder::RecordTrack(Box::new(order)));
            }
            Action::MaskKeys { leg, on } => self.media(MediaOrder::MaskDigits { leg, on }),
            Action::PauseRecording { recording, reason } => {
                self.media(MediaOrder::PauseRecording { recording, reason });
            }
            Action::ResumeRecording { recording } => self.media(MediaOrder::ResumeRecording { recording }),
            Action::StopRecording { recording } => self.media(MediaOrder::StopRecording { recording }),
            Action::HangUp { leg, .. } => self.end_leg(now, leg, None),
            Action::Emit(event) => {
                if let EventBody::CallEnded { call, .. } = event.body {
                    self.legs.forget_call(call);
                }
                self.outputs.push_back(Output::Journal(event));
            }
        }
    }

    pub(crate) fn media(&mut self, order: MediaOrder) {
        self.outputs.push_back(Output::Media(order));
    }

    /// Says which call a dialog belongs to; each dialog of a call is named once.
    pub(crate) fn name_leg(&mut self, dialog: DialogId, call: CallId) {
        if let Some(sip_call_id) = self.endpoint.call_id(dialog).map(str::to_owned) {
            self.outputs.push_back(Output::Named { sip_call_id, call });
        }
    }

    fn dialog_of(&self, leg: LegId) -> Option<DialogId> {
        self.legs.get(leg).map(|leg| leg.dialog)
    }

    fn answer(&mut self, now: Now, leg: LegId, call: CallId) {
        if let Some(dialog) = self.dialog_of(leg) {
            if self.legs.caller_of(call) != Some(leg) {
                self.name_leg(dialog, call);
                self.legs.set_caller(call, leg);
            }
            self.answer_leg(now, leg, dialog, self.legs.group(call));
        }
    }

    fn refuse(&mut self, now: Now, leg: LegId, why: Refusal) {
        let Some(dialog) = self.dialog_of(leg) else { return };
        let headers: &[(&str, &str)] = match why {
            Refusal::Full | Refusal::Draining => &[("Retry-After", RETRY_AFTER_S)],
            _ => &[],
        };
        self.endpoint.reject(now.instant, dialog, status_of(why), headers);
        self.close_leg(leg);
    }

    /// Ends a leg from our side, in whatever state its dialog is.
    fn end_leg(&mut self, now: Now, leg: LegId, reason: Option<&str>) {
        self.hang_up_leg(now, leg, reason);
        self.close_leg(leg);
    }

    /// The dialog of a leg, or all of them while several phones ring.
    fn hang_up_leg(&mut self, now: Now, leg: LegId, reason: Option<&str>) {
        if !self.take_back_branches(now, leg, reason)
            && let Some(dialog) = self.dialog_of(leg)
        {
            self.endpoint.hang_up(now.instant, dialog, reason);
        }
    }

    fn stop_ringing(&mut self, now: Now, leg: LegId, why: StopRinging) {
        // RFC 3326: tells a phone with several ends whether to note a missed call.
        let reason = match why {
            StopRinging::AnsweredElsewhere => Some("SIP;cause=200;text=\"Call completed elsewhere\""),
            StopRinging::NoAnswer
            | StopRinging::CallerLeft
            | StopRinging::DeviceLost
            | StopRinging::Command => None,
        };
        self.end_leg(now, leg, reason);
    }

    pub(crate) fn invite_to(&self, target: &Target, ring: &Ring, sdp: Vec<u8>) -> OutgoingInvite {
        let realm = &self.plan.sip.realm;
        let user = if ring.caller.is_withheld() { "anonymous" } else { ring.caller.as_str() };
        // The name is the directory's. What a stranger calls himself is not shown: anybody can call himself anything.
        let display = (!ring.label.is_empty()).then(|| ring.label.as_str().to_owned());
        let from = NameAddr { display, ..NameAddr::new(Uri::sip(Some(user), realm, None)) };
        let mut headers = vec![
            ("P-Asserted-Identity".to_owned(), from.to_string()),
            ("Max-Forwards".to_owned(), self.forwards_left(ring.call).to_string()),
        ];
        if ring.auto_answer {
            // No standard is followed by all: softphones and some desk phones know the first, other desk phones the second.
            headers.push(("Call-Info".to_owned(), format!("<sip:{realm}>;answer-after=0")));
            headers
                .push(("Alert-Info".to_owned(), format!("<http://{realm}>;info=alert-autoanswer;delay=0")));
        }
        OutgoingInvite {
            flow: target.flow,
            uri: target.uri.clone(),
            from,
            to: NameAddr::new(Uri::sip(Some(ring.agent.as_str()), realm, None)),
            contact: self.contact_in(target.flow, &target.uri),
            headers,
            sdp,
            // The offer's own deadline comes first; this one is the net below it.
            timeout: ring.timeout + Duration::from_secs(2),
            credentials: None,
            auth_realm: None,
            route: target.route.clone(),
            reliable: Reliable::default(),
            session_expires: None,
        }
    }

    /// The codec that the caller speaks: offered first to others, so that the media engine need not translate.
    pub(crate) fn codec_spoken_in(&self, call: CallId) -> Option<Codec> {
        let caller = self.legs.caller_of(call).and_then(|leg| self.legs.get(leg));
        caller.and_then(|leg| leg.remote.as_ref()).map(|remote| remote.codec)
    }

    /// The same, and then those that everybody speaks.
    fn codecs_for(&self, call: CallId) -> Vec<Codec> {
        let spoken = self.codec_spoken_in(call);
        spoken.into_iter().chain(CODECS.iter().copied().filter(|codec| Some(*codec) != spoken)).collect()
    }

    /// A leg's media gave up: the dialog is ended too.
    pub(crate) fn leg_failed(&mut self, now: Now, leg: LegId, why: LegEnd) {
        self.leg_over(now, leg, None, why);
    }

    /// A leg is over for what is heard on it: the dialog is ended, with a Reason for the peer.
    pub(crate) fn leg_over(&mut self, now: Now, leg: LegId, reason: Option<&str>, why: LegEnd) {
        self.hang_up_leg(now, leg, reason);
        self.leg_gone(now, leg, why);
    }
}

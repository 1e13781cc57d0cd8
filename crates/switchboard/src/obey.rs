//! What the call centre wants done, said in SIP and to the media engine.

use crate::inbound::RETRY_AFTER_S;
use crate::leg::{Leg, Role};
use crate::output::{MediaOrder, Output, Question, RecordingOrder};
use crate::switchboard::Switchboard;
use careline_callcentre::{Action, Input, LegEnd, Refusal, RefusedBy, StopRinging};
use careline_model::{AgentId, CallId, CallerName, LegId, Now, Number};
use careline_sdp::Codec;
use careline_sip::{DialogId, Flow, NameAddr, OutgoingInvite, Uri};
use std::time::Duration;

/// Where an agent's phone is.
struct Target {
    flow: Flow,
    uri: Uri,
    /// RFC 3327: the proxies between us and the phone.
    route: Vec<String>,
}

/// An agent's phone to be rung, as the call centre says it.
struct Ring {
    leg: LegId,
    call: CallId,
    agent: AgentId,
    caller: Number,
    label: CallerName,
    timeout: Duration,
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
            Action::Ring { leg, call, agent, caller, label, timeout } => {
                self.ring(now, &Ring { leg, call, agent, caller, label, timeout });
            }
            Action::StopRinging { leg, why } => self.stop_ringing(now, leg, why),
            Action::Bridge { caller, agent, .. } => {
                self.media(MediaOrder::Bridge { caller, agent });
                // Both descriptions are agreed and both sockets are open: the way is set up both ways.
                self.centre.handle(Input::Bridged { leg: caller }, now);
            }
            Action::Part { caller, agent } => self.media(MediaOrder::Unbridge { caller, agent }),
            Action::Record { recording, call, caller, agent, details } => {
                let order = RecordingOrder { recording, call, caller, agent, details };
                self.media(MediaOrder::Record(Box::new(order)));
            }
            Action::StopRecording { recording } => self.media(MediaOrder::StopRecording { recording }),
            Action::HangUp { leg, .. } => self.end_leg(now, leg, None),
            Action::Emit(event) => self.outputs.push_back(Output::Journal(event)),
        }
    }

    fn media(&mut self, order: MediaOrder) {
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
            self.name_leg(dialog, call);
            self.legs.set_caller(call, leg);
            self.answer_leg(now, leg, dialog, call.low_bits());
        }
    }

    fn refuse(&mut self, now: Now, leg: LegId, why: Refusal) {
        let Some(dialog) = self.dialog_of(leg) else { return };
        let (status, headers): (u16, &[(&str, &str)]) = match why {
            Refusal::UnknownNumber => (404, &[]),
            Refusal::Full | Refusal::Draining => (503, &[("Retry-After", RETRY_AFTER_S)]),
        };
        self.endpoint.reject(now.instant, dialog, status, headers);
        self.close_leg(leg);
    }

    /// Ends a leg from our side, in whatever state its dialog is.
    fn end_leg(&mut self, now: Now, leg: LegId, reason: Option<&str>) {
        if let Some(dialog) = self.dialog_of(leg) {
            self.endpoint.hang_up(now.instant, dialog, reason);
            self.close_leg(leg);
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

    fn ring(&mut self, now: Now, ring: &Ring) {
        if !self.try_ring(now, ring) {
            self.centre.handle(Input::Refused { leg: ring.leg, why: RefusedBy::Unreachable }, now);
        }
    }

    fn try_ring(&mut self, now: Now, ring: &Ring) -> bool {
        let Some(target) = self.target_of(&ring.agent) else { return false };
        let Some((socket, told)) = self.take_port(target.flow) else { return false };
        let local = self.local_audio(told);
        let sdp = careline_sdp::offer(&local, &self.codecs_for(ring.call));
        let invite = self.invite_to(&target, ring, sdp);
        let Ok(dialog) = self.endpoint.invite(now.instant, invite) else {
            self.ports.put_back(socket);
            return false;
        };
        self.name_leg(dialog, ring.call);
        self.media(MediaOrder::Open { leg: ring.leg, call: ring.call.low_bits(), socket });
        let role = Role::Agent { ringing: false };
        let leg = Leg { role, dialog, socket, local, remote: None, offer: None, call: None, open: true };
        self.legs.insert(ring.leg, leg);
        true
    }

    fn invite_to(&self, target: &Target, ring: &Ring, sdp: Vec<u8>) -> OutgoingInvite {
        let realm = &self.plan.sip.realm;
        let user = if ring.caller.is_withheld() { "anonymous" } else { ring.caller.as_str() };
        // The name is the directory's. What a stranger calls himself is not shown: anybody can call himself anything.
        let display = (!ring.label.is_empty()).then(|| ring.label.as_str().to_owned());
        let from = NameAddr { display, ..NameAddr::new(Uri::sip(Some(user), realm, None)) };
        let identity = from.to_string();
        let routes = target.route.iter().map(|one| ("Route".to_owned(), one.clone()));
        OutgoingInvite {
            flow: target.flow,
            uri: target.uri.clone(),
            from,
            to: NameAddr::new(Uri::sip(Some(ring.agent.as_str()), realm, None)),
            contact: self.contact(target.flow),
            headers: [("P-Asserted-Identity".to_owned(), identity)].into_iter().chain(routes).collect(),
            sdp,
            // The offer's own deadline comes first; this one is the net below it.
            timeout: ring.timeout + Duration::from_secs(2),
            credentials: None,
        }
    }

    /// The codec that the caller speaks comes first, so that the media engine need not translate.
    fn codecs_for(&self, call: CallId) -> Vec<Codec> {
        let caller = self.legs.caller_of(call).and_then(|leg| self.legs.get(leg));
        match caller.and_then(|leg| leg.remote.as_ref()).map(|remote| remote.codec) {
            Some(Codec::Pcmu) => vec![Codec::Pcmu, Codec::Pcma],
            Some(Codec::Pcma) | None => vec![Codec::Pcma, Codec::Pcmu],
        }
    }

    /// The preferred registration, or the configured address of a phone that does not register.
    fn target_of(&self, agent: &AgentId) -> Option<Target> {
        if let Some(binding) = self.registrar.lookup(agent.as_str()).first() {
            return Some(Target {
                flow: binding.flow,
                uri: binding.contact.clone(),
                route: binding.path.clone(),
            });
        }
        let uri: Uri = self.plan.agents.get(agent)?.contact.as_deref()?.parse().ok()?;
        let host = uri.host().trim_start_matches('[').trim_end_matches(']').parse().ok()?;
        let remote = std::net::SocketAddr::new(host, uri.port().unwrap_or(5060));
        Some(Target { flow: self.udp_flow_to(remote)?, uri, route: Vec::new() })
    }

    /// A leg's media gave up: the dialog is ended too.
    pub(crate) fn leg_failed(&mut self, now: Now, leg: LegId, why: LegEnd) {
        if let Some(dialog) = self.dialog_of(leg) {
            self.endpoint.hang_up(now.instant, dialog, None);
            self.leg_gone(now, leg, why);
        }
    }
}

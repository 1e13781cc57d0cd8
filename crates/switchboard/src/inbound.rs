//! Calls that come in: patients through a trunk, and phones that dial the echo number.

use crate::keys::Keys;
use crate::leg::{KeysInUse, Leg, Role};
use crate::output::{MediaOrder, Output};
use crate::quality::Sound;
use crate::switchboard::Switchboard;
use crate::terms::{LegTerms, media_keys};
use crate::trunk::{caller_of, dialled_of};
use careline_callcentre::Input;
use careline_model::{AgentId, LegId, Now, TrunkId};
use careline_sdp::{Codec, LocalAudio, SdpError, Terms};
use careline_sip::{DialogId, NewRequest};
use rand_core::RngCore;
use std::net::SocketAddr;

/// The codecs we speak, best first: the telephone network of China is A-law.
pub(crate) const CODECS: &[Codec] = &[Codec::Pcma, Codec::Pcmu];
/// What a full or draining switch asks of the peer, in seconds (RFC 3261 20.33).
pub(crate) const RETRY_AFTER_S: &str = "10";
/// The playback number of the echo test's words.
pub(crate) const ECHO_PLAYBACK: u64 = 0;

impl Switchboard {
    /// A patient's call.
    pub(crate) fn take_call(&mut self, now: Now, new: NewRequest, trunk: TrunkId) {
        let trunk = self.trunk_of_call(&new, trunk);
        if let Some(status) = self.trunk_refusal(now, &trunk) {
            return self.respond_to_invite(now, new, status);
        }
        let plan = self.plan.clone();
        let Some(known) = plan.trunks.get(&trunk) else { return };
        let dialled = dialled_of(known, &plan, &new.request);
        let (caller, caller_name) = caller_of(known, &plan, &new.request);
        let terms = LegTerms::of_trunk(known);
        let Some((leg, _dialog)) = self.open_inbound(now, new, Role::Caller, terms) else { return };
        self.trunk_call_taken(now, leg, &trunk);
        let input = Input::Arrived { leg, caller, caller_name, dialled, trunk: Some(trunk) };
        self.centre.handle(input, now);
    }

    /// A call of an agent's phone: the echo number, an extension, or somebody outside.
    pub(crate) fn take_phone_call(&mut self, now: Now, new: NewRequest, agent: AgentId) {
        if let Some(replaces) = new.replaces() {
            return self.take_over(now, new, agent, replaces);
        }
        let dialled = new.request.uri.user_decoded().unwrap_or_default();
        if self.plan.echo_number != dialled {
            return self.take_dialled_call(now, new, agent, dialled);
        }
        let role = Role::Echo { agent: agent.clone() };
        let terms = LegTerms::of_phone(&self.plan, &agent);
        let Some((leg, dialog)) = self.open_inbound(now, new, role, terms) else { return };
        let calls = self.own_calls.entry(agent.clone()).or_insert(0);
        *calls += 1;
        self.centre.handle(Input::DeviceBusy { agent, busy: true }, now);
        if self.answer_leg(now, leg, dialog, leg.0) {
            let prompts = vec!["echo-intro".into()];
            self.outputs.push_back(Output::Media(MediaOrder::Play { leg, playback: ECHO_PLAYBACK, prompts }));
        }
    }

    /// One call less of the phone's own.
    pub(crate) fn own_call_over(&mut self, now: Now, agent: AgentId) {
        let left = self.own_calls.get_mut(&agent).map_or(0, |calls| {
            *calls = calls.saturating_sub(1);
            *calls
        });
        if left == 0 {
            self.own_calls.remove(&agent);
            self.centre.handle(Input::DeviceBusy { agent, busy: false }, now);
        }
    }

    /// Takes an INVITE into a dialog with a leg and a port; refuses it when that cannot be.
    pub(crate) fn open_inbound(
        &mut self,
        now: Now,
        new: NewRequest,
        role: Role,
        mut terms: LegTerms,
    ) -> Option<(LegId, DialogId)> {
        let offer = (!new.request.body.is_empty()).then(|| new.request.body.clone());
        let remote = match offer.as_deref().map(|offer| terms.read_offer(offer)).transpose() {
            Ok(remote) => remote,
            Err(error) => {
                let status =
                    if matches!(error, SdpError::Syntax(_) | SdpError::TooLarge) { 400 } else { 488 };
                self.respond_to_invite(now, new, status);
                return None;
            }
        };
        let Some((socket, told)) = self.take_port(new.flow) else {
            self.respond_to_invite(now, new, 503);
            return None;
        };
        let contact = self.contact_in(new.flow, &new.request.uri);
        let (max_forwards, signalled_from) = (new.max_forwards(), Some(new.flow.remote.ip()));
        let Ok(dialog) = self.endpoint.accept_invite_on(now.instant, new, contact, terms.sip) else {
            self.ports.put_back(socket);
            return None;
        };
        let id = self.centre.new_leg();
        let (local, terms) = (self.local_audio(told, &terms.audio), terms.audio);
        let leg = Leg {
            role,
            dialog,
            socket,
            signalled_from,
            local,
            terms,
            said: Vec::new(),
            remote,
            keys: KeysInUse::default(),
            offer,
            call: None,
            open: false,
            max_forwards,
            sound: Sound::default(),
            keys_pressed: Keys::default(),
            joined_with: None,
        };
        self.legs.insert(id, leg);
        Some((id, dialog))
    }

    /// Answers an inbound leg; false when it could not be (it is gone then).
    pub(crate) fn answer_leg(&mut self, now: Now, id: LegId, dialog: DialogId, group: u64) -> bool {
        let Some(leg) = self.legs.get_mut(id) else { return false };
        // RFC 3261 13.3.1.4: without an offer in the INVITE ours goes into the 200.
        let sdp = leg.say_answer().unwrap_or_else(|| leg.say_offer());
        let Ok(sdp) = sdp else {
            self.endpoint.reject(now.instant, dialog, 488, &[]);
            self.leg_gone(now, id, careline_callcentre::LegEnd::Failed);
            return false;
        };
        self.open_media(id, group);
        self.endpoint.answer(now.instant, dialog, &sdp);
        true
    }

    /// Gives an inbound leg to the media engine, unless it is there already.
    pub(crate) fn open_media(&mut self, id: LegId, call: u64) {
        let Some(leg) = self.legs.get_mut(id).filter(|leg| !leg.open) else { return };
        leg.open = true;
        let socket = leg.socket;
        self.media(MediaOrder::Open { leg: id, call, socket });
        self.describe_media(id);
        self.listen_to_line(id);
    }

    /// Refuses an INVITE in a transaction, so that the refusal is sent again until it is acknowledged.
    pub(crate) fn respond_to_invite(&mut self, now: Now, new: NewRequest, status: u16) {
        let contact = self.contact(new.flow);
        let retry: &[(&str, &str)] = if status == 503 { &[("Retry-After", RETRY_AFTER_S)] } else { &[] };
        if let Ok(dialog) = self.endpoint.accept_invite(now.instant, new, contact) {
            self.endpoint.reject(now.instant, dialog, status, retry);
        }
    }

    /// Our own side of a leg that receives at this address, with the keys that its terms need.
    pub(crate) fn local_audio(&mut self, address: SocketAddr, terms: &Terms) -> LocalAudio {
        // Short enough for every peer that reads it into a signed 32-bit number.
        let session_id = u64::from(self.rng.next_u32() >> 1);
        let keys = media_keys(terms, |bytes| self.rng.fill_bytes(bytes));
        LocalAudio { keys, ..LocalAudio::new(address, session_id) }
    }
}

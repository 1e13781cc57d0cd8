//! What people do, as phones say it; and what the media engine would report.

use super::peer::audio_port;
use super::{CARRIER, SWITCH, Side, Wired};
use crate::hospital::Hospital;
use careline_callcentre::{Action, HangUp, Input, LegEnd, Refusal, RefusedBy, StopRinging};
use careline_model::{AgentId, LegId, Now, Number};
use careline_sip::{Event, Method, NameAddr, OutgoingInvite, Received, Reliable, Uri};
use careline_switchboard::MediaSignal;
use std::time::Duration;

/// A carrier rings no longer.
const CARRIER_RINGS: Duration = Duration::from_secs(60);

impl Wired {
    pub(super) fn take_input(&mut self, input: Input, now: Now) {
        match input {
            Input::Arrived { leg, caller, dialled, .. } => self.call(leg, &caller, &dialled, now),
            Input::LegEnded { leg, why } => self.leave(leg, why, now),
            Input::Ringing { leg } => self.with(leg, |peer, dialog| {
                peer.endpoint.ring(now.instant, dialog, 180, None);
            }),
            Input::Answered { leg } => self.with(leg, |peer, dialog| {
                let sdp = peer.describes();
                peer.endpoint.answer(now.instant, dialog, &sdp);
            }),
            Input::Refused { leg, why } => {
                let status = match why {
                    RefusedBy::NoAnswer => 480,
                    RefusedBy::Rejected => 603,
                    RefusedBy::Busy => 486,
                    RefusedBy::Unreachable => 404,
                };
                self.with(leg, |peer, dialog| peer.endpoint.reject(now.instant, dialog, status, &[]));
                self.forget(leg);
            }
            Input::Digit { leg, digit, duration_ms } => {
                if let Some(leg) = self.board_leg_of(leg) {
                    self.board.handle_media(now, MediaSignal::Digit { leg, digit, duration_ms });
                }
            }
            Input::PlaybackDone { leg, playback } => {
                if let Some(leg) = self.board_leg_of(leg) {
                    self.board.handle_media(now, MediaSignal::PlaybackDone { leg, playback });
                }
            }
            Input::LookedUp { call, answer } => self.board.handle_looked_up(now, call, answer),
            Input::DeviceUp { agent } => self.register(&agent, true, now),
            Input::DeviceGone { agent } => self.register(&agent, false, now),
            Input::Drain => self.board.drain(now),
            // Acknowledgements and joined legs are the endpoints' and the switch's own matter here.
            _ => {}
        }
    }

    fn with(&mut self, leg: LegId, does: impl FnOnce(&mut super::Peer, careline_sip::DialogId)) {
        if let Some(Side { peer, dialog, .. }) = self.legs.get(&leg) {
            does(&mut self.peers[*peer], *dialog);
        }
    }

    fn call(&mut self, leg: LegId, caller: &Number, dialled: &str, now: Now) {
        let peer = &mut self.peers[CARRIER];
        let to = Uri::sip(Some(dialled), &SWITCH.ip().to_string(), None);
        let invite = OutgoingInvite {
            flow: peer.flow,
            uri: to.clone(),
            from: NameAddr::new(Uri::sip(Some(caller.as_str()), &peer.flow.local.ip().to_string(), None)),
            to: NameAddr::new(to),
            contact: peer.contact(),
            headers: Vec::new(),
            sdp: peer.describes(),
            timeout: CARRIER_RINGS,
            credentials: None,
            auth_realm: None,
            route: Vec::new(),
            reliable: Reliable::default(),
            session_expires: None,
        };
        match peer.endpoint.invite(now.instant, invite) {
            Ok(dialog) => self.begin(leg, Side { peer: CARRIER, dialog, port: None }),
            Err(_) => self.actions.push_back(Action::Refuse { leg, why: Refusal::Full }),
        }
    }

    fn begin(&mut self, leg: LegId, side: Side) {
        self.by_dialog.insert((side.peer, side.dialog), leg);
        self.legs.insert(leg, side);
    }

    /// The port at which the switch receives this leg's sound.
    fn port_told(&mut self, leg: LegId, sdp: Option<&[u8]>) {
        let Some(port) = sdp.and_then(audio_port) else { return };
        if let Some(side) = self.legs.get_mut(&leg) {
            side.port = Some(port);
            self.phone_leg.insert(port, leg);
        }
    }

    fn board_leg_of(&self, leg: LegId) -> Option<LegId> {
        self.board_leg.get(&self.legs.get(&leg)?.port?).copied()
    }

    fn forget(&mut self, leg: LegId) {
        let Some(side) = self.legs.remove(&leg) else { return };
        self.by_dialog.remove(&(side.peer, side.dialog));
        if let Some(port) = side.port.filter(|port| self.phone_leg.get(port) == Some(&leg)) {
            self.phone_leg.remove(&port);
        }
    }

    /// A party hangs up, or is heard of no more.
    fn leave(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let board_leg = self.board_leg_of(leg);
        match why {
            LegEnd::HungUp | LegEnd::Cancelled => {
                self.with(leg, |peer, dialog| peer.endpoint.hang_up(now.instant, dialog, None));
            }
            LegEnd::MediaTimeout | LegEnd::Failed => {
                self.with(leg, |peer, dialog| peer.endpoint.abandon(dialog));
                if let Some(leg) = board_leg {
                    let signal = match why {
                        LegEnd::MediaTimeout => MediaSignal::TimedOut { leg },
                        _ => MediaSignal::Failed { leg },
                    };
                    self.board.handle_media(now, signal);
                }
            }
        }
        self.forget(leg);
    }

    fn register(&mut self, agent: &AgentId, wants: bool, now: Now) {
        let number = Hospital::number_of(agent);
        let known = Hospital::agent(number) == *agent;
        if let Some(peer) = self.peers.get_mut(CARRIER + 1 + number).filter(|_| known) {
            peer.register(wants, now.instant);
        }
    }

    /// A datagram comes to a phone.
    pub(super) fn receive(&mut self, number: usize, bytes: &[u8], now: Now) {
        let peer = &mut self.peers[number];
        let Received::New(new) = peer.endpoint.receive(now.instant, peer.flow, bytes) else { return };
        if new.request.method != Method::Invite || number == CARRIER {
            if let Some(response) = peer.endpoint.inspect(&new) {
                peer.endpoint.respond_statelessly(&new, response);
            }
            return;
        }
        let from = new.request.from().and_then(|from| from.uri.user_decoded()).unwrap_or_default();
        let (sdp, contact) = (new.request.body.clone(), peer.contact());
        let Ok(dialog) = peer.endpoint.accept_invite(now.instant, new, contact) else { return };
        self.last_leg += 1;
        let leg = LegId(self.last_leg);
        self.begin(leg, Side { peer: number, dialog, port: None });
        self.port_told(leg, Some(&sdp));
        let caller = Number::from(from.as_str());
        // Whose call has ended on the way is rung all the same, until the CANCEL comes.
        let call = self.by_number.get(&caller).copied();
        self.actions.push_back(Action::Ring {
            leg,
            call: call.unwrap_or(careline_model::CallId::earliest(0)),
            agent: Hospital::agent(number - CARRIER - 1),
            caller,
            label: "".into(),
            timeout: CARRIER_RINGS,
            auto_answer: false,
        });
    }

    /// Something happened at a phone.
    pub(super) fn take_event(&mut self, peer: usize, event: Event, now: Now) {
        let of = |dialog| self.by_dialog.get(&(peer, dialog)).copied();
        match event {
            Event::Answered { dialog, sdp } => {
                let Some(leg) = of(dialog) else { return };
                self.port_told(leg, sdp.as_deref());
                if let Some(call) = self.call_at(leg) {
                    self.actions.push_back(Action::Answer { leg, call });
                }
            }
            Event::Refused { dialog, .. } => {
                let Some(leg) = of(dialog) else { return };
                self.forget(leg);
                self.actions.push_back(Action::Refuse { leg, why: Refusal::Away });
            }
            Event::Cancelled { dialog, .. } => {
                let Some(leg) = of(dialog) else { return };
                self.forget(leg);
                self.actions.push_back(Action::StopRinging { leg, why: StopRinging::Command });
            }
            Event::Ended { dialog, .. } => {
                let Some(leg) = of(dialog) else { return };
                self.forget(leg);
                self.actions.push_back(Action::HangUp { leg, why: HangUp::Completed });
            }
            Event::Reoffer { dialog, .. } => {
                let sdp = self.peers[peer].describes();
                self.peers[peer].endpoint.answer_reoffer(now.instant, dialog, &sdp);
            }
            Event::Response { transaction, response } => {
                self.peers[peer].registered(transaction, &response, now.instant);
            }
            _ => {}
        }
    }

    /// The call that a patient's leg belongs to, by the switch's own leg.
    fn call_at(&self, leg: LegId) -> Option<careline_model::CallId> {
        self.call_of_board.get(&self.board_leg_of(leg)?).copied()
    }
}

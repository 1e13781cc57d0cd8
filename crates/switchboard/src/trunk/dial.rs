//! One call going out: the best trunk first, the next one when it breaks, all within one attempt.

use super::capacity::Room;
use super::choose::{Choice, Readiness, choose};
use super::report::Report;
use super::verdict::{Verdict, best, judge};
use super::written;
use crate::keys::Keys;
use crate::leg::{KeysInUse, Leg, Role};
use crate::output::MediaOrder;
use crate::quality::Sound;
use crate::switchboard::Switchboard;
use crate::terms::{media_keys, outgoing};
use careline_callcentre::Input;
use careline_model::number::DialKind;
use careline_model::{CallId, LegId, Now, Number, TrunkGroupId, TrunkId};
use careline_sdp::{Codec, Terms};
use careline_sip::{Credentials, DialogId, NameAddr, OutgoingInvite};
use rand_core::RngCore;
use std::time::{Duration, Instant};

/// Ways that one call tries; more would outlast every caller's patience.
const WAYS_MAX: usize = 8;
/// Said to a trunk that is replaced (RFC 3326).
const REPLACED: &str = "SIP;cause=408;text=\"No response\"";

/// A call to make through a group of trunks.
#[derive(Debug, Clone)]
pub struct OutsideCall {
    /// The leg it is to become.
    pub leg: LegId,
    /// Its call.
    pub call: CallId,
    /// Through which trunks.
    pub group: TrunkGroupId,
    /// Whom to call, in normal form. Whether that is allowed was decided before.
    pub number: Number,
    /// The number to show; only one of ours is.
    pub caller_id: Option<Number>,
    /// Codecs of the other party, best first.
    pub codecs: Vec<Codec>,
    /// What the INVITE may still pass.
    pub max_forwards: u32,
    /// Longest time until somebody answers.
    pub timeout: Duration,
}

/// How far it is.
pub(super) struct Attempt {
    call: OutsideCall,
    emergency: bool,
    give_up_at: Instant,
    /// Proxies that were asked.
    tried: Vec<(TrunkId, usize)>,
    /// Trunks whose answer holds for all their proxies.
    closed: Vec<TrunkId>,
    current: Option<Current>,
    /// The most telling refusal so far; 0 for none.
    best: u16,
}

/// The INVITE that is under way.
struct Current {
    dialog: DialogId,
    trunk: TrunkId,
    door: usize,
    rang: bool,
}

impl Switchboard {
    /// Calls somebody outside. The call centre is told that it rings, and then exactly one of answered and refused,
    /// unless the leg is ended before.
    pub fn dial_out(&mut self, now: Now, call: OutsideCall) {
        let leg = call.leg;
        let attempt = Attempt {
            emergency: self.plan.dial_kind(&call.number) == Ok(DialKind::Emergency),
            give_up_at: now.instant + call.timeout,
            call,
            tried: Vec::new(),
            closed: Vec::new(),
            current: None,
            best: 0,
        };
        self.trunks.attempts.insert(leg, attempt);
        self.try_next_trunk(now, leg);
    }

    /// The leg belongs to another call from now on; the way that is being tried goes on.
    pub(crate) fn adopt_outside(&mut self, leg: LegId, call: CallId) {
        if let Some(attempt) = self.trunks.attempts.get_mut(&leg) {
            attempt.call.call = call;
        }
    }

    fn try_next_trunk(&mut self, now: Now, leg: LegId) {
        while let Some((trunk, door)) = self.next_way(now, leg) {
            if self.invite_through(now, leg, &trunk, door) {
                return;
            }
        }
        let best = self.trunks.attempts.get(&leg).map_or(503, |attempt| attempt.best);
        self.outside_refused(now, leg, best);
    }

    /// The next proxy to ask; it counts as tried. Notes why there is none.
    fn next_way(&mut self, now: Now, leg: LegId) -> Option<(TrunkId, usize)> {
        let plan = self.plan.clone();
        let draw = self.trunks.rng.next_u64();
        let attempt = self.trunks.attempts.get_mut(&leg)?;
        if attempt.tried.len() >= WAYS_MAX || now.instant >= attempt.give_up_at {
            attempt.best = best(attempt.best, 408);
            return None;
        }
        let members = &plan.dialling.groups.get(&attempt.call.group)?.members;
        let (tried, emergency) = (&attempt.tried, attempt.emergency);
        let states = &mut self.trunks.states;
        let mut look = |last_resort: bool| {
            let readiness = |trunk: &TrunkId| {
                let Some(state) = states.get_mut(trunk) else { return Readiness::Down };
                let registered = state
                    .registering
                    .as_ref()
                    .is_none_or(|registering| registering.is_registered(now.instant));
                let up = |(door, one): (usize, &super::Door)| {
                    one.health.is_up(now.instant) && !tried.contains(&(trunk.clone(), door))
                };
                let any_left = (0..state.doors.len()).any(|door| !tried.contains(&(trunk.clone(), door)));
                if last_resort && any_left {
                    return Readiness::Ready;
                }
                if !registered || !state.doors.iter().enumerate().any(up) {
                    return Readiness::Down;
                }
                match state.capacity.room(now.instant) {
                    Room::Free => Readiness::Ready,
                    Room::Full | Room::TooFast if emergency => Readiness::Ready,
                    Room::Full | Room::TooFast => Readiness::Full,
                }
            };
            choose(members, &attempt.closed, readiness, draw)
        };
        let mut choice = look(false);
        // In an emergency even a trunk that seems dead is worth an INVITE.
        if emergency && choice == Choice::Nobody {
            choice = look(true);
        }
        match choice {
            Choice::Trunk(trunk) => {
                let doors = &self.trunks.states.get(&trunk)?.doors;
                let left = || (0..doors.len()).filter(|door| !tried.contains(&(trunk.clone(), *door)));
                let up =
                    left().find(|door| doors.get(*door).is_some_and(|one| one.health.is_up(now.instant)));
                let door = up.or_else(|| left().next())?;
                let attempt = self.trunks.attempts.get_mut(&leg)?;
                attempt.tried.push((trunk.clone(), door));
                Some((trunk, door))
            }
            Choice::Full => {
                // Full is busy, not failed.
                attempt.best = best(attempt.best, 486);
                None
            }
            Choice::Nobody => {
                attempt.best = best(attempt.best, 503);
                None
            }
        }
    }

    /// Sends the INVITE; false when that cannot be.
    fn invite_through(&mut self, now: Now, id: LegId, trunk: &TrunkId, door: usize) -> bool {
        let plan = self.plan.clone();
        let Some(trunk) = plan.trunks.get(trunk) else { return false };
        let Some(proxy) = trunk.proxies.get(door).copied() else { return false };
        let Some(flow) = self.trunk_flow(trunk, proxy) else { return false };
        let Some(attempt) = self.trunks.attempts.get(&id) else { return false };
        let (call, give_up_at) = (attempt.call.clone(), attempt.give_up_at);
        if !self.prepare_leg(id, flow, outgoing(trunk, &call.codecs)) {
            return false;
        }
        let Some(leg) = self.legs.get_mut(id) else { return false };
        leg.signalled_from = Some(proxy.ip());
        let Ok(sdp) = leg.say_offer() else { return false };
        let uri = written::target(trunk, proxy, &call.number, &plan);
        let (from, mut headers) = written::caller(trunk, proxy, call.caller_id.as_ref(), &plan);
        headers.push(("Max-Forwards".to_owned(), call.max_forwards.to_string()));
        let registering = self.trunks.states.get(&trunk.id).and_then(|state| state.registering.as_ref());
        let routes = registering.map_or(&[][..], |registering| registering.service_route());
        let credentials = trunk.register.as_ref().map(|register| Credentials {
            user: register.auth_user.clone(),
            password: register.password.expose().to_owned(),
        });
        let invite = OutgoingInvite {
            flow,
            to: NameAddr::new(uri.clone()),
            uri,
            from,
            contact: self.trunk_contact(trunk, flow),
            headers,
            sdp,
            timeout: give_up_at.saturating_duration_since(now.instant).max(Duration::from_secs(1)),
            credentials,
            auth_realm: Some(trunk.realm.clone()),
            route: routes.to_vec(),
            reliable: crate::terms::reliable(trunk.reliable),
            session_expires: Some(trunk.session_expires.unwrap_or_default()),
        };
        let Ok(dialog) = self.endpoint.invite(now.instant, invite) else { return false };
        self.name_leg(dialog, call.call);
        self.legs.add_branch(dialog, id);
        if let Some(leg) = self.legs.get_mut(id) {
            leg.dialog = dialog;
        }
        self.trunks.hold(id, &trunk.id, now.instant);
        self.trunks.waits.insert((now.instant + trunk.first_response, id));
        if let Some(attempt) = self.trunks.attempts.get_mut(&id) {
            attempt.current = Some(Current { dialog, trunk: trunk.id.clone(), door, rang: false });
        }
        true
    }

    /// A leg with a closed socket in the network of `flow`: the one it has, or a new one.
    fn prepare_leg(&mut self, id: LegId, flow: careline_sip::Flow, terms: Terms) -> bool {
        let fits = |leg: &Leg| {
            !leg.open && self.network_of(flow).is_some_and(|network| network.media_address == leg.socket.ip())
        };
        if self.legs.get(id).is_some_and(fits) {
            // Another trunk gets keys that the last one has not seen.
            let keys = media_keys(&terms, |bytes| self.rng.fill_bytes(bytes));
            if let Some(leg) = self.legs.get_mut(id) {
                (leg.terms, leg.local.keys) = (terms, keys);
            }
            return true;
        }
        let Some((socket, told)) = self.take_port(flow) else { return false };
        let local = self.local_audio(told, &terms);
        // A trunk that broke after early media: its stream is closed with it.
        if let Some(old) = self.legs.remove(id) {
            match old.open {
                true => self.media(MediaOrder::Close { leg: id }),
                false => self.ports.put_back(old.socket),
            }
        }
        let (role, dialog) = (Role::Outside, DialogId(0));
        let leg = Leg {
            role,
            dialog,
            socket,
            signalled_from: None,
            local,
            terms,
            said: Vec::new(),
            remote: None,
            keys: KeysInUse::default(),
            offer: None,
            call: None,
            open: false,
            max_forwards: 0,
            sound: Sound::default(),
            keys_pressed: Keys::default(),
            joined_with: None,
        };
        self.legs.insert_unnamed(id, leg);
        true
    }

    /// The trunk says that it rings, perhaps with sound of its own.
    pub(crate) fn outside_ringing(&mut self, now: Now, id: LegId, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(attempt) = self.trunks.attempts.get_mut(&id) else { return };
        let Some(current) = attempt.current.as_mut().filter(|current| current.dialog == dialog) else {
            return;
        };
        current.rang = true;
        let (trunk, door, call) = (current.trunk.clone(), current.door, self.legs.group(attempt.call.call));
        self.note_served(now, &trunk, door);
        self.trunks.waits.retain(|(_, leg)| *leg != id);
        let leg = self.legs.get(id);
        let remote = sdp.and_then(|sdp| leg?.read_answer(Some(sdp)).ok());
        let early = remote.is_some();
        if let Some(remote) = remote {
            self.open_outside(id, call, remote);
        }
        self.report(now, id, if early { Report::EarlyMedia } else { Report::Ringing });
    }

    /// Somebody answered.
    pub(crate) fn outside_answered(&mut self, now: Now, id: LegId, dialog: DialogId, sdp: Option<&[u8]>) {
        let Some(attempt) = self.trunks.attempts.remove(&id) else { return };
        let call = self.legs.group(attempt.call.call);
        self.trunks.waits.retain(|(_, leg)| *leg != id);
        if let Some(current) = attempt.current {
            self.note_served(now, &current.trunk, current.door);
        }
        // The answer may have come with a reliable provisional response already.
        let leg = self.legs.get(id);
        let early = leg.and_then(|leg| leg.remote.clone());
        match (sdp.and_then(|sdp| Some(leg?.read_answer(Some(sdp)))), early) {
            (Some(Ok(remote)), _) | (None, Some(remote)) => {
                let was_heard = self.legs.get(id).is_some_and(|leg| leg.open);
                self.open_outside(id, call, remote);
                if !self.waits_for_a_voice(now, id) {
                    self.report(now, id, Report::Answered);
                } else if !was_heard {
                    self.report(now, id, Report::EarlyMedia);
                }
            }
            // RFC 3261 13.2.2.4: an answer that is no use ends the call with a BYE.
            (Some(Err(_)) | None, _) => {
                self.endpoint.hang_up(now.instant, dialog, None);
                self.outside_refused(now, id, 488);
            }
        }
    }

    fn open_outside(&mut self, id: LegId, call: u64, remote: careline_sdp::RemoteAudio) {
        let Some(leg) = self.legs.get_mut(id) else { return };
        leg.agree(remote);
        let socket = (!leg.open).then_some(leg.socket);
        leg.open = true;
        if let Some(socket) = socket {
            self.media(MediaOrder::Open { leg: id, call, socket });
            self.listen_to_line(id);
        }
        self.describe_media(id);
    }

    /// The trunk, or somebody behind it, will not: the next way, or the end.
    pub(crate) fn outside_over(&mut self, now: Now, id: LegId, dialog: DialogId, status: u16) {
        self.legs.drop_branch(dialog);
        let Some(attempt) = self.trunks.attempts.get_mut(&id) else { return };
        let Some(current) = attempt.current.take_if(|current| current.dialog == dialog) else { return };
        attempt.best = best(attempt.best, status);
        let verdict = judge(status, current.rang);
        // Nobody answered in the time that the caller gave: that is no fault of the trunk.
        let too_late = now.instant >= attempt.give_up_at;
        if verdict != Verdict::Elsewhere {
            attempt.closed.push(current.trunk.clone());
        }
        self.trunks.waits.retain(|(_, leg)| *leg != id);
        self.trunks.let_go(id);
        match verdict {
            Verdict::Elsewhere if !too_late && !current.rang => {
                self.note_let_down(now, &current.trunk, current.door)
            }
            Verdict::Elsewhere => {}
            Verdict::ElsewhereButAlive | Verdict::Final => {
                self.note_served(now, &current.trunk, current.door)
            }
        }
        if verdict == Verdict::Final || too_late {
            let last = self.trunks.attempts.get(&id).map_or(status, |attempt| attempt.best);
            return self.outside_refused(now, id, if verdict == Verdict::Final { status } else { last });
        }
        self.try_next_trunk(now, id);
    }

    /// Waited long enough for a first word of the trunk.
    pub(super) fn outside_silent(&mut self, now: Now, id: LegId) {
        let Some(current) = self.trunks.attempts.get(&id).and_then(|attempt| attempt.current.as_ref()) else {
            return;
        };
        let dialog = current.dialog;
        if current.rang || self.endpoint.has_provisional(dialog) {
            return;
        }
        self.abandon_way(now, id, dialog);
    }

    /// The proxy died under calls that were ringing through it.
    pub(super) fn door_died(&mut self, now: Now, trunk: &TrunkId, door: usize) {
        let through = |attempt: &Attempt| {
            attempt
                .current
                .as_ref()
                .filter(|one| one.trunk == *trunk && one.door == door)
                .map(|one| one.dialog)
        };
        let dead: Vec<(LegId, DialogId)> =
            self.trunks.attempts.iter().filter_map(|(id, attempt)| Some((*id, through(attempt)?))).collect();
        for (id, dialog) in dead {
            self.abandon_way(now, id, dialog);
        }
    }

    fn abandon_way(&mut self, now: Now, id: LegId, dialog: DialogId) {
        // A 200 that comes all the same is acknowledged and ended by the endpoint.
        self.endpoint.hang_up(now.instant, dialog, Some(REPLACED));
        self.outside_over(now, id, dialog, 408);
    }

    /// The end of an attempt without an answer.
    pub(super) fn outside_refused(&mut self, now: Now, id: LegId, status: u16) {
        self.trunks.attempts.remove(&id);
        self.trunks.waits.retain(|(_, leg)| *leg != id);
        if let Some((status, cause)) = self.trunks.causes.remove(&id) {
            self.centre.handle(Input::RefusalRead { leg: id, status, cause }, now);
        }
        self.close_leg(id);
        self.report(now, id, Report::Refused(status));
    }
}

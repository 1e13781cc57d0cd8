//! A phone: an endpoint, somebody who presses its keys by chance, and a list of what it promised and did not keep.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use careline_sip::{
    DialogId, EndCause, Endpoint, EndpointConfig, Event, Flow, Method, NewRequest, OutgoingInvite, Received,
    ReferId, Reliable, TransactionId, Transport, Uri,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

use crate::dice::Dice;

const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";
const HOLD: &[u8] = b"v=0\r\no=- 1 2 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\na=sendonly\r\n";
/// Nobody talks longer, milliseconds.
const TALK_MS_MAX: u64 = 40_000;

/// What somebody does at the phone.
#[derive(Clone, Copy, Debug)]
enum Key {
    Dial,
    Ring(DialogId),
    Answer(DialogId),
    Reject(DialogId),
    HangUp(DialogId),
    Refer(DialogId),
    /// Hold, or take back; sometimes without an offer.
    Offer(DialogId),
    AcceptRefer(ReferId),
    Tell(ReferId, u16),
    AnswerOffer(DialogId),
    RefuseOffer(DialogId),
}

/// A call as its phone saw it.
#[derive(Debug)]
struct Call {
    outgoing: bool,
    answered: bool,
    ends: u32,
}

pub struct Phone {
    pub endpoint: Endpoint,
    /// What went wrong, in words.
    pub broken: Vec<String>,
    /// Calls that ended for want of an ACK.
    pub never_acked: usize,
    local: SocketAddr,
    remote: SocketAddr,
    dice: Dice,
    agenda: BTreeMap<(Instant, u64), Key>,
    count: u64,
    calls: BTreeMap<DialogId, Call>,
    /// Call-IDs that rang here.
    rang: BTreeSet<String>,
    /// REFERs that have no final answer yet.
    asked: BTreeSet<TransactionId>,
    /// Calls in which an offer of ours has no outcome yet.
    offering: BTreeSet<DialogId>,
    /// Offers that were taken.
    pub held: usize,
}

impl Phone {
    pub fn new(seed: u64, local: SocketAddr, remote: SocketAddr) -> Self {
        Self {
            endpoint: Endpoint::new(EndpointConfig::default(), ChaCha20Rng::seed_from_u64(seed)),
            broken: Vec::new(),
            never_acked: 0,
            local,
            remote,
            dice: Dice::new(seed ^ 0x5eed),
            agenda: BTreeMap::new(),
            count: 0,
            calls: BTreeMap::new(),
            rang: BTreeSet::new(),
            asked: BTreeSet::new(),
            offering: BTreeSet::new(),
            held: 0,
        }
    }

    pub fn dial_at(&mut self, at: Instant) {
        self.note(at, Key::Dial);
    }

    pub fn next(&self) -> Option<Instant> {
        let key = self.agenda.first_key_value().map(|((at, _), _)| *at);
        key.into_iter().chain(self.endpoint.next_deadline()).min()
    }

    pub fn local(&self) -> SocketAddr {
        self.local
    }

    fn note(&mut self, at: Instant, key: Key) {
        self.count += 1;
        self.agenda.insert((at, self.count), key);
    }

    fn later(&mut self, now: Instant, from_ms: u64, to_ms: u64, key: Key) {
        let wait = self.dice.ms(from_ms, to_ms);
        self.note(now + wait, key);
    }

    pub fn tick(&mut self, now: Instant) {
        self.endpoint.handle_deadline(now);
        while let Some(entry) = self.agenda.first_entry().filter(|one| one.key().0 <= now) {
            let key = entry.remove();
            self.press(now, key);
        }
        self.listen(now);
    }

    pub fn receive(&mut self, now: Instant, from: SocketAddr, bytes: &[u8]) {
        let flow = Flow { transport: Transport::Udp, local: self.local, remote: from };
        if let Received::New(new) = self.endpoint.receive(now, flow, bytes) {
            self.admit(now, new);
        }
        self.listen(now);
    }

    fn admit(&mut self, now: Instant, new: NewRequest) {
        if let Some(refusal) = self.endpoint.inspect(&new) {
            return self.endpoint.respond_statelessly(&new, refusal);
        }
        if new.request.method != Method::Invite {
            self.broken.push(format!("{} for nobody", new.request.method));
            return;
        }
        if !self.rang.insert(new.request.call_id().to_owned()) {
            self.broken.push("one call came in twice".to_owned());
        }
        let contact = Uri::sip(Some("phone"), &self.local.ip().to_string(), Some(5060));
        let Ok(dialog) = self.endpoint.accept_invite(now, new, contact) else {
            return self.broken.push("no room".to_owned());
        };
        self.calls.insert(dialog, Call { outgoing: false, answered: false, ends: 0 });
        if self.dice.percent(80) {
            self.later(now, 0, 500, Key::Ring(dialog));
        }
        match self.dice.below(10) {
            0 => self.later(now, 0, 8000, Key::Reject(dialog)),
            1 => self.later(now, 0, 8000, Key::HangUp(dialog)),
            _ => self.later(now, 0, 8000, Key::Answer(dialog)),
        }
        // Nobody lets it ring for ever.
        self.later(now, 60_000, 90_000, Key::HangUp(dialog));
    }

    fn press(&mut self, now: Instant, key: Key) {
        let endpoint = &mut self.endpoint;
        match key {
            Key::Dial => self.dial(now),
            // With a description the response is a reliable one, to be confirmed by PRACK.
            Key::Ring(dialog) => {
                let early = self.dice.percent(40).then_some(SDP);
                endpoint.ring(now, dialog, if early.is_some() { 183 } else { 180 }, early);
            }
            Key::Offer(dialog) => {
                let sdp = self.dice.percent(80).then_some(HOLD);
                if self.calls.get(&dialog).is_some_and(|call| call.ends == 0)
                    && endpoint.reoffer(now, dialog, sdp).is_ok()
                {
                    self.offering.insert(dialog);
                }
            }
            Key::Answer(dialog) => {
                let Some(call) = self.calls.get_mut(&dialog).filter(|call| call.ends == 0) else { return };
                call.answered = true;
                endpoint.answer(now, dialog, SDP);
                // Now and then somebody hangs up before the ACK can be here.
                let until = if self.dice.percent(20) { 100 } else { TALK_MS_MAX };
                self.later(now, 1, until, Key::HangUp(dialog));
            }
            Key::Reject(dialog) => {
                if self.is_open(dialog) {
                    self.endpoint.reject(now, dialog, 486, &[]);
                    self.end(dialog, "rejected");
                }
            }
            Key::HangUp(dialog) => {
                if self.is_open(dialog) {
                    self.endpoint.hang_up(now, dialog, None);
                    self.end(dialog, "hung up");
                }
            }
            Key::Refer(dialog) => {
                if let Some(tx) = endpoint.refer(now, dialog, "<tel:1001>", None) {
                    self.asked.insert(tx);
                }
            }
            Key::AcceptRefer(refer) => endpoint.accept_refer(now, refer),
            Key::Tell(refer, status) => endpoint.notify_refer(now, refer, status),
            Key::AnswerOffer(dialog) => endpoint.answer_reoffer(now, dialog, SDP),
            Key::RefuseOffer(dialog) => endpoint.refuse_reoffer(now, dialog, 488),
        }
    }

    fn dial(&mut self, now: Instant) {
        let here = self.local.ip().to_string();
        let there = self.remote.ip().to_string();
        let invite = OutgoingInvite {
            flow: Flow { transport: Transport::Udp, local: self.local, remote: self.remote },
            uri: Uri::sip(Some("phone"), &there, None),
            from: format!("<sip:phone@{here}>").parse().expect("an address"),
            to: format!("<sip:phone@{there}>").parse().expect("an address"),
            contact: Uri::sip(Some("phone"), &here, Some(5060)),
            headers: vec![],
            sdp: SDP.to_vec(),
            timeout: self.dice.ms(3000, 60_000),
            credentials: None,
            auth_realm: None,
            route: vec![],
            reliable: Reliable::default(),
            session_expires: None,
        };
        let Ok(dialog) = self.endpoint.invite(now, invite) else {
            return self.broken.push("no room".to_owned());
        };
        self.calls.insert(dialog, Call { outgoing: true, answered: false, ends: 0 });
        if self.dice.percent(30) {
            self.later(now, 0, 9000, Key::HangUp(dialog));
        }
    }

    fn is_open(&self, dialog: DialogId) -> bool {
        self.calls.get(&dialog).is_some_and(|call| call.ends == 0)
    }

    fn end(&mut self, dialog: DialogId, how: &str) {
        self.offering.remove(&dialog);
        match self.calls.get_mut(&dialog) {
            Some(call) if call.ends == 0 => call.ends = 1,
            Some(call) => self.broken.push(format!("{dialog:?} ended again: {how}; {call:?}")),
            None => self.broken.push(format!("{dialog:?}, which is no call, ended: {how}")),
        }
    }

    fn listen(&mut self, now: Instant) {
        while let Some(event) = self.endpoint.poll_event() {
            match &event {
                Event::Refused { dialog, .. } => self.end(*dialog, "refused"),
                Event::Cancelled { dialog, .. } => self.end(*dialog, "cancelled"),
                Event::Ended { dialog, cause, .. } => {
                    self.never_acked += usize::from(*cause == EndCause::AckTimeout);
                    self.end(*dialog, "ended");
                }
                Event::Response { transaction, .. } => {
                    if !self.asked.remove(transaction) {
                        self.broken.push("an answer to nothing we asked".to_owned());
                    }
                }
                Event::Ringing { dialog, .. }
                | Event::Acked { dialog, .. }
                | Event::Info { dialog, .. }
                | Event::Answered { dialog, .. }
                | Event::Reoffer { dialog, .. }
                | Event::EarlyAnswer { dialog, .. }
                | Event::ReofferDone { dialog, .. }
                | Event::ReofferFailed { dialog, .. }
                | Event::Referred { dialog, .. }
                | Event::ReferProgress { dialog, .. } => {
                    if !self.is_open(*dialog) {
                        self.broken.push(format!("after the end: {event:?}"));
                    }
                }
            }
            self.react(now, &event);
        }
    }

    fn react(&mut self, now: Instant, event: &Event) {
        match event {
            Event::Answered { dialog, .. } => {
                let Some(call) = self.calls.get_mut(dialog) else { return };
                if !call.outgoing || call.answered {
                    self.broken.push(format!("answered out of place: {call:?}"));
                    return;
                }
                call.answered = true;
                self.talk(now, *dialog);
            }
            Event::Acked { dialog, .. } => self.talk(now, *dialog),
            Event::Reoffer { dialog, .. } => match self.dice.below(4) {
                0 => self.later(now, 0, 2000, Key::RefuseOffer(*dialog)),
                _ => self.later(now, 0, 2000, Key::AnswerOffer(*dialog)),
            },
            Event::ReofferDone { dialog, .. } | Event::ReofferFailed { dialog, .. } => {
                if !self.offering.remove(dialog) {
                    self.broken.push(format!("an outcome of no offer: {event:?}"));
                }
                if matches!(event, Event::ReofferDone { .. }) {
                    self.held += 1;
                    // Only an offer of the peer's, in the answer to none of ours, waits for it.
                    self.endpoint.acknowledge(now, *dialog, SDP);
                }
            }
            Event::Referred { refer, .. } => match self.dice.below(6) {
                0 => self.endpoint.refuse_refer(now, *refer, 603),
                // Nobody ever decides.
                1 => {}
                _ => {
                    self.later(now, 0, 1000, Key::AcceptRefer(*refer));
                    self.later(now, 1000, 3000, Key::Tell(*refer, 180));
                    let last = self.dice.one_of(&[200, 486, 603]);
                    self.later(now, 1000, 30_000, Key::Tell(*refer, last));
                }
            },
            _ => {}
        }
    }

    /// What happens while two people talk.
    fn talk(&mut self, now: Instant, dialog: DialogId) {
        if self.dice.percent(20) {
            self.later(now, 0, 10_000, Key::Refer(dialog));
        }
        if self.dice.percent(40) {
            self.later(now, 0, 10_000, Key::Offer(dialog));
        }
        // Both press hold in the same moment: their offers collide.
        if self.dice.percent(20) {
            self.later(now, 1000, 1100, Key::Offer(dialog));
        }
        self.later(now, 0, TALK_MS_MAX, Key::HangUp(dialog));
    }

    /// What the phone owes when nothing more will happen.
    pub fn reckon(&mut self) -> usize {
        let endpoint = &self.endpoint;
        for (what, left) in [
            ("dialogs", endpoint.dialog_count()),
            ("transactions", endpoint.transaction_count()),
            ("REFERs", endpoint.refer_count()),
            ("unanswered requests", self.asked.len()),
            ("offers without an outcome", self.offering.len()),
        ] {
            if left > 0 {
                self.broken.push(format!("{left} {what} left over"));
            }
        }
        for (dialog, call) in &self.calls {
            if call.ends != 1 {
                self.broken.push(format!("{dialog:?} has {} ends: {call:?}", call.ends));
            }
        }
        self.calls.values().filter(|call| call.outgoing).count()
    }

    /// How many calls got through.
    pub fn answered(&self) -> usize {
        self.calls.values().filter(|call| call.answered && call.outgoing).count()
    }

    /// How long after the last key an honest phone is silent.
    pub const PATIENCE: Duration = Duration::from_secs(900);
}

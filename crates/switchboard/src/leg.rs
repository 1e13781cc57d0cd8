//! A leg: one SIP dialog with its media.

use crate::keys::Keys;
use crate::output::{KeyGenerations, MediaOrder};
use crate::quality::Sound;
use careline_model::{AgentId, CallId, LegId};
use careline_sdp::{LocalAudio, MasterKey, RemoteAudio, SdpError, Terms};
use careline_sip::DialogId;
use std::collections::BTreeMap;
use std::net::{IpAddr, SocketAddr};

/// What a leg is for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Role {
    /// A patient's call through a trunk.
    Caller,
    /// An agent's phone that we rang.
    Agent { agent: AgentId },
    /// An agent's phone that calls somebody.
    Dialler { agent: AgentId },
    /// A party outside, called through a trunk.
    Outside,
    /// A phone that dialled the echo number.
    Echo { agent: AgentId },
}

/// The keys of a stream, and how often each way has got new ones.
#[derive(Debug, Default)]
pub(crate) struct KeysInUse {
    own: Option<MasterKey>,
    peer: Option<MasterKey>,
    generations: KeyGenerations,
}

impl KeysInUse {
    /// Notes what is used from now on.
    fn note(&mut self, own: Option<&MasterKey>, peer: Option<&MasterKey>) -> KeyGenerations {
        self.generations.own += u64::from(self.own.as_ref() != own);
        self.generations.peer += u64::from(self.peer.as_ref() != peer);
        (self.own, self.peer) = (own.cloned(), peer.cloned());
        self.generations
    }

    /// Whether the peer has sent with another key than this until now.
    fn peer_had_another(&self, key: &MasterKey) -> bool {
        self.peer.as_ref().is_some_and(|known| known != key)
    }
}

/// What is known of one leg.
#[derive(Debug)]
pub(crate) struct Leg {
    pub role: Role,
    pub dialog: DialogId,
    /// The RTP socket, as it is bound in the leg's network.
    pub socket: SocketAddr,
    /// Where its signalling comes from; `None` as long as several phones may become the leg's.
    pub signalled_from: Option<IpAddr>,
    /// Our side of the stream, with the address that the network is told.
    pub local: LocalAudio,
    /// What may be agreed to, and what was.
    pub terms: Terms,
    /// Our last description, which the peer's next answer is read by; empty until there is one.
    pub said: Vec<u8>,
    /// The other side's stream, once known.
    pub remote: Option<RemoteAudio>,
    /// The keys that the media engine was given last.
    pub keys: KeysInUse,
    /// The offer in the INVITE; `None` when the caller sent none (late offer: we offer in the 200).
    pub offer: Option<Vec<u8>>,
    /// The call, once the caller's leg is answered.
    pub call: Option<CallId>,
    /// Whether the media engine knows it.
    pub open: bool,
    /// What is left of the Max-Forwards of the INVITE that brought it.
    pub max_forwards: u32,
    /// How it sounds, and for whom.
    pub sound: Sound,
    /// How keys are pressed on it.
    pub keys_pressed: Keys,
    /// The leg that it is joined with.
    pub joined_with: Option<LegId>,
}

impl Leg {
    /// An offer of ours.
    pub fn say_offer(&mut self) -> Result<Vec<u8>, SdpError> {
        self.said = careline_sdp::offer(&self.local, &self.terms)?;
        Ok(self.said.clone())
    }

    /// Our answer to the offer in the INVITE; `None` when there was none.
    pub fn say_answer(&mut self) -> Option<Result<Vec<u8>, SdpError>> {
        let (offer, remote) = (self.offer.as_ref()?, self.remote.as_ref()?);
        let answer = careline_sdp::answer(offer, remote, &self.local);
        Some(answer.inspect(|answer| {
            self.terms.keep(remote);
            self.said.clone_from(answer);
        }))
    }

    /// Our answer to a later offer, and what it agrees to. Nothing is changed when it is refused. A peer that brings a
    /// new key gets a new one, too: whether it goes on counting our packets or begins again, it understands us (RFC 4568
    /// 7.1.4), and no key stream is used twice. `fill` is a generator fit for keys.
    pub fn say_answer_to(
        &mut self,
        offer: &[u8],
        fill: impl FnOnce(&mut [u8]),
    ) -> Result<(RemoteAudio, Vec<u8>), SdpError> {
        let remote = careline_sdp::read_offer(offer, &self.terms)?;
        let mut local = self.local.clone();
        if let Some(theirs) = &remote.crypto
            && self.keys.peer_had_another(&theirs.key)
            && let Some(ours) = local.keys.iter_mut().find(|ours| ours.suite() == theirs.key.suite())
        {
            *ours = MasterKey::random(ours.suite(), fill);
        }
        let answer = careline_sdp::answer(offer, &remote, &local)?;
        self.local = local;
        self.said.clone_from(&answer);
        Ok((remote, answer))
    }

    /// The peer's answer to our last description, or why it is no use.
    pub fn read_answer(&self, answer: Option<&[u8]>) -> Result<RemoteAudio, SdpError> {
        careline_sdp::read_answer(answer.unwrap_or_default(), &self.said, &self.terms)
    }

    /// Notes what was agreed.
    pub fn agree(&mut self, remote: RemoteAudio) {
        self.terms.keep(&remote);
        self.remote = Some(remote);
    }

    /// The other side's stream for the media engine.
    pub fn remote_order(&mut self, id: LegId, remote: RemoteAudio) -> MediaOrder {
        let own_key = self.local.key_for(&remote).cloned();
        let key_generations =
            self.keys.note(own_key.as_ref(), remote.crypto.as_ref().map(|theirs| &theirs.key));
        let (signalled_from, keys_signalled) = (self.signalled_from, self.is_signalled_to());
        let remote = Box::new(remote);
        MediaOrder::Remote { leg: id, remote, own_key, key_generations, signalled_from, keys_signalled }
    }
}

/// The legs, found by id and by dialog.
#[derive(Debug, Default)]
pub(crate) struct Legs {
    legs: BTreeMap<LegId, Leg>,
    by_dialog: BTreeMap<DialogId, LegId>,
    callers: BTreeMap<CallId, LegId>,
    /// Calls whose media belong on the thread of another call, because their parties may be joined.
    groups: BTreeMap<CallId, u64>,
}

impl Legs {
    pub fn insert(&mut self, id: LegId, leg: Leg) {
        self.by_dialog.insert(leg.dialog, id);
        self.legs.insert(id, leg);
    }

    /// A leg whose phones are still to be asked.
    pub fn insert_unnamed(&mut self, id: LegId, leg: Leg) {
        self.legs.insert(id, leg);
    }

    /// One of several dialogs that may become the leg's.
    pub fn add_branch(&mut self, dialog: DialogId, id: LegId) {
        self.by_dialog.insert(dialog, id);
    }

    /// It will not.
    pub fn drop_branch(&mut self, dialog: DialogId) {
        self.by_dialog.remove(&dialog);
    }

    pub fn remove(&mut self, id: LegId) -> Option<Leg> {
        let leg = self.legs.remove(&id)?;
        if let Some(other) = leg.joined_with.and_then(|other| self.legs.get_mut(&other)) {
            other.joined_with = None;
        }
        self.by_dialog.remove(&leg.dialog);
        if let Some(call) = leg.call {
            self.callers.remove(&call);
        }
        Some(leg)
    }

    pub fn get(&self, id: LegId) -> Option<&Leg> {
        self.legs.get(&id)
    }

    pub fn get_mut(&mut self, id: LegId) -> Option<&mut Leg> {
        self.legs.get_mut(&id)
    }

    pub fn set_caller(&mut self, call: CallId, id: LegId) {
        if let Some(leg) = self.legs.get_mut(&id) {
            leg.call = Some(call);
            leg.sound.call = Some(call);
            self.callers.insert(call, id);
        }
    }

    /// Two legs are joined for a call, and parted from whom they were joined with.
    pub fn join(&mut self, call: CallId, one: LegId, other: LegId) {
        self.part(one);
        self.part(other);
        for (id, with) in [(one, other), (other, one)] {
            if let Some(leg) = self.legs.get_mut(&id) {
                leg.sound.call = Some(call);
                leg.joined_with = Some(with);
            }
        }
    }

    /// A leg is parted from the one it is joined with.
    pub fn part(&mut self, id: LegId) {
        let other = self.legs.get_mut(&id).and_then(|leg| leg.joined_with.take());
        if let Some(other) = other.and_then(|other| self.legs.get_mut(&other)) {
            other.joined_with = None;
        }
    }

    /// Whom a leg is joined with.
    pub fn joined_with(&self, id: LegId) -> Option<LegId> {
        self.legs.get(&id)?.joined_with
    }

    /// All of them, in the order in which they began.
    pub fn iter(&self) -> impl Iterator<Item = (LegId, &Leg)> {
        self.legs.iter().map(|(id, leg)| (*id, leg))
    }

    pub fn caller_of(&self, call: CallId) -> Option<LegId> {
        self.callers.get(&call).copied()
    }

    /// What keeps the legs of a call, and of those it may be joined with, on one media thread.
    pub fn group(&self, call: CallId) -> u64 {
        self.groups.get(&call).copied().unwrap_or_else(|| call.low_bits())
    }

    /// A call of this agent's phone: her other calls are near it, so that their parties can be joined.
    pub fn put_beside(&mut self, call: CallId, agent: &AgentId, beside: impl Fn(LegId) -> Option<CallId>) {
        let other = self.of_agent(agent).filter_map(beside).find(|other| *other != call);
        if let Some(group) = other.map(|other| self.group(other)) {
            self.groups.insert(call, group);
        }
    }

    /// The legs of an agent's phones.
    pub fn of_agent<'a>(&'a self, agent: &'a AgentId) -> impl Iterator<Item = LegId> + 'a {
        let is_hers = move |role: &Role| matches!(role, Role::Agent { agent: own } | Role::Dialler { agent: own } if own == agent);
        self.legs.iter().filter(move |(_, leg)| is_hers(&leg.role)).map(|(id, _)| *id)
    }

    /// The call is over.
    pub fn forget_call(&mut self, call: CallId) {
        self.groups.remove(&call);
    }

    pub fn of(&self, dialog: DialogId) -> Option<LegId> {
        self.by_dialog.get(&dialog).copied()
    }

    pub fn len(&self) -> usize {
        self.legs.len()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_sdp::{Codec, Security};

    const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";

    fn offer(profile: &str, key: &str) -> Vec<u8> {
        format!(
            "v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\n\
             m=audio 4000 {profile} 8 101\r\na=rtpmap:101 telephone-event/8000\r\n{key}"
        )
        .into_bytes()
    }

    fn no_key(_: &mut [u8]) {
        panic!("nobody asked for a new key");
    }

    fn leg(security: Security, offer: Vec<u8>) -> Leg {
        let address = "192.0.2.1:20000".parse().expect("an address");
        let terms = Terms::new(&[Codec::Pcma], security);
        let keys = crate::terms::media_keys(&terms, |bytes| bytes.fill(7));
        let remote = careline_sdp::read_offer(&offer, &terms).expect("an offer we take");
        Leg {
            role: Role::Caller,
            dialog: DialogId(1),
            socket: address,
            signalled_from: Some(address.ip()),
            keys: KeysInUse::default(),
            local: LocalAudio { keys, ..LocalAudio::new(address, 1) },
            terms,
            said: Vec::new(),
            remote: Some(remote),
            offer: Some(offer),
            call: None,
            open: false,
            max_forwards: 70,
            sound: Sound::default(),
            keys_pressed: Keys::default(),
            joined_with: None,
        }
    }

    #[test]
    fn an_encrypted_leg_has_both_keys_and_keeps_them_over_every_later_offer() {
        let key = format!("a=crypto:1 AES_CM_128_HMAC_SHA1_80 {KEY}\r\n");
        for security in [Security::Required, Security::Optional] {
            let mut leg = leg(security, offer("RTP/SAVP", &key));
            let answer = leg.say_answer().expect("there was an offer").expect("an answer");
            let agreed = leg.remote.clone().expect("a stream");
            let MediaOrder::Remote { remote, own_key, .. } = leg.remote_order(LegId(1), agreed) else {
                panic!("another order");
            };
            let theirs = remote.crypto.expect("their key").key;
            let ours = own_key.expect("our key");
            assert_eq!(ours.suite(), theirs.suite());
            assert_ne!(ours, theirs);

            let plain = offer("RTP/AVP", "");
            assert_eq!(leg.say_answer_to(&plain, no_key).map(|_| ()), Err(SdpError::NothingInCommon));
            assert_eq!(leg.said, answer, "what was refused changes nothing");
            let (again, _) = leg.say_answer_to(&offer("RTP/SAVP", &key), no_key).expect("a hold");
            leg.agree(again);
            let ours = String::from_utf8(leg.say_offer().expect("an offer")).expect("text");
            assert!(ours.contains("RTP/SAVP 8 101") && ours.contains("a=crypto:1 AES_CM_128"), "{ours}");
            assert!(leg.read_answer(Some(&offer("RTP/SAVP", ""))).is_err());
            assert!(leg.read_answer(Some(&offer("RTP/SAVP", &key))).is_ok());
        }
    }

    #[test]
    fn a_plain_leg_has_no_keys() {
        let mut leg = leg(Security::Plain, offer("RTP/AVP", ""));
        assert!(leg.local.keys.is_empty());
        leg.say_answer().expect("there was an offer").expect("an answer");
        let agreed = leg.remote.clone().expect("a stream");
        let order = leg.remote_order(LegId(1), agreed);
        assert!(matches!(order, MediaOrder::Remote { own_key: None, .. }));
    }
}

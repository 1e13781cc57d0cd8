//! Legs that need the decode path, joined to their mixer: who hears whom by what way, frame by frame.
//!
//! A leg hears by one of three ways. *Relay*: its bridge's packets, when both codecs agree. *Paced*: a prompt or music
//! in its own law. *Mixed*: everything else: another codec, several sources, a prompt for a codec that is no G.711. A
//! change from relay to mixing happens with the first mixed frame in which somebody is heard; until then the relay goes
//! on, so that nobody hears a gap.

use std::time::Duration;

use careline_audio::codec::CodecKind;
use careline_audio::g711::Law;
use careline_audio::mix::Gain;
use careline_rtp::packet::{HEADER_BYTES, Packet};
use careline_rtp::srtp::RTP_OVERHEAD_MAX;

use super::keys::KEY_TONE;
use super::leg::Leg;
use super::{PHASES, Worker};
use crate::command::LegId;
use crate::event::MediaEvent;
use crate::mixer::pool::{Home, Task};
use crate::mixer::{self, Inbox, ListenerPlan, Local, MEMBERS_MAX, Mixer, NARROW, Outbox, Plan, SpeakerPlan};
use crate::recorder::capture::Decoded;

/// Room for the longest packet of a codec.
const PAYLOAD_BYTES_MAX: usize = careline_audio::codec::PACKET_BYTES_MAX;
/// Frames in a second.
const FRAMES_PER_S: u32 = 50;
/// A relay goes on at most for so many frames while nobody of those to be mixed is heard.
const RELAYED_FRAMES_MAX: u8 = 10;

/// How a leg is part of its group's mixing.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(super) struct Membership {
    /// Its packets are wanted by this mixing.
    pub(super) speaks_to: Option<usize>,
    /// It hears the mix, and its relay has ended.
    pub(super) hears_mix: bool,
    /// It is to hear the mix, and is relayed to until somebody is heard there; frames left.
    pub(super) relayed_for: u8,
}

/// One group of legs with a mixer.
#[derive(Debug)]
pub(super) struct Mixing {
    group: u64,
    /// Differs from the one that had this place before.
    serial: u64,
    /// `None` while the pool has it.
    mixer: Option<Box<Mixer>>,
    inbox: Box<Inbox>,
    outbox: Option<Box<Outbox>>,
    /// The box that comes back from the pool.
    spare: Option<Box<Inbox>>,
    plan: Plan,
    /// Frames so far: the clock of what is recorded.
    frames: u32,
}

impl Mixing {
    pub(super) fn is_of(&self, group: u64) -> bool {
        self.group == group
    }
}

impl Worker {
    /// Looks at all legs of a group again after a change: what each hears, by what way.
    pub(super) fn refresh_group(&mut self, group: u64) {
        let Some(slots) = self.groups.get(&group) else { return };
        let mut plan = Plan::default();
        for &slot in slots {
            let Some(leg) = self.legs[slot].as_ref() else { continue };
            if self.needs_mix(leg) {
                let hears = self.hears(leg);
                plan.listeners.push(ListenerPlan { leg: leg.id, codec: leg.send_format.codec, hears });
            }
        }
        for &slot in slots {
            let Some(leg) = self.legs[slot].as_ref() else { continue };
            let is_heard = plan
                .listeners
                .iter()
                .any(|listener| listener.hears.iter().any(|(other, _)| *other == leg.id));
            let codec = leg.receive_format.codec;
            let mut record = [false; 2];
            if codec.law().is_none() {
                for capture in
                    leg.tracks.iter().flatten().filter_map(|track| self.captures[track.capture].as_ref())
                {
                    record[usize::from(capture.rate() != 8000)] = true;
                }
            }
            if is_heard || record != [false; 2] || leg.seeks_keys {
                plan.speakers.push(SpeakerPlan { leg: leg.id, codec, record, keys: leg.seeks_keys });
            }
        }
        let index = self.mixing_of(group, &plan);
        let slots = self.groups.get(&group).cloned().unwrap_or_default();
        for slot in slots {
            let Some(leg) = self.legs[slot].as_mut() else { continue };
            let speaks = plan.speakers.iter().any(|speaker| speaker.leg == leg.id);
            leg.membership.speaks_to = index.filter(|_| speaks);
            let listens = plan.listeners.iter().any(|listener| listener.leg == leg.id);
            if !listens {
                (leg.membership.hears_mix, leg.membership.relayed_for) = (false, 0);
            } else if !leg.membership.hears_mix && leg.membership.relayed_for == 0 {
                // Where no relay is running there is nothing to wait for.
                let is_relayed = leg.bridge.is_some() && leg.play.is_none();
                leg.membership.relayed_for = if is_relayed { RELAYED_FRAMES_MAX } else { 0 };
                leg.membership.hears_mix = !is_relayed;
            }
        }
    }

    fn needs_mix(&self, leg: &Leg) -> bool {
        let is_g711 = leg.law().is_some();
        let has_local = leg.wants_pacing();
        if has_local && is_g711 && leg.play.is_some() {
            return false;
        }
        let peer = leg.bridge.and_then(|bridge| self.legs[bridge.peer].as_ref());
        let foreign =
            peer.is_some_and(|peer| !is_relayable(peer.receive_format.codec, leg.send_format.codec));
        foreign || !leg.also_hears.is_empty() || (has_local && !is_g711)
    }

    fn hears(&self, leg: &Leg) -> Vec<(LegId, Gain)> {
        let peer = leg.bridge.and_then(|bridge| self.legs[bridge.peer].as_ref());
        let mut hears: Vec<_> = peer.map(|peer| (peer.id, Gain::UNITY)).into_iter().collect();
        for &other in &leg.also_hears {
            let is_here = self.by_id.get(&other).and_then(|&slot| self.legs[slot].as_ref());
            let is_new = hears.len() < MEMBERS_MAX && hears.iter().all(|(known, _)| *known != other);
            if is_new && other != leg.id && is_here.is_some_and(|other| other.group == leg.group) {
                hears.push((other, Gain::UNITY));
            }
        }
        hears
    }

    /// The mixing of a group, made or ended as the plan wants it.
    fn mixing_of(&mut self, group: u64, plan: &Plan) -> Option<usize> {
        let known = self.mixings.iter().position(|one| one.as_ref().is_some_and(|one| one.group == group));
        let is_wanted = !plan.listeners.is_empty() || !plan.speakers.is_empty();
        match (known, is_wanted) {
            (Some(index), true) => {
                if let Some(mixing) = self.mixings[index].as_mut().filter(|mixing| mixing.plan != *plan) {
                    mixing.plan.clone_from(plan);
                    mixing.inbox.plan = Some(plan.clone());
                }
                Some(index)
            }
            (Some(index), false) => {
                self.mixings[index] = None;
                None
            }
            (None, true) => {
                self.mixing_serial += 1;
                let mixing = Mixing {
                    group,
                    serial: self.mixing_serial,
                    mixer: Some(Box::new(Mixer::new(self.config.opus, group))),
                    inbox: Box::new(Inbox::with_plan(plan.clone())),
                    outbox: Some(Box::default()),
                    spare: Some(Box::default()),
                    plan: plan.clone(),
                    frames: 0,
                };
                let index = self.mixings.iter().position(Option::is_none).unwrap_or_else(|| {
                    self.mixings.push(None);
                    self.mixings.len() - 1
                });
                self.mixings[index] = Some(mixing);
                Some(index)
            }
            (None, false) => None,
        }
    }

    /// A packet that a mixing wants.
    pub(super) fn feed_mixing(&mut self, slot: usize, packet: &Packet, codec: CodecKind, extended: u64) {
        let Some(leg) = self.legs[slot].as_ref() else { return };
        let Some(mixing) = leg.membership.speaks_to.and_then(|index| self.mixings[index].as_mut()) else {
            return;
        };
        let (stream, timestamp) = (leg.stream, packet.timestamp);
        let arrived = self.now;
        let packet_of = mixer::Packet { leg: leg.id, codec, stream, extended, timestamp, arrived };
        mixing.inbox.put(packet_of, &self.datagram[packet.payload.clone()]);
    }

    /// Frames of all mixings of a phase.
    pub(super) fn mix_phase(&mut self, phase: usize, due: Duration) {
        for index in 0..self.mixings.len() {
            let is_due = self.mixings[index].as_ref().is_some_and(|one| one.group % PHASES == phase as u64);
            if is_due {
                self.mix(index, due);
            }
        }
    }

    /// Is any mixing in this phase?
    pub(super) fn mixes_in(&self, phase: usize) -> bool {
        self.mixings.iter().flatten().any(|mixing| mixing.group % PHASES == phase as u64)
    }

    fn mix(&mut self, index: usize, due: Duration) {
        let Some(mut mixing) = self.mixings[index].take() else { return };
        mixing.frames = mixing.frames.wrapping_add(1);
        if mixing.mixer.is_none() {
            // The pool still has the last frame.
            self.tally.frames_skipped += mixing.plan.listeners.len() as u64;
            self.mixings[index] = Some(mixing);
            return;
        }
        self.add_locals(&mut mixing);
        let heavy = mixing.plan.is_heavy();
        self.mixings[index] = Some(mixing);
        if heavy { self.mix_in_pool(index) } else { self.mix_here(index, due) }
    }

    fn mix_here(&mut self, index: usize, due: Duration) {
        let Some(mixing) = self.mixings[index].as_mut() else { return };
        let (Some(mixer), Some(mut outbox)) = (&mut mixing.mixer, mixing.outbox.take()) else { return };
        mixer.frame(self.now, &mut mixing.inbox, &mut outbox);
        self.deliver(index, &outbox, due);
        if let Some(mixing) = self.mixings[index].as_mut() {
            mixing.outbox = Some(outbox);
        }
    }

    fn mix_in_pool(&mut self, index: usize) {
        let now = self.now;
        let Some(mixing) = self.mixings[index].as_mut() else { return };
        let taken = (mixing.mixer.take(), mixing.outbox.take(), mixing.spare.take());
        let (Some(mixer), Some(outbox), Some(spare)) = taken else { return };
        let inbox = std::mem::replace(&mut mixing.inbox, spare);
        let task = Task { place: (index, mixing.serial), mixer, inbox, outbox, now };
        let home = Home { done: self.done_sender.clone(), wake: self.wake.clone() };
        if let Err(task) = self.pool.send(task, home) {
            let Task { mixer, inbox, outbox, .. } = *task;
            mixing.spare = Some(std::mem::replace(&mut mixing.inbox, inbox));
            (mixing.mixer, mixing.outbox) = (Some(mixer), Some(outbox));
            self.tally.frames_skipped += mixing.plan.listeners.len() as u64;
        }
    }

    /// Frames that came back from the pool.
    pub(super) fn take_mixed(&mut self) {
        while let Some(task) = self.done.take() {
            let Task { place: (index, serial), mixer, inbox, outbox, .. } = task;
            let is_known =
                self.mixings.get(index).and_then(Option::as_ref).is_some_and(|one| one.serial == serial);
            if !is_known {
                continue;
            }
            self.deliver(index, &outbox, self.now);
            if let Some(mixing) = self.mixings[index].as_mut() {
                (mixing.mixer, mixing.outbox, mixing.spare) = (Some(mixer), Some(outbox), Some(inbox));
            }
        }
    }

    /// Prompts and music of listeners whose codec needs them encoded.
    fn add_locals(&mut self, mixing: &mut Mixing) {
        for listener in &mixing.plan.listeners {
            let Some(&slot) = self.by_id.get(&listener.leg) else { continue };
            let Some(leg) = self.legs[slot].as_mut() else { continue };
            if !leg.wants_pacing() || leg.latch.target().is_none() {
                continue;
            }
            let mut frame = [Law::A.silence(); NARROW];
            let covers = leg.play.is_some();
            let ended = match (&mut leg.play, &mut leg.music) {
                (Some(play), _) => play.cursor.fill(Law::A, &mut frame).then_some(play.id),
                (None, Some(music)) => {
                    music.cursor.fill(Law::A, &mut frame);
                    None
                }
                (None, None) => None,
            };
            mixing.inbox.locals.push(Local { leg: listener.leg, frame, covers });
            if let Some(playback) = ended {
                leg.play = None;
                if playback != KEY_TONE {
                    self.events.send(MediaEvent::PlaybackDone { leg: leg.id, playback });
                }
                self.changed_groups.push(leg.group);
            }
        }
    }

    fn deliver(&mut self, index: usize, outbox: &Outbox, due: Duration) {
        for said in &outbox.said {
            let Some(&slot) = self.by_id.get(&said.leg) else { continue };
            let Some(leg) = self.legs[slot].as_mut() else { continue };
            if !hears_now(leg, said.is_live)
                || !leg.can_send()
                || leg.keys.is_some()
                || said.codec != leg.send_format.codec
            {
                continue;
            }
            let payload = outbox.payload(said);
            let mut packet = [0; HEADER_BYTES + PAYLOAD_BYTES_MAX + RTP_OVERHEAD_MAX];
            let (header, rest) = packet.split_first_chunk_mut::<HEADER_BYTES>().expect("a packet is longer");
            rest[..payload.len()].copy_from_slice(payload);
            leg.out.paced(leg.send_format.payload_type, due).write(header);
            if leg.send(&mut packet, HEADER_BYTES + payload.len(), self.now) {
                self.tally.sent += 1;
            } else {
                self.tally.send_errors += 1;
            }
        }
        let frames = self.mixings[index].as_ref().map_or(0, |mixing| mixing.frames);
        for recorded in &outbox.recorded {
            let Some(&slot) = self.by_id.get(&recorded.leg) else { continue };
            let Some(leg) = self.legs[slot].as_ref() else { continue };
            let timestamp = frames.wrapping_mul(recorded.rate / FRAMES_PER_S);
            let samples = outbox.samples(recorded);
            let decoded = Decoded { stream: leg.stream, timestamp, samples };
            for track in leg.tracks.iter().flatten() {
                let capture = self.captures[track.capture].as_mut();
                if let Some(capture) = capture.filter(|capture| capture.rate() == recorded.rate) {
                    capture.put_pcm(track.side, decoded, self.now, &mut self.feed);
                }
            }
        }
        for key in &outbox.keys {
            self.found(key.leg, key.digit, key.duration_ms);
        }
    }
}

/// Ends the relay when there is something to hear in its place.
fn hears_now(leg: &mut Leg, is_live: bool) -> bool {
    let membership = &mut leg.membership;
    if membership.hears_mix {
        return true;
    }
    if membership.relayed_for == 0 {
        return false;
    }
    membership.relayed_for -= 1;
    if is_live || membership.relayed_for == 0 {
        (membership.hears_mix, membership.relayed_for) = (true, 0);
    }
    membership.hears_mix
}

/// Can packets of one codec be passed on to a leg with the other as they are, or by a table?
pub(super) fn is_relayable(from: CodecKind, to: CodecKind) -> bool {
    from == to || (from.law().is_some() && to.law().is_some())
}

//! Obeying the switch. Nothing here happens per packet.

use std::net::UdpSocket;
use std::sync::Arc;

use careline_audio::codec::CodecKind;
use careline_rtp::rtcp::Reports;
use careline_rtp::stream::Outgoing;
use rustix::event::epoll;

use super::audible::{Cursor, Music, Playback};
use super::control::Control;
use super::due::watch;
use super::leg::{Bridge, Crypto, Leg};
use super::progress::LineWatch;
use super::{Order, Worker};
use crate::command::{Command, LegId};
use crate::event::MediaEvent;
use crate::remote::{FORMATS_MAX, RemoteStream, Rtcp};

impl Worker {
    /// Takes all that wait. False: shutdown.
    pub(super) fn take_orders(&mut self) -> bool {
        // Cleared before the queue is read: what comes later rings again.
        let _ = rustix::io::read(&*self.wake, &mut [0u8; 8]);
        while let Some(order) = self.orders.take() {
            if matches!(order, Order::Shutdown) {
                return false;
            }
            self.take_order(order);
        }
        true
    }

    /// One of them; it waits when its leg is still on its way here.
    pub(super) fn take_order(&mut self, order: Order) {
        match self.unless_expected(order) {
            Some(Order::Command(command)) => self.obey(command),
            Some(Order::HandOver { leg, group, door }) => self.hand_over(leg, group, &door),
            Some(Order::Expect(leg)) => _ = self.expected.entry(leg).or_default(),
            Some(Order::Adopt { leg, handed }) => self.adopt(leg, handed),
            Some(Order::Shutdown) | None => {}
        }
    }

    pub(super) fn obey(&mut self, command: Command) {
        match command {
            Command::Open { leg, call, socket, rtcp } => self.open((leg, call), socket, rtcp),
            Command::Remote { leg, stream } => self.remote(leg, &stream),
            Command::Play { leg, playback, items, repeat } => self.play(leg, playback, &items, repeat),
            Command::PlaySound { leg, playback, sound } => self.play_sound(leg, playback, &sound),
            Command::StopPlay { leg } => self.change(leg, |leg| leg.play = None),
            Command::Music { leg, item } => self.music(leg, item),
            Command::Echo { leg, on } => self.change(leg, |leg| leg.echo = on),
            Command::WatchTones { leg, tones_hz } => {
                self.change(leg, |leg| leg.watch = Some(Box::new(LineWatch::new(&tones_hz))));
            }
            Command::Bridge { a, b } => self.bridge(a, b),
            Command::Unbridge { a, b } => self.unbridge(a, b),
            Command::Regroup { leg, call } => self.regroup(leg, call),
            Command::Overhear { leg, others } => self.change(leg, |leg| leg.also_hears = others),
            Command::SendKey { leg, key, duration_ms } => self.send_key(leg, key, duration_ms),
            Command::SeekKeys { leg, on } => self.change(leg, |leg| leg.seeks_keys = on),
            Command::Record { recording, left, right } => self.record(recording, left, right),
            Command::RecordOne { recording, leg, tells } => self.record_one(recording, leg, tells),
            Command::PauseRecording { id, reason } => self.pause_recording(&id, reason),
            Command::ResumeRecording { id } => self.resume_recording(&id),
            Command::MaskDigits { leg, on } => self.mask_digits(leg, on),
            Command::StopRecording { id } => self.stop_recording(&id),
            Command::Close { leg } => self.close(leg),
        }
    }

    /// At the end of the thread.
    pub(super) fn close_all(&mut self) {
        let legs: Vec<LegId> = self.by_id.keys().copied().collect();
        for leg in legs {
            self.close(leg);
        }
    }

    pub(super) fn slot(&mut self, leg: LegId) -> Option<usize> {
        let slot = self.by_id.get(&leg).copied();
        self.tally.commands_ignored += u64::from(slot.is_none());
        slot
    }

    fn change(&mut self, leg: LegId, change: impl FnOnce(&mut Leg)) {
        let Some(slot) = self.slot(leg) else { return };
        if let Some(leg) = self.legs[slot].as_mut() {
            change(leg);
        }
        self.refresh_pacing(slot);
    }

    fn open(&mut self, (id, group): (LegId, u64), socket: UdpSocket, control: Option<UdpSocket>) {
        if self.by_id.contains_key(&id) {
            self.close(id);
        }
        let slot = self.free.pop().unwrap_or_else(|| {
            self.legs.push(None);
            self.legs.len() - 1
        });
        let opened = Control::new(control, self.now).and_then(|control| {
            self.watch_control(slot, &control)?;
            let leg = Leg::new((id, group), socket, control, self.new_stream(), self.now)?;
            watch(&self.epoll, slot, &leg)?;
            Ok(leg)
        });
        match opened {
            Ok(leg) => {
                self.legs[slot] = Some(leg);
                self.by_id.insert(id, slot);
                self.groups.entry(group).or_default().push(slot);
                self.tally.legs += 1;
            }
            Err(error) => {
                tracing::error!(leg = id.0, %error, "failed to open a leg");
                self.free.push(slot);
                let (stats, quality) = <_>::default();
                self.events.send(MediaEvent::LegClosed { leg: id, stats, quality });
            }
        }
    }

    /// A stream of ours, with random numbers (RFC 3550 section 5.1).
    fn new_stream(&self) -> (Outgoing, Reports) {
        let mut random = [0u8; 18];
        if let Err(error) = getrandom::fill(&mut random) {
            tracing::error!(%error, "no randomness for a new stream");
        }
        let [s0, s1, s2, s3, t0, t1, t2, t3, n0, n1, seed @ ..] = random;
        let ssrc = u32::from_ne_bytes([s0, s1, s2, s3]);
        // The first number stays clear of the wrap (RFC 3711 section 3.3.1 wants that for SRTP; it harms nobody).
        let sequence = u16::from_ne_bytes([n0, n1]) & 0x7fff;
        let out = Outgoing::new(ssrc, sequence, u32::from_ne_bytes([t0, t1, t2, t3]));
        let seed = u64::from_ne_bytes(seed);
        (out, Reports::new(ssrc, CodecKind::Pcma.rtp_clock(), self.unix_at_zero, seed, self.now))
    }

    fn close(&mut self, id: LegId) {
        let Some(slot) = self.slot(id) else { return };
        let Some(mut leg) = self.take_out(slot) else { return };
        self.by_id.remove(&id);
        self.tally.legs -= 1;
        // Who reads the event may read the totals next.
        self.counters.publish(&self.tally);
        let quality = Self::say_bye(&mut leg, self.now);
        self.events.send(MediaEvent::LegClosed { leg: id, stats: leg.totals(), quality });
    }

    /// Takes a leg out of everything that knows its slot: bridge, group, phase, recordings, readiness.
    pub(super) fn take_out(&mut self, slot: usize) -> Option<Leg> {
        self.part(slot);
        let leg = self.legs[slot].take()?;
        self.leave_group(slot, leg.group);
        if leg.paced {
            self.set_phase(slot, false);
        }
        for track in leg.tracks.into_iter().flatten() {
            self.leave_recording(track);
        }
        // Closing the socket takes it out of epoll too; this only keeps a duplicated descriptor from staying in it.
        let _ = epoll::delete(&self.epoll, leg.socket());
        self.free.push(slot);
        Some(leg)
    }

    pub(super) fn leave_group(&mut self, slot: usize, group: u64) {
        if let Some(slots) = self.groups.get_mut(&group) {
            slots.retain(|&other| other != slot);
            if slots.is_empty() {
                self.groups.remove(&group);
                self.mixings.iter_mut().for_each(|one| drop(one.take_if(|one| one.is_of(group))));
            }
        }
        self.changed_groups.push(group);
    }

    fn remote(&mut self, id: LegId, stream: &RemoteStream) {
        let now = self.now;
        self.change(id, |leg| {
            // Address zero is the old way to say hold (RFC 3264 section 8.4); nothing may be sent there.
            let usable = !stream.addr.ip().is_unspecified() && stream.addr.port() != 0;
            leg.latch.set_sources(stream.sources);
            leg.latch.clear_allowed();
            if let Some(ip) = stream.signalled_from {
                leg.latch.allow(ip);
            }
            if usable && leg.latch.expect(stream.addr) {
                leg.disconnect();
            }
            if stream.receive && !leg.may_receive {
                leg.heard_at = now;
                leg.timed_out = false;
            }
            leg.send_format = stream.send_format;
            leg.out.set_clock(stream.send_format.codec.rtp_clock());
            leg.reports.set_clock(stream.send_format.codec.rtp_clock());
            leg.control.route = stream.rtcp;
            leg.control.latch.expect(match stream.rtcp {
                Rtcp::Own(address) => address,
                Rtcp::Mux | Rtcp::Off => None,
            });
            leg.receive_formats = [None; FORMATS_MAX];
            for (place, format) in leg.receive_formats.iter_mut().zip(&stream.receive_formats) {
                *place = Some(*format);
            }
            if let Some(likeliest) = stream.receive_formats.first() {
                leg.receive_format = *likeliest;
            }
            leg.send_events = stream.send_events;
            leg.receive_events = stream.receive_events;
            leg.events_clock = stream.events_clock;
            leg.digits.set_clock(stream.events_clock);
            leg.keys_signalled = stream.keys_signalled;
            leg.may_send = stream.send && usable;
            leg.may_receive = stream.receive;
            match (&mut leg.crypto, &stream.keys) {
                (Some(crypto), Some(keys)) => crypto.renew(keys),
                (crypto, keys) => *crypto = keys.as_ref().map(|keys| Box::new(Crypto::new(keys))),
            }
        });
    }

    fn play(&mut self, id: LegId, playback: u64, items: &[Arc<str>], repeat: bool) {
        let prompts = Arc::clone(&self.prompts);
        let found: Vec<_> = items.iter().filter_map(|name| prompts.get(name).cloned()).collect();
        self.tally.prompts_missing += (items.len() - found.len()) as u64;
        if found.is_empty() && self.by_id.contains_key(&id) {
            // A flow that waits for the end must go on.
            self.change(id, |leg| leg.play = None);
            self.events.send(MediaEvent::PlaybackDone { leg: id, playback });
            return;
        }
        self.change(id, |leg| {
            leg.play = Some(Box::new(Playback { id: playback, cursor: Cursor::new(found, repeat) }))
        });
    }

    fn play_sound(&mut self, id: LegId, playback: u64, sound: &crate::prompts::Sound) {
        let prompt = Arc::clone(&sound.0);
        self.change(id, |leg| {
            leg.play = Some(Box::new(Playback { id: playback, cursor: Cursor::new(vec![prompt], false) }))
        });
    }

    fn music(&mut self, id: LegId, item: Option<Arc<str>>) {
        let Some(name) = item else {
            return self.change(id, |leg| {
                if let Some(music) = &mut leg.music {
                    music.on = false;
                }
            });
        };
        let Some(prompt) = self.prompts.get(&name).cloned() else {
            self.tally.prompts_missing += 1;
            return;
        };
        self.change(id, |leg| match &mut leg.music {
            Some(music) if music.name == prompt.name => music.on = true,
            Some(_) | None => {
                let cursor = Cursor::new(vec![prompt], true);
                leg.music = Some(Box::new(Music { name, cursor, on: true }));
            }
        });
    }

    fn bridge(&mut self, a: LegId, b: LegId) {
        let slots = (self.by_id.get(&a).copied(), self.by_id.get(&b).copied());
        let (Some(slot_a), Some(slot_b)) = slots else {
            return self.refuse(a, b, "a leg is not open");
        };
        if slot_a == slot_b {
            return self.refuse(a, b, "a leg cannot be bridged to itself");
        }
        self.part(slot_a);
        self.part(slot_b);
        for (slot, peer) in [(slot_a, slot_b), (slot_b, slot_a)] {
            if let Some(leg) = self.legs[slot].as_mut() {
                leg.bridge = Some(Bridge { peer, heard: false });
            }
            self.refresh_pacing(slot);
        }
    }

    fn unbridge(&mut self, a: LegId, b: LegId) {
        let (Some(slot_a), Some(slot_b)) = (self.slot(a), self.slot(b)) else { return };
        let bridged = self.legs[slot_a].as_ref().and_then(|leg| leg.bridge);
        if bridged.is_some_and(|bridge| bridge.peer == slot_b) {
            self.part(slot_a);
        } else {
            self.tally.commands_ignored += 1;
        }
    }

    /// Takes a leg, and with it its peer, out of their bridge.
    pub(super) fn part(&mut self, slot: usize) {
        let Some(bridge) = self.legs[slot].as_mut().and_then(|leg| leg.bridge.take()) else { return };
        if let Some(peer) = self.legs[bridge.peer].as_mut() {
            peer.bridge = None;
        }
        self.refresh_pacing(slot);
        self.refresh_pacing(bridge.peer);
    }

    pub(super) fn refuse(&mut self, a: LegId, b: LegId, reason: &'static str) {
        tracing::warn!(leg.a = a.0, leg.b = b.0, reason, "refused");
        self.events.send(MediaEvent::Refused { a, b, reason });
    }
}

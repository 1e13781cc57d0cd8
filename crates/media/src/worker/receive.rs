//! The packet path: one datagram in, at most one out, no lock, no allocation.

use std::io;
use std::net::SocketAddr;
use std::time::Duration;

use careline_audio::codec::CodecKind;
use careline_audio::g711::transcode;
use careline_rtp::latch::Verdict;
use careline_rtp::packet::{NotRtp, Packet};
use careline_rtp::sequence::Arrival;
use careline_rtp::srtp::RTP_OVERHEAD_MAX;
use careline_rtp::stream::Relayed;

use super::keys::passes_events;
use super::leg::{Bridge, Leg};
use super::progress::listen;
use super::{DATAGRAM_BYTES_MAX, Tally, Worker};
use crate::event::{EventSender, MediaEvent};
use crate::recorder::capture::Spoken;

/// Room that is left behind a datagram for the tag of the leg that it is passed on to.
const READ_BYTES_MAX: usize = DATAGRAM_BYTES_MAX - RTP_OVERHEAD_MAX;

/// Datagrams of one leg that are read in one turn: what comes quicker must not keep the others waiting.
const READS_MAX: usize = 8;

/// Is there more in the socket?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Left {
    Nothing,
    Perhaps,
}

/// What a packet carries, after negotiation.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Audio(CodecKind),
    Event,
}

impl Worker {
    /// A socket has something. The kernel says so once for all that has come (edge-triggered: to be asked again about
    /// each socket would cost a tenth of the whole relay), so it is read until it is empty, or until a packet came in its
    /// time: then nothing can have gathered behind it. What is more than a turn's share waits for the next turn.
    pub(super) fn readable(&mut self, slot: usize) {
        for _ in 0..READS_MAX {
            if self.take_one(slot) == Left::Nothing {
                return;
            }
        }
        if let Some(leg) = self.legs.get_mut(slot).and_then(Option::as_mut)
            && !std::mem::replace(&mut leg.unread, true)
        {
            self.unread.push(slot);
        }
    }

    /// Reads on where the last turn had to stop.
    pub(super) fn read_on(&mut self) {
        for slot in std::mem::take(&mut self.unread) {
            if let Some(leg) = self.legs.get_mut(slot).and_then(Option::as_mut) {
                leg.unread = false;
            }
            self.readable(slot);
        }
    }

    fn take_one(&mut self, slot: usize) -> Left {
        let Some(leg) = self.legs.get_mut(slot).and_then(Option::as_mut) else { return Left::Nothing };
        let (length, from) = match leg.receive(&mut self.datagram[..READ_BYTES_MAX]) {
            Ok(received) => received,
            Err(error) if error.kind() == io::ErrorKind::WouldBlock => {
                leg.pace.emptied();
                return Left::Nothing;
            }
            Err(_) => {
                // "Connection refused" by the peer's host, mostly: it may listen again in a moment.
                leg.stats.receive_errors += 1;
                self.tally.receive_errors += 1;
                return Left::Perhaps;
            }
        };
        self.tally.received += 1;
        let mut packet = match Packet::parse(&self.datagram[..length]) {
            Ok(packet) => packet,
            Err(NotRtp::Rtcp) if self.control_on_rtp(slot, from, length) => return Left::Perhaps,
            Err(NotRtp::Rtcp) => return self.ignored(slot, |tally| &mut tally.refused_control),
            Err(_) => return self.ignored(slot, |tally| &mut tally.refused_malformed),
        };
        let mut length = length;
        let leg = self.legs[slot].as_mut().expect("it was here a moment ago");
        if let Some(crypto) = &mut leg.crypto {
            let Ok(opened) = crypto.receiver.unprotect(&mut self.datagram[..length]) else {
                return self.ignored(slot, |tally| &mut tally.refused_unauthentic);
            };
            length = opened;
            // The padding is a matter of the clear text.
            match Packet::parse(&self.datagram[..length]) {
                Ok(clear) => packet = clear,
                Err(_) => return self.ignored(slot, |tally| &mut tally.refused_malformed),
            }
        }
        let leg = self.legs[slot].as_mut().expect("it was here a moment ago");
        let format = leg.format_of(packet.payload_type);
        if format.is_none() && Some(packet.payload_type) != leg.receive_events {
            // Comfort noise and the like: not used, but a sign of life.
            if leg.latch.source() == Some(from) {
                leg.latch.observe(from, packet.ssrc, packet.sequence, self.now);
                leg.heard_at = self.now;
            }
            return self.ignored(slot, |tally| &mut tally.refused_unknown);
        }
        if !is_from_peer(leg, &packet, from, self.now) {
            self.tally.refused_strangers += 1;
            return Left::Perhaps;
        }
        if let Some(format) = format.filter(|format| *format != leg.receive_format) {
            // The peer has changed its codec; what it can be passed on to as it is may have changed with it.
            leg.receive_format = format;
            self.changed_groups.push(leg.group);
        }
        let kind = format.map_or(Kind::Event, |format| Kind::Audio(format.codec));
        let clock = format.map_or(0, |format| format.codec.rtp_clock());
        let in_time = leg.pace.is_in_time(packet.timestamp, clock, self.now) && !leg.must_be_emptied();
        if let Some(extended) = admit(leg, &packet, &mut self.streams) {
            self.accepted(slot, &packet, kind, extended, length);
        }
        if !in_time {
            return Left::Perhaps;
        }
        self.look_from_now_on(slot);
        Left::Nothing
    }

    /// Counts what is of no use, under its reason.
    fn ignored(&mut self, slot: usize, reason: fn(&mut Tally) -> &mut u64) -> Left {
        if let Some(leg) = self.legs[slot].as_mut() {
            leg.stats.ignored += 1;
        }
        *reason(&mut self.tally) += 1;
        Left::Perhaps
    }

    /// A packet that belongs to the stream: note it, record it, pass it on.
    fn accepted(&mut self, slot: usize, packet: &Packet, kind: Kind, extended: u64, length: usize) {
        let now = self.now;
        let leg = self.legs[slot].as_mut().expect("the caller has it");
        leg.stats.received += 1;
        leg.reports.received(packet.ssrc, extended, packet.timestamp, now);
        alive(leg, &mut self.events);
        leg.heard_at = now;
        let newly_heard =
            leg.bridge.as_mut().filter(|bridge| !bridge.heard).map(|bridge| bridge.heard = true);
        let mut pressed = [None; 2];
        if leg.may_receive {
            let payload = &self.datagram[packet.payload.clone()];
            match kind {
                Kind::Audio(codec) => {
                    if let Some(law) = codec.law() {
                        listen(leg, law, packet.timestamp, payload, &mut self.events);
                        let spoken = Spoken { law, stream: leg.stream, timestamp: packet.timestamp, payload };
                        for track in leg.tracks.iter().flatten() {
                            if let Some(capture) = self.captures[track.capture].as_mut() {
                                capture.put(track.side, spoken, now, &mut self.feed);
                            }
                        }
                    }
                }
                Kind::Event => {
                    for digit in leg.digits.receive(packet.timestamp, payload, now).into_iter().flatten() {
                        pressed[usize::from(pressed[0].is_some())] = Some(digit);
                    }
                }
            }
            let target = match leg.bridge {
                Some(Bridge { peer, .. }) => Some(peer),
                None => (leg.echo && !leg.paced).then_some(slot),
            };
            if let Kind::Audio(codec) = kind
                && self.legs[slot].as_ref().is_some_and(|leg| leg.membership.speaks_to.is_some())
            {
                self.feed_mixing(slot, packet, codec, extended);
            }
            if let Some(target) = target {
                self.forward(slot, target, packet, kind, extended, length);
            }
        }
        for digit in pressed.into_iter().flatten() {
            self.pressed(slot, digit);
        }
        if newly_heard.is_some() {
            self.confirm_bridge(slot);
        }
    }

    fn forward(&mut self, from: usize, to: usize, packet: &Packet, kind: Kind, extended: u64, length: usize) {
        let Some(source) = &self.legs[from] else { return };
        let stream = source.stream;
        let passes_events = self.legs[to].as_ref().is_some_and(|target| passes_events(source, target));
        let Some(target) = self.legs[to].as_mut() else { return };
        if !target.can_send() || target.play.is_some() || target.keys.is_some() || target.membership.hears_mix
        {
            return;
        }
        let target_codec = target.send_format.codec;
        let payload_type = match (kind, target.send_events) {
            (Kind::Audio(codec), _) => {
                match (codec.law(), target_codec.law()) {
                    (Some(law), Some(other)) => {
                        transcode(law, other, &mut self.datagram[packet.payload.clone()]);
                    }
                    _ if codec == target_codec => {}
                    _ => return,
                }
                target.send_format.payload_type
            }
            (Kind::Event, Some(payload_type)) if passes_events => payload_type,
            (Kind::Event, _) => return,
        };
        let relayed = Relayed { extended, timestamp: packet.timestamp, marker: packet.marker, payload_type };
        let Some(header) = target.out.relayed(stream, relayed, self.now) else { return };
        header.patch(self.datagram.first_chunk_mut().expect("a datagram buffer is longer"));
        if target.send(&mut self.datagram[..], length, self.now) {
            self.tally.sent += 1;
            self.tally.relayed += 1;
        } else {
            self.tally.send_errors += 1;
        }
    }

    fn confirm_bridge(&mut self, slot: usize) {
        let Some(leg) = &self.legs[slot] else { return };
        let Some(peer) = leg.bridge.and_then(|bridge| self.legs[bridge.peer].as_ref()) else { return };
        if peer.bridge.is_some_and(|bridge| bridge.heard) {
            let (a, b) = (leg.id.min(peer.id), leg.id.max(peer.id));
            self.events.send(MediaEvent::Bridged { a, b });
        }
    }
}

/// Is this the peer? Follows it to where it sends from.
fn is_from_peer(leg: &mut Leg, packet: &Packet, from: SocketAddr, now: Duration) -> bool {
    match leg.latch.observe(from, packet.ssrc, packet.sequence, now) {
        Verdict::Stranger | Verdict::Learning => return false,
        Verdict::Latched => {
            leg.disconnect();
            if leg.latch.is_settled(now) {
                leg.connect();
            }
            leg.stats.relatched += u64::from(leg.first_reported);
            leg.ssrc = None;
        }
        Verdict::Accept if !leg.is_connected() && leg.latch.is_settled(now) => leg.connect(),
        Verdict::Accept => {}
    }
    true
}

/// Judges the number within the stream; a new stream gets a new name. `None`: do not use the packet.
fn admit(leg: &mut Leg, packet: &Packet, streams: &mut u64) -> Option<u64> {
    let mut renew = |leg: &mut Leg| {
        *streams += 1;
        leg.stream = *streams;
        leg.digits.restart();
    };
    if leg.ssrc != Some(packet.ssrc) {
        leg.ssrc = Some(packet.ssrc);
        leg.sequence.restart();
        renew(leg);
    }
    match leg.sequence.observe(packet.sequence) {
        Arrival::New { extended, .. } | Arrival::Late { extended } => Some(extended),
        Arrival::Restarted { extended } => {
            renew(leg);
            Some(extended)
        }
        Arrival::Duplicate | Arrival::Outlier => None,
    }
}

/// Reports the first packet, and the first one after a time-out.
fn alive(leg: &mut Leg, events: &mut EventSender) {
    if !leg.first_reported {
        leg.first_reported = true;
        events.send(MediaEvent::FirstPacket { leg: leg.id });
    }
    if std::mem::take(&mut leg.timed_out) {
        events.send(MediaEvent::Resumed { leg: leg.id });
    }
}

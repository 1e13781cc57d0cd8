//! Keys: told to the switch, and sent on where their packets cannot be relayed.

use std::sync::Arc;
use std::time::Duration;

use careline_audio::dtmf;
use careline_rtp::packet::HEADER_BYTES;
use careline_rtp::srtp::RTP_OVERHEAD_MAX;
use careline_rtp::telephone_event::{Digit, EventSender, PAYLOAD_BYTES};

use super::Worker;
use super::audible::{Cursor, Playback};
use super::leg::Leg;
use super::mixing::is_relayable;
use crate::command::LegId;
use crate::event::MediaEvent;
use crate::prompts::Prompt;

/// Playback of a key's tones: its end is nobody's business.
pub(super) const KEY_TONE: u64 = u64::MAX;
/// Level of each of the two tones, as most phones send them.
const TONE_DBFS: f64 = -12.0;
/// Silence behind the tones, so that two keys are two.
const PAUSE_SAMPLES: usize = 480;
/// Shortest and longest tones, milliseconds.
const TONE_MS: std::ops::RangeInclusive<u16> = 60..=2000;

impl Worker {
    /// A leg's key has been let go: told, and sent on to whom it is bridged to if the packets themselves were not.
    pub(super) fn pressed(&mut self, slot: usize, digit: Digit) {
        let Some(leg) = self.legs[slot].as_ref() else { return };
        let event = MediaEvent::Digit { leg: leg.id, digit: digit.key, duration_ms: digit.duration_ms };
        self.events.send(event);
        let Some(peer) = leg.bridge.map(|bridge| bridge.peer) else { return };
        let Some(target) = self.legs[peer].as_ref() else { return };
        if !target.keys_signalled && !passes_events(leg, target) {
            let (id, duration_ms) = (target.id, u16::try_from(digit.duration_ms).unwrap_or(u16::MAX));
            self.send_key(id, digit.key, duration_ms);
        }
    }

    /// A key was found in a leg's sound: told, and sent on as an event where that is the way. As sound it is heard anyway.
    pub(super) fn found(&mut self, id: LegId, digit: char, duration_ms: u32) {
        self.events.send(MediaEvent::Digit { leg: id, digit, duration_ms });
        let leg = self.by_id.get(&id).and_then(|slot| self.legs[*slot].as_ref());
        let peer = leg.and_then(|leg| leg.bridge).and_then(|bridge| self.legs[bridge.peer].as_ref());
        let Some(peer) = peer.filter(|peer| peer.send_events.is_some() && !peer.keys_signalled) else {
            return;
        };
        self.send_key(peer.id, digit, u16::try_from(duration_ms).unwrap_or(u16::MAX));
    }

    /// Puts a key into the line of those to be sent.
    pub(super) fn send_key(&mut self, id: LegId, key: char, duration_ms: u16) {
        let Some(slot) = self.slot(id) else { return };
        let Some(leg) = self.legs[slot].as_mut() else { return };
        let sent = if leg.send_events.is_some() {
            let clock = leg.events_clock;
            leg.keys.get_or_insert_with(|| Box::new(EventSender::new(clock))).push(key, duration_ms)
        } else {
            play_tones(leg, key, duration_ms)
        };
        self.tally.commands_ignored += u64::from(!sent);
        self.refresh_pacing(slot);
    }

    /// One packet of a key, in place of a frame of audio.
    pub(super) fn send_key_frame(&mut self, slot: usize, due: Duration) {
        let Some(leg) = self.legs[slot].as_mut() else { return };
        let (Some(keys), Some(payload_type)) = (&mut leg.keys, leg.send_events) else {
            leg.keys = None;
            return self.refresh_pacing(slot);
        };
        let audio = leg.out.paced(leg.send_format.payload_type, due);
        let event = keys.frame(audio, payload_type);
        if !keys.is_busy() {
            leg.keys = None;
            self.refresh_pacing(slot);
        }
        let Some(leg) = self.legs[slot].as_mut().filter(|leg| leg.can_send()) else { return };
        let Some((header, payload)) = event else { return };
        let mut packet = [0; HEADER_BYTES + PAYLOAD_BYTES + RTP_OVERHEAD_MAX];
        let (head, rest) = packet.split_first_chunk_mut::<HEADER_BYTES>().expect("a packet is longer");
        header.write(head);
        rest[..PAYLOAD_BYTES].copy_from_slice(&payload);
        if leg.send(&mut packet, HEADER_BYTES + PAYLOAD_BYTES, self.now) {
            self.tally.sent += 1;
        } else {
            self.tally.send_errors += 1;
        }
    }
}

/// Whether packets of keys go from one leg to another as they are: where the audio does, when both count them alike.
/// (Timestamps are those of the audio, whatever clock the durations have: so that one stream has one clock, and as
/// phones do it that know only 8000 Hz.)
pub(super) fn passes_events(from: &Leg, to: &Leg) -> bool {
    to.send_events.is_some()
        && !to.membership.hears_mix
        && from.events_clock == to.events_clock
        && is_relayable(from.receive_format.codec, to.send_format.codec)
}

/// Tones behind those that play already. False: a prompt plays, or there is no such key.
fn play_tones(leg: &mut Leg, key: char, duration_ms: u16) -> bool {
    let Some(mut tone) = dtmf::tone(key, 8000, TONE_DBFS) else { return false };
    let length = duration_ms.clamp(*TONE_MS.start(), *TONE_MS.end());
    let mut samples = tone.take(usize::from(length) * 8);
    samples.resize(samples.len() + PAUSE_SAMPLES, 0);
    let prompt = Arc::new(Prompt::new(Arc::from("key"), &samples));
    match &mut leg.play {
        Some(play) if play.id == KEY_TONE => play.cursor.append(prompt),
        Some(_) => false,
        none => {
            *none = Some(Box::new(Playback { id: KEY_TONE, cursor: Cursor::new(vec![prompt], false) }));
            true
        }
    }
}

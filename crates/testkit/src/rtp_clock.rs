//! Audio that was heard on the wire, put on its true time: a pause of the sender is a silence of the same length.

use crate::wave::Wave;
use careline_audio::SAMPLE_RATE;
use careline_audio::g711::{self, Law};
use std::time::Duration;

/// A packet that arrives later than this after the audio before it ended leaves a gap.
const GAP: Duration = Duration::from_millis(60);

/// Fixed header of RTP (RFC 3550 5.1).
pub(crate) const RTP_HEADER_BYTES: usize = 12;

/// Longest recording kept: the rest of a story that never ends is not heard.
const SAMPLES_MAX: usize = SAMPLE_RATE as usize * 120;

/// Puts packets of G.711 one after another, with silence where the sender paused.
#[derive(Debug, Default)]
pub(crate) struct RtpClock {
    first: Option<Duration>,
    samples: Vec<i16>,
}

impl RtpClock {
    /// Takes one datagram that arrived at `at` by any one clock; whatever is not G.711 is passed over.
    pub(crate) fn take(&mut self, at: Duration, datagram: &[u8]) {
        let Some((law, payload)) = g711_of(datagram) else { return };
        let first = *self.first.get_or_insert(at);
        let due = samples_in(at.saturating_sub(first));
        if due > self.samples.len() + samples_in(GAP) {
            self.samples.resize(due.min(SAMPLES_MAX), 0);
        }
        let room = SAMPLES_MAX.saturating_sub(self.samples.len());
        self.samples.extend(payload.iter().take(room).map(|&byte| g711::decode(law, byte)));
    }

    /// What was heard so far.
    pub(crate) fn wave(&self) -> Wave {
        Wave { rate: SAMPLE_RATE, channels: vec![self.samples.clone()] }
    }
}

/// Law and payload of a packet of version 2 with payload type 0 or 8, without CSRC and extension: phones of stories
/// send neither.
fn g711_of(datagram: &[u8]) -> Option<(Law, &[u8])> {
    let (header, payload) = datagram.split_at_checked(RTP_HEADER_BYTES)?;
    (header[0] == 0x80).then_some(())?;
    let law = match header[1] & 0x7f {
        0 => Law::U,
        8 => Law::A,
        _ => return None,
    };
    Some((law, payload))
}

fn samples_in(length: Duration) -> usize {
    usize::try_from(length.as_micros() * u128::from(SAMPLE_RATE) / 1_000_000).unwrap_or(SAMPLES_MAX)
}

#[cfg(test)]
mod tests {
    use super::{RTP_HEADER_BYTES, RtpClock};
    use std::time::Duration;

    fn packet(payload_type: u8) -> Vec<u8> {
        let mut packet = vec![0; RTP_HEADER_BYTES];
        (packet[0], packet[1]) = (0x80, payload_type);
        packet.extend([0x55; 160]);
        packet
    }

    #[test]
    fn a_pause_of_the_sender_is_as_long_in_the_wave() {
        let mut clock = RtpClock::default();
        for at in [0, 20, 45, 1060] {
            clock.take(Duration::from_millis(5000 + at), &packet(8));
        }
        clock.take(Duration::from_millis(6080), &packet(101));
        let samples = clock.wave().channels[0].len();
        assert_eq!(samples, 1060 * 8 + 160, "late by 5 ms is no pause, 995 ms are");
    }
}

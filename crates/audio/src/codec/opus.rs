//! Opus through libopus, with the settings of a telephone line: voice, mono, 16 kHz on our side whatever the peer has
//! (libopus resamples inside and makes one channel of two).

use super::{CodecError, Encoded, PACKET_BYTES_MAX, PACKET_SAMPLES_MAX};

/// Highest complexity that libopus knows.
pub const COMPLEXITY_MAX: u8 = 10;
/// Lowest bit rate that is asked for.
pub const BITRATE_MIN: u32 = 6_000;
/// Highest bit rate that is asked for: more is wasted on mono speech of 16 kHz.
pub const BITRATE_MAX: u32 = 64_000;
/// Most expected loss that is told to libopus: beyond it would spend more on copies than on speech.
pub const LOSS_PERCENT_MAX: u8 = 30;

/// Samples of the 2.5 ms of which libopus' durations are multiples, at 16 kHz.
const QUANTUM: usize = 40;

/// How the encoder works. What is out of range is brought to the nearer end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct OpusSettings {
    /// Effort, 0 to [`COMPLEXITY_MAX`].
    pub complexity: u8,
    /// Bits per second, [`BITRATE_MIN`] to [`BITRATE_MAX`].
    pub bitrate: u32,
    /// Each packet carries a small copy of the one before, if the bit rate suffices: libopus decides that by complexity
    /// and loss, too.
    pub fec: bool,
    /// Loss to prepare for, percent, at most [`LOSS_PERCENT_MAX`]; with FEC, 0 makes no copies.
    pub loss_percent: u8,
    /// Do not send silence ([`Encoded::Silence`]).
    pub dtx: bool,
}

impl Default for OpusSettings {
    /// For a call centre on two cores: least effort (a third of the time of complexity 5, and on speech at this rate hard
    /// to tell from it), copies for 5 % loss, and silence sent, because recordings and level meters want an unbroken
    /// stream. 36 kbit/s, because below 33 libopus makes no copies at this effort and loss.
    fn default() -> Self {
        Self { complexity: 0, bitrate: 36_000, fec: true, loss_percent: 5, dtx: false }
    }
}

fn refused(error: opus::Error) -> CodecError {
    CodecError::Library(error.description())
}

pub(super) struct Decoder {
    library: opus::Decoder,
}

impl Decoder {
    pub fn new(rate: u32) -> Result<Self, CodecError> {
        Ok(Self { library: opus::Decoder::new(rate, opus::Channels::Mono).map_err(refused)? })
    }

    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), CodecError> {
        // libopus takes an empty payload for a lost packet.
        if payload.is_empty() {
            return Err(CodecError::Duration { bytes: 0 });
        }
        let samples = self.library.get_nb_samples(payload).map_err(|_| CodecError::Malformed)?;
        if !(PACKET_SAMPLES_MAX / 6..=PACKET_SAMPLES_MAX).contains(&samples) {
            return Err(CodecError::Duration { bytes: payload.len() });
        }
        let start = out.len();
        out.resize(start + samples, 0);
        match self.library.decode(payload, &mut out[start..], false) {
            Ok(decoded) => {
                out.truncate(start + decoded);
                Ok(())
            }
            Err(_) => {
                out.truncate(start);
                Err(CodecError::Malformed)
            }
        }
    }

    pub fn conceal(&mut self, samples: usize, out: &mut Vec<i16>) {
        let end = out.len() + samples;
        while out.len() < end {
            let start = out.len();
            let missing = (end - start).min(PACKET_SAMPLES_MAX);
            out.resize(start + missing.next_multiple_of(QUANTUM), 0);
            // An error leaves the zeros: silence.
            if self.library.decode(&[], &mut out[start..], false).is_err() {
                out[start..].fill(0);
            }
        }
        out.truncate(end);
    }

    /// Whether `samples` were appended.
    pub fn decode_fec(&mut self, next: &[u8], samples: usize, out: &mut Vec<i16>) -> bool {
        let possible = (QUANTUM..=PACKET_SAMPLES_MAX).contains(&samples) && samples.is_multiple_of(QUANTUM);
        if !possible || next.is_empty() {
            return false;
        }
        let start = out.len();
        out.resize(start + samples, 0);
        let repaired = self.library.decode(next, &mut out[start..], true).is_ok_and(|count| count == samples);
        if !repaired {
            out.truncate(start);
        }
        repaired
    }
}

pub(super) struct Encoder {
    library: opus::Encoder,
}

impl Encoder {
    pub fn new(rate: u32, settings: &OpusSettings) -> Result<Self, CodecError> {
        let mut library =
            opus::Encoder::new(rate, opus::Channels::Mono, opus::Application::Voip).map_err(refused)?;
        let bitrate = settings.bitrate.clamp(BITRATE_MIN, BITRATE_MAX);
        let bitrate = i32::try_from(bitrate).expect("the upper limit is far below 2^31");
        library.set_complexity(i32::from(settings.complexity.min(COMPLEXITY_MAX))).map_err(refused)?;
        library.set_bitrate(opus::Bitrate::Bits(bitrate)).map_err(refused)?;
        library.set_signal(opus::Signal::Voice).map_err(refused)?;
        library.set_inband_fec(settings.fec).map_err(refused)?;
        library
            .set_packet_loss_perc(i32::from(settings.loss_percent.min(LOSS_PERCENT_MAX)))
            .map_err(refused)?;
        library.set_dtx(settings.dtx).map_err(refused)?;
        Ok(Self { library })
    }

    pub fn encode(&mut self, pcm: &[i16], out: &mut Vec<u8>) -> Result<Encoded, CodecError> {
        if ![160, 320, 640, 960].contains(&pcm.len()) {
            return Err(CodecError::Block { samples: pcm.len() });
        }
        let start = out.len();
        // Three frames of 20 ms are the most that one packet holds here.
        out.resize(start + PACKET_BYTES_MAX, 0);
        match self.library.encode(pcm, &mut out[start..]) {
            // RFC 7587 section 3.1.3: one or two bytes say "nothing"; they are not sent.
            Ok(0..=2) => {
                out.truncate(start);
                Ok(Encoded::Silence)
            }
            Ok(bytes) => {
                out.truncate(start + bytes);
                Ok(Encoded::Packet)
            }
            Err(error) => {
                out.truncate(start);
                Err(refused(error))
            }
        }
    }
}

//! Codecs behind one face: payloads of RTP packets to samples and back, for the paths that decode (transcoding, mixing,
//! recording of wideband legs).
//!
//! What it is not: it knows no packet header, no sequence and no time. Who calls says which packet is missing (the
//! jitter buffer's business); the decoder says what is to be heard instead.
//!
//! Everything appends to the vectors that it is given, and allocates nothing when these have room.

mod opus;

use crate::g711::{self, Law};
use crate::g722;
use crate::plc::Plc;

pub use self::opus::{BITRATE_MAX, BITRATE_MIN, COMPLEXITY_MAX, LOSS_PERCENT_MAX, OpusSettings};

/// Shortest payload that is taken, milliseconds of sound.
pub const PACKET_MS_MIN: u32 = 10;
/// Longest payload that is taken, milliseconds of sound.
pub const PACKET_MS_MAX: u32 = 60;
/// Most samples that one payload decodes to, whatever the codec.
pub const PACKET_SAMPLES_MAX: usize = 960;
/// Most bytes of one encoded packet that [`Encoder::encode`] appends: Opus' own limit for a frame (RFC 6716 section
/// 3.2.1).
pub const PACKET_BYTES_MAX: usize = 1275;

/// The codecs that calls may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodecKind {
    /// G.711 A-law.
    Pcma,
    /// G.711 mu-law.
    Pcmu,
    /// G.722 at 64 kbit/s.
    G722,
    /// Opus (RFC 6716), mono, decoded to and encoded from 16 kHz.
    Opus,
}

impl CodecKind {
    /// Samples per second of what is decoded and encoded.
    #[must_use]
    pub const fn rate(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu => 8000,
            Self::G722 | Self::Opus => 16_000,
        }
    }

    /// Ticks per second of the RTP timestamp. G.722's is half its true rate by an old mistake (RFC 3551 section
    /// 4.5.2), Opus always has 48,000 (RFC 7587 section 4.1).
    #[must_use]
    pub const fn rtp_clock(self) -> u32 {
        match self {
            Self::Pcma | Self::Pcmu | Self::G722 => 8000,
            Self::Opus => 48_000,
        }
    }

    /// Samples of 20 ms.
    #[must_use]
    pub const fn frame_samples(self) -> usize {
        (self.rate() / 50) as usize
    }

    /// The law, when it is G.711.
    #[must_use]
    pub const fn law(self) -> Option<Law> {
        match self {
            Self::Pcma => Some(Law::A),
            Self::Pcmu => Some(Law::U),
            Self::G722 | Self::Opus => None,
        }
    }

    const fn samples_in(self, milliseconds: u32) -> usize {
        (self.rate() / 1000 * milliseconds) as usize
    }
}

/// Why a payload or a block of samples was refused. The codec's state is as before; nothing was appended.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CodecError {
    /// A payload whose length stands for less than [`PACKET_MS_MIN`] or more than [`PACKET_MS_MAX`].
    #[error("a payload of {bytes} bytes holds no 10 to 60 ms of sound")]
    Duration {
        /// Its length.
        bytes: usize,
    },
    /// A payload that breaks the codec's rules.
    #[error("the payload is malformed")]
    Malformed,
    /// A number of samples that the codec cannot put into one packet.
    #[error("{samples} samples make no packet")]
    Block {
        /// How many there were.
        samples: usize,
    },
    /// libopus had no memory or refused a setting.
    #[error("libopus refuses: {0}")]
    Library(&'static str),
}

enum DecoderState {
    G711 { table: &'static [i16; 256], plc: Box<Plc> },
    G722 { state: Box<g722::Decoder>, plc: Box<Plc> },
    Opus(opus::Decoder),
}

/// Decodes one stream. Send, so it may live on any thread.
pub struct Decoder {
    kind: CodecKind,
    state: DecoderState,
}

impl core::fmt::Debug for Decoder {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Decoder").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Decoder {
    /// At rest.
    ///
    /// # Errors
    /// [`CodecError::Library`], with Opus only.
    pub fn new(kind: CodecKind) -> Result<Self, CodecError> {
        let plc = || Box::new(Plc::new(kind.rate()));
        let state = match kind {
            CodecKind::Pcma => DecoderState::G711 { table: g711::decode_by(Law::A), plc: plc() },
            CodecKind::Pcmu => DecoderState::G711 { table: g711::decode_by(Law::U), plc: plc() },
            CodecKind::G722 => DecoderState::G722 { state: Box::default(), plc: plc() },
            CodecKind::Opus => DecoderState::Opus(opus::Decoder::new(kind.rate())?),
        };
        Ok(Self { kind, state })
    }

    /// Which codec it decodes.
    #[must_use]
    pub const fn kind(&self) -> CodecKind {
        self.kind
    }

    /// Appends the samples of one packet: usually 20 ms, from [`PACKET_MS_MIN`] to [`PACKET_MS_MAX`]. After a
    /// concealed gap the beginning is blended with what concealment would have said next.
    ///
    /// # Errors
    /// [`CodecError::Duration`] and, with Opus, [`CodecError::Malformed`]: conceal instead.
    pub fn decode(&mut self, payload: &[u8], out: &mut Vec<i16>) -> Result<(), CodecError> {
        let start = out.len();
        match &mut self.state {
            DecoderState::G711 { table, plc } => {
                check_duration(payload, 8)?;
                out.extend(payload.iter().map(|&byte| table[usize::from(byte)]));
                plc.good(&mut out[start..]);
            }
            DecoderState::G722 { state, plc } => {
                check_duration(payload, 8)?;
                state.decode(payload, out);
                plc.good(&mut out[start..]);
            }
            DecoderState::Opus(decoder) => decoder.decode(payload, out)?,
        }
        Ok(())
    }

    /// Appends what stands for `samples` that never came: G.711 and G.722 by [`crate::plc`], Opus by libopus. More
    /// than one second at a time is cut to one second.
    pub fn conceal(&mut self, samples: usize, out: &mut Vec<i16>) {
        let samples = samples.min(self.kind.samples_in(1000));
        match &mut self.state {
            DecoderState::G711 { plc, .. } | DecoderState::G722 { plc, .. } => {
                let start = out.len();
                out.resize(start + samples, 0);
                plc.conceal(&mut out[start..]);
            }
            DecoderState::Opus(decoder) => decoder.conceal(samples, out),
        }
    }

    /// Appends the `samples` that were lost just before `next`, from the copy that Opus carries in the packet after
    /// (in-band FEC). Without such a copy, and with other codecs, it conceals. `next` itself is decoded afterwards as
    /// always.
    pub fn decode_fec(&mut self, next: &[u8], samples: usize, out: &mut Vec<i16>) {
        let repaired = match &mut self.state {
            DecoderState::Opus(decoder) => decoder.decode_fec(next, samples, out),
            DecoderState::G711 { .. } | DecoderState::G722 { .. } => false,
        };
        if !repaired {
            self.conceal(samples, out);
        }
    }
}

/// Is the payload within the limits at this many bytes per millisecond?
fn check_duration(payload: &[u8], bytes_per_ms: usize) -> Result<(), CodecError> {
    let shortest = PACKET_MS_MIN as usize * bytes_per_ms;
    let longest = PACKET_MS_MAX as usize * bytes_per_ms;
    if (shortest..=longest).contains(&payload.len()) {
        Ok(())
    } else {
        Err(CodecError::Duration { bytes: payload.len() })
    }
}

/// What became of a block of samples.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Encoded {
    /// A packet was appended.
    Packet,
    /// Nothing was appended: silence that need not be sent (Opus with DTX). The RTP timestamp goes on.
    Silence,
}

enum EncoderState {
    G711(Law),
    G722(Box<g722::Encoder>),
    Opus(opus::Encoder),
}

/// Encodes one stream. Send, so it may live on any thread.
pub struct Encoder {
    kind: CodecKind,
    state: EncoderState,
}

impl core::fmt::Debug for Encoder {
    fn fmt(&self, formatter: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        formatter.debug_struct("Encoder").field("kind", &self.kind).finish_non_exhaustive()
    }
}

impl Encoder {
    /// At rest. The settings count with Opus only.
    ///
    /// # Errors
    /// [`CodecError::Library`], with Opus only.
    pub fn new(kind: CodecKind, settings: &OpusSettings) -> Result<Self, CodecError> {
        let state = match kind {
            CodecKind::Pcma => EncoderState::G711(Law::A),
            CodecKind::Pcmu => EncoderState::G711(Law::U),
            CodecKind::G722 => EncoderState::G722(Box::default()),
            CodecKind::Opus => EncoderState::Opus(opus::Encoder::new(kind.rate(), settings)?),
        };
        Ok(Self { kind, state })
    }

    /// Which codec it encodes.
    #[must_use]
    pub const fn kind(&self) -> CodecKind {
        self.kind
    }

    /// Appends the packet of `pcm`, which has [`CodecKind::rate`]: from [`PACKET_MS_MIN`] to [`PACKET_MS_MAX`]; with
    /// G.722 an even number of samples, with Opus 10, 20, 40 or 60 ms exactly.
    ///
    /// # Errors
    /// [`CodecError::Block`] for any other number of samples, [`CodecError::Library`] should libopus fail.
    pub fn encode(&mut self, pcm: &[i16], out: &mut Vec<u8>) -> Result<Encoded, CodecError> {
        let samples = pcm.len();
        let bounds = self.kind.samples_in(PACKET_MS_MIN)..=self.kind.samples_in(PACKET_MS_MAX);
        if !bounds.contains(&samples) {
            return Err(CodecError::Block { samples });
        }
        match &mut self.state {
            EncoderState::G711(law) => {
                let law = *law;
                out.extend(pcm.iter().map(|&sample| g711::encode(law, sample)));
            }
            EncoderState::G722(state) if samples.is_multiple_of(2) => state.encode(pcm, out),
            EncoderState::G722(_) => return Err(CodecError::Block { samples }),
            EncoderState::Opus(encoder) => return encoder.encode(pcm, out),
        }
        Ok(Encoded::Packet)
    }
}

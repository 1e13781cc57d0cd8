//! One RTP packet: reading it, and changing its header in place.

use core::ops::Range;

use rtp_rs::{RtpReader, RtpReaderError};

/// Length of the fixed header.
pub const HEADER_BYTES: usize = 12;

/// What a datagram on a port that RTP and RTCP share is, by its first two bytes (RFC 5761 section 4).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// Worth reading as RTP.
    Rtp,
    /// Worth reading as RTCP: packet types 192 to 223, which no negotiated payload type may look like.
    Rtcp,
    /// Neither: STUN, DTLS, noise, too short.
    Other,
}

impl Kind {
    /// Looks at the first two bytes.
    #[must_use]
    pub fn of(datagram: &[u8]) -> Self {
        match datagram {
            [first, second, ..] if first >> 6 == 2 && (192..=223).contains(second) => Self::Rtcp,
            [first, _, ..] if first >> 6 == 2 => Self::Rtp,
            _ => Self::Other,
        }
    }
}

/// Why a datagram is no RTP packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotRtp {
    /// Shorter than the headers it announces.
    #[error("truncated")]
    Truncated,
    /// Some other protocol: STUN, DTLS, noise.
    #[error("not version 2")]
    Version,
    /// The padding is longer than the packet.
    #[error("invalid padding")]
    Padding,
    /// RTCP on the same port (RFC 5761 section 4).
    #[error("RTCP")]
    Rtcp,
}

/// What the header says and where the payload lies.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Packet {
    /// 0 to 127.
    pub payload_type: u8,
    /// First packet of a talk spurt or of a telephone event.
    pub marker: bool,
    /// 16 bits; see [`crate::sequence`].
    pub sequence: u16,
    /// Units of the codec's clock: 1/8000 s, or 1/48000 s for Opus.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
    /// Payload without padding, within the datagram.
    pub payload: Range<usize>,
}

impl Packet {
    /// Reads and validates a datagram (RFC 3550 appendix A.1).
    ///
    /// # Errors
    /// Why it is none.
    pub fn parse(datagram: &[u8]) -> Result<Self, NotRtp> {
        let reader = RtpReader::new(datagram).map_err(|error| match error {
            RtpReaderError::BufferTooShort(_) | RtpReaderError::HeadersTruncated { .. } => NotRtp::Truncated,
            RtpReaderError::UnsupportedVersion(_) => NotRtp::Version,
            RtpReaderError::PaddingLengthInvalid(_) => NotRtp::Padding,
        })?;
        if (64..96).contains(&reader.payload_type()) {
            return Err(NotRtp::Rtcp);
        }
        let start = reader.payload_offset();
        Ok(Self {
            payload_type: reader.payload_type(),
            marker: reader.mark(),
            sequence: reader.sequence_number().into(),
            timestamp: reader.timestamp(),
            ssrc: reader.ssrc(),
            payload: start..start + reader.payload().len(),
        })
    }
}

/// The fields of the fixed header that a relay sets.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Header {
    /// 0 to 127.
    pub payload_type: u8,
    /// See [`Packet::marker`].
    pub marker: bool,
    /// Sequence number.
    pub sequence: u16,
    /// Units of the codec's clock: 1/8000 s, or 1/48000 s for Opus.
    pub timestamp: u32,
    /// Synchronisation source.
    pub ssrc: u32,
}

impl Header {
    /// Overwrites these fields of a valid packet and leaves version, padding, extension and CSRC as they are.
    pub fn patch(&self, header: &mut [u8; HEADER_BYTES]) {
        header[1] = (self.payload_type & 0x7f) | if self.marker { 0x80 } else { 0 };
        header[2..4].copy_from_slice(&self.sequence.to_be_bytes());
        header[4..8].copy_from_slice(&self.timestamp.to_be_bytes());
        header[8..12].copy_from_slice(&self.ssrc.to_be_bytes());
    }

    /// Writes the whole header of a packet without padding, extension and CSRC.
    pub fn write(&self, header: &mut [u8; HEADER_BYTES]) {
        header[0] = 0x80;
        self.patch(header);
    }
}

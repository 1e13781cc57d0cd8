//! Plain packets into protected ones.

use core::fmt;

use super::keys::Keys;
use super::streams::Streams;
use super::transform::{Control, Place, Transform};
use super::wire::{self, RtpHeader};
use super::{Profile, SrtpError};

/// RTP indices go up to here (section 9.2).
pub(super) const RTP_INDEX_MAX: u64 = (1 << 48) - 1;
/// RTCP indices go up to here.
pub(super) const RTCP_INDEX_MAX: u32 = (1 << 31) - 1;

/// Protects what is sent with one set of keys. Keep it as long as the keys: see [`super`].
pub struct Sender {
    profile: Profile,
    rtp: Transform,
    rtcp: Control,
    pub(super) streams: Streams,
    /// One for all SSRCs, which is stricter than asked for and simpler.
    pub(super) rtcp_index: u32,
    refused: u64,
}

impl Sender {
    /// Derives the session keys. One microsecond or two.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let profile = keys.profile();
        Self {
            profile,
            rtp: Transform::new(profile, &keys.rtp()),
            rtcp: Control::new(profile, keys.rtcp()),
            streams: Streams::default(),
            rtcp_index: 0,
            refused: 0,
        }
    }

    /// The profile it works with.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// Packets that were not protected, and so must not be sent.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    /// Protects the RTP packet of `length` bytes at the start of `buffer` in place. Sequence numbers may come in any
    /// order, but each only once. Gives the new length, [`Profile::rtp_overhead`] more.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::NoRoom`], [`SrtpError::Replayed`] (the number was used),
    /// [`SrtpError::TooManyStreams`], [`SrtpError::KeyExhausted`].
    pub fn protect(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let result = self.protect_checked(buffer, length);
        self.refused += u64::from(result.is_err());
        result
    }

    /// Protects the compound RTCP packet of `length` bytes at the start of `buffer` in place. Gives the new length,
    /// [`Profile::rtcp_overhead`] more.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::NoRoom`], [`SrtpError::KeyExhausted`].
    pub fn protect_rtcp(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let result = self.protect_rtcp_checked(buffer, length);
        self.refused += u64::from(result.is_err());
        result
    }

    fn protect_checked(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let tag = self.profile.rtp_overhead();
        let packet = room(buffer, length, tag)?;
        let header = RtpHeader::read(packet, tag)?;
        let index = match self.streams.find(header.ssrc) {
            Some(stream) => {
                let index = stream.guess(header.sequence).ok_or(SrtpError::Replayed)?;
                stream.check(index)?;
                index
            }
            None => {
                self.streams.check_room()?;
                u64::from(header.sequence)
            }
        };
        if index > RTP_INDEX_MAX {
            return Err(SrtpError::KeyExhausted);
        }
        self.rtp.seal_rtp(packet, header.length, tag, Place { ssrc: header.ssrc, index })?;
        self.streams.note(header.ssrc, index);
        Ok(length + tag)
    }

    fn protect_rtcp_checked(&mut self, buffer: &mut [u8], length: usize) -> Result<usize, SrtpError> {
        let overhead = self.profile.rtcp_overhead();
        let packet = room(buffer, length, overhead)?;
        let ssrc = wire::rtcp_ssrc(packet, overhead)?;
        if self.rtcp_index >= RTCP_INDEX_MAX {
            return Err(SrtpError::KeyExhausted);
        }
        self.rtcp_index += 1;
        let place = Place { ssrc, index: u64::from(self.rtcp_index) };
        self.rtcp.seal(packet, length, place)?;
        Ok(length + overhead)
    }
}

impl fmt::Debug for Sender {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Sender").field("profile", &self.profile).finish_non_exhaustive()
    }
}

fn room(buffer: &mut [u8], length: usize, extra: usize) -> Result<&mut [u8], SrtpError> {
    let end = length.checked_add(extra).ok_or(SrtpError::NoRoom)?;
    buffer.get_mut(..end).ok_or(SrtpError::NoRoom)
}

//! Protected packets into plain ones.

use core::fmt;

use super::keys::Keys;
use super::sender::RTP_INDEX_MAX;
use super::streams::Streams;
use super::transform::{Control, Place, Transform};
use super::wire::{self, E_BIT, RtpHeader};
use super::{Profile, SrtpError};

/// After this many packets in a row whose tag was wrong, and again each time as many have come, later rollovers are
/// tried: the peer may have sent for eleven minutes (2^15 packets) or more what never reached us.
pub const SEARCH_EVERY: u32 = 25;
/// How many rollovers later are tried.
pub const ROLLOVERS_SEARCHED: u64 = 4;
/// Packets longer than this are not searched with: trying GCM twice needs a copy.
const SEARCH_BYTES_MAX: usize = 1600;

/// What was refused, by reason.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Refused {
    /// No RTP or RTCP, or too short.
    pub malformed: u64,
    /// Wrong tag.
    pub unauthentic: u64,
    /// There before, or too old.
    pub replayed: u64,
    /// The rest: SRTCP without encryption, too many SSRCs, exhausted keys.
    pub other: u64,
}

/// Opens what is received with one set of keys. Keep it as long as the keys: see [`super`].
pub struct Receiver {
    profile: Profile,
    rtp: Transform,
    rtcp: Control,
    pub(super) streams: Streams,
    rtcp_streams: Streams,
    /// Wrong tags in a row.
    failures: u32,
    refused: Refused,
}

impl Receiver {
    /// Derives the session keys. One microsecond or two.
    #[must_use]
    pub fn new(keys: &Keys) -> Self {
        let profile = keys.profile();
        Self {
            profile,
            rtp: Transform::new(profile, &keys.rtp()),
            rtcp: Control::new(profile, keys.rtcp()),
            streams: Streams::default(),
            rtcp_streams: Streams::default(),
            failures: 0,
            refused: Refused::default(),
        }
    }

    /// The profile it works with.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// What was refused so far.
    #[must_use]
    pub fn refused(&self) -> Refused {
        self.refused
    }

    /// Verifies and decrypts an SRTP packet in place. Gives the length of the RTP packet at its start.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::Unauthentic`], [`SrtpError::Replayed`], [`SrtpError::TooManyStreams`],
    /// [`SrtpError::KeyExhausted`].
    pub fn unprotect(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let result = self.unprotect_checked(packet);
        self.count(result)
    }

    /// Verifies and decrypts an SRTCP packet in place. Gives the length of the RTCP packet at its start.
    ///
    /// # Errors
    /// [`SrtpError::Malformed`], [`SrtpError::Unauthentic`], [`SrtpError::Replayed`], [`SrtpError::Unencrypted`],
    /// [`SrtpError::TooManyStreams`].
    pub fn unprotect_rtcp(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let result = self.unprotect_rtcp_checked(packet);
        self.count(result)
    }

    fn unprotect_checked(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let tag = self.profile.rtp_overhead();
        let header = RtpHeader::read(packet, tag)?;
        let known = self.streams.find(header.ssrc);
        let index = match known {
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
        // Of a new stream the first packets may be lost, and the wrap among them.
        let further = match known {
            None => u64::from(header.sequence < 0x8000),
            Some(_) if (self.failures + 1).is_multiple_of(SEARCH_EVERY) => ROLLOVERS_SEARCHED,
            Some(_) => 0,
        };
        let opened = if further > 0 && packet.len() <= SEARCH_BYTES_MAX {
            self.search(packet, header, index, further)
        } else {
            self.open(packet, header, index)
        };
        let index = opened.inspect_err(|error| {
            self.failures = self.failures.wrapping_add(u32::from(*error == SrtpError::Unauthentic));
        })?;
        self.failures = 0;
        self.streams.note(header.ssrc, index);
        Ok(packet.len() - tag)
    }

    fn open(&self, packet: &mut [u8], header: RtpHeader, index: u64) -> Result<u64, SrtpError> {
        if index > RTP_INDEX_MAX {
            return Err(SrtpError::KeyExhausted);
        }
        let place = Place { ssrc: header.ssrc, index };
        self.rtp.open_rtp(packet, header.length, self.profile.rtp_overhead(), place)?;
        Ok(index)
    }

    /// Opens with this index, or with the same number up to `further` rollovers later; gives the right one.
    fn search(
        &self,
        packet: &mut [u8],
        header: RtpHeader,
        index: u64,
        further: u64,
    ) -> Result<u64, SrtpError> {
        let mut copy = [0; SEARCH_BYTES_MAX];
        let copy = &mut copy[..packet.len()];
        copy.copy_from_slice(packet);
        let mut result = Err(SrtpError::Unauthentic);
        for rollovers in 0..=further {
            result = self.open(packet, header, index + (rollovers << 16));
            if result != Err(SrtpError::Unauthentic) {
                break;
            }
            packet.copy_from_slice(copy);
        }
        result
    }

    fn unprotect_rtcp_checked(&mut self, packet: &mut [u8]) -> Result<usize, SrtpError> {
        let overhead = self.profile.rtcp_overhead();
        let ssrc = wire::rtcp_ssrc(packet, overhead)?;
        let known = self.rtcp_streams.find(ssrc);
        if known.is_none() {
            self.rtcp_streams.check_room()?;
        }
        let word = self.rtcp.index_word(packet);
        if word & E_BIT == 0 {
            return Err(SrtpError::Unencrypted);
        }
        let index = u64::from(word & !E_BIT);
        known.map_or(Ok(()), |stream| stream.check(index))?;
        self.rtcp.open(packet, Place { ssrc, index })?;
        self.rtcp_streams.note(ssrc, index);
        Ok(packet.len() - overhead)
    }

    fn count(&mut self, result: Result<usize, SrtpError>) -> Result<usize, SrtpError> {
        let counter = match result {
            Ok(_) => return result,
            Err(SrtpError::Malformed) => &mut self.refused.malformed,
            Err(SrtpError::Unauthentic) => &mut self.refused.unauthentic,
            Err(SrtpError::Replayed) => &mut self.refused.replayed,
            Err(_) => &mut self.refused.other,
        };
        *counter += 1;
        result
    }
}

impl fmt::Debug for Receiver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Receiver")
            .field("profile", &self.profile)
            .field("refused", &self.refused)
            .finish_non_exhaustive()
    }
}

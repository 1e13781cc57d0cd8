//! Where things stand in a packet.

use super::SrtpError;

/// First bit of the SRTCP index word: encrypted.
pub(super) const E_BIT: u32 = 1 << 31;
/// RTCP header with SSRC, which stays clear.
pub(super) const RTCP_HEADER_BYTES: usize = 8;
/// E bit and index.
pub(super) const INDEX_BYTES: usize = 4;
const RTP_HEADER_BYTES: usize = 12;

/// What protecting needs of an RTP header.
#[derive(Clone, Copy, Debug)]
pub(super) struct RtpHeader {
    /// With CSRCs and extension.
    pub(super) length: usize,
    pub(super) sequence: u16,
    pub(super) ssrc: u32,
}

impl RtpHeader {
    /// Reads the header of a packet that ends with `tag` bytes of tag.
    pub(super) fn read(packet: &[u8], tag: usize) -> Result<Self, SrtpError> {
        let fixed: &[u8; RTP_HEADER_BYTES] = packet.first_chunk().ok_or(SrtpError::Malformed)?;
        let [flags, _, s0, s1, _, _, _, _, ssrc @ ..] = *fixed;
        let mut length = RTP_HEADER_BYTES + 4 * usize::from(flags & 0x0f);
        if flags & 0x10 != 0 {
            let words = packet.get(length + 2..length + 4).ok_or(SrtpError::Malformed)?;
            length += 4 + 4 * usize::from(u16::from_be_bytes([words[0], words[1]]));
        }
        if flags >> 6 != 2 || length + tag > packet.len() {
            return Err(SrtpError::Malformed);
        }
        Ok(Self { length, sequence: u16::from_be_bytes([s0, s1]), ssrc: u32::from_be_bytes(ssrc) })
    }
}

/// The SSRC of an RTCP packet that is `extra` bytes longer than a plain one.
pub(super) fn rtcp_ssrc(packet: &[u8], extra: usize) -> Result<u32, SrtpError> {
    let [flags, kind, _, _, ssrc @ ..] =
        *packet.first_chunk::<RTCP_HEADER_BYTES>().ok_or(SrtpError::Malformed)?;
    let is_rtcp = flags >> 6 == 2 && (192..=223).contains(&kind);
    if !is_rtcp || packet.len() < RTCP_HEADER_BYTES + extra {
        return Err(SrtpError::Malformed);
    }
    Ok(u32::from_be_bytes(ssrc))
}

//! A datagram as a row of RTCP packets, validated as a whole (RFC 3550 appendix A.2).

/// Packets in one datagram that are looked at.
const PACKETS_MAX: usize = 32;

/// Sender report.
pub(super) const SR: u8 = 200;
/// Receiver report.
pub(super) const RR: u8 = 201;
/// Goodbye.
pub(super) const BYE: u8 = 203;
/// Transport feedback (RFC 4585), which may come alone (RFC 5506).
const RTPFB: u8 = 205;
/// Payload feedback, likewise.
const PSFB: u8 = 206;

/// Why a datagram is not used.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum NotRtcp {
    /// The packets' lengths do not add up to the datagram's.
    #[error("lengths do not add up")]
    Length,
    /// Another version than 2 somewhere.
    #[error("not version 2")]
    Version,
    /// Padding elsewhere than at the end, or longer than its packet.
    #[error("invalid padding")]
    Padding,
    /// It begins neither with a report nor with feedback.
    #[error("begins with no report")]
    First,
    /// A report or goodbye is shorter than it says.
    #[error("truncated report")]
    Truncated,
}

/// The packets of a valid datagram, with their types; padding is cut off nowhere.
pub(super) fn packets(datagram: &[u8]) -> Result<impl Iterator<Item = (u8, &[u8])>, NotRtcp> {
    let mut rest = datagram;
    let mut count = 0;
    while !rest.is_empty() {
        let (packet, after) = split(rest)?;
        if count == 0 && !matches!(packet[1], SR | RR | RTPFB | PSFB) {
            return Err(NotRtcp::First);
        }
        if packet[0] >> 6 != 2 {
            return Err(NotRtcp::Version);
        }
        if packet[0] & 0x20 != 0 {
            let padding = usize::from(packet[packet.len() - 1]);
            if !after.is_empty() || padding == 0 || padding % 4 != 0 || padding + 4 > packet.len() {
                return Err(NotRtcp::Padding);
            }
        }
        rest = after;
        count += 1;
        if count > PACKETS_MAX {
            return Err(NotRtcp::Length);
        }
    }
    if count == 0 {
        return Err(NotRtcp::Length);
    }
    let mut rest = datagram;
    Ok(core::iter::from_fn(move || {
        let (packet, after) = split(rest).ok()?;
        rest = after;
        Some((packet[1], packet))
    }))
}

/// The first packet, of at least four bytes, and the rest.
fn split(rest: &[u8]) -> Result<(&[u8], &[u8]), NotRtcp> {
    let words = rest.get(2..4).ok_or(NotRtcp::Length)?;
    let length = (usize::from(u16::from_be_bytes([words[0], words[1]])) + 1) * 4;
    rest.split_at_checked(length).ok_or(NotRtcp::Length)
}

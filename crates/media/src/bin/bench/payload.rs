//! What the phones say: the caller of each packet, its number and its time, then a pattern that follows from these, so
//! that the receiver can check every byte.

use std::time::Duration;

use careline_rtp::packet::{HEADER_BYTES, Header};
use careline_rtp::srtp::RTP_OVERHEAD_MAX;

use crate::scenario::Plan;

/// A G.711 packet of 20 ms.
pub(crate) const PACKET_BYTES: usize = HEADER_BYTES + 160;
/// Room for the longest packet and its tag.
pub(crate) const BUFFER_BYTES: usize = 512 + RTP_OVERHEAD_MAX;
/// Phone, number, flag, time.
const STAMP_BYTES: usize = 4 + 2 + 1 + 8;

/// One packet to say.
pub(crate) struct Said {
    pub(crate) phone: u32,
    pub(crate) payload_type: u8,
    pub(crate) sequence: u16,
    /// It belongs to the measured window.
    pub(crate) counts: bool,
}

/// What was found in a packet.
pub(crate) struct Read {
    pub(crate) counts: bool,
    pub(crate) said_at: Duration,
}

/// Writes header and payload; gives the length.
pub(crate) fn write(buffer: &mut [u8], plan: &Plan, said: &Said, timestamp: u32, now: Duration) -> usize {
    let (header, payload) = buffer.split_first_chunk_mut::<HEADER_BYTES>().expect("a packet is longer");
    let sequence = said.sequence;
    Header { payload_type: said.payload_type, marker: false, sequence, timestamp, ssrc: said.phone + 1 }
        .write(header);
    if let Some(speech) = plan.speech(said.phone, sequence) {
        payload[..speech.len()].copy_from_slice(speech);
        return HEADER_BYTES + speech.len();
    }
    let payload = &mut payload[..PACKET_BYTES - HEADER_BYTES];
    payload[..4].copy_from_slice(&said.phone.to_be_bytes());
    payload[4..6].copy_from_slice(&sequence.to_be_bytes());
    payload[6] = u8::from(said.counts);
    payload[7..STAMP_BYTES].copy_from_slice(&(now.as_nanos() as u64).to_be_bytes());
    for (place, byte) in payload[STAMP_BYTES..].iter_mut().zip(pattern(said.phone, sequence)) {
        *place = byte;
    }
    PACKET_BYTES
}

/// Reads a packet of `from`; `None` when a byte of it is not what that phone said.
pub(crate) fn read(packet: &[u8], from: u32) -> Option<Read> {
    let payload = packet.get(HEADER_BYTES..PACKET_BYTES).filter(|_| packet.len() == PACKET_BYTES)?;
    let phone = u32::from_be_bytes(*payload.first_chunk()?);
    let sequence = u16::from_be_bytes(*payload[4..].first_chunk()?);
    let said_at = u64::from_be_bytes(*payload[7..].first_chunk()?);
    let is_whole =
        payload[STAMP_BYTES..].iter().copied().eq(pattern(phone, sequence).take(160 - STAMP_BYTES));
    (phone == from && is_whole)
        .then_some(Read { counts: payload[6] == 1, said_at: Duration::from_nanos(said_at) })
}

fn pattern(phone: u32, sequence: u16) -> impl Iterator<Item = u8> {
    let mut state = phone.wrapping_mul(0x9e37_79b9) ^ u32::from(sequence).wrapping_mul(0x85eb_ca6b);
    std::iter::repeat_with(move || {
        state = state.wrapping_mul(0x0019_660d).wrapping_add(0x3c6e_f35f);
        (state >> 24) as u8
    })
}

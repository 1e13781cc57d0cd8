//! What is remembered of each SSRC: the highest index and the window of those before (RFC 3711 sections 3.3.1, 3.3.2).

use super::SrtpError;

/// SSRCs under one key. A further one is refused: forgetting an old one would let its packets in a second time.
pub const STREAMS_MAX: usize = 64;
/// Indices behind the highest of which is known whether they have come; older ones are refused.
pub const WINDOW: u64 = 128;
/// Places made for the streams at the start, so that a call does not allocate later.
const STREAMS_USUAL: usize = 2;

/// One SSRC.
#[derive(Clone, Copy, Debug)]
pub(super) struct Stream {
    ssrc: u32,
    pub(super) highest: u64,
    /// Bit n: `highest - n` was there.
    seen: u128,
}

impl Stream {
    /// Is this index new?
    pub(super) fn check(&self, index: u64) -> Result<(), SrtpError> {
        match self.highest.checked_sub(index) {
            None => Ok(()),
            Some(behind) if behind < WINDOW && self.seen & (1 << behind) == 0 => Ok(()),
            Some(_) => Err(SrtpError::Replayed),
        }
    }

    /// Notes an index that passed [`Stream::check`] and was verified.
    fn note(&mut self, index: u64) {
        if let Some(behind) = self.highest.checked_sub(index) {
            self.seen |= 1 << behind;
            return;
        }
        let ahead = index - self.highest;
        self.seen = if ahead < WINDOW { self.seen << ahead } else { 0 } | 1;
        self.highest = index;
    }

    /// The index that this sequence number most probably means (section 3.3.1); `None` when it would be negative.
    pub(super) fn guess(&self, sequence: u16) -> Option<u64> {
        let rollover = self.highest >> 16;
        let last = self.highest as u16;
        let rollover = if last < 0x8000 {
            if i32::from(sequence) - i32::from(last) > 0x8000 { rollover.checked_sub(1)? } else { rollover }
        } else if i32::from(last) - 0x8000 > i32::from(sequence) {
            rollover + 1
        } else {
            rollover
        };
        Some(rollover << 16 | u64::from(sequence))
    }
}

/// The streams of one key.
#[derive(Clone, Debug)]
pub(super) struct Streams(Vec<Stream>);

impl Default for Streams {
    fn default() -> Self {
        Self(Vec::with_capacity(STREAMS_USUAL))
    }
}

impl Streams {
    /// What is known of this SSRC.
    pub(super) fn find(&self, ssrc: u32) -> Option<&Stream> {
        self.0.iter().find(|stream| stream.ssrc == ssrc)
    }

    /// May a packet of a new SSRC be looked at?
    pub(super) fn check_room(&self) -> Result<(), SrtpError> {
        if self.0.len() < STREAMS_MAX { Ok(()) } else { Err(SrtpError::TooManyStreams) }
    }

    /// Notes a verified index. The stream moves to the front, as the next packet is most often of the same.
    pub(super) fn note(&mut self, ssrc: u32, index: u64) {
        match self.0.iter().position(|stream| stream.ssrc == ssrc) {
            Some(at) => {
                self.0.swap(0, at);
                self.0[0].note(index);
            }
            None if self.0.len() < STREAMS_MAX => self.0.push(Stream { ssrc, highest: index, seen: 1 }),
            None => {}
        }
    }
}

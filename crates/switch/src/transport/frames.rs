//! Where WebSocket messages begin and end in a stream of bytes (RFC 6455 5.2): only as much as the deadline of an
//! unfinished message needs. tungstenite reads the frames themselves and tells of whole messages alone, so that a peer
//! that dribbles one between pings would look alive.

/// Two bytes, eight of the longest length, four of the mask.
const HEADER_BYTES_MAX: usize = 14;

/// What is unfinished after some bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Left {
    /// Nothing.
    Nothing,
    /// What was unfinished before them.
    Same,
    /// Something that began in them.
    Begun,
}

/// Follows the frames of one direction.
#[derive(Debug, Default)]
pub(super) struct Frames {
    header: [u8; HEADER_BYTES_MAX],
    /// Bytes of `header` that have come.
    have: usize,
    payload_left: u64,
    /// A data message has begun and its last fragment has not ended.
    open: bool,
}

impl Frames {
    /// Follows the next bytes. What no frame can be is tungstenite's to refuse; here it only must do no harm.
    pub fn take(&mut self, mut bytes: &[u8]) -> Left {
        let mut begun = false;
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload_left > 0 {
                let now = bytes.len().min(usize::try_from(self.payload_left).unwrap_or(usize::MAX));
                self.payload_left -= now as u64;
                bytes = bytes.get(now..).unwrap_or_default();
            } else {
                begun |= self.have == 0 && !self.open;
                if let Some(place) = self.header.get_mut(self.have) {
                    *place = *first;
                }
                self.have += 1;
                bytes = rest;
                if self.have < self.header_len() {
                    continue;
                }
                self.have = 0;
                self.payload_left = self.payload_len();
                // Opcodes from 8 on are control frames, which may stand between the fragments of a message.
                self.open |= self.header[0] & 0x08 == 0;
            }
            if self.payload_left == 0 && self.header[0] & 0x88 == 0x80 {
                self.open = false;
            }
        }
        match (self.open || self.have > 0 || self.payload_left > 0, begun) {
            (false, _) => Left::Nothing,
            (true, true) => Left::Begun,
            (true, false) => Left::Same,
        }
    }

    fn header_len(&self) -> usize {
        if self.have < 2 {
            return 2;
        }
        let mask = if self.header[1] & 0x80 == 0 { 0 } else { 4 };
        mask + match self.header[1] & 0x7f {
            126 => 4,
            127 => 10,
            _ => 2,
        }
    }

    fn payload_len(&self) -> u64 {
        let long =
            |len: usize| self.header[2..2 + len].iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte));
        match self.header[1] & 0x7f {
            126 => long(2),
            127 => long(8),
            short => u64::from(short),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A masked frame of a client.
    fn frame(first: u8, payload: usize) -> Vec<u8> {
        let mut frame = vec![first];
        match payload {
            0..126 => frame.push(0x80 | payload as u8),
            126..65_536 => frame.extend([0xfe, (payload >> 8) as u8, payload as u8]),
            _ => {
                frame.push(0xff);
                frame.extend((payload as u64).to_be_bytes());
            }
        }
        frame.extend([1, 2, 3, 4]);
        frame.resize(frame.len() + payload, b'x');
        frame
    }

    const TEXT: u8 = 0x81;
    const FIRST: u8 = 0x01;
    const MIDDLE: u8 = 0x00;
    const LAST: u8 = 0x80;
    const PING: u8 = 0x89;

    #[test]
    fn a_message_is_unfinished_from_its_first_byte_to_its_last() {
        for payload in [0, 1, 125, 126, 400, 65_535, 65_536, 70_000] {
            let whole = frame(TEXT, payload);
            let mut frames = Frames::default();
            assert_eq!(frames.take(&whole), Left::Nothing, "{payload} in one piece");
            assert_eq!(frames.take(&whole[..1]), Left::Begun);
            for byte in &whole[1..whole.len() - 1] {
                assert_eq!(frames.take(&[*byte]), Left::Same, "{payload}");
            }
            assert_eq!(frames.take(&whole[whole.len() - 1..]), Left::Nothing);
        }
    }

    #[test]
    fn pings_between_fragments_change_nothing() {
        let mut frames = Frames::default();
        assert_eq!(frames.take(&frame(PING, 4)), Left::Nothing);
        assert_eq!(frames.take(&frame(FIRST, 3)), Left::Begun);
        assert_eq!(frames.take(&frame(PING, 0)), Left::Same);
        assert_eq!(frames.take(&frame(PING, 9)[..4]), Left::Same);
        assert_eq!(frames.take(&frame(PING, 9)[4..]), Left::Same);
        assert_eq!(frames.take(&frame(MIDDLE, 3)), Left::Same);
        assert_eq!(frames.take(&frame(LAST, 3)), Left::Nothing);
    }

    #[test]
    fn the_next_message_begins_where_it_begins() {
        let mut frames = Frames::default();
        let next = frame(TEXT, 20);
        assert_eq!(frames.take(&next[..5]), Left::Begun);
        assert_eq!(frames.take(&[&next[5..], &next[..5]].concat()), Left::Begun, "another one");
        assert_eq!(frames.take(&[&next[5..], &frame(FIRST, 0)].concat()), Left::Begun);
        assert_eq!(frames.take(&[]), Left::Same);
    }

    #[test]
    fn a_length_of_2_to_the_63_is_followed_without_harm() {
        let mut frames = Frames::default();
        assert_eq!(frames.take(&[TEXT, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff]), Left::Begun);
        assert_eq!(frames.take(&[0; 100]), Left::Same);
    }
}

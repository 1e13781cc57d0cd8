//! Frames of the minimal lower layer protocol: `0x0B`, a message, `0x1C`, `0x0D`.
//!
//! Read leniently: bytes between frames are skipped and counted, a missing final `0x0D` is forgiven, and a `0x0B` inside a
//! frame begins the message anew (its sender broke off).

/// Longest message.
pub const FRAME_MAX: usize = 2 * 1024 * 1024;

const BEGIN: u8 = 0x0B;
const END: u8 = 0x1C;
const CARRIAGE_RETURN: u8 = 0x0D;

/// A message is longer than [`FRAME_MAX`]; the connection is of no use any more.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a message is longer than {FRAME_MAX} bytes")]
pub struct TooLong;

/// Bytes in, messages out.
#[derive(Debug, Default)]
pub struct Frames {
    /// Nothing outside a frame.
    inside: Option<Vec<u8>>,
    skipped: u64,
}

impl Frames {
    /// Takes what was read, and gives the messages that it completes.
    ///
    /// # Errors
    /// [`TooLong`].
    pub fn push(&mut self, bytes: &[u8]) -> Result<Vec<Vec<u8>>, TooLong> {
        let mut whole = Vec::new();
        for &byte in bytes {
            match (&mut self.inside, byte) {
                (inside, BEGIN) => {
                    self.skipped += inside.take().map_or(0, |broken_off| broken_off.len() as u64);
                    *inside = Some(Vec::new());
                }
                (inside @ Some(_), END) => whole.extend(inside.take()),
                (Some(message), byte) => {
                    if message.len() == FRAME_MAX {
                        return Err(TooLong);
                    }
                    message.push(byte);
                }
                (None, CARRIAGE_RETURN) => {}
                (None, _) => self.skipped += 1,
            }
        }
        Ok(whole)
    }

    /// A message began and has not ended.
    #[must_use]
    pub fn is_inside(&self) -> bool {
        self.inside.is_some()
    }

    /// Bytes that belonged to no whole message.
    #[must_use]
    pub fn skipped(&self) -> u64 {
        self.skipped
    }
}

/// A message in its frame.
#[must_use]
pub fn framed(message: &[u8]) -> Vec<u8> {
    let mut frame = Vec::with_capacity(message.len() + 3);
    frame.push(BEGIN);
    frame.extend_from_slice(message);
    frame.extend_from_slice(&[END, CARRIAGE_RETURN]);
    frame
}

#[cfg(test)]
mod tests {
    use super::{FRAME_MAX, Frames, TooLong, framed};

    #[test]
    fn messages_come_whole_however_they_are_cut() {
        let (one, two) = (framed(b"MSH|1"), framed(b"MSH|2"));
        let both = [one, two].concat();
        for size in 1..=both.len() {
            let mut frames = Frames::default();
            let got: Vec<_> =
                both.chunks(size).flat_map(|chunk| frames.push(chunk).expect("short")).collect();
            assert_eq!(got, [b"MSH|1".to_vec(), b"MSH|2".to_vec()], "{size}");
            assert!(!frames.is_inside() && frames.skipped() == 0);
        }
    }

    #[test]
    fn junk_is_skipped_and_counted() {
        let mut frames = Frames::default();
        let junk = [b"hello\n".as_slice(), b"\x0BMSH|broken", &framed(b"MSH|1"), b"\n\x0BMSH|2\x1C"].concat();
        assert_eq!(frames.push(&junk), Ok(vec![b"MSH|1".to_vec(), b"MSH|2".to_vec()]));
        assert_eq!(frames.skipped(), 6 + 10 + 1);
    }

    #[test]
    fn what_never_ends_is_too_long() {
        let mut frames = Frames::default();
        assert_eq!(frames.push(b"\x0B"), Ok(Vec::new()));
        assert_eq!(frames.push(&vec![b'x'; FRAME_MAX]), Ok(Vec::new()));
        assert!(frames.is_inside());
        assert_eq!(frames.push(b"x"), Err(TooLong));
    }
}

//! Ranges of bytes (RFC 9110, 14.1.2): one at a time.

/// From the first to the last byte, both in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ByteRange {
    /// The first.
    pub first: u64,
    /// The last.
    pub last: u64,
}

impl ByteRange {
    /// How many bytes; at least one.
    #[must_use]
    pub fn len(self) -> u64 {
        self.last - self.first + 1
    }

    /// Never: it has its first byte.
    #[must_use]
    pub fn is_empty(self) -> bool {
        false
    }
}

/// No byte of the range is in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct NotSatisfiable;

/// What a `Range` header asks of a file of so many bytes. Nothing: send the file whole; that is also the answer to
/// several ranges, to other units and to what cannot be read.
///
/// # Errors
/// When the range lies behind the end.
pub fn requested(header: &str, bytes: u64) -> Result<Option<ByteRange>, NotSatisfiable> {
    let Some(range) = header.trim().strip_prefix("bytes=") else { return Ok(None) };
    let Some((first, last)) = range.split_once('-') else { return Ok(None) };
    let (first, last) = (first.trim(), last.trim());
    let digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if !digits(first) || !digits(last) || (first.is_empty() && last.is_empty()) {
        return Ok(None);
    }
    // A number too great to hold is greater than any file.
    let number = |text: &str| text.parse().unwrap_or(u64::MAX);
    if first.is_empty() {
        let wanted = number(last).min(bytes);
        return if wanted == 0 {
            Err(NotSatisfiable)
        } else {
            Ok(Some(ByteRange { first: bytes - wanted, last: bytes - 1 }))
        };
    }
    let first: u64 = number(first);
    let last = if last.is_empty() { u64::MAX } else { number(last) };
    if last < first {
        return Ok(None);
    }
    if first >= bytes {
        return Err(NotSatisfiable);
    }
    Ok(Some(ByteRange { first, last: last.min(bytes - 1) }))
}

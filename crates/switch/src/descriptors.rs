//! File descriptors: how many there are, and how many of them calls may have.

use rustix::io::Errno;
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;

/// Kept for connections of phones and desks, the journal, the trace: all that is not a call's own.
const OTHERS: u64 = crate::transport::CONNECTIONS_MAX as u64 + 512;
/// Of a small limit no more than this part is kept for the others.
const OTHERS_PART: u64 = 4;
/// A leg's own: two sockets, and its half of a recording's files, rounded up.
const PER_LEG: u64 = 3;

/// What the media may take.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Legs, with a pair of sockets each.
    pub pairs_max: usize,
    /// The limit of the process that this comes from.
    pub descriptors_max: u64,
}

impl Allowance {
    fn of(descriptors_max: u64) -> Self {
        let others = OTHERS.min(descriptors_max / OTHERS_PART);
        let legs = (descriptors_max - others) / PER_LEG;
        Self { pairs_max: usize::try_from(legs).unwrap_or(usize::MAX), descriptors_max }
    }
}

/// Raises the limit as far as the system lets us, and says what it means for calls.
#[must_use]
pub fn raise() -> Allowance {
    let Rlimit { current, maximum } = getrlimit(Resource::Nofile);
    let raised = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum });
    let limit = if raised.is_ok() { maximum } else { current };
    Allowance::of(limit.unwrap_or(u64::MAX))
}

/// Whether the process or the whole system has no descriptor left.
#[must_use]
pub fn is_exhausted(error: &io::Error) -> bool {
    matches!(Errno::from_io_error(error), Some(Errno::MFILE | Errno::NFILE))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn running_calls_keep_descriptors_for_recordings_and_connections() {
        for (limit, legs) in
            [(u64::MAX, None), (65_536, Some(20_992)), (1_024, Some(256)), (80, Some(20)), (0, Some(0))]
        {
            let allowance = Allowance::of(limit);
            assert_eq!(legs.unwrap_or(allowance.pairs_max), allowance.pairs_max, "{limit}");
        }
    }

    #[test]
    fn only_a_lack_of_descriptors_is_taken_for_one() {
        let of = |errno: Errno| is_exhausted(&io::Error::from(errno));
        assert!(of(Errno::MFILE) && of(Errno::NFILE));
        assert!(!of(Errno::ADDRINUSE) && !is_exhausted(&io::Error::other("no errno")));
    }
}

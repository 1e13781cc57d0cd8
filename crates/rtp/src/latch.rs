//! Source lock: which address a stream really comes from (symmetric RTP, RFC 4961), and nobody else's.
//!
//! ```text
//!            enough consecutive packets                     silent for `relatch_after`, and another source
//! Learning -----------------------------> Locked(address) ---------------- has enough ----------------> Locked(new)
//!     ^                                        |
//!     +---------- expect(other address) -------+
//! ```
//! The address in the SDP is a preference and no condition: phones behind NAT, and phones bound to another address of
//! the same host, send from elsewhere. A source with the SDP's IP needs [`RUN_EXPECTED`] consecutive packets, any other
//! [`RUN_OTHER`], the source of before a changed SDP [`RUN_PREVIOUS`]. Only packets that are valid RTP of a negotiated
//! payload type may be shown to the latch.
//!
//! What it is not: protection against a listener on the path, who can forge everything; that takes SRTP.

use core::net::SocketAddr;
use core::time::Duration;

/// Consecutive packets needed from the IP that the SDP names, or from the known SSRC at a new address.
pub const RUN_EXPECTED: u8 = 2;
/// Consecutive packets needed from elsewhere.
pub const RUN_OTHER: u8 = 3;
/// Consecutive packets needed from the former source after the SDP named another address: it may go on for a moment.
pub const RUN_PREVIOUS: u8 = 10;
/// Sources followed at once while learning; a further one takes the place of the one that was silent longest.
pub const CANDIDATES_MAX: usize = 4;
/// How long the source must be silent before another may take over, unless told otherwise.
pub const RELATCH_AFTER: Duration = Duration::from_secs(1);

/// What to do with a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Verdict {
    /// From the locked source: use it.
    Accept,
    /// This packet has locked its source: use it, and send there from now on.
    Latched,
    /// Not from a known source yet: do not use it.
    Learning,
    /// From somebody else: do not use it.
    Stranger,
}

#[derive(Clone, Copy, Debug)]
struct Candidate {
    address: SocketAddr,
    ssrc: u32,
    sequence: u16,
    run: u8,
    heard_at: Duration,
}

#[derive(Clone, Copy, Debug)]
struct Lock {
    address: SocketAddr,
    ssrc: u32,
    heard_at: Duration,
}

/// The lock of one leg.
#[derive(Clone, Debug)]
pub struct Latch {
    relatch_after: Duration,
    expected: Option<SocketAddr>,
    previous: Option<SocketAddr>,
    lock: Option<Lock>,
    /// At most [`CANDIDATES_MAX`]; empty and without memory while locked, which keeps the packet path short.
    candidates: Vec<Candidate>,
    strangers: u64,
}

impl Latch {
    /// Nothing known yet. `relatch_after`: see [`RELATCH_AFTER`].
    #[must_use]
    pub fn new(relatch_after: Duration) -> Self {
        Self {
            relatch_after,
            expected: None,
            previous: None,
            lock: None,
            candidates: Vec::new(),
            strangers: 0,
        }
    }

    /// The peer's SDP names this address. Another one than before starts the learning again; true when it did.
    pub fn expect(&mut self, address: SocketAddr) -> bool {
        if self.expected == Some(address) {
            return false;
        }
        self.previous = self.lock.map(|lock| lock.address).filter(|&previous| previous != address);
        self.expected = Some(address);
        self.lock = None;
        self.candidates = Vec::new();
        true
    }

    /// Judges one valid packet.
    pub fn observe(&mut self, from: SocketAddr, ssrc: u32, sequence: u16, now: Duration) -> Verdict {
        if let Some(lock) = &mut self.lock {
            if lock.address == from {
                lock.heard_at = now;
                lock.ssrc = ssrc;
                return Verdict::Accept;
            }
            if now.saturating_sub(lock.heard_at) < self.relatch_after {
                self.strangers += 1;
                return Verdict::Stranger;
            }
        }
        let run = self.follow(from, ssrc, sequence, now);
        if run < self.run_needed(from, ssrc) {
            return Verdict::Learning;
        }
        self.lock = Some(Lock { address: from, ssrc, heard_at: now });
        self.previous = None;
        self.candidates = Vec::new();
        Verdict::Latched
    }

    /// Where packets for this peer go: to the locked source, before that to the address of the SDP.
    #[must_use]
    pub fn target(&self) -> Option<SocketAddr> {
        self.source().or(self.expected)
    }

    /// The locked source.
    #[must_use]
    pub fn source(&self) -> Option<SocketAddr> {
        self.lock.map(|lock| lock.address)
    }

    /// May another source take over? Then a socket that is connected to the locked source must be opened to others.
    #[must_use]
    pub fn is_silent(&self, now: Duration) -> bool {
        self.lock.is_none_or(|lock| now.saturating_sub(lock.heard_at) >= self.relatch_after)
    }

    /// Packets that came from others than the locked source.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    fn run_needed(&self, from: SocketAddr, ssrc: u32) -> u8 {
        let expected_ip = self.expected.is_some_and(|expected| expected.ip() == from.ip());
        let same_stream = self.lock.is_some_and(|lock| lock.ssrc == ssrc);
        if self.previous == Some(from) {
            RUN_PREVIOUS
        } else if expected_ip || same_stream {
            RUN_EXPECTED
        } else {
            RUN_OTHER
        }
    }

    /// How many consecutive packets this source has sent, with this one.
    fn follow(&mut self, address: SocketAddr, ssrc: u32, sequence: u16, now: Duration) -> u8 {
        let known = self.candidates.iter_mut().find(|candidate| candidate.address == address);
        if let Some(candidate) = known {
            let follows = candidate.ssrc == ssrc && sequence == candidate.sequence.wrapping_add(1);
            candidate.run = if follows { candidate.run.saturating_add(1) } else { 1 };
            (candidate.ssrc, candidate.sequence, candidate.heard_at) = (ssrc, sequence, now);
            return candidate.run;
        }
        if self.candidates.len() == CANDIDATES_MAX {
            let oldest =
                (0..CANDIDATES_MAX).min_by_key(|&index| self.candidates[index].heard_at).unwrap_or(0);
            self.candidates.swap_remove(oldest);
        }
        self.candidates.push(Candidate { address, ssrc, sequence, run: 1, heard_at: now });
        1
    }
}

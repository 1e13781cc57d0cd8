//! Source lock: which address a stream really comes from (symmetric RTP, RFC 4961), and nobody else's.
//!
//! ```text
//!            enough consecutive packets                     silent for `relatch_after`, and another source
//! Learning -----------------------------> Locked(address) ---------------- has enough ----------------> Locked(new)
//!     ^                                        |    ^
//!     |                                        |    | locked on another port of the SDP's IP for less than
//!     +---------- expect(other address) -------+    | [`EXPECTED_GRACE`], and the SDP's own address sends
//!                                              +----+
//! ```
//! Who may be latched is [`Sources`]: by default only the SDP's IP and those that were allowed (the IP that the peer's
//! signalling comes from), so that a stranger gets nothing and injects nothing, also before the first real packet. The
//! port is a preference and no condition: phones behind NAT send from elsewhere. The SDP's exact address needs
//! [`RUN_EXPECTED`] consecutive packets, another port or IP [`RUN_OTHER`], the source of before a changed SDP
//! [`RUN_PREVIOUS`]. Only packets that are valid RTP of a negotiated payload type may be shown to the latch; on a leg
//! with SRTP only those that were authenticated.
//!
//! What it is not: protection against a listener on the path or somebody on the same host, who can forge everything;
//! that takes SRTP.

mod rtcp;
mod sources;

use core::net::{IpAddr, SocketAddr};
use core::time::Duration;

pub use rtcp::{RTCP_SILENCE, RtcpLatch};
pub use sources::{ALLOWED_MAX, Sources};
use sources::{Admitted, same};

/// Consecutive packets needed from the address that the SDP names, or from the known SSRC at a new address.
pub const RUN_EXPECTED: u8 = 2;
/// Consecutive packets needed from elsewhere, another port of the SDP's IP included.
pub const RUN_OTHER: u8 = 3;
/// Consecutive packets needed from the former source after the SDP named another address: it may go on for a moment.
pub const RUN_PREVIOUS: u8 = 10;
/// Sources followed at once while learning; a further one takes the place of the one that was silent longest.
pub const CANDIDATES_MAX: usize = 4;
/// How long the source must be silent before another may take over, unless told otherwise.
pub const RELATCH_AFTER: Duration = Duration::from_secs(1);
/// How long after locking another port of the SDP's IP the SDP's exact address may still take the lock over. Until then
/// the socket must stay open to it: see [`Latch::is_settled`].
pub const EXPECTED_GRACE: Duration = Duration::from_secs(5);

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
    /// Until when the SDP's exact address may take over; zero when this is it, or is of another IP.
    grace_until: Duration,
}

/// The lock of one leg.
#[derive(Clone, Debug)]
pub struct Latch {
    relatch_after: Duration,
    admitted: Admitted,
    expected: Option<SocketAddr>,
    previous: Option<SocketAddr>,
    lock: Option<Lock>,
    /// At most [`CANDIDATES_MAX`]; empty and without memory while locked, which keeps the packet path short.
    candidates: Vec<Candidate>,
    strangers: u64,
}

impl Latch {
    /// Nothing known yet, [`Sources::Signalled`]. `relatch_after`: see [`RELATCH_AFTER`].
    #[must_use]
    pub fn new(relatch_after: Duration) -> Self {
        Self {
            relatch_after,
            admitted: Admitted::default(),
            expected: None,
            previous: None,
            lock: None,
            candidates: Vec::new(),
            strangers: 0,
        }
    }

    /// The same with another policy.
    #[must_use]
    pub fn with_sources(mut self, sources: Sources) -> Self {
        self.set_sources(sources);
        self
    }

    /// Changes the policy. What is locked stays locked.
    pub fn set_sources(&mut self, sources: Sources) {
        self.admitted.policy = sources;
    }

    /// Allows this IP beside the one of the SDP, as that of the peer's signalling. False: there are
    /// [`ALLOWED_MAX`] already, and it is not allowed.
    pub fn allow(&mut self, ip: IpAddr) -> bool {
        self.admitted.allow(ip)
    }

    /// Forgets the allowed IPs. What is locked stays locked.
    pub fn clear_allowed(&mut self) {
        self.admitted.clear();
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
            let is_silent = now.saturating_sub(lock.heard_at) >= self.relatch_after;
            let in_grace = now < lock.grace_until && self.is_expected(from);
            if !(is_silent || in_grace) {
                self.strangers += 1;
                return Verdict::Stranger;
            }
        }
        if !self.admitted.admits(from.ip(), self.expected) {
            self.strangers += 1;
            return Verdict::Stranger;
        }
        let run = self.follow(from, ssrc, sequence, now);
        if run < self.run_needed(from, ssrc) {
            return Verdict::Learning;
        }
        self.lock = Some(Lock { address: from, ssrc, heard_at: now, grace_until: self.grace(from, now) });
        self.previous = None;
        self.candidates = Vec::new();
        Verdict::Latched
    }

    /// May a valid control packet from here be used? Once a source is locked, from its IP only; before, from an IP
    /// that signalling named, whatever the policy. See [`RtcpLatch`] for control packets on a port of their own.
    #[must_use]
    pub fn admits_rtcp(&self, from: SocketAddr) -> bool {
        match self.source() {
            Some(source) => source.ip().to_canonical() == from.ip().to_canonical(),
            None => self.admitted.names(from.ip(), self.expected),
        }
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

    /// May the socket be connected to the locked source, so that the kernel drops everybody else? Not while the SDP's
    /// exact address may still take over.
    #[must_use]
    pub fn is_settled(&self, now: Duration) -> bool {
        self.lock.is_some_and(|lock| now >= lock.grace_until)
    }

    /// Packets that came from others than the locked source, or from who may never be it.
    #[must_use]
    pub fn strangers(&self) -> u64 {
        self.strangers
    }

    fn run_needed(&self, from: SocketAddr, ssrc: u32) -> u8 {
        let same_stream = self.lock.is_some_and(|lock| lock.ssrc == ssrc);
        if self.previous == Some(from) {
            RUN_PREVIOUS
        } else if same_stream || self.is_expected(from) {
            RUN_EXPECTED
        } else {
            RUN_OTHER
        }
    }

    fn is_expected(&self, from: SocketAddr) -> bool {
        self.expected.is_some_and(|expected| same(expected, from))
    }

    /// Another port of the IP that the SDP names is the phone behind a NAT, or somebody beside it: the exact address
    /// gets time to show itself. An earlier grace is not prolonged, so nobody keeps the lock open by moving.
    fn grace(&self, from: SocketAddr, now: Duration) -> Duration {
        let same_ip =
            self.expected.is_some_and(|expected| expected.ip().to_canonical() == from.ip().to_canonical());
        match self.lock {
            _ if self.is_expected(from) || !same_ip => Duration::ZERO,
            Some(before) => before.grace_until,
            None => now.saturating_add(EXPECTED_GRACE),
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

//! What stands between strangers and the switch: who is not heard, how much each may ask, which calls are too many.
//!
//! ```text
//! bytes --> bans --> (parsed; in-dialog traffic is done) --> buckets --> digest --> shedder --> call
//! ```
//!
//! Everything here is pure and bounded. Trunks pass bans and buckets; nothing here ever sees a request in a dialog, an
//! ACK or a CANCEL.

mod bans;
mod shed;
mod source;
#[cfg(test)]
mod tests;

use crate::bucket::Buckets;
use careline_model::config;
use careline_sip::Method;
use std::net::IpAddr;
use std::time::Instant;

pub use bans::{Ban, BanReason, Bans};
pub use shed::{CallKey, RETRY_AFTER_MAX_S, RETRY_AFTER_MIN_S, Shedder};
pub use source::Source;

/// A stranger gets at most so many bytes for each byte sent (a forged source must not make us a weapon).
pub const BYTES_OUT_PER_BYTE_IN: usize = 10;
/// Buckets hold what so many seconds bring.
const BURST_S: u32 = 4;

/// The guards of one switch.
#[derive(Debug)]
pub struct Guards {
    invites: Buckets,
    emergencies: Buckets,
    registers: Buckets,
    options: Buckets,
    keep_alives: Buckets,
    others: Buckets,
    pub(crate) bans: Bans,
    pub(crate) shedder: Shedder,
}

impl Guards {
    /// Nobody banned, all buckets full.
    #[must_use]
    pub fn new(guard: &config::Guard, options_per_second: u32) -> Self {
        let buckets = |rate: u32| Buckets::new(rate, rate.saturating_mul(BURST_S));
        Self {
            invites: buckets(guard.invites_per_second),
            emergencies: buckets(guard.invites_per_second),
            registers: buckets(guard.registers_per_second),
            options: buckets(options_per_second),
            keep_alives: buckets(options_per_second),
            others: buckets(guard.others_per_second),
            bans: Bans::default(),
            shedder: Shedder::default(),
        }
    }

    /// Whether a stranger's request of this kind is answered; it costs one token.
    pub fn may_answer(&mut self, method: &Method, source: IpAddr, now: Instant) -> bool {
        let buckets = match method {
            Method::Invite => &mut self.invites,
            Method::Register => &mut self.registers,
            Method::Options => &mut self.options,
            _ => &mut self.others,
        };
        buckets.take(Source::of(source), now)
    }

    /// The same for what keeps a NAT open: a STUN binding request, or an empty message that asks for one.
    pub fn may_keep_alive(&mut self, source: IpAddr, now: Instant) -> bool {
        self.keep_alives.take(Source::of(source), now)
    }

    /// The same for an INVITE to an emergency number, for which no other kind of request can have used up the tokens: its
    /// bucket holds as much as that of all INVITEs, and beyond it is only who floods with emergency calls.
    pub fn may_answer_emergency(&mut self, source: IpAddr, now: Instant) -> bool {
        self.emergencies.take(Source::of(source), now)
    }
}

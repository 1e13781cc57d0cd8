//! The four transactions of RFC 3261 17, with RFC 6026, as values: they are told what arrived and what time it is, and
//! say what to do. They hold no socket, no clock and no callback.
//!
//! ```text
//! client INVITE   Calling --1xx--> Proceeding --2xx--> Accepted --M-->   |  --3xx..6xx--> Completed --D-->
//! client other    Trying --1xx--> Proceeding --final--> Completed --K-->
//! server INVITE   Proceeding --2xx--> Accepted --L-->   |  --3xx..6xx--> Completed --ACK--> Confirmed --I-->
//! server other    Trying --1xx--> Proceeding --final--> Completed --J-->
//! ```

mod client_invite;
mod client_other;
mod key;
mod server_invite;
mod server_other;

use std::time::{Duration, Instant};

pub(crate) use client_invite::ClientInvite;
pub(crate) use client_other::ClientOther;
pub(crate) use key::{ClientKey, MergeKey, ServerKey};
pub(crate) use server_invite::{AckStep, ServerInvite};
pub(crate) use server_other::ServerOther;

/// Times of RFC 3261 table 4.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Times {
    pub(crate) t1: Duration,
    pub(crate) t2: Duration,
    pub(crate) t4: Duration,
}

impl Times {
    /// 64*T1: how long a transaction is tried at all.
    pub(crate) fn limit(&self) -> Duration {
        self.t1 * 64
    }

    /// Timer D: how long repeated final responses to INVITE are acknowledged over UDP.
    pub(crate) fn timer_d(&self) -> Duration {
        self.limit().max(Duration::from_secs(32))
    }
}

/// What a timer of a transaction asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fired {
    /// It was early.
    Nothing,
    /// Send the last message again.
    Resend,
    /// Nobody answered; the transaction is over.
    TimedOut,
    /// The transaction did its work and is over.
    Over,
}

/// The two clocks of a transaction.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Timers {
    /// Next retransmission and the interval before it: timers A, E, G.
    resend: Option<(Instant, Duration)>,
    /// The end of the present state: timers B, D, F, H, I, J, K, L, M.
    limit: Option<Instant>,
}

impl Timers {
    pub(crate) fn next(&self) -> Option<Instant> {
        let resend = self.resend.map(|(at, _)| at);
        match (resend, self.limit) {
            (Some(resend), Some(limit)) => Some(resend.min(limit)),
            (resend, limit) => resend.or(limit),
        }
    }

    fn is_at_limit(&self, now: Instant) -> bool {
        self.limit.is_some_and(|limit| limit <= now)
    }

    /// Whether a retransmission is due; if so the next one is `next` of the present interval later.
    fn resend_due(&mut self, now: Instant, next: impl FnOnce(Duration) -> Duration) -> bool {
        match self.resend {
            Some((at, interval)) if at <= now => {
                let interval = next(interval);
                self.resend = Some((now + interval, interval));
                true
            }
            _ => false,
        }
    }
}

/// One transaction of any kind.
#[derive(Debug)]
pub(crate) enum Machine {
    ClientInvite(ClientInvite),
    ClientOther(ClientOther),
    ServerInvite(ServerInvite),
    ServerOther(ServerOther),
}

impl Machine {
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        match self {
            Self::ClientInvite(one) => one.timers.next(),
            Self::ClientOther(one) => one.timers.next(),
            Self::ServerInvite(one) => one.timers.next(),
            Self::ServerOther(one) => one.timers.next(),
        }
    }

    pub(crate) fn on_deadline(&mut self, now: Instant, times: &Times) -> Fired {
        match self {
            Self::ClientInvite(one) => one.on_deadline(now),
            Self::ClientOther(one) => one.on_deadline(now, times),
            Self::ServerInvite(one) => one.on_deadline(now, times),
            Self::ServerOther(one) => one.on_deadline(now),
        }
    }

    /// What [`Fired::Resend`] sends.
    pub(crate) fn last_bytes(&self) -> Option<Vec<u8>> {
        match self {
            Self::ClientInvite(one) => Some(one.request.to_bytes()),
            Self::ClientOther(one) => Some(one.request.to_bytes()),
            Self::ServerInvite(one) => one.last_response.clone(),
            Self::ServerOther(one) => one.last_response.clone(),
        }
    }
}

#[cfg(test)]
mod tests;

//! Our reliable provisional responses to an incoming INVITE (RFC 3262 3).

use std::time::{Duration, Instant};

use crate::flow::Flow;

/// What rings reliably.
#[derive(Debug)]
pub(crate) struct Ringing {
    /// RSeq of the next one.
    pub(crate) next_rseq: u32,
    /// The one that waits for its PRACK; a second one MUST NOT be sent before.
    pub(crate) unpracked: Option<Unpracked>,
    /// The status and description to tell after that; of several the last, with the first description.
    pub(crate) queued: Option<(u16, Option<Vec<u8>>)>,
    /// The answer to the INVITE that waits for the PRACK, too.
    pub(crate) answer: Option<Vec<u8>>,
    /// A description went out reliably, so that the 2xx carries none.
    pub(crate) described: bool,
    /// Offer and answer are both known to be there.
    pub(crate) settled: bool,
    /// The INVITE brought no offer: what we describe is the offer.
    pub(crate) offers: bool,
}

/// A reliable provisional response that is repeated until its PRACK.
#[derive(Debug)]
pub(crate) struct Unpracked {
    pub(crate) rseq: u32,
    pub(crate) flow: Flow,
    pub(crate) bytes: Vec<u8>,
    pub(crate) resend_at: Instant,
    pub(crate) interval: Duration,
    pub(crate) give_up_at: Instant,
    /// It carries a description: then no 2xx may overtake it.
    pub(crate) describes: bool,
}

impl Ringing {
    pub(crate) fn new(next_rseq: u32, offers: bool) -> Self {
        Self {
            next_rseq,
            unpracked: None,
            queued: None,
            answer: None,
            described: false,
            settled: false,
            offers,
        }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        self.unpracked.as_ref().map(|one| one.resend_at.min(one.give_up_at))
    }
}

//! An offer or refresh of our own within a call: re-INVITE or UPDATE (RFC 3261 14.1, RFC 3311, RFC 4028).

use std::time::Instant;

use super::{Dialog, Stage};
use crate::event::Credentials;
use crate::flow::{Flow, TransactionId};
use crate::message::Method;

/// Who we are to the one peer an INVITE of ours went to.
#[derive(Debug)]
pub(crate) struct Login {
    pub(crate) credentials: Credentials,
    /// The realm whose challenge may be answered; none: any.
    pub(crate) realm: Option<String>,
    /// Where the INVITE went. Nobody else's challenge is answered: a peer that could have it answered elsewhere could
    /// collect digests of our password.
    pub(crate) flow: Flow,
}

/// One offer or refresh.
#[derive(Debug)]
pub(crate) struct Own {
    /// INVITE or UPDATE.
    pub(crate) method: Method,
    /// The offer. An INVITE without one asks for the peer's, an UPDATE without one only refreshes.
    pub(crate) sdp: Option<Vec<u8>>,
    /// Our owner asked for it and hears of its end; otherwise it refreshes the session.
    pub(crate) asked: bool,
    /// The branch of an early dialog; none once the call is answered.
    pub(crate) branch: Option<String>,
    pub(crate) stage: OwnStage,
    /// A 401 or 407 has been answered; a second one is final.
    pub(crate) challenged: bool,
    /// How often it has been sent anew after 491, 422 and the like.
    pub(crate) retries: u8,
}

/// How far it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OwnStage {
    /// It goes out as soon as nothing else is under way.
    Ready,
    /// It lost a race and waits its turn.
    Later(Instant),
    /// It is sent.
    Sent(TransactionId),
    /// The 2xx brought an offer, which our owner answers in the ACK to the INVITE of that number.
    Offered(TransactionId, u32),
}

impl Own {
    pub(crate) fn new(method: Method, sdp: Option<Vec<u8>>, asked: bool, branch: Option<String>) -> Self {
        Self { method, sdp, asked, branch, stage: OwnStage::Ready, challenged: false, retries: 0 }
    }

    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        match self.stage {
            OwnStage::Later(at) => Some(at),
            OwnStage::Ready | OwnStage::Sent(_) | OwnStage::Offered(..) => None,
        }
    }

    /// Whether an offer of ours is on its way and unanswered.
    pub(crate) fn is_pending(&self) -> bool {
        matches!(self.stage, OwnStage::Sent(_) | OwnStage::Offered(..))
    }
}

impl Dialog {
    /// Whether an INVITE or UPDATE of ours may go out: RFC 3261 14.1: "a UAC MUST NOT initiate a new INVITE transaction
    /// within a dialog while another INVITE transaction is in progress in either direction".
    pub(crate) fn is_quiet(&self) -> bool {
        !self.abandoned && self.reoffer.is_none() && self.unacked.is_none()
    }

    /// The branch on which UPDATE may carry an offer before the call is answered (RFC 3311 5.1): the peer takes it, and
    /// the first offer has its answer. The outer none: there is none such.
    pub(crate) fn update_branch(&self) -> Option<Option<String>> {
        match &self.stage {
            Stage::Calling(calling) => {
                let able = calling.branches.iter().rev().find(|one| one.settled && one.updates)?;
                Some(Some(able.tag.clone()))
            }
            Stage::Incoming { .. } => {
                let settled = self.ringing.as_ref().is_some_and(|one| one.settled);
                (settled && self.updates).then_some(None)
            }
            Stage::Confirmed | Stage::Leaving { .. } => None,
        }
    }
}

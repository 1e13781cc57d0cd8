//! What an endpoint reports to its owner.

use std::fmt;

use crate::flow::{DialogId, TransactionId};
use crate::message::{NameAddr, Replaces, Response};
use crate::refer::ReferId;

/// Something that happened on a dialog or to a client transaction. A dialog that the owner ended with
/// [`Endpoint::hang_up`](crate::Endpoint::hang_up) or [`Endpoint::reject`](crate::Endpoint::reject) reports nothing more.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    /// Our INVITE got a provisional response 101 to 199.
    Ringing {
        /// The dialog.
        dialog: DialogId,
        /// 101 to 199.
        status: u16,
        /// Early media description.
        sdp: Option<Vec<u8>>,
        /// To tag of the branch it came from, empty when it has none: behind a forking proxy several phones ring.
        tag: String,
    },
    /// Our INVITE got its first 2xx; the ACK is already on its way.
    Answered {
        /// The dialog.
        dialog: DialogId,
        /// The answer to our offer, also where a provisional response had brought it before. The peer's offer when the
        /// INVITE had none: then [`Endpoint::acknowledge`](crate::Endpoint::acknowledge) sends the ACK.
        sdp: Option<Vec<u8>>,
    },
    /// Our INVITE failed: the peer's final response, or 408 (nobody answered) or 503 (transport) made up here.
    /// The dialog is gone.
    Refused {
        /// The dialog.
        dialog: DialogId,
        /// 300 to 699.
        status: u16,
        /// Reason phrase of the peer.
        reason: String,
        /// The Q.850 cause in a Reason header of the response (RFC 6432): what the telephone network behind a gateway
        /// said.
        cause: Option<u16>,
    },
    /// The answer to the offer in a reliable provisional response of ours came with its PRACK (RFC 3262 5).
    EarlyAnswer {
        /// The dialog.
        dialog: DialogId,
        /// The answer.
        sdp: Vec<u8>,
    },
    /// The ACK to our 200 arrived.
    Acked {
        /// The dialog.
        dialog: DialogId,
        /// The answer, when our 200 carried the offer; a description that answers nothing is left out.
        sdp: Option<Vec<u8>>,
    },
    /// The caller gave up before we answered. The dialog is gone.
    Cancelled {
        /// The dialog.
        dialog: DialogId,
        /// Value of the Reason header (RFC 3326).
        reason: Option<String>,
    },
    /// The dialog is gone.
    Ended {
        /// The dialog.
        dialog: DialogId,
        /// Why.
        cause: EndCause,
        /// Value of the Reason header (RFC 3326).
        reason: Option<String>,
    },
    /// The peer wants to change the media (re-INVITE, UPDATE or PRACK); answer with
    /// [`Endpoint::answer_reoffer`](crate::Endpoint::answer_reoffer).
    Reoffer {
        /// The dialog.
        dialog: DialogId,
        /// The new offer; none asks us to offer in the 200.
        sdp: Option<Vec<u8>>,
    },
    /// Our offer, asked for by [`Endpoint::reoffer`](crate::Endpoint::reoffer), was taken. Comes unasked when the peer
    /// answered a refresh of the session with another description than before.
    ReofferDone {
        /// The dialog.
        dialog: DialogId,
        /// The answer; the peer's offer when we made none, to be answered by
        /// [`Endpoint::acknowledge`](crate::Endpoint::acknowledge).
        sdp: Option<Vec<u8>>,
    },
    /// Our offer was refused for good; the media stay as they were.
    ReofferFailed {
        /// The dialog.
        dialog: DialogId,
        /// The peer's status, or 408 or 503 made up here.
        status: u16,
    },
    /// An INFO arrived and has been answered.
    Info {
        /// The dialog.
        dialog: DialogId,
        /// Content-Type as sent, empty when absent.
        content_type: String,
        /// The body.
        body: Vec<u8>,
    },
    /// The peer asks us to call somebody (REFER, RFC 3515): answer with
    /// [`Endpoint::accept_refer`](crate::Endpoint::accept_refer) or
    /// [`Endpoint::refuse_refer`](crate::Endpoint::refuse_refer).
    Referred {
        /// The dialog.
        dialog: DialogId,
        /// The REFER.
        refer: ReferId,
        /// Whom to call, without the header fields inside the URI.
        to: NameAddr,
        /// The dialog the new call takes the place of (RFC 3891).
        replaces: Option<Replaces>,
        /// Value of Referred-By (RFC 3892).
        referred_by: Option<String>,
    },
    /// The peer tells how it goes with a REFER of ours, sent by [`Endpoint::refer`](crate::Endpoint::refer).
    ReferProgress {
        /// The dialog.
        dialog: DialogId,
        /// The REFER.
        transaction: TransactionId,
        /// Status of the call the peer makes.
        status: u16,
        /// Nothing more will be told.
        is_over: bool,
    },
    /// The final answer to a request sent by [`Endpoint::request`](crate::Endpoint::request) or
    /// [`Endpoint::refer`](crate::Endpoint::refer); 408 or 503 may be
    /// made up here.
    Response {
        /// The transaction.
        transaction: TransactionId,
        /// The final response.
        response: Response,
    },
}

/// Why a dialog ended without our asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum EndCause {
    /// The peer sent BYE.
    RemoteBye,
    /// Our 200 was never acknowledged (RFC 3261 13.3.1.4).
    AckTimeout,
    /// The connection that carried an unanswered incoming INVITE was lost.
    SessionLost,
    /// A reliable provisional response of ours was never confirmed by PRACK (RFC 3262 3).
    PrackTimeout,
    /// The peer does not know the call any more, or is silent: 481 or 408 to a re-INVITE or UPDATE of ours
    /// (RFC 3261 12.2.1.2).
    Gone,
    /// Nobody refreshed the session in time (RFC 4028 10).
    SessionExpired,
}

/// Name and password for an INVITE that is challenged.
#[derive(Clone, PartialEq, Eq)]
pub struct Credentials {
    /// User name of the digest.
    pub user: String,
    /// Its password, in clear.
    pub password: String,
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Credentials(..)")
    }
}

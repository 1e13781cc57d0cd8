//! SIP for a B2BUA: a bytes-in, bytes-out codec, and transactions and dialogs that own no socket and no clock.
//!
//! What it is: message syntax (RFC 3261, judged by RFC 4475 and 5118), stream framing, the four transactions
//! (RFC 3261 17, RFC 6026), INVITE dialogs on both sides with PRACK (RFC 3262), UPDATE (RFC 3311),
//! session timers (RFC 4028) and REFER (RFC 3515), digest authentication (RFC 7616, 8760), a registrar.
//! What it is not: a proxy, a transport, a policy. It does not resolve names or decide who may call; a new request is handed to the owner for admission first.
//!
//! ```text
//!  bytes --receive--> parse -> transaction? -> dialog? -> NewRequest --admission--> inspect -> accept / accept_invite
//!                        |          |             |                                       \--> respond_statelessly
//!                      400/505  repeats, ACK   BYE, INFO, re-INVITE -> events
//!  owner: loop { receive | handle_deadline | a command; drain poll_transmit and poll_event; sleep until next_deadline }
//! ```
//!
//! `rsip` gives the reason phrases and is the oracle of the digest tests. It parses nothing from the network: it fails
//! on valid messages, and its digest prints nonce counts as decimals (see `auth/digest.rs`).
//!
//! Two contracts worth knowing: [`Endpoint::hang_up`] is the owner's last word on a dialog, no event about it follows;
//! an accepted request ([`Endpoint::accept`], [`Endpoint::accept_invite`]) waits for the owner's answer without limit.

mod dialog;
mod endpoint;
mod event;
mod flow;
mod message;
mod refer;
mod transaction;

pub mod auth;
pub mod registrar;

pub use endpoint::{
    CallTerms, Counters, DATAGRAM_REQUEST_BYTES_MAX, Endpoint, EndpointConfig, Full, NewRequest, NotNow,
    OutgoingInvite, Received, Reliable,
};
pub use event::{Credentials, EndCause, Event};
pub use flow::{DialogId, Flow, TransactionId, Transmit, Transport};
pub use message::{
    BadAddress, BadReason, BadReplaces, BadUri, CSeq, Frame, HEADER_LINE_BYTES_MAX, HEADERS_MAX, Headers,
    MESSAGE_BYTES_MAX, Malformed, Message, Method, NameAddr, Reason, Replaces, Request, Response,
    StreamFramer, Unframed, Uri, Via, parse, reason_phrase,
};
pub use refer::{BadRefer, ReferId, ReferTo};

//! The endpoint: every transaction and dialog of one user agent, fed with bytes and time.

mod accepted;
mod heard;
mod in_dialog;
mod informing;
mod inspect;
mod large;
mod leave;
mod login;
mod looped;
mod lost;
mod mishap;
mod receive;
mod refer;
mod referring;
mod reliable;
mod reoffer;
mod reoffer_end;
mod replace;
mod table;
mod terms;
mod timers;
mod uac;
mod uas;

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use hmac::{Hmac, Mac};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use sha2::Sha256;

use crate::dialog::Dialog;
use crate::event::{Credentials, Event};
use crate::flow::{DialogId, Flow, TransactionId, Transmit, Transport};
use crate::message::{Headers, NameAddr, Request, Response, Uri};
use crate::refer::ReferId;
use crate::transaction::{ClientKey, MergeKey, ServerKey, Times};

pub use large::DATAGRAM_REQUEST_BYTES_MAX;
use table::Transaction;

pub use reoffer::NotNow;
pub use terms::CallTerms;

/// How an endpoint is set up.
#[derive(Clone, Debug)]
pub struct EndpointConfig {
    /// Value of User-Agent and Server.
    pub user_agent: String,
    /// T1 of RFC 3261 17.1.1.1, estimate of the round-trip time.
    pub t1: Duration,
    /// T2: the longest interval between retransmissions of non-INVITE requests and INVITE responses.
    pub t2: Duration,
    /// T4: the longest a message stays in the network.
    pub t4: Duration,
    /// The most transactions at a time.
    pub transactions_max: usize,
    /// The most dialogs at a time.
    pub dialogs_max: usize,
    /// How long a call may go without a refresh (RFC 4028 4); zero: session timers only where the peer asks for them.
    pub session_expires: Duration,
    /// The shortest such time we accept, 90 s at least (RFC 4028 5).
    pub min_se: Duration,
    /// The `host:port` of Via for requests that leave from a local address, where it is not that address: an
    /// advertised one, or (port 0) the listener beside connections that we open.
    pub sent_by: BTreeMap<(Transport, SocketAddr), String>,
}

impl Default for EndpointConfig {
    fn default() -> Self {
        Self {
            user_agent: "Careline".to_owned(),
            t1: Duration::from_millis(500),
            t2: Duration::from_secs(4),
            t4: Duration::from_secs(5),
            // RFC 3261 keeps three transactions of a call for 32 s: room for 1,500 calls a second.
            transactions_max: 200_000,
            dialogs_max: 20_000,
            session_expires: Duration::from_secs(1800),
            min_se: Duration::from_secs(90),
            sent_by: BTreeMap::new(),
        }
    }
}

/// A request outside of any transaction and dialog; nobody has answered it yet.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewRequest {
    /// The request; its top Via tells where it came from (`received`, `rport`).
    pub request: Request,
    /// What it came in on.
    pub flow: Flow,
}

/// What became of received bytes.
#[derive(Clone, Debug, PartialEq, Eq)]
#[allow(
    clippy::large_enum_variant,
    reason = "moved once per message; a box would cost every owner a dereference"
)]
pub enum Received {
    /// All that was to be done is done.
    Handled,
    /// A new request wants admission.
    New(NewRequest),
    /// A stranger's request is against the rules; it may be answered, by
    /// [`respond_statelessly`](Endpoint::respond_statelessly), with this status or not at all.
    Malformed(NewRequest, u16),
}

/// No room for another transaction or dialog.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("no room for another SIP transaction or dialog")]
pub struct Full;

/// A call to make.
#[derive(Clone, Debug)]
pub struct OutgoingInvite {
    /// Where to send it.
    pub flow: Flow,
    /// Request-URI.
    pub uri: Uri,
    /// From; the tag is ours to choose.
    pub from: NameAddr,
    /// To.
    pub to: NameAddr,
    /// Where the peer reaches us.
    pub contact: Uri,
    /// Further headers; a Max-Forwards among them takes the place of ours.
    pub headers: Vec<(String, String)>,
    /// The offer.
    pub sdp: Vec<u8>,
    /// Without a final answer by then the call is cancelled.
    pub timeout: Duration,
    /// Answers one 401 or 407, of the address the INVITE went to and nobody else.
    pub credentials: Option<Credentials>,
    /// The realm whose challenge may be answered; none: any.
    pub auth_realm: Option<String>,
    /// Route values in their order: an outbound proxy, a Service-Route (RFC 3608), a Path (RFC 3327).
    pub route: Vec<String>,
    /// Whether provisional responses are to be confirmed.
    pub reliable: Reliable,
    /// The session interval to ask for; none: the endpoint's, zero: no session timer (RFC 4028 7.1).
    pub session_expires: Option<Duration>,
}

/// Whether a call of ours wants its provisional responses confirmed by PRACK (RFC 3262 4).
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Reliable {
    /// Not offered.
    Never,
    /// If the peer likes: `Supported: 100rel`.
    #[default]
    Supported,
    /// The peer must: `Require: 100rel`.
    Required,
}

/// What happened since the start.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counters {
    /// Bytes that were no SIP message, or a message against the rules.
    pub malformed: u64,
    /// Empty datagrams.
    pub keep_alives: u64,
    /// Responses to nothing we asked.
    pub stray_response: u64,
    /// ACKs to nothing we answered.
    pub stray_ack: u64,
    /// Messages sent again by a timer.
    pub retransmissions: u64,
    /// Messages the peer sent again.
    pub repeated_by_peer: u64,
    /// Requests answered without state.
    pub stateless_responses: u64,
    /// Challenges of another address than the request went to; they are not answered.
    pub foreign_challenge: u64,
    /// Client transactions nobody answered.
    pub timeouts: u64,
    /// Requests in a dialog that found no room.
    pub refused_full: u64,
}

/// The shortest T1: a timer of length zero would never let time pass.
const T1_MIN: Duration = Duration::from_millis(1);

/// RFC 4028 5: "the absolute minimum for Session-Expires".
const MIN_SE: Duration = Duration::from_secs(90);

/// What a deadline belongs to.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Subject {
    Transaction(TransactionId),
    Dialog(DialogId),
    Refer(ReferId),
}

/// One SIP user agent without sockets and clock: feed it with [`Self::receive`] and [`Self::handle_deadline`], then
/// drain [`Self::poll_transmit`] and [`Self::poll_event`]. The same inputs give the same outputs.
///
/// Transactions and dialogs above the configured number are refused with [`Full`]; requests in a dialog have a quarter
/// of that number on top and are answered 503 without state beyond it. The queues behind the two polls hold what one
/// input caused.
pub struct Endpoint {
    config: EndpointConfig,
    times: Times,
    rng: ChaCha20Rng,
    tag_key: [u8; 32],
    last_id: u64,
    transactions: BTreeMap<TransactionId, Transaction>,
    servers: BTreeMap<ServerKey, TransactionId>,
    clients: BTreeMap<ClientKey, TransactionId>,
    merges: BTreeMap<MergeKey, TransactionId>,
    /// Transactions on connections, to find those a lost connection takes along.
    connected: BTreeSet<(Flow, TransactionId)>,
    dialogs: BTreeMap<DialogId, Dialog>,
    /// Call-ID and our tag.
    dialog_names: BTreeMap<(String, String), DialogId>,
    refers: BTreeMap<ReferId, refer::Refer>,
    /// REFERs of ours that are being followed, with their CSeq number.
    referring: BTreeMap<(DialogId, TransactionId), u32>,
    /// Dialogs in which an INFO of ours is under way, with those that wait behind it.
    informing: BTreeMap<DialogId, informing::Waiting>,
    deadlines: BTreeSet<(Instant, Subject)>,
    /// What a timer is being served for.
    in_hand: Option<Subject>,
    outbox: VecDeque<Transmit>,
    events: VecDeque<Event>,
    counters: Counters,
}

impl Endpoint {
    /// An endpoint without transactions and dialogs. Tags, branches and Call-IDs come from `rng`.
    pub fn new(mut config: EndpointConfig, mut rng: ChaCha20Rng) -> Self {
        config.min_se = config.min_se.max(MIN_SE);
        let mut tag_key = [0; 32];
        rng.fill_bytes(&mut tag_key);
        let t1 = config.t1.max(T1_MIN);
        let times = Times { t1, t2: config.t2.max(t1), t4: config.t4 };
        Self {
            config,
            times,
            rng,
            tag_key,
            last_id: 0,
            transactions: BTreeMap::new(),
            servers: BTreeMap::new(),
            clients: BTreeMap::new(),
            merges: BTreeMap::new(),
            connected: BTreeSet::new(),
            dialogs: BTreeMap::new(),
            dialog_names: BTreeMap::new(),
            refers: BTreeMap::new(),
            referring: BTreeMap::new(),
            informing: BTreeMap::new(),
            deadlines: BTreeSet::new(),
            in_hand: None,
            outbox: VecDeque::new(),
            events: VecDeque::new(),
            counters: Counters::default(),
        }
    }

    /// The next bytes to send.
    pub fn poll_transmit(&mut self) -> Option<Transmit> {
        self.outbox.pop_front()
    }

    /// The next thing to know.
    pub fn poll_event(&mut self) -> Option<Event> {
        self.events.pop_front()
    }

    /// When to call [`Self::handle_deadline`] next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.deadlines.first().map(|(at, _)| *at)
    }

    /// Fires every timer that is due.
    pub fn handle_deadline(&mut self, now: Instant) {
        self.serve_deadlines(now);
    }

    /// What happened since the start.
    pub fn counters(&self) -> &Counters {
        &self.counters
    }

    /// The Call-ID that a dialog has on the wire.
    pub fn call_id(&self, dialog: DialogId) -> Option<&str> {
        self.dialogs.get(&dialog).map(|dialog| dialog.call_id.as_str())
    }

    /// The INVITE of a dialog that waits for our answer.
    pub fn unanswered_invite(&self, dialog: DialogId) -> Option<&Request> {
        match &self.dialogs.get(&dialog)?.stage {
            crate::dialog::Stage::Incoming { invite, .. } => Some(invite),
            _ => None,
        }
    }

    /// How many dialogs there are, with those that are still saying goodbye.
    pub fn dialog_count(&self) -> usize {
        self.dialogs.len()
    }

    /// How many transactions there are.
    pub fn transaction_count(&self) -> usize {
        self.transactions.len()
    }

    /// A response with the headers RFC 3261 8.2.6.2 asks for and a To tag that depends on the request alone.
    pub fn response_to(&self, request: &Request, status: u16) -> Response {
        let mut response = Response::to_request(request, status);
        self.complete(&mut response);
        response
    }

    /// Adds what a response needs before it goes out: To tag and Server.
    fn complete(&self, response: &mut Response) {
        if response.status > 100 && response.to().is_some_and(|to| to.tag().is_none()) {
            let tag = self.tag_for(&response.headers);
            response.headers.append_to_first("To", &format!(";tag={tag}"));
        }
        if !response.headers.contains("Server") && !self.config.user_agent.is_empty() {
            response.headers.push("Server", self.config.user_agent.clone());
        }
    }

    /// RFC 3261 8.2.7: a stateless UAS "MUST generate To header tags [...] in such a manner [that] the same tag will be
    /// generated for the same request". CANCEL gets the tag of its INVITE, as it shares all that goes in.
    fn tag_for(&self, headers: &Headers) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.tag_key).expect("HMAC takes a key of any length");
        let cseq = headers.get("CSeq").unwrap_or_default();
        let number = cseq.split([' ', '\t']).next().unwrap_or_default();
        let branch = headers.list("Via").next().and_then(|via| via.parse::<crate::message::Via>().ok());
        let branch = branch.as_ref().and_then(|via| via.branch()).unwrap_or_default();
        for part in [
            headers.get("Call-ID").unwrap_or_default(),
            headers.get("From").unwrap_or_default(),
            number,
            branch,
        ] {
            mac.update(part.as_bytes());
            mac.update(b"\n");
        }
        hex::encode(&mac.finalize().into_bytes()[..8])
    }

    fn next_id(&mut self) -> u64 {
        self.last_id += 1;
        self.last_id
    }

    /// Text nobody can guess, for tags, branches and Call-IDs.
    fn token(&mut self) -> String {
        format!("{:016x}", self.rng.next_u64())
    }

    fn send(&mut self, flow: Flow, bytes: Vec<u8>) {
        self.outbox.push_back(Transmit { flow, bytes, hurry: false });
    }
}

impl std::fmt::Debug for Endpoint {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Endpoint")
            .field("transactions", &self.transactions.len())
            .field("dialogs", &self.dialogs.len())
            .finish_non_exhaustive()
    }
}

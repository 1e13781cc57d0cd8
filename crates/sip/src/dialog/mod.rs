//! Dialogs (RFC 3261 12) as values: who, where, in what order, and how far the INVITE has come.
//!
//! ```text
//! UAS   Incoming --200--> Confirmed (unacked until the ACK) --BYE--> Leaving
//!          \--3xx..6xx, CANCEL--> gone
//! UAC   Calling --2xx--> Confirmed --BYE--> Leaving
//!          \--final, CANCEL--> gone
//! ```

mod alone;
mod early;
mod own;
mod refresh;
mod ringing;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::endpoint::Reliable;
use crate::flow::{Flow, TransactionId, Transport};
use crate::message::{Headers, Method, NameAddr, Request, Response, Uri};

pub(crate) use early::{Early, reliable_number};
pub(crate) use own::{Login, Own, OwnStage};
pub(crate) use refresh::{Refresher, SessionExpires, SessionTimer, Terms, min_se, supports};
pub(crate) use ringing::{Ringing, Unpracked};

/// SIP's default port.
const SIP_PORT: u16 = 5060;

/// How far the dialog is.
#[derive(Debug)]
pub(crate) enum Stage {
    /// We have not answered the INVITE yet.
    Incoming { tx: TransactionId, invite: Request },
    /// The peer has not answered our INVITE yet.
    Calling(Calling),
    /// Answered.
    Confirmed,
    /// We sent BYE and wait for its answer.
    Leaving { challenged: bool },
}

/// An INVITE of ours that waits for its final response.
#[derive(Debug)]
pub(crate) struct Calling {
    pub(crate) tx: TransactionId,
    /// When to stop waiting.
    pub(crate) give_up_at: Instant,
    /// A provisional response came, so CANCEL may be sent (RFC 3261 9.1).
    pub(crate) provisional: bool,
    pub(crate) cancel: Cancel,
    /// A 401 or 407 has been answered; a second one is final.
    pub(crate) challenged: bool,
    /// How often a 422 made us ask for a longer interval (RFC 4028 7.3).
    pub(crate) raised: u8,
    /// The peers that ring, in the order in which they were heard.
    pub(crate) branches: Vec<Early>,
}

/// Whether our INVITE is being taken back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Cancel {
    No,
    /// As soon as a provisional response comes.
    Wanted,
    Sent,
}

/// A 2xx of ours that waits for its ACK (RFC 3261 13.3.1.4).
#[derive(Debug)]
pub(crate) struct Unacked {
    pub(crate) cseq: u32,
    pub(crate) flow: Flow,
    pub(crate) bytes: Vec<u8>,
    pub(crate) resend_at: Instant,
    pub(crate) interval: Duration,
    pub(crate) give_up_at: Instant,
    /// It answers the INVITE that made the dialog, so that BYE must wait for the ACK (RFC 3261 15).
    pub(crate) is_first: bool,
    /// It carries our offer, so that the ACK brings the answer (RFC 3261 13.2.2.4).
    pub(crate) offers: bool,
}

/// One leg.
#[derive(Debug)]
pub(crate) struct Dialog {
    /// What the peer's last request came in on, or what our INVITE went out on.
    pub(crate) flow: Flow,
    pub(crate) call_id: String,
    /// Our side, with tag, as it stands in From of our requests.
    pub(crate) local: String,
    pub(crate) local_tag: String,
    /// The peer's side as it stands in To of our requests.
    pub(crate) remote: String,
    /// Empty until the peer has chosen one, and for RFC 2543 peers.
    pub(crate) remote_tag: String,
    pub(crate) local_cseq: u32,
    pub(crate) remote_cseq: Option<u32>,
    pub(crate) target: Uri,
    /// Route values in the order in which our requests carry them.
    pub(crate) routes: Vec<String>,
    /// Where the peer reaches us.
    pub(crate) contact: Uri,
    pub(crate) login: Option<Login>,
    pub(crate) stage: Stage,
    pub(crate) unacked: Option<Unacked>,
    /// A re-INVITE, UPDATE or PRACK that waits for our owner's answer.
    pub(crate) reoffer: Option<(TransactionId, Request)>,
    /// An offer or refresh of ours that is under way.
    pub(crate) own: Option<Box<Own>>,
    /// The offer our owner wants to make as soon as nothing else is under way; the inner none asks the peer to offer.
    pub(crate) wanted: Option<Option<Vec<u8>>>,
    /// Our last description, to refresh the session with.
    pub(crate) local_sdp: Vec<u8>,
    /// The peer's last description.
    pub(crate) remote_sdp: Vec<u8>,
    /// We chose the Call-ID (RFC 3261 14.1).
    pub(crate) owns_call_id: bool,
    /// The peer takes UPDATE (RFC 3311 5.1).
    pub(crate) updates: bool,
    /// The session interval we like, zero for none.
    pub(crate) session_expires: Duration,
    /// How far our provisional responses to the peer's INVITE are reliable.
    pub(crate) reliable: Reliable,
    /// The session timer of an answered call.
    pub(crate) timer: Option<SessionTimer>,
    /// The smallest interval the peer accepts, as far as it has said so.
    pub(crate) min_se: Option<Duration>,
    /// Reliable provisional responses of ours to the INVITE.
    pub(crate) ringing: Option<Box<Ringing>>,
    /// The owner has let go: no more events.
    pub(crate) abandoned: bool,
    /// Reason header value of the BYE or CANCEL to come.
    pub(crate) reason: Option<String>,
    /// The deadline under which the dialog is filed.
    pub(crate) filed: Option<Instant>,
}

impl Dialog {
    /// A dialog in which nothing has happened yet. `local` is our side with its tag.
    pub(crate) fn new(
        flow: Flow,
        call_id: String,
        local: String,
        local_tag: String,
        target: Uri,
        contact: Uri,
        stage: Stage,
    ) -> Self {
        Self {
            flow,
            call_id,
            local,
            local_tag,
            remote: String::new(),
            remote_tag: String::new(),
            local_cseq: 0,
            remote_cseq: None,
            target,
            routes: Vec::new(),
            contact,
            login: None,
            stage,
            unacked: None,
            reoffer: None,
            own: None,
            wanted: None,
            local_sdp: Vec::new(),
            remote_sdp: Vec::new(),
            owns_call_id: false,
            updates: false,
            session_expires: Duration::ZERO,
            reliable: Reliable::default(),
            timer: None,
            min_se: None,
            ringing: None,
            abandoned: false,
            reason: None,
            filed: None,
        }
    }

    /// When something is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let unacked = self.unacked.as_ref().map(|one| one.resend_at.min(one.give_up_at));
        let staged = match &self.stage {
            Stage::Calling(calling) => Some(calling.give_up_at),
            Stage::Incoming { .. } => self.ringing.as_ref().and_then(|one| one.next_deadline()),
            Stage::Confirmed => self.timer.as_ref().map(SessionTimer::next_deadline),
            Stage::Leaving { .. } => None,
        };
        let own = self.own.as_ref().and_then(|own| own.next_deadline());
        unacked.into_iter().chain(staged).chain(own).min()
    }

    /// RFC 3261 12.1.2: the 2xx completes what the INVITE began.
    pub(crate) fn learn(&mut self, response: &Response) {
        if let Some(to) = response.headers.get("To") {
            self.remote = to.to_owned();
        }
        self.remote_tag = response.to().and_then(|to| to.tag().map(str::to_owned)).unwrap_or_default();
        self.routes = response.headers.list("Record-Route").map(str::to_owned).collect();
        // "The route set MUST be set to the list of URIs in the Record-Route header field from the response, taken in
        // reverse order."
        self.routes.reverse();
        if let Some(contact) = response.contact() {
            self.target = contact.uri;
        }
    }

    /// A target refresh (RFC 3261 12.2.1.2, 12.2.2), by the Contact of a request or of a 2xx.
    pub(crate) fn retarget(&mut self, contact: Option<NameAddr>) {
        if let Some(contact) = contact {
            self.target = contact.uri;
        }
    }

    /// Notes that the peer takes UPDATE; a message without Allow says nothing about it (RFC 3261 20.5).
    pub(crate) fn note_allow(&mut self, headers: &Headers) {
        self.updates = allows_update(headers).unwrap_or(self.updates);
    }

    /// A request in the dialog (RFC 3261 12.2.1.1), still without Via. ACK takes the number of its INVITE.
    pub(crate) fn request(&mut self, method: Method) -> Request {
        if method != Method::Ack {
            self.local_cseq += 1;
        }
        let (uri, routes) = way(&self.target, &self.routes);
        let headers = self.opening(&method, self.remote.clone(), &routes);
        Request { method, uri, headers, body: Vec::new() }
    }

    /// The headers every request begins with.
    fn opening(&self, method: &Method, to: String, routes: &[String]) -> Headers {
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", self.local.clone());
        headers.push("To", to);
        headers.push("Call-ID", self.call_id.clone());
        headers.push("CSeq", format!("{} {method}", self.local_cseq));
        if !routes.is_empty() {
            headers.push("Route", routes.join(", "));
        }
        headers
    }

    /// Back along the peer's flow, which passes its NAT; a recorded route that names another address over UDP is
    /// followed.
    pub(crate) fn destination(&self) -> Flow {
        first_hop(self.flow, &self.routes)
    }
}

/// Whether an Allow header names UPDATE; none without one.
pub(crate) fn allows_update(headers: &Headers) -> Option<bool> {
    headers.contains("Allow").then(|| headers.list("Allow").any(|one| one == "UPDATE"))
}

/// Request-URI and Route (RFC 3261 12.2.1.1, 16.12.1.2): a first router without `lr` is strict and wants itself in the
/// Request-URI and the target last.
pub(crate) fn way(target: &Uri, routes: &[String]) -> (Uri, Vec<String>) {
    let first = routes.first().and_then(|route| route.parse::<NameAddr>().ok());
    match first {
        Some(strict) if strict.uri.is_sip() && strict.uri.param("lr").is_none() => {
            let mut routes = routes[1..].to_vec();
            routes.push(format!("<{target}>"));
            (strict.uri, routes)
        }
        _ => (target.clone(), routes.to_vec()),
    }
}

fn first_hop(flow: Flow, routes: &[String]) -> Flow {
    let first = routes.first().and_then(|route| route.parse::<NameAddr>().ok());
    let address = first.and_then(|route| Some((route.uri.host_ip()?, route.uri.port().unwrap_or(SIP_PORT))));
    match address {
        Some((ip, port)) if flow.transport == Transport::Udp && is_sendable(ip, port, flow) => {
            Flow { remote: (ip, port).into(), ..flow }
        }
        _ => flow,
    }
}

/// A route may name any address; only one a datagram can reach one host under is followed.
pub(crate) fn is_sendable(ip: IpAddr, port: u16, flow: Flow) -> bool {
    port != 0 && ip.is_ipv4() == flow.local.is_ipv4() && !ip.is_unspecified() && !ip.is_multicast()
}

//! Dialogs (RFC 3261 12) as values: who, where, in what order, and how far the INVITE has come.
//!
//! ```text
//! UAS   Incoming --200--> Confirmed (unacked until the ACK) --BYE--> Leaving
//!          \--3xx..6xx, CANCEL--> gone
//! UAC   Calling --2xx--> Confirmed --BYE--> Leaving
//!          \--final, CANCEL--> gone
//! ```

mod alone;

use std::net::IpAddr;
use std::time::{Duration, Instant};

use crate::event::Credentials;
use crate::flow::{Flow, TransactionId, Transport};
use crate::message::{Headers, Method, NameAddr, Request, Response, Uri};

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
    pub(crate) credentials: Option<Credentials>,
    pub(crate) stage: Stage,
    pub(crate) unacked: Option<Unacked>,
    /// A re-INVITE or UPDATE that waits for our owner's answer.
    pub(crate) reoffer: Option<(TransactionId, Request)>,
    /// The owner has let go: no more events.
    pub(crate) abandoned: bool,
    /// Reason header value of the BYE or CANCEL to come.
    pub(crate) reason: Option<String>,
    /// The deadline under which the dialog is filed.
    pub(crate) filed: Option<Instant>,
}

impl Dialog {
    /// When something is due.
    pub(crate) fn next_deadline(&self) -> Option<Instant> {
        let unacked = self.unacked.as_ref().map(|one| one.resend_at.min(one.give_up_at));
        let calling = match &self.stage {
            Stage::Calling(calling) => Some(calling.give_up_at),
            Stage::Incoming { .. } | Stage::Confirmed | Stage::Leaving { .. } => None,
        };
        unacked.into_iter().chain(calling).min()
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

    /// The dialog another branch of a forked INVITE made.
    pub(crate) fn branch(&self) -> Self {
        Self {
            flow: self.flow,
            call_id: self.call_id.clone(),
            local: self.local.clone(),
            local_tag: self.local_tag.clone(),
            remote: self.remote.clone(),
            remote_tag: String::new(),
            local_cseq: self.local_cseq,
            remote_cseq: None,
            target: self.target.clone(),
            routes: Vec::new(),
            contact: self.contact.clone(),
            credentials: None,
            stage: Stage::Leaving { challenged: true },
            unacked: None,
            reoffer: None,
            abandoned: true,
            reason: self.reason.clone(),
            filed: None,
        }
    }

    /// A target refresh (RFC 3261 12.2.2).
    pub(crate) fn retarget(&mut self, request: &Request) {
        if let Some(contact) = request.contact() {
            self.target = contact.uri;
        }
    }

    /// A request in the dialog (RFC 3261 12.2.1.1), still without Via. ACK takes the number of its INVITE.
    pub(crate) fn request(&mut self, method: Method) -> Request {
        if method != Method::Ack {
            self.local_cseq += 1;
        }
        let mut headers = Headers::default();
        headers.push("Max-Forwards", "70");
        headers.push("From", self.local.clone());
        headers.push("To", self.remote.clone());
        headers.push("Call-ID", self.call_id.clone());
        headers.push("CSeq", format!("{} {method}", self.local_cseq));
        let (uri, routes) = self.way();
        if !routes.is_empty() {
            headers.push("Route", routes.join(", "));
        }
        Request { method, uri, headers, body: Vec::new() }
    }

    /// Request-URI and Route (RFC 3261 12.2.1.1, 16.12.1.2): a first router without `lr` is strict and wants itself in
    /// the Request-URI and the target last.
    fn way(&self) -> (Uri, Vec<String>) {
        let first = self.routes.first().and_then(|route| route.parse::<NameAddr>().ok());
        match first {
            Some(strict) if strict.uri.is_sip() && strict.uri.param("lr").is_none() => {
                let mut routes = self.routes[1..].to_vec();
                routes.push(format!("<{}>", self.target));
                (strict.uri, routes)
            }
            _ => (self.target.clone(), self.routes.clone()),
        }
    }

    /// Back along the peer's flow, which passes its NAT; a recorded route that names another address over UDP is
    /// followed.
    pub(crate) fn destination(&self) -> Flow {
        let first = self.routes.first().and_then(|route| route.parse::<NameAddr>().ok());
        let address =
            first.and_then(|route| Some((route.uri.host_ip()?, route.uri.port().unwrap_or(SIP_PORT))));
        match address {
            Some((ip, port)) if self.flow.transport == Transport::Udp && is_sendable(ip, port, self.flow) => {
                Flow { remote: (ip, port).into(), ..self.flow }
            }
            _ => self.flow,
        }
    }
}

/// A route may name any address; only one a datagram can reach one host under is followed.
fn is_sendable(ip: IpAddr, port: u16, flow: Flow) -> bool {
    port != 0 && ip.is_ipv4() == flow.local.is_ipv4() && !ip.is_unspecified() && !ip.is_multicast()
}

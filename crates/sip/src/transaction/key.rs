//! How messages find their transaction (RFC 3261 17.1.3, 17.2.3).

use std::net::IpAddr;

use crate::message::{Method, Request, Response};

/// Names a server transaction. The source address is part of it, so that no third host can acknowledge, cancel or
/// provoke retransmissions by guessing a branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerKey {
    branch: String,
    sent_by: String,
    method: Method,
    source: IpAddr,
}

impl ServerKey {
    /// The key of the transaction a request creates or repeats.
    pub(crate) fn of(request: &Request, source: IpAddr) -> Option<Self> {
        let via = request.via()?;
        let branch = if via.has_unique_branch() {
            via.branch().unwrap_or_default().to_owned()
        } else {
            // RFC 3261 17.2.3: without the magic cookie the Request-URI, From tag, Call-ID, CSeq number and top Via
            // together name it; the To tag is left out because the ACK has one that the INVITE had not.
            let from = request.from()?;
            let cseq = request.cseq()?.number;
            format!(
                "{}\n{}\n{}\n{cseq}\n{}",
                request.call_id(),
                from.tag().unwrap_or_default(),
                request.uri,
                via.branch().unwrap_or_default()
            )
        };
        // ACK belongs to the INVITE it acknowledges.
        let method = if request.method == Method::Ack { Method::Invite } else { request.method.clone() };
        Some(Self { branch, sent_by: via.sent_by(), method, source })
    }

    /// RFC 3261 9.2: the INVITE a CANCEL means.
    pub(crate) fn of_invite(mut self) -> Self {
        self.method = Method::Invite;
        self
    }
}

/// Names a client transaction: the branch is ours, CANCEL shares it with its INVITE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientKey {
    branch: String,
    method: Method,
}

impl ClientKey {
    pub(crate) fn of_request(request: &Request) -> Option<Self> {
        Some(Self { branch: request.via()?.branch()?.to_owned(), method: request.method.clone() })
    }

    pub(crate) fn of_response(response: &Response) -> Option<Self> {
        Some(Self { branch: response.via()?.branch()?.to_owned(), method: response.cseq()?.method })
    }
}

/// What two copies of one request have in common that reached us on different ways (RFC 3261 8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MergeKey {
    call_id: String,
    from_tag: String,
    cseq: (u32, Method),
}

impl MergeKey {
    /// None for requests that cannot be merged: those in a dialog, and those of old peers without a From tag.
    pub(crate) fn of(request: &Request) -> Option<Self> {
        if request.to()?.tag().is_some() {
            return None;
        }
        let from_tag = request.from()?.tag()?.to_owned();
        let cseq = request.cseq()?;
        Some(Self { call_id: request.call_id().to_owned(), from_tag, cseq: (cseq.number, cseq.method) })
    }
}

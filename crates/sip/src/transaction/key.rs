//! How messages find their transaction (RFC 3261 17.1.3, 17.2.3).

use std::cmp::Ordering;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::net::IpAddr;
use std::sync::Arc;

use crate::message::{Method, Request, Response};

/// A key that is compared by a hash first: branches begin alike, and a table of 100,000 transactions would read the text
/// of 17 others for each message. Equal hashes are told apart by the key itself, so that nothing depends on them.
#[derive(Debug)]
struct Hashed<T> {
    hash: u64,
    /// Shared by the table and the transaction.
    key: Arc<T>,
}

impl<T: Hash> Hashed<T> {
    fn new(key: T) -> Self {
        // Without keys of its own: the same inputs give the same order.
        let mut hasher = DefaultHasher::new();
        key.hash(&mut hasher);
        Self { hash: hasher.finish(), key: Arc::new(key) }
    }
}

impl<T> Clone for Hashed<T> {
    fn clone(&self) -> Self {
        Self { hash: self.hash, key: self.key.clone() }
    }
}

impl<T: Ord> Ord for Hashed<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.hash.cmp(&other.hash).then_with(|| self.key.cmp(&other.key))
    }
}

impl<T: Ord> PartialOrd for Hashed<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T: Ord> PartialEq for Hashed<T> {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl<T: Ord> Eq for Hashed<T> {}

/// Names a server transaction. The source address is part of it, so that no third host can acknowledge, cancel or
/// provoke retransmissions by guessing a branch.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ServerKey(Hashed<ServerName>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ServerName {
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
        Some(Self(Hashed::new(ServerName { branch, sent_by: via.sent_by(), method, source })))
    }

    /// RFC 3261 9.2: the INVITE a CANCEL means.
    pub(crate) fn of_invite(self) -> Self {
        let ServerName { branch, sent_by, source, .. } = &*self.0.key;
        Self(Hashed::new(ServerName {
            branch: branch.clone(),
            sent_by: sent_by.clone(),
            method: Method::Invite,
            source: *source,
        }))
    }
}

/// Names a client transaction: the branch is ours, CANCEL shares it with its INVITE.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct ClientKey(Hashed<ClientName>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct ClientName {
    branch: String,
    method: Method,
}

impl ClientKey {
    pub(crate) fn of_request(request: &Request) -> Option<Self> {
        Some(Self::new(request.via()?.branch()?, request.method.clone()))
    }

    fn new(branch: &str, method: Method) -> Self {
        Self(Hashed::new(ClientName { branch: branch.to_owned(), method }))
    }

    pub(crate) fn of_response(response: &Response) -> Option<Self> {
        Some(Self::new(response.via()?.branch()?, response.cseq()?.method))
    }
}

/// What two copies of one request have in common that reached us on different ways (RFC 3261 8.2.2.2).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct MergeKey(Hashed<MergeName>);

#[derive(Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
struct MergeName {
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
        let name =
            MergeName { call_id: request.call_id().to_owned(), from_tag, cseq: (cseq.number, cseq.method) };
        Some(Self(Hashed::new(name)))
    }
}

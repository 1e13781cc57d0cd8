//! The early dialogs of an INVITE of ours: one for each phone that rings behind a forking proxy (RFC 3261 13.2.2.1).

use super::{Calling, Dialog, Stage, allows_update, first_hop, way};
use crate::flow::Flow;
use crate::message::{Headers, Method, Request, Response, Uri, lex};

/// The most branches of a call that are told apart; further ones ring without PRACK and UPDATE.
const BRANCHES_MAX: usize = 8;

/// One branch.
#[derive(Debug)]
pub(crate) struct Early {
    pub(crate) tag: String,
    /// To of requests on this branch.
    to: String,
    target: Uri,
    routes: Vec<String>,
    flow: Flow,
    pub(crate) remote_cseq: Option<u32>,
    /// RSeq of the last reliable provisional response that was confirmed.
    pub(crate) rseq: Option<u32>,
    /// A reliable response brought the answer to our offer.
    pub(crate) settled: bool,
    /// The peer takes UPDATE.
    pub(crate) updates: bool,
    /// The last description of the peer.
    pub(crate) sdp: Option<Vec<u8>>,
}

impl Early {
    /// What becomes of a reliable provisional response: whether it is the next one. RFC 3262 4: one whose RSeq "is not
    /// one higher than [the last] MUST NOT be acknowledged", and a repeated one is discarded.
    pub(crate) fn takes(&mut self, rseq: u32) -> bool {
        let is_next = self.rseq.is_none_or(|last| last.checked_add(1) == Some(rseq));
        if is_next {
            self.rseq = Some(rseq);
        }
        is_next
    }

    pub(crate) fn retarget(&mut self, request: &Request) {
        if let Some(contact) = request.contact() {
            self.target = contact.uri;
        }
    }
}

impl Calling {
    /// The branch of a provisional response, which may be its first.
    pub(crate) fn branch_of(&mut self, flow: Flow, target: &Uri, response: &Response) -> Option<&mut Early> {
        let tag = response.to()?.tag()?.to_owned();
        let known = self.branches.iter().position(|one| one.tag == tag);
        let index = match known {
            Some(index) => index,
            None if self.branches.len() >= BRANCHES_MAX => return None,
            None => {
                let mut routes: Vec<String> =
                    response.headers.list("Record-Route").map(str::to_owned).collect();
                routes.reverse();
                self.branches.push(Early {
                    tag,
                    to: response.headers.get("To").unwrap_or_default().to_owned(),
                    target: target.clone(),
                    routes,
                    flow,
                    remote_cseq: None,
                    rseq: None,
                    settled: false,
                    updates: false,
                    sdp: None,
                });
                self.branches.len() - 1
            }
        };
        let branch = self.branches.get_mut(index)?;
        if let Some(contact) = response.contact() {
            branch.target = contact.uri;
        }
        branch.updates = allows_update(&response.headers).unwrap_or(branch.updates);
        Some(branch)
    }

    pub(crate) fn branch(&mut self, tag: &str) -> Option<&mut Early> {
        self.branches.iter_mut().find(|one| one.tag == tag)
    }
}

impl Dialog {
    /// The branch whose tag a request of the peer has in From.
    pub(crate) fn branch_from(&mut self, request: &Request) -> Option<&mut Early> {
        let Stage::Calling(calling) = &mut self.stage else { return None };
        let from = request.from()?;
        calling.branch(from.tag().unwrap_or_default())
    }

    /// A request on a branch, and where it goes.
    pub(crate) fn early_request(&mut self, method: Method, tag: &str) -> Option<(Request, Flow)> {
        let Stage::Calling(calling) = &self.stage else { return None };
        let branch = calling.branches.iter().find(|one| one.tag == tag)?;
        self.local_cseq += 1;
        let (uri, routes) = way(&branch.target, &branch.routes);
        let (to, flow) = (branch.to.clone(), first_hop(branch.flow, &branch.routes));
        let headers: Headers = self.opening(&method, to, &routes);
        Some((Request { method, uri, headers, body: Vec::new() }, flow))
    }

    /// Whether the peer's request is behind one that came before it (RFC 3261 12.2.2: "if the remote sequence number
    /// was not empty, but the sequence number of the request is lower than the remote sequence number, the request is
    /// out of order"); if not, its number and flow are noted. Each early dialog of a fork numbers on its own.
    pub(crate) fn is_out_of_order(&mut self, request: &Request, flow: Flow) -> bool {
        let number = request.cseq().map_or(0, |cseq| cseq.number);
        let (last, way) = match self.branch_from(request) {
            Some(branch) => (&mut branch.remote_cseq, &mut branch.flow),
            None => (&mut self.remote_cseq, &mut self.flow),
        };
        if last.is_some_and(|last| number < last) {
            return true;
        }
        *last = Some(number);
        // The peer may have a new NAT binding or connection; requests to it go back the way it came last.
        *way = flow;
        false
    }
}

/// The RSeq of a provisional response that wants a PRACK (RFC 3262 4).
pub(crate) fn reliable_number(response: &Response) -> Option<u32> {
    let required = response.headers.list("Require").any(|one| one.eq_ignore_ascii_case("100rel"));
    if !required || !(101..=199).contains(&response.status) {
        return None;
    }
    let number = lex::number(response.headers.get("RSeq")?.trim(), u64::from(u32::MAX))?;
    u32::try_from(number).ok().filter(|number| *number > 0)
}

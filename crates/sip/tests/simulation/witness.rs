//! Somebody who reads the wire and knows the rules that hold whatever the network does.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

use careline_sip::{Message, Method, Transmit, parse};

/// RFC 3261 15: a callee waits for the ACK this long before it may say BYE.
const ACK_WAIT: Duration = Duration::from_secs(32);

/// A transaction on the wire: who sent the request, branch, method.
type Name = (SocketAddr, String, Method);

/// A call by its Call-ID.
#[derive(Debug)]
struct Seen {
    caller: SocketAddr,
    first_200: Option<Instant>,
    ack_arrived: bool,
    bye_arrived: bool,
    /// Last CSeq number of each side.
    cseq: BTreeMap<SocketAddr, u32>,
}

#[derive(Default)]
pub struct Witness {
    requests: BTreeMap<Name, Vec<u8>>,
    arrived: BTreeSet<Name>,
    answered: BTreeSet<Name>,
    calls: BTreeMap<String, Seen>,
    pub broken: Vec<String>,
}

impl Witness {
    pub fn sent(&mut self, now: Instant, one: &Transmit) {
        let from = one.flow.local;
        match parse(&one.bytes) {
            Err(why) => self.broken.push(format!("sent what is no SIP: {why}")),
            Ok(Message::Response(response)) => {
                let (via, cseq) = (response.via().expect("a Via"), response.cseq().expect("a CSeq"));
                if cseq.method == Method::Invite && response.status == 200 {
                    let seen = self.calls.get_mut(response.call_id()).expect("a call");
                    seen.first_200.get_or_insert(now);
                }
                if response.status >= 200 {
                    let branch = via.branch().unwrap_or_default().to_owned();
                    self.answered.insert((one.flow.remote, branch, cseq.method));
                }
            }
            Ok(Message::Request(request)) => {
                let cseq = request.cseq().expect("a CSeq");
                let seen = self.calls.entry(request.call_id().to_owned()).or_insert_with(|| Seen {
                    caller: from,
                    first_200: None,
                    ack_arrived: false,
                    bye_arrived: false,
                    cseq: BTreeMap::new(),
                });
                let branch = request.via().and_then(|via| via.branch().map(str::to_owned));
                let name = (from, branch.unwrap_or_default(), cseq.method.clone());
                if let Some(before) = self.requests.get(&name) {
                    if *before != one.bytes {
                        self.broken.push(format!("{} was changed when it was repeated", cseq.method));
                    }
                    return;
                }
                let counts = !matches!(cseq.method, Method::Ack | Method::Cancel);
                if counts && seen.cseq.insert(from, cseq.number).is_some_and(|last| last >= cseq.number) {
                    self.broken.push(format!("{} did not count on", cseq.method));
                }
                let is_callee = seen.caller != from;
                let waited = seen.first_200.is_none_or(|at| now.duration_since(at) >= ACK_WAIT);
                if cseq.method == Method::Bye
                    && is_callee
                    && !seen.ack_arrived
                    && !waited
                    && !seen.bye_arrived
                {
                    self.broken.push("the callee said BYE before the ACK".to_owned());
                }
                self.requests.insert(name, one.bytes.clone());
            }
        }
    }

    pub fn arrived(&mut self, one: &Transmit) {
        let Ok(Message::Request(request)) = parse(&one.bytes) else { return };
        let (Some(cseq), Some(via)) = (request.cseq(), request.via()) else { return };
        if let Some(seen) = self.calls.get_mut(request.call_id()) {
            seen.ack_arrived |= cseq.method == Method::Ack;
            seen.bye_arrived |= cseq.method == Method::Bye;
        }
        if cseq.method != Method::Ack {
            let branch = via.branch().unwrap_or_default().to_owned();
            self.arrived.insert((one.flow.local, branch, cseq.method));
        }
    }

    /// Whoever was asked has answered.
    pub fn reckon(&mut self) {
        for (_, _, method) in self.arrived.difference(&self.answered) {
            self.broken.push(format!("{method} arrived and was never answered"));
        }
    }
}

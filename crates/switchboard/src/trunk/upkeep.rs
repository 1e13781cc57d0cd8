//! Keeping trunks: REGISTER and OPTIONS when they are due, and what their answers mean.

use super::health::Change;
use super::registration::Outcome;
use super::{Asked, token};
use crate::output::Output;
use crate::switchboard::Switchboard;
use careline_model::config::plan::{Transport as Carrier, Trunk};
use careline_model::{Now, TrunkId};
use careline_sip::{Flow, Method, NameAddr, Response, TransactionId, Transmit, Transport, Uri};
use std::net::SocketAddr;
use std::time::Duration;

/// An OPTIONS without an answer for this long counts; the transaction itself would go on for half a minute.
const PROBE_PATIENCE: Duration = Duration::from_secs(4);
/// A registrar that is reached by datagrams gets an empty one this often: a NAT or firewall before us would forget the
/// way back before the next REGISTER, and calls would not come in (RFC 5626 4.4.2: 24 to 29 s). Connections are kept
/// alive by the shell.
const NAT_KEEP_ALIVE: Duration = Duration::from_secs(25);
/// RFC 5626 3.5.1; every SIP peer skips it.
const KEEP_ALIVE: &[u8] = b"\r\n\r\n";
/// When a request cannot even be sent, it is tried again after this.
const NO_WAY_RETRY: Duration = Duration::from_secs(10);

impl Switchboard {
    /// Does what is due for trunks.
    pub(crate) fn tend_trunks(&mut self, now: Now) {
        while let Some((at, leg)) = self.trunks.waits.first().copied()
            && at <= now.instant
        {
            self.trunks.waits.pop_first();
            self.outside_silent(now, leg);
        }
        self.silence_answers(now);
        let ids: Vec<TrunkId> = self.trunks.states.keys().cloned().collect();
        for id in ids {
            self.tend_probes(now, &id);
            self.keep_alive(now, &id);
            let registering = self.trunks.states.get_mut(&id).and_then(|state| state.registering.as_mut());
            let due = registering.and_then(|one| {
                one.lapse(now.instant);
                one.due()
            });
            if due.is_some_and(|due| due <= now.instant) {
                self.send_register(now, &id);
            }
        }
        self.forget_trunks();
        self.watch_trunks(now);
    }

    fn tend_probes(&mut self, now: Now, id: &TrunkId) {
        let doors = self.trunks.states.get(id).map_or(0, |state| state.doors.len());
        for door in 0..doors {
            let Some(one) = self.trunks.door(id, door) else { continue };
            if one.probe.is_some_and(|(_, until)| until <= now.instant) {
                one.probe = None;
                self.probe_over(now, id, door, false);
            } else if one.probe.is_none() && one.probe_due.is_some_and(|due| due <= now.instant) {
                self.send_options(now, id, door);
            }
        }
    }

    fn keep_alive(&mut self, now: Now, id: &TrunkId) {
        let Some(state) = self.trunks.states.get_mut(id) else { return };
        if state.keep_alive_due.take_if(|due| *due <= now.instant).is_none() {
            return;
        }
        let Some(flow) = state.registered_on else { return };
        state.keep_alive_due = Some(now.instant + NAT_KEEP_ALIVE);
        let transmit = Transmit { flow, bytes: KEEP_ALIVE.to_vec(), hurry: false };
        self.outputs.push_back(Output::Transmit(transmit));
    }

    fn send_options(&mut self, now: Now, id: &TrunkId, door: usize) {
        let plan = self.plan.clone();
        let Some(trunk) = plan.trunks.get(id) else { return };
        let Some(probing) = trunk.probing else { return };
        let sent = trunk.proxies.get(door).copied().and_then(|proxy| {
            let flow = self.trunk_flow(trunk, proxy)?;
            let uri = Uri::sip(None, &proxy.ip().to_string(), Some(proxy.port()));
            let from = NameAddr::new(self.trunk_contact(trunk, flow));
            let to = NameAddr::new(uri.clone());
            let headers = vec![("Accept".to_owned(), "application/sdp".to_owned())];
            self.endpoint.request(now.instant, flow, Method::Options, uri, from, to, headers, Vec::new()).ok()
        });
        let Some(one) = self.trunks.door(id, door) else { return };
        one.probe_due = Some(now.instant + probing.interval.max(Duration::from_secs(1)));
        one.probe = sent.map(|transaction| (transaction, now.instant + PROBE_PATIENCE));
        if let Some(transaction) = sent {
            self.trunks.asked.insert(transaction, Asked::Options { trunk: id.clone(), door });
        }
    }

    fn probe_over(&mut self, now: Now, id: &TrunkId, door: usize, answered: bool) {
        let Some(one) = self.trunks.door(id, door) else { return };
        let change = if answered { one.health.answered() } else { one.health.unanswered(now.instant) };
        self.note_change(now, id, door, change, "leaves OPTIONS without an answer");
    }

    fn note_change(
        &mut self,
        now: Now,
        id: &TrunkId,
        door: usize,
        change: Option<Change>,
        fault: &'static str,
    ) {
        let Some(change) = change else { return };
        if let Some(one) = self.trunks.door(id, door) {
            one.fault = fault;
        }
        self.watch_trunks(now);
        if change == Change::WentDown {
            self.door_died(now, id, door);
        }
    }

    /// The proxy answered a call.
    pub(super) fn note_served(&mut self, now: Now, id: &TrunkId, door: usize) {
        let change = self.trunks.door(id, door).and_then(|one| one.health.served());
        self.note_change(now, id, door, change, "");
    }

    /// The proxy left a call without a word.
    pub(super) fn note_let_down(&mut self, now: Now, id: &TrunkId, door: usize) {
        let Some(one) = self.trunks.door(id, door) else { return };
        let change = one.health.let_down(now.instant);
        // Asked again soon, to know when it is back.
        one.probe_due = one.probe_due.map(|due| due.min(now.instant + Duration::from_secs(1)));
        self.note_change(now, id, door, change, "left a call or a registration without an answer");
    }

    pub(super) fn send_register(&mut self, now: Now, id: &TrunkId) {
        let plan = self.plan.clone();
        let retired = self.trunks.retired.get(id).cloned();
        let known = plan.trunks.get(id).or(retired.as_ref());
        let Some((trunk, register)) = known.and_then(|trunk| Some((trunk, trunk.register.as_ref()?))) else {
            return;
        };
        let Some(registering) = self.trunks.states.get_mut(id).and_then(|state| state.registering.as_mut())
        else {
            return;
        };
        let form = registering.register();
        let (call_id, tag) = (registering.call_id.clone(), registering.tag.clone());
        let flow = register.registrars.get(form.registrar).and_then(|to| self.trunk_flow(trunk, *to));
        let sent = flow.and_then(|flow| {
            let aor = NameAddr::new(Uri::sip(Some(&register.user), &register.domain, None));
            let contact = self.trunk_contact(trunk, flow);
            let mut headers = vec![
                ("Call-ID".to_owned(), call_id),
                ("CSeq".to_owned(), format!("{} REGISTER", form.cseq)),
                ("Contact".to_owned(), format!("<{contact}>")),
                ("Expires".to_owned(), form.expires.as_secs().to_string()),
                ("Supported".to_owned(), "path".to_owned()),
            ];
            headers.extend(form.authorization.map(|(name, value)| (name.to_owned(), value)));
            let uri = Uri::sip(None, &register.domain, None);
            let from = aor.clone().with_tag(&tag);
            let sent = self.endpoint.request(
                now.instant,
                flow,
                Method::Register,
                uri,
                from,
                aor,
                headers,
                Vec::new(),
            );
            Some((sent.ok()?, flow))
        });
        match sent {
            Some((transaction, flow)) => {
                self.trunks.asked.insert(transaction, Asked::Register { trunk: id.clone(), flow });
            }
            None => self.register_unsent(now, id),
        }
    }

    fn register_unsent(&mut self, now: Now, id: &TrunkId) {
        if let Some(state) = self.trunks.states.get_mut(id) {
            state.complaint = Some("no listener of the trunk's network, or no room for a request".to_owned());
            if let Some(registering) = &mut state.registering {
                registering.retry_at(now.instant + NO_WAY_RETRY);
            }
        }
    }

    /// The answer to a request of ours outside calls.
    pub(crate) fn trunk_response(&mut self, now: Now, transaction: TransactionId, response: &Response) {
        match self.trunks.asked.remove(&transaction) {
            Some(Asked::Options { trunk, door }) => {
                let Some(one) = self.trunks.door(&trunk, door) else { return };
                // One that was given up already has been counted.
                if one.probe.take_if(|(asked, _)| *asked == transaction).is_some() {
                    // 408 and 503 also stand for silence and lost connections.
                    self.probe_over(now, &trunk, door, !matches!(response.status, 408 | 503));
                }
            }
            Some(Asked::Register { trunk, flow }) => self.registered(now, &trunk, flow, response),
            None => return,
        }
        self.watch_trunks(now);
    }

    fn registered(&mut self, now: Now, id: &TrunkId, flow: Flow, response: &Response) {
        let plan = self.plan.clone();
        let retired = self.trunks.retired.get(id).cloned();
        let known = plan.trunks.get(id).or(retired.as_ref());
        let Some((trunk, register)) = known.and_then(|trunk| Some((trunk, trunk.register.as_ref()?))) else {
            return;
        };
        let (contact, cnonce) = (self.trunk_contact(trunk, flow), token(&mut self.trunks.rng));
        let Some(state) = self.trunks.states.get_mut(id) else { return };
        let Some(registering) = &mut state.registering else { return };
        let asked = register.registrars.get(registering.registrar()).copied();
        let outcome = registering.answered(now.instant, response, register, &trunk.realm, &contact, &cnonce);
        // Where the registrar is also a proxy, its silence or its answer counts for calls as well.
        let door = trunk.proxies.iter().position(|proxy| Some(*proxy) == asked);
        match outcome {
            Outcome::Again => return self.send_register(now, id),
            Outcome::Registered => {
                (state.complaint, state.registered_on) = (None, Some(flow));
                let datagrams = !flow.transport.is_connection();
                state.keep_alive_due = datagrams.then(|| now.instant + NAT_KEEP_ALIVE);
            }
            Outcome::Left => state.registered_on = None,
            Outcome::Refused(why) => {
                (state.complaint, state.registered_on) = (Some(why), None);
            }
            Outcome::Silent => {
                state.complaint = Some("no answer".to_owned());
                if let Some(door) = door.filter(|_| trunk.probing.is_none()) {
                    return self.note_let_down(now, id, door);
                }
            }
        }
        if let Some(door) = door {
            self.note_served(now, id, door);
        }
    }

    /// A connection is gone: who registered on it does so again.
    pub(crate) fn trunk_flow_lost(&mut self, now: Now, flow: Flow) {
        for state in self.trunks.states.values_mut().filter(|state| state.registered_on == Some(flow)) {
            state.registered_on = None;
            if let Some(registering) = &mut state.registering {
                registering.connection_lost(now.instant);
            }
            state.complaint = Some("the connection was lost".to_owned());
        }
        self.watch_trunks(now);
    }

    /// What our requests to a trunk travel on.
    pub(super) fn trunk_flow(&self, trunk: &Trunk, to: SocketAddr) -> Option<Flow> {
        let transport = match trunk.transport {
            Carrier::Tcp => Transport::Tcp,
            Carrier::Tls => Transport::Tls,
            Carrier::Udp | Carrier::Ws | Carrier::Wss => Transport::Udp,
        };
        let fits = |listener: &&crate::BoundListener| {
            listener.network == trunk.network && listener.address.is_ipv4() == to.is_ipv4()
        };
        let mut listeners = self.settings.listeners.iter().filter(fits);
        let local = match transport {
            Transport::Udp => listeners.find(|listener| listener.transport == transport)?.address,
            // A connection that we open is named by where it leads.
            _ => SocketAddr::new(listeners.next()?.address.ip(), 0),
        };
        Some(Flow { transport, local, remote: to })
    }

    /// Where a trunk finds us: the user part is that of our registration, which stands for the whole block.
    pub(super) fn trunk_contact(&self, trunk: &Trunk, flow: Flow) -> Uri {
        let plain = self.contact(flow);
        let Some(register) = &trunk.register else { return plain };
        let text = plain.as_str();
        let named = text.split_once('@').map(|(_, rest)| {
            let user = Uri::sip(Some(&register.user), "h", None);
            format!("{}@{rest}", user.as_str().trim_end_matches("@h"))
        });
        named.and_then(|named| named.parse().ok()).unwrap_or(plain)
    }
}

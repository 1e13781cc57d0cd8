//! The registrar (RFC 3261 10.3, RFC 3327, RFC 5626 6): which contacts an address of record has now, and on which flow
//! each is reached.
//!
//! It neither authenticates nor decides who may register what; its owner did both before. What it holds is bounded: in
//! contacts of one address, in addresses, in contacts altogether, and in text per contact.

mod binding;

use std::collections::{BTreeMap, BTreeSet};
use std::net::IpAddr;
use std::ops::RangeInclusive;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::flow::Flow;
use crate::message::{Request, Response};
use binding::{Wanted, seconds};

pub use binding::{Binding, Q_MAX};

/// The limits of a registrar.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Shorter registrations get 423 (RFC 3261 10.2.8).
    pub expires_min: Duration,
    /// Longer ones are shortened.
    pub expires_max: Duration,
    /// For those that name no time.
    pub expires_default: Duration,
    /// The most contacts of one address; beyond it the one that would expire first makes room.
    pub contacts_max: usize,
    /// The most addresses; beyond it 503.
    pub aors_max: usize,
    /// The most contacts of all addresses; beyond it 503 for every new one.
    pub bindings_max: usize,
    /// The most bytes of text that one contact may bring: Contact, Path and Call-ID together; beyond it 400.
    pub text_max: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            expires_min: Duration::from_secs(60),
            expires_max: Duration::from_secs(3600),
            expires_default: Duration::from_secs(3600),
            contacts_max: 10,
            aors_max: 10_000,
            bindings_max: 20_000,
            text_max: 2048,
        }
    }
}

/// All bindings.
#[derive(Debug)]
pub struct Registrar {
    limits: Limits,
    aors: BTreeMap<Arc<str>, Vec<Binding>>,
    due: BTreeSet<(Instant, Arc<str>)>,
    /// Who is reached over a connection, to find what goes with it.
    connected: BTreeSet<(Flow, Arc<str>)>,
    /// How many contacts are reached at each address.
    sources: BTreeMap<IpAddr, usize>,
    bindings: usize,
}

impl Registrar {
    /// A registrar that knows nobody.
    pub fn new(limits: Limits) -> Self {
        Self {
            limits,
            aors: BTreeMap::new(),
            due: BTreeSet::new(),
            connected: BTreeSet::new(),
            sources: BTreeMap::new(),
            bindings: 0,
        }
    }

    /// Takes a REGISTER that came on `flow` for `aor`: 200 with all contacts, 400, 423, or 503 when full. Either all of
    /// its contacts are taken or none.
    pub fn handle(&mut self, now: Instant, aor: &str, request: &Request, flow: Flow) -> Response {
        self.purge(now, aor);
        let verdict = if request.headers.list("Contact").any(|one| one == "*") {
            self.remove_all(aor, request)
        } else {
            self.update(now, aor, request, flow)
        };
        let mut response = match verdict {
            Ok(()) => Response::to_request(request, 200),
            Err(status) => Response::to_request(request, status),
        };
        match verdict {
            Ok(()) => self.complete(now, aor, request, &mut response),
            Err(423) => response.headers.push("Min-Expires", self.limits.expires_min.as_secs().to_string()),
            Err(503) => response.headers.push("Retry-After", "30"),
            Err(_) => {}
        }
        response
    }

    /// What RFC 3261 10.3 step 8, RFC 3327 5.3 and RFC 5626 6 want in a 200.
    fn complete(&self, now: Instant, aor: &str, request: &Request, response: &mut Response) {
        let bindings = self.lookup(aor);
        for binding in bindings {
            response.headers.push("Contact", binding.as_contact(now));
        }
        response.headers.copy_all(&request.headers, "Path");
        let outbound = request.headers.list("Supported").any(|one| one.eq_ignore_ascii_case("outbound"));
        let ours = |one: &Binding| one.reg_id.is_some() && one.call_id == request.call_id();
        if outbound && bindings.iter().any(ours) {
            response.headers.push("Require", "outbound");
        }
    }

    /// The contacts of an address: those of a higher `q` first, among equals the newest first. Ones whose time is over
    /// stay until [`Self::expire`].
    pub fn lookup(&self, aor: &str) -> &[Binding] {
        self.aors.get(aor).map(Vec::as_slice).unwrap_or_default()
    }

    /// Whether somebody is registered from one of these addresses.
    pub fn has_source(&self, addresses: RangeInclusive<IpAddr>) -> bool {
        self.sources.range(addresses).next().is_some()
    }

    /// Puts back what [`Self::lookup`] gave before a restart, in its order; what is over or finds no room is left out.
    pub fn restore(&mut self, now: Instant, aor: &str, bindings: Vec<Binding>) {
        let mut room = self.limits.bindings_max.saturating_sub(self.bindings);
        if !self.aors.contains_key(aor) && self.aors.len() >= self.limits.aors_max {
            return;
        }
        room = room.min(self.limits.contacts_max);
        self.edit(aor, |all| {
            all.clear();
            all.extend(bindings.into_iter().filter(|one| one.expires_at > now).take(room));
        });
    }

    /// Takes out what was registered over a connection that is gone; the addresses that changed.
    pub fn drop_flow(&mut self, flow: Flow) -> Vec<Arc<str>> {
        let none: Arc<str> = "".into();
        let on_flow = self.connected.range((flow, none)..).take_while(|(on, _)| *on == flow);
        let changed: Vec<Arc<str>> = on_flow.map(|(_, aor)| aor.clone()).collect();
        for aor in &changed {
            self.edit(aor, |all| all.retain(|binding| binding.flow != flow));
        }
        changed
    }

    /// Takes out what is over; the addresses that lost their last contact.
    pub fn expire(&mut self, now: Instant) -> Vec<Arc<str>> {
        let mut empty = Vec::new();
        while let Some((at, aor)) = self.due.first().cloned()
            && at <= now
        {
            self.purge(now, &aor);
            if !self.aors.contains_key(&aor) {
                empty.push(aor);
            }
        }
        empty
    }

    /// When to call [`Self::expire`] next.
    pub fn next_deadline(&self) -> Option<Instant> {
        self.due.first().map(|(at, _)| *at)
    }

    /// How many contacts there are altogether.
    pub fn len(&self) -> usize {
        self.bindings
    }

    /// Whether nobody is registered.
    pub fn is_empty(&self) -> bool {
        self.bindings == 0
    }

    /// Bytes that all bindings and their names take, without what the allocator adds.
    pub fn bytes(&self) -> usize {
        let names =
            size_of::<(Instant, Arc<str>)>() + size_of::<(Flow, Arc<str>)>() + size_of::<Vec<Binding>>();
        let one = |(aor, all): (&Arc<str>, &Vec<Binding>)| {
            let spare = (all.capacity() - all.len()) * size_of::<Binding>();
            aor.len() + names + spare + all.iter().map(Binding::bytes).sum::<usize>()
        };
        self.aors.iter().map(one).sum()
    }

    /// RFC 3261 10.3 step 6: `*` stands alone and with Expires 0.
    fn remove_all(&mut self, aor: &str, request: &Request) -> Result<(), u16> {
        let alone = request.headers.list("Contact").count() == 1;
        if !alone || request.headers.get("Expires").and_then(seconds) != Some(Duration::ZERO) {
            return Err(400);
        }
        let cseq = request.cseq().map_or(0, |cseq| cseq.number);
        if self.lookup(aor).iter().any(|old| old.call_id == request.call_id() && cseq <= old.cseq) {
            return Err(400);
        }
        self.edit(aor, Vec::clear);
        Ok(())
    }

    /// Step 7: each contact in turn, after all of them have been found good.
    fn update(&mut self, now: Instant, aor: &str, request: &Request, flow: Flow) -> Result<(), u16> {
        let wanted = Wanted::all_of(request, &self.limits)?;
        if wanted.is_empty() {
            return Ok(());
        }
        if !self.aors.contains_key(aor) && self.aors.len() >= self.limits.aors_max {
            return Err(503);
        }
        let cseq = request.cseq().map_or(0, |cseq| cseq.number);
        let call_id = request.call_id();
        let stored = self.lookup(aor);
        let mut added = 0;
        for one in &wanted {
            // "If it does agree [the Call-ID], the registrar compares the CSeq value. If the value is higher than that
            // of the existing binding, it MUST update or remove [...] If not, the update MUST be aborted".
            let old =
                stored.iter().find(|old| old.is_same(&one.contact, one.instance.as_deref(), one.reg_id));
            if old.is_some_and(|old| old.call_id == call_id && cseq <= old.cseq) {
                return Err(400);
            }
            added += usize::from(old.is_none() && !one.lasts.is_zero());
        }
        let contacts_max = self.limits.contacts_max.max(1);
        let grows = added.min(contacts_max.saturating_sub(stored.len()));
        if self.bindings + grows > self.limits.bindings_max {
            return Err(503);
        }
        let path: Vec<String> = request.headers.list("Path").map(str::to_owned).collect();
        self.edit(aor, |all| {
            for Wanted { contact, instance, reg_id, q, lasts } in wanted {
                all.retain(|old| !old.is_same(&contact, instance.as_deref(), reg_id));
                if lasts.is_zero() {
                    continue;
                }
                if all.len() >= contacts_max
                    && let Some(first) = (0..all.len()).min_by_key(|index| all[*index].expires_at)
                {
                    all.remove(first);
                }
                let (path, call_id) = (path.clone(), call_id.to_owned());
                let binding = Binding {
                    contact,
                    flow,
                    expires_at: now + lasts,
                    q,
                    instance,
                    reg_id,
                    path,
                    call_id,
                    cseq,
                };
                let place = all.iter().position(|other| other.q <= q).unwrap_or(all.len());
                all.insert(place, binding);
            }
        });
        Ok(())
    }

    fn purge(&mut self, now: Instant, aor: &str) {
        if self.lookup(aor).iter().any(|binding| binding.expires_at <= now) {
            self.edit(aor, |all| all.retain(|binding| binding.expires_at > now));
        }
    }

    /// Changes the bindings of an address and files it anew.
    fn edit(&mut self, aor: &str, change: impl FnOnce(&mut Vec<Binding>)) {
        let (aor, mut all) = self.aors.remove_entry(aor).unwrap_or_else(|| (aor.into(), Vec::new()));
        if let Some(at) = earliest(&all) {
            self.due.remove(&(at, aor.clone()));
        }
        for binding in &all {
            self.connected.remove(&(binding.flow, aor.clone()));
            let ip = binding.flow.remote.ip();
            if let Some(count) = self.sources.get_mut(&ip) {
                *count -= 1;
                if *count == 0 {
                    self.sources.remove(&ip);
                }
            }
        }
        self.bindings -= all.len();
        change(&mut all);
        self.bindings += all.len();
        for binding in &all {
            *self.sources.entry(binding.flow.remote.ip()).or_insert(0) += 1;
        }
        for binding in all.iter().filter(|binding| binding.flow.transport.is_connection()) {
            self.connected.insert((binding.flow, aor.clone()));
        }
        if let Some(at) = earliest(&all) {
            self.due.insert((at, aor.clone()));
            // Most addresses have one contact for ever: no room is kept for more.
            all.shrink_to_fit();
            self.aors.insert(aor, all);
        }
    }
}

fn earliest(all: &[Binding]) -> Option<Instant> {
    all.iter().map(|binding| binding.expires_at).min()
}

#[cfg(test)]
mod tests;

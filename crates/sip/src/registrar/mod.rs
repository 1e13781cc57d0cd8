//! The registrar (RFC 3261 10.3): which contacts an address of record has now, and on which flow each is reached.
//!
//! It neither authenticates nor decides who may register what; its owner did both before. `q` is ignored: every contact
//! of a person rings.

use std::collections::{BTreeMap, BTreeSet};
use std::time::{Duration, Instant};

use crate::flow::Flow;
use crate::message::{NameAddr, Request, Response, Uri};

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
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            expires_min: Duration::from_secs(60),
            expires_max: Duration::from_secs(3600),
            expires_default: Duration::from_secs(3600),
            contacts_max: 8,
            aors_max: 10_000,
        }
    }
}

/// One contact of an address of record.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Binding {
    /// The Contact as the phone wrote it; goes into the Request-URI.
    pub contact: Uri,
    /// The way back to the phone.
    pub flow: Flow,
    /// When it ends.
    pub expires_at: Instant,
    /// `+sip.instance` (RFC 5626), which stays the same when the phone's address changes.
    pub instance: Option<String>,
}

#[derive(Clone, Debug)]
struct Stored {
    binding: Binding,
    call_id: String,
    cseq: u32,
}

impl Stored {
    fn is_same_phone(&self, contact: &Uri, instance: Option<&str>) -> bool {
        self.binding.contact == *contact
            || (instance.is_some() && self.binding.instance.as_deref() == instance)
    }
}

/// One Contact of a REGISTER, understood.
struct Wanted {
    contact: Uri,
    instance: Option<String>,
    lasts: Duration,
}

/// All bindings.
#[derive(Debug)]
pub struct Registrar {
    limits: Limits,
    aors: BTreeMap<String, Vec<Stored>>,
    due: BTreeSet<(Instant, String)>,
}

impl Registrar {
    /// A registrar that knows nobody.
    pub fn new(limits: Limits) -> Self {
        Self { limits, aors: BTreeMap::new(), due: BTreeSet::new() }
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
            Ok(()) => {
                for Stored { binding, .. } in self.aors.get(aor).into_iter().flatten() {
                    let left = binding.expires_at.saturating_duration_since(now).as_secs();
                    response.headers.push("Contact", format!("<{}>;expires={left}", binding.contact));
                }
            }
            Err(423) => response.headers.push("Min-Expires", self.limits.expires_min.as_secs().to_string()),
            Err(503) => response.headers.push("Retry-After", "30"),
            Err(_) => {}
        }
        response
    }

    /// The contacts of an address, the oldest first. Ones whose time is over stay until [`Self::expire`].
    pub fn lookup(&self, aor: &str) -> Vec<Binding> {
        self.aors.get(aor).into_iter().flatten().map(|stored| stored.binding.clone()).collect()
    }

    /// Takes out what was registered over a connection that is gone; the addresses that changed.
    pub fn drop_flow(&mut self, flow: Flow) -> Vec<String> {
        let on_flow = |stored: &Stored| stored.binding.flow == flow;
        let changed: Vec<String> =
            self.aors.iter().filter(|(_, all)| all.iter().any(on_flow)).map(|(aor, _)| aor.clone()).collect();
        for aor in &changed {
            self.edit(aor, |all| all.retain(|stored| stored.binding.flow != flow));
        }
        changed
    }

    /// Takes out what is over; the addresses that lost their last contact.
    pub fn expire(&mut self, now: Instant) -> Vec<String> {
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

    /// RFC 3261 10.3 step 6: `*` stands alone and with Expires 0.
    fn remove_all(&mut self, aor: &str, request: &Request) -> Result<(), u16> {
        let alone = request.headers.list("Contact").count() == 1;
        if !alone || request.headers.get("Expires").and_then(seconds) != Some(Duration::ZERO) {
            return Err(400);
        }
        let cseq = request.cseq().map_or(0, |cseq| cseq.number);
        let late = |stored: &Stored| stored.call_id == request.call_id() && cseq <= stored.cseq;
        if self.aors.get(aor).into_iter().flatten().any(late) {
            return Err(400);
        }
        self.edit(aor, Vec::clear);
        Ok(())
    }

    /// Step 7: each contact in turn, after all of them have been found good.
    fn update(&mut self, now: Instant, aor: &str, request: &Request, flow: Flow) -> Result<(), u16> {
        let wanted = self.wanted(request)?;
        if wanted.is_empty() {
            return Ok(());
        }
        if !self.aors.contains_key(aor) && self.aors.len() >= self.limits.aors_max {
            return Err(503);
        }
        let cseq = request.cseq().map_or(0, |cseq| cseq.number);
        let call_id = request.call_id();
        let stored = self.aors.get(aor).map(Vec::as_slice).unwrap_or_default();
        for one in &wanted {
            // "If it does agree [the Call-ID], the registrar compares the CSeq value. If the value is higher than that
            // of the existing binding, it MUST update or remove [...] If not, the update MUST be aborted".
            let old = stored.iter().find(|old| old.is_same_phone(&one.contact, one.instance.as_deref()));
            if old.is_some_and(|old| old.call_id == call_id && cseq <= old.cseq) {
                return Err(400);
            }
        }
        let contacts_max = self.limits.contacts_max.max(1);
        self.edit(aor, |all| {
            for Wanted { contact, instance, lasts } in wanted {
                all.retain(|old| !old.is_same_phone(&contact, instance.as_deref()));
                if lasts.is_zero() {
                    continue;
                }
                if all.len() >= contacts_max
                    && let Some(first) = (0..all.len()).min_by_key(|index| all[*index].binding.expires_at)
                {
                    all.remove(first);
                }
                let binding = Binding { contact, flow, expires_at: now + lasts, instance };
                all.push(Stored { binding, call_id: call_id.to_owned(), cseq });
            }
        });
        Ok(())
    }

    fn wanted(&self, request: &Request) -> Result<Vec<Wanted>, u16> {
        let header = request.headers.get("Expires");
        let mut all = Vec::new();
        for one in request.headers.list("Contact") {
            let address: NameAddr = one.parse().map_err(|_| 400u16)?;
            if !address.uri.is_sip() {
                return Err(400);
            }
            // "malformed values are treated as equivalent to 3600", here: the default.
            let asked = address.param("expires").or(header).and_then(seconds);
            let asked = asked.unwrap_or(self.limits.expires_default);
            if !asked.is_zero() && asked < self.limits.expires_min {
                return Err(423);
            }
            let instance = address.param("+sip.instance").map(str::to_owned);
            all.push(Wanted { contact: address.uri, instance, lasts: asked.min(self.limits.expires_max) });
        }
        Ok(all)
    }

    fn purge(&mut self, now: Instant, aor: &str) {
        self.edit(aor, |all| all.retain(|stored| stored.binding.expires_at > now));
    }

    /// Changes the bindings of an address and files it anew.
    fn edit(&mut self, aor: &str, change: impl FnOnce(&mut Vec<Stored>)) {
        let mut all = self.aors.remove(aor).unwrap_or_default();
        if let Some(at) = earliest(&all) {
            self.due.remove(&(at, aor.to_owned()));
        }
        change(&mut all);
        if let Some(at) = earliest(&all) {
            self.due.insert((at, aor.to_owned()));
            self.aors.insert(aor.to_owned(), all);
        }
    }
}

fn earliest(all: &[Stored]) -> Option<Instant> {
    all.iter().map(|stored| stored.binding.expires_at).min()
}

/// Seconds of an Expires; more than fits counts as the most there is.
fn seconds(text: &str) -> Option<Duration> {
    let digits = text.trim();
    let is_number = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
    is_number.then(|| Duration::from_secs(digits.parse::<u32>().unwrap_or(u32::MAX).into()))
}

#[cfg(test)]
mod tests;

//! Who may ask what: a trunk by its address, a phone by its digest, a stranger hardly anything.

use crate::guard::{BYTES_OUT_PER_BYTE_IN, BanReason, CallKey, RETRY_AFTER_MAX_S, RETRY_AFTER_MIN_S, Source};
use crate::output::Output;
use crate::switchboard::Switchboard;
use careline_callcentre::Input;
use careline_model::config::DigestPolicy;
use careline_model::{AgentId, Now, TrunkId};
use careline_sip::auth::{Account, Algorithm, Verdict};
use careline_sip::{Flow, Method, NewRequest, Request, Response};
use rand_core::RngCore;
use std::net::{IpAddr, SocketAddr};

/// What is offered to phones that know both (RFC 8760 2.1: the preferred first).
const BOTH: &[Algorithm] = &[Algorithm::Sha256, Algorithm::Md5];
/// What is offered to phones that stumble over anything newer.
const MD5: &[Algorithm] = &[Algorithm::Md5];

fn algorithms(policy: DigestPolicy) -> &'static [Algorithm] {
    match policy {
        DigestPolicy::Any => BOTH,
        DigestPolicy::Md5 => MD5,
    }
}

impl Switchboard {
    /// Whether what comes on this flow is not even looked at.
    pub(crate) fn is_unheard(&mut self, now: Now, flow: Flow) -> bool {
        let banned = self.guards.bans.is_banned(Source::of(flow.remote.ip()), now.instant)
            && self.trunk_at(flow).is_none();
        self.counters.unheard += u64::from(banned);
        if banned && flow.transport.is_connection() {
            self.outputs.push_back(Output::Disconnect(flow));
        }
        banned
    }

    /// Decides about a request outside any dialog that came in `size` bytes.
    pub(crate) fn admit(&mut self, now: Now, new: NewRequest, size: usize) {
        if let Some(trunk) = self.trunk_at(new.flow) {
            return self.serve_trunk(now, new, trunk);
        }
        let request = &new.request;
        if request.headers.get("User-Agent").is_some_and(|text| self.plan.guard.is_scanner(text)) {
            self.ban(now, new.flow.remote.ip(), BanReason::Scanner);
            self.counters.silenced += 1;
            self.is_unheard(now, new.flow);
            return;
        }
        let tagged = request.to().is_some_and(|to| to.tag().is_some());
        match request.method {
            // An ACK is never answered.
            Method::Ack => {}
            // RFC 3261 9.2 and 12.2.2: what belongs to no transaction and no dialog gets its 481, whoever asks.
            Method::Cancel => self.answer_stranger(now, &new, 481, size),
            Method::Register => self.serve_phone(now, new, size),
            _ if tagged => self.answer_stranger(now, &new, 481, size),
            _ => self.serve_phone(now, new, size),
        }
    }

    fn serve_trunk(&mut self, now: Now, new: NewRequest, trunk: TrunkId) {
        if new.request.method == Method::Ack {
            return;
        }
        if let Some(refusal) = self.endpoint.inspect(&new) {
            self.endpoint.respond_statelessly(&new, refusal);
            return;
        }
        match new.request.method {
            Method::Invite if !self.admits_call(now, &new.request) => self.shed(&new),
            Method::Invite => self.take_call(now, new, trunk),
            Method::Options => self.respond(now, new, 200),
            // A trunk known by its address has nothing to register here.
            Method::Register => self.respond(now, new, 403),
            _ => self.respond(now, new, 405),
        }
    }

    /// Everybody who is no trunk is a phone that has to prove itself (RFC 3261 22, 8.2.7: without any state).
    fn serve_phone(&mut self, now: Now, new: NewRequest, size: usize) {
        let source = new.flow.remote.ip();
        let plan = self.plan.clone();
        let account_of = |user: &str| -> Option<Account> {
            let known = plan.agents.get(&AgentId::from(user)).filter(|agent| agent.password.is_some());
            // An unknown name has somebody's account copied too, and dropped: to leave it out would tell who is known.
            let agent = known.or_else(|| plan.agents.values().find(|agent| agent.password.is_some()))?;
            let password = agent.password.as_ref()?.expose();
            let account = Account { accepts: algorithms(agent.digest), ..Account::new(password) };
            known.is_some().then_some(account)
        };
        match self.realm.check(now.wall_s(), source, &new.request, account_of) {
            Verdict::Granted { user } => {
                self.guards.bans.succeeded(Source::of(source));
                self.serve_agent(now, new, AgentId::new(user));
            }
            Verdict::Missing if new.request.method == Method::Options => {
                self.answer_stranger(now, &new, 200, size);
            }
            // A phone's call is refused before it is challenged: the work of the challenge would be for nothing.
            Verdict::Missing
                if new.request.method == Method::Invite
                    && self.has_phone_at(source)
                    && !self.admits_call(now, &new.request) =>
            {
                self.shed(&new);
            }
            // Strangers are what an overloaded switch can do without; a phone of ours whose registration was lost is one
            // to us, and may be calling an ambulance.
            Verdict::Missing
                if self.guards.shedder.is_late(now.instant)
                    && !self.has_phone_at(source)
                    && !self.is_emergency(&new.request) =>
            {
                self.counters.silenced += 1;
            }
            Verdict::Missing => self.challenge(now, &new, false, size),
            Verdict::Stale => self.challenge(now, &new, true, size),
            Verdict::Denied => self.deny(now, &new, size),
        }
    }

    /// A wrong answer counts against its sender only when it answers a challenge that was sent to him: anybody can write
    /// anybody's address on a datagram.
    fn deny(&mut self, now: Now, new: &NewRequest, size: usize) {
        self.counters.denied += 1;
        let source = new.flow.remote.ip();
        let real = new.flow.transport.is_connection()
            || self.realm.was_challenged(now.wall_s(), source, &new.request);
        if real && self.guards.bans.failed(Source::of(source), now.instant, &self.plan.guard) {
            self.ban(now, source, BanReason::WrongPasswords);
        }
        if !self.is_unheard(now, new.flow) {
            self.challenge(now, new, false, size);
        }
    }

    /// Bans an address, unless it is a trunk's or a phone is registered or known there.
    fn ban(&mut self, now: Now, source: IpAddr, reason: BanReason) {
        let source = Source::of(source);
        let is_trunk = self.plan.trunks.values().flat_map(|trunk| &trunk.sources).any(|known| {
            source.addresses().contains(&known.network)
                || known.matches(SocketAddr::new(source.first(), known.port.unwrap_or(0)))
        });
        if is_trunk || self.has_phone_at(source.first()) {
            return;
        }
        self.counters.banned += 1;
        self.guards.bans.ban(source, now.instant, reason, &self.plan.guard);
    }

    /// Whether some phone is registered from there, or known to be there.
    fn has_phone_at(&self, source: IpAddr) -> bool {
        let source = Source::of(source);
        self.fixed_phones.contains(&source) || self.registrar.has_source(source.addresses())
    }

    fn challenge(&mut self, now: Now, new: &NewRequest, stale: bool, size: usize) {
        let source = new.flow.remote.ip();
        let name = claimed_name(&new.request);
        let offered = algorithms(self.plan.guard.challenge_for(&name));
        let mut response = self.endpoint.response_to(&new.request, 401);
        for value in self.realm.challenge(now.wall_s(), source, offered, stale) {
            response.headers.push("WWW-Authenticate", &value);
        }
        if self.send_to_stranger(now, new, response, size) {
            self.counters.challenged += 1;
        }
    }

    fn answer_stranger(&mut self, now: Now, new: &NewRequest, status: u16, size: usize) {
        let refusal = (status < 300).then(|| self.endpoint.inspect(new)).flatten();
        let response = refusal.unwrap_or_else(|| self.endpoint.response_to(&new.request, status));
        self.send_to_stranger(now, new, response, size);
    }

    /// A stranger's request that is against the rules.
    pub(crate) fn answer_malformed(&mut self, now: Now, new: &NewRequest, status: u16, size: usize) {
        let response = self.endpoint.response_to(&new.request, status);
        self.send_to_stranger(now, new, response, size);
    }

    /// Answers without state, as long as the sender's bucket has a token and the answer is not so much longer than the
    /// question that somebody else's address on it would be worth while.
    fn send_to_stranger(&mut self, now: Now, new: &NewRequest, response: Response, size: usize) -> bool {
        let source = new.flow.remote.ip();
        let forgeable = !new.flow.transport.is_connection();
        let too_long = || response.to_bytes().len() > size.saturating_mul(BYTES_OUT_PER_BYTE_IN);
        let emergency = self.is_emergency(&new.request);
        let may = self.guards.may_answer(&new.request.method, source, now.instant)
            || (emergency && self.guards.may_answer_emergency(source, now.instant));
        if !may || (forgeable && too_long()) {
            self.counters.silenced += 1;
            return false;
        }
        self.endpoint.respond_statelessly(new, response);
        true
    }

    fn serve_agent(&mut self, now: Now, new: NewRequest, agent: AgentId) {
        if let Some(refusal) = self.endpoint.inspect(&new) {
            self.endpoint.respond_statelessly(&new, refusal);
            return;
        }
        match new.request.method {
            Method::Register => self.register(now, new, agent),
            Method::Invite if !self.admits_call(now, &new.request) => self.shed(&new),
            Method::Invite => self.take_phone_call(now, new, agent),
            Method::Options => self.respond(now, new, 200),
            _ => self.respond(now, new, 405),
        }
    }

    /// Whether this INVITE's call is taken; each call is judged once. Emergency calls always are.
    fn admits_call(&mut self, now: Now, invite: &Request) -> bool {
        let tag = invite.from().and_then(|from| from.tag().map(str::to_owned)).unwrap_or_default();
        let call = CallKey::of(invite.call_id(), &tag);
        let cseq = invite.cseq().map_or(0, |cseq| cseq.number);
        self.guards.shedder.admit(now.instant, call, cseq, &self.plan.guard) || self.is_emergency(invite)
    }

    /// Whether a request makes a call that is never refused for overload.
    fn is_emergency(&self, request: &Request) -> bool {
        let dialled = || request.uri.user_decoded().unwrap_or_default();
        request.method == Method::Invite && self.plan.is_never_shed(&dialled())
    }

    /// 503 without state; the caller tries again at a time of its own, so that not all of them come back at once.
    fn shed(&mut self, new: &NewRequest) {
        self.counters.shed += 1;
        let spread = RETRY_AFTER_MAX_S - RETRY_AFTER_MIN_S + 1;
        let seconds = RETRY_AFTER_MIN_S + self.rng.next_u32() % spread;
        let mut response = self.endpoint.response_to(&new.request, 503);
        response.headers.push("Retry-After", seconds.to_string());
        self.endpoint.respond_statelessly(new, response);
    }

    fn register(&mut self, now: Now, new: NewRequest, agent: AgentId) {
        // RFC 3261 10.3 step 4: only the owner of an address of record may change it.
        let own = new.request.to().is_some_and(|to| to.uri.user() == Some(agent.as_str()));
        if !own {
            self.respond(now, new, 403);
            return;
        }
        let had = !self.registrar.lookup(agent.as_str()).is_empty();
        let response = self.registrar.handle(now.instant, agent.as_str(), &new.request, new.flow);
        let has = !self.registrar.lookup(agent.as_str()).is_empty();
        let changed = response.status == 200 && new.request.headers.contains("Contact");
        if let Ok(transaction) = self.endpoint.accept(now.instant, new) {
            self.endpoint.respond(now.instant, transaction, response);
        }
        if changed {
            self.keep_registration(now, agent.as_str());
        }
        match (had, has) {
            (_, true) => self.centre.handle(Input::DeviceUp { agent }, now),
            (true, false) => self.centre.handle(Input::DeviceGone { agent }, now),
            (false, false) => {}
        }
    }

    /// Answers in a transaction of its own; when there is no room for one, without (the peer asks again).
    pub(crate) fn respond(&mut self, now: Now, new: NewRequest, status: u16) {
        let response = self.endpoint.response_to(&new.request, status);
        if let Ok(transaction) = self.endpoint.accept(now.instant, new) {
            self.endpoint.respond(now.instant, transaction, response);
        }
    }
}

/// Whose credentials will come: the owner of the address that is registered, or the caller.
fn claimed_name(request: &Request) -> String {
    let address = if request.method == Method::Register { request.to() } else { request.from() };
    address.and_then(|address| address.uri.user_decoded()).unwrap_or_default()
}

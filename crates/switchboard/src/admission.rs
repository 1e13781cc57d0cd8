//! Who may ask what: a trunk by its address, a phone by its digest, a stranger hardly anything.

use crate::switchboard::Switchboard;
use careline_callcentre::Input;
use careline_model::{AgentId, Now, TrunkId};
use careline_sip::auth::{Account, Algorithm, Verdict};
use careline_sip::{Method, NewRequest};
use std::net::SocketAddr;

impl Switchboard {
    /// Decides about a request outside any dialog.
    pub(crate) fn admit(&mut self, now: Now, new: NewRequest) {
        if let Some(trunk) = self.trunk_of(new.flow.remote) {
            self.serve_trunk(now, new, trunk);
        } else if matches!(new.request.method, Method::Ack | Method::Cancel) {
            // An ACK is never answered; a CANCEL that found no transaction gets its 481 (RFC 3261 9.2).
            self.serve_stray(now, &new);
        } else {
            self.serve_phone(now, new);
        }
    }

    fn trunk_of(&self, source: SocketAddr) -> Option<TrunkId> {
        self.plan.trunk_of(source).map(|trunk| trunk.id.clone())
    }

    fn serve_stray(&mut self, now: Now, new: &NewRequest) {
        if new.request.method == Method::Cancel && self.strangers.take(new.flow.remote.ip(), now.instant) {
            let response = self.endpoint.response_to(&new.request, 481);
            self.endpoint.respond_statelessly(new, response);
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
            Method::Invite => self.take_call(now, new, trunk),
            Method::Options => self.respond(now, new, 200),
            // A trunk known by its address has nothing to register here.
            Method::Register => self.respond(now, new, 403),
            _ => self.respond(now, new, 405),
        }
    }

    /// Everybody who is no trunk is a phone that has to prove itself (RFC 3261 22, 8.2.7: without any state).
    fn serve_phone(&mut self, now: Now, new: NewRequest) {
        let source = new.flow.remote.ip();
        let plan = self.plan.clone();
        let account_of = |user: &str| -> Option<Account> {
            let password = plan.agents.get(&AgentId::from(user))?.password.as_ref()?;
            Some(Account::new(password.expose()))
        };
        match self.realm.check(now.wall_s(), source, &new.request, account_of) {
            Verdict::Granted { user } => self.serve_agent(now, new, AgentId::new(user)),
            Verdict::Missing if new.request.method == Method::Options => {
                if self.strangers.take(source, now.instant) {
                    let refusal = self.endpoint.inspect(&new);
                    let response = refusal.unwrap_or_else(|| self.endpoint.response_to(&new.request, 200));
                    self.endpoint.respond_statelessly(&new, response);
                } else {
                    self.counters.silenced += 1;
                }
            }
            Verdict::Missing => self.challenge(now, &new, false),
            Verdict::Stale => self.challenge(now, &new, true),
            Verdict::Denied => {
                self.counters.denied += 1;
                self.challenge(now, &new, false);
            }
        }
    }

    fn challenge(&mut self, now: Now, new: &NewRequest, stale: bool) {
        let source = new.flow.remote.ip();
        if !self.strangers.take(source, now.instant) {
            self.counters.silenced += 1;
            return;
        }
        self.counters.challenged += 1;
        let mut response = self.endpoint.response_to(&new.request, 401);
        for value in self.realm.challenge(now.wall_s(), source, &[Algorithm::Md5], stale) {
            response.headers.push("WWW-Authenticate", &value);
        }
        self.endpoint.respond_statelessly(new, response);
    }

    fn serve_agent(&mut self, now: Now, new: NewRequest, agent: AgentId) {
        if let Some(refusal) = self.endpoint.inspect(&new) {
            self.endpoint.respond_statelessly(&new, refusal);
            return;
        }
        match new.request.method {
            Method::Register => self.register(now, new, agent),
            Method::Invite => self.take_phone_call(now, new, agent),
            Method::Options => self.respond(now, new, 200),
            _ => self.respond(now, new, 405),
        }
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
        if let Ok(transaction) = self.endpoint.accept(now.instant, new) {
            self.endpoint.respond(now.instant, transaction, response);
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

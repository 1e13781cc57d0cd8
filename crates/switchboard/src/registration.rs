//! Registrations that outlive the switch: given out whenever they change, taken back after a start.

use crate::output::Output;
use crate::switchboard::Switchboard;
use careline_callcentre::Input;
use careline_model::{AgentId, Now};
use careline_sip::registrar::Binding;
use careline_sip::{Flow, Transport};
use std::net::SocketAddr;
use std::time::Duration;

/// All contacts of an agent, in the order in which they ring; none when the last one went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptRegistration {
    /// Whose.
    pub agent: AgentId,
    /// The contacts.
    pub bindings: Vec<KeptBinding>,
}

/// One contact, with its end as a time of day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptBinding {
    /// The Contact as the phone wrote it.
    pub contact: String,
    /// What it registered over.
    pub transport: Transport,
    /// Our address it came to.
    pub local: SocketAddr,
    /// Its own, as we saw it.
    pub remote: SocketAddr,
    /// Its end, seconds since 1970.
    pub expires_at_s: u64,
    /// Preference in thousandths.
    pub q: u16,
    /// `+sip.instance`.
    pub instance: Option<String>,
    /// `reg-id`.
    pub reg_id: Option<u32>,
    /// Path.
    pub path: Vec<String>,
    /// Call-ID of its REGISTER.
    pub call_id: String,
    /// CSeq of its REGISTER.
    pub cseq: u32,
}

impl Switchboard {
    /// Gives out an agent's registration as it is now.
    pub(crate) fn keep_registration(&mut self, now: Now, agent: &str) {
        let bindings = self.registrar.lookup(agent).iter().map(|one| kept(now, one)).collect();
        let registration = KeptRegistration { agent: AgentId::from(agent), bindings };
        self.outputs.push_back(Output::KeepRegistration(registration));
    }

    /// Takes back what [`Output::KeepRegistration`] gave before a restart, so that phones are reached at once. Agents
    /// that no longer register, contacts whose time is over and those that only a lost connection led to are left out.
    pub fn restore_registrations(&mut self, now: Now, kept: impl IntoIterator<Item = KeptRegistration>) {
        for KeptRegistration { agent, bindings } in kept {
            if self.plan.agents.get(&agent).is_none_or(|agent| agent.password.is_none()) {
                continue;
            }
            let bindings = bindings.into_iter().filter_map(|one| self.restored(now, one)).collect();
            self.registrar.restore(now.instant, agent.as_str(), bindings);
            if !self.registrar.lookup(agent.as_str()).is_empty() {
                self.centre.handle(Input::DeviceUp { agent }, now);
            }
        }
        self.settle(now);
    }

    fn restored(&self, now: Now, kept: KeptBinding) -> Option<Binding> {
        let left = kept.expires_at_s.checked_sub(now.wall_s()).filter(|left| *left > 0)?;
        let contact = kept.contact.parse::<careline_sip::Uri>().ok()?;
        let flow = Flow { transport: kept.transport, local: kept.local, remote: kept.remote };
        let flow = match kept.transport {
            Transport::Udp => {
                let listens = |one: &crate::BoundListener| one.address == kept.local;
                if self.settings.listeners.iter().any(listens) {
                    flow
                } else {
                    self.udp_flow_to(kept.remote)?
                }
            }
            // The connection is gone; a phone that says where it listens is connected to.
            Transport::Tcp => {
                let port = contact.port().unwrap_or(kept.transport.default_port());
                let remote = SocketAddr::new(contact.host_ip()?, port);
                Flow { local: SocketAddr::new(kept.local.ip(), 0), remote, ..flow }
            }
            // Browsers and phones behind TLS do not listen: they come back by themselves.
            Transport::Tls | Transport::Ws | Transport::Wss => return None,
        };
        Some(Binding {
            contact,
            flow,
            expires_at: now.instant + Duration::from_secs(left),
            q: kept.q,
            instance: kept.instance,
            reg_id: kept.reg_id,
            path: kept.path,
            call_id: kept.call_id,
            cseq: kept.cseq,
        })
    }
}

fn kept(now: Now, binding: &Binding) -> KeptBinding {
    let left = binding.expires_at.saturating_duration_since(now.instant).as_secs();
    KeptBinding {
        contact: binding.contact.to_string(),
        transport: binding.flow.transport,
        local: binding.flow.local,
        remote: binding.flow.remote,
        expires_at_s: now.wall_s().saturating_add(left),
        q: binding.q,
        instance: binding.instance.clone(),
        reg_id: binding.reg_id,
        path: binding.path.clone(),
        call_id: binding.call_id.clone(),
        cseq: binding.cseq,
    }
}

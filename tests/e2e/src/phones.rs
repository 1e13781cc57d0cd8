//! Agents' phones of several makers, registered with the house over a chosen transport.

use crate::house::{House, Tls};
use crate::{HouseOptions, voice};
use careline_testkit::linphone::Trust;
use careline_testkit::{
    Answering, Encryption, Linphone, LinphoneOptions, Phone, PhoneOptions, Transport, ports,
};
use std::net::SocketAddr;
use std::time::Duration;

/// One part of a conversation: a second of it can be proved, and the edges are longer on a loaded machine.
pub const PART: Duration = Duration::from_millis(1800);

/// A house for phones on this transport.
#[must_use]
pub fn house_for(transport: Transport) -> HouseOptions {
    HouseOptions { tls: transport == Transport::Tls, ..HouseOptions::default() }
}

impl House {
    /// Where phones of this transport find the switch.
    ///
    /// # Errors
    /// As [`House::switch`], and when the house speaks no TLS.
    pub fn sip_over(&mut self, transport: Transport) -> anyhow::Result<SocketAddr> {
        let plain = self.sip()?;
        Ok(if transport == Transport::Tls { self.tls()?.address } else { plain })
    }

    /// A baresip for an agent, that would register over this transport; over TLS with a certificate of its own.
    ///
    /// # Errors
    /// When there is no free address, or the house speaks no TLS.
    pub fn baresip(
        &mut self,
        id: &str,
        transport: Transport,
        answering: Answering,
    ) -> anyhow::Result<PhoneOptions> {
        let switch = self.sip_over(transport)?;
        let speech = self.steady_voice(voice_of(id))?;
        let own = ports::free_pair(self.next_address()?.ip())?;
        let options = PhoneOptions::agent(id, &format!("pw{id}"), own, switch, answering, &speech);
        let certificate =
            (transport == Transport::Tls).then(|| self.tls().map(|tls| tls.phone_bundle.clone()));
        Ok(PhoneOptions { transport, certificate: certificate.transpose()?, ..options })
    }

    /// The same, started and registered.
    ///
    /// # Errors
    /// As [`House::baresip`], and when it is refused.
    pub fn start_baresip(
        &mut self,
        id: &str,
        transport: Transport,
        answering: Answering,
    ) -> anyhow::Result<Phone> {
        let options = self.baresip(id, transport, answering)?;
        Phone::start(self.place(), options)
    }

    /// A linphonec for an agent, that would register over this transport.
    ///
    /// # Errors
    /// When there is no free address, or the house speaks no TLS.
    pub fn linphone(&mut self, id: &str, transport: Transport) -> anyhow::Result<LinphoneOptions> {
        let registrar = self.sip_over(transport)?;
        let trust = match transport {
            Transport::Tls => {
                let tls = self.tls()?.clone();
                Some(Trust { host: Tls::NAME.into(), authority: tls.authority, own: tls.phone })
            }
            Transport::Udp | Transport::Tcp => None,
        };
        Ok(LinphoneOptions {
            user: id.into(),
            password: format!("pw{id}"),
            sip: ports::free_pair(self.next_address()?.ip())?,
            registrar,
            transport,
            trust,
            speech: self.steady_voice(voice_of(id))?,
            encryption: Encryption::None,
        })
    }

    /// The same, started and registered.
    ///
    /// # Errors
    /// As [`House::linphone`], and when it is refused.
    pub fn start_linphone(&mut self, id: &str, transport: Transport) -> anyhow::Result<Linphone> {
        let options = self.linphone(id, transport)?;
        Linphone::start(self.place(), options)
    }

    /// A patient with a voice.
    ///
    /// # Errors
    /// When the phone does not start.
    pub fn a_patient(&mut self) -> anyhow::Result<Phone> {
        let speech = self.steady_voice(voice::PATIENT_HZ)?;
        self.patient("13800138000", &speech)
    }

    /// Waits until the switch has the phone of this agent.
    ///
    /// # Errors
    /// When it has not in time.
    pub fn expect_device(&self, agent: &str, device: &str) -> anyhow::Result<()> {
        let right = |event: &serde_json::Value| event["agent"] == *agent && event["device"] == *device;
        self.journal().wait_for("agent_state", crate::SOON, right)?;
        Ok(())
    }
}

/// What each agent sounds like, Hz.
#[must_use]
pub fn voice_of(agent: &str) -> f64 {
    match agent {
        "1001" => voice::AGENT_HZ,
        "3001" => voice::SUPERVISOR_HZ,
        _ => voice::AGENT_2_HZ,
    }
}

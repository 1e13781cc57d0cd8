//! `careline-traffic bridges`: calls that are made once and held, for a media bench. The sound is somebody else's: he
//! brings the phones' ports and is told where each phone has to send, and with what keys.
//!
//! Phone 2n is a patient, phone 2n + 1 the agent who takes that patient's call, whichever desk it rings on. Without
//! agents everybody is a patient who hears the queue's music.

use crate::draw::Draw;
use crate::phones::wire::Wire;
use anyhow::Context;
use careline_sdp::{Codec, LocalAudio, MasterKey, RemoteAudio, Security, Suite, Terms};
use careline_sip::{
    DialogId, Endpoint, EndpointConfig, Event, Method, NameAddr, NewRequest, OutgoingInvite, Received,
    Reliable, Uri,
};
use rand_chacha::ChaCha20Rng;
use rand_core::RngCore;
use serde::Serialize;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// Between two dialled calls.
const DIAL_EVERY: Duration = Duration::from_millis(5);
/// All calls must be up by then, beside the time of dialling.
const UP_WITHIN: Duration = Duration::from_secs(30);
/// How long farewells may take.
const FAREWELL: Duration = Duration::from_secs(10);
/// What the encrypted legs are encrypted with.
const SUITE: Suite = Suite::Aes128CmSha1_80;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct BridgesOptions {
    /// The switch's SIP address.
    pub switch: SocketAddr,
    /// The trunk's address; port 0 takes any.
    pub patients: SocketAddr,
    /// Where the switch finds the agents' phones: their configured contacts.
    pub agents: SocketAddr,
    /// The number that patients dial.
    pub number: String,
    /// Whether agents answer.
    pub bridged: bool,
    /// Whether the agents' legs are encrypted.
    pub encrypted: bool,
    /// What the agents' phones speak; patients' speak G.711 A.
    pub codec: Codec,
}

/// Where a phone has to send.
#[derive(Debug, Serialize)]
pub struct Line {
    port: u16,
    payload_type: u8,
    keys: Option<PhoneKeys>,
}

/// Keys with their salts, hexadecimal, as the phone sees them.
#[derive(Debug, Serialize)]
struct PhoneKeys {
    profile: &'static str,
    send: String,
    receive: String,
}

/// Calls that are up, or on their way.
pub struct Bridges {
    options: BridgesOptions,
    endpoint: Endpoint,
    patients: Wire,
    agents: Wire,
    rng: ChaCha20Rng,
    /// Ports of the phones.
    ports: Vec<u16>,
    lines: Vec<Option<Line>>,
    dialled: BTreeMap<DialogId, usize>,
    up: usize,
    /// The first thing that went wrong.
    failed: Option<String>,
}

impl Bridges {
    /// Calls for phones at these ports of the patients' host.
    ///
    /// # Errors
    /// When an address cannot be bound, or a call does not come up.
    pub async fn connect(options: BridgesOptions, ports: Vec<u16>) -> anyhow::Result<Self> {
        let config = EndpointConfig { user_agent: "careline-traffic".into(), ..EndpointConfig::default() };
        let mut bridges = Self {
            patients: Wire::bind(options.patients, options.switch).await?,
            agents: Wire::bind(options.agents, options.switch).await?,
            endpoint: Endpoint::new(config, Draw::new(1, 0).into_rng()),
            rng: Draw::new(1, 1).into_rng(),
            lines: ports.iter().map(|_| None).collect(),
            dialled: BTreeMap::new(),
            up: 0,
            failed: None,
            ports,
            options,
        };
        bridges.dial_all().await?;
        Ok(bridges)
    }

    /// Where the phones have to send, in the order of their ports.
    pub fn lines(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().flatten()
    }

    /// Serves the calls until `end`; then hangs up.
    ///
    /// # Errors
    /// When a call ended before.
    pub async fn hold(mut self, end: impl Future<Output = ()>) -> anyhow::Result<()> {
        let mut end = std::pin::pin!(end);
        loop {
            tokio::select! {
                () = &mut end => break,
                () = self.step(None) => {}
            }
        }
        let failed = self.failed.take();
        for dialog in self.dialled.keys() {
            self.endpoint.hang_up(Instant::now(), *dialog, None);
        }
        let deadline = Instant::now() + FAREWELL;
        while self.endpoint.dialog_count() > 0 && Instant::now() < deadline {
            self.step(Some(deadline)).await;
        }
        failed.map_or(Ok(()), |what| Err(anyhow::Error::msg(what)))
    }

    async fn dial_all(&mut self) -> anyhow::Result<()> {
        let every = if self.options.bridged { 2 } else { 1 };
        let mut due = Instant::now();
        for phone in (0..self.ports.len()).step_by(every) {
            self.dial(phone)?;
            due += DIAL_EVERY;
            while Instant::now() < due {
                self.step(Some(due)).await;
            }
        }
        let deadline = Instant::now() + UP_WITHIN;
        while self.up < self.ports.len() && self.failed.is_none() {
            anyhow::ensure!(
                Instant::now() < deadline,
                "{} of {} phones have sound",
                self.up,
                self.ports.len()
            );
            self.step(Some(deadline)).await;
        }
        self.failed.take().map_or(Ok(()), |what| Err(anyhow::Error::msg(what)))
    }

    fn dial(&mut self, phone: usize) -> anyhow::Result<()> {
        let flow = self.patients.flow;
        let caller = format!("139{phone:08}");
        let own = Uri::sip(Some(&caller), &flow.local.ip().to_string(), Some(flow.local.port()));
        let number = &self.options.number;
        let target = Uri::sip(Some(number), &flow.remote.ip().to_string(), Some(flow.remote.port()));
        let invite = OutgoingInvite {
            flow,
            uri: target.clone(),
            from: NameAddr::new(own.clone()),
            to: NameAddr::new(target),
            contact: own,
            headers: Vec::new(),
            sdp: careline_sdp::offer(&self.local(phone), &patient_terms())?,
            timeout: UP_WITHIN,
            credentials: None,
            auth_realm: None,
            route: vec![],
            reliable: Reliable::default(),
            session_expires: None,
        };
        let dialog = self.endpoint.invite(Instant::now(), invite)?;
        self.dialled.insert(dialog, phone);
        self.flush();
        Ok(())
    }

    /// Takes whatever comes next, at most until `deadline`.
    async fn step(&mut self, deadline: Option<Instant>) {
        let far = Instant::now() + Duration::from_secs(3600);
        let own = deadline.unwrap_or(far);
        let wake = self.endpoint.next_deadline().map_or(own, |endpoint| endpoint.min(own));
        let (flow, bytes) = tokio::select! {
            bytes = self.patients.receive() => (self.patients.flow, bytes),
            bytes = self.agents.receive() => (self.agents.flow, bytes),
            () = tokio::time::sleep_until(wake.into()) => {
                self.endpoint.handle_deadline(Instant::now());
                return self.settle();
            }
        };
        let now = Instant::now();
        if let Received::New(new) = self.endpoint.receive(now, flow, &bytes) {
            match new.request.method {
                Method::Invite => self.answer(now, new),
                Method::Ack | Method::Cancel => {}
                _ => {
                    let response = self.endpoint.response_to(&new.request, 200);
                    self.endpoint.respond_statelessly(&new, response);
                }
            }
        }
        self.settle();
    }

    fn settle(&mut self) {
        while let Some(event) = self.endpoint.poll_event() {
            let outcome = match event {
                Event::Answered { dialog, sdp } => self.answered(dialog, sdp.as_deref()),
                Event::Refused { status, reason, .. } => Err(anyhow::anyhow!("refused: {status} {reason}")),
                Event::Ended { dialog, cause, .. } => {
                    self.dialled.remove(&dialog);
                    Err(anyhow::anyhow!("a call ended: {cause:?}"))
                }
                // No bench asks for it; the failure ends the run.
                Event::Reoffer { .. } => Err(anyhow::anyhow!("another description in mid-call")),
                _ => Ok(()),
            };
            if let Err(error) = outcome {
                self.failed.get_or_insert(format!("{error:#}"));
            }
        }
        self.flush();
    }

    fn answered(&mut self, dialog: DialogId, sdp: Option<&[u8]>) -> anyhow::Result<()> {
        let phone = *self.dialled.get(&dialog).context("an answer to nobody's call")?;
        let sdp = sdp.context("an answer without a description")?;
        let offer = careline_sdp::offer(&self.local(phone), &patient_terms())?;
        let remote = careline_sdp::read_answer(sdp, &offer, &patient_terms())?;
        self.has_sound(phone, &remote, None);
        Ok(())
    }

    fn answer(&mut self, now: Instant, new: NewRequest) {
        if let Err(error) = self.try_answer(now, new) {
            self.failed.get_or_insert(format!("{error:#}"));
        }
    }

    fn try_answer(&mut self, now: Instant, new: NewRequest) -> anyhow::Result<()> {
        let asserted = new.request.headers.get("P-Asserted-Identity").and_then(|text| text.parse().ok());
        let from: Option<NameAddr> = asserted.or_else(|| new.request.from());
        let caller = from.and_then(|from| from.uri.user_decoded()).context("a call from nobody")?;
        // However the switch writes numbers, the last eight digits are the phone's.
        let digits = caller.get(caller.len().saturating_sub(8)..).unwrap_or_default();
        let patient: usize = digits.parse().with_context(|| format!("a call from {caller}"))?;
        let phone = patient + 1;
        anyhow::ensure!(phone < self.ports.len(), "a call from a stranger");
        let agent = new.request.uri.user().unwrap_or_default().to_owned();
        let contact = self.agents.flow.local;
        let contact = Uri::sip(Some(&agent), &contact.ip().to_string(), Some(contact.port()));
        let offer = new.request.body.clone();
        let security = if self.options.encrypted { Security::Required } else { Security::Plain };
        let mut terms = Terms::new(&[self.options.codec], security);
        terms.suites = vec![SUITE];
        let remote = match careline_sdp::read_offer(&offer, &terms) {
            Ok(remote) => remote,
            // An opportunistic offer is no SRTP stream by its profile.
            Err(_) if self.options.encrypted => {
                terms.security = Security::Optional;
                careline_sdp::read_offer(&offer, &terms)?
            }
            Err(error) => return Err(error.into()),
        };
        let dialog = self.endpoint.accept_invite(now, new, contact).map_err(anyhow::Error::msg)?;
        let mut local = self.local(phone);
        if self.options.encrypted {
            local.keys.push(MasterKey::random(SUITE, |bytes| self.rng.fill_bytes(bytes)));
        }
        let answer = careline_sdp::answer(&offer, &remote, &local)?;
        self.endpoint.answer(now, dialog, &answer);
        anyhow::ensure!(remote.crypto.is_some() == self.options.encrypted, "no key in the offer");
        self.has_sound(phone, &remote, local.keys.first());
        Ok(())
    }

    fn has_sound(&mut self, phone: usize, remote: &RemoteAudio, own: Option<&MasterKey>) {
        let hex = |key: &MasterKey| hex::encode([key.key(), key.salt()].concat());
        let keys = own.zip(remote.crypto.as_ref()).map(|(own, other)| PhoneKeys {
            profile: SUITE.name(),
            send: hex(own),
            receive: hex(&other.key),
        });
        let line = Line { port: remote.address.port(), payload_type: remote.payload_type, keys };
        self.up += usize::from(self.lines[phone].replace(line).is_none());
    }

    /// The phone's own side; the same each time it is asked for.
    fn local(&self, phone: usize) -> LocalAudio {
        let address = SocketAddr::new(self.patients.flow.remote.ip(), self.ports[phone]);
        LocalAudio::new(address, phone as u64 + 1)
    }

    fn flush(&mut self) {
        while let Some(transmit) = self.endpoint.poll_transmit() {
            let of_agents = transmit.flow.local == self.agents.flow.local;
            if of_agents { &self.agents } else { &self.patients }.send(&transmit.bytes);
        }
    }
}

fn patient_terms() -> Terms {
    Terms::plain(&[Codec::Pcma])
}

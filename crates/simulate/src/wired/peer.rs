//! A phone, or the carrier's exchange: a SIP endpoint at an address.

use super::SWITCH;
use crate::chance::Chance;
use careline_sip::{
    Endpoint, EndpointConfig, Flow, Method, NameAddr, Response, TransactionId, Transport, Uri, auth,
};
use std::net::SocketAddr;
use std::time::{Duration, Instant};

/// What a phone registers for, seconds, and when it does so again.
const EXPIRES_S: u32 = 1800;
const AGAIN_AFTER: Duration = Duration::from_secs(1500);
/// A phone whose registration was not answered tries again.
const RETRY_AFTER: Duration = Duration::from_secs(20);

/// One of them.
pub(super) struct Peer {
    pub(super) endpoint: Endpoint,
    pub(super) flow: Flow,
    pub(super) user: String,
    /// It is to be registered.
    wants: bool,
    /// The REGISTER under way, and whether it was challenged already.
    registering: Option<(TransactionId, bool)>,
    register_at: Option<Instant>,
}

impl Peer {
    pub(super) fn new(user: &str, address: SocketAddr, chance: Chance) -> Self {
        Self {
            endpoint: Endpoint::new(EndpointConfig::default(), chance.into_rng()),
            flow: Flow { transport: Transport::Udp, local: address, remote: SWITCH },
            user: user.to_owned(),
            wants: false,
            registering: None,
            register_at: None,
        }
    }

    /// The flow as the switch sees it.
    pub(super) fn seen_by_switch(&self) -> Flow {
        Flow { local: self.flow.remote, remote: self.flow.local, ..self.flow }
    }

    pub(super) fn contact(&self) -> Uri {
        Uri::sip(Some(&self.user), &self.flow.local.ip().to_string(), Some(self.flow.local.port()))
    }

    /// A description with this address.
    pub(super) fn describes(&self) -> Vec<u8> {
        let ip = self.flow.local.ip();
        format!(
            "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\n\
             a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
        )
        .into_bytes()
    }

    /// From now on it is to be registered, or no longer.
    pub(super) fn register(&mut self, wants: bool, now: Instant) {
        self.wants = wants;
        self.send_register(None, now);
    }

    fn send_register(&mut self, credentials: Option<String>, now: Instant) {
        let Ok(uri) = format!("sip:{}", SWITCH.ip()).parse::<Uri>() else { return };
        let address = NameAddr::new(Uri::sip(Some(&self.user), &SWITCH.ip().to_string(), None));
        let expires = if self.wants { EXPIRES_S } else { 0 };
        let challenged = credentials.is_some();
        let mut headers = vec![("Contact".to_owned(), format!("<{}>;expires={expires}", self.contact()))];
        headers.extend(credentials.map(|value| ("Authorization".to_owned(), value)));
        let sent = self.endpoint.request(
            now,
            self.flow,
            Method::Register,
            uri,
            address.clone(),
            address,
            headers,
            Vec::new(),
        );
        self.registering = sent.ok().map(|transaction| (transaction, challenged));
        self.register_at = None;
    }

    /// The answer to a REGISTER, unless a newer one is under way.
    pub(super) fn registered(&mut self, transaction: TransactionId, response: &Response, now: Instant) {
        let Some((_, challenged)) = self.registering.filter(|(own, _)| *own == transaction) else { return };
        self.registering = None;
        let challenge = response.headers.get("WWW-Authenticate").filter(|_| !challenged);
        match (response.status, challenge, format!("sip:{}", SWITCH.ip()).parse::<Uri>()) {
            (401, Some(challenge), Ok(uri)) => {
                let password = format!("pw{}", self.user);
                let credentials =
                    auth::authorize(challenge, &Method::Register, &uri, &self.user, &password, "c0ffee", 1);
                self.send_register(credentials, now);
            }
            (200, _, _) => self.register_at = self.wants.then(|| now + AGAIN_AFTER),
            _ => self.register_at = Some(now + RETRY_AFTER),
        }
    }

    pub(super) fn next_deadline(&self) -> Option<Instant> {
        self.endpoint.next_deadline().into_iter().chain(self.register_at).min()
    }

    pub(super) fn keep_deadlines(&mut self, now: Instant) {
        if self.endpoint.next_deadline().is_some_and(|at| at <= now) {
            self.endpoint.handle_deadline(now);
        }
        if self.register_at.is_some_and(|at| at <= now) {
            self.send_register(None, now);
        }
    }
}

/// The port of the audio stream in a description.
pub(super) fn audio_port(sdp: &[u8]) -> Option<u16> {
    let text = std::str::from_utf8(sdp).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("m=audio "))?;
    line.split(' ').next()?.parse().ok()
}

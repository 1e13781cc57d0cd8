//! A switchboard with carriers on one fake clock: what one sends, the other gets at once.

use super::super::OutsideCall;
use super::super::report::Report;
use crate::{BoundListener, MediaOrder, Output, Settings, Switchboard, TrunkNews};
use careline_model::config::{check, parse};
use careline_model::{CallId, LegId, Now, Number};
use careline_sdp::Codec;
use careline_sip::auth::{Account, Algorithm, Realm, Verdict};
use careline_sip::{
    DialogId, Endpoint, EndpointConfig, Event, Flow, Method, NewRequest, Received, Request, Transport, Uri,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

const SWITCH: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);

/// What a carrier does with an INVITE.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Manner {
    /// Says nothing, to anything.
    Dead,
    /// Says 100 and no more.
    Trying,
    /// Refuses.
    Refuses(u16),
    /// Rings.
    Rings,
    /// Rings with sound.
    RingsAloud,
    /// Answers.
    Answers,
}

pub struct Carrier {
    pub endpoint: Endpoint,
    pub address: SocketAddr,
    pub manner: Manner,
    /// Wants digest for REGISTER and has this realm.
    pub realm: Option<Realm>,
    pub invites: Vec<Request>,
    pub registers: Vec<Request>,
    pub options: usize,
    pub dialogs: Vec<DialogId>,
    pub seen: Vec<Event>,
}

pub struct Street {
    pub board: Switchboard,
    pub now: Now,
    pub carriers: Vec<Carrier>,
    pub media: Vec<MediaOrder>,
    /// What operators were told.
    pub news: Vec<TrunkNews>,
}

fn sdp(address: SocketAddr) -> Vec<u8> {
    let ip = address.ip();
    format!(
        "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8 101\r\n\
         a=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n"
    )
    .into_bytes()
}

impl Street {
    /// Carriers at 127.0.1.1, 127.0.1.2, ... as many as the configuration names.
    pub fn new(config: &str, carriers: usize) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a story has to begin somewhere in time")]
        let now = Now { instant: Instant::now(), wall_us: 1_763_000_000_000_000 };
        let plan = check(&parse(config, "street.toml").expect("config"), &[], &|_| true);
        let plan = plan.unwrap_or_else(|errors| panic!("{errors:#?}"));
        let settings = Settings {
            listeners: vec![BoundListener {
                transport: Transport::Udp,
                address: SWITCH.into(),
                network: "default".into(),
            }],
            user_agent: "street".to_owned(),
        };
        let mut board = Switchboard::new(Arc::new(plan), settings, ChaCha20Rng::seed_from_u64(7), now);
        for port in 0..10 {
            board.handle_port(([127, 0, 0, 1], 20_000 + 2 * port).into());
        }
        let carrier = |number: usize| Carrier {
            endpoint: Endpoint::new(
                EndpointConfig::default(),
                ChaCha20Rng::seed_from_u64(100 + number as u64),
            ),
            address: ([127, 0, 1, 1 + u8::try_from(number).expect("few carriers")], 5060).into(),
            manner: Manner::Rings,
            realm: None,
            invites: Vec::new(),
            registers: Vec::new(),
            options: 0,
            dialogs: Vec::new(),
            seen: Vec::new(),
        };
        Self {
            board,
            now,
            carriers: (0..carriers).map(carrier).collect(),
            media: Vec::new(),
            news: Vec::new(),
        }
    }

    /// Calls `number` through group `out`.
    pub fn dial(&mut self, leg: u64, number: &str) -> LegId {
        let leg = LegId(leg);
        let number = self.board.plan.number(number);
        let call = OutsideCall {
            leg,
            call: CallId(Default::default()),
            group: "out".into(),
            number,
            caller_id: Some(Number::from("+8654332201042")),
            codecs: vec![Codec::Pcma],
            max_forwards: 70,
            timeout: Duration::from_secs(60),
        };
        self.board.dial_out(self.now, call);
        self.run();
        leg
    }

    /// What was told about a leg.
    pub fn told(&self, leg: LegId) -> Vec<Report> {
        let reports = self.board.trunks.reports.iter();
        reports.filter(|(id, _)| *id == leg).map(|(_, report)| *report).collect()
    }

    /// How many calls each carrier was sent.
    pub fn invites(&self) -> Vec<usize> {
        self.carriers.iter().map(|carrier| carrier.invites.len()).collect()
    }

    pub fn after(&mut self, seconds: u64) {
        let end = self.now.instant + Duration::from_secs(seconds);
        loop {
            let theirs = self.carriers.iter().filter_map(|carrier| carrier.endpoint.next_deadline());
            let next = self.board.next_deadline().into_iter().chain(theirs).min();
            let Some(next) = next.filter(|at| *at <= end) else { break };
            self.now = self.now.after(next.saturating_duration_since(self.now.instant));
            self.board.handle_deadline(self.now);
            for carrier in &mut self.carriers {
                carrier.endpoint.handle_deadline(self.now.instant);
            }
            self.run();
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    pub fn run(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.board.poll_output() {
                quiet = false;
                match output {
                    Output::Transmit(transmit) => {
                        let to = transmit.flow.remote;
                        let alive = |one: &&mut Carrier| one.address == to && one.manner != Manner::Dead;
                        if let Some(carrier) = self.carriers.iter_mut().find(alive) {
                            carrier.receive(self.now, &transmit.bytes);
                        }
                    }
                    Output::Media(order) => self.media.push(order),
                    Output::Trunk(news) => self.news.push(news),
                    _ => {}
                }
            }
            for carrier in &mut self.carriers {
                while let Some(transmit) = carrier.endpoint.poll_transmit() {
                    quiet = false;
                    if carrier.manner != Manner::Dead {
                        let remote = carrier.address;
                        let flow = Flow { transport: Transport::Udp, local: SWITCH.into(), remote };
                        self.board.handle_message(self.now, flow, &transmit.bytes);
                    }
                }
                while let Some(event) = carrier.endpoint.poll_event() {
                    carrier.seen.push(event);
                }
            }
            if quiet {
                return;
            }
        }
    }
}

impl Carrier {
    fn receive(&mut self, now: Now, bytes: &[u8]) {
        let flow = Flow { transport: Transport::Udp, local: self.address, remote: SWITCH.into() };
        if let Received::New(new) = self.endpoint.receive(now.instant, flow, bytes) {
            match new.request.method {
                Method::Invite => self.invited(now, new),
                Method::Register => self.register(now, new),
                Method::Options => {
                    self.options += 1;
                    self.respond(now, new, 200, &[]);
                }
                _ => {}
            }
        }
    }

    fn invited(&mut self, now: Now, new: NewRequest) {
        self.invites.push(new.request.clone());
        let contact = Uri::sip(Some("carrier"), &self.address.ip().to_string(), Some(self.address.port()));
        let Ok(dialog) = self.endpoint.accept_invite(now.instant, new, contact) else { return };
        self.dialogs.push(dialog);
        let audio = sdp(self.address);
        match self.manner {
            Manner::Dead | Manner::Trying => {}
            Manner::Refuses(status) => self.endpoint.reject(now.instant, dialog, status, &[]),
            Manner::Rings => self.endpoint.ring(now.instant, dialog, 180, None),
            Manner::RingsAloud => self.endpoint.ring(now.instant, dialog, 183, Some(&audio)),
            Manner::Answers => self.endpoint.answer(now.instant, dialog, &audio),
        }
    }

    /// Answers the call that rings.
    pub fn answer(&mut self, now: Now) {
        let dialog = *self.dialogs.last().expect("a call");
        let audio = sdp(self.address);
        self.endpoint.answer(now.instant, dialog, &audio);
    }

    /// Refuses the call that rings.
    pub fn refuse(&mut self, now: Now, status: u16) {
        let dialog = *self.dialogs.last().expect("a call");
        self.endpoint.reject(now.instant, dialog, status, &[]);
    }

    fn register(&mut self, now: Now, new: NewRequest) {
        self.registers.push(new.request.clone());
        let source = new.flow.remote.ip();
        let Some(realm) = &mut self.realm else { return self.respond(now, new, 200, &[]) };
        let account = |user: &str| (user == "ims-user").then(|| Account::new("secret"));
        match realm.check(now.wall_s(), source, &new.request, account) {
            Verdict::Granted { .. } => {
                let granted = [("Expires", "100"), ("Service-Route", "<sip:127.0.1.9;lr>")];
                self.respond(now, new, 200, &granted);
            }
            _ => {
                let challenge = realm.challenge(now.wall_s(), source, &[Algorithm::Md5], false);
                self.respond(now, new, 401, &[("WWW-Authenticate", &challenge[0])]);
            }
        }
    }

    fn respond(&mut self, now: Now, new: NewRequest, status: u16, headers: &[(&str, &str)]) {
        let mut response = self.endpoint.response_to(&new.request, status);
        for (name, value) in headers {
            response.headers.push(name, *value);
        }
        let transaction = self.endpoint.accept(now.instant, new).expect("room");
        self.endpoint.respond(now.instant, transaction, response);
    }
}

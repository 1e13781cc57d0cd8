//! A switchboard and phones in one process on one fake clock: what one sends, the others get at once.

use careline_model::config::{check, parse, parse_flow};
use careline_model::{EventBody, LegId, Now};
use careline_sip::{
    Credentials, DialogId, Endpoint, EndpointConfig, Event, Flow, Method, NameAddr, NewRequest,
    OutgoingInvite, Received, Reliable, Replaces, Transport, Uri, auth,
};
use careline_switchboard::{
    BoundListener, KeptRegistration, LookUpAnswer, MediaOrder, MediaSignal, Output, Question, Settings,
    Switchboard,
};
use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};

pub const SWITCH: ([u8; 4], u16) = ([127, 0, 0, 1], 5060);

const CONFIG: &str = r#"
echo_number = "9196"
[sip]
realm = "careline"
[directory]
address = "http://127.0.0.1:7070"
[media]
address = "127.0.0.1"
[[trunk]]
id = "carrier"
sources = ["127.0.0.2"]
[[trunk]]
id = "city"
sources = ["127.0.0.3"]
proxy = ["127.0.0.3:5060"]
options_interval_s = 0
[[trunk_group]]
id = "out"
members = [{ trunk = "city" }]
[[route]]
group = "out"
[[queue]]
id = "desk"
name = "desk"
ring_timeout_s = 15
wrap_up_s = 0
music = "hold-music"
[[line]]
id = "main"
number = "4001234567"
medium = "web"
flow = "main"
[[agent]]
id = "1001"
name = "a"
password = "pw1001"
queues = ["desk"]
ready_on_register = true
[[agent]]
id = "1002"
name = "b"
password = "pw1002"
queues = ["desk"]
ready_on_register = true
"#;

const FLOW: &str = r#"
id = "main"
version = 3
start = "menu"
[node.menu]
kind = "menu"
prompts = ["menu-main"]
invalid = ["invalid-key"]
no_input = ["no-input"]
otherwise = "wait"
keys = { "0" = "wait" }
[node.wait]
kind = "queue"
queue = "desk"
prompts = []
timeout = "bye"
full = "bye"
[node.bye]
kind = "hangup"
prompts = ["goodbye"]
"#;

/// A phone of the story.
pub struct Phone {
    pub endpoint: Endpoint,
    pub flow: Flow,
    pub user: String,
    /// Calls that came in and are not answered.
    pub incoming: Vec<(DialogId, NewRequest)>,
    /// What happened to it.
    pub seen: Vec<String>,
    pub dialog: Option<DialogId>,
    /// Answers to its INVITEs, as they came, 180 and 183 among them.
    pub answers: Vec<String>,
    /// Its own answers to INVITEs, as they went out.
    pub gave: Vec<String>,
    /// Its side of the media when the switch offers: what it acknowledges a 200 with.
    pub late: Vec<u8>,
    /// Parameters of its Contact when it registers.
    pub contact_params: String,
    /// Its audio stream, with `PORT` for the port; plain A-law when it says nothing else.
    pub stream: String,
}

impl Phone {
    /// Its description.
    fn describes(&self, port: u16) -> Vec<u8> {
        let SocketAddr::V4(own) = self.flow.local else { unreachable!("the lab is IPv4") };
        described(own.ip().octets(), port, &self.stream).into_bytes()
    }
}

/// The room.
pub struct Lab {
    pub board: Switchboard,
    pub now: Now,
    pub phones: Vec<Phone>,
    pub media: Vec<MediaOrder>,
    pub events: Vec<EventBody>,
    /// What the directory was asked.
    pub asked: Vec<Question>,
    /// What was to be kept over a restart.
    pub kept: Vec<KeptRegistration>,
    /// Where messages went, and how long they were.
    pub sent: Vec<(SocketAddr, usize)>,
    /// Everything that came out, for the comparison of two runs.
    pub trace: Vec<String>,
}

fn address((ip, port): ([u8; 4], u16)) -> SocketAddr {
    (ip, port).into()
}

/// A-law in plain RTP.
pub const PLAIN: &str =
    "m=audio PORT RTP/AVP 8 101\r\na=rtpmap:8 PCMA/8000\r\na=rtpmap:101 telephone-event/8000\r\n";

pub fn sdp(ip: [u8; 4], port: u16) -> String {
    described(ip, port, PLAIN)
}

/// A description with this stream.
pub fn described(ip: [u8; 4], port: u16, stream: &str) -> String {
    let [a, b, c, d] = ip;
    let stream = stream.replace("PORT", &port.to_string());
    format!("v=0\r\no=- 1 1 IN IP4 {a}.{b}.{c}.{d}\r\ns=-\r\nc=IN IP4 {a}.{b}.{c}.{d}\r\nt=0 0\r\n{stream}")
}

impl Lab {
    pub fn new() -> Self {
        Self::of(CONFIG)
    }

    /// The same room with something else in its configuration.
    pub fn changed(from: &str, to: &str) -> Self {
        assert!(CONFIG.contains(from), "{from}");
        Self::of(&CONFIG.replace(from, to))
    }

    /// The same with two other things.
    pub fn changed_twice(one: (&str, &str), other: (&str, &str)) -> Self {
        assert!(CONFIG.contains(one.0) && CONFIG.contains(other.0), "{one:?} {other:?}");
        Self::of(&CONFIG.replace(one.0, one.1).replace(other.0, other.1))
    }

    fn of(config: &str) -> Self {
        #[expect(clippy::disallowed_methods, reason = "a story has to begin somewhere in time")]
        let now = Now { instant: Instant::now(), wall_us: 1_763_000_000_000_000 };
        let config = parse(config, "lab.toml").expect("config");
        let plan = check(&config, &[parse_flow(FLOW, "main.toml").expect("flow")], &|_| true).expect("plan");
        let settings = Settings {
            listeners: vec![BoundListener {
                transport: Transport::Udp,
                address: address(SWITCH),
                network: "default".into(),
            }],
            user_agent: "lab".to_owned(),
        };
        let mut board = Switchboard::new(Arc::new(plan), settings, ChaCha20Rng::seed_from_u64(7), now);
        for port in [20_000, 20_002, 20_004, 20_006, 20_008, 20_010] {
            board.handle_port(([127, 0, 0, 1], port).into());
        }
        let (phones, media, events, trace) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
        let (asked, kept, sent) = (Vec::new(), Vec::new(), Vec::new());
        Self { board, now, phones, media, events, asked, kept, sent, trace }
    }

    /// A phone at 127.0.0.x; gives its place in `phones`.
    pub fn phone(&mut self, user: &str, host: u8) -> usize {
        let number = self.phones.len();
        let endpoint =
            Endpoint::new(EndpointConfig::default(), ChaCha20Rng::seed_from_u64(100 + number as u64));
        let flow = Flow {
            transport: Transport::Udp,
            local: ([127, 0, 0, host], 5060).into(),
            remote: address(SWITCH),
        };
        self.phones.push(Phone {
            endpoint,
            flow,
            user: user.to_owned(),
            incoming: Vec::new(),
            seen: Vec::new(),
            dialog: None,
            answers: Vec::new(),
            gave: Vec::new(),
            late: Vec::new(),
            contact_params: String::new(),
            stream: PLAIN.to_owned(),
        });
        number
    }

    /// An agent's phone that has registered.
    pub fn agent(&mut self, user: &str, host: u8) -> usize {
        self.agent_with(user, host, "")
    }

    /// The same with parameters of its Contact, as `;q=0.5`.
    pub fn agent_with(&mut self, user: &str, host: u8, params: &str) -> usize {
        let number = self.phone(user, host);
        self.phones[number].contact_params = params.to_owned();
        let challenge = self.register(number, None).1.expect("a challenge");
        let uri: Uri = "sip:127.0.0.1".parse().expect("uri");
        let credentials =
            auth::authorize(&challenge, &Method::Register, &uri, user, &format!("pw{user}"), "c0ffee", 1);
        assert_eq!(self.register(number, credentials).0, 200);
        number
    }

    fn register(&mut self, number: usize, credentials: Option<String>) -> (u16, Option<String>) {
        let phone = &mut self.phones[number];
        let (uri, user) = ("sip:127.0.0.1".parse().expect("uri"), phone.user.clone());
        let address = NameAddr::new(Uri::sip(Some(&user), "127.0.0.1", None));
        let contact = format!("<sip:{user}@{}>;expires=600{}", phone.flow.local, phone.contact_params);
        let mut headers = vec![("Contact".to_owned(), contact)];
        headers.extend(credentials.map(|value| ("Authorization".to_owned(), value)));
        let (now, flow) = (self.now.instant, phone.flow);
        phone
            .endpoint
            .request(now, flow, Method::Register, uri, address.clone(), address, headers, Vec::new())
            .expect("room");
        self.run();
        let last = self.phones[number].seen.pop().expect("an answer");
        let (status, challenge) = last.split_once('|').expect("response|challenge");
        (status.parse().expect("a status"), (!challenge.is_empty()).then(|| challenge.to_owned()))
    }

    /// Calls the hospital.
    pub fn dial(&mut self, number: usize, dialled: &str) {
        self.dial_as(number, dialled, None, Vec::new());
    }

    /// An agent's phone calls; gives its dialog.
    pub fn dial_from(&mut self, number: usize, dialled: &str) -> DialogId {
        self.dial_as(number, dialled, None, Vec::new());
        self.phones[number].dialog.expect("it dialled")
    }

    /// A phone asks for a transfer within a dialog.
    pub fn refer(&mut self, number: usize, dialog: DialogId, to: &str) {
        let asked = self.phones[number].endpoint.refer(self.now.instant, dialog, &format!("<{to}>"), None);
        asked.expect("a dialog");
        self.run();
    }

    /// What names the call that a phone made last in a Refer-To.
    pub fn replaces(&self, number: usize) -> String {
        let answer = self.phones[number].answers.last().expect("an answered call");
        named_by(answer, "To:", "From:").escaped()
    }

    /// What names the call that a phone answered last, for another phone.
    pub fn answered_call(&self, number: usize) -> Replaces {
        named_by(self.phones[number].gave.last().expect("a call that it answered"), "From:", "To:")
    }

    /// The same with a display name and further headers.
    pub fn dial_as(
        &mut self,
        number: usize,
        dialled: &str,
        display: Option<&str>,
        headers: Vec<(String, String)>,
    ) {
        let phone = &mut self.phones[number];
        let SocketAddr::V4(own) = phone.flow.local else { unreachable!("the lab is IPv4") };
        let invite = OutgoingInvite {
            flow: phone.flow,
            uri: Uri::sip(Some(dialled), "127.0.0.1", None),
            from: NameAddr {
                display: display.map(str::to_owned),
                ..NameAddr::new(Uri::sip(Some(&phone.user), "127.0.0.2", None))
            },
            to: NameAddr::new(Uri::sip(Some(dialled), "127.0.0.1", None)),
            contact: Uri::sip(Some(&phone.user), &own.ip().to_string(), Some(own.port())),
            headers,
            // Whoever has an answer ready for the ACK makes no offer.
            sdp: if phone.late.is_empty() { phone.describes(40_000) } else { Vec::new() },
            timeout: Duration::from_secs(60),
            credentials: Some(Credentials {
                user: phone.user.clone(),
                password: format!("pw{}", phone.user),
            }),
            auth_realm: None,
            route: vec![],
            reliable: Reliable::default(),
            session_expires: None,
        };
        phone.dialog = Some(phone.endpoint.invite(self.now.instant, invite).expect("room"));
        self.run();
    }

    /// A phone, or the proxy before it, asks for an offer within its call and acknowledges it with this.
    pub fn reoffer_late(&mut self, number: usize, sdp: &str) {
        let phone = &mut self.phones[number];
        phone.late = sdp.as_bytes().to_vec();
        let dialog = phone.dialog.expect("a call");
        phone.endpoint.reoffer(self.now.instant, dialog, None).expect("nothing else is under way");
        self.run();
    }

    /// Where the media engine was told last to send, and which way the stream goes, in short: `10.0.0.1:4000 SendRecv`.
    pub fn last_remote(&self) -> String {
        let told = self.media.iter().rev().find_map(|order| match order {
            MediaOrder::Remote { remote, .. } => Some(format!("{} {:?}", remote.address, remote.direction)),
            _ => None,
        });
        told.expect("a description")
    }

    /// Answers the call that rings at a phone.
    pub fn answer(&mut self, number: usize) {
        let now = self.now.instant;
        let phone = &mut self.phones[number];
        let (dialog, _) = phone.incoming.pop().expect("a ringing call");
        let answer = phone.describes(41_000);
        phone.endpoint.answer(now, dialog, &answer);
        phone.dialog = Some(dialog);
        self.run();
    }

    /// Offers its stream anew within the call: a hold, a new key.
    pub fn reoffer(&mut self, number: usize) {
        let phone = &mut self.phones[number];
        let (dialog, offer) = (phone.dialog.expect("a call"), phone.describes(41_000));
        phone.endpoint.reoffer(self.now.instant, dialog, Some(&offer)).expect("nothing else is under way");
        self.run();
    }

    /// Declines it.
    pub fn decline(&mut self, number: usize, status: u16) {
        let now = self.now.instant;
        let phone = &mut self.phones[number];
        let (dialog, _) = phone.incoming.pop().expect("a ringing call");
        phone.endpoint.reject(now, dialog, status, &[]);
        self.run();
    }

    pub fn hang_up(&mut self, number: usize) {
        let now = self.now.instant;
        let phone = &mut self.phones[number];
        let dialog = phone.dialog.take().expect("a call");
        phone.endpoint.hang_up(now, dialog, None);
        self.run();
    }

    /// The directory answers its last question.
    pub fn looked_up(&mut self, persons: u32, label: &str) {
        let call = self.asked.last().expect("a question").call;
        self.board.handle_looked_up(self.now, call, LookUpAnswer::Answered { persons, label: label.into() });
        self.run();
    }

    /// The leg of the patient who called last.
    pub fn caller_leg(&self) -> LegId {
        let opened = self.media.iter().rev().find_map(|order| match order {
            MediaOrder::Open { leg, .. } => Some(*leg),
            _ => None,
        });
        opened.expect("the patient's leg is open")
    }

    /// A datagram from a trunk's address, as it stands.
    pub fn raw(&mut self, host: u8, bytes: &[u8]) {
        let remote = ([127, 0, 0, host], 5060).into();
        let flow = Flow { transport: Transport::Udp, local: address(SWITCH), remote };
        self.board.handle_message(self.now, flow, bytes);
        self.run();
    }

    pub fn signal(&mut self, signal: MediaSignal) {
        self.board.handle_media(self.now, signal);
        self.run();
    }

    /// Lets time pass: every deadline on the way is kept.
    pub fn pass(&mut self, by: Duration) {
        let end = self.now.instant + by;
        loop {
            let own = self.board.next_deadline();
            let theirs = self.phones.iter().filter_map(|phone| phone.endpoint.next_deadline()).min();
            let Some(next) = own.into_iter().chain(theirs).min().filter(|at| *at <= end) else { break };
            self.now = self.now.after(next.saturating_duration_since(self.now.instant));
            self.board.handle_deadline(self.now);
            for phone in &mut self.phones {
                phone.endpoint.handle_deadline(self.now.instant);
            }
            self.run();
        }
        self.now = self.now.after(end.saturating_duration_since(self.now.instant));
    }

    /// Carries messages until nobody has any.
    pub fn run(&mut self) {
        loop {
            let mut quiet = true;
            while let Some(output) = self.board.poll_output() {
                quiet = false;
                self.trace.push(format!("{output:?}"));
                match output {
                    Output::Transmit(transmit) => {
                        let to = transmit.flow.remote;
                        self.sent.push((to, transmit.bytes.len()));
                        if let Some(phone) = self.phones.iter_mut().find(|phone| phone.flow.local == to) {
                            let text = String::from_utf8_lossy(&transmit.bytes).into_owned();
                            let rings_or_answers =
                                ["180", "183", "200"].iter().any(|status| text[8..].starts_with(status));
                            if rings_or_answers
                                && text.starts_with("SIP/2.0 ")
                                && text.contains(" INVITE\r\n")
                            {
                                phone.answers.push(text);
                            }
                            receive(phone, self.now.instant, &transmit.bytes);
                        }
                    }
                    Output::Media(order) => self.media.push(order),
                    Output::Journal(event) => self.events.push(event.body),
                    Output::Named { .. } | Output::Disconnect(_) | Output::Trunk(_) => {}
                    Output::LookUp(question) => self.asked.push(question),
                    Output::Ask(_) => {}
                    Output::KeepRegistration(kept) => self.kept.push(kept),
                }
            }
            for phone in &mut self.phones {
                while let Some(transmit) = phone.endpoint.poll_transmit() {
                    quiet = false;
                    let text = String::from_utf8_lossy(&transmit.bytes).into_owned();
                    if text.starts_with("SIP/2.0 200") && text.contains(" INVITE\r\n") {
                        phone.gave.push(text);
                    }
                    let flow = Flow { local: phone.flow.remote, remote: phone.flow.local, ..phone.flow };
                    self.board.handle_message(self.now, flow, &transmit.bytes);
                }
            }
            if quiet {
                return;
            }
        }
    }
}

/// The dialog of an answer to an INVITE, seen from our side: `ours` is the header with our tag.
fn named_by(answer: &str, ours: &str, theirs: &str) -> Replaces {
    let header = |name: &str| {
        let line = answer.lines().find_map(|line| line.strip_prefix(name)).expect("the header");
        line.trim().to_owned()
    };
    let tag = |name: &str| header(name).split("tag=").nth(1).expect("a tag").to_owned();
    let (call_id, to_tag, from_tag) = (header("Call-ID:"), tag(ours), tag(theirs));
    Replaces { call_id, to_tag, from_tag, early_only: false }
}

fn receive(phone: &mut Phone, now: Instant, bytes: &[u8]) {
    if let Received::New(new) = phone.endpoint.receive(now, phone.flow, bytes) {
        if new.request.method == Method::Invite {
            let contact = Uri::sip(Some(&phone.user), &phone.flow.local.ip().to_string(), Some(5060));
            let dialog = phone.endpoint.accept_invite(now, new.clone(), contact).expect("room");
            phone.endpoint.ring(now, dialog, 180, None);
            phone.incoming.push((dialog, new));
            phone.seen.push("invited".to_owned());
        } else if let Some(response) = phone.endpoint.inspect(&new) {
            phone.endpoint.respond_statelessly(&new, response);
        }
    }
    while let Some(event) = phone.endpoint.poll_event() {
        if let Event::Answered { dialog, .. } | Event::ReofferDone { dialog, .. } = event {
            phone.endpoint.acknowledge(now, dialog, &phone.late);
        }
        phone.seen.push(match event {
            Event::Ringing { status, .. } => format!("ringing {status}"),
            Event::Answered { .. } => "answered".to_owned(),
            Event::Refused { status, .. } => format!("refused {status}"),
            Event::Acked { .. } => "acked".to_owned(),
            Event::Cancelled { dialog, reason } => {
                phone.incoming.retain(|(incoming, _)| *incoming != dialog);
                format!("cancelled {}", reason.unwrap_or_default())
            }
            Event::Ended { cause, .. } => format!("ended {cause:?}"),
            Event::Reoffer { .. } => "reoffer".to_owned(),
            Event::EarlyAnswer { .. } => "early answer".to_owned(),
            Event::ReofferDone { .. } => "reoffer done".to_owned(),
            Event::ReofferFailed { status, .. } => format!("reoffer failed {status}"),
            Event::Info { content_type, body, .. } => {
                format!("info {content_type} {}", String::from_utf8_lossy(&body))
            }
            Event::Referred { to, .. } => format!("referred {}", to.uri),
            Event::ReferProgress { status, .. } => format!("refer {status}"),
            Event::Response { response, .. } => {
                format!(
                    "{}|{}",
                    response.status,
                    response.headers.get("WWW-Authenticate").unwrap_or_default()
                )
            }
        });
    }
}

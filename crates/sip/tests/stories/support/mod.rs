//! What the tests share: an endpoint on a fake clock, and messages by hand.

use std::time::{Duration, Instant};

use careline_sip::{
    DialogId, Endpoint, EndpointConfig, Event, Flow, Message, NewRequest, OutgoingInvite, Received, Reliable,
    Request, Response, Transport, parse,
};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;

pub const SDP: &[u8] =
    b"v=0\r\no=- 1 1 IN IP4 192.0.2.9\r\ns=-\r\nc=IN IP4 192.0.2.9\r\nt=0 0\r\nm=audio 4000 RTP/AVP 8\r\n";

pub fn flow(transport: Transport) -> Flow {
    Flow { transport, local: "192.0.2.1:5060".parse().unwrap(), remote: "192.0.2.9:5060".parse().unwrap() }
}

/// One endpoint, its time, and everything it ever sent.
pub struct Bench {
    pub endpoint: Endpoint,
    pub start: Instant,
    pub now: Instant,
    pub flow: Flow,
}

impl Bench {
    pub fn new(transport: Transport) -> Self {
        Self::with(transport, EndpointConfig::default())
    }

    pub fn with(transport: Transport, config: EndpointConfig) -> Self {
        #[allow(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
        let start = Instant::now();
        let endpoint = Endpoint::new(config, ChaCha20Rng::seed_from_u64(7));
        Self { endpoint, start, now: start, flow: flow(transport) }
    }

    pub fn receive(&mut self, text: &str) -> Received {
        self.endpoint.receive(self.now, self.flow, text.as_bytes())
    }

    pub fn receive_new(&mut self, text: &str) -> NewRequest {
        match self.receive(text) {
            Received::New(new) => new,
            Received::Handled | Received::Malformed(..) => panic!("handled: {text}"),
        }
    }

    /// All that waits to be sent.
    pub fn sent(&mut self) -> Vec<Message> {
        std::iter::from_fn(|| self.endpoint.poll_transmit())
            .map(|one| parse(&one.bytes).expect("ours parse"))
            .collect()
    }

    /// What waits to be sent, in short: `200 INVITE` or `BYE`.
    pub fn sent_short(&mut self) -> Vec<String> {
        self.sent().iter().map(short).collect()
    }

    pub fn requests(&mut self) -> Vec<Request> {
        let only = |one| match one {
            Message::Request(request) => Some(request),
            Message::Response(_) => None,
        };
        self.sent().into_iter().filter_map(only).collect()
    }

    pub fn responses(&mut self) -> Vec<Response> {
        let only = |one| match one {
            Message::Response(response) => Some(response),
            Message::Request(_) => None,
        };
        self.sent().into_iter().filter_map(only).collect()
    }

    pub fn events(&mut self) -> Vec<Event> {
        std::iter::from_fn(|| self.endpoint.poll_event()).collect()
    }

    /// Lets time pass and gives every transmission with its time in milliseconds.
    pub fn run(&mut self, span: Duration) -> Vec<(u128, String)> {
        let end = self.now + span;
        let mut seen = Vec::new();
        while let Some(at) = self.endpoint.next_deadline().filter(|at| *at <= end) {
            self.now = self.now.max(at);
            self.endpoint.handle_deadline(self.now);
            let ms = self.now.duration_since(self.start).as_millis();
            seen.extend(self.sent_short().into_iter().map(|one| (ms, one)));
        }
        self.now = end;
        seen
    }

    pub fn run_ms(&mut self, ms: u64) -> Vec<(u128, String)> {
        self.run(Duration::from_millis(ms))
    }

    /// An incoming call that rings.
    pub fn incoming(&mut self) -> DialogId {
        let new = self.receive_new(&invite("1", 1, ""));
        assert!(self.endpoint.inspect(&new).is_none());
        let contact = "sip:switch@192.0.2.1".parse().unwrap();
        self.endpoint.accept_invite(self.now, new, contact).unwrap()
    }

    /// An incoming call that is answered and acknowledged; also our tag.
    pub fn answered(&mut self) -> (DialogId, String) {
        let dialog = self.incoming();
        self.endpoint.answer(self.now, dialog, SDP);
        let tag = self.responses().last().unwrap().to().unwrap().tag().unwrap().to_owned();
        assert_eq!(self.receive(&in_dialog("ACK", "ack", 1, &tag, "")), Received::Handled);
        assert_eq!(self.events(), [Event::Acked { dialog, sdp: None }]);
        (dialog, tag)
    }

    /// The call [`Self::outgoing`] makes.
    pub fn outgoing_invite(&self, timeout_s: u64) -> OutgoingInvite {
        OutgoingInvite {
            flow: self.flow,
            uri: "sip:agent@192.0.2.9".parse().unwrap(),
            from: "<sip:switch@192.0.2.1>".parse().unwrap(),
            to: "<sip:agent@192.0.2.9>".parse().unwrap(),
            contact: "sip:switch@192.0.2.1".parse().unwrap(),
            headers: vec![],
            sdp: SDP.to_vec(),
            timeout: Duration::from_secs(timeout_s),
            credentials: Some(careline_sip::Credentials { user: "u".into(), password: "p".into() }),
            auth_realm: None,
            route: vec![],
            reliable: Reliable::default(),
            session_expires: None,
        }
    }

    /// An outgoing call; also the INVITE.
    pub fn outgoing(&mut self, timeout_s: u64) -> (DialogId, Request) {
        let invite = self.outgoing_invite(timeout_s);
        let dialog = self.endpoint.invite(self.now, invite).unwrap();
        let request = self.requests().remove(0);
        (dialog, request)
    }

    /// An outgoing call that the peer `them` has answered; also our INVITE.
    pub fn outgoing_answered(&mut self, extra: &str) -> (DialogId, Request) {
        let (dialog, invite) = self.outgoing(30);
        self.reply_sdp(&invite, 200, "them", &format!("{CONTACT}{extra}"));
        assert_eq!(self.sent_short(), ["ACK"]);
        assert_eq!(self.events(), [Event::Answered { dialog, sdp: Some(SDP.to_vec()) }]);
        (dialog, invite)
    }

    /// Feeds a response with a description to one of our requests.
    pub fn reply_sdp(&mut self, request: &Request, status: u16, tag: &str, extra: &str) {
        let text = with_sdp(&answer_to(request, status, tag, extra), SDP);
        assert_eq!(self.receive(&text), Received::Handled);
    }

    /// Feeds a response to one of our requests.
    pub fn reply(&mut self, request: &Request, status: u16, tag: &str, extra: &str) {
        let text = answer_to(request, status, tag, extra);
        assert_eq!(self.receive(&text), Received::Handled);
    }
}

pub fn short(message: &Message) -> String {
    match message {
        Message::Request(request) => request.method.to_string(),
        Message::Response(response) => {
            format!(
                "{} {}",
                response.status,
                response.cseq().map(|cseq| cseq.method.to_string()).unwrap_or_default()
            )
        }
    }
}

/// An INVITE from the phone; `extra` are whole header lines.
pub fn invite(branch: &str, cseq: u32, extra: &str) -> String {
    format!(
        "INVITE sip:120@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch};rport\r\n\
         Max-Forwards: 70\r\nFrom: \"Phone\" <sip:phone@192.0.2.9>;tag=peer\r\nTo: <sip:120@192.0.2.1>\r\n\
         Call-ID: call@192.0.2.9\r\nCSeq: {cseq} INVITE\r\nContact: <sip:phone@192.0.2.9:5060>\r\n{extra}\
         Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{}",
        SDP.len(),
        String::from_utf8_lossy(SDP)
    )
}

/// A request from the phone in the dialog of `invite`.
pub fn in_dialog(method: &str, branch: &str, cseq: u32, our_tag: &str, extra: &str) -> String {
    format!(
        "{method} sip:switch@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n\
         Max-Forwards: 70\r\nFrom: \"Phone\" <sip:phone@192.0.2.9>;tag=peer\r\nTo: <sip:120@192.0.2.1>;tag={our_tag}\r\n\
         Call-ID: call@192.0.2.9\r\nCSeq: {cseq} {method}\r\nContact: <sip:phone@192.0.2.9:5060>\r\n{extra}\
         Content-Length: 0\r\n\r\n"
    )
}

/// A CANCEL for the INVITE of that branch.
pub fn cancel(branch: &str, cseq: u32, extra: &str) -> String {
    format!(
        "CANCEL sip:120@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch};rport\r\n\
         Max-Forwards: 70\r\nFrom: \"Phone\" <sip:phone@192.0.2.9>;tag=peer\r\nTo: <sip:120@192.0.2.1>\r\n\
         Call-ID: call@192.0.2.9\r\nCSeq: {cseq} CANCEL\r\n{extra}Content-Length: 0\r\n\r\n"
    )
}

/// A response of a peer to one of our requests; `extra` are whole header lines.
pub fn answer_to(request: &Request, status: u16, tag: &str, extra: &str) -> String {
    let mut response = Response::to_request(request, status);
    if !tag.is_empty() && request.to().unwrap().tag().is_none() {
        let to = format!("{};tag={tag}", request.headers.get("To").unwrap());
        response.headers.set("To", to);
    }
    for line in extra.lines() {
        let (name, value) = line.split_once(": ").unwrap();
        response.headers.push(name, value);
    }
    String::from_utf8(response.to_bytes()).unwrap()
}

/// Where the peer of our calls is.
pub const CONTACT: &str = "Contact: <sip:agent@192.0.2.9>\r\n";

/// A message without body, with a description.
pub fn with_sdp(message: &str, sdp: &[u8]) -> String {
    let (head, _) = message.split_once("Content-Length").unwrap();
    let sdp = String::from_utf8_lossy(sdp);
    format!("{head}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len())
}

/// A request of the peer with that tag in the dialog of our INVITE.
pub fn from_peer(method: &str, branch: &str, cseq: u32, invite: &Request, tag: &str, extra: &str) -> String {
    format!(
        "{method} sip:switch@192.0.2.1 SIP/2.0\r\nVia: SIP/2.0/UDP 192.0.2.9:5060;branch=z9hG4bK{branch}\r\n\
         Max-Forwards: 70\r\nFrom: <sip:agent@192.0.2.9>;tag={tag}\r\nTo: {}\r\n\
         Call-ID: {}\r\nCSeq: {cseq} {method}\r\nContact: <sip:agent@192.0.2.9>\r\n{extra}\
         Content-Length: 0\r\n\r\n",
        invite.headers.get("From").unwrap(),
        invite.call_id()
    )
}

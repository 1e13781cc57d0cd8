//! The crowd's telephones: two UDP sockets, one SIP endpoint of our own, and the RTP thread.
//!
//! Patients ring from one address (the trunk's), agents register from another. The owner asks for the next thing that
//! happened and says what to do about it; nothing here decides how a call goes.

mod register;
pub use register::Account;
pub(crate) mod wire;

use crate::stream::{News, Remote, StreamId, Streams};
use crate::voice::Voice;
use anyhow::Context;
use careline_audio::g711::Law;
use careline_sdp::{Codec, LocalAudio, RemoteAudio, Terms};
use careline_sip::{
    DialogId, Endpoint, EndpointConfig, Event, Flow, Method, NameAddr, NewRequest, OutgoingInvite, Received,
    Reliable, Uri,
};
use rand_chacha::ChaCha20Rng;
use std::collections::{BTreeMap, VecDeque};
use std::net::SocketAddr;
use std::time::{Duration, Instant};
use tokio::sync::mpsc::{UnboundedReceiver, unbounded_channel};
use wire::Wire;

/// An unanswered call of a patient is given up after this: longer than any queue of a run.
const ANSWER_MAX: Duration = Duration::from_secs(60);

/// Where everybody is.
#[derive(Debug, Clone)]
pub struct PhonesOptions {
    /// The switch's SIP address.
    pub switch: SocketAddr,
    /// The trunk's address; port 0 takes any.
    pub patients: SocketAddr,
    /// The agents' address; port 0 takes any.
    pub agents: SocketAddr,
    /// Codecs offered, best first.
    pub codecs: Vec<Codec>,
}

/// A phone that rings.
#[derive(Debug, Clone)]
pub struct Ringing {
    /// The dialog to answer.
    pub dialog: DialogId,
    /// Whose phone.
    pub agent: String,
    /// The caller's number as it was sent (P-Asserted-Identity before From).
    pub caller: String,
    /// When the INVITE arrived.
    pub at: Instant,
}

/// What can happen.
#[derive(Debug)]
pub enum Happened {
    /// An agent's phone rings.
    Rings(Ringing),
    /// Something on a dialog.
    Dialog(Event),
    /// Something in the RTP.
    Rtp(News),
    /// The owner's own deadline came.
    Deadline,
}

/// A call that was dialled.
#[derive(Debug)]
pub struct Dialled {
    /// Its dialog.
    pub dialog: DialogId,
    /// Its audio; it listens at once.
    pub stream: StreamId,
    /// Its SIP Call-ID.
    pub call_id: String,
}

/// All telephones.
pub struct Phones {
    options: PhonesOptions,
    endpoint: Endpoint,
    patients: Wire,
    agents: Wire,
    streams: Streams,
    news: UnboundedReceiver<News>,
    offers: BTreeMap<DialogId, (Vec<u8>, RemoteAudio)>,
    happened: VecDeque<Happened>,
    next_session: u64,
}

impl Phones {
    /// Binds the sockets and starts the RTP thread. `rng` makes tags and branches.
    ///
    /// # Errors
    /// When an address cannot be bound.
    pub async fn bind(options: PhonesOptions, rng: ChaCha20Rng) -> anyhow::Result<Self> {
        let (tell, news) = unbounded_channel();
        // The receiver lives as long as the thread; what comes after it is of no interest.
        let streams = Streams::start(move |item| {
            let _ = tell.send(item);
        })?;
        let config = EndpointConfig { user_agent: "careline-traffic".into(), ..EndpointConfig::default() };
        Ok(Self {
            patients: Wire::bind(options.patients, options.switch).await?,
            agents: Wire::bind(options.agents, options.switch).await?,
            endpoint: Endpoint::new(config, rng),
            streams,
            news,
            offers: BTreeMap::new(),
            happened: VecDeque::new(),
            next_session: 1,
            options,
        })
    }

    /// The RTP streams.
    #[must_use]
    pub fn streams(&self) -> &Streams {
        &self.streams
    }

    /// Ends the RTP thread and tells how far it was ever behind.
    #[must_use]
    pub fn finish(self) -> Duration {
        self.streams.finish()
    }

    /// A patient dials.
    ///
    /// # Errors
    /// When there is no port or the endpoint is full.
    pub fn dial(&mut self, caller: &str, number: &str) -> anyhow::Result<Dialled> {
        let (local, stream) = self.open_stream(self.patients.flow.local)?;
        let flow = self.patients.flow;
        let own = Uri::sip(Some(caller), &flow.local.ip().to_string(), Some(flow.local.port()));
        let sdp = careline_sdp::offer(&local, &self.terms())?;
        let target = Uri::sip(Some(number), &flow.remote.ip().to_string(), Some(flow.remote.port()));
        let invite = OutgoingInvite {
            flow,
            uri: target.clone(),
            from: NameAddr::new(own.clone()),
            to: NameAddr::new(target),
            contact: own,
            headers: Vec::new(),
            sdp,
            timeout: ANSWER_MAX,
            credentials: None,
            auth_realm: None,
            route: vec![],
            reliable: Reliable::default(),
            session_expires: None,
        };
        let dialog = self.endpoint.invite(Instant::now(), invite)?;
        let call_id = self.flush().context("the INVITE did not leave")?;
        Ok(Dialled { dialog, stream, call_id })
    }

    /// The patient's call was answered with this description: it speaks from now on.
    ///
    /// # Errors
    /// When the description is missing or no use.
    pub fn speak(
        &mut self,
        stream: StreamId,
        sdp: Option<&[u8]>,
        voice: impl FnOnce(Law) -> Voice,
    ) -> anyhow::Result<()> {
        let sdp = sdp.context("an answer without a session description")?;
        // Our offers differ in their addresses only, which no answer depends on.
        let (any, terms) = (LocalAudio::new(self.patients.flow.local, 0), self.terms());
        let remote = careline_sdp::read_answer(sdp, &careline_sdp::offer(&any, &terms)?, &terms)?;
        self.send(stream, &remote, voice)
    }

    /// An agent answers; it speaks and listens from now on.
    ///
    /// # Errors
    /// When it does not ring any more or there is no port.
    pub fn answer(&mut self, dialog: DialogId, voice: impl FnOnce(Law) -> Voice) -> anyhow::Result<StreamId> {
        let (offer, remote) = self.offers.remove(&dialog).context("this phone does not ring")?;
        let (local, stream) = self.open_stream(self.agents.flow.local)?;
        let sdp = careline_sdp::answer(&offer, &remote, &local)?;
        self.endpoint.answer(Instant::now(), dialog, &sdp);
        self.send(stream, &remote, voice)?;
        self.flush();
        Ok(stream)
    }

    /// An agent declines.
    pub fn decline(&mut self, dialog: DialogId, status: u16) {
        self.offers.remove(&dialog);
        self.endpoint.reject(Instant::now(), dialog, status, &[]);
        self.flush();
    }

    /// Ends a dialog in whatever state it is; gives when the message left.
    pub fn hang_up(&mut self, dialog: DialogId) -> Instant {
        self.endpoint.hang_up(Instant::now(), dialog, None);
        self.flush();
        Instant::now()
    }

    /// Waits for the next thing to happen, at most until `deadline`.
    pub async fn next(&mut self, deadline: Option<Instant>) -> Happened {
        loop {
            if let Some(happened) = self.settle() {
                return happened;
            }
            let own = deadline.unwrap_or_else(far);
            let wake = self.endpoint.next_deadline().map_or(own, |endpoint| endpoint.min(own));
            tokio::select! {
                bytes = self.patients.receive() => self.take(self.patients.flow, &bytes),
                bytes = self.agents.receive() => self.take(self.agents.flow, &bytes),
                Some(news) = self.news.recv() => return Happened::Rtp(news),
                () = tokio::time::sleep_until(wake.into()) => {
                    let now = Instant::now();
                    self.endpoint.handle_deadline(now);
                    if now >= own {
                        return Happened::Deadline;
                    }
                }
            }
        }
    }

    fn settle(&mut self) -> Option<Happened> {
        while let Some(event) = self.endpoint.poll_event() {
            if let Event::Cancelled { dialog, .. } = &event {
                self.offers.remove(dialog);
            }
            self.happened.push_back(Happened::Dialog(event));
        }
        self.flush();
        self.happened.pop_front()
    }

    fn take(&mut self, flow: Flow, bytes: &[u8]) {
        let now = Instant::now();
        let Received::New(new) = self.endpoint.receive(now, flow, bytes) else { return };
        match new.request.method {
            Method::Invite => self.take_invite(now, new),
            Method::Ack | Method::Cancel => {}
            _ => {
                let response = self.endpoint.response_to(&new.request, 200);
                self.endpoint.respond_statelessly(&new, response);
            }
        }
    }

    fn take_invite(&mut self, now: Instant, new: NewRequest) {
        let agent = new.request.uri.user().unwrap_or_default().to_owned();
        let asserted = new.request.headers.get("P-Asserted-Identity").and_then(|text| text.parse().ok());
        let from: Option<NameAddr> = asserted.or_else(|| new.request.from());
        let caller = from.and_then(|from| from.uri.user_decoded()).unwrap_or_default();
        let offer = new.request.body.clone();
        let remote = careline_sdp::read_offer(&offer, &self.terms());
        let contact = self.contact_of(&agent);
        let Ok(dialog) = self.endpoint.accept_invite(now, new, contact) else { return };
        match remote {
            Ok(remote) => {
                self.endpoint.ring(now, dialog, 180, None);
                self.offers.insert(dialog, (offer, remote));
                self.happened.push_back(Happened::Rings(Ringing { dialog, agent, caller, at: now }));
            }
            Err(_) => self.endpoint.reject(now, dialog, 488, &[]),
        }
    }

    fn contact_of(&self, agent: &str) -> Uri {
        let local = self.agents.flow.local;
        Uri::sip(Some(agent), &local.ip().to_string(), Some(local.port()))
    }

    fn open_stream(&mut self, beside: SocketAddr) -> anyhow::Result<(LocalAudio, StreamId)> {
        let socket = std::net::UdpSocket::bind((beside.ip(), 0)).context("no port for RTP")?;
        let address = socket.local_addr()?;
        let local = LocalAudio::new(address, self.next_session);
        self.next_session += 1;
        Ok((local, self.streams.open(socket)?))
    }

    fn terms(&self) -> Terms {
        Terms::plain(&self.options.codecs)
    }

    fn send(
        &self,
        stream: StreamId,
        remote: &RemoteAudio,
        voice: impl FnOnce(Law) -> Voice,
    ) -> anyhow::Result<()> {
        let law = match remote.codec {
            Codec::Pcma => Law::A,
            Codec::Pcmu => Law::U,
            Codec::G722 | Codec::Opus => anyhow::bail!("these phones speak G.711 only"),
        };
        let telephone_event = remote.telephone_event.map(|event| event.payload_type);
        let to = Remote { address: remote.address, law, telephone_event };
        self.streams.send(stream, to, voice(law));
        Ok(())
    }

    /// Sends what the endpoint has to send; gives the Call-ID of the last INVITE that left.
    fn flush(&mut self) -> Option<String> {
        let mut call_id = None;
        while let Some(transmit) = self.endpoint.poll_transmit() {
            let wire =
                if transmit.flow.local == self.agents.flow.local { &self.agents } else { &self.patients };
            wire.send(&transmit.bytes);
            if transmit.bytes.starts_with(b"INVITE ")
                && let Ok(careline_sip::Message::Request(request)) = careline_sip::parse(&transmit.bytes)
            {
                call_id = Some(request.call_id().to_owned());
            }
        }
        call_id
    }
}

fn far() -> Instant {
    Instant::now() + Duration::from_secs(3600)
}

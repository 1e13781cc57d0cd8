//! A switch of which only the events are there: the journal's promises, played from a list.

use careline_desk::storage::Position;
use careline_model::Event;
use careline_rpc::body_from_model;
use careline_rpc::proto::switch_events::v1 as wire;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::{ReceiverStream, TcpListenerStream};
use tonic::{Request, Response, Status};
use wire::switch_events_server::{SwitchEvents, SwitchEventsServer};

#[derive(Clone)]
pub struct PlayedSwitch {
    address: SocketAddr,
    journal: Arc<Mutex<Journal>>,
    changed: watch::Sender<()>,
}

struct Journal {
    id: String,
    epoch: u64,
    head: u64,
    messages: Vec<wire::Numbered>,
    acknowledged: Option<Position>,
    refusals: u32,
    subscriptions: Vec<(String, Position)>,
}

impl PlayedSwitch {
    pub async fn start(epoch: u64) -> Self {
        Self::called(epoch, super::SWITCH).await
    }

    pub async fn called(epoch: u64, id: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let journal = Journal {
            id: id.to_owned(),
            epoch,
            head: 0,
            messages: Vec::new(),
            acknowledged: None,
            refusals: 0,
            subscriptions: Vec::new(),
        };
        let address = listener.local_addr().expect("an address");
        let switch =
            Self { address, journal: Arc::new(Mutex::new(journal)), changed: watch::Sender::new(()) };
        let server = SwitchEventsServer::new(switch.clone());
        let incoming = TcpListenerStream::new(listener);
        tokio::spawn(tonic::transport::Server::builder().add_service(server).serve_with_incoming(incoming));
        switch
    }

    pub fn address(&self) -> String {
        format!("http://{}", self.address)
    }

    pub fn tell(&self, events: &[Event]) {
        for event in events {
            let body = body_from_model(event.body.clone());
            self.change(|journal| journal.push(1, event.at_us, body));
        }
    }

    pub fn omit(&self, count: u64) {
        let body = wire::numbered::Body::Omitted(wire::Omitted { count });
        self.change(|journal| journal.push(count, 0, body));
    }

    /// Another journal, with these events from number 1 on. Open streams end.
    pub fn new_journal(&self, epoch: u64, events: &[Event]) {
        self.change(|journal| {
            (journal.epoch, journal.head) = (epoch, 0);
            journal.messages.clear();
            journal.acknowledged = None;
        });
        self.tell(events);
    }

    pub fn refuse_acknowledgements(&self, count: u32) {
        self.change(|journal| journal.refusals = count);
    }

    pub fn acknowledged(&self) -> Option<Position> {
        self.change(|journal| journal.acknowledged)
    }

    pub fn subscriptions(&self) -> Vec<(String, Position)> {
        self.change(|journal| journal.subscriptions.clone())
    }

    fn change<T>(&self, change: impl FnOnce(&mut Journal) -> T) -> T {
        let changed = change(&mut self.journal.lock().expect("nobody panicked"));
        self.changed.send_replace(());
        changed
    }
}

impl Journal {
    fn push(&mut self, numbers: u64, at_us: i64, body: wire::numbered::Body) {
        self.head += numbers;
        self.messages.push(wire::Numbered {
            switch_id: self.id.clone(),
            epoch: self.epoch,
            number: self.head,
            at_us,
            epoch_changed: false,
            body: Some(body),
        });
    }

    fn after(&self, epoch: u64, number: u64) -> Result<Option<wire::Numbered>, Status> {
        if epoch != self.epoch {
            return Err(Status::aborted("the journal began a new epoch; subscribe again"));
        }
        let at = self.messages.partition_point(|message| message.number <= number);
        Ok(self.messages.get(at).cloned())
    }
}

#[tonic::async_trait]
impl SwitchEvents for PlayedSwitch {
    type SubscribeStream = ReceiverStream<Result<wire::Numbered, Status>>;

    async fn subscribe(
        &self,
        request: Request<wire::SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let wire::SubscribeRequest { subscriber, after } = request.into_inner();
        let after = after.ok_or_else(|| Status::invalid_argument("a desk says where it stands"))?;
        let switch = self.clone();
        let epoch = self.change(|journal| {
            let position = Position { epoch: after.epoch, number: after.number };
            journal.subscriptions.push((subscriber, position));
            journal.epoch
        });
        let mut epoch_changed = after.epoch != epoch;
        let mut number = if epoch_changed { 0 } else { after.number };
        let (peer, stream) = mpsc::channel(64);
        let mut changed = self.changed.subscribe();
        tokio::spawn(async move {
            loop {
                let next = switch.journal.lock().expect("nobody panicked").after(epoch, number);
                let message = match next {
                    Ok(Some(message)) => {
                        number = message.number;
                        let epoch_changed = std::mem::take(&mut epoch_changed);
                        Ok(wire::Numbered { epoch_changed, ..message })
                    }
                    Ok(None) => {
                        if changed.changed().await.is_err() {
                            return;
                        }
                        continue;
                    }
                    Err(status) => Err(status),
                };
                let last = message.is_err();
                if peer.send(message).await.is_err() || last {
                    return;
                }
            }
        });
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn acknowledge(
        &self,
        request: Request<wire::AcknowledgeRequest>,
    ) -> Result<Response<wire::AcknowledgeResponse>, Status> {
        let wire::AcknowledgeRequest { subscriber, epoch, number } = request.into_inner();
        self.change(|journal| {
            let known = journal.subscriptions.iter().any(|(name, _)| *name == subscriber);
            if !known {
                return Err(Status::not_found(subscriber));
            }
            if journal.refusals > 0 || epoch != journal.epoch || number > journal.head {
                journal.refusals = journal.refusals.saturating_sub(1);
                return Err(Status::failed_precondition("subscribe again"));
            }
            journal.acknowledged = journal.acknowledged.max(Some(Position { epoch, number }));
            Ok(Response::new(wire::AcknowledgeResponse {}))
        })
    }
}

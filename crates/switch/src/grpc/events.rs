//! `switch_events/v1`: the journal as a stream.

use crate::journal::{Fact, Journal, JournalError, Numbered, Position, Subscription};
use careline_rpc::body_from_model;
use careline_rpc::proto::switch_events::v1 as wire;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;
use tonic::{Request, Response, Status};
use wire::switch_events_server::SwitchEvents;

/// Open subscriptions; more are refused.
const SUBSCRIPTIONS_MAX: usize = 32;
/// Messages between the journal and a peer that reads slowly; the rest stays in the file.
const AHEAD_MAX: usize = 64;

pub(super) struct Events {
    journal: Journal,
    room: Arc<Semaphore>,
    ending: watch::Receiver<bool>,
}

impl Events {
    pub(super) fn new(journal: Journal, ending: watch::Receiver<bool>) -> Self {
        Self { journal, room: Arc::new(Semaphore::new(SUBSCRIPTIONS_MAX)), ending }
    }
}

#[tonic::async_trait]
impl SwitchEvents for Events {
    type SubscribeStream = ReceiverStream<Result<wire::Numbered, Status>>;

    async fn subscribe(
        &self,
        request: Request<wire::SubscribeRequest>,
    ) -> Result<Response<Self::SubscribeStream>, Status> {
        let wire::SubscribeRequest { subscriber, after } = request.into_inner();
        let Ok(permit) = Arc::clone(&self.room).try_acquire_owned() else {
            return Err(Status::resource_exhausted(format!(
                "{SUBSCRIPTIONS_MAX} subscriptions are open already"
            )));
        };
        let name = (!subscriber.is_empty()).then_some(subscriber.as_str());
        let after = after.map(|after| Position { epoch: after.epoch, number: after.number });
        let subscription = self.journal.subscribe(name, after).await.map_err(|error| status(&error))?;
        let (sender, stream) = mpsc::channel(AHEAD_MAX);
        let switch_id = self.journal.switch_id().to_owned();
        tokio::spawn(pass_on(subscription, switch_id, sender, self.ending.clone(), permit));
        Ok(Response::new(ReceiverStream::new(stream)))
    }

    async fn acknowledge(
        &self,
        request: Request<wire::AcknowledgeRequest>,
    ) -> Result<Response<wire::AcknowledgeResponse>, Status> {
        let wire::AcknowledgeRequest { subscriber, epoch, number } = request.into_inner();
        let upto = Position { epoch, number };
        self.journal.acknowledge(&subscriber, upto).await.map_err(|error| status(&error))?;
        Ok(Response::new(wire::AcknowledgeResponse {}))
    }
}

/// Carries messages until the peer leaves, the switch ends or the subscription does.
async fn pass_on(
    mut subscription: Subscription,
    switch_id: String,
    peer: mpsc::Sender<Result<wire::Numbered, Status>>,
    mut ending: watch::Receiver<bool>,
    _permit: OwnedSemaphorePermit,
) {
    loop {
        let next = tokio::select! {
            next = subscription.next() => next.map_err(|error| status(&error)),
            () = peer.closed() => return,
            _ = ending.wait_for(|ending| *ending) => Err(Status::unavailable("the switch ends")),
        };
        let last = next.is_err();
        let message = next.map(|numbered| to_wire(&switch_id, numbered));
        let gone = tokio::select! {
            sent = peer.send(message) => sent.is_err(),
            // A peer that does not read must not hold up the end.
            _ = ending.wait_for(|ending| *ending), if !last => true,
        };
        if last || gone {
            return;
        }
    }
}

fn to_wire(switch_id: &str, numbered: Numbered) -> wire::Numbered {
    let (at_us, body) = match numbered.fact {
        Fact::Event(event) => (event.at_us, body_from_model(event.body)),
        Fact::Omitted(count) => (0, wire::numbered::Body::Omitted(wire::Omitted { count })),
    };
    wire::Numbered {
        switch_id: switch_id.to_owned(),
        epoch: numbered.position.epoch,
        number: numbered.position.number,
        at_us,
        epoch_changed: numbered.epoch_changed,
        body: Some(body),
    }
}

fn status(error: &JournalError) -> Status {
    let text = error.to_string();
    match error {
        JournalError::Name => Status::invalid_argument(text),
        JournalError::TooManySubscribers(_) => Status::resource_exhausted(text),
        JournalError::UnknownSubscriber(_) => Status::not_found(text),
        JournalError::NotOffered { .. } => Status::failed_precondition(text),
        JournalError::EpochChanged => Status::aborted(text),
        JournalError::Closed => Status::unavailable(text),
        JournalError::Database(_)
        | JournalError::Locked(_)
        | JournalError::Corrupt { .. }
        | JournalError::OtherSwitch { .. }
        | JournalError::Open { .. } => {
            tracing::error!(error = ?error, "the journal could not serve a subscriber");
            Status::unavailable("the journal cannot be used now")
        }
    }
}

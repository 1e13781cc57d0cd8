//! One subscription at one switch, from the call to its end.

use super::BATCH_MAX;
use crate::config::SwitchAddress;
use crate::storage::{Applied, Position, StorageError, Store};
use careline_rpc::proto::switch_events::v1 as wire;
use careline_rpc::{Fact, Received};
use futures_util::StreamExt;
use std::time::Duration;
use tokio::time::Instant;
use tonic::transport::{Channel, Endpoint};
use tonic::{Code, Status, Streaming};
use wire::switch_events_client::SwitchEventsClient;

/// How long a switch may take to take the call.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// An acknowledgement waits this long for more to acknowledge: each costs the switch a write.
const ACKNOWLEDGE_AFTER: Duration = Duration::from_millis(200);
/// How long an acknowledgement may take.
const ACKNOWLEDGE_MAX: Duration = Duration::from_secs(5);
/// The first pause before a refused batch is tried again; it doubles up to [`TRY_AGAIN_MAX`].
const TRY_AGAIN_MIN: Duration = Duration::from_millis(100);
const TRY_AGAIN_MAX: Duration = Duration::from_secs(1);

/// Why a subscription ended. None is final.
#[derive(Debug, thiserror::Error)]
pub enum FeedError {
    /// Nobody took the call.
    #[error("no switch answers at {address}")]
    Away {
        /// Where it should be.
        address: String,
        /// Why.
        #[source]
        source: tonic::transport::Error,
    },
    /// The switch refused, or ended the stream.
    #[error("the switch says: {}", .0.message())]
    Refused(Box<Status>),
    /// The stream ended without a word.
    #[error("the stream of events ended")]
    Ended,
    /// Another switch answers at this address.
    #[error("switch \"{found}\" answers where \"{configured}\" should; correct [[switch]] in desk.toml")]
    OtherSwitch {
        /// Who answers.
        found: String,
        /// Who should.
        configured: String,
    },
    /// The database could not say where to go on.
    #[error("the position is not known")]
    Position(#[source] StorageError),
}

pub(super) struct Subscription<'a> {
    store: &'a Store,
    switch: &'a SwitchAddress,
    subscriber: &'a str,
    client: SwitchEventsClient<Channel>,
    messages: Streaming<wire::Numbered>,
    /// Something was stored before.
    has_position: bool,
}

impl<'a> Subscription<'a> {
    /// Calls the switch and asks for everything after what is stored.
    pub(super) async fn open(
        store: &'a Store,
        switch: &'a SwitchAddress,
        subscriber: &'a str,
    ) -> Result<Self, FeedError> {
        let away = |source| FeedError::Away { address: switch.address.clone(), source };
        let endpoint = Endpoint::from_shared(switch.address.clone()).map_err(away)?;
        let channel = endpoint.connect_timeout(CONNECT_MAX).connect().await.map_err(away)?;
        let mut client = SwitchEventsClient::new(channel);
        let position = store.position(&switch.id).await.map_err(FeedError::Position)?;
        // No epoch is 0: whoever has nothing gets all that is kept, not what follows an earlier acknowledgement.
        let Position { epoch, number } = position.unwrap_or(Position { epoch: 0, number: 0 });
        let after = Some(wire::Position { epoch, number });
        let request = wire::SubscribeRequest { subscriber: subscriber.to_owned(), after };
        let messages = client.subscribe(request).await.map_err(refused)?.into_inner();
        Ok(Self { store, switch, subscriber, client, messages, has_position: position.is_some() })
    }

    /// Stores and acknowledges until the stream ends, and says why it did. Counts what it stored.
    pub(super) async fn run(self, stored: &mut u64) -> FeedError {
        let Self { store, switch, subscriber, mut client, messages, has_position } = self;
        let mut messages = messages.ready_chunks(BATCH_MAX);
        let mut owed: Option<Owed> = None;
        loop {
            let due = owed.as_ref().map_or_else(Instant::now, |owed| owed.due);
            let chunk = tokio::select! {
                chunk = messages.next() => chunk,
                () = tokio::time::sleep_until(due), if owed.is_some() => {
                    if let Some(Owed { upto, .. }) = owed.take()
                        && let Err(status) = acknowledge(&mut client, subscriber, upto).await
                    {
                        return refused(status);
                    }
                    continue;
                }
            };
            let Some(chunk) = chunk else { return FeedError::Ended };
            let (batch, end) = read(chunk, &switch.id);
            if let Some(last) = batch.last() {
                let upto = Position { epoch: last.epoch, number: last.number };
                if batch[0].epoch_changed && has_position {
                    tracing::warn!(
                        switch = switch.id,
                        epoch = upto.epoch,
                        "the switch's journal is another one"
                    );
                }
                let applied = store_batch(store, &switch.id, &batch).await;
                *stored += applied.stored;
                tell(&switch.id, applied);
                let due = owed.map_or_else(|| Instant::now() + ACKNOWLEDGE_AFTER, |owed| owed.due);
                owed = Some(Owed { upto, due });
            }
            if let Some(error) = end {
                return error;
            }
        }
    }
}

fn refused(status: Status) -> FeedError {
    FeedError::Refused(Box::new(status))
}

/// What is stored and not acknowledged yet.
struct Owed {
    upto: Position,
    due: Instant,
}

/// The messages before the first that ends the stream, and what ends it.
fn read(chunk: Vec<Result<wire::Numbered, Status>>, switch_id: &str) -> (Vec<Received>, Option<FeedError>) {
    let mut batch = Vec::with_capacity(chunk.len());
    for message in chunk {
        let message = match message {
            Ok(message) => message,
            Err(status) => return (batch, Some(refused(status))),
        };
        if message.switch_id != switch_id {
            let (found, configured) = (message.switch_id, switch_id.to_owned());
            return (batch, Some(FeedError::OtherSwitch { found, configured }));
        }
        batch.push(received(message));
    }
    (batch, None)
}

/// An event of a later version of the switch counts as lost: the rest of the story must not wait for it.
fn received(message: wire::Numbered) -> Received {
    let lost = Received {
        switch_id: message.switch_id.clone(),
        epoch: message.epoch,
        number: message.number,
        epoch_changed: message.epoch_changed,
        fact: Fact::Omitted(1),
    };
    Received::try_from(message).unwrap_or_else(|error| {
        tracing::error!(number = lost.number, %error, "an event cannot be read; is the desk older than the switch?");
        lost
    })
}

/// Tries until the database takes the batch.
async fn store_batch(store: &Store, switch_id: &str, batch: &[Received]) -> Applied {
    let mut pause = TRY_AGAIN_MIN;
    let mut complained = false;
    loop {
        match store.apply(switch_id, batch).await {
            Ok(applied) => return applied,
            Err(error) => {
                if !complained {
                    let error = format!("{:#}", anyhow::Error::from(error));
                    tracing::error!(
                        switch = switch_id,
                        error,
                        "events are not stored; they wait at the switch"
                    );
                    complained = true;
                } else {
                    tracing::debug!(switch = switch_id, ?error, "still not stored");
                }
                tokio::time::sleep(pause).await;
                pause = (pause * 2).min(TRY_AGAIN_MAX);
            }
        }
    }
}

fn tell(switch_id: &str, applied: Applied) {
    if applied.omitted > 0 {
        tracing::error!(
            switch = switch_id,
            count = applied.omitted,
            "events are lost: no journal has them any more"
        );
    }
    if applied.again > 0 {
        tracing::info!(switch = switch_id, count = applied.again, "facts came again and changed nothing");
    }
}

async fn acknowledge(
    client: &mut SwitchEventsClient<Channel>,
    subscriber: &str,
    upto: Position,
) -> Result<(), Status> {
    let Position { epoch, number } = upto;
    let request = wire::AcknowledgeRequest { subscriber: subscriber.to_owned(), epoch, number };
    match tokio::time::timeout(ACKNOWLEDGE_MAX, client.acknowledge(request)).await {
        Ok(Ok(_)) => Ok(()),
        // Its journal cannot be written just now. What is stored is acknowledged with the next.
        Ok(Err(status)) if status.code() == Code::Unavailable => Ok(()),
        Ok(Err(status)) => Err(status),
        Err(_) => Err(Status::deadline_exceeded("the switch does not take the acknowledgement")),
    }
}

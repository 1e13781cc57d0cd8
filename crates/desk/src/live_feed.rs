//! The live follower: one for each switch, an onlooker for whom the switch keeps nothing, and the ways to the switches.
//!
//! It begins with a snapshot and goes on with the events after it. A gap, an event it does not understand or a lost
//! connection is answered with another snapshot, so what pages show is either true or marked as old. It knows no
//! database: pages stay live when that is away.

use crate::config::SwitchAddress;
use crate::hub::{Hub, Input};
use careline_model::EventBody;
use careline_model::snapshot::Snapshot;
use careline_rpc::proto::recordings::v1::recordings_client::RecordingsClient;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_events::v1 as events;
use careline_rpc::proto::switch_statistics::v1::switch_statistics_client::SwitchStatisticsClient;
use careline_rpc::{ConversionError, Fact, Received};
use control::switch_control_client::SwitchControlClient;
use events::switch_events_client::SwitchEventsClient;
use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Notify;
use tokio::time::timeout;
use tonic::Status;
use tonic::transport::{Channel, Endpoint};

/// How long a switch may take to take the call.
const CONNECT_MAX: Duration = Duration::from_secs(2);
/// How long a switch may take for a snapshot or an order.
pub const ANSWER_MAX: Duration = Duration::from_secs(5);
/// The first pause before a switch is asked again; it doubles up to [`AGAIN_MAX`].
const AGAIN_MIN: Duration = Duration::from_millis(100);
const AGAIN_MAX: Duration = Duration::from_secs(2);
/// How often the number of agents who could take a call is asked for while anything happens.
const QUEUES_EVERY: Duration = Duration::from_secs(1);

/// The ways to the switches. Clones are the same ways.
#[derive(Debug, Clone, Default)]
pub struct Switches {
    channels: Arc<BTreeMap<String, Channel>>,
}

impl Switches {
    /// Prepares a way to each switch; nobody is called yet.
    ///
    /// # Errors
    /// When an address is none. Needs a tokio runtime.
    pub fn prepare(addresses: &[SwitchAddress]) -> Result<Self, tonic::transport::Error> {
        let channel = |switch: &SwitchAddress| {
            let endpoint = Endpoint::from_shared(switch.address.clone())?.connect_timeout(CONNECT_MAX);
            Ok((switch.id.clone(), endpoint.connect_lazy()))
        };
        let channels = addresses.iter().map(channel).collect::<Result<_, tonic::transport::Error>>()?;
        Ok(Self { channels: Arc::new(channels) })
    }

    /// The configured switches.
    pub fn ids(&self) -> impl Iterator<Item = &str> {
        self.channels.keys().map(String::as_str)
    }

    /// Orders to a switch.
    #[must_use]
    pub fn control(&self, switch_id: &str) -> Option<SwitchControlClient<Channel>> {
        self.channels.get(switch_id).cloned().map(SwitchControlClient::new)
    }

    /// What a switch counts of its events.
    #[must_use]
    pub fn statistics(&self, switch_id: &str) -> Option<SwitchStatisticsClient<Channel>> {
        self.channels.get(switch_id).cloned().map(SwitchStatisticsClient::new)
    }

    /// Recordings of a switch.
    #[must_use]
    pub fn recordings(&self, switch_id: &str) -> Option<RecordingsClient<Channel>> {
        self.channels.get(switch_id).cloned().map(RecordingsClient::new)
    }
}

/// Why following was interrupted. None is final.
#[derive(Debug, thiserror::Error)]
enum Interrupted {
    #[error("the switch says: {}", .0.message())]
    Refused(#[from] Box<Status>),
    #[error("the switch did not answer within {} s", ANSWER_MAX.as_secs())]
    Slow,
    #[error("the stream of events ended")]
    Ended,
    #[error("events are missing")]
    Gap,
    #[error("the switch has another configuration")]
    Reconfigured,
    #[error("an event was not understood")]
    NotUnderstood(#[from] ConversionError),
    #[error("switch \"{0}\" answers here; correct [[switch]] in desk.toml")]
    OtherSwitch(String),
}

/// Follows one switch for ever.
pub async fn follow(hub: Hub, switches: Switches, switch_id: String) -> Infallible {
    let mut pause = AGAIN_MIN;
    let mut complained = false;
    loop {
        let mut followed = false;
        let interrupted = follow_once(&hub, &switches, &switch_id, &mut followed).await;
        // Other queues, names and codes: a new snapshot has them, and nobody has to be told that the switch is away.
        if matches!(interrupted, Interrupted::Reconfigured) {
            tracing::info!(switch = switch_id, "the switch has another configuration");
            continue;
        }
        hub.handle(Input::Disconnected { switch: switch_id.clone() });
        if followed {
            (pause, complained) = (AGAIN_MIN, false);
        }
        if !complained {
            let error = format!("{:#}", anyhow::Error::from(interrupted));
            tracing::warn!(switch = switch_id, error, "not following live; asking again");
            complained = true;
        }
        tokio::time::sleep(pause).await;
        pause = (pause * 2).min(AGAIN_MAX);
    }
}

/// From a snapshot to whatever interrupts.
async fn follow_once(hub: &Hub, switches: &Switches, switch_id: &str, followed: &mut bool) -> Interrupted {
    let Some(channel) = switches.channels.get(switch_id) else { return Interrupted::Ended };
    let mut control = SwitchControlClient::new(channel.clone());
    let (after, snapshot) = match snapshot(&mut control, switch_id).await {
        Ok(answer) => answer,
        Err(interrupted) => return interrupted,
    };
    let request = events::SubscribeRequest { subscriber: String::new(), after: Some(after) };
    let mut client = SwitchEventsClient::new(channel.clone());
    let stream = match timeout(ANSWER_MAX, client.subscribe(request)).await {
        Ok(Ok(stream)) => stream.into_inner(),
        Ok(Err(status)) => return Interrupted::Refused(Box::new(status)),
        Err(_) => return Interrupted::Slow,
    };
    hub.handle(Input::Snapshot { switch: switch_id.to_owned(), snapshot });
    *followed = true;
    tracing::info!(switch = switch_id, "following live");
    let something_happened = Notify::new();
    tokio::select! {
        interrupted = pass_on(hub, switch_id, stream, after, &something_happened) => interrupted,
        interrupted = refresh_queues(hub, switch_id, &mut control, &something_happened) => interrupted,
    }
}

async fn pass_on(
    hub: &Hub,
    switch_id: &str,
    mut stream: tonic::Streaming<events::Numbered>,
    after: events::Position,
    something_happened: &Notify,
) -> Interrupted {
    let mut last = after.number;
    loop {
        let numbered = match stream.message().await {
            Ok(Some(numbered)) => numbered,
            Ok(None) => return Interrupted::Ended,
            Err(status) => return Interrupted::Refused(Box::new(status)),
        };
        let received = match Received::try_from(numbered) {
            Ok(received) => received,
            Err(error) => return Interrupted::NotUnderstood(error),
        };
        if received.epoch_changed || received.epoch != after.epoch || received.number != last + 1 {
            return Interrupted::Gap;
        }
        last = received.number;
        match received.fact {
            Fact::Event(event) => {
                let reconfigured = matches!(event.body, EventBody::ConfigurationApplied { .. });
                hub.handle(Input::Event { switch: switch_id.to_owned(), event });
                if reconfigured {
                    return Interrupted::Reconfigured;
                }
            }
            Fact::Omitted(_) => return Interrupted::Gap,
        }
        something_happened.notify_one();
    }
}

/// No event says how many agents could take a call.
async fn refresh_queues(
    hub: &Hub,
    switch_id: &str,
    control: &mut SwitchControlClient<Channel>,
    something_happened: &Notify,
) -> Interrupted {
    loop {
        something_happened.notified().await;
        tokio::time::sleep(QUEUES_EVERY).await;
        match snapshot(control, switch_id).await {
            Ok((_, Snapshot { queues, .. })) => {
                hub.handle(Input::Queues { switch: switch_id.to_owned(), queues });
            }
            Err(interrupted) => return interrupted,
        }
    }
}

async fn snapshot(
    control: &mut SwitchControlClient<Channel>,
    switch_id: &str,
) -> Result<(events::Position, Snapshot), Interrupted> {
    let answer = timeout(ANSWER_MAX, control.snapshot(control::SnapshotRequest {})).await;
    let response = answer.map_err(|_| Interrupted::Slow)?.map_err(Box::new)?.into_inner();
    if response.switch_id != switch_id {
        return Err(Interrupted::OtherSwitch(response.switch_id));
    }
    let position = events::Position { epoch: response.epoch, number: response.number };
    Ok((position, Snapshot::try_from(response)?))
}

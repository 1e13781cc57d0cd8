//! The switch as the desk sees it: a subscriber of its events, and a reader of its recordings.

use anyhow::Context;
use careline_rpc::proto::recordings::v1::ReadRequest;
use careline_rpc::proto::recordings::v1::recordings_client::RecordingsClient;
use careline_rpc::proto::switch_control::v1 as control;
use careline_rpc::proto::switch_control::v1::people_control_client::PeopleControlClient;
use careline_rpc::proto::switch_control::v1::supervisor_control_client::SupervisorControlClient;
use careline_rpc::proto::switch_control::v1::switch_control_client::SwitchControlClient;
use careline_rpc::proto::switch_control::v1::{PauseRecordingRequest, ResumeRecordingRequest};
use careline_rpc::proto::switch_events::v1::WatchMode;
use careline_rpc::proto::switch_events::v1::switch_events_client::SwitchEventsClient;
use careline_rpc::proto::switch_events::v1::{AcknowledgeRequest, Numbered, Position, SubscribeRequest};
use careline_rpc::{Fact, Received};
use careline_testkit::wait;
use serde_json::Value;
use std::net::SocketAddr;
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;
use tokio::runtime::Runtime;

/// Lets the recording of a call rest for a reason, or go on without one.
///
/// # Errors
/// When the switch refuses.
pub fn rest(rpc: SocketAddr, call: &str, reason: Option<&str>) -> anyhow::Result<()> {
    let call = call.to_owned();
    runtime()?.block_on(async {
        let mut client = SwitchControlClient::connect(format!("http://{rpc}")).await?;
        match reason.map(str::to_owned) {
            Some(reason) => {
                client.pause_recording(PauseRecordingRequest { call, reason }).await?;
            }
            None => {
                client.resume_recording(ResumeRecordingRequest { call }).await?;
            }
        }
        Ok(())
    })
}

/// A supervisor's phone is rung, to listen to an agent; gives what names the watch.
///
/// # Errors
/// When the switch refuses.
pub fn watch(rpc: SocketAddr, supervisor: &str, agent: &str, mode: WatchMode) -> anyhow::Result<String> {
    let (supervisor, agent, by) = (supervisor.to_owned(), agent.to_owned(), "story".to_owned());
    let request = control::WatchAgentRequest { supervisor, agent, mode: mode.into(), by };
    runtime()?.block_on(async {
        let mut client = SupervisorControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.watch_agent(request).await?.into_inner().watch)
    })
}

/// She takes part in another way.
///
/// # Errors
/// When the switch refuses.
pub fn change_watch(rpc: SocketAddr, supervisor: &str, mode: WatchMode) -> anyhow::Result<()> {
    let (supervisor, by) = (supervisor.to_owned(), "story".to_owned());
    let request = control::ChangeWatchRequest { supervisor, mode: mode.into(), by };
    runtime()?.block_on(async {
        let mut client = SupervisorControlClient::connect(format!("http://{rpc}")).await?;
        client.change_watch(request).await?;
        Ok(())
    })
}

/// An agent adds somebody to her conversation; gives the number of the party.
///
/// # Errors
/// When the switch refuses.
pub fn add_party(rpc: SocketAddr, call: &str, agent: &str, to: &str, consult: bool) -> anyhow::Result<u32> {
    let (call, agent, to) = (call.to_owned(), agent.to_owned(), to.to_owned());
    let request = control::AddPartyRequest { call, agent, to, consult };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.add_party(request).await?.into_inner().party)
    })
}

/// An agent leaves her conversation to the others.
///
/// # Errors
/// When the switch refuses.
pub fn leave(rpc: SocketAddr, call: &str, agent: &str) -> anyhow::Result<()> {
    let request = control::LeaveCallRequest { call: call.to_owned(), agent: agent.to_owned() };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        client.leave_call(request).await?;
        Ok(())
    })
}

/// An agent parks her other party; gives the slot.
///
/// # Errors
/// When the switch refuses.
pub fn park(rpc: SocketAddr, call: &str, agent: &str) -> anyhow::Result<u32> {
    let request = control::ParkCallRequest { call: call.to_owned(), agent: agent.to_owned(), slot: None };
    runtime()?.block_on(async {
        let mut client = PeopleControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.park_call(request).await?.into_inner().slot)
    })
}

/// One event with its key.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivered {
    /// Epoch of the journal.
    pub epoch: u64,
    /// Number within the epoch.
    pub number: u64,
    /// The event as the journal prints it; `{"kind":"omitted"}` for numbers that are gone.
    pub event: Value,
}

/// A subscriber that collects; dropping it breaks the connection without a word.
#[derive(Debug)]
pub struct Subscriber {
    name: String,
    rpc: SocketAddr,
    runtime: Runtime,
    stream: Receiver<anyhow::Result<Delivered>>,
    delivered: Vec<Delivered>,
}

impl Subscriber {
    /// Subscribes; `after` is the last event it has, or nothing to go on after its last acknowledgement.
    ///
    /// # Errors
    /// When the switch refuses.
    pub fn start(rpc: SocketAddr, name: &str, after: Option<&Delivered>) -> anyhow::Result<Self> {
        let runtime = runtime()?;
        let request = SubscribeRequest {
            subscriber: name.into(),
            after: after.map(|last| Position { epoch: last.epoch, number: last.number }),
        };
        let mut messages = runtime.block_on(async {
            let mut client = SwitchEventsClient::connect(format!("http://{rpc}")).await?;
            anyhow::Ok(client.subscribe(request).await?.into_inner())
        })?;
        let (sender, stream) = channel();
        runtime.spawn(async move {
            while let Ok(Some(message)) = messages.message().await {
                if sender.send(read(message)).is_err() {
                    return;
                }
            }
        });
        Ok(Self { name: name.into(), rpc, runtime, stream, delivered: Vec::new() })
    }

    /// Waits until an event came that `wanted` accepts; gives it.
    ///
    /// # Errors
    /// When it does not come in time.
    pub fn wait_for(
        &mut self,
        what: &str,
        within: Duration,
        wanted: impl Fn(&Value) -> bool,
    ) -> anyhow::Result<Delivered> {
        let found = wait::until(what, within, || {
            while let Ok(message) = self.stream.try_recv() {
                self.delivered.push(message?);
            }
            Ok(self.delivered.iter().find(|item| wanted(&item.event)).cloned())
        });
        found.with_context(|| format!("{} events were delivered", self.delivered.len()))
    }

    /// Everything that came so far, in order.
    #[must_use]
    pub fn delivered(&self) -> &[Delivered] {
        &self.delivered
    }

    /// Says that everything up to this one is safe.
    ///
    /// # Errors
    /// When the switch refuses.
    pub fn acknowledge(&self, last: &Delivered) -> anyhow::Result<()> {
        let request =
            AcknowledgeRequest { subscriber: self.name.clone(), epoch: last.epoch, number: last.number };
        self.runtime.block_on(async {
            let mut client = SwitchEventsClient::connect(format!("http://{}", self.rpc)).await?;
            client.acknowledge(request).await?;
            Ok(())
        })
    }
}

/// A whole recording, through `recordings/v1` only.
///
/// # Errors
/// When the switch refuses or the stream breaks.
pub fn read_recording(rpc: SocketAddr, recording: &str) -> anyhow::Result<Vec<u8>> {
    let request = ReadRequest { recording: recording.into(), offset: 0, length: 0 };
    runtime()?.block_on(async {
        let mut client = RecordingsClient::connect(format!("http://{rpc}")).await?;
        let mut chunks = client.read(request).await?.into_inner();
        let mut bytes = Vec::new();
        while let Some(chunk) = chunks.message().await? {
            bytes.extend_from_slice(&chunk.chunk);
        }
        Ok(bytes)
    })
}

fn runtime() -> anyhow::Result<Runtime> {
    tokio::runtime::Builder::new_multi_thread()
        .worker_threads(1)
        .enable_all()
        .build()
        .context("Failed to start a runtime")
}

fn read(message: Numbered) -> anyhow::Result<Delivered> {
    let received = Received::try_from(message)?;
    let event = match received.fact {
        Fact::Event(event) => serde_json::to_value(event)?,
        Fact::Omitted(count) => serde_json::json!({ "kind": "omitted", "count": count }),
    };
    Ok(Delivered { epoch: received.epoch, number: received.number, event })
}

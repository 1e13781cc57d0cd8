//! The switch as the desk sees it: a subscriber of its events, and a reader of its recordings.

mod people;

pub use people::{add_party, change_watch, leave, park, watch};

use anyhow::Context;
use careline_rpc::proto::recordings::v1::ReadRequest;
use careline_rpc::proto::recordings::v1::recordings_client::RecordingsClient;
use careline_rpc::proto::switch_control::v1::campaign_control_client::CampaignControlClient;
use careline_rpc::proto::switch_control::v1::switch_control_client::SwitchControlClient;
use careline_rpc::proto::switch_control::v1::{
    AddTasksRequest, DialRequest, PauseRecordingRequest, ResumeRecordingRequest, Task, TaskNumber,
    TaskTakenKind,
};
use careline_rpc::proto::switch_events::v1::NumberRelation;
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

/// Gives a task to a campaign.
///
/// # Errors
/// When the switch does not take it.
pub fn give_task(rpc: SocketAddr, campaign: &str, id: &str, numbers: &[&str]) -> anyhow::Result<()> {
    let number =
        |number: &&str| TaskNumber { number: (*number).to_owned(), relation: NumberRelation::Patient.into() };
    let numbers = numbers.iter().map(number).collect();
    let task = Task { id: id.to_owned(), person: format!("person of {id}"), numbers, ..Task::default() };
    let request = AddTasksRequest { campaign: campaign.to_owned(), tasks: vec![task] };
    runtime()?.block_on(async {
        let mut client = CampaignControlClient::connect(format!("http://{rpc}")).await?;
        let taken = client.add_tasks(request).await?.into_inner().taken;
        let added = taken.first().is_some_and(|taken| taken.kind() == TaskTakenKind::Added);
        anyhow::ensure!(added, "the task was not taken: {taken:?}");
        Ok(())
    })
}

/// Clicks on a number for an agent; gives the call.
///
/// # Errors
/// When the switch refuses.
pub fn click_to_dial(rpc: SocketAddr, agent: &str, number: &str) -> anyhow::Result<String> {
    let request = DialRequest { agent: agent.to_owned(), number: number.to_owned() };
    runtime()?.block_on(async {
        let mut client = CampaignControlClient::connect(format!("http://{rpc}")).await?;
        Ok(client.dial(request).await?.into_inner().call)
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

/// Publishes files of the configuration, by name and text; gives the version that holds then.
///
/// # Errors
/// When the switch refuses; the error has its words.
pub fn publish(rpc: SocketAddr, files: &[(&str, &str)]) -> anyhow::Result<u64> {
    use careline_rpc::proto::switch_admin::v1 as admin;
    let file = |(name, text): &(&str, &str)| admin::ConfigurationFile {
        name: (*name).to_owned(),
        text: (*text).to_owned(),
    };
    let files = admin::ConfigurationFiles { files: files.iter().map(file).collect(), whole: false };
    let request = admin::PublishConfigurationRequest {
        what: Some(admin::publish_configuration_request::What::Files(files)),
        base_version: 0,
        by: "story".to_owned(),
        comment: String::new(),
    };
    runtime()?.block_on(async {
        let address = format!("http://{rpc}");
        let mut client =
            admin::switch_configuration_client::SwitchConfigurationClient::connect(address).await?;
        let answer = client.publish_configuration(request).await;
        let answer = answer.map_err(|status| anyhow::anyhow!("{}", status.message()))?.into_inner();
        Ok(answer.version.map_or(0, |version| version.version))
    })
}

/// The file of the configuration that holds, with its passwords as they are.
///
/// # Errors
/// When the switch refuses, or has no such file.
pub fn configuration(rpc: SocketAddr, name: &str) -> anyhow::Result<String> {
    use careline_rpc::proto::switch_admin::v1 as admin;
    runtime()?.block_on(async {
        let address = format!("http://{rpc}");
        let mut client =
            admin::switch_configuration_client::SwitchConfigurationClient::connect(address).await?;
        let request = admin::GetConfigurationRequest { which: None, with_secrets: true };
        let files = client.get_configuration(request).await?.into_inner().files;
        let found = files.into_iter().find(|file| file.name == name);
        Ok(found.with_context(|| format!("no {name}"))?.text)
    })
}

/// What the switch counted of its queues today: queue, offered, answered.
///
/// # Errors
/// When the switch refuses.
pub fn board(rpc: SocketAddr) -> anyhow::Result<Vec<(String, u32, u32)>> {
    use careline_rpc::proto::switch_statistics::v1 as statistics;
    runtime()?.block_on(async {
        let address = format!("http://{rpc}");
        let mut client =
            statistics::switch_statistics_client::SwitchStatisticsClient::connect(address).await?;
        let board = client.board(statistics::BoardRequest {}).await?.into_inner();
        Ok(board.queues.into_iter().map(|row| (row.queue, row.offered, row.answered)).collect())
    })
}

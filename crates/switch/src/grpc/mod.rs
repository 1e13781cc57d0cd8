//! What the switch offers over gRPC: events, control and recordings.
//!
//! What it is not: it decides nothing about calls. Control becomes a [`ControlRequest`] that the driver answers between
//! two wake-ups; a slow or dead peer costs its own stream and nothing else.
//!
//! Plain text is for the loopback only; [`serve`] refuses any other address.

mod admin;
mod callbacks;
mod campaigns;
mod configuration;
mod control;
mod events;
mod people;
mod recordings;
mod statistics;
mod store;
mod supervisor;
#[cfg(test)]
mod tests;
mod trunks;

use crate::configuration::Configuration;
use crate::journal::Journal;
use crate::metrics::Figures;
use crate::statistics::Counted;
use crate::trace::Trace;
use anyhow::{Context, bail};
use careline_callcentre::{CallbackOrder, CampaignOrder, CampaignReply, Order};
use careline_media::archive::Library;
use careline_model::callback::CallbackView;
use careline_model::config::Plan;
use careline_model::event::{AgentIntent, EventBody};
use careline_model::hours::Outlook;
use careline_model::quality::LegReading;
use careline_model::screening::{ListEntry, ListKind};
use careline_model::snapshot::Snapshot;
use careline_model::{AgentId, CallId, CallbackId};
use careline_rpc::proto::recordings::v1::recordings_server::RecordingsServer;
use careline_rpc::proto::switch_admin::v1::switch_admin_server::SwitchAdminServer;
use careline_rpc::proto::switch_admin::v1::switch_configuration_server::SwitchConfigurationServer;
use careline_rpc::proto::switch_control::v1::callback_control_server::CallbackControlServer;
use careline_rpc::proto::switch_control::v1::campaign_control_server::CampaignControlServer;
use careline_rpc::proto::switch_control::v1::people_control_server::PeopleControlServer;
use careline_rpc::proto::switch_control::v1::supervisor_control_server::SupervisorControlServer;
use careline_rpc::proto::switch_control::v1::switch_control_server::SwitchControlServer;
use careline_rpc::proto::switch_events::v1::switch_events_server::SwitchEventsServer;
use careline_rpc::proto::switch_statistics::v1::switch_statistics_server::SwitchStatisticsServer;
use careline_switchboard::guard::Ban;
use careline_switchboard::{AgentOrder, PeopleAnswer, PeopleOrder, TrunkStatus};
use std::net::IpAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, oneshot, watch};
use tonic::transport::Server;
use tonic::transport::server::TcpIncoming;

pub use campaigns::CampaignQuestion;
pub(crate) use control::ask;

/// The WAV file of a recording, decoded from the archive when it lies there. Waits for the disk.
pub(crate) fn recording_file(recording: &str, options: &RecordingsOptions) -> anyhow::Result<PathBuf> {
    Ok(store::RecordingName::parse(recording)?.wav(options)?)
}

/// A silent connection is asked for a sign of life this often...
const KEEPALIVE_EVERY: Duration = Duration::from_secs(30);
/// ...and closed when none comes for so long.
const KEEPALIVE_WAIT: Duration = Duration::from_secs(10);
/// Calls and streams at once on one connection; more wait at the peer.
const STREAMS_PER_CONNECTION_MAX: u32 = 64;
/// Bytes of a message that carries a configuration: more than its files may have.
const MESSAGE_BYTES_MAX: usize = 8 * 1024 * 1024;

/// What is asked of the driver. Who asks may be gone when the answer comes.
#[derive(Debug)]
pub enum ControlRequest {
    /// All that is true now.
    Snapshot(oneshot::Sender<SnapshotReply>),
    /// Make an agent ready or not ready.
    SetAgent {
        /// Which agent.
        agent: AgentId,
        /// What the agent shall want.
        intent: AgentIntent,
        /// Done, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Carry out an order about an agent's work.
    Agent {
        /// What.
        order: AgentOrder,
        /// Done, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Carry out an order about a conversation.
    People {
        /// What.
        order: PeopleOrder,
        /// What came of it, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<PeopleAnswer, String>>,
    },
    /// The bans in force, and how many messages of banned addresses were not looked at.
    Bans(oneshot::Sender<(Vec<Ban>, u64)>),
    /// Hear an address again.
    LiftBan {
        /// Whom.
        source: IpAddr,
        /// Whether it was banned.
        reply: oneshot::Sender<bool>,
    },
    /// Let the recording of a call rest.
    PauseRecording {
        /// Which call.
        call: CallId,
        /// Why.
        reason: String,
        /// Done, or a sentence that says why not.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// Let it go on.
    ResumeRecording {
        /// Which call.
        call: CallId,
        /// Done, or a sentence that says why not.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// All figures of the metrics page.
    Metrics(oneshot::Sender<Box<Figures>>),
    /// How the legs sound that are up.
    Quality(oneshot::Sender<Vec<LegReading>>),
    /// How the trunks are.
    Trunks(oneshot::Sender<Vec<TrunkStatus>>),
    /// Do what somebody decided above the configuration.
    Order {
        /// What.
        order: Box<Order>,
        /// Who decided.
        by: String,
        /// Done, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// What happens at a moment with a profile of opening hours.
    PreviewHours {
        /// The profile.
        hours: String,
        /// The moment, UTC microseconds; now when absent.
        at_us: Option<i64>,
        /// What happens, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<Outlook, String>>,
    },
    /// The entries of a caller list.
    ListEntries {
        /// Which list.
        list: ListKind,
        /// Those that count now.
        reply: oneshot::Sender<Vec<ListEntry>>,
    },
    /// Promise a callback.
    RequestCallback {
        /// Which.
        order: Box<CallbackOrder>,
        /// The callback that holds, and whether it is open; or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<(CallbackId, bool), String>>,
    },
    /// Take a callback back.
    CancelCallback {
        /// Which.
        callback: CallbackId,
        /// Who does.
        by: String,
        /// Done, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<(), String>>,
    },
    /// The callbacks that are open.
    Callbacks(oneshot::Sender<Vec<CallbackView>>),
    /// Work by another plan, which was checked and is on the disk.
    Replan {
        /// The plan.
        plan: Arc<Plan>,
        /// What is told of it.
        told: Option<EventBody>,
        /// Who decided.
        by: String,
        /// Done.
        reply: oneshot::Sender<()>,
    },
    /// Do what is ordered about campaigns.
    Campaign {
        /// What.
        order: Box<CampaignOrder>,
        /// What came of it, or a sentence that says what is allowed.
        reply: oneshot::Sender<Result<CampaignReply, String>>,
    },
    /// Say how campaigns stand.
    AskCampaigns(CampaignQuestion),
    /// End a call on all its legs.
    HangUp {
        /// Which call.
        call: CallId,
        /// Done, or a sentence that says why not.
        reply: oneshot::Sender<Result<(), String>>,
    },
}

/// A snapshot and the event it is true at.
#[derive(Debug, Clone, PartialEq)]
pub struct SnapshotReply {
    /// Epoch of the journal.
    pub epoch: u64,
    /// Number of the last event that is contained.
    pub number: u64,
    /// What is true.
    pub snapshot: Snapshot,
}

/// Where recordings are.
#[derive(Debug, Clone)]
pub struct RecordingsOptions {
    /// The folder above year/month/day.
    pub directory: PathBuf,
    /// The zone whose days name the folders.
    pub timezone: jiff::tz::TimeZone,
    /// Where they are now, and who holds them.
    pub library: Arc<Library>,
}

/// What is served beside the journal and the driver.
#[derive(Debug)]
pub struct Services {
    /// Where recordings are.
    pub recordings: RecordingsOptions,
    /// The messages that are kept, if any are.
    pub trace: Option<Trace>,
    /// The versions of the configuration; nothing for a switch that was given a plan and no files.
    pub configuration: Option<Arc<Configuration>>,
    /// What is counted of the events.
    pub statistics: Option<Counted>,
}

/// Serves until `shutdown` is ready; streams that are open then end with UNAVAILABLE.
///
/// # Errors
/// When the listener is not on the loopback, or cannot be served.
pub async fn serve(
    listener: TcpListener,
    journal: Journal,
    control: mpsc::Sender<ControlRequest>,
    services: Services,
    shutdown: impl Future<Output = ()> + Send + 'static,
) -> anyhow::Result<()> {
    let address = listener.local_addr().context("the gRPC listener has no address")?;
    if !address.ip().is_loopback() {
        bail!(
            "gRPC on {address} would be readable for everybody on the way: plain text is for 127.0.0.1 and [::1] only, \
             and mutual TLS is not built yet. Listen on the loopback, and tunnel if the desk is on another host"
        );
    }
    let switch_id = journal.switch_id().to_owned();
    let Services { recordings, trace, configuration, statistics } = services;
    let configured = configuration.map(|all| {
        SwitchConfigurationServer::new(configuration::Configured::new(
            all,
            control.clone(),
            statistics.clone(),
        ))
        .max_decoding_message_size(MESSAGE_BYTES_MAX)
        .max_encoding_message_size(MESSAGE_BYTES_MAX)
    });
    let (ending, ended) = watch::channel(false);
    let server = Server::builder()
        .http2_keepalive_interval(Some(KEEPALIVE_EVERY))
        .http2_keepalive_timeout(Some(KEEPALIVE_WAIT))
        .max_concurrent_streams(Some(STREAMS_PER_CONNECTION_MAX))
        .add_service(SwitchEventsServer::new(events::Events::new(journal, ended)))
        .add_service(SwitchControlServer::new(control::Control::new(switch_id, control.clone())))
        .add_service(RecordingsServer::new(recordings::Recordings::new(recordings)))
        .add_service(CallbackControlServer::new(callbacks::Callbacks::new(control.clone())))
        .add_service(PeopleControlServer::new(people::People::new(control.clone())))
        .add_service(SupervisorControlServer::new(supervisor::Supervisor::new(control.clone())))
        .add_service(CampaignControlServer::new(campaigns::Campaigns::new(control.clone())))
        .add_service(SwitchAdminServer::new(admin::Admin::new(trace, control)))
        .add_optional_service(configured)
        .add_optional_service(
            statistics.map(|counted| SwitchStatisticsServer::new(statistics::Statistics(counted))),
        )
        .serve_with_incoming_shutdown(TcpIncoming::from(listener).with_nodelay(Some(true)), async move {
            shutdown.await;
            // Nobody may be listening any more; then there is nothing to end.
            let _ = ending.send(true);
        });
    server.await.context("gRPC could not be served")
}

//! The configuration of the switch: text to types, types to a plan in which every reference holds.
//!
//! ```text
//! switch.toml --parse------> SwitchConfig \
//!                                          check --> Plan (immutable tables, shared by everything that decides)
//! flows/*.toml --parse_flow-> FlowConfig  /
//! ```
//!
//! Nothing here opens a file: the switch reads the texts, the password files and the list of prompts. Every error
//! says where it stands, which key it is about and what would be allowed.

mod agents;
mod agents_check;
mod audio;
mod callback;
mod callback_check;
mod changes;
mod check;
mod dial;
mod dial_check;
mod directory_check;
mod error;
mod flow;
mod flow_check;
mod flow_value;
mod guard;
mod hours;
mod hours_check;
mod machine;
mod mailbox;
mod mailbox_check;
mod metrics;
mod network;
mod network_check;
mod outbound;
mod outbound_check;
mod overflow_check;
mod people;
pub mod plan;
mod prompts_check;
mod queue;
mod queue_check;
mod recording;
mod screening;
mod screening_check;
mod secret;
mod switch;
mod trace;
mod trunk;
mod trunk_check;
mod trunk_profile;
mod trunk_tones;
mod wait;
mod wait_check;
mod warnings;

pub use agents::{DispositionConfig, LimitsConfig, NotReadyCodeConfig};
pub use audio::PhonesConfig;
pub use callback::{CallbackConfig, CallbackNumbersConfig, SurveyConfig};
pub use changes::{DiffLine, changes, diff};
pub use check::check;
pub use dial::{ClassConfig, MemberConfig, RouteConfig, TrunkGroupConfig};
pub use error::ConfigError;
pub use flow::{FlowConfig, NodeConfig, VariableConfig, parse_flow};
pub use flow_value::Written;
pub use guard::{DigestPolicy, Guard, GuardConfig};
pub use hours::{CalendarConfig, HoursConfig, SpecialConfig};
pub use machine::{MACHINE, centre_part, without_machine};
pub use mailbox::{MailboxConfig, VoicemailConfig};
pub use metrics::MetricsConfig;
pub use network::{ListenerConfig, NetworkConfig, TlsConfig, WsConfig};
pub use outbound::{CampaignConfig, OutboundConfig, ResultCodeConfig, RetryConfig};
pub use people::{ConferenceConfig, HoldConfig, ParkConfig, SupervisionConfig};
pub use plan::Plan;
pub use queue::{QueueConfig, SeatConfig, StepConfig, StickyConfig};
pub use recording::{ArchiveConfig, RecordingConfig};
pub use screening::{CallerRateConfig, CapConfig, EmergencyConfig, ListEntryConfig};
pub use secret::Secret;
pub use switch::{
    AgentConfig, DirectoryConfig, FlowsConfig, JournalConfig, LineConfig, MediaConfig, PromptsConfig,
    RonaConfig, RpcConfig, SipConfig, SwitchConfig, parse,
};
pub use trace::TraceConfig;
pub use trunk::{NumberRuleConfig, RegisterConfig, TrunkConfig};
pub use wait::{
    AgentNumberConfig, ClosingConfig, ComfortConfig, EmptyConfig, OverflowConfig, PositionConfig, WaitConfig,
    WhisperConfig,
};

/// The reason code that the switch itself sets after missed offers; always known, never configured.
pub const RONA_CODE: &str = "rona";

/// The reason code of an agent whose phone was lost for too long; as [`RONA_CODE`].
pub const DEVICE_LOST_CODE: &str = "device_lost";

/// The disposition of a call about which the agent said nothing in time; never configured.
pub const TIMEOUT_DISPOSITION: &str = "timeout";

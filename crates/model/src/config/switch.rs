//! `switch.toml` as it is written: one struct per table, every key with its default.

use super::agents::{DispositionConfig, LimitsConfig, NotReadyCodeConfig};
use super::audio::PhonesConfig;
use super::dial::{ClassConfig, RouteConfig, TrunkGroupConfig};
use super::error::{ConfigError, SourceText};
use super::guard::GuardConfig;
use super::hours::{CalendarConfig, HoursConfig};
use super::mailbox::{MailboxConfig, VoicemailConfig};
use super::metrics::MetricsConfig;
use super::network::{ListenerConfig, NetworkConfig, TlsConfig, WsConfig};
use super::outbound::{CampaignConfig, OutboundConfig};
use super::people::{ConferenceConfig, HoldConfig, ParkConfig, SupervisionConfig};
use super::queue::{QueueConfig, SeatConfig};
use super::recording::RecordingConfig;
use super::screening::{CallerRateConfig, CapConfig, EmergencyConfig, ListEntryConfig};
use super::secret::Secret;
use super::trace::TraceConfig;
use super::trunk::TrunkConfig;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;

/// A value that nobody wrote: its place is the start of the file.
pub(super) fn unwritten<T>(value: T) -> Spanned<T> {
    Spanned::new(0..0, value)
}

fn all_unwritten(values: &[&str]) -> Vec<Spanned<String>> {
    values.iter().map(|value| unwritten((*value).to_owned())).collect()
}

/// Reads `switch.toml`.
///
/// # Errors
/// The first unknown key, missing key, value of a wrong type or mistake of syntax.
pub fn parse(text: &str, file_name: &str) -> Result<SwitchConfig, ConfigError> {
    let source = SourceText::new(file_name, text);
    let mut config: SwitchConfig = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    config.source = source;
    Ok(config)
}

/// The whole file. Values are as written; [`super::check`] makes them mean something.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SwitchConfig {
    #[serde(skip)]
    pub(super) source: SourceText,
    /// The text of the machine's tables, when it is another one.
    #[serde(skip)]
    pub(super) machine_source: Option<SourceText>,
    /// Passwords read from files, by the path written in the file.
    #[serde(skip)]
    pub(super) passwords: BTreeMap<String, Secret>,
    /// First part of every event's key.
    pub switch_id: Spanned<String>,
    /// Zone of every day and hour.
    pub timezone: Spanned<String>,
    /// Country code without plus, for numbers written without one.
    pub country_code: Spanned<String>,
    /// Area code, for local numbers written without one.
    pub area_code: Option<Spanned<String>>,
    /// Phones that dial this number hear themselves.
    pub echo_number: Spanned<String>,
    /// Time of day, `HH:MM`, at which agents' counts of calls and talk begin anew.
    pub counts_begin: Spanned<String>,
    /// `[sip]`
    pub sip: SipConfig,
    /// `[[network]]`
    pub network: Vec<NetworkConfig>,
    /// `[[listener]]`
    pub listener: Vec<ListenerConfig>,
    /// `[tls]`
    pub tls: Option<TlsConfig>,
    /// `[ws]`
    pub ws: WsConfig,
    /// `[media]`
    pub media: MediaConfig,
    /// `[recording]`
    pub recording: RecordingConfig,
    /// `[journal]`
    pub journal: JournalConfig,
    /// `[trace]`
    pub trace: TraceConfig,
    /// `[rpc]`
    pub rpc: RpcConfig,
    /// `[metrics]`
    pub metrics: MetricsConfig,
    /// `[directory]`; absent when nobody is to be asked about callers.
    pub directory: Option<DirectoryConfig>,
    /// `[prompts]`
    pub prompts: PromptsConfig,
    /// `[flows]`
    pub flows: FlowsConfig,
    /// `[guard]`
    pub guard: GuardConfig,
    /// `[rona]`
    pub rona: RonaConfig,
    /// `[[trunk]]`
    pub trunk: Vec<TrunkConfig>,
    /// `[[trunk_group]]`
    pub trunk_group: Vec<TrunkGroupConfig>,
    /// `[[route]]`
    pub route: Vec<RouteConfig>,
    /// `[[class]]`
    pub class: Vec<ClassConfig>,
    /// `[[calendar]]`
    pub calendar: Vec<CalendarConfig>,
    /// `[[hours]]`
    pub hours: Vec<HoursConfig>,
    /// `[[queue]]`
    pub queue: Vec<QueueConfig>,
    /// `[voicemail]`
    pub voicemail: VoicemailConfig,
    /// `[[mailbox]]`
    pub mailbox: Vec<MailboxConfig>,
    /// `[[line]]`
    pub line: Vec<LineConfig>,
    /// `[[caller_list]]`
    pub caller_list: Vec<ListEntryConfig>,
    /// `[caller_rate]`
    pub caller_rate: CallerRateConfig,
    /// `[emergency]`; absent when the house has no emergency mode.
    pub emergency: Option<EmergencyConfig>,
    /// `[phones]`
    pub phones: PhonesConfig,
    /// `[[agent]]`
    pub agent: Vec<AgentConfig>,
    /// `[[not_ready_code]]`
    pub not_ready_code: Vec<NotReadyCodeConfig>,
    /// `[[disposition]]`
    pub disposition: Vec<DispositionConfig>,
    /// `[limits]`
    pub limits: LimitsConfig,
    /// `[supervision]`
    pub supervision: SupervisionConfig,
    /// `[hold]`
    pub hold: HoldConfig,
    /// `[conference]`
    pub conference: ConferenceConfig,
    /// `[park]`; absent when calls are not parked.
    pub park: Option<ParkConfig>,
    /// `[outbound]`
    pub outbound: OutboundConfig,
    /// `[[campaign]]`
    pub campaign: Vec<CampaignConfig>,
}

impl SwitchConfig {
    /// The paths of all `password_file` keys, as written.
    pub fn password_files(&self) -> impl Iterator<Item = &str> {
        let agents = self.agent.iter().map(|agent| agent.password_file.as_ref());
        let registers = self.trunk.iter().filter_map(|trunk| trunk.register.as_ref());
        let trunks = registers.map(|register| register.password_file.as_ref());
        let pins = self.agent.iter().map(|agent| agent.pin_file.as_ref());
        agents.chain(trunks).chain(pins).flatten().map(|path| path.get_ref().as_str())
    }

    /// Gives the text of a password file that the switch has read; white space around it is dropped.
    pub fn give_password(&mut self, path: &str, text: &str) {
        self.passwords.insert(path.to_owned(), Secret::new(text.trim()));
    }
}

impl Default for SwitchConfig {
    fn default() -> Self {
        Self {
            source: SourceText::default(),
            machine_source: None,
            passwords: BTreeMap::new(),
            switch_id: unwritten("switch-1".into()),
            timezone: unwritten("Asia/Shanghai".into()),
            country_code: unwritten("86".into()),
            area_code: None,
            echo_number: unwritten("9196".into()),
            counts_begin: unwritten("04:00".into()),
            sip: SipConfig::default(),
            network: Vec::new(),
            listener: Vec::new(),
            tls: None,
            ws: WsConfig::default(),
            media: MediaConfig::default(),
            recording: RecordingConfig::default(),
            journal: JournalConfig::default(),
            trace: TraceConfig::default(),
            rpc: RpcConfig::default(),
            metrics: MetricsConfig::default(),
            directory: None,
            prompts: PromptsConfig::default(),
            flows: FlowsConfig::default(),
            guard: GuardConfig::default(),
            rona: RonaConfig::default(),
            trunk: Vec::new(),
            trunk_group: Vec::new(),
            route: Vec::new(),
            class: Vec::new(),
            calendar: Vec::new(),
            hours: Vec::new(),
            queue: Vec::new(),
            voicemail: VoicemailConfig::default(),
            mailbox: Vec::new(),
            line: Vec::new(),
            caller_list: Vec::new(),
            caller_rate: CallerRateConfig::default(),
            emergency: None,
            phones: PhonesConfig::default(),
            agent: Vec::new(),
            not_ready_code: Vec::new(),
            disposition: Vec::new(),
            limits: LimitsConfig::default(),
            supervision: SupervisionConfig::default(),
            hold: HoldConfig::default(),
            conference: ConferenceConfig::default(),
            park: None,
            outbound: OutboundConfig::default(),
            campaign: Vec::new(),
        }
    }
}

/// `[sip]`: where the switch listens and what it admits.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SipConfig {
    /// UDP listen addresses, `ip:port`: short for listeners of network `default`. Unwritten beside `[[listener]]` it
    /// means none.
    pub udp: Vec<Spanned<String>>,
    /// TCP listen addresses, `ip:port`; as `udp`.
    pub tcp: Vec<Spanned<String>>,
    /// Digest realm.
    pub realm: Spanned<String>,
    /// Address written into Contact and Via when it is not the listen address (behind NAT).
    pub advertise: Option<Spanned<String>>,
    /// OPTIONS answered to strangers, per second.
    pub options_per_second: Spanned<u32>,
    /// Calls at the same time; the next is refused with 503.
    pub calls_max: Spanned<u32>,
    /// Phones of one agent that may be registered at the same time.
    pub phones_per_agent_max: Spanned<u32>,
    /// Calls of one agent at the same time; the next that she dials is refused with 486.
    pub calls_per_agent_max: Spanned<u32>,
}

impl Default for SipConfig {
    fn default() -> Self {
        Self {
            udp: all_unwritten(&["127.0.0.1:5060"]),
            tcp: all_unwritten(&["127.0.0.1:5060"]),
            realm: unwritten("careline".into()),
            advertise: None,
            options_per_second: unwritten(50),
            calls_max: unwritten(500),
            phones_per_agent_max: unwritten(10),
            calls_per_agent_max: unwritten(4),
        }
    }
}

/// `[media]`: RTP.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct MediaConfig {
    /// Address that RTP sockets bind to.
    pub address: Spanned<String>,
    /// Address written into SDP; the bind address when absent.
    pub advertise: Option<Spanned<String>>,
    /// First RTP port.
    pub port_min: Spanned<u16>,
    /// Last RTP port.
    pub port_max: Spanned<u16>,
    /// Media threads; 0 means one per processor core.
    pub threads: Spanned<u16>,
    /// Coalescing tick when busy, in microseconds.
    pub tick_us: Spanned<u32>,
    /// A leg without packets for this long is over, in seconds.
    pub media_timeout_s: Spanned<u32>,
    /// Whose media are listened to: `signalled` or `any`.
    pub latch: Spanned<String>,
    /// Media threads ask for real-time priority.
    pub realtime: bool,
    /// Processors of the media threads; empty: any.
    pub processors: Spanned<Vec<u16>>,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            address: unwritten("127.0.0.1".into()),
            advertise: None,
            port_min: unwritten(20_000),
            port_max: unwritten(29_999),
            threads: unwritten(1),
            tick_us: unwritten(2_000),
            media_timeout_s: unwritten(30),
            latch: unwritten("signalled".into()),
            realtime: false,
            processors: unwritten(Vec::new()),
        }
    }
}

/// `[journal]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JournalConfig {
    /// The SQLite file of the event journal.
    pub file: Spanned<String>,
    /// Its largest size, in MiB; diagnostic events go first.
    pub limit_mb: Spanned<u64>,
    /// Acknowledged events are kept so many days.
    pub keep_days: Spanned<u64>,
}

impl Default for JournalConfig {
    fn default() -> Self {
        Self {
            file: unwritten("../recordings/journal.db".into()),
            limit_mb: unwritten(4096),
            keep_days: unwritten(7),
        }
    }
}

/// `[rpc]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RpcConfig {
    /// gRPC listen address, `ip:port`; loopback only, because it is not encrypted.
    pub listen: Spanned<String>,
}

impl Default for RpcConfig {
    fn default() -> Self {
        Self { listen: unwritten("127.0.0.1:7060".into()) }
    }
}

/// `[directory]`: who may be asked about callers.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DirectoryConfig {
    /// The desk's gRPC address, `http://ip:port`; loopback only, because it is not encrypted.
    pub address: Spanned<String>,
    /// An answer that takes longer is not used, in milliseconds.
    #[serde(default = "budget_ms")]
    pub budget_ms: Spanned<u32>,
}

fn budget_ms() -> Spanned<u32> {
    unwritten(150)
}

/// `[prompts]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PromptsConfig {
    /// Directory with one folder per language.
    pub directory: Spanned<String>,
    /// The folder of calls that have no language of their own.
    pub language: Spanned<String>,
    /// Further folders: languages that a call may have.
    pub others: Vec<Spanned<String>>,
}

impl Default for PromptsConfig {
    fn default() -> Self {
        Self {
            directory: unwritten("prompts".into()),
            language: unwritten("zh-CN".into()),
            others: Vec::new(),
        }
    }
}

/// `[flows]`
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FlowsConfig {
    /// Directory of the flow files.
    pub directory: Spanned<String>,
}

impl Default for FlowsConfig {
    fn default() -> Self {
        Self { directory: unwritten("flows".into()) }
    }
}

/// `[rona]`: what a missed offer costs an agent.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RonaConfig {
    /// Rest after not answering, in seconds.
    pub rest_no_answer_s: Spanned<u32>,
    /// Rest after refusing, in seconds.
    pub rest_rejected_s: Spanned<u32>,
    /// Rest after a busy phone, in seconds.
    pub rest_busy_s: Spanned<u32>,
    /// Rest after a phone that could not be reached, in seconds.
    pub rest_unreachable_s: Spanned<u32>,
    /// Missed offers in a row that make the agent not ready.
    pub rona_max: Spanned<u32>,
    /// The same for unanswered offers alone, counted apart from the others; 0: they do not count.
    pub no_answer_max: Option<Spanned<u32>>,
    /// For refused offers.
    pub rejected_max: Option<Spanned<u32>>,
    /// For offers to a busy phone.
    pub busy_max: Option<Spanned<u32>>,
    /// For offers to a phone that could not be reached.
    pub unreachable_max: Option<Spanned<u32>>,
    /// A lost phone that is back within so many seconds leaves the agent as she was.
    pub device_back_s: Spanned<u32>,
}

impl Default for RonaConfig {
    fn default() -> Self {
        Self {
            rest_no_answer_s: unwritten(10),
            rest_rejected_s: unwritten(10),
            rest_busy_s: unwritten(10),
            rest_unreachable_s: unwritten(5),
            rona_max: unwritten(2),
            no_answer_max: None,
            rejected_max: None,
            busy_max: None,
            unreachable_max: None,
            device_back_s: unwritten(60),
        }
    }
}

/// `[[line]]`: one dialled number.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LineConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// The number as the trunk sends it.
    pub number: Spanned<String>,
    /// Advertising medium the number stands on.
    #[serde(default)]
    pub medium: String,
    /// The flow its callers hear.
    pub flow: Spanned<String>,
    /// The language they hear it in; that of `[prompts]` when absent.
    pub language: Option<Spanned<String>>,
    /// What it does with callers who withhold their number: accept, ask or refuse.
    #[serde(default)]
    pub anonymous: Option<Spanned<String>>,
    /// The flow of ask and refuse.
    #[serde(default)]
    pub anonymous_flow: Option<Spanned<String>>,
    /// Its most calls, waiting or not.
    #[serde(default)]
    pub total_max: Option<CapConfig>,
    /// Its most callers waiting.
    #[serde(default)]
    pub waiting_max: Option<CapConfig>,
}

/// `[[agent]]`
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct AgentConfig {
    /// User part of the phone's address and digest user name.
    pub id: Spanned<String>,
    /// The name on screens.
    pub name: String,
    /// The phone's password.
    #[serde(default)]
    pub password: Option<Secret>,
    /// A file with the phone's password, instead of `password`.
    #[serde(default)]
    pub password_file: Option<Spanned<String>>,
    /// Digits that she types to hear her messages by phone.
    #[serde(default)]
    pub pin: Option<Secret>,
    /// A file with them, instead of `pin`.
    #[serde(default)]
    pub pin_file: Option<Spanned<String>>,
    /// Which digests the phone knows, `any` or `md5`; as `[guard]` says when absent.
    #[serde(default)]
    pub digest: Option<Spanned<String>>,
    /// The queues this agent serves like everybody else.
    #[serde(default)]
    pub queues: Vec<Spanned<String>>,
    /// The queues that this agent serves in another way.
    #[serde(default)]
    pub queue: Vec<SeatConfig>,
    /// What this agent can do: skill to level, 1 (a little) to 10 (nobody better).
    #[serde(default)]
    pub skills: BTreeMap<Spanned<String>, Spanned<u32>>,
    /// SIP address `sip:user@ip:port` of a phone that does not register.
    #[serde(default)]
    pub contact: Option<Spanned<String>>,
    /// Signs in and becomes ready when the phone registers.
    #[serde(default)]
    pub ready_on_register: bool,
    /// Mode of the wrap-up after a call of any queue; that of the queue when neither this nor `wrap_up_s` is written.
    #[serde(default)]
    pub wrap_up_mode: Option<Spanned<String>>,
    /// Wrap-up after a call of any queue, in seconds.
    #[serde(default)]
    pub wrap_up_s: Option<Spanned<u32>>,
    /// Her phone answers by itself; as the queue says when absent.
    #[serde(default)]
    pub auto_answer: Option<bool>,
    /// Who answers her phone has to press 1 before she is joined.
    #[serde(default)]
    pub accept_by_key: bool,
    /// The prompt that asks for it.
    #[serde(default = "accept_prompt")]
    pub accept_prompt: Spanned<String>,
    /// Class of service: what this agent may dial; `standard` when absent.
    #[serde(default)]
    pub class: Option<Spanned<String>>,
    /// Our number that her calls to the outside show; that of the trunk when absent.
    #[serde(default)]
    pub caller_id: Option<Spanned<String>>,
    /// Codecs of the phone; as `[phones]` says when absent.
    #[serde(default)]
    pub codecs: Option<Spanned<Vec<Spanned<String>>>>,
    /// Encryption of its audio; as `[phones]` says when absent.
    #[serde(default)]
    pub srtp: Option<Spanned<String>>,
    /// SRTP suites; as `[phones]` says when absent.
    #[serde(default)]
    pub srtp_suites: Option<Spanned<Vec<Spanned<String>>>>,
    /// Her team.
    #[serde(default)]
    pub team: Option<String>,
    /// The queues whose agents she may listen to; `*` for all agents.
    #[serde(default)]
    pub supervises: Vec<Spanned<String>>,
    /// The teams whose agents she may listen to.
    #[serde(default)]
    pub supervises_teams: Vec<String>,
    /// The most that she may do: `listen`, `whisper`, `barge` or `take_over`; the last when absent.
    #[serde(default)]
    pub supervision: Option<Spanned<String>>,
}

fn accept_prompt() -> Spanned<String> {
    unwritten("accept-call".into())
}

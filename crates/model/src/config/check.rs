//! From what is written to what is meant: every mistake is collected, none stops the search for the next.

use super::Secret;
use super::error::{ConfigError, SourceText};
use super::flow::FlowConfig;
use super::flow_check::{Known, check_flows};
use super::guard::DigestPolicy;
use super::machine::is_machine;
use super::mailbox_check::Owners;
use super::plan::{
    Agent, Audio, Dialling, Journal, Latch, Line, Media, Outbound, People, Plan, Queue, Screening, Sip,
};
use super::switch::{AgentConfig, JournalConfig, MediaConfig, SipConfig, SwitchConfig};
use crate::id::{AgentId, FlowId, LineId, QueueId};
use crate::number::Number;
use jiff::tz::TimeZone;
use serde_spanned::Spanned;
use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::time::Duration;

/// The highest number of a processor that may be named.
const PROCESSOR_MAX: u16 = 1023;
/// Longest id, in characters.
const ID_CHARS_MAX: usize = 64;
/// Digits of a PIN.
const PIN_DIGITS: std::ops::RangeInclusive<usize> = 4..=12;
/// Longest span of any `_s` key: one day.
pub(super) const SECONDS_MAX: u32 = 86_400;

/// Checks everything that was written as a whole. `prompt_exists` answers for the prompt library: `<id>` is a prompt of
/// `[prompts] language`, `<language>/<id>` one of the others.
///
/// # Errors
/// All mistakes of all files, in the order of the files.
pub fn check(
    config: &SwitchConfig,
    flows_written: &[FlowConfig],
    prompt_exists: &dyn Fn(&str) -> bool,
) -> Result<Plan, Vec<ConfigError>> {
    let said = RefCell::new(BTreeSet::new());
    let noted = |prompt: &str| {
        said.borrow_mut().insert(prompt.to_owned());
        prompt_exists(prompt)
    };
    let machine = config.machine_source.as_ref().unwrap_or(&config.source);
    let mut check = Check { source: &config.source, machine, prompt_exists: &noted, errors: Vec::new() };
    let timezone = check.timezone("timezone", &config.timezone);
    let hours = check.hours(&config.calendar, &config.hours, &timezone);
    let (mut queues, queue_order) = check.queues(&config.queue);
    check.overflows(&config.queue, &hours, &mut queues);
    let prompts = check.prompts(&config.prompts);
    let mailbox_ids = config.mailbox.iter().map(|mailbox| mailbox.id.get_ref().as_str()).collect();
    let agent_ids = config.agent.iter().map(|agent| agent.id.get_ref().as_str()).collect();
    let known = Known {
        hours: &hours,
        queues: &queues,
        agents: &agent_ids,
        mailboxes: &mailbox_ids,
        prompts: &prompts,
        prompt_exists: &noted,
    };
    let (flows, flow_warnings) = check_flows(flows_written, &known, &mut check.errors);
    let (country_code, area_code) = check.dialling(config);
    let networks = check.networks(config);
    let (listeners, networks) = check.listeners(config, networks);
    let agents = check.agents(config, &queues);
    let owners = Owners { hours: &hours, queues: &queues, agents: &agents };
    let mailboxes = check.mailboxes(config, &owners);
    let mut plan = Plan {
        switch_id: check.id("switch_id", &config.switch_id).into(),
        timezone,
        country_code,
        area_code,
        echo_number: config.echo_number.get_ref().clone(),
        counts_begin_min: check.minute_of_day("counts_begin", &config.counts_begin),
        sip: check.sip(&config.sip),
        tls: check.tls(config, &listeners),
        ws: check.ws(config, &listeners),
        listeners,
        networks,
        media: check.media(&config.media),
        recording: check.recording(&config.recording),
        journal: check.journal(&config.journal),
        trace: check.trace(&config.trace),
        rpc_listen: check.rpc_listen(&config.rpc.listen),
        metrics_listen: check.metrics(&config.metrics),
        directory: check.directory(config.directory.as_ref()),
        prompts,
        rona: check.rona(config),
        guard: check.guard(&config.guard, &agents),
        agents,
        trunks: BTreeMap::new(),
        dialling: Dialling::default(),
        hours,
        queues,
        queue_order,
        lines: BTreeMap::new(),
        lines_by_number: BTreeMap::new(),
        not_ready_codes: check.not_ready_codes(config),
        dispositions: check.dispositions(config),
        limits: check.limits(&config.limits),
        voicemail: check.voicemail(config),
        mailboxes,
        people: People::default(),
        flows,
        screening: Screening::default(),
        emergency: None,
        outbound: Outbound::default(),
        flow_warnings,
    };
    check.path("flows.directory", &config.flows.directory);
    check.lines(config, &mut plan);
    plan.trunks = check.trunks(config, &plan);
    plan.dialling = check.dialling_plan(config, flows_written, &plan);
    check.callbacks_and_surveys(config, &plan);
    check.who_is_let_in(config, &mut plan);
    check.people(config, &mut plan);
    plan.outbound = check.outbound(config, &plan);
    check.other_languages(config, &said.borrow(), prompt_exists);
    if check.errors.is_empty() { Ok(plan) } else { Err(check.errors) }
}

/// The search for mistakes in `switch.toml`.
pub(super) struct Check<'a> {
    pub(super) source: &'a SourceText,
    /// Where the machine's tables stand.
    machine: &'a SourceText,
    prompt_exists: &'a dyn Fn(&str) -> bool,
    pub(super) errors: Vec<ConfigError>,
}

/// The mistake stands among the errors already.
pub(super) struct Told;

impl Check<'_> {
    pub(super) fn wrong<T>(
        &mut self,
        key: &str,
        at: &Spanned<T>,
        what: impl Into<String>,
        allowed: impl Into<String>,
    ) {
        let source = if is_machine(key) { self.machine } else { self.source };
        self.errors.push(source.error(at.span(), key, what.into(), Some(allowed.into())));
    }

    pub(super) fn id<'v>(&mut self, key: &str, value: &'v Spanned<String>) -> &'v str {
        let text = value.get_ref();
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > ID_CHARS_MAX || !text.chars().all(good) {
            self.wrong(key, value, format!("`{text}` is no id"), "1 to 64 letters, digits, - _ .");
        }
        text
    }

    pub(super) fn unique<'v, I: Ord + From<&'v str>, V>(
        &mut self,
        key: &str,
        id: &'v Spanned<String>,
        taken: &BTreeMap<I, V>,
    ) -> I {
        let made = I::from(self.id(key, id));
        if taken.contains_key(&made) {
            self.wrong(key, id, format!("`{}` is there twice", id.get_ref()), "each id once");
        }
        made
    }

    pub(super) fn at_least(&mut self, key: &str, value: &Spanned<u64>, least: u64) -> u64 {
        if *value.get_ref() < least {
            self.wrong(key, value, format!("{} is too small", value.get_ref()), format!("{least} or more"));
        }
        *value.get_ref()
    }

    pub(super) fn amount(&mut self, key: &str, value: &Spanned<u32>, least: u32, most: u32) -> u32 {
        let amount = *value.get_ref();
        if !(least..=most).contains(&amount) {
            self.wrong(key, value, format!("{amount} is out of range"), format!("{least} to {most}"));
        }
        amount
    }

    /// From 1 to `most`.
    pub(super) fn count(&mut self, key: &str, value: &Spanned<u32>, most: u32) -> usize {
        usize::try_from(self.amount(key, value, 1, most)).unwrap_or(1)
    }

    pub(super) fn seconds(&mut self, key: &str, value: &Spanned<u32>, least: u32) -> Duration {
        Duration::from_secs(u64::from(self.amount(key, value, least, SECONDS_MAX)))
    }

    pub(super) fn path(&mut self, key: &str, value: &Spanned<String>) -> String {
        if value.get_ref().trim().is_empty() {
            self.wrong(key, value, "is empty", "a path");
        }
        value.get_ref().clone()
    }

    pub(super) fn address(&mut self, key: &str, value: &Spanned<String>) -> SocketAddr {
        value.get_ref().parse().unwrap_or_else(|_| {
            self.wrong(
                key,
                value,
                format!("`{}` is no address", value.get_ref()),
                "ip:port, as 127.0.0.1:5060",
            );
            SocketAddr::from((Ipv4Addr::LOCALHOST, 0))
        })
    }

    pub(super) fn ip(&mut self, key: &str, value: &Spanned<String>) -> IpAddr {
        value.get_ref().parse().unwrap_or_else(|_| {
            self.wrong(key, value, format!("`{}` is no IP address", value.get_ref()), "an IP address");
            IpAddr::V4(Ipv4Addr::LOCALHOST)
        })
    }

    pub(super) fn prompt(&mut self, key: &str, value: Option<&Spanned<String>>) -> Option<Arc<str>> {
        let value = value?;
        if !(self.prompt_exists)(value.get_ref()) {
            self.wrong(
                key,
                value,
                format!("prompt `{}` is missing", value.get_ref()),
                "a prompt of the library",
            );
        }
        Some(value.get_ref().as_str().into())
    }

    pub(super) fn timezone(&mut self, key: &str, value: &Spanned<String>) -> TimeZone {
        TimeZone::get(value.get_ref()).unwrap_or_else(|_| {
            let what = format!("`{}` is no zone", value.get_ref());
            self.wrong(key, value, what, "an IANA zone, as Asia/Shanghai");
            TimeZone::UTC
        })
    }

    fn dialling(&mut self, config: &SwitchConfig) -> (String, Option<String>) {
        let codes = [("country_code", Some(&config.country_code)), ("area_code", config.area_code.as_ref())];
        for (key, code) in codes {
            let Some(code) = code else { continue };
            let text = code.get_ref();
            if text.is_empty() || text.len() > 4 || !text.bytes().all(|b| b.is_ascii_digit()) {
                self.wrong(key, code, format!("`{text}` is no code"), "1 to 4 digits");
            }
        }
        (config.country_code.get_ref().clone(), config.area_code.as_ref().map(|code| code.get_ref().clone()))
    }

    fn sip(&mut self, sip: &SipConfig) -> Sip {
        let realm = sip.realm.get_ref();
        if realm.is_empty() || realm.contains('"') {
            self.wrong("sip.realm", &sip.realm, format!("`{realm}` is no realm"), "a text without quotes");
        }
        Sip {
            realm: realm.clone(),
            options_per_second: *sip.options_per_second.get_ref(),
            calls_max: self.count("sip.calls_max", &sip.calls_max, 100_000),
            phones_per_agent_max: self.count("sip.phones_per_agent_max", &sip.phones_per_agent_max, 100),
            calls_per_agent_max: self.count("sip.calls_per_agent_max", &sip.calls_per_agent_max, 1000),
        }
    }

    fn media(&mut self, media: &MediaConfig) -> Media {
        let (port_min, port_max) = (*media.port_min.get_ref(), *media.port_max.get_ref());
        if port_min < 1024 {
            self.wrong("media.port_min", &media.port_min, format!("{port_min} is too small"), "1024 or more");
        }
        // A leg has an even port for RTP and the odd one above for RTCP.
        if port_max <= port_min.saturating_add(port_min % 2) {
            let allowed =
                format!("more than port_min, which is {port_min}, with an even and then an odd port between");
            self.wrong("media.port_max", &media.port_max, format!("{port_max} is too small"), allowed);
        }
        if *media.threads.get_ref() > 256 {
            self.wrong("media.threads", &media.threads, "too many", "0 to 256");
        }
        if let Some(number) = media.processors.get_ref().iter().find(|&&one| one > PROCESSOR_MAX) {
            let what = format!("{number} is no processor");
            self.wrong("media.processors", &media.processors, what, format!("0 to {PROCESSOR_MAX}"));
        }
        let tick = self.amount("media.tick_us", &media.tick_us, 100, 20_000);
        Media {
            port_min,
            port_max,
            threads: *media.threads.get_ref(),
            tick: Duration::from_micros(u64::from(tick)),
            media_timeout: self.seconds("media.media_timeout_s", &media.media_timeout_s, 1),
            latch: self.word("media.latch", Some(&media.latch), Latch::Signalled),
            realtime: media.realtime,
            processors: media.processors.get_ref().clone(),
        }
    }

    fn journal(&mut self, journal: &JournalConfig) -> Journal {
        Journal {
            file: self.path("journal.file", &journal.file),
            limit_mb: self.at_least("journal.limit_mb", &journal.limit_mb, 1),
            keep_days: *journal.keep_days.get_ref(),
        }
    }

    fn rpc_listen(&mut self, value: &Spanned<String>) -> SocketAddr {
        let address = self.address("rpc.listen", value);
        if !address.ip().is_loopback() {
            let what = format!("`{address}` can be reached from outside without encryption");
            self.wrong("rpc.listen", value, what, "a loopback address, as 127.0.0.1:7060");
        }
        address
    }

    fn agents(
        &mut self,
        config: &SwitchConfig,
        queues: &BTreeMap<QueueId, Queue>,
    ) -> BTreeMap<AgentId, Agent> {
        self.known_skills(config);
        let phones = self.audio("phones", &config.phones.audio(), &Audio::of_phones());
        let mut agents = BTreeMap::new();
        for agent in &config.agent {
            let id: AgentId = self.unique("agent.id", &agent.id, &agents);
            let (seats, skills) = (self.seats(agent, queues), self.agent_skills(agent));
            let password = self.password(config, agent);
            let fallback = DigestPolicy::parse(config.guard.digest.get_ref()).unwrap_or(DigestPolicy::Any);
            let digest = self.digest("agent.digest", agent.digest.as_ref(), fallback);
            let contact = agent.contact.as_ref().map(|contact| {
                if !contact.get_ref().starts_with("sip:") {
                    let what = format!("`{}` is no SIP address", contact.get_ref());
                    self.wrong("agent.contact", contact, what, "sip:user@ip:port");
                }
                contact.get_ref().clone()
            });
            let (pin, audio) = (self.pin(config, agent), self.audio("agent", &agent.audio(), &phones));
            let (name, ready_on_register) = (agent.name.clone(), agent.ready_on_register);
            let position = u32::try_from(agents.len()).unwrap_or(u32::MAX);
            let (mode, time) = (agent.wrap_up_mode.as_ref(), agent.wrap_up_s.as_ref());
            let own_wrap_up = mode.is_some() || time.is_some();
            let wrap_up = own_wrap_up.then(|| self.wrap_up("agent", mode, time));
            let accept = agent.accept_by_key.then_some(&agent.accept_prompt);
            let accept = self.prompt("agent.accept_prompt", accept);
            let made = Agent {
                id: id.clone(),
                name,
                password,
                pin,
                digest,
                position,
                seats,
                skills,
                contact,
                ready_on_register,
                wrap_up,
                auto_answer: agent.auto_answer,
                accept,
                audio,
                team: agent.team.as_deref().map(Arc::from),
                supervises: self.supervises(agent, queues),
            };
            agents.insert(id, made);
        }
        agents
    }

    fn password(&mut self, config: &SwitchConfig, agent: &AgentConfig) -> Option<Secret> {
        let written = (agent.password.as_ref(), agent.password_file.as_ref());
        let Ok(secret) = self.secret(config, "agent.password_file", written) else { return None };
        let empty = secret.as_ref().is_none_or(|secret| secret.expose().is_empty());
        if empty && agent.contact.is_none() {
            let what = format!("agent `{}` can neither register nor be reached", agent.id.get_ref());
            self.wrong("agent.password", &agent.id, what, "password, password_file or contact");
        }
        secret
    }

    fn pin(&mut self, config: &SwitchConfig, agent: &AgentConfig) -> Option<Secret> {
        let written = (agent.pin.as_ref(), agent.pin_file.as_ref());
        let pin = self.secret(config, "agent.pin_file", written).ok().flatten()?;
        let digits = pin.expose();
        if !PIN_DIGITS.contains(&digits.len()) || !digits.bytes().all(|digit| digit.is_ascii_digit()) {
            let what = format!("the PIN of agent `{}` is none", agent.id.get_ref());
            self.wrong("agent.pin", &agent.id, what, "4 to 12 digits");
        }
        Some(pin)
    }

    /// The password that is written, or read from a file. `Err` when that is told as a mistake already.
    pub(super) fn secret(
        &mut self,
        config: &SwitchConfig,
        key: &str,
        written: (Option<&Secret>, Option<&Spanned<String>>),
    ) -> Result<Option<Secret>, Told> {
        match written {
            (Some(_), Some(file)) => {
                self.wrong(key, file, "stands beside password", "one of the two");
                Err(Told)
            }
            (Some(secret), None) => Ok(Some(secret.clone())),
            (None, Some(file)) => match config.passwords.get(file.get_ref()) {
                Some(secret) => Ok(Some(secret.clone())),
                None => {
                    let what = format!("`{}` was not read", file.get_ref());
                    self.wrong(key, file, what, "a readable file with the password");
                    Err(Told)
                }
            },
            (None, None) => Ok(None),
        }
    }

    fn lines(&mut self, config: &SwitchConfig, plan: &mut Plan) {
        for line in &config.line {
            let id: LineId = self.unique("line.id", &line.id, &plan.lines);
            let number: Number = plan.number(line.number.get_ref());
            if number.is_withheld() {
                self.wrong("line.number", &line.number, "is empty", "the dialled number");
            }
            if let Some(other) = plan.lines_by_number.insert(number.clone(), id.clone()) {
                let what = format!("line `{other}` has this number too");
                self.wrong("line.number", &line.number, what, "each number once");
            }
            let flow = self.flow("line.flow", &line.flow, plan);
            let flow = flow.unwrap_or_else(|| FlowId::from(line.flow.get_ref().as_str()));
            let line = Line {
                number,
                medium: line.medium.clone(),
                flow,
                language: self.language("line.language", line.language.as_ref(), &plan.prompts),
                anonymous: self.anonymous(line, plan),
                total_max: self.cap("line.total_max", line.total_max.as_ref(), plan),
                waiting_max: self.cap("line.waiting_max", line.waiting_max.as_ref(), plan),
                id: id.clone(),
            };
            plan.lines.insert(id, line);
        }
    }
}

/// The names that would have been right, for an error text.
pub(super) fn listed<T: ToString>(names: impl Iterator<Item = T>) -> String {
    const NAMES_MAX: usize = 30;
    let names: Vec<String> = names.take(NAMES_MAX).map(|name| name.to_string()).collect();
    if names.is_empty() { "none is defined".to_owned() } else { names.join(", ") }
}

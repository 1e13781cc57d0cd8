//! `[guard]`: how much strangers may ask, what is too much at once, and which digest phones answer with.

use super::check::Check;
use super::plan::{Agent, Plan};
use super::switch::unwritten;
use crate::id::AgentId;
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::time::Duration;

/// The rates that make sense, per second.
const RATE_MAX: u32 = 100_000;
/// Names that differ in so many last characters only are challenged alike.
const BLOCK_CHARS: usize = 2;
/// User-Agents that nobody answers a telephone with.
const SCANNERS: &[&str] = &[
    "friendly-scanner",
    "sipvicious",
    "sipcli",
    "sip-scan",
    "sundayddr",
    "iwar",
    "vaxsipuseragent",
    "pplsip",
    "eyebeam-scan",
];

/// Police, fire, ambulance and traffic accidents in China, and what mobile phones of elsewhere dial instead.
const NEVER_SHED: &[&str] = &["110", "112", "119", "120", "122", "999"];

/// `[guard]` as written.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct GuardConfig {
    /// The digest of agents that name none.
    pub digest: Spanned<String>,
    /// New calls a second; the rest is refused with 503. 0 for no limit.
    pub calls_per_second_max: Spanned<u32>,
    /// New calls are refused while messages wait longer than this for the switch, in milliseconds.
    pub lag_max_ms: Spanned<u32>,
    /// INVITE without credentials answered per second and source address.
    pub invites_per_second: Spanned<u32>,
    /// REGISTER without credentials answered per second and source address.
    pub registers_per_second: Spanned<u32>,
    /// Other requests without credentials answered per second and source address.
    pub others_per_second: Spanned<u32>,
    /// Wrong answers to our challenges after which an address is banned.
    pub failures_max: Spanned<u32>,
    /// The time in which they count, in seconds.
    pub failures_within_s: Spanned<u32>,
    /// The first ban of an address, in seconds; each further one is twice as long.
    pub ban_s: Spanned<u32>,
    /// The longest ban, in seconds.
    pub ban_max_s: Spanned<u32>,
    /// Parts of User-Agent that are banned at once, whatever the case.
    pub scanners: Vec<String>,
    /// Dialled numbers whose calls are never refused for overload.
    pub never_shed: Vec<String>,
}

impl Default for GuardConfig {
    fn default() -> Self {
        Self {
            digest: unwritten("any".into()),
            calls_per_second_max: unwritten(0),
            lag_max_ms: unwritten(100),
            invites_per_second: unwritten(50),
            registers_per_second: unwritten(200),
            others_per_second: unwritten(50),
            failures_max: unwritten(10),
            failures_within_s: unwritten(60),
            ban_s: unwritten(300),
            ban_max_s: unwritten(86_400),
            scanners: SCANNERS.iter().map(|one| (*one).to_owned()).collect(),
            never_shed: NEVER_SHED.iter().map(|one| (*one).to_owned()).collect(),
        }
    }
}

/// Which digests a phone knows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum DigestPolicy {
    /// MD5 alone; many phones stumble over any other challenge.
    Md5,
    /// SHA-256 or MD5, as the phone likes.
    Any,
}

impl DigestPolicy {
    /// Reads `md5` or `any`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        match text {
            "md5" => Some(Self::Md5),
            "any" => Some(Self::Any),
            _ => None,
        }
    }
}

/// What the switch does about strangers and about too much at once.
#[derive(Debug, Clone)]
pub struct Guard {
    /// New calls a second; `None` for no limit.
    pub calls_per_second_max: Option<u32>,
    /// New calls are refused while messages wait longer than this.
    pub lag_max: Duration,
    /// INVITE without credentials answered per second and source.
    pub invites_per_second: u32,
    /// REGISTER without credentials answered per second and source.
    pub registers_per_second: u32,
    /// Other requests without credentials answered per second and source.
    pub others_per_second: u32,
    /// Wrong answers after which an address is banned.
    pub failures_max: u32,
    /// The time in which they count.
    pub failures_within: Duration,
    /// The first ban of an address.
    pub ban: Duration,
    /// The longest ban.
    pub ban_max: Duration,
    /// Parts of User-Agent, in lower case, that are banned at once.
    pub scanners: Vec<String>,
    /// Dialled numbers whose calls are never refused for overload.
    pub never_shed: Vec<String>,
    /// The digest for names near no agent.
    elsewhere: DigestPolicy,
    /// The digest by block of names.
    blocks: BTreeMap<(String, usize), DigestPolicy>,
}

impl Guard {
    /// What a name is challenged with. Names that differ in their last two characters only are challenged alike, whether
    /// there is such an agent or not: the challenge tells no more than that somebody near has an old phone.
    #[must_use]
    pub fn challenge_for(&self, name: &str) -> DigestPolicy {
        self.blocks.get(&block(name)).copied().unwrap_or(self.elsewhere)
    }

    /// Whether this User-Agent is that of a scanner.
    #[must_use]
    pub fn is_scanner(&self, user_agent: &str) -> bool {
        let user_agent = user_agent.to_ascii_lowercase();
        self.scanners.iter().any(|one| user_agent.contains(one))
    }
}

/// The beginning of a name and its length.
fn block(name: &str) -> (String, usize) {
    let length = name.chars().count();
    (name.chars().take(length.saturating_sub(BLOCK_CHARS)).collect(), length)
}

impl Plan {
    /// The digests that an agent's answers may be made with.
    #[must_use]
    pub fn digest_of(&self, agent: &AgentId) -> Option<DigestPolicy> {
        self.agents.get(agent).map(|agent| agent.digest)
    }
}

impl Check<'_> {
    pub(super) fn guard(&mut self, guard: &GuardConfig, agents: &BTreeMap<AgentId, Agent>) -> Guard {
        let elsewhere = self.digest("guard.digest", Some(&guard.digest), DigestPolicy::Any);
        let mut blocks = BTreeMap::new();
        for agent in agents.values() {
            let weakest = blocks.entry(block(agent.id.as_str())).or_insert(agent.digest);
            *weakest = agent.digest.min(*weakest);
        }
        let ban = self.seconds("guard.ban_s", &guard.ban_s, 1);
        let ban_max = self.seconds("guard.ban_max_s", &guard.ban_max_s, 1);
        if ban_max < ban {
            let what = format!("{} is shorter than ban_s", guard.ban_max_s.get_ref());
            self.wrong("guard.ban_max_s", &guard.ban_max_s, what, "ban_s or more");
        }
        let calls = self.amount("guard.calls_per_second_max", &guard.calls_per_second_max, 0, RATE_MAX);
        let lag = self.amount("guard.lag_max_ms", &guard.lag_max_ms, 10, 10_000);
        Guard {
            calls_per_second_max: Some(calls).filter(|calls| *calls > 0),
            lag_max: Duration::from_millis(u64::from(lag)),
            invites_per_second: self.rate("guard.invites_per_second", &guard.invites_per_second),
            registers_per_second: self.rate("guard.registers_per_second", &guard.registers_per_second),
            others_per_second: self.rate("guard.others_per_second", &guard.others_per_second),
            failures_max: self.amount("guard.failures_max", &guard.failures_max, 1, 1000),
            failures_within: self.seconds("guard.failures_within_s", &guard.failures_within_s, 1),
            ban,
            ban_max,
            scanners: guard
                .scanners
                .iter()
                .map(|one| one.to_ascii_lowercase())
                .filter(|one| !one.is_empty())
                .collect(),
            never_shed: guard.never_shed.clone(),
            elsewhere,
            blocks,
        }
    }

    pub(super) fn digest(
        &mut self,
        key: &str,
        value: Option<&Spanned<String>>,
        otherwise: DigestPolicy,
    ) -> DigestPolicy {
        let Some(value) = value else { return otherwise };
        DigestPolicy::parse(value.get_ref()).unwrap_or_else(|| {
            self.wrong(key, value, format!("`{}` is no choice of digests", value.get_ref()), "any, md5");
            otherwise
        })
    }

    fn rate(&mut self, key: &str, value: &Spanned<u32>) -> u32 {
        self.amount(key, value, 1, RATE_MAX)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn guard(agents: &[(&str, &str)]) -> Guard {
        let agents: String = agents
            .iter()
            .map(|(id, digest)| {
                format!("[[agent]]\nid = \"{id}\"\nname = \"a\"\npassword = \"p\"\nqueues = []\n{digest}\n")
            })
            .collect();
        let config = super::super::parse(&agents, "switch.toml").unwrap();
        super::super::check(&config, &[], &|_| true).unwrap().guard
    }

    #[test]
    fn a_block_of_a_hundred_names_is_challenged_alike() {
        let guard = guard(&[("1001", ""), ("1002", "digest = \"md5\""), ("2001", "")]);
        for name in ["1001", "1002", "1003", "1099"] {
            assert_eq!(guard.challenge_for(name), DigestPolicy::Md5, "{name}");
        }
        for name in ["2001", "2002", "1100", "100", "10010", "admin", ""] {
            assert_eq!(guard.challenge_for(name), DigestPolicy::Any, "{name}");
        }
    }

    #[test]
    fn scanners_are_known_by_a_part_of_their_name() {
        let guard = guard(&[]);
        assert!(guard.is_scanner("Friendly-Scanner") && guard.is_scanner("sipcli/v1.8"));
        assert!(!guard.is_scanner("baresip v1.0.0") && !guard.is_scanner(""));
    }

    #[test]
    fn mistakes_say_what_is_allowed() {
        for (text, key, allowed) in [
            ("digest = \"sha1\"", "guard.digest", "any, md5"),
            ("lag_max_ms = 1", "guard.lag_max_ms", "10 to 10000"),
            ("ban_s = 100\nban_max_s = 10", "guard.ban_max_s", "ban_s or more"),
            ("failures_max = 0", "guard.failures_max", "1 to 1000"),
        ] {
            let config = super::super::parse(&format!("[guard]\n{text}\n"), "switch.toml").unwrap();
            let errors = super::super::check(&config, &[], &|_| true).unwrap_err();
            let said = errors[0].to_string();
            assert!(said.contains(key) && said.contains(allowed), "{said}");
        }
    }
}

//! `[[trunk]]` as it is written. What is not written comes from the profile; see [`super::trunk_check`].

use super::secret::Secret;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[[trunk]]`: a carrier, an exchange or a gateway.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TrunkConfig {
    /// Its id.
    pub id: Spanned<String>,
    /// Preset of the keys below: `plain`, `ims-cn`, `e1-gateway`, `fxo-gateway`.
    pub profile: Option<Spanned<String>>,
    /// Where it calls from: `ip`, `ip/prefix` or `ip:port`; the proxies' addresses when absent.
    #[serde(default)]
    pub sources: Vec<Spanned<String>>,
    /// The network in which it is called.
    pub network: Option<Spanned<String>>,
    /// `udp`, `tcp` or `tls`.
    pub transport: Option<Spanned<String>>,
    /// Where requests go, `ip:port`; the next when one is down.
    #[serde(default)]
    pub proxy: Vec<Spanned<String>>,
    /// Host part of the addresses that we write.
    pub domain: Option<Spanned<String>>,
    /// The only digest realm that is answered.
    pub realm: Option<Spanned<String>>,
    /// How we register.
    pub register: Option<RegisterConfig>,
    /// Codecs, best first: `pcma`, `pcmu`, `g722`, `opus`.
    pub codecs: Option<Spanned<Vec<Spanned<String>>>>,
    /// `off`, `optional` or `required`.
    pub srtp: Option<Spanned<String>>,
    /// SRTP suites, best first.
    pub srtp_suites: Option<Spanned<Vec<Spanned<String>>>>,
    /// `rfc4733`, `info` or `inband`.
    pub dtmf: Option<Spanned<String>>,
    /// Calls at the same time, both ways.
    pub calls_max: Option<Spanned<u32>>,
    /// New calls in a second, both ways.
    pub calls_per_second: Option<Spanned<u32>>,
    /// How often OPTIONS asks whether it lives, in seconds; 0 never.
    pub options_interval_s: Option<Spanned<u32>>,
    /// Unanswered OPTIONS in a row that mean down.
    pub options_failures: Option<Spanned<u32>>,
    /// Answered OPTIONS in a row that mean up again.
    pub options_successes: Option<Spanned<u32>>,
    /// Silence after an INVITE that counts as down, in seconds.
    pub first_response_s: Option<Spanned<u32>>,
    /// `e164`, `national` or `local`.
    pub number_form: Option<Spanned<String>>,
    /// What the exchange wants before outside numbers.
    pub outside_digit: Option<Spanned<String>>,
    /// Rewrite what we dial.
    #[serde(default)]
    pub outbound_rules: Vec<NumberRuleConfig>,
    /// Rewrite dialled numbers that it sends.
    #[serde(default)]
    pub inbound_rules: Vec<NumberRuleConfig>,
    /// Rewrite callers that it sends.
    #[serde(default)]
    pub caller_rules: Vec<NumberRuleConfig>,
    /// `pai`, `ppi`, `from` or `none`.
    pub identity: Option<Spanned<String>>,
    /// `asserted` or `from`.
    pub caller_from: Option<Spanned<String>>,
    /// The number that we show.
    pub caller_id: Option<Spanned<String>>,
    /// Our numbers on it, `first-last` or one.
    #[serde(default)]
    pub number_block: Vec<Spanned<String>>,
    /// `sip`, `sip-phone` or `tel`.
    pub uri: Option<Spanned<String>>,
    /// `never`, `supported` or `required`.
    pub reliable: Option<Spanned<String>>,
    /// Refreshing of calls (RFC 4028), in seconds; 0 never.
    pub session_expires_s: Option<Spanned<u32>>,
    /// The peer says when a person answers.
    pub answer_supervision: Option<bool>,
    /// Class of service of its callers.
    pub class: Option<Spanned<String>>,
}

/// `register` of a trunk.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegisterConfig {
    /// Where REGISTER goes, `ip:port`; the proxies when absent.
    pub registrar: Option<Spanned<String>>,
    /// The carrier's domain.
    pub domain: Spanned<String>,
    /// User part of our address of record.
    pub user: Spanned<String>,
    /// Digest user; `user` when absent.
    pub auth_user: Option<Spanned<String>>,
    /// Digest password.
    pub password: Option<Secret>,
    /// A file with the password, instead of `password`.
    pub password_file: Option<Spanned<String>>,
    /// What we ask for, in seconds.
    pub expires_s: Option<Spanned<u32>>,
}

/// A rule of `outbound_rules`, `inbound_rules` or `caller_rules`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NumberRuleConfig {
    /// Beginning that it wants.
    pub prefix: Option<Spanned<String>>,
    /// Length that it wants.
    pub digits: Option<Spanned<u32>>,
    /// Characters cut off at the front.
    pub strip: Option<Spanned<u32>>,
    /// Characters put in front.
    pub prepend: Option<Spanned<String>>,
}

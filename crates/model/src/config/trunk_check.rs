//! Checks of `[[trunk]]`: what is not written comes from the profile.

use super::check::{Check, listed};
use super::plan::{
    Audio, NumberBlock, NumberRule, Plan, Probing, Profile, Registration, Transport, Trunk, TrunkSource,
};
use super::switch::{SwitchConfig, unwritten};
use super::trunk::{NumberRuleConfig, RegisterConfig, TrunkConfig};
use super::trunk_profile::Word;
use crate::id::{NetworkId, TrunkId};
use crate::number::{Number, NumberKind};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Most proxies of a trunk: each costs a caller `first_response_s` when all are silent.
const PROXIES_MAX: usize = 8;
/// Most rules of a list.
const RULES_MAX: usize = 64;
/// Longest prefix or addition of a rule, in characters.
const RULE_CHARS_MAX: usize = 16;
/// Most blocks of numbers on a trunk.
const BLOCKS_MAX: usize = 64;
/// RFC 4028 5: nothing shorter is ever agreed on, in seconds.
const SESSION_EXPIRES_S_MIN: u32 = 90;

impl Check<'_> {
    /// The trunks. Lines and networks of `plan` have to be there.
    pub(super) fn trunks(&mut self, config: &SwitchConfig, plan: &Plan) -> BTreeMap<TrunkId, Trunk> {
        let mut trunks = BTreeMap::new();
        for written in &config.trunk {
            let id: TrunkId = self.unique("trunk.id", &written.id, &trunks);
            let trunk = self.trunk(config, plan, id.clone(), written);
            trunks.insert(id, trunk);
        }
        trunks
    }

    fn trunk(&mut self, config: &SwitchConfig, plan: &Plan, id: TrunkId, written: &TrunkConfig) -> Trunk {
        let profile = self.word("trunk.profile", written.profile.as_ref(), Profile::Plain);
        let preset = profile.preset();
        let mut proxies = self.addresses("trunk.proxy", &written.proxy);
        let register = written.register.as_ref().map(|one| self.registration(config, one, &proxies));
        if let (true, Some(register)) = (proxies.is_empty(), &register) {
            proxies.clone_from(&register.registrars);
        }
        let own_domain = register.as_ref().map(|register| register.domain.clone());
        let domain = written.domain.as_ref().map(|domain| self.host("trunk.domain", domain)).or(own_domain);
        let domain = domain.or_else(|| proxies.first().map(|proxy| proxy.ip().to_string()));
        let domain = domain.unwrap_or_default();
        let realm = written.realm.as_ref().map_or_else(|| domain.clone(), |realm| realm.get_ref().clone());
        let session_s = written.session_expires_s.as_ref();
        let session_s = session_s.map_or(preset.session_expires_s, |value| self.session_expires(value));
        Trunk {
            id,
            profile,
            sources: self.sources(written, &proxies),
            network: self.network_of_trunk(written, plan),
            transport: self.word("trunk.transport", written.transport.as_ref(), Transport::Udp),
            domain,
            realm,
            audio: self.audio("trunk", &written.audio(), &Audio::of_trunks()),
            dtmf: self.word("trunk.dtmf", written.dtmf.as_ref(), super::plan::DtmfMode::Rfc4733),
            calls_max: written.calls_max.as_ref().map(|value| self.calls("trunk.calls_max", value)),
            calls_per_second: written
                .calls_per_second
                .as_ref()
                .map(|value| self.amount("trunk.calls_per_second", value, 1, 10_000)),
            probing: self.probing(written, preset.options_interval_s),
            first_response: self.seconds(
                "trunk.first_response_s",
                written.first_response_s.as_ref().unwrap_or(&unwritten(4)),
                1,
            ),
            number_form: self.word("trunk.number_form", written.number_form.as_ref(), preset.number_form),
            outside_digit: self.outside_digit(written, preset.outside_digit),
            outbound_rules: self.rules("trunk.outbound_rules", &written.id, &written.outbound_rules),
            inbound_rules: self.rules("trunk.inbound_rules", &written.id, &written.inbound_rules),
            caller_rules: self.rules("trunk.caller_rules", &written.id, &written.caller_rules),
            identity: self.word("trunk.identity", written.identity.as_ref(), preset.identity),
            caller_from: self.word("trunk.caller_from", written.caller_from.as_ref(), preset.caller_from),
            caller_id: written
                .caller_id
                .as_ref()
                .map(|value| self.own_number("trunk.caller_id", value, plan)),
            number_block: self.blocks(written, plan),
            uri: self.word("trunk.uri", written.uri.as_ref(), preset.uri),
            reliable: self.word("trunk.reliable", written.reliable.as_ref(), preset.reliable),
            session_expires: Some(session_s).filter(|s| *s > 0).map(|s| Duration::from_secs(s.into())),
            answer_supervision: written.answer_supervision.unwrap_or(preset.answer_supervision),
            proxies,
            register,
        }
    }

    pub(super) fn word<W: Word>(&mut self, key: &str, value: Option<&Spanned<String>>, unwritten: W) -> W {
        let Some(value) = value else { return unwritten };
        W::read(value.get_ref()).unwrap_or_else(|| {
            self.wrong(key, value, format!("`{}` is not known", value.get_ref()), W::allowed());
            unwritten
        })
    }

    fn addresses(&mut self, key: &str, values: &[Spanned<String>]) -> Vec<SocketAddr> {
        if let Some(first) = values.get(PROXIES_MAX) {
            self.wrong(key, first, "too many", format!("{PROXIES_MAX} at most"));
        }
        let read = |value: &Spanned<String>| {
            let address = self.address(key, value);
            let written = value.get_ref().parse::<SocketAddr>().is_ok();
            if written && (address.port() == 0 || address.ip().is_unspecified()) {
                self.wrong(key, value, format!("nobody is at `{address}`"), "ip:port, as 192.0.2.1:5060");
            }
            address
        };
        values.iter().take(PROXIES_MAX).map(read).collect()
    }

    /// Stands in URIs: a name or an address.
    fn host(&mut self, key: &str, value: &Spanned<String>) -> String {
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-._:[]".contains(&byte);
        let text = value.get_ref();
        if text.is_empty() || !text.bytes().all(good) {
            self.wrong(key, value, format!("`{text}` is no domain"), "a host name or an IP address");
        }
        text.clone()
    }

    fn registration(
        &mut self,
        config: &SwitchConfig,
        written: &RegisterConfig,
        proxies: &[SocketAddr],
    ) -> Registration {
        let registrar = written.registrar.as_ref();
        let registrars = match registrar {
            Some(value) => vec![self.address("trunk.register.registrar", value)],
            None => proxies.to_vec(),
        };
        if registrars.is_empty() {
            let what = "nobody to register with";
            self.wrong("trunk.register", &written.domain, what, "registrar, or the trunk's proxy");
        }
        let user = written.user.get_ref();
        let good = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.!~*'()&=+$,".contains(&byte);
        if user.is_empty() || !user.bytes().all(good) {
            let allowed = "the user part of a SIP address, as +8654312345678";
            self.wrong("trunk.register.user", &written.user, format!("`{user}` is no user"), allowed);
        }
        let passwords = (written.password.as_ref(), written.password_file.as_ref());
        let secret = self.secret(config, "trunk.register.password_file", passwords);
        if matches!(&secret, Ok(None)) {
            let allowed = "password or password_file";
            self.wrong("trunk.register.password", &written.user, "is missing", allowed);
        }
        let expires = written.expires_s.clone().unwrap_or(unwritten(3600));
        Registration {
            registrars,
            domain: self.host("trunk.register.domain", &written.domain),
            user: user.clone(),
            auth_user: written.auth_user.as_ref().unwrap_or(&written.user).get_ref().clone(),
            password: secret.ok().flatten().unwrap_or_else(|| super::Secret::new("")),
            expires: self.seconds("trunk.register.expires_s", &expires, 60),
        }
    }

    fn sources(&mut self, written: &TrunkConfig, proxies: &[SocketAddr]) -> Vec<TrunkSource> {
        let mut sources = Vec::new();
        for source in &written.sources {
            match TrunkSource::parse(source.get_ref()) {
                Some(parsed) => sources.push(parsed),
                None => {
                    let what = format!("`{}` is no source", source.get_ref());
                    self.wrong("trunk.sources", source, what, "ip, ip/prefix or ip:port");
                }
            }
        }
        if written.sources.is_empty() {
            sources.extend(proxies.iter().map(|proxy| TrunkSource::host(proxy.ip())));
            if proxies.is_empty() {
                let what = format!("trunk `{}` can neither call nor be called", written.id.get_ref());
                self.wrong("trunk.sources", &written.id, what, "sources, proxy or register");
            }
        }
        sources
    }

    fn network_of_trunk(&mut self, written: &TrunkConfig, plan: &Plan) -> NetworkId {
        let network = written.network.as_ref().map_or("default", |network| network.get_ref().as_str());
        let network = NetworkId::from(network);
        if let Some(at) = written.network.as_ref().filter(|_| !plan.networks.contains_key(&network)) {
            let what = format!("network `{network}` is not known, or has no listener");
            self.wrong("trunk.network", at, what, listed(plan.networks.keys()));
        }
        network
    }

    fn calls(&mut self, key: &str, value: &Spanned<u32>) -> usize {
        usize::try_from(self.amount(key, value, 1, 100_000)).unwrap_or(1)
    }

    fn probing(&mut self, written: &TrunkConfig, preset_s: u32) -> Option<Probing> {
        let interval = written.options_interval_s.clone().unwrap_or(unwritten(preset_s));
        let interval = self.seconds("trunk.options_interval_s", &interval, 0);
        let mut times = |key: &str, value: &Option<Spanned<u32>>, preset: u32| {
            value.as_ref().map_or(preset, |value| self.amount(key, value, 1, 20))
        };
        let failures = times("trunk.options_failures", &written.options_failures, 3);
        let successes = times("trunk.options_successes", &written.options_successes, 2);
        (!interval.is_zero()).then_some(Probing { interval, failures, successes })
    }

    fn session_expires(&mut self, value: &Spanned<u32>) -> u32 {
        let seconds = *value.get_ref();
        if seconds != 0 && !(SESSION_EXPIRES_S_MIN..=super::check::SECONDS_MAX).contains(&seconds) {
            let allowed = format!("0 for never, {SESSION_EXPIRES_S_MIN} to {}", super::check::SECONDS_MAX);
            self.wrong("trunk.session_expires_s", value, format!("{seconds} is out of range"), allowed);
        }
        seconds
    }

    fn outside_digit(&mut self, written: &TrunkConfig, preset: Option<char>) -> Option<char> {
        let Some(value) = &written.outside_digit else { return preset };
        let mut chars = value.get_ref().chars();
        let digit = chars.next();
        if digit.is_some_and(|digit| !digit.is_ascii_digit()) || chars.next().is_some() {
            let what = format!("`{}` is no digit", value.get_ref());
            self.wrong("trunk.outside_digit", value, what, "one digit, or \"\" for none");
        }
        digit
    }

    fn rules(&mut self, key: &str, trunk: &Spanned<String>, rules: &[NumberRuleConfig]) -> Vec<NumberRule> {
        if rules.len() > RULES_MAX {
            self.wrong(key, trunk, format!("{} rules", rules.len()), format!("{RULES_MAX} at most"));
        }
        let read = |rule: &NumberRuleConfig| {
            let mut text = |part: Option<&Spanned<String>>| {
                let Some(value) = part else { return String::new() };
                let good = |byte: u8| byte.is_ascii_digit() || b"+*#".contains(&byte);
                let text = value.get_ref();
                if text.len() > RULE_CHARS_MAX || !text.bytes().all(good) {
                    self.wrong(key, value, format!("`{text}` is no part of a number"), "digits, + * #");
                }
                text.clone()
            };
            let (prefix, prepend) = (text(rule.prefix.as_ref()), text(rule.prepend.as_ref()));
            let mut count = |value: Option<&Spanned<u32>>| {
                value.and_then(|value| usize::try_from(self.amount(key, value, 0, 32)).ok())
            };
            let digits = count(rule.digits.as_ref());
            let strip = count(rule.strip.as_ref()).unwrap_or(0);
            NumberRule { prefix, digits, strip, prepend }
        };
        rules.iter().take(RULES_MAX).map(read).collect()
    }

    /// A number of ours that strangers can dial.
    fn own_number(&mut self, key: &str, value: &Spanned<String>, plan: &Plan) -> Number {
        let number = plan.number(value.get_ref());
        if matches!(number.kind(), NumberKind::Hidden | NumberKind::Invalid) {
            let what = format!("`{}` is no number", value.get_ref());
            self.wrong(key, value, what, "a number, as +8654312345678");
        }
        number
    }

    fn blocks(&mut self, written: &TrunkConfig, plan: &Plan) -> Vec<NumberBlock> {
        const KEY: &str = "trunk.number_block";
        if let Some(first) = written.number_block.get(BLOCKS_MAX) {
            self.wrong(KEY, first, "too many", format!("{BLOCKS_MAX} at most"));
        }
        let mut blocks = Vec::new();
        for value in written.number_block.iter().take(BLOCKS_MAX) {
            let (first, last) = value.get_ref().split_once('-').unwrap_or((value.get_ref(), value.get_ref()));
            let (first, last) = (plan.number(first), plan.number(last));
            let callable =
                |number: &Number| !matches!(number.kind(), NumberKind::Hidden | NumberKind::Invalid);
            let same_length = first.as_str().len() == last.as_str().len();
            if !callable(&first) || !callable(&last) || !same_length || first > last {
                let what = format!("`{}` is no block of numbers", value.get_ref());
                self.wrong(KEY, value, what, "one number, or first-last, as +8654312345600-+8654312345699");
            }
            blocks.push(NumberBlock { first, last });
        }
        blocks
    }
}

//! From what is written to what holds.

use super::his::Common;
use super::written::{self, Source};
use super::{Config, Named, SignInRules, SwitchAddress};
use careline_model::config::ConfigError;
use careline_model::number::NumberPlan;
use jiff::tz::TimeZone;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::Path;
use std::time::Duration;
use toml::Spanned;

/// First-touch sources: one for each digit 1 to 9.
pub const SOURCES_MAX: usize = 9;
/// Longest name of anything, in characters.
const NAME_CHARS_MAX: usize = 64;
/// What a switch and a subscriber may be called by.
pub(super) const WORD: &str = "1 to 64 characters of a-z, A-Z, 0-9, '.', '_' and '-'";

/// Checks everything, and gathers what is wrong.
pub(super) fn check(
    source: &Source<'_>,
    written: written::Desk,
    base: &Path,
) -> Result<Config, Vec<ConfigError>> {
    let mut checker = Checker { source, errors: Vec::new() };
    let config = checker.config(written, base);
    match config {
        Some(config) if checker.errors.is_empty() => Ok(config),
        _ => Err(checker.errors),
    }
}

pub(super) struct Checker<'a> {
    source: &'a Source<'a>,
    errors: Vec<ConfigError>,
}

impl Checker<'_> {
    /// Nothing when a part could not be made; then an error says why.
    fn config(&mut self, written: written::Desk, base: &Path) -> Option<Config> {
        let timezone = self.timezone(&written.timezone);
        let numbers = self.numbers(&written.country_code, written.area_code.as_ref());
        let language = written.language.get_ref().clone();
        if !["zh-CN", "en"].contains(&language.as_str()) {
            self.wrong(&written.language, "language", "is no language of the pages", "\"zh-CN\" or \"en\"");
        }
        let http = self.loopback(&written.http.listen, "http.listen", "pages are served without encryption");
        let directory = self.loopback(
            &written.directory.listen,
            "directory.listen",
            "the directory is served without encryption",
        );
        let switches = self.switches(&written.switch);
        let subscriber = written.feed.subscriber.get_ref().clone();
        if !is_word(&subscriber) || subscriber.bytes().any(|byte| byte.is_ascii_uppercase()) {
            let allowed = "1 to 64 characters of a-z, 0-9, '.', '_' and '-'";
            self.wrong(&written.feed.subscriber, "feed.subscriber", "is no subscriber's name", allowed);
        }
        self.name(&written.hospital, "hospital");
        let sign_in = self.sign_in(&written.sign_in);
        let sources = self.coded(&written.source, "source");
        if let Some(tenth) = written.source.get(SOURCES_MAX) {
            self.wrong(&tenth.code, "source.code", "is one source too many", "9, one for each digit");
        }
        let media = self.coded(&written.medium, "medium");
        let lines: Vec<_> =
            written.line.iter().map(|line| (&line.id, &line.name, line.name_en.as_ref())).collect();
        let lines = self.named(&lines, "line", "id");
        let common = Common { numbers: &numbers, timezone: timezone.as_ref(), base };
        let his = self.his(&written.his, &common);
        let (database, password_file) = self.database(&written.database, base);
        let key_file = self.key_file(&written.database, &database, base);
        Some(Config {
            hospital: written.hospital.into_inner(),
            timezone: timezone?,
            numbers,
            language,
            http: http?,
            directory: directory?,
            database,
            key_file,
            password_file,
            switches,
            his,
            subscriber,
            sign_in,
            sources,
            media,
            lines,
            demo: written.demo.enabled,
        })
    }

    pub(super) fn wrong<T>(&mut self, at: &Spanned<T>, key: &str, what: &str, allowed: &str) {
        self.errors.push(self.source.error(at.span(), key, what, allowed));
    }

    fn timezone(&mut self, written: &Spanned<String>) -> Option<TimeZone> {
        let zone = TimeZone::get(written.get_ref()).ok();
        if zone.is_none() {
            let what = format!("there is no zone \"{}\"", written.get_ref());
            self.wrong(written, "timezone", &what, "a name of the IANA list, such as \"Asia/Shanghai\"");
        }
        zone
    }

    fn numbers(&mut self, country: &Spanned<String>, area: Option<&Spanned<String>>) -> NumberPlan {
        if !are_digits(country.get_ref(), 1..=3) {
            self.wrong(country, "country_code", "is no country code", "1 to 3 digits without plus");
        }
        if let Some(area) = area
            && !are_digits(area.get_ref(), 2..=5)
        {
            self.wrong(area, "area_code", "is no area code", "2 to 5 digits, such as \"0543\"");
        }
        NumberPlan {
            country: country.get_ref().clone(),
            area: area.map(|area| area.get_ref().clone()),
            ..NumberPlan::default()
        }
    }

    fn loopback(&mut self, written: &Spanned<String>, key: &str, why: &str) -> Option<SocketAddr> {
        let Ok(address) = written.get_ref().parse::<SocketAddr>() else {
            let what = format!("\"{}\" is no address", written.get_ref());
            self.wrong(written, key, &what, "ip:port, such as 127.0.0.1:8080");
            return None;
        };
        if !address.ip().is_loopback() {
            let what = format!("{address} can be reached from other machines, and {why}");
            let allowed =
                "an address of 127.0.0.0/8 or [::1]; put a proxy with TLS in front of it for others";
            self.wrong(written, key, &what, allowed);
        }
        Some(address)
    }

    fn switches(&mut self, written: &[written::Switch]) -> Vec<SwitchAddress> {
        if written.is_empty() {
            let nowhere = Spanned::new(0..0, ());
            self.wrong(&nowhere, "switch", "there is none", "one [[switch]] with id and address, or more");
        }
        let mut known = BTreeSet::new();
        for switch in written {
            let id = switch.id.get_ref();
            if !is_word(id) {
                self.wrong(&switch.id, "switch.id", &format!("\"{id}\" is no name of a switch"), WORD);
            }
            if !known.insert(id.as_str()) {
                self.wrong(&switch.id, "switch.id", &format!("\"{id}\" stands here twice"), "another name");
            }
            let address = switch.address.get_ref();
            let socket = address.strip_prefix("http://").and_then(|rest| rest.parse::<SocketAddr>().ok());
            if !socket.is_some_and(|socket| socket.ip().is_loopback()) {
                let what = format!("\"{address}\" is no address of a switch on this machine");
                let allowed = "http://127.0.0.1:<port>, because gRPC is not encrypted";
                self.wrong(&switch.address, "switch.address", &what, allowed);
            }
        }
        written
            .iter()
            .map(|switch| SwitchAddress {
                id: switch.id.get_ref().clone(),
                address: switch.address.get_ref().clone(),
            })
            .collect()
    }

    fn sign_in(&mut self, written: &written::SignIn) -> SignInRules {
        self.within(&written.idle_min, "sign_in.idle_min", 1..=720, "minutes");
        self.within(&written.absolute_h, "sign_in.absolute_h", 1..=24, "hours");
        self.within(&written.failures_max, "sign_in.failures_max", 1..=100, "failures");
        self.within(&written.lock_s, "sign_in.lock_s", 1..=3600, "seconds");
        let seconds = |count: u32, each: u64| Duration::from_secs(u64::from(count) * each);
        SignInRules {
            idle: seconds(*written.idle_min.get_ref(), 60),
            absolute: seconds(*written.absolute_h.get_ref(), 3600),
            failures_max: *written.failures_max.get_ref(),
            lock: seconds(*written.lock_s.get_ref(), 1),
        }
    }

    fn within(&mut self, written: &Spanned<u32>, key: &str, range: RangeInclusive<u32>, unit: &str) {
        let value = written.get_ref();
        if !range.contains(value) {
            let allowed = format!("{} to {} {unit}", range.start(), range.end());
            self.wrong(written, key, &format!("{value} is out of range"), &allowed);
        }
    }

    fn coded(&mut self, written: &[written::Coded], table: &str) -> Vec<Named> {
        let entries: Vec<_> =
            written.iter().map(|coded| (&coded.code, &coded.name, coded.name_en.as_ref())).collect();
        self.named(&entries, table, "code")
    }

    fn named(
        &mut self,
        entries: &[(&Spanned<String>, &Spanned<String>, Option<&String>)],
        table: &str,
        key: &str,
    ) -> Vec<Named> {
        let mut known = BTreeSet::new();
        for (code, name, _) in entries {
            let text = code.get_ref();
            if !is_word(text) {
                self.wrong(code, &format!("{table}.{key}"), &format!("\"{text}\" is no {key}"), WORD);
            }
            if !known.insert(text.as_str()) {
                let what = format!("\"{text}\" stands here twice");
                self.wrong(code, &format!("{table}.{key}"), &what, &format!("another {key}"));
            }
            self.name(name, &format!("{table}.name"));
        }
        let named = |(code, name, name_en): &(&Spanned<String>, &Spanned<String>, Option<&String>)| Named {
            code: code.get_ref().clone(),
            name: name.get_ref().clone(),
            name_en: name_en.cloned().unwrap_or_else(|| name.get_ref().clone()),
        };
        entries.iter().map(named).collect()
    }

    fn name(&mut self, written: &Spanned<String>, key: &str) {
        let length = written.get_ref().trim().chars().count();
        if !(1..=NAME_CHARS_MAX).contains(&length) {
            self.wrong(written, key, &format!("has {length} characters"), "1 to 64 characters");
        }
    }
}

pub(super) fn is_word(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(allowed)
}

fn are_digits(text: &str, count: RangeInclusive<usize>) -> bool {
    count.contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit())
}

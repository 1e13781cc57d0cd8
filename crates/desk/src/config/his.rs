//! `[[his]]`: where the hospital's systems send messages, and how they are read.

use super::HisDoor;
use super::check::{Checker, WORD, is_word};
use super::written::{His, HisTls};
use crate::his::codes::{CLASSES, CODES_MAX, Codes, DISPOSITIONS, SEXES};
use crate::his::listener::Door;
use crate::his::tls::TlsFiles;
use crate::his::{Charset, Profile, Rules, UnknownCode, UnknownPatient};
use careline_model::number::NumberPlan;
use jiff::tz::TimeZone;
use std::collections::{BTreeMap, BTreeSet};
use std::net::{IpAddr, SocketAddr};
use std::path::Path;
use toml::Spanned;

/// Longest code and longest name of a receiver, in characters.
const CODE_CHARS_MAX: usize = 64;

/// What holds for every door.
pub(super) struct Common<'a> {
    pub(super) numbers: &'a NumberPlan,
    pub(super) timezone: Option<&'a TimeZone>,
    pub(super) base: &'a Path,
}

impl Checker<'_> {
    pub(super) fn his(&mut self, written: &[His], common: &Common<'_>) -> Vec<HisDoor> {
        let mut known = BTreeSet::new();
        let mut doors = Vec::new();
        for his in written {
            let id = his.id.get_ref();
            if !is_word(id) {
                self.wrong(&his.id, "his.id", &format!("\"{id}\" is no name of a system"), WORD);
            }
            if !known.insert(id.as_str()) {
                self.wrong(&his.id, "his.id", &format!("\"{id}\" stands here twice"), "another name");
            }
            let listen = his.listen.get_ref().parse::<SocketAddr>();
            if listen.is_err() {
                let what = format!("\"{}\" is no address", his.listen.get_ref());
                self.wrong(&his.listen, "his.listen", &what, "ip:port, such as 127.0.0.1:2575");
            }
            let from = self.senders(his);
            let vouched = his.tls.as_ref().is_some_and(|tls| tls.authority.is_some());
            if listen.as_ref().is_ok_and(|listen| !listen.ip().is_loopback())
                && his.from.is_empty()
                && !vouched
            {
                let what = "can be reached from other machines, and anybody could send patients";
                let allowed =
                    "from = [\"<address of the system>\"] beside it, or [his.tls] with an authority";
                self.wrong(&his.listen, "his.listen", what, allowed);
            }
            let charset = self.charset(his);
            let rules = self.rules(his);
            let tls = his.tls.as_ref().map(|tls| self.tls(tls, common.base));
            if let (Ok(listen), Some(timezone)) = (listen, common.timezone) {
                let (numbers, timezone) = (common.numbers.clone(), timezone.clone());
                let profile = Profile { id: id.clone(), charset, numbers, timezone, rules };
                doors.push(HisDoor { listen, door: Door { profile, from, tls: None }, tls });
            }
        }
        doors
    }

    fn senders(&mut self, his: &His) -> Vec<IpAddr> {
        let mut senders = Vec::new();
        for written in &his.from {
            match written.get_ref().parse() {
                Ok(address) => senders.push(address),
                Err(_) => {
                    let what = format!("\"{}\" is no address", written.get_ref());
                    self.wrong(written, "his.from", &what, "an IPv4 or IPv6 address without a port");
                }
            }
        }
        senders
    }

    fn charset(&mut self, his: &His) -> Option<Charset> {
        let name = his.charset.as_ref()?;
        let charset = Charset::named(name.get_ref());
        if charset.is_none() {
            let what = format!("\"{}\" is no character set", name.get_ref());
            self.wrong(name, "his.charset", &what, "\"UTF-8\" or \"GB18030\"");
        }
        charset
    }

    fn rules(&mut self, his: &His) -> Rules {
        let patients = [("create", UnknownPatient::Create), ("refuse", UnknownPatient::Refuse)];
        let codes =
            [("lenient", UnknownCode::Lenient), ("park", UnknownCode::Park), ("strict", UnknownCode::Strict)];
        let unknown = self.one_of(his.unknown_code.as_ref(), "his.unknown_code", &codes);
        Rules {
            codes: Codes {
                sex: self.words(&his.codes.sex, "his.codes.sex", &SEXES),
                class: self.words(&his.codes.class, "his.codes.class", &CLASSES),
                department: self.texts(&his.codes.department, "his.codes.department"),
                disposition: self.words(&his.codes.disposition, "his.codes.disposition", &DISPOSITIONS),
                unknown,
            },
            unknown_patient: self.one_of(his.unknown_patient.as_ref(), "his.unknown_patient", &patients),
            application: self.receiver(his.application.as_ref(), "his.application"),
            facility: self.receiver(his.facility.as_ref(), "his.facility"),
        }
    }

    fn one_of<T: Copy + Default>(
        &mut self,
        written: Option<&Spanned<String>>,
        key: &str,
        words: &[(&str, T)],
    ) -> T {
        let Some(written) = written else { return T::default() };
        let found = words.iter().find(|(word, _)| word == written.get_ref());
        if found.is_none() {
            let allowed: Vec<String> = words.iter().map(|(word, _)| format!("\"{word}\"")).collect();
            self.wrong(written, key, &format!("\"{}\" is none", written.get_ref()), &allowed.join(", "));
        }
        found.map(|(_, value)| *value).unwrap_or_default()
    }

    /// A table whose values are words of ours.
    fn words(
        &mut self,
        written: &BTreeMap<String, Spanned<String>>,
        key: &str,
        words: &[&'static str],
    ) -> BTreeMap<String, &'static str> {
        self.codes(written, key);
        let mut table = BTreeMap::new();
        for (code, ours) in written {
            match words.iter().find(|word| *word == ours.get_ref()) {
                Some(word) => drop(table.insert(code.clone(), *word)),
                None => {
                    let what = format!("\"{}\" is no word for \"{code}\"", ours.get_ref());
                    self.wrong(ours, key, &what, &words.join(", "));
                }
            }
        }
        table
    }

    /// A table whose values are the hospital's.
    fn texts(&mut self, written: &BTreeMap<String, Spanned<String>>, key: &str) -> BTreeMap<String, String> {
        self.codes(written, key);
        for ours in written.values().filter(|ours| !is_code(ours.get_ref())) {
            self.wrong(ours, key, "the code is empty or too long", "1 to 64 characters");
        }
        written.iter().map(|(code, ours)| (code.clone(), ours.get_ref().clone())).collect()
    }

    fn codes(&mut self, written: &BTreeMap<String, Spanned<String>>, key: &str) {
        for (code, ours) in written.iter().filter(|(code, _)| !is_code(code)) {
            self.wrong(ours, key, &format!("\"{code}\" is no code of a message"), "1 to 64 characters");
        }
        if let Some(one_more) = written.values().nth(CODES_MAX) {
            self.wrong(one_more, key, "there are too many codes", &format!("{CODES_MAX}"));
        }
    }

    fn receiver(&mut self, written: Option<&Spanned<String>>, key: &str) -> Option<String> {
        let written = written?;
        if !is_code(written.get_ref()) {
            self.wrong(written, key, "is empty or too long", "1 to 64 characters, or nothing at all");
        }
        Some(written.get_ref().clone())
    }

    fn tls(&mut self, written: &HisTls, base: &Path) -> TlsFiles {
        let files = [("certificate", Some(&written.certificate)), ("key", Some(&written.key))];
        for (key, file) in files.into_iter().chain([("authority", written.authority.as_ref())]) {
            if let Some(file) = file.filter(|file| file.get_ref().trim().is_empty()) {
                self.wrong(file, &format!("his.tls.{key}"), "names no file", "a PEM file");
            }
        }
        let place = |file: &Spanned<String>| base.join(file.get_ref());
        TlsFiles {
            certificate: place(&written.certificate),
            key: place(&written.key),
            authority: written.authority.as_ref().map(place),
        }
    }
}

fn is_code(text: &str) -> bool {
    !text.trim().is_empty() && text.chars().count() <= CODE_CHARS_MAX
}

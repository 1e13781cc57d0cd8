//! Codes that one system has for itself: what they mean here, and what becomes of one that nobody knows.

use super::reader::Reader;
use super::take::{Fault, Verdict};
use super::{patient, visit};
use hl7_parser::Message;
use std::collections::BTreeMap;

/// Codes of one table.
pub const CODES_MAX: usize = 2_000;
/// What a sex may be.
pub const SEXES: [&str; 3] = ["male", "female", "unknown"];
/// What a stay may be.
pub const CLASSES: [&str; 4] = ["inpatient", "outpatient", "emergency", "other"];
/// How a stay may have ended (离院方式): by order, to another hospital, to a community clinic, against advice, by death,
/// otherwise.
pub const DISPOSITIONS: [&str; 6] = ["1", "2", "3", "4", "5", "9"];

/// Codes that HL7 has and we keep no word for (tables 0001 and 0004).
const SEX_NOT_SAID: [&str; 9] = ["U", "O", "A", "N", "0", "9", "未知", "未说明", "其他"];
const CLASS_OTHER: [&str; 4] = ["P", "B", "N", "U"];

/// What becomes of a message with a code that stands in no table.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownCode {
    /// It is used: a sex is then unknown, a class is another one, a department or disposition stands as it was sent; the
    /// sender hears a warning (103).
    #[default]
    Lenient,
    /// It is accepted and waits for a person, who adds the code and tries it again.
    Park,
    /// It is refused (103).
    Strict,
}

/// The tables of one system. A table without a code is none: then our own hold, and departments and dispositions stand as
/// they are sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Codes {
    /// PID-8, beside table 0001 and GB/T 2261.1.
    pub sex: BTreeMap<String, &'static str>,
    /// PV1-2, beside table 0004.
    pub class: BTreeMap<String, &'static str>,
    /// PV1-10.
    pub department: BTreeMap<String, String>,
    /// PV1-36.
    pub disposition: BTreeMap<String, &'static str>,
    /// What becomes of others.
    pub unknown: UnknownCode,
}

/// A verdict in our words.
pub(super) struct Coded {
    pub(super) verdict: Verdict,
    pub(super) warning: Option<Fault>,
}

impl Codes {
    /// Puts the codes of a message into our words, unless the message is not used anyway.
    pub(super) fn applied(&self, message: &Message<'_>, verdict: Verdict) -> Coded {
        let Verdict::Upsert(mut told) = verdict else { return Coded { verdict, warning: None } };
        let mut unknown = None;
        let mut note = |path| unknown = unknown.or(Some(path));
        let said = |segment, field| {
            Reader::of(message, segment).map(|segment| segment.text(field)).unwrap_or_default()
        };
        match self.word(&self.sex, &said("PID", 8), patient::sex, ("unknown", &SEX_NOT_SAID)) {
            Some(sex) => told.patient.sex = sex,
            None => note("PID-8"),
        }
        if let Some(visit) = &mut told.visit {
            match self.word(&self.class, &said("PV1", 2), visit::class, ("other", &CLASS_OTHER)) {
                Some(class) => visit.class = class,
                None => note("PV1-2"),
            }
            if !replaced(&self.department, &mut visit.department) {
                note("PV1-10");
            }
            if !replaced(&self.disposition, &mut visit.disposition) {
                note("PV1-36");
            }
        }
        let Some(path) = unknown else { return Coded { verdict: Verdict::Upsert(told), warning: None } };
        let fault = Fault::error(103, path, "is a code of no table");
        match self.unknown {
            UnknownCode::Lenient => Coded { verdict: Verdict::Upsert(told), warning: Some(fault) },
            UnknownCode::Park => Coded { verdict: Verdict::Parked(fault), warning: None },
            UnknownCode::Strict => Coded { verdict: Verdict::Refused(fault), warning: None },
        }
    }

    /// Our word for a code: by the system's table, else by ours; nothing for one that stands in none.
    fn word(
        &self,
        table: &BTreeMap<String, &'static str>,
        code: &str,
        ours: fn(&str) -> &'static str,
        (none, known): (&'static str, &[&str]),
    ) -> Option<&'static str> {
        if let Some(word) = table.get(code) {
            return Some(word);
        }
        let word = ours(code);
        (word != none || code.is_empty() || known.contains(&code)).then_some(word)
    }
}

/// Puts our code in the place of the system's; false when the table is one and has it not.
fn replaced<T: ToString>(table: &BTreeMap<String, T>, code: &mut String) -> bool {
    if table.is_empty() || code.is_empty() {
        return true;
    }
    let Some(ours) = table.get(code.as_str()) else { return false };
    *code = ours.to_string();
    true
}

//! What a message is, and what is to become of it: from bytes to a verdict, without looking at anything else.

use super::charset::decoded;
use super::reader::Reader;
use super::visit::moment;
use super::{
    AppointmentChange, Charset, Header, Identifier, PatientUpsert, Profile, UnknownPatient, VisitChange,
};
use hl7_parser::Message;
use sha2::{Digest, Sha256};

/// Whether a sender may mend it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Severity {
    /// The content is wrong.
    Error,
    /// It is no message that we take.
    Reject,
}

/// What is wrong with a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// For the sender.
    pub severity: Severity,
    /// Of table 0357.
    pub code: u16,
    /// Where: `PID-3`.
    pub path: &'static str,
    /// In words, without any value of the message.
    pub text: String,
}

impl Fault {
    /// The sender has to tell of the patient first.
    pub(crate) fn unknown_patient() -> Self {
        Self::error(
            204,
            "PID-3",
            "nobody is known by this number, and this door makes nobody of such a message",
        )
    }

    /// A value that our database does not take.
    pub(crate) fn not_done() -> Self {
        Self::error(207, "MSH", "the database refuses a value of it")
    }

    pub(super) fn error(code: u16, path: &'static str, text: &str) -> Self {
        Self { severity: Severity::Error, code, path, text: text.to_owned() }
    }

    pub(super) fn reject(code: u16, path: &'static str, text: &str) -> Self {
        Self { severity: Severity::Reject, code, path, text: text.to_owned() }
    }

    /// The code's words in table 0357.
    #[must_use]
    pub fn name(&self) -> &'static str {
        match self.code {
            100 => "Segment sequence error",
            101 => "Required field missing",
            102 => "Data type error",
            103 => "Table value not found",
            200 => "Unsupported message type",
            201 => "Unsupported event code",
            202 => "Unsupported processing id",
            203 => "Unsupported version id",
            204 => "Unknown key identifier",
            205 => "Duplicate key identifier",
            _ => "Application internal error",
        }
    }
}

/// What is to become of a message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// The patient, and what the message says of a stay, are brought up to date.
    Upsert(Box<Told>),
    /// Two numbers are one patient's: the one of the patient here stays, the other one is led to it.
    Merge(Box<Told>, Identifier),
    /// Nothing in it is for us.
    Ignored,
    /// It is for us, but a person has to decide, or we cannot do it yet.
    Parked(Fault),
    /// It cannot be used.
    Refused(Fault),
}

/// What a message tells.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Told {
    /// Of whom.
    pub patient: PatientUpsert,
    /// Of which stay, when it names one.
    pub visit: Option<VisitChange>,
}

/// A message that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Taken {
    /// Empty when it could not be read.
    pub header: Header,
    /// The letters it is written in.
    pub charset: Charset,
    /// Of the message but for its control id and its time: the same content has the same.
    pub digest: String,
    /// The moment it speaks of, digits of the hospital's time: EVN-6, EVN-2 or MSH-7.
    pub speaks_of: String,
    /// What is to become of it.
    pub verdict: Verdict,
    /// Whether it may make a patient whom nobody knows.
    pub creates: bool,
    /// The first value that is left out, when the rest is used.
    pub warning: Option<Fault>,
    /// What it says of an appointment of the patient.
    pub appointment: Option<Box<AppointmentChange>>,
}

impl Taken {
    /// The same, but it waits for a person.
    #[must_use]
    pub(crate) fn parked(self, fault: Fault) -> Self {
        Self { verdict: Verdict::Parked(fault), ..self }
    }
}

/// Reads a message of a sender.
#[must_use]
pub fn take(bytes: &[u8], profile: &Profile) -> Taken {
    let (text, charset) = decoded(bytes, profile.charset);
    let unread = |verdict| Taken {
        header: Header::default(),
        charset,
        digest: hex::encode(Sha256::digest(bytes)),
        speaks_of: String::new(),
        verdict,
        creates: false,
        warning: None,
        appointment: None,
    };
    let Some(text) = text else {
        // Its header may be read all the same, so that the answer names it.
        let loose = String::from_utf8_lossy(bytes).into_owned();
        let header = with_returns(&loose);
        let header = Message::parse(&header).map(|message| Header::of(&message)).unwrap_or_default();
        let text = format!("the bytes are not {}", charset.as_str());
        let fault = Fault { severity: Severity::Error, code: 102, path: "MSH-18", text };
        return Taken { header, ..unread(Verdict::Refused(fault)) };
    };
    let text = with_returns(&text);
    match Message::parse(&text) {
        Err(_) => unread(Verdict::Refused(Fault::reject(100, "MSH", "the message cannot be read"))),
        Ok(message) => {
            let header = Header::of(&message);
            let digest = digest(&text, &header);
            let speaks_of = speaks_of(&message, &header);
            let verdict = judge(&message, &header, profile);
            let creates = profile.rules.unknown_patient == UnknownPatient::Create || brings(&header.trigger);
            let coded = profile.rules.codes.applied(&message, verdict);
            let (verdict, warning) = (coded.verdict, unreadable(&message).or(coded.warning));
            let appointment = (header.kind == "SIU")
                .then(|| AppointmentChange::of(&message, &header.trigger, &profile.timezone))
                .flatten()
                .map(Box::new);
            Taken { header, charset, digest, speaks_of, verdict, creates, warning, appointment }
        }
    }
}

/// Segments end with a carriage return; senders write what their system ends lines with.
fn with_returns(text: &str) -> String {
    let text = text.trim_start().replace("\r\n", "\r").replace('\n', "\r");
    let segments = text.split('\r').filter(|segment| !segment.trim().is_empty());
    segments.collect::<Vec<_>>().join("\r")
}

/// Without MSH-7 and MSH-10: a message sent again under another number is the same.
fn digest(text: &str, header: &Header) -> String {
    let (head, rest) = text.split_once('\r').unwrap_or((text, ""));
    let separator = header.separators.chars().next().unwrap_or('|').to_string();
    let fields = head.split(&separator).enumerate().filter(|(place, _)| !matches!(place + 1, 7 | 10));
    let head = fields.map(|(_, field)| field).collect::<Vec<_>>().join(&separator);
    hex::encode(Sha256::new().chain_update(head).chain_update("\r").chain_update(rest).finalize())
}

fn speaks_of(message: &Message<'_>, header: &Header) -> String {
    let field = |number| {
        let field = message.segment("EVN").and_then(|event| event.field(number));
        let digits: String = field?.raw_value().chars().take_while(char::is_ascii_digit).take(14).collect();
        (digits.len() >= 8).then_some(digits)
    };
    let digits = field(6).or_else(|| field(2)).unwrap_or_else(|| header.sent.chars().take(14).collect());
    // Whoever names no second means its beginning.
    if digits.is_empty() { digits } else { format!("{digits:0<14}") }
}

/// Events that tell of somebody for the first time.
fn brings(trigger: &str) -> bool {
    matches!(trigger, "A01" | "A04" | "A05" | "A14" | "A28")
}

/// A time in a field that is not needed, and is none: it is left out, and the sender hears of it.
fn unreadable(message: &Message<'_>) -> Option<Fault> {
    let is_wrong = |segment, field| {
        let text = Reader::of(message, segment).map(|segment| segment.text(field)).unwrap_or_default();
        // A year, or a year and a month, are less than is kept, and no mistake.
        let digits = text.chars().take_while(char::is_ascii_digit).count();
        let less = matches!(digits, 4 | 6) && digits == text.len();
        !text.is_empty() && !less && moment(&text, &jiff::tz::TimeZone::UTC).is_none()
    };
    let dates = [("PID", 7, "PID-7"), ("PV1", 44, "PV1-44"), ("PV1", 45, "PV1-45")];
    let (_, _, path) = dates.into_iter().find(|(segment, field, _)| is_wrong(segment, *field))?;
    Some(Fault::error(102, path, "is no date and was left out"))
}

/// Types that exist and have nothing for us.
const IGNORED: [&str; 24] = [
    "ORU", "ORM", "OML", "OMG", "OMP", "ORR", "ORL", "RDE", "RDS", "RAS", "RGV", "VXU", "MDM", "MFN", "DFT",
    "BAR", "PPR", "REF", "RSP", "QBP", "OUL", "ACK", "RRI", "PIN",
];

fn judge(message: &Message<'_>, header: &Header, profile: &Profile) -> Verdict {
    if !header.version.is_empty() && !header.version.starts_with("2.") {
        return Verdict::Refused(Fault::reject(203, "MSH-12", "only version 2 is spoken here"));
    }
    if !["", "P", "T", "D"].contains(&header.processing.as_str()) {
        return Verdict::Refused(Fault::reject(202, "MSH-11", "is none of P, T and D"));
    }
    if header.kind.is_empty() {
        return Verdict::Refused(Fault::reject(200, "MSH-9", "is empty"));
    }
    let is_other = |wanted: &Option<String>, place: usize| {
        wanted.as_ref().is_some_and(|wanted| header.parties.get(place) != Some(wanted))
    };
    if is_other(&profile.rules.application, 2) {
        return Verdict::Refused(Fault::reject(207, "MSH-5", "names another receiver"));
    }
    if is_other(&profile.rules.facility, 3) {
        return Verdict::Refused(Fault::reject(207, "MSH-6", "names another receiver"));
    }
    match header.kind.as_str() {
        "ADT" => of_admission(message, header, profile),
        "SIU" => of_schedule(message, header, profile),
        kind if IGNORED.contains(&kind) => Verdict::Ignored,
        _ => Verdict::Refused(Fault::reject(200, "MSH-9", "no such message type is taken here")),
    }
}

fn of_admission(message: &Message<'_>, header: &Header, profile: &Profile) -> Verdict {
    match header.trigger.as_str() {
        "A18" | "A30" | "A34" | "A40" => return merge(message, header, profile),
        "A35" | "A36" | "A37" | "A39" | "A41" | "A42" | "A43" | "A44" | "A45" | "A46" | "A47" | "A48"
        | "A49" | "A50" | "A51" => {
            let fault =
                Fault::error(207, "MSH-9", "moving stays and taking patients apart is done by a person");
            return Verdict::Parked(fault);
        }
        "A23" | "A29" => {
            let fault = Fault::error(207, "MSH-9", "nobody is removed because a system says so");
            return Verdict::Parked(fault);
        }
        "A20" | "A60" => return Verdict::Ignored,
        trigger if !is_admission(trigger) => {
            return Verdict::Refused(Fault::reject(201, "MSH-9", "no such event is taken here"));
        }
        "A03" if !has_stay(message) => {
            return Verdict::Refused(Fault::error(101, "PV1-19", "a discharge names no stay"));
        }
        _ => {}
    }
    upsert(message, header, profile)
}

/// The patient of MRG became the one of PID.
fn merge(message: &Message<'_>, header: &Header, profile: &Profile) -> Verdict {
    let pairs = message.segments().filter(|segment| segment.name == "MRG").count();
    if pairs > 1 {
        let fault = Fault::error(207, "MRG", "joining several patients in one message is done by a person");
        return Verdict::Parked(fault);
    }
    if pairs == 0 {
        return Verdict::Refused(Fault::error(100, "MRG", "is missing"));
    }
    let told = match upsert(message, header, profile) {
        Verdict::Upsert(told) => told,
        other => return other,
    };
    match PatientUpsert::prior(message, &told.patient.identifier) {
        None => Verdict::Refused(Fault::error(101, "MRG-1", "the patient who is joined has no number")),
        Some(prior) if prior == told.patient.identifier => {
            Verdict::Refused(Fault::error(205, "MRG-1", "is the same number as PID-3"))
        }
        Some(prior) => Verdict::Merge(told, prior),
    }
}

/// A01 to A62 of chapter 3.
fn is_admission(trigger: &str) -> bool {
    let number = trigger.strip_prefix('A').filter(|digits| digits.len() == 2);
    number.and_then(|digits| digits.parse::<u8>().ok()).is_some_and(|number| (1..=62).contains(&number))
}

/// PV1-19, or as some write it PID-18.
fn has_stay(message: &Message<'_>) -> bool {
    let filled = |segment: &str, field| {
        let field = message.segment(segment).and_then(|segment| segment.field(field));
        field.is_some_and(|field| !field.raw_value().trim().is_empty())
    };
    filled("PV1", 19) || filled("PID", 18)
}

fn of_schedule(message: &Message<'_>, header: &Header, profile: &Profile) -> Verdict {
    let number = header.trigger.strip_prefix('S').and_then(|digits| digits.parse::<u8>().ok());
    if !number.is_some_and(|number| (12..=26).contains(&number)) {
        return Verdict::Refused(Fault::reject(201, "MSH-9", "no such event is taken here"));
    }
    let named = message.segment("SCH").is_some_and(|schedule| {
        [1, 2]
            .iter()
            .any(|field| schedule.field(*field).is_some_and(|field| !field.raw_value().trim().is_empty()))
    });
    if !named {
        return Verdict::Refused(Fault::error(101, "SCH-1", "an appointment has no number, nor in SCH-2"));
    }
    match PatientUpsert::of(message, &profile.numbers) {
        Some(patient) => Verdict::Upsert(Box::new(Told { patient, visit: None })),
        // Blocked and opened schedules have no patient.
        None => Verdict::Ignored,
    }
}

fn upsert(message: &Message<'_>, header: &Header, profile: &Profile) -> Verdict {
    if message.segment("PID").is_none() {
        return Verdict::Refused(Fault::error(100, "PID", "is missing"));
    }
    match PatientUpsert::of(message, &profile.numbers) {
        Some(patient) if patient.name.is_empty() => {
            Verdict::Refused(Fault::error(101, "PID-5", "a patient has no name"))
        }
        Some(patient) => {
            let visit = VisitChange::of(message, &header.trigger, &profile.timezone);
            Verdict::Upsert(Box::new(Told { patient, visit }))
        }
        None => Verdict::Refused(Fault::error(101, "PID-3", "a patient has no number")),
    }
}

#[cfg(test)]
mod tests {
    use super::{Fault, Severity, Verdict, take};
    use crate::his::{Profile, Rules};
    use careline_model::number::NumberPlan;

    fn profile() -> Profile {
        Profile {
            id: "his".into(),
            charset: None,
            numbers: NumberPlan::default(),
            timezone: jiff::tz::TimeZone::UTC,
            rules: Rules::default(),
        }
    }

    fn of(kind: &str, rest: &str) -> Verdict {
        let text = format!("MSH|^~\\&|HIS|H|CARE|LINE|20260101120000||{kind}|1|P|2.4\r{rest}");
        take(text.as_bytes(), &profile()).verdict
    }

    fn refused(verdict: Verdict) -> (Severity, u16, &'static str) {
        match verdict {
            Verdict::Refused(Fault { severity, code, path, .. }) => (severity, code, path),
            other => panic!("{other:?}"),
        }
    }

    const PID: &str = "PID|||7^^^^MR||张三";

    #[test]
    fn each_row_of_the_answers_has_its_verdict() {
        assert!(matches!(of("ADT^A08", PID), Verdict::Upsert(_)));
        assert!(matches!(of("SIU^S12", &format!("SCH|1\r{PID}")), Verdict::Upsert(_)));
        assert_eq!(of("ORU^R01", PID), Verdict::Ignored);
        assert_eq!(of("SIU^S23", "SCH||9"), Verdict::Ignored);
        assert!(matches!(of("ADT^A40", &format!("{PID}\rMRG|8^^^^MR")), Verdict::Merge(..)));
        assert!(matches!(of("ADT^A40", &format!("{PID}\rMRG|8^^^^MR\r{PID}\rMRG|9")), Verdict::Parked(_)));
        assert!(matches!(of("ADT^A47", PID), Verdict::Parked(_)));
        assert!(matches!(of("ADT^A29", PID), Verdict::Parked(_)));
        let (error, reject) = (Severity::Error, Severity::Reject);
        assert_eq!(refused(of("ADT^A08", "PV1||I")), (error, 100, "PID"));
        assert_eq!(refused(of("ADT^A08", "PID|||||张三")), (error, 101, "PID-3"));
        assert_eq!(refused(of("ADT^A08", "PID|||7")), (error, 101, "PID-5"));
        assert_eq!(refused(of("ADT^A40", PID)), (error, 100, "MRG"));
        assert_eq!(refused(of("ADT^A40", &format!("{PID}\rMRG|"))), (error, 101, "MRG-1"));
        assert_eq!(refused(of("ADT^A40", &format!("{PID}\rMRG|7^^^^MR"))), (error, 205, "MRG-1"));
        assert_eq!(refused(of("ADT^A03", PID)), (error, 101, "PV1-19"));
        assert!(matches!(of("ADT^A03", &format!("{PID}\rPV1||I{}9", "|".repeat(17))), Verdict::Upsert(_)));
        assert_eq!(refused(of("SIU^S12", PID)), (error, 101, "SCH-1"));
        assert_eq!(refused(of("XYZ^A01", PID)), (reject, 200, "MSH-9"));
        assert_eq!(refused(of("", PID)), (reject, 200, "MSH-9"));
        assert_eq!(refused(of("ADT^A99", PID)), (reject, 201, "MSH-9"));
        assert_eq!(refused(of("SIU^A01", PID)), (reject, 201, "MSH-9"));
        let verdict = |text: &str| take(text.as_bytes(), &profile()).verdict;
        assert_eq!(refused(verdict("MSH|^~\\&|||||||ADT^A08|1|X|2.4")), (reject, 202, "MSH-11"));
        assert_eq!(refused(verdict("MSH|^~\\&|||||||ADT^A08|1|P|3.0")), (reject, 203, "MSH-12"));
        assert_eq!(refused(verdict("no message")), (reject, 100, "MSH"));
        assert_eq!(refused(verdict("")), (reject, 100, "MSH"));
        let broken =
            [b"MSH|^~\\&|HIS||||2026||ADT^A08|M7|P|2.4||||||UTF-8\rPID|||7||".as_slice(), &[0xD5]].concat();
        let taken = take(&broken, &profile());
        assert_eq!(taken.header.control_id, "M7", "the answer names it");
        assert_eq!(refused(taken.verdict), (error, 102, "MSH-18"));
    }

    #[test]
    fn lines_may_end_in_any_way() {
        let lines = ["MSH|^~\\&|HIS|H|||2026||ADT^A08|1|P|2.4", "EVN|A08|20260102", PID];
        let whole = take(lines.join("\r").as_bytes(), &profile());
        assert!(matches!(whole.verdict, Verdict::Upsert(_)));
        assert_eq!(whole.speaks_of, "20260102000000");
        for end in ["\n", "\r\n", "\r\r"] {
            let text = lines.join(end) + end;
            assert_eq!(take(text.as_bytes(), &profile()), whole, "{end:?}");
            let marked = [b"\xEF\xBB\xBF".as_slice(), text.as_bytes()].concat();
            assert_eq!(take(&marked, &profile()), whole, "{end:?}");
        }
    }

    #[test]
    fn the_same_content_has_the_same_digest_under_another_number() {
        let with = |time: &str, id: &str, name: &str| {
            let text = format!("MSH|^~\\&|HIS|H|||{time}||ADT^A08|{id}|P|2.4\rPID|||7||{name}");
            take(text.as_bytes(), &profile()).digest
        };
        assert_eq!(with("20260101", "1", "张三"), with("20260102", "2", "张三"));
        assert_ne!(with("20260101", "1", "张三"), with("20260101", "1", "张四"));
    }
}

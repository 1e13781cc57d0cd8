//! PV1: a stay in the hospital, or a visit to it.

use super::reader::Reader;
use hl7_parser::Message;
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

/// Longest code, and longest name of a doctor, in characters.
const CODE_CHARS_MAX: usize = 64;

/// What an event does to a stay.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Moved {
    /// Is to come.
    Planned,
    /// Came, or is back.
    Present,
    /// Left.
    Left,
    /// Never was.
    Cancelled,
    /// Neither came nor went.
    No,
}

impl Moved {
    fn by(trigger: &str) -> Self {
        match trigger {
            "A05" | "A14" => Self::Planned,
            "A01" | "A04" | "A13" => Self::Present,
            "A03" => Self::Left,
            "A11" | "A27" | "A38" => Self::Cancelled,
            _ => Self::No,
        }
    }

    /// Its word in the table; nothing when the state stays.
    #[must_use]
    pub fn state(self) -> Option<&'static str> {
        match self {
            Self::Planned => Some("planned"),
            Self::Present => Some("present"),
            Self::Left => Some("left"),
            Self::Cancelled => Some("cancelled"),
            Self::No => None,
        }
    }
}

/// What a message says of a stay. What is empty was not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VisitChange {
    /// PV1-19, as some write it PID-18.
    pub number: String,
    /// What happened.
    pub moved: Moved,
    /// `inpatient`, `outpatient`, `emergency` or `other`.
    pub class: &'static str,
    /// PV1-10.
    pub department: String,
    /// PV1-3.
    pub ward: String,
    /// PV1-3.
    pub room: String,
    /// PV1-3.
    pub bed: String,
    /// PV1-7: code.
    pub doctor: String,
    /// PV1-7: name.
    pub doctor_name: String,
    /// PV1-44, UTC microseconds; of an admission else when it happened.
    pub admitted_us: Option<i64>,
    /// PV1-45, UTC microseconds; of a discharge else when it happened.
    pub discharged_us: Option<i64>,
    /// PV1-36.
    pub disposition: String,
}

impl VisitChange {
    /// The stay of a message; nothing when it names none.
    pub(super) fn of(message: &Message<'_>, trigger: &str, timezone: &TimeZone) -> Option<Self> {
        let pv1 = Reader::of(message, "PV1")?;
        let code = |field, component| pv1.piece(field, component, CODE_CHARS_MAX);
        let otherwise = || Reader::of(message, "PID").map(|pid| pid.piece(18, 1, CODE_CHARS_MAX));
        let number = Some(code(19, 1)).filter(|number| !number.is_empty()).or_else(otherwise)?;
        if number.is_empty() {
            return None;
        }
        let moved = Moved::by(trigger);
        let happened = || {
            let event = Reader::of(message, "EVN")?;
            moment(&event.text(6), timezone).or_else(|| moment(&event.text(2), timezone))
        };
        let said = |field, is: Moved| {
            let said = moment(&pv1.text(field), timezone);
            if moved == is { said.or_else(happened) } else { said }
        };
        let (family, given) = (code(7, 2), code(7, 3));
        Some(Self {
            number,
            moved,
            class: class(&pv1.text(2)),
            department: code(10, 1),
            ward: code(3, 1),
            room: code(3, 2),
            bed: code(3, 3),
            doctor: code(7, 1),
            doctor_name: family + &given,
            admitted_us: said(44, Moved::Present).filter(|_| trigger != "A13"),
            discharged_us: said(45, Moved::Left),
            disposition: code(36, 1),
        })
    }
}

/// Table 0004 and what people write.
pub(super) fn class(code: &str) -> &'static str {
    match code {
        "I" | "住院" => "inpatient",
        "O" | "R" | "C" | "门诊" => "outpatient",
        "E" | "急诊" => "emergency",
        _ => "other",
    }
}

/// `YYYYMMDD[HHMM[SS]]`, in the sender's zone unless it names its own.
pub(super) fn moment(text: &str, timezone: &TimeZone) -> Option<i64> {
    let digits: String = text.chars().take_while(char::is_ascii_digit).take(14).collect();
    if digits.len() < 8 {
        return None;
    }
    let digits = format!("{digits:0<14}");
    let number = |range: std::ops::Range<usize>| digits.get(range).and_then(|part| part.parse::<i8>().ok());
    let year = digits.get(..4)?.parse().ok()?;
    let (month, day) = (number(4..6)?, number(6..8)?);
    let (hour, minute, second) = (number(8..10)?, number(10..12)?, number(12..14)?);
    let local = DateTime::new(year, month, day, hour, minute, second, 0).ok()?;
    let zone = offset(text).unwrap_or_else(|| timezone.clone());
    Some(local.to_zoned(zone).ok()?.timestamp().as_microsecond())
}

/// `+0800` at its end.
fn offset(text: &str) -> Option<TimeZone> {
    let at = text.find(['+', '-'])?;
    let (hours, minutes) = (text.get(at + 1..at + 3)?, text.get(at + 3..at + 5)?);
    let seconds = (hours.parse::<i32>().ok()? * 60 + minutes.parse::<i32>().ok()?) * 60;
    let seconds = if text.get(at..=at) == Some("-") { -seconds } else { seconds };
    Some(TimeZone::fixed(jiff::tz::Offset::from_seconds(seconds).ok()?))
}

#[cfg(test)]
mod tests {
    use super::{Moved, VisitChange, moment};
    use jiff::tz::TimeZone;

    fn zone() -> TimeZone {
        TimeZone::get("Asia/Shanghai").expect("it is known")
    }

    fn visit(trigger: &str, segments: &str) -> Option<VisitChange> {
        let text = format!("MSH|^~\\&|HIS|||||||||\r{segments}");
        let message = hl7_parser::Message::parse(&text).expect("it parses");
        VisitChange::of(&message, trigger, &zone())
    }

    #[test]
    fn a_stay_as_a_ward_tells_it() {
        let fields = ["PV1", "1", "I", "XNK^12^03", "", "", "", "D007^王^芳", "", "", "CARD"].join("|");
        let pv1 = fields + &"|".repeat(9) + "ZY1" + &"|".repeat(17) + "1" + &"|".repeat(8) + "202603010800";
        let came = visit("A01", &format!("EVN|A01|20260301090000\r{pv1}")).expect("it names a stay");
        assert_eq!((came.number.as_str(), came.moved, came.class), ("ZY1", Moved::Present, "inpatient"));
        let place = (came.department.as_str(), came.ward.as_str(), came.room.as_str(), came.bed.as_str());
        assert_eq!(place, ("CARD", "XNK", "12", "03"));
        assert_eq!(
            (came.doctor.as_str(), came.doctor_name.as_str(), came.disposition.as_str()),
            ("D007", "王芳", "1")
        );
        assert_eq!(
            came.admitted_us,
            moment("20260301080000", &zone()),
            "PV1-44 goes before the event's time"
        );
        let left = visit("A03", &format!("EVN|A03|20260308\r{pv1}")).expect("it names a stay");
        assert_eq!((left.moved, left.discharged_us), (Moved::Left, moment("20260308", &zone())));
        assert_eq!(visit("A01", "PV1||I"), None, "no number");
        assert_eq!(visit("A01", "PID|||1"), None, "no stay");
    }

    #[test]
    fn times_are_of_the_hospital_unless_they_say_otherwise() {
        let midnight = moment("20260301", &zone()).expect("a day");
        assert_eq!(midnight, 1_772_294_400_000_000, "2026-02-28T16:00:00Z");
        assert_eq!(moment("20260228160000+0000", &zone()), Some(midnight));
        assert_eq!(moment("20260228110000.0000-0500", &zone()), Some(midnight));
        for nonsense in ["", "2026", "20261301", "20260301250000", "x"] {
            assert_eq!(moment(nonsense, &zone()), None, "{nonsense}");
        }
    }
}

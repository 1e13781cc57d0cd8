//! SCH and what stands behind it: an appointment as the hospital's system has it now.

use super::reader::Reader;
use super::visit::moment;
use hl7_parser::Message;
use jiff::tz::TimeZone;

/// Longest code, name and reason, in characters.
const TEXT_CHARS_MAX: usize = 128;

/// What a message says of an appointment. What is empty was not said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppointmentChange {
    /// SCH-2, the system's number of it; SCH-1, that of who asked for it, when there is none.
    pub number: String,
    /// `booked`, `cancelled`, `noshow`, `arrived`, `fulfilled`, `pending`, `waitlist` or `entered_in_error`; nothing when
    /// the state stays.
    pub state: Option<&'static str>,
    /// It was put to another time (S13).
    pub moved: bool,
    /// UTC microseconds.
    pub starts_us: Option<i64>,
    /// UTC microseconds.
    pub ends_us: Option<i64>,
    /// AIL-3.
    pub place: String,
    /// AIP-3 of the first person: code.
    pub doctor: String,
    /// AIP-3 of the first person: name.
    pub doctor_name: String,
    /// AIS-3.
    pub service: String,
    /// SCH-7.
    pub reason: String,
}

impl AppointmentChange {
    /// The appointment of a message; nothing when it names none, or tells of no appointment's life.
    pub(super) fn of(message: &Message<'_>, trigger: &str, timezone: &TimeZone) -> Option<Self> {
        let schedule = Reader::of(message, "SCH")?;
        let numbers = [2, 1].map(|field| schedule.piece(field, 1, TEXT_CHARS_MAX));
        let number = numbers.into_iter().find(|number| !number.is_empty())?;
        let status = schedule.text(25);
        let state = match trigger {
            "S12" | "S13" => Some(by_status(&status).unwrap_or("booked")),
            "S14" => by_status(&status),
            "S15" | "S16" => Some("cancelled"),
            "S17" => Some("entered_in_error"),
            "S26" => Some("noshow"),
            _ => None,
        };
        let piece = |segment: &str, field, component| {
            let segment = Reader::of(message, segment);
            segment.map(|segment| segment.piece(field, component, TEXT_CHARS_MAX)).unwrap_or_default()
        };
        let first = |pieces: &[(&str, usize, usize)]| {
            let mut times = pieces.iter().map(|(segment, field, part)| piece(segment, *field, *part));
            times.find_map(|text| moment(&text, timezone))
        };
        let (family, given) = (piece("AIP", 3, 2), piece("AIP", 3, 3));
        let service = Some(piece("AIS", 3, 2)).filter(|name| !name.is_empty());
        Some(Self {
            number,
            state,
            moved: trigger == "S13",
            starts_us: first(&[("SCH", 11, 4), ("TQ1", 7, 1), ("AIS", 4, 1), ("AIP", 6, 1)]),
            ends_us: first(&[("SCH", 11, 5), ("TQ1", 8, 1)]),
            place: piece("AIL", 3, 1),
            doctor: piece("AIP", 3, 1),
            doctor_name: family + &given,
            service: service.unwrap_or_else(|| piece("AIS", 3, 1)),
            reason: Some(piece("SCH", 7, 2))
                .filter(|text| !text.is_empty())
                .unwrap_or_else(|| piece("SCH", 7, 1)),
        })
    }
}

/// Table 0278 as HL7's map to FHIR has it.
fn by_status(status: &str) -> Option<&'static str> {
    Some(match status.to_ascii_lowercase().as_str() {
        "pending" => "pending",
        "waitlist" => "waitlist",
        "booked" | "overbook" => "booked",
        "started" => "arrived",
        "complete" => "fulfilled",
        "cancelled" | "dc" => "cancelled",
        "deleted" => "entered_in_error",
        "noshow" => "noshow",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::AppointmentChange;
    use jiff::tz::TimeZone;

    fn of(trigger: &str, segments: &str) -> Option<AppointmentChange> {
        let text = format!("MSH|^~\\&|HIS|||||||||\r{segments}");
        let message = hl7_parser::Message::parse(&text).expect("it parses");
        AppointmentChange::of(&message, trigger, &TimeZone::UTC)
    }

    #[test]
    fn what_is_booked_is_read_in_old_and_new_messages() {
        let old = of(
            "S12",
            "SCH|P1|F1|||||R1^复诊||||^^30^20260310090000^20260310093000\rAIS|1||C1^心内科专家\rAIL|1||3F\rAIP|1||D7^王^芳",
        )
        .expect("it has a number");
        assert_eq!((old.number.as_str(), old.state, old.moved), ("F1", Some("booked"), false));
        assert_eq!(old.starts_us, Some(1_773_133_200_000_000));
        assert_eq!(old.ends_us, Some(1_773_135_000_000_000));
        let names = (old.service.as_str(), old.place.as_str(), old.doctor.as_str(), old.doctor_name.as_str());
        assert_eq!(names, ("心内科专家", "3F", "D7", "王芳"));
        assert_eq!(old.reason, "复诊");
        let new = of("S13", "SCH|P1\rTQ1|1||||||20260310090000|20260310093000").expect("it has a number");
        assert_eq!((new.number.as_str(), new.starts_us, new.ends_us), ("P1", old.starts_us, old.ends_us));
        assert!(new.moved);
        let only = of("S12", "SCH|P1\rAIS|1||C1|20260310090000").expect("it has a number");
        assert_eq!((only.starts_us, only.service.as_str()), (old.starts_us, "C1"));
        assert_eq!(of("S12", "SCH||"), None);
        assert_eq!(of("S12", "PID|1"), None);
    }

    #[test]
    fn each_event_has_its_state() {
        let state = |trigger: &str, status: &str| {
            of(trigger, &format!("SCH|P1{}{status}", "|".repeat(24))).expect("it has a number").state
        };
        for (trigger, is) in [
            ("S12", Some("booked")),
            ("S13", Some("booked")),
            ("S14", None),
            ("S15", Some("cancelled")),
            ("S16", Some("cancelled")),
            ("S17", Some("entered_in_error")),
            ("S18", None),
            ("S26", Some("noshow")),
        ] {
            assert_eq!(state(trigger, ""), is, "{trigger}");
        }
        assert_eq!((state("S12", "Pending"), state("S14", "Complete")), (Some("pending"), Some("fulfilled")));
        assert_eq!((state("S12", "?"), state("S15", "Booked")), (Some("booked"), Some("cancelled")));
    }
}

//! The answer to a message (HL7 2.9.2, 2.9.3): what its sender asked to hear, in the sender's letters.

use super::take::{Fault, Severity};
use super::{Charset, Header};
use crate::storage::Received;

/// What became of a message, for its sender.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// It is stored, and whatever is wrong with it is ours to mend.
    Accepted,
    /// It is stored and used, but for a value that cannot be.
    Warned(Fault),
    /// It is stored and cannot be used.
    Refused(Fault),
}

impl From<Received> for Outcome {
    fn from(received: Received) -> Self {
        match (received.refusal, received.warning) {
            (Some(fault), _) => Self::Refused(fault),
            (None, Some(fault)) => Self::Warned(fault),
            (None, None) => Self::Accepted,
        }
    }
}

/// The answers to a message, in order: none, one, or in the enhanced mode two. `own_id` names each answer of ours.
#[must_use]
pub fn acks(
    header: &Header,
    charset: Charset,
    outcome: &Outcome,
    now: &str,
    mut own_id: impl FnMut() -> String,
) -> Vec<Vec<u8>> {
    let good = !matches!(outcome, Outcome::Refused(_));
    let severity = match outcome {
        Outcome::Accepted | Outcome::Warned(_) => None,
        Outcome::Refused(fault) => Some(fault.severity),
    };
    let code = |enhanced: bool| match (enhanced, severity) {
        (false, None) => "AA",
        (false, Some(Severity::Error)) => "AE",
        (false, Some(Severity::Reject)) => "AR",
        (true, None) => "CA",
        (true, Some(Severity::Error)) => "CE",
        (true, Some(Severity::Reject)) => "CR",
    };
    let original = header.accept.is_empty() && header.application.is_empty();
    let mut codes = Vec::new();
    if !original && is_wanted(&header.accept, good) {
        codes.push(code(true));
    }
    if original || is_wanted(&header.application, good) {
        codes.push(code(false));
    }
    codes.iter().map(|code| charset.encode(&text(header, code, outcome, now, &own_id()))).collect()
}

/// Table 0155.
fn is_wanted(condition: &str, good: bool) -> bool {
    match condition {
        "AL" => true,
        "SU" => good,
        "ER" => !good,
        _ => false,
    }
}

fn text(header: &Header, code: &str, outcome: &Outcome, now: &str, own_id: &str) -> String {
    // A separator that is a control character would break the answer's segments, or its frame.
    let usable = header.separators.chars().count() == 5 && !header.separators.chars().any(char::is_control);
    let separators = if usable { header.separators.as_str() } else { "|^~\\&" };
    let mut letters = separators.chars();
    let (bar, hat) = (letters.next().unwrap_or('|'), letters.next().unwrap_or('^'));
    let [application, facility, ours, our_facility] = &header.parties;
    let or =
        |text: &str, otherwise: &str| if text.is_empty() { otherwise.to_owned() } else { text.to_owned() };
    let mut msh = vec![
        format!("MSH{separators}"),
        ours.clone(),
        our_facility.clone(),
        application.clone(),
        facility.clone(),
        now.to_owned(),
        String::new(),
        format!("ACK{hat}{}{hat}ACK", or(&header.trigger, "A08")),
        own_id.to_owned(),
        or(&header.processing, "P"),
        or(&header.version, "2.4"),
    ];
    if !header.charset.is_empty() {
        msh.extend(std::iter::repeat_n(String::new(), 5));
        msh.push(header.charset.clone());
    }
    let bar = bar.to_string();
    let mut segments = vec![msh.join(&bar)];
    let mut msa = vec!["MSA".to_owned(), code.to_owned(), header.control_id.clone()];
    let told = match outcome {
        Outcome::Accepted => None,
        Outcome::Warned(fault) => Some((fault, "W")),
        Outcome::Refused(fault) => Some((fault, "E")),
    };
    if let Some((fault, severity)) = told {
        let words = format!("{}: {}", fault.path, fault.text);
        msa.push(words.clone());
        let place = fault.path.replace(['-', '.'], &hat.to_string());
        let hat = hat.to_string();
        let error = [fault.code.to_string(), fault.name().to_owned(), "HL70357".to_owned()].join(&hat);
        let fields = ["ERR", "", &place, &error, severity, "", "", "", &words];
        segments.extend([msa.join(&bar), fields.join(&bar)]);
    } else {
        segments.push(msa.join(&bar));
    }
    segments.iter().map(|segment| format!("{segment}\r")).collect()
}

#[cfg(test)]
mod tests {
    use super::{Charset, Fault, Header, Outcome, Severity, acks};

    fn header(accept: &str, application: &str) -> Header {
        Header {
            separators: "|^~\\&".into(),
            parties: ["HIS".into(), "医院".into(), "CARE".into(), "LINE".into()],
            trigger: "A03".into(),
            control_id: "M1".into(),
            processing: "P".into(),
            version: "2.4".into(),
            accept: accept.into(),
            application: application.into(),
            ..Header::default()
        }
    }

    fn told(header: &Header, outcome: &Outcome) -> Vec<String> {
        let answers = acks(header, Charset::Utf8, outcome, "20260101120000", || "C1".to_owned());
        answers.into_iter().map(|answer| String::from_utf8(answer).expect("UTF-8")).collect()
    }

    fn refused(severity: Severity) -> Outcome {
        Outcome::Refused(Fault { severity, code: 101, path: "PID-3", text: "is empty".into() })
    }

    #[test]
    fn the_answer_goes_back_to_who_asked() {
        assert_eq!(
            told(&header("", ""), &Outcome::Accepted),
            ["MSH|^~\\&|CARE|LINE|HIS|医院|20260101120000||ACK^A03^ACK|C1|P|2.4\rMSA|AA|M1\r"]
        );
    }

    #[test]
    fn what_is_wrong_is_said_with_its_place() {
        assert_eq!(
            told(&header("", ""), &refused(Severity::Error)),
            ["MSH|^~\\&|CARE|LINE|HIS|医院|20260101120000||ACK^A03^ACK|C1|P|2.4\r\
                 MSA|AE|M1|PID-3: is empty\r\
                 ERR||PID^3|101^Required field missing^HL70357|E||||PID-3: is empty\r"]
        );
        assert!(told(&header("", ""), &refused(Severity::Reject))[0].contains("MSA|AR|M1"));
    }

    #[test]
    fn what_was_left_out_is_said_beside_the_good_answer() {
        let Outcome::Refused(fault) = refused(Severity::Error) else { panic!("it is one") };
        let told = told(&header("", ""), &Outcome::Warned(fault));
        assert!(
            told[0].contains("MSA|AA|M1|PID-3: is empty\rERR||PID^3|101^") && told[0].contains("|W|"),
            "{told:?}"
        );
    }

    #[test]
    fn in_the_enhanced_mode_the_sender_hears_what_was_asked_for() {
        let codes = |accept: &str, application: &str, outcome: &Outcome| -> Vec<String> {
            let told = told(&header(accept, application), outcome);
            told.iter().filter_map(|text| text.split("MSA|").nth(1)?.get(..2).map(str::to_owned)).collect()
        };
        assert_eq!(codes("AL", "AL", &Outcome::Accepted), ["CA", "AA"]);
        assert_eq!(codes("AL", "NE", &refused(Severity::Error)), ["CE"]);
        assert_eq!(codes("ER", "ER", &Outcome::Accepted), Vec::<String>::new());
        assert_eq!(codes("ER", "", &refused(Severity::Reject)), ["CR"]);
        assert_eq!(codes("NE", "SU", &Outcome::Accepted), ["AA"]);
    }

    #[test]
    fn the_answer_is_in_the_senders_letters() {
        let header = Header { charset: "GB 18030-2000".into(), ..header("", "") };
        let answers = acks(&header, Charset::Gb18030, &Outcome::Accepted, "20260101", || "C1".to_owned());
        let text = Charset::Gb18030.decode(&answers[0]).expect("GB 18030");
        assert!(text.contains("|医院|") && text.contains("|P|2.4||||||GB 18030-2000\r"), "{text}");
        let hospital = [0xD2, 0xBD, 0xD4, 0xBA];
        assert!(answers[0].windows(4).any(|bytes| bytes == hospital));
    }
}

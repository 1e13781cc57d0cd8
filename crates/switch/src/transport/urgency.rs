//! What a datagram is worth when the driver is behind, told from its first line and its To header alone.
//!
//! What it is not: no parser and no judge. It only decides what is dropped first; whatever it takes for urgent is looked
//! at like everything else.

use careline_model::config::Plan;
use careline_sip::Uri;

/// How much is lost with a datagram, least first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Urgency {
    /// The beginning of something: a call, a registration, a question. Its sender asks again.
    New,
    /// The beginning of a call to an emergency number.
    Emergency,
    /// Part of something that goes on already: a response, or a request in a dialog or about one.
    Running,
}

impl Urgency {
    /// Of a whole datagram.
    pub fn of(datagram: &[u8], plan: &Plan) -> Self {
        let line = datagram.split(|byte| *byte == b'\n').next().unwrap_or_default();
        let mut words = line.trim_ascii().split(|byte| *byte == b' ');
        let (method, uri) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        match method {
            b"ACK" | b"BYE" | b"CANCEL" | b"PRACK" | b"UPDATE" | b"INFO" | b"NOTIFY" | b"SIP/2.0" => {
                Self::Running
            }
            b"INVITE" | b"REFER" | b"OPTIONS" if has_to_tag(datagram) => Self::Running,
            b"INVITE" if is_emergency(uri, plan) => Self::Emergency,
            _ => Self::New,
        }
    }
}

fn is_emergency(uri: &[u8], plan: &Plan) -> bool {
    let uri = str::from_utf8(uri).ok().and_then(|text| text.parse::<Uri>().ok());
    uri.and_then(|uri| uri.user_decoded()).is_some_and(|dialled| plan.is_never_shed(&dialled))
}

fn has_to_tag(datagram: &[u8]) -> bool {
    let lines = datagram.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).skip(1);
    for line in lines.take_while(|line| !line.is_empty()) {
        let Some(colon) = line.iter().position(|byte| *byte == b':') else { continue };
        let (name, value) = line.split_at(colon);
        let name = name.trim_ascii();
        if name.eq_ignore_ascii_case(b"to") || name.eq_ignore_ascii_case(b"t") {
            return value.windows(4).any(|part| part.eq_ignore_ascii_case(b"tag="));
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;
    use careline_model::config::{check, parse};

    fn urgency(text: &str) -> Urgency {
        let plan = check(&parse("", "switch.toml").expect("config"), &[], &|_| true).expect("plan");
        Urgency::of(text.as_bytes(), &plan)
    }

    #[test]
    fn the_beginning_of_something_goes_first_an_emergency_late_and_what_runs_last() {
        for new in [
            "INVITE sip:4001234567@switch SIP/2.0\r\nTo: <sip:4001234567@switch>\r\n\r\n;tag=body",
            "INVITE sip:1201@switch SIP/2.0\r\n\r\n",
            "OPTIONS sip:switch SIP/2.0\r\n\r\n",
            "REGISTER sip:switch SIP/2.0\r\nTo: <sip:1001@switch>;tag=odd\r\n\r\n",
            "MESSAGE sip:110@switch SIP/2.0\r\n\r\n",
            "nonsense",
            "",
        ] {
            assert_eq!(urgency(new), Urgency::New, "{new}");
        }
        for emergency in ["sip:120@switch", "tel:110", "sip:%31%31%39@switch;user=phone"] {
            let text = format!("INVITE {emergency} SIP/2.0\r\nTo: <sip:120@switch>\r\n\r\n");
            assert_eq!(urgency(&text), Urgency::Emergency, "{text}");
        }
        for running in [
            "BYE sip:switch SIP/2.0\r\n\r\n",
            "ACK sip:switch SIP/2.0\r\n\r\n",
            "CANCEL sip:4001234567@switch SIP/2.0\r\nTo: <sip:4001234567@switch>\r\n\r\n",
            "SIP/2.0 200 OK\r\n\r\n",
            "INVITE sip:careline@switch SIP/2.0\r\nFrom: x\r\nt : <sip:a>;TAG=1\r\n\r\n",
        ] {
            assert_eq!(urgency(running), Urgency::Running, "{running}");
        }
    }
}

//! Keys reach whom they are meant for in the way that one takes them: as events, as INFO, as tones.

use crate::lab::Lab;
use careline_model::{EventBody, LegId};
use careline_switchboard::{MediaOrder, MediaSignal};
use std::time::Duration;

/// A-law without telephone events.
const WITHOUT_EVENTS: &str = "m=audio PORT RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

/// The patients' trunk takes keys in this way.
fn carrier(dtmf: &str) -> Lab {
    Lab::changed("sources = [\"127.0.0.2\"]", &format!("sources = [\"127.0.0.2\"]\ndtmf = \"{dtmf}\""))
}

/// A call and who is in it.
struct Talk {
    lab: Lab,
    patient: usize,
    agent: usize,
    patient_leg: LegId,
    agent_leg: LegId,
}

/// Patient and agent talk; the agent's phone describes itself with this stream.
fn talk(mut lab: Lab, stream: Option<&str>) -> Talk {
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let leg = lab.caller_leg();
    let agent = lab.agent("1001", 11);
    if let Some(stream) = stream {
        lab.phones[agent].stream = stream.to_owned();
    }
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    lab.answer(agent);
    let joined = lab.media.iter().find_map(|order| match order {
        MediaOrder::Bridge { caller, agent } => Some((*caller, *agent)),
        _ => None,
    });
    let (patient_leg, agent_leg) = joined.expect("they are joined");
    Talk { lab, patient, agent, patient_leg, agent_leg }
}

impl Talk {
    /// The engine hears a key, as an event or in the sound.
    fn heard(&mut self, leg: LegId, digit: char) {
        self.lab.signal(MediaSignal::Digit { leg, digit, duration_ms: 120 });
    }

    /// A phone sends a key as INFO.
    fn informs(&mut self, phone: usize, digit: char) {
        let lab = &mut self.lab;
        let (now, phone) = (lab.now.instant, &mut lab.phones[phone]);
        let body = format!("Signal={digit}\r\nDuration=250\r\n").into_bytes();
        let dialog = phone.dialog.expect("a call");
        assert!(phone.endpoint.inform(now, dialog, "application/dtmf-relay", body));
        lab.run();
    }

    /// The keys that the engine was told to send to a leg.
    fn sent(&self, leg: LegId) -> Vec<(char, u16)> {
        let keys = self.lab.media.iter().filter_map(|order| match order {
            MediaOrder::SendKey { leg: to, key, duration_ms } if *to == leg => Some((*key, *duration_ms)),
            _ => None,
        });
        keys.collect()
    }

    /// The keys that a phone was sent as INFO.
    fn informed(&self, phone: usize) -> Vec<String> {
        let seen = self.lab.phones[phone].seen.iter();
        seen.filter_map(|one| one.strip_prefix("info application/dtmf-relay ").map(str::to_owned)).collect()
    }

    /// Whether keys are sought in the sound of a leg.
    fn is_sought(&self, leg: LegId) -> bool {
        let orders = self.lab.media.iter().rev();
        let mut last = orders.filter_map(|order| match order {
            MediaOrder::SeekKeys { leg: of, on } if *of == leg => Some(*on),
            _ => None,
        });
        last.next().unwrap_or(false)
    }
}

fn digits(lab: &Lab) -> Vec<char> {
    let told = lab.events.iter().filter_map(|event| match event {
        EventBody::Digit { digit, .. } => Some(*digit),
        _ => None,
    });
    told.collect()
}

#[test]
fn events_on_both_sides_are_the_engines_business() {
    let mut talk = talk(Lab::new(), None);
    talk.heard(talk.patient_leg, '5');
    talk.heard(talk.agent_leg, '6');
    assert!(talk.sent(talk.agent_leg).is_empty() && talk.sent(talk.patient_leg).is_empty());
    assert!(talk.informed(talk.patient).is_empty() && talk.informed(talk.agent).is_empty());
    assert!(!talk.is_sought(talk.patient_leg) && !talk.is_sought(talk.agent_leg));
}

#[test]
fn an_agents_key_reaches_a_trunk_of_info_as_info_and_its_own_as_an_event() {
    let mut talk = talk(carrier("info"), None);
    let signalled = talk.lab.media.iter().any(|order| {
        matches!(order, MediaOrder::Remote { leg, keys_signalled: true, .. } if *leg == talk.patient_leg)
    });
    assert!(signalled, "the engine may not play it as tones");
    talk.heard(talk.agent_leg, '5');
    talk.heard(talk.agent_leg, '#');
    assert_eq!(talk.informed(talk.patient), ["Signal=5\r\nDuration=120\r\n", "Signal=#\r\nDuration=120\r\n"]);
    talk.informs(talk.patient, '7');
    assert_eq!(talk.sent(talk.agent_leg), [('7', 250)]);
    assert!(!talk.is_sought(talk.patient_leg));
}

#[test]
fn a_flow_hears_keys_of_a_trunk_of_info() {
    let mut lab = carrier("info");
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let (now, phone) = (lab.now.instant, &mut lab.phones[patient]);
    let dialog = phone.dialog.expect("a call");
    phone.endpoint.inform(now, dialog, "application/dtmf-relay", b"Signal=0\r\nDuration=90\r\n".to_vec());
    lab.run();
    assert!(lab.events.iter().any(|event| matches!(event, EventBody::QueueEntered { .. })));
}

#[test]
fn keys_are_sought_in_the_sound_of_a_trunk_of_tones_from_the_beginning() {
    let mut talk = talk(carrier("inband"), None);
    let sought =
        talk.lab.media.iter().position(|order| matches!(order, MediaOrder::SeekKeys { on: true, .. }));
    let joined = talk.lab.media.iter().position(|order| matches!(order, MediaOrder::Bridge { .. }));
    assert!(talk.is_sought(talk.patient_leg) && sought < joined, "flows hear them");
    assert!(!talk.is_sought(talk.agent_leg), "her phone has events, and the engine makes tones of them");
    talk.informs(talk.agent, '3');
    assert_eq!(talk.sent(talk.patient_leg), [('3', 250)], "as tones");
}

#[test]
fn a_phone_without_events_is_listened_to_while_its_party_needs_them() {
    let mut talk = talk(Lab::new(), Some(WITHOUT_EVENTS));
    assert!(talk.is_sought(talk.agent_leg) && !talk.is_sought(talk.patient_leg));
    talk.lab.phones[talk.agent].stream = format!("{WITHOUT_EVENTS}a=sendonly\r\n");
    talk.lab.reoffer(talk.agent);
    assert!(!talk.is_sought(talk.agent_leg), "a held call has no other party");
    talk.lab.phones[talk.agent].stream = WITHOUT_EVENTS.to_owned();
    talk.lab.reoffer(talk.agent);
    assert!(talk.is_sought(talk.agent_leg));
}

#[test]
fn where_both_take_tones_nothing_is_sought() {
    let lab = Lab::new();
    let mut talk = talk(lab, Some(WITHOUT_EVENTS));
    talk.lab.phones[talk.patient].stream = WITHOUT_EVENTS.to_owned();
    talk.lab.reoffer(talk.patient);
    assert!(!talk.is_sought(talk.agent_leg) && !talk.is_sought(talk.patient_leg));
}

#[test]
fn a_phone_that_sends_info_gets_info() {
    let mut talk = talk(Lab::new(), Some(WITHOUT_EVENTS));
    talk.informs(talk.agent, '1');
    assert_eq!(talk.sent(talk.patient_leg), [('1', 250)], "the trunk has events");
    assert!(!talk.is_sought(talk.agent_leg), "they come as INFO");
    talk.heard(talk.patient_leg, '2');
    assert_eq!(talk.informed(talk.agent), ["Signal=2\r\nDuration=120\r\n"]);
}

#[test]
fn a_key_that_is_sent_by_two_ways_is_one_key() {
    let mut lab = Lab::new();
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let leg = lab.caller_leg();
    let inform = |lab: &mut Lab, digit: char| {
        let (now, phone) = (lab.now.instant, &mut lab.phones[patient]);
        let (dialog, body) = (phone.dialog.expect("a call"), format!("Signal={digit}\r\n").into_bytes());
        phone.endpoint.inform(now, dialog, "application/dtmf-relay", body);
        lab.run();
    };
    inform(&mut lab, '8');
    lab.signal(MediaSignal::Digit { leg, digit: '8', duration_ms: 100 });
    lab.pass(Duration::from_millis(300));
    lab.signal(MediaSignal::Digit { leg, digit: '8', duration_ms: 100 });
    inform(&mut lab, '8');
    assert_eq!(digits(&lab), ['8', '8']);
}

#[test]
fn a_held_party_gets_no_keys() {
    let mut talk = talk(carrier("info"), None);
    talk.lab.phones[talk.agent].stream = format!("{}a=sendonly\r\n", crate::lab::PLAIN);
    talk.lab.reoffer(talk.agent);
    talk.heard(talk.agent_leg, '5');
    talk.informs(talk.patient, '7');
    assert!(talk.informed(talk.patient).is_empty() && talk.sent(talk.agent_leg).is_empty());
}

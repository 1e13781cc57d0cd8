//! Encrypted audio from the description to the order for the media engine: who gets it, who is refused, and which keys.

use crate::lab::{Lab, PLAIN};
use careline_model::LegId;
use careline_model::event::{EventBody, OfferOutcome};
use careline_sdp::{MasterKey, RemoteAudio};
use careline_switchboard::{KeyGenerations, MediaOrder, MediaSignal};
use std::net::IpAddr;

const HOSPITAL: &str = "4001234567";
const KEY: &str = "inline:WVNfX19zZW1jdGwgKCkgewkyMjA7fQp9CnVubGVz";
const NEW_KEY: &str = "inline:PS1uQCVeeCFCanVmcjkpPywjNWhcYD0mXXtxaVBR";

/// A stream with a key. `tag` is that of the line it answers: our offers have the suite that everybody knows second.
fn stream(profile: &str, tag: u32, key: &str) -> String {
    let plain = PLAIN.replace("RTP/AVP", profile);
    format!("{plain}a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 {key}\r\n")
}

/// A house in which agent 1001's phone has this word about encryption.
fn house(srtp: &str) -> Lab {
    Lab::changed("id = \"1001\"", &format!("id = \"1001\"\nsrtp = \"{srtp}\""))
}

/// A patient who waits for an agent; gives the phone.
fn wait_for_an_agent(lab: &mut Lab) -> usize {
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, HOSPITAL);
    let leg = lab.caller_leg();
    lab.signal(MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    patient
}

/// What the phone that rings was offered.
fn offered(lab: &Lab, phone: usize) -> String {
    let (_, invite) = lab.phones[phone].incoming.last().expect("it rings");
    String::from_utf8_lossy(&invite.request.body).into_owned()
}

/// The order of the media engine about the party at this address.
struct Ordered {
    leg: LegId,
    remote: RemoteAudio,
    own: Option<MasterKey>,
    generations: KeyGenerations,
    from: Option<IpAddr>,
}

fn ordered(lab: &Lab, host: u8) -> Vec<Ordered> {
    let all = lab.media.iter().filter_map(|order| match order {
        MediaOrder::Remote { leg, remote, own_key, key_generations, signalled_from, .. } => Some(Ordered {
            leg: *leg,
            remote: (**remote).clone(),
            own: own_key.clone(),
            generations: *key_generations,
            from: *signalled_from,
        }),
        _ => None,
    });
    all.filter(|order| order.remote.address.ip() == IpAddr::from([127, 0, 0, host])).collect()
}

fn last(lab: &Lab, host: u8) -> Ordered {
    ordered(lab, host).pop().expect("an order")
}

fn peer_key(order: &Ordered) -> &MasterKey {
    &order.remote.crypto.as_ref().expect("it is encrypted").key
}

fn is_bridged(lab: &Lab, leg: LegId) -> bool {
    lab.media.iter().any(|order| matches!(order, MediaOrder::Bridge { agent, .. } if *agent == leg))
}

fn offers_ended(lab: &Lab) -> Vec<OfferOutcome> {
    let outcome = |event: &EventBody| match event {
        EventBody::OfferEnded { outcome, .. } => Some(*outcome),
        _ => None,
    };
    lab.events.iter().filter_map(outcome).collect()
}

#[test]
fn a_phone_that_must_encrypt_talks_to_a_plain_patient() {
    let mut lab = house("required");
    let agent = lab.agent("1001", 11);
    lab.phones[agent].stream = stream("RTP/SAVP", 2, KEY);
    wait_for_an_agent(&mut lab);
    let offer = offered(&lab, agent);
    assert!(offer.contains("RTP/SAVP 8 0 101") && offer.contains("a=crypto:1 AEAD_AES_128_GCM"), "{offer}");
    lab.answer(agent);
    let (hers, his) = (last(&lab, 11), last(&lab, 2));
    let ours = hers.own.as_ref().expect("our key");
    assert_eq!(ours.suite(), peer_key(&hers).suite());
    assert_ne!(ours, peer_key(&hers));
    assert!(his.own.is_none() && his.remote.crypto.is_none(), "the trunk is plain");
    assert_eq!((hers.from, his.from), (Some([127, 0, 0, 11].into()), Some([127, 0, 0, 2].into())));
    assert!(is_bridged(&lab, hers.leg));
}

#[test]
fn a_phone_that_must_encrypt_and_calls_in_clear_is_refused() {
    let mut lab = house("required");
    let agent = lab.agent("1001", 11);
    lab.dial(agent, "9196");
    assert_eq!(lab.phones[agent].seen.last().map(String::as_str), Some("refused 488"));
    lab.phones[agent].stream = stream("RTP/SAVP", 7, KEY);
    lab.dial(agent, "9196");
    let answer = lab.phones[agent].answers.last().expect("an answer");
    assert!(
        answer.contains("RTP/SAVP 8 101") && answer.contains("a=crypto:7 AES_CM_128_HMAC_SHA1_80"),
        "{answer}"
    );
    assert!(last(&lab, 11).own.is_some());
}

#[test]
fn a_plain_phone_where_encryption_is_required_costs_the_patient_nothing() {
    for refuses in [true, false] {
        let mut lab = house("required");
        let (plain, other) = (lab.agent("1001", 11), lab.agent("1002", 12));
        let patient = wait_for_an_agent(&mut lab);
        if refuses {
            lab.decline(plain, 488);
        } else {
            lab.answer(plain);
            let seen = lab.phones[plain].seen.last().map(String::as_str);
            assert_eq!(seen, Some("ended RemoteBye"), "an answer in clear is no answer");
            assert!(ordered(&lab, 11).is_empty(), "and nothing is sent there");
        }
        assert_eq!(offers_ended(&lab), [OfferOutcome::DeviceLost]);
        assert_eq!(lab.phones[other].incoming.len(), 1, "the next agent rings");
        assert!(!lab.phones[patient].seen.iter().any(|seen| seen.starts_with("ended")), "the patient waits");
    }
}

#[test]
fn where_encryption_is_optional_both_kinds_of_phones_are_served() {
    for (answers, encrypted) in
        [(PLAIN.to_owned(), false), (stream("RTP/AVP", 2, KEY), true), (stream("RTP/AVP", 9, KEY), false)]
    {
        let mut lab = house("optional");
        let agent = lab.agent("1001", 11);
        lab.phones[agent].stream = answers;
        wait_for_an_agent(&mut lab);
        let offer = offered(&lab, agent);
        assert!(offer.contains("RTP/AVP 8 0 101") && offer.contains("a=crypto:2 AES_CM_128"), "{offer}");
        lab.answer(agent);
        let order = last(&lab, 11);
        assert_eq!((order.own.is_some(), order.remote.crypto.is_some()), (encrypted, encrypted));
        assert!(is_bridged(&lab, order.leg));
    }
    for (offers, encrypted) in [(PLAIN.to_owned(), false), (stream("RTP/SAVP", 1, KEY), true)] {
        let mut lab = house("optional");
        let agent = lab.agent("1001", 11);
        lab.phones[agent].stream = offers;
        lab.dial(agent, "9196");
        assert_eq!(last(&lab, 11).own.is_some(), encrypted);
    }
}

#[test]
fn where_encryption_is_off_phones_hear_nothing_of_keys() {
    let mut lab = house("off");
    let agent = lab.agent("1001", 11);
    wait_for_an_agent(&mut lab);
    assert!(!offered(&lab, agent).contains("a=crypto"));
}

#[test]
fn a_hold_keeps_the_keys_and_a_new_key_gets_a_new_one() {
    let mut lab = house("required");
    let agent = lab.agent("1001", 11);
    lab.phones[agent].stream = stream("RTP/SAVP", 2, KEY);
    wait_for_an_agent(&mut lab);
    lab.answer(agent);
    let first = last(&lab, 11);

    lab.phones[agent].stream = format!("{}a=sendonly\r\n", stream("RTP/SAVP", 2, KEY));
    lab.reoffer(agent);
    let held = last(&lab, 11);
    assert_eq!(held.generations, first.generations);
    assert_eq!((held.own.as_ref(), peer_key(&held)), (first.own.as_ref(), peer_key(&first)));

    lab.phones[agent].stream = stream("RTP/SAVP", 2, NEW_KEY);
    lab.reoffer(agent);
    let renewed = last(&lab, 11);
    let KeyGenerations { own, peer } = first.generations;
    assert_eq!(renewed.generations, KeyGenerations { own: own + 1, peer: peer + 1 });
    assert_ne!(renewed.own, first.own);
    assert_ne!(peer_key(&renewed), peer_key(&first));

    let orders = ordered(&lab, 11).len();
    PLAIN.clone_into(&mut lab.phones[agent].stream);
    lab.reoffer(agent);
    assert_eq!(lab.phones[agent].seen.last().map(String::as_str), Some("reoffer failed 488"));
    assert_eq!(ordered(&lab, 11).len(), orders, "the conversation goes on as it was");
}

#[test]
fn a_trunk_that_must_encrypt_is_offered_keys_and_nothing_else() {
    let mut lab = Lab::changed("id = \"city\"", "id = \"city\"\nsrtp = \"required\"");
    let (agent, gateway) = (lab.agent("1001", 11), lab.phone("gateway", 3));
    lab.dial(agent, "13812345678");
    let offer = offered(&lab, gateway);
    assert!(offer.contains("RTP/SAVP 8 0 101") && offer.contains("a=crypto:1 AEAD_AES_128_GCM"), "{offer}");
    lab.phones[gateway].stream = stream("RTP/SAVP", 2, KEY);
    lab.answer(gateway);
    let order = last(&lab, 3);
    assert!(order.own.is_some() && order.from == Some([127, 0, 0, 3].into()));
    assert!(lab.phones[agent].seen.contains(&"answered".to_owned()), "{:?}", lab.phones[agent].seen);
}

#[test]
fn a_trunk_that_must_encrypt_brings_no_call_in_clear() {
    let mut lab = Lab::changed("id = \"city\"", "id = \"city\"\nsrtp = \"required\"");
    let gateway = lab.phone("13812345678", 3);
    lab.dial(gateway, HOSPITAL);
    assert_eq!(lab.phones[gateway].seen, ["refused 488"]);
    lab.phones[gateway].stream = stream("RTP/SAVP", 1, KEY);
    lab.dial(gateway, HOSPITAL);
    assert!(last(&lab, 3).own.is_some());
}

#[test]
fn a_phone_with_wideband_codecs_is_offered_what_the_patient_speaks_first() {
    let codecs = "id = \"1001\"\ncodecs = [\"opus\", \"g722\", \"pcmu\", \"pcma\"]";
    let mut lab = Lab::changed("id = \"1001\"", codecs);
    let agent = lab.agent("1001", 11);
    wait_for_an_agent(&mut lab);
    let offer = offered(&lab, agent);
    let line = offer.lines().find(|line| line.starts_with("m=audio")).expect("a stream");
    let formats: Vec<&str> = line.split(' ').skip(3).collect();
    assert_eq!(formats[0], "8", "A-law, as the patient: {line}");
    assert!(formats.contains(&"9") && formats.contains(&"0") && offer.contains("opus/48000/2"), "{offer}");
}

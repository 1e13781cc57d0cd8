//! Whatever comes in, nothing panics, and an answer is one by RFC 3264.

mod common;
use careline_sdp::{Codec, Security, Terms, answer, offer, read_answer, read_offer};
use common::{ALL, secure, with_keys};
use proptest::prelude::*;

/// One change to the lines or bytes of an offer.
#[derive(Debug, Clone)]
enum Change {
    Drop(usize),
    Double(usize),
    Swap(usize, usize),
    Replace(usize, String),
    Byte(usize, u8),
    Cut(usize),
}

fn line() -> impl Strategy<Value = String> {
    prop_oneof![
        Just("m=audio 4000 RTP/SAVP 8 0 9 96 101".to_owned()),
        Just("m=audio 4000 RTP/AVP 96 97 98 8".to_owned()),
        Just("m=video 9 RTP/SAVPF 96".to_owned()),
        Just("a=inactive".to_owned()),
        Just("a=recvonly".to_owned()),
        Just("a=rtcp-mux".to_owned()),
        Just("c=IN IP6 ::".to_owned()),
        (0u16..300, "[a-zA-Z0-9-]{0,16}", any::<u32>(), any::<u8>()).prop_map(
            |(number, name, clock, channels)| format!("a=rtpmap:{number} {name}/{clock}/{channels}")
        ),
        (0u16..300, 0usize..4).prop_map(|(number, which)| {
            let name = ["opus/48000/2", "PCMA/8000", "telephone-event/8000", "telephone-event/48000"][which];
            format!("a=rtpmap:{number} {name}")
        }),
        (any::<u32>(), "[A-Za-z0-9+/=|:^ ]{0,80}")
            .prop_map(|(tag, rest)| format!("a=crypto:{tag} AES_CM_128_HMAC_SHA1_80 inline:{rest}")),
        (any::<u64>(), "[ -~]{0,20}").prop_map(|(number, rest)| format!("a=ptime:{number}{rest}")),
        (any::<u64>(), "[ -~]{0,20}").prop_map(|(number, rest)| format!("a=rtcp:{number} {rest}")),
        "[a-z]=[ -~]{0,40}",
    ]
}

fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        (0usize..60).prop_map(Change::Drop),
        (0usize..60).prop_map(Change::Double),
        (0usize..60, 0usize..60).prop_map(|(one, other)| Change::Swap(one, other)),
        (0usize..60, line()).prop_map(|(at, line)| Change::Replace(at, line)),
        (0usize..2_000, any::<u8>()).prop_map(|(at, byte)| Change::Byte(at, byte)),
        (0usize..2_000).prop_map(Change::Cut),
    ]
}

fn changed(text: &str, changes: &[Change]) -> Vec<u8> {
    let mut lines: Vec<String> = text.lines().map(str::to_owned).collect();
    for change in changes {
        let count = lines.len().max(1);
        match change {
            Change::Drop(at) if !lines.is_empty() => drop(lines.remove(at % count)),
            Change::Double(at) if !lines.is_empty() => lines.push(lines[at % count].clone()),
            Change::Swap(one, other) if !lines.is_empty() => lines.swap(one % count, other % count),
            Change::Replace(at, line) => lines.insert(at % count, line.clone()),
            _ => {}
        }
    }
    let mut bytes = lines.join("\r\n").into_bytes();
    bytes.extend_from_slice(b"\r\n");
    for change in changes {
        match change {
            Change::Byte(at, byte) => {
                let count = bytes.len();
                if let Some(place) = bytes.get_mut(at % count.max(1)) {
                    *place = *byte;
                }
            }
            Change::Cut(at) => bytes.truncate(*at),
            _ => {}
        }
    }
    bytes
}

fn terms() -> impl Strategy<Value = Terms> {
    let security = prop_oneof![Just(Security::Plain), Just(Security::Optional), Just(Security::Required)];
    (security, 1usize..16, any::<bool>()).prop_map(|(security, set, events)| {
        let mut terms = secure(security);
        terms.codecs = Codec::ALL
            .into_iter()
            .enumerate()
            .filter(|(bit, _)| set >> bit & 1 == 1)
            .map(|(_, c)| c)
            .collect();
        terms.telephone_events = events;
        terms
    })
}

/// Kind, port, profile, formats and direction of a stream.
type Stream = (String, u16, String, Vec<String>, Option<String>);

/// The streams of a description, read by other means than the ones under test.
fn streams(text: &[u8]) -> Vec<Stream> {
    let text = String::from_utf8_lossy(text);
    let mut session = None;
    let mut found: Vec<Stream> = Vec::new();
    for line in text.lines() {
        if let Some(media) = line.strip_prefix("m=") {
            let mut words = media.split_ascii_whitespace();
            let kind = words.next().unwrap_or_default().to_owned();
            let port = words.next().unwrap_or_default().split('/').next().unwrap_or_default();
            let profile = words.next().unwrap_or_default().to_ascii_uppercase();
            let formats = words.map(str::to_owned).collect();
            found.push((kind, port.parse().unwrap_or(0), profile, formats, None));
        }
        if let Some(way) = line
            .strip_prefix("a=")
            .filter(|way| "sendrecv sendonly recvonly inactive".split(' ').any(|one| one == *way))
        {
            match found.last_mut() {
                Some(stream) => {
                    stream.4.get_or_insert(way.to_owned());
                }
                None => {
                    session.get_or_insert(way.to_owned());
                }
            }
        }
    }
    for stream in &mut found {
        if stream.4.is_none() {
            stream.4.clone_from(&session);
        }
    }
    found
}

fn mirrored(way: &str) -> &str {
    match way {
        "sendonly" => "recvonly",
        "recvonly" => "sendonly",
        other => other,
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2_000, ..ProptestConfig::default() })]

    #[test]
    fn an_answer_to_anything_is_an_answer(
        which in 0..ALL.len(),
        changes in prop::collection::vec(change(), 0..6),
        terms in terms(),
    ) {
        let offered = changed(ALL[which], &changes);
        let Ok(remote) = read_offer(&offered, &terms) else { return Ok(()) };
        prop_assert!(terms.codecs.contains(&remote.codec));
        prop_assert!(remote.address.port() != 0);
        if terms.security == Security::Required {
            prop_assert!(remote.crypto.is_some());
        }
        let answered = answer(&offered, &remote, &with_keys()).expect("what was read can be answered");
        let (theirs, ours) = (streams(&offered), streams(&answered));
        prop_assert_eq!(theirs.len(), ours.len());
        let taken: Vec<usize> = (0..ours.len()).filter(|index| ours[*index].1 != 0).collect();
        prop_assert_eq!(taken.len(), 1);
        for (their, our) in theirs.iter().zip(&ours) {
            prop_assert_eq!((&their.0, &their.2), (&our.0, &our.2.to_ascii_uppercase()));
            prop_assert!(our.3.iter().all(|format| their.3.contains(format)), "{:?} of {:?}", our.3, their.3);
        }
        let (their, our) = (&theirs[taken[0]], &ours[taken[0]]);
        let way = their.4.as_deref().unwrap_or("sendrecv");
        if !remote.address.ip().is_unspecified() {
            prop_assert_eq!(our.4.as_deref(), Some(mirrored(way)));
        }
        // The key is ours, under their tag, and there only where they had one.
        let keys = String::from_utf8_lossy(&answered).matches("a=crypto:").count();
        prop_assert_eq!(keys, usize::from(remote.crypto.is_some()));
        prop_assert_eq!(our.2.contains("SAVP") && remote.crypto.is_none(), false);

        // The dialog goes on: what we offer next reads back, and loses nothing.
        let mut later = terms.clone();
        later.keep(&remote);
        let next = offer(&with_keys(), &later).expect("a later offer");
        let back = read_answer(&next, &next, &later).expect("our own offer is an answer to itself");
        prop_assert_eq!(back.crypto.is_some(), remote.crypto.is_some() || keys_offered(&next));
        prop_assert!(back.accepted.iter().any(|one| one.codec == remote.codec && one.receive_payload_type == remote.payload_type));
    }

    #[test]
    fn an_answer_to_our_offer_takes_only_what_was_offered(
        which in 0..ALL.len(),
        changes in prop::collection::vec(change(), 0..6),
        terms in terms(),
    ) {
        let ours = offer(&with_keys(), &terms).expect("an offer");
        let Ok(remote) = read_answer(&changed(ALL[which], &changes), &ours, &terms) else { return Ok(()) };
        prop_assert!(remote.accepted.iter().all(|one| terms.codecs.contains(&one.codec)));
        prop_assert!(terms.security != Security::Required || remote.crypto.is_some());
        prop_assert!(terms.telephone_events || remote.telephone_event.is_none());
        prop_assert!((10..=60).contains(&remote.ptime_ms));
    }

    #[test]
    fn bytes_of_any_kind_are_read_without_a_panic(bytes in prop::collection::vec(any::<u8>(), 0..400), terms in terms()) {
        let _ = read_offer(&bytes, &terms);
        let _ = read_answer(&bytes, &bytes, &terms);
    }
}

fn keys_offered(text: &[u8]) -> bool {
    String::from_utf8_lossy(text).contains("a=crypto:")
}

//! Codecs and encryption of phones and trunks: what is written holds, the rest is the default, mistakes are told.

use careline_model::config::plan::{Audio, AudioCodec, Latch, Srtp, SrtpSuite};
use careline_model::config::{ConfigError, Plan, check, parse};
use careline_model::{AgentId, TrunkId};

const HOUSE: &str = r#"
[sip]
udp = ["10.0.0.1:5060"]
tcp = []
[media]
address = "10.0.0.1"
#latch
[phones]
#phones
[[agent]]
id = "1001"
name = "a"
password = "pw"
queues = []
#1001
[[agent]]
id = "1002"
name = "b"
password = "pw"
queues = []
[[trunk]]
id = "carrier"
proxy = ["192.0.2.7:5060"]
#carrier
"#;

fn house(lines: &[(&str, &str)]) -> Result<Plan, Vec<ConfigError>> {
    let text =
        lines.iter().fold(HOUSE.to_owned(), |text, (mark, line)| text.replace(&format!("#{mark}"), line));
    check(&parse(&text, "house.toml").map_err(|error| vec![error])?, &[], &|_| true)
}

fn agent<'a>(plan: &'a Plan, id: &str) -> &'a Audio {
    &plan.agents[&AgentId::from(id)].audio
}

fn mistake(mark: &str, line: &str) -> String {
    let errors = house(&[(mark, line)]).expect_err(line);
    assert_eq!(errors.len(), 1, "{errors:?}");
    errors[0].to_string()
}

#[test]
fn phones_encrypt_if_they_can_and_trunks_do_not_unless_somebody_says_so() {
    let plan = house(&[]).expect("a good house");
    assert_eq!(
        (agent(&plan, "1001").srtp, plan.trunks[&TrunkId::from("carrier")].audio.srtp),
        (Srtp::Optional, Srtp::Off)
    );
    assert_eq!(plan.media.latch, Latch::Signalled);
    assert_eq!(plan.warnings(), [""; 0]);
}

#[test]
fn an_agent_has_what_the_phones_have_but_for_what_is_her_own() {
    let plan = house(&[
        (
            "phones",
            "codecs = [\"g722\", \"pcma\", \"g722\"]\nsrtp = \"off\"\nsrtp_suites = [\"AEAD_AES_256_GCM\"]",
        ),
        ("1001", "srtp = \"required\""),
    ]);
    let plan = plan.expect("a good house");
    let (hers, other) = (agent(&plan, "1001"), agent(&plan, "1002"));
    assert_eq!((hers.srtp, other.srtp), (Srtp::Required, Srtp::Off));
    assert_eq!(hers.codecs, [AudioCodec::G722, AudioCodec::Pcma], "each once");
    assert_eq!((&hers.codecs, &hers.suites), (&other.codecs, &other.suites));
    assert_eq!(other.suites, [SrtpSuite::Aes256Gcm]);
}

#[test]
fn a_trunk_may_speak_every_codec_and_insist_on_encryption() {
    let line = "codecs = [\"opus\", \"g722\", \"pcmu\"]\nsrtp = \"required\"\ntransport = \"tls\"";
    let plan = house(&[("carrier", line)]).expect("a good house");
    let audio = &plan.trunks[&TrunkId::from("carrier")].audio;
    assert_eq!(audio.codecs, [AudioCodec::Opus, AudioCodec::G722, AudioCodec::Pcmu]);
    assert_eq!((audio.srtp, plan.warnings().len()), (Srtp::Required, 0));
}

#[test]
fn keys_that_travel_readable_are_warned_of() {
    let plan = house(&[
        ("carrier", "srtp = \"required\""),
        ("1001", "srtp = \"required\""),
        ("latch", "latch = \"any\""),
    ]);
    let warnings = plan.expect("it holds all the same").warnings();
    assert_eq!(warnings.len(), 3, "{warnings:?}");
    assert!(warnings[0].contains("trunk `carrier`") && warnings[0].contains("udp"), "{warnings:?}");
    assert!(warnings[1].contains("1001") && warnings[1].contains("udp 10.0.0.1:5060"), "{warnings:?}");
    assert!(!warnings[1].contains("1002"), "hers may be plain: {warnings:?}");
    assert!(warnings[2].contains("media.latch"), "{warnings:?}");
}

#[test]
fn a_mistake_is_told_with_its_place_and_what_is_allowed() {
    for (mark, line, key, allowed) in [
        ("phones", "codecs = [\"pcma\", \"g729\"]", "phones.codecs", "pcma, pcmu, g722, opus"),
        ("phones", "srtp = \"yes\"", "phones.srtp", "off, optional, required"),
        ("1001", "codecs = []", "agent.codecs", "pcma, pcmu, g722, opus"),
        ("1001", "srtp_suites = [\"NULL\"]", "agent.srtp_suites", "AES_CM_128_HMAC_SHA1_80"),
        ("carrier", "srtp = \"on\"", "trunk.srtp", "off, optional, required"),
        ("latch", "latch = \"first\"", "media.latch", "signalled, any"),
    ] {
        let told = mistake(mark, line);
        assert!(told.contains("house.toml:") && told.contains(key) && told.contains(allowed), "{told}");
    }
}

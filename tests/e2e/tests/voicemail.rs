//! A patient leaves a message, an agent hears it at her phone, and a kill in the middle of one loses nobody.

use careline_e2e::{House, HouseOptions, SOON, tell, text, voice};
use careline_testkit::wave::Wave;
use careline_testkit::{Answering, wait};
use std::time::Duration;

/// The number that leads to the mailbox, and the one that agents hear messages at.
const NUMBER: &str = "4000000001";
const MESSAGES: &str = "9197";
/// How long patients speak.
const MESSAGE: Duration = Duration::from_secs(4);

/// Prompts of the house stand for those of mailboxes.
const MORE: &str = r#"
[voicemail]
number = "9197"
beep = "announce"
review = "menu"
urgent = "menu"
saved = "goodbye"
short = "announce"
pin = "echo-intro"
pin_wrong = "menu"
pin_locked = "goodbye"
none = "goodbye"
next = "greeting"
message = "menu"
handled = "announce"

[[mailbox]]
id = "box"
name = "box"
queue = "desk"
busy = ["greeting"]

[[agent]]
id = "1004"
name = "d"
password = "pw1004"
pin = "2580"
queues = ["desk"]

[[line]]
id = "word"
number = "4000000001"
flow = "word"
"#;

const FLOW: &str = r#"id = "word"
version = 1
start = "word"

[node.word]
kind = "voicemail"
mailbox = "box"
next = "bye"

[node.bye]
kind = "hangup"
prompts = ["goodbye"]
"#;

fn options() -> HouseOptions {
    HouseOptions { more: MORE.to_owned(), ..HouseOptions::default() }
}

/// A patient who speaks behind the tone; gives the phone, the call and the recording.
fn speaks(house: &mut House) -> anyhow::Result<(careline_testkit::Phone, String, String)> {
    std::fs::write(house.place().path("flows/word.toml"), FLOW)?;
    let speech = house.steady_voice(voice::PATIENT_HZ)?;
    let mut patient = house.patient("13800138000", &speech)?;
    let sip = house.sip()?;
    patient.dial(NUMBER, sip)?;
    let begun = house.journal().wait_for("voicemail_started", SOON, |_| true)?;
    anyhow::ensure!(begun["reason"] == "busy" && begun["mailbox"] == "box", "{begun}");
    let (call, recording) = (text(&begun, "call")?, text(&begun, "recording")?);
    wait::last(MESSAGE); // of speech
    Ok((patient, call, recording))
}

#[test]
fn a_message_is_recorded_alone_and_heard_by_an_agent_with_her_pin() {
    tell("voicemail", options(), |house| {
        let (mut patient, call, recording) = speaks(house)?;
        patient.press("#")?;
        wait::last(Duration::from_secs(2)); // of words about the keys
        patient.press("1")?;
        let left = house.journal().wait_for("voicemail_left", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(left["queue"] == "desk" && left["urgent"] == false, "{left}");
        anyhow::ensure!(left["duration_ms"].as_u64().is_some_and(|ms| (3500..9000).contains(&ms)), "{left}");
        house.expect_ended(&call, "flow_finished", "switch")?;
        let (file, side_car) = house.recording(&recording)?;
        anyhow::ensure!(side_car["kind"] == "voicemail" && side_car["channels"] == 1, "{side_car}");
        anyhow::ensure!(side_car["complete"] == true && side_car["mailbox"] == "box", "{side_car}");
        let heard = Wave::read(&file)?;
        heard.expect_tone("the message, patient", 0, voice::PATIENT_HZ)?;

        let silence = house.steady_voice(voice::AGENT_HZ)?;
        let mut agent = house.agent("1004", Answering::Manual, &silence)?;
        let sip = house.sip()?;
        agent.dial(MESSAGES, sip)?;
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        let dialled = house.journal().wait_for("call_dialled", SOON, |event| event["agent"] == "1004")?;
        let listening = text(&dialled, "call")?;
        for key in ["2", "5", "8", "0", "#"] {
            agent.press(key)?;
            wait::last(Duration::from_millis(300)); // one key after the other
        }
        let claimed = house.journal().wait_for("voicemail_moved", SOON, |_| true)?;
        anyhow::ensure!(claimed["state"] == "claimed" && claimed["by"] == "1004", "{claimed}");
        wait::last(MESSAGE + Duration::from_secs(3)); // the words before it, and the message
        agent.press("1")?;
        house.journal().wait_for("voicemail_moved", SOON, |event| event["state"] == "handled")?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&listening, "flow_finished", "switch")?;
        agent.heard()?.expect_tone("the agent, the message", 0, voice::PATIENT_HZ)?;
        let digits: Vec<String> = house
            .events_of(&listening)?
            .iter()
            .filter(|event| event["kind"] == "digit")
            .filter_map(|event| event["digit"].as_str().map(str::to_owned))
            .collect();
        anyhow::ensure!(digits == ["*", "*", "*", "*", "*", "1"], "a PIN is nobody's business: {digits:?}");
        Ok(())
    });
}

#[test]
fn a_kill_in_the_middle_of_a_message_loses_nobody() {
    tell("voicemail-kill", options(), |house| {
        let (_patient, call, recording) = speaks(house)?;
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        house.expect_ended(&call, "switch_crashed", "switch")?;
        let left = house.journal().wait_for("voicemail_left", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(left["recording"] == *recording, "{left}");
        let (file, side_car) = house.recording(&recording)?;
        anyhow::ensure!(side_car["state"] == "repaired", "{side_car}");
        Wave::read(&file)?.expect_tone("what was said until then", 0, voice::PATIENT_HZ)?;
        Ok(())
    });
}

//! A flow asks the desk who is calling; a desk that is killed costs the caller a few seconds of music and nothing else.

use careline_e2e::{House, HouseOptions, SOON, prompt, tell, text, voice};
use std::time::Duration;

const NUMBER: &str = "4000000002";
const MORE: &str = "\n[[line]]\nid = \"ask\"\nnumber = \"4000000002\"\nflow = \"ask\"\n";
/// The limit of a look-up, and room for a busy machine.
const LIMIT: Duration = Duration::from_secs(12);

const FLOW: &str = r#"id = "ask"
version = 1
start = "hello"

[variable.persons]
type = "number"

[node.hello]
kind = "play"
prompts = ["greeting"]
next = "ask"

[node.ask]
kind = "identify"
with = ["call.number"]
into = ["persons"]
comfort = "music"
success = "known"
not_found = "stranger"
timeout = "person"
error = "person"

[node.known]
kind = "hangup"
prompts = ["goodbye"]

[node.stranger]
kind = "hangup"
prompts = ["announce"]

[node.person]
kind = "queue"
queue = "desk"
timeout = "stranger"
"#;

fn options() -> HouseOptions {
    HouseOptions { desk: true, more: MORE.to_owned(), ..HouseOptions::default() }
}

fn call(house: &mut House) -> anyhow::Result<(careline_testkit::Phone, String)> {
    let speech = house.steady_voice(voice::PATIENT_HZ)?;
    let mut patient = house.patient("13800138000", &speech)?;
    let before = house.journal().of_kind("call_offered").unwrap_or_default().len();
    let sip = house.sip()?;
    patient.dial(NUMBER, sip)?;
    let offered = careline_testkit::wait::until("the call in the journal", SOON, || {
        Ok(house.journal().of_kind("call_offered")?.into_iter().nth(before))
    })?;
    let call = text(&offered, "call")?;
    Ok((patient, call))
}

fn branch(house: &House, call: &str) -> anyhow::Result<String> {
    let left = house
        .journal()
        .wait_for("flow_left", LIMIT, |event| event["call"] == *call && event["node"] == "ask")?;
    text(&left, "branch")
}

#[test]
fn the_desk_answers_and_a_killed_desk_is_waited_for_with_music_and_not_for_long() {
    tell("flow-look-up", options(), |house| {
        std::fs::write(house.place().path("flows/ask.toml"), FLOW)?;
        let mut desk = house.with_desk()?;
        let (_patient, first) = call(house)?;
        anyhow::ensure!(branch(house, &first)? == "not_found", "the desk knows nobody of this number");
        house.expect_ended(&first, "flow_finished", "switch")?;

        desk.kill()?;
        let (mut patient, second) = call(house)?;
        anyhow::ensure!(branch(house, &second)? == "timeout", "a desk that is gone does not answer");
        house.journal().wait_for("queue_entered", SOON, |event| event["call"] == *second)?;
        patient.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        patient.heard()?.expect_tone("the patient, music while the desk is asked", 0, prompt::MUSIC_HZ)?;
        house.expect_ended(&second, "queue_abandoned", "caller")?;
        Ok(())
    });
}

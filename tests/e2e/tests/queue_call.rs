//! A patient hears the greeting, asks for a person, hears music, and talks with an agent; all of it is recorded.

use careline_e2e::{HouseOptions, SOON, prompt, tell, text, voice};
use careline_testkit::wave::{self, Wave};
use careline_testkit::{Answering, wait};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Bursts in the recording may lie this far from where they were said, relative to each other.
const PLACED_WITHIN_S: f64 = 0.05;

#[test]
fn greeting_menu_music_and_both_voices_are_heard() {
    tell("queue", HouseOptions::default(), |house| {
        let (patient_voice, agent_voice) =
            (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut agent = house.agent("1001", Answering::Manual, &agent_voice)?;
        let mut patient = house.patient("13800138000", &patient_voice)?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        wait::last(Duration::from_secs(2)); // of music, while the phone rings
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        wait::last(Duration::from_secs(3)); // of talk
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;

        let ended = house.expect_ended(&call, "completed", "agent")?;
        anyhow::ensure!(ended["talk_ms"].as_u64().is_some_and(|ms| (2500..8000).contains(&ms)), "{ended}");
        house.expect_queue_outcome(&call, "answered")?;
        let heard = patient.heard()?;
        heard.expect_tone("the patient, greeting", 0, prompt::GREETING_HZ)?;
        heard.expect_tone("the patient, music", 0, prompt::MUSIC_HZ)?;
        heard.expect_tone("the patient, agent", 0, voice::AGENT_HZ)?;
        let heard = agent.heard()?;
        heard.expect_tone("the agent, patient", 0, voice::PATIENT_HZ)?;
        anyhow::ensure!(!heard.ever_has(0, prompt::MUSIC_HZ), "the agent hears the patient's music");
        anyhow::ensure!(!heard.ever_has(0, voice::AGENT_HZ), "the agent hears itself");
        Ok(())
    });
}

#[test]
fn the_recording_holds_each_voice_on_its_side_in_its_place() {
    tell("recording", HouseOptions::default(), |house| {
        let (patient_voice, patient_onsets) = house.burst_voice(voice::PATIENT_HZ)?;
        let (agent_voice, agent_onsets) = house.burst_voice(voice::AGENT_HZ)?;
        let mut agent = house.agent("1001", Answering::Auto, &agent_voice)?;
        let mut patient = house.patient("13800138000", &patient_voice)?;
        let call = house.ask_for_a_person(&mut patient)?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        wait::last(Duration::from_secs(7)); // of talk: six bursts or more of each
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "caller")?;

        let (file, side_car) = house.recording_of(&call)?;
        let recording = Wave::read(&file)?;
        anyhow::ensure!(recording.channels.len() == 2, "{} channels", recording.channels.len());
        wave::fit_onsets(&recording.burst_onsets(0, voice::PATIENT_HZ), &patient_onsets, PLACED_WITHIN_S)?;
        wave::fit_onsets(&recording.burst_onsets(1, voice::AGENT_HZ), &agent_onsets, PLACED_WITHIN_S)?;
        anyhow::ensure!(!recording.ever_has(0, voice::AGENT_HZ), "the agent is on the left");
        anyhow::ensure!(!recording.ever_has(1, voice::PATIENT_HZ), "the patient is on the right");
        let digest = hex::encode(Sha256::digest(std::fs::read(&file)?));
        anyhow::ensure!(text(&side_car, "sha256")? == digest, "the side-car's digest is not the file's");
        anyhow::ensure!(side_car["complete"] == true, "{side_car}");
        anyhow::ensure!(
            text(&side_car, "agent")? == "1001" && text(&side_car, "call")? == call,
            "{side_car}"
        );
        Ok(())
    });
}

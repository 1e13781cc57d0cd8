//! A patient hears the greeting, asks for a person, hears music, and talks with an agent; all of it is recorded, measured
//! and counted.

use careline_e2e::metrics::Metrics;
use careline_e2e::rpc::rest;
use careline_e2e::{House, HouseOptions, SOON, prompt, tell, text, voice};
use careline_testkit::wave::{self, Wave};
use careline_testkit::{Answering, wait};
use sha2::{Digest, Sha256};
use std::time::Duration;

/// Bursts in the recording may lie this far from where they were said, relative to each other.
const PLACED_WITHIN_S: f64 = 0.05;

#[test]
fn greeting_menu_music_and_both_voices_are_heard() {
    tell("queue", HouseOptions::default(), |house| {
        let metrics = Metrics::of(house)?;
        let (patient_voice, agent_voice) =
            (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut agent = house.agent("1001", Answering::Manual, &agent_voice)?;
        let mut patient = house.patient("13800138000", &patient_voice)?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        metrics.expect(&[("queue_waiting_calls{queue=\"desk\"}", 1.0), ("agents{work=\"ringing\"}", 1.0)])?;
        wait::last(Duration::from_secs(2)); // of music, while the phone rings
        agent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        expect_counted_in_talk(&metrics)?;
        wait::last(Duration::from_secs(3)); // of talk
        expect_readings(house, &call)?;
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;

        let ended = house.expect_ended(&call, "completed", "agent")?;
        anyhow::ensure!(ended["talk_ms"].as_u64().is_some_and(|ms| (2500..8000).contains(&ms)), "{ended}");
        house.expect_queue_outcome(&call, "answered")?;
        expect_good_sound(house, &call)?;
        let sound = metrics.expect(&[
            ("calls", 0.0),
            ("legs", 0.0),
            ("leg_mos_count{direction=\"inbound\"}", 2.0),
        ])?;
        anyhow::ensure!(
            sound.value("leg_mos_bucket{direction=\"inbound\",le=\"4.2\"}")? == 0.0,
            "a bad score"
        );
        for secret in ["13800138000", &call, "1001"] {
            anyhow::ensure!(!sound.text.contains(secret), "{secret} is told to whoever reads the page");
        }
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

/// Two legs that talk, and everything is in order.
fn expect_counted_in_talk(metrics: &Metrics) -> anyhow::Result<()> {
    let seen = metrics.expect(&[
        ("calls", 1.0),
        ("legs", 2.0),
        ("media_legs", 2.0),
        ("phones_registered", 1.0),
        ("queue_waiting_calls{queue=\"desk\"}", 0.0),
        ("agents{work=\"talking\"}", 1.0),
        ("recordings", 1.0),
        ("trunk_up{trunk=\"carrier\"}", 1.0),
        ("trunk_calls{trunk=\"carrier\"}", 1.0),
    ])?;
    for none in ["panics_total", "recorder_lost_chunks_total", "calls_refused_total{reason=\"no_port\"}"] {
        anyhow::ensure!(seen.value(none)? == 0.0, "{none}: {}", seen.value(none)?);
    }
    let packets = seen.value("media_packets_received_total")?;
    anyhow::ensure!(packets > 100.0, "{packets} packets of 2 s and more");
    anyhow::ensure!(seen.value("recorder_free_bytes")? > 1e6, "no room on the disk");
    Ok(())
}

/// Whoever asks while they talk reads both legs.
fn expect_readings(house: &mut House, call: &str) -> anyhow::Result<()> {
    let rpc = house.switch()?.rpc.to_string();
    let lines = wait::until("a reading of both legs", SOON, || {
        let out = std::process::Command::new(careline_testkit::programs::program("careline-switch")?)
            .args(["quality", "--rpc", &rpc])
            .output()?;
        let text = String::from_utf8_lossy(&out.stdout).into_owned();
        Ok((text.lines().filter(|line| line.contains("MOS")).count() == 2).then_some(text))
    })?;
    let short = &call[24..];
    anyhow::ensure!(lines.contains("caller carrier") && lines.contains("agent 1001"), "{lines}");
    anyhow::ensure!(lines.matches(short).count() == 2 && !lines.contains("13800138000"), "{lines}");
    Ok(())
}

/// Two phones on one machine: G.711 sounds as good as it can.
fn expect_good_sound(house: &House, call: &str) -> anyhow::Result<()> {
    for party in ["caller", "agent"] {
        let wanted = |event: &serde_json::Value| event["call"] == *call && event["party"] == *party;
        let told = house.journal().wait_for("leg_quality", SOON, wanted)?;
        let mos = told["inbound"]["mos"].as_f64().unwrap_or_default();
        anyhow::ensure!((4.3..=4.42).contains(&mos) && told["inbound"]["loss"] == 0.0, "{told}");
        let reported = told["outbound"]["mos"].as_f64();
        anyhow::ensure!(reported.is_none_or(|mos| mos > 4.0), "{told}");
        anyhow::ensure!(text(&told, "codec")? == "pcma", "{told}");
        anyhow::ensure!(told["received"].as_u64() > Some(100) && told["sent"].as_u64() > Some(100), "{told}");
    }
    Ok(())
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

/// Length of the windows in which a tone is looked for, seconds.
const WINDOW_S: f64 = 0.2;

#[test]
fn a_recording_that_rests_is_silent_and_the_talk_goes_on() {
    tell("rests", HouseOptions::default(), |house| {
        let mut talk = house.conversation()?;
        let (call, rpc) = (talk.call.clone(), house.switch()?.rpc);
        anyhow::ensure!(rest(rpc, &call, None).is_err(), "it has not rested");
        for reason in [Some("card"), None] {
            wait::last(Duration::from_secs(2));
            rest(rpc, &call, reason)?;
        }
        wait::last(Duration::from_secs(2));
        talk.patient.hang_up()?;
        talk.agent.wait_event("CALL_CLOSED", SOON)?;
        let paused = house.journal().wait_for("recording_paused", SOON, |event| event["call"] == *call)?;
        let resumed = house.journal().wait_for("recording_resumed", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(paused["reason"] == "card" && resumed["by"] == "command", "{paused} {resumed}");

        let recording = Wave::read(&house.recording_of(&call)?.0)?;
        for (side, hz) in [(0, voice::PATIENT_HZ), (1, voice::AGENT_HZ)] {
            let longest = recording.longest_tone(side, hz) as f64 * WINDOW_S;
            anyhow::ensure!((1.0..3.5).contains(&longest), "side {side}: {longest} s without a rest");
        }
        let heard = talk.patient.heard()?.longest_tone(0, voice::AGENT_HZ) as f64 * WINDOW_S;
        anyhow::ensure!(heard > 5.0, "the patient heard the agent for {heard} s only");
        Ok(())
    });
}

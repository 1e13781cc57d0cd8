//! The switch is killed in a conversation: what was said is kept, and the call ends once.

use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wait;
use careline_testkit::wave::Wave;
use std::time::Duration;

/// Talk before the kill, and how much of its end may be lost.
const TALK: Duration = Duration::from_secs(4);
const LOST_MAX_S: f64 = 1.0;

#[test]
fn the_recording_reaches_to_the_kill_and_the_call_ends_exactly_once() {
    tell("crash", HouseOptions::default(), |house| {
        let talk = house.conversation()?;
        wait::last(TALK);
        house.switch()?.kill()?;
        house.switch()?.restart()?;

        house.expect_ended(&talk.call, "switch_crashed", "switch")?;
        let (file, side_car) = house.recording_of(&talk.call)?;
        anyhow::ensure!(side_car["complete"] == false, "a cut recording calls itself complete: {side_car}");
        let recording = Wave::read(&file)?;
        let least = TALK.as_secs_f64() - LOST_MAX_S;
        anyhow::ensure!(recording.seconds() >= least, "{:.2} s of {TALK:?} kept", recording.seconds());
        let windows = (least * 5.0) as usize - 2; // the first and the last are edges
        for (channel, frequency) in [(0, voice::PATIENT_HZ), (1, voice::AGENT_HZ)] {
            let run = recording.longest_tone(channel, frequency);
            anyhow::ensure!(
                run >= windows,
                "channel {channel}: {run} windows of {frequency} Hz, not {windows}"
            );
        }

        // A second start finds nothing left to repair.
        house.switch()?.terminate()?;
        house.switch()?.wait_end(SOON)?;
        house.switch()?.restart()?;
        house.expect_ended(&talk.call, "switch_crashed", "switch")?;
        Ok(())
    });
}

/// Kills in a row: 5, and 50 in the long tier.
fn kills() -> u64 {
    if std::env::var_os("CARELINE_LONG").is_some() { 50 } else { 5 }
}

/// A chunk of 500 ms, what waits for late packets, and what the phones need until both talk.
const LOST_PER_KILL_S: f64 = 1.0;

#[test]
fn killed_again_and_again_no_call_and_no_recording_is_lost() {
    tell("crash-loop", HouseOptions::default(), |house| {
        let mut calls = Vec::new();
        for round in 0..kills() {
            let talk = house.conversation()?;
            let talked = Duration::from_millis(800 + round * 397 % 1500);
            wait::last(talked);
            house.switch()?.kill()?;
            house.switch()?.restart()?;
            house.expect_ended(&talk.call, "switch_crashed", "switch")?;
            let (file, side_car) = house.recording_of(&talk.call)?;
            anyhow::ensure!(side_car["state"] == "repaired", "round {round}: {side_car}");
            let recording = Wave::read(&file)?;
            let least = talked.as_secs_f64() - LOST_PER_KILL_S;
            anyhow::ensure!(recording.seconds() >= least, "round {round}: {:.2} s", recording.seconds());
            calls.push(talk.call.clone());
        }
        // The journal has each of them, with one end; the manifest has each recording.
        for call in &calls {
            house.expect_ended(call, "switch_crashed", "switch")?;
        }
        let (file, _) = house.recording_of(&calls[0])?;
        let manifest = std::fs::read_to_string(file.with_file_name("manifest.jsonl"))?;
        for call in &calls {
            anyhow::ensure!(manifest.contains(call), "{call} is not in the manifest:\n{manifest}");
        }
        Ok(())
    });
}

//! Somebody sets the clock of the machine, an hour forward and an hour back: nothing happens.

use anyhow::Context;
use careline_e2e::phones::PART;
use careline_e2e::{House, HouseOptions, SOON, tell, voice};
use careline_testkit::wait;
use careline_testkit::wave::Wave;

const HOUR_S: i64 = 3600;
/// Windows of 200 ms in a row: longer than any stretch of the talk between two jumps.
const UNBROKEN: usize = 20;

/// The clock is asked once a second; another second is heard after that.
fn set_and_listen(house: &House, off_s: i64) -> anyhow::Result<()> {
    house.set_clock(off_s)?;
    wait::last(PART);
    Ok(())
}

/// What a clock was off by, seconds, when the journal wrote this event.
fn off_at(event: &serde_json::Value, true_s: i64) -> anyhow::Result<i64> {
    Ok(event["at_us"].as_i64().with_context(|| format!("no time in {event}"))? / 1_000_000 - true_s)
}

#[expect(clippy::disallowed_methods, reason = "an edge: what time it really is")]
fn now_s() -> anyhow::Result<i64> {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_secs())?)
}

#[test]
fn a_clock_that_jumps_by_an_hour_is_heard_by_nobody() {
    tell("clock", HouseOptions { clock: true, ..HouseOptions::default() }, |house| {
        let mut talk = house.conversation()?;
        wait::last(PART);
        for off_s in [HOUR_S, -HOUR_S, 0] {
            set_and_listen(house, off_s)?;
        }
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        for (who, heard, frequency) in [
            ("the patient", talk.patient.heard()?, voice::AGENT_HZ),
            ("the agent", talk.agent.heard()?, voice::PATIENT_HZ),
        ] {
            heard.expect_tone(who, 0, frequency)?;
        }
        let (file, side_car) = house.recording_of(&talk.call)?;
        anyhow::ensure!(side_car["complete"] == true, "{side_car}");
        let recording = Wave::read(&file)?;
        let least = PART.as_secs_f64() * 4.0;
        anyhow::ensure!(
            (least..least + SOON.as_secs_f64()).contains(&recording.seconds()),
            "{:.1} s were recorded of a talk of {least:.1}",
            recording.seconds()
        );
        for (channel, frequency) in [(0, voice::PATIENT_HZ), (1, voice::AGENT_HZ)] {
            let run = recording.longest_tone(channel, frequency);
            anyhow::ensure!(run >= UNBROKEN, "channel {channel}: {run} windows of {frequency} Hz in a row");
        }
        Ok(())
    });
}

#[test]
fn after_the_clock_was_set_phones_stay_registered_and_calls_are_made() {
    tell("clock-later", HouseOptions { clock: true, ..HouseOptions::default() }, |house| {
        let (his, hers) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let agent = house.agent("1001", careline_testkit::Answering::Auto, &hers)?;
        for off_s in [HOUR_S, -HOUR_S] {
            set_and_listen(house, off_s)?;
            let mut patient = house.patient("13800138000", &his)?;
            let call = house.ask_for_a_person(&mut patient)?;
            let connected =
                house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
            // Set back it goes slower and never backwards: records keep their order.
            let seen_s = off_at(&connected, now_s()?)?;
            anyhow::ensure!(
                (seen_s - HOUR_S).abs() < 60,
                "{seen_s} s off after the clock was set by {off_s}"
            );
            wait::last(PART);
            patient.hang_up()?;
            patient.wait_event("CALL_CLOSED", SOON)?;
            house.expect_ended(&call, "completed", "caller")?;
            patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
            let (file, _) = house.recording_of(&call)?;
            Wave::read(&file)?.expect_tone("the recording, right", 1, voice::AGENT_HZ)?;
        }
        let times: Vec<Option<i64>> =
            house.journal().events()?.iter().map(|event| event["at_us"].as_i64()).collect();
        anyhow::ensure!(times.is_sorted(), "the journal goes backwards: {times:?}");
        // Who comes back is challenged and let in as ever.
        drop(agent);
        let again = house.agent("1001", careline_testkit::Answering::Auto, &hers)?;
        drop(again);
        Ok(())
    });
}

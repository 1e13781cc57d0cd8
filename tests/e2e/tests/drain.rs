//! The first signal lets calls end, the second does not wait.

use careline_e2e::{HouseOptions, NUMBER, SOON, tell, voice};
use careline_testkit::wait;
use std::time::Duration;

#[test]
fn a_live_call_goes_on_and_a_new_one_is_refused() {
    tell("drain", HouseOptions::default(), |house| {
        let mut talk = house.conversation()?;
        house.switch()?.terminate()?;
        house.journal().wait_for("switch_draining", SOON, |event| event["calls"] == 1)?;

        let speech = house.steady_voice(voice::PATIENT_2_HZ)?;
        let mut late = house.patient("13800138002", &speech)?;
        let sip = house.sip()?;
        late.dial(NUMBER, sip)?;
        let refused = late.wait_event("CALL_CLOSED", SOON)?;
        anyhow::ensure!(refused.param.starts_with("503"), "refused with {}", refused.param);

        wait::last(Duration::from_secs(2)); // the conversation is not disturbed
        anyhow::ensure!(house.switch()?.ended()?.is_none(), "it left with a call in hand");
        anyhow::ensure!(talk.patient.event("CALL_CLOSED").is_none(), "the call was cut");
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        let status = house.switch()?.wait_end(SOON)?;
        anyhow::ensure!(status.success(), "left with {status}");
        house.expect_ended(&talk.call, "completed", "agent")?;
        talk.patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)
    });
}

#[test]
fn the_second_signal_ends_at_once_and_leaves_no_call_open() {
    tell("drain-twice", HouseOptions::default(), |house| {
        let mut talk = house.conversation()?;
        house.switch()?.terminate()?;
        house.journal().wait_for("switch_draining", SOON, |_| true)?;
        house.switch()?.terminate()?;
        let status = house.switch()?.wait_end(SOON)?;
        anyhow::ensure!(status.success(), "left with {status}");
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        talk.agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&talk.call, "command", "switch")?;
        Ok(())
    });
}

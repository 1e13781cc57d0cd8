//! No room for recordings stops no conversation.

use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wait;
use std::time::Duration;

#[test]
fn the_call_goes_on_and_the_journal_says_what_is_missing() {
    const MORE_THAN_ANY_DISK_MB: u64 = 1 << 40;
    let options = HouseOptions { free_space_min_mb: MORE_THAN_ANY_DISK_MB, ..HouseOptions::default() };
    tell("disk-full", options, |house| {
        let mut talk = house.conversation()?;
        wait::last(Duration::from_secs(2)); // of talk
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        house.journal().wait_for("recording_incomplete", SOON, |event| event["call"] == *talk.call)?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        talk.patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        talk.agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)
    });
}

//! A phone that registered over TCP is rung on that connection, and a phone that is killed is not rung again.

use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, wait};
use std::time::Duration;

#[test]
fn a_phone_on_tcp_is_rung_on_its_own_connection_and_both_are_heard() {
    tell("tcp", HouseOptions::default(), |house| {
        let (said, answered) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut agent = house.agent_over_tcp("1001", Answering::Auto, &answered)?;
        let mut patient = house.patient("13800138000", &said)?;
        house.ask_for_a_person(&mut patient)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        wait::last(Duration::from_secs(2));
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)
    });
}

#[test]
fn a_connection_that_closes_takes_the_phone_with_it() {
    tell("tcp-lost", HouseOptions::default(), |house| {
        let speech = house.steady_voice(voice::AGENT_HZ)?;
        let mut agent = house.agent_over_tcp("1001", Answering::Manual, &speech)?;
        agent.vanish()?;
        house.journal().wait_for("agent_state", SOON, |event| event["device"] == "lost")?;
        Ok(())
    });
}

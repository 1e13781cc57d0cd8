//! A caller who gives up leaves exactly one outcome, wherever it was.

use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, wait};
use std::time::Duration;

#[test]
fn in_the_menu() {
    tell("leaves-menu", HouseOptions::default(), |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.reach_the_menu(&mut patient)?;
        patient.hang_up()?;
        house.expect_ended(&call, "ivr_abandoned", "caller")?;
        let queued = house.events_of(&call)?.iter().any(|event| event["kind"] == "queue_entered");
        anyhow::ensure!(!queued, "a caller who left in the menu was queued");
        Ok(())
    });
}

#[test]
fn in_the_queue_after_a_real_wait() {
    tell("leaves-queue", HouseOptions { short_abandon_s: 1, ..HouseOptions::default() }, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        wait::last(Duration::from_millis(1500)); // longer than a short abandon
        patient.hang_up()?;
        house.expect_queue_outcome(&call, "abandoned")?;
        house.expect_ended(&call, "queue_abandoned", "caller")?;
        Ok(())
    });
}

#[test]
fn in_the_queue_at_once() {
    tell("leaves-short", HouseOptions { short_abandon_s: 10, ..HouseOptions::default() }, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        patient.hang_up()?;
        house.expect_queue_outcome(&call, "short_abandoned")?;
        house.expect_ended(&call, "queue_abandoned", "caller")?;
        Ok(())
    });
}

#[test]
fn while_the_agents_phone_rings() {
    tell("leaves-ringing", HouseOptions { short_abandon_s: 0, ..HouseOptions::default() }, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut agent = house.agent("1001", Answering::Manual, &speech)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        patient.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_queue_outcome(&call, "abandoned")?;
        house.expect_ended(&call, "queue_abandoned", "caller")?;
        let offers: Vec<_> =
            house.events_of(&call)?.into_iter().filter(|event| event["kind"] == "offer_ended").collect();
        anyhow::ensure!(offers.len() == 1 && offers[0]["outcome"] == "caller_left", "{offers:?}");
        let states = house.journal().of_kind("agent_state")?;
        let last = states.last().map(|state| (state["work"].clone(), state["intent"].clone()));
        anyhow::ensure!(last == Some(("idle".into(), "ready".into())), "the agent is {last:?}");
        Ok(())
    });
}

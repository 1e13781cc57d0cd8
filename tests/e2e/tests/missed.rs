//! An agent who misses a call costs the patient no place in the queue.

use careline_e2e::{House, HouseOptions, SOON, tell, text, voice};
use careline_testkit::sipp::{self, SippRun, Transport};
use careline_testkit::{Answering, Place, ports};
use serde_json::Value;
use std::time::Duration;

fn offers_ended(house: &House, call: &str) -> anyhow::Result<Vec<(String, String)>> {
    let ended = house.events_of(call)?.into_iter().filter(|event| event["kind"] == "offer_ended");
    ended.map(|event: Value| Ok((text(&event, "agent")?, text(&event, "outcome")?))).collect()
}

fn pair(agent: &str, outcome: &str) -> (String, String) {
    (agent.into(), outcome.into())
}

#[test]
fn a_call_that_rings_out_goes_to_the_next_agent_before_everybody_behind_it() {
    let options = HouseOptions { agents: vec!["1001", "1002"], ring_timeout_s: 2, ..HouseOptions::default() };
    tell("missed", options, |house| {
        let (one, two) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::PATIENT_2_HZ)?);
        let agent_voice = house.steady_voice(voice::AGENT_2_HZ)?;
        let mut away = house.agent("1001", Answering::Manual, &agent_voice)?;
        let mut first = house.patient("13800138001", &one)?;
        let mut second = house.patient("13800138002", &two)?;
        let call = house.ask_for_a_person(&mut first)?;
        away.wait_event("CALL_INCOMING", SOON)?;
        let behind = house.ask_for_a_person(&mut second)?;
        house.journal().wait_for("offer_ended", SOON, |event| event["call"] == *call)?;
        away.wait_event("CALL_CLOSED", SOON)?;

        let mut here = house.agent("1002", Answering::Manual, &agent_voice)?;
        here.wait_event("CALL_INCOMING", SOON)?;
        here.accept()?;
        let connected = house.journal().wait_for("call_connected", SOON, |_| true)?;
        anyhow::ensure!(connected["call"] == *call && connected["agent"] == "1002", "{connected}");
        anyhow::ensure!(
            offers_ended(house, &call)? == [pair("1001", "no_answer"), pair("1002", "answered")],
            "{:?}",
            offers_ended(house, &call)?
        );
        let entries = house.journal().of_kind("queue_entered")?;
        anyhow::ensure!(entries.len() == 2, "one entry per caller, not {entries:?}");
        anyhow::ensure!(offers_ended(house, &behind)?.is_empty(), "the second was served before the first");
        Ok(())
    });
}

#[test]
fn a_phones_decline_key_is_a_refusal_though_it_says_busy() {
    let options = HouseOptions { agents: vec!["1001", "1002"], ..HouseOptions::default() };
    tell("decline-key", options, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut declining = house.agent("1001", Answering::Manual, &speech)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        declining.wait_event("CALL_INCOMING", SOON)?;
        declining.hang_up()?; // 180 was sent; now 486
        house.journal().wait_for("offer_ended", SOON, |event| event["call"] == *call)?;
        let _free = house.agent("1002", Answering::Auto, &speech)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        let offers = offers_ended(house, &call)?;
        anyhow::ensure!(offers == [pair("1001", "rejected"), pair("1002", "answered")], "{offers:?}");
        Ok(())
    });
}

#[test]
fn a_declined_call_goes_on() {
    refused_by_a_fixed_phone("declined", include_str!("../scenarios/declines.xml"), "rejected");
}

#[test]
fn a_busy_phone_is_passed_over() {
    refused_by_a_fixed_phone("busy", include_str!("../scenarios/busy.xml"), "busy");
}

/// Agent 1001 has a phone at a fixed address that plays the scenario; agent 1002 takes the call afterwards.
fn refused_by_a_fixed_phone(name: &str, scenario: &str, outcome: &str) {
    let place = Place::new(name).expect("a place for the refusing phone");
    let phone = ports::free(place.ip(21)).expect("an address for the refusing phone");
    let more = format!(
        "[[agent]]\nid = \"1001\"\nname = \"refuses\"\nqueues = [\"desk\"]\nready_on_register = true\n\
         contact = \"sip:1001@{phone}\"\n"
    );
    let options = HouseOptions { agents: vec!["1002"], more, ..HouseOptions::default() };
    tell(name, options, |house| {
        let run = SippRun {
            name,
            scenario,
            local: phone,
            remote: house.sip()?,
            transport: Transport::Udp,
            service: "1001",
            keys: &[],
            when_called: None,
            auth_uri: None,
            calls: 1,
            within: Duration::from_secs(20),
        };
        let refusing = sipp::start(&place, &run)?;
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        house.journal().wait_for("offer_ended", SOON, |event| event["call"] == *call)?;
        refusing.finish()?.all_as_scripted()?;
        let _free = house.agent("1002", Answering::Auto, &speech)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        let offers = offers_ended(house, &call)?;
        anyhow::ensure!(offers == [pair("1001", outcome), pair("1002", "answered")], "{offers:?}");
        Ok(())
    });
}

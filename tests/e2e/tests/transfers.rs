//! Real phones pass a patient on: blindly and after a consultation; and they call each other.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::sipp::{JOINS, JOINS_CALLED, PASSES_ON, REGISTERS, SippPhone};
use careline_e2e::{House, HouseOptions, SOON, STRAIGHT_NUMBER, prompt, tell, text, voice};
use careline_testkit::wave::Wave;
use careline_testkit::{Answering, Handset, Phone, Transport, ports, wait};
use serde_json::Value;

/// Agent 1001 is the first to be ready; 1002 comes when 1001 talks.
fn house_of_two(transport: Transport) -> HouseOptions {
    HouseOptions { agents: vec!["1001", "1002"], ..house_for(transport) }
}

/// The extension of the agents' queue.
const QUEUE_NUMBER: &str = "7001";

/// The patient dials the line that leads straight to the agents.
fn patient_calls(house: &mut House) -> anyhow::Result<Phone> {
    let (mut patient, switch) = (house.a_patient()?, house.sip()?);
    patient.dial(STRAIGHT_NUMBER, switch)?;
    Ok(patient)
}

fn connected_to(house: &House, agent: &str) -> anyhow::Result<String> {
    let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == *agent)?;
    text(&connected, "call")
}

/// The colleague's phone, which answers by itself.
fn colleague(house: &mut House) -> anyhow::Result<Phone> {
    let phone = house.start_baresip("1002", Transport::Udp, Answering::Auto)?;
    house.expect_device("1002", "registered")?;
    Ok(phone)
}

/// The patient was passed on by 1001 and talks to 1002 in the same call: what everybody heard, and what is on disk.
fn expect_passed_on(house: &House, call: &str, patient: &mut Phone, third: &mut Phone) -> anyhow::Result<()> {
    let ended = house.journal().wait_for("transfer_ended", SOON, |event| event["call"] == *call)?;
    anyhow::ensure!(ended["outcome"] == "connected", "{ended}");
    let with_third = |event: &Value| event["agent"] == "1002" && event["call"] == *call;
    house.journal().wait_for("call_connected", SOON, with_third)?;
    wait::until_true("agent 1001 to be free", SOON, || {
        let states = house.journal().of_kind("agent_state")?;
        let last = states.iter().rev().find(|state| state["agent"] == "1001");
        Ok(last.is_some_and(|state| state["work"] == "idle"))
    })?;
    wait::last(PART);
    patient.hang_up()?;
    third.wait_event("CALL_CLOSED", SOON)?;
    patient.wait_event("CALL_CLOSED", SOON)?;
    house.expect_ended(call, "completed", "caller")?;
    let heard = patient.heard()?;
    heard.expect_in_turn("the patient", 0, &[Some(voice::AGENT_HZ), Some(voice::AGENT_2_HZ)])?;
    third.heard()?.expect_tone("the colleague", 0, voice::PATIENT_HZ)?;
    for (segment, agent) in [(1, voice::AGENT_HZ), (2, voice::AGENT_2_HZ)] {
        let (file, side_car) = house.recording(&format!("{call}-{segment}"))?;
        anyhow::ensure!(side_car["agent"] == ["1001", "1002"][segment - 1], "{side_car}");
        let recorded = Wave::read(&file)?;
        recorded.expect_tone("the patient on the left", 0, voice::PATIENT_HZ)?;
        recorded.expect_tone("the agent on the right", 1, agent)?;
    }
    Ok(())
}

fn baresip_passes_on_blindly(transport: Transport) {
    let name = format!("baresip-blind-{}", transport.word());
    tell(&name, house_of_two(transport), |house| {
        let mut agent = house.start_baresip("1001", transport, Answering::Auto)?;
        let mut patient = patient_calls(house)?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        wait::last(PART);
        let switch = house.sip_over(transport)?;
        agent.transfer("1002", switch)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        expect_passed_on(house, &call, &mut patient, &mut third)
    });
}

fn linphone_passes_on_blindly(transport: Transport) {
    let name = format!("linphone-blind-{}", transport.word());
    tell(&name, house_of_two(transport), |house| {
        let mut agent = house.start_linphone("1001", transport)?;
        let mut patient = patient_calls(house)?;
        agent.wait_ringing(SOON)?;
        agent.answer()?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        wait::last(PART);
        agent.transfer("1002")?;
        expect_passed_on(house, &call, &mut patient, &mut third)
    });
}

fn linphone_consults_and_joins(transport: Transport) {
    let name = format!("linphone-attended-{}", transport.word());
    tell(&name, house_of_two(transport), |house| {
        let mut agent = house.start_linphone("1001", transport)?;
        let mut patient = patient_calls(house)?;
        agent.wait_ringing(SOON)?;
        agent.answer()?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        wait::last(PART);
        agent.pause()?;
        agent.call("1002", SOON)?;
        wait::last(PART);
        agent.join()?;
        agent.wait_idle(SOON)?;
        let started = house.journal().wait_for("transfer_started", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(started["attended"] == true && started["to"] == "1002", "{started}");
        expect_passed_on(house, &call, &mut patient, &mut third)?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_2_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient, meanwhile on hold", 0, &turns)?;
        let turns = [voice::AGENT_HZ, voice::PATIENT_HZ].map(Some);
        third.heard()?.expect_in_turn("the colleague, consulted first", 0, &turns)
    });
}

/// The agent asks her queue before she passes the patient on to it: a colleague answers, hears what it is about, and has
/// the patient.
#[test]
fn linphone_asks_a_queue_and_joins() {
    tell("linphone-asks-queue", house_of_two(Transport::Udp), |house| {
        let mut agent = house.start_linphone("1001", Transport::Udp)?;
        let mut patient = patient_calls(house)?;
        agent.wait_ringing(SOON)?;
        agent.answer()?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        wait::last(PART);
        agent.pause()?;
        agent.call(QUEUE_NUMBER, SOON)?;
        let asked = house.journal().wait_for("queue_left", SOON, |event| event["call"] != *call)?;
        anyhow::ensure!(asked["outcome"] == "answered", "{asked}");
        let asked = text(&asked, "call")?;
        wait::last(PART);
        agent.join()?;
        agent.wait_idle(SOON)?;
        let started = house.journal().wait_for("transfer_started", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(started["attended"] == true && started["to"] == "1002", "{started}");
        expect_passed_on(house, &call, &mut patient, &mut third)?;
        house.expect_ended(&asked, "completed", "agent")?;
        let (_, side_car) = house.recording(&format!("{asked}-1"))?;
        anyhow::ensure!(side_car["agent"] == "1002" && side_car["beside"] == *call, "{side_car}");
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_2_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient, meanwhile on hold", 0, &turns)?;
        let turns = [voice::AGENT_HZ, voice::PATIENT_HZ].map(Some);
        third.heard()?.expect_in_turn("the colleague, asked first", 0, &turns)
    });
}

fn sipp_passes_on_blindly(transport: Transport) {
    let name = format!("sipp-blind-{}", transport.word());
    tell(&name, house_of_two(transport), |house| {
        let (handset, ip) = house.handset(voice::AGENT_HZ)?;
        let phone = SippPhone {
            when_called: Some(PASSES_ON),
            stays: PART * 5,
            ..SippPhone::new("passes-on", REGISTERS, transport)
        };
        let running = house.start_sipp(&phone, ports::free(ip)?, handset.port())?;
        house.expect_device("1001", "registered")?;
        let mut patient = patient_calls(house)?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        expect_passed_on(house, &call, &mut patient, &mut third)?;
        handset.heard().expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        running.finish()?.all_as_scripted()
    });
}

fn sipp_consults_and_joins(transport: Transport) {
    let name = format!("sipp-attended-{}", transport.word());
    tell(&name, house_of_two(transport), |house| {
        let (handset, ip) = house.handset(voice::AGENT_HZ)?;
        let consulting = Handset::pick_up(ip, voice::AGENT_HZ)?;
        let phone = SippPhone {
            when_called: Some(JOINS_CALLED),
            second: Some(consulting.port()),
            ..SippPhone::new("joins", JOINS, transport)
        };
        let running = house.start_sipp(&phone, ports::free(ip)?, handset.port())?;
        house.expect_device("1001", "registered")?;
        let mut patient = patient_calls(house)?;
        let call = connected_to(house, "1001")?;
        let mut third = colleague(house)?;
        let started = house.journal().wait_for("transfer_started", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(started["attended"] == true && started["to"] == "1002", "{started}");
        expect_passed_on(house, &call, &mut patient, &mut third)?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_2_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient, meanwhile on hold", 0, &turns)?;
        let turns = [voice::AGENT_HZ, voice::PATIENT_HZ].map(Some);
        third.heard()?.expect_in_turn("the colleague, consulted first", 0, &turns)?;
        consulting.heard().expect_tone("the agent, consulting", 0, voice::AGENT_2_HZ)?;
        running.finish()?.all_as_scripted()
    });
}

#[test]
fn sipp_consults_and_joins_over_udp() {
    sipp_consults_and_joins(Transport::Udp);
}

#[test]
fn sipp_consults_and_joins_over_tcp() {
    sipp_consults_and_joins(Transport::Tcp);
}

#[test]
fn sipp_passes_a_patient_on_over_udp() {
    sipp_passes_on_blindly(Transport::Udp);
}

#[test]
fn sipp_passes_a_patient_on_over_tcp() {
    sipp_passes_on_blindly(Transport::Tcp);
}

#[test]
fn baresip_passes_a_patient_on_over_udp() {
    baresip_passes_on_blindly(Transport::Udp);
}

#[test]
fn baresip_passes_a_patient_on_over_tcp() {
    baresip_passes_on_blindly(Transport::Tcp);
}

#[test]
fn baresip_passes_a_patient_on_over_tls() {
    baresip_passes_on_blindly(Transport::Tls);
}

#[test]
fn linphone_passes_a_patient_on_over_udp() {
    linphone_passes_on_blindly(Transport::Udp);
}

#[test]
fn linphone_passes_a_patient_on_over_tcp() {
    linphone_passes_on_blindly(Transport::Tcp);
}

#[test]
fn linphone_passes_a_patient_on_over_tls() {
    linphone_passes_on_blindly(Transport::Tls);
}

#[test]
fn linphone_consults_and_joins_over_udp() {
    linphone_consults_and_joins(Transport::Udp);
}

#[test]
fn linphone_consults_and_joins_over_tcp() {
    linphone_consults_and_joins(Transport::Tcp);
}

#[test]
fn linphone_consults_and_joins_over_tls() {
    linphone_consults_and_joins(Transport::Tls);
}

/// The colleague declines: the agent has the patient again, and nobody was left alone.
#[test]
fn a_patient_whom_nobody_takes_is_with_the_agent_again() {
    tell("transfer-declined", house_of_two(Transport::Udp), |house| {
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        let mut patient = patient_calls(house)?;
        let call = connected_to(house, "1001")?;
        let mut third = house.start_baresip("1002", Transport::Udp, Answering::Manual)?;
        house.expect_device("1002", "registered")?;
        let switch = house.sip()?;
        agent.transfer("1002", switch)?;
        third.wait_event("CALL_INCOMING", SOON)?;
        third.hang_up()?;
        let ended = house.journal().wait_for("transfer_ended", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(ended["outcome"] == "rejected", "{ended}");
        agent.wait_event("TRANSFER_FAILED", SOON)?;
        // This phone drops the call when it hears that; the patient is not lost by it.
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        // Before the transfer, after it, and rung back: nothing of it is lost, and each names what was before.
        for segment in 1..=3_u32 {
            let (_, side_car) = house.recording(&format!("{call}-{segment}"))?;
            let before = (segment > 1).then(|| format!("{call}-{}", segment - 1));
            anyhow::ensure!(
                side_car["segment"] == segment && side_car["previous"] == serde_json::json!(before),
                "{side_car}"
            );
        }
        let (file, side_car) = house.recording(&format!("{call}-3"))?;
        anyhow::ensure!(side_car["agent"] == "1001", "{side_car}");
        let recorded = Wave::read(&file)?;
        recorded.expect_tone("the patient on the left", 0, voice::PATIENT_HZ)?;
        recorded.expect_tone("the agent on the right", 1, voice::AGENT_HZ)
    });
}

/// An agent calls a colleague: both hear each other, the call is recorded, and the one who declines is told of as such.
#[test]
fn an_agent_calls_a_colleague() {
    tell("extension", house_of_two(Transport::Udp), |house| {
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
        let mut third = colleague(house)?;
        let switch = house.sip()?;
        agent.dial("1002", switch)?;
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        wait::last(PART);
        agent.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        third.wait_event("CALL_CLOSED", SOON)?;
        let dialled = house.journal().wait_for("call_dialled", SOON, |event| event["agent"] == "1001")?;
        anyhow::ensure!(dialled["to"] == "1002" && dialled["direction"] == "internal", "{dialled}");
        let call = text(&dialled, "call")?;
        house.expect_ended(&call, "completed", "agent")?;
        agent.heard()?.expect_tone("the agent", 0, voice::AGENT_2_HZ)?;
        third.heard()?.expect_tone("the colleague", 0, voice::AGENT_HZ)?;
        let recorded = Wave::read(&house.recording(&format!("{call}-1"))?.0)?;
        recorded.expect_tone("the colleague on the left", 0, voice::AGENT_2_HZ)?;
        recorded.expect_tone("the agent on the right", 1, voice::AGENT_HZ)?;
        agent.dial("0044207946000", switch)?;
        let closed = agent.wait_event("CALL_CLOSED", SOON)?;
        anyhow::ensure!(format!("{closed:?}").contains("403"), "no international calls: {closed:?}");
        Ok(())
    });
}

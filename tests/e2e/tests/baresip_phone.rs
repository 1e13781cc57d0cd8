//! baresip as an agent's phone, over UDP, TCP and TLS: registers, calls, is called, holds, resumes.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::{ECHO_NUMBER, SOON, prompt, tell, voice};
use careline_testkit::{Answering, Phone, PhoneOptions, Transport, Wire, wait};

fn registers_and_hears_itself(transport: Transport) {
    let name = format!("baresip-echo-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let mut phone = house.start_baresip("1001", transport, Answering::Manual)?;
        house.expect_device("1001", "registered")?;
        let switch = house.sip_over(transport)?;
        phone.dial(ECHO_NUMBER, switch)?;
        phone.wait_event("CALL_ESTABLISHED", SOON)?;
        wait::last(PART * 2); // the words take the first part of it
        phone.hang_up()?;
        phone.wait_event("CALL_CLOSED", SOON)?;
        let heard = phone.heard()?;
        anyhow::ensure!(heard.ever_has(0, prompt::ECHO_INTRO_HZ), "the words were not heard");
        heard.expect_tone("the echo", 0, voice::AGENT_HZ)
    });
}

fn is_called_holds_and_resumes(transport: Transport) {
    let name = format!("baresip-hold-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let mut agent = house.start_baresip("1001", transport, Answering::Manual)?;
        let ear = Wire::tap(house.place(), agent.rtp_ports())?;
        let mut patient = house.a_patient()?;
        let switch = house.sip()?;
        patient.dial(careline_e2e::STRAIGHT_NUMBER, switch)?;
        agent.wait_event("CALL_INCOMING", SOON)?;
        agent.accept()?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        let call = careline_e2e::text(&connected, "call")?;
        wait::last(PART);
        agent.hold()?;
        wait::last(PART);
        agent.resume()?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient", 0, &turns)?;
        let turns = [Some(voice::PATIENT_HZ), None, Some(voice::PATIENT_HZ)];
        ear.heard()?.expect_in_turn("the agent", 0, &turns)
    });
}

#[test]
fn registers_and_hears_itself_over_udp() {
    registers_and_hears_itself(Transport::Udp);
}

#[test]
fn registers_and_hears_itself_over_tcp() {
    registers_and_hears_itself(Transport::Tcp);
}

#[test]
fn registers_and_hears_itself_over_tls() {
    registers_and_hears_itself(Transport::Tls);
}

#[test]
fn is_called_holds_and_resumes_over_tls() {
    is_called_holds_and_resumes(Transport::Tls);
}

#[test]
fn is_called_holds_and_resumes_over_udp() {
    is_called_holds_and_resumes(Transport::Udp);
}

#[test]
fn is_called_holds_and_resumes_over_tcp() {
    is_called_holds_and_resumes(Transport::Tcp);
}

/// The contact it registers names its own listening port, on which it cannot prove who it is.
#[test]
fn a_phone_without_a_certificate_is_rung_on_the_connection_it_registered_on() {
    tell("baresip-tls-bare", house_for(Transport::Tls), |house| {
        let options = house.baresip("1001", Transport::Tls, Answering::Auto)?;
        let mut agent = Phone::start(house.place(), PhoneOptions { certificate: None, ..options })?;
        let mut patient = house.a_patient()?;
        house.reach_an_agent(&mut patient)?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)
    });
}

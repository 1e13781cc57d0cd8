//! linphonec as an agent's phone, over UDP, TCP and TLS: registers, calls, is called, holds, resumes.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::{ECHO_NUMBER, SOON, STRAIGHT_NUMBER, prompt, tell, text, voice};
use careline_testkit::{Linphone, LinphoneOptions, Transport, Wire, wait};
use std::time::Duration;

fn registers_and_hears_itself(transport: Transport) {
    let name = format!("linphone-echo-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let mut phone = house.start_linphone("1001", transport)?;
        house.expect_device("1001", "registered")?;
        phone.call(ECHO_NUMBER, SOON)?;
        wait::last(PART * 2); // the words take the first part of it
        phone.hang_up()?;
        let heard = phone.heard()?;
        anyhow::ensure!(heard.ever_has(0, prompt::ECHO_INTRO_HZ), "the words were not heard");
        heard.expect_tone("the echo", 0, voice::AGENT_HZ)?;
        phone.unregister()?;
        house.expect_device("1001", "lost")
    });
}

fn is_called_holds_and_resumes(transport: Transport) {
    let name = format!("linphone-hold-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let mut agent = house.start_linphone("1001", transport)?;
        let ear = Wire::tap(house.place(), agent.rtp_ports())?;
        let mut patient = house.a_patient()?;
        let switch = house.sip()?;
        patient.dial(STRAIGHT_NUMBER, switch)?;
        agent.wait_ringing(SOON)?;
        agent.answer()?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        let call = text(&connected, "call")?;
        wait::last(PART);
        agent.pause()?;
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

#[test]
fn a_wrong_password_registers_nobody() {
    tell("linphone-denied", house_for(Transport::Udp), |house| {
        let options = house.linphone("1001", Transport::Udp)?;
        let options = LinphoneOptions { password: "guess".into(), ..options };
        let mut phone = Linphone::start_unregistered(house.place(), options)?;
        let let_in = phone.wait_registered(Duration::from_secs(3));
        anyhow::ensure!(let_in.is_err(), "registered with a wrong password");
        Ok(())
    });
}

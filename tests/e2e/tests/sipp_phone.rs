//! SIPp as an agent's phone, over UDP and TCP, with MD5: registers, calls, is called, holds, resumes.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::sipp::{CALLS, IS_CALLED, REFUSED, REGISTERS, SippPhone};
use careline_e2e::{ECHO_NUMBER, SOON, STRAIGHT_NUMBER, prompt, tell, text, voice};
use careline_testkit::{Transport, ports};

/// The words of the echo number take the first part; what it says on hold does not come back.
fn registers_and_hears_itself(transport: Transport) {
    let name = format!("sipp-echo-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let (handset, ip) = house.handset(voice::AGENT_HZ)?;
        let registers = SippPhone { stays: PART / 4, ..SippPhone::new("registers", REGISTERS, transport) };
        let registered = house.start_sipp(&registers, ports::free(ip)?, handset.port())?;
        registered.finish()?.all_as_scripted()?;
        house.expect_device("1001", "registered")?;
        house.expect_device("1001", "lost")?;
        let calls = SippPhone { service: ECHO_NUMBER, ..SippPhone::new("calls", CALLS, transport) };
        house.start_sipp(&calls, ports::free(ip)?, handset.port())?.finish()?.all_as_scripted()?;
        let heard = handset.heard();
        anyhow::ensure!(heard.ever_has(0, prompt::ECHO_INTRO_HZ), "the words were not heard");
        heard.expect_tone("the echo", 0, voice::AGENT_HZ)
    });
}

fn is_called_holds_and_resumes(transport: Transport) {
    let name = format!("sipp-hold-{}", transport.word());
    tell(&name, house_for(transport), |house| {
        let (handset, ip) = house.handset(voice::AGENT_HZ)?;
        let phone = SippPhone {
            when_called: Some(IS_CALLED),
            stays: PART * 5,
            ..SippPhone::new("is-called", REGISTERS, transport)
        };
        let running = house.start_sipp(&phone, ports::free(ip)?, handset.port())?;
        house.expect_device("1001", "registered")?;
        let mut patient = house.a_patient()?;
        let switch = house.sip()?;
        patient.dial(STRAIGHT_NUMBER, switch)?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        let call = text(&connected, "call")?;
        patient.wait_event("CALL_CLOSED", PART * 3 + SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient", 0, &turns)?;
        let turns = [Some(voice::PATIENT_HZ), None, Some(voice::PATIENT_HZ)];
        handset.heard().expect_in_turn("the agent", 0, &turns)?;
        running.finish()?.all_as_scripted()
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
fn is_called_holds_and_resumes_over_udp() {
    is_called_holds_and_resumes(Transport::Udp);
}

#[test]
fn is_called_holds_and_resumes_over_tcp() {
    is_called_holds_and_resumes(Transport::Tcp);
}

#[test]
fn a_wrong_password_is_asked_again() {
    tell("sipp-denied", house_for(Transport::Udp), |house| {
        let (handset, ip) = house.handset(voice::AGENT_HZ)?;
        let guesses = SippPhone { password: "guess", ..SippPhone::new("refused", REFUSED, Transport::Udp) };
        house.start_sipp(&guesses, ports::free(ip)?, handset.port())?.finish()?.all_as_scripted()?;
        let states = house.journal().of_kind("agent_state")?;
        anyhow::ensure!(states.iter().all(|state| state["device"] != "registered"), "{states:?}");
        Ok(())
    });
}

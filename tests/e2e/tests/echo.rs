//! A phone proves who it is, dials the echo number and hears itself.

use careline_e2e::{ECHO_NUMBER, HouseOptions, SOON, prompt, tell, voice};
use careline_testkit::{Answering, Phone, PhoneOptions, wait};
use std::time::Duration;

#[test]
fn an_agent_hears_the_words_of_the_echo_test_and_then_itself() {
    tell("echo", HouseOptions::default(), |house| {
        let speech = house.steady_voice(voice::AGENT_HZ)?;
        let mut phone = house.agent("1001", Answering::Manual, &speech)?;
        let sip = house.sip()?;
        phone.dial(ECHO_NUMBER, sip)?;
        phone.wait_event("CALL_ESTABLISHED", SOON)?;
        wait::last(Duration::from_secs(4));
        phone.hang_up()?;
        phone.wait_event("CALL_CLOSED", SOON)?;
        let heard = phone.heard()?;
        heard.expect_tone("the words", 0, prompt::ECHO_INTRO_HZ)?;
        heard.expect_tone("the echo", 0, voice::AGENT_HZ)
    });
}

#[test]
fn a_wrong_password_registers_nobody() {
    tell("echo-denied", HouseOptions::default(), |house| {
        let speech = house.steady_voice(voice::AGENT_HZ)?;
        let (own, sip) = (house.next_address()?, house.sip()?);
        let options = PhoneOptions::agent("1001", "guess", own, sip, Answering::Manual, &speech);
        let refused = Phone::start(house.place(), options);
        anyhow::ensure!(refused.is_err(), "registered with a wrong password");
        let states = house.journal().of_kind("agent_state")?;
        let registered = states.iter().any(|state| state["device"] == "registered");
        anyhow::ensure!(!registered, "the journal believes in the phone: {states:?}");
        Ok(())
    });
}

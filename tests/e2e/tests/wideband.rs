//! Phones that speak G.722 and Opus, with a patient on a plain telephone line: both are heard and recorded.

use anyhow::Context;
use careline_e2e::phones::PART;
use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wave::{TONE_DBFS, Wave};
use careline_testkit::{Answering, Encryption, Phone, PhoneOptions, Transport, baresip, wait};

/// `codec` in the words of the configuration and of baresip; `rate` is that of what the phone hears.
fn baresip_talks(name: &str, codec: &str, codecs: &'static str, rate: u32, encryption: Encryption) {
    let srtp = if encryption == Encryption::Mandatory { "required" } else { "optional" };
    let more = format!("[phones]\ncodecs = [\"pcma\", \"{codec}\"]\nsrtp = \"{srtp}\"\n\n");
    tell(name, HouseOptions { more, ..HouseOptions::default() }, |house| {
        let options = house.baresip("1001", Transport::Udp, Answering::Auto)?;
        let mut agent = Phone::start(house.place(), PhoneOptions { codecs, encryption, ..options })?;
        let mut patient = house.a_patient()?;
        let call = house.reach_an_agent(&mut patient)?;
        wait::last(PART * 2); // decoding begins when the phones' first packets have shown their jitter
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        // From 8 to 16 kHz baresip loses 2 dB: what counts is that nothing is lost on the way.
        let said = agent.said()?.level_of(0, voice::AGENT_HZ).context("the agent's phone said nothing")?;
        anyhow::ensure!((said - TONE_DBFS).abs() < 3.0, "the agent's phone said {said} dBFS");
        patient.heard()?.expect_tone_at("the patient", 0, voice::AGENT_HZ, said)?;
        let heard = agent.heard()?;
        anyhow::ensure!(heard.rate == rate, "the agent's phone heard at {} Hz", heard.rate);
        heard.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        let recording = Wave::read(&house.recording_of(&call)?.0)?;
        recording.expect_tone("the recording, left", 0, voice::PATIENT_HZ)?;
        recording.expect_tone_at("the recording, right", 1, voice::AGENT_HZ, said)?;
        anyhow::ensure!(!recording.ever_has(0, voice::AGENT_HZ), "the agent is on the left");
        anyhow::ensure!(!recording.ever_has(1, voice::PATIENT_HZ), "the patient is on the right");
        Ok(())
    });
}

#[test]
fn baresip_with_g722_is_recorded_with_a_patient_in_a_law() {
    baresip_talks("g722", "g722", baresip::G722, 16_000, Encryption::None);
}

#[test]
fn baresip_with_opus_is_recorded_with_a_patient_in_a_law() {
    baresip_talks("opus", "opus", baresip::OPUS, 48_000, Encryption::None);
}

#[test]
fn baresip_with_opus_that_must_encrypt_is_recorded_too() {
    baresip_talks("opus-srtp", "opus", baresip::OPUS, 48_000, Encryption::Mandatory);
}

//! Phones that encrypt their audio: heard, recorded on the right side, and refused where they do not and have to.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::{House, HouseOptions, SOON, STRAIGHT_NUMBER, tell, text, voice};
use careline_testkit::wave::Wave;
use careline_testkit::{
    Answering, Encryption, Linphone, LinphoneOptions, Phone, PhoneOptions, Transport, Wire, wait,
};

/// A house in which the phones have this word about encryption.
fn house_with(srtp: &str, transport: Transport) -> HouseOptions {
    let more = format!("[phones]\nsrtp = \"{srtp}\"\n\n");
    HouseOptions { agents: vec!["1001", "1002"], more, ..house_for(transport) }
}

/// Both heard each other, in their ears and in the recording, and on the wire there was nothing to hear.
fn expect_a_secret_talk(
    house: &House,
    call: &str,
    patient: &Phone,
    agent_heard: &Wave,
    ear: &Wire,
) -> anyhow::Result<()> {
    patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
    agent_heard.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
    let recording = Wave::read(&house.recording_of(call)?.0)?;
    recording.expect_tone("the recording, left", 0, voice::PATIENT_HZ)?;
    recording.expect_tone("the recording, right", 1, voice::AGENT_HZ)?;
    anyhow::ensure!(!recording.ever_has(0, voice::AGENT_HZ), "the agent is on the left");
    anyhow::ensure!(!recording.ever_has(1, voice::PATIENT_HZ), "the patient is on the right");
    let wire = ear.heard()?;
    anyhow::ensure!(wire.seconds() > 1.0, "nothing was sent to the phone");
    anyhow::ensure!(!wire.ever_has(0, voice::PATIENT_HZ), "whoever listens to the wire hears the patient");
    Ok(())
}

fn baresip_talks_in_secret(name: &str, srtp: &str, transport: Transport, encryption: Encryption) {
    tell(name, house_with(srtp, transport), |house| {
        let options = house.baresip("1001", transport, Answering::Auto)?;
        let mut agent = Phone::start(house.place(), PhoneOptions { encryption, ..options })?;
        let ear = Wire::tap(house.place(), agent.rtp_ports())?;
        let mut patient = house.a_patient()?;
        let call = house.reach_an_agent(&mut patient)?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        expect_a_secret_talk(house, &call, &patient, &agent.heard()?, &ear)
    });
}

fn linphone_talks_in_secret(name: &str, srtp: &str, transport: Transport, encryption: Encryption) {
    tell(name, house_with(srtp, transport), |house| {
        let options = house.linphone("1001", transport)?;
        let mut agent = Linphone::start(house.place(), LinphoneOptions { encryption, ..options })?;
        let ear = Wire::tap(house.place(), agent.rtp_ports())?;
        let mut patient = house.a_patient()?;
        let switch = house.sip()?;
        patient.dial(STRAIGHT_NUMBER, switch)?;
        agent.wait_ringing(SOON)?;
        agent.answer()?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        let call = text(&connected, "call")?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        expect_a_secret_talk(house, &call, &patient, &agent.heard()?, &ear)
    });
}

#[test]
fn baresip_that_must_encrypt_is_recorded_with_a_plain_patient() {
    baresip_talks_in_secret("srtp-baresip", "required", Transport::Tls, Encryption::Mandatory);
}

#[test]
fn linphone_that_must_encrypt_is_recorded_with_a_plain_patient() {
    linphone_talks_in_secret("srtp-linphone", "required", Transport::Tls, Encryption::Mandatory);
}

#[test]
fn baresip_that_can_encrypt_does_where_nobody_demands_it() {
    baresip_talks_in_secret("srtp-baresip-can", "optional", Transport::Udp, Encryption::Offered);
}

/// Holds and resumes with encrypted audio: the keys live on.
#[test]
fn baresip_holds_and_resumes_in_secret() {
    tell("srtp-hold", house_with("required", Transport::Udp), |house| {
        let options = house.baresip("1001", Transport::Udp, Answering::Auto)?;
        let options = PhoneOptions { encryption: Encryption::Mandatory, ..options };
        let mut agent = Phone::start(house.place(), options)?;
        let mut patient = house.a_patient()?;
        let call = house.reach_an_agent(&mut patient)?;
        wait::last(PART);
        agent.hold()?;
        wait::last(PART);
        agent.resume()?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        let turns = [voice::AGENT_HZ, careline_e2e::prompt::MUSIC_HZ, voice::AGENT_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient", 0, &turns)
    });
}

#[test]
fn a_phone_that_calls_in_secret_hears_itself() {
    tell("srtp-echo", house_with("required", Transport::Udp), |house| {
        let options = house.baresip("1001", Transport::Udp, Answering::Manual)?;
        let options = PhoneOptions { encryption: Encryption::Mandatory, ..options };
        let mut phone = Phone::start(house.place(), options)?;
        let switch = house.sip()?;
        phone.dial(careline_e2e::ECHO_NUMBER, switch)?;
        phone.wait_event("CALL_ESTABLISHED", SOON)?;
        wait::last(PART * 2); // the words take the first part of it
        phone.hang_up()?;
        phone.wait_event("CALL_CLOSED", SOON)?;
        phone.heard()?.expect_tone("the echo", 0, voice::AGENT_HZ)
    });
}

#[test]
fn a_plain_phone_where_encryption_is_required_is_passed_over_and_the_patient_waits() {
    tell("srtp-refused", house_with("required", Transport::Udp), |house| {
        let options = house.baresip("1001", Transport::Udp, Answering::Auto)?;
        let _plain = Phone::start(house.place(), options)?;
        let mut patient = house.a_patient()?;
        let switch = house.sip()?;
        patient.dial(STRAIGHT_NUMBER, switch)?;
        let refused = house.journal().wait_for("offer_ended", SOON, |event| event["agent"] == "1001")?;
        let call = text(&refused, "call")?;
        anyhow::ensure!(refused["outcome"] == "device_lost", "{refused}");
        anyhow::ensure!(
            house.journal().of_kind("queue_left").unwrap_or_default().is_empty(),
            "the patient left"
        );
        anyhow::ensure!(
            house.journal().of_kind("call_connected").unwrap_or_default().is_empty(),
            "connected in clear"
        );

        let options = house.baresip("1002", Transport::Udp, Answering::Auto)?;
        let options = PhoneOptions { encryption: Encryption::Mandatory, ..options };
        let mut secret = Phone::start(house.place(), options)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        wait::last(PART);
        secret.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        house.expect_queue_outcome(&call, "answered")?;
        patient.heard()?.expect_tone("the patient", 0, voice::AGENT_2_HZ)
    });
}

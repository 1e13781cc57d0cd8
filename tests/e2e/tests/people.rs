//! Real phones in calls of more than two: a supervisor who listens, whispers, barges in and takes over; three in one call; a
//! consultation by order; a parked call. Who hears whom is proved by tones.

use careline_e2e::phones::PART;
use careline_e2e::{House, HouseOptions, SOON, STRAIGHT_NUMBER, prompt, rpc, tell, text, voice};
use careline_rpc::proto::switch_events::v1::WatchMode;
use careline_testkit::wave::Wave;
use careline_testkit::{Answering, Phone, Transport, wait};

const SUPERVISOR: &str = "[[agent]]\nid = \"3001\"\nname = \"supervisor\"\npassword = \"pw3001\"\n\
    ready_on_register = true\nsupervises = [\"desk\"]\n[park]\nfirst = 701\n";

fn options(agents: &[&'static str]) -> HouseOptions {
    HouseOptions { agents: agents.to_vec(), more: SUPERVISOR.to_owned(), ..HouseOptions::default() }
}

/// A patient talks to 1001; gives the call and the two phones.
fn talking(house: &mut House) -> anyhow::Result<(String, Phone, Phone)> {
    let agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
    house.expect_device("1001", "registered")?;
    let (mut patient, switch) = (house.a_patient()?, house.sip()?);
    patient.dial(STRAIGHT_NUMBER, switch)?;
    let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
    Ok((text(&connected, "call")?, patient, agent))
}

fn phone(house: &mut House, id: &str) -> anyhow::Result<Phone> {
    let phone = house.start_baresip(id, Transport::Udp, Answering::Auto)?;
    house.expect_device(id, "registered")?;
    Ok(phone)
}

/// 3001 hears what 1001 is in.
fn listening(house: &mut House, mode: WatchMode) -> anyhow::Result<Phone> {
    let boss = phone(house, "3001")?;
    rpc::watch(house.switch()?.rpc, "3001", "1001", mode)?;
    house.journal().wait_for("watch_followed", SOON, |event| event["call"].is_string())?;
    wait::last(PART);
    Ok(boss)
}

/// The sound of a recording, when it is closed.
fn recorded(house: &House, id: &str) -> anyhow::Result<Wave> {
    house.journal().wait_for("recording_finished", SOON, |event| event["recording"] == *id)?;
    Wave::read(&house.recording(id)?.0)
}

#[test]
fn a_supervisor_hears_both_and_her_whisper_is_for_the_agent_alone() {
    tell("whisper", options(&["1001"]), |house| {
        let (call, mut patient, agent) = talking(house)?;
        let mut boss = listening(house, WatchMode::Listen)?;
        rpc::change_watch(house.switch()?.rpc, "3001", WatchMode::Whisper)?;
        wait::last(PART);
        patient.hang_up()?;
        house.expect_ended(&call, "completed", "caller")?;
        wait::until_true("the supervisor to hear nobody", SOON, || {
            let followed = house.journal().of_kind("watch_followed")?;
            Ok(followed.last().is_some_and(|event| event["call"].is_null()))
        })?;
        boss.hang_up()?;
        boss.wait_event("CALL_CLOSED", SOON)?;
        let both = [voice::PATIENT_HZ, voice::AGENT_HZ];
        boss.heard()?.expect_together("the supervisor", 0, &both)?;
        let heard = agent.heard()?;
        heard.expect_tone("the agent, before the whisper", 0, voice::PATIENT_HZ)?;
        heard.expect_together("the agent", 0, &[voice::PATIENT_HZ, voice::SUPERVISOR_HZ])?;
        let heard = patient.heard()?;
        heard.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        heard.expect_without("the patient", 0, voice::SUPERVISOR_HZ)?;
        let talk = recorded(house, &format!("{call}-1"))?;
        talk.expect_tone("the patient on the left", 0, voice::PATIENT_HZ)?;
        talk.expect_tone("the agent on the right", 1, voice::AGENT_HZ)?;
        for channel in 0..2 {
            talk.expect_without("the recording of the conversation", channel, voice::SUPERVISOR_HZ)?;
        }
        let whisper = recorded(house, &format!("{call}-1w1"))?;
        whisper.expect_tone("the whisper's own track", 0, voice::SUPERVISOR_HZ)?;
        anyhow::ensure!(whisper.channels.len() == 1, "nobody else is on it");
        let (_, side_car) = house.recording(&format!("{call}-1w1"))?;
        anyhow::ensure!(side_car["belongs_to"] == format!("{call}-1") && side_car["agent"] == "3001");
        Ok(())
    });
}

#[test]
fn a_supervisor_barges_in_and_takes_the_call_over() {
    tell("barge", options(&["1001"]), |house| {
        let (call, mut patient, mut agent) = talking(house)?;
        let mut boss = listening(house, WatchMode::Barge)?;
        rpc::change_watch(house.switch()?.rpc, "3001", WatchMode::TakeOver)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "3001")?;
        anyhow::ensure!(connected["call"] == *call, "another call");
        wait::last(PART);
        patient.hang_up()?;
        boss.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "caller")?;
        let heard = patient.heard()?;
        heard.expect_together("the patient", 0, &[voice::AGENT_HZ, voice::SUPERVISOR_HZ])?;
        heard.expect_tone("the patient, with the supervisor alone", 0, voice::SUPERVISOR_HZ)?;
        let both = [voice::PATIENT_HZ, voice::SUPERVISOR_HZ];
        agent.heard()?.expect_together("the agent", 0, &both)?;
        let heard = boss.heard()?;
        heard.expect_together("the supervisor", 0, &[voice::PATIENT_HZ, voice::AGENT_HZ])?;
        heard.expect_tone("the supervisor, with the patient alone", 0, voice::PATIENT_HZ)?;
        let second = recorded(house, &format!("{call}-2"))?;
        second.expect_tone("the patient on the left", 0, voice::PATIENT_HZ)?;
        second.expect_tone("the supervisor on the right", 1, voice::SUPERVISOR_HZ)?;
        let (_, side_car) = house.recording(&format!("{call}-2"))?;
        anyhow::ensure!(side_car["previous"] == format!("{call}-1") && side_car["agent"] == "3001");
        Ok(())
    });
}

#[test]
fn three_hear_each_other_and_the_agent_leaves_them() {
    tell("three", options(&["1001", "1002"]), |house| {
        let (call, mut patient, mut agent) = talking(house)?;
        let mut third = phone(house, "1002")?;
        rpc::add_party(house.switch()?.rpc, &call, "1001", "1002", false)?;
        house.journal().wait_for("party_joined", SOON, |event| event["call"] == *call)?;
        wait::last(PART);
        rpc::leave(house.switch()?.rpc, &call, "1001")?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        wait::last(PART);
        patient.hang_up()?;
        third.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "caller")?;
        let (one, two, three) = (voice::PATIENT_HZ, voice::AGENT_HZ, voice::AGENT_2_HZ);
        agent.heard()?.expect_together("the agent", 0, &[one, three])?;
        let heard = patient.heard()?;
        heard.expect_together("the patient", 0, &[two, three])?;
        heard.expect_tone("the patient, with the colleague alone", 0, three)?;
        third.heard()?.expect_together("the colleague", 0, &[one, two])?;
        let first = recorded(house, &format!("{call}-1"))?;
        first.expect_tone("the patient on the left", 0, one)?;
        first.expect_tone("the agent on the right", 1, two)?;
        recorded(house, &format!("{call}-1p1"))?.expect_tone("the colleague's own track", 0, three)?;
        recorded(house, &format!("{call}-2"))?.expect_tone("the colleague on the right", 1, three)
    });
}

#[test]
fn a_consultation_by_order_keeps_one_call_and_links_its_recordings() {
    tell("consult", options(&["1001", "1002"]), |house| {
        let (call, mut patient, mut agent) = talking(house)?;
        let mut third = house.start_linphone("1002", Transport::Udp)?;
        house.expect_device("1002", "registered")?;
        wait::last(PART);
        rpc::add_party(house.switch()?.rpc, &call, "1001", "1002", true)?;
        third.wait_ringing(SOON)?;
        third.answer()?;
        house.journal().wait_for("party_joined", SOON, |event| event["call"] == *call)?;
        wait::last(PART);
        rpc::leave(house.switch()?.rpc, &call, "1001")?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        anyhow::ensure!(connected["call"] == *call, "another call");
        wait::last(PART);
        patient.hang_up()?;
        third.wait_idle(SOON)?;
        house.expect_ended(&call, "completed", "caller")?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_2_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient, meanwhile on hold", 0, &turns)?;
        let turns = [voice::PATIENT_HZ, voice::AGENT_2_HZ].map(Some);
        agent.heard()?.expect_in_turn("the agent", 0, &turns)?;
        let turns = [voice::AGENT_HZ, voice::PATIENT_HZ].map(Some);
        third.heard()?.expect_in_turn("the colleague, consulted first", 0, &turns)?;
        recorded(house, &format!("{call}-2"))?.expect_tone(
            "the colleague on the right",
            1,
            voice::AGENT_2_HZ,
        )?;
        let (_, side_car) = house.recording(&format!("{call}-2"))?;
        anyhow::ensure!(side_car["previous"] == format!("{call}-1"), "{side_car}");
        Ok(())
    });
}

#[test]
fn a_parked_patient_is_picked_up_at_another_phone() {
    tell("park", options(&["1001", "1002"]), |house| {
        let (call, mut patient, mut agent) = talking(house)?;
        let mut third = phone(house, "1002")?;
        wait::last(PART);
        let slot = rpc::park(house.switch()?.rpc, &call, "1001")?;
        anyhow::ensure!(slot == 701, "{slot}");
        agent.wait_event("CALL_CLOSED", SOON)?;
        wait::last(PART);
        let switch = house.sip()?;
        third.dial("701", switch)?;
        third.wait_event("CALL_ESTABLISHED", SOON)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        wait::last(PART);
        third.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        let turns = [voice::AGENT_HZ, prompt::MUSIC_HZ, voice::AGENT_2_HZ].map(Some);
        patient.heard()?.expect_in_turn("the patient", 0, &turns)?;
        third.heard()?.expect_tone("the colleague", 0, voice::PATIENT_HZ)
    });
}

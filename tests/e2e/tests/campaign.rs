//! A campaign calls people whom SIPp plays: one is busy, one number does not exist, one never answers, and with the next
//! number the agent's phone talks to somebody. Callers go first.

use careline_e2e::phones::{PART, house_for};
use careline_e2e::{House, SOON, STRAIGHT_NUMBER, rpc, tell, text, voice};
use careline_testkit::sipp::{self, Sipp, SippRun};
use careline_testkit::{Answering, Handset, Transport, ports, wait};
use serde_json::Value;
use std::time::Duration;

const PATIENTS: &str = include_str!("../scenarios/patients.xml");
const BUSY: &str = "13800000001";
const NOBODYS: &str = "13800000002";
const AWAY: &str = "13800000003";
const AT_HOME: &str = "13800000004";
/// A talk: she who hangs up sooner than 2 s after the answer has abandoned whom she called.
const TALK: Duration = Duration::from_secs(3);
/// It rings for so long.
const RINGS: Duration = Duration::from_secs(15);

/// One campaign that goes on to the next number whatever comes of the one before; the city is played by SIPp.
fn city(house: &mut House, calls: u32, within: Duration) -> anyhow::Result<(Handset, Sipp)> {
    let (handset, ip) = house.handset(voice::PATIENT_2_HZ)?;
    let line = ports::free(ip)?;
    let retry = |result| {
        format!(
            "[[campaign.retry]]\nresult = \"{result}\"\nafter_s = 600\ntimes = 2\nthen = \"next_number\"\n"
        )
    };
    house.configure(&format!(
        "[[trunk]]\nid = \"city\"\nsources = [\"{line}\"]\nproxy = [\"{line}\"]\noptions_interval_s = 0\n\
         [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"city\" }}]\n[[route]]\ngroup = \"out\"\n\
         [outbound]\nquiet = []\nquiet_clinical = []\nsafe_message = [\"goodbye\"]\nring_back = \"announce\"\n\
         [[campaign]]\nid = \"follow\"\nmode = \"progressive\"\npurpose = \"clinical\"\nqueue = \"desk\"\nring_s = 15\n{}{}",
        retry("busy"),
        retry("no_answer"),
    ));
    let switch = house.sip()?;
    let port = handset.port().to_string();
    let run = SippRun {
        name: "patients",
        scenario: PATIENTS,
        local: line,
        remote: switch,
        transport: Transport::Udp,
        service: "line",
        keys: &[("handset", &port)],
        calls,
        when_called: None,
        auth_uri: None,
        within,
    };
    Ok((handset, sipp::start(house.place(), &run)?))
}

fn fact(house: &House, fact: &str, within: Duration) -> anyhow::Result<Value> {
    house.journal().wait_for("campaign", within, |event| event["fact"] == *fact)
}

#[test]
fn somebody_is_reached_under_the_fourth_number_and_the_agent_hears_her() {
    tell("campaign", house_for(Transport::Udp), |house| {
        let (_handset, patients) = city(house, 4, Duration::from_secs(60))?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        house.expect_device("1001", "registered")?;
        rpc::give_task(house.switch()?.rpc, "follow", "t1", &[BUSY, NOBODYS, AWAY, AT_HOME])?;
        let connected = house.journal().wait_for("call_connected", RINGS + SOON * 2, |_| true)?;
        let call = text(&connected, "call")?;
        wait::last(TALK);
        agent.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        patients.finish()?.all_as_scripted()?;
        let over = fact(house, "task_ended", SOON)?;
        anyhow::ensure!(
            over["outcome"] == "reached" && over["attempts"] == 4 && over["call"] == *call,
            "{over}"
        );
        let attempts = house.journal().of_kind("campaign")?;
        let results: Vec<&str> = attempts
            .iter()
            .filter(|event| event["fact"] == "attempt_ended")
            .filter_map(|event| event["result"].as_str())
            .collect();
        anyhow::ensure!(results == ["busy", "invalid", "no_answer", "answered"], "{results:?}");
        house.expect_ended(&call, "completed", "agent")?;
        let heard = agent.heard()?;
        heard.expect_tone("the patient", 0, voice::PATIENT_2_HZ)
    });
}

#[test]
fn callers_go_before_the_next_task() {
    tell("campaign-blended", house_for(Transport::Udp), |house| {
        let (_handset, patients) = city(house, 2, Duration::from_secs(60))?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        house.expect_device("1001", "registered")?;
        rpc::give_task(house.switch()?.rpc, "follow", "t1", &[AT_HOME])?;
        house.journal().wait_for("call_connected", SOON * 2, |_| true)?;
        rpc::give_task(house.switch()?.rpc, "follow", "t2", &["13800000005"])?;
        let (mut patient, switch) = (house.a_patient()?, house.sip()?);
        patient.dial(STRAIGHT_NUMBER, switch)?;
        let waits = house.journal().wait_for("queue_entered", SOON, |_| true)?;
        let call = text(&waits, "call")?;
        wait::last(TALK);
        agent.hang_up()?;
        // The agent is free: the patient has her, and the task waits.
        house.journal().wait_for("call_connected", SOON * 2, |event| event["call"] == *call)?;
        let began = house.journal().of_kind("campaign")?;
        let began = began.iter().filter(|event| event["fact"] == "attempt_began").count();
        anyhow::ensure!(began == 1, "{began} numbers were dialled while a patient waited");
        wait::last(PART);
        patient.hang_up()?;
        house.expect_ended(&call, "completed", "caller")?;
        house.journal().wait_for("call_connected", SOON * 2, |event| {
            event["queue"].is_null() && event["call"] != *call
        })?;
        wait::last(PART);
        wait::until_true("the second person to be called", SOON * 2, || {
            let facts = house.journal().of_kind("campaign")?;
            Ok(facts.iter().any(|event| event["fact"] == "attempt_began" && event["task"] == "t2"))
        })?;
        wait::last(TALK);
        agent.hang_up()?;
        patients.finish()?.all_as_scripted()
    });
}

#[test]
fn a_click_calls_the_agent_then_the_person() {
    tell("click-to-dial", house_for(Transport::Udp), |house| {
        let (_handset, patients) = city(house, 1, Duration::from_secs(40))?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        house.expect_device("1001", "registered")?;
        let call = rpc::click_to_dial(house.switch()?.rpc, "1001", AT_HOME)?;
        house.journal().wait_for("call_connected", SOON * 2, |event| event["call"] == *call)?;
        wait::last(TALK);
        agent.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        patients.finish()?.all_as_scripted()?;
        house.expect_ended(&call, "completed", "agent")?;
        agent.heard()?.expect_tone("the patient", 0, voice::PATIENT_2_HZ)
    });
}

#[test]
fn a_task_outlives_a_switch_that_is_killed() {
    tell("campaign-kill", house_for(Transport::Udp), |house| {
        let (_handset, patients) = city(house, 1, Duration::from_secs(60))?;
        let rpc = house.switch()?.rpc;
        // Nobody has signed in: it waits.
        rpc::give_task(rpc, "follow", "t1", &[AT_HOME])?;
        house.expect_kept("outbound.json", |kept| {
            kept["tasks"].as_array().is_some_and(|tasks| tasks.len() == 1)
        })?;
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        let again = rpc::give_task(house.switch()?.rpc, "follow", "t1", &[AT_HOME]);
        anyhow::ensure!(again.is_err(), "it was taken a second time");
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        house.expect_device("1001", "registered")?;
        house.journal().wait_for("call_connected", SOON * 2, |_| true)?;
        wait::last(TALK);
        agent.hang_up()?;
        patients.finish()?.all_as_scripted()?;
        let over = fact(house, "task_ended", SOON)?;
        anyhow::ensure!(over["outcome"] == "reached" && over["task"] == "t1", "{over}");
        Ok(())
    });
}

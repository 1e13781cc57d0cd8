//! The configuration changes while patients are on the line; and is there again, with the agents, after a kill.

use careline_e2e::rpc::{board, configuration, publish};
use careline_e2e::{HouseOptions, SOON, prompt, tell, voice};
use careline_testkit::{Answering, wait};
use std::time::Duration;

/// The story's front door with other words at its beginning.
const MAIN_2: &str = r#"id = "main"
version = 2
start = "news"

[node.news]
kind = "play"
prompts = ["announce"]
next = "menu"
interruptible = false

[node.menu]
kind = "menu"
prompts = ["menu"]
first_timeout_s = 10
tries = 2
otherwise = "goodbye"
keys = { "0" = "person" }

[node.person]
kind = "queue"
queue = "desk"
timeout = "goodbye"

[node.goodbye]
kind = "hangup"
prompts = ["goodbye"]
"#;

#[test]
fn a_flow_published_in_mid_call_is_heard_by_the_next_caller_only() {
    tell("publish-flow", HouseOptions::default(), |house| {
        let (patient_voice, agent_voice) =
            (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut agent = house.agent("1001", Answering::Auto, &agent_voice)?;
        let mut first = house.patient("13800138000", &patient_voice)?;
        let call = house.reach_the_menu(&mut first)?;
        let rpc = house.switch()?.rpc;
        let version = publish(rpc, &[("flows/main.toml", MAIN_2)])?;
        anyhow::ensure!(version == 2, "version {version}");
        let wrong =
            publish(rpc, &[("flows/main.toml", &MAIN_2.replace("next = \"menu\"", "next = \"mneu\""))]);
        let wrong = wrong.expect_err("a node is missing").to_string();
        anyhow::ensure!(wrong.contains("flows/main.toml:8") && wrong.contains("allowed:"), "{wrong}");

        // Key 9 leads to goodbye in the old flow and nowhere in the new one; key 0 to a person in both.
        first.press("0")?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        wait::last(Duration::from_secs(3)); // of talk
        first.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_queue_outcome(&call, "answered")?;

        let mut second = house.patient("13800138001", &patient_voice)?;
        let next = house.reach_the_menu(&mut second)?;
        second.press("0")?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *next)?;
        wait::last(Duration::from_secs(2)); // of talk
        second.hang_up()?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        let version_of = |call: &str| -> anyhow::Result<serde_json::Value> {
            let events = house.events_of(call)?;
            let entered = events.iter().find(|event| event["kind"] == "flow_entered");
            Ok(entered.map(|event| event["version"].clone()).unwrap_or_default())
        };
        anyhow::ensure!((version_of(&call)?, version_of(&next)?) == (1.into(), 2.into()), "versions");
        let (old, new) = (first.heard()?, second.heard()?);
        old.expect_tone("the first, greeting", 0, prompt::GREETING_HZ)?;
        old.expect_tone("the first, agent", 0, voice::AGENT_HZ)?;
        anyhow::ensure!(!old.ever_has(0, prompt::ANNOUNCE_HZ), "the first caller hears the new flow");
        new.expect_tone("the second, news", 0, prompt::ANNOUNCE_HZ)?;
        anyhow::ensure!(!new.ever_has(0, prompt::GREETING_HZ), "the second caller hears the old flow");
        let applied = house.journal().of_kind("configuration_applied")?;
        let last = applied.last().cloned().unwrap_or_default();
        anyhow::ensure!(last["by"] == "story" && last["version"] == 2, "{last}");
        Ok(())
    });
}

#[test]
fn a_killed_switch_has_its_agents_its_configuration_and_its_counts_again() {
    let options = HouseOptions { agents: vec!["1001", "1002"], ..HouseOptions::default() };
    tell("kill-agents", options, |house| {
        let agent_voice = house.steady_voice(voice::AGENT_HZ)?;
        let patient_voice = house.steady_voice(voice::PATIENT_HZ)?;
        let mut agents = [
            house.agent("1001", Answering::Auto, &agent_voice)?,
            house.agent("1002", Answering::Auto, &agent_voice)?,
        ];
        let rpc = house.switch()?.rpc;
        let text = configuration(rpc, "centre.toml")?;
        publish(rpc, &[("centre.toml", &text.replace("Front desk", "Reception"))])?;

        // 1001 has waited longest and is rung; then 1002 has.
        let mut patient = house.patient("13800138000", &patient_voice)?;
        house.reach_an_agent(&mut patient)?;
        wait::last(Duration::from_secs(1)); // of talk
        patient.hang_up()?;
        agents[0].wait_event("CALL_CLOSED", SOON)?;
        wait::last(Duration::from_secs(2)); // what is younger than that may be lost
        house.switch()?.kill()?;
        let before = house.journal().of_kind("call_connected")?.len();
        house.switch()?.restart()?;

        // Their phones have not registered again: the registrations outlived the kill, and the agents too.
        let mut patient = house.patient("13800138001", &patient_voice)?;
        let sip = house.sip()?;
        patient.dial(careline_e2e::STRAIGHT_NUMBER, sip)?;
        let connected = wait::until("the second conversation", SOON, || {
            Ok(house.journal().of_kind("call_connected")?.into_iter().nth(before))
        })?;
        anyhow::ensure!(connected["agent"] == "1002", "the order of service is lost: {connected}");
        patient.hang_up()?;
        agents[1].wait_event("CALL_CLOSED", SOON)?;
        let rpc = house.switch()?.rpc;
        let text = configuration(rpc, "centre.toml")?;
        anyhow::ensure!(text.contains("Reception"), "the published version does not hold");
        let counted = wait::until("the counts", SOON, || {
            let board = board(rpc)?;
            Ok(board.into_iter().find(|row| *row == ("desk".to_owned(), 2, 2)))
        })?;
        anyhow::ensure!(counted.1 == 2, "{counted:?}");
        Ok(())
    });
}

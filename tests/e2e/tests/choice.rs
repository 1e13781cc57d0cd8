//! Who is rung for a caller, seen from the phones: all at once, by skill, and as the wait grows longer.

use careline_e2e::{House, HouseOptions, SOON, tell, text, voice};
use careline_testkit::{Answering, wait};
use std::time::Duration;

/// How the offers of a call ended, in the order of the journal.
fn offers(house: &House, call: &str) -> anyhow::Result<Vec<(String, String)>> {
    let ended = house.events_of(call)?.into_iter().filter(|event| event["kind"] == "offer_ended");
    ended.map(|event| Ok((text(&event, "agent")?, text(&event, "outcome")?))).collect()
}

#[test]
fn all_phones_ring_and_the_first_to_answer_talks_with_the_patient() {
    let options = HouseOptions {
        agents: vec!["1001", "1002", "1003"],
        queue: "strategy = \"ring_all\"",
        ..HouseOptions::default()
    };
    tell("ring-all", options, |house| {
        let (patient_voice, agent_voice) =
            (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut phones = Vec::new();
        for agent in ["1001", "1002", "1003"] {
            phones.push(house.agent(agent, Answering::Manual, &agent_voice)?);
        }
        let mut patient = house.patient("13800138000", &patient_voice)?;
        let call = house.ask_for_a_person(&mut patient)?;
        for phone in &mut phones {
            phone.wait_event("CALL_INCOMING", SOON)?;
        }
        let [first, second, third] = &mut phones[..] else { anyhow::bail!("three phones") };
        second.accept()?;
        for loser in [first, third] {
            loser.wait_event("CALL_CLOSED", SOON)?;
        }
        let connected = house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(connected["agent"] == "1002", "{connected}");
        wait::last(Duration::from_secs(3)); // of talk
        second.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        house.expect_queue_outcome(&call, "answered")?;
        let mut told = offers(house, &call)?;
        told.sort();
        let expected = [("1001", "lost_race"), ("1002", "answered"), ("1003", "lost_race")];
        let expected = expected.map(|(agent, outcome)| (agent.to_owned(), outcome.to_owned()));
        anyhow::ensure!(told == expected, "{told:?}");
        patient.heard()?.expect_tone("the patient, agent", 0, voice::AGENT_HZ)?;
        second.heard()?.expect_tone("the agent, patient", 0, voice::PATIENT_HZ)?;
        // Losing costs nothing: the losers are ready for the next.
        let states = house.journal().of_kind("agent_state")?;
        for agent in ["1001", "1003"] {
            let last = states.iter().rev().find(|state| state["agent"] == *agent);
            anyhow::ensure!(last.is_some_and(|state| state["work"] == "idle"), "{last:?}");
        }
        Ok(())
    });
}

#[test]
fn a_patient_who_gives_up_ends_the_ringing_of_all_phones() {
    let options = HouseOptions {
        agents: vec!["1001", "1002"],
        queue: "strategy = \"ring_all\"",
        ..HouseOptions::default()
    };
    tell("ring-all-left", options, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut phones = Vec::new();
        for agent in ["1001", "1002"] {
            phones.push(house.agent(agent, Answering::Manual, &speech)?);
        }
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.ask_for_a_person(&mut patient)?;
        for phone in &mut phones {
            phone.wait_event("CALL_INCOMING", SOON)?;
        }
        patient.hang_up()?;
        for phone in &mut phones {
            phone.wait_event("CALL_CLOSED", SOON)?;
        }
        house.expect_ended(&call, "queue_abandoned", "caller")?;
        anyhow::ensure!(offers(house, &call)?.iter().all(|(_, outcome)| outcome == "caller_left"));
        Ok(())
    });
}

#[test]
fn who_speaks_the_language_is_rung_first_and_the_others_when_she_is_long_in_coming() {
    let more = "[[agent]]\nid = \"1004\"\nname = \"d\"\npassword = \"pw1004\"\nqueues = [\"desk\"]\n\
                ready_on_register = true\nskills = { english = 4 }\n";
    let options = HouseOptions {
        agents: vec!["1001"],
        queue: "skills = { english = 3 }\n[[queue.step]]\nat_s = 4\ndrop = [\"english\"]",
        more: more.to_owned(),
        ..HouseOptions::default()
    };
    tell("skills", options, |house| {
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut plain = house.agent("1001", Answering::Manual, &speech)?;
        let mut fluent = house.agent("1004", Answering::Manual, &speech)?;
        let mut first = house.patient("13800138001", &speech)?;
        house.ask_for_a_person(&mut first)?;
        fluent.wait_event("CALL_INCOMING", SOON)?;
        fluent.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1004")?;
        anyhow::ensure!(plain.event("CALL_INCOMING").is_none(), "who does not speak it was rung");
        let mut second = house.patient("13800138002", &speech)?;
        let call = house.ask_for_a_person(&mut second)?;
        plain.wait_event("CALL_INCOMING", SOON)?;
        plain.accept()?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        let step = house.journal().wait_for("queue_widened", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(step["step"] == 1 && step["early"] == false, "{step}");
        let (entered, widened) = (entered_us(house, &call)?, step["at_us"].as_i64().unwrap_or_default());
        anyhow::ensure!(
            (3_900_000..4_500_000).contains(&(widened - entered)),
            "after {} us",
            widened - entered
        );
        Ok(())
    });
}

fn entered_us(house: &House, call: &str) -> anyhow::Result<i64> {
    let entered = house.journal().wait_for("queue_entered", SOON, |event| event["call"] == *call)?;
    Ok(entered["at_us"].as_i64().unwrap_or_default())
}

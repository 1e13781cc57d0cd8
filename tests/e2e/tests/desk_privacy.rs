//! Nothing personal in a log: names and numbers are planted, and searched for in everything both programs wrote.

use careline_e2e::desk::{Planted, plant, wait_row};
use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, Browser, wait};
use std::time::Duration;

const PERSON: Planted =
    Planted { id: "0009", name: "欧阳秘密", sex: "female", numbers: &[("+8613798765432", "self")] };
const DISPLAY_NAME: &str = "Secret Caller Zhu";
const NOTE: &str = "秘密病情";
const SEEN: Duration = Duration::from_secs(10);

#[test]
fn no_log_of_either_program_has_a_name_a_number_or_a_note() {
    let options = HouseOptions { desk: true, agents: vec!["1001"], ..HouseOptions::default() };
    tell("privacy", options, |house| {
        let mut desk = house.with_desk()?;
        plant(&desk, &[PERSON])?;
        let browser = Browser::start(house.place().dir())?;
        let page = house.sign_in(&browser, &desk, "1001")?;
        page.wait_for("my-state", SEEN)?;
        let (agent_voice, patient_voice) =
            (house.steady_voice(voice::AGENT_HZ)?, house.steady_voice(voice::PATIENT_HZ)?);
        let mut agent = house.agent("1001", Answering::Auto, &agent_voice)?;
        let mut patient = house.named_patient("13798765432", DISPLAY_NAME, &patient_voice)?;
        let call = house.ask_for_a_person(&mut patient)?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        page.wait_for("note", SEEN)?;
        page.type_into("note", NOTE)?;
        wait_row(&desk, "the note", &format!("SELECT 1 FROM note WHERE text = '{NOTE}'"), SOON)?;
        // Trouble talks more than success: a locked database, a killed switch, a page that goes.
        {
            let database = desk.database()?;
            let _lock = database.lock()?;
            patient.hang_up()?;
            agent.wait_event("CALL_CLOSED", SOON)?;
            wait::last(Duration::from_secs(2)); // of refused writes
        }
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        house.wait_caught_up(&desk)?;
        drop(page);
        desk.end(SOON)?;
        house.switch()?.terminate()?;
        house.switch()?.wait_end(SOON)?;

        let logs = [("switch", house.switch()?.log()), ("desk", desk.log())];
        for (who, log) in logs {
            anyhow::ensure!(log.lines().count() > 5, "the {who}'s log is no log:\n{log}");
            for secret in [
                "13798765432",
                "3798765432",
                "98765432",
                PERSON.name,
                "欧阳",
                DISPLAY_NAME,
                "Zhu",
                NOTE,
                "demo-1001",
            ] {
                anyhow::ensure!(!log.contains(secret), "the {who}'s log has {secret}:\n{log}");
            }
        }
        Ok(())
    });
}

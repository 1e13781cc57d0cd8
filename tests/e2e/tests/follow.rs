//! A person who follows the events sees a call as it happens, and no number in full.

use anyhow::ensure;
use careline_e2e::{HouseOptions, SOON, tell, text, voice};
use careline_testkit::child::OwnedChild;
use careline_testkit::{program, wait};
use std::process::Command;

#[test]
fn a_call_is_told_while_it_happens_and_its_number_is_masked() {
    tell("follow", HouseOptions::default(), |house| {
        let rpc = house.switch()?.rpc.to_string();
        let told = house.place().path("told.txt");
        let mut command = Command::new(program("careline-switch")?);
        command.args(["events", "--follow", "--rpc", &rpc]).stdout(std::fs::File::create(&told)?);
        let _follower = OwnedChild::spawn(&mut command)?;

        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        let call = house.reach_the_menu(&mut patient)?;
        wait::until_true("the call among what is told", SOON, || {
            let lines = std::fs::read_to_string(&told)?;
            Ok(lines.contains("call_offered") && lines.contains("flow_node"))
        })?;
        patient.hang_up()?;
        wait::until_true("its end", SOON, || Ok(std::fs::read_to_string(&told)?.contains("call_ended")))?;

        let lines = std::fs::read_to_string(&told)?;
        ensure!(!lines.contains("13800138000"), "the number is there in full:\n{lines}");
        ensure!(lines.lines().filter(|line| line.contains("call_offered")).count() == 1, "{lines}");
        let offered = house.journal().wait_for("call_offered", SOON, |event| event["call"] == *call)?;
        ensure!(text(&offered, "caller")?.ends_with("13800138000"), "the journal has the number: {offered}");
        Ok(())
    });
}

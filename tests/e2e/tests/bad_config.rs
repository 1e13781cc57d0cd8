//! A wrong configuration is refused before anything is opened, and says where it is wrong.

use careline_e2e::{House, HouseOptions, tell};
use careline_testkit::programs;

/// Runs `check` on a changed configuration; gives whether it passed and what it said.
fn check(house: &House, change: impl Fn(&str) -> String) -> anyhow::Result<(bool, String)> {
    let file = house.place().path("changed.toml");
    std::fs::write(&file, change(house.config()))?;
    let output = programs::switch_once(&["check", "--config", &file.display().to_string()])?;
    let said = [output.stdout, output.stderr].concat();
    Ok((output.status.success(), String::from_utf8_lossy(&said).into_owned()))
}

fn refused(house: &House, words: &[&str], change: impl Fn(&str) -> String) -> anyhow::Result<()> {
    let (passed, said) = check(house, change)?;
    anyhow::ensure!(!passed, "it passed: {said}");
    for word in words {
        anyhow::ensure!(said.contains(word), "`{word}` is not in: {said}");
    }
    Ok(())
}

#[test]
fn the_house_of_the_stories_passes() {
    tell("config-good", HouseOptions::default(), |house| {
        let (passed, said) = check(house, str::to_owned)?;
        anyhow::ensure!(passed, "{said}");
        Ok(())
    });
}

#[test]
fn an_unknown_key_is_named_with_its_file_its_line_and_what_is_allowed() {
    tell("config-key", HouseOptions::default(), |house| {
        let line = house.config().lines().position(|line| line == "[sip]").expect("every house has it") + 2;
        let place = format!("changed.toml:{line}");
        refused(house, &[&place, "upd", "udp"], |text| text.replacen("[sip]\n", "[sip]\nupd = []\n", 1))
    });
}

#[test]
fn a_missing_prompt_is_named() {
    tell("config-prompt", HouseOptions::default(), |house| {
        let words = ["changed.toml:", "music", "jazz"];
        refused(house, &words, |text| text.replace("music = \"music\"", "music = \"jazz\""))
    });
}

#[test]
fn an_agent_in_an_unknown_queue_is_named_with_the_queues_there_are() {
    tell("config-queue", HouseOptions::default(), |house| {
        let words = ["changed.toml:", "queues", "cellar", "desk"];
        refused(house, &words, |text| text.replace("queues = [\"desk\"]", "queues = [\"cellar\"]"))
    });
}

#[test]
fn the_switch_refuses_to_start_with_the_same_words() {
    tell("config-run", HouseOptions::default(), |house| {
        let file = house.place().path("changed.toml");
        std::fs::write(&file, house.config().replacen("[sip]\n", "[sip]\nupd = []\n", 1))?;
        let output = programs::switch_once(&["run", "--config", &file.display().to_string()])?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(!output.status.success(), "it ran");
        anyhow::ensure!(said.contains("changed.toml:") && said.contains("upd"), "{said}");
        Ok(())
    });
}

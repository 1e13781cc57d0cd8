//! A desk that hangs or is away costs a caller nothing: the call is answered, rung and talked, and the journal says why
//! no name was shown.

use careline_e2e::{HouseOptions, tell, text};
use std::net::{SocketAddr, TcpListener};

/// A conversation in a house that asks this address; gives what the journal says about the look-up.
fn conversation(name: &str, directory: SocketAddr, outcomes: &[&str]) {
    let options = HouseOptions { directory: Some(directory), ..HouseOptions::default() };
    tell(name, options, |house| {
        let mut talk = house.conversation()?;
        talk.agent.hang_up()?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        house.expect_queue_outcome(&talk.call, "answered")?;
        let kinds = house.events_of(&talk.call)?;
        let told: Vec<_> = kinds.iter().filter(|event| event["kind"] == "caller_looked_up").collect();
        anyhow::ensure!(told.len() == 1, "told {} times: {told:?}", told.len());
        anyhow::ensure!(outcomes.contains(&text(told[0], "outcome")?.as_str()), "{}", told[0]);
        anyhow::ensure!(told[0]["persons"] == 0, "{}", told[0]);
        let took_ms = told[0]["took_ms"].as_u64().unwrap_or(u64::MAX);
        anyhow::ensure!(took_ms < 1000, "decided after {took_ms} ms");
        Ok(())
    });
}

#[test]
fn a_desk_that_accepts_and_never_answers_holds_nobody_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the desk");
    let address = listener.local_addr().expect("its address");
    // Ends with the test; the connections stay open as long.
    std::thread::spawn(move || listener.incoming().collect::<Vec<_>>());
    conversation("desk-hangs", address, &["timed_out"]);
}

#[test]
fn a_desk_that_is_away_holds_nobody_up() {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port for the desk");
    let address = listener.local_addr().expect("its address");
    drop(listener);
    conversation("desk-away", address, &["unavailable", "timed_out"]);
}

#[test]
fn a_directory_off_the_loopback_is_refused_with_a_reason() {
    tell("desk-far", HouseOptions::default(), |house| {
        let file = house.place().path("changed.toml");
        let far = format!("{}\n[directory]\naddress = \"http://10.0.0.5:7070\"\n", house.config());
        std::fs::write(&file, far)?;
        let output =
            careline_testkit::programs::switch_once(&["check", "--config", &file.display().to_string()])?;
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        anyhow::ensure!(!output.status.success(), "it passed");
        for word in ["changed.toml:", "directory.address", "without encryption", "loopback"] {
            anyhow::ensure!(said.contains(word), "`{word}` is not in: {said}");
        }
        Ok(())
    });
}

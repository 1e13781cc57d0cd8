//! JsSIP, the phone of browsers, registers over a WebSocket and takes it back; a wrong password and a wrong page do not.

use careline_e2e::{House, HouseOptions, tell};
use careline_testkit::JsSip;
use std::net::SocketAddr;

/// The page of the house's own desk.
const ORIGIN: &str = "https://desk.example.com";

fn websocket(house: &mut House) -> anyhow::Result<SocketAddr> {
    let address = house.switch_address()?;
    house.configure(&format!(
        "\n[ws]\norigins = [\"{ORIGIN}\"]\n\n[[listener]]\ntransport = \"ws\"\naddress = \"{address}\"\n"
    ));
    house.switch()?;
    Ok(address)
}

fn expect_nobody(house: &House) -> anyhow::Result<()> {
    let states = house.journal().of_kind("agent_state")?;
    anyhow::ensure!(states.iter().all(|state| state["device"] != "registered"), "{states:?}");
    Ok(())
}

#[test]
fn registers_and_takes_it_back() {
    tell("jssip", HouseOptions::default(), |house| {
        let switch = websocket(house)?;
        let phone = JsSip { switch, origin: ORIGIN, user: "1001", password: "pw1001" };
        let said = phone.register_and_leave(house.place())?;
        anyhow::ensure!(said == ["connected", "registered", "unregistered"], "{said:?}");
        house.expect_device("1001", "registered")?;
        house.expect_device("1001", "lost")
    });
}

#[test]
fn a_wrong_password_registers_nobody() {
    tell("jssip-denied", HouseOptions::default(), |house| {
        let switch = websocket(house)?;
        let phone = JsSip { switch, origin: ORIGIN, user: "1001", password: "guess" };
        let said = phone.register_and_leave(house.place())?;
        anyhow::ensure!(said == ["connected", "refused 401"], "{said:?}");
        expect_nobody(house)
    });
}

#[test]
fn a_page_of_somebody_else_is_not_let_in() {
    tell("jssip-origin", HouseOptions::default(), |house| {
        let switch = websocket(house)?;
        let phone = JsSip { switch, origin: "https://elsewhere.example", user: "1001", password: "pw1001" };
        let said = phone.register_and_leave(house.place())?;
        anyhow::ensure!(!said.iter().any(|line| line == "connected"), "{said:?}");
        anyhow::ensure!(said.last().is_some_and(|line| line == "disconnected"), "{said:?}");
        expect_nobody(house)
    });
}

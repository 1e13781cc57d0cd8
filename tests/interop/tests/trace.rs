//! The trace of a call of the live port: the ladder and the capture, asked of the running switch by the program.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::{Context, ensure};
use careline_e2e::{House, HouseOptions, tell};
use careline_interop::cases;
use careline_interop::knock::{ANSWER, Knocker};
use careline_testkit::programs;
use std::process::{Command, Output};

const SOON: std::time::Duration = std::time::Duration::from_secs(20);

/// Rings with a good INVITE of the table; gives the call's id.
fn ring(house: &mut House) -> anyhow::Result<String> {
    let table = cases::table();
    let invite = table.iter().find(|case| case.name == "plain invite").context("it is in the table")?;
    let knocker = Knocker::new(house.trunk_address()?, house.sip()?)?;
    let answers = knocker.knock(&invite.bytes, ANSWER, |answers| answers.contains(&200))?;
    ensure!(answers.contains(&200), "the call was answered {answers:?}");
    let offered = house.journal().wait_for("call_offered", SOON, |_| true)?;
    careline_e2e::text(&offered, "call")
}

fn ask(house: &mut House, arguments: &[&str]) -> anyhow::Result<Output> {
    let rpc = house.switch()?.rpc.to_string();
    let mut command = Command::new(programs::program("careline-switch")?);
    Ok(command.args(arguments).args(["--rpc", &rpc]).output()?)
}

#[test]
fn a_call_is_drawn_and_captured_without_the_callers_number() {
    tell("trace", HouseOptions::default(), |house| {
        let call = ring(house)?;
        let drawn = ask(house, &["trace", &call, "--messages"])?;
        let text = String::from_utf8_lossy(&drawn.stdout).into_owned();
        ensure!(drawn.status.success(), "{}", String::from_utf8_lossy(&drawn.stderr));
        ensure!(text.contains("INVITE SDP") && text.contains("200 OK (INVITE) SDP"), "{text}");
        ensure!(!text.contains("13800138000") && text.contains("*********00@"), "{text}");
        let unmasked = ask(house, &["trace", &call, "--messages", "--unmasked"])?;
        ensure!(String::from_utf8_lossy(&unmasked.stdout).contains("13800138000"), "the number is hidden");
        ensure!(house.logs().contains("read with numbers and names"), "nobody was told");

        let file = house.place().path("call.pcap");
        let name = file.to_string_lossy().into_owned();
        let written = ask(house, &["pcap", &call, "--out", &name])?;
        ensure!(written.status.success(), "{}", String::from_utf8_lossy(&written.stderr));
        let bytes = std::fs::read(&file)?;
        ensure!(bytes.windows(10).any(|window| window == b"INVITE sip"), "no INVITE in the capture");
        ensure!(!bytes.windows(11).any(|window| window == b"13800138000"), "the number is in the capture");
        let again = ask(house, &["pcap", &call, "--out", &name])?;
        ensure!(!again.status.success(), "a file was written over");

        let unknown = ask(house, &["trace", "0190a5b0-1111-7abc-8def-0123456789ab"])?;
        let words = String::from_utf8_lossy(&unknown.stderr).into_owned();
        ensure!(!unknown.status.success() && words.contains("no message is kept"), "{words}");
        Ok(())
    });
}

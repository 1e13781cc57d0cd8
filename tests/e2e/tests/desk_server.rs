//! A desk whose database is a PostgreSQL server, and whose patients come from the hospital's system: who calls is known by
//! name; when the server stops the page says so at once, calls go on, and nothing is lost.

use careline_e2e::{House, HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, Browser, DeskProgram, Page, Phone, PostgresServer, ports, wait};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

/// The page says so within this time; half a second more for asking the browser.
const SAID_WITHIN: Duration = Duration::from_millis(1_500);
const SEEN: Duration = Duration::from_secs(10);
const DATABASE: &str = "careline";
/// Host number of the desk in the story's network.
const DESK: u8 = 3;

fn options() -> HouseOptions {
    HouseOptions { desk: true, wrap_up_s: 1, ..HouseOptions::default() }
}

/// Sends one message as the hospital's system does, and gives the answer.
fn send(door: SocketAddr, message: &[u8]) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(door)?;
    stream.set_read_timeout(Some(SOON))?;
    stream.write_all(&[b"\x0B", message, b"\x1C\r"].concat())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while byte[0] != 0x1C {
        stream.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&answer).into_owned())
}

/// 张建国 of ward XNK, in GB 18030 as most systems write.
fn admission() -> Vec<u8> {
    let name = [0xD5, 0xC5, b'^', 0xBD, 0xA8, 0xB9, 0xFA];
    let head = "MSH|^~\\&|HIS|H|CARE|LINE|20260301080000||ADT^A01|M1|P|2.4||||||GB 18030-2000\rEVN|A01|20260301080000\r\
                PID|||0012345^^^HIS^MR||";
    let rest = "||19620304|1|||||13854312345\rPV1|1|I|XNK^12^03||||||||||||||||ZY1";
    [head.as_bytes(), &name, rest.as_bytes()].concat()
}

/// A call that the agent answers at her page's side, and that the patient ends.
fn call(house: &mut House, page: &Page, patient: &mut Phone, agent: &mut Phone) -> anyhow::Result<()> {
    let call = house.ask_for_a_person(patient)?;
    agent.wait_event("CALL_INCOMING", SOON)?;
    page.wait_for("ringing-bar", SEEN)?;
    agent.accept()?;
    house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
    patient.hang_up()?;
    agent.wait_event("CALL_CLOSED", SOON)?;
    house.expect_ended(&call, "completed", "caller")?;
    Ok(())
}

fn start(house: &mut House, server: &PostgresServer, door: SocketAddr) -> anyhow::Result<DeskProgram> {
    let database = format!(
        "[database]\nkey_file = \"desk-data/desk.key\"\n[database.postgres]\nport = {}\nuser = \"postgres\"",
        server.port
    );
    let more = format!("[[his]]\nid = \"his\"\nlisten = \"{door}\"");
    let mut desk = house.prepare_desk_with("desk", "desk", &database, &more)?;
    desk.add_account("1001", "座席1001", Some("1001"))?;
    desk.start()?;
    Ok(desk)
}

#[test]
fn who_the_hospital_admitted_is_known_and_a_server_that_stops_loses_nothing() {
    tell("desk-server", options(), |house| {
        let mut server = PostgresServer::start()?;
        server.create_database(DATABASE)?;
        let door = ports::free(house.place().ip(DESK))?;
        let desk = start(house, &server, door)?;
        let answer = send(door, &admission())?;
        anyhow::ensure!(answer.contains("MSA|AA|M1"), "{answer}");
        let browser = Browser::start(house.place().dir())?;
        let page = house.sign_in(&browser, &desk, "1001")?;
        page.wait_for("my-state", SEEN)?;
        let voice = house.steady_voice(voice::AGENT_HZ)?;
        let mut agent = house.agent("1001", Answering::Manual, &voice)?;
        let voice = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13854312345", &voice)?;
        call(house, &page, &mut patient, &mut agent)?;
        page.wait_text("candidate-name", "张建国", SEEN)?;

        server.stop()?;
        let (seen, took) = wait::timed(|| page.wait_text("banner-storage", "连不上", SEEN));
        seen?;
        anyhow::ensure!(took < SAID_WITHIN, "the page said so after {took:?}");
        careline_e2e::desk::picture(&page, "server-away-zh")?;
        call(house, &page, &mut patient, &mut agent)?;
        anyhow::ensure!(send(door, &admission()).is_err(), "a message was answered that nobody keeps");

        server.start_again()?;
        page.wait_gone("banner-storage", SEEN)?;
        let ended = "SELECT count(*) FROM interaction WHERE end_cause = 'completed'";
        wait::until("both calls at the server", SOON, || {
            Ok((server.value(DATABASE, ended)? == "2").then_some(()))
        })?;
        anyhow::ensure!(send(door, &admission())?.contains("MSA|AA|M1"), "it is taken again");
        let kept = server.value(DATABASE, "SELECT state, repeats FROM his_message")?;
        anyhow::ensure!(kept == "applied|1", "{kept}");
        let stay = server.value(DATABASE, "SELECT state, ward, bed FROM visit")?;
        anyhow::ensure!(stay == "present|XNK|03", "{stay}");
        let omitted = server.value(DATABASE, "SELECT sum(omitted) FROM feed")?;
        anyhow::ensure!(omitted == "0", "events were omitted: {omitted}");
        Ok(())
    });
}

//! The hospital's system sends what cannot be used: the supervisor sees where it is wrong, mends, tries again, puts aside.

use careline_e2e::desk::picture;
use careline_e2e::{HouseOptions, SOON, tell};
use careline_testkit::{Browser, Page, ports};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const SEEN: Duration = Duration::from_secs(10);
/// Host number of the desk in the story's network.
const DESK: u8 = 3;

/// Sends one message as the hospital's system does, and gives the code of its answer.
fn send(door: SocketAddr, message: &str) -> anyhow::Result<String> {
    let mut stream = TcpStream::connect(door)?;
    stream.set_read_timeout(Some(SOON))?;
    stream.write_all(&[b"\x0B", message.as_bytes(), b"\x1C\r"].concat())?;
    let mut answer = Vec::new();
    let mut byte = [0];
    while byte[0] != 0x1C {
        stream.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let text = String::from_utf8_lossy(&answer).into_owned();
    Ok(text.split("\rMSA|").nth(1).unwrap_or_default().split('|').next().unwrap_or_default().to_owned())
}

fn change(id: &str, patient: &str, sex: &str) -> String {
    format!(
        "MSH|^~\\&|HIS|H|CARE|LINE|2026030108000{id}||ADT^A08|{id}|P|2.4||||||UNICODE UTF-8\rEVN|A08|20260301080000\r\
         PID|||{patient}^^^HIS^MR||张^建国||19620304|{sex}|||||13854312345"
    )
}

fn no_violations(page: &Page, what: &str) -> anyhow::Result<()> {
    let found = page.axe()?;
    anyhow::ensure!(found.is_empty(), "{what}: {found:?}");
    Ok(())
}

fn waiting(page: &Page, count: usize) -> anyhow::Result<()> {
    let script = format!("document.querySelectorAll('[data-testid=his-message]').length === {count}");
    page.wait_true(&format!("{count} messages"), &script, SEEN)
}

#[test]
fn what_could_not_be_used_is_seen_mended_and_put_aside_on_a_page() {
    let options = HouseOptions { desk: true, ..HouseOptions::default() };
    tell("his_desk", options, |house| {
        let door = ports::free(house.place().ip(DESK))?;
        let table = |codes: &str| {
            format!("[[his]]\nid = \"his\"\nlisten = \"{door}\"\nunknown_code = \"park\"\n{codes}")
        };
        let database = "[database]\nfile = \"desk-data/desk.db\"";
        let mut desk = house.prepare_desk_with("desk", "desk", database, &table(""))?;
        desk.add_account("8001", "班长", None)?;
        desk.start()?;
        for (id, sex, answer) in [("1", "Q", "AA"), ("2", "Q", "AA"), ("3", "1", "AA")] {
            let said = send(door, &change(id, id, sex))?;
            anyhow::ensure!(said == answer, "{id}: {said}");
        }
        let nameless = change("4", "4", "1").replace("张^建国", "");
        anyhow::ensure!(send(door, &nameless)? == "AE", "a patient without a name");

        let browser = Browser::start(house.place().dir())?;
        let page = house.sign_in(&browser, &desk, "8001")?;
        page.wait_for("way-his", SEEN)?;
        page.click("way-his")?;
        waiting(&page, 3)?;
        anyhow::ensure!(page.attributes("his-door", "data-source")? == ["his"], "{}", page.body()?);
        no_violations(&page, "the list")?;
        page.evaluate("document.querySelector('[data-control=\"1\"] button').click()")?;
        page.wait_text("his-mark", "Q", SEEN)?;
        anyhow::ensure!(!page.body()?.contains("13854312345"), "a whole number");
        no_violations(&page, "a message")?;
        picture(&page, "his-zh")?;
        page.click("language-en")?;
        page.wait_text("his-replay", "Try again", SEEN)?;
        picture(&page, "his-en")?;
        page.click("language-zh")?;

        // Somebody says what the code means; the desk is started again with it.
        desk.end(SOON)?;
        let mut desk = house.prepare_desk_with(
            "desk",
            "desk",
            database,
            &table("[his.codes.sex]\n\"Q\" = \"female\""),
        )?;
        desk.start()?;
        let page = house.sign_in(&browser, &desk, "8001")?;
        page.wait_for("way-his", SEEN)?;
        page.click("way-his")?;
        waiting(&page, 3)?;
        page.evaluate("document.querySelector('[data-control=\"1\"] button').click()")?;
        page.wait_for("his-replay-all", SEEN)?;
        page.click("his-replay-all")?;
        waiting(&page, 1)?;
        page.evaluate("document.querySelector('[data-control=\"4\"] button').click()")?;
        page.wait_for("his-discard", SEEN)?;
        page.click("his-discard")?;
        page.fill("his-reason", "测试消息")?;
        page.click("his-discard-save")?;
        page.wait_for("his-none", SEEN)?;
        let rows = desk.database()?.rows("SELECT control_id, state FROM his_message ORDER BY control_id")?;
        let states: Vec<_> = rows.iter().filter_map(|row| row.get(1).cloned().flatten()).collect();
        anyhow::ensure!(states == ["applied", "applied", "applied", "discarded"], "{rows:?}");
        desk.end(SOON)?;
        Ok(())
    });
}

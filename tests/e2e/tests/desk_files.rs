//! One patient whom the hospital's systems know twice: her files become one on a page, her ID number is shown for a reason
//! only, and what was joined can be taken apart.

use careline_e2e::desk::picture;
use careline_e2e::{HouseOptions, SOON, tell};
use careline_testkit::{Browser, DeskProgram, Page, ports};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

const SEEN: Duration = Duration::from_secs(10);
/// Host number of the desk in the story's network.
const DESK: u8 = 3;
const ID_NUMBER: &str = "11010519491231002X";

fn send(door: SocketAddr, message: &str) -> anyhow::Result<()> {
    let mut stream = TcpStream::connect(door)?;
    stream.set_read_timeout(Some(SOON))?;
    stream.write_all(&[b"\x0B", message.as_bytes(), b"\x1C\r"].concat())?;
    let (mut answer, mut byte) = (Vec::new(), [0]);
    while byte[0] != 0x1C {
        stream.read_exact(&mut byte)?;
        answer.push(byte[0]);
    }
    let answer = String::from_utf8_lossy(&answer).into_owned();
    anyhow::ensure!(answer.contains("MSA|AA|"), "{answer}");
    Ok(())
}

/// 王芳 under a number of the hospital, with a stay.
fn patient(number: &str, id_number: &str, phone: &str) -> String {
    format!(
        "MSH|^~\\&|HIS|H|CARE|LINE|20260301080000||ADT^A01|M{number}|P|2.4||||||UNICODE UTF-8\rEVN|A01|20260301080000\r\
         PID|||{number}^^^HIS^MR{id_number}||王^芳||19491231|2|||黄河五路661号^^滨州市滨城区^山东省||{phone}\r\
         PV1|1|I|XNK^12^03||||||||||||||||ZY{number}|||||||||||||||||||||||||20260301080000"
    )
}

fn no_violations(page: &Page, what: &str) -> anyhow::Result<()> {
    let found = page.axe()?;
    anyhow::ensure!(found.is_empty(), "{what}: {found:?}");
    Ok(())
}

fn found_in(desk: &DeskProgram, expected: &str) -> anyhow::Result<()> {
    let said = desk.command(&["duplicates"])?;
    anyhow::ensure!(said.as_ref().is_ok_and(|said| said.contains(expected)), "{said:?}");
    Ok(())
}

/// The file of whoever is found by a text.
fn open_file(page: &Page, desk: &DeskProgram, text: &str) -> anyhow::Result<()> {
    page.goto(&format!("{}/persons", desk.url))?;
    page.fill("search", text)?;
    page.wait_for("search-result", SEEN)?;
    page.click_nth("search-result", 0)?;
    page.wait_for("person-file", SEEN)
}

#[test]
fn two_files_of_one_patient_become_one_on_a_page_and_can_be_taken_apart() {
    let options = HouseOptions { desk: true, agents: vec!["1001"], ..HouseOptions::default() };
    tell("files", options, |house| {
        let door = ports::free(house.place().ip(DESK))?;
        let more = format!("[[his]]\nid = \"his\"\nlisten = \"{door}\"");
        let database = "[database]\nfile = \"desk-data/desk.db\"";
        let mut desk = house.prepare_desk_with("desk", "desk", database, &more)?;
        desk.add_account("8001", "班长", None)?;
        desk.start()?;
        send(door, &patient("0012345", &format!("~{ID_NUMBER}^^^^NI"), "13854312345"))?;
        send(door, &patient("0099999", "", "13854312346"))?;
        found_in(&desk, "found 1")?;

        let browser = Browser::start(house.place().dir())?;
        let page = house.sign_in(&browser, &desk, "8001")?;
        page.wait_true("it to be signed in", "location.pathname === '/live'", SEEN)?;
        page.goto(&format!("{}/merges", desk.url))?;
        page.wait_for("pair", SEEN)?;
        anyhow::ensure!(page.body()?.contains("1101**********002X"), "{}", page.body()?);
        no_violations(&page, "a pair")?;
        picture(&page, "merges-pair-zh")?;
        page.fill("pair-reason", "电话里确认是同一人")?;
        page.click("pair-join")?;
        page.wait_for("merge", SEEN)?;
        page.wait_gone("pair", SEEN)?;
        no_violations(&page, "a merge")?;
        picture(&page, "merges-done-zh")?;

        open_file(&page, &desk, ID_NUMBER)?;
        page.wait_true("both stays", "document.querySelectorAll('[data-testid=visit]').length === 2", SEEN)?;
        let whole = page.body()?;
        anyhow::ensure!(!whole.contains(ID_NUMBER) && !whole.contains("661"), "masked: {whole}");
        anyhow::ensure!(
            whole.contains("138****2345") && whole.contains("138****2346"),
            "both numbers: {whole}"
        );
        no_violations(&page, "a file")?;
        picture(&page, "person-file-zh")?;
        page.click_nth("reveal", 0)?;
        page.fill("reveal-reason", "核对身份")?;
        page.click("reveal-show")?;
        page.wait_text("masked-value", ID_NUMBER, SEEN)?;
        let reason = desk.database()?.rows("SELECT reason FROM reveal")?;
        anyhow::ensure!(reason == [[Some("核对身份".to_owned())]], "{reason:?}");

        page.click("language-en")?;
        page.wait_true("English", "document.body.innerText.includes('Visits and stays')", SEEN)?;
        picture(&page, "person-file-en")?;
        page.goto(&format!("{}/merges", desk.url))?;
        page.wait_for("merge-reverse", SEEN)?;
        picture(&page, "merges-done-en")?;
        page.click("merge-reverse")?;
        page.click("merge-reverse")?;
        page.wait_true(
            "it to be undone",
            "document.querySelector('[data-testid=merge]').dataset.reversed === 'true'",
            SEEN,
        )?;
        let alone = "SELECT count(*) FROM person WHERE merged_into IS NULL";
        anyhow::ensure!(desk.database()?.number(alone)? == 2, "two people again");
        found_in(&desk, "0 pairs wait")?;
        anyhow::ensure!(!desk.log().contains("王芳") && !desk.log().contains(ID_NUMBER), "nobody in the log");
        Ok(())
    });
}

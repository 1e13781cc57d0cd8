//! The desk's database is locked, or its disk turns read-only: the page says so at once, calls go on, nothing is lost.

use careline_e2e::desk::wait_row;
use careline_e2e::{House, HouseOptions, SOON, tell};
use careline_testkit::{Browser, DeskProgram, Page, wait};
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// The page says so within this time; half a second more for asking the browser.
const SAID_WITHIN: Duration = Duration::from_millis(1_500);
const SEEN: Duration = Duration::from_secs(10);

fn options() -> HouseOptions {
    HouseOptions { desk: true, ..HouseOptions::default() }
}

fn open(house: &mut House) -> anyhow::Result<(DeskProgram, Browser, Page)> {
    let desk = house.with_desk()?;
    let browser = Browser::start(house.place().dir())?;
    let page = house.sign_in(&browser, &desk, "1001")?;
    page.wait_for("my-state", SEEN)?;
    Ok((desk, browser, page))
}

/// A whole call while the database refuses, and everything in it afterwards.
fn call_meanwhile(
    house: &mut House,
    desk: &DeskProgram,
    page: &Page,
    word: &str,
    back: impl FnOnce() -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    page.wait_text("banner-storage", word, SEEN)?;
    let mut talk = house.conversation()?;
    page.wait_for("talking-bar", SEEN)?;
    talk.patient.hang_up()?;
    talk.agent.wait_event("CALL_CLOSED", SOON)?;
    house.expect_ended(&talk.call, "completed", "caller")?;
    let rows = format!("SELECT count(*) FROM interaction WHERE call_id = '{}'", talk.call);
    anyhow::ensure!(desk.database()?.number(&rows)? == 0, "the call was stored by a database that refuses");
    back()?;
    page.wait_gone("banner-storage", SEEN)?;
    let ended =
        format!("SELECT 1 FROM interaction WHERE call_id = '{}' AND end_cause = 'completed'", talk.call);
    wait_row(desk, "the call that was kept at the switch", &ended, SOON)?;
    house.expect_no_hole_no_repeat(desk)
}

#[test]
fn a_locked_database_is_told_within_a_second_and_events_wait_at_the_switch() {
    tell("locked", options(), |house| {
        let (desk, _browser, page) = open(house)?;
        let database = desk.database()?;
        let lock = database.lock()?;
        let (seen, took) = wait::timed(|| page.wait_for("banner-storage", SEEN));
        seen?;
        anyhow::ensure!(took < SAID_WITHIN, "the page said so after {took:?}");
        call_meanwhile(house, &desk, &page, "锁", || {
            drop(lock);
            Ok(())
        })
    });
}

/// Makes files immutable while it lives, as a file system that turned read-only does: writes fail, reads go on.
struct Immutable(Vec<PathBuf>);

impl Immutable {
    fn make(files: Vec<PathBuf>) -> anyhow::Result<Self> {
        anyhow::ensure!(chattr("+i", &files), "chattr +i does not work on {files:?}");
        Ok(Self(files))
    }
}

impl Drop for Immutable {
    fn drop(&mut self) {
        chattr("-i", &self.0);
    }
}

fn chattr(how: &str, files: &[PathBuf]) -> bool {
    Command::new("chattr").arg(how).args(files).status().is_ok_and(|status| status.success())
}

#[test]
fn a_disk_that_turns_read_only_is_told_and_events_wait_at_the_switch() {
    tell("read-only", options(), |house| {
        // Only root on a file system that knows the flag can play this; others say so and pass.
        let probe = house.place().path("probe");
        std::fs::write(&probe, "")?;
        if !chattr("+i", std::slice::from_ref(&probe)) {
            println!("skipped: chattr +i does not work here");
            return Ok(());
        }
        chattr("-i", &[probe]);
        let (desk, _browser, page) = open(house)?;
        let file = desk.database_file().to_path_buf();
        let wal = file.with_file_name("desk.db-wal");
        let immutable = Immutable::make(vec![file, wal])?;
        let (seen, took) = wait::timed(|| page.wait_for("banner-storage", SEEN));
        seen?;
        anyhow::ensure!(took < SAID_WITHIN, "the page said so after {took:?}");
        call_meanwhile(house, &desk, &page, "", || {
            drop(immutable);
            Ok(())
        })
    });
}

#[test]
fn a_desk_that_is_away_is_told_and_comes_back_by_itself() {
    tell("desk-away", options(), |house| {
        let (mut desk, _browser, page) = open(house)?;
        desk.kill()?;
        page.wait_for("banner-stream", SEEN)?;
        wait::last(Duration::from_millis(500));
        desk.start()?;
        page.wait_gone("banner-stream", SEEN)?;
        page.wait_for("my-state", SEEN)
    });
}

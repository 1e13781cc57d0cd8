//! Whatever is killed, the desk has each event once afterwards, and each call ends once.

use careline_e2e::desk::{history, wait_row};
use careline_e2e::{House, HouseOptions, SOON, tell};
use careline_testkit::{DeskProgram, wait};
use std::time::Duration;

/// Talk before and after a kill.
const TALK: Duration = Duration::from_secs(1);

fn options() -> HouseOptions {
    HouseOptions { desk: true, ..HouseOptions::default() }
}

/// The row of a call that is over: cause, who ended it, and the agent.
fn ended_row(desk: &DeskProgram, call: &str) -> anyhow::Result<Vec<Option<String>>> {
    let sql = format!(
        "SELECT end_cause, ended_by, agent FROM interaction WHERE call_id = '{call}' AND ended_us IS NOT NULL"
    );
    wait_row(desk, "the call's row", &sql, SOON)
}

fn expect_row(row: &[Option<String>], wanted: [&str; 3]) -> anyhow::Result<()> {
    let row: Vec<&str> = row.iter().map(|text| text.as_deref().unwrap_or("")).collect();
    anyhow::ensure!(row == wanted, "the row is {row:?}, not {wanted:?}");
    Ok(())
}

#[test]
fn a_desk_killed_in_a_call_misses_nothing_and_nobody_hears_it() {
    tell("desk-killed", options(), |house| {
        let mut desk = house.with_desk()?;
        let mut first = house.conversation()?;
        desk.kill()?;
        wait::last(TALK);
        first.patient.hang_up()?;
        first.agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&first.call, "completed", "caller")?;
        // Without any desk a second call is queued, rung and recorded all the same.
        let second = house.ask_for_a_person(&mut first.patient)?;
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *second)?;
        desk.start()?;
        first.patient.hang_up()?;
        first.agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&second, "completed", "caller")?;

        for call in [&first.call, &second] {
            expect_row(&ended_row(&desk, call)?, ["completed", "caller", "1001"])?;
            house.recording_of(call)?;
        }
        house.expect_no_hole_no_repeat(&desk)
    });
}

#[test]
fn a_switch_killed_in_a_call_is_told_once() {
    tell("switch-killed", options(), |house| {
        let desk = house.with_desk()?;
        let talk = house.conversation()?;
        wait::last(TALK);
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        expect_row(&ended_row(&desk, &talk.call)?, ["switch_crashed", "switch", "1001"])?;
        house.expect_no_hole_no_repeat(&desk)?;
        // A second start tells nothing again.
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        house.journal().wait_for("switch_started", SOON, |_| true)?;
        house.expect_no_hole_no_repeat(&desk)
    });
}

#[test]
fn a_lost_journal_is_a_new_epoch_and_open_calls_are_closed_once() {
    tell("new-epoch", options(), |house| {
        let desk = house.with_desk()?;
        let talk = house.conversation()?;
        let connected =
            format!("SELECT 1 FROM interaction WHERE call_id = '{}' AND agent = '1001'", talk.call);
        wait_row(&desk, "the conversation at the desk", &connected, SOON)?;
        house.switch()?.kill()?;
        let journal = house.journal();
        for suffix in ["", "-wal", "-shm"] {
            let file = journal.file().with_file_name(format!("journal.db{suffix}"));
            if file.exists() {
                std::fs::remove_file(file)?;
            }
        }
        house.switch()?.restart()?;

        // Nothing tells the end of this call any more: the start of the switch does.
        expect_row(&ended_row(&desk, &talk.call)?, ["switch_crashed", "switch", "1001"])?;
        let database = desk.database()?;
        wait_row(
            &desk,
            "two epochs",
            "SELECT 1 FROM switch_event GROUP BY switch_id HAVING count(DISTINCT epoch) = 2",
            SOON,
        )?;
        let open = "SELECT count(*) FROM interaction WHERE ended_us IS NULL";
        anyhow::ensure!(database.number(open)? == 0, "a call is still open");
        let open = "SELECT count(*) FROM queue_visit WHERE left_us IS NULL";
        anyhow::ensure!(database.number(open)? == 0, "somebody still waits in a queue");

        // The next call comes with the numbers of the new epoch.
        drop(talk);
        let next = house.conversation()?;
        drop(next.patient);
        drop(next.agent);
        let of_new = format!("SELECT min(number) FROM switch_event WHERE call_id = '{}'", next.call);
        wait_row(&desk, "the next call", &format!("{of_new} HAVING min(number) < 30"), SOON).map(drop)
    });
}

#[test]
fn both_killed_come_back_with_one_truth() {
    tell("both-killed", options(), |house| {
        let mut desk = house.with_desk()?;
        let talk = house.conversation()?;
        wait::last(TALK);
        desk.kill()?;
        house.switch()?.kill()?;
        desk.start()?; // It must wait for a switch that is not there yet.
        house.switch()?.restart()?;
        expect_row(&ended_row(&desk, &talk.call)?, ["switch_crashed", "switch", "1001"])?;
        house.expect_no_hole_no_repeat(&desk)
    });
}

#[test]
fn an_empty_desk_reads_the_journal_from_its_beginning_and_has_the_same_rows() {
    tell("replay", options(), |house| {
        let mut desk = house.with_desk()?;
        let mut talk = house.conversation()?;
        wait::last(TALK);
        talk.patient.hang_up()?;
        talk.agent.wait_event("CALL_CLOSED", SOON)?;
        house.recording_of(&talk.call)?;
        let abandoned = house.ask_for_a_person(&mut talk.patient)?;
        talk.patient.hang_up()?;
        house.journal().wait_for("call_ended", SOON, |event| event["call"] == *abandoned)?;
        house.wait_caught_up(&desk)?;
        let before = history(&desk.database()?)?;
        anyhow::ensure!(before["interaction"].len() == 2 && !before["recording"].is_empty(), "{before:?}");

        let mut empty = house.prepare_desk("empty", "empty-desk")?;
        empty.start()?;
        house.wait_caught_up(&empty)?;
        same(&before, &history(&empty.database()?)?)?;

        // The same desk after its database was lost, under the same name: acknowledged events are still kept.
        desk.end(SOON)?;
        std::fs::remove_dir_all(house.place().path("desk-data"))?;
        desk.start()?;
        house.wait_caught_up(&desk)?;
        same(&before, &history(&desk.database()?)?)?;
        house_is_whole(house, &desk)
    });
}

fn house_is_whole(house: &House, desk: &DeskProgram) -> anyhow::Result<()> {
    house.expect_no_hole_no_repeat(desk)
}

fn same<T: PartialEq + std::fmt::Debug>(
    before: &std::collections::BTreeMap<&str, T>,
    after: &std::collections::BTreeMap<&str, T>,
) -> anyhow::Result<()> {
    for (table, rows) in before {
        anyhow::ensure!(after.get(table) == Some(rows), "{table}: {rows:?}\nis now {:?}", after.get(table));
    }
    Ok(())
}

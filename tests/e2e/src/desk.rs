//! The desk of a house: its configuration, its people, and what its database says.

use crate::house::{House, SOON};
use anyhow::Context;
use careline_testkit::{Browser, DeskProgram, Page, Sqlite, ports, wait};
use serde_json::Value;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::time::Duration;

/// Host number of the desk in the story's network.
const DESK: u8 = 3;

/// Tables that follow from events alone, each with the order in which its rows are compared.
const HISTORY: [(&str, &str); 6] = [
    ("interaction", "call_id"),
    ("queue_visit", "call_id, entry"),
    ("offer", "call_id, offer"),
    ("recording", "id"),
    ("agent_state", "switch_id, agent, at_us, intent, work, device"),
    ("switch_event", "switch_id, epoch, number"),
];

/// A person to plant, as the desk's tables have it.
#[derive(Debug, Clone, Copy)]
pub struct Planted {
    /// Id in the desk.
    pub id: &'static str,
    /// Name.
    pub name: &'static str,
    /// `male` or `female`.
    pub sex: &'static str,
    /// Canonical numbers with whose they are to the person: `self`, `child`, ...
    pub numbers: &'static [(&'static str, &'static str)],
}

impl House {
    /// The addresses of a desk that the switch will ask: to be taken before the switch is configured.
    ///
    /// # Errors
    /// When none is free.
    pub(crate) fn desk_address(place: &careline_testkit::Place) -> anyhow::Result<SocketAddr> {
        ports::free(place.ip(DESK))
    }

    /// Starts the switch and a desk beside it, with an account for each agent and the supervisor `8001`; passwords are
    /// `demo-<login>`.
    ///
    /// # Errors
    /// When one of them does not start.
    pub fn with_desk(&mut self) -> anyhow::Result<DeskProgram> {
        let mut desk = self.prepare_desk("desk", "desk")?;
        for agent in self.options().agents.clone() {
            desk.add_account(agent, &format!("座席{agent}"), Some(agent))?;
        }
        desk.add_account("8001", "班长", None)?;
        desk.start()?;
        Ok(desk)
    }

    /// Writes the configuration of a desk with a database and a subscriber's name of its own.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prepare_desk(&mut self, name: &str, subscriber: &str) -> anyhow::Result<DeskProgram> {
        let database = format!("[database]\nfile = \"{name}-data/desk.db\"");
        self.prepare_desk_with(name, subscriber, &database, "")
    }

    /// The same with another table for its database, and more tables at the end.
    ///
    /// # Errors
    /// When it cannot be written.
    pub fn prepare_desk_with(
        &mut self,
        name: &str,
        subscriber: &str,
        database_table: &str,
        more: &str,
    ) -> anyhow::Result<DeskProgram> {
        let rpc = self.switch()?.rpc;
        let http = ports::free(self.place().ip(DESK))?;
        let directory = match self.options().directory {
            Some(directory) if name == "desk" => directory,
            _ => ports::free(self.place().ip(DESK))?,
        };
        let database = self.place().path(&format!("{name}-data/desk.db"));
        let text = format!(
            r#"hospital = "故事医院"
area_code = "0543"

[http]
listen = "{http}"

[directory]
listen = "{directory}"

{database_table}

[feed]
subscriber = "{subscriber}"

[[switch]]
id = "story"
address = "http://{rpc}"

[[source]]
code = "friend"
name = "朋友介绍"

[[source]]
code = "nearby"
name = "住在附近"

[[medium]]
code = "story"
name = "电视"

{more}
"#
        );
        DeskProgram::prepare(self.place(), name, &text, &database, directory)
    }

    /// Opens the desk's first page for somebody and signs in with a password.
    ///
    /// # Errors
    /// When the page does not let in.
    pub fn sign_in(&self, browser: &Browser, desk: &DeskProgram, login: &str) -> anyhow::Result<Page> {
        let page = browser.open(login, &format!("{}/sign-in", desk.url))?;
        page.fill("sign-in-login", login)?;
        page.fill("sign-in-password", &format!("demo-{login}"))?;
        page.click("sign-in-submit")?;
        Ok(page)
    }

    /// Waits until the desk has every event that the switch's journal has.
    ///
    /// # Errors
    /// When it does not catch up, with what is missing.
    pub fn wait_caught_up(&self, desk: &DeskProgram) -> anyhow::Result<()> {
        let database = desk.database()?;
        wait::until("the desk to have every event", SOON, || {
            let journal = journal_keys(self)?;
            let desk = desk_keys(&database).unwrap_or_default();
            Ok((!journal.is_empty() && journal.keys().all(|key| desk.contains_key(key))).then_some(()))
        })
    }

    /// Checks that the desk has each event of the journal once, and each call's beginning and end once.
    ///
    /// # Errors
    /// When it has not.
    pub fn expect_no_hole_no_repeat(&self, desk: &DeskProgram) -> anyhow::Result<()> {
        self.wait_caught_up(desk)?;
        let database = desk.database()?;
        let (journal, kept) = (journal_keys(self)?, desk_keys(&database)?);
        for (key, kind) in &journal {
            anyhow::ensure!(
                kept.get(key) == Some(kind),
                "event {key} ({kind}) is {:?} at the desk",
                kept.get(key)
            );
        }
        let twice = database.rows(
            "SELECT call_id, kind, count(*) FROM switch_event WHERE kind IN ('call_offered', 'call_dialled', \
             'call_ended') GROUP BY call_id, kind HAVING count(*) > 1",
        )?;
        anyhow::ensure!(twice.is_empty(), "events came twice: {twice:?}");
        anyhow::ensure!(
            database.number("SELECT coalesce(sum(omitted), 0) FROM feed")? == 0,
            "events were omitted"
        );
        let calls = |kind| anyhow::Ok(self.journal().of_kind(kind)?.len());
        let journal_calls = calls("call_offered")? + calls("call_dialled")?;
        let rows = database.number("SELECT count(*) FROM interaction")?;
        anyhow::ensure!(
            usize::try_from(rows)? == journal_calls,
            "{rows} interactions, {journal_calls} calls"
        );
        Ok(())
    }
}

/// Keeps a picture of a page in the folder `CARELINE_PICTURES`, to be looked at; without it, none.
///
/// # Errors
/// When it cannot be made.
pub fn picture(page: &Page, name: &str) -> anyhow::Result<()> {
    match std::env::var_os("CARELINE_PICTURES") {
        Some(folder) => page.screenshot(&std::path::PathBuf::from(folder).join(format!("{name}.png"))),
        None => Ok(()),
    }
}

/// Puts people into the desk's tables.
///
/// # Errors
/// When the database refuses.
pub fn plant(desk: &DeskProgram, people: &[Planted]) -> anyhow::Result<()> {
    let database = desk.database()?;
    for Planted { id, name, sex, numbers } in people {
        database.execute(&format!(
            "INSERT INTO person (id, record_number, kind, name, name_initials, sex, birth_date, first_seen_us, created_by) \
             VALUES ('{id}', 'MR-{id}', 'patient', '{name}', 'x', '{sex}', '1962-03-04', 1, 'story')"
        ))?;
        for (at, (number, relation)) in numbers.iter().enumerate() {
            database.execute(&format!(
                "INSERT INTO person_phone (id, person_id, number, raw, kind, relation, authorised, priority) \
                 VALUES ('{id}-{at}', '{id}', '{number}', '{number}', 'mobile', '{relation}', 1, {at})"
            ))?;
        }
    }
    Ok(())
}

/// All rows that follow from events, as text, to be compared.
///
/// # Errors
/// When the database cannot be read.
pub fn history(database: &Sqlite) -> anyhow::Result<BTreeMap<&'static str, Vec<Vec<Option<String>>>>> {
    let tables = HISTORY.iter();
    tables
        .map(|(table, by)| Ok((*table, database.rows(&format!("SELECT * FROM {table} ORDER BY {by}"))?)))
        .collect()
}

/// Waits for the first row of a query.
///
/// # Errors
/// When none comes in time.
pub fn wait_row(
    desk: &DeskProgram,
    what: &str,
    sql: &str,
    within: Duration,
) -> anyhow::Result<Vec<Option<String>>> {
    let database = desk.database()?;
    wait::until(what, within, || Ok(database.rows(sql)?.into_iter().next()))
}

/// Key and kind of every event in the journal.
fn journal_keys(house: &House) -> anyhow::Result<BTreeMap<String, String>> {
    let journal = Sqlite::at(house.journal().file())?;
    let rows = journal.rows("SELECT (SELECT epoch FROM journal), number, body FROM event ORDER BY number")?;
    rows.into_iter()
        .map(|row| {
            let [Some(epoch), Some(number), Some(body)] =
                <[Option<String>; 3]>::try_from(row).unwrap_or_default()
            else {
                anyhow::bail!("an event without a key or a body");
            };
            let body: Value = serde_json::from_str(&body)?;
            let kind = body["kind"].as_str().context("an event without a kind")?;
            Ok((format!("{epoch}/{number}"), kind.to_owned()))
        })
        .collect()
}

fn desk_keys(database: &Sqlite) -> anyhow::Result<BTreeMap<String, String>> {
    let rows = database.rows("SELECT epoch, number, kind FROM switch_event")?;
    Ok(rows
        .into_iter()
        .filter_map(|row| {
            let [epoch, number, kind] = <[Option<String>; 3]>::try_from(row).ok()?;
            Some((format!("{}/{}", epoch?, number?), kind?))
        })
        .collect())
}

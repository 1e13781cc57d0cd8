//! Whether the desk has what the journal tells: every event once, every call as it ended.
//!
//! ```text
//! journal (JSON lines) --> keys, calls --+
//!                                        +--> holes, repeats, counts by outcome, what is wrong in words
//! desk.db, once its position is there ---+
//! ```

use super::Database;
use anyhow::Context;
use serde::Serialize;
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

/// How often the desk's position is read while it catches up.
const ASK_EVERY: Duration = Duration::from_millis(50);
/// Examples told of one kind of mistake.
const EXAMPLES_MAX: usize = 3;
/// What may happen only once: the kind, and what tells one from another within a call.
const ONCE: &[(&str, &str)] = &[
    ("call_offered", ""),
    ("call_dialled", ""),
    ("caller_looked_up", ""),
    ("call_ended", ""),
    ("queue_entered", "$.entry"),
    ("queue_left", "$.entry"),
    ("offer_made", "$.offer"),
    ("offer_ended", "$.offer"),
    ("recording_started", "$.recording"),
    ("recording_finished", "$.recording"),
];

/// What is asked for.
#[derive(Debug, Clone)]
pub struct VerifyOptions {
    /// The desk's database.
    pub database: PathBuf,
    /// The switch whose events they are.
    pub switch_id: String,
    /// Its events, JSON lines (`careline-switch events --json`), at rest.
    pub events: PathBuf,
    /// How long the desk may need to catch up.
    pub within: Duration,
}

/// The result.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct DeskView {
    /// Calls of patients in the desk's history.
    pub offered: u64,
    /// ... of which talked with an agent.
    pub answered: u64,
    /// ... given up by the patient before that.
    pub abandoned: u64,
    /// ... that ended otherwise, or have not ended.
    pub other: u64,
    /// Calls that agents dialled, outside and to each other.
    pub dialled: u64,
    /// Rows of the history: those that `offered` and `dialled` count.
    pub desk_rows: u64,
    /// Events of the journal that the desk does not have.
    pub event_holes: u64,
    /// Events that the desk has and the journal has not, and facts that stand there twice.
    pub event_repeats: u64,
    /// What is wrong, one line each.
    pub failed: Vec<String>,
}

/// The key of an event: epoch and number.
type Key = (i64, i64);

/// What the journal tells.
#[derive(Debug, Default)]
struct Journal {
    keys: BTreeSet<Key>,
    last: Option<Key>,
    ends: BTreeMap<String, String>,
    /// Every call, and whether an agent dialled it.
    calls: BTreeMap<String, bool>,
}

impl Journal {
    fn read(file: &Path) -> anyhow::Result<Self> {
        let text =
            std::fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))?;
        let mut journal = Self::default();
        for line in text.lines().filter(|line| !line.trim().is_empty()) {
            let event: Value = serde_json::from_str(line).context("not a line of JSON")?;
            journal.add(&event).context("not an event of careline-switch")?;
        }
        Ok(journal)
    }

    fn add(&mut self, event: &Value) -> Option<()> {
        let key = (event["epoch"].as_i64()?, event["number"].as_i64()?);
        self.keys.insert(key);
        self.last = Some(key);
        let call = event["call"].as_str().unwrap_or_default();
        match event["kind"].as_str()? {
            kind @ ("call_offered" | "call_dialled") => {
                self.calls.insert(call.into(), kind == "call_dialled");
            }
            "call_ended" => {
                self.ends.insert(call.into(), event["cause"].as_str()?.into());
            }
            _ => {}
        }
        Some(())
    }
}

/// One row of the desk's history.
#[derive(Debug, Clone, PartialEq, Eq, sqlx::FromRow)]
struct Row {
    call_id: String,
    direction: String,
    connected_us: Option<i64>,
    end_cause: Option<String>,
}

impl Row {
    fn is_dialled(&self) -> bool {
        self.direction != "in"
    }
}

/// Waits until the desk has read what the journal tells, then compares.
///
/// # Errors
/// When a file cannot be read, or the desk does not catch up in time.
pub async fn verify(options: &VerifyOptions) -> anyhow::Result<DeskView> {
    let journal = Journal::read(&options.events)?;
    let mut database = Database::open(&options.database).await?;
    if let Some(last) = journal.last {
        caught_up(&mut database, options, last).await?;
    }
    let sql = "SELECT epoch, number FROM switch_event WHERE switch_id = $1";
    let keys: Vec<Key> =
        sqlx::query_as(sql).bind(&options.switch_id).fetch_all(&mut database.0).await.context("events")?;
    let sql = "SELECT call_id, direction, connected_us, end_cause FROM interaction WHERE switch_id = $1";
    let rows: Vec<Row> =
        sqlx::query_as(sql).bind(&options.switch_id).fetch_all(&mut database.0).await.context("history")?;
    let twice = twice(&mut database, &options.switch_id).await?;
    database.close().await?;
    Ok(compare(&journal, &keys.into_iter().collect(), &rows, twice))
}

/// The desk reads on by itself; its position says how far it is.
async fn caught_up(database: &mut Database, options: &VerifyOptions, last: Key) -> anyhow::Result<()> {
    let deadline = Instant::now() + options.within;
    loop {
        let sql = "SELECT epoch, number FROM feed WHERE switch_id = $1";
        let position: Option<Key> = sqlx::query_as(sql)
            .bind(&options.switch_id)
            .fetch_optional(&mut database.0)
            .await
            .context("Failed to read the desk's position")?;
        match position {
            Some((epoch, number)) if epoch == last.0 && number >= last.1 => return Ok(()),
            _ if Instant::now() < deadline => tokio::time::sleep(ASK_EVERY).await,
            _ => anyhow::bail!(
                "after {:?} the desk is at {position:?} of {}, and the journal ends at {last:?}",
                options.within,
                options.switch_id
            ),
        }
    }
}

/// How many facts stand there more than once.
async fn twice(database: &mut Database, switch_id: &str) -> anyhow::Result<u64> {
    let mut repeats = 0;
    for (kind, apart) in ONCE {
        let sql = "SELECT count(*) - count(DISTINCT call_id || ' ' || CASE $3 WHEN '' THEN '' \
                   ELSE json_extract(body, $3) END) FROM switch_event WHERE switch_id = $1 AND kind = $2";
        let query = sqlx::query_scalar(sql).bind(switch_id).bind(*kind).bind(*apart);
        let more: i64 = query.fetch_one(&mut database.0).await.with_context(|| format!("events {kind}"))?;
        repeats += u64::try_from(more).unwrap_or(0);
    }
    Ok(repeats)
}

/// Compares; `twice` facts stand in the desk more than once.
fn compare(journal: &Journal, keys: &BTreeSet<Key>, rows: &[Row], twice: u64) -> DeskView {
    let mut view = DeskView { desk_rows: count(rows.len()), ..Default::default() };
    let holes: Vec<&Key> = journal.keys.difference(keys).collect();
    // What the journal got since it was read is not more than it has.
    let known = |key: &&Key| journal.last.is_some_and(|last| **key <= last || key.0 != last.0);
    let more: Vec<&Key> = keys.difference(&journal.keys).filter(known).collect();
    view.event_holes = count(holes.len());
    view.event_repeats = count(more.len()) + twice;
    if !holes.is_empty() {
        view.failed.push(format!("{} events are missing: {:?}", holes.len(), first(&holes)));
    }
    if !more.is_empty() {
        view.failed.push(format!("{} events are none of the journal's: {:?}", more.len(), first(&more)));
    }
    if twice > 0 {
        view.failed.push(format!("{twice} facts stand twice under different keys"));
    }
    view.count_calls(rows);
    let ended = |row: &Row| journal.ends.get(&row.call_id) == row.end_cause.as_ref();
    let otherwise: Vec<&String> = rows.iter().filter(|row| !ended(row)).map(|row| &row.call_id).collect();
    if !otherwise.is_empty() {
        let examples = first(&otherwise);
        view.failed.push(format!("{} calls ended otherwise in the journal: {examples:?}", otherwise.len()));
    }
    let turned = |row: &&Row| journal.calls.get(&row.call_id).is_some_and(|is| *is != row.is_dialled());
    let turned: Vec<&String> = rows.iter().filter(turned).map(|row| &row.call_id).collect();
    if !turned.is_empty() {
        let examples = first(&turned);
        view.failed.push(format!("{} calls go the other way in the journal: {examples:?}", turned.len()));
    }
    let in_rows: BTreeSet<&String> = rows.iter().map(|row| &row.call_id).collect();
    let lost: Vec<&String> = journal.calls.keys().filter(|call| !in_rows.contains(call)).collect();
    if !lost.is_empty() {
        view.failed.push(format!("{} calls have no row in the history: {:?}", lost.len(), first(&lost)));
    }
    view
}

impl DeskView {
    /// Outcomes are those of patients' calls: nobody gives up a call that an agent dialled.
    fn count_calls(&mut self, rows: &[Row]) {
        for row in rows {
            if row.is_dialled() {
                self.dialled += 1;
                continue;
            }
            self.offered += 1;
            match row.end_cause.as_deref() {
                Some(_) if row.connected_us.is_some() => self.answered += 1,
                Some("ivr_abandoned" | "queue_abandoned" | "cancelled") => self.abandoned += 1,
                _ => self.other += 1,
            }
        }
    }
}

fn first<T>(items: &[T]) -> &[T] {
    &items[..items.len().min(EXAMPLES_MAX)]
}

fn count(items: usize) -> u64 {
    u64::try_from(items).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::{Journal, Key, Row, compare};
    use serde_json::json;
    use std::collections::BTreeSet;

    fn journal() -> Journal {
        let mut journal = Journal::default();
        let events = [
            json!({"epoch": 5, "number": 1, "kind": "switch_started"}),
            json!({"epoch": 5, "number": 2, "kind": "call_offered", "call": "a"}),
            json!({"epoch": 5, "number": 3, "kind": "call_ended", "call": "a", "cause": "completed"}),
            json!({"epoch": 5, "number": 4, "kind": "call_offered", "call": "b"}),
            json!({"epoch": 5, "number": 5, "kind": "call_ended", "call": "b", "cause": "queue_abandoned"}),
        ];
        events.iter().for_each(|event| journal.add(event).expect("an event"));
        journal
    }

    fn row(call: &str, connected_us: Option<i64>, cause: &str) -> Row {
        let end_cause = (!cause.is_empty()).then(|| cause.into());
        Row { call_id: call.into(), direction: "in".into(), connected_us, end_cause }
    }

    fn keys(numbers: impl IntoIterator<Item = i64>) -> BTreeSet<Key> {
        numbers.into_iter().map(|number| (5, number)).collect()
    }

    fn rows() -> Vec<Row> {
        vec![row("a", Some(7), "completed"), row("b", None, "queue_abandoned")]
    }

    #[test]
    fn a_desk_that_has_all_of_it_once_is_good() {
        let view = compare(&journal(), &keys(1..=5), &rows(), 0);
        assert_eq!((view.offered, view.answered, view.abandoned, view.other), (2, 1, 1, 0));
        assert_eq!((view.event_holes, view.event_repeats, view.failed), (0, 0, vec![]));
    }

    #[test]
    fn what_came_after_the_journal_was_read_is_no_repeat() {
        let view = compare(&journal(), &keys(1..=9), &rows(), 0);
        assert_eq!((view.event_repeats, view.failed), (0, vec![]));
    }

    #[test]
    fn dialled_calls_are_rows_but_no_patients_calls() {
        let mut told = journal();
        let dialled = [
            json!({"epoch": 5, "number": 6, "kind": "call_dialled", "call": "c", "direction": "outbound"}),
            json!({"epoch": 5, "number": 7, "kind": "call_ended", "call": "c", "cause": "cancelled"}),
        ];
        dialled.iter().for_each(|event| told.add(event).expect("an event"));
        let out = Row { direction: "out".into(), ..row("c", None, "cancelled") };
        let mut all = rows();
        all.push(out.clone());
        let view = compare(&told, &keys(1..=7), &all, 0);
        assert_eq!((view.offered, view.dialled, view.desk_rows), (2, 1, 3));
        assert_eq!((view.answered, view.abandoned, view.other, view.failed), (1, 1, 0, vec![]));

        let lost = compare(&told, &keys(1..=7), &rows(), 0);
        assert_eq!(lost.failed.len(), 1, "{:?}", lost.failed);
        all[2].direction = "in".into();
        let turned = compare(&told, &keys(1..=7), &all, 0);
        assert_eq!(turned.failed.len(), 1, "{:?}", turned.failed);
    }

    #[test]
    fn holes_strangers_and_repeats_are_counted() {
        let mut foreign = keys([1, 2, 3, 5]);
        foreign.insert((4, 77));
        let view = compare(&journal(), &foreign, &rows(), 1);
        assert_eq!((view.event_holes, view.event_repeats, view.failed.len()), (1, 2, 3));
    }

    #[test]
    fn a_lost_call_and_another_end_are_told() {
        let view = compare(&journal(), &keys(1..=5), &[row("a", Some(7), "")], 0);
        assert_eq!((view.desk_rows, view.other, view.failed.len()), (1, 1, 2));
    }
}

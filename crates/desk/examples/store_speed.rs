//! How quick the database is with a city's people in it. By hand, in a release build:
//! `cargo run --release -p careline-desk --example store_speed -- 100000`. The last line is JSON.
#![allow(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a stop-watch that tells what it measured"
)]

use careline_desk::seed;
use careline_desk::storage::{Place, Store};
use careline_model::number::NumberPlan;
use sqlx::Connection;
use sqlx::sqlite::{SqliteConnectOptions, SqliteConnection};
use std::path::Path;
use std::time::{Duration, Instant};

/// Questions asked, each for another number.
const QUESTIONS: usize = 2_000;
/// Two calls from every number of everybody, each noted as that person's.
const HISTORY: &str = "\
    INSERT INTO interaction (call_id, switch_id, channel, direction, caller, caller_name, dialled, line, medium, \
    agent, offered_us, ended_us) SELECT p.id || '-' || n.value, 's', 'phone', 'in', p.number, '', '1', 'main', \
    'web', '1001', p.rowid * 1000 + n.value, 1 FROM person_phone p, json_each('[1,2]') n; \
    INSERT INTO interaction_person (call_id, person_id, reason, account_id, at_us) \
    SELECT p.id || '-' || n.value, p.person_id, 'chosen', 'a', p.rowid * 1000 + n.value \
    FROM person_phone p, json_each('[1,2]') n; ANALYZE;";

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let persons = std::env::args().nth(1).map_or(Ok(100_000), |text| text.parse())?;
    let folder = tempfile::tempdir()?;
    let file = folder.path().join("desk.db");
    let people =
        seed::generate(persons, 1, &NumberPlan { area: Some("0543".into()), ..NumberPlan::default() });
    let store = Store::open(&Place::File(file.clone())).await?;
    let started = Instant::now();
    store.import_people(&people).await?;
    let import = started.elapsed();
    remember(&file).await?;
    let numbers: Vec<&str> =
        people.iter().flat_map(|seed| &seed.phones).map(|new| new.phone.number.as_str()).collect();
    let mut took = Vec::with_capacity(QUESTIONS);
    let mut candidates = 0;
    for turn in 0..QUESTIONS {
        // A stride that meets all parts of the file in no order.
        let number = numbers[turn.wrapping_mul(7_919) % numbers.len()];
        let asked = Instant::now();
        let owners = store.owners_of(number, 20).await?;
        store.last_persons_on(number, 0).await?;
        for owner in owners.iter().take(5) {
            store.contacts_of_person(&owner.person.id, 5).await?;
        }
        took.push(asked.elapsed());
        candidates += owners.len();
    }
    took.sort();
    let ms = |duration: Duration| duration.as_secs_f64() * 1000.0;
    println!(
        "{{\"persons\":{persons},\"numbers\":{},\"import_s\":{:.1},\"candidates_mean\":{:.1},\"look_up_p50_ms\":{:.2},\
         \"look_up_p99_ms\":{:.2}}}",
        numbers.len(),
        import.as_secs_f64(),
        candidates as f64 / QUESTIONS as f64,
        ms(took[QUESTIONS / 2]),
        ms(took[QUESTIONS * 99 / 100])
    );
    store.close().await;
    Ok(())
}

async fn remember(file: &Path) -> anyhow::Result<()> {
    let mut connection = SqliteConnection::connect_with(&SqliteConnectOptions::new().filename(file)).await?;
    sqlx::raw_sql(HISTORY).execute(&mut connection).await?;
    Ok(connection.close().await?)
}

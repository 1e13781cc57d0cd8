//! How soon the desk says who is calling: look-ups as a switch asks them, at a fixed pace, for numbers of one person,
//! of many and of nobody.
//!
//! Each is measured from the moment it was due, so that a desk that stands still is measured standing still.

use super::{Database, Spread};
use crate::draw::Draw;
use anyhow::Context;
use careline_rpc::proto::directory::v1::LookUpRequest;
use careline_rpc::proto::directory::v1::directory_client::DirectoryClient;
use rand_core::RngCore;
use serde::Serialize;
use std::collections::BTreeSet;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use tokio::task::JoinSet;
use tonic::transport::Channel;

/// Part of the look-ups for a number of somebody.
const KNOWN_SHARE: f64 = 0.6;
/// Part of the look-ups for a number that many persons share; the rest is for strangers.
const SHARED_SHARE: f64 = 0.2;
/// An answer is not awaited longer.
const ANSWER_MAX: Duration = Duration::from_secs(5);

/// What is asked for.
#[derive(Debug, Clone)]
pub struct LookupsOptions {
    /// The desk's directory.
    pub directory: SocketAddr,
    /// The desk's database, for the numbers that it knows.
    pub database: PathBuf,
    /// Look-ups.
    pub count: usize,
    /// Per second.
    pub rate: f64,
    /// Not answered at the same time; the next waits, and its time runs.
    pub in_flight: usize,
    /// Same seed, same numbers.
    pub seed: u64,
}

/// What was measured.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Lookups {
    /// Median, milliseconds.
    pub lookup_p50_ms: f64,
    /// 99 of 100 were faster, milliseconds.
    pub lookup_p99_ms: f64,
    /// The slowest, milliseconds.
    pub lookup_max_ms: f64,
    /// How many were measured.
    pub lookups: usize,
    /// ... that found somebody.
    pub found: usize,
    /// Refused, late, or with an answer that is not what the database holds: 0 in a sound run.
    pub failed: usize,
    /// Persons in the database.
    pub persons: i64,
}

/// One question and whether somebody is known there.
#[derive(Debug, Clone)]
struct Question {
    call: String,
    caller: String,
    known: bool,
}

/// The numbers of the database.
struct Numbers {
    known: Vec<String>,
    shared: Vec<String>,
    all: BTreeSet<String>,
    persons: i64,
}

/// Asks at the pace and measures.
///
/// # Errors
/// When the database cannot be read or the directory cannot be reached.
pub async fn measure(options: &LookupsOptions) -> anyhow::Result<Lookups> {
    let numbers = numbers(options).await?;
    let questions = questions(options, &numbers);
    let channel = Channel::from_shared(format!("http://{}", options.directory))?.connect().await;
    let client = DirectoryClient::new(channel.context("Failed to reach the directory")?);
    let room = Arc::new(Semaphore::new(options.in_flight));
    let mut asked: JoinSet<(i64, Option<bool>)> = JoinSet::new();
    let mut pace = tokio::time::interval(Duration::from_secs_f64(1.0 / options.rate));
    for question in questions {
        let due = pace.tick().await.into_std();
        let (client, room) = (client.clone(), Arc::clone(&room));
        asked.spawn(async move {
            let permit = room.acquire_owned().await;
            let good = tokio::time::timeout(ANSWER_MAX, ask(client, question)).await;
            drop(permit);
            (micros(due.elapsed()), good.unwrap_or(None))
        });
    }
    let answers = asked.join_all().await;
    let failed = answers.iter().filter(|(_, good)| good.is_none()).count();
    let found = answers.iter().filter(|(_, good)| *good == Some(true)).count();
    let lookups = answers.len();
    let spread =
        Spread::of(answers.into_iter().map(|(took, _)| took).collect()).context("nothing was asked")?;
    Ok(Lookups {
        lookup_p50_ms: spread.p50_ms,
        lookup_p99_ms: spread.p99_ms,
        lookup_max_ms: spread.max_ms,
        lookups,
        found,
        failed,
        persons: numbers.persons,
    })
}

/// Whether somebody was found; nothing when there is no answer or a wrong one.
async fn ask(mut client: DirectoryClient<Channel>, question: Question) -> Option<bool> {
    let Question { call, caller, known } = question;
    let answer = client.look_up(LookUpRequest { call, caller, dialled: String::new() }).await.ok()?;
    let found = answer.into_inner().persons > 0;
    (found == known).then_some(found)
}

async fn numbers(options: &LookupsOptions) -> anyhow::Result<Numbers> {
    let mut database = Database::open(&options.database).await?;
    let sql = "SELECT p.number, max(p.shared) FROM person_phone p WHERE p.number <> '' GROUP BY p.number";
    let rows: Vec<(String, i64)> =
        sqlx::query_as(sql).fetch_all(&mut database.0).await.context("Failed to read the numbers")?;
    let persons = sqlx::query_scalar("SELECT count(*) FROM person").fetch_one(&mut database.0).await;
    let persons = persons.context("Failed to count persons")?;
    database.close().await?;
    anyhow::ensure!(!rows.is_empty(), "the desk knows nobody: fill it with careline-desk seed");
    let (shared, known): (Vec<_>, Vec<_>) = rows.into_iter().partition(|(_, shared)| *shared != 0);
    let texts = |rows: Vec<(String, i64)>| rows.into_iter().map(|(number, _)| number).collect::<Vec<_>>();
    let (shared, known) = (texts(shared), texts(known));
    let all = shared.iter().chain(&known).cloned().collect();
    Ok(Numbers { known, shared, all, persons })
}

fn questions(options: &LookupsOptions, numbers: &Numbers) -> Vec<Question> {
    let mut draw = Draw::new(options.seed, 0);
    let mut rng = Draw::new(options.seed, 1).into_rng();
    (0..options.count)
        .map(|_| {
            let kind = draw.unit();
            let from = match kind {
                _ if kind < KNOWN_SHARE => &numbers.known,
                _ if kind < KNOWN_SHARE + SHARED_SHARE => &numbers.shared,
                _ => &Vec::new(),
            };
            let number = (!from.is_empty()).then(|| from[draw.below(from.len())].clone());
            let caller = number.unwrap_or_else(|| format!("+86138{:08}", draw.below(100_000_000)));
            let known = numbers.all.contains(&caller);
            Question { call: call_id(&mut rng), caller, known }
        })
        .collect()
}

/// A call id such as the switch makes: UUID version 7.
fn call_id(rng: &mut impl RngCore) -> String {
    let (time, rest) = (rng.next_u64(), rng.next_u64());
    let variant = 0x8000 | (rest >> 48 & 0x3fff);
    format!(
        "{:08x}-{:04x}-7{:03x}-{variant:04x}-{:012x}",
        time >> 32,
        time >> 16 & 0xffff,
        time & 0xfff,
        rest & 0xffff_ffff_ffff
    )
}

fn micros(took: Duration) -> i64 {
    i64::try_from(took.as_micros()).unwrap_or(i64::MAX)
}

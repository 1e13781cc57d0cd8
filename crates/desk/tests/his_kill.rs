//! AC-H-3: the whole program is killed again and again while the hospital's systems send: what was answered is there, once.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

use careline_desk::his::mllp::{Frames, framed};
use careline_testkit::Database;
use std::collections::BTreeSet;
use std::io::{BufRead, BufReader};
use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::task::JoinSet;

/// Kills of a usual run, and of a long one.
const KILLS: (usize, usize) = (20, 200);
/// Connections that send; each waits for its answers, so that a few hundred messages a second come.
const LINES: usize = 6;
/// Messages that are answered between two kills, at least.
const ANSWERED_MIN: usize = 60;
/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_secs(60);
/// Between two tries to reach a desk that is just starting.
const AGAIN: Duration = Duration::from_millis(5);

/// The program, killed on drop.
struct Program(Child);

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn start(config: &PathBuf) -> Program {
    let mut command = Command::new(env!("CARGO_BIN_EXE_careline-desk"));
    command.args(["run", "--config"]).arg(config).stdout(Stdio::piped()).stderr(Stdio::null());
    let mut program = Program(command.spawn().unwrap());
    let mut line = String::new();
    BufReader::new(program.0.stdout.take().unwrap()).read_line(&mut line).unwrap();
    assert!(line.starts_with("ready "), "{line:?}");
    program
}

fn free() -> SocketAddr {
    careline_testkit::ports::free(IpAddr::V4(Ipv4Addr::LOCALHOST)).unwrap()
}

fn config(database: &Database, door: SocketAddr) -> String {
    let place = match database {
        Database::File(_, file) => format!("[database]\nfile = {:?}", file.display().to_string()),
        Database::Server { port, name } => {
            format!("[database.postgres]\nport = {port}\nuser = \"postgres\"\ndatabase = \"{name}\"")
        }
    };
    let (http, directory, switch) = (free(), free(), free());
    format!(
        "{place}\n[http]\nlisten = \"{http}\"\n[directory]\nlisten = \"{directory}\"\n\
         [[switch]]\nid = \"s\"\naddress = \"http://{switch}\"\n[[his]]\nid = \"his\"\nlisten = \"{door}\"\n"
    )
}

/// What senders share.
struct Round {
    door: SocketAddr,
    ended: AtomicBool,
    answered: AtomicUsize,
}

/// Sends messages one after the other, each until it is answered; gives those that were. What is not answered when the
/// round ends may be there or not.
async fn send(round: Arc<Round>, line: usize) -> BTreeSet<String> {
    let (mut answered, mut stream, mut number) = (BTreeSet::new(), None, 0);
    let mut again = tokio::time::interval(AGAIN);
    while !round.ended.load(Ordering::Relaxed) {
        let id = format!("{line}-{number}");
        if stream.is_none() {
            stream = TcpStream::connect(round.door).await.ok();
        }
        let told = match &mut stream {
            None => false,
            Some(stream) => ask(stream, &id).await.is_some(),
        };
        if told {
            answered.insert(id);
            round.answered.fetch_add(1, Ordering::Relaxed);
            number += 1;
        } else {
            stream = None;
            again.tick().await;
        }
    }
    answered
}

/// Whether it was accepted; nothing when the connection broke.
async fn ask(stream: &mut TcpStream, id: &str) -> Option<()> {
    let text = format!(
        "MSH|^~\\&|HIS|H|CARE|LINE|20260301080000||ADT^A01|{id}|P|2.4\rEVN|A01|20260301080000\r\
         PID|||{id}^^^HIS^MR||周^九||19600504|1|||||13854312345\rPV1|1|I|N^1^1||||||||||||||||ZY{id}"
    );
    stream.write_all(&framed(text.as_bytes())).await.ok()?;
    let (mut frames, mut bytes) = (Frames::default(), [0; 2048]);
    loop {
        let length = stream.read(&mut bytes).await.ok().filter(|length| *length > 0)?;
        if let Some(answer) = frames.push(&bytes[..length]).unwrap().first() {
            let text = String::from_utf8_lossy(answer).into_owned();
            assert!(text.contains(&format!("\rMSA|AA|{id}\r")), "{text}");
            return Some(());
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn ac_h_3_what_was_answered_is_there_once_however_often_the_program_is_killed() {
    let kills = if std::env::var_os("CARELINE_LONG").is_some() { KILLS.1 } else { KILLS.0 };
    let (database, folder, door) = (Database::new().await.unwrap(), tempfile::tempdir().unwrap(), free());
    let file = folder.path().join("desk.toml");
    std::fs::write(&file, config(&database, door)).unwrap();
    let round = Arc::new(Round { door, ended: AtomicBool::new(false), answered: AtomicUsize::new(0) });
    let mut senders: JoinSet<_> = (0..LINES).map(|line| send(round.clone(), line)).collect();
    for kill in 0..=kills {
        let program = start(&file);
        let before = round.answered.load(Ordering::Relaxed);
        let until = Instant::now() + PATIENCE;
        // A different moment of what it does each time.
        let mut look = tokio::time::interval(Duration::from_micros(500 + 130 * (kill as u64 % 11)));
        while round.answered.load(Ordering::Relaxed) < before + ANSWERED_MIN + kill % 7 {
            assert!(Instant::now() < until, "kill {kill}: {before} were answered before");
            look.tick().await;
        }
        if kill == kills {
            round.ended.store(true, Ordering::Relaxed);
            let mut answered = BTreeSet::new();
            while let Some(theirs) = senders.join_next().await {
                answered.extend(theirs.unwrap());
            }
            drop(program);
            check(&database, &answered).await;
            println!("{kills} kills, {} messages answered", answered.len());
            return;
        }
        drop(program);
    }
}

async fn check(database: &Database, answered: &BTreeSet<String>) {
    let rows = database.rows("SELECT control_id, state FROM his_message").await.unwrap();
    let value = |row: &[(String, Option<String>)], at: usize| row[at].1.clone().unwrap();
    let kept: Vec<String> = rows.iter().map(|row| value(row, 0)).collect();
    let once: BTreeSet<String> = kept.iter().cloned().collect();
    assert_eq!(kept.len(), once.len(), "a message is kept twice");
    let lost: Vec<_> = answered.difference(&once).collect();
    assert!(lost.is_empty(), "answered and lost: {lost:?}");
    assert!(once.len() - answered.len() <= LINES, "each line has one that may be there unanswered");
    assert!(rows.iter().all(|row| value(row, 1) == "applied"));
    for table in ["person", "visit", "person_identifier"] {
        assert_eq!(database.count(table).await.unwrap(), once.len() as i64, "{table}");
    }
    let counted = database.number("SELECT messages FROM his_count WHERE state = 'applied'").await.unwrap();
    assert_eq!(counted, Some(once.len() as i64), "the count that is kept");
    let changed = database.number("SELECT count(*) FROM person WHERE version <> 1").await.unwrap();
    assert_eq!(changed, Some(0), "done once");
}

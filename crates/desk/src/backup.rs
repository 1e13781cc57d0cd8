//! Copies of the database, and putting one back.
//!
//! A copy is one file, made while the desk runs, and beside it `<file>.json`: when it was made, of which kind of database,
//! its digest, and the name of the key under which ID numbers are sealed in it. The key itself is never in a copy.
//!
//! A file is copied by SQLite itself (`VACUUM INTO`), a database on a server by `pg_dump` and `pg_restore`, which are asked
//! with the desk's own words about where it is.

use crate::config::Config;
use crate::sealing::{KeyError, Keys};
use crate::storage::{Place, Server, ServerTls, StorageError, Store};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::fs::{File, OpenOptions};
use std::io::{self, Read};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Form of the side-car.
const FORM: u32 = 1;
/// Bytes that are digested at once.
const CHUNK: usize = 1 << 20;
/// Longest answer of a program that is repeated, in bytes.
const SAID_MAX: usize = 2_000;

/// What stands beside a copy.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SideCar {
    /// 1.
    pub form: u32,
    /// UTC microseconds.
    pub made_us: i64,
    /// Version of the program that made it.
    pub program: String,
    /// `sqlite` or `postgres`.
    pub database: String,
    /// Name of the key of its ID numbers; nothing when none are kept.
    pub key: Option<String>,
    /// Length of the copy.
    pub bytes: u64,
    /// SHA-256 of the copy, lower-case hex.
    pub sha256: String,
}

/// Why there is no copy, or it was not put back.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    /// A copy never overwrites anything.
    #[error("{0} is there already; name a new file")]
    Exists(PathBuf),
    /// The file cannot be read or written.
    #[error("{0}")]
    File(PathBuf, #[source] io::Error),
    /// Its side-car is missing or tells something else.
    #[error("{0} does not belong to the copy: {1}")]
    SideCar(PathBuf, &'static str),
    /// It is of the other kind of database.
    #[error("the copy is of {0}, and [database] is another kind")]
    Kind(String),
    /// There is a database already.
    #[error("there is a database at {0} already; with --replace it is put aside first")]
    InUse(String),
    /// Somebody answers where its pages are.
    #[error("a desk answers at {0}: end it first")]
    Running(std::net::SocketAddr),
    /// Its ID numbers are sealed under a key that is not here.
    #[error(
        "its ID numbers are sealed under key {0}, and the key file is not that one; put that file back, or give up the ID \
         numbers with --forget-id-numbers"
    )]
    Key(String),
    /// Another program failed.
    #[error("{0} failed: {1}")]
    Program(&'static str, String),
    /// The copy is damaged, and in the place of the database.
    #[error("the database that was put back is damaged: {0}")]
    Damaged(String),
    /// What the database refuses.
    #[error(transparent)]
    Storage(#[from] StorageError),
    /// What the key file refuses.
    #[error(transparent)]
    KeyFile(#[from] KeyError),
}

fn at(file: &Path) -> impl FnOnce(io::Error) -> BackupError + '_ {
    move |error| BackupError::File(file.to_owned(), error)
}

/// Makes a copy while the desk runs.
///
/// # Errors
/// When the file is there, or it cannot be made; then nothing is left of it.
pub async fn make(config: &Config, store: &Store, file: &Path, now_us: i64) -> Result<SideCar, BackupError> {
    if beside(file).exists() {
        return Err(BackupError::Exists(beside(file)));
    }
    // Its owner's alone, before there is anything in it.
    match OpenOptions::new().write(true).create_new(true).mode(0o600).open(file) {
        Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
            return Err(BackupError::Exists(file.to_owned()));
        }
        opened => _ = opened.map_err(at(file))?,
    }
    let copied = match &config.database {
        Place::File(_) => store.copy_into(file).await.map_err(BackupError::from),
        Place::Server(server) => dump(server, file),
    };
    let whole = async {
        copied?;
        File::open(file).and_then(|copy| copy.sync_all()).map_err(at(file))?;
        let (sha256, bytes) = digest(file)?;
        let side_car = SideCar {
            form: FORM,
            made_us: now_us,
            program: env!("CARGO_PKG_VERSION").into(),
            database: kind(&config.database).into(),
            key: store.data_key().await?,
            bytes,
            sha256,
        };
        let text = serde_json::to_string_pretty(&side_car).unwrap_or_default() + "\n";
        std::fs::write(beside(file), text).map_err(at(file))?;
        Ok(side_car)
    };
    let whole = whole.await;
    if whole.is_err() {
        // Half a copy is worse than none.
        _ = std::fs::remove_file(file);
    }
    whole
}

/// How a copy is put back.
#[derive(Debug, Clone, Copy, Default)]
pub struct Restore {
    /// What is there now is put aside (a file) or replaced (on a server).
    pub replace: bool,
    /// ID numbers whose key is lost are taken out, so that the desk can begin with a new key.
    pub forget_id_numbers: bool,
}

/// Puts a copy back in the place of the database. The desk must not run.
///
/// # Errors
/// When the copy is not whole, the key is another one, or something is in the way; then nothing was changed. After
/// [`BackupError::Damaged`] the copy is there, and what was there before beside it.
pub async fn put_back(
    config: &Config,
    file: &Path,
    how: Restore,
    stamp: &str,
) -> Result<SideCar, BackupError> {
    let side_car = looked_at(config, file)?;
    if std::net::TcpStream::connect_timeout(&config.http, std::time::Duration::from_millis(500)).is_ok() {
        return Err(BackupError::Running(config.http));
    }
    if let Some(key) = &side_car.key
        && !how.forget_id_numbers
        && Keys::read(&config.key_file)?.is_none_or(|keys| keys.name() != key)
    {
        return Err(BackupError::Key(key.clone()));
    }
    match &config.database {
        Place::File(database) => replace_file(database, file, how.replace, stamp)?,
        Place::Server(server) if how.replace => load(server, file)?,
        Place::Server(server) => return Err(BackupError::InUse(server.to_string())),
    }
    let store = Store::open(&config.database).await?;
    let looked = async {
        if how.forget_id_numbers {
            store.forget_id_numbers().await?;
        }
        store.integrity().await
    };
    let looked = looked.await;
    store.close().await;
    match looked?.first() {
        Some(damage) => Err(BackupError::Damaged(damage.clone())),
        None => Ok(side_car),
    }
}

/// Whether a copy is whole and fits.
fn looked_at(config: &Config, file: &Path) -> Result<SideCar, BackupError> {
    let side_car = beside(file);
    let text = std::fs::read(&side_car).map_err(at(&side_car))?;
    let told: SideCar = serde_json::from_slice(&text)
        .map_err(|_| BackupError::SideCar(side_car.clone(), "it cannot be read"))?;
    let (sha256, bytes) = digest(file)?;
    if (&told.sha256, told.bytes) != (&sha256, bytes) {
        return Err(BackupError::SideCar(side_car, "the copy was changed or cut off"));
    }
    if told.form != FORM {
        return Err(BackupError::SideCar(side_car, "it is of a later version"));
    }
    if told.database != kind(&config.database) {
        return Err(BackupError::Kind(told.database));
    }
    Ok(told)
}

fn replace_file(database: &Path, copy: &Path, replace: bool, stamp: &str) -> Result<(), BackupError> {
    if database.exists() && !replace {
        return Err(BackupError::InUse(database.display().to_string()));
    }
    if let Some(folder) = database.parent() {
        std::fs::create_dir_all(folder).map_err(at(folder))?;
    }
    let arriving = with_ending(database, ".arriving");
    std::fs::copy(copy, &arriving).map_err(at(&arriving))?;
    File::open(&arriving).and_then(|file| file.sync_all()).map_err(at(&arriving))?;
    // Its log belongs to it: one beside another file would be read into that.
    for part in ["-wal", "-shm", ""] {
        let old = with_ending(database, part);
        if old.exists() {
            let aside = with_ending(database, &format!(".before-{stamp}{part}"));
            std::fs::rename(&old, aside).map_err(at(&old))?;
        }
    }
    std::fs::rename(&arriving, database).map_err(at(database))
}

fn with_ending(file: &Path, ending: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(ending);
    PathBuf::from(name)
}

fn beside(file: &Path) -> PathBuf {
    with_ending(file, ".json")
}

fn kind(place: &Place) -> &'static str {
    match place {
        Place::File(_) => "sqlite",
        Place::Server(_) => "postgres",
    }
}

fn digest(file: &Path) -> Result<(String, u64), BackupError> {
    let mut opened = File::open(file).map_err(at(file))?;
    let (mut digest, mut bytes, mut chunk) = (Sha256::new(), 0, vec![0; CHUNK]);
    loop {
        let read = opened.read(&mut chunk).map_err(at(file))?;
        if read == 0 {
            return Ok((hex::encode(digest.finalize()), bytes));
        }
        digest.update(&chunk[..read]);
        bytes += u64::try_from(read).unwrap_or_default();
    }
}

fn dump(server: &Server, file: &Path) -> Result<(), BackupError> {
    let mut command = asked("pg_dump", server);
    command.args(["--format=custom", "--no-owner", "--no-privileges", "--file"]).arg(file);
    run("pg_dump", command.arg(&server.database))
}

fn load(server: &Server, file: &Path) -> Result<(), BackupError> {
    let mut command = asked("pg_restore", server);
    command.args([
        "--clean",
        "--if-exists",
        "--no-owner",
        "--no-privileges",
        "--single-transaction",
        "--dbname",
    ]);
    run("pg_restore", command.arg(&server.database).arg(file))
}

/// A program of PostgreSQL's, told where the database is. A password stands in its environment, not in its words.
fn asked(program: &str, server: &Server) -> Command {
    let mut command = Command::new(program);
    command.arg("--host").arg(&server.host).arg("--port").arg(server.port.to_string());
    command.arg("--username").arg(&server.user).arg("--no-password").stdin(Stdio::null());
    if let Some(password) = &server.password {
        command.env("PGPASSWORD", password);
    }
    match &server.tls {
        ServerTls::Preferred => command.env("PGSSLMODE", "prefer"),
        ServerTls::Off => command.env("PGSSLMODE", "disable"),
        ServerTls::Verified(authority) => {
            command.env("PGSSLMODE", "verify-full").env("PGSSLROOTCERT", authority)
        }
    };
    command
}

fn run(name: &'static str, command: &mut Command) -> Result<(), BackupError> {
    let done = command.output().map_err(|error| BackupError::Program(name, error.to_string()))?;
    if done.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&done.stderr).trim().chars().take(SAID_MAX).collect();
    Err(BackupError::Program(name, said))
}

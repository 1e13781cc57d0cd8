//! `desk.toml`: text to types, types to a [`Config`] in which everything holds.
//!
//! Every error says file, line, key, what is wrong and what would be right; unknown keys are errors. All mistakes of a
//! file come at once, but for mistakes of syntax, behind which nothing can be read.

mod check;
mod his;
mod place;
mod written;

use crate::his::listener::Door;
use crate::his::tls::TlsFiles;
use crate::storage::Place;
use careline_model::config::ConfigError;
use careline_model::number::NumberPlan;
use jiff::tz::TimeZone;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

pub use check::SOURCES_MAX;

/// Name of the key file when nothing is written.
const KEY_FILE: &str = "desk.key";

/// The checked configuration.
#[derive(Debug, Clone)]
pub struct Config {
    /// The name shown on pages.
    pub hospital: String,
    /// The zone of every day and hour.
    pub timezone: TimeZone,
    /// How numbers are read that arrive without country or area.
    pub numbers: NumberPlan,
    /// `zh-CN` or `en`: the language of pages whose browser asks for neither.
    pub language: String,
    /// Where pages are served; loopback.
    pub http: SocketAddr,
    /// Where the switch asks who is calling; loopback.
    pub directory: SocketAddr,
    /// Where the database is; its password is read by [`load`].
    pub database: Place,
    /// The file that holds the key of what lies sealed in the database.
    pub key_file: PathBuf,
    /// The file that holds the password of the database's server.
    pub password_file: Option<PathBuf>,
    /// The switches, in the order of the file; at least one.
    pub switches: Vec<SwitchAddress>,
    /// Where the hospital's systems send messages.
    pub his: Vec<HisDoor>,
    /// The durable name at the switches: events are kept for it.
    pub subscriber: String,
    /// How long people stay signed in, and how often they may fail to.
    pub sign_in: SignInRules,
    /// First-touch sources; the digit on the keyboard is the place in this list, from 1.
    pub sources: Vec<Named>,
    /// Names of advertising media by code.
    pub media: Vec<Named>,
    /// Names of lines by id.
    pub lines: Vec<Named>,
    /// The start page signs in with one click.
    pub demo: bool,
}

/// A switch and where it answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SwitchAddress {
    /// Its configured name, the first part of every event's key.
    pub id: String,
    /// `http://<ip>:<port>`; loopback.
    pub address: String,
}

/// A door for messages of one system of the hospital.
#[derive(Debug, Clone)]
pub struct HisDoor {
    /// Where it listens.
    pub listen: SocketAddr,
    /// Who may send what; its encryption is read at the start.
    pub door: Door,
    /// The files of its encryption; nothing where what is said is not encrypted.
    pub tls: Option<TlsFiles>,
}

/// `[sign_in]`
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SignInRules {
    /// A browser that shows nothing for so long is signed out.
    pub idle: Duration,
    /// After so long one signs in again in any case.
    pub absolute: Duration,
    /// Failures in a row, after which a login is locked...
    pub failures_max: u32,
    /// ...for so long.
    pub lock: Duration,
}

/// A code and what people call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Named {
    /// As it stands in the data.
    pub code: String,
    /// Chinese.
    pub name: String,
    /// English; the Chinese name when none is given.
    pub name_en: String,
}

/// Reads and checks a configuration text. Relative paths in it are relative to `base`.
///
/// # Errors
/// All mistakes.
pub fn parse(text: &str, file_name: &str, base: &Path) -> Result<Config, Vec<ConfigError>> {
    let source = written::Source::new(file_name, text);
    let written: written::Desk = toml::from_str(text).map_err(|error| vec![source.syntax(&error)])?;
    check::check(&source, written, base)
}

/// Reads and checks a configuration file. With a run directory, a database that is a file stands there.
///
/// # Errors
/// Everything that is wrong, one line each.
pub fn load(file: &Path, run_dir: Option<&Path>) -> anyhow::Result<Config> {
    use anyhow::Context;
    let text = std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))?;
    let base = file.parent().unwrap_or(Path::new("."));
    let mut config = parse(&text, &file.display().to_string(), base).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })?;
    match (&mut config.database, run_dir) {
        (Place::File(file), Some(dir)) => {
            *file = dir.join("desk.db");
            config.key_file = dir.join(KEY_FILE);
        }
        (Place::File(_), None) => {}
        (Place::Server(server), _) => server.password = password(config.password_file.as_deref())?,
    }
    Ok(config)
}

/// The text of a file of one line.
fn password(file: Option<&Path>) -> anyhow::Result<Option<String>> {
    use anyhow::Context;
    let Some(file) = file else { return Ok(None) };
    let text = std::fs::read_to_string(file).with_context(|| {
        format!("failed to read {}; see [database.postgres] password_file", file.display())
    })?;
    Ok(Some(text.trim_end_matches(['\r', '\n']).to_owned()))
}

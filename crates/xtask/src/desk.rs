//! The desk of a demo or a bench: the sample configuration with a few values set, synthetic people, one account for
//! each agent of the switch, and its process.

use crate::house::{self, FIRST_AGENT, PASSWORD_PREFIX};
use crate::process::Owned;
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::Context;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use toml::Table;

/// From exec to ready, on a loaded machine.
const READY: Duration = Duration::from_secs(20);
/// From SIGTERM to the end.
const ENDS: Duration = Duration::from_secs(20);
/// The supervisor's login.
pub const SUPERVISOR: &str = "8001";
/// The role with a phone.
const AGENT: &str = "agent";
/// The same people with every demo.
const SEED: u64 = 7;

/// Somebody who signs in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Person {
    /// What is typed; for agents the id at the switch.
    pub login: String,
    /// What pages show.
    pub name: String,
    /// What the account is there for, as the desk writes it.
    pub role: &'static str,
}

impl Person {
    /// Has a phone.
    #[must_use]
    pub fn is_agent(&self) -> bool {
        self.role == AGENT
    }

    /// What is typed with the login.
    #[must_use]
    pub fn password(&self) -> String {
        format!("{PASSWORD_PREFIX}{}", self.login)
    }
}

/// As many agents, the supervisor, and who keeps accounts and reads the access log.
#[must_use]
pub fn staff(agents: usize) -> Vec<Person> {
    let agents = (0..agents).map(|index| Person {
        login: (FIRST_AGENT + index).to_string(),
        name: house::agent_name(index),
        role: AGENT,
    });
    let others = [
        (SUPERVISOR, "沈若兰", "supervisor"),
        ("admin", "秦安", "security_admin"),
        ("audit", "何真", "audit_admin"),
    ];
    let others = others.map(|(login, name, role)| Person { login: login.into(), name: name.into(), role });
    agents.chain(others).collect()
}

/// A configured desk with its people, not yet running.
#[derive(Debug)]
pub struct Desk {
    config: PathBuf,
    dir: PathBuf,
    program: PathBuf,
    /// Where its pages will be.
    pub http: SocketAddr,
    /// Where the switch will ask.
    pub directory: SocketAddr,
    /// Numbers of its people, one a line.
    pub callers: PathBuf,
}

/// What the desk of a task is like.
#[derive(Debug, Clone, Copy)]
pub struct DeskOptions {
    /// Where the switch serves events.
    pub switch: SocketAddr,
    /// Synthetic people.
    pub persons: usize,
    /// Agents with an account.
    pub agents: usize,
    /// A door for the hospital's messages.
    pub his: Option<SocketAddr>,
    /// The port of the database's server; a file in the run directory when absent.
    pub postgres: Option<u16>,
}

impl Desk {
    /// Writes the configuration into the run directory, makes the people and the accounts.
    ///
    /// # Errors
    /// When the sample is not there or the desk refuses.
    pub fn prepare(
        workspace: &Workspace,
        programs: &Programs,
        dir: &Path,
        options: DeskOptions,
    ) -> anyhow::Result<Self> {
        let (http, directory) = (house::free_near(8080)?, house::free_near(7070)?);
        let config = dir.join("desk.toml");
        let mut table = configuration(workspace, options.switch, http, directory)?;
        if let Some(port) = options.postgres {
            let database = |text: &str| toml::Value::from(text);
            let mut server = Table::from_iter([("user".into(), database("postgres"))]);
            server.insert("database".into(), database("postgres"));
            server.insert("port".into(), i64::from(port).into());
            table.insert("database".into(), Table::from_iter([("postgres".into(), server.into())]).into());
        }
        if let Some(door) = options.his {
            let door = [("id".into(), "his".into()), ("listen".into(), door.to_string().into())];
            table.insert("his".into(), vec![toml::Value::from(Table::from_iter(door))].into());
        }
        std::fs::write(&config, toml::to_string(&table)?).context("failed to write desk.toml")?;
        let desk = Self {
            config,
            dir: dir.into(),
            program: programs.path("careline-desk"),
            http,
            directory,
            callers: dir.join("callers.txt"),
        };
        let mut seed = desk.command(&["seed"]);
        seed.args(["--persons", &options.persons.to_string(), "--seed", &SEED.to_string()]);
        seed.arg("--callers").arg(&desk.callers);
        crate::process::output(&mut seed)?;
        for person in staff(options.agents) {
            desk.add_account(&person)?;
        }
        Ok(desk)
    }

    fn add_account(&self, person: &Person) -> anyhow::Result<()> {
        let mut command = self.command(&["account", "add"]);
        command.args(["--login", &person.login, "--name", &person.name]);
        command.args(["--role", person.role]);
        if person.is_agent() {
            command.args(["--agent", &person.login]);
        }
        let file = self.dir.join("password");
        let written = std::fs::write(&file, person.password() + "\n");
        written.context("failed to write the password's file")?;
        crate::process::output(command.arg("--password-file").arg(&file))?;
        std::fs::remove_file(&file).context("failed to remove the password's file")
    }

    /// One of its commands.
    #[must_use]
    pub fn command(&self, words: &[&str]) -> Command {
        let mut command = Command::new(&self.program);
        command.args(words).arg("--config").arg(&self.config).arg("--run-dir").arg(&self.dir);
        command
    }

    /// Its database.
    #[must_use]
    pub fn database(&self) -> PathBuf {
        self.dir.join("desk.db")
    }

    /// Starts it and waits until it is ready. Its log goes to `desk.log`.
    ///
    /// # Errors
    /// When it leaves or is not ready in time, with its last words.
    pub fn start(&self) -> anyhow::Result<RunningDesk> {
        let log = self.dir.join("desk.log");
        let errors = std::fs::File::create(&log).context("failed to make the log")?;
        let mut command = self.command(&["run"]);
        command.stdout(Stdio::piped()).stderr(errors).env_remove("NO_COLOR");
        let mut process = Owned::start("careline-desk", &mut command)?;
        let words = || std::fs::read_to_string(&log).unwrap_or_default();
        let ready = house::first_line(&mut process, READY, |line| line.starts_with("ready ").then_some(()));
        ready.with_context(|| format!("the desk was not ready:\n{}", words()))?;
        Ok(RunningDesk { process })
    }
}

/// A desk that runs.
#[derive(Debug)]
pub struct RunningDesk {
    process: Owned,
}

impl RunningDesk {
    /// Whether it still runs.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.process.wait_while(|| false)?.is_none())
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// When it does not end, or ends badly.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.process.terminate(ENDS)
    }
}

/// The sample with its places replaced.
fn configuration(
    workspace: &Workspace,
    switch: SocketAddr,
    http: SocketAddr,
    directory: SocketAddr,
) -> anyhow::Result<Table> {
    let file = workspace.root.join("config/desk.toml");
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let mut config: Table =
        toml::from_str(&text).with_context(|| format!("failed to parse {}", file.display()))?;
    house::set(&mut config, "http", "listen", http.to_string());
    house::set(&mut config, "directory", "listen", directory.to_string());
    house::set(&mut config, "demo", "enabled", true);
    for entry in house::entries(&mut config, "switch") {
        entry.insert("address".into(), format!("http://{switch}").into());
    }
    Ok(config)
}

#[cfg(test)]
mod tests {
    use super::staff;

    #[test]
    fn the_staff_has_names_of_its_own() {
        let staff = staff(30);
        let names: std::collections::BTreeSet<_> = staff.iter().map(|person| &person.name).collect();
        assert_eq!(names.len(), staff.len());
        assert_eq!((staff[0].login.as_str(), staff[30].login.as_str()), ("1001", "8001"));
        assert_eq!(staff[1].password(), "demo-1002");
    }
}

//! A PostgreSQL server of a story's own, in a folder of its own, which can be stopped and started again.
//!
//! It sorts texts as Chinese does, so that a statement which relies on the order of bytes without saying so is found out.

use crate::child::OwnedChild;
use crate::ports;
use crate::wait;
use anyhow::{Context, ensure};
use rustix::process::{Pid, Signal};
use std::net::{IpAddr, Ipv4Addr, TcpStream};
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Duration;
use tempfile::TempDir;

/// Who may start a server: it refuses to run as root.
const USER: &str = "postgres";
/// The superuser inside; nobody is asked for a password.
pub const SUPERUSER: &str = "postgres";
/// Longest wait until it answers, and until it ended.
const PATIENCE: Duration = Duration::from_secs(30);
/// Where Debian keeps its versions.
const VERSIONS: &str = "/usr/lib/postgresql";

/// A server, running or stopped. Killed on drop, and its folder removed.
#[derive(Debug)]
pub struct PostgresServer {
    child: Option<OwnedChild>,
    programs: PathBuf,
    folder: TempDir,
    /// Where it listens, on 127.0.0.1.
    pub port: u16,
}

impl PostgresServer {
    /// Makes an empty one and starts it.
    ///
    /// # Errors
    /// When it is not installed or does not come up.
    pub fn start() -> anyhow::Result<Self> {
        let programs = programs()?;
        let folder = tempfile::Builder::new().prefix("careline-postgres-").tempdir()?;
        // Whoever runs it has to get through to the folder inside.
        std::fs::set_permissions(folder.path(), std::fs::Permissions::from_mode(0o711))?;
        let data = folder.path().join("data");
        std::fs::create_dir(&data)?;
        if let Some((user, group)) = other_user()? {
            chown(&data, Some(user), Some(group))?;
        }
        let mut command = as_user(&programs.join("initdb"))?;
        command.args(["--no-sync", "--auth=trust", "--encoding=UTF8", "--username", SUPERUSER]);
        command.args(["--locale=C.UTF-8", "--locale-provider=icu", "--icu-locale=zh", "--pgdata"]).arg(&data);
        let output = command.current_dir(&data).output().context("Failed to start initdb")?;
        ensure!(output.status.success(), "initdb: {}", String::from_utf8_lossy(&output.stderr));
        let port = ports::free(IpAddr::V4(Ipv4Addr::LOCALHOST))?.port();
        let mut server = Self { child: None, programs, folder, port };
        server.start_again()?;
        Ok(server)
    }

    /// Starts it again after [`Self::stop`].
    ///
    /// # Errors
    /// When it does not come up.
    pub fn start_again(&mut self) -> anyhow::Result<()> {
        let data = self.folder.path().join("data");
        let log = std::fs::File::create(self.folder.path().join("log"))?;
        let mut command = as_user(&self.programs.join("postgres"))?;
        command.arg("-D").arg(&data).args(["-p", &self.port.to_string()]).current_dir(&data);
        for setting in
            ["listen_addresses=127.0.0.1", "unix_socket_directories=", "fsync=off", "max_connections=400"]
        {
            command.args(["-c", setting]);
        }
        command.stdout(Stdio::null()).stderr(log);
        let mut child = OwnedChild::spawn(&mut command)?;
        let told = wait::until("PostgreSQL to take connections", PATIENCE, || {
            if let Some(status) = child.ended()? {
                anyhow::bail!("PostgreSQL ended with {status}");
            }
            Ok(self.is_ready().then_some(()))
        });
        told.with_context(|| std::fs::read_to_string(self.folder.path().join("log")).unwrap_or_default())?;
        self.child = Some(child);
        Ok(())
    }

    /// Makes an empty database.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn create_database(&self, name: &str) -> anyhow::Result<()> {
        self.value("postgres", &format!("CREATE DATABASE {name}")).map(|_| ())
    }

    /// What a statement gives, as text.
    ///
    /// # Errors
    /// When the server refuses.
    pub fn value(&self, database: &str, sql: &str) -> anyhow::Result<String> {
        let mut asks = Command::new(self.programs.join("psql"));
        asks.args([
            "-h",
            "127.0.0.1",
            "-U",
            SUPERUSER,
            "-p",
            &self.port.to_string(),
            "-d",
            database,
            "-Atc",
            sql,
        ]);
        let output = asks.output().context("Failed to start psql")?;
        ensure!(output.status.success(), "{sql}: {}", String::from_utf8_lossy(&output.stderr));
        Ok(String::from_utf8_lossy(&output.stdout).trim().to_owned())
    }

    fn is_ready(&self) -> bool {
        let address = (Ipv4Addr::LOCALHOST, self.port);
        let mut asks = Command::new(self.programs.join("pg_isready"));
        asks.args(["-q", "-h", "127.0.0.1", "-U", SUPERUSER, "-p", &self.port.to_string()]);
        TcpStream::connect(address).is_ok() && asks.status().is_ok_and(|status| status.success())
    }

    /// Ends it as an administrator does: connections are cut, everything is kept.
    ///
    /// # Errors
    /// When it does not run, or still runs after half a minute.
    pub fn stop(&mut self) -> anyhow::Result<()> {
        let mut child = self.child.take().context("the server does not run")?;
        let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw).context("no such process id")?;
        rustix::process::kill_process(pid, Signal::INT)?;
        child.wait_end(PATIENCE).map(|_| ())
    }
}

impl Drop for PostgresServer {
    fn drop(&mut self) {
        // Its own children end only when it says so; the folder goes after that.
        if self.child.is_some() {
            let _ = self.stop();
        }
    }
}

/// The newest installed version's programs.
fn programs() -> anyhow::Result<PathBuf> {
    let versions =
        std::fs::read_dir(VERSIONS).with_context(|| format!("no {VERSIONS}: PostgreSQL is not installed"))?;
    let newest = versions
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter_map(|path| Some((path.file_name()?.to_str()?.parse::<u32>().ok()?, path.join("bin"))))
        .filter(|(_, bin)| bin.join("postgres").is_file())
        .max();
    newest.map(|(_, bin)| bin).with_context(|| format!("no server in {VERSIONS}"))
}

/// Whose account runs it, when we are root: user and group.
fn other_user() -> anyhow::Result<Option<(u32, u32)>> {
    if !rustix::process::getuid().is_root() {
        return Ok(None);
    }
    let users = std::fs::read_to_string("/etc/passwd")?;
    let fields =
        users.lines().map(|line| line.split(':').collect::<Vec<_>>()).find(|fields| fields[0] == USER);
    let fields = fields.with_context(|| format!("there is no user {USER}"))?;
    let number =
        |field: usize| fields.get(field).and_then(|text| text.parse().ok()).context("/etc/passwd is broken");
    Ok(Some((number(2)?, number(3)?)))
}

fn as_user(program: &Path) -> anyhow::Result<Command> {
    let mut command = Command::new(program);
    if let Some((user, group)) = other_user()? {
        command.uid(user).gid(group);
    }
    Ok(command)
}

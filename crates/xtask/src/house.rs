//! The switch of a demo or a bench: the sample configuration with a few values set, in a run directory, and its process.

use crate::process::Owned;
use crate::programs::Programs;
use crate::workspace::Workspace;
use anyhow::Context;
use serde_json::Value;
use std::io::{BufRead, BufReader};
use std::net::{SocketAddr, TcpListener, UdpSocket};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::mpsc::{RecvTimeoutError, sync_channel};
use std::time::Duration;
use toml::{Table, Value as Toml};

/// From exec to ready, on a loaded machine.
const READY: Duration = Duration::from_secs(20);
/// From the first SIGTERM to the end, with no call up.
const ENDS: Duration = Duration::from_secs(20);
/// Lines of the switch's standard output that may wait to be read before it is ready.
const LINES_MAX: usize = 256;

/// An agent's password in generated configurations is this and its id.
pub const PASSWORD_PREFIX: &str = "demo-";
/// The first agent's id; the others count up.
pub const FIRST_AGENT: usize = 1001;
/// The number that patients dial, as in the sample configuration.
pub const NUMBER: &str = "4001234567";
/// The number under which a phone hears itself, as in the sample configuration.
pub const ECHO_NUMBER: &str = "9196";
/// Where the sample's trunk calls from.
pub const PATIENT_IP: &str = "127.0.0.2";

/// The sample configuration as a table that a task may change.
///
/// # Errors
/// When it is not there or is no TOML.
pub fn sample(workspace: &Workspace) -> anyhow::Result<Table> {
    let file = workspace.root.join("config/switch.toml");
    let text =
        std::fs::read_to_string(&file).with_context(|| format!("failed to read {}", file.display()))?;
    let mut config: Table =
        toml::from_str(&text).with_context(|| format!("failed to parse {}", file.display()))?;
    let path =
        |folder: &str| Toml::from(workspace.root.join("config").join(folder).to_string_lossy().into_owned());
    set(&mut config, "prompts", "directory", path("prompts"));
    set(&mut config, "flows", "directory", path("flows"));
    let sip = Toml::from(vec![free_near(5060)?.to_string()]);
    set(&mut config, "sip", "udp", sip.clone());
    set(&mut config, "sip", "tcp", sip);
    set(&mut config, "rpc", "listen", free_near(7060)?.to_string());
    // A task that has a desk names it.
    config.remove("directory");
    Ok(config)
}

/// Where a switch with this configuration serves events and takes orders.
///
/// # Errors
/// When the configuration does not say.
pub fn rpc(config: &Table) -> anyhow::Result<SocketAddr> {
    let address = config.get("rpc").and_then(|rpc| rpc.get("listen")).and_then(Toml::as_str);
    address.and_then(|address| address.parse().ok()).context("[rpc] listen is no address")
}

/// Sets one key of one section.
pub fn set(config: &mut Table, section: &str, key: &str, value: impl Into<Toml>) {
    let section = config.entry(section).or_insert_with(|| Toml::Table(Table::new()));
    if let Some(section) = section.as_table_mut() {
        section.insert(key.into(), value.into());
    }
}

/// What agents of generated configurations are called. A given name is not used again before all surnames were.
const SURNAMES: [&str; 10] = ["王", "李", "张", "刘", "陈", "杨", "赵", "黄", "周", "吴"];
const GIVEN_NAMES: [&str; 10] =
    ["雅琴", "志远", "晓梅", "建华", "思雨", "文博", "丽娟", "海涛", "静怡", "俊杰"];

/// The name of an agent, counted from 0: no two of the first hundred are the same.
#[must_use]
pub fn agent_name(index: usize) -> String {
    let (turn, surname) = (index / SURNAMES.len(), index % SURNAMES.len());
    let given = GIVEN_NAMES[(surname + turn) % GIVEN_NAMES.len()];
    let again = index / (SURNAMES.len() * GIVEN_NAMES.len());
    let number = if again == 0 { String::new() } else { (again + 1).to_string() };
    format!("{}{given}{number}", SURNAMES[surname])
}

/// Makes the list of agents `count` long, each serving all queues and ready at once.
pub fn set_agents(config: &mut Table, count: usize, contact: Option<SocketAddr>) {
    let queues = entries(config, "queue").filter_map(|queue| queue.get("id").cloned()).collect::<Vec<_>>();
    let agents = (0..count).map(|index| {
        let id = FIRST_AGENT + index;
        let mut agent = Table::new();
        agent.insert("id".into(), Toml::from(id.to_string()));
        agent.insert("name".into(), Toml::from(agent_name(index)));
        agent.insert("password".into(), Toml::from(format!("{PASSWORD_PREFIX}{id}")));
        agent.insert("queues".into(), Toml::Array(queues.clone()));
        agent.insert("ready_on_register".into(), Toml::from(true));
        if let Some(address) = contact {
            agent.insert("contact".into(), Toml::from(format!("sip:{id}@{address}")));
        }
        Toml::Table(agent)
    });
    let agents = agents.collect();
    config.insert("agent".into(), Toml::Array(agents));
}

/// Sets one key of every queue.
pub fn set_queues(config: &mut Table, key: &str, value: impl Into<Toml>) {
    let value = value.into();
    for queue in entries(config, "queue") {
        queue.insert(key.into(), value.clone());
    }
}

/// The entries of a list of tables.
pub fn entries<'a>(config: &'a mut Table, name: &str) -> impl Iterator<Item = &'a mut Table> {
    config.get_mut(name).and_then(Toml::as_array_mut).into_iter().flatten().filter_map(Toml::as_table_mut)
}

/// A loopback address on which UDP and TCP are free: the usual port, so that one finds it by hand, or any.
///
/// # Errors
/// When none is.
pub fn free_near(usual: u16) -> anyhow::Result<SocketAddr> {
    let both = |port: u16| {
        let udp = UdpSocket::bind(("127.0.0.1", port))?;
        let addr = udp.local_addr()?;
        TcpListener::bind(addr).map(|_| addr)
    };
    (0..20)
        .find_map(|attempt| both(if attempt == 0 { usual } else { 0 }).ok())
        .context("no port of 127.0.0.1 is free for UDP and TCP")
}

/// A running switch.
#[derive(Debug)]
pub struct Switch {
    process: Owned,
    program: PathBuf,
    dir: PathBuf,
    /// Where it answers SIP.
    pub sip: SocketAddr,
    /// The first part of every event's key.
    pub name: String,
}

impl Switch {
    /// Writes the configuration into the run directory, starts the switch there and waits until it is ready. Its log
    /// goes to `switch.log`.
    ///
    /// # Errors
    /// When it leaves or is not ready in time, with its last words.
    pub fn start(programs: &Programs, dir: &Path, config: &Table) -> anyhow::Result<Self> {
        Self::start_on(programs, dir, config, None)
    }

    /// As [`Switch::start`], on this processor alone.
    ///
    /// # Errors
    /// As there.
    pub fn start_on(
        programs: &Programs,
        dir: &Path,
        config: &Table,
        processor: Option<&str>,
    ) -> anyhow::Result<Self> {
        let file = dir.join("switch.toml");
        std::fs::write(&file, toml::to_string(config)?).context("failed to write the configuration")?;
        let log = std::fs::File::create(dir.join("switch.log")).context("failed to make the log")?;
        let mut command = match processor {
            Some(processor) => {
                let mut command = Command::new("taskset");
                command.args(["-c", processor]).arg(programs.path("careline-switch"));
                command
            }
            None => programs.command("careline-switch"),
        };
        command.arg("run").arg("--config").arg(&file).arg("--run-dir").arg(dir).env_remove("NO_COLOR");
        let mut process = Owned::start("careline-switch", command.stdout(Stdio::piped()).stderr(log))?;
        let name = config.get("switch_id").and_then(Toml::as_str).unwrap_or_default().to_owned();
        let words = || std::fs::read_to_string(dir.join("switch.log")).unwrap_or_default();
        let ready = first_line(&mut process, READY, ready);
        let sip = ready.with_context(|| format!("the switch was not ready:\n{}", words()))?;
        Ok(Self { process, program: programs.path("careline-switch"), dir: dir.into(), sip, name })
    }

    /// Its process id.
    #[must_use]
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Whether it still runs.
    ///
    /// # Errors
    /// When the system cannot say.
    pub fn runs(&mut self) -> anyhow::Result<bool> {
        Ok(self.process.wait_while(|| false)?.is_none())
    }

    /// The events of its journal so far, and the same as text, one a line.
    ///
    /// # Errors
    /// When the program refuses or prints something else than JSON.
    pub fn events(&self) -> anyhow::Result<(Vec<Value>, String)> {
        let journal = self.dir.join("journal.db");
        let mut command = Command::new(&self.program);
        let text = crate::process::output(command.args(["events", "--json", "--journal"]).arg(journal))?;
        let events = text.lines().filter(|line| !line.trim().is_empty());
        let events =
            events.map(|line| serde_json::from_str(line).with_context(|| format!("not an event: {line}")));
        Ok((events.collect::<anyhow::Result<_>>()?, text))
    }

    /// Ends it in order.
    ///
    /// # Errors
    /// When it does not end, or ends badly.
    pub fn end(mut self) -> anyhow::Result<()> {
        self.process.terminate(ENDS)
    }
}

/// The SIP address in `ready sip=ADDR rpc=ADDR`.
fn ready(line: &str) -> Option<SocketAddr> {
    let mut words = line.strip_prefix("ready ")?.split_whitespace();
    words.find_map(|word| word.strip_prefix("sip=")?.parse().ok())
}

/// What `find` finds in the lines of a program's standard output, which is read to its end in any case.
///
/// # Errors
/// When the program leaves before, or is silent for `within`.
pub fn first_line<T>(
    process: &mut Owned,
    within: Duration,
    find: impl Fn(&str) -> Option<T>,
) -> anyhow::Result<T> {
    let output = process.take_stdout().context("its standard output was asked for")?;
    let (sender, lines) = sync_channel(LINES_MAX);
    // Read to the end, so that it never blocks on a full pipe; what nobody waits for is dropped.
    std::thread::spawn(move || {
        for line in BufReader::new(output).lines().map_while(Result::ok) {
            let _ = sender.try_send(line);
        }
    });
    loop {
        match lines.recv_timeout(within) {
            Ok(line) => {
                if let Some(found) = find(&line) {
                    return Ok(found);
                }
            }
            Err(RecvTimeoutError::Timeout) => anyhow::bail!("it said nothing for {within:?}"),
            Err(RecvTimeoutError::Disconnected) => anyhow::bail!("it left before"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{ready, set, set_agents, set_queues};
    use toml::Table;

    #[test]
    fn the_ready_line_names_the_address() {
        assert_eq!(ready("ready sip=127.0.0.1:5060 rpc=127.0.0.1:1").map(|addr| addr.port()), Some(5060));
        assert!(ready("listening sip=127.0.0.1:5060").is_none());
    }

    #[test]
    fn a_sample_is_changed_key_by_key() {
        let mut config: Table =
            toml::from_str("[[queue]]\nid = \"a\"\n[[queue]]\nid = \"b\"\nwrap_up_s = 9\n").expect("TOML");
        set(&mut config, "recording", "enabled", false);
        set_queues(&mut config, "wrap_up_s", 0);
        set_agents(&mut config, 2, None);
        assert_eq!(config["recording"]["enabled"].as_bool(), Some(false));
        assert_eq!(config["queue"][1]["wrap_up_s"].as_integer(), Some(0));
        assert_eq!(config["agent"][1]["id"].as_str(), Some("1002"));
        assert_eq!(config["agent"][1]["queues"].as_array().map(Vec::len), Some(2));
    }
}

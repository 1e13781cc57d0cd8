//! A whole switch, in a process of its own; its calls are made by a helper that knows SIP.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use crate::Failed;
use crate::run::House;
use crate::scenario::Line;

/// The kernel's unit in `/proc/<pid>/stat` (`USER_HZ`): a hundredth of a second on every architecture of Debian.
const TICK: Duration = Duration::from_millis(10);
/// While the floor was measured the switch had no processor; it refuses calls until it has caught up.
const REST: Duration = Duration::from_secs(3);
/// `/proc/<pid>/statm` counts these.
const PAGE_BYTES: u64 = 4096;

/// A running switch.
pub(crate) struct Switch {
    pid: u32,
    /// Makes the calls and holds them: the phones' ports in on its standard input, their [`Line`]s out, both in one
    /// line; it hangs up and ends when its standard input is closed.
    caller: Child,
}

impl Switch {
    /// The switch of this process, and the program that calls it.
    pub(crate) fn new(pid: u32, caller: &[String]) -> Result<Self, Failed> {
        if caller.is_empty() {
            return Err(Failed::new("nobody to make the calls after --".to_owned()));
        }
        std::thread::sleep(REST);
        // Beside the generator, and as anybody else.
        let mut command = Command::new("taskset");
        command.args(["-c", "1", "chrt", "-o", "0"]).args(caller);
        let caller = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn()?;
        Ok(Self { pid, caller })
    }

    /// Lets the caller hang up.
    pub(crate) fn end(mut self) -> Result<(), Failed> {
        drop(self.caller.stdin.take());
        let status = self.caller.wait()?;
        if status.success() { Ok(()) } else { Err(Failed::new(format!("the caller ended with {status}"))) }
    }
}

impl House for Switch {
    fn connect(&mut self, phones: &[u16]) -> Result<Vec<Line>, Failed> {
        let gone = || Failed::new("the caller has gone".to_owned());
        let to_caller = self.caller.stdin.as_mut().ok_or_else(gone)?;
        writeln!(to_caller, "{}", serde_json::to_string(phones)?)?;
        let from_caller = self.caller.stdout.take().ok_or_else(gone)?;
        let line = BufReader::new(from_caller).lines().next().ok_or_else(gone)??;
        Ok(serde_json::from_str(&line)?)
    }

    fn cpu(&self) -> Result<Duration, Failed> {
        let text = std::fs::read_to_string(format!("/proc/{}/stat", self.pid))?;
        used(&text).ok_or_else(|| Failed::new("/proc/<pid>/stat has another form".to_owned()))
    }

    fn resident(&self) -> Result<u64, Failed> {
        resident(self.pid)
    }
}

/// Fields 14 and 15, user and system time; the second field is the program's name in brackets, which may hold anything.
fn used(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(TICK * (user + system))
}

/// Resident memory of a process, bytes.
pub(crate) fn resident(pid: u32) -> Result<u64, Failed> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/statm"))?;
    let pages = text.split_ascii_whitespace().nth(1).and_then(|pages| pages.parse::<u64>().ok());
    Ok(pages.ok_or_else(|| Failed::new("/proc/<pid>/statm has another form".to_owned()))? * PAGE_BYTES)
}

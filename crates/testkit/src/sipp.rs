//! SIPp as the caller of exact messages: a scenario file, a bounded run, its exit code and its statistics.

use crate::child::OwnedChild;
use crate::place::Place;
use anyhow::Context;
use std::collections::BTreeMap;
use std::net::SocketAddr;
use std::process::Command;
use std::time::Duration;

pub use crate::transport::Transport;

/// One run.
#[derive(Debug, Clone)]
pub struct SippRun<'a> {
    /// Names the files of this run in the story's directory.
    pub name: &'a str,
    /// The scenario, XML.
    pub scenario: &'a str,
    /// Where it calls from; media comes from the same address.
    pub local: SocketAddr,
    /// The switch.
    pub remote: SocketAddr,
    /// UDP or TCP: Debian's SIPp was never tried with TLS here.
    pub transport: Transport,
    /// `[service]` of the scenario: the dialled number.
    pub service: &'a str,
    /// Values of own keywords, `-key name value`.
    pub keys: &'a [(&'a str, &'a str)],
    /// Calls to make.
    pub calls: u32,
    /// Plays this scenario for calls that the other side begins while the run lasts.
    pub when_called: Option<&'a str>,
    /// `user@host:port` that credentials are made for, when they are for a request to a user: SIPp would make them for
    /// the host alone.
    pub auth_uri: Option<&'a str>,
    /// The whole run may take this long.
    pub within: Duration,
}

/// How a run ended.
#[derive(Debug, Clone)]
pub struct SippResult {
    /// 0: every call went as scripted.
    pub exit_code: Option<i32>,
    /// The last line of the statistics by header name, for example `SuccessfulCall(C)`.
    pub statistics: BTreeMap<String, String>,
    /// What was unexpected, in SIPp's words.
    pub errors: String,
}

impl SippResult {
    /// A statistic as a number; 0 when it is absent.
    #[must_use]
    pub fn count(&self, name: &str) -> u64 {
        self.statistics.get(name).and_then(|value| value.parse().ok()).unwrap_or(0)
    }

    /// Passes when every call went as scripted.
    ///
    /// # Errors
    /// Otherwise, with SIPp's own words.
    pub fn all_as_scripted(&self) -> anyhow::Result<()> {
        anyhow::ensure!(self.exit_code == Some(0), "SIPp ended with {:?}: {}", self.exit_code, self.errors);
        Ok(())
    }
}

/// A running scenario; killed on drop.
#[derive(Debug)]
pub struct Sipp {
    child: OwnedChild,
    statistics: std::path::PathBuf,
    log: std::path::PathBuf,
    within: Duration,
}

/// Starts the scenario.
///
/// # Errors
/// When SIPp is not installed or its files cannot be written.
pub fn start(place: &Place, run: &SippRun<'_>) -> anyhow::Result<Sipp> {
    let path = |ending: &str| place.path(&format!("sipp-{}{ending}", run.name));
    let (scenario, statistics, log) = (path(".xml"), path(".csv"), path(".errors.log"));
    std::fs::write(&scenario, run.scenario).context("Failed to write the scenario")?;
    let ip = run.local.ip().to_string();
    let transport = match run.transport {
        Transport::Udp => "u1",
        Transport::Tcp => "t1",
        Transport::Tls => anyhow::bail!("SIPp over TLS is not driven here"),
    };
    let mut command = Command::new("sipp");
    command
        .current_dir(place.dir())
        .args(["-nostdin", "-timeout_error", "-trace_err", "-trace_stat", "-fd", "1", "-l", "1", "-r", "1"])
        .args(["-timeout", &format!("{}s", run.within.as_secs().max(1))])
        .arg("-sf")
        .arg(&scenario)
        .arg("-stf")
        .arg(&statistics)
        .arg("-error_file")
        .arg(&log)
        .args(["-i", &ip, "-mi", &ip, "-p", &run.local.port().to_string()])
        // A Call-ID that another scenario can name in the headers of a URI, which hold no @.
        .args(["-cid_str", "%u-%p"])
        .args(["-s", run.service, "-m", &run.calls.to_string()])
        .args(["-t", transport]);
    if let Some(uri) = run.auth_uri {
        command.args(["-auth_uri", uri]);
    }
    if let Some(scenario) = run.when_called {
        let file = path("-called.xml");
        std::fs::write(&file, scenario).context("Failed to write the scenario of incoming calls")?;
        command.arg("-oocsf").arg(file);
    }
    for (key, value) in run.keys {
        command.args(["-key", key, value]);
    }
    let screen = std::fs::File::create(path(".screen"))?;
    command.arg(run.remote.to_string()).stdout(screen.try_clone()?).stderr(screen);
    let child = OwnedChild::spawn(&mut command).context("SIPp is needed: apt-get install sip-tester")?;
    Ok(Sipp { child, statistics, log, within: run.within })
}

/// Runs the scenario to its end.
///
/// # Errors
/// When it cannot be started or does not end in time.
pub fn run(place: &Place, run: &SippRun<'_>) -> anyhow::Result<SippResult> {
    start(place, run)?.finish()
}

impl Sipp {
    /// Waits for the end.
    ///
    /// # Errors
    /// When it outlives its own time-out.
    pub fn finish(mut self) -> anyhow::Result<SippResult> {
        const GRACE: Duration = Duration::from_secs(15);
        let status = self.child.wait_end(self.within + GRACE)?;
        let text = std::fs::read_to_string(&self.statistics).unwrap_or_default();
        Ok(SippResult {
            exit_code: status.code(),
            statistics: last_line_by_name(&text),
            errors: std::fs::read_to_string(&self.log).unwrap_or_default(),
        })
    }
}

fn last_line_by_name(text: &str) -> BTreeMap<String, String> {
    let mut lines = text.lines();
    let (Some(header), Some(last)) = (lines.next(), lines.next_back()) else { return BTreeMap::new() };
    header.split(';').zip(last.split(';')).map(|(name, value)| (name.into(), value.trim().into())).collect()
}

#[cfg(test)]
mod tests {
    use super::last_line_by_name;

    #[test]
    fn statistics_are_read_by_name_from_the_last_line() {
        let table = last_line_by_name("Start;SuccessfulCall(C);Failed(C)\na\t1;0;0\na\t2;3;1\n");
        assert_eq!(table["SuccessfulCall(C)"], "3");
        assert_eq!(table["Failed(C)"], "1");
    }
}

//! What tests and benches need of the system: Debian packages, installed in small groups when their program is missing.

use anyhow::Context;
use std::process::{Command, Stdio};

/// One group: the program that shows it is there, and the package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// A foreign phone.
    Baresip,
    /// SIPp, for exact messages and set-up rates.
    Sipp,
}

impl Tool {
    fn program(self) -> &'static str {
        match self {
            Self::Baresip => "baresip",
            Self::Sipp => "sipp",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Baresip => "baresip-core",
            Self::Sipp => "sip-tester",
        }
    }
}

/// All tools of the tests.
pub const FOR_TESTS: &[Tool] = &[Tool::Baresip, Tool::Sipp];

/// Installs what is missing of `tools`; asks the system nothing when all are there.
///
/// # Errors
/// When something is missing and we are not root, or apt fails twice.
pub fn install(tools: &[Tool]) -> anyhow::Result<()> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !is_there(tool.program())).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages = missing.iter().map(|tool| tool.package()).collect::<Vec<_>>().join(" ");
    anyhow::ensure!(
        rustix::process::geteuid().is_root(),
        "{packages} must be installed first, and this is not root: sudo apt-get install --no-install-recommends {packages}"
    );
    // Stale lists are the usual reason why an installation fails; when the update fails too, apt's own words follow.
    let _ = apt(&["update", "-q"]);
    for tool in missing {
        let words = ["install", "-y", "-q", "--no-install-recommends", tool.package()];
        apt(&words).or_else(|_| apt(&words)).with_context(|| {
            format!("failed to install {}, which brings {}", tool.package(), tool.program())
        })?;
    }
    Ok(())
}

fn apt(words: &[&str]) -> anyhow::Result<()> {
    eprintln!("xtask: apt-get {}", words.join(" "));
    let status = Command::new("apt-get")
        .args(words)
        .env("DEBIAN_FRONTEND", "noninteractive")
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .status()
        .context("apt-get is needed: this is for Debian")?;
    anyhow::ensure!(status.success(), "apt-get {} ended with {status}", words.join(" "));
    Ok(())
}

/// Whether a program of this name is in one of the folders of PATH or where Debian keeps programs of root.
fn is_there(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let extra = ["/usr/sbin".into(), "/sbin".into()];
    std::env::split_paths(&path).chain(extra).any(|dir| dir.join(program).is_file())
}

#[cfg(test)]
mod tests {
    use super::is_there;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(is_there("sh"));
        assert!(!is_there("no-such-program-of-careline"));
    }
}

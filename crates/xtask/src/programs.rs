//! The built programs and where they are.

use crate::process;
use crate::workspace::Workspace;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Tells tests where the programs are.
pub const BIN_DIR: &str = "CARELINE_BIN_DIR";

/// How programs are built.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// One build for programs and tests.
    Ci,
    /// What a hospital runs, and what benches measure.
    Release,
}

/// The folder with the programs of one build.
#[derive(Debug, Clone)]
pub struct Programs {
    /// Holds `careline-switch`, `careline-traffic`, `careline-media-bench`.
    pub dir: PathBuf,
}

impl Programs {
    /// Builds those that are not up to date.
    ///
    /// # Errors
    /// When the build fails.
    pub fn build(workspace: &Workspace, profile: Profile) -> anyhow::Result<Self> {
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--quiet", "--bins"]);
        let dir = match profile {
            Profile::Ci => {
                cargo.args(["--workspace", "--profile", "ci"]);
                "ci"
            }
            Profile::Release => {
                let programs = ["careline-switch", "careline-traffic", "careline-media"];
                cargo.arg("--release").args(programs.iter().flat_map(|name| ["-p", name]));
                "release"
            }
        };
        process::run(&mut cargo)?;
        Ok(Self { dir: workspace.target.join(dir) })
    }

    /// A command for the program of this name.
    #[must_use]
    pub fn command(&self, name: &str) -> Command {
        Command::new(self.path(name))
    }

    /// The program of this name.
    #[must_use]
    pub fn path(&self, name: &str) -> PathBuf {
        Path::new(&self.dir).join(name)
    }
}

//! The built programs and where they are.

use crate::process;
use crate::setup;
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
    /// The same with the desk, which takes its time to build.
    ReleaseWithDesk,
    /// Built like what a hospital runs, but only the simulator.
    ReleaseOfSimulator,
    /// Built like what a hospital runs, but only the desk, its traffic, and the other database.
    ReleaseOfDesk,
}

/// The folder with the programs of one build.
#[derive(Debug, Clone)]
pub struct Programs {
    /// Holds `careline-switch`, `careline-desk`, `careline-traffic`, `careline-media-bench`,
    /// `careline-simulate`.
    pub dir: PathBuf,
}

impl Programs {
    /// Builds programs and tests in one go, so that both share one set of dependencies; gives the tests as well.
    ///
    /// # Errors
    /// When the build fails.
    pub fn build_with_tests(workspace: &Workspace) -> anyhow::Result<(Self, Vec<TestProgram>)> {
        setup::install(setup::BUILD)?;
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--quiet", "--workspace", "--all-targets", "--profile", "ci"]);
        cargo.arg("--message-format=json-render-diagnostics");
        let mut tests = Vec::new();
        let status = process::run_watched(&mut cargo, |line| tests.extend(TestProgram::of(line)))?;
        anyhow::ensure!(status.success(), "the build failed");
        tests.sort();
        Ok((Self { dir: workspace.target.join("ci") }, tests))
    }

    /// Builds those that are not up to date.
    ///
    /// # Errors
    /// When the build fails.
    pub fn build(workspace: &Workspace, profile: Profile) -> anyhow::Result<Self> {
        setup::install(setup::BUILD)?;
        let mut cargo = workspace.cargo();
        cargo.args(["build", "--quiet", "--bins"]);
        let dir = match profile {
            Profile::Ci => {
                cargo.args(["--workspace", "--profile", "ci"]);
                "ci"
            }
            Profile::ReleaseOfSimulator => {
                cargo.args(["--release", "-p", "careline-simulate"]);
                "release"
            }
            Profile::ReleaseOfDesk => {
                cargo.args([
                    "--release",
                    "-p",
                    "careline-desk",
                    "-p",
                    "careline-traffic",
                    "-p",
                    "careline-testkit",
                ]);
                "release"
            }
            Profile::Release | Profile::ReleaseWithDesk => {
                let desk = (profile == Profile::ReleaseWithDesk).then_some("careline-desk");
                let programs =
                    ["careline-switch", "careline-traffic", "careline-media"].into_iter().chain(desk);
                cargo.arg("--release").args(programs.flat_map(|name| ["-p", name]));
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

/// One built file of tests.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct TestProgram {
    /// The package's folder, in which cargo runs it too.
    pub folder: PathBuf,
    /// Name of the file of tests, or of the crate for tests beside the code.
    pub name: String,
    /// The program.
    pub file: PathBuf,
}

impl TestProgram {
    /// Reads one message of cargo; `None` when it is about something else.
    fn of(message: &str) -> Option<Self> {
        let message: serde_json::Value = serde_json::from_str(message).ok()?;
        let is_test = message["reason"] == "compiler-artifact" && message["profile"]["test"] == true;
        let file = message["executable"].as_str().filter(|_| is_test)?;
        let folder = Path::new(message["manifest_path"].as_str()?).parent()?;
        let name = message["target"]["name"].as_str()?;
        Some(Self { folder: folder.into(), name: name.into(), file: file.into() })
    }
}

#[cfg(test)]
mod tests {
    use super::TestProgram;

    #[test]
    fn cargos_words_about_a_test_are_understood() {
        let line = r#"{"reason":"compiler-artifact","manifest_path":"/w/tests/e2e/Cargo.toml","target":{"name":"echo"},"profile":{"test":true},"executable":"/t/echo-1"}"#;
        let test = TestProgram::of(line).expect("a test");
        assert_eq!((test.name.as_str(), test.folder.to_str()), ("echo", Some("/w/tests/e2e")));
        assert_eq!(TestProgram::of(&line.replace("true", "false")), None);
        assert_eq!(TestProgram::of("warning: unused"), None);
    }
}

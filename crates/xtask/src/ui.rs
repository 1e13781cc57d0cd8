//! The pages of the desk: built by npm into `crates/desk/ui/dist`, from where cargo puts them into the program.
//!
//! Nothing is done twice: packages are installed when the lock file changed, pages are built when a source changed.

use crate::node::Node;
use crate::process;
use crate::programs::{Profile, Programs};
use crate::workspace::Workspace;
use anyhow::Context;
use sha2::{Digest, Sha256};
use std::path::{Path, PathBuf};

/// What is made or installed, not written.
const MADE: &[&str] = &["dist", "node_modules"];

/// What is asked for.
#[derive(Debug, Clone, clap::Args)]
pub struct UiArgs {
    /// Writes openapi.json from the desk and the types of the pages from it, before building.
    #[arg(long)]
    api: bool,
}

/// The folder with the pages' sources.
#[derive(Debug, Clone)]
pub struct Ui {
    /// Where package.json is.
    pub folder: PathBuf,
    /// What runs npm and drives browsers.
    pub node: Node,
    stamps: PathBuf,
}

/// Builds the pages.
///
/// # Errors
/// When node cannot be had, or the build fails.
pub fn ui(workspace: &Workspace, args: &UiArgs) -> anyhow::Result<bool> {
    let ui = Ui::installed(workspace)?;
    if args.api {
        let programs = Programs::build(workspace, Profile::Ci)?;
        std::fs::write(ui.description(), described(&programs)?).context("failed to write openapi.json")?;
        ui.npm(&["run", "api"])?;
    }
    ui.build()?;
    Ok(true)
}

impl Ui {
    /// The pages' folder with every package in its place.
    ///
    /// # Errors
    /// When node cannot be had, or npm fails.
    pub fn installed(workspace: &Workspace) -> anyhow::Result<Self> {
        let folder = workspace.root.join("crates/desk/ui");
        let stamps = workspace.target.join("ui");
        std::fs::create_dir_all(&stamps).with_context(|| format!("failed to make {}", stamps.display()))?;
        let ui = Self { folder, node: Node::find(workspace)?, stamps };
        let lock = ui.folder.join("package-lock.json");
        let locked = std::fs::read(&lock).with_context(|| format!("failed to read {}", lock.display()))?;
        let there = ui.folder.join("node_modules/.package-lock.json").is_file();
        ui.unless_stamped("packages", &hex::encode(Sha256::digest(locked)), there, || {
            eprintln!("xtask: npm ci in {}", ui.folder.display());
            ui.npm(&["ci", "--ignore-scripts", "--no-audit", "--no-fund"])
        })?;
        Ok(ui)
    }

    /// Builds the pages when a source changed since they were built last.
    ///
    /// # Errors
    /// When the build fails.
    pub fn build(&self) -> anyhow::Result<()> {
        let there = self.folder.join("dist/index.html").is_file();
        self.unless_stamped("pages", &digest(&self.folder)?, there, || self.npm(&["run", "build"]))
    }

    /// Fails when the pages' types are not those of openapi.json; `cargo xtask ui --api` writes both.
    ///
    /// # Errors
    /// As told.
    pub fn check_types(&self) -> anyhow::Result<()> {
        if !self.description().is_file() {
            return Ok(());
        }
        let advice =
            "the pages' types are not those of openapi.json: `cargo xtask ui --api` writes them again";
        self.npm(&["run", "--silent", "check-api"]).context(advice)
    }

    /// Runs the pages' own tests and shows each line of what they say; `None` when there are none.
    ///
    /// # Errors
    /// When npm cannot be started.
    pub fn test(&self, mut see: impl FnMut(&str)) -> anyhow::Result<Option<bool>> {
        let text = std::fs::read_to_string(self.folder.join("package.json"))?;
        let package: serde_json::Value = serde_json::from_str(&text).context("package.json")?;
        if !package["scripts"]["test"].is_string() {
            return Ok(None);
        }
        let mut npm = self.node.npm();
        npm.current_dir(&self.folder).args(["test", "--silent"]).env("NO_COLOR", "1");
        Ok(Some(process::run_watched(&mut npm, |line| see(line))?.success()))
    }

    /// Whether the description of the interface that the pages were written for is the program's; what to do if not.
    ///
    /// # Errors
    /// When the program does not tell.
    pub fn check_description(workspace: &Workspace, programs: &Programs) -> anyhow::Result<()> {
        let file = workspace.root.join("crates/desk/ui/openapi.json");
        if !file.is_file() {
            return Ok(());
        }
        let written = std::fs::read_to_string(&file).context("failed to read openapi.json")?;
        anyhow::ensure!(
            written == described(programs)?,
            "crates/desk/ui/openapi.json is not what `careline-desk openapi` prints: the interface changed. Write it \
             again with `cargo xtask ui --api`, look at what changed in the pages' types, and commit both"
        );
        Ok(())
    }

    fn description(&self) -> PathBuf {
        self.folder.join("openapi.json")
    }

    fn npm(&self, words: &[&str]) -> anyhow::Result<()> {
        process::run(self.node.npm().current_dir(&self.folder).args(words))
    }

    /// Does `work` unless the stamp of this name says that it was done for the same digest.
    fn unless_stamped(
        &self,
        name: &str,
        digest: &str,
        there: bool,
        work: impl FnOnce() -> anyhow::Result<()>,
    ) -> anyhow::Result<()> {
        let stamp = self.stamps.join(name);
        if there && std::fs::read_to_string(&stamp).is_ok_and(|stamped| stamped == digest) {
            return Ok(());
        }
        work()?;
        std::fs::write(&stamp, digest).with_context(|| format!("failed to write {}", stamp.display()))
    }
}

fn described(programs: &Programs) -> anyhow::Result<String> {
    process::output(programs.command("careline-desk").arg("openapi"))
}

/// One digest over names and contents of all sources.
fn digest(folder: &Path) -> anyhow::Result<String> {
    let mut files = Vec::new();
    collect(folder, &mut files).with_context(|| format!("failed to read {}", folder.display()))?;
    files.sort();
    let mut digest = Sha256::new();
    for file in files {
        let bytes = std::fs::read(&file).with_context(|| format!("failed to read {}", file.display()))?;
        let name = file.strip_prefix(folder).unwrap_or(&file).to_string_lossy().into_owned();
        digest.update(name.as_bytes());
        digest.update([0]);
        digest.update((bytes.len() as u64).to_be_bytes());
        digest.update(&bytes);
    }
    Ok(hex::encode(digest.finalize()))
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let entry = entry?;
        let made = MADE.iter().any(|made| entry.file_name() == *made);
        match entry.file_type()? {
            kind if kind.is_dir() && !made => collect(&entry.path(), files)?,
            kind if kind.is_file() => files.push(entry.path()),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::digest;

    #[test]
    fn only_sources_make_the_digest() {
        let folder = tempfile::tempdir().expect("a folder");
        let write = |path: &str, text: &str| {
            let file = folder.path().join(path);
            std::fs::create_dir_all(file.parent().expect("a folder")).expect("made");
            std::fs::write(file, text).expect("written");
        };
        write("src/main.ts", "1");
        let first = digest(folder.path()).expect("a digest");
        write("dist/index.html", "made");
        write("node_modules/vue/index.js", "installed");
        assert_eq!(digest(folder.path()).expect("a digest"), first);
        write("src/main.ts", "2");
        assert_ne!(digest(folder.path()).expect("a digest"), first);
    }
}

//! Where things are: the root of the workspace and the folder cargo builds into.

use anyhow::Context;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The workspace this program was built from.
#[derive(Debug, Clone)]
pub struct Workspace {
    /// Its root.
    pub root: PathBuf,
    /// Cargo's target folder: `CARGO_TARGET_DIR` or `target` in the root.
    pub target: PathBuf,
}

impl Workspace {
    /// Finds it from the folder of this crate.
    ///
    /// # Errors
    /// When the sources this program was built from are gone.
    pub fn find() -> anyhow::Result<Self> {
        let root =
            Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).context("crates/xtask has a root")?;
        anyhow::ensure!(root.join("Cargo.toml").is_file(), "{} is no longer there", root.display());
        let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), PathBuf::from);
        let target = if target.is_absolute() { target } else { root.join(target) };
        Ok(Self { root: root.into(), target })
    }

    /// A cargo command in the root, without what the outer `cargo run` told this program about itself.
    #[must_use]
    pub fn cargo(&self) -> Command {
        let mut command = Command::new(std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
        command.current_dir(&self.root);
        for (name, _) in std::env::vars_os() {
            let about_us = ["CARGO_PKG_", "CARGO_MANIFEST_", "CARGO_BIN_NAME", "LD_LIBRARY_PATH"];
            if about_us.iter().any(|prefix| name.to_string_lossy().starts_with(prefix)) {
                command.env_remove(name);
            }
        }
        command
    }

    /// An empty folder of its own under the target folder, named after the task and this process.
    ///
    /// # Errors
    /// When it cannot be made.
    pub fn fresh_dir(&self, task: &str) -> anyhow::Result<PathBuf> {
        let dir = self.target.join(task).join(std::process::id().to_string());
        if dir.exists() {
            std::fs::remove_dir_all(&dir).with_context(|| format!("failed to empty {}", dir.display()))?;
        }
        std::fs::create_dir_all(&dir).with_context(|| format!("failed to make {}", dir.display()))?;
        Ok(dir)
    }
}

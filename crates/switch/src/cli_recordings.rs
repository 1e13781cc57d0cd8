//! `careline-switch recordings verify`: is every recording still what was recorded?

use crate::{keeping, startup};
use anyhow::bail;
use careline_media::archive::day_folders;
use std::io::Write;
use std::path::{Path, PathBuf};

/// What to do with recordings.
#[derive(Debug, clap::Subcommand)]
pub enum RecordingsCommand {
    /// Check each day's manifest and the files that it names, here and in the archive.
    Verify(VerifyArgs),
}

/// Which recordings.
#[derive(Debug, clap::Args)]
pub struct VerifyArgs {
    /// The configuration file; relative paths in it are relative to its folder.
    #[arg(long, env = "CARELINE_SWITCH_CONFIG", default_value = "config/switch.toml")]
    pub config: PathBuf,
    /// Looks for recordings here instead of where the configuration says.
    #[arg(long, env = "CARELINE_RUN_DIR")]
    pub run_dir: Option<PathBuf>,
    /// Only this day, YYYY-MM-DD.
    #[arg(long)]
    pub day: Option<String>,
}

/// Checks and tells, a line a day and one for each problem.
///
/// # Errors
/// When something is not as it was recorded, or the day has no recordings.
pub fn run(command: &RecordingsCommand, out: &mut impl Write) -> anyhow::Result<()> {
    let RecordingsCommand::Verify(args) = command;
    let loaded = startup::load(&args.config, args.run_dir.as_deref(), startup::Which::Holding)?;
    let config = keeping::config(&loaded);
    verify(&config.recordings, config.directory.as_deref(), args.day.as_deref(), out)
}

fn verify(
    root: &Path,
    archive: Option<&Path>,
    day: Option<&str>,
    out: &mut impl Write,
) -> anyhow::Result<()> {
    let mut days = day_folders(root);
    if let Some(day) = day {
        let wanted = root.join(day.replace('-', "/"));
        days.retain(|folder| *folder == wanted);
        if days.is_empty() {
            bail!("there are no recordings of {day} (a day is written YYYY-MM-DD) in {}", root.display());
        }
    }
    let mut problems = 0;
    for folder in days {
        let verified = careline_media::verify(&folder, archive);
        let name = folder.strip_prefix(root).unwrap_or(&folder).display().to_string().replace('/', "-");
        let count = verified.problems.len();
        writeln!(out, "{name}  good {}  deleted {}  problems {count}", verified.good, verified.deleted)?;
        for problem in verified.problems {
            writeln!(out, "  {problem}")?;
        }
        problems += count;
    }
    if problems > 0 {
        bail!("{problems} problems");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_closed_recording_without_a_line_is_told_with_its_day() {
        let root = tempfile::tempdir().unwrap();
        let day = root.path().join("2026/03/01");
        std::fs::create_dir_all(&day).unwrap();
        let mut out = Vec::new();
        verify(root.path(), None, None, &mut out).unwrap();
        std::fs::write(day.join("x-1.json"), r#"{"id":"x-1","state":"finished"}"#).unwrap();
        let error = verify(root.path(), None, Some("2026-03-01"), &mut out).unwrap_err();
        let told = String::from_utf8(out).unwrap();
        assert!(told.contains("2026-03-01  good 0  deleted 0  problems 1"), "{told}");
        assert!(told.contains("x-1.wav: closed, but the manifest does not name it"), "{told}");
        assert_eq!(error.to_string(), "1 problems");
        assert!(verify(root.path(), None, Some("2026-03-02"), &mut Vec::new()).is_err());
    }
}

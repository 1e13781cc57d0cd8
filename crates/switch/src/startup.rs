//! From files to a checked plan: everything is read and judged before a port is opened.

use crate::transport::{Certificates, TlsFiles};
use anyhow::{Context, bail};
use careline_media::Prompts;
use careline_model::config::{self, Plan};
use std::path::{Path, PathBuf};
use std::sync::Arc;

/// Said before the echo test; the one prompt that no flow names.
const ECHO_INTRO: &str = "echo-intro";

/// A configuration in which every reference holds, and where its files are.
pub struct Loaded {
    /// The tables.
    pub plan: Arc<Plan>,
    /// The prompts, encoded.
    pub prompts: Arc<Prompts>,
    /// Where recordings go.
    pub recordings: PathBuf,
    /// Where old recordings go.
    pub archive: Option<PathBuf>,
    /// The journal's file.
    pub journal: PathBuf,
    /// Our certificate, and whom we trust.
    pub certificates: Arc<Certificates>,
}

/// Reads the configuration, its flows and its prompts. Relative paths in it are relative to its own folder, unless a
/// run directory takes the recordings and the journal.
///
/// # Errors
/// Everything that is wrong, one line each: file, line, key, and what is allowed.
pub fn load(file: &Path, run_dir: Option<&Path>) -> anyhow::Result<Loaded> {
    let name = file.display().to_string();
    let text = read(file)?;
    let mut config = config::parse(&text, &name)?;
    let base = file.parent().unwrap_or(Path::new("."));
    let secrets: Vec<String> = config.password_files().map(str::to_owned).collect();
    for path in secrets {
        let secret = read(&base.join(&path)).with_context(|| format!("{name}: password_file"))?;
        config.give_password(&path, secret.trim());
    }
    let flows = load_flows(&base.join(config.flows.directory.get_ref()))?;
    let prompts_dir = base.join(config.prompts.directory.get_ref());
    let (language, others) = (config.prompts.language.get_ref(), &config.prompts.others);
    let others: Vec<&String> = others.iter().map(|other| other.get_ref()).collect();
    let prompts = Prompts::load_languages(&prompts_dir, language, &others).with_context(|| {
        format!("{name}: [prompts] directory, language and others name folders of {}", prompts_dir.display())
    })?;
    let exists = |prompt: &str| prompts.contains(prompt);
    if !exists(ECHO_INTRO) {
        let folder = prompts_dir.join(language);
        bail!("{}: prompt {ECHO_INTRO} is missing; the echo number needs it", folder.display());
    }
    let plan = config::check(&config, &flows, &exists).map_err(|errors| {
        let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
        anyhow::anyhow!("{}", lines.join("\n"))
    })?;
    let (recordings, journal) = match run_dir {
        Some(dir) => (dir.join("recordings"), dir.join("journal.db")),
        None => (base.join(&plan.recording.directory), base.join(&plan.journal.file)),
    };
    let files = plan.tls.as_ref().map(|tls| TlsFiles::new(tls, base));
    let certificates = Arc::new(Certificates::load(files).with_context(|| name.clone())?);
    let archive = plan.recording.archive.as_ref().map(|archive| base.join(&archive.directory));
    let (plan, prompts) = (Arc::new(plan), Arc::new(prompts));
    Ok(Loaded { certificates, plan, prompts, recordings, archive, journal })
}

fn load_flows(directory: &Path) -> anyhow::Result<Vec<config::FlowConfig>> {
    let entries = std::fs::read_dir(directory)
        .with_context(|| format!("failed to read the flows directory {}", directory.display()))?;
    let mut files: Vec<PathBuf> = entries
        .filter_map(|entry| Some(entry.ok()?.path()))
        .filter(|path| path.extension().is_some_and(|extension| extension == "toml"))
        .collect();
    files.sort();
    if files.is_empty() {
        bail!("no flow (*.toml) in {}", directory.display());
    }
    let mut flows = Vec::new();
    for file in files {
        flows.push(config::parse_flow(&read(&file)?, &file.display().to_string())?);
    }
    Ok(flows)
}

fn read(file: &Path) -> anyhow::Result<String> {
    std::fs::read_to_string(file).with_context(|| format!("failed to read {}", file.display()))
}

/// What was read, in one line.
#[must_use]
pub fn summary(plan: &Plan) -> String {
    format!(
        "{} lines, {} flows, {} queues, {} agents, {} trunks",
        plan.lines.len(),
        plan.flows.len(),
        plan.queues.len(),
        plan.agents.len(),
        plan.trunks.len()
    )
}

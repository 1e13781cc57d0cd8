//! From files to a checked plan: everything is read and judged before a port is opened.

use crate::configuration::machine::{CENTRE, FLOWS, Machine};
use crate::configuration::store::{Files, Store, Version};
use crate::configuration::{Configuration, Found, find};
use crate::transport::{Certificates, TlsFiles};
use anyhow::{Context, bail};
use careline_media::Prompts;
use careline_model::config::{self, ConfigError, Plan};
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
    /// The versions of what is not the machine's.
    pub configuration: Arc<Configuration>,
    /// Which of them holds, and what is still to be written about it.
    pub found: Found,
}

/// Which configuration is looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    /// The version that holds: the last one that was accepted, or the files before the first start.
    Holding,
    /// The files, whatever was published since.
    Files,
}

/// Reads the configuration, its flows and its prompts. Relative paths in it are relative to its own folder, unless a
/// run directory takes the recordings and the journal.
///
/// # Errors
/// Everything that is wrong, one line each: file, line, key, and what is allowed.
pub fn load(file: &Path, run_dir: Option<&Path>, which: Which) -> anyhow::Result<Loaded> {
    let name = file.display().to_string();
    let text = read(file)?;
    let mut config = config::parse(&text, &name)?;
    let base = file.parent().unwrap_or(Path::new("."));
    let secrets: Vec<String> = config.password_files().map(str::to_owned).collect();
    for path in secrets {
        let secret = read(&base.join(&path)).with_context(|| format!("{name}: password_file"))?;
        config.give_password(&path, secret.trim());
    }
    let flows_written = read_flows(&base.join(config.flows.directory.get_ref()))?;
    let prompts_dir = base.join(config.prompts.directory.get_ref());
    let (language, others) = (config.prompts.language.get_ref(), &config.prompts.others);
    let others: Vec<&String> = others.iter().map(|other| other.get_ref()).collect();
    let prompts = Prompts::load_languages(&prompts_dir, language, &others).with_context(|| {
        format!("{name}: [prompts] directory, language and others name folders of {}", prompts_dir.display())
    })?;
    let prompts = Arc::new(prompts);
    let exists = |prompt: &str| prompts.contains(prompt);
    if !exists(ECHO_INTRO) {
        let folder = prompts_dir.join(language);
        bail!("{}: prompt {ECHO_INTRO} is missing; the echo number needs it", folder.display());
    }
    let journal = match run_dir {
        Some(dir) => dir.join("journal.db"),
        None => base.join(config.journal.file.get_ref()),
    };
    let store = Store::beside(&journal);
    let mut files = Files::from([(CENTRE.to_owned(), config::centre_part(&text, &name)?)]);
    for (path, text) in &flows_written {
        let flow = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        files.insert(format!("{FLOWS}{flow}"), text.clone());
    }
    let now_us = careline_daemon::Clock::start().now().wall_us;
    let found = find(&store, files.clone(), now_us)?;
    let machine = Machine { config: config.clone(), base: base.to_path_buf(), prompts: Arc::clone(&prompts) };
    let holds_files = which == Which::Files || found.is_new.is_some() || found.kept.files == files;
    let plan = if holds_files {
        let flows = flows_written.iter();
        let flows = flows.map(|(path, text)| config::parse_flow(text, &path.display().to_string()));
        let flows = flows.collect::<Result<Vec<_>, _>>()?;
        config::check(&config, &flows, &exists).map_err(|errors| told(&errors))?
    } else {
        holding(&machine, &found).with_context(|| name.clone())?
    };
    let recordings = match run_dir {
        Some(dir) => dir.join("recordings"),
        None => base.join(&plan.recording.directory),
    };
    let files = plan.tls.as_ref().map(|tls| TlsFiles::new(tls, base));
    let certificates = Arc::new(Certificates::load(files).with_context(|| name.clone())?);
    let archive = plan.recording.archive.as_ref().map(|archive| base.join(&archive.directory));
    let plan = Arc::new(plan);
    let configuration = Configuration::new(machine, store, found.kept.clone(), Arc::clone(&plan));
    let configuration = Arc::new(configuration);
    Ok(Loaded { certificates, plan, prompts, recordings, archive, journal, configuration, found })
}

/// The version that holds, on the machine as it is now.
fn holding(machine: &Machine, found: &Found) -> anyhow::Result<Plan> {
    let Version { version, by, .. } = &found.kept.version;
    machine.check(&found.kept.files, &format!("version {version}, ")).map_err(|errors| {
        told(&errors).context(format!(
            "version {version} of the configuration, published by {by}, does not hold on this machine any more; mend the \
             machine, or take its files instead: `careline-switch config import --stopped JOURNAL`"
        ))
    })
}

fn told(errors: &[ConfigError]) -> anyhow::Error {
    let lines: Vec<String> = errors.iter().map(ToString::to_string).collect();
    anyhow::anyhow!("{}", lines.join("\n"))
}

fn read_flows(directory: &Path) -> anyhow::Result<Vec<(PathBuf, String)>> {
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
    files
        .into_iter()
        .map(|file| {
            let text = read(&file)?;
            Ok((file, text))
        })
        .collect()
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

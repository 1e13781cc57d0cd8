//! What configurations are checked on: the machine's tables of the file, the prompts that were loaded, the folder of
//! password files.

use super::store::Files;
use careline_media::Prompts;
use careline_model::config::{self, ConfigError, FlowConfig, Plan, SwitchConfig, without_machine};
use std::path::PathBuf;
use std::sync::Arc;

/// The name of the file with everything but flows.
pub const CENTRE: &str = "centre.toml";
/// What names of flows begin with.
pub const FLOWS: &str = "flows/";
/// Files of one version.
pub const FILES_MAX: usize = 200;
/// Bytes of all files of one version.
pub const BYTES_MAX: usize = 4 * 1024 * 1024;
/// Bytes of a file's name.
const NAME_MAX: usize = 100;

/// The machine.
#[derive(Debug)]
pub struct Machine {
    /// Its file, parsed; the call centre's tables in it are not looked at.
    pub config: SwitchConfig,
    /// What relative paths are relative to.
    pub base: PathBuf,
    /// The prompts that there are.
    pub prompts: Arc<Prompts>,
}

impl Machine {
    /// Checks a call centre on this machine, by the rules of a start.
    ///
    /// # Errors
    /// All mistakes of all files. `label` stands before the files' names in them.
    pub fn check(&self, files: &Files, label: &str) -> Result<Plan, Vec<ConfigError>> {
        let named = |name: &str| format!("{label}{name}");
        let Some(text) = files.get(CENTRE) else {
            let what = "is missing".to_owned();
            let allowed = Some("a file with queues, agents, lines, ...; it may be short".to_owned());
            let error =
                ConfigError { file: named(CENTRE).into(), line: 1, key: CENTRE.to_owned(), what, allowed };
            return Err(vec![error]);
        };
        without_machine(text, &named(CENTRE))?;
        let mut errors = Vec::new();
        let centre = config::parse(text, &named(CENTRE)).map_err(|error| errors.push(error)).ok();
        let flows: Vec<FlowConfig> = files
            .iter()
            .filter(|(name, _)| name.starts_with(FLOWS))
            .filter_map(|(name, text)| {
                config::parse_flow(text, &named(name)).map_err(|error| errors.push(error)).ok()
            })
            .collect();
        let Some(mut centre) = centre.filter(|_| errors.is_empty()) else { return Err(errors) };
        self.read_passwords(&mut centre);
        config::check(&centre.on_machine(&self.config), &flows, &|prompt| self.prompts.contains(prompt))
    }

    /// A file that cannot be read is told by the check, which misses its text.
    fn read_passwords(&self, config: &mut SwitchConfig) {
        let paths: Vec<String> = config.password_files().map(str::to_owned).collect();
        for path in paths {
            if let Ok(text) = std::fs::read_to_string(self.base.join(&path)) {
                config.give_password(&path, text.trim());
            }
        }
    }
}

/// Whether files may be kept at all.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn acceptable(files: &Files) -> Result<(), String> {
    if files.len() > FILES_MAX {
        return Err(format!("files: {} are too many; allowed: up to {FILES_MAX}", files.len()));
    }
    let bytes: usize = files.values().map(String::len).sum();
    if bytes > BYTES_MAX {
        return Err(format!("files: {bytes} bytes are too many; allowed: up to {BYTES_MAX}"));
    }
    files.keys().try_for_each(|name| known_name(name))
}

/// Whether a file may be called so: no path leads out of the configuration.
///
/// # Errors
/// A sentence that says what is allowed.
pub fn known_name(name: &str) -> Result<(), String> {
    let good = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_' | '.');
    let flow = name.strip_prefix(FLOWS).and_then(|rest| rest.strip_suffix(".toml"));
    let is_flow = flow.is_some_and(|rest| !rest.is_empty() && rest.chars().all(good));
    if name.len() <= NAME_MAX && (name == CENTRE || is_flow) {
        return Ok(());
    }
    let shown: String = name.chars().take(NAME_MAX).collect();
    Err(format!(
        "files: `{shown}` is no name of a file; allowed: {CENTRE}, {FLOWS}<letters, digits, - _ .>.toml"
    ))
}

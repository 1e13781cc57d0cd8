//! The configuration of a running switch: which version holds, and how another one comes to hold.
//!
//! ```text
//! files at the first start --> version 1        published by somebody --> check --> disk --> driver --> version n + 1
//! files changed later      --> next version, as long as what holds came from a file; else a draft, which is told
//! ```
//!
//! Which one wins: of the machine's tables always the file that the switch is started with; of all else the last version
//! that was accepted. What it is not: it applies nothing; the driver does, between two wake-ups.

pub mod machine;
pub mod secrets;
pub mod store;

use anyhow::Context;
use careline_model::config::{ConfigError, Plan, changes};
use careline_model::event::{ConfigChange, EventBody};
use machine::{CENTRE, Machine};
use std::io;
use std::sync::Arc;
use store::{Files, Kept, Store, Version};
use tokio::sync::{Mutex, MutexGuard};

/// Who published what was read from files at a start.
pub const BY_FILE: &str = "file";
/// Changes that an event lists.
const CHANGES_MAX: usize = 200;

/// The configuration. Shared by all who ask for it.
#[derive(Debug)]
pub struct Configuration {
    /// What it is checked on.
    pub machine: Machine,
    /// Where versions are.
    pub store: Store,
    holds: Mutex<Holds>,
}

/// What holds. Whoever has it locked is the only one who publishes.
#[derive(Debug)]
pub struct Holds {
    /// The version with its files.
    pub kept: Kept,
    /// What it means.
    pub plan: Arc<Plan>,
}

/// What a start found.
#[derive(Debug)]
pub struct Found {
    /// What holds.
    pub kept: Kept,
    /// It is new: to be written, and told. With the version before, if there was one.
    pub is_new: Option<Option<Kept>>,
    /// The files differ from those that were seen last and do not hold: they are a draft.
    pub draft: Option<Kept>,
    /// The files as they are, when they are to be noted.
    pub seen: Option<Files>,
}

/// Decides which version holds at a start. Nothing is written.
///
/// # Errors
/// When the versions cannot be read.
pub fn find(store: &Store, files: Files, now_us: i64) -> io::Result<Found> {
    let by_file = |version: u64, comment: &str| Kept {
        version: Version {
            version,
            at_us: now_us,
            by: BY_FILE.to_owned(),
            comment: comment.to_owned(),
            rolled_back_to: None,
        },
        files: files.clone(),
    };
    let Some(latest) = store.latest()? else {
        let kept = by_file(1, "the files at the first start");
        return Ok(Found { kept, is_new: Some(None), draft: None, seen: Some(files) });
    };
    let unseen = store.seen()?.as_ref() != Some(&files);
    if !unseen || latest.files == files {
        return Ok(Found { kept: latest, is_new: None, draft: None, seen: unseen.then_some(files) });
    }
    if latest.version.by == BY_FILE {
        let kept = by_file(latest.version.version + 1, "the files were changed");
        return Ok(Found { kept, is_new: Some(Some(latest)), draft: None, seen: Some(files) });
    }
    let draft = by_file(latest.version.version, "the files were changed after somebody published");
    Ok(Found { kept: latest, is_new: None, draft: Some(draft), seen: Some(files) })
}

impl Configuration {
    /// The configuration as a start found it.
    #[must_use]
    pub fn new(machine: Machine, store: Store, kept: Kept, plan: Arc<Plan>) -> Self {
        Self { machine, store, holds: Mutex::new(Holds { kept, plan }) }
    }

    /// What holds; nobody publishes while it is looked at.
    pub async fn holds(&self) -> MutexGuard<'_, Holds> {
        self.holds.lock().await
    }

    /// Writes what a start found, and gives the event that tells of a version that is new.
    ///
    /// # Errors
    /// When the disk refuses.
    pub fn begin(&self, found: &Found, plan: &Plan) -> anyhow::Result<Option<EventBody>> {
        let mut told = None;
        if let Some(before) = &found.is_new {
            self.store.write(&found.kept).context("failed to keep the configuration")?;
            // A version that does not hold on this machine any more cannot be compared.
            let before = before.as_ref().and_then(|kept| self.machine.check(&kept.files, "").ok());
            let changes = before.map(|before| changes(&before, plan)).unwrap_or_default();
            told = Some(applied(&found.kept.version, &changes));
        }
        if let Some(draft) = &found.draft {
            self.store.set_draft(Some(draft)).context("failed to keep the changed files as a draft")?;
            let version = found.kept.version.version;
            tracing::warn!(
                version,
                by = found.kept.version.by,
                "the configuration files were changed after somebody published: the published version holds, and the \
                 files are a draft; `careline-switch config import --publish` takes them"
            );
        }
        if let Some(seen) = &found.seen {
            self.store.set_seen(seen).context("failed to note the configuration files")?;
        }
        Ok(told)
    }

    /// The files that hold with changes: those that are put, `whole` instead of all others. A file without text is taken
    /// out; passwords that were hidden from the reader are put back.
    #[must_use]
    pub fn changed(current: &Files, put: Files, whole: bool) -> Files {
        let mut files = if whole { Files::new() } else { current.clone() };
        for (name, text) in put {
            if text.trim().is_empty() && name != CENTRE {
                files.remove(&name);
                continue;
            }
            let before = current.get(&name).map(String::as_str).unwrap_or_default();
            let text = if name == CENTRE { secrets::unmask(&text, before) } else { text };
            files.insert(name, text);
        }
        files
    }

    /// Checks files as they would be published.
    ///
    /// # Errors
    /// All that is wrong with them.
    pub fn check(&self, files: &Files) -> Result<Arc<Plan>, Vec<ConfigError>> {
        self.machine.check(files, "").map(Arc::new)
    }
}

/// The event that tells of a version.
#[must_use]
pub fn applied(version: &Version, changes: &[ConfigChange]) -> EventBody {
    let more = changes.len().saturating_sub(CHANGES_MAX);
    EventBody::ConfigurationApplied {
        version: version.version,
        by: version.by.clone(),
        comment: version.comment.clone(),
        changes: changes.iter().take(CHANGES_MAX).cloned().collect(),
        more: u32::try_from(more).unwrap_or(u32::MAX),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn files(text: &str) -> Files {
        Files::from([(CENTRE.to_owned(), text.to_owned())])
    }

    fn store() -> (tempfile::TempDir, Store) {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::beside(&folder.path().join("journal.db"));
        (folder, store)
    }

    fn start(store: &Store, text: &str) -> Found {
        let found = find(store, files(text), 5).unwrap();
        if found.is_new.is_some() {
            store.write(&found.kept).unwrap();
        }
        found.seen.iter().for_each(|seen| store.set_seen(seen).unwrap());
        found
    }

    fn publish(store: &Store, version: u64, text: &str) {
        let version =
            Version { version, at_us: 6, by: "wang".into(), comment: String::new(), rolled_back_to: None };
        store.write(&Kept { version, files: files(text) }).unwrap();
    }

    #[test]
    fn the_files_are_the_first_version_and_their_changes_the_next_ones() {
        let (_folder, store) = store();
        assert_eq!(start(&store, "a").kept.version.version, 1);
        assert_eq!(start(&store, "a").kept.version.version, 1, "nothing was changed");
        let changed = start(&store, "b");
        assert_eq!((changed.kept.version.version, changed.kept.files), (2, files("b")));
        assert!(changed.draft.is_none());
    }

    #[test]
    fn what_was_published_wins_over_files_and_these_become_a_draft_once() {
        let (_folder, store) = store();
        start(&store, "a");
        publish(&store, 2, "c");
        let same = start(&store, "a");
        assert_eq!((same.kept.files, same.draft), (files("c"), None));
        let changed = start(&store, "b");
        assert_eq!(changed.kept.files, files("c"), "what was published holds");
        assert_eq!(changed.draft.unwrap().files, files("b"));
        assert!(start(&store, "b").draft.is_none(), "it is told once");
    }

    #[test]
    fn the_newest_versions_are_kept_and_a_broken_one_is_told() {
        let (folder, store) = store();
        for version in 1..=store::VERSIONS_MAX as u64 + 3 {
            publish(&store, version, "x");
        }
        let numbers = store.numbers().unwrap();
        assert_eq!((numbers.len(), numbers[0]), (store::VERSIONS_MAX, 4));
        let broken = folder.path().join("configuration/99999999.json");
        std::fs::write(&broken, "{").unwrap();
        let error = store.latest().unwrap_err().to_string();
        assert!(error.contains("99999999.json"), "{error}");
    }

    #[test]
    fn put_files_replace_and_empty_ones_are_taken_out() {
        let mut current = files("[[agent]]\nid = \"1\"\npassword = \"p\"\n");
        current.insert("flows/a.toml".into(), "a".into());
        let mut put = files(&secrets::mask(&current[CENTRE]));
        put.insert("flows/a.toml".into(), String::new());
        put.insert("flows/b.toml".into(), "b".into());
        let changed = Configuration::changed(&current, put, false);
        assert_eq!(changed[CENTRE], current[CENTRE]);
        assert_eq!(changed.keys().collect::<Vec<_>>(), [CENTRE, "flows/b.toml"]);
    }

    #[test]
    fn names_that_lead_elsewhere_are_refused() {
        for name in ["switch.toml", "flows/../x.toml/.toml", "/etc/passwd", "flows/.toml", ""] {
            assert!(machine::known_name(name).is_err(), "{name}");
        }
        assert!(machine::known_name("flows/main.toml").is_ok());
        assert!(machine::known_name("flows/门诊.toml").is_ok());
    }
}

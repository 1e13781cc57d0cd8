//! What lies at the top of the repository, and paths that exist on one machine only.

use super::Finding;
use std::collections::BTreeSet;

/// Everything that may lie at the top, besides names that begin with a dot.
const TOP_LEVEL: &[&str] = &[
    "Cargo.toml",
    "Cargo.lock",
    "LICENSE",
    "README.md",
    "config",
    "crates",
    "deploy",
    "proto",
    "recordings",
    "tests",
];

/// Beginnings of paths that no other machine has; put together here so that this file does not contain them.
const OF_ONE_MACHINE: &[&str] =
    &[concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/"), concat!("/tmp/ba", "sh_jobs")];

/// Entries at the top that have no place there.
pub fn top_level(files: &[&str]) -> Vec<Finding> {
    let entries: BTreeSet<&str> = files.iter().filter_map(|path| path.split('/').next()).collect();
    entries
        .into_iter()
        .filter(|entry| !entry.starts_with('.') && !TOP_LEVEL.contains(entry))
        .map(|entry| Finding {
            rule: "top-level",
            file: entry.into(),
            line: 0,
            what: entry.into(),
            advice: "the top level is for newcomers: put it into crates, config, tests or deploy".into(),
        })
        .collect()
}

/// Lines with a path of one machine.
pub fn absolute_paths(path: &str, text: &str) -> Vec<Finding> {
    (1..)
        .zip(text.lines())
        .filter_map(|(line, words)| {
            let start = OF_ONE_MACHINE.iter().find(|start| begins_a_path(words, start))?;
            Some(Finding {
                rule: "absolute-path",
                file: path.into(),
                line,
                what: (*start).into(),
                advice: "a path of one machine".into(),
            })
        })
        .collect()
}

/// `target/home/x` is no such path: what stands before must not be part of a longer one.
fn begins_a_path(words: &str, start: &str) -> bool {
    words.match_indices(start).any(|(at, _)| {
        !words[..at]
            .ends_with(|c: char| c.is_alphanumeric() || matches!(c, '_' | '-' | '.' | '/' | '}' | '>'))
    })
}

#[cfg(test)]
mod tests {
    use super::{absolute_paths, top_level};

    #[test]
    fn the_top_level_stays_small() {
        let found = top_level(&["Cargo.toml", ".ci/run", "crates/a/Cargo.toml", "tools/x.py", "tools/y.py"]);
        assert_eq!(found.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), ["tools"]);
    }

    #[test]
    fn paths_of_one_machine_are_found_where_they_begin() {
        let path = concat!("cd /ho", "me/ann/careline");
        assert_eq!(absolute_paths("README.md", path).len(), 1);
        assert!(absolute_paths("README.md", concat!("$HOME/ho", "me/x and target/wo", "rk/y")).is_empty());
    }
}

//! The house rules that no compiler knows: who may depend on whom, no clock in pure crates, sizes, names.
//!
//! Text is judged with comments and strings blanked ([`blank`]), line by line and by matching braces: quick and good
//! enough, because whatever it cannot see is seen by a reader. Exceptions stand in `allowed.toml` with their reason;
//! one that is no longer needed is itself a finding, so the list only shrinks.

mod allowed;
mod blank;
mod functions;
mod graph;
mod layout;
mod lines;
mod source;

use crate::process;
use crate::workspace::Workspace;
use allowed::Allowed;
use source::Source;
use std::fmt;
use std::process::Command;

/// One offence against one rule.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Finding {
    /// The rule's name, as in `allowed.toml`.
    rule: &'static str,
    /// Path from the root.
    file: String,
    /// From 1; 0 when it is about the whole file.
    line: usize,
    /// The name or text it is about; exceptions may name it.
    what: String,
    /// What the rule wants.
    advice: String,
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { rule, file, line, what, advice } = self;
        write!(f, "{file}:{line}: [{rule}] {what}: {advice}")
    }
}

/// Checks all rules; `false` when one is broken.
///
/// # Errors
/// When the workspace cannot be read.
pub fn tidy(workspace: &Workspace) -> anyhow::Result<bool> {
    let list = process::output(Command::new("git").current_dir(&workspace.root).args([
        "-c",
        "safe.directory=*", // a checkout may belong to somebody else, as in a container
        "ls-files",
        "-z",
        "--cached",
        "--others",
        "--exclude-standard",
    ]))?;
    let files: Vec<&str> = list.split('\0').filter(|path| !path.is_empty()).collect();
    let metadata = process::output(workspace.cargo().args([
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--offline",
        "--quiet",
    ]))?;

    let mut findings = graph::check(&metadata)?;
    findings.extend(layout::top_level(&files));
    let mut long = Vec::new();
    for path in files {
        // Binary files and files that were just removed are not text to be judged.
        let Ok(text) = std::fs::read_to_string(workspace.root.join(path)) else { continue };
        findings.extend(layout::absolute_paths(path, &text));
        findings.extend(lines::page_length(path, &text));
        if path.ends_with(".rs") {
            let source = Source::new(path, &text);
            findings.extend(lines::check(&source));
            findings.extend(functions::check(&source));
            long.extend(lines::long(&source));
        }
    }

    let allowed = Allowed::read(include_str!("allowed.toml"))?;
    let findings = allowed.apply(findings);
    for note in &long {
        println!("note: {note}");
    }
    for finding in &findings {
        println!("{finding}");
    }
    println!(
        "tidy: {}",
        if findings.is_empty() { "nothing to complain about".into() } else { count(findings.len()) }
    );
    Ok(findings.is_empty())
}

fn count(findings: usize) -> String {
    format!("{findings} finding{}", if findings == 1 { "" } else { "s" })
}

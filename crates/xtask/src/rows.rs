//! Which story proves which row of the specification. A row names its stories, or says why it is left out; a story that is
//! named and did not pass fails the part that it belongs to.

use anyhow::{Context, ensure};
use serde::Deserialize;
use std::collections::{BTreeMap, BTreeSet};

/// The table.
const TABLE: &str = include_str!("rows.toml");
/// The test program of a crate that has many files of stories; linked as one, for each program costs seconds.
const STORIES: &str = "stories";
/// Chapters with the number of their rows: IVR, queues, agents, callbacks, voicemail, transfers and conferences,
/// supervisors, surveys, outbound, what users complain of; and the acceptance checks of the desk: patients and pops, identity,
/// rights, HL7, FHIR, files.
const CHAPTERS: [(&str, u32); 16] = [
    ("B", 15),
    ("C", 36),
    ("D", 16),
    ("E", 9),
    ("F", 7),
    ("G", 11),
    ("H", 8),
    ("J", 4),
    ("K", 15),
    ("T", 25),
    ("AC-P-", 9),
    ("AC-I-", 8),
    ("AC-S12-", 8),
    ("AC-H-", 9),
    ("AC-FH-", 4),
    ("AC-CSV-", 5),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Row {
    /// `<folder>/<file>::<name>` of each story, the folder being the last one of its path, the file a test program or a
    /// module of the program [`STORIES`].
    #[serde(default)]
    stories: Vec<String>,
    /// Why no story proves it, or not all of it.
    left_out: Option<String>,
}

/// The rows, by chapter and number.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub struct Rows(BTreeMap<String, Row>);

impl Rows {
    /// Reads the table.
    ///
    /// # Errors
    /// When a row is missing, is unknown, or neither names a story nor says why.
    pub fn read() -> anyhow::Result<Self> {
        Self::parse(TABLE)
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let rows: Self = toml::from_str(text).context("rows.toml")?;
        let all: BTreeSet<String> = CHAPTERS
            .iter()
            .flat_map(|(chapter, rows)| (1..=*rows).map(move |row| format!("{chapter}{row}")))
            .collect();
        for id in &all {
            let row = rows.0.get(id).with_context(|| format!("rows.toml: row {id} is missing"))?;
            let reason = row.left_out.as_ref().is_some_and(|reason| !reason.trim().is_empty());
            ensure!(
                reason || !row.stories.is_empty(),
                "rows.toml: row {id} has neither a story nor a reason"
            );
        }
        let unknown = rows.0.keys().find(|id| !all.contains(*id));
        ensure!(unknown.is_none(), "rows.toml: there is no row {unknown:?}");
        Ok(rows)
    }

    /// Stories of these folders that are named and did not pass, with their rows.
    pub fn not_told(&self, told: &Told) -> Vec<String> {
        let named = self.0.iter().flat_map(|(id, row)| row.stories.iter().map(move |story| (id, story)));
        let mine = named.filter(|(_, story)| {
            story.split_once('/').is_some_and(|(folder, _)| told.folders.contains(folder))
        });
        mine.filter(|(_, story)| !told.passed.contains(*story))
            .map(|(id, story)| format!("row {id}: {story}"))
            .collect()
    }

    /// How many rows have stories, and how many have none.
    pub fn counts(&self) -> (usize, usize) {
        let with = self.0.values().filter(|row| !row.stories.is_empty()).count();
        (with, self.0.len() - with)
    }
}

/// The stories that passed.
#[derive(Debug, Default)]
pub struct Told {
    folders: BTreeSet<String>,
    passed: BTreeSet<String>,
}

impl Told {
    /// A test program of a folder is about to run.
    pub fn begin(&mut self, folder: &str) {
        self.folders.insert(folder.to_owned());
    }

    /// A line that it printed.
    pub fn see(&mut self, folder: &str, program: &str, line: &str) {
        let name = line.strip_prefix("test ").and_then(|line| line.strip_suffix(" ... ok"));
        if let Some(name) = name {
            let file = if program == STORIES { String::new() } else { format!("{program}::") };
            self.passed.insert(format!("{folder}/{file}{name}"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Rows, Told};

    #[test]
    fn every_row_is_there_and_has_a_story_or_a_reason() {
        Rows::read().expect("the table is whole");
        let told = Rows::parse("[C1]\n").expect_err("most rows are missing").to_string();
        assert_eq!(told, "rows.toml: row AC-CSV-1 is missing");
    }

    #[test]
    fn a_story_that_is_named_and_not_told_is_found_and_one_of_another_part_is_not() {
        let rows: Rows =
            toml::from_str("[C1]\nstories = [\"callcentre/a::one\", \"e2e/b::two\"]\n").expect("it reads");
        let mut told = Told::default();
        told.begin("callcentre");
        assert_eq!(rows.not_told(&told), ["row C1: callcentre/a::one"]);
        told.see("callcentre", "a", "test one ... FAILED");
        assert_eq!(rows.not_told(&told).len(), 1);
        told.see("callcentre", "a", "test one ... ok");
        assert!(rows.not_told(&told).is_empty());
        let mut told = Told::default();
        told.begin("callcentre");
        told.see("callcentre", "stories", "test a::one ... ok");
        assert!(rows.not_told(&told).is_empty(), "a module of the one program");
    }
}

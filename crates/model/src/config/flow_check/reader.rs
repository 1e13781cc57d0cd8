//! Reads the keys of a node, or of a table within one: each key is asked for once, with what it may be, and what was
//! written and never asked for is a mistake.
//!
//! Every getter gives something back after a mistake, so that one look finds all of them; what came of it is not used.

use super::Check;
use crate::config::check::listed;
use crate::config::flow_value::{Table, Written};
use crate::config::plan::{Prompt, ValueKind};
use serde_spanned::Spanned;
use std::ops::Range;
use std::sync::Arc;
use std::time::Duration;

/// Longest name or label, in characters.
const NAME_CHARS_MAX: usize = 64;

/// One table on its way to what it means.
pub(super) struct Reader<'c, 'a, 'e> {
    pub(super) check: &'c mut Check<'a, 'e>,
    /// Keys from the file's root to this table.
    path: String,
    /// What the table is, for errors.
    is: String,
    table: &'a Table,
    /// Where a missing key would stand.
    span: Range<usize>,
    asked: Vec<&'static str>,
}

impl<'c, 'a, 'e> Reader<'c, 'a, 'e> {
    pub(super) fn new(
        check: &'c mut Check<'a, 'e>,
        (path, is): (String, String),
        table: &'a Table,
        span: Range<usize>,
    ) -> Self {
        Self { check, path, is, table, span, asked: Vec::new() }
    }

    /// A table of an array, or any table within this one.
    pub(super) fn within<'r>(
        &'r mut self,
        key: &str,
        is: &str,
        written: &'a Spanned<Written>,
    ) -> Option<Reader<'r, 'a, 'e>> {
        let Written::Table(table) = written.get_ref() else {
            self.wrong(written.span(), key, "is no table".into(), format!("{is} in braces"));
            return None;
        };
        let names = (format!("{}.{key}", self.path), is.to_owned());
        Some(Reader::new(&mut *self.check, names, table, written.span()))
    }

    pub(super) fn wrong(&mut self, span: Range<usize>, key: &str, what: String, allowed: impl Into<String>) {
        let key = format!("{}.{key}", self.path);
        self.check.wrong(span, &key, what, allowed.into());
    }

    /// A mistake about the table as a whole.
    pub(super) fn wrong_here(&mut self, key: &str, what: impl Into<String>, allowed: impl Into<String>) {
        self.wrong(self.span.clone(), key, what.into(), allowed);
    }

    /// What was written and is not known is told.
    pub(super) fn finish(mut self) {
        for (key, value) in self.table {
            let name = key.get_ref();
            if name != "kind" && !self.asked.contains(&name.as_str()) {
                let what = format!("is no key of {}", self.is);
                let allowed = self.asked.join(", ");
                self.wrong(key.span().start..value.span().end, name, what, allowed);
            }
        }
    }

    pub(super) fn is_written(&self, key: &str) -> bool {
        self.table.contains_key(key)
    }

    pub(super) fn optional(&mut self, key: &'static str) -> Option<&'a Spanned<Written>> {
        if !self.asked.contains(&key) {
            self.asked.push(key);
        }
        let table: &'a Table = self.table;
        table.get(key)
    }

    fn required(&mut self, key: &'static str, allowed: &str) -> Option<&'a Spanned<Written>> {
        let written = self.optional(key);
        if written.is_none() {
            let what = format!("is missing in {}", self.is);
            self.wrong_here(key, what, allowed);
        }
        written
    }

    /// A text, with its place.
    fn text_of(&mut self, key: &str, written: &'a Spanned<Written>, allowed: &str) -> Option<&'a str> {
        match written.get_ref() {
            Written::Text(text) => Some(text),
            _ => {
                self.wrong(written.span(), key, "is no text".into(), allowed);
                None
            }
        }
    }

    /// A text that has to be there.
    pub(super) fn text(&mut self, key: &'static str, allowed: &str) -> Option<(&'a str, Range<usize>)> {
        let written = self.required(key, allowed)?;
        Some((self.text_of(key, written, allowed)?, written.span()))
    }

    pub(super) fn optional_text(
        &mut self,
        key: &'static str,
        allowed: &str,
    ) -> Option<(&'a str, Range<usize>)> {
        let written = self.optional(key)?;
        Some((self.text_of(key, written, allowed)?, written.span()))
    }

    /// A name of ours, as a query's or a language's.
    pub(super) fn name(&mut self, key: &'static str, what: &str) -> Arc<str> {
        let allowed = format!("{what}: 1 to {NAME_CHARS_MAX} letters, digits, - _ .");
        let Some((text, span)) = self.text(key, &allowed) else { return "".into() };
        let good = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
        if text.is_empty() || text.len() > NAME_CHARS_MAX || !text.chars().all(good) {
            self.wrong(span, key, format!("`{text}` is no name"), allowed);
        }
        text.into()
    }

    /// A language that a call may have.
    pub(super) fn language(&mut self) -> Arc<str> {
        let prompts = self.check.known.prompts;
        let allowed = listed([&prompts.language].into_iter().chain(&prompts.others));
        let Some((tag, span)) = self.text("language", &allowed) else { return "".into() };
        if !prompts.has(tag) {
            self.wrong(span, "language", format!("language `{tag}` is not known"), allowed);
        }
        tag.into()
    }

    /// One of some words; the first one when it is not written.
    pub(super) fn word<T: Copy>(&mut self, key: &'static str, words: &[(&str, T)]) -> Option<T> {
        let allowed: Vec<&str> = words.iter().map(|(word, _)| *word).collect();
        let allowed = allowed.join(", ");
        let (text, span) = self.text(key, &allowed)?;
        let found = words.iter().find(|(word, _)| *word == text).map(|(_, value)| *value);
        if found.is_none() {
            self.wrong(span, key, format!("`{text}` is not known"), allowed);
        }
        found
    }

    pub(super) fn flag(&mut self, key: &'static str, default: bool) -> bool {
        match self.optional(key).map(|written| (written.get_ref(), written.span())) {
            None => default,
            Some((Written::Flag(flag), _)) => *flag,
            Some((_, span)) => {
                self.wrong(span, key, "is neither true nor false".into(), "true, false");
                default
            }
        }
    }

    fn whole(&mut self, key: &str, written: &Spanned<Written>, least: i64, most: i64) -> i64 {
        let allowed = format!("{least} to {most}");
        match written.get_ref() {
            Written::Whole(number) if (least..=most).contains(number) => *number,
            Written::Whole(number) => {
                self.wrong(written.span(), key, format!("{number} is out of range"), allowed);
                least
            }
            _ => {
                self.wrong(written.span(), key, "is no whole number".into(), allowed);
                least
            }
        }
    }

    pub(super) fn amount(&mut self, key: &'static str, default: u32, least: u32, most: u32) -> u32 {
        let Some(written) = self.optional(key) else { return default };
        u32::try_from(self.whole(key, written, i64::from(least), i64::from(most))).unwrap_or(least)
    }

    /// A whole number that has to be there.
    pub(super) fn needed_number(&mut self, key: &'static str, least: i64, most: i64) -> i64 {
        let Some(written) = self.required(key, &format!("{least} to {most}")) else { return least };
        self.whole(key, written, least, most)
    }

    pub(super) fn optional_number(&mut self, key: &'static str) -> Option<i64> {
        self.optional_within(key, i64::MIN, i64::MAX)
    }

    pub(super) fn optional_within(&mut self, key: &'static str, least: i64, most: i64) -> Option<i64> {
        let written = self.optional(key)?;
        Some(self.whole(key, written, least, most))
    }

    pub(super) fn seconds(&mut self, key: &'static str, default: u32, most: u32) -> Duration {
        Duration::from_secs(u64::from(self.amount(key, default, 1, most)))
    }

    /// One key of a phone that has to be there.
    pub(super) fn phone_key(&mut self, key: &'static str, default: Option<char>) -> Option<char> {
        const ALLOWED: &str = "one of 0-9 * #, or \"\" for none";
        let Some((text, span)) = self.optional_text(key, ALLOWED) else {
            return if self.is_written(key) { None } else { default };
        };
        let mut chars = text.chars();
        match (chars.next(), chars.next()) {
            (None, _) => None,
            (Some(only), None) if is_phone_key(only) => Some(only),
            _ => {
                self.wrong(span, key, format!("`{text}` is no key of a phone"), ALLOWED);
                None
            }
        }
    }

    /// A node of this flow that has to be named.
    pub(super) fn node(&mut self, key: &'static str) -> Arc<str> {
        match self.text(key, "the name of a node") {
            Some((name, span)) => self.target(key, name, span),
            None => "".into(),
        }
    }

    pub(super) fn optional_node(&mut self, key: &'static str) -> Option<Arc<str>> {
        let (name, span) = self.optional_text(key, "the name of a node")?;
        Some(self.target(key, name, span))
    }

    fn target(&mut self, key: &str, name: &str, span: Range<usize>) -> Arc<str> {
        self.check.target(&format!("{}.{key}", self.path), name, span)
    }

    /// A table of answers: each key one that a phone can send, each value a node.
    pub(super) fn answers(&mut self, key: &'static str, keys_max: usize) -> Vec<(String, Arc<str>)> {
        let Some(written) = self.required(key, "answers and nodes, as { 1 = \"queue\" }") else {
            return Vec::new();
        };
        let Written::Table(table) = written.get_ref() else {
            self.wrong(written.span(), key, "is no table".into(), "answers and nodes, as { 1 = \"queue\" }");
            return Vec::new();
        };
        if table.is_empty() {
            self.wrong_here(key, "a menu without answers", "at least one");
        }
        let mut answers = Vec::new();
        for (answer, node) in table {
            let text = answer.get_ref();
            if !(1..=keys_max).contains(&text.len()) || !text.chars().all(is_phone_key) {
                self.wrong(answer.span(), key, format!("`{text}` cannot be dialled"), "0-9 * #");
            }
            if let Some(name) = self.text_of(key, node, "the name of a node") {
                answers.push((text.clone(), self.target(key, name, node.span())));
            }
        }
        answers
    }

    /// The items of an array; nothing written is an empty one.
    fn list(&mut self, key: &str, written: Option<&'a Spanned<Written>>) -> &'a [Spanned<Written>] {
        match written.map(|written| (written.get_ref(), written.span())) {
            None => &[],
            Some((Written::List(list), _)) => list,
            Some((_, span)) => {
                self.wrong(span, key, "is no array".into(), "an array in brackets");
                &[]
            }
        }
    }

    /// An array of tables that has to have at least one.
    pub(super) fn tables<T>(
        &mut self,
        key: &'static str,
        (is, items_max): (&str, usize),
        mut read: impl FnMut(&mut Reader<'_, 'a, 'e>) -> Option<T>,
    ) -> Vec<T> {
        let allowed = format!("1 to {items_max} times {is} in braces");
        let written = self.required(key, &allowed);
        let list = self.list(key, written);
        if written.is_some() && !(1..=items_max).contains(&list.len()) {
            self.wrong_here(key, format!("has {} items", list.len()), allowed);
        }
        let mut all = Vec::new();
        for item in list {
            if let Some(mut reader) = self.within(key, is, item) {
                all.extend(read(&mut reader));
                reader.finish();
            }
        }
        all
    }

    /// A table whose keys are names of the author's, that has to have at least one.
    pub(super) fn named(
        &mut self,
        key: &'static str,
        (is, items_max): (&str, usize),
    ) -> Vec<(&'a Spanned<String>, &'a Spanned<Written>)> {
        let allowed = format!("1 to {items_max} of {is} in braces");
        let Some(written) = self.required(key, &allowed) else { return Vec::new() };
        let Written::Table(table) = written.get_ref() else {
            self.wrong(written.span(), key, "is no table".into(), allowed);
            return Vec::new();
        };
        if !(1..=items_max).contains(&table.len()) {
            self.wrong(written.span(), key, format!("has {} items", table.len()), allowed);
        }
        table.iter().collect()
    }

    /// Texts of an array.
    pub(super) fn texts(&mut self, key: &'static str, what: &str) -> Vec<(&'a str, Range<usize>)> {
        let written = self.optional(key);
        let mut texts = Vec::new();
        for item in self.list(key, written) {
            texts.extend(self.text_of(key, item, what).map(|text| (text, item.span())));
        }
        texts
    }

    /// One prompt of the library.
    pub(super) fn one_prompt(&mut self, key: &'static str) -> Option<Arc<str>> {
        let (id, span) = self.optional_text(key, "a prompt of the library")?;
        Some(self.known_prompt(key, id, span))
    }

    pub(super) fn known_prompt(&mut self, key: &str, id: &str, span: Range<usize>) -> Arc<str> {
        if !(self.check.known.prompt_exists)(id) {
            self.wrong(span, key, format!("prompt `{id}` is missing"), "a prompt of the library");
        }
        id.into()
    }

    /// Prompts in order; each may say for itself whether a key cuts it short.
    pub(super) fn prompts(&mut self, key: &'static str, interruptible: bool) -> Vec<Prompt> {
        let written = self.optional(key);
        let list = self.list(key, written);
        list.iter().filter_map(|item| self.prompt(key, item, interruptible)).collect()
    }

    /// Prompts that have to be written, be it as an empty array.
    pub(super) fn needed_prompts(&mut self, key: &'static str, interruptible: bool) -> Vec<Prompt> {
        self.required(key, "prompts of the library in brackets");
        self.prompts(key, interruptible)
    }

    /// Prompts that may be absent altogether.
    pub(super) fn optional_prompts(&mut self, key: &'static str, interruptible: bool) -> Option<Vec<Prompt>> {
        self.optional(key)?;
        Some(self.prompts(key, interruptible))
    }

    /// Prompts for every try alike, or an array of prompts for each try.
    pub(super) fn prompts_per_try(&mut self, key: &'static str, interruptible: bool) -> Vec<Vec<Prompt>> {
        let written = self.optional(key);
        let list = self.list(key, written);
        let is_list = |item: &Spanned<Written>| matches!(item.get_ref(), Written::List(_));
        if !list.iter().any(is_list) {
            let all: Vec<Prompt> =
                list.iter().filter_map(|item| self.prompt(key, item, interruptible)).collect();
            return if all.is_empty() { Vec::new() } else { vec![all] };
        }
        let mut tries = Vec::new();
        for item in list {
            let prompts = self.list(key, Some(item));
            tries.push(prompts.iter().filter_map(|item| self.prompt(key, item, interruptible)).collect());
        }
        tries
    }

    fn prompt(
        &mut self,
        key: &'static str,
        written: &'a Spanned<Written>,
        interruptible: bool,
    ) -> Option<Prompt> {
        if let Written::Table(_) = written.get_ref() {
            let mut reader = self.within(key, "a prompt", written)?;
            let id = reader.text("id", "a prompt of the library");
            let interruptible = reader.flag("interruptible", interruptible);
            let prompt =
                id.map(|(id, span)| Prompt { id: reader.known_prompt("id", id, span), interruptible });
            reader.finish();
            return prompt;
        }
        let id = self.text_of(key, written, "a prompt of the library, or { id = .., interruptible = .. }")?;
        Some(Prompt { id: self.known_prompt(key, id, written.span()), interruptible })
    }

    /// A text of the author's for people to read.
    pub(super) fn is_label(&mut self, key: &str, text: &str, span: Range<usize>) {
        if text.is_empty() || text.chars().count() > NAME_CHARS_MAX || text.chars().any(char::is_control) {
            let allowed = format!("1 to {NAME_CHARS_MAX} characters");
            self.wrong(span, key, format!("`{text}` is no label"), allowed);
        }
    }

    /// A declared variable, and of the right type.
    pub(super) fn variable(&mut self, key: &'static str, kind: ValueKind) -> Arc<str> {
        let Some((name, span)) = self.text(key, "a variable of this flow") else { return "".into() };
        self.is_variable(key, (name, span), Some(kind)).unwrap_or_else(|| name.into())
    }

    pub(super) fn is_variable(
        &mut self,
        key: &str,
        (name, span): (&str, Range<usize>),
        kind: Option<ValueKind>,
    ) -> Option<Arc<str>> {
        let Some(variable) = self.check.variables.get(name).copied() else {
            let all = listed(self.check.variables.keys());
            self.wrong(span, key, format!("variable `{name}` is not known"), all);
            return None;
        };
        if let Some(kind) = kind.filter(|kind| *kind != variable.kind) {
            let what = format!("variable `{name}` is a {}", variable.kind.word());
            self.wrong(span, key, what, format!("a {}", kind.word()));
        }
        Some(name.into())
    }
}

/// Keys that a caller has.
fn is_phone_key(c: char) -> bool {
    c.is_ascii_digit() || matches!(c, '*' | '#')
}

//! `[prompts]`: the languages, and whether each has what is said in it.

use super::check::{Check, listed};
use super::plan::Prompts;
use super::switch::{PromptsConfig, SwitchConfig};
use crate::spoken::{Language, vocabulary};
use serde_spanned::Spanned;
use std::collections::BTreeSet;
use std::sync::Arc;

/// Most languages beside the first one: all prompts are kept in memory.
const OTHERS_MAX: usize = 8;
/// What a language's folder may be called.
const TAGS: &str = "zh or en, alone or followed by - and more, as zh-CN, en-GB";

impl Check<'_> {
    pub(super) fn prompts(&mut self, config: &PromptsConfig) -> Prompts {
        let directory = self.path("prompts.directory", &config.directory);
        let language = self.tag("prompts.language", &config.language);
        let mut others = Vec::new();
        for other in &config.others {
            let tag = self.tag("prompts.others", other);
            if tag == language || others.contains(&tag) {
                self.wrong("prompts.others", other, format!("`{tag}` is there twice"), "each language once");
            } else if others.len() == OTHERS_MAX {
                self.wrong(
                    "prompts.others",
                    other,
                    "is one too many",
                    format!("up to {OTHERS_MAX} languages"),
                );
            }
            others.push(tag);
        }
        Prompts { directory, language, others }
    }

    /// A language that a call may have.
    pub(super) fn language(
        &mut self,
        key: &str,
        value: Option<&Spanned<String>>,
        prompts: &Prompts,
    ) -> Option<Arc<str>> {
        let value = value?;
        let tag: Arc<str> = value.get_ref().as_str().into();
        if !prompts.has(&tag) {
            let what = format!("language `{tag}` is not known");
            self.wrong(key, value, what, listed([&prompts.language].into_iter().chain(&prompts.others)));
        }
        Some(tag)
    }

    /// Whoever chose a language shall not be spoken to in another one: all that is said is there, and what values are
    /// said with. Two folders of one language, as dialects, stand in for each other; music has no language.
    pub(super) fn other_languages(
        &mut self,
        config: &SwitchConfig,
        said: &BTreeSet<String>,
        exists: &dyn Fn(&str) -> bool,
    ) {
        let music: BTreeSet<&str> =
            config.queue.iter().filter_map(|queue| Some(queue.music.as_ref()?.get_ref().as_str())).collect();
        let directory = config.prompts.directory.get_ref();
        let first = Language::of_tag(config.prompts.language.get_ref());
        for other in &config.prompts.others {
            let tag = other.get_ref();
            let Some(language) = Language::of_tag(tag).filter(|language| Some(*language) != first) else {
                continue;
            };
            let missing = |id: &str| !exists(&format!("{tag}/{id}"));
            let file = |id: &str| format!("a file {directory}/{tag}/{id}.wav");
            for id in said.iter().filter(|id| exists(id) && !music.contains(id.as_str()) && missing(id)) {
                let what = format!("prompt `{id}` is missing in language `{tag}`");
                self.wrong("prompts.others", other, what, file(id));
            }
            let words: Vec<String> =
                vocabulary(language).map(|(id, _)| id).filter(|id| missing(id)).collect();
            if let Some(id) = words.first() {
                let what = format!(
                    "{} prompts that values are said with are missing in language `{tag}`: {}",
                    words.len(),
                    listed(words.iter())
                );
                self.wrong("prompts.others", other, what, file(id));
            }
        }
    }

    fn tag(&mut self, key: &str, value: &Spanned<String>) -> Arc<str> {
        let tag = self.id(key, value);
        if Language::of_tag(tag).is_none() {
            self.wrong(key, value, format!("`{tag}` is no language that values are said in"), TAGS);
        }
        tag.into()
    }
}

//! Nodes that ask: menu, collect, confirm, and the safety line with its one key.

use super::reader::Reader;
use crate::config::plan::{Ask, Collect, Confirm, Menu, Prompt, Safety, ValueKind};
use crate::spoken::{Value, say};
use std::sync::Arc;

/// Most keys in one answer of a menu.
const ANSWER_KEYS_MAX: usize = 8;
/// Longest silence a question may wait for, in seconds.
const SILENCE_S_MAX: u32 = 120;
/// Most tries of one question.
const TRIES_MAX: u32 = 10;
/// Most digits of one answer.
const DIGITS_MAX: u32 = 32;
/// How often digits may be read back (CF B5).
const ROUNDS_MAX: u32 = 3;
/// Numbers that a safety line may name: ambulance, police, fire, traffic accidents, help for the soul.
const SAFETY_NUMBERS: [&str; 5] = ["120", "110", "119", "122", "12356"];

impl Reader<'_, '_, '_> {
    fn ask(&mut self, otherwise: &Arc<str>, interruptible: bool, prompts: Vec<Prompt>) -> Ask {
        let short = self.optional_prompts("short", interruptible);
        let invalid = self.prompts_per_try("invalid", interruptible);
        let no_input = self.prompts_per_try("no_input", interruptible);
        let first_timeout = self.seconds("first_timeout_s", 6, SILENCE_S_MAX);
        let inter_digit = self.seconds("inter_digit_s", 3, SILENCE_S_MAX);
        let tries = self.amount("tries", 3, 1, TRIES_MAX);
        let invalid_to = self.optional_node("invalid_to").unwrap_or_else(|| otherwise.clone());
        let no_input_to = self.optional_node("no_input_to").unwrap_or_else(|| otherwise.clone());
        let keeps_ahead = !self.is_written("typeahead")
            || self.word("typeahead", &[("keep", true), ("flush", false)]).unwrap_or(true);
        self.optional("typeahead");
        Ask {
            prompts,
            short,
            invalid,
            no_input,
            first_timeout,
            inter_digit,
            tries,
            invalid_to,
            no_input_to,
            keeps_ahead,
        }
    }

    /// What is asked, whether a key cuts it short, and the node for those who do not manage.
    fn question(&mut self) -> (Vec<Prompt>, bool, Arc<str>) {
        let interruptible = self.flag_after_prompts();
        let prompts = self.needed_prompts("prompts", interruptible);
        (prompts, interruptible, self.node("otherwise"))
    }

    /// All of a question that has nothing of its own beside its answers, and the node for those who do not manage.
    pub(super) fn whole_question(&mut self) -> (Ask, Arc<str>) {
        let (prompts, interruptible, otherwise) = self.question();
        (self.ask(&otherwise, interruptible, prompts), otherwise)
    }

    /// `interruptible` of the node, named behind the prompts in lists of keys.
    pub(super) fn flag_after_prompts(&mut self) -> bool {
        self.optional("prompts");
        self.flag("interruptible", true)
    }

    pub(super) fn menu(&mut self) -> Menu {
        let (prompts, interruptible, otherwise) = self.question();
        let keys = self.answers("keys", ANSWER_KEYS_MAX).into_iter().collect();
        let ask = self.ask(&otherwise, interruptible, prompts);
        Menu { ask, keys, secret: self.flag("secret", false) }
    }

    pub(super) fn collect(&mut self) -> Collect {
        let (prompts, interruptible, otherwise) = self.question();
        let next = self.node("next");
        let into = self.variable("into", ValueKind::Text);
        let max = self.amount("max", 20, 1, DIGITS_MAX);
        let min = self.amount("min", 1, 1, max);
        let end_key = self.phone_key("end_key", Some('#'));
        let clear_key = self.phone_key("clear_key", Some('*'));
        if end_key.is_some() && end_key == clear_key {
            self.wrong_here("clear_key", "is the end key too", "another key");
        }
        for (key, is) in [("end_key", end_key), ("clear_key", clear_key)] {
            if is.is_some_and(|key| key.is_ascii_digit()) {
                self.wrong_here(key, "is a digit, which answers may have", "* #, or \"\" for none");
            }
        }
        let secret = self.check.variables.get(&into).is_some_and(|variable| variable.secret);
        let ask = self.ask(&otherwise, interruptible, prompts);
        let (min, max) = (usize::try_from(min).unwrap_or(1), usize::try_from(max).unwrap_or(1));
        Collect { ask, into, secret, min, max, end_key, clear_key, next }
    }

    pub(super) fn confirm(&mut self) -> Confirm {
        let (prompts, interruptible, otherwise) = self.question();
        let variable = self.variable("variable", ValueKind::Text);
        let digits = self.digit_prompts();
        let question = self.needed_prompts("question", interruptible);
        let (yes, again) = (self.node("yes"), self.node("again"));
        let rounds = self.amount("rounds", ROUNDS_MAX, 1, ROUNDS_MAX);
        let ask = self.ask(&otherwise, interruptible, prompts);
        Confirm { ask, question, variable, digits, yes, again, rounds, otherwise }
    }

    /// Ten prompts, of the digits from 0.
    fn digit_prompts(&mut self) -> Option<[Arc<str>; 10]> {
        const ALLOWED: &str = "ten prompts: those of 0 to 9 in order";
        if !self.is_written("digits") {
            self.optional("digits");
            self.spoken_digits();
            return None;
        }
        let texts = self.texts("digits", ALLOWED);
        let found: Vec<Arc<str>> =
            texts.into_iter().map(|(id, span)| self.known_prompt("digits", id, span)).collect();
        let count = found.len();
        let found = found.try_into().unwrap_or_else(|_| {
            self.wrong_here("digits", format!("has {count} prompts"), ALLOWED);
            std::array::from_fn(|_| "".into())
        });
        Some(found)
    }

    /// The first language has what digits are said with. The others have all words, or are refused for that.
    fn spoken_digits(&mut self) {
        let language = self.check.known.prompts.spoken(None);
        let said = say(Value::Digits("0123456789"), language).map(|said| said.prompts());
        for id in said.unwrap_or_default() {
            if !(self.check.known.prompt_exists)(&id) {
                let what = format!("prompt `{id}`, that digits are said with, is missing");
                self.wrong_here("digits", what, "ten prompts, or those of the language");
            }
        }
    }

    pub(super) fn safety(&mut self) -> Safety {
        let prompts = self.needed_prompts("prompts", false);
        if prompts.is_empty() && self.is_written("prompts") {
            self.wrong_here(
                "prompts",
                "a safety line that says nothing",
                "what to do when a life is in danger",
            );
        }
        if let Some(cut) = prompts.iter().find(|prompt| prompt.interruptible).map(|prompt| prompt.id.clone())
        {
            let what = format!("`{cut}` could be cut short");
            self.wrong_here("prompts", what, "prompts that are heard to the end");
        }
        let allowed = SAFETY_NUMBERS.join(", ");
        let mut numbers = Vec::new();
        for (number, span) in self.texts("numbers", &allowed) {
            if !SAFETY_NUMBERS.contains(&number) {
                self.wrong(span, "numbers", format!("`{number}` is no emergency number"), allowed.clone());
            }
            numbers.push(Arc::from(number));
        }
        if numbers.is_empty() {
            self.wrong_here("numbers", "the numbers that the prompts name are missing", allowed);
        }
        let key = match (self.phone_key("key", None), self.optional_node("key_to")) {
            (Some(key), Some(node)) => Some((key, node)),
            (None, None) => None,
            (Some(_), None) => {
                self.wrong_here("key_to", "is missing beside key", "the node where the key leads to");
                None
            }
            (None, Some(_)) => {
                self.wrong_here("key", "is missing beside key_to", "one of 0-9 * #");
                None
            }
        };
        Safety { prompts, numbers, key, next: self.node("next") }
    }
}

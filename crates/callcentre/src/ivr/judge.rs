//! What keys mean to a question: pure rules, without a call.
//!
//! What it is not: it plays nothing and counts no tries.

use careline_model::config::plan::{Collect, Menu, Node};
use std::sync::Arc;

/// What the keys so far mean.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Verdict {
    /// More keys may come.
    More,
    /// Nothing counts as typed: the question waits for its first key.
    Nothing,
    /// No answer.
    Wrong,
    /// The way on, with the branch's name.
    Answer(String, Arc<str>),
    /// Digits, and whether they were complete by their number, without the end key.
    Digits { full: bool },
    /// The digits that were read back are not right.
    Again,
    /// To an agent.
    Agent,
    /// To the menu before.
    Up,
}

/// Keys that mean something wherever they mean nothing else.
#[derive(Debug, Clone, Copy)]
pub(super) struct Everywhere {
    pub(super) agent: bool,
    pub(super) up: bool,
}

impl Everywhere {
    pub(super) fn verdict(self, key: char) -> Option<Verdict> {
        match key {
            '0' if self.agent => Some(Verdict::Agent),
            '*' if self.up => Some(Verdict::Up),
            _ => None,
        }
    }
}

/// Another key came; `typed` has what counts.
pub(super) fn after_key(node: &Node, typed: &mut String, key: char, everywhere: Everywhere) -> Verdict {
    match node {
        Node::Menu(menu) => {
            typed.push(key);
            let longer =
                menu.keys.keys().any(|answer| answer.len() > typed.len() && answer.starts_with(&*typed));
            if longer { Verdict::More } else { menu_answer(menu, typed, everywhere) }
        }
        Node::Collect(collect) => collect_key(collect, typed, key, everywhere),
        Node::Confirm(confirm) => match key {
            '1' => Verdict::Answer("yes".to_owned(), confirm.yes.clone()),
            '2' => Verdict::Again,
            _ => everywhere.verdict(key).unwrap_or(Verdict::Wrong),
        },
        Node::Rate(rate) => match key.to_digit(10).and_then(|digit| u8::try_from(digit).ok()) {
            Some(digit) if (1..=rate.scale).contains(&digit) => {
                Verdict::Answer(digit.to_string(), rate.next.clone())
            }
            _ => everywhere.verdict(key).unwrap_or(Verdict::Wrong),
        },
        _ => Verdict::Wrong,
    }
}

/// No further key came. Nothing was typed when there was none at all.
pub(super) fn after_silence(node: &Node, typed: &str, everywhere: Everywhere) -> Verdict {
    match node {
        _ if typed.is_empty() => Verdict::Nothing,
        Node::Menu(menu) => menu_answer(menu, typed, everywhere),
        Node::Collect(collect) if typed.len() >= collect.min => Verdict::Digits { full: false },
        _ => Verdict::Wrong,
    }
}

fn menu_answer(menu: &Menu, typed: &str, everywhere: Everywhere) -> Verdict {
    if let Some(node) = menu.keys.get(typed) {
        return Verdict::Answer(typed.to_owned(), node.clone());
    }
    let mut keys = typed.chars();
    match (keys.next(), keys.next()) {
        (Some(only), None) => everywhere.verdict(only).unwrap_or(Verdict::Wrong),
        _ => Verdict::Wrong,
    }
}

fn collect_key(collect: &Collect, typed: &mut String, key: char, everywhere: Everywhere) -> Verdict {
    if Some(key) == collect.end_key {
        return if typed.len() >= collect.min { Verdict::Digits { full: false } } else { Verdict::Wrong };
    }
    if key.is_ascii_digit() {
        typed.push(key);
        return if typed.len() >= collect.max { Verdict::Digits { full: true } } else { Verdict::More };
    }
    if Some(key) == collect.clear_key && !typed.is_empty() {
        typed.clear();
        return Verdict::Nothing;
    }
    // Key 0 is a digit here. Any other key says nothing.
    match everywhere.verdict(key).filter(|_| typed.is_empty()) {
        Some(verdict) => verdict,
        None if typed.is_empty() => Verdict::Nothing,
        None => Verdict::More,
    }
}

/// Whether a key that comes before a question may be meant for it.
pub(super) fn may_answer(node: &Node, key: char) -> bool {
    match node {
        Node::Menu(menu) => menu.keys.keys().any(|answer| answer.starts_with(key)),
        Node::Collect(collect) => key.is_ascii_digit() || Some(key) == collect.end_key,
        Node::Confirm(_) => matches!(key, '1' | '2'),
        Node::Rate(rate) => {
            key.to_digit(10).is_some_and(|digit| (1..=u32::from(rate.scale)).contains(&digit))
        }
        _ => false,
    }
}

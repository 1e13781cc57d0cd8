//! Flow files as they are written.

use super::error::{ConfigError, SourceText};
use serde::Deserialize;
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::ops::Range;

/// Reads one flow file.
///
/// # Errors
/// The first unknown key, missing key, value of a wrong type or mistake of syntax.
pub fn parse_flow(text: &str, file_name: &str) -> Result<FlowConfig, ConfigError> {
    let source = SourceText::new(file_name, text);
    let mut config: FlowConfig = toml::from_str(text).map_err(|error| source.syntax(&error))?;
    config.source = source;
    Ok(config)
}

/// A flow file.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct FlowConfig {
    #[serde(skip)]
    pub(super) source: SourceText,
    /// The flow's id, which lines refer to.
    pub id: Spanned<String>,
    /// Told in events; raise it with every change.
    pub version: Spanned<u32>,
    /// The node a call begins at.
    pub start: Spanned<String>,
    /// Class of service of its callers: where outside they may be connected; `internal` when absent.
    pub class: Option<Spanned<String>>,
    /// `[node.<name>]`
    pub node: BTreeMap<Spanned<String>, NodeConfig>,
}

/// `[node.<name>]`: all keys of all kinds; which of them are allowed depends on `kind`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct NodeConfig {
    /// play, menu, hours, queue or hangup.
    pub kind: Spanned<String>,
    /// play, menu, queue, hangup: what is said.
    pub prompts: Option<Spanned<Vec<Spanned<String>>>>,
    /// play: the node that follows.
    pub next: Option<Spanned<String>>,
    /// play: a key cuts it short.
    pub interruptible: Option<Spanned<bool>>,
    /// menu: said after a wrong key.
    pub invalid: Option<Spanned<Vec<Spanned<String>>>>,
    /// menu: said after silence.
    pub no_input: Option<Spanned<Vec<Spanned<String>>>>,
    /// menu: silence that counts as no input, in seconds.
    pub first_timeout_s: Option<Spanned<u32>>,
    /// menu: silence that ends an answer of several keys, in seconds.
    pub inter_digit_s: Option<Spanned<u32>>,
    /// menu: failures of one sort that are allowed.
    pub tries: Option<Spanned<u32>>,
    /// menu: answer to node.
    pub keys: Option<Spanned<BTreeMap<Spanned<String>, Spanned<String>>>>,
    /// menu: the node when the caller does not manage.
    pub otherwise: Option<Spanned<String>>,
    /// menu: nobody may see or hear the keys.
    pub secret: Option<Spanned<bool>>,
    /// hours: which hours.
    pub hours: Option<Spanned<String>>,
    /// hours: the node when open.
    pub open: Option<Spanned<String>>,
    /// hours: the node when closed.
    pub closed: Option<Spanned<String>>,
    /// hours: the node while somebody overrides the hours with an emergency message; `closed` when absent.
    pub emergency: Option<Spanned<String>>,
    /// queue: which queue.
    pub queue: Option<Spanned<String>>,
    /// queue: the node after the longest wait.
    pub timeout: Option<Spanned<String>>,
    /// queue: the node when the queue is full; `timeout` when absent.
    pub full: Option<Spanned<String>>,
}

impl NodeConfig {
    /// The keys that are written, and where.
    pub(super) fn written(&self) -> Vec<(&'static str, Range<usize>)> {
        fn at<T>(value: &Option<Spanned<T>>) -> Option<Range<usize>> {
            value.as_ref().map(Spanned::span)
        }
        let all = [
            ("prompts", at(&self.prompts)),
            ("next", at(&self.next)),
            ("interruptible", at(&self.interruptible)),
            ("invalid", at(&self.invalid)),
            ("no_input", at(&self.no_input)),
            ("first_timeout_s", at(&self.first_timeout_s)),
            ("inter_digit_s", at(&self.inter_digit_s)),
            ("tries", at(&self.tries)),
            ("keys", at(&self.keys)),
            ("otherwise", at(&self.otherwise)),
            ("secret", at(&self.secret)),
            ("hours", at(&self.hours)),
            ("open", at(&self.open)),
            ("closed", at(&self.closed)),
            ("emergency", at(&self.emergency)),
            ("queue", at(&self.queue)),
            ("timeout", at(&self.timeout)),
            ("full", at(&self.full)),
        ];
        all.into_iter().filter_map(|(key, span)| Some((key, span?))).collect()
    }
}

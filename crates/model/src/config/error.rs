//! One mistake in a configuration file, told so that it can be put right.

use std::fmt;
use std::ops::Range;
use std::sync::Arc;
use thiserror::Error;

/// One mistake. It prints as `file:line: key: what is wrong; allowed: ...`.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub struct ConfigError {
    /// The file as it was named to the parser.
    pub file: Arc<str>,
    /// Line, counted from 1.
    pub line: usize,
    /// The key, with its table.
    pub key: String,
    /// What is wrong.
    pub what: String,
    /// What would be right, when there is a choice to name.
    pub allowed: Option<String>,
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}: {}: {}", self.file, self.line, self.key, self.what)?;
        match &self.allowed {
            Some(allowed) => write!(f, "; allowed: {allowed}"),
            None => Ok(()),
        }
    }
}

/// A configuration text: its name, and where its lines begin.
#[derive(Debug, Clone, Default)]
pub(super) struct SourceText {
    name: Arc<str>,
    text: Arc<str>,
}

impl SourceText {
    pub(super) fn new(name: &str, text: &str) -> Self {
        Self { name: name.into(), text: text.into() }
    }

    /// A mistake at `span` (bytes of the text).
    pub(super) fn error(
        &self,
        span: Range<usize>,
        key: &str,
        what: String,
        allowed: Option<String>,
    ) -> ConfigError {
        ConfigError {
            file: self.name.clone(),
            line: self.line(span.start),
            key: key.to_owned(),
            what,
            allowed,
        }
    }

    /// A mistake that the TOML reader found: bad syntax, an unknown key, a value of the wrong type.
    pub(super) fn syntax(&self, error: &toml::de::Error) -> ConfigError {
        let span = error.span().unwrap_or_default();
        let message = error.message().trim();
        let (what, allowed) = match message.split_once(", expected ") {
            Some((what, expected)) => (what, Some(expected.trim_start_matches("one of ").replace('`', ""))),
            None => (message, None),
        };
        // The key stands on the same line, before the value.
        let line = self.text.lines().nth(self.line(span.start) - 1).unwrap_or_default();
        let key = line.split('=').next().unwrap_or_default().trim();
        self.error(span, key, what.replace('\n', " "), allowed)
    }

    fn line(&self, at: usize) -> usize {
        self.text.bytes().take(at).filter(|&byte| byte == b'\n').count() + 1
    }
}

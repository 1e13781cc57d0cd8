//! Names that the network sends with a call, as values that do not show themselves.

use serde::{Deserialize, Deserializer, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest name kept, in characters; the rest of a longer one is cut off.
pub const CALLER_NAME_CHARS_MAX: usize = 64;

/// The display name of a caller, empty when there is none. Anybody can send anything as a name, so it is cut to
/// [`CALLER_NAME_CHARS_MAX`] characters and holds none that control how text is shown; it is text all the same, and
/// never markup. Names are private: `Debug` and `Display` print only an ellipsis. [`CallerName::as_str`] is the one
/// way to the text.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct CallerName(Arc<str>);

impl CallerName {
    /// The text. Not for logs above DEBUG.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// No name was sent.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The first `chars_max` characters of the name.
    #[must_use]
    pub fn cut(&self, chars_max: usize) -> Self {
        match self.0.char_indices().nth(chars_max) {
            Some((end, _)) => Self(self.0[..end].into()),
            None => self.clone(),
        }
    }
}

impl From<&str> for CallerName {
    /// Drops white space around the text, cuts it, and puts U+FFFD in the place of every control character.
    fn from(text: &str) -> Self {
        let shown = |c: char| if controls(c) { char::REPLACEMENT_CHARACTER } else { c };
        Self(text.trim().chars().take(CALLER_NAME_CHARS_MAX).map(shown).collect::<String>().into())
    }
}

impl<'de> Deserialize<'de> for CallerName {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Self::from(String::deserialize(deserializer)?.as_str()))
    }
}

impl fmt::Display for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("…")
    }
}

impl fmt::Debug for CallerName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Control characters, line separators, and what turns the direction of the text after it.
fn controls(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_is_kept_as_sent() {
        for name in ["王小明", "O'Brien", "<b>x</b>", "'; DROP TABLE patient; --", ""] {
            assert_eq!(CallerName::from(name).as_str(), name);
        }
        assert_eq!(CallerName::from("  王 小明 ").as_str(), "王 小明");
        assert!(CallerName::from(" \t").is_empty());
    }

    #[test]
    fn control_characters_and_turned_text_are_replaced() {
        for c in ['\0', '\n', '\u{7f}', '\u{85}', '\u{202a}', '\u{202e}', '\u{2066}', '\u{2069}', '\u{2028}']
        {
            assert_eq!(CallerName::from(format!("a{c}b").as_str()).as_str(), "a\u{fffd}b", "{c:?}");
        }
    }

    #[test]
    fn a_long_name_is_cut_between_characters() {
        let long = "王".repeat(8192);
        assert_eq!(CallerName::from(long.as_str()).as_str(), "王".repeat(CALLER_NAME_CHARS_MAX));
        assert_eq!(CallerName::from(long.as_str()).cut(32).as_str(), "王".repeat(32));
        assert_eq!(CallerName::from("王").cut(32).as_str(), "王");
    }

    #[test]
    fn a_name_does_not_show_itself() {
        let name = CallerName::from("王小明");
        assert_eq!(format!("{name} {name:?}"), "… …");
    }

    #[test]
    fn what_is_read_back_is_bounded_too() {
        let text = serde_json::to_string(&"\u{202e}x".repeat(100)).unwrap();
        let name: CallerName = serde_json::from_str(&text).unwrap();
        assert_eq!(name.as_str().chars().count(), CALLER_NAME_CHARS_MAX);
        assert!(!name.as_str().contains('\u{202e}'));
        assert_eq!(serde_json::to_string(&CallerName::from("王")).unwrap(), "\"王\"");
    }
}

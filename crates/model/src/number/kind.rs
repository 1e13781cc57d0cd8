//! What kinds of numbers there are.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// What kind of number it is, by its form alone: nobody was asked whether it exists.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberKind {
    /// A mobile of the own country.
    Mobile,
    /// A land line. Also any number of an own country other than China, whose kinds are not told apart.
    Landline,
    /// 400 and 800 numbers.
    Service,
    /// Short service numbers such as 120, 12320, 95598, also behind an area code.
    Short,
    /// A number of another country.
    Foreign,
    /// Up to five digits that are no short service number.
    Extension,
    /// Something was given that cannot be called: text, wrong length, a placeholder, or the hospital's own number.
    Invalid,
    /// No number was sent.
    Hidden,
}

impl NumberKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Mobile,
        Self::Landline,
        Self::Service,
        Self::Short,
        Self::Foreign,
        Self::Extension,
        Self::Invalid,
        Self::Hidden,
    ];

    /// The word under which it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Mobile => "mobile",
            Self::Landline => "landline",
            Self::Service => "service",
            Self::Short => "short",
            Self::Foreign => "foreign",
            Self::Extension => "extension",
            Self::Invalid => "invalid",
            Self::Hidden => "hidden",
        }
    }

    /// A person's line that can be called back: mobile, land line or abroad.
    #[must_use]
    pub const fn is_subscriber(self) -> bool {
        matches!(self, Self::Mobile | Self::Landline | Self::Foreign)
    }
}

impl fmt::Display for NumberKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind of number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of number")]
pub struct UnknownKind(pub String);

impl FromStr for NumberKind {
    type Err = UnknownKind;

    fn from_str(word: &str) -> Result<Self, UnknownKind> {
        Self::ALL.into_iter().find(|kind| kind.as_str() == word).ok_or_else(|| UnknownKind(word.to_owned()))
    }
}

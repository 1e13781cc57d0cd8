//! Telephone numbers as values that do not show themselves, and their one comparable form.
//!
//! [`Number`] is the form in which numbers are stored and compared; [`NumberPlan`] tells besides what kind of number
//! it is. Both use the same parser, so that what a switch writes into its events equals what a desk stores.
//! Where a number is at home is told by [`place_of`].

mod china;
mod class;
mod kind;
mod place;
mod plan;
mod text;

pub use class::{DialKind, NotDiallable, UnknownDialKind};
pub use kind::{NumberKind, UnknownKind};
pub use place::{Place, place_of, segments_of};
pub use plan::{NumberPlan, PARSER_VERSION, ParsedNumber};

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest text kept, in characters; the rest of a longer one is cut off.
pub const NUMBER_CHARS_MAX: usize = 32;

/// Longest number that is taken for an extension or a short service number, in digits.
const EXTENSION_DIGITS_MAX: usize = 5;

/// What stands for the digits that a page does not show.
const MASK: &str = "****";

/// A telephone number, empty when withheld. A person's number is private: both `Debug` and `Display` print only an
/// ellipsis and the last two digits. [`Number::as_str`] is the one way to the whole.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Number(Arc<str>);

impl Number {
    /// Brings a number as the network wrote it into the one form in which numbers are compared.
    ///
    /// `country` is the country code of the hospital without plus ("86"); `area` its area code with or without the
    /// leading zero, for local numbers of seven or eight digits.
    ///
    /// For China: mobiles become `+861...`, land lines with an area code `+86<area><number>`, without their
    /// extension. Extensions, short service numbers (120, 12320) and 400/800 numbers stay as they are dialled.
    /// Numbers of other countries become `+<country><number>`. Letters and nonsense are kept as text, cut to
    /// [`NUMBER_CHARS_MAX`]; the words that mean "withheld" become the empty number. What is normal stays as it is.
    #[must_use]
    pub fn normalize(raw: &str, country: &str, area: Option<&str>) -> Self {
        plan::parse(raw, country, area, None).number
    }

    /// The whole number. Not for logs above DEBUG.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The caller sent no number.
    #[must_use]
    pub fn is_withheld(&self) -> bool {
        self.0.is_empty()
    }

    /// What kind of number this is, if it is in normal form. A hospital's own numbers are not known here.
    #[must_use]
    pub fn kind(&self) -> NumberKind {
        self.parsed().kind
    }

    /// The number as pages may show it: enough to recognise a number one knows, too little to call it.
    ///
    /// Mobiles `138****5678`, land lines `0543****789`, other countries `+44****123`; short and service numbers
    /// whole; extensions and anything else whole up to five characters, else `****` and the last two. Empty when
    /// withheld.
    #[must_use]
    pub fn masked(&self) -> String {
        let whole = self.as_str();
        let parsed = self.parsed();
        match parsed.kind {
            NumberKind::Mobile => {
                let national = whole.strip_prefix("+86").unwrap_or(whole);
                format!("{}{MASK}{}", first(national, 3), last(national, 4))
            }
            NumberKind::Landline => format!("{}{MASK}{}", parsed.area.unwrap_or_default(), last(whole, 3)),
            NumberKind::Foreign => {
                let digits = whole.trim_start_matches('+');
                format!("+{}{MASK}{}", first(digits, country_code_digits(digits)), last(digits, 3))
            }
            NumberKind::Short | NumberKind::Service | NumberKind::Hidden => whole.to_owned(),
            NumberKind::Extension | NumberKind::Invalid => {
                if whole.chars().count() <= EXTENSION_DIGITS_MAX {
                    return whole.to_owned();
                }
                format!("{MASK}{}", last(whole, 2))
            }
        }
    }

    /// A normal form says everything about itself, so that no area is needed to read it again.
    fn parsed(&self) -> ParsedNumber {
        plan::parse(&self.0, china::COUNTRY, None, None)
    }
}

impl From<&str> for Number {
    /// Takes the text as it stands, cut to [`NUMBER_CHARS_MAX`] characters.
    fn from(text: &str) -> Self {
        Self(text.chars().take(NUMBER_CHARS_MAX).collect::<String>().into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        // A number of two digits or fewer would be shown whole.
        let tail = if self.0.chars().count() > 2 { last(&self.0, 2) } else { "" };
        write!(f, "…{tail}")
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// The first `count` characters.
fn first(text: &str, count: usize) -> &str {
    text.char_indices().nth(count).map_or(text, |(at, _)| &text[..at])
}

/// The last `count` characters.
fn last(text: &str, count: usize) -> &str {
    let Some(before) = count.checked_sub(1) else { return "" };
    text.char_indices().rev().nth(before).map_or(text, |(at, _)| &text[at..])
}

/// How many of the first digits are the country's (ITU-T E.164, list of assigned codes: one digit for zones 1 and 7,
/// two for these, otherwise three).
fn country_code_digits(digits: &str) -> usize {
    const OF_TWO: [&str; 44] = [
        "20", "27", "30", "31", "32", "33", "34", "36", "39", "40", "41", "43", "44", "45", "46", "47", "48",
        "49", "51", "52", "53", "54", "55", "56", "57", "58", "60", "61", "62", "63", "64", "65", "66", "81",
        "82", "84", "86", "90", "91", "92", "93", "94", "95", "98",
    ];
    match digits.as_bytes().first() {
        Some(b'1' | b'7') => 1,
        _ if OF_TWO.contains(&first(digits, 2)) => 2,
        _ => 3,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_shows_only_its_last_two_digits() {
        let number = Number::from("+8613812345678");
        assert_eq!(format!("{number} {number:?}"), "…78 …78");
        assert_eq!(format!("{}{}", Number::default(), Number::from("12")), "……");
        assert_eq!(format!("{}", Number::from("ward-七八")), "…七八");
    }
}

//! Telephone numbers as values that do not show themselves.

use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

/// Longest text kept, in characters; the rest of a longer one is cut off.
pub const NUMBER_CHARS_MAX: usize = 32;

/// Longest number that is taken for an extension or a short service number, in digits.
const EXTENSION_DIGITS_MAX: usize = 5;

/// What networks write in the place of a number that is withheld.
const WITHHELD: [&str; 4] = ["anonymous", "restricted", "unavailable", "unknown"];

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
    /// For China: mobiles become `+861...`, land lines with an area code `+86<area><number>`. Extensions, short
    /// service numbers (120, 12320) and 400/800 numbers stay as they are dialled. Numbers of other countries become
    /// `+<country><number>`. Letters and nonsense are kept as they are, cut to [`NUMBER_CHARS_MAX`]; the words that
    /// mean "withheld" become the empty number.
    #[must_use]
    pub fn normalize(raw: &str, country: &str, area: Option<&str>) -> Self {
        let text = strip_wrapping(raw);
        if WITHHELD.iter().any(|word| text.eq_ignore_ascii_case(word)) {
            return Self::default();
        }
        let Some((international, digits)) = digits_of(text) else {
            return Self(text.chars().take(NUMBER_CHARS_MAX).collect::<String>().into());
        };
        let mut number = canonical(international, &digits, country, area);
        number.truncate(NUMBER_CHARS_MAX);
        Self(number.into())
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
}

impl From<&str> for Number {
    /// Takes the text as it stands, cut to [`NUMBER_CHARS_MAX`] characters.
    fn from(text: &str) -> Self {
        Self(text.chars().take(NUMBER_CHARS_MAX).collect::<String>().into())
    }
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let shown = self.0.char_indices().rev().nth(1).map_or(0, |(at, _)| at);
        // A number of two digits or fewer would be shown whole.
        let tail = if self.0.chars().count() > 2 { &self.0[shown..] } else { "" };
        write!(f, "…{tail}")
    }
}

impl fmt::Debug for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Removes what is left of a URI: `<`, `tel:`, `sip:`, parameters and the host.
fn strip_wrapping(raw: &str) -> &str {
    let mut text = raw.trim().trim_start_matches('<').trim_end_matches('>');
    for scheme in ["tel:", "sip:", "sips:"] {
        if text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            text = &text[scheme.len()..];
        }
    }
    text.split([';', '@']).next().unwrap_or_default().trim()
}

/// The digits without separators, and whether a plus stood before them; nothing when it is not a number.
fn digits_of(text: &str) -> Option<(bool, String)> {
    let (international, rest) = match text.strip_prefix('+') {
        Some(rest) => (true, rest),
        None => (false, text),
    };
    let mut digits = String::with_capacity(rest.len());
    for c in rest.chars() {
        match c {
            '0'..='9' => digits.push(c),
            ' ' | '-' | '.' | '(' | ')' => {}
            _ => return None,
        }
    }
    (!digits.is_empty()).then_some((international, digits))
}

/// A number of China without its country code or trunk zero, which is known to be whole.
fn is_mobile(digits: &str) -> bool {
    digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9')
}

/// 400 and 800 numbers belong to no area and cannot be dialled from abroad.
fn is_service_line(digits: &str) -> bool {
    digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"))
}

fn canonical(international: bool, digits: &str, country: &str, area: Option<&str>) -> String {
    let (international, digits) = match digits.strip_prefix("00") {
        Some(rest) if !international && digits.len() > EXTENSION_DIGITS_MAX => (true, rest),
        _ => (international, digits),
    };
    if international {
        return match digits.strip_prefix(country) {
            Some(national) => national_form(national.strip_prefix('0').unwrap_or(national), country),
            None => format!("+{digits}"),
        };
    }
    if digits.len() <= EXTENSION_DIGITS_MAX {
        return digits.to_owned();
    }
    if country != "86" {
        return match digits.strip_prefix('0') {
            Some(national) => format!("+{country}{national}"),
            None => digits.to_owned(),
        };
    }
    if is_mobile(digits) || is_service_line(digits) {
        return national_form(digits, country);
    }
    if let Some(national) = digits.strip_prefix('0') {
        return national_form(national, country);
    }
    // Some carriers send the country code without a plus; only a whole number may be taken apart so.
    if let Some(national) = digits.strip_prefix(country)
        && (is_mobile(national) || is_service_line(national) || matches!(national.len(), 10 | 11))
    {
        return national_form(national, country);
    }
    match area {
        Some(area) if matches!(digits.len(), 7 | 8) => {
            format!("+{country}{}{digits}", area.strip_prefix('0').unwrap_or(area))
        }
        _ => digits.to_owned(),
    }
}

/// `national` has neither country code nor trunk zero.
fn national_form(national: &str, country: &str) -> String {
    let short = national.len() <= EXTENSION_DIGITS_MAX;
    if country == "86" && (short || is_service_line(national)) {
        return national.to_owned();
    }
    format!("+{country}{national}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn normal(raw: &str) -> String {
        Number::normalize(raw, "86", Some("0769")).as_str().to_owned()
    }

    #[test]
    fn a_mobile_has_one_form_however_the_carrier_writes_it() {
        for raw in [
            "13812345678",
            "+8613812345678",
            "008613812345678",
            "8613812345678",
            "013812345678",
            "+86 138-1234-5678",
            "tel:+8613812345678;phone-context=x",
            "<sip:13812345678@10.0.0.1>",
        ] {
            assert_eq!(normal(raw), "+8613812345678", "{raw}");
        }
    }

    #[test]
    fn a_land_line_carries_its_area_code() {
        for raw in ["0769-22334455", "+86 769 22334455", "8676922334455", "22334455", "(0769) 2233 4455"] {
            assert_eq!(normal(raw), "+8676922334455", "{raw}");
        }
        assert_eq!(normal("010-12345678"), "+861012345678");
        assert_eq!(Number::normalize("22334455", "86", None).as_str(), "22334455");
    }

    #[test]
    fn short_numbers_and_service_lines_stay_as_dialled() {
        for raw in ["12320", "120", "9196", "1001"] {
            assert_eq!(normal(raw), raw);
        }
        assert_eq!(normal("400-123-4567"), "4001234567");
        assert_eq!(normal("+864001234567"), "4001234567");
    }

    #[test]
    fn a_foreign_number_keeps_its_country() {
        assert_eq!(normal("0014155550100"), "+14155550100");
        assert_eq!(normal("+1 415 555 0100"), "+14155550100");
    }

    #[test]
    fn nonsense_is_kept_but_bounded_and_withheld_is_empty() {
        assert_eq!(normal("ward-七"), "ward-七");
        assert_eq!(normal(&"x".repeat(100)).len(), NUMBER_CHARS_MAX);
        assert_eq!(normal(&"1".repeat(100)).len(), NUMBER_CHARS_MAX);
        assert!(Number::normalize("Anonymous", "86", None).is_withheld());
        assert!(Number::normalize("", "86", None).is_withheld());
    }

    #[test]
    fn a_number_shows_only_its_last_two_digits() {
        let number = Number::from("+8613812345678");
        assert_eq!(format!("{number} {number:?}"), "…78 …78");
        assert_eq!(format!("{}{}", Number::default(), Number::from("12")), "……");
        assert_eq!(format!("{}", Number::from("ward-七八")), "…七八");
    }
}

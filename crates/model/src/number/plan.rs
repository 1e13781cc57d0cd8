//! The parser: what a raw number is, in the view of one hospital.

use super::china::{self, National};
use super::text;
use super::{EXTENSION_DIGITS_MAX, Number, NumberKind};

/// Version of the parser's answers. Stored numbers of another version are parsed again from their raw text.
pub const PARSER_VERSION: u32 = 1;

/// Shortest and longest number behind a plus, in digits (ITU-T E.164 allows 15).
const INTERNATIONAL_DIGITS: std::ops::RangeInclusive<usize> = 6..=15;

/// How one hospital reads numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberPlan {
    /// Country code without plus. For China (`86`) kinds and areas are known; elsewhere only the form is.
    pub country: String,
    /// Area code of numbers without one, with or without its zero.
    pub area: Option<String>,
    /// What the hospital's exchange puts before numbers from outside. Only for numbers that come from a switch
    /// behind such an exchange: with typed numbers it would guess.
    pub outside_digit: Option<char>,
    /// The hospital's own numbers as they are dialled: nobody's contact number. They parse as
    /// [`NumberKind::Invalid`].
    pub own_numbers: Vec<String>,
}

impl Default for NumberPlan {
    /// China without a default area.
    fn default() -> Self {
        Self { country: china::COUNTRY.into(), area: None, outside_digit: None, own_numbers: Vec::new() }
    }
}

/// What a raw number is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ParsedNumber {
    /// The one form in which numbers are compared; the same as [`Number::normalize`] gives.
    ///
    /// Short service numbers and extensions stand as they are dialled, so do 400 and 800 numbers, which have no
    /// form with a country code that anybody could dial.
    pub number: Number,
    /// What kind of number.
    pub kind: NumberKind,
    /// Area code with its zero, of land lines.
    pub area: Option<String>,
    /// Digits to dial after the number was answered, one to five.
    pub extension: Option<String>,
    /// A mobile of a segment sold by virtual operators.
    pub virtual_operator: bool,
}

impl NumberPlan {
    /// Reads a number as a network or a person wrote it. Never fails: what is no number is
    /// [`NumberKind::Invalid`] and kept as text, what means "withheld" is [`NumberKind::Hidden`] and empty.
    #[must_use]
    pub fn parse(&self, raw: &str) -> ParsedNumber {
        let mut parsed = parse(raw, &self.country, self.area.as_deref(), self.outside_digit);
        let is_own =
            |own: &String| parse(own, &self.country, self.area.as_deref(), None).number == parsed.number;
        if parsed.kind != NumberKind::Hidden && self.own_numbers.iter().any(is_own) {
            parsed.kind = NumberKind::Invalid;
        }
        parsed
    }
}

impl ParsedNumber {
    fn new(number: &str, kind: NumberKind) -> Self {
        let number = Number::from(number);
        Self { number, kind, area: None, extension: None, virtual_operator: false }
    }

    fn hidden() -> Self {
        Self::new("", NumberKind::Hidden)
    }

    fn invalid(text: &str) -> Self {
        Self::new(text, NumberKind::Invalid)
    }
}

impl From<National> for ParsedNumber {
    fn from(number: National) -> Self {
        let virtual_operator = number.kind == NumberKind::Mobile && china::is_virtual(&number.national);
        let canonical = number.canonical();
        Self { area: number.area, virtual_operator, ..Self::new(&canonical, number.kind) }
    }
}

/// The parser behind [`NumberPlan::parse`] and [`Number::normalize`].
pub(super) fn parse(raw: &str, country: &str, area: Option<&str>, outside: Option<char>) -> ParsedNumber {
    let text = text::clean(raw);
    if text::is_withheld(&text) {
        return ParsedNumber::hidden();
    }
    let area = area.map(|area| area.strip_prefix('0').unwrap_or(area));
    let rules = Rules { country, area, outside };
    if let Some(parsed) = with_extension(&text, &rules) {
        return parsed;
    }
    rules.number(&text).unwrap_or_else(|| ParsedNumber::invalid(&text))
}

/// A number with digits to dial behind it. After a hyphen only land lines and service numbers have them: the
/// hyphen in `138-1234-5678` is a separator.
fn with_extension(text: &str, rules: &Rules<'_>) -> Option<ParsedNumber> {
    let (head, extension, behind_hyphen) = text::split_extension(text)?;
    let parsed = rules.number(head)?;
    let may = match parsed.kind {
        NumberKind::Landline | NumberKind::Service => true,
        NumberKind::Mobile => !behind_hyphen,
        _ => false,
    };
    may.then(|| ParsedNumber { extension: Some(extension.to_owned()), ..parsed })
}

struct Rules<'a> {
    country: &'a str,
    /// Without its zero.
    area: Option<&'a str>,
    outside: Option<char>,
}

impl Rules<'_> {
    /// Nothing when the text is no number.
    fn number(&self, text: &str) -> Option<ParsedNumber> {
        let (plus, digits) = text::digits_of(text)?;
        if digits.len() <= EXTENSION_DIGITS_MAX && digits.bytes().all(|b| b == b'0') {
            return Some(ParsedNumber::hidden());
        }
        if china::is_placeholder(&digits) {
            return Some(ParsedNumber::invalid(&digits));
        }
        let behind_00 = digits.strip_prefix("00").filter(|_| plus || digits.len() > EXTENSION_DIGITS_MAX);
        Some(match behind_00 {
            Some(rest) => self.international(rest.trim_start_matches('0')),
            None if plus => self.international(digits.trim_start_matches('0')),
            None => self.national(&digits),
        })
    }

    fn international(&self, digits: &str) -> ParsedNumber {
        let invalid = || ParsedNumber::invalid(&format!("+{digits}"));
        if let Some(national) = digits.strip_prefix(self.country) {
            if self.country != china::COUNTRY {
                let number = format!("+{}{}", self.country, national.trim_start_matches('0'));
                let fits = INTERNATIONAL_DIGITS.contains(&(number.len() - 1));
                let kind = if fits { NumberKind::Landline } else { NumberKind::Invalid };
                return ParsedNumber::new(&number, kind);
            }
            if china::is_placeholder(national) {
                return ParsedNumber::invalid(national);
            }
            return china::behind_country_code(national, self.area).map_or_else(invalid, ParsedNumber::from);
        }
        if !INTERNATIONAL_DIGITS.contains(&digits.len()) {
            return invalid();
        }
        ParsedNumber::new(&format!("+{digits}"), NumberKind::Foreign)
    }

    fn national(&self, digits: &str) -> ParsedNumber {
        if self.country != china::COUNTRY {
            return self.elsewhere(digits);
        }
        let number = china::dialled(digits, self.area).or_else(|| {
            // Internal numbers may begin with any digit, so only what is a whole line from outside is taken apart.
            let rest = digits.strip_prefix(self.outside?)?;
            china::dialled(rest, self.area).filter(|number| number.kind.is_subscriber())
        });
        number.map_or_else(|| ParsedNumber::invalid(digits), ParsedNumber::from)
    }

    /// Countries whose plan is not known: a trunk zero and the length are all there is to go by.
    fn elsewhere(&self, digits: &str) -> ParsedNumber {
        if digits.len() <= EXTENSION_DIGITS_MAX {
            return ParsedNumber::new(digits, NumberKind::Extension);
        }
        match digits.strip_prefix('0') {
            Some(national) => self.international(&format!("{}{national}", self.country)),
            None if INTERNATIONAL_DIGITS.contains(&digits.len()) => {
                ParsedNumber::new(digits, NumberKind::Landline)
            }
            None => ParsedNumber::invalid(digits),
        }
    }
}

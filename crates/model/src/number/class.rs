//! What dialling a number would mean: whom it reaches and what it costs, for classes of service.

use super::china::IP_PREFIXES;
use super::{Number, NumberKind, ParsedNumber};
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;

/// Who is called for life, fire, crime, accident and despair (12356 is the psychological aid line), and at sea.
const EMERGENCY: [&str; 6] = ["110", "119", "120", "122", "12356", "12395"];
/// Numbers of the own country that are billed for what is said: 声讯 lines and paid value-added services.
const PREMIUM: [&str; 9] = ["168", "160", "12590", "12591", "12592", "12594", "12595", "12596", "12597"];
/// Numbers abroad that cost far more than their country: satellites, networks without a country, shared revenue.
const PREMIUM_ABROAD: [&str; 9] = ["870", "878", "881", "882", "883", "888", "979", "1900", "1976"];

/// The kind of a dialled number, by which classes of service allow or bar it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DialKind {
    /// An extension of the house, or one of its own lines.
    Internal,
    /// 110, 119, 120, 122, 12356, 12395; also behind an area code.
    Emergency,
    /// Short service numbers (10086, 12345, 95598) and 400/800 numbers.
    Service,
    /// A land line of the own area.
    Local,
    /// A land line of another area.
    National,
    /// A mobile of the own country.
    Mobile,
    /// Another country; Hong Kong, Macao and Taiwan are dialled so too.
    International,
    /// Billed for what is said, or by satellite.
    Premium,
}

impl DialKind {
    /// Every kind.
    pub const ALL: [Self; 8] = [
        Self::Internal,
        Self::Emergency,
        Self::Service,
        Self::Local,
        Self::National,
        Self::Mobile,
        Self::International,
        Self::Premium,
    ];

    /// The word for it in a configuration.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Internal => "internal",
            Self::Emergency => "emergency",
            Self::Service => "service",
            Self::Local => "local",
            Self::National => "national",
            Self::Mobile => "mobile",
            Self::International => "international",
            Self::Premium => "premium",
        }
    }

    /// What dialling this number means for a house in `area` (with or without its zero). `number` has to be in normal
    /// form: what is judged here must be what is dialled.
    ///
    /// # Errors
    /// [`NotDiallable`]: text, a withheld or misshapen number, or the mere prefix of a cheaper carrier, behind which
    /// anything could be dialled.
    pub fn of(number: &Number, area: Option<&str>) -> Result<Self, NotDiallable> {
        let parsed = number.parsed();
        let digits = number.as_str().trim_start_matches('+');
        match parsed.kind {
            NumberKind::Hidden => Err(NotDiallable),
            NumberKind::Foreign if starts(digits, &PREMIUM_ABROAD) => Ok(Self::Premium),
            NumberKind::Foreign => Ok(Self::International),
            NumberKind::Mobile => Ok(Self::Mobile),
            NumberKind::Extension if IP_PREFIXES.contains(&digits) => Err(NotDiallable),
            NumberKind::Extension => Ok(Self::Internal),
            NumberKind::Service => Ok(Self::Service),
            NumberKind::Short => Ok(short(subscriber_part(digits, &parsed))),
            NumberKind::Landline => land_line(digits, &parsed, area),
            NumberKind::Invalid => misshapen(digits),
        }
    }
}

impl fmt::Display for DialKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// A word that names no kind of dialled number.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is no kind of dialled number")]
pub struct UnknownDialKind(pub String);

impl FromStr for DialKind {
    type Err = UnknownDialKind;

    fn from_str(word: &str) -> Result<Self, UnknownDialKind> {
        let found = Self::ALL.into_iter().find(|kind| kind.as_str() == word);
        found.ok_or_else(|| UnknownDialKind(word.to_owned()))
    }
}

/// Nothing that can be dialled.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a number that can be dialled")]
pub struct NotDiallable;

/// What follows country and area code.
fn subscriber_part<'n>(digits: &'n str, parsed: &ParsedNumber) -> &'n str {
    let Some(area) = parsed.area.as_deref() else { return digits };
    let national = digits.strip_prefix("86").unwrap_or(digits);
    national.strip_prefix(area.trim_start_matches('0')).unwrap_or(national)
}

fn short(digits: &str) -> DialKind {
    match digits {
        _ if EMERGENCY.contains(&digits) => DialKind::Emergency,
        _ if starts(digits, &PREMIUM) => DialKind::Premium,
        _ => DialKind::Service,
    }
}

fn land_line(digits: &str, parsed: &ParsedNumber, home: Option<&str>) -> Result<DialKind, NotDiallable> {
    let subscriber = subscriber_part(digits, parsed);
    if starts(subscriber, &PREMIUM) {
        return Ok(DialKind::Premium);
    }
    // No subscriber's number begins with 1: an area code before it is a trick.
    if subscriber.starts_with('1') {
        return Err(NotDiallable);
    }
    let home = home.map(|area| area.trim_start_matches('0'));
    let here = parsed.area.as_deref().is_none_or(|area| Some(area.trim_start_matches('0')) == home);
    Ok(if here { DialKind::Local } else { DialKind::National })
}

/// What the parser has no name for: an emergency number behind an area code, as mobiles dial it, or a premium number.
fn misshapen(digits: &str) -> Result<DialKind, NotDiallable> {
    let national = digits.strip_prefix('0').or_else(|| digits.strip_prefix("86")).unwrap_or("");
    let area_digits = match national.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => 2,
        [b'3'..=b'9', ..] => 3,
        _ => 0,
    };
    if area_digits > 0 && national.get(area_digits..).is_some_and(|rest| EMERGENCY.contains(&rest)) {
        return Ok(DialKind::Emergency);
    }
    let digits_only = digits.bytes().all(|byte| byte.is_ascii_digit());
    if digits_only && starts(digits, &PREMIUM) { Ok(DialKind::Premium) } else { Err(NotDiallable) }
}

fn starts(digits: &str, prefixes: &[&str]) -> bool {
    prefixes.iter().any(|prefix| digits.starts_with(prefix))
}

#[cfg(test)]
mod tests;

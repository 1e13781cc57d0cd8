//! The numbering plan of China, as far as the form of a number tells.

use super::{EXTENSION_DIGITS_MAX, NumberKind};

/// Country code without plus.
pub(super) const COUNTRY: &str = "86";

/// What is dialled before a number for a cheaper carrier, often with a zero before it.
pub(super) const IP_PREFIXES: [&str; 9] =
    ["17900", "17901", "17908", "17909", "17910", "17911", "17950", "17951", "12593"];

/// What people type when a form demands a number. Numbers of one repeated digit count besides.
const PLACEHOLDERS: [&str; 3] = ["12345678901", "13800138000", "10000000000"];

/// From how many digits on one repeated digit is a placeholder; shorter ones are extensions.
const REPEATED_DIGITS_MIN: usize = 6;

/// Shortest and longest local number, in digits.
const LOCAL_DIGITS: std::ops::RangeInclusive<usize> = 7..=8;

/// Segments that are sold by virtual operators.
const VIRTUAL_SEGMENTS: [&str; 5] = ["162", "165", "167", "170", "171"];

/// A number of China taken apart. `national` is without country code and trunk zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct National {
    pub national: String,
    pub kind: NumberKind,
    /// With its zero, when the number says it or lies in the default area.
    pub area: Option<String>,
}

impl National {
    fn new(national: &str, kind: NumberKind) -> Self {
        Self { national: national.to_owned(), kind, area: None }
    }

    /// How it is stored.
    pub fn canonical(&self) -> String {
        let local = self.kind == NumberKind::Landline && self.area.is_none();
        let as_dialled = local
            || match self.kind {
                NumberKind::Mobile | NumberKind::Landline => false,
                NumberKind::Short => self.area.is_none(),
                _ => true,
            };
        if as_dialled { self.national.clone() } else { format!("+{COUNTRY}{}", self.national) }
    }
}

/// Something typed to satisfy a form.
pub(super) fn is_placeholder(digits: &str) -> bool {
    let repeated = digits.len() >= REPEATED_DIGITS_MIN && digits.bytes().all(|b| b == digits.as_bytes()[0]);
    repeated || PLACEHOLDERS.contains(&digits)
}

/// Sold by a virtual operator, which is a weak hint and no judgement: `national` is a mobile.
pub(super) fn is_virtual(national: &str) -> bool {
    VIRTUAL_SEGMENTS.iter().any(|segment| national.starts_with(segment))
}

/// What the digits mean when dialled in China. `area` is the default area code without zero. Nothing when the plan
/// has no such number.
pub(super) fn dialled(digits: &str, area: Option<&str>) -> Option<National> {
    whole(digits)
        .or_else(|| digits.strip_prefix('0').and_then(trunk))
        .or_else(|| digits.strip_prefix(COUNTRY).and_then(country_without_plus))
        .or_else(|| local(digits, area))
        .or_else(|| without_ip_prefix(digits, area))
        .or_else(|| extension(digits))
}

/// What the digits behind +86 mean.
pub(super) fn behind_country_code(digits: &str, area: Option<&str>) -> Option<National> {
    let national = digits.trim_start_matches('0');
    mobile(national)
        .or_else(|| service(national))
        // Before short numbers: behind a country code 10 10000 is the 10000 of area 010.
        .or_else(|| land_line(national))
        .or_else(|| short(national))
        // A trunk that puts the country code before whatever it got.
        .or_else(|| national.strip_prefix(COUNTRY).and_then(mobile))
        .or_else(|| area.and_then(|area| local(national, Some(area))))
        .or_else(|| extension(national))
}

/// Numbers that are the same from everywhere in the country.
fn whole(digits: &str) -> Option<National> {
    mobile(digits).or_else(|| service(digits)).or_else(|| short(digits))
}

fn mobile(digits: &str) -> Option<National> {
    let is_mobile =
        digits.len() == 11 && digits.starts_with('1') && matches!(digits.as_bytes()[1], b'3'..=b'9');
    (is_mobile && !is_placeholder(digits)).then(|| National::new(digits, NumberKind::Mobile))
}

/// 400 and 800 numbers belong to no area and cannot be dialled from abroad.
fn service(digits: &str) -> Option<National> {
    let is_service = digits.len() == 10 && (digits.starts_with("400") || digits.starts_with("800"));
    is_service.then(|| National::new(digits, NumberKind::Service))
}

fn short(digits: &str) -> Option<National> {
    is_short(digits).then(|| National::new(digits, NumberKind::Short))
}

/// 1xx; 10, 11, 12, 95 and 96 with five to eight digits (10086, 116114, 1008611, 95013256). No local number begins
/// with 1 or 9.
fn is_short(digits: &str) -> bool {
    match digits.len() {
        3 => digits.starts_with('1') && digits != "100",
        5..=8 => {
            ["10", "11", "12", "95", "96"].iter().any(|start| digits.starts_with(start))
                && !is_placeholder(digits)
        }
        _ => false,
    }
}

/// Behind a trunk zero.
fn trunk(national: &str) -> Option<National> {
    mobile(national).or_else(|| service(national)).or_else(|| land_line(national)).or_else(|| {
        // The zero that an exchange puts before everything.
        short(national).filter(|_| national.len() == EXTENSION_DIGITS_MAX)
    })
}

/// Some carriers send the country code without a plus; only a whole number may be taken apart so.
fn country_without_plus(digits: &str) -> Option<National> {
    let national = digits.strip_prefix('0').unwrap_or(digits);
    mobile(national)
        .or_else(|| service(national))
        .or_else(|| land_line(national).filter(|number| number.kind == NumberKind::Landline))
}

/// Area code without zero (two digits for 10 and 2x, three for the others) and a number in it.
fn land_line(national: &str) -> Option<National> {
    let area_digits = match national.as_bytes() {
        [b'1', b'0', ..] | [b'2', ..] => 2,
        [b'4' | b'8', b'0', b'0', ..] => return None,
        [b'3'..=b'9', ..] => 3,
        _ => return None,
    };
    let number = national.get(area_digits..)?;
    let kind = match number.len() {
        len if LOCAL_DIGITS.contains(&len) && !number.starts_with('0') => NumberKind::Landline,
        // The city's own 12345.
        5 if is_short(number) => NumberKind::Short,
        _ => return None,
    };
    let area = format!("0{}", &national[..area_digits]);
    Some(National { area: Some(area), ..National::new(national, kind) })
}

/// Seven or eight digits, without area code.
fn local(digits: &str, area: Option<&str>) -> Option<National> {
    let is_local = LOCAL_DIGITS.contains(&digits.len())
        && matches!(digits.as_bytes()[0], b'2'..=b'8')
        && !is_placeholder(digits);
    if !is_local {
        return None;
    }
    let Some(area) = area else { return Some(National::new(digits, NumberKind::Landline)) };
    land_line(&format!("{area}{digits}"))
}

fn without_ip_prefix(digits: &str, area: Option<&str>) -> Option<National> {
    let digits = digits.strip_prefix('0').unwrap_or(digits);
    let rest = IP_PREFIXES.iter().find_map(|prefix| digits.strip_prefix(prefix))?;
    let rest_of_china = rest.strip_prefix("0086");
    match rest_of_china {
        Some(national) => mobile(national).or_else(|| land_line(national)),
        None => mobile(rest)
            .or_else(|| rest.strip_prefix('0').and_then(trunk))
            .or_else(|| rest.strip_prefix(COUNTRY).and_then(country_without_plus))
            .or_else(|| local(rest, area)),
    }
    .filter(|number| number.kind.is_subscriber())
}

fn extension(digits: &str) -> Option<National> {
    let fits = (1..=EXTENSION_DIGITS_MAX).contains(&digits.len());
    fits.then(|| National::new(digits, NumberKind::Extension))
}

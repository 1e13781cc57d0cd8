//! Numbers of people who do not exist, and how a registration desk writes them down.

use super::dice::Dice;
use crate::storage::{NewPhone, PhoneRow};
use careline_model::number::{NumberKind, NumberPlan, segments_of};
use std::collections::HashSet;

/// Area of the hospital when its configuration names none.
const AREA_DEFAULT: &str = "0543";

/// Areas of those who come from farther away.
const AREAS_FAR: [&str; 14] = [
    "0531", "0546", "0533", "0536", "0532", "0534", "010", "021", "0317", "0539", "0635", "025", "0451",
    "0755",
];

/// Of a thousand mobiles, those of the hospital's own area.
const HOME_PER_MILLE: u64 = 700;

/// Of a thousand numbers, those written down badly.
const DIRTY_PER_MILLE: u64 = 80;

/// Tries to find a number that nobody has yet. More are never needed: an area has a million numbers and more.
const TRIES_MAX: usize = 1000;

/// A number as it is dialled within the country, which nobody else has.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Line {
    /// Digits only: `13854312345`, `05433256789`.
    pub dialled: String,
    pub kind: NumberKind,
}

/// Gives each number out once.
pub(super) struct Numbers {
    plan: NumberPlan,
    /// Reads what was written down; a number that was given out is none of the hospital's own.
    reader: NumberPlan,
    /// With its zero.
    area: String,
    home: Vec<u32>,
    far: Vec<Vec<u32>>,
    given: HashSet<String>,
}

impl Numbers {
    pub fn new(plan: &NumberPlan) -> Self {
        // What is typed at a desk carries no digit of the exchange.
        let plan = NumberPlan { outside_digit: None, ..plan.clone() };
        let area = plan.area.as_deref().unwrap_or(AREA_DEFAULT);
        let area = format!("0{}", area.trim_start_matches('0'));
        let home = Some(segments_of(&area)).filter(|segments| !segments.is_empty());
        let home = home.unwrap_or_else(|| segments_of(AREA_DEFAULT));
        let far = AREAS_FAR.iter().map(|area| segments_of(area)).collect();
        let reader = NumberPlan { own_numbers: Vec::new(), ..plan.clone() };
        Self { plan, reader, area, home, far, given: HashSet::new() }
    }

    /// A mobile.
    pub fn mobile(&mut self, dice: &mut Dice) -> Line {
        self.unused(dice, NumberKind::Mobile, |numbers, dice| {
            let home = dice.per_mille(HOME_PER_MILLE);
            let segments = if home { &numbers.home } else { dice.pick(&numbers.far) };
            format!("{}{:04}", dice.pick(segments), dice.below(10_000))
        })
    }

    /// A land line in the hospital's area: seven digits, eight where area codes have three.
    pub fn land_line(&mut self, dice: &mut Dice) -> Line {
        self.unused(dice, NumberKind::Landline, |numbers, dice| {
            let digits = if numbers.area.len() == 3 { 8 } else { 7 };
            let low = 2 * 10_u64.pow(digits - 1);
            format!("{}{}", numbers.area, low + dice.below(low * 3))
        })
    }

    fn unused(
        &mut self,
        dice: &mut Dice,
        kind: NumberKind,
        draw: impl Fn(&Self, &mut Dice) -> String,
    ) -> Line {
        let mut dialled = draw(self, dice);
        for _ in 0..TRIES_MAX {
            // Own numbers of the hospital and placeholders are of another kind.
            if self.plan.parse(&dialled).kind == kind && self.given.insert(dialled.clone()) {
                break;
            }
            dialled = draw(self, dice);
        }
        Line { dialled, kind }
    }

    /// The row of a person's number, read from what was typed.
    pub fn phone(&self, dice: &mut Dice, line: &Line, relation: &str, authorised: bool) -> NewPhone {
        let raw = self.written(dice, line);
        let parsed = self.reader.parse(&raw);
        // A placeholder stands in more records than any hotel.
        let shared = parsed.kind == NumberKind::Invalid;
        let phone = PhoneRow {
            number: parsed.number.as_str().to_owned(),
            kind: parsed.kind.as_str().to_owned(),
            relation: relation.to_owned(),
            authorised,
            priority: 0,
            shared,
        };
        NewPhone { phone, raw }
    }

    fn written(&self, dice: &mut Dice, line: &Line) -> String {
        let digits = line.dialled.as_str();
        let dirty = dice.per_mille(DIRTY_PER_MILLE);
        match (line.kind, dirty) {
            (NumberKind::Mobile, false) => digits.to_owned(),
            (NumberKind::Mobile, true) => dirty_mobile(dice, digits),
            (_, dirty) => {
                let (area, local) = digits.split_at(self.area.len().min(digits.len()));
                match dice.below(4) {
                    _ if !dirty => format!("{area}-{local}"),
                    // Only a configured area brings it back.
                    0 if self.plan.area.is_some() => local.to_owned(),
                    0 | 1 => format!("{area}-{local}转{}", 800 + dice.below(200)),
                    2 => format!("({area}){local}"),
                    _ => format!("+86 {} {local}", area.trim_start_matches('0')),
                }
            }
        }
    }
}

fn dirty_mobile(dice: &mut Dice, digits: &str) -> String {
    let (a, b, c) = (&digits[..3], &digits[3..7], &digits[7..]);
    match dice.below(20) {
        0..=5 => format!("{a} {b} {c}"),
        6..=9 => format!("0{digits}"),
        10..=12 => format!("+86{digits}"),
        13..=14 => format!("{a}-{b}-{c}"),
        15 => digits.chars().map(full_width).collect(),
        16 => format!("86{digits} "),
        17 => format!("17951{digits}"),
        18 => "13800138000".to_owned(),
        _ => (*dice.pick(&["11111111111", "12345678901", "10000000000"])).to_owned(),
    }
}

fn full_width(digit: char) -> char {
    char::from_u32(u32::from(digit) + 0xfee0).unwrap_or(digit)
}

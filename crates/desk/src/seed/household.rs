//! Who lives together, and whose number is whose.

use super::dice::Dice;
use super::names;
use super::phones::{Line, Numbers};
use crate::storage::NewPhone;

/// People so old are called back on a child's mobile more often than on their own, in years.
pub(super) const OLD_FROM: i64 = 65;

/// Children younger than this have no mobile, in years.
const CHILD_BELOW: i64 = 12;

/// The year in which the seeded hospital lives.
pub(super) const YEAR: i64 = 2025;

/// Of a thousand households, those with a land line.
const LAND_LINE_PER_MILLE: u64 = 150;
/// Of a thousand old people with and without a mobile, those who are reached on a child's: 22 % of all.
const CHILDS_MOBILE_PER_MILLE: (u64, u64) = (130, 500);
/// Of a thousand adults, those with a second mobile.
const SECOND_MOBILE_PER_MILLE: u64 = 90;
/// Of a thousand couples, those of whom each left the other's mobile as well.
const SPOUSES_MOBILE_PER_MILLE: u64 = 250;
/// Of a thousand numbers of a relative, those whose holder may act for the person.
const AUTHORISED_PER_MILLE: u64 = 650;

/// Persons in a household, as frequent as in a census.
const SIZES: [(usize, u32); 6] = [(1, 24), (2, 30), (3, 23), (4, 13), (5, 6), (6, 4)];

/// What somebody is in the household.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Part {
    /// A grown-up, alone or in a couple.
    Adult,
    Child,
    /// A parent of the adults.
    Elder,
}

/// One who lives there.
#[derive(Debug, Clone)]
pub(super) struct Member {
    pub name: String,
    pub male: bool,
    /// Year of birth.
    pub born: i64,
    pub phones: Vec<NewPhone>,
    part: Part,
    mobile: Option<Line>,
}

impl Member {
    pub fn age(&self) -> i64 {
        YEAR - self.born
    }
}

/// A grown-up of an earlier household, who may be the child of somebody old in a later one.
#[derive(Debug, Clone)]
pub(super) struct Grown {
    born: i64,
    mobile: Line,
}

/// Makes the people of one household, and leaves its grown-ups in `grown`.
pub(super) fn household(
    dice: &mut Dice,
    numbers: &mut Numbers,
    grown: &[Grown],
) -> (Vec<Member>, Vec<Grown>) {
    let size = dice.weighted(&SIZES);
    let mut members = people(dice, size);
    for member in &mut members {
        if has_mobile(dice, member.age()) {
            let mobile = numbers.mobile(dice);
            member.phones.push(numbers.phone(dice, &mobile, "self", false));
            member.mobile = Some(mobile);
            if member.age() < OLD_FROM
                && member.part == Part::Adult
                && dice.per_mille(SECOND_MOBILE_PER_MILLE)
            {
                let second = numbers.mobile(dice);
                member.phones.push(numbers.phone(dice, &second, "self", false));
            }
        }
    }
    share_with_elders(dice, numbers, &mut members, grown);
    share_with_children(dice, numbers, &mut members);
    share_between_spouses(dice, numbers, &mut members);
    if dice.per_mille(LAND_LINE_PER_MILLE) {
        let line = numbers.land_line(dice);
        for member in &mut members {
            let phone = numbers.phone(dice, &line, "self", false);
            member.phones.push(phone);
        }
    }
    let adults = members.iter().filter(|member| member.part == Part::Adult && member.age() < OLD_FROM);
    let grown = adults.filter_map(|m| Some(Grown { born: m.born, mobile: m.mobile.clone()? })).collect();
    (members, grown)
}

fn people(dice: &mut Dice, size: usize) -> Vec<Member> {
    let family = names::surname(dice);
    let parts: &[Part] = match size {
        1 => &[Part::Adult],
        2 if dice.per_mille(150) => &[Part::Adult, Part::Elder],
        2 => &[Part::Adult, Part::Adult],
        3 => &[Part::Adult, Part::Adult, Part::Child],
        4 if dice.per_mille(400) => &[Part::Adult, Part::Adult, Part::Child, Part::Elder],
        4 => &[Part::Adult, Part::Adult, Part::Child, Part::Child],
        5 => &[Part::Adult, Part::Adult, Part::Child, Part::Elder, Part::Elder],
        _ => &[Part::Adult, Part::Adult, Part::Child, Part::Child, Part::Elder, Part::Elder],
    };
    let with_others = size >= 3 || parts.contains(&Part::Elder);
    // Those who live alone or as a couple are young or old; parents are in between.
    let adult = if with_others { dice.between(1968, 1997) } else { dice.between(1936, 2003) };
    // Of two there is one of each; one alone is either.
    let is_man =
        |dice: &mut Dice, part: &Part, before: usize| match parts.iter().filter(|p| *p == part).count() {
            1 => dice.per_mille(490),
            _ => before == 0,
        };
    let mut members: Vec<Member> = Vec::with_capacity(size);
    for part in parts {
        let of_this_part = members.iter().filter(|member| member.part == *part).count();
        let (born, male) = match part {
            Part::Adult => (adult + dice.between(-3, 3), is_man(dice, part, of_this_part)),
            Part::Elder => (adult - dice.between(22, 33), is_man(dice, part, of_this_part)),
            Part::Child => ((adult + dice.between(23, 33)).min(YEAR), dice.per_mille(520)),
        };
        // A woman keeps her own name; a child has its father's.
        let own = if *part != Part::Child && of_this_part == 1 { names::surname(dice) } else { family };
        let name = names::name(dice, own, male, born);
        members.push(Member { name, male, born, phones: Vec::new(), part: *part, mobile: None });
    }
    members
}

fn has_mobile(dice: &mut Dice, age: i64) -> bool {
    dice.per_mille(match age {
        ..CHILD_BELOW => 0,
        CHILD_BELOW..16 => 450,
        16..OLD_FROM => 985,
        OLD_FROM..80 => 800,
        _ => 550,
    })
}

/// Some of the old are called on a child's mobile, which then stands first; a child may live elsewhere.
fn share_with_elders(dice: &mut Dice, numbers: &Numbers, members: &mut [Member], grown: &[Grown]) {
    let here: Vec<Grown> = members
        .iter()
        .filter(|member| member.part == Part::Adult)
        .filter_map(|member| Some(Grown { born: member.born, mobile: member.mobile.clone()? }))
        .collect();
    for member in members.iter_mut().filter(|member| member.age() >= OLD_FROM) {
        let (with_mobile, without) = CHILDS_MOBILE_PER_MILLE;
        if !dice.per_mille(if member.mobile.is_some() { with_mobile } else { without }) {
            continue;
        }
        let is_child = |grown: &&Grown| (18..=45).contains(&(grown.born - member.born));
        let child = here.iter().find(is_child).or_else(|| grown.iter().find(is_child));
        if let Some(child) = child {
            let authorised = dice.per_mille(AUTHORISED_PER_MILLE);
            member.phones.insert(0, numbers.phone(dice, &child.mobile, "child", authorised));
        }
    }
}

/// Children are reached through their parents, who may always act for them.
fn share_with_children(dice: &mut Dice, numbers: &Numbers, members: &mut [Member]) {
    let parents: Vec<Line> = members
        .iter()
        .filter(|member| member.part == Part::Adult)
        .filter_map(|member| member.mobile.clone())
        .collect();
    for member in members.iter_mut().filter(|member| member.part == Part::Child && member.age() < 18) {
        for (at, line) in parents.iter().enumerate() {
            if at == 0 || dice.per_mille(500) {
                let phone = numbers.phone(dice, line, "parent", true);
                member.phones.push(phone);
            }
        }
    }
}

fn share_between_spouses(dice: &mut Dice, numbers: &Numbers, members: &mut [Member]) {
    let couple: Vec<usize> = (0..members.len())
        .filter(|at| members[*at].part == Part::Adult && members[*at].mobile.is_some())
        .collect();
    let [one, other] = couple[..] else { return };
    if !dice.per_mille(SPOUSES_MOBILE_PER_MILLE) {
        return;
    }
    for (of, from) in [(one, other), (other, one)] {
        let Some(line) = members[from].mobile.clone() else {
            continue;
        };
        let authorised = dice.per_mille(AUTHORISED_PER_MILLE);
        let phone = numbers.phone(dice, &line, "spouse", authorised);
        members[of].phones.push(phone);
    }
}

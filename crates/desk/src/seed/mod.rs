//! People for demonstrations and tests, made from a seed: the same seed gives the same people, byte for byte.
//!
//! They live in households that share numbers, as real ones do: parents and children on one mobile, land lines of
//! whole families, and a few numbers of agents and landlords on which nobody can be told apart. Nobody real is meant,
//! and no number may be called: it could be somebody's.

mod dice;
mod household;
mod names;
mod phones;

use crate::storage::{NewPhone, Person, SeedPerson};
use careline_model::number::{NumberKind, NumberPlan};
use dice::Dice;
use household::{Grown, Member, OLD_FROM};
use phones::{Line, Numbers};
use std::collections::{BTreeMap, BTreeSet, VecDeque};

/// First-touch sources and their share in percent. Configurations use these codes.
pub const SOURCES: [(&str, u32); 7] = [
    ("friend", 24),
    ("nearby", 19),
    ("passing", 6),
    ("returning", 27),
    ("referral", 11),
    ("media", 9),
    ("other", 4),
];

/// What a desk should know before it speaks. Nothing clinical: it stands on top of every pop.
const ALERTS: [&str; 6] = [
    "听力不便，请放慢语速",
    "只说方言",
    "视力不便，请勿发短信",
    "请同时通知家属",
    "行动不便，需轮椅接送",
    "言语不便，请耐心等待",
];

const KINDS: [(&str, u32); 3] = [("patient", 940), ("prospect", 45), ("contact_only", 15)];

/// Everybody was seen first in the five years before this moment: 2026-01-01T00:00:00+08:00, in microseconds.
const END_US: i64 = 1_767_196_800_000_000;
const FIRST_SEEN_DAYS: i64 = 5 * 365;
const DAY_US: i64 = 86_400_000_000;

/// From so many persons on a number says nothing about who calls.
const SHARED_FROM: i64 = 9;
/// Of a thousand: persons who died, among the old and among the others. 0.9 % of all.
const DECEASED_PER_MILLE: (u64, u64) = (38, 2);
/// Of a thousand: persons with an alert, among the old and among the others.
const ALERT_PER_MILLE: (u64, u64) = (60, 6);
/// Of a thousand persons, those who were registered by an agent or landlord with that one's number.
const AGENT_PER_MILLE: u64 = 10;
/// How many stand on the number of one agent.
const AGENT_PERSONS: (i64, i64) = (9, 16);
/// Grown-ups of earlier households who may be children of the old in later ones.
const GROWN_MAX: usize = 64;
/// Streams of the generator.
const PEOPLE: u64 = 1;
const CALLERS: u64 = 2;

const STREETS: [&str; 16] = [
    "渤海路",
    "黄河路",
    "长江路",
    "梧桐街",
    "文化巷",
    "建设街",
    "新华路",
    "和平路",
    "翠湖路",
    "学院路",
    "花园街",
    "东风路",
    "育才街",
    "康宁路",
    "丰收路",
    "向阳街",
];
const ESTATES: [&str; 12] = [
    "阳光家园",
    "翠湖花园",
    "幸福里",
    "金桂苑",
    "和顺小区",
    "锦绣城",
    "书香苑",
    "新村",
    "清河湾",
    "安居苑",
    "枫林小区",
    "百合园",
];

/// So many people. `plan` says in which area the hospital lies and how it reads the numbers that were written down.
#[must_use]
pub fn generate(persons: usize, seed: u64, plan: &NumberPlan) -> Vec<SeedPerson> {
    let mut dice = Dice::new(seed, PEOPLE);
    let mut numbers = Numbers::new(plan);
    let mut grown: VecDeque<Grown> = VecDeque::with_capacity(GROWN_MAX);
    let mut agent = Agent::none();
    let mut people = Vec::with_capacity(persons);
    while people.len() < persons {
        let (members, adults) = household::household(&mut dice, &mut numbers, grown.make_contiguous());
        for adult in adults {
            if grown.len() == GROWN_MAX {
                grown.pop_front();
            }
            grown.push_back(adult);
        }
        let address = address(&mut dice);
        for mut member in members.into_iter().take(persons - people.len()) {
            if dice.per_mille(AGENT_PER_MILLE) {
                member.phones.push(agent.phone(&mut dice, &mut numbers));
            }
            people.push(person(&mut dice, people.len(), member, &address));
        }
    }
    mark_shared(&mut people);
    people
}

/// Numbers from which one of these people may call, as they are dialled (`13854312345`, `05433256789`), each once and
/// in random order: mobiles and land lines, also shared ones. Nobody who died calls.
#[must_use]
pub fn dialable(people: &[SeedPerson], seed: u64) -> Vec<String> {
    let living = people.iter().filter(|seed| !seed.person.deceased);
    let phones = living.flat_map(|seed| &seed.phones);
    let numbers: BTreeSet<String> = phones.filter_map(dialled).collect();
    let mut numbers: Vec<String> = numbers.into_iter().collect();
    Dice::new(seed, CALLERS).shuffle(&mut numbers);
    numbers
}

/// From canonical to dialled: `+8613854312345` is `13854312345`, `+865433256789` is `05433256789`.
fn dialled(phone: &NewPhone) -> Option<String> {
    let number = phone.phone.number.as_str();
    let national = number.strip_prefix("+86")?;
    if phone.phone.kind == NumberKind::Mobile.as_str() {
        return Some(national.to_owned());
    }
    (phone.phone.kind == NumberKind::Landline.as_str()).then(|| format!("0{national}"))
}

/// The number of an agent, until enough persons stand on it.
struct Agent {
    line: Option<Line>,
    left: i64,
}

impl Agent {
    fn none() -> Self {
        Self { line: None, left: 0 }
    }

    fn phone(&mut self, dice: &mut Dice, numbers: &mut Numbers) -> NewPhone {
        if self.left == 0 {
            self.line = Some(numbers.mobile(dice));
            self.left = dice.between(AGENT_PERSONS.0, AGENT_PERSONS.1);
        }
        self.left -= 1;
        let line = self.line.clone().unwrap_or_else(|| numbers.mobile(dice));
        numbers.phone(dice, &line, "other", false)
    }
}

fn person(dice: &mut Dice, index: usize, member: Member, address: &str) -> SeedPerson {
    let old = member.age() >= OLD_FROM;
    let of_age = |(old_ones, others): (u64, u64)| if old { old_ones } else { others };
    let birth_date = format!("{}-{:02}-{:02}", member.born, dice.between(1, 12), dice.between(1, 28));
    // Nobody was seen before being born; who was born in the last year was seen in its last days.
    let days = dice.between(0, (member.age() * 365 - 1).clamp(2, FIRST_SEEN_DAYS));
    let seconds = dice.between(7 * 3600, 18 * 3600);
    let first_seen_us = END_US - (days + 1) * DAY_US + seconds * 1_000_000;
    let kind = if member.age() < 18 || old { "patient" } else { dice.weighted(&KINDS) };
    let sex = match member.male {
        _ if dice.per_mille(8) => "unknown",
        true => "male",
        false => "female",
    };
    let person = Person {
        id: dice.id(first_seen_us),
        record_number: (kind == "patient").then(|| format!("{:08}", 10_000_000 + index)),
        kind: kind.to_owned(),
        name: member.name,
        sex: sex.to_owned(),
        birth_date: (!dice.per_mille(15)).then_some(birth_date),
        address: address.to_owned(),
        alert: if dice.per_mille(of_age(ALERT_PER_MILLE)) {
            (*dice.pick(&ALERTS)).to_owned()
        } else {
            String::new()
        },
        deceased: kind == "patient" && dice.per_mille(of_age(DECEASED_PER_MILLE)),
        source_code: if kind == "contact_only" { String::new() } else { dice.weighted(&SOURCES).to_owned() },
        version: 1,
    };
    SeedPerson { person, first_seen_us, phones: in_order(member.phones) }
}

/// Each number once, in the order in which it is to be tried.
fn in_order(phones: Vec<NewPhone>) -> Vec<NewPhone> {
    let mut seen = BTreeSet::new();
    let mut kept: Vec<NewPhone> =
        phones.into_iter().filter(|p| seen.insert(p.phone.number.clone())).collect();
    for (priority, phone) in (0..).zip(&mut kept) {
        phone.phone.priority = priority;
    }
    kept
}

/// What stands with more than eight persons says nothing about who calls.
fn mark_shared(people: &mut [SeedPerson]) {
    let mut persons: BTreeMap<String, i64> = BTreeMap::new();
    for phone in people.iter().flat_map(|seed| &seed.phones) {
        *persons.entry(phone.phone.number.clone()).or_default() += 1;
    }
    for phone in people.iter_mut().flat_map(|seed| &mut seed.phones) {
        let of_many = persons.get(&phone.phone.number).is_some_and(|count| *count >= SHARED_FROM);
        phone.phone.shared |= of_many;
    }
}

fn address(dice: &mut Dice) -> String {
    let (street, estate) = (dice.pick(&STREETS), dice.pick(&ESTATES));
    let (number, block, unit, floor) =
        (dice.between(1, 400), dice.between(1, 30), dice.between(1, 4), dice.between(1, 18));
    format!("{street}{number}号{estate}{block}号楼{unit}单元{floor}0{}室", dice.between(1, 4))
}

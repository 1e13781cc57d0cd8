//! Spoken English, the British way: "one hundred and five", "the first of May", "nineteen oh five".
//!
//! Digits of a telephone number have "zero", which survives a bad line better than "oh"; times and years have "oh".

use super::Word;
use super::word::Period;
use jiff::civil::{Date, Time};

const SMALL: [&str; 20] = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
];
const TENS: [&str; 10] =
    ["", "ten", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"];
const ORDINALS: [&str; 20] = [
    "zeroth",
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
];
const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const WEEKDAYS: [&str; 7] = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/// "ten thousand two hundred and three".
pub(super) fn cardinal(number: u64) -> Vec<Word> {
    if number == 0 {
        return vec![Word::Digit(0)];
    }
    let mut words = Vec::new();
    let groups = [
        (number / 1_000_000_000, Some(Word::Billion)),
        (number / 1_000_000 % 1000, Some(Word::Million)),
        (number / 1000 % 1000, Some(Word::Thousand)),
        (number % 1000, None),
    ];
    for (group, unit) in groups {
        let (hundreds, rest) = (small(group / 100), small(group % 100));
        words.extend((hundreds > 0).then_some(Word::Hundreds(hundreds)));
        // "one hundred and five", and in the last group "one thousand and five".
        let and = rest > 0 && (hundreds > 0 || (unit.is_none() && !words.is_empty()));
        words.extend(and.then_some(Word::And));
        words.extend((rest > 0).then(|| below_hundred(rest)).into_iter().flatten());
        words.extend(unit.filter(|_| group > 0));
    }
    words
}

/// "twenty-first", "one hundred and first".
pub(super) fn ordinal(place: u32) -> Vec<Word> {
    let (hundreds, rest) = (small(u64::from(place) / 100), small(u64::from(place) % 100));
    if rest == 0 {
        return vec![Word::Digit(hundreds), Word::Hundredth];
    }
    let mut words = if hundreds > 0 { vec![Word::Hundreds(hundreds), Word::And] } else { Vec::new() };
    words.extend(ordinal_below_hundred(rest));
    words
}

fn ordinal_below_hundred(place: u8) -> Vec<Word> {
    match (place, place % 10) {
        (0..=19, _) | (_, 0) => vec![Word::Ordinal(place)],
        (_, unit) => vec![Word::Number(place - unit), Word::Ordinal(unit)],
    }
}

/// "twelve yuan and fifty fen", "five fen", "zero yuan".
pub(super) fn money(fen: u64) -> Vec<Word> {
    let (yuan, fen) = (fen / 100, small(fen % 100));
    let mut words = Vec::new();
    if yuan > 0 || fen == 0 {
        words.extend(cardinal(yuan));
        words.push(Word::Yuan);
        words.extend((fen > 0).then_some(Word::And));
    }
    if fen > 0 {
        words.extend(below_hundred(fen));
        words.push(Word::FenUnit);
    }
    words
}

/// "Sunday, the twenty-ninth of November, twenty twenty-six".
pub(super) fn date(date: Date, year: bool, weekday: bool) -> Vec<Word> {
    let mut words = Vec::new();
    if weekday {
        let day = date.weekday().to_monday_one_offset().unsigned_abs();
        words.extend([Word::Weekday(day), Word::Pause]);
    }
    words.push(Word::The);
    words.extend(ordinal_below_hundred(date.day().unsigned_abs()));
    words.push(Word::Month(date.month().unsigned_abs()));
    if year {
        words.push(Word::Pause);
        words.extend(year_words(u64::from(date.year().unsigned_abs())));
    }
    words
}

/// Of 1900 to 2099: "nineteen hundred", "nineteen oh five", "two thousand and five", "twenty twenty-six".
fn year_words(year: u64) -> Vec<Word> {
    if (2000..2010).contains(&year) {
        return cardinal(year);
    }
    let (century, rest) = (small(year / 100), small(year % 100));
    let mut words = below_hundred(century);
    match rest {
        0 => words.push(Word::Hundred),
        _ => words.extend(oh_or_tens(rest)),
    }
    words
}

/// "two oh five p.m.", "nine a.m.", "twelve noon".
pub(super) fn time(time: Time) -> Vec<Word> {
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    let clock = if hour.is_multiple_of(12) { 12 } else { hour % 12 };
    let period = match (hour, minute) {
        (0, 0) => Period::Midnight,
        (12, 0) => Period::Midday,
        (0..=11, _) => Period::Am,
        _ => Period::Pm,
    };
    let mut words = below_hundred(clock);
    if minute > 0 {
        words.extend(oh_or_tens(minute));
    }
    words.push(Word::Period(period));
    words
}

/// "one hour and five minutes", "two hours five minutes and ten seconds".
pub(super) fn duration(seconds: u64) -> Vec<Word> {
    let parts = [
        (small(seconds / 3600), Word::OneHour, Word::Hours),
        (small(seconds / 60 % 60), Word::OneMinute, Word::Minutes),
        (small(seconds % 60), Word::OneSecond, Word::Seconds),
    ];
    let last = parts.iter().rposition(|(amount, ..)| *amount > 0);
    let mut words = Vec::new();
    for (index, (amount, one, unit)) in parts.into_iter().enumerate().filter(|(_, part)| part.0 > 0) {
        words.extend((!words.is_empty() && Some(index) == last).then_some(Word::And));
        match amount {
            1 => words.push(one),
            _ => words.extend(below_hundred(amount).into_iter().chain([unit])),
        }
    }
    if words.is_empty() { vec![Word::Digit(0), Word::Seconds] } else { words }
}

fn below_hundred(number: u8) -> Vec<Word> {
    match (number, number % 10) {
        (0..=9, _) => vec![Word::Digit(number)],
        (10..=19, _) | (_, 0) => vec![Word::Number(number)],
        (_, unit) => vec![Word::Number(number - unit), Word::Digit(unit)],
    }
}

/// 1 to 99 behind an hour or a century: "oh five", "twenty-six".
fn oh_or_tens(number: u8) -> Vec<Word> {
    if number < 10 { vec![Word::Oh, Word::Digit(number)] } else { below_hundred(number) }
}

/// The two are written as one word: "twenty-two", "twenty-second".
pub(super) fn hyphenated(before: Word, word: Word) -> bool {
    matches!((before, word), (Word::Number(20..), Word::Digit(1..) | Word::Ordinal(1..=9)))
}

/// Never more than 999 / 10 here.
fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// How the words are written.
pub(super) fn text(word: Word) -> Option<String> {
    let of = |list: &[&'static str], index: u8| list.get(usize::from(index)).copied().unwrap_or_default();
    let text = match word {
        Word::Digit(number) => of(&SMALL, number),
        Word::Number(number @ ..=19) => of(&SMALL, number),
        Word::Number(number) if number.is_multiple_of(10) => of(&TENS, number / 10),
        Word::Hundreds(count) => return Some(format!("{} hundred", of(&SMALL, count))),
        Word::Ordinal(place @ ..=19) => of(&ORDINALS, place),
        Word::Ordinal(place) => {
            return Some(format!("{}ieth", of(&TENS, place / 10).trim_end_matches('y')));
        }
        Word::Letter(letter) => return Some(letter.to_string()),
        Word::Month(month) => return Some(format!("of {}", of(&MONTHS, month.wrapping_sub(1)))),
        Word::Weekday(day) => of(&WEEKDAYS, day.wrapping_sub(1)),
        Word::Period(period) => return period_text(period).map(str::to_owned),
        Word::Oh => "oh",
        Word::The => "the",
        Word::Hundred => "hundred",
        Word::Thousand => "thousand",
        Word::Million => "million",
        Word::Billion => "billion",
        Word::And => "and",
        Word::Minus => "minus",
        Word::Hundredth => "hundredth",
        Word::Pause => ",",
        Word::Yuan => "yuan",
        Word::FenUnit => "fen",
        Word::OneHour => "one hour",
        Word::Hours => "hours",
        Word::OneMinute => "one minute",
        Word::Minutes => "minutes",
        Word::OneSecond => "one second",
        Word::Seconds => "seconds",
        Word::PositionPrefix => "There are",
        Word::PositionSuffix => "callers ahead of you.",
        Word::PositionOne => "There is one caller ahead of you.",
        Word::PositionNext => "You are next.",
        Word::AgentPrefix => "Agent",
        Word::AgentSuffix => "is at your service.",
        Word::Number(_)
        | Word::ZeroDigit(_)
        | Word::Yao
        | Word::Liang
        | Word::Thousands(_)
        | Word::TwoThousandInside
        | Word::OneWan
        | Word::OneYi
        | Word::Wan
        | Word::Yi
        | Word::OrdinalPrefix
        | Word::OneYuan
        | Word::Jiao(_)
        | Word::Fen(_)
        | Word::Year
        | Word::Hour(_)
        | Word::DayUnit
        | Word::Half
        | Word::Minute(_)
        | Word::MinuteUnit => return None,
    };
    Some(text.to_owned())
}

fn period_text(period: Period) -> Option<&'static str> {
    match period {
        Period::Am => Some("a.m."),
        Period::Pm => Some("p.m."),
        Period::Midnight => Some("midnight"),
        Period::Midday => Some("noon"),
        Period::Small
        | Period::Early
        | Period::Morning
        | Period::Noon
        | Period::Afternoon
        | Period::Evening => None,
    }
}

//! A listener: from what was said back to the value. Knows the languages, not our way of making them.

use careline_model::spoken::Language;
use jiff::civil::{Time, Weekday};
use std::time::Duration;

const WEEKDAYS: [Weekday; 7] = [
    Weekday::Monday,
    Weekday::Tuesday,
    Weekday::Wednesday,
    Weekday::Thursday,
    Weekday::Friday,
    Weekday::Saturday,
    Weekday::Sunday,
];

/// A day as it was heard.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Day {
    pub year: Option<i16>,
    pub month: i8,
    pub day: i8,
    pub weekday: Option<Weekday>,
}

pub fn integer(text: &str, language: Language) -> Option<i64> {
    let (sign, rest) = match text.strip_prefix("负").or_else(|| text.strip_prefix("minus ")) {
        Some(rest) => (-1, rest),
        None => (1, text),
    };
    Some(sign * i64::try_from(number(rest, language)?).ok()?)
}

pub fn ordinal(text: &str, language: Language) -> Option<u32> {
    let number = match language {
        Language::Mandarin => chinese(text.strip_prefix("第")?)?,
        Language::English => english(&english_ordinal(text)?)?,
    };
    number.try_into().ok()
}

pub fn digits(text: &str, language: Language) -> Option<String> {
    match language {
        Language::Mandarin => text.chars().filter(|c| *c != '，').map(one_character).collect(),
        Language::English => text.replace(',', "").split(' ').map(one_word).collect(),
    }
}

pub fn money(text: &str, language: Language) -> Option<u64> {
    match language {
        Language::Mandarin => {
            let (yuan, rest) = text.split_once('元').unwrap_or(("零", text));
            let rest = rest.trim_start_matches('零');
            let (jiao, rest) = rest.split_once('角').unwrap_or(("零", rest));
            let fen = if rest.is_empty() { "零" } else { rest.strip_suffix('分')? };
            Some(chinese(yuan)? * 100 + chinese(jiao)? * 10 + chinese(fen)?)
        }
        Language::English => {
            let (yuan, fen) = text.split_once(" yuan").unwrap_or(("zero", text));
            let fen = fen.trim_start_matches(" and ").trim_end_matches(" fen");
            Some(english(yuan)? * 100 + if fen.is_empty() { 0 } else { english(fen)? })
        }
    }
}

pub fn date(text: &str, language: Language) -> Option<Day> {
    match language {
        Language::Mandarin => {
            let (year, rest) = match text.split_once('年') {
                Some((year, rest)) => {
                    (Some(year.chars().map(one_character).collect::<Option<String>>()?), rest)
                }
                None => (None, text),
            };
            let (month, rest) = rest.split_once('月')?;
            let (day, rest) = rest.split_once('号')?;
            let weekday = match rest.strip_prefix("星期") {
                Some("日") => Some(Weekday::Sunday),
                Some(name) => Some(WEEKDAYS[usize::try_from(chinese(name)?).ok()? - 1]),
                None => None,
            };
            Some(Day {
                year: year.map(|year| year.parse().expect("digits")),
                month: chinese(month)?.try_into().ok()?,
                day: chinese(day)?.try_into().ok()?,
                weekday,
            })
        }
        Language::English => {
            let mut parts: Vec<&str> = text.split(", ").collect();
            let weekday = (!parts[0].starts_with("the")).then(|| parts.remove(0));
            let (day, month) = parts[0].strip_prefix("the ")?.split_once(" of ")?;
            let months =
                "January February March April May June July August September October November December";
            let month = months.split(' ').position(|name| name == month)? + 1;
            let weekdays = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday";
            let weekday =
                weekday.map(|day| weekdays.split(' ').position(|name| name == day).expect("a weekday"));
            Some(Day {
                year: parts.get(1).map(|year| english_year(year).expect("a year")),
                month: month.try_into().ok()?,
                day: english(&english_ordinal(day)?)?.try_into().ok()?,
                weekday: weekday.map(|index| WEEKDAYS[index]),
            })
        }
    }
}

pub fn time(text: &str, language: Language) -> Option<Time> {
    let (hour, minute) = match language {
        Language::Mandarin => chinese_time(text)?,
        Language::English => english_time(text)?,
    };
    Time::new(hour, minute, 0, 0).ok()
}

pub fn duration(text: &str, language: Language) -> Option<Duration> {
    let units: [(&[&str], u64); 3] = match language {
        Language::Mandarin => [(&["小时"], 3600), (&["分钟"], 60), (&["秒"], 1)],
        Language::English => {
            [(&[" hours", " hour"], 3600), (&[" minutes", " minute"], 60), (&[" seconds", " second"], 1)]
        }
    };
    let (mut rest, mut seconds) = (text, 0);
    for (names, length) in units {
        let Some((amount, after)) = names.iter().find_map(|name| rest.split_once(name)) else { continue };
        // 零五 is five behind a larger unit, and 零 alone is nothing.
        let amount = if amount == "零" { amount } else { amount.trim_start_matches('零') };
        seconds += number(amount.trim_start().trim_start_matches("and "), language)? * length;
        rest = after;
    }
    rest.is_empty().then(|| Duration::from_secs(seconds))
}

fn number(text: &str, language: Language) -> Option<u64> {
    match language {
        Language::Mandarin => chinese(text),
        Language::English => english(text),
    }
}

// -- Mandarin

fn one_character(c: char) -> Option<char> {
    match c {
        '幺' => Some('1'),
        'A'..='Z' => Some(c),
        _ => char::from_digit(
            u32::try_from("零一二三四五六七八九".chars().position(|digit| digit == c)?).ok()?,
            10,
        ),
    }
}

/// 一万零二百零三: each unit multiplies what stands before it.
fn chinese(text: &str) -> Option<u64> {
    let (mut total, mut group, mut digit) = (0, 0, None);
    for c in text.chars() {
        match c {
            '十' => group += digit.take().unwrap_or(1) * 10,
            '百' => group += digit.take()? * 100,
            '千' => group += digit.take()? * 1000,
            '万' => {
                total += (group + digit.take().unwrap_or(0)) * 10_000;
                group = 0;
            }
            '亿' => {
                total = (total + group + digit.take().unwrap_or(0)) * 100_000_000;
                group = 0;
            }
            '零' => digit = Some(0),
            '两' => digit = Some(2),
            _ => digit = Some(u64::from(one_character(c)?.to_digit(10)?)),
        }
    }
    Some(total + group + digit.unwrap_or(0))
}

fn chinese_time(text: &str) -> Option<(i8, i8)> {
    let period: String = text.chars().take(2).collect();
    let (hour, rest) = text.strip_prefix(&period)?.split_once('点')?;
    let hour = i8::try_from(chinese(hour)?).ok()?;
    let hour = match period.as_str() {
        "凌晨" | "早上" | "上午" => hour,
        "中午" => (hour == 12).then_some(12)?,
        "下午" | "晚上" => hour + 12,
        _ => return None,
    };
    let minute = match rest {
        "" => 0,
        "半" => 30,
        _ => i8::try_from(chinese(rest.strip_suffix('分')?)?).ok()?,
    };
    Some((hour, minute))
}

// -- English

const SMALL: &str = "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen \
                     sixteen seventeen eighteen nineteen";
const TENS: &str = "twenty thirty forty fifty sixty seventy eighty ninety";

fn one_word(word: &str) -> Option<char> {
    match word.len() {
        1 => word.chars().next(),
        _ => char::from_digit(u32::try_from(small(word)?).ok()?, 10),
    }
}

fn small(word: &str) -> Option<u64> {
    if let Some(number) = SMALL.split_whitespace().position(|name| name == word) {
        return u64::try_from(number).ok();
    }
    let tens = TENS.split(' ').position(|name| name == word)?;
    Some((u64::try_from(tens).ok()? + 2) * 10)
}

fn english(text: &str) -> Option<u64> {
    let (mut total, mut group) = (0, 0);
    for word in text.split([' ', '-']).filter(|word| *word != "and") {
        match word {
            "hundred" => group *= 100,
            "thousand" => (total, group) = (total + group * 1000, 0),
            "million" => (total, group) = (total + group * 1_000_000, 0),
            "billion" => (total, group) = (total + group * 1_000_000_000, 0),
            _ => group += small(word)?,
        }
    }
    Some(total + group)
}

/// "twenty first" to "twenty one".
fn english_ordinal(text: &str) -> Option<String> {
    let at = text.rfind([' ', '-']).map_or(0, |space| space + 1);
    let (before, last) = text.split_at(at);
    let cardinal = match last {
        "first" => "one".into(),
        "second" => "two".into(),
        "third" => "three".into(),
        "fifth" => "five".into(),
        "eighth" => "eight".into(),
        "ninth" => "nine".into(),
        "twelfth" => "twelve".into(),
        _ => match last.strip_suffix("ieth") {
            Some(tens) => format!("{tens}y"),
            None => last.strip_suffix("th")?.to_owned(),
        },
    };
    Some(format!("{before}{cardinal}"))
}

fn english_year(text: &str) -> Option<i16> {
    if text.contains("thousand") {
        return english(text)?.try_into().ok();
    }
    let (century, rest) = text.split_once(' ')?;
    let rest = if rest == "hundred" { 0 } else { english(rest.trim_start_matches("oh "))? };
    i16::try_from(english(century)? * 100 + rest).ok()
}

fn english_time(text: &str) -> Option<(i8, i8)> {
    let (clock, period) = text.rsplit_once(' ')?;
    let (hour, minute) = clock.split_once(' ').unwrap_or((clock, "zero"));
    let hour = i8::try_from(english(hour)?).ok()?;
    let minute = i8::try_from(english(minute.trim_start_matches("oh "))?).ok()?;
    let half = match period {
        "a.m." | "midnight" => 0,
        "p.m." | "noon" => 12,
        _ => return None,
    };
    Some((hour % 12 + half, minute))
}

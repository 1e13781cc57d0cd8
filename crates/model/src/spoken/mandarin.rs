//! Spoken Mandarin.
//!
//! Numbers are read in groups of four digits (万, 亿). A zero is said once for the zeros at the head of a group or within
//! it, never for those at its end (小学数学: 每级末尾的零都不读). 2 is 两 before a unit of measure, and before 千, 万 and 亿;
//! behind 万 and 亿 it is 二千 (吕叔湘《现代汉语八百词》, "二"). 10 to 19 begin with 十 only where the number begins.

use super::Word;
use super::word::Period;
use jiff::civil::{Date, Time};

const DIGITS: [&str; 10] = ["零", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
const WEEKDAYS: [&str; 7] = ["一", "二", "三", "四", "五", "六", "日"];
const GROUP: u64 = 10_000;

/// 一万零二百零三.
pub(super) fn cardinal(number: u64) -> Vec<Word> {
    if number == 0 {
        return vec![Word::Digit(0)];
    }
    let mut words = Vec::new();
    let mut skipped = false;
    let groups = [
        (number / (GROUP * GROUP), Some((Word::OneYi, Word::Yi))),
        (number / GROUP % GROUP, Some((Word::OneWan, Word::Wan))),
        (number % GROUP, None),
    ];
    for (group, unit) in groups {
        let first = words.is_empty();
        if group == 0 {
            skipped = !first;
            continue;
        }
        if !first && (skipped || group < 1000) {
            words.push(Word::Digit(0));
        }
        skipped = false;
        match (group, unit) {
            (1, Some((one, _))) => words.push(one),
            (2, Some((_, unit))) => words.extend([Word::Liang, unit]),
            (_, unit) => {
                four_digits(group, first, &mut words);
                words.extend(unit.map(|(_, unit)| unit));
            }
        }
    }
    zeros_joined(words)
}

/// 零 and a digit as one word.
fn zeros_joined(words: Vec<Word>) -> Vec<Word> {
    let mut joined: Vec<Word> = Vec::with_capacity(words.len());
    for word in words {
        match (joined.last(), word) {
            (Some(Word::Digit(0)), Word::Digit(digit @ 1..)) => {
                joined.pop();
                joined.push(Word::ZeroDigit(digit));
            }
            _ => joined.push(word),
        }
    }
    joined
}

/// A number of something: 两位, 十二位.
pub(super) fn count(number: u64) -> Vec<Word> {
    if number == 2 { vec![Word::Liang] } else { cardinal(number) }
}

/// 第二十一.
pub(super) fn ordinal(place: u32) -> Vec<Word> {
    [vec![Word::OrdinalPrefix], cardinal(u64::from(place))].concat()
}

/// 十二元三角四分, 十二元零四分, 三角.
pub(super) fn money(fen: u64) -> Vec<Word> {
    let (yuan, jiao, fen) = (fen / 100, small(fen / 10 % 10), small(fen % 10));
    let mut words = match (yuan, jiao, fen) {
        (0, 1.., _) | (0, _, 1..) => Vec::new(),
        (1, ..) => vec![Word::OneYuan],
        _ => [count(yuan), vec![Word::Yuan]].concat(),
    };
    if jiao > 0 {
        words.push(Word::Jiao(jiao));
    } else if fen > 0 && yuan > 0 {
        words.push(Word::Digit(0));
    }
    words.extend((fen > 0).then_some(Word::Fen(fen)));
    words
}

/// 二零二六年十一月二十九号星期日.
pub(super) fn date(date: Date, year: bool, weekday: bool) -> Vec<Word> {
    let mut words = Vec::new();
    if year {
        let year = u64::from(date.year().unsigned_abs());
        words.extend([1000, 100, 10, 1].map(|unit| Word::Digit(small(year / unit % 10))));
        words.push(Word::Year);
    }
    words.push(Word::Month(date.month().unsigned_abs()));
    words.extend(cardinal(u64::from(date.day().unsigned_abs())));
    words.push(Word::DayUnit);
    if weekday {
        words.push(Word::Weekday(date.weekday().to_monday_one_offset().unsigned_abs()));
    }
    words
}

/// 下午两点零五分, 上午九点半, 晚上八点.
pub(super) fn time(time: Time) -> Vec<Word> {
    let (hour, minute) = (time.hour().unsigned_abs(), time.minute().unsigned_abs());
    let period = match hour {
        0..=4 => Period::Small,
        5..=7 => Period::Early,
        8..=11 => Period::Morning,
        12 => Period::Noon,
        13..=17 => Period::Afternoon,
        _ => Period::Evening,
    };
    let clock = if hour > 12 { hour - 12 } else { hour };
    let mut words = vec![Word::Period(period), Word::Hour(clock)];
    match minute {
        0 => {}
        30 => words.push(Word::Half),
        1..=9 => words.push(Word::Minute(minute)),
        _ => words.extend([Word::Number(minute), Word::MinuteUnit]),
    }
    words
}

/// 一小时零五分钟, 两分钟三十秒. A part below ten behind a larger one has a 零, and one behind a part that is left out.
pub(super) fn duration(seconds: u64) -> Vec<Word> {
    let parts = [
        (seconds / 3600, Word::OneHour, Word::Hours),
        (seconds / 60 % 60, Word::OneMinute, Word::Minutes),
        (seconds % 60, Word::OneSecond, Word::Seconds),
    ];
    let mut words = Vec::new();
    let mut skipped = false;
    for (amount, one, unit) in parts {
        if amount == 0 {
            skipped = !words.is_empty();
            continue;
        }
        if !words.is_empty() && (skipped || amount < 10) {
            words.push(Word::Digit(0));
        }
        skipped = false;
        match amount {
            1 => words.push(one),
            _ => words.extend(count(amount).into_iter().chain([unit])),
        }
    }
    if words.is_empty() { vec![Word::Digit(0), Word::Seconds] } else { zeros_joined(words) }
}

/// 1 to 9999. `first`: nothing of the number stands before.
fn four_digits(group: u64, first: bool, words: &mut Vec<Word>) {
    let (thousands, hundreds, rest) = (small(group / 1000), small(group / 100 % 10), small(group % 100));
    match thousands {
        0 => {}
        2 if !first => words.push(Word::TwoThousandInside),
        _ => words.push(Word::Thousands(thousands)),
    }
    if hundreds > 0 {
        words.push(Word::Hundreds(hundreds));
    }
    let gap = (hundreds > 0 && rest < 10) || (hundreds == 0 && thousands > 0);
    words.extend((gap && rest > 0).then_some(Word::Digit(0)));
    match rest {
        0 => {}
        1..=9 => words.push(Word::Digit(rest)),
        10..=19 if !first || group >= 100 => words.extend([Word::Digit(1), Word::Number(rest)]),
        _ => words.push(Word::Number(rest)),
    }
}

/// Never more than 99 here.
fn small(number: u64) -> u8 {
    u8::try_from(number).unwrap_or(u8::MAX)
}

/// How the words are written.
pub(super) fn text(word: Word) -> Option<String> {
    let digit = |digit: u8| DIGITS.get(usize::from(digit)).copied().unwrap_or_default();
    let measured = |count: u8| if count == 2 { "两" } else { digit(count) };
    let text = match word {
        Word::Digit(number) => digit(number),
        Word::ZeroDigit(number) => return Some(format!("零{}", digit(number))),
        Word::Number(number) => return Some(tens(number)),
        Word::Hundreds(count) => return Some(format!("{}百", digit(count))),
        Word::Thousands(count) => return Some(format!("{}千", measured(count))),
        Word::Letter(letter) => return Some(letter.to_string()),
        Word::Jiao(count) => return Some(format!("{}角", measured(count))),
        Word::Fen(count) => return Some(format!("{}分", measured(count))),
        Word::Month(month) => return Some(format!("{}月", tens(month))),
        Word::Weekday(day) => {
            let name = WEEKDAYS.get(usize::from(day).wrapping_sub(1)).copied().unwrap_or_default();
            return Some(format!("星期{name}"));
        }
        Word::Hour(2) => "两点",
        Word::Hour(hour) => return Some(format!("{}点", tens(hour))),
        Word::Minute(minute) => return Some(format!("零{}分", digit(minute))),
        Word::Period(period) => return period_text(period).map(str::to_owned),
        Word::Yao => "幺",
        Word::Liang => "两",
        Word::TwoThousandInside => "二千",
        Word::OneWan => "一万",
        Word::OneYi => "一亿",
        Word::Wan => "万",
        Word::Yi => "亿",
        Word::Minus => "负",
        Word::OrdinalPrefix => "第",
        Word::Pause => "，",
        Word::OneYuan => "一元",
        Word::Yuan => "元",
        Word::Year => "年",
        Word::DayUnit => "号",
        Word::Half => "半",
        Word::MinuteUnit => "分",
        Word::OneHour => "一小时",
        Word::Hours => "小时",
        Word::OneMinute => "一分钟",
        Word::Minutes => "分钟",
        Word::OneSecond => "一秒",
        Word::Seconds => "秒",
        Word::PositionPrefix => "您前面还有",
        Word::PositionSuffix => "位来电者。",
        Word::PositionOne => "您前面还有一位来电者。",
        Word::PositionNext => "您是下一位。",
        Word::AgentSuffix => "号为您服务。",
        Word::Oh
        | Word::Hundred
        | Word::Thousand
        | Word::Million
        | Word::Billion
        | Word::And
        | Word::Ordinal(_)
        | Word::Hundredth
        | Word::FenUnit
        | Word::The
        | Word::AgentPrefix => return None,
    };
    Some(text.to_owned())
}

/// 0 to 99.
fn tens(number: u8) -> String {
    let digit = |digit: u8| DIGITS.get(usize::from(digit)).copied().unwrap_or_default();
    let unit = if number.is_multiple_of(10) { "" } else { digit(number % 10) };
    match number {
        0..=9 => digit(number).to_owned(),
        10..=19 => format!("十{unit}"),
        _ => format!("{}十{unit}", digit(number / 10)),
    }
}

fn period_text(period: Period) -> Option<&'static str> {
    match period {
        Period::Small => Some("凌晨"),
        Period::Early => Some("早上"),
        Period::Morning => Some("上午"),
        Period::Noon => Some("中午"),
        Period::Afternoon => Some("下午"),
        Period::Evening => Some("晚上"),
        Period::Am | Period::Pm | Period::Midnight | Period::Midday => None,
    }
}

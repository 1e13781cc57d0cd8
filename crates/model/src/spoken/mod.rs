//! Values as people say them: a number, an amount, a date, a time, a span of time or the digits of a telephone number,
//! as a row of prompts and as text.
//!
//! [`say`] speaks a [`Value`] in a [`Language`]; [`queue_place`] and [`agent_at_service`] are whole sentences. The
//! prompts of a language are its [`vocabulary`]; the texts there are those that were recorded, so that a screen can
//! show what the caller heard, and a test reads as language.
//!
//! What it is not: it plays nothing, knows no folder of prompts and translates no sentence. What it says of a patient
//! (a telephone number, an amount) is as confidential as the value: keep an [`Utterance`] out of logs.

mod code;
mod english;
mod mandarin;
mod word;

use jiff::civil::{Date, Time};
use std::sync::Arc;
use std::time::Duration;
use thiserror::Error;

pub use word::Word;

/// The largest amount of anything that is counted; the least is its negative.
pub const INTEGER_MAX: u64 = 999_999_999_999;
/// The last ordinal that is spoken; the first is 1.
pub const ORDINAL_MAX: u32 = 999;
/// The largest sum of money, in fen: 999,999,999,999.99 yuan.
pub const FEN_MAX: u64 = INTEGER_MAX * 100 + 99;
/// The years that are spoken, both included.
pub const YEARS: (i16, i16) = (1900, 2099);
/// The longest span of time, in seconds: 99 hours, 59 minutes and 59 seconds.
pub const DURATION_S_MAX: u64 = 100 * 3600 - 1;
/// The longest telephone number, record number or agent's number, in characters.
pub const CODE_CHARS_MAX: usize = 32;
/// The largest number of callers before somebody that is told.
pub const AHEAD_MAX: u32 = 9_999;
/// No utterance has more words.
pub const WORDS_MAX: usize = 48;

/// A language that values can be spoken in. Its prompts may be recorded several times, in dialects or by several
/// speakers: each such set of prompts is a folder, named by a language tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Language {
    /// 普通话, and dialects that are written alike.
    Mandarin,
    /// British English.
    English,
}

impl Language {
    /// The language of a set of prompts, by its tag (RFC 5646): `zh`, `zh-CN`, `zh-sichuan`, `en`, `en-GB`. Nothing for a
    /// language whose numbers we do not know how to say.
    #[must_use]
    pub fn of_tag(tag: &str) -> Option<Self> {
        match tag.split('-').next() {
            Some("zh") => Some(Self::Mandarin),
            Some("en") => Some(Self::English),
            Some(_) | None => None,
        }
    }
}

/// Something to say.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Value<'a> {
    /// A number as such, `-`[`INTEGER_MAX`] to [`INTEGER_MAX`]: 一万零二百零三, "ten thousand two hundred and three".
    Integer(i64),
    /// A place in a row, 1 to [`ORDINAL_MAX`]: 第二十一, "twenty-first".
    Ordinal(u32),
    /// A telephone number or the like, digit by digit in groups: 幺三八，零零一三，八零零零. ASCII digits and letters, 1 to
    /// [`CODE_CHARS_MAX`]; a letter stands for itself, as the X of an identity card.
    Digits(&'a str),
    /// An agent's number, character by character, in groups where a `-`, `_` or `.` stands. Otherwise as `Digits`.
    AgentNumber(&'a str),
    /// Money, in fen, to [`FEN_MAX`]: 十二元零五分, "twelve yuan and five fen".
    Money {
        /// How many fen.
        fen: u64,
    },
    /// A day of the calendar: 十一月二十九号星期日, "Sunday, the twenty-ninth of November".
    Date {
        /// Which day.
        date: Date,
        /// With its year, which must be one of [`YEARS`].
        year: bool,
        /// With its day of the week.
        weekday: bool,
    },
    /// A time of day to the minute; seconds are left out: 下午两点半, "two thirty p.m.".
    Time(Time),
    /// A span of time in hours, minutes and seconds, to [`DURATION_S_MAX`]; parts of a second are left out: 一小时零五分钟,
    /// "one hour and five minutes".
    Duration(Duration),
}

/// Why a value cannot be spoken.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum Unspeakable {
    /// It is too large or too small.
    #[error("{what} {value} is out of range; spoken are {least} to {most}")]
    OutOfRange {
        /// What it is.
        what: &'static str,
        /// The value.
        value: i128,
        /// The least that is spoken.
        least: i128,
        /// The most that is spoken.
        most: i128,
    },
    /// A number without anything to say.
    #[error("nothing to say; spoken are 1 to {CODE_CHARS_MAX} digits and letters")]
    Empty,
    /// More characters than anybody listens to.
    #[error("{chars} characters are too many; spoken are 1 to {CODE_CHARS_MAX} digits and letters")]
    TooLong {
        /// How many there are.
        chars: usize,
    },
    /// A character that has no prompt.
    #[error("{0:?} is not spoken; spoken are digits and the letters A to Z")]
    Character(char),
}

/// What is said: words, each of which is one prompt.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Utterance {
    language: Language,
    words: Vec<Word>,
}

impl Utterance {
    fn of(language: Language, words: Vec<Word>) -> Self {
        Self { language, words }
    }

    /// Its words, 1 to [`WORDS_MAX`].
    #[must_use]
    pub fn words(&self) -> &[Word] {
        &self.words
    }

    /// The ids of its prompts, in the order in which they are played.
    #[must_use]
    pub fn prompts(&self) -> Vec<Arc<str>> {
        self.words.iter().map(|word| Arc::from(word.prompt())).collect()
    }

    /// How it is written.
    #[must_use]
    pub fn text(&self) -> String {
        let mut text = String::new();
        let mut before = None;
        for word in &self.words {
            if self.language == Language::English {
                text.push_str(match before {
                    None => "",
                    Some(_) if *word == Word::Pause => "",
                    Some(before) if english::hyphenated(before, *word) => "-",
                    Some(_) => " ",
                });
            }
            text.push_str(&word.text(self.language).unwrap_or_default());
            before = Some(*word);
        }
        text
    }
}

/// Says a value.
///
/// # Errors
/// [`Unspeakable`] when it lies outside of what [`Value`] promises.
pub fn say(value: Value<'_>, language: Language) -> Result<Utterance, Unspeakable> {
    let words = match value {
        Value::Integer(number) => {
            let amount = number.unsigned_abs();
            if amount > INTEGER_MAX {
                let most = i128::from(INTEGER_MAX);
                return Err(Unspeakable::OutOfRange {
                    what: "number",
                    value: number.into(),
                    least: -most,
                    most,
                });
            }
            let sign = (number < 0).then_some(Word::Minus);
            sign.into_iter().chain(cardinal(amount, language)).collect()
        }
        Value::Ordinal(place) => {
            within("place", u64::from(place), 1, u64::from(ORDINAL_MAX))?;
            match language {
                Language::Mandarin => mandarin::ordinal(place),
                Language::English => english::ordinal(place),
            }
        }
        Value::Digits(digits) => code::digits(digits, language)?,
        Value::AgentNumber(number) => code::agent_number(number, language)?,
        Value::Money { fen } => {
            within("money", fen, 0, FEN_MAX)?;
            match language {
                Language::Mandarin => mandarin::money(fen),
                Language::English => english::money(fen),
            }
        }
        Value::Date { date, year, weekday } => {
            if year && !(YEARS.0..=YEARS.1).contains(&date.year()) {
                let (least, most) = (YEARS.0.into(), YEARS.1.into());
                return Err(Unspeakable::OutOfRange { what: "year", value: date.year().into(), least, most });
            }
            match language {
                Language::Mandarin => mandarin::date(date, year, weekday),
                Language::English => english::date(date, year, weekday),
            }
        }
        Value::Time(time) => match language {
            Language::Mandarin => mandarin::time(time),
            Language::English => english::time(time),
        },
        Value::Duration(span) => {
            within("duration", span.as_secs(), 0, DURATION_S_MAX)?;
            match language {
                Language::Mandarin => mandarin::duration(span.as_secs()),
                Language::English => english::duration(span.as_secs()),
            }
        }
    };
    Ok(Utterance::of(language, words))
}

/// Tells a caller how many others are served before: 您前面还有三位来电者 (`callcentre-features.md` 1C).
///
/// # Errors
/// [`Unspeakable::OutOfRange`] above [`AHEAD_MAX`].
pub fn queue_place(ahead: u32, language: Language) -> Result<Utterance, Unspeakable> {
    within("callers ahead", u64::from(ahead), 0, u64::from(AHEAD_MAX))?;
    let words = match ahead {
        0 => vec![Word::PositionNext],
        1 => vec![Word::PositionOne],
        _ => {
            let count = match language {
                Language::Mandarin => mandarin::count(u64::from(ahead)),
                Language::English => english::cardinal(u64::from(ahead)),
            };
            [vec![Word::PositionPrefix], count, vec![Word::PositionSuffix]].concat()
        }
    };
    Ok(Utterance::of(language, words))
}

/// 报工号: tells a caller who has answered, 八零幺二号为您服务 or "Agent eight zero one two is at your service"
/// (`callcentre-features.md` C28).
///
/// # Errors
/// [`Unspeakable`] when the number is no [`Value::AgentNumber`].
pub fn agent_at_service(number: &str, language: Language) -> Result<Utterance, Unspeakable> {
    let number = code::agent_number(number, language)?;
    let prefix = (language == Language::English).then_some(Word::AgentPrefix);
    Ok(Utterance::of(language, prefix.into_iter().chain(number).chain([Word::AgentSuffix]).collect()))
}

/// All prompts that a language needs for everything that can be said: id and text, in the order of [`Word`].
pub fn vocabulary(language: Language) -> impl Iterator<Item = (String, String)> {
    Word::all().into_iter().filter_map(move |word| Some((word.prompt(), word.text(language)?)))
}

fn cardinal(number: u64, language: Language) -> Vec<Word> {
    match language {
        Language::Mandarin => mandarin::cardinal(number),
        Language::English => english::cardinal(number),
    }
}

fn within(what: &'static str, value: u64, least: u64, most: u64) -> Result<(), Unspeakable> {
    if (least..=most).contains(&value) {
        return Ok(());
    }
    Err(Unspeakable::OutOfRange { what, value: value.into(), least: least.into(), most: most.into() })
}

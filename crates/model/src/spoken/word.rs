//! The words that were recorded: what each is called in the folders of prompts, and how it is written.

use super::{Language, english, mandarin};

/// One word or phrase, which is one prompt. A language has those that its grammar needs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Word {
    /// 0 to 9 alone.
    Digit(u8),
    /// 1 to 9 behind a gap: 零三. One recording, because a 零 alone is easily misheard.
    ZeroDigit(u8),
    /// 0 within a time or a year: "oh".
    Oh,
    /// 1 as a digit: 幺.
    Yao,
    /// 2 of something: 两.
    Liang,
    /// 10 to 99; in English the teens and the tens.
    Number(u8),
    /// So many hundreds, 1 to 9.
    Hundreds(u8),
    /// So many thousands, 1 to 9.
    Thousands(u8),
    /// 2,000 behind a larger unit: 二千.
    TwoThousandInside,
    /// 一万.
    OneWan,
    /// 一亿.
    OneYi,
    /// 万.
    Wan,
    /// 亿.
    Yi,
    /// "hundred", of a year.
    Hundred,
    /// "thousand".
    Thousand,
    /// "million".
    Million,
    /// "billion".
    Billion,
    /// "and".
    And,
    /// The sign of a negative number.
    Minus,
    /// 第.
    OrdinalPrefix,
    /// "first" to "nineteenth", and the tens to "ninetieth".
    Ordinal(u8),
    /// "hundredth".
    Hundredth,
    /// A letter, `A` to `Z`.
    Letter(char),
    /// Silence between two groups.
    Pause,
    /// 一元.
    OneYuan,
    /// The unit of money.
    Yuan,
    /// So many tenths of a yuan, 1 to 9.
    Jiao(u8),
    /// So many hundredths of a yuan, 1 to 9.
    Fen(u8),
    /// "fen".
    FenUnit,
    /// 年.
    Year,
    /// A month, 1 to 12: 十一月, "of November".
    Month(u8),
    /// 号.
    DayUnit,
    /// "the", before the day.
    The,
    /// A day of the week, 1 (Monday) to 7.
    Weekday(u8),
    /// A part of the day.
    Period(Period),
    /// An hour by the clock, 0 to 12: 两点.
    Hour(u8),
    /// 半.
    Half,
    /// A minute by the clock below ten, 1 to 9: 零五分.
    Minute(u8),
    /// 分, of a later minute by the clock.
    MinuteUnit,
    /// One hour of time.
    OneHour,
    /// Hours of time.
    Hours,
    /// One minute of time.
    OneMinute,
    /// Minutes of time.
    Minutes,
    /// One second of time.
    OneSecond,
    /// Seconds of time.
    Seconds,
    /// Before the number of callers ahead.
    PositionPrefix,
    /// Behind the number of callers ahead.
    PositionSuffix,
    /// One caller ahead.
    PositionOne,
    /// Nobody ahead.
    PositionNext,
    /// Before an agent's number.
    AgentPrefix,
    /// Behind an agent's number.
    AgentSuffix,
}

/// A part of the day. Mandarin has six; English has the two halves, and the moments that part them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Period {
    /// 凌晨, 0:00 to 4:59.
    Small,
    /// 早上, 5:00 to 7:59.
    Early,
    /// 上午, 8:00 to 11:59.
    Morning,
    /// 中午, 12:00 to 12:59.
    Noon,
    /// 下午, 13:00 to 17:59.
    Afternoon,
    /// 晚上, 18:00 to 23:59.
    Evening,
    /// "a.m."
    Am,
    /// "p.m."
    Pm,
    /// "midnight", 0:00.
    Midnight,
    /// "noon", 12:00.
    Midday,
}

impl Word {
    /// The id of its prompt, the same in all languages.
    #[must_use]
    pub fn prompt(self) -> String {
        let id = match self {
            Self::Digit(digit) => return format!("digit-{digit}"),
            Self::ZeroDigit(digit) => return format!("number-0{digit}"),
            Self::Number(number) => return format!("number-{number}"),
            Self::Hundreds(count) => return format!("number-{count}00"),
            Self::Thousands(count) => return format!("number-{count}000"),
            Self::Ordinal(place) => return format!("ordinal-{place}"),
            Self::Letter(letter) => return format!("letter-{}", letter.to_ascii_lowercase()),
            Self::Jiao(count) => return format!("jiao-{count}"),
            Self::Fen(count) => return format!("fen-{count}"),
            Self::Month(month) => return format!("month-{month}"),
            Self::Weekday(day) => return format!("weekday-{day}"),
            Self::Hour(hour) => return format!("hour-{hour}"),
            Self::Minute(minute) => return format!("minute-{minute}"),
            Self::Period(period) => period.prompt(),
            Self::Oh => "digit-0-oh",
            Self::Yao => "digit-1-yao",
            Self::Liang => "digit-2-liang",
            Self::TwoThousandInside => "number-2000-inside",
            Self::OneWan => "number-10000",
            Self::OneYi => "number-100000000",
            Self::Wan => "unit-wan",
            Self::Yi => "unit-yi",
            Self::Hundred => "unit-hundred",
            Self::Thousand => "unit-thousand",
            Self::Million => "unit-million",
            Self::Billion => "unit-billion",
            Self::And => "and",
            Self::Minus => "minus",
            Self::OrdinalPrefix => "ordinal-prefix",
            Self::Hundredth => "ordinal-100",
            Self::Pause => "pause",
            Self::OneYuan => "yuan-1",
            Self::Yuan => "unit-yuan",
            Self::FenUnit => "unit-fen",
            Self::Year => "unit-year",
            Self::DayUnit => "unit-day",
            Self::The => "the",
            Self::Half => "half-past",
            Self::MinuteUnit => "unit-minute",
            Self::OneHour => "hours-1",
            Self::Hours => "unit-hours",
            Self::OneMinute => "minutes-1",
            Self::Minutes => "unit-minutes",
            Self::OneSecond => "seconds-1",
            Self::Seconds => "unit-seconds",
            Self::PositionPrefix => "position-prefix",
            Self::PositionSuffix => "position-suffix",
            Self::PositionOne => "position-one",
            Self::PositionNext => "position-next",
            Self::AgentPrefix => "agent-prefix",
            Self::AgentSuffix => "agent-suffix",
        };
        id.to_owned()
    }

    /// How it is written in a language; nothing when that language does not have it.
    #[must_use]
    pub fn text(self, language: Language) -> Option<String> {
        match language {
            Language::Mandarin => mandarin::text(self),
            Language::English => english::text(self),
        }
    }

    /// The words of all languages.
    #[must_use]
    pub fn all() -> Vec<Self> {
        let mut all: Vec<Self> = (0..=9).map(Self::Digit).collect();
        all.extend((1..=9).map(Self::ZeroDigit));
        all.extend((10..=99).map(Self::Number));
        all.extend((1..=9).map(Self::Hundreds));
        all.extend((1..=9).map(Self::Thousands));
        all.extend((1..=19).chain((20..=90).step_by(10)).map(Self::Ordinal));
        all.extend(('A'..='Z').map(Self::Letter));
        all.extend((1..=9).map(Self::Jiao));
        all.extend((1..=9).map(Self::Fen));
        all.extend((1..=12).map(Self::Month));
        all.extend((1..=7).map(Self::Weekday));
        all.extend(Period::ALL.map(Self::Period));
        all.extend((0..=12).map(Self::Hour));
        all.extend((1..=9).map(Self::Minute));
        all.extend(Self::SINGLE);
        all.sort_unstable();
        all
    }

    /// Those that carry no number.
    const SINGLE: [Self; 37] = [
        Self::Oh,
        Self::Yao,
        Self::Liang,
        Self::TwoThousandInside,
        Self::OneWan,
        Self::OneYi,
        Self::Wan,
        Self::Yi,
        Self::Hundred,
        Self::Thousand,
        Self::Million,
        Self::Billion,
        Self::And,
        Self::Minus,
        Self::OrdinalPrefix,
        Self::Hundredth,
        Self::Pause,
        Self::OneYuan,
        Self::Yuan,
        Self::FenUnit,
        Self::Year,
        Self::DayUnit,
        Self::The,
        Self::Half,
        Self::MinuteUnit,
        Self::OneHour,
        Self::Hours,
        Self::OneMinute,
        Self::Minutes,
        Self::OneSecond,
        Self::Seconds,
        Self::PositionPrefix,
        Self::PositionSuffix,
        Self::PositionOne,
        Self::PositionNext,
        Self::AgentPrefix,
        Self::AgentSuffix,
    ];
}

impl Period {
    const ALL: [Self; 10] = [
        Self::Small,
        Self::Early,
        Self::Morning,
        Self::Noon,
        Self::Afternoon,
        Self::Evening,
        Self::Am,
        Self::Pm,
        Self::Midnight,
        Self::Midday,
    ];

    fn prompt(self) -> &'static str {
        match self {
            Self::Small => "period-small-hours",
            Self::Early => "period-early",
            Self::Morning => "period-morning",
            Self::Noon => "period-noon",
            Self::Afternoon => "period-afternoon",
            Self::Evening => "period-evening",
            Self::Am => "period-am",
            Self::Pm => "period-pm",
            Self::Midnight => "period-midnight",
            Self::Midday => "period-midday",
        }
    }
}

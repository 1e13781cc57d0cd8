//! Values are spoken as people say them, and whoever hears them gets the value back.

mod inverse;

use careline_model::spoken::{
    self, AHEAD_MAX, CODE_CHARS_MAX, DURATION_S_MAX, FEN_MAX, INTEGER_MAX, Language, ORDINAL_MAX,
    Unspeakable, Value, WORDS_MAX, Word, agent_at_service, queue_place, say,
};
use jiff::civil::{Date, Time, date, time};
use proptest::prelude::*;
use std::collections::BTreeSet;
use std::time::Duration;

const LANGUAGES: [Language; 2] = [Language::Mandarin, Language::English];

fn mandarin(value: Value<'_>) -> String {
    say(value, Language::Mandarin).expect("it can be spoken").text()
}

fn english(value: Value<'_>) -> String {
    say(value, Language::English).expect("it can be spoken").text()
}

#[test]
fn a_number_has_one_zero_for_each_gap_and_none_at_the_end() {
    for (number, zh, en) in [
        (0, "零", "zero"),
        (2, "二", "two"),
        (10, "十", "ten"),
        (12, "十二", "twelve"),
        (20, "二十", "twenty"),
        (22, "二十二", "twenty-two"),
        (100, "一百", "one hundred"),
        (105, "一百零五", "one hundred and five"),
        (110, "一百一十", "one hundred and ten"),
        (112, "一百一十二", "one hundred and twelve"),
        (222, "二百二十二", "two hundred and twenty-two"),
        (1_000, "一千", "one thousand"),
        (1_002, "一千零二", "one thousand and two"),
        (1_010, "一千零一十", "one thousand and ten"),
        (1_020, "一千零二十", "one thousand and twenty"),
        (1_200, "一千二百", "one thousand two hundred"),
        (2_222, "两千二百二十二", "two thousand two hundred and twenty-two"),
        (10_000, "一万", "ten thousand"),
        (10_203, "一万零二百零三", "ten thousand two hundred and three"),
        (20_000, "两万", "twenty thousand"),
        (22_000, "两万二千", "twenty-two thousand"),
        (100_200, "十万零二百", "one hundred thousand two hundred"),
        (102_000, "十万二千", "one hundred and two thousand"),
        (110_012, "十一万零一十二", "one hundred and ten thousand and twelve"),
        (120_000, "十二万", "one hundred and twenty thousand"),
        (1_000_005, "一百万零五", "one million and five"),
        (100_000_005, "一亿零五", "one hundred million and five"),
        (100_005_000, "一亿零五千", "one hundred million five thousand"),
        (100_050_006, "一亿零五万零六", "one hundred million fifty thousand and six"),
        (100_120_000, "一亿零一十二万", "one hundred million one hundred and twenty thousand"),
        (220_020_000, "两亿二千零二万", "two hundred and twenty million twenty thousand"),
        (-7, "负七", "minus seven"),
    ] {
        assert_eq!(mandarin(Value::Integer(number)), zh, "{number}");
        assert_eq!(english(Value::Integer(number)), en, "{number}");
    }
    assert_eq!(
        english(Value::Integer(999_999_999_999)),
        "nine hundred and ninety-nine billion nine hundred and ninety-nine million \
         nine hundred and ninety-nine thousand nine hundred and ninety-nine"
    );
}

#[test]
fn a_place_in_a_row_is_an_ordinal() {
    for (place, zh, en) in [
        (1, "第一", "first"),
        (2, "第二", "second"),
        (12, "第十二", "twelfth"),
        (20, "第二十", "twentieth"),
        (21, "第二十一", "twenty-first"),
        (40, "第四十", "fortieth"),
        (100, "第一百", "one hundredth"),
        (101, "第一百零一", "one hundred and first"),
        (213, "第二百一十三", "two hundred and thirteenth"),
    ] {
        assert_eq!(mandarin(Value::Ordinal(place)), zh);
        assert_eq!(english(Value::Ordinal(place)), en);
    }
}

#[test]
fn a_telephone_number_is_said_digit_by_digit_in_the_usual_groups() {
    for (digits, zh) in [
        ("120", "幺二零"),
        ("12320", "幺二三二零"),
        ("13800138000", "幺三八，零零幺三，八零零零"),
        ("01062345678", "零幺零，六二三四，五六七八"),
        ("02162345678", "零二幺，六二三四，五六七八"),
        ("076922334455", "零七六九，二二三三，四四五五"),
        ("07622334455", "零七六二，二三三，四四五五"),
        ("62345678", "六二三四，五六七八"),
        ("2334455", "二三三，四四五五"),
        ("4008123123", "四零零，八幺二，三幺二三"),
        ("11010519491231002X", "幺幺零幺零五，幺九四九，幺二三幺，零零二X"),
    ] {
        assert_eq!(mandarin(Value::Digits(digits)), zh);
    }
    assert_eq!(
        english(Value::Digits("13800138000")),
        "one three eight, zero zero one three, eight zero zero zero"
    );
}

#[test]
fn money_is_said_in_its_units() {
    for (fen, zh, en) in [
        (0, "零元", "zero yuan"),
        (5, "五分", "five fen"),
        (20, "两角", "twenty fen"),
        (22, "两角两分", "twenty-two fen"),
        (100, "一元", "one yuan"),
        (105, "一元零五分", "one yuan and five fen"),
        (200, "两元", "two yuan"),
        (1_200, "十二元", "twelve yuan"),
        (1_205, "十二元零五分", "twelve yuan and five fen"),
        (1_250, "十二元五角", "twelve yuan and fifty fen"),
        (10_234, "一百零二元三角四分", "one hundred and two yuan and thirty-four fen"),
        (2_000_000, "两万元", "twenty thousand yuan"),
    ] {
        assert_eq!(mandarin(Value::Money { fen }), zh);
        assert_eq!(english(Value::Money { fen }), en);
    }
}

#[test]
fn a_date_is_said_with_and_without_year_and_weekday() {
    let day = date(2026, 11, 29);
    let with = |date, year, weekday| Value::Date { date, year, weekday };
    assert_eq!(mandarin(with(day, false, true)), "十一月二十九号星期日");
    assert_eq!(mandarin(with(day, true, true)), "二零二六年十一月二十九号星期日");
    assert_eq!(mandarin(with(day, false, false)), "十一月二十九号");
    assert_eq!(mandarin(with(date(1999, 2, 2), true, false)), "一九九九年二月二号");
    assert_eq!(english(with(day, false, true)), "Sunday, the twenty-ninth of November");
    assert_eq!(english(with(day, true, false)), "the twenty-ninth of November, twenty twenty-six");
    for (year, said) in [
        (1900, "nineteen hundred"),
        (1905, "nineteen oh five"),
        (1999, "nineteen ninety-nine"),
        (2000, "two thousand"),
        (2005, "two thousand and five"),
        (2010, "twenty ten"),
    ] {
        assert_eq!(english(with(date(year, 5, 1), true, false)), format!("the first of May, {said}"));
    }
}

#[test]
fn a_time_has_its_part_of_the_day() {
    for (hour, minute, zh, en) in [
        (0, 0, "凌晨零点", "twelve midnight"),
        (0, 5, "凌晨零点零五分", "twelve oh five a.m."),
        (2, 0, "凌晨两点", "two a.m."),
        (5, 0, "早上五点", "five a.m."),
        (8, 0, "上午八点", "eight a.m."),
        (9, 15, "上午九点十五分", "nine fifteen a.m."),
        (12, 0, "中午十二点", "twelve noon"),
        (12, 30, "中午十二点半", "twelve thirty p.m."),
        (14, 5, "下午两点零五分", "two oh five p.m."),
        (15, 30, "下午三点半", "three thirty p.m."),
        (18, 0, "晚上六点", "six p.m."),
        (23, 59, "晚上十一点五十九分", "eleven fifty-nine p.m."),
    ] {
        assert_eq!(mandarin(Value::Time(time(hour, minute, 59, 0))), zh);
        assert_eq!(english(Value::Time(time(hour, minute, 59, 0))), en);
    }
}

#[test]
fn a_span_of_time_leaves_out_what_is_nothing() {
    for (seconds, zh, en) in [
        (0, "零秒", "zero seconds"),
        (1, "一秒", "one second"),
        (60, "一分钟", "one minute"),
        (120, "两分钟", "two minutes"),
        (150, "两分钟三十秒", "two minutes and thirty seconds"),
        (3_605, "一小时零五秒", "one hour and five seconds"),
        (3_640, "一小时零四十秒", "one hour and forty seconds"),
        (3_900, "一小时零五分钟", "one hour and five minutes"),
        (7_510, "两小时零五分钟十秒", "two hours five minutes and ten seconds"),
    ] {
        assert_eq!(mandarin(Value::Duration(Duration::from_secs(seconds))), zh);
        assert_eq!(english(Value::Duration(Duration::from_millis(seconds * 1000 + 999))), en);
    }
}

#[test]
fn callers_are_told_who_answers_them() {
    let told = |number, language| agent_at_service(number, language).map(|said| said.text());
    assert_eq!(told("1001", Language::Mandarin), Ok("幺零零幺号为您服务。".into()));
    assert_eq!(told("8012", Language::English), Ok("Agent eight zero one two is at your service.".into()));
    assert_eq!(told("a7-02", Language::Mandarin), Ok("A七，零二号为您服务。".into()));
    assert_eq!(told("A702", Language::English), Ok("Agent A seven zero two is at your service.".into()));
    let prompts = agent_at_service("1001", Language::Mandarin).expect("a number").prompts();
    let ids: Vec<&str> = prompts.iter().map(|id| &**id).collect();
    assert_eq!(ids, ["digit-1-yao", "digit-0", "digit-0", "digit-1-yao", "agent-suffix"]);
    assert_eq!(told("-", Language::Mandarin), Err(Unspeakable::Empty));
    assert_eq!(told("张敏", Language::Mandarin), Err(Unspeakable::Character('张')));
}

#[test]
fn a_waiting_caller_is_told_how_many_are_before() {
    for (ahead, zh, en) in [
        (0, "您是下一位。", "You are next."),
        (1, "您前面还有一位来电者。", "There is one caller ahead of you."),
        (2, "您前面还有两位来电者。", "There are two callers ahead of you."),
        (12, "您前面还有十二位来电者。", "There are twelve callers ahead of you."),
    ] {
        assert_eq!(queue_place(ahead, Language::Mandarin).expect("a place").text(), zh);
        assert_eq!(queue_place(ahead, Language::English).expect("a place").text(), en);
    }
}

#[test]
fn what_nobody_would_say_is_refused_with_what_is_allowed() {
    let beyond = i64::try_from(INTEGER_MAX).expect("it is small") + 1;
    let long = "1".repeat(CODE_CHARS_MAX + 1);
    for language in LANGUAGES {
        let refused = |value| say(value, language).expect_err("it is refused").to_string();
        for number in [beyond, -beyond, i64::MIN, i64::MAX] {
            let told = format!("number {number} is out of range; spoken are -999999999999 to 999999999999");
            assert_eq!(refused(Value::Integer(number)), told);
        }
        assert_eq!(refused(Value::Ordinal(0)), "place 0 is out of range; spoken are 1 to 999");
        assert_eq!(refused(Value::Ordinal(1000)), "place 1000 is out of range; spoken are 1 to 999");
        assert!(say(Value::Money { fen: FEN_MAX + 1 }, language).is_err());
        assert!(say(Value::Money { fen: u64::MAX }, language).is_err());
        let early = Value::Date { date: date(1899, 12, 31), year: true, weekday: false };
        assert_eq!(refused(early), "year 1899 is out of range; spoken are 1900 to 2099");
        assert!(say(Value::Date { date: Date::MIN, year: false, weekday: true }, language).is_ok());
        assert!(say(Value::Duration(Duration::MAX), language).is_err());
        assert!(matches!(say(Value::Digits(&long), language), Err(Unspeakable::TooLong { chars: 33 })));
        assert!(matches!(say(Value::AgentNumber(&long), language), Err(Unspeakable::TooLong { .. })));
        assert!(matches!(say(Value::Digits(""), language), Err(Unspeakable::Empty)));
        assert!(matches!(say(Value::Digits("+86"), language), Err(Unspeakable::Character('+'))));
        assert!(matches!(say(Value::Digits("１２"), language), Err(Unspeakable::Character('１'))));
        assert!(queue_place(AHEAD_MAX + 1, language).is_err());
    }
}

#[test]
fn a_set_of_prompts_is_spoken_in_the_language_of_its_tag() {
    for tag in ["zh", "zh-CN", "zh-sichuan"] {
        assert_eq!(Language::of_tag(tag), Some(Language::Mandarin));
    }
    for tag in ["en", "en-GB"] {
        assert_eq!(Language::of_tag(tag), Some(Language::English));
    }
    for tag in ["", "yue", "zhx", "de-DE"] {
        assert_eq!(Language::of_tag(tag), None, "{tag}");
    }
}

/// Values that together need each word.
fn everything(language: Language) -> BTreeSet<Word> {
    let mut words = BTreeSet::new();
    let mut add = |said: Result<spoken::Utterance, Unspeakable>| {
        words.extend(said.expect("it can be spoken").words().iter().copied());
    };
    for number in (-1..10_000).chain([10_000, 32_000, 5_000_000, 100_000_000, 5_000_000_000]) {
        add(say(Value::Integer(number), language));
    }
    (1..=ORDINAL_MAX).for_each(|place| add(say(Value::Ordinal(place), language)));
    add(say(Value::Digits("12345678901234567890"), language));
    add(say(Value::AgentNumber("ABCDEFGHIJKLMNOPQRSTUVWXYZ"), language));
    (0..300).for_each(|fen| add(say(Value::Money { fen }, language)));
    for day in date(1900, 1, 1).series(jiff::Span::new().days(1)).take(800) {
        add(say(Value::Date { date: day, year: true, weekday: true }, language));
    }
    for minute in 0..1440_i16 {
        let (hour, minute) = ((minute / 60) as i8, (minute % 60) as i8);
        add(say(Value::Time(time(hour, minute, 0, 0)), language));
    }
    [0, 3_661, 7_322].into_iter().for_each(|s| add(say(Value::Duration(Duration::from_secs(s)), language)));
    (0..3).for_each(|ahead| add(queue_place(ahead, language)));
    add(agent_at_service("1001", language));
    words
}

#[test]
fn the_vocabulary_is_all_that_is_said_and_nothing_else() {
    for language in LANGUAGES {
        let said: BTreeSet<String> = everything(language).into_iter().map(Word::prompt).collect();
        let known: BTreeSet<String> = spoken::vocabulary(language).map(|(prompt, _)| prompt).collect();
        assert_eq!(said, known);
        assert_eq!(spoken::vocabulary(language).count(), known.len(), "each prompt is one word");
    }
}

fn integer() -> impl Strategy<Value = i64> {
    let most = i64::try_from(INTEGER_MAX).expect("it is small");
    // Round numbers have the gaps; plain draws would hardly make one.
    let round = (0..1000_i64, 0..4_u32, 0..1000_i64, 0..3_u32).prop_map(|(a, zeros, b, more)| {
        (a * 10_i64.pow(zeros + more + 3) + b * 10_i64.pow(more)) % 1_000_000_000_000
    });
    prop_oneof![-most..=most, round, -20_000..20_000_i64]
}

fn day() -> impl Strategy<Value = Date> {
    (1900..=2099_i16, 1..=12_i8, 1..=31_i8)
        .prop_filter_map("a day of the calendar", |(year, month, day)| Date::new(year, month, day).ok())
}

fn clock() -> impl Strategy<Value = Time> {
    (0..24_i8, 0..60_i8).prop_map(|(hour, minute)| time(hour, minute, 0, 0))
}

/// Says it in both languages and hands text and language to the listener.
fn heard<T>(
    value: Value<'_>,
    understand: fn(&str, Language) -> Option<T>,
) -> Result<[Option<T>; 2], TestCaseError> {
    let mut understood = [None, None];
    for (language, slot) in LANGUAGES.into_iter().zip(&mut understood) {
        let said = say(value, language).map_err(|why| TestCaseError::fail(why.to_string()))?;
        prop_assert!((1..=WORDS_MAX).contains(&said.words().len()), "{} words", said.words().len());
        prop_assert_eq!(said.prompts().len(), said.words().len());
        prop_assert!(said.words().iter().all(|word| word.text(language).is_some()), "{:?}", said);
        *slot = understand(&said.text(), language);
    }
    Ok(understood)
}

proptest! {
    #[test]
    fn a_number_that_was_heard_is_the_one_that_was_said(number in integer()) {
        prop_assert_eq!(heard(Value::Integer(number), inverse::integer)?, [Some(number); 2]);
    }

    #[test]
    fn a_place_that_was_heard_is_the_one_that_was_said(place in 1..=ORDINAL_MAX) {
        prop_assert_eq!(heard(Value::Ordinal(place), inverse::ordinal)?, [Some(place); 2]);
    }

    #[test]
    fn digits_that_were_heard_are_those_that_were_said(digits in "[0-9A-Z]{1,32}") {
        prop_assert_eq!(heard(Value::Digits(&digits), inverse::digits)?, [Some(digits.clone()), Some(digits.clone())]);
        prop_assert_eq!(heard(Value::AgentNumber(&digits), inverse::digits)?, [Some(digits.clone()), Some(digits)]);
    }

    #[test]
    fn money_that_was_heard_is_what_was_said(fen in prop_oneof![0..=FEN_MAX, 0..100_000_u64]) {
        prop_assert_eq!(heard(Value::Money { fen }, inverse::money)?, [Some(fen); 2]);
    }

    #[test]
    fn a_day_that_was_heard_is_the_one_that_was_said(date in day(), year: bool, weekday: bool) {
        let heard = heard(Value::Date { date, year, weekday }, inverse::date)?;
        let expected = inverse::Day {
            year: year.then(|| date.year()),
            month: date.month(),
            day: date.day(),
            weekday: weekday.then(|| date.weekday()),
        };
        prop_assert_eq!(heard, [Some(expected), Some(expected)]);
    }

    #[test]
    fn a_time_that_was_heard_is_the_one_that_was_said(time in clock()) {
        prop_assert_eq!(heard(Value::Time(time), inverse::time)?, [Some(time); 2]);
    }

    #[test]
    fn a_span_that_was_heard_is_the_one_that_was_said(seconds in prop_oneof![0..=DURATION_S_MAX, 0..600_u64]) {
        let span = Duration::from_secs(seconds);
        prop_assert_eq!(heard(Value::Duration(span), inverse::duration)?, [Some(span); 2]);
    }

    #[test]
    fn no_text_is_too_strange_to_be_refused_in_order(text in "\\PC{0,40}", number: i64, fen: u64, count: u32) {
        for language in LANGUAGES {
            let said = [
                say(Value::Digits(&text), language),
                say(Value::AgentNumber(&text), language),
                agent_at_service(&text, language),
                say(Value::Integer(number), language),
                say(Value::Money { fen }, language),
                say(Value::Ordinal(count), language),
                say(Value::Duration(Duration::from_millis(fen)), language),
                queue_place(count, language),
            ];
            for said in said.into_iter().flatten() {
                prop_assert!(said.words().len() <= WORDS_MAX);
            }
        }
    }
}

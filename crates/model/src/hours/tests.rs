//! The calendar by its promises.

use super::*;
use proptest::prelude::*;

fn shanghai() -> TimeZone {
    TimeZone::get("Asia/Shanghai").unwrap()
}

fn at(text: &str, tz: &TimeZone) -> i64 {
    let local: DateTime = text.parse().unwrap();
    tz.to_timestamp(local).unwrap().as_microsecond()
}

fn special(name: &str, first: &str, last: &str, hours: SpecialHours) -> SpecialDays {
    let (first, last) = (parse_date(first).unwrap(), parse_date(last).unwrap());
    SpecialDays { name: Some(name.into()), first, last, hours }
}

fn office_in(tz: TimeZone) -> WeeklyHours {
    let mut hours = WeeklyHours::new(tz);
    for day in ["mon", "tue", "wed", "thu", "fri"] {
        for span in ["08:00-12:00", "13:30-17:30"] {
            hours.open(parse_weekday(day).unwrap(), Span::parse(span).unwrap());
        }
    }
    hours.add_special(special("国庆节", "2026-10-01", "2026-10-07", SpecialHours::Closed)).unwrap();
    let make_up = special("国庆节调休", "2026-10-10", "2026-10-10", SpecialHours::Like(Weekday::Friday));
    hours.add_special(make_up).unwrap();
    hours
}

fn office() -> WeeklyHours {
    office_in(shanghai())
}

#[test]
fn hours_open_and_close_to_the_minute() {
    let (hours, tz) = (office(), shanghai());
    let open = |text: &str| hours.is_open(at(text, &tz));
    assert!(!open("2026-09-28T07:59:59"));
    assert!(open("2026-09-28T08:00:00"));
    assert!(open("2026-09-28T11:59:59"));
    assert!(!open("2026-09-28T12:00:00"));
    assert!(open("2026-09-28T13:30:00"));
    assert!(!open("2026-09-27T10:00:00"), "a Sunday");
}

#[test]
fn a_holiday_is_closed_and_a_make_up_day_has_its_weekdays_hours() {
    let (hours, tz) = (office(), shanghai());
    assert!(!hours.is_open(at("2026-10-01T10:00:00", &tz)), "a Thursday, but a holiday");
    assert!(hours.is_open(at("2026-10-10T10:00:00", &tz)), "a Saturday, made up for");
}

#[test]
fn a_night_service_lasts_past_midnight() {
    let tz = shanghai();
    let mut hours = WeeklyHours::new(shanghai());
    hours.open(Weekday::Friday, Span::parse("22:00-06:00").unwrap());
    hours.open(Weekday::Sunday, Span::parse("20:00-24:00").unwrap());
    let open = |text: &str| hours.is_open(at(text, &tz));
    assert!(open("2026-10-02T23:59:59"), "Friday night");
    assert!(open("2026-10-03T00:00:00"), "Saturday morning");
    assert!(!open("2026-10-03T06:00:00"));
    assert!(!open("2026-10-03T22:30:00"));
    assert!(open("2026-10-04T23:59:00"));
    assert!(!open("2026-10-05T00:00:00"), "24:00 is the end");
}

#[test]
fn the_zone_decides_the_day() {
    let utc_evening = at("2026-09-30T20:00:00", &TimeZone::UTC);
    assert_eq!(local_date(utc_evening, &TimeZone::UTC), (2026, 9, 30));
    assert_eq!(local_date(utc_evening, &shanghai()), (2026, 10, 1));
    let monday_nine = at("2026-09-28T09:00:00", &shanghai());
    assert!(office().is_open(monday_nine));
    assert!(!office_in(TimeZone::get("America/New_York").unwrap()).is_open(monday_nine));
}

/// Opening, why and the next change, in one line.
fn told(hours: &WeeklyHours, text: &str, over: Option<&HoursOverride>) -> String {
    let outlook = hours.outlook(at(text, &shanghai()), over);
    let why = match outlook.reason {
        Reason::Weekly => "weekly".to_owned(),
        Reason::Holiday { name } => format!("holiday {}", name.unwrap_or_default()),
        Reason::OwnPeriods { name } => format!("own periods {}", name.unwrap_or_default()),
        Reason::MakeUpDay { name, like } => {
            format!("made up as {} {}", weekday_word(like), name.unwrap_or_default())
        }
        Reason::Override { by, reason } => format!("{by}: {reason}"),
    };
    let next = outlook.next.map_or_else(
        || "stays".to_owned(),
        |next| format!("{:?} at {}", next.opening, local_text(next.at_us, &shanghai())),
    );
    format!("{:?}, {why}, {next}", outlook.opening)
}

#[test]
fn a_preview_says_open_or_closed_why_and_until_when() {
    let hours = office();
    for (moment, expected) in [
        ("2026-09-28T09:00:00", "Open, weekly, Closed at 2026-09-28 12:00:00"),
        ("2026-09-28T12:30:00", "Closed, weekly, Open at 2026-09-28 13:30:00"),
        ("2026-09-30T17:30:00", "Closed, weekly, Open at 2026-10-08 08:00:00"),
        ("2026-10-03T10:00:00", "Closed, holiday 国庆节, Open at 2026-10-08 08:00:00"),
        ("2026-10-10T13:30:00", "Open, made up as fri 国庆节调休, Closed at 2026-10-10 17:30:00"),
        ("2026-10-10T20:00:00", "Closed, made up as fri 国庆节调休, Open at 2026-10-12 08:00:00"),
    ] {
        assert_eq!(told(&hours, moment, None), expected, "{moment}");
    }
}

#[test]
fn a_day_within_a_holiday_has_its_own_periods() {
    let mut hours = office();
    let clinic = SpecialHours::Own(vec![Span::parse("09:00-11:00").unwrap()]);
    hours.add_special(special("国庆门诊", "2026-10-03", "2026-10-04", clinic)).unwrap();
    let expected = "Open, own periods 国庆门诊, Closed at 2026-10-03 11:00:00";
    assert_eq!(told(&hours, "2026-10-03T10:00:00", None), expected);
    let expected = "Closed, holiday 国庆节, Open at 2026-10-03 09:00:00";
    assert_eq!(told(&hours, "2026-10-02T10:00:00", None), expected);
}

#[test]
fn the_days_of_a_profile_win_over_those_of_the_shared_calendar() {
    let mut hours = office();
    let closed = || special("元旦", "2027-01-01", "2027-01-01", SpecialHours::Closed);
    hours.add_shared(closed()).unwrap();
    assert!(told(&hours, "2027-01-01T09:00:00", None).starts_with("Closed, holiday 元旦"));
    let inventory = special("盘点", "2026-12-28", "2027-01-03", SpecialHours::Closed);
    hours.add_special(inventory).unwrap();
    assert!(told(&hours, "2027-01-01T09:00:00", None).starts_with("Closed, holiday 盘点"));
}

#[test]
fn two_answers_for_one_date_are_refused_unless_one_is_the_more_particular() {
    let mut hours = office();
    let again = special("国庆", "2026-10-05", "2026-10-11", SpecialHours::Closed);
    let date = parse_date("2026-10-05").unwrap();
    assert_eq!(hours.add_special(again), Err(BadSpecialDays::Twice { date }));
    let same = special("国庆节", "2026-10-01", "2026-10-07", SpecialHours::Closed);
    assert_eq!(hours.add_special(same), Ok(()), "said twice, meant once");
    for (first, last) in [("2026-10-02", "2026-10-01"), ("2026-01-01", "2027-01-02")] {
        let range = special("x", first, last, SpecialHours::Closed);
        assert!(matches!(hours.add_special(range), Err(BadSpecialDays::Range { .. })), "{first} {last}");
    }
    let holiday = special("x", "2026-10-10", "2026-10-10", SpecialHours::Closed);
    hours.add_special(holiday).unwrap();
    assert!(hours.is_open(at("2026-10-10T10:00:00", &shanghai())), "the make-up day stands");
}

#[test]
fn an_override_goes_before_the_calendar_until_it_expires() {
    let (hours, tz) = (office(), shanghai());
    let over = |opening, until: &str| HoursOverride {
        opening,
        until_us: at(until, &tz),
        by: "3001".into(),
        reason: "storm".into(),
    };
    let closed = over(Opening::Closed, "2026-09-28T11:00:00");
    let at_nine = "2026-09-28T09:00:00";
    assert_eq!(told(&hours, at_nine, Some(&closed)), "Closed, 3001: storm, Open at 2026-09-28 11:00:00");
    let open = over(Opening::Open, "2026-09-28T11:00:00");
    assert_eq!(told(&hours, at_nine, Some(&open)), "Open, 3001: storm, Closed at 2026-09-28 12:00:00");
    let emergency = over(Opening::Emergency, "2026-09-28T20:00:00");
    let expected = "Emergency, 3001: storm, Closed at 2026-09-28 20:00:00";
    assert_eq!(told(&hours, at_nine, Some(&emergency)), expected);
    let expired = told(&hours, "2026-09-28T11:00:00", Some(&closed));
    assert_eq!(expired, "Open, weekly, Closed at 2026-09-28 12:00:00");
}

#[test]
fn who_never_closes_has_no_change_in_sight() {
    let mut hours = WeeklyHours::new(shanghai());
    for day in ["mon", "tue", "wed", "thu", "fri", "sat", "sun"] {
        hours.open(parse_weekday(day).unwrap(), Span::parse("00:00-24:00").unwrap());
    }
    assert_eq!(told(&hours, "2026-09-28T09:00:00", None), "Open, weekly, stays");
    let festival = special("春节", "2027-02-06", "2027-02-06", SpecialHours::Closed);
    hours.add_special(festival).unwrap();
    assert_eq!(told(&hours, "2026-09-28T09:00:00", None), "Open, weekly, Closed at 2027-02-06 00:00:00");
    let closed = WeeklyHours::new(shanghai());
    assert_eq!(told(&closed, "2026-09-28T09:00:00", None), "Closed, weekly, stays");
}

#[test]
fn clocks_that_are_set_neither_lose_nor_double_a_change() {
    let new_york = TimeZone::get("America/New_York").unwrap();
    let mut hours = WeeklyHours::new(new_york.clone());
    hours.open(Weekday::Sunday, Span::parse("01:30-02:30").unwrap());
    // Clocks go from 02:00 to 03:00: half an hour of opening is left.
    let next = |from: i64| hours.outlook(from, None).next.map(|next| local_text(next.at_us, &new_york));
    let spring = at("2026-03-08T01:45:00", &new_york);
    assert_eq!(next(spring).unwrap(), "2026-03-08 03:00:00");
    // And from 02:00 back to 01:00: it closes for half an hour, and opens again.
    let autumn = hours.outlook(at("2026-11-01T01:45:00", &new_york), None).next.unwrap();
    assert_eq!(local_text(autumn.at_us, &new_york), "2026-11-01 01:00:00");
    let again = hours.outlook(autumn.at_us, None).next.unwrap();
    assert_eq!((again.opening, again.at_us - autumn.at_us), (Opening::Open, 30 * 60 * 1_000_000));
}

#[test]
fn texts_that_mean_nothing_are_refused() {
    for text in ["8-12", "08:00", "08:00-08:00", "08:60-09:00", "24:01-25:00", "8:00-12:00"] {
        assert!(Span::parse(text).is_err(), "{text}");
    }
    assert!(parse_date("2026-02-30").is_err());
    assert!(parse_weekday("Monday").is_err());
}

const MINUTE_US: i64 = 60_000_000;

/// Spans of a week by weekday, first minute and length; a special day and the span it has; a moment, in minutes.
type Week = (Vec<(usize, u32, u32)>, i64, Option<(u32, u32)>, i64);

fn week() -> impl Strategy<Value = Week> {
    let spans = prop::collection::vec((0_usize..7, 0_u32..24 * 60, 1_u32..24 * 60), 0..6);
    let own = prop::option::of((0_u32..24 * 60, 1_u32..24 * 60));
    (spans, 0_i64..7, own, 0_i64..3 * 24 * 60)
}

fn span(from: u32, minutes: u32) -> Span {
    let clock = |minute: u32| format!("{:02}:{:02}", minute / 60 % 24, minute % 60);
    Span::parse(&format!("{}-{}", clock(from), clock(from + minutes))).expect("a span")
}

proptest! {
    /// Around the night in which New York's clocks are set back, and in any other zone.
    #[test]
    fn the_next_change_is_the_first_minute_that_differs((spans, day, own, minute) in week(), far in any::<bool>()) {
        let tz = TimeZone::get(if far { "America/New_York" } else { "Asia/Shanghai" }).unwrap();
        let mut hours = WeeklyHours::new(tz.clone());
        for (weekday, from, minutes) in spans {
            let weekday = Weekday::from_monday_zero_offset(i8::try_from(weekday).unwrap()).unwrap();
            hours.open(weekday, span(from, minutes));
        }
        let first = parse_date("2026-10-30").unwrap().checked_add(jiff::Span::new().days(day)).unwrap();
        let spans = own.map(|(from, minutes)| vec![span(from, minutes)]);
        let kind = spans.map_or(SpecialHours::Closed, SpecialHours::Own);
        hours.add_special(SpecialDays { name: None, first, last: first, hours: kind }).unwrap();
        let start = at("2026-10-31T00:00:00", &tz) + minute * MINUTE_US;
        let now = hours.is_open(start);
        let mut later = (1..=8 * 24 * 60).map(|minute| start + minute * MINUTE_US);
        let expected = later.find(|moment| hours.is_open(*moment) != now);
        let next = hours.outlook(start, None).next.map(|next| next.at_us);
        if expected.is_some() {
            prop_assert_eq!(next, expected);
        } else {
            prop_assert!(next.is_none_or(|at_us| at_us > start + 8 * 24 * 60 * MINUTE_US));
        }
    }
}

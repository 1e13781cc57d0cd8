//! Opening hours as they are configured: what is meant is understood, and mistakes are told with their place.

use careline_model::config::{Plan, check, parse};
use careline_model::hours::{Opening, Reason};
use jiff::civil::DateTime;
use jiff::tz::TimeZone;

const SWITCH: &str = r#"
timezone = "Asia/Shanghai"
[[calendar]]
id = "cn-2026"
special = [
  { name = "国庆节", from = "2026-10-01", to = "2026-10-07" },
  { name = "国庆节调休", from = "2026-10-10", like = "wed" },
]
[[hours]]
id = "office"
calendars = ["cn-2026"]
special = [{ name = "国庆门诊", from = "2026-10-03", open = ["09:00-11:00", "14:00-16:00"] }]
[hours.weekly]
wed = ["08:00-12:00", "13:30-17:30"]
thu = ["08:00-12:00"]
[[hours]]
id = "branch"
timezone = "Asia/Urumqi"
weekly = { thu = ["08:00-12:00"] }
holidays = ["2026-10-01"]
workdays = { "2026-10-01" = "thu" }
"#;

fn load(text: &str) -> Result<Plan, Vec<String>> {
    let config = parse(text, "switch.toml").map_err(|error| vec![error.to_string()])?;
    check(&config, &[], &|_| true).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn at(text: &str) -> i64 {
    let tz = TimeZone::get("Asia/Shanghai").expect("a zone");
    let local: DateTime = text.parse().expect("a moment");
    tz.to_timestamp(local).expect("within time").as_microsecond()
}

#[test]
fn holidays_make_up_days_and_periods_of_one_day_are_understood() {
    let plan = load(SWITCH).unwrap();
    let office = &plan.hours["office"];
    let name = |text: &str| Some(text.into());
    for (moment, opening, reason) in [
        ("2026-09-30T11:00:00", Opening::Open, Reason::Weekly),
        ("2026-09-30T12:30:00", Opening::Closed, Reason::Weekly),
        ("2026-10-01T09:00:00", Opening::Closed, Reason::Holiday { name: name("国庆节") }),
        ("2026-10-03T15:00:00", Opening::Open, Reason::OwnPeriods { name: name("国庆门诊") }),
        ("2026-10-10T14:00:00", Opening::Open, {
            Reason::MakeUpDay { name: name("国庆节调休"), like: jiff::civil::Weekday::Wednesday }
        }),
    ] {
        let outlook = office.outlook(at(moment), None);
        assert_eq!((outlook.opening, outlook.reason), (opening, reason), "{moment}");
    }
}

#[test]
fn each_profile_compares_in_its_own_zone() {
    let plan = load(SWITCH).unwrap();
    let branch = &plan.hours["branch"];
    assert!(!branch.is_open(at("2026-10-01T09:59:59")), "07:59:59 in Urumqi");
    assert!(branch.is_open(at("2026-10-01T10:00:00")), "and the make-up day wins over the holiday");
    assert!(branch.is_open(at("2026-10-01T13:59:59")));
}

#[test]
fn hours_that_cannot_be_meant_are_refused_with_their_place() {
    for (from, to, expected) in [
        (
            "\"2026-10-07\"",
            "\"2026-09-07\"",
            "calendar.special: 2026-10-01 to 2026-09-07 is no range of 1 to 366",
        ),
        (
            "\"2026-10-07\"",
            "\"2026-10-32\"",
            "calendar.special.to: `2026-10-32` is not a date; allowed: YYYY-MM-DD",
        ),
        (
            "from = \"2026-10-10\"",
            "from = \"soon\"",
            "calendar.special.from: `soon` is not a date; allowed: YYYY",
        ),
        (
            "like = \"wed\"",
            "like = \"Wednesday\"",
            "calendar.special.like: `Wednesday` is not a weekday; allowed: mon",
        ),
        (
            "like = \"wed\"",
            "like = \"wed\", open = [\"08:00-09:00\"]",
            "calendar.special.like: stands beside open; allowed: one of the two",
        ),
        ("like = \"wed\"", "to = \"2026-10-16\" }, { from = \"2026-10-14\", to = \"2026-10-20\"", {
            "calendar.special: 2026-10-14 has special hours already; allowed: each date once, or a shorter range"
        }),
        (
            "name = \"国庆节\"",
            "name = \"\"",
            "calendar.special.name: `` is no name; allowed: 1 to 32 characters",
        ),
        (
            "[\"cn-2026\"]",
            "[\"cn-2027\"]",
            "hours.calendars: calendar `cn-2027` is not known; allowed: cn-2026",
        ),
        (
            "\"14:00-16:00\"",
            "\"14-16\"",
            "hours.special.open: `14-16` is not a span of hours; allowed: HH:MM-HH:MM",
        ),
        (
            "\"Asia/Urumqi\"",
            "\"China\"",
            "hours.timezone: `China` is no zone; allowed: an IANA zone, as Asia",
        ),
        ("\"2026-10-01\"]", "\"2026-10-01\", \"1 Oct\"]", "hours.holidays: `1 Oct` is not a date"),
        (
            "name = \"国庆节\"",
            "nmae = \"国庆节\"",
            "unknown field `nmae`; allowed: name, from, to, open, like",
        ),
    ] {
        let line = SWITCH.lines().position(|line| line.contains(from)).expect("the sample has it") + 1;
        let told = load(&SWITCH.replacen(from, to, 1)).expect_err("a mistake was made");
        assert_eq!(told.len(), 1, "{told:#?}");
        assert!(told[0].contains(expected), "{told:#?}");
        assert!(told[0].starts_with(&format!("switch.toml:{line}: ")), "{told:#?}");
    }
}

#[test]
fn a_profile_has_no_more_special_days_than_can_be_looked_at() {
    let days: Vec<String> =
        (0..201).map(|day| format!("\"2026-{:02}-{:02}\"", day / 28 + 1, day % 28 + 1)).collect();
    let text = format!("[[hours]]\nid = \"x\"\nweekly = {{}}\nholidays = [{}]\n", days.join(", "));
    let told = load(&text).unwrap_err();
    assert!(told[0].contains("hours.special: `x` has 201 special days; allowed: up to 200"), "{told:#?}");
}

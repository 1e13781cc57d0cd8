//! Rules for agents: wrap-up, reason codes, dispositions and limits, as they are written and as they are meant.

use careline_model::config::plan::{Limit, SetBy, WrapUp};
use careline_model::config::{Plan, check, parse};
use careline_model::event::{LimitAction, WrapUpMode};
use std::time::Duration;

fn plan(text: &str) -> Result<Plan, String> {
    let config = parse(text, "switch.toml").map_err(|error| error.to_string())?;
    check(&config, &[], &|_| true)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn queue(more: &str) -> String {
    format!("[[queue]]\nid = \"general\"\nname = \"g\"\n{more}\n")
}

fn agent(more: &str) -> String {
    format!("[[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"a\"\n{more}\n")
}

fn code(more: &str) -> String {
    format!("[[not_ready_code]]\nid = \"meal\"\nname = \"用餐\"\n{more}\n")
}

#[test]
fn a_wrap_up_is_what_its_mode_and_time_say_together() {
    let wrap_up = |mode, seconds| WrapUp { mode, time: Duration::from_secs(seconds) };
    for (written, expected) in [
        ("", wrap_up(WrapUpMode::Timed, 30)),
        ("wrap_up_s = 0", wrap_up(WrapUpMode::None, 0)),
        ("wrap_up_s = 9", wrap_up(WrapUpMode::Timed, 9)),
        ("wrap_up_mode = \"none\"", wrap_up(WrapUpMode::None, 0)),
        ("wrap_up_mode = \"optional\"", wrap_up(WrapUpMode::Optional, 0)),
        ("wrap_up_mode = \"discretionary\"", wrap_up(WrapUpMode::Discretionary, 1800)),
        ("wrap_up_mode = \"timed_fixed\"\nwrap_up_s = 20", wrap_up(WrapUpMode::TimedFixed, 20)),
    ] {
        let plan = plan(&queue(written)).expect("it makes sense");
        assert_eq!(plan.queues[&"general".into()].wrap_up, expected, "{written}");
    }
    let own = |more: &str| plan(&agent(more)).expect("it makes sense").agents[&"1001".into()].wrap_up;
    assert_eq!(own(""), None);
    assert_eq!(own("wrap_up_s = 90"), Some(wrap_up(WrapUpMode::Timed, 90)));
}

#[test]
fn a_reason_code_says_for_whom_it_is_how_long_and_how_often() {
    let text = code(
        "staffed = true\nwarn_s = 500\nmax_s = 600\nat_max = \"logout\"\nquota = 2\nset_by = [\"rule\"]",
    );
    let plan = plan(&text).expect("it makes sense");
    let meal = &plan.not_ready_codes["meal"];
    let (warn, max) = (Some(Duration::from_secs(500)), Some(Duration::from_secs(600)));
    assert_eq!(meal.longest, Limit { warn, max, then: LimitAction::Logout });
    assert_eq!((meal.staffed, meal.quota, meal.set_by.as_slice()), (true, 2, &[SetBy::Rule][..]));
}

#[test]
fn what_makes_no_sense_is_refused_with_what_is_allowed() {
    for (text, expected) in [
        (
            queue("wrap_up_mode = \"long\""),
            "switch.toml:4: queue.wrap_up_mode: `long` is not known; allowed: none, optional, discretionary, timed,",
        ),
        (
            queue("wrap_up_mode = \"timed\"\nwrap_up_s = 0"),
            "switch.toml:5: queue.wrap_up_s: 0 is out of range; allowed: 1 to 86400",
        ),
        (
            agent("wrap_up_mode = \"timed_fixed\"\nwrap_up_s = 0"),
            "switch.toml:6: agent.wrap_up_s: 0 is out of range; allowed: 1 to 86400",
        ),
        (
            code("max_s = 60\nwarn_s = 60"),
            "switch.toml:5: not_ready_code.warn_s: 60 is out of range; allowed: 1 to 59",
        ),
        (
            code("at_max = \"logout\""),
            "switch.toml:4: not_ready_code.at_max: follows on no limit; allowed: not_ready_code.max_s beside it",
        ),
        (
            code("max_s = 60\nat_max = \"shout\""),
            "switch.toml:5: not_ready_code.at_max: `shout` is not known; allowed: none, alert, logout",
        ),
        (
            code("set_by = [\"boss\"]"),
            "switch.toml:4: not_ready_code.set_by: `boss` is not known; allowed: agent, supervisor, rule",
        ),
        (
            code("set_by = []"),
            "switch.toml:4: not_ready_code.set_by: is empty; allowed: agent, supervisor, rule",
        ),
        (
            "[[not_ready_code]]\nid = \"device_lost\"\nname = \"x\"".to_owned(),
            "switch.toml:2: not_ready_code.id: `device_lost` is set by the switch alone; allowed: another id",
        ),
        (
            "[[disposition]]\nid = \"timeout\"\nname = \"x\"".to_owned(),
            "switch.toml:2: disposition.id: `timeout` is set by the switch alone; allowed: another id",
        ),
        (
            "[limits]\ncalls_max = 5\ncalls_warn = 5".to_owned(),
            "switch.toml:3: limits.calls_warn: 5 is out of range; allowed: 1 to 4",
        ),
        (
            "[rona]\nbusy_max = 101".to_owned(),
            "switch.toml:2: rona.busy_max: 101 is out of range; allowed: 0 to 100",
        ),
    ] {
        let told = plan(&text).expect_err("it makes no sense");
        assert!(told.contains(expected), "{told}\n  expected {expected}");
    }
}

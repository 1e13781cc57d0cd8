//! Queues, seats and skills: what makes no sense is refused with its place and with what is allowed.

use careline_model::config::plan::{Seat, Strategy};
use careline_model::config::{Plan, check, parse, parse_flow};
use std::time::Duration;

const FLOW: &str =
    "id = \"main\"\nversion = 1\nstart = \"bye\"\n[node.bye]\nkind = \"hangup\"\nprompts = [\"bye\"]\n";

/// One queue with more of its table, and one agent who serves it with more of hers.
fn house(queue: &str, agent: &str) -> String {
    format!(
        "[[queue]]\nid = \"general\"\nname = \"general\"\n{queue}\n\
         [[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"a\"\n{agent}\n"
    )
}

fn plan(queue: &str, agent: &str) -> Result<Plan, String> {
    let config = parse(&house(queue, agent), "switch.toml").map_err(|error| error.to_string())?;
    let flow = parse_flow(FLOW, "main.toml").map_err(|error| error.to_string())?;
    check(&config, &[flow], &|_| true)
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

#[test]
fn what_is_written_is_what_is_meant() {
    let queue = "strategy = \"ring_progressive\"\nring_next_s = 7\nred_flag = true\nclass = 2\npriority = -3\n\
                 skills = { english = 4 }\n[[queue.step]]\nat_s = 10\nlower = { english = 2 }\n\
                 [[queue.step]]\nat_s = 20\ntier = 3\nonly = true\ndrop = [\"english\"]\n[queue.sticky]\nhours = 2";
    let agent =
        "skills = { english = 5 }\n[[agent.queue]]\nid = \"general\"\ntier = 3\ndelay_s = 5\npriority = 2";
    let plan = plan(queue, agent).expect("all of it makes sense");
    let general = &plan.queues[&"general".into()];
    assert_eq!((general.strategy, general.ring_next), (Strategy::RingProgressive, Duration::from_secs(7)));
    assert_eq!((general.red_flag, general.class, general.priority), (true, 2, -3));
    assert_eq!((general.needs[&"english".into()], general.steps.len()), (4, 2));
    assert_eq!((general.steps[0].tiers, general.steps[1].tiers), (None, Some((3, 3))));
    let sticky = general.sticky.expect("it is written");
    assert_eq!((sticky.window, sticky.idle), (Duration::from_secs(7200), Duration::from_secs(15)));
    let seat = Seat { tier: 3, delay: Duration::from_secs(5), priority: 2, ..Seat::default() };
    assert_eq!(plan.agents[&"1001".into()].seats[&"general".into()], seat);
    assert_eq!(plan.agents[&"1001".into()].skills[&"english".into()], 5);
}

#[test]
fn what_makes_no_sense_is_refused_with_what_is_allowed() {
    let english = "skills = { english = 5 }";
    for (queue, agent, expected) in [
        (
            "strategy = \"fastest\"",
            "queues = [\"general\"]",
            "switch.toml:4: queue.strategy: `fastest` is no strategy; allowed: longest_idle, least_talk",
        ),
        ("class = 0", "", "switch.toml:4: queue.class: 0 is out of range; allowed: 1 to 9"),
        (
            "priority = 9999",
            "",
            "switch.toml:4: queue.priority: 9999 is out of range; allowed: -1440 to 1440",
        ),
        (
            "skills = { enlish = 3 }",
            english,
            "switch.toml:4: queue.skills: no agent has skill `enlish`; allowed: english",
        ),
        (
            "skills = { english = 11 }",
            english,
            "switch.toml:4: queue.skills: 11 is out of range; allowed: 1 to 10",
        ),
        (
            "skills = { english = 3 }\n[[queue.step]]\nat_s = 5\nlower = { english = 3 }",
            english,
            "switch.toml:7: queue.step.lower: `english` = 3 lowers nothing; allowed: less than 3",
        ),
        (
            "[[queue.step]]\nat_s = 5\ndrop = [\"english\"]",
            english,
            "switch.toml:6: queue.step.drop: `english` is not asked for; allowed: none is defined",
        ),
        (
            "[[queue.step]]\nat_s = 9\ntier = 2\n[[queue.step]]\nat_s = 9\ntier = 3",
            "",
            "switch.toml:8: queue.step.at_s: step at 9 s does not come after the one before; allowed: more than 9",
        ),
        (
            "[[queue.step]]\nat_s = 9",
            "",
            "switch.toml:5: queue.step: changes nothing; allowed: tier, drop or lower",
        ),
        (
            "",
            "[[agent.queue]]\nid = \"general\"\ntier = 2",
            "switch.toml:11: agent.queue.tier: tier 2 of queue `general` is never asked; allowed: 1, or a tier",
        ),
        (
            "",
            "queues = [\"general\"]\n[[agent.queue]]\nid = \"general\"",
            "switch.toml:11: agent.queue.id: queue `general` is there twice; allowed: each queue once",
        ),
        (
            "",
            "[[agent.queue]]\nid = \"genral\"",
            "switch.toml:10: agent.queue.id: queue `genral` is not known; allowed: general",
        ),
    ] {
        let told = plan(queue, agent).expect_err("it makes no sense");
        assert!(told.contains(expected), "{told}\n  expected {expected}");
    }
    let config = parse("counts_begin = \"24:30\"", "switch.toml").expect("it reads");
    let told = check(&config, &[], &|_| true).expect_err("no such time").remove(0).to_string();
    assert_eq!(
        told,
        "switch.toml:1: counts_begin: `24:30` is no time of day; allowed: HH:MM, 00:00 to 23:59"
    );
}

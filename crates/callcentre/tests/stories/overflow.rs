//! Rules that send a caller elsewhere without losing her place (CF C30, 1.9).

use crate::common::{Story, direct, house, plan_direct};
use careline_callcentre::{LegEnd, NewRank};
use careline_model::event::AgentIntent;

const AGENTS: [(&str, &str); 2] = [("1001", "queues = [\"general\"]"), ("1003", "queues = [\"booking\"]")];

fn house_of(general: &str) -> Story {
    let exits = "overflow = \"else\"\n[node.else]\nkind = \"hangup\"\nprompts = [\"else\"]\n[node.bye]";
    let flow = direct("direct", "general").replace("[node.bye]", exits);
    let switch = house(general, &AGENTS).replace("max_wait_s = 60", "max_wait_s = 6000");
    Story::of(plan_direct(&switch, &flow))
}

#[test]
fn the_one_too_many_goes_elsewhere() {
    let mut story = house_of("[[queue.overflow]]\nsize = 2");
    let (first, second) = (story.waiting("200"), story.waiting("200"));
    story.forget();
    let third = story.waiting("200");
    let told = story.told();
    assert!(told.contains(&"c3 leaves FlowOutOverflow 0".to_owned()), "{told:?}");
    assert_eq!(told.last().map(String::as_str), Some("play c3 else"));
    assert_eq!((story.stage(first), story.stage(second)), ("Queued".into(), "Queued".into()));
    assert_eq!(story.stage(third), "Flow");
}

#[test]
fn who_finds_a_free_agent_stays() {
    let mut story = house_of("[[queue.overflow]]\nsize = 1");
    let first = story.waiting("200");
    story.up("1001").talks("1001", first).at(1);
    let waiting = story.waiting("200");
    story.ends(first, LegEnd::HungUp).at(32).talks("1001", waiting).ends(waiting, LegEnd::HungUp).at(100);
    let alone = story.waiting("200");
    assert_eq!(story.stage(alone), "Offered 1001");
}

#[test]
fn in_the_other_queue_she_has_the_age_of_her_first_entry() {
    let mut story = house_of("[[queue.overflow]]\nage_s = 30\nqueue = \"booking\"");
    let older = story.waiting("200");
    let younger = story.at(10).waiting("300");
    story.heard(older).forget().at(30);
    assert_eq!(
        story.told(),
        ["stop music c1", "c1 leaves FlowOutOverflow 30000", "c1 enters booking at 1", "music c1"]
    );
    story.up("1003");
    assert_eq!((story.stage(older), story.stage(younger)), ("Offered 1003".into(), "Queued".into()));
}

#[test]
fn an_agent_of_the_other_queue_who_is_free_is_rung_at_once() {
    let mut story = house_of("[[queue.overflow]]\nage_s = 33\nqueue = \"booking\"");
    story.up("1003");
    let caller = story.waiting("200");
    story.at(32);
    assert_eq!(story.stage(caller), "Queued");
    story.at(33);
    assert_eq!(story.stage(caller), "Offered 1003");
}

#[test]
fn who_was_old_enough_goes_when_the_other_queue_opens_again() {
    let mut story = house_of("[[queue.overflow]]\nage_s = 30\nqueue = \"booking\"");
    story.centre.close_queue(&"booking".into(), false, story.now).expect("it is known");
    let caller = story.waiting("200");
    story.heard(caller).at(37);
    assert_eq!(story.stage(caller), "Queued");
    story.centre.open_queue(&"booking".into()).expect("it is known");
    story.forget().at(45);
    let told = story.told();
    assert!(told.contains(&"c1 enters booking at 1".to_owned()), "{told:?}");
}

#[test]
fn a_queue_that_lets_nobody_in_is_no_way_out() {
    let general = "[[queue.overflow]]\nage_s = 30\nqueue = \"booking\"\n[[queue.overflow]]\nage_s = 60";
    let mut story = house_of(general);
    story.centre.close_queue(&"booking".into(), false, story.now).expect("it is known");
    let caller = story.waiting("200");
    story.at(59);
    assert_eq!(story.stage(caller), "Queued");
    story.forget().at(60);
    assert!(story.told().contains(&"play c1 else".to_owned()), "the next rule");
}

#[test]
fn a_long_prediction_sends_away_whom_no_promise_can_be_made() {
    let mut story = house_of("handling_s = 300\n[[queue.overflow]]\npredicted_s = 400");
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking);
    let first = story.waiting("200");
    assert_eq!(story.stage(first), "Queued", "five minutes");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Flow", "ten minutes");
}

#[test]
fn when_the_last_agent_leaves_a_rule_for_that_acts_at_once() {
    let mut story = house_of("[[queue.overflow]]\nno_staff = true\nqueue = \"booking\"");
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking);
    let caller = story.waiting("200");
    assert_eq!(story.stage(caller), "Queued");
    story.at(20).wants("1001", AgentIntent::LoggedOut).ends(talking, LegEnd::HungUp).forget().at(50);
    let told = story.told();
    assert!(told.contains(&"c2 enters booking at 1".to_owned()), "{told:?}");
}

#[test]
fn a_rule_for_a_class_leaves_the_others_alone() {
    let mut story = house_of("[[queue.overflow]]\nage_s = 10\nclass = 6");
    let (plain, low) = (story.waiting("200"), story.waiting("200"));
    let call = story.centre.call_of(low).expect("she waits");
    let rank = NewRank { class: Some(7), ..NewRank::default() };
    story.centre.set_rank(call, rank, story.now).expect("in range");
    story.at(16);
    assert_eq!((story.stage(plain), story.stage(low)), ("Queued".into(), "Flow".into()));
}

#[test]
fn two_queues_that_send_to_each_other_do_so_once() {
    let rule = |to: &str| format!("[[queue.overflow]]\nno_staff = true\nqueue = \"{to}\"\n");
    let switch = house(&rule("booking"), &AGENTS);
    let booking = "name = \"booking\"\nwrap_up_s = 0\nmax_wait_s = 60\nmusic = \"music\"\n";
    let switch = switch.replacen(booking, &format!("{booking}{}", rule("general")), 1);
    let mut story = Story::with(&switch);
    let caller = story.waiting("200");
    let told = story.told();
    let entered: Vec<_> = told.iter().filter(|line| line.contains("enters")).collect();
    assert_eq!(entered, ["c1 enters general at 1", "c1 enters booking at 1", "c1 enters general at 1"]);
    assert_eq!(story.stage(caller), "Queued");
    story.at(30);
    assert_eq!(story.stage(caller), "Queued");
}

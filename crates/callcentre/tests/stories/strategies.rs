//! How the agent of a queue is chosen: one story for each strategy (CF 1.1, C1 to C8).

use crate::common::{Story, house};
use careline_callcentre::{LegEnd, RefusedBy};
use careline_model::LegId;
use std::collections::BTreeMap;

const GENERAL: &str = "queues = [\"general\"]";

fn of(strategy: &str, agents: &[(&str, &str)]) -> Story {
    Story::with(&house(&format!("strategy = \"{strategy}\""), agents))
}

/// All phones are there, 1001 first, one a second.
fn with(strategy: &str, agents: &[(&str, &str)]) -> Story {
    let mut story = of(strategy, agents);
    for (second, (agent, _)) in agents.iter().enumerate() {
        story.at(second as u64).up(agent);
    }
    story.at(10);
    story
}

/// A caller comes and is rung for; the call ends at once, unanswered.
fn rung(story: &mut Story) -> Vec<String> {
    let caller = story.waiting("200");
    let phones = story.phones(caller);
    story.ends(caller, LegEnd::HungUp);
    phones
}

/// A caller comes at a second, talks for some time to whoever is rung, and the wrap-up of 30 s passes.
fn served(story: &mut Story, at: u64, talk: u64) -> String {
    story.at(at);
    let caller = story.waiting("200");
    let agent = story.phones(caller).remove(0);
    story.talks(&agent, caller).at(at + talk).ends(caller, LegEnd::HungUp).at(at + talk + 30);
    agent
}

#[test]
fn longest_idle_rings_who_has_waited_longest_for_work() {
    let mut story = with("longest_idle", &[("1001", GENERAL), ("1002", GENERAL)]);
    assert_eq!(served(&mut story, 20, 5), "1001");
    assert_eq!(served(&mut story, 60, 5), "1002");
    assert_eq!(served(&mut story, 100, 5), "1001");
}

#[test]
fn fewest_calls_rings_who_answered_fewest_however_long_they_were() {
    let mut story = with("fewest_calls", &[("1001", GENERAL), ("1002", GENERAL)]);
    assert_eq!(served(&mut story, 20, 300), "1001");
    assert_eq!(served(&mut story, 400, 1), "1002");
    // Equal again: 1001 has waited longer since.
    assert_eq!(served(&mut story, 450, 1), "1001");
    assert_eq!(served(&mut story, 500, 1), "1002");
}

#[test]
fn least_talk_rings_who_talked_least_however_often() {
    let mut story = with("least_talk", &[("1001", GENERAL), ("1002", GENERAL)]);
    assert_eq!(served(&mut story, 20, 300), "1001");
    for at in [400, 450, 500] {
        assert_eq!(served(&mut story, at, 10), "1002");
    }
    assert_eq!(served(&mut story, 550, 300), "1002");
    assert_eq!(served(&mut story, 900, 1), "1001");
}

#[test]
fn counts_begin_anew_with_the_day_of_work() {
    let mut story = with("fewest_calls", &[("1001", GENERAL), ("1002", GENERAL)]);
    assert_eq!(served(&mut story, 20, 5), "1001");
    assert_eq!(served(&mut story, 60, 5), "1002");
    assert_eq!(served(&mut story, 100, 5), "1001");
    // It is 09:00 on the first day; at 04:00 of the next 1001 owes nobody a call any more: 1002 has waited longer.
    assert_eq!(served(&mut story, 19 * 3600 + 60, 5), "1002");
    assert_eq!(served(&mut story, 19 * 3600 + 120, 5), "1001");
}

#[test]
fn least_occupied_rings_whose_share_of_work_is_smallest() {
    let mut story = of("least_occupied", &[("1001", GENERAL), ("1002", GENERAL)]);
    story.up("1001").at(1000).up("1002");
    assert_eq!(served(&mut story, 1000, 5), "1001");
    assert_eq!(served(&mut story, 1100, 5), "1002");
    // 1001 has been idle for long before: 35 s of work are less to her than to 1002, and 70 s as well.
    assert_eq!(served(&mut story, 1200, 5), "1001");
    assert_eq!(served(&mut story, 1300, 5), "1001");
}

#[test]
fn round_robin_goes_on_behind_the_one_who_was_rung_last() {
    let mut story = with("round_robin", &[("1001", GENERAL), ("1002", GENERAL), ("1003", GENERAL)]);
    let order: Vec<_> = (0..7).map(|_| rung(&mut story).remove(0)).collect();
    assert_eq!(order, ["1001", "1002", "1003", "1001", "1002", "1003", "1001"]);
}

#[test]
fn linear_goes_on_for_the_same_call_and_begins_at_the_top_for_the_next() {
    let mut story = with("linear", &[("1001", GENERAL), ("1002", GENERAL), ("1003", GENERAL)]);
    let caller = story.waiting("200");
    let mut order = Vec::new();
    for _ in 0..3 {
        let agent = story.phones(caller).remove(0);
        story.refuses(&agent, RefusedBy::Busy);
        order.push(agent);
    }
    assert_eq!(order, ["1001", "1002", "1003"]);
    story.ends(caller, LegEnd::HungUp).at(30);
    assert_eq!(rung(&mut story), ["1001"]);
    assert_eq!(rung(&mut story), ["1001"]);
}

#[test]
fn top_down_always_begins_at_the_top() {
    let mut story = with("top_down", &[("1001", GENERAL), ("1002", GENERAL)]);
    assert_eq!(served(&mut story, 20, 5), "1001");
    assert_eq!(served(&mut story, 60, 5), "1001");
    let caller = story.at(100).waiting("200");
    assert_eq!(story.phones(caller), ["1001"]);
    let second = story.waiting("200");
    assert_eq!(story.phones(second), ["1002"]);
}

#[test]
fn random_rings_everybody_about_as_often() {
    let agents = [("1001", GENERAL), ("1002", GENERAL), ("1003", GENERAL), ("1004", GENERAL)];
    let shares = shares("random", &agents);
    assert!(shares.values().all(|times| (200..=300).contains(times)), "{shares:?}");
}

#[test]
fn weighted_rings_in_the_shares_of_the_weights() {
    let seat = |weight: u32| format!("[[agent.queue]]\nid = \"general\"\nweight = {weight}");
    let (one, three) = (seat(1), seat(3));
    let shares = shares("weighted", &[("1001", &one), ("1002", &three)]);
    assert!((200..=300).contains(&shares["1001"]), "{shares:?}");
}

/// Of a thousand calls.
fn shares(strategy: &str, agents: &[(&str, &str)]) -> BTreeMap<String, u32> {
    let mut story = with(strategy, agents);
    let mut shares = BTreeMap::new();
    for _ in 0..1000 {
        *shares.entry(rung(&mut story).remove(0)).or_default() += 1;
    }
    shares
}

#[test]
fn best_skill_rings_whose_levels_have_the_highest_sum_then_who_waited_longest() {
    let agent = |english: u8, surgery: u8| {
        format!("{GENERAL}\nskills = {{ english = {english}, surgery = {surgery}, chess = 10 }}")
    };
    let (good, better, equal) = (agent(3, 3), agent(2, 7), agent(4, 5));
    let general = "strategy = \"best_skill\"\nskills = { english = 1, surgery = 1 }";
    let mut story = Story::with(&house(general, &[("1001", &good), ("1002", &better), ("1003", &equal)]));
    story.up("1001").at(1).up("1003").at(2).up("1002");
    let (first, second, third) = (story.waiting("200"), story.waiting("200"), story.waiting("200"));
    let phones: Vec<_> = [first, second, third].iter().map(|call| story.phones(*call).remove(0)).collect();
    assert_eq!(phones, ["1003", "1002", "1001"]);
}

#[test]
fn ring_all_rings_everybody_who_is_free_and_the_first_to_answer_has_the_call() {
    let mut story = with("ring_all", &[("1001", GENERAL), ("1002", GENERAL), ("1003", GENERAL)]);
    let caller = story.waiting("200");
    assert_eq!(story.phones(caller), ["1001", "1002", "1003"]);
    story.ringing("1001").ringing("1003").forget();
    story.talks("1002", caller);
    assert_eq!(story.stage(caller), "Talking 1002");
    let told = story.told();
    for loser in ["1001", "1003"] {
        assert!(told.contains(&format!("stop ringing {loser} AnsweredElsewhere")), "{told:?}");
        assert!(told.contains(&format!("c1 {loser} LostRace 0")), "{told:?}");
    }
    // Losing costs nothing: both are rung for the next at once.
    let next = story.waiting("200");
    assert_eq!(story.phones(next), ["1001", "1003"]);
}

#[test]
fn who_becomes_free_joins_those_whose_phones_ring() {
    let mut story = of("ring_all", &[("1001", GENERAL), ("1002", GENERAL)]);
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001").at(5).up("1002");
    assert_eq!(story.phones(caller), ["1001", "1002"]);
}

#[test]
fn the_winner_who_drops_before_both_hear_each_other_leaves_the_call_to_the_others() {
    let mut story = with("ring_all", &[("1001", GENERAL), ("1002", GENERAL)]);
    let caller = story.waiting("200");
    story.ringing("1001").ringing("1002").forget();
    let winner = story.leg("1001");
    story.input(careline_callcentre::Input::Answered { leg: winner });
    assert_eq!(story.phones(caller), ["1001", "1002"], "the other phone rings until both hear each other");
    story.ends(winner, LegEnd::Failed);
    assert_eq!(story.phones(caller), ["1002"]);
    story.talks("1002", caller);
    assert_eq!(story.stage(caller), "Talking 1002");
}

#[test]
fn the_second_to_answer_is_told_that_the_call_was_answered_elsewhere() {
    let mut story = with("ring_all", &[("1001", GENERAL), ("1002", GENERAL)]);
    let caller = story.waiting("200");
    let (first, second) = (story.leg("1001"), story.leg("1002"));
    story.ringing("1001").ringing("1002");
    story.input(careline_callcentre::Input::Answered { leg: first }).forget();
    story.input(careline_callcentre::Input::Answered { leg: second });
    assert!(story.told().contains(&"stop ringing 1002 AnsweredElsewhere".to_owned()));
    story.input(careline_callcentre::Input::Bridged { leg: caller });
    assert_eq!(story.stage(caller), "Talking 1001");
}

#[test]
fn a_caller_who_leaves_ends_the_ringing_of_all() {
    let mut story = with("ring_all", &[("1001", GENERAL), ("1002", GENERAL)]);
    let caller = story.waiting("200");
    story.forget().ends(caller, LegEnd::HungUp);
    let told = story.told();
    for agent in ["1001", "1002"] {
        assert!(told.contains(&format!("stop ringing {agent} CallerLeft")), "{told:?}");
    }
    assert_eq!(story.stage(caller), "over");
    assert_eq!(rung(&mut story), ["1001", "1002"]);
}

#[test]
fn ring_progressive_rings_one_more_after_each_ten_seconds() {
    let mut story = Story::with(&house(
        "strategy = \"ring_progressive\"\nring_timeout_s = 60",
        &[("1001", GENERAL), ("1002", GENERAL), ("1003", GENERAL)],
    ));
    story.up("1001").at(1).up("1002").at(2).up("1003").at(3);
    let caller: LegId = story.waiting("200");
    story.ringing("1001");
    assert_eq!(story.phones(caller), ["1001"]);
    story.at(12);
    assert_eq!(story.phones(caller), ["1001"]);
    story.at(13).ringing("1002");
    assert_eq!(story.phones(caller), ["1001", "1002"]);
    story.at(23).ringing("1003");
    assert_eq!(story.phones(caller), ["1001", "1002", "1003"]);
    story.talks("1002", caller);
    assert_eq!(story.phones(caller), ["1002"]);
}

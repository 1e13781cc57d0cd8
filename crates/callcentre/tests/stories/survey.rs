//! After the conversation the caller is asked how it was (CF J1, J2).

use crate::common::{OUTSIDE, Story, house, plan_with};
use careline_callcentre::LegEnd;
use careline_model::event::{EventBody, SurveyOutcome};

const FLOW: &str = r#"
id = "survey"
version = 3
start = "attitude"
[node.attitude]
kind = "rate"
prompts = ["how was she"]
question = "attitude"
scale = 5
low = 2
next = "solved"
otherwise = "bye"
tries = 2
[node.solved]
kind = "rate"
prompts = ["is it solved"]
question = "solved"
scale = 2
next = "bye"
otherwise = "bye"
[node.bye]
kind = "hangup"
prompts = ["thanks"]
"#;

fn story(survey: &str) -> Story {
    let general = format!("[queue.survey]\nflow = \"survey\"\n{survey}\n");
    let agents = [("1001", "queues = [\"general\"]"), ("1002", "queues = [\"general\"]")];
    Story::of(plan_with(&(house(&general, &agents) + OUTSIDE), &[FLOW.to_owned()]))
}

/// A caller of the direct line has talked to agent 1001 for 20 s.
fn talked(story: &mut Story) -> careline_model::LegId {
    let caller = story.waiting("200");
    story.up("1001").talks("1001", caller);
    let later = story.now_ms() + 20_000;
    story.at_ms(later).forget();
    caller
}

fn outcomes(story: &Story) -> Vec<SurveyOutcome> {
    let ended = |event: &EventBody| match event {
        EventBody::SurveyEnded(fact) => Some(fact.outcome),
        _ => None,
    };
    story.events.iter().filter_map(ended).collect()
}

#[test]
fn the_agent_hangs_up_and_her_caller_is_asked() {
    let mut story = story("");
    let caller = talked(&mut story);
    let agent = story.leg("1001");
    story.ends(agent, LegEnd::HungUp);
    let told = story.told();
    let expected = ["stop recording", "c1 asked about 1001 in general", "play c1 how was she"];
    for line in expected {
        assert!(told.iter().any(|one| one == line), "{line}: {told:#?}");
    }
    assert!(told.iter().any(|line| line.contains("1001 Ready WrapUp")), "her work is over: {told:?}");
    assert!(!told.iter().any(|line| line.starts_with("hang up c1")));
    story.key(caller, '2');
    let told = story.told();
    assert!(told.contains(&"c1 says 2 of 5 to attitude about 1001 low".to_owned()), "{told:?}");
    assert!(told.contains(&"play c1 is it solved".to_owned()));
    story.key(caller, '1').heard(caller);
    let told = story.told();
    assert!(told.contains(&"c1 says 1 of 2 to solved about 1001".to_owned()), "{told:?}");
    assert!(told.contains(&"c1 survey Completed 2".to_owned()));
    assert!(told.contains(&"c1 over Completed by Agent 20000".to_owned()));
}

#[test]
fn a_key_beyond_the_scale_is_no_answer() {
    let mut story = story("");
    let caller = talked(&mut story);
    story.ends(story.leg("1001"), LegEnd::HungUp).keys(caller, "90");
    assert!(!story.events.iter().any(|event| matches!(event, EventBody::SurveyAnswered(_))));
    story.heard(caller);
    assert_eq!(outcomes(&story), [SurveyOutcome::Refused]);
}

#[test]
fn who_hangs_up_in_the_middle_answered_in_part_and_who_says_nothing_refused() {
    for (keys, outcome) in [("4", SurveyOutcome::Partial), ("", SurveyOutcome::Refused)] {
        let mut story = story("");
        let caller = talked(&mut story);
        story.ends(story.leg("1001"), LegEnd::HungUp).keys(caller, keys).ends(caller, LegEnd::HungUp);
        assert_eq!(outcomes(&story), [outcome]);
        let told = story.told();
        assert!(told.contains(&"c1 over Completed by Agent 20000".to_owned()), "{told:?}");
    }
}

#[test]
fn who_hangs_up_first_or_is_passed_on_is_not_asked_and_that_is_told_too() {
    let mut left = story("");
    let caller = talked(&mut left);
    left.ends(caller, LegEnd::HungUp);
    assert_eq!(outcomes(&left), [SurveyOutcome::CallerLeft]);
    let mut passed = story("");
    let caller = talked(&mut passed);
    let agent = passed.leg("1001");
    passed.up("1002").passes_on(agent, "1002");
    assert_eq!(outcomes(&passed), [SurveyOutcome::NotOffered], "her conversation is over");
    passed.talks("1002", caller).at(100);
    passed.ends(passed.leg("1002"), LegEnd::HungUp).ends(caller, LegEnd::HungUp);
    assert_eq!(outcomes(&passed), [SurveyOutcome::NotOffered, SurveyOutcome::Refused]);
    let mut ordered = story("");
    let caller = talked(&mut ordered);
    ordered.hang_up(caller);
    assert_eq!(outcomes(&ordered), [SurveyOutcome::NotOffered]);
}

#[test]
fn the_lot_falls_on_a_share_of_the_calls_and_the_same_one_for_the_same_call() {
    let run = || {
        let mut story = story("percent = 30\nmin_talk_s = 0");
        for _ in 0..60 {
            let caller = story.waiting("200");
            story.up("1001").talks("1001", caller);
            story.ends(story.leg("1001"), LegEnd::HungUp);
            if story.stage(caller) != "over" {
                story.ends(caller, LegEnd::HungUp);
            }
            let later = story.now_ms() + 40_000;
            story.at_ms(later);
        }
        outcomes(&story)
    };
    let (one, other) = (run(), run());
    assert_eq!(one, other);
    let invited = one.iter().filter(|outcome| **outcome == SurveyOutcome::Refused).count();
    assert_eq!(one.len(), 60, "each conversation has one outcome");
    assert!((9..=27).contains(&invited), "{invited} of 60");
}

#[test]
fn a_word_or_two_is_no_conversation() {
    let mut story = story("min_talk_s = 10");
    let caller = story.waiting("200");
    story.up("1001").talks("1001", caller);
    story.ends(story.leg("1001"), LegEnd::HungUp);
    assert_eq!((story.stage(caller).as_str(), outcomes(&story)), ("over", vec![SurveyOutcome::NotSampled]));
}

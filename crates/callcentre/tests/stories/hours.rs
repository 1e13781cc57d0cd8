//! Who decides above the calendar, and for how long.

use crate::common::{MONDAY_NINE_US, SWITCH, Story, saying};
use careline_callcentre::{CommandError, Input};
use careline_model::LegId;
use careline_model::hours::{Opening, Reason};

/// A line whose callers hear what is true now.
const HOURS_LINE: &str = "[[line]]\nid = \"hours\"\nnumber = \"500\"\nflow = \"hours\"\n";
const EMERGENCY: &str = "[emergency]\nflow = \"disaster\"\n";

fn hours_flow() -> String {
    "id = \"hours\"\nversion = 1\nstart = \"at\"\n[node.at]\nkind = \"hours\"\nhours = \"office\"\nopen = \"open\"\n\
     closed = \"closed\"\nemergency = \"emergency\"\n[node.open]\nkind = \"hangup\"\nprompts = [\"open\"]\n\
     [node.closed]\nkind = \"hangup\"\nprompts = [\"closed\"]\n[node.emergency]\nkind = \"hangup\"\n\
     prompts = [\"emergency\"]\n"
        .to_owned()
}

fn story() -> Story {
    Story::with_flows(&[SWITCH, HOURS_LINE, EMERGENCY].concat(), &[hours_flow(), saying("disaster")])
}

fn at_us(second: i64) -> i64 {
    MONDAY_NINE_US + second * 1_000_000
}

/// What a caller of this number hears first.
fn hears(story: &mut Story, number: &str) -> String {
    story.forget();
    let leg = story.call(number);
    story.input(Input::CallerUp { leg });
    let told = story.told();
    let played = told.iter().find_map(|line| line.strip_prefix("play ")).expect("something is said");
    played.split_once(' ').expect("the caller and the prompt").1.to_owned()
}

fn overrides(story: &mut Story, opening: Opening, until: i64) -> Vec<String> {
    let done = story.centre.override_hours("office", opening, at_us(until), "3001", "storm", story.now);
    done.expect("the override is possible");
    story.collected()
}

#[test]
fn callers_take_the_way_that_somebody_decided_until_it_expires() {
    let mut story = story();
    assert_eq!(hears(&mut story, "500"), "open", "Monday at nine");
    assert_eq!(overrides(&mut story, Opening::Closed, 600), ["office Closed by 3001 (storm)"]);
    assert_eq!(hears(&mut story, "500"), "closed");
    story.forget().at(599);
    assert_eq!(hears(&mut story, "500"), "closed");
    story.forget().at(600);
    assert!(story.told().contains(&"office reverted by time".to_owned()));
    assert_eq!(hears(&mut story, "500"), "open");
}

#[test]
fn a_line_may_be_opened_at_night_and_closes_again_by_itself() {
    let mut story = story();
    story.at(4 * 3600);
    assert_eq!(hears(&mut story, "500"), "closed", "one o'clock");
    overrides(&mut story, Opening::Open, 5 * 3600);
    assert_eq!(hears(&mut story, "500"), "open");
    story.at(5 * 3600);
    assert_eq!(hears(&mut story, "500"), "closed");
}

#[test]
fn an_emergency_message_has_a_way_of_its_own_or_that_of_closing() {
    let mut story = story();
    overrides(&mut story, Opening::Emergency, 600);
    assert_eq!(hears(&mut story, "500"), "emergency");
    story.forget();
    let caller = story.call("100");
    story.input(Input::CallerUp { leg: caller }).forget().heard(caller);
    assert_eq!(story.told(), ["play c2 closed"], "a flow without such a way");
}

#[test]
fn a_second_decision_takes_the_place_of_the_first() {
    let mut story = story();
    overrides(&mut story, Opening::Closed, 600);
    overrides(&mut story, Opening::Emergency, 1200);
    assert_eq!(hears(&mut story, "500"), "emergency");
    story.forget().at(700);
    assert!(!story.told().iter().any(|line| line.contains("reverted")), "the first end is not kept");
    overrides(&mut story, Opening::Closed, 800);
    story.at(2000);
    let told = story.told();
    assert_eq!(told.iter().filter(|line| line.contains("reverted")).count(), 1, "{told:?}");
}

#[test]
fn a_decision_is_taken_back_by_name() {
    let mut story = story();
    overrides(&mut story, Opening::Closed, 600);
    story.centre.revert_hours("office", "3002", story.now).unwrap();
    assert_eq!(story.collected(), ["office reverted by 3002"]);
    assert_eq!(hears(&mut story, "500"), "open");
    let again = story.centre.revert_hours("office", "3002", story.now).unwrap_err();
    assert_eq!(again.to_string(), "hours office are not overridden; allowed: none is overridden");
    story.forget().at(700);
    assert!(!story.told().iter().any(|line| line.contains("reverted")));
}

#[test]
fn an_impossible_decision_says_what_is_possible_and_changes_nothing() {
    let mut story = story();
    story.at(10);
    for until in [10, -1, 31 * 86_400 + 11, i64::MIN / 1_000_000_000, i64::MAX / 2_000_000] {
        let refused =
            story.centre.override_hours("office", Opening::Closed, at_us(until), "3001", "x", story.now);
        let text = refused.unwrap_err().to_string();
        let expected = "is no end; allowed: after 2026-09-28 09:00:10, and not after 2026-10-29 09:00:10";
        assert!(text.ends_with(expected), "{text}");
    }
    let unknown = story.centre.override_hours("night", Opening::Open, at_us(60), "3001", "x", story.now);
    assert_eq!(unknown.unwrap_err().to_string(), "hours night are not known; allowed: office");
    assert!(story.collected().iter().all(|line| !line.contains("office")));
    assert_eq!(hears(&mut story, "500"), "open");
}

#[test]
fn a_clock_that_is_set_forward_ends_what_is_over() {
    let mut story = story();
    overrides(&mut story, Opening::Closed, 3600);
    story.now.wall_us += 3_600_000_000;
    assert_eq!(hears(&mut story, "500"), "open");
    assert!(
        story
            .events
            .iter()
            .any(|event| matches!(event, careline_model::EventBody::HoursReverted { by: None, .. }))
    );
}

#[test]
fn a_clock_that_goes_slowly_does_not_end_it_early() {
    let mut story = story();
    overrides(&mut story, Opening::Closed, 600);
    let mut late = story.now.after(std::time::Duration::from_secs(600));
    late.wall_us -= 60_000_000;
    story.centre.handle_deadline(late);
    assert!(story.collected().is_empty(), "a minute is left");
    let due = story.centre.next_deadline().unwrap();
    assert_eq!(due.duration_since(late.instant).as_secs(), 60);
}

#[test]
fn screens_see_what_is_true_and_why() {
    let mut story = story();
    let seen = story.centre.snapshot(story.now).hours;
    assert_eq!((seen.len(), seen[0].hours.as_str()), (1, "office"));
    let next = seen[0].outlook.next.unwrap();
    assert_eq!((seen[0].outlook.opening, next.at_us), (Opening::Open, at_us(3 * 3600)));
    overrides(&mut story, Opening::Closed, 600);
    let seen = story.centre.snapshot(story.now).hours;
    let reason = Reason::Override { by: "3001".into(), reason: "storm".into() };
    assert_eq!((seen[0].outlook.opening, &seen[0].outlook.reason), (Opening::Closed, &reason));
    assert_eq!(seen[0].overridden.as_ref().map(|over| over.until_us), Some(at_us(600)));
}

#[test]
fn a_preview_tells_what_will_be() {
    let mut story = story();
    overrides(&mut story, Opening::Closed, 600);
    let opening = |second| story.centre.preview_hours("office", at_us(second)).unwrap().opening;
    assert_eq!(
        (opening(599), opening(600), opening(4 * 3600)),
        (Opening::Closed, Opening::Open, Opening::Closed)
    );
    let unknown = story.centre.preview_hours("night", at_us(0)).unwrap_err();
    assert!(matches!(unknown, CommandError::UnknownHours { .. }));
}

#[test]
fn in_an_emergency_all_lines_hear_one_flow_and_running_calls_keep_theirs() {
    let mut story = story();
    let before = story.call("100");
    let (now, until) = (story.now, Some(at_us(3600)));
    story.centre.begin_emergency(until, "3001", "mass casualty", now).unwrap();
    assert!(story.collected().contains(&"emergency disaster by 3001 (mass casualty)".to_owned()));
    for number in ["100", "200", "500"] {
        assert_eq!(hears(&mut story, number), "disaster", "{number}");
    }
    story.forget().input(Input::CallerUp { leg: before });
    assert_eq!(story.told(), ["play c1 greeting"], "it came before");
    let seen = story.centre.snapshot(story.now).emergency.unwrap();
    assert_eq!((seen.by.as_str(), seen.until_us), ("3001", until));
    story.forget().at(3600);
    assert!(story.told().contains(&"emergency over by time".to_owned()));
    assert_eq!(hears(&mut story, "200"), "hello");
    assert_eq!(story.centre.snapshot(story.now).emergency, None);
}

#[test]
fn an_emergency_without_an_end_lasts_until_somebody_ends_it() {
    let mut story = story();
    story.centre.begin_emergency(Some(at_us(60)), "3001", "fire", story.now).unwrap();
    story.centre.begin_emergency(None, "3002", "fire", story.now).unwrap();
    story.at(86_400);
    assert_eq!(hears(&mut story, "200"), "disaster");
    story.centre.end_emergency("3001", story.now).unwrap();
    assert_eq!(story.collected(), ["emergency over by 3001"]);
    assert_eq!(hears(&mut story, "200"), "hello");
    let again = story.centre.end_emergency("3001", story.now).unwrap_err();
    assert_eq!(again.to_string(), "emergency mode is not on; allowed: to begin it");
}

#[test]
fn a_house_without_an_emergency_flow_says_so() {
    let mut story = Story::new();
    let refused = story.centre.begin_emergency(None, "3001", "fire", story.now).unwrap_err();
    assert!(refused.to_string().contains("[emergency] flow"), "{refused}");
    assert_eq!(story.call("999"), LegId(1));
}

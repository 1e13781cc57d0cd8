//! Who hung up and rings again soon stands where she stood (CF C29).

use crate::common::{Story, house};
use careline_callcentre::{Input, LegEnd};
use careline_model::LegId;

const WANG: &str = "+8613900000001";
const LI: &str = "+8613900000002";

fn house_of(general: &str) -> Story {
    let switch = house(general, &[("1001", "queues = [\"general\", \"booking\"]")]);
    Story::with(&switch.replace("max_wait_s = 60", "max_wait_s = 600"))
}

fn waits(story: &mut Story, caller: &str, number: &str) -> LegId {
    let leg = story.call_from(caller, number);
    story.input(Input::CallerUp { leg }).heard(leg);
    leg
}

/// Wang waits from 0, Li from 10; Wang hangs up at 20 and rings again at `again`. Whom the agent gets then.
fn who_is_next(story: &mut Story, caller: &str, again: u64) -> &'static str {
    let first = waits(story, caller, "200");
    story.at(10);
    waits(story, LI, "200");
    story.at(20).ends(first, LegEnd::HungUp).at(again);
    let second = waits(story, caller, "200");
    story.at(again + 1).up("1001");
    if story.stage(second) == "Offered 1001" { "the one who rang again" } else { "the other" }
}

#[test]
fn within_a_minute_her_place_is_hers() {
    let mut story = house_of("");
    assert_eq!(who_is_next(&mut story, WANG, 45), "the one who rang again");
    assert!(story.told().contains(&"c3 has the place of c1 45000".to_owned()));
}

#[test]
fn after_the_minute_it_is_gone() {
    assert_eq!(who_is_next(&mut house_of(""), WANG, 80), "the one who rang again", "its last moment");
    assert_eq!(who_is_next(&mut house_of(""), WANG, 81), "the other");
}

#[test]
fn a_withheld_number_has_no_place_to_come_back_to() {
    assert_eq!(who_is_next(&mut house_of(""), "", 25), "the other");
}

#[test]
fn the_time_is_the_queues_own_and_none_means_nobody() {
    assert_eq!(who_is_next(&mut house_of("reconnect_s = 0"), WANG, 21), "the other");
    assert_eq!(who_is_next(&mut house_of("reconnect_s = 10"), WANG, 31), "the other");
}

#[test]
fn she_may_come_back_one_time() {
    let mut story = house_of("");
    let first = waits(&mut story, WANG, "200");
    story.at(10);
    waits(&mut story, LI, "200");
    story.at(20).ends(first, LegEnd::HungUp).at(25);
    let second = waits(&mut story, WANG, "200");
    story.at(30).ends(second, LegEnd::HungUp).at(35);
    let third = waits(&mut story, WANG, "200");
    story.up("1001");
    assert_eq!(story.stage(third), "Queued");
}

#[test]
fn the_place_holds_in_its_own_queue_alone() {
    let mut story = house_of("");
    let first = waits(&mut story, WANG, "200");
    story.at(10);
    waits(&mut story, LI, "200");
    story.at(20).ends(first, LegEnd::HungUp).at(25);
    let elsewhere = waits(&mut story, WANG, "300");
    story.up("1001");
    assert_eq!(story.stage(elsewhere), "Queued");
}

#[test]
fn each_of_several_has_a_place_of_her_own() {
    let mut story = house_of("");
    let (wang, li) = (waits(&mut story, WANG, "200"), waits(story.at(5), LI, "200"));
    story.at(10).ends(wang, LegEnd::HungUp).at(15).ends(li, LegEnd::HungUp).at(20).forget();
    waits(&mut story, LI, "200");
    waits(&mut story, WANG, "200");
    let told = story.told();
    for line in ["c3 has the place of c2 15000", "c4 has the place of c1 20000"] {
        assert!(told.contains(&line.to_owned()), "{line}: {told:?}");
    }
}

#[test]
fn who_was_served_has_left_no_place() {
    let mut story = house_of("");
    story.up("1001");
    let caller = waits(&mut story, WANG, "200");
    story.talks("1001", caller).at(5).ends(caller, LegEnd::HungUp).at(40).forget();
    waits(&mut story, WANG, "200");
    assert!(!story.told().iter().any(|line| line.contains("has the place")));
}

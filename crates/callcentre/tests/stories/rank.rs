//! Red flags, classes and points: who goes before whom, over all queues of an agent (CF C10, C11, C18).

use crate::common::{Story, house};
use careline_callcentre::{LegEnd, NewRank};
use careline_model::LegId;

const BOTH: &str = "queues = [\"general\", \"booking\"]";

fn rank(story: &mut Story, caller: LegId, rank: NewRank) {
    let call = story.centre.call_of(caller).expect("the caller waits");
    story.centre.set_rank(call, rank, story.now).expect("the rank is in range");
}

/// The callers in the order in which the only agent is rung for them.
fn order(story: &mut Story, callers: &[LegId]) -> Vec<usize> {
    let mut order = Vec::new();
    for _ in callers {
        let rung = callers.iter().position(|caller| story.stage(*caller) == "Offered 1001");
        let rung = rung.expect("somebody is rung for");
        order.push(rung + 1);
        story.ends(callers[rung], LegEnd::HungUp);
    }
    order
}

#[test]
fn a_red_flag_goes_first_then_the_class_then_points_and_age() {
    let mut story = Story::with(&house("", &[("1001", BOTH)]));
    let mut callers = Vec::new();
    for (second, number) in [(0, "200"), (1, "300"), (2, "200"), (3, "300"), (4, "200")] {
        callers.push(story.at(second).waiting(number));
    }
    rank(&mut story, callers[4], NewRank { red_flag: true, ..NewRank::default() });
    rank(&mut story, callers[3], NewRank { class: Some(2), ..NewRank::default() });
    rank(&mut story, callers[2], NewRank { points: 1, ..NewRank::default() });
    story.at(5).up("1001");
    assert_eq!(order(&mut story, &callers), [5, 4, 3, 1, 2]);
}

#[test]
fn a_point_is_worth_a_minute_of_waiting() {
    for (gap_s, first) in [(59, 2), (61, 1)] {
        let mut story =
            Story::with(&house("max_wait_s = 600", &[("1001", BOTH)]).replacen("max_wait_s = 60\n", "", 1));
        let older = story.waiting("200");
        let younger = story.at(gap_s).waiting("200");
        rank(&mut story, younger, NewRank { points: 1, ..NewRank::default() });
        story.at(gap_s + 1).up("1001");
        assert_eq!(order(&mut story, &[older, younger])[0], first, "{gap_s} s apart");
    }
}

#[test]
fn a_queue_for_emergencies_goes_before_all_others() {
    let mut story = Story::with(&house("red_flag = true", &[("1001", BOTH)]));
    let booking = story.waiting("300");
    let emergency = story.at(30).waiting("200");
    story.up("1001");
    assert_eq!(order(&mut story, &[booking, emergency]), [2, 1]);
}

#[test]
fn points_of_a_queue_count_for_its_callers() {
    let mut story = Story::with(&house("priority = 2", &[("1001", BOTH)]));
    let booking = story.waiting("300");
    let general = story.at(50).waiting("200");
    story.up("1001");
    assert_eq!(order(&mut story, &[booking, general]), [2, 1]);
}

#[test]
fn a_rank_that_changes_while_the_phone_rings_holds_when_the_call_comes_back() {
    let mut story = Story::with(&house("", &[("1001", BOTH), ("1002", "queues = [\"booking\"]")]));
    story.up("1001");
    let first = story.waiting("200");
    let second = story.at(1).waiting("200");
    assert_eq!(story.stage(first), "Offered 1001");
    rank(&mut story, first, NewRank { points: -10, ..NewRank::default() });
    story.refuses("1001", careline_callcentre::RefusedBy::Busy).at(12);
    assert_eq!((story.stage(first), story.stage(second)), ("Queued".into(), "Offered 1001".into()));
}

#[test]
fn what_is_out_of_range_is_refused_and_says_what_is_allowed() {
    let mut story = Story::with(&house("", &[("1001", BOTH)]));
    let caller = story.waiting("200");
    let call = story.centre.call_of(caller).unwrap();
    let now = story.now;
    let mut refused = |rank| story.centre.set_rank(call, rank, now).unwrap_err().to_string();
    let class = NewRank { class: Some(10), ..NewRank::default() };
    assert_eq!(refused(class), "class 10 is out of range; allowed: 1 to 9");
    let points = NewRank { points: 1441, ..NewRank::default() };
    assert_eq!(refused(points), "points 1441 is out of range; allowed: -1440 to 1440");
}

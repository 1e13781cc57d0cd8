//! Reason codes: who may set them, how often, how long, and what follows (CF 2.4).

use crate::common::{SWITCH, Story, house};
use careline_callcentre::LegEnd;
use careline_model::event::AgentIntent;

fn code(code: &str) -> AgentIntent {
    AgentIntent::NotReady(code.into())
}

/// The code `meal` with more of its table, and codes beside it.
fn with(meal: &str, others: &str) -> Story {
    let mut story = Story::with(&format!("{SWITCH}{meal}\n{others}"));
    story.up("1001");
    story.facts();
    story
}

fn refused(story: &mut Story, wanted: &str) -> String {
    let set = story.order(|centre, now| centre.set_agent(&"1001".into(), code(wanted), now));
    set.expect_err("it is refused").to_string()
}

const COACH: &str = "[[not_ready_code]]\nid = \"coach\"\nname = \"c\"\nset_by = [\"supervisor\"]\n";

#[test]
fn a_pause_is_warned_of_and_told_when_it_is_too_long() {
    let mut story = with("warn_s = 50\nmax_s = 60", "");
    story.at(10).wants("1001", code("meal")).at(200);
    assert_eq!(story.facts(), ["60 1001 Pause meal near", "70 1001 Pause meal reached Alert"]);
    story.wants("1001", AgentIntent::Ready).wants("1001", code("meal")).at(210);
    story.wants("1001", AgentIntent::Ready).at(500);
    assert!(story.facts().is_empty(), "a short one is nobody's business");
}

#[test]
fn a_pause_that_is_too_long_may_sign_her_out() {
    let mut story = with("max_s = 60\nat_max = \"logout\"", "");
    story.wants("1001", code("meal")).forget().at(60);
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
    assert_eq!(story.facts(), ["60 1001 Pause meal reached Logout"]);
}

#[test]
fn a_code_is_chosen_as_often_as_its_quota_says_and_anew_tomorrow() {
    let mut story = with("quota = 2", "[[not_ready_code]]\nid = \"desk\"\nname = \"d\"\n");
    for _ in 0..2 {
        story.wants("1001", code("meal")).wants("1001", code("meal")).wants("1001", AgentIntent::Ready);
    }
    assert_eq!(refused(&mut story, "meal"), "reason code meal was chosen 2 times today; allowed: desk");
    story.at(20 * 3600).wants("1001", code("meal"));
    assert_eq!(story.told().last().map(String::as_str), Some("1001 meal Idle Registered"));
}

#[test]
fn codes_of_supervisors_are_not_for_agents() {
    let mut story = with("", COACH);
    assert_eq!(refused(&mut story, "coach"), "reason code coach is set by others; allowed: meal");
    assert_eq!(refused(&mut story, "nap"), "reason code nap is not known; allowed: meal");
}

#[test]
fn a_pause_counts_as_staff_when_its_code_says_so() {
    // The second tier is asked early when nobody of the first is at work.
    let second = "[[agent.queue]]\nid = \"general\"\ntier = 2";
    let agents = [("1001", "queues = [\"general\"]"), ("1002", second)];
    for (meal, expected) in [("", "Offered 1002"), ("staffed = true\n", "Queued")] {
        let switch = house("[[queue.step]]\nat_s = 30\ntier = 2", &agents) + meal;
        let mut story = Story::with(&switch);
        story.up("1001").up("1002").wants("1001", code("meal"));
        let caller = story.waiting("200");
        assert_eq!(story.stage(caller), expected, "with {meal:?}");
        story.ends(caller, LegEnd::HungUp);
    }
}

//! Work after a call: one clock for each agent, whatever queue the call came from (CF 1.5).

use crate::common::{Story, house};
use careline_callcentre::{CommandError, LegEnd};
use careline_model::LegId;
use careline_model::event::AgentIntent;

const CODES: &str = "[[disposition]]\nid = \"solved\"\nname = \"solved\"\n\
    [[disposition]]\nid = \"referred\"\nname = \"referred\"\n";

/// A conversation of 1001 that is over at second 20.
fn after_a_call(general: &str, agent: &str, more: &str) -> (Story, LegId) {
    let general = format!("{general}\n");
    let agent = format!("queues = [\"general\", \"booking\"]\n{agent}");
    let switch = house("", &[("1001", &agent)]).replacen("wrap_up_s = 30\n", &general, 1);
    let mut story = Story::with(&(switch + more));
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).at(20);
    (story, caller)
}

fn done(story: &mut Story, code: &str) -> Result<(), CommandError> {
    story.order(|centre, now| centre.wrap_up_done(&"1001".into(), code, now))
}

#[test]
fn timed_wrap_up_has_a_planned_end_and_a_lack_of_an_answer_is_told() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "", CODES);
    story.ends(caller, LegEnd::HungUp);
    let wrap_up = story.centre.snapshot(story.now).agents[0].wrap_up.clone().expect("she wraps up");
    assert_eq!((wrap_up.ends_at_us - story.now.wall_us, wrap_up.disposition), (30_000_000, None));
    story.at(60);
    assert_eq!(
        story.facts(),
        ["20 1001 wraps up c1 Timed until 50", "50 c1 1001 timeout", "50 1001 wrapped up c1 30000"]
    );
    assert_eq!(story.centre.snapshot(story.now).agents[0].wrap_up, None);
}

#[test]
fn an_answer_ends_timed_wrap_up_early_and_unknown_ones_are_refused() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "", CODES);
    let early = done(&mut story, "solved").unwrap_err().to_string();
    assert_eq!(early, "agent 1001 wraps up no call; allowed: after a call of a queue");
    story.ends(caller, LegEnd::HungUp).at(25);
    let unknown = done(&mut story, "nap").unwrap_err().to_string();
    assert_eq!(unknown, "disposition nap is not known; allowed: referred, solved");
    assert!(done(&mut story, "timeout").is_err(), "only the clock says that");
    story.facts();
    done(&mut story, "solved").expect("it is known");
    assert_eq!(story.facts(), ["25 c1 1001 solved", "25 1001 wrapped up c1 5000"]);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Offered 1001");
}

#[test]
fn fixed_wrap_up_lasts_its_time_whatever_she_says() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30\nwrap_up_mode = \"timed_fixed\"", "", CODES);
    story.ends(caller, LegEnd::HungUp).at(25);
    done(&mut story, "solved").expect("it is known");
    story.wants("1001", AgentIntent::Ready);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Queued");
    story.at(49);
    assert_eq!(story.stage(next), "Queued");
    story.at(50);
    assert_eq!(story.stage(next), "Offered 1001");
    assert_eq!(
        story.facts(),
        ["20 1001 wraps up c1 TimedFixed until 50", "25 c1 1001 solved", "50 1001 wrapped up c1 30000"]
    );
}

#[test]
fn discretionary_wrap_up_ends_when_she_says_so_and_at_its_limit() {
    let mode = "wrap_up_mode = \"discretionary\"";
    let (mut story, caller) = after_a_call(mode, "", "");
    story.ends(caller, LegEnd::HungUp).at(620).wants("1001", AgentIntent::Ready);
    assert_eq!(
        story.facts(),
        ["20 1001 wraps up c1 Discretionary until 1820", "620 1001 wrapped up c1 600000"]
    );
    let second = story.waiting("200");
    story.talks("1001", second).at(630).ends(second, LegEnd::HungUp).at(3000);
    assert_eq!(story.facts()[1..], ["2430 c2 1001 timeout", "2430 1001 wrapped up c2 1800000"]);
}

#[test]
fn without_wrap_up_she_is_free_at_once_and_optional_takes_a_late_answer() {
    let (mut story, caller) = after_a_call("wrap_up_mode = \"none\"", "", "");
    story.ends(caller, LegEnd::HungUp);
    assert!(done(&mut story, "solved").is_err());
    assert!(story.facts().is_empty());

    let (mut story, caller) = after_a_call("wrap_up_mode = \"optional\"", "", "");
    story.ends(caller, LegEnd::HungUp);
    let next = story.at(25).waiting("200");
    assert_eq!(story.stage(next), "Offered 1001", "she is free all the while");
    done(&mut story, "solved").expect("the last call");
    assert_eq!(story.facts(), ["25 c1 1001 solved"]);
    assert!(done(&mut story, "solved").is_err(), "once");
}

#[test]
fn an_agents_own_wrap_up_goes_before_that_of_the_queue() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "wrap_up_s = 90", "");
    story.ends(caller, LegEnd::HungUp);
    assert_eq!(story.facts(), ["20 1001 wraps up c1 Timed until 110"]);
}

#[test]
fn more_time_is_given_once_and_the_end_moves() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "", "");
    let extend = |story: &mut Story, seconds: u32| {
        story.order(|centre, now| centre.extend_wrap_up(&"1001".into(), seconds, now))
    };
    assert!(extend(&mut story, 60).is_err(), "she still talks");
    story.ends(caller, LegEnd::HungUp).at(40);
    let refused = extend(&mut story, 9000).unwrap_err().to_string();
    assert_eq!(refused, "seconds 9000 is out of range; allowed: 1 to 3600");
    extend(&mut story, 60).expect("the first time");
    let again = extend(&mut story, 60).unwrap_err().to_string();
    assert_eq!(again, "the wrap-up of agent 1001 was extended already; allowed: once for each call");
    story.at(200);
    assert_eq!(
        story.facts(),
        [
            "20 1001 wraps up c1 Timed until 50",
            "40 1001 wraps up c1 until 110",
            "110 c1 1001 timeout",
            "110 1001 wrapped up c1 90000"
        ]
    );
}

#[test]
fn a_complaint_adds_to_the_work_after_it_before_and_after_its_end() {
    let (mut story, caller) = after_a_call("wrap_up_mode = \"none\"", "", "");
    let call = story.id(caller);
    story.order(|centre, now| centre.add_wrap_up(call, 120, now)).expect("the call is live");
    story.ends(caller, LegEnd::HungUp).at(30);
    story.order(|centre, now| centre.add_wrap_up(call, 60, now)).expect("it is wrapped up");
    let refused = story.order(|centre, now| centre.add_wrap_up(call, 3600, now)).unwrap_err().to_string();
    assert_eq!(refused, "seconds 3600 is out of range; allowed: 1 to 3420");
    story.at(300);
    assert_eq!(story.facts()[..2], ["20 1001 wraps up c1 Timed until 140", "30 1001 wraps up c1 until 200"]);
    assert!(story.order(|centre, now| centre.add_wrap_up(call, 60, now)).is_err(), "it is over");
    let next = story.waiting("200");
    story.talks("1001", next).ends(next, LegEnd::HungUp);
    assert!(story.facts().iter().all(|fact| !fact.contains("wraps up c2")), "the next call asks for none");
    let third = story.waiting("200");
    let (third_call, other) = (story.id(third), call);
    story
        .talks("1001", third)
        .order(|centre, now| centre.add_wrap_up(third_call, 60, now))
        .expect("it is live");
    story.ends(third, LegEnd::HungUp);
    let refused = story.order(|centre, now| centre.add_wrap_up(other, 60, now));
    assert!(refused.is_err(), "what she wraps up is another call");
}

#[test]
fn one_clock_holds_over_all_queues_of_an_agent() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "", "");
    story.ends(caller, LegEnd::HungUp).at(21);
    let other = story.waiting("300");
    assert_eq!(story.stage(other), "Queued", "the booking queue has no wrap-up, but she does");
    story.at(50);
    assert_eq!(story.stage(other), "Offered 1001");
}

#[test]
fn who_owes_an_answer_is_not_freed_by_a_click_on_ready() {
    let (mut story, caller) = after_a_call("wrap_up_s = 30", "", CODES);
    story.ends(caller, LegEnd::HungUp).at(25).wants("1001", AgentIntent::Ready);
    let next = story.waiting("200");
    assert_eq!(story.stage(next), "Queued");
    done(&mut story, "referred").expect("it is known");
    assert_eq!(story.stage(next), "Offered 1001");
}

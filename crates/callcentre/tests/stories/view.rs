//! What those who begin to watch are told.

use crate::common::Story;
use careline_model::OfferId;

#[test]
fn a_snapshot_has_the_names_and_codes_that_screens_show() {
    let story = Story::new();
    let seen = story.centre.snapshot(story.now);
    let queues: Vec<_> =
        seen.queues.iter().map(|queue| (queue.queue.as_str(), queue.name.as_str())).collect();
    assert_eq!(queues, [("general", "general"), ("booking", "booking")]);
    let agents: Vec<_> =
        seen.agents.iter().map(|agent| (agent.agent.as_str(), agent.name.as_str())).collect();
    assert_eq!(agents, [("1001", "a"), ("1002", "b"), ("1003", "c")]);
    let codes: Vec<_> =
        seen.not_ready_codes.iter().map(|code| (code.code.as_str(), code.productive)).collect();
    assert_eq!(codes, [("meal", false)]);
}

#[test]
fn a_live_call_tells_its_medium_and_the_offer_that_is_out() {
    let mut story = Story::new();
    let caller = story.call("100");
    let view = |story: &Story| story.centre.snapshot(story.now).calls[0].clone();
    assert_eq!((view(&story).medium.as_str(), view(&story).offer), ("website", None));
    story.forget().hang_up(caller);
    let caller = story.waiting("200");
    assert_eq!(view(&story).offer, None);
    story.up("1001");
    assert_eq!(view(&story).offer, Some(OfferId(1)));
    story.talks("1001", caller);
    assert_eq!(view(&story).offer, None, "a conversation is no offer");
}

//! An agent who cannot make up her mind harms nobody: order and sums hold.

use crate::common::{MONDAY_NINE_US, Story};
use careline_callcentre::Action;
use careline_model::event::{AgentIntent, EventBody};
use std::collections::BTreeMap;

#[test]
fn a_hundred_changes_a_second_lose_no_place_and_no_millisecond() {
    const CHANGES: u64 = 1000;
    let mut story = Story::new();
    story.up("1001");
    let callers: Vec<_> = (0..3).map(|_| story.waiting("200")).collect();
    for change in 1..=CHANGES {
        let wants = if change % 2 == 0 { AgentIntent::Ready } else { AgentIntent::NotReady("meal".into()) };
        story.at_ms(change * 10).wants("1001", wants);
        let first = story.stage(callers[0]);
        assert!(first == "Queued" || first == "Offered 1001", "{first}");
        assert_eq!((story.stage(callers[1]), story.stage(callers[2])), ("Queued".into(), "Queued".into()));
    }
    let (mut since_us, mut is, mut sums) = (MONDAY_NINE_US, None, BTreeMap::new());
    let (mut made, mut ended) = (0_u64, 0_u64);
    for action in &story.actions {
        let Action::Emit(event) = action else { continue };
        match &event.body {
            EventBody::AgentState { intent, .. } => {
                assert!(event.at_us >= since_us, "events are in the order of time");
                let ready = is.replace(*intent == AgentIntent::Ready);
                *sums.entry(ready).or_insert(0) += event.at_us - since_us;
                since_us = event.at_us;
            }
            EventBody::OfferMade { .. } => made += 1,
            EventBody::OfferEnded { .. } => ended += 1,
            _ => {}
        }
    }
    *sums.entry(is).or_insert(0) += story.now.wall_us - since_us;
    assert_eq!((sums[&Some(true)], sums[&Some(false)]), (5_000_000, 5_000_000));
    assert_eq!((made, ended), (CHANGES / 2 + 1, CHANGES / 2), "the last one rings");
}

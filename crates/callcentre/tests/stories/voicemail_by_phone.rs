//! Messages that agents hear at their phones (CF F5).

use crate::common::{SWITCH, Story, plan_with};
use careline_callcentre::{Action, Input, KeptMessage, LegEnd, Refusal};
use careline_model::LegId;
use careline_model::event::MessageState;

const BOXES: &str = "[voicemail]\nnumber = \"9197\"\n\
    [[mailbox]]\nid = \"general\"\nname = \"general\"\nqueue = \"general\"\nbusy = [\"busy\"]\n\
    [[mailbox]]\nid = \"hers\"\nname = \"hers\"\nagent = \"1003\"\nbusy = [\"busy\"]\n";

fn house() -> Story {
    let switch = SWITCH.replace("password = \"b\"\n", "password = \"b\"\npin = \"2580\"\n");
    let mut story = Story::of(plan_with(&[&switch, BOXES].concat(), &[]));
    // Two calls that have left messages, so that they have names.
    for _ in 0..3 {
        let caller = story.call("200");
        story.ends(caller, LegEnd::Cancelled);
    }
    story.up("1002").forget();
    story
}

/// Messages of the calls c1 to c3: the first in a box that is not hers, the third urgent.
fn with_messages() -> Story {
    let mut story = house();
    let boxes = ["hers", "general", "general"];
    let kept = story.calls().into_iter().zip(boxes).enumerate().map(|(at, (call, mailbox))| KeptMessage {
        recording: format!("{call}-1").as_str().into(),
        call,
        mailbox: mailbox.into(),
        left_us: i64::try_from(at).expect("few"),
        duration_ms: 4000,
        urgent: at == 2,
        state: MessageState::Open,
        by: None,
    });
    let kept = kept.collect();
    assert_eq!(story.order(|centre, _| centre.restore_messages(kept)), 0);
    story
}

fn dials(story: &mut Story) -> LegId {
    let leg = story.dials("1002", "9197");
    story.input(Input::CallerUp { leg });
    leg
}

#[test]
fn her_pin_then_urgent_ones_first_and_what_became_of_each() {
    let mut story = with_messages();
    let leg = story.dials("1002", "9197");
    let told = story.told();
    assert!(told.contains(&"answer 1002's phone".to_owned()), "{told:?}");
    story.input(Input::CallerUp { leg });
    assert_eq!(story.told(), ["hide keys of 1002's phone", "play 1002's phone pin"]);
    story.keys(leg, "2580#");
    let told = story.told();
    assert_eq!(told[..2], ["stop play 1002's phone", "show keys of 1002's phone"]);
    assert_eq!(story.facts(), ["0 c3-1 Claimed by 1002"]);
    assert_eq!(told[2], "play 1002's phone voicemail-next");
    story.heard(leg);
    assert_eq!(story.told(), ["play 1002's phone recording c3-1"]);
    story.heard(leg);
    assert_eq!(story.told(), ["play 1002's phone voicemail-message"]);
    story.key(leg, '1');
    assert_eq!(story.facts(), ["0 c3-1 Handled by 1002", "0 c2-1 Claimed by 1002"]);
    assert_eq!(story.told()[1], "play 1002's phone voicemail-handled+voicemail-next");
    story.heard(leg).forget().key(leg, '2');
    assert_eq!(story.told()[1], "play 1002's phone recording c2-1");
    story.heard(leg).forget().key(leg, '3');
    assert_eq!(story.told()[1], "play 1002's phone voicemail-none");
    assert_eq!(story.facts(), ["0 c2-1 Open by 1002"]);
    story.heard(leg);
    let told = story.told();
    assert_eq!(told[0], "hang up 1002's phone FlowFinished");
    assert_eq!(told[1], "c4 over FlowFinished by Switch 0");
    assert!(told.contains(&"1002 LoggedOut Idle Registered".to_owned()) || told.len() > 1, "{told:?}");
}

#[test]
fn three_wrong_pins_lock_it_for_a_while_over_all_calls() {
    let mut story = with_messages();
    let leg = dials(&mut story);
    story.keys(leg, "1111#").forget().keys(leg, "2222#");
    assert_eq!(story.told().last().map(String::as_str), Some("play 1002's phone pin-wrong+pin"));
    story.ends(leg, LegEnd::HungUp);
    let leg = dials(&mut story);
    story.forget().keys(leg, "3333#");
    assert_eq!(story.told().last().map(String::as_str), Some("play 1002's phone pin-locked"));
    assert_eq!(story.facts(), ["0 1002 locked until 900"]);
    story.heard(leg);
    let leg = dials(&mut story);
    assert_eq!(story.told().last().map(String::as_str), Some("play 1002's phone pin-locked"));
    story.heard(leg).at(901);
    let leg = dials(&mut story);
    story.forget().keys(leg, "2580#");
    assert!(story.told().contains(&"play 1002's phone voicemail-next".to_owned()));
    story.ends(leg, LegEnd::HungUp);
}

#[test]
fn who_has_no_pin_hears_nothing_and_keys_of_a_pin_are_nobodys_business() {
    let mut story = with_messages();
    story.up("1001").forget();
    let leg = story.dials("1001", "9197");
    story.input(Input::CallerUp { leg });
    assert_eq!(story.told().last().map(String::as_str), Some("play 1001's phone pin-locked"));
    story.heard(leg);
    let leg = dials(&mut story);
    story.keys(leg, "25");
    let shown = story.actions.iter().filter_map(|action| match action {
        Action::Emit(event) => match &event.body {
            careline_model::EventBody::Digit { digit, .. } => Some(*digit),
            _ => None,
        },
        _ => None,
    });
    assert_eq!(shown.collect::<String>(), "**");
    story.ends(leg, LegEnd::HungUp);
}

#[test]
fn a_switch_that_drains_takes_no_such_call_either() {
    let mut story = house();
    story.input(Input::Drain).forget();
    let leg = story.dials("1002", "9197");
    assert!(matches!(
        story.actions.last(),
        Some(Action::Refuse { leg: of, why: Refusal::Draining }) if *of == leg
    ));
}

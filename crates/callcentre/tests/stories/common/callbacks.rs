//! A house that calls people back: the direct line's queue, an agent or two, and a way out.

use super::{OUTSIDE, Story, direct, house, plan_direct};
use careline_callcentre::Input;
use careline_model::LegId;

/// Who is called back.
pub const PATIENT: &str = "+8613900000001";

/// What the flow of the direct line does about callbacks.
pub fn flow() -> String {
    direct("direct", "general").replace(
        "timeout = \"bye\"",
        "timeout = \"offer\"\nclosed = \"offer\"\nfull = \"bye\"\nkeys = { 2 = \"offer\" }",
    ) + r#"
[variable.number]
type = "text"
[node.offer]
kind = "callback_offer"
queue = "general"
into = "number"
offer = "check"
unknown = "type"
otherwise = "bye"
[node.check]
kind = "confirm"
prompts = ["your number"]
variable = "number"
digits = ["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"]
question = ["right"]
yes = "promise"
again = "type"
otherwise = "queue"
[node.type]
kind = "collect"
prompts = ["type"]
into = "number"
min = 7
max = 15
next = "check"
otherwise = "queue"
[node.promise]
kind = "callback"
queue = "general"
variable = "number"
next = "thanks"
invalid = "type"
otherwise = "queue"
[node.thanks]
kind = "hangup"
prompts = ["thanks"]
"#
}

/// [`house`], where nobody's longest wait gets into the way.
pub fn patient_house(general: &str, agents: &[(&str, &str)]) -> String {
    house(general, agents).replacen("max_wait_s = 60", "max_wait_s = 86400", 1)
}

/// The queue has `callback` in its table, beside `general`; agents as in [`house`].
pub fn story(general: &str, callback: &str, agents: &[(&str, &str)]) -> Story {
    let general = format!("{general}\n[queue.callback]\n{callback}\n");
    Story::of(plan_direct(&(patient_house(&general, agents) + OUTSIDE), &flow()))
}

/// One agent, who is in a call: `c1`.
pub fn busy(general: &str, callback: &str) -> (Story, LegId) {
    let mut story = story(general, callback, &[("1001", "queues = [\"general\"]\nwrap_up_s = 0")]);
    story.up("1001");
    let first = waiting_from(&mut story, "+8613900000099");
    story.talks("1001", first);
    (story, first)
}

/// A caller of a number of her own waits on the direct line.
pub fn waiting_from(story: &mut Story, number: &str) -> LegId {
    let leg = story.call_from(number, "200");
    story.input(Input::CallerUp { leg }).heard(leg);
    leg
}

/// She presses 2, says that the number is right, hears thanks, and is gone.
pub fn asks(story: &mut Story, leg: LegId) {
    story.key(leg, '2').key(leg, '1').heard(leg);
    assert_eq!(story.stage(leg), "over");
    let second = story.now_ms();
    story.at_ms(second);
}

/// The agent's phone rings for a callback, she answers and has read what it is about.
pub fn accepts(story: &mut Story, agent: &str) {
    let leg = story.leg(agent);
    story.ringing(agent).input(Input::Answered { leg });
    let read = story.now_ms() + 10_000;
    story.at_ms(read);
}

/// The person's phone is answered, and both hear each other.
pub fn answers(story: &mut Story, number: &str) -> LegId {
    let leg = story.leg(number);
    story.input(Input::Answered { leg }).input(Input::Bridged { leg });
    leg
}

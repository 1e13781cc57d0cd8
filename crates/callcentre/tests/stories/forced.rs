//! A supervisor sets an agent's state: told with name and reason, and never by accident in a call (CF D13).

use crate::common::{SWITCH, Story};
use careline_callcentre::{CommandError, ForcedOrder, LegEnd};
use careline_model::LegId;
use careline_model::event::{AgentIntent, ForcedWhen};

fn force(story: &mut Story, intent: AgentIntent, when: ForcedWhen) -> Result<(), CommandError> {
    let (by, reason) = ("chief".to_owned(), "shift".to_owned());
    let order = ForcedOrder { agent: "1001".into(), intent, when, by, reason };
    story.order(|centre, now| centre.force_agent(order, now))
}

fn talking() -> (Story, LegId) {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.talks("1001", caller).at(10).forget();
    story.facts();
    (story, caller)
}

#[test]
fn a_free_agent_is_signed_out_with_name_and_reason() {
    let mut story = Story::new();
    story.up("1001").forget();
    force(&mut story, AgentIntent::LoggedOut, ForcedWhen::IfFree).expect("she is free");
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
    assert_eq!(story.facts(), ["0 1001 forced LoggedOut IfFree by chief: shift"]);
}

#[test]
fn nobody_is_signed_out_in_a_call_by_accident() {
    let (mut story, _) = talking();
    let refused = force(&mut story, AgentIntent::LoggedOut, ForcedWhen::IfFree).unwrap_err().to_string();
    assert_eq!(refused, "agent 1001 is in a call; allowed: after_call, now");
    assert!(story.facts().is_empty() && story.told().is_empty(), "nothing happened, nothing is told");
}

#[test]
fn after_the_call_it_waits_for_the_wrap_up_and_she_cannot_take_it_back() {
    let (mut story, caller) = talking();
    force(&mut story, AgentIntent::LoggedOut, ForcedWhen::AfterCall).expect("it may wait");
    let now = story.now;
    let taken_back = story.centre.cancel_next(&"1001".into(), now).unwrap_err().to_string();
    assert_eq!(
        taken_back,
        "the next state of agent 1001 was set by a supervisor; allowed: to change it when it holds"
    );
    assert!(story.centre.set_agent(&"1001".into(), AgentIntent::Ready, now).is_err());
    assert_eq!(story.stage(caller), "Talking 1001");
    story.at(20).ends(caller, LegEnd::HungUp).forget().at(50);
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
    story.wants("1001", AgentIntent::Ready);
    assert_eq!(story.told(), ["1001 Ready Idle Registered"], "then it is hers again");
}

#[test]
fn now_brings_her_caller_to_the_head_of_the_queue() {
    let (mut story, caller) = talking();
    story.waiting("200");
    story.forget();
    force(&mut story, AgentIntent::LoggedOut, ForcedWhen::Now).expect("now");
    assert_eq!(
        story.told(),
        [
            "stop recording",
            "hang up 1001 Command",
            "1001 LoggedOut Idle Registered",
            "c1 enters general at 1",
            "music c1"
        ]
    );
    story.up("1002");
    assert_eq!(story.stage(caller), "Offered 1002");
}

#[test]
fn now_gives_an_offer_back_and_ends_wrap_up() {
    let mut story = Story::new();
    story.up("1001");
    let caller = story.waiting("200");
    story.ringing("1001").forget();
    force(&mut story, AgentIntent::LoggedOut, ForcedWhen::Now).expect("now");
    assert_eq!(
        story.told(),
        ["stop ringing 1001 Command", "c1 1001 Cancelled 0", "1001 LoggedOut Idle Registered"]
    );
    assert_eq!(story.stage(caller), "Queued");

    let (mut story, caller) = talking();
    story.ends(caller, LegEnd::HungUp).at(15).forget();
    story.facts();
    force(&mut story, AgentIntent::LoggedOut, ForcedWhen::Now).expect("now");
    assert_eq!(story.told(), ["1001 LoggedOut Idle Registered"]);
    assert_eq!(story.facts()[1..], ["15 c1 1001 timeout", "15 1001 wrapped up c1 5000"]);
}

#[test]
fn a_supervisor_has_codes_that_agents_have_not() {
    let more = "[[not_ready_code]]\nid = \"coach\"\nname = \"c\"\nset_by = [\"supervisor\"]\n\
                [[not_ready_code]]\nid = \"own\"\nname = \"o\"\nset_by = [\"agent\"]\n";
    let mut story = Story::with(&format!("{SWITCH}{more}"));
    story.up("1001").forget();
    let own = force(&mut story, AgentIntent::NotReady("own".into()), ForcedWhen::Now).unwrap_err();
    assert_eq!(own.to_string(), "reason code own is set by others; allowed: coach, meal");
    force(&mut story, AgentIntent::NotReady("coach".into()), ForcedWhen::Now).expect("hers to set");
    assert_eq!(story.told(), ["1001 coach Idle Registered"]);
}

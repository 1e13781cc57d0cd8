//! What a caller hears while she waits: her place, a word of comfort, and music that goes on where it was (CF C22, C24,
//! C26, 1.7).

use crate::common::{Story, house};
use careline_callcentre::{Input, LegEnd, NewRank};

/// Comfort messages alone.
fn comfort(more: &str) -> Story {
    Story::with(&house(&format!("[queue.comfort]\nprompts = [\"a\", \"b\"]\n{more}"), &[]))
}

/// Places, said by one prompt each.
fn places() -> String {
    let each: Vec<String> = (1..=10).map(|place| format!("\"place-{place}\"")).collect();
    format!("[queue.announce_position]\nprompts = [{}]\nmore = \"place-more\"\n", each.join(", "))
}

const AGENTS: [(&str, &str); 1] = [("1001", "queues = [\"general\"]")];

/// What was played to a caller since the last look.
fn played(story: &mut Story, caller: &str) -> Vec<String> {
    let begin = format!("play {caller} ");
    story.told().iter().filter_map(|line| line.strip_prefix(&begin).map(str::to_owned)).collect()
}

#[test]
fn a_word_of_comfort_after_five_seconds_and_then_each_thirty() {
    let mut story = comfort("");
    let caller = story.waiting("200");
    story.heard(caller).forget().at_ms(4_999);
    assert!(story.told().is_empty());
    story.at(5);
    assert_eq!(story.told(), ["stop music c1", "play c1 a"]);
    story.at(8).heard(caller);
    assert_eq!(story.told(), ["music c1"], "the music goes on");
    story.at_ms(34_999);
    assert!(story.told().is_empty());
    story.at(35);
    assert_eq!(played(&mut story, "c1"), ["b"]);
    story.heard(caller).at(65 - 8).forget();
    assert_eq!(story.stage(caller), "Queued");
}

#[test]
fn messages_come_in_their_order_or_in_any_but_never_twice_in_a_row() {
    for order in ["listed", "random"] {
        let general = format!(
            "[queue.comfort]\nfirst_s = 1\nevery_s = 10\norder = \"{order}\"\nprompts = [\"a\", \"b\", \"c\"]"
        );
        let mut story = Story::with(&house(&general, &[]).replace("max_wait_s = 60", "max_wait_s = 600"));
        let caller = story.waiting("200");
        story.heard(caller);
        let mut all = Vec::new();
        for turn in 0..40 {
            story.forget().at(1 + 10 * turn);
            all.extend(played(&mut story, "c1"));
            story.heard(caller);
        }
        assert_eq!(all.len(), 40);
        assert!(all.windows(2).all(|pair| pair[0] != pair[1]), "{all:?}");
        let listed = all.iter().zip(["a", "b", "c"].iter().cycle()).all(|(one, other)| one == other);
        assert_eq!(listed, order == "listed", "{all:?}");
    }
}

#[test]
fn a_turn_that_comes_while_something_is_said_waits_for_its_end() {
    let mut story = comfort("");
    let caller = story.waiting("200");
    story.forget().at(6);
    assert!(story.told().is_empty(), "all agents are busy, she is being told");
    story.heard(caller);
    assert_eq!(story.told(), ["play c1 a"]);
    story.heard(caller);
    assert_eq!(story.told(), ["music c1"]);
}

#[test]
fn a_message_is_cut_at_once_when_the_agent_answers() {
    let mut story = Story::with(&house("[queue.comfort]\nprompts = [\"a\"]", &AGENTS));
    let caller = story.waiting("200");
    story.heard(caller).at(4).up("1001").ringing("1001").forget().at(5);
    assert_eq!(story.told(), ["stop music c1", "play c1 a"], "she still waits while a phone rings");
    let leg = story.leg("1001");
    story.input(Input::Answered { leg });
    assert_eq!(story.told(), ["1001 Ready Connecting InUse", "stop play c1", "bridge c1 1001"]);
    story.input(Input::Bridged { leg: caller }).forget().at(300);
    assert!(played(&mut story, "c1").is_empty(), "nothing is said into a conversation");
}

#[test]
fn nothing_is_said_while_the_legs_are_joined() {
    let mut story = Story::with(&house("[queue.comfort]\nprompts = [\"a\"]", &AGENTS));
    let caller = story.waiting("200");
    story.heard(caller).at(4).up("1001").ringing("1001");
    let leg = story.leg("1001");
    story.input(Input::Answered { leg }).forget().at(6);
    assert!(story.told().is_empty());
    story.ends(leg, LegEnd::Failed).forget().at(35);
    assert_eq!(played(&mut story, "c1"), ["a"], "she was not joined and waits on");
}

#[test]
fn the_place_is_said_only_when_it_has_become_better() {
    let mut story = Story::with(&house(&places(), &[]));
    let first = story.waiting("200");
    let second = story.waiting("200");
    for caller in [first, second] {
        story.heard(caller);
    }
    story.forget().at(5);
    assert_eq!(
        story.told(),
        [
            "c1 told Some(1) None",
            "stop music c1",
            "play c1 place-1",
            "c2 told Some(2) None",
            "stop music c2",
            "play c2 place-2"
        ]
    );
    story.heard(first).heard(second).forget().at(35);
    assert!(story.told().is_empty(), "both still stand where they stood");
    story.ends(first, LegEnd::HungUp).forget().at(59);
    story.at(60 + 5);
    assert_eq!(story.stage(second), "over", "a minute is the longest wait");

    let mut story = Story::with(&house(&places(), &[]));
    let (first, second) = (story.waiting("200"), story.waiting("200"));
    story.heard(second).at(5).heard(second).at(10).ends(first, LegEnd::HungUp).forget().at(35);
    assert_eq!(played(&mut story, "c2"), ["place-1"]);
}

#[test]
fn who_is_overtaken_is_not_told_that_it_became_worse() {
    let mut story = Story::with(&house(&places(), &[]));
    let first = story.waiting("200");
    story.heard(first).at(5).heard(first).at(6);
    let second = story.waiting("200");
    let call = story.centre.call_of(second).expect("she waits");
    let red = NewRank { red_flag: true, ..NewRank::default() };
    story.centre.set_rank(call, red, story.now).expect("the call is live");
    story.forget().at(35);
    assert!(played(&mut story, "c1").is_empty());
}

#[test]
fn behind_the_tenth_place_no_number_is_said() {
    let mut story = Story::with(&house(&places(), &[]));
    let callers: Vec<_> = (0..13).map(|_| story.waiting("200")).collect();
    for caller in &callers {
        story.heard(*caller);
    }
    story.forget().at(5);
    let told = story.told();
    assert!(told.contains(&"play c10 place-10".to_owned()), "{told:?}");
    assert!(told.contains(&"play c11 place-more".to_owned()), "{told:?}");
    story.heard(callers[12]).ends(callers[0], LegEnd::HungUp).forget().at(35);
    assert!(played(&mut story, "c13").is_empty(), "still behind the tenth");
}

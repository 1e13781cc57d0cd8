//! Who is let in, who is not, and that it is always told.

use crate::common::{MONDAY_NINE_US, SWITCH, Story, saying};
use careline_callcentre::Input;
use careline_model::screening::{BlockAction, ListEntry, ListKind, Pattern, Scope};
use careline_model::{LegId, Number};

const CALLER: &str = "+8613812345678";
const OTHER: &str = "+8613987654321";

fn story(more: &str) -> Story {
    let flows = ["blocked", "voicemail", "who", "lines-full", "disaster"].map(saying);
    Story::with_flows(&[SWITCH, more].concat(), &flows)
}

fn entry(list: ListKind, pattern: Pattern) -> ListEntry {
    let (scope, action) = (Scope::All, BlockAction::Busy);
    ListEntry { list, pattern, scope, reason: "pest".into(), until_us: None, action }
}

fn number(text: &str) -> Pattern {
    Pattern::Number(Number::from(text))
}

fn prefix(text: &str) -> Pattern {
    Pattern::Prefix(Number::from(text))
}

fn set(story: &mut Story, entry: ListEntry) {
    story.centre.set_list_entry(entry, "3001", story.now).expect("the entry is possible");
    story.collected();
}

/// What a caller meets at the door, and what is said first.
fn meets(story: &mut Story, caller: &str, line: &str) -> Vec<String> {
    story.forget();
    let leg = story.call_from(caller, line);
    story.input(Input::CallerUp { leg });
    story.told()
}

/// What is done beside answering.
fn let_in(story: &mut Story, caller: &str) -> bool {
    let told = meets(story, caller, "200");
    told.iter().any(|line| line.starts_with("play") && line.ends_with("hello"))
}

#[test]
fn a_number_of_the_black_list_is_busy_and_that_is_told() {
    let mut story = story("");
    set(&mut story, entry(ListKind::Black, number("138 1234 5678")));
    let told = meets(&mut story, CALLER, "200");
    assert_eq!(
        told,
        ["c1 BlackList Busy (pest)", "refuse c1 Busy", "c1 over Refused by Switch 0"],
        "however the number was written"
    );
    assert!(let_in(&mut story, OTHER));
}

#[test]
fn a_message_or_a_voicemail_is_heard_instead_of_the_lines_flow() {
    for (action, prompt) in [
        (BlockAction::Message("blocked".into()), "blocked"),
        (BlockAction::Voicemail("voicemail".into()), "voicemail"),
    ] {
        let mut story = story("");
        set(&mut story, ListEntry { action, ..entry(ListKind::Black, prefix("+86138")) });
        let told = meets(&mut story, CALLER, "200");
        assert_eq!(told[1..], ["answer c1".to_owned(), format!("play c1 {prompt}")]);
    }
}

#[test]
fn low_priority_lets_in_and_is_told() {
    let mut story = story("");
    set(&mut story, ListEntry { action: BlockAction::LowPriority, ..entry(ListKind::Black, number(CALLER)) });
    let told = meets(&mut story, CALLER, "200");
    let rank = "c1 rank false None -1440";
    assert_eq!(told, ["c1 BlackList LowPriority (pest)", "answer c1", rank, "play c1 hello"]);
}

#[test]
fn low_priority_waits_behind_those_who_came_later() {
    let mut story = story("");
    set(&mut story, ListEntry { action: BlockAction::LowPriority, ..entry(ListKind::Black, number(CALLER)) });
    let low = story.waiting("200");
    story.at(10);
    let other = story.call_from(OTHER, "200");
    story.input(Input::CallerUp { leg: other }).heard(other);
    story.up("1001");
    assert_eq!((story.stage(low).as_str(), story.stage(other).as_str()), ("Queued", "Offered 1001"));
}

#[test]
fn low_priority_before_a_queue_counts_in_that_queue() {
    let mut story = story("");
    let (scope, action) = (Scope::Queue("general".into()), BlockAction::LowPriority);
    set(&mut story, ListEntry { scope, action, ..entry(ListKind::Black, number(CALLER)) });
    let low = story.waiting("200");
    let other = story.call_from(OTHER, "200");
    story.input(Input::CallerUp { leg: other }).heard(other);
    story.up("1001");
    assert_eq!((story.stage(low).as_str(), story.stage(other).as_str()), ("Queued", "Offered 1001"));
}

#[test]
fn the_number_goes_before_a_prefix_and_a_long_prefix_before_a_short_one() {
    let mut story = story("");
    let reasoned =
        |pattern, reason: &str| ListEntry { reason: reason.into(), ..entry(ListKind::Black, pattern) };
    set(&mut story, reasoned(prefix("+86138"), "short"));
    set(&mut story, reasoned(prefix("+861381"), "long"));
    set(&mut story, reasoned(number(CALLER), "number"));
    assert_eq!(meets(&mut story, CALLER, "200")[0], "c1 BlackList Busy (number)");
    assert_eq!(meets(&mut story, "+8613812340000", "200")[0], "c2 BlackList Busy (long)");
    assert_eq!(meets(&mut story, "+8613800000000", "200")[0], "c3 BlackList Busy (short)");
}

#[test]
fn the_white_list_and_protection_go_before_the_black_list_and_nobody_is_let_in_silently() {
    let mut story = story("");
    set(&mut story, entry(ListKind::Black, prefix("+86138")));
    set(&mut story, entry(ListKind::White, number(CALLER)));
    assert_eq!(meets(&mut story, CALLER, "200")[0], "c1 BlackList AllowedByWhiteList (pest)");
    set(&mut story, entry(ListKind::Protected, number(CALLER)));
    let told = meets(&mut story, CALLER, "200");
    assert_eq!(told, ["c2 BlackList AllowedByProtection (pest)", "answer c2", "play c2 hello"]);
    assert_eq!(meets(&mut story, "+8613800000000", "200")[0], "c3 BlackList Busy (pest)");
}

#[test]
fn an_entry_for_one_line_does_not_count_for_another() {
    let mut story = story("");
    set(
        &mut story,
        ListEntry { scope: Scope::Line("menu".into()), ..entry(ListKind::Black, number(CALLER)) },
    );
    assert!(let_in(&mut story, CALLER));
    assert_eq!(meets(&mut story, CALLER, "100")[0], "c2 BlackList Busy (pest)");
}

/// A caller of the line 100 who wishes to be passed on to the queue.
fn wants_general(story: &mut Story) -> LegId {
    let leg = story.call("100");
    story.input(Input::CallerUp { leg }).heard(leg).heard(leg).forget().key(leg, '1');
    leg
}

#[test]
fn an_entry_for_one_queue_is_met_before_the_queue_as_if_it_were_full() {
    let mut story = story("");
    let scope = Scope::Queue("general".into());
    set(&mut story, ListEntry { scope, ..entry(ListKind::Black, number(CALLER)) });
    wants_general(&mut story);
    let told = story.told();
    assert!(told.contains(&"c1 BlackList Busy at general (pest)".to_owned()), "{told:?}");
    assert!(told.contains(&"play c1 full".to_owned()), "{told:?}");
    let booking = story.call("300");
    story.input(Input::CallerUp { leg: booking }).forget().heard(booking);
    assert!(story.told().contains(&"c2 enters booking at 1".to_owned()));
}

#[test]
fn an_entry_for_one_queue_may_lead_to_a_message() {
    let mut story = story("");
    let (scope, action) = (Scope::Queue("general".into()), BlockAction::Message("blocked".into()));
    set(&mut story, ListEntry { scope: scope.clone(), action, ..entry(ListKind::Black, number(CALLER)) });
    wants_general(&mut story);
    assert!(story.told().contains(&"play c1 blocked".to_owned()));
    set(&mut story, ListEntry { scope, ..entry(ListKind::White, number(CALLER)) });
    wants_general(&mut story);
    let told = story.told();
    assert!(told.contains(&"c2 BlackList AllowedByWhiteList at general (pest)".to_owned()), "{told:?}");
    assert!(told.contains(&"play c2 transfer".to_owned()), "{told:?}");
}

#[test]
fn an_entry_ends_at_its_time() {
    let mut story = story("");
    let until_us = Some(MONDAY_NINE_US + 60_000_000);
    set(&mut story, ListEntry { until_us, ..entry(ListKind::Black, number(CALLER)) });
    story.at_ms(59_999);
    assert!(!let_in(&mut story, CALLER));
    story.at(60);
    assert!(let_in(&mut story, CALLER));
    assert!(story.centre.list_entries(ListKind::Black, story.now).is_empty());
}

#[test]
fn entries_of_the_configuration_count_from_the_start() {
    let mut story = story(
        "[[caller_list]]\nlist = \"black\"\nprefix = \"+86138\"\nreason = \"pest\"\nuntil = \"2026-09-28\"\n\
         action = \"message\"\nflow = \"blocked\"\n",
    );
    assert_eq!(meets(&mut story, CALLER, "200")[0], "c1 BlackList Message (pest)");
    story.at_ms((15 * 3600 - 1) * 1000);
    assert!(!let_in(&mut story, CALLER), "to the end of the day");
    story.at(15 * 3600);
    assert!(let_in(&mut story, CALLER));
}

#[test]
fn changes_of_the_lists_are_told_with_who_made_them() {
    let mut story = story("");
    let black = entry(ListKind::Black, number(CALLER));
    story.centre.set_list_entry(black.clone(), "3001", story.now).unwrap();
    assert!(story.collected().contains(&"black list Set by 3001 (pest)".to_owned()));
    assert_eq!(story.centre.list_entries(ListKind::Black, story.now), std::slice::from_ref(&black));
    let again = ListEntry { reason: "harassment".into(), ..black };
    set(&mut story, again.clone());
    assert_eq!(
        story.centre.list_entries(ListKind::Black, story.now),
        [again],
        "one entry for one number and scope"
    );
    let now = story.now;
    story
        .centre
        .remove_list_entry(ListKind::Black, &number("013812345678"), &Scope::All, "3002", now)
        .unwrap();
    assert_eq!(story.collected(), ["black list Removed by 3002 (harassment)"]);
    assert!(let_in(&mut story, CALLER));
    let gone = story.centre.remove_list_entry(ListKind::Black, &number(CALLER), &Scope::All, "3002", now);
    assert!(gone.unwrap_err().to_string().contains("the black list has no such entry; allowed: number"));
}

#[test]
fn an_entry_that_nobody_can_mean_says_what_would_be_right() {
    let mut story = story("");
    let good = entry(ListKind::Black, number(CALLER));
    for (bad, expected) in [
        (ListEntry { pattern: number("pest"), ..good.clone() }, "the number is none; allowed: a number as"),
        (ListEntry { pattern: number(""), ..good.clone() }, "the number is none; allowed: a number as"),
        (
            ListEntry { pattern: prefix("+"), ..good.clone() },
            "begins no number in normal form; allowed: +86531",
        ),
        (
            ListEntry { pattern: prefix("0138"), ..good.clone() },
            "begins no number in normal form; allowed: +86",
        ),
        (
            ListEntry { scope: Scope::Line("x".into()), ..good.clone() },
            "line x is not known; allowed: booking,",
        ),
        (
            ListEntry { scope: Scope::Queue("x".into()), ..good.clone() },
            "queue x is not known; allowed: booking",
        ),
        (
            ListEntry { action: BlockAction::Message("x".into()), ..good.clone() },
            "flow x is not known; allowed:",
        ),
        (ListEntry { until_us: Some(MONDAY_NINE_US), ..good.clone() }, {
            "it would have expired already; allowed: a time after 2026-09-28 09:00:00, or none"
        }),
    ] {
        let refused = story.centre.set_list_entry(bad, "3001", story.now).unwrap_err().to_string();
        assert!(refused.contains(expected), "{refused}");
    }
    assert!(let_in(&mut story, CALLER));
}

#[test]
fn a_full_list_refuses_more_until_some_expire() {
    let mut story = story("");
    let at = |number: u32| Pattern::Number(Number::from(format!("+86138{number:08}").as_str()));
    let until_us = Some(MONDAY_NINE_US + 60_000_000);
    for number in 0..10_000 {
        let entry = ListEntry { until_us, ..entry(ListKind::Protected, at(number)) };
        story.centre.set_list_entry(entry, "desk", story.now).unwrap();
        while story.centre.poll_action().is_some() {}
    }
    let one_more = entry(ListKind::Protected, at(10_000));
    let refused = story.centre.set_list_entry(one_more.clone(), "desk", story.now).unwrap_err();
    assert_eq!(refused.to_string(), "the protected list is full; allowed: up to 10000 entries");
    set(&mut story, entry(ListKind::Protected, at(5)));
    set(&mut story, entry(ListKind::Black, at(10_000)));
    story.at(60);
    set(&mut story, one_more);
    let left = story.centre.list_entries(ListKind::Protected, story.now);
    assert_eq!(left.len(), 2, "the one without an end, and the new one");
}

#[test]
fn callers_without_a_number_are_let_in_unless_the_line_says_otherwise() {
    let line = |id: &str, number: &str, policy: &str| {
        format!("[[line]]\nid = \"{id}\"\nnumber = \"{number}\"\nflow = \"direct\"\n{policy}\n")
    };
    let asks = line("asks", "600", "anonymous = \"ask\"\nanonymous_flow = \"who\"");
    let refuses = line("refuses", "700", "anonymous = \"refuse\"\nanonymous_flow = \"blocked\"");
    let mut story = story(&(asks + &refuses));
    assert!(let_in(&mut story, ""));
    assert_eq!(meets(&mut story, "", "600"), ["c2 Anonymous Asked", "answer c2", "play c2 who"]);
    assert_eq!(meets(&mut story, "", "700"), ["c3 Anonymous Message", "answer c3", "play c3 blocked"]);
    assert_eq!(meets(&mut story, CALLER, "700"), ["answer c4", "play c4 hello"]);
}

#[test]
fn who_is_asked_for_a_number_is_still_one_call_of_the_line() {
    let line = "[[line]]\nid = \"asks\"\nnumber = \"600\"\nflow = \"direct\"\nanonymous = \"ask\"\n\
                anonymous_flow = \"who\"\ntotal_max = { calls = 1 }\n";
    let mut story = story(line);
    assert_eq!(meets(&mut story, "", "600")[0], "c1 Anonymous Asked");
    let told = meets(&mut story, "", "600");
    assert_eq!(told, ["c2 LineTotal Busy", "refuse c2 Busy", "c2 over Refused by Switch 0"]);
}

#[test]
fn who_calls_too_often_meets_the_action_until_time_has_passed() {
    let mut story = story("[caller_rate]\ncalls_max = 3\nwithin_s = 60\n");
    for second in [0, 20, 40] {
        story.at(second);
        assert!(let_in(&mut story, CALLER));
    }
    let told = meets(&mut story, CALLER, "100");
    assert_eq!(told, ["c4 CallerRate Busy", "refuse c4 Busy", "c4 over Refused by Switch 0"]);
    assert!(let_in(&mut story, OTHER), "each number for itself");
    assert!(
        let_in(&mut story, "") && let_in(&mut story, "") && let_in(&mut story, "") && let_in(&mut story, "")
    );
    story.at_ms(59_999);
    assert!(!let_in(&mut story, CALLER));
    story.at(60);
    assert!(let_in(&mut story, CALLER), "what was refused is not counted");
    assert!(!let_in(&mut story, CALLER));
}

#[test]
fn the_white_list_goes_before_the_rate() {
    let mut story = story("[caller_rate]\ncalls_max = 1\naction = \"message\"\nflow = \"blocked\"\n");
    set(&mut story, entry(ListKind::White, number(CALLER)));
    assert!(let_in(&mut story, CALLER));
    assert_eq!(meets(&mut story, CALLER, "200")[0], "c2 CallerRate AllowedByWhiteList");
    assert!(let_in(&mut story, OTHER));
    assert_eq!(meets(&mut story, OTHER, "200")[0], "c4 CallerRate Message");
}

#[test]
fn without_a_rate_somebody_may_call_as_often_as_she_likes() {
    let mut story = story("");
    for _ in 0..15 {
        assert!(let_in(&mut story, CALLER));
    }
}

const CAPPED: &str = "[[line]]\nid = \"capped\"\nnumber = \"800\"\nflow = \"direct\"\ntotal_max = { calls = 3 }\n\
    waiting_max = { calls = 1, action = \"message\", flow = \"lines-full\" }\n";

#[test]
fn a_line_has_no_more_callers_waiting_than_it_may_and_each_cap_has_its_action() {
    let mut story = story(CAPPED);
    let first = story.call_from(CALLER, "800");
    story.input(Input::CallerUp { leg: first }).heard(first);
    assert_eq!(story.stage(first), "Queued");
    assert_eq!(
        meets(&mut story, OTHER, "800"),
        ["c2 LineWaiting Message", "answer c2", "play c2 lines-full"]
    );
    assert!(let_in(&mut story, OTHER), "other lines have no such cap");
    story.up("1001").talks("1001", first);
    let second = story.call_from(OTHER, "800");
    let third = story.call_from("", "800");
    story.forget();
    story.call_from("", "800");
    assert_eq!(
        story.told(),
        ["c6 LineTotal Busy", "refuse c6 Busy", "c6 over Refused by Switch 0"],
        "one talks, two come, one hears a message and is not counted"
    );
    story.hang_up(second).hang_up(third).forget();
    story.call_from("", "800");
    assert_eq!(story.told(), ["answer c7"]);
}

#[test]
fn an_emergency_line_lets_everybody_in_and_tells_it() {
    let line = "[[line]]\nid = \"rescue\"\nnumber = \"120\"\nflow = \"direct\"\ntotal_max = { calls = 1 }\n\
                anonymous = \"refuse\"\nanonymous_flow = \"blocked\"\n[caller_rate]\ncalls_max = 1\n";
    let mut story = story(line);
    set(&mut story, entry(ListKind::Black, number(CALLER)));
    let first = meets(&mut story, CALLER, "120");
    assert_eq!(first, ["c1 BlackList AllowedOnEmergencyLine (pest)", "answer c1", "play c1 hello"]);
    let second = meets(&mut story, CALLER, "120");
    assert_eq!(second[1], "c2 CallerRate AllowedOnEmergencyLine");
    assert_eq!(second[2..], ["c2 LineTotal AllowedOnEmergencyLine", "answer c2", "play c2 hello"]);
    let third = meets(&mut story, "", "120");
    assert_eq!(third[1], "c3 Anonymous AllowedOnEmergencyLine");
    assert_eq!(third.last().unwrap(), "play c3 hello");
}

#[test]
fn who_is_kept_out_is_kept_out_in_an_emergency_too() {
    let mut story = story("[emergency]\nflow = \"disaster\"\n");
    set(&mut story, entry(ListKind::Black, number(CALLER)));
    story.centre.begin_emergency(None, "3001", "fire", story.now).unwrap();
    story.collected();
    assert_eq!(meets(&mut story, CALLER, "200")[0], "c1 BlackList Busy (pest)");
    assert_eq!(meets(&mut story, OTHER, "200"), ["answer c2", "play c2 disaster"]);
}

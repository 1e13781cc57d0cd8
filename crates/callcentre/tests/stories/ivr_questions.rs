//! The IVR's questions (CF 1B, chapter 4): digits, read back and confirmed; keys typed ahead; what must be heard; keys
//! that mean the same everywhere; more time for the elderly.

use crate::common::Story;
use careline_callcentre::Input;
use careline_model::{EventBody, LegId};

/// Greets, asks for a card number, reads it back, says thanks and queues.
const CARD: &str = r#"
id = "ivr"
version = 1
start = "hello"
[variable.card]
type = "text"
[node.hello]
kind = "play"
prompts = ["hello"]
next = "card"
[node.card]
kind = "collect"
prompts = ["card?"]
short = ["card again?"]
into = "card"
min = 4
max = 8
invalid = [["wrong"], ["still wrong"]]
no_input = ["silence"]
next = "right"
otherwise = "queue"
invalid_to = "bye"
[node.right]
kind = "confirm"
variable = "card"
prompts = ["you typed"]
digits = ["d0", "d1", "d2", "d3", "d4", "d5", "d6", "d7", "d8", "d9"]
question = ["right?"]
yes = "thanks"
again = "card"
otherwise = "queue"
[node.thanks]
kind = "play"
prompts = ["thanks"]
interruptible = false
next = "queue"
[node.queue]
kind = "queue"
queue = "general"
prompts = ["transfer"]
timeout = "bye"
[node.bye]
kind = "hangup"
prompts = ["bye"]
"#;

fn begun(flow: &str) -> (Story, LegId) {
    let mut story = Story::in_flows(&[flow]);
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).forget();
    (story, caller)
}

#[test]
fn digits_are_collected_to_the_end_key_read_back_and_confirmed() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller).forget();
    story.keys(caller, "1234#");
    assert_eq!(story.told(), ["play c1 you typed+d1+d2+d3+d4+right?"]);
    story.heard(caller).key(caller, '1');
    assert_eq!(story.told(), ["play c1 thanks"]);
    assert_eq!(story.learned(), ["card=1234"]);
    assert_eq!(story.trace(), ["hello>next", "card>collected", "right>yes"]);
}

#[test]
fn digits_are_read_as_the_language_says_them_when_no_prompts_are_named() {
    let named = CARD.lines().filter(|line| !line.starts_with("digits = ")).collect::<Vec<_>>().join("\n");
    let (mut story, caller) = begun(&named);
    story.heard(caller).heard(caller).forget();
    story.keys(caller, "120345#");
    let said = "digit-1-yao+digit-2+digit-0+pause+digit-3+digit-4+digit-5";
    assert_eq!(story.told(), [format!("play c1 you typed+{said}+right?")]);
}

#[test]
fn the_star_takes_back_what_was_typed() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller).keys(caller, "99*1234#");
    assert_eq!(story.learned(), ["card=1234"]);
}

#[test]
fn an_answer_that_is_full_does_not_wait_and_its_end_key_answers_nothing_else() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller).keys(caller, "12345678").forget();
    story.key(caller, '#');
    assert_eq!(story.told(), Vec::<String>::new(), "nothing of the read-back is cut short");
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 thanks"]);

    let (mut story, caller) = begun(CARD);
    story.heard(caller).keys(caller, "12345678#1");
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 thanks"), "all typed ahead");
}

#[test]
fn an_answer_ends_by_silence_when_it_is_long_enough() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller).keys(caller, "1234").forget();
    story.at_ms(2_999);
    assert!(story.told().is_empty());
    story.at(3);
    assert_eq!(story.told(), ["play c1 you typed+d1+d2+d3+d4+right?"]);
}

#[test]
fn each_failure_of_a_sort_has_its_own_words_its_own_count_and_its_own_way_on() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller).forget();
    story.keys(caller, "12#");
    assert_eq!(story.told(), ["play c1 wrong+card again?"], "too short");
    story.heard(caller).at(6);
    assert_eq!(story.told(), ["play c1 silence+card again?"], "the first silence");
    story.heard(caller).key(caller, '#');
    assert_eq!(story.told(), ["play c1 still wrong+card again?"], "the second wrong one");
    story.heard(caller).key(caller, '#');
    assert_eq!(story.told(), ["play c1 bye"], "the third");
    assert_eq!(story.trace().last().map(String::as_str), Some("card>wrong_input 6000"));

    let (mut story, caller) = begun(CARD);
    story.heard(caller);
    for at in [6, 12, 18] {
        story.heard(caller).at(at);
    }
    assert_eq!(
        story.told().last().map(String::as_str),
        Some("play c1 transfer"),
        "silence leads to a person"
    );
}

#[test]
fn digits_are_read_back_three_times_and_then_somebody_helps() {
    let (mut story, caller) = begun(CARD);
    story.heard(caller).heard(caller);
    for _ in 0..2 {
        story.keys(caller, "1234#").forget();
        story.key(caller, '2');
        assert_eq!(story.told(), ["stop play c1", "play c1 card again?"]);
    }
    story.keys(caller, "1234#").forget();
    story.key(caller, '2');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"]);
    assert_eq!(story.trace().last().map(String::as_str), Some("right>rounds"));
}

#[test]
fn what_is_typed_ahead_goes_through_all_questions_and_loses_no_digit() {
    let (mut story, caller) = begun(CARD);
    story.keys(caller, "1234#1");
    let said: Vec<String> = story.told().into_iter().filter(|line| line.starts_with("play")).collect();
    assert_eq!(said, ["play c1 you typed+d1+d2+d3+d4+right?", "play c1 thanks"]);
    assert_eq!(story.learned(), ["card=1234"]);
}

#[test]
fn a_caller_who_leans_on_a_key_fills_the_buffer_and_nothing_more() {
    let flow = CARD.replace("prompts = [\"hello\"]", "prompts = [{ id = \"hello\", interruptible = false }]");
    let (mut story, caller) = begun(&flow);
    story.keys(caller, &"7".repeat(500));
    assert!(story.told().is_empty(), "what must be heard is heard");
    story.heard(caller);
    assert_eq!(story.learned(), ["card=77777777"]);
    let digits = story.events.iter().filter(|event| matches!(event, EventBody::Digit { .. })).count();
    assert_eq!(digits, 500, "every key is told all the same");
}

/// Something that must be heard, then a menu whose keys count from then on.
const LEGAL: &str = r#"
id = "ivr"
version = 1
start = "notice"
on_key_0 = "queue"
star_is_up = true
[node.notice]
kind = "play"
prompts = ["welcome", { id = "legal", interruptible = false }, "news"]
short = ["welcome"]
next = "menu"
[node.menu]
kind = "menu"
prompts = ["menu"]
short = ["short menu"]
typeahead = "flush"
keys = { 1 = "queue", 2 = "more", 3 = "notice" }
otherwise = "queue"
[node.more]
kind = "menu"
prompts = ["more"]
keys = { 1 = "info" }
otherwise = "queue"
[node.info]
kind = "play"
prompts = ["info"]
next = "bye"
[node.queue]
kind = "queue"
queue = "general"
prompts = ["transfer"]
timeout = "bye"
[node.bye]
kind = "hangup"
prompts = ["bye"]
"#;

#[test]
fn a_key_cuts_short_what_may_be_cut_and_never_what_stands_beside_it() {
    let (mut story, caller) = begun(LEGAL);
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 legal"]);
    story.key(caller, '1');
    assert!(story.told().is_empty());
    story.heard(caller);
    assert_eq!(story.told(), ["play c1 menu"], "the news were skipped, and the menu wants its own keys");
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"]);
}

#[test]
fn who_comes_again_hears_the_short_words() {
    let (mut story, caller) = begun(LEGAL);
    story.heard(caller).heard(caller).heard(caller).forget();
    story.key(caller, '3');
    assert_eq!(story.told(), ["stop play c1", "play c1 welcome"]);
    story.heard(caller);
    assert_eq!(story.told(), ["play c1 short menu"]);
}

#[test]
fn zero_leads_to_a_person_and_the_star_back_from_everywhere() {
    let (mut story, caller) = begun(LEGAL);
    story.heard(caller).heard(caller).heard(caller).keys(caller, "2").forget();
    story.key(caller, '1');
    assert_eq!(story.told(), ["stop play c1", "play c1 info"]);
    story.key(caller, '*');
    assert_eq!(story.told(), ["stop play c1", "play c1 more"], "from the information to its menu");
    story.key(caller, '*');
    assert_eq!(story.told(), ["stop play c1", "play c1 short menu"], "to the menu before");
    story.key(caller, '*');
    assert_eq!(story.told(), ["stop play c1", "play c1 short menu"], "the first one is said again");
    story.key(caller, '0');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"]);
}

#[test]
fn zero_is_a_digit_where_digits_are_asked_for() {
    let flow = CARD.replace("start = \"hello\"", "start = \"hello\"\non_key_0 = \"queue\"");
    let (mut story, caller) = begun(&flow);
    story.keys(caller, "0000#");
    assert_eq!(story.learned(), ["card=0000"]);
    story.forget().key(caller, '0');
    assert_eq!(story.told(), ["stop play c1", "play c1 transfer"], "and leads to a person where none are");
}

#[test]
fn an_elderly_caller_has_more_time_and_one_more_try() {
    let flow = CARD.replace(
        "next = \"card\"\n[node.card]",
        "next = \"old\"\n[node.old]\nkind = \"set\"\nvalues = { \"call.elderly\" = true }\nnext = \"card\"\n[node.card]",
    );
    let (mut story, caller) = begun(&flow);
    story.heard(caller).heard(caller).forget();
    story.at_ms(9_999);
    assert!(story.told().is_empty());
    story.at(10);
    assert_eq!(story.told(), ["play c1 silence+card again?"]);
    story.heard(caller).keys(caller, "12").at_ms(14_999);
    assert!(story.told().is_empty());
    story.at(15);
    assert_eq!(story.told(), ["play c1 wrong+card again?"]);
    for _ in 0..2 {
        story.heard(caller).key(caller, '#');
    }
    assert_eq!(story.told().last().map(String::as_str), Some("play c1 still wrong+card again?"));
    story.heard(caller).key(caller, '#');
    assert_eq!(story.told(), ["play c1 bye"], "four tries");
    assert_eq!(story.learned(), ["call.elderly=true"]);
}

#[test]
fn a_secret_number_is_a_star_in_every_event() {
    let flow = CARD.replace("type = \"text\"", "type = \"text\"\nsecret = true").replace(
        "next = \"queue\"",
        "next = \"pin\"\n[node.pin]\nkind = \"screen_data\"\nitems = { \"Card\" = { from = \"card\" }, \"Was\" = \"typed\" }\n\
         next = \"queue\"",
    );
    let (mut story, caller) = begun(&flow);
    story.keys(caller, "8642#1").heard(caller);
    assert_eq!(story.stage(caller), "Flow");
    for event in &story.events {
        let text = format!("{event:?}");
        assert!(!text.contains("8642") && !text.contains("digit: '8'"), "{text}");
    }
    assert_eq!(story.learned(), ["card=*"]);
    let pinned = story.events.iter().find_map(|event| match event {
        EventBody::ScreenData { items, .. } => Some(items.clone()),
        _ => None,
    });
    let pinned: Vec<String> =
        pinned.unwrap_or_default().iter().map(|item| format!("{}: {}", item.label, item.text)).collect();
    assert_eq!(pinned, ["Card: *", "Was: typed"]);
}

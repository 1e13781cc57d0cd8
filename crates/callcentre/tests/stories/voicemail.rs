//! Messages that callers leave (CF F1, F2, F4, F6).

use crate::common::{SWITCH, Story, plan_with};
use careline_callcentre::{CommandError, Input, LegEnd, Order};
use careline_model::event::{EventBody, MessageState};
use careline_model::{LegId, RecordingId};

const BOXES: &str = "[[hours]]\nid = \"shut\"\nweekly = { mon = [\"08:00-18:00\"] }\nholidays = [\"2026-09-28\"]\n\
    [[mailbox]]\nid = \"general\"\nname = \"general\"\nqueue = \"general\"\nhours = \"office\"\n\
    busy = [\"busy\"]\nclosed = [\"closed\"]\nholiday = [\"holiday\"]\nmax_s = 60\nsilence_s = 5\n\
    messages_max = 2\ndue_min = 60\n\
    [[mailbox]]\nid = \"holiday\"\nname = \"h\"\nqueue = \"general\"\nhours = \"shut\"\n\
    busy = [\"busy\"]\nclosed = [\"closed\"]\nholiday = [\"holiday\"]\nreview = false\n\
    [[line]]\nid = \"word\"\nnumber = \"500\"\nflow = \"word\"\n\
    [[line]]\nid = \"holiday\"\nnumber = \"600\"\nflow = \"holiday\"\n";

fn flow(id: &str, mailbox: &str) -> String {
    format!(
        "id = \"{id}\"\nversion = 1\nstart = \"word\"\non_key_0 = \"person\"\n\
         [node.word]\nkind = \"voicemail\"\nmailbox = \"{mailbox}\"\nnext = \"bye\"\nnothing = \"person\"\n\
         [node.person]\nkind = \"queue\"\nqueue = \"general\"\nprompts = [\"hello\"]\ntimeout = \"word\"\n\
         [node.bye]\nkind = \"hangup\"\n"
    )
}

fn house() -> Story {
    let flows = [flow("word", "general"), flow("holiday", "holiday")];
    Story::of(plan_with(&[SWITCH, BOXES].concat(), &flows))
}

/// A caller behind the tone.
fn speaking(story: &mut Story) -> LegId {
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).heard(caller);
    caller
}

/// She is heard at each of these seconds.
fn says(story: &mut Story, caller: LegId, from: u64, until: u64) {
    let call = story.id(caller);
    let latest = story.events.iter().rev().find_map(|event| match event {
        EventBody::VoicemailStarted { recording, .. } => Some(recording.clone()),
        _ => None,
    });
    let recording = latest.expect("a message was begun");
    for second in from..=until {
        story.at(second).input(Input::Spoke { call, recording: recording.clone() });
    }
}

fn recording_of(story: &Story) -> RecordingId {
    let left = story.events.iter().rev().find_map(|event| match event {
        EventBody::VoicemailLeft { recording, .. } => Some(recording.clone()),
        _ => None,
    });
    left.expect("a message was left")
}

/// A message of four seconds, kept.
fn leaves(story: &mut Story, from: u64) -> RecordingId {
    story.at(from);
    let caller = speaking(story);
    says(story, caller, from, from + 4);
    story.ends(caller, LegEnd::HungUp);
    recording_of(story)
}

#[test]
fn greeting_and_tone_then_the_caller_alone_is_recorded() {
    let mut story = house();
    let caller = story.call("500");
    story.forget().input(Input::CallerUp { leg: caller });
    assert_eq!(story.told(), ["play c1 busy+beep"]);
    story.heard(caller);
    assert_eq!(story.told(), ["record c1 alone for general c1-1"]);
    assert_eq!(story.facts(), ["0 c1-1 begun for general Busy"]);
    says(&mut story, caller, 1, 4);
    story.key(caller, '#');
    assert_eq!(story.told(), ["stop recording", "play c1 voicemail-review"]);
    story.heard(caller).key(caller, '1');
    assert_eq!(story.told(), ["play c1 voicemail-saved"]);
    assert_eq!(story.facts(), ["4 c1-1 left in general 4000 until 3604"]);
    story.heard(caller);
    assert_eq!(story.told(), ["hang up c1 FlowFinished", "c1 over FlowFinished by Switch 0"]);
    assert_eq!(story.trace(), ["word>left 4000", "bye>end"]);
}

#[test]
fn a_silence_ends_it_and_silence_about_the_keys_keeps_it() {
    let mut story = house();
    let caller = speaking(&mut story);
    says(&mut story, caller, 1, 3);
    story.forget().at(7);
    assert!(story.told().is_empty(), "she may think");
    story.at(8);
    assert_eq!(story.told(), ["stop recording", "play c1 voicemail-review"]);
    story.heard(caller).at(14);
    assert_eq!(story.told(), ["play c1 voicemail-review"]);
    story.heard(caller).at(20);
    assert_eq!(story.told(), ["play c1 voicemail-saved"]);
    assert_eq!(story.facts()[1..], ["20 c1-1 left in general 8000 until 3620"]);
}

#[test]
fn who_talks_on_is_stopped_at_the_longest() {
    let mut story = house();
    let caller = speaking(&mut story);
    says(&mut story, caller, 1, 59);
    story.forget().at(60);
    assert_eq!(story.told(), ["stop recording", "play c1 voicemail-review"]);
}

#[test]
fn she_hears_it_speaks_again_and_marks_it_urgent() {
    let mut story = house();
    let caller = speaking(&mut story);
    says(&mut story, caller, 1, 4);
    story.key(caller, '#').forget().key(caller, '2');
    assert_eq!(story.told(), ["stop play c1", "play c1 recording c1-1"]);
    story.heard(caller);
    assert_eq!(story.told(), ["play c1 voicemail-review"]);
    story.key(caller, '3');
    assert_eq!(story.told(), ["stop play c1", "play c1 beep"]);
    story.heard(caller);
    assert_eq!(story.told(), ["record c1 alone for general c1-2"]);
    says(&mut story, caller, 5, 8);
    story.key(caller, '#').forget().key(caller, '4');
    assert_eq!(story.told(), ["stop play c1", "play c1 voicemail-urgent+voicemail-saved"]);
    let told = story.facts();
    assert_eq!(told[1], "4 c1-1 dropped TakenAgain");
    assert_eq!(told[3], "8 c1-2 left in general 4000 urgent until 3608");
}

#[test]
fn who_hangs_up_has_left_what_she_said() {
    let mut story = house();
    let caller = speaking(&mut story);
    says(&mut story, caller, 1, 4);
    story.forget().ends(caller, LegEnd::HungUp);
    assert_eq!(story.told(), ["stop recording", "c1 over FlowFinished by Caller 0"]);
    assert_eq!(story.facts()[1..], ["4 c1-1 left in general 4000 until 3604"]);
}

#[test]
fn who_says_nothing_is_asked_once_more_and_led_on() {
    let mut story = house();
    let caller = speaking(&mut story);
    story.forget().at(5);
    assert_eq!(story.told(), ["stop recording", "play c1 voicemail-short+beep"]);
    story.heard(caller).at(10);
    assert_eq!(story.told()[1..], ["stop recording", "play c1 voicemail-short"]);
    story.heard(caller);
    assert_eq!(story.told(), ["play c1 hello"]);
    assert_eq!(story.facts()[1], "5 c1-1 dropped TooShort");
    assert_eq!(story.trace(), ["word>nothing 10000"]);
    story.ends(caller, LegEnd::HungUp);
}

#[test]
fn a_cough_is_no_message() {
    let mut story = house();
    let caller = speaking(&mut story);
    says(&mut story, caller, 1, 1);
    story.ends(caller, LegEnd::HungUp);
    assert_eq!(story.facts()[1..], ["1 c1-1 dropped TooShort"]);
    assert!(story.told().contains(&"c1 over IvrAbandoned by Caller 0".to_owned()));
}

#[test]
fn a_key_skips_the_greeting_and_0_leads_to_a_person() {
    let mut story = house();
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).forget().key(caller, '1');
    assert_eq!(story.told(), ["play c1 beep"]);
    story.ends(caller, LegEnd::HungUp);
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).forget().key(caller, '0');
    assert_eq!(story.told(), ["stop play c2", "play c2 hello"]);
    story.ends(caller, LegEnd::HungUp);
}

#[test]
fn the_greeting_says_why() {
    let mut story = house();
    // Monday, 12:30: office hours are over.
    story.at(3 * 3600 + 1800);
    let caller = story.call("500");
    story.forget().input(Input::CallerUp { leg: caller });
    assert_eq!(story.told(), ["play c1 closed+beep"]);
    let other = story.call("600");
    story.forget().input(Input::CallerUp { leg: other });
    assert_eq!(story.told(), ["play c2 holiday+beep"]);
}

#[test]
fn a_box_without_review_keeps_the_message_at_once() {
    let mut story = house();
    let caller = story.call("600");
    story.input(Input::CallerUp { leg: caller }).heard(caller);
    says(&mut story, caller, 1, 4);
    story.forget().key(caller, '#');
    assert_eq!(story.told(), ["stop recording", "play c1 voicemail-saved"]);
}

#[test]
fn a_full_box_archives_its_oldest_message_and_refuses_nobody() {
    let mut story = house();
    let first = leaves(&mut story, 0);
    let second = leaves(&mut story, 100);
    let claimed = Order::SetMessage { message: first.clone(), state: MessageState::Claimed };
    story.order(|centre, now| centre.carry_out(claimed, "Ms Li", now)).expect("it is open");
    story.facts();
    leaves(&mut story, 200);
    let told = story.facts();
    assert_eq!(told[1], "204 c2-1 Archived", "the one that somebody works on stays");
    let handled = Order::SetMessage { message: second, state: MessageState::Handled };
    story.order(|centre, now| centre.carry_out(handled, "Ms Li", now)).expect("an archived one too");
    assert_eq!(story.facts(), ["204 c2-1 Handled by Ms Li"]);
}

#[test]
fn a_message_is_one_persons_work_at_a_time() {
    let mut story = house();
    let message = leaves(&mut story, 0);
    let set = |story: &mut Story, state, by: &str| {
        let order = Order::SetMessage { message: message.clone(), state };
        story.order(|centre, now| centre.carry_out(order, by, now))
    };
    story.facts();
    set(&mut story, MessageState::Claimed, "Ms Li").expect("it is open");
    set(&mut story, MessageState::Claimed, "Ms Li").expect("twice is once");
    let taken = set(&mut story, MessageState::Claimed, "Ms Wu");
    let holder = "Ms Li".to_owned();
    assert_eq!(taken, Err(CommandError::MessageTaken { message: message.clone(), holder }));
    set(&mut story, MessageState::Open, "Ms Li").expect("it is hers");
    set(&mut story, MessageState::Claimed, "Ms Wu").expect("it is open");
    set(&mut story, MessageState::Handled, "Ms Wu").expect("it is hers");
    let claimed = ["4 c1-1 Claimed by Ms Li", "4 c1-1 Open by Ms Li", "4 c1-1 Claimed by Ms Wu"];
    assert_eq!(story.facts(), [claimed.as_slice(), &["4 c1-1 Handled by Ms Wu"]].concat());
    let gone = set(&mut story, MessageState::Open, "Ms Wu");
    assert_eq!(gone, Err(CommandError::UnknownMessage { message: message.clone() }));
}

#[test]
fn who_leaves_a_queue_for_a_mailbox_counts_so() {
    let mut story = house();
    let caller = story.call("500");
    story.input(Input::CallerUp { leg: caller }).key(caller, '0').heard(caller).forget().at(60);
    let told = story.told();
    assert_eq!(told.last().map(String::as_str), Some("play c1 busy+beep"));
    assert!(told.contains(&"c1 leaves FlowOutVoicemail 60000".to_owned()), "{told:?}");
    story.ends(caller, LegEnd::HungUp);
}

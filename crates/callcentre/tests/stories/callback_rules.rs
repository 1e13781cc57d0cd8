//! When a callback is offered, tried and given up (CF E3, E5), and who else may order one (E8, E9).

use crate::common::callbacks::{
    PATIENT, accepts, answers, asks, busy, flow, patient_house, story, waiting_from,
};
use crate::common::{MONDAY_NINE_US, OUTSIDE, Story, plan_direct};
use careline_callcentre::{CallbackOrder, CommandError, Input, LegEnd};
use careline_model::callback::{CallbackOrigin, CallbackStage, KeptCallbacks};
use careline_model::event::AgentIntent;
use careline_model::{CallbackId, Now};

/// 08:00 to 12:00, weekdays.
const SEVEN: &str = "[[hours]]\nid = \"desk\"\n\
    weekly = { mon = [\"08:00-12:00\"], tue = [\"08:00-12:00\"], thu = [\"08:00-12:00\"] }\n";

fn has(told: &[String], line: &str) {
    assert!(told.iter().any(|one| one == line), "{line}: {told:#?}");
}

fn any(told: &[String], part: &str) -> bool {
    told.iter().any(|one| one.contains(part))
}

fn order(id: &str, number: &str) -> CallbackOrder {
    CallbackOrder {
        id: CallbackId::from(id),
        number: number.to_owned(),
        queue: "general".into(),
        origin: CallbackOrigin::Program,
        owner: None,
        due_us: None,
    }
}

fn request(story: &mut Story, order: &CallbackOrder) -> Result<(CallbackId, bool), CommandError> {
    story.order(|centre, now| centre.request_callback(order, now))
}

/// The attempt that an agent has taken is not answered.
fn nobody_answers(story: &mut Story, agent: &str) {
    accepts(story, agent);
    let ring = story.now_ms() + 46_000;
    story.at_ms(ring);
}

#[test]
fn a_callback_is_offered_to_who_would_wait_long_and_to_nobody_else() {
    for (handling, helps) in [(200, true), (100, false)] {
        let offer = "wait_over_s = 120\noffer = [\"press 2\"]";
        let comfort =
            format!("handling_s = {handling}\n[queue.comfort]\nfirst_s = 5\nprompts = [\"patience\"]");
        let (mut story, _) = busy(&comfort, offer);
        let a = waiting_from(story.at(10), PATIENT);
        story.heard(a).at(20);
        assert_eq!(any(&story.told(), "play c2 patience+press 2"), helps, "{handling}");
        story.key(a, '2');
        assert_eq!(story.stage(a), if helps { "Flow" } else { "Queued" }, "{handling}");
    }
}

#[test]
fn before_the_queue_it_is_offered_to_who_would_wait_long_there() {
    for (handling, way) in [(200, "offer>offer"), (100, "offer>otherwise")] {
        let general = format!("handling_s = {handling}\n[queue.callback]\nwait_over_s = 120\n");
        let agents = [("1001", "queues = [\"general\"]")];
        let flow = flow().replace("next = \"queue\"", "next = \"offer\"");
        let flow = flow.replacen("otherwise = \"bye\"", "otherwise = \"queue\"", 1);
        let flow = flow.replacen("closed = \"offer\"", "closed = \"bye\"", 1);
        let mut story = Story::of(plan_direct(&(patient_house(&general, &agents) + OUTSIDE), &flow));
        story.up("1001");
        let first = waiting_from(&mut story, "+8613900000099");
        assert!(story.trace().contains(&"offer>otherwise".to_owned()), "nobody is before her");
        story.talks("1001", first).at(10);
        waiting_from(&mut story, PATIENT);
        let trace = story.trace();
        let ways: Vec<&String> = trace.iter().filter(|step| step.starts_with("offer>")).collect();
        assert_eq!(ways.last().map(|way| way.as_str()), Some(way), "{handling}");
    }
}

#[test]
fn it_is_not_offered_when_closing_time_comes_before_the_callers_turn() {
    let general = "handling_s = 4000\n[queue.closing]\nhours = \"office\"";
    let (mut story, _) = busy(general, "");
    let soon = waiting_from(story.at(10), PATIENT);
    let late = waiting_from(story.at(20), "+8613900000002");
    let later = waiting_from(story.at(30), "+8613900000003");
    story.key(later, '2');
    assert_eq!(story.stage(later), "Queued", "three hours are left, and her turn comes in 3 h 20 min");
    story.key(soon, '2');
    assert_eq!(story.stage(soon), "Flow");
    story.ends(soon, LegEnd::HungUp).ends(late, LegEnd::HungUp);
}

#[test]
fn who_withholds_her_number_types_one() {
    let (mut story, _) = busy("", "");
    let hidden = waiting_from(story.at(10), "");
    story.key(hidden, '2');
    assert_eq!(story.trace().last().map(String::as_str), Some("offer>unknown"));
}

#[test]
fn at_closing_time_she_may_be_called_the_next_morning_and_is_the_first_then() {
    let general = "handling_s = 900\n[queue.closing]\nhours = \"desk\"\nwaiting = \"leave\"";
    let agents = [("1001", "queues = [\"general\"]\nwrap_up_s = 0")];
    let text = patient_house(&format!("{general}\n[queue.callback]\n"), &agents) + OUTSIDE + SEVEN;
    let mut story = Story::of(plan_direct(&text, &flow()));
    story.up("1001").at(9000);
    let first = waiting_from(&mut story, "+8613900000099");
    story.talks("1001", first).at(10_000);
    let a = waiting_from(&mut story, PATIENT);
    story.at(10_800).forget();
    assert_eq!(story.stage(a), "Flow", "closed at noon");
    story.key(a, '1').heard(a).at(10_900);
    assert_eq!(story.centre.callbacks()[0].stage, CallbackStage::Later);
    story.ends(first, LegEnd::HungUp).forget();
    // 08:00 the next morning, 23 hours after nine.
    story.at(82_799);
    assert!(!any(&story.told(), "ring 1001"));
    story.at(82_801);
    let told = story.told();
    has(&told, "c3 calls +8613900000001 back, age 72800000");
    has(&told, "ring 1001 for c3");
}

#[test]
fn two_attempts_ten_minutes_apart_and_then_it_has_failed() {
    let (mut story, first) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    story.at(30).ends(first, LegEnd::HungUp);
    nobody_answers(&mut story, "1001");
    let told = story.told();
    has(&told, "stop ringing +8613900000001 NoAnswer");
    has(&told, "c3 misses NoAnswer 1 until 685");
    story.at(684);
    assert!(!any(&story.told(), "back, age"));
    story.at(686);
    let told = story.told();
    has(&told, "c4 calls +8613900000001 back, age 675000");
    has(&told, "ring 1001 for c4");
    nobody_answers(&mut story, "1001");
    let told = story.told();
    has(&told, "callback Failed 2");
    has(&told, "c4 over NoAnswer by Caller 0");
    assert!(story.centre.callbacks().is_empty());
}

#[test]
fn nobody_is_called_at_night_and_what_stands_in_line_is_kept_for_the_morning() {
    let (mut story, _) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    story.at(43_199).forget();
    assert_eq!(story.centre.callbacks()[0].stage, CallbackStage::Queued);
    // 21:00
    story.at(43_200);
    let told = story.told();
    has(&told, "c3 misses NotTried 0 until 82800");
    has(&told, "c3 over Cancelled by Switch 0");
    // 08:00
    story.at(82_801);
    has(&story.told(), "c4 calls +8613900000001 back, age 82790000");
}

#[test]
fn a_callback_ends_with_the_next_business_day() {
    let general = "[queue.closing]\nhours = \"desk\"";
    let text =
        patient_house(&format!("{general}\n[queue.callback]\n"), &[("1001", "queues = [\"general\"]")])
            + OUTSIDE
            + SEVEN;
    let mut story = Story::of(plan_direct(&text, &flow()));
    // On a Tuesday: Wednesday is no business day, Thursday is.
    story.at(86_400);
    request(&mut story, &order("one", "13900000001")).expect("it can be");
    let expires_us = story.centre.callbacks()[0].callback.expires_us;
    assert_eq!((expires_us - MONDAY_NINE_US) / 3_600_000_000, 24 * 4 - 9, "midnight after Thursday");
    story.at(24 * 3600 * 4 - 9 * 3600 + 3600);
    has(&story.told(), "callback Expired 0");
    assert!(story.centre.callbacks().is_empty());
}

#[test]
fn an_agent_promises_to_call_and_it_is_hers_while_she_is_there() {
    let agents = [
        ("1001", "queues = [\"general\"]\nwrap_up_s = 0"),
        ("1002", "queues = [\"general\"]\nwrap_up_s = 0"),
    ];
    let mut story = story("", "owner_absent_s = 300", &agents);
    story.up("1001").up("1002");
    let due_us = Some(MONDAY_NINE_US + 3_600_000_000);
    let origin = CallbackOrigin::Agent;
    let promised = CallbackOrder { owner: Some("1002".into()), due_us, origin, ..order("x", "13900000001") };
    request(&mut story, &promised).expect("she serves the queue");
    has(&story.told(), "callback to +8613900000001 asked by 1002");
    story.at(3599);
    assert!(!any(&story.told(), "ring"));
    story.at(3600);
    let told = story.told();
    has(&told, "c1 kept for 1002 300000");
    has(&told, "ring 1002 for c1");
    assert!(!any(&told, "ring 1001"));
    accepts(&mut story, "1002");
    let leg = answers(&mut story, PATIENT);
    assert_eq!(story.stage(leg), "Talking 1002");
}

#[test]
fn it_goes_to_the_group_when_she_is_away_for_too_long() {
    let agents = [("1001", "queues = [\"general\"]"), ("1002", "queues = [\"general\"]")];
    let mut story = story("", "owner_absent_s = 300", &agents);
    story.up("1001").up("1002").wants("1002", AgentIntent::NotReady("meal".into()));
    let promised = CallbackOrder { owner: Some("1002".into()), ..order("x", "13900000001") };
    request(&mut story, &promised).expect("she serves the queue");
    story.at(299);
    assert!(!any(&story.told(), "ring"), "she may be back in time");
    story.at(300);
    let told = story.told();
    has(&told, "c1 is everybody's");
    has(&told, "ring 1001 for c1");
    let alien = CallbackOrder { owner: Some("1003".into()), ..order("y", "13900000002") };
    assert!(matches!(request(&mut story, &alien), Err(CommandError::UnknownAgent { .. })));
}

#[test]
fn a_program_orders_one_that_stands_in_line_from_then_on_and_asks_twice_for_nothing() {
    let (mut story, first) = busy("", "");
    let b = waiting_from(story.at(10), "+8613900000002");
    story.at(20);
    let id = CallbackId::from("wechat-1");
    assert_eq!(request(&mut story, &order("wechat-1", "139-0000-0001")), Ok((id.clone(), true)));
    assert_eq!(request(&mut story, &order("wechat-1", "139-0000-0001")), Ok((id.clone(), true)));
    assert_eq!(
        request(&mut story, &order("wechat-2", "13900000001")),
        Ok((id.clone(), true)),
        "one a number"
    );
    story.at(21);
    let told = story.told();
    has(&told, "c3 calls +8613900000001 back, age 0");
    has(&told, "c3 enters general at 2");
    story.ends(first, LegEnd::HungUp);
    assert_eq!(story.stage(b), "Offered 1001", "she was there first");
    let cancelled = story.order(|centre, now| centre.cancel_callback(&id, "3001", now));
    assert_eq!(cancelled, Ok(()));
    let told = story.told();
    has(&told, "callback Cancelled 0 by 3001");
    has(&told, "c3 leaves FlowOutAdmin 1000");
    assert_eq!(request(&mut story, &order("wechat-1", "13900000001")), Ok((id.clone(), false)));
    let again = story.order(|centre, now| centre.cancel_callback(&id, "3001", now));
    assert_eq!(again, Err(CommandError::UnknownCallback { callback: id }));
}

#[test]
fn what_cannot_be_called_back_is_refused_with_what_can() {
    let (mut story, _) = busy("", "open_max = 1");
    for bad in ["", "120", "10086", "1001", "200", "0085212345678", "008818001234567", "not a number"] {
        let refused = request(&mut story, &order("x", bad));
        assert!(matches!(refused, Err(CommandError::BadEntry { .. })), "{bad}: {refused:?}");
    }
    let past = CallbackOrder { due_us: Some(MONDAY_NINE_US - 1), ..order("x", "13900000001") };
    assert!(matches!(request(&mut story, &past), Err(CommandError::BadUntil { .. })));
    let elsewhere = CallbackOrder { queue: "booking".into(), ..order("x", "13900000001") };
    let refused = request(&mut story, &elsewhere).expect_err("that queue makes none");
    assert_eq!(refused.to_string(), "queue booking is not known; allowed: general");
    request(&mut story, &order("x", "13900000001")).expect("the first");
    let full = request(&mut story, &order("y", "13900000002")).expect_err("the second");
    assert!(full.to_string().contains("up to 1"), "{full}");
}

#[test]
fn callbacks_outlive_a_restart_with_their_places_and_attempts() {
    let (mut before, first) = busy("", "");
    let a = waiting_from(before.at(10), PATIENT);
    asks(before.at(20), a);
    before.at(30).ends(first, LegEnd::HungUp);
    nobody_answers(&mut before, "1001");
    let kept = before.centre.keep_callbacks();
    let text = serde_json::to_string(&kept).expect("plain data");
    let read: KeptCallbacks = serde_json::from_str(&text).expect("plain data");
    assert_eq!(read, kept);

    let mut after = story("", "", &[("1001", "queues = [\"general\"]")]);
    after.at(700);
    let now: Now = after.now;
    after.order(|centre, _| centre.restore_callbacks(read, now));
    assert!(!any(&after.told(), "asked"), "it was told in the first run");
    let b = waiting_from(after.at(701), "+8613900000002");
    after.up("1001");
    let told = after.told();
    has(&told, "c1 calls +8613900000001 back, age 690000");
    has(&told, "ring 1001 for c1");
    assert_eq!(after.stage(b), "Queued", "she came later, though in this run nobody came before her");
    nobody_answers(&mut after, "1001");
    has(&after.told(), "callback Failed 2");
    let kept = after.centre.keep_callbacks();
    assert_eq!((kept.open.len(), kept.ended.len()), (0, 1));
}

#[test]
fn what_stands_in_line_does_not_keep_the_switch_from_stopping() {
    let (mut story, first) = busy("", "");
    let a = waiting_from(story.at(10), PATIENT);
    asks(story.at(20), a);
    story.at(30).wants("1001", AgentIntent::NotReady("meal".into())).ends(first, LegEnd::HungUp).at(60);
    assert_eq!(story.centre.live_calls(), 1);
    story.input(Input::Drain);
    assert_eq!(story.centre.live_calls(), 0);
    assert_eq!(story.centre.keep_callbacks().open.len(), 1);
    story.at(4000);
    assert_eq!(story.centre.live_calls(), 0, "nobody is called any more");
}

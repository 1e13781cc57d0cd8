//! Campaigns: an agent is on the line before anybody is dialled, tasks end once, and nobody is called when they may not be
//! (CF K2, K3, K6, K8 to K13, K15).

use crate::common::{MONDAY_NINE_US, OUTSIDE, SWITCH, Story, plan_of};
use careline_callcentre::{CampaignOrder, CampaignReply, Input, LegEnd, RefusedBy};
use careline_model::event::{AgentIntent, EventBody};
use careline_model::outbound::{
    CampaignFact, CampaignState, DialResult, DoNotCall, NewTask, Purpose, Relation, TaskNumber, TaskTaken,
    Window,
};
use careline_model::{LegId, Number};

const SECOND: i64 = 1_000_000;
const HOUR: u64 = 3600;
const SELF: &str = "+8613812345678";
const WIFE: &str = "+8613912345678";

/// One campaign, `follow`, of the general queue, with more of its table.
fn house(mode: &str, purpose: &str, more: &str) -> String {
    let outbound =
        "[outbound]\nsafe_message = [\"from-us\"]\ncall_back_number = \"100\"\nring_back = \"ring\"\n";
    let campaign = format!(
        "[[campaign]]\nid = \"follow\"\nmode = \"{mode}\"\npurpose = \"{purpose}\"\nqueue = \"general\"\n{more}\n"
    );
    [SWITCH, OUTSIDE, outbound, &campaign].concat()
}

fn story(mode: &str, more: &str) -> Story {
    let mut story = Story::with(&house(mode, "clinical", more));
    story.up("1001").forget();
    story
}

fn task(id: &str, numbers: &[&str]) -> NewTask {
    let relation = |at| if at == 0 { Relation::Patient } else { Relation::Kin };
    let number =
        |(at, number): (usize, &&str)| TaskNumber { number: Number::from(*number), relation: relation(at) };
    NewTask {
        id: id.into(),
        person: format!("person of {id}"),
        numbers: numbers.iter().enumerate().map(number).collect(),
        not_before_us: None,
        not_after_us: None,
        windows: Vec::new(),
        priority: 5,
    }
}

fn order(story: &mut Story, order: CampaignOrder) -> Result<CampaignReply, String> {
    story.order(|centre, now| centre.campaign_order(order, now)).map_err(|error| error.to_string())
}

fn give(story: &mut Story, tasks: Vec<NewTask>) -> Vec<TaskTaken> {
    match order(story, CampaignOrder::AddTasks { campaign: "follow".into(), tasks }) {
        Ok(CampaignReply::Tasks(taken)) => taken,
        other => panic!("{other:?}"),
    }
}

/// What was told of tasks since the start, in short.
fn facts(story: &Story) -> Vec<String> {
    let facts = story.events.iter().filter_map(|event| match event {
        EventBody::Campaign(fact) => Some(fact),
        _ => None,
    });
    let short = |fact: &CampaignFact| match fact {
        CampaignFact::CampaignChanged { state, by, .. } => format!("{state:?} by {by}"),
        CampaignFact::TaskAdded { task, .. } => format!("{task} added"),
        CampaignFact::TaskPutOff { task, until_us, .. } => {
            format!("{task} not before {}", (until_us - MONDAY_NINE_US) / SECOND)
        }
        CampaignFact::PreviewOffered { task, agent, .. } => format!("{task} shown to {agent}"),
        CampaignFact::PreviewEnded { task, outcome, reason, .. } => {
            format!("{task} {outcome:?} {reason}").trim().to_owned()
        }
        CampaignFact::AttemptBegan { task, attempt, relation, .. } => {
            format!("{task} tries {attempt} {relation:?}")
        }
        CampaignFact::AttemptEnded { task, result, ring_ms, .. } => format!("{task} {result:?} {ring_ms}"),
        CampaignFact::TaskEnded { task, outcome, attempts, .. } => {
            format!("{task} over {outcome:?} {attempts}")
        }
        CampaignFact::DoNotCallChanged { listed, .. } => format!("do not call {listed}"),
    };
    facts.map(short).collect()
}

/// Her phone rings for a task and she answers.
fn agent_answers(story: &mut Story, agent: &str) -> LegId {
    let leg = story.leg(agent);
    story.ringing(agent).input(Input::Answered { leg });
    leg
}

fn picks_up(story: &mut Story, number: &str) -> LegId {
    let party = story.leg(number);
    story.input(Input::Answered { leg: party }).input(Input::Bridged { leg: party });
    party
}

#[test]
fn the_agent_is_on_the_line_before_anybody_is_dialled() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF])]);
    let summoned = ["c1 1001 dials +8613812345678 Outbound", "1001 Ready Dialing InUse", "ring 1001 for c1"];
    assert_eq!(story.told(), summoned, "one call for each free agent, hers first");
    let phone = story.at(2).leg("1001");
    story.ringing("1001");
    assert_eq!(story.told(), [""; 0]);
    story.input(Input::Answered { leg: phone });
    assert_eq!(story.told(), ["dial +8613812345678 by out"]);
    let party = story.leg(SELF);
    story.input(Input::Ringing { leg: party }).input(Input::Ringing { leg: party });
    assert_eq!(story.told(), ["ring 1001"], "she hears it ring");
    story.input(Input::EarlyMedia { leg: party });
    assert_eq!(story.told(), ["stop music 1001", "bridge +8613812345678 1001"], "and what the network says");
    story.at(6).input(Input::Answered { leg: party });
    assert_eq!(story.told(), ["bridge +8613812345678 1001"]);
    story.input(Input::Bridged { leg: party });
    assert_eq!(story.told(), ["c1 with 1001", "record 1001 1"]);
    assert_eq!(story.stage(party), "Talking 1001");
    story.at(60).ends(party, LegEnd::HungUp);
    let over = [
        "hang up 1001 Completed",
        "stop recording",
        "1001 Ready WrapUp Registered",
        "c1 over Completed by Caller 54000",
    ];
    assert_eq!(story.told(), over, "she writes up as after a call of the queue");
    assert_eq!(facts(&story), ["t1 added", "t1 tries 1 Patient", "t1 Answered 4000", "t1 over Reached 1"]);
    assert_eq!(story.facts(), ["60 1001 wraps up c1 Timed until 90"]);
}

#[test]
fn the_next_number_is_dialled_while_the_agent_is_on_the_line() {
    let mut story = story(
        "progressive",
        "[[campaign.retry]]\nresult = \"busy\"\nafter_s = 600\ntimes = 3\nthen = \"next_number\"",
    );
    give(&mut story, vec![task("t1", &[SELF, WIFE])]);
    agent_answers(&mut story, "1001");
    let party = story.leg(SELF);
    story.forget().input(Input::RefusalRead { leg: party, status: 486, cause: Some(17) });
    story.refuses(SELF, RefusedBy::Busy);
    assert_eq!(story.told(), ["dial +8613912345678 by out"], "nobody hangs up on the agent");
    let kin = picks_up(&mut story, WIFE);
    story.at(30).ends(kin, LegEnd::HungUp);
    let told = [
        "t1 added",
        "t1 tries 1 Patient",
        "t1 Busy 0",
        "t1 tries 2 Kin",
        "t1 Answered 0",
        "t1 over Reached 2",
    ];
    assert_eq!(facts(&story), told);
}

#[test]
fn each_result_has_its_time_and_a_number_that_is_none_is_never_dialled_again() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF, WIFE])]);
    agent_answers(&mut story, "1001");
    let party = story.leg(SELF);
    story.input(Input::RefusalRead { leg: party, status: 486, cause: None }).refuses(SELF, RefusedBy::Busy);
    assert_eq!(
        story.told().last().map(String::as_str),
        Some("1001 Ready Idle Registered"),
        "she is free again"
    );
    story.at(599);
    assert_eq!(story.told(), [""; 0]);
    story.at(600);
    agent_answers(&mut story, "1001");
    let party = story.leg(SELF);
    // 空号: the wife's number is tried at once.
    story.forget().input(Input::RefusalRead { leg: party, status: 404, cause: Some(1) });
    story.refuses(SELF, RefusedBy::Unreachable);
    assert_eq!(story.told(), ["dial +8613912345678 by out"]);
    story.at(650);
    let told = story.told();
    assert_eq!(told[0], "stop ringing +8613912345678 NoAnswer");
    let known = facts(&story);
    assert_eq!(known[known.len() - 2..], ["t1 NoAnswer 45000", "t1 not before 15045"], "four hours later");
    assert_eq!(known[3], "t1 not before 600");
}

#[test]
fn a_word_of_the_network_is_read_as_what_it_means() {
    let cases = [
        ((404, None), RefusedBy::Unreachable, "Invalid"),
        ((480, Some(20)), RefusedBy::NoAnswer, "SwitchedOff"),
        ((480, None), RefusedBy::NoAnswer, "Unreachable"),
        ((603, None), RefusedBy::Rejected, "Rejected"),
        ((503, Some(34)), RefusedBy::Unreachable, "Congestion"),
        ((480, Some(31)), RefusedBy::NoAnswer, "Suspended"),
    ];
    for ((status, cause), why, result) in cases {
        let more = "[[outbound.result_code]]\nstatus = 480\ncause = 31\nresult = \"suspended\"\n";
        let mut story = Story::with(&(house("progressive", "clinical", "") + more));
        story.up("1001");
        give(&mut story, vec![task("t1", &[SELF])]);
        agent_answers(&mut story, "1001");
        let leg = story.leg(SELF);
        story.input(Input::RefusalRead { leg, status, cause }).refuses(SELF, why);
        assert_eq!(facts(&story)[2], format!("t1 {result} 0"));
    }
    // Without a word of the network the way out was full or down: no attempt at a person.
    let mut story = story("progressive", "attempts_max = 1");
    give(&mut story, vec![task("t1", &[SELF])]);
    agent_answers(&mut story, "1001");
    story.refuses(SELF, RefusedBy::Busy);
    assert_eq!(facts(&story)[2..], ["t1 Congestion 0", "t1 not before 300"]);
}

#[test]
fn an_agent_says_what_she_hears_instead_of_a_person() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF, WIFE])]);
    let said = |result| CampaignOrder::Heard { agent: "1001".into(), result };
    assert!(order(&mut story, said(DialResult::Invalid)).is_err(), "nobody is dialled yet");
    agent_answers(&mut story, "1001");
    story.forget();
    assert!(order(&mut story, said(DialResult::Answered)).is_err());
    order(&mut story, said(DialResult::Suspended)).expect("she dials");
    assert_eq!(story.told(), ["stop ringing +8613812345678 Command", "dial +8613912345678 by out"]);
    let kin = picks_up(&mut story, WIFE);
    order(&mut story, said(DialResult::Machine)).expect("a machine talks");
    assert_eq!(story.stage(kin), "over");
    let known = facts(&story);
    assert_eq!(known[2..], ["t1 Suspended 0", "t1 tries 2 Kin", "t1 Machine 0", "t1 not before 14400"]);
}

#[test]
fn who_answers_to_a_lost_phone_hears_who_called() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF])]);
    let phone = agent_answers(&mut story, "1001");
    let party = picks_up(&mut story, SELF);
    story.forget().at_ms(1500).ends(phone, LegEnd::Failed);
    let told = story.told();
    assert!(told.iter().any(|line| line.starts_with("play +8613812345678 from-us+")), "{told:?}");
    assert!(told.contains(&"1001 Ready Idle Registered".to_owned()), "{told:?}");
    story.heard(party);
    assert_eq!(story.told(), ["hang up +8613812345678 OtherLegLost", "c1 over DeviceLost by Switch 1500"]);
    assert_eq!(facts(&story)[2..], ["t1 Abandoned 0", "t1 not before 86401"], "left alone for a day");
}

#[test]
fn legs_that_are_not_joined_in_two_seconds_are_an_abandoned_call() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF])]);
    agent_answers(&mut story, "1001");
    let party = story.leg(SELF);
    story.input(Input::Answered { leg: party }).forget().at(2);
    let told = story.told();
    assert_eq!(told[0], "hang up 1001 NotBridged");
    assert!(told.iter().any(|line| line.starts_with("play +8613812345678 from-us+")), "{told:?}");
    assert_eq!(facts(&story)[2], "t1 Abandoned 0");
}

#[test]
fn nothing_rings_on_when_the_agent_is_gone() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF])]);
    let phone = agent_answers(&mut story, "1001");
    story.forget().at(5).ends(phone, LegEnd::HungUp);
    let told = story.told();
    assert_eq!(told[0], "stop ringing +8613812345678 CallerLeft");
    assert_eq!(facts(&story)[2..], ["t1 Cancelled 5000", "t1 not before 605"]);
    // Her phone is not answered at all: nobody is dialled, and she has missed an offer.
    story.at(605).forget().at(625);
    let told = story.told();
    assert_eq!(told[0], "stop ringing 1001 NoAnswer");
    assert!(!told.iter().any(|line| line.starts_with("dial")), "{told:?}");
}

#[test]
fn an_agent_previews_accepts_and_her_phone_rings() {
    let mut story = story("preview", "");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    assert_eq!(story.told(), ["1001 Ready Preview Registered"], "she looks; nothing rings");
    order(&mut story, CampaignOrder::Accept { agent: "1001".into() }).expect("she looks at one");
    let told = story.told();
    assert_eq!(told[1..], ["1001 Ready Dialing InUse", "ring 1001 for c1"]);
    assert!(order(&mut story, CampaignOrder::Accept { agent: "1001".into() }).is_err(), "once");
    assert_eq!(facts(&story), ["t1 added", "t2 added", "t1 shown to 1001", "t1 Accepted"]);
}

#[test]
fn a_task_that_is_skipped_is_shown_to_others_and_ends_when_enough_have_skipped_it() {
    let mut story = story("preview", "skips_max = 2");
    story.up("1002");
    give(&mut story, vec![task("t1", &[SELF])]);
    let skip = |agent: &str, reason: &str| CampaignOrder::Skip { agent: agent.into(), reason: reason.into() };
    assert!(order(&mut story, skip("1001", " ")).is_err(), "not without a reason");
    order(&mut story, skip("1001", "readmitted")).expect("she looks at it");
    order(&mut story, skip("1002", "deceased")).expect("it is shown to the next");
    let told = [
        "t1 added",
        "t1 shown to 1001",
        "t1 Skipped readmitted",
        "t1 shown to 1002",
        "t1 Skipped deceased",
        "t1 over Skipped 0",
    ];
    assert_eq!(facts(&story), told);
}

#[test]
fn a_preview_that_nobody_decides_is_released_or_dialled_as_the_campaign_says() {
    let mut story_released = story("preview", "preview_s = 20");
    give(&mut story_released, vec![task("t1", &[SELF])]);
    story_released.at(20);
    assert_eq!(
        facts(&story_released)[1..],
        ["t1 shown to 1001", "t1 TimedOut"],
        "she rests: nobody may be there"
    );
    let mut story = story("preview", "preview_s = 20\nat_timeout = \"dial\"");
    give(&mut story, vec![task("t1", &[SELF])]);
    story.forget().at(20);
    assert_eq!(story.told()[1..], ["1001 Ready Dialing InUse", "ring 1001 for c1"]);
    assert_eq!(facts(&story)[2], "t1 Dialled");
}

#[test]
fn callers_go_first() {
    let mut story = story("preview", "");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    let patient = story.waiting("200");
    assert_eq!(story.stage(patient), "Offered 1001", "what she only looked at is taken back");
    assert_eq!(facts(&story)[2..], ["t1 shown to 1001", "t1 Yielded"]);
    story.talks("1001", patient);
    let second = story.waiting("200");
    story.at(10).ends(patient, LegEnd::HungUp);
    story.at(40);
    assert_eq!(story.stage(second), "Offered 1001", "who waits has her next");
    story.talks("1001", second).at(50).ends(second, LegEnd::HungUp);
    // The second patient waited for more than 20 s: the queue has five minutes of its own.
    story.at(81);
    assert_eq!(facts(&story).len(), 4);
    story.at(341);
    assert_eq!(facts(&story)[4..], ["t1 shown to 1001"]);
}

#[test]
fn an_agent_who_is_rung_for_a_task_is_had_by_a_caller_but_not_one_who_dials() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF, WIFE])]);
    let patient = story.waiting("200");
    assert_eq!(story.stage(patient), "Offered 1001");
    story.talks("1001", patient).ends(patient, LegEnd::HungUp);
    story.at(30);
    agent_answers(&mut story, "1001");
    let second = story.waiting("200");
    assert_eq!(story.stage(second), "Queued", "one thing at a time");
    let party = story.leg(SELF);
    story.input(Input::RefusalRead { leg: party, status: 404, cause: None });
    story.refuses(SELF, RefusedBy::Unreachable);
    assert_eq!(story.stage(second), "Offered 1001", "the next number waits for the caller");
}

#[test]
fn some_agents_stay_free_for_callers() {
    let mut story = story("preview", "keep_free = 1");
    story.up("1002");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    assert_eq!(facts(&story)[2..], ["t1 shown to 1001"]);
}

#[test]
fn the_same_task_again_changes_nothing_even_when_it_is_over() {
    let mut story = story("progressive", "");
    let first = give(&mut story, vec![task("t1", &[SELF]), task("t1", &[WIFE])]);
    assert_eq!(first, [TaskTaken::Added, TaskTaken::Known]);
    agent_answers(&mut story, "1001");
    let party = picks_up(&mut story, SELF);
    story.at(10).ends(party, LegEnd::HungUp);
    assert_eq!(give(&mut story, vec![task("t1", &[SELF])]), [TaskTaken::Known]);
    assert_eq!(facts(&story).iter().filter(|fact| fact.contains("over")).count(), 1);
}

#[test]
fn what_cannot_be_dialled_is_refused_with_what_is_allowed() {
    let mut story = story("progressive", "tasks_max = 1");
    let mut wrong = |given: NewTask| match give(&mut story, vec![given]).remove(0) {
        TaskTaken::Refused(wrong) => wrong,
        other => panic!("{other:?}"),
    };
    assert!(wrong(task("t", &[])).contains("1 to 5"));
    assert!(wrong(task("t", &["120"])).contains("number 1 cannot be dialled"));
    assert!(wrong(task("t", &["1002"])).contains("cannot be dialled"));
    assert!(wrong(task("t", &[SELF, SELF])).contains("twice"));
    let past = NewTask { not_after_us: Some(MONDAY_NINE_US - 1), ..task("t", &[SELF]) };
    assert!(wrong(past).contains("time is over"));
    assert!(wrong(NewTask { priority: 10, ..task("t", &[SELF]) }).contains("1 to 9"));
    give(&mut story, vec![task("t1", &[SELF])]);
    let full = give(&mut story, vec![task("t2", &[WIFE])]);
    assert!(matches!(&full[0], TaskTaken::Refused(wrong) if wrong.contains("full")), "{full:?}");
    let unknown = CampaignOrder::AddTasks { campaign: "sell".into(), tasks: Vec::new() };
    assert_eq!(order(&mut story, unknown), Err("campaign sell is not known; allowed: follow".into()));
}

#[test]
fn nobody_is_dialled_in_quiet_hours_out_of_the_windows_or_too_often() {
    let mut story = Story::with(&house("progressive", "survey", ""));
    story.up("1001");
    let at = |hour: i64| MONDAY_NINE_US + hour * 3600 * SECOND;
    let windows = vec![Window { from_us: at(3), to_us: at(4) }, Window { from_us: at(6), to_us: at(7) }];
    give(&mut story, vec![NewTask { windows, ..task("t1", &[SELF]) }]);
    assert_eq!(facts(&story)[1..], ["t1 not before 21600"], "12:00 to 14:00 is quiet, 15:00 is not");
    story.at(6 * HOUR);
    agent_answers(&mut story, "1001");
    let party = picks_up(&mut story, SELF);
    story.at(6 * HOUR + 10).ends(party, LegEnd::HungUp);
    story.wants("1001", AgentIntent::Ready);
    // The same number for another task: once a day is enough for anything but care.
    give(&mut story, vec![task("t2", &[SELF])]);
    let told = facts(&story);
    assert_eq!(told.last().map(String::as_str), Some("t2 not before 82800"), "tomorrow at eight");
}

#[test]
fn a_number_on_the_do_not_call_list_is_called_for_other_purposes_only() {
    let entry = || DoNotCall {
        number: Number::from("13812345678"),
        purposes: [Purpose::Survey, Purpose::Marketing].into(),
        reason: "asked for it".into(),
    };
    let set = || CampaignOrder::SetDoNotCall { entry: entry(), by: "desk".into() };
    let mut story_survey = Story::with(&house("progressive", "survey", ""));
    story_survey.up("1001");
    order(&mut story_survey, set()).expect("a number");
    give(&mut story_survey, vec![task("t1", &[SELF]), task("t2", &[SELF, WIFE])]);
    let told = facts(&story_survey);
    assert_eq!(told[3..], ["t1 over DoNotCall 0"], "t2 goes to the other number");
    agent_answers(&mut story_survey, "1001");
    assert_eq!(facts(&story_survey).last().map(String::as_str), Some("t2 tries 1 Kin"));
    let mut story = story("progressive", "");
    order(&mut story, set()).expect("a number");
    give(&mut story, vec![task("t1", &[SELF])]);
    agent_answers(&mut story, "1001");
    assert_eq!(facts(&story).last().map(String::as_str), Some("t1 tries 1 Patient"), "care is not a survey");
    let gone = CampaignOrder::RemoveDoNotCall { number: "13812345678".into(), by: "desk".into() };
    order(&mut story, gone.clone()).expect("it stands there");
    assert!(order(&mut story, gone).is_err());
}

#[test]
fn a_campaign_rests_ends_and_its_tasks_end_once() {
    let mut story = story("preview", "");
    story.up("1002");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE]), task("t3", &["+8613712345678"])]);
    let set = |state| CampaignOrder::SetState {
        campaign: "follow".into(),
        state,
        by: "chief".into(),
        reason: "flu".into(),
    };
    order(&mut story, set(CampaignState::Paused)).expect("known");
    assert_eq!(facts(&story)[5..], ["Paused by chief", "t1 Withdrawn", "t2 Withdrawn"]);
    story.at(100);
    assert_eq!(facts(&story).len(), 8, "nothing begins");
    order(&mut story, set(CampaignState::Running)).expect("known");
    order(&mut story, CampaignOrder::Accept { agent: "1001".into() }).expect("she looks at t1");
    let withdraw = CampaignOrder::Withdraw { campaign: "follow".into(), task: "t2".into() };
    order(&mut story, withdraw.clone()).expect("it is there");
    assert!(order(&mut story, withdraw).is_err(), "it is over");
    agent_answers(&mut story, "1001");
    let party = picks_up(&mut story, SELF);
    order(&mut story, set(CampaignState::Stopped)).expect("known");
    story.at(120).ends(party, LegEnd::HungUp);
    let told = facts(&story);
    let over: Vec<&str> = told.iter().filter(|fact| fact.contains("over")).map(String::as_str).collect();
    assert_eq!(
        over,
        ["t2 over Withdrawn 0", "t3 over Stopped 0", "t1 over Reached 1"],
        "who talks is not cut off"
    );
}

#[test]
fn a_number_that_was_dialled_while_the_phone_of_another_agent_rang_is_left_alone() {
    let mut story = Story::with(&house("progressive", "survey", ""));
    story.up("1001").up("1002").at(6 * HOUR);
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[SELF])]);
    agent_answers(&mut story, "1001");
    agent_answers(&mut story, "1002");
    let told = facts(&story);
    assert_eq!(told[2..], ["t1 tries 1 Patient", "t2 not before 82800"], "once a day, whoever dials");
}

#[test]
fn the_number_shown_is_the_campaigns_own() {
    let more = "caller_id = \"100\"\ncaller_ids = { \"+86139\" = \"200\" }";
    let mut story = story("progressive", more);
    story.up("1002");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    agent_answers(&mut story, "1001");
    agent_answers(&mut story, "1002");
    let shown = story.actions.iter().filter_map(|action| match action {
        careline_callcentre::Action::DialOutside { caller_id, .. } => caller_id.as_ref().map(Number::as_str),
        _ => None,
    });
    assert_eq!(shown.collect::<Vec<_>>(), ["100", "200"]);
}

#[test]
fn tasks_outlive_the_switch() {
    let mut story = story("progressive", "");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    agent_answers(&mut story, "1001");
    let state = story.centre.outbound_state();
    let kept = serde_json::to_string(&state).expect("text");
    let mut next = self::story("progressive", "");
    let state = serde_json::from_str(&kept).expect("the same");
    next.order(|centre, now| centre.restore_outbound(state, now));
    assert_eq!(give(&mut next, vec![task("t1", &[SELF])]), [TaskTaken::Known]);
    assert_eq!(next.centre.outbound_state().tasks.len(), 2, "what was being dialled waits again");
    assert_eq!(next.centre.outbound_state().dialled.len(), 1, "and is remembered as dialled");
}

#[test]
fn a_published_configuration_brings_campaigns_and_takes_them_away() {
    let other = |paused: bool| {
        house("progressive", "clinical", "")
            .replace("id = \"follow\"", &format!("id = \"later\"\npaused = {paused}"))
    };
    let mut story = story("preview", "");
    give(&mut story, vec![task("t1", &[SELF]), task("t2", &[WIFE])]);
    order(&mut story, CampaignOrder::Accept { agent: "1001".into() }).expect("she looks at t1");
    agent_answers(&mut story, "1001");
    let party = picks_up(&mut story, SELF);
    let replan = |story: &mut Story, switch: &str| {
        let plan = plan_of(switch);
        story.order(|centre, now| centre.replan(plan, None, "chief", now));
    };
    let told = facts(&story).len();
    replan(&mut story, &other(true));
    assert_eq!(facts(&story)[told..], ["Stopped by chief", "t2 over Stopped 0"], "who talks is not cut off");
    let refused = order(&mut story, CampaignOrder::AddTasks { campaign: "follow".into(), tasks: vec![] });
    assert!(refused.is_err_and(|error| error.contains("later")), "the error says what there is");
    story.at(10).ends(party, LegEnd::HungUp);
    assert_eq!(facts(&story).last().map(String::as_str), Some("t1 over Reached 1"));

    let tasks = vec![task("t3", &[WIFE])];
    order(&mut story, CampaignOrder::AddTasks { campaign: "later".into(), tasks }).expect("it is known now");
    story.wants("1001", AgentIntent::Ready);
    let told = facts(&story).len();
    replan(&mut story, &other(false));
    agent_answers(&mut story, "1001");
    assert_eq!(facts(&story)[told..], ["Running by chief", "t3 tries 1 Patient"]);
}

#[test]
fn an_attempt_that_was_none_leaves_those_for_other_purposes_in_the_count() {
    let survey =
        "[[campaign]]\nid = \"survey\"\nmode = \"progressive\"\npurpose = \"survey\"\nqueue = \"general\"\n";
    let mut story = Story::with(&(house("progressive", "clinical", "") + survey));
    story.up("1001").up("1002").at(6 * HOUR);
    give(&mut story, vec![task("t1", &[SELF])]);
    agent_answers(&mut story, "1001");
    let clinical = story.leg(SELF);
    let of_survey = |tasks| CampaignOrder::AddTasks { campaign: "survey".into(), tasks };
    order(&mut story, of_survey(vec![task("s1", &[SELF])])).expect("known");
    agent_answers(&mut story, "1002");
    // Our trunks were full: the clinical call was none, that of the survey, begun later, was one.
    story.input(Input::Refused { leg: clinical, why: RefusedBy::Busy });
    order(&mut story, of_survey(vec![task("s2", &[SELF])])).expect("known");
    let kept = story.centre.outbound_state();
    let survey: Vec<bool> = kept.dialled.iter().map(|dialled| dialled.clinical).collect();
    assert_eq!(survey, [false], "the clinical one is forgotten, not the last one");
}

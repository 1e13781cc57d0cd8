//! Who does not want to wait is called when her turn comes, and who was served says how it was.

use anyhow::ensure;
use careline_e2e::phones::PART;
use careline_e2e::{House, HouseOptions, SOON, STRAIGHT_NUMBER, prompt, tell, text, voice};
use careline_testkit::sipp::{self, SippRun};
use careline_testkit::{Answering, Transport, ports, wait};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const GATEWAY: &str = include_str!("../scenarios/gateway.xml");

/// The queue of number [`STRAIGHT_NUMBER`], whose key 2 leads to a callback.
const FLOW: &str = r#"id = "straight"
version = 2
start = "person"

[node.person]
kind = "queue"
queue = "desk"
timeout = "goodbye"
keys = { 2 = "offer" }

[node.offer]
kind = "callback_offer"
queue = "desk"
offer = "promise"
otherwise = "person"

[node.promise]
kind = "callback"
queue = "desk"
next = "goodbye"
otherwise = "person"

[node.goodbye]
kind = "hangup"
prompts = ["goodbye"]
"#;

const SURVEY: &str = r#"id = "survey"
version = 1
start = "attitude"

[node.attitude]
kind = "rate"
prompts = ["menu"]
question = "attitude"
scale = 5
low = 2
first_timeout_s = 10
next = "goodbye"
otherwise = "goodbye"

[node.goodbye]
kind = "hangup"
prompts = ["goodbye"]
"#;

#[expect(clippy::disallowed_methods, reason = "an edge: what time it really is")]
fn now_s() -> anyhow::Result<i64> {
    let since = SystemTime::now().duration_since(UNIX_EPOCH)?;
    Ok(i64::try_from(since.as_secs())?)
}

/// People are not called at night: it is ten in the morning in Shanghai, wherever and whenever this runs.
fn ten_in_the_morning(house: &mut House) -> anyhow::Result<()> {
    house.switch()?;
    let local_s = (now_s()? + 8 * 3600).rem_euclid(86_400);
    // Forward: after a step back the switch's time of day goes on at half its pace until it is right.
    house.set_clock((10 * 3600 - local_s).rem_euclid(86_400))?;
    wait::last(Duration::from_millis(1500));
    Ok(())
}

#[test]
fn who_asks_for_a_callback_keeps_her_place_and_hears_the_agent() {
    let options = HouseOptions {
        queue: "[queue.callback]\nwait_over_s = 0\npreview_s = 0\nringback = \"announce\"\n",
        clock: true,
        ..HouseOptions::default()
    };
    tell("callback", options, |house| {
        std::fs::write(house.place().path("flows/straight.toml"), FLOW)?;
        let (handset, ip) = house.handset(voice::PATIENT_2_HZ)?;
        let line = ports::free(ip)?;
        house.configure(&format!(
            "[[trunk]]\nid = \"city\"\nsources = [\"{line}\"]\nproxy = [\"{line}\"]\noptions_interval_s = 0\n\
             [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"city\" }}]\n[[route]]\ngroup = \"out\"\n"
        ));
        let switch = house.sip()?;
        ten_in_the_morning(house)?;
        let port = handset.port().to_string();
        let scenario = GATEWAY.replace("\"PART\"", &format!("\"{}\"", PART.as_millis()));
        let run = SippRun {
            name: "gateway",
            scenario: &scenario,
            local: line,
            remote: switch,
            transport: Transport::Udp,
            service: "line",
            keys: &[("handset", &port)],
            calls: 1,
            when_called: None,
            auth_uri: None,
            within: Duration::from_secs(60),
        };
        let gateway = sipp::start(house.place(), &run)?;

        let (speech, agents) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let mut agent = house.agent("1001", Answering::Auto, &agents)?;
        let mut first = house.patient("13800138000", &speech)?;
        house.reach_an_agent(&mut first)?;

        let mut a = house.patient("13912345678", &speech)?;
        let waits = |house: &House, number: &str| {
            let offered = house.journal().wait_for("call_offered", SOON, |event| {
                event["caller"].as_str().is_some_and(|caller| caller.ends_with(number))
            })?;
            let call = text(&offered, "call")?;
            house.journal().wait_for("queue_entered", SOON, |event| event["call"] == *call)?;
            anyhow::Ok(call)
        };
        a.dial(STRAIGHT_NUMBER, switch)?;
        a.wait_event("CALL_ESTABLISHED", SOON)?;
        let asked = waits(house, "13912345678")?;
        let mut b = house.patient("13712345678", &speech)?;
        b.dial(STRAIGHT_NUMBER, switch)?;
        b.wait_event("CALL_ESTABLISHED", SOON)?;
        let behind = waits(house, "13712345678")?;
        a.press("2")?;
        house.expect_queue_outcome(&asked, "flow_out_callback")?;
        a.wait_event("CALL_CLOSED", SOON)?;
        let queued = house.journal().wait_for("callback_queued", SOON, |_| true)?;
        let (back, callback) = (text(&queued, "call")?, text(&queued, "callback")?);
        ensure!(callback == asked, "the id of the call in which she asked: {queued}");
        let entered = house.journal().wait_for("queue_entered", SOON, |event| event["call"] == *back)?;
        ensure!(entered["position"] == 1, "before who came later: {entered}");

        first.hang_up()?;
        house.journal().wait_for("callback_dialled", SOON, |event| event["agent"] == "1001")?;
        let connected = |call: &str| {
            let call = call.to_owned();
            move |event: &serde_json::Value| event["call"] == *call
        };
        house.journal().wait_for("call_connected", SOON + PART, connected(&back))?;
        let ended = house.journal().wait_for("callback_ended", SOON, |_| true)?;
        ensure!(ended["outcome"] == "reached" && ended["attempts"] == 0, "{ended}");
        let early = house.journal().of_kind("call_connected").unwrap_or_default();
        ensure!(!early.iter().any(|event| event["call"] == *behind), "who came later waits: {early:?}");
        wait::last(PART);
        handset.heard().expect_tone("the agent at the other end of the line", 0, voice::AGENT_HZ)?;
        // Her phone writes down the last call that it had.
        b.hang_up()?;
        house.expect_queue_outcome(&behind, "abandoned")?;
        agent.hang_up()?;
        house.expect_ended(&back, "completed", "agent")?;
        agent.heard()?.expect_tone("the person in the agent's ear", 0, voice::PATIENT_2_HZ)?;
        gateway.finish()?.all_as_scripted()
    });
}

#[test]
fn the_agent_hangs_up_and_her_caller_says_how_it_was() {
    let queue = "[queue.survey]\nflow = \"survey\"\nmin_talk_s = 0\n";
    tell("survey", HouseOptions { queue, ..HouseOptions::default() }, |house| {
        std::fs::write(house.place().path("flows/survey.toml"), SURVEY)?;
        let mut talk = house.conversation()?;
        let call = talk.call.clone();
        talk.agent.hang_up()?;
        house.journal().wait_for("survey_invited", SOON, |event| event["call"] == *call)?;
        wait::last(Duration::from_millis(2500));
        talk.patient.press("5")?;
        let answered = house.journal().wait_for("survey_answered", SOON, |event| event["call"] == *call)?;
        ensure!(answered["answer"] == 5 && answered["question"] == "attitude", "{answered}");
        ensure!(answered["agent"] == "1001" && answered["queue"] == "desk", "{answered}");
        let ended = house.journal().wait_for("survey_ended", SOON, |event| event["call"] == *call)?;
        ensure!(ended["outcome"] == "completed" && ended["answers"] == 1, "{ended}");
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        // A second long, which is less than a long tone.
        talk.patient.heard()?.expect_in_turn("the question", 0, &[Some(prompt::MENU_HZ)])
    });
}

//! Campaigns and the policy of outbound calls: what makes no sense is refused with its place and with what is allowed.

use careline_model::config::plan::Then;
use careline_model::config::{Plan, check, parse};
use careline_model::outbound::{CampaignFact, CampaignMode, DialResult, Purpose};
use careline_model::{Event, EventBody, Number};
use std::time::Duration;

const HOUSE: &str = "[[trunk]]\nid = \"city\"\nsources = [\"127.0.0.3\"]\nproxy = [\"127.0.0.3:5060\"]\ncaller_id = \"053188888888\"\n\
    [[trunk_group]]\nid = \"out\"\nmembers = [{ trunk = \"city\" }]\n[[route]]\ngroup = \"out\"\n\
    [[queue]]\nid = \"general\"\nname = \"general\"\n\
    [[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"x\"\nqueues = [\"general\"]\nskills = { nurse = 5 }\n";
const SAFE: &str = "[outbound]\nsafe_message = [\"from-us\"]\ncall_back_number = \"053188888888\"\n";

fn plan(more: &str) -> Result<Plan, String> {
    let config = parse(&[HOUSE, more].concat(), "switch.toml").map_err(|error| error.to_string())?;
    check(&config, &[], &|prompt| !prompt.starts_with("lost"))
        .map_err(|errors| errors.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
}

fn campaign(more: &str) -> Result<Plan, String> {
    let table = "[[campaign]]\nid = \"follow\"\npurpose = \"clinical\"\nqueue = \"general\"\n";
    plan(&[SAFE, table, more].concat())
}

#[test]
fn a_campaign_has_the_rules_of_the_specification_unless_others_are_written() {
    let plan = campaign("skills = { nurse = 3 }\n[[campaign.retry]]\nresult = \"busy\"\nafter_s = 120\ntimes = 1\nthen = \"next_number\"\n")
        .expect("it makes sense");
    let policy = &plan.outbound.policy;
    assert_eq!(
        (policy.per_day, policy.per_week, policy.quiet.len(), policy.quiet_clinical.len()),
        (1, 3, 2, 1)
    );
    let follow = &plan.outbound.campaigns[&"follow".into()];
    assert_eq!(
        (follow.mode, follow.purpose, &*follow.name),
        (CampaignMode::Preview, Purpose::Clinical, "follow")
    );
    let busy = follow.retries[&DialResult::Busy];
    assert_eq!((busy.after, busy.times, busy.then), (Duration::from_secs(120), 1, Then::NextNumber));
    let silent = follow.retries[&DialResult::NoAnswer];
    assert_eq!((silent.after, silent.times, silent.then), (Duration::from_secs(4 * 3600), 3, Then::Later));
    assert!(!follow.retries.contains_key(&DialResult::Invalid), "never again");
    // The words of the number stand behind the name of the house.
    assert!(plan.outbound.safe_message.len() > 8, "{:?}", plan.outbound.safe_message);
    assert_eq!(&*plan.outbound.safe_message[0], "from-us");
}

#[test]
fn the_longest_beginning_decides_which_number_is_shown() {
    let plan = campaign("caller_id = \"053188888888\"\ncaller_ids = { \"+8621\" = \"053188888888\" }")
        .expect("ours");
    let follow = &plan.outbound.campaigns[&"follow".into()];
    assert!(follow.shown_to(&Number::from("+862112345678")).is_some());
}

#[test]
fn what_makes_no_sense_says_where_and_what_would() {
    let cases = [
        ("mode = \"predictive\"", "campaign.mode: `predictive` is not known; allowed: preview, progressive"),
        ("skills = { surgeon = 1 }", "campaign.queue: no agent serves this campaign"),
        ("trunk_group = \"moon\"", "campaign.trunk_group: trunk group `moon` is not known; allowed: out"),
        ("caller_id = \"12345678\"", "campaign.caller_id: `12345678` is a number of ours on no trunk"),
        ("ring_s = 5", "campaign.ring_s: 5 is out of range; allowed: 15 to 90"),
        ("priority = 0", "campaign.priority: 0 is out of range; allowed: 1 to 9"),
        ("at_timeout = \"hang\"", "campaign.at_timeout: `hang` is not known; allowed: release, dial"),
        ("[[campaign.retry]]\nresult = \"answered\"", "campaign.retry.result: `answered` is no result here"),
        (
            "[[campaign.retry]]\nresult = \"busy\"\nafter_s = 5\ntimes = 1",
            "campaign.retry.after_s: 5 is too soon; allowed: 60 or more",
        ),
        (
            "[[campaign]]\nid = \"follow\"\npurpose = \"survey\"\nqueue = \"general\"",
            "campaign.id: `follow` is there twice",
        ),
        (
            "[[campaign]]\nid = \"b\"\npurpose = \"fun\"\nqueue = \"general\"",
            "campaign.purpose: `fun` is not known",
        ),
        (
            "[[campaign]]\nid = \"b\"\npurpose = \"survey\"\nqueue = \"moon\"",
            "campaign.queue: queue `moon` is not known",
        ),
    ];
    for (more, wrong) in cases {
        let told = campaign(more).expect_err(more);
        assert!(told.contains(wrong), "{more}: {told}");
    }
    let cases = [
        ("[outbound]\nquiet = [\"8-9\"]", "outbound.quiet: `8-9` is not a span of hours"),
        ("[outbound]\nper_day = 0", "outbound.per_day: 0 is out of range; allowed: 1 to 50"),
        ("[outbound]\nsafe_message = [\"lost\"]", "outbound.safe_message: prompt `lost` is missing"),
        (
            "[outbound]\ncall_back_number = \"12345678\"",
            "outbound.call_back_number: `12345678` is no number of ours",
        ),
        (
            "[outbound]\n[[outbound.result_code]]\nresult = \"busy\"",
            "outbound.result_code: means any refusal at all",
        ),
        (
            "[[campaign]]\nid = \"a\"\npurpose = \"survey\"\nqueue = \"general\"",
            "campaign: nobody says who called",
        ),
    ];
    for (more, wrong) in cases {
        let told = plan(more).expect_err(more);
        assert!(told.contains(wrong), "{more}: {told}");
    }
}

#[test]
fn facts_of_campaigns_read_back_as_they_were_written() {
    let fact = CampaignFact::AttemptEnded {
        campaign: "follow".into(),
        task: "t1".into(),
        call: "01920000-0000-7000-8000-000000000001".parse().expect("an id"),
        attempt: 2,
        result: DialResult::SwitchedOff,
        status: 480,
        cause: Some(20),
        ring_ms: 3,
    };
    let event = Event { at_us: 5, body: EventBody::Campaign(fact) };
    let text = serde_json::to_string(&event).expect("text");
    assert!(text.contains("\"kind\":\"campaign\"") && text.contains("\"fact\":\"attempt_ended\""), "{text}");
    assert_eq!(serde_json::from_str::<Event>(&text).expect("an event"), event);
}

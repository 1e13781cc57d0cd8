//! Who may listen to whom, holds, conferences, slots: what is written makes sense, or is refused with what would.

use careline_model::config::plan::{LastAgentLeaves, Park};
use careline_model::config::{Plan, check, parse};
use careline_model::event::{WatchMode, WatchNotice};
use std::time::Duration;

const HOUSE: &str = "[[queue]]\nid = \"general\"\nname = \"general\"\n[[queue]]\nid = \"booking\"\nname = \"b\"\n\
    [[agent]]\nid = \"1001\"\nname = \"a\"\npassword = \"a\"\nqueues = [\"general\"]\nteam = \"day\"\n";

fn plan(more: &str) -> Result<Plan, Vec<String>> {
    let text = format!("{HOUSE}{more}");
    let config = parse(&text, "switch.toml").expect("it reads");
    check(&config, &[], &|_| true).map_err(|errors| errors.iter().map(ToString::to_string).collect())
}

fn refused(more: &str, what: &str) {
    let errors = plan(more).map(|_| ()).expect_err("it is wrong");
    assert!(errors.iter().any(|error| error.contains(what)), "{what}: {errors:?}");
}

#[test]
fn an_account_listens_to_agents_of_its_queues_and_teams() {
    let boss = "[[agent]]\nid = \"3001\"\nname = \"b\"\npassword = \"b\"\n";
    let of = |rights: &str| plan(&format!("{boss}{rights}\n")).expect("it holds");
    let covers = |rights: &str| {
        let plan = of(rights);
        let supervises = plan.agents[&"3001".into()].supervises.clone();
        supervises.map(|rights| (rights.covers(&plan.agents[&"1001".into()]), rights.up_to))
    };
    assert_eq!(covers(""), None);
    assert_eq!(covers("supervises = [\"general\"]"), Some((true, WatchMode::TakeOver)));
    assert_eq!(covers("supervises = [\"booking\"]"), Some((false, WatchMode::TakeOver)));
    assert_eq!(covers("supervises = [\"*\"]\nsupervision = \"listen\""), Some((true, WatchMode::Listen)));
    assert_eq!(covers("supervises_teams = [\"day\"]"), Some((true, WatchMode::TakeOver)));
    refused(&format!("{boss}supervises = [\"other\"]\n"), "queue `other` is not known");
    refused(&format!("{boss}supervision = \"barge\"\n"), "she supervises nobody");
    refused(&format!("{boss}supervises = [\"*\"]\nsupervision = \"shout\"\n"), "`shout` is not known");
}

#[test]
fn what_nobody_wrote_is_what_most_houses_want() {
    let plan = plan("").expect("it holds");
    assert_eq!(
        (plan.people.supervision.notice, plan.people.supervision.watchers_max),
        (WatchNotice::Icon, 3)
    );
    assert_eq!(plan.people.hold.long, Some(Duration::from_secs(180)));
    assert_eq!(plan.people.conference.parties_max, 8);
    assert_eq!(plan.people.conference.last_agent_leaves, LastAgentLeaves::GoOn);
    assert_eq!(plan.people.park, None);
}

#[test]
fn slots_and_extensions_are_numbers_of_their_own() {
    let park = plan("[park]\nfirst = 701\nslots = 3\n").expect("it holds").people.park;
    let back_after = Duration::from_secs(90);
    assert_eq!(park, Some(Park { first: 701, slots: 3, back_after }));
    assert!(park.into_iter().flat_map(Park::numbers).eq(701..704));
    refused("[park]\nfirst = 1000\n", "slot 1001 is a number of ours");
    refused("[park]\nfirst = 701\nslots = 101\n", "101 is out of range");
    refused("[conference]\nparties_max = 2\n", "2 is out of range");
    refused("[supervision]\nnotice = \"tone\"\n", "`tone` has no prompt");
    let queue =
        |extension: &str| format!("[[queue]]\nid = \"c\"\nname = \"c\"\nextension = \"{extension}\"\n");
    let plan = plan(&queue("7001")).expect("it holds");
    assert_eq!(plan.queue_of("7001"), Some("c".into()));
    refused(&queue("1001"), "`1001` is a number of ours");
    refused(&queue("x"), "`x` is no extension");
}

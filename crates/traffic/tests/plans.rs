//! The same seed gives the same crowd; the crowd is what was asked for.

use careline_traffic::pair::Pair;
use careline_traffic::plan::{Patience, Plan, PlanOptions, Reaction, TALK_MIN, national, read_callers};
use std::collections::BTreeSet;
use std::time::Duration;

fn options() -> PlanOptions {
    PlanOptions {
        seed: 7,
        calls: 400,
        rate: 2.0,
        talk_mean: Duration::from_secs(6),
        abandon_share: 0.15,
        agents: 4,
        miss_share: 0.1,
        known: Vec::new(),
    }
}

#[test]
fn the_same_seed_gives_the_same_crowd_and_another_a_different_one() {
    let mut one = Plan::draw(&options()).expect("a plan");
    let mut same = Plan::draw(&options()).expect("a plan");
    let other = Plan::draw(&PlanOptions { seed: 8, ..options() }).expect("a plan");
    assert_eq!(one.patients, same.patients);
    assert_ne!(one.patients, other.patients);
    for _ in 0..50 {
        assert_eq!(one.agents[2].react(), same.agents[2].react());
    }
}

#[test]
fn another_abandon_share_leaves_the_rest_of_the_plan_alone() {
    let calm = Plan::draw(&PlanOptions { abandon_share: 0.0, ..options() }).expect("a plan");
    let nervous = Plan::draw(&options()).expect("a plan");
    assert!(calm.patients.iter().all(|patient| patient.patience == Patience::Endless));
    let times = |plan: &Plan| plan.patients.iter().map(|p| (p.arrives_at, p.talk)).collect::<Vec<_>>();
    assert_eq!(times(&calm), times(&nervous));
}

#[test]
fn shares_rates_and_lengths_are_near_what_was_asked() {
    let plan = Plan::draw(&options()).expect("a plan");
    let leaving = plan.patients.iter().filter(|patient| patient.patience != Patience::Endless).count();
    assert!((40..=80).contains(&leaving), "{leaving} of 400 leave, 60 expected");
    let last = plan.patients.last().expect("400 patients").arrives_at;
    assert!((160..=240).contains(&last.as_secs()), "400 arrivals at 2/s took {last:?}");
    assert!(plan.patients.iter().all(|patient| patient.talk >= TALK_MIN));
    let mut agent = plan.agents[0].clone();
    let missed = (0..1000).filter(|_| !matches!(agent.react(), Reaction::Answer(_))).count();
    assert!((70..=130).contains(&missed), "{missed} of 1000 missed, 100 expected");
}

#[test]
fn nobody_shares_a_number_or_a_tone_pair() {
    let plan = Plan::draw(&options()).expect("a plan");
    let numbers: BTreeSet<_> = plan.patients.iter().map(|patient| &patient.number).collect();
    let pairs = plan.patients.iter().map(|p| p.pair).chain(plan.agents.iter().map(|a| a.pair));
    let pairs: BTreeSet<Pair> = pairs.collect();
    assert_eq!(numbers.len(), 400);
    assert_eq!(pairs.len(), 404);
    assert!(plan.patients.iter().all(|patient| patient.number.len() == 11));
}

#[test]
fn more_people_than_pairs_are_refused() {
    assert!(Pair::all().len() > 1000, "enough for a day: {}", Pair::all().len());
    assert!(Plan::draw(&PlanOptions { calls: 100_000, ..options() }).is_err());
}

#[test]
fn most_patients_ring_from_known_numbers_and_the_rest_of_the_plan_stays() {
    let known: Vec<String> = (0..1000).map(|line| format!("0543{:07}", 3_000_000 + line)).collect();
    let strange = Plan::draw(&options()).expect("a plan");
    let plan = Plan::draw(&PlanOptions { known: known.clone(), ..options() }).expect("a plan");
    let same = Plan::draw(&PlanOptions { known: known.clone(), ..options() }).expect("a plan");
    assert_eq!(plan.patients, same.patients);
    let from_known = plan.patients.iter().filter(|patient| known.contains(&patient.number)).count();
    assert!((290..=350).contains(&from_known), "{from_known} of 400 are known, 320 expected");
    let numbers: BTreeSet<_> = plan.patients.iter().map(|patient| &patient.number).collect();
    assert_eq!(numbers.len(), 400, "a number twice");
    let times =
        |plan: &Plan| plan.patients.iter().map(|p| (p.arrives_at, p.talk, p.pair)).collect::<Vec<_>>();
    assert_eq!(times(&plan), times(&strange));
}

#[test]
fn few_known_numbers_are_used_up_and_strangers_follow() {
    let known = vec!["13800138000".to_owned(), "13800138000".to_owned(), "13900139000".to_owned()];
    let plan = Plan::draw(&PlanOptions { known, ..options() }).expect("a plan");
    let numbers: BTreeSet<_> = plan.patients.iter().map(|patient| &patient.number).collect();
    assert_eq!((plan.patients.len(), numbers.len()), (400, 400));
}

#[test]
fn a_landline_is_the_same_with_and_without_its_prefix() {
    assert_eq!(national("+865433256789"), national("05433256789"));
    assert_eq!(national("+8613800138000"), "13800138000");
    assert_ne!(national("13800138000"), national("10013800138000"));
}

#[test]
fn a_file_of_callers_is_read_or_refused_by_line() {
    let dir = tempfile::tempdir().expect("a folder");
    let file = dir.path().join("callers.txt");
    std::fs::write(&file, "13800138000\n\n 05433256789 \n").expect("writable");
    assert_eq!(read_callers(&file).expect("good"), ["13800138000", "05433256789"]);
    std::fs::write(&file, "13800138000\nsip:x@y\n").expect("writable");
    assert!(format!("{:#}", read_callers(&file).expect_err("bad")).contains(":2:"));
    std::fs::write(&file, "").expect("writable");
    assert!(read_callers(&file).is_err());
}

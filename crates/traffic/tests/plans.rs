//! The same seed gives the same crowd; the crowd is what was asked for.

use careline_traffic::pair::Pair;
use careline_traffic::plan::{Patience, Plan, PlanOptions, Reaction, TALK_MIN};
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

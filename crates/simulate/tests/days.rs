//! Generated days: whatever comes, the call centre keeps what it promises, and the same days go the same way.

use careline_simulate::{Hospital, Outcome, Simulation, Traffic};
use std::sync::Arc;
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);

/// Many more hours in the long tier.
fn hours(short: u32) -> Duration {
    HOUR * if std::env::var_os("CARELINE_LONG").is_some() { short * 20 } else { short }
}

fn live(agents: usize, traffic: Traffic, seed: u64) -> Outcome {
    let simulation = Simulation { digested: true, ..Simulation::new(Hospital::of(agents)) };
    let script = Arc::new(traffic.script(&simulation.hospital, seed));
    let outcome = simulation.run(&script, false).expect("a hospital");
    assert_eq!(outcome.violation, None, "seed {seed}");
    assert!(outcome.tally.calls > 0 && outcome.checks > outcome.steps);
    assert_eq!(outcome.tally.calls, outcome.tally.ended);
    let offered: u64 = outcome.tally.queues.values().map(|queue| queue.offered).sum();
    let outcomes: u64 = outcome.tally.queues.values().flat_map(|queue| queue.outcomes.values()).sum();
    assert_eq!(offered, outcomes, "offered callers are those with an outcome");
    outcome
}

fn usual(length: Duration) -> Traffic {
    Traffic { length, load: 1.0, trouble: 1.0, dialling: true, drains: false }
}

#[test]
fn usual_days_of_twenty_agents_break_no_promise() {
    for seed in 1..=3 {
        let outcome = live(20, usual(hours(20)), seed);
        for kind in ["news_lost", "news_late", "news_doubled", "leg_failed", "phone_lost", "storm", "hang_up"]
        {
            assert!(outcome.troubles.contains_key(kind), "no {kind} in {:?}", outcome.troubles);
        }
    }
}

#[test]
fn the_same_seed_tells_the_same_story_and_another_one_another() {
    let once = live(12, usual(hours(12)), 7);
    assert_eq!(once.digest, live(12, usual(hours(12)), 7).digest);
    assert_ne!(once.digest, live(12, usual(hours(12)), 8).digest);
}

#[test]
fn three_agents_in_great_trouble_lose_nobody() {
    let traffic = Traffic { load: 2.0, trouble: 12.0, ..usual(hours(12)) };
    for seed in 1..=3 {
        live(3, traffic, seed);
    }
}

#[test]
fn a_centre_without_agents_sends_everybody_on() {
    let outcome = live(0, usual(hours(24)), 3);
    assert_eq!(outcome.tally.offers, 0);
}

#[test]
fn whoever_calls_while_the_switch_drains_is_refused_and_the_rest_goes_on() {
    let traffic = Traffic { drains: true, ..usual(hours(12)) };
    let outcome = live(20, traffic, 5);
    assert_eq!(outcome.troubles.get("drain"), Some(&1));
}

//! The whole switch among phones that speak SIP, on a network that loses datagrams: nothing is promised less.

use careline_simulate::{Depth, Hospital, Outcome, Simulation, Traffic, Weather};
use std::sync::Arc;
use std::time::Duration;

fn live(agents: usize, hours: u32, trouble: f64, weather: Weather, seed: u64) -> Outcome {
    let length = Duration::from_secs(3600) * hours;
    let traffic = Traffic { length, load: 1.0, trouble, dialling: false, drains: false };
    let simulation = Simulation {
        depth: Depth::Switchboard,
        weather,
        digested: true,
        ..Simulation::new(Hospital::of(agents))
    };
    let script = Arc::new(traffic.script(&simulation.hospital, seed));
    let outcome = simulation.run(&script, true).expect("a hospital");
    if let Some(violation) = &outcome.violation {
        let last: Vec<String> = outcome.story.iter().rev().take(40).rev().map(ToString::to_string).collect();
        panic!("seed {seed}: {violation:?} after\n{}", last.join("\n"));
    }
    outcome
}

#[test]
fn ten_agents_on_a_good_network_serve_a_morning() {
    let fine = Weather { lost: 0.0, doubled: 0.0, late: 0.0 };
    let outcome = live(10, 10, 0.0, fine, 1);
    let all = outcome.tally.all_queues();
    assert!(all.answered * 2 > all.offered, "most are answered: {all:?}");
    assert_eq!(outcome.troubles.get("datagram_lost"), Some(&0));
}

#[test]
fn a_bad_network_and_troubled_people_break_no_promise() {
    let weather = Weather { lost: 0.03, doubled: 0.02, late: 0.03 };
    let outcome = live(8, 10, 2.0, weather, 2);
    assert!(outcome.tally.all_queues().answered > 50, "{:?}", outcome.tally.all_queues());
    assert!(outcome.troubles["datagram_lost"] > 40, "{:?}", outcome.troubles);
}

#[test]
fn the_same_seed_tells_the_same_story_byte_for_byte() {
    let once = live(6, 9, 1.0, Weather::USUAL, 3);
    assert_eq!(once.digest, live(6, 9, 1.0, Weather::USUAL, 3).digest);
}

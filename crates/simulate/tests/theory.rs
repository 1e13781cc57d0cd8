//! The simplest call centre is as Erlang says, and a forecast is what days turn out to be.

use careline_simulate::figures::Estimate;
use careline_simulate::whatif::WhatIf;
use careline_simulate::{Simulation, erlang};
use std::sync::Arc;

/// Callers for some days by a Poisson process, exponential talk, endless patience, no wrap-up.
fn simplest(agents: u32, callers_an_hour: u32, hours: usize) -> WhatIf {
    let arrivals = vec![callers_an_hour.to_string(); hours].join(", ");
    let staff = vec![agents.to_string(); hours].join(", ");
    let text = format!(
        "interval_min = 60\nanswer_s = 0\n[[queue]]\nid = \"one\"\narrivals = [{arrivals}]\ntalk_s = 180\n\
         talk_variation = 1\nwrap_up_s = 0\n[[staff]]\nqueues = [\"one\"]\nagents = [{staff}]\n"
    );
    WhatIf::read("simplest.toml", &text).expect("a day")
}

#[test]
fn waits_and_occupancy_are_those_of_erlang_c() {
    const BATCHES: usize = 20;
    // 60 and 87 % of the agents' time.
    for (agents, callers, hours) in [(5_u32, 60_u32, 480_usize), (10, 174, 480)] {
        let load = f64::from(callers) * 180.0 / 3600.0;
        let whatif = simplest(agents, callers, hours);
        let simulation = Simulation { keeps_waits: true, ..whatif.simulation() };
        let outcome = simulation.run(&Arc::new(whatif.script(3)), false).expect("a hospital");
        assert_eq!(outcome.violation, None);
        let waits = outcome.tally.waits_ms.as_ref().expect("they were kept");
        let seconds: Vec<f64> = waits.iter().map(|ms| *ms as f64 / 1000.0).collect();
        let waited: Vec<f64> = waits.iter().map(|ms| if *ms > 0 { 1.0 } else { 0.0 }).collect();
        let in_time: Vec<f64> = waits.iter().map(|ms| if *ms <= 20_000 { 1.0 } else { 0.0 }).collect();
        let theory = [
            ("share who wait", &waited, erlang::waiting(load, agents)),
            ("mean wait", &seconds, erlang::speed_of_answer(load, agents, 180.0)),
            ("service level", &in_time, erlang::service_level(load, agents, 180.0, 20.0)),
        ];
        for (what, row, truth) in theory {
            let (estimate, truth) =
                (Estimate::of_batches(row, BATCHES).expect("enough"), truth.expect("enough agents"));
            assert!(estimate.agrees_with(truth), "{what} of {agents}: {estimate:?}, theory {truth}");
            assert!(estimate.within < 0.15 * truth.max(0.2), "{what}: {estimate:?} says too little");
        }
        let occupied = outcome.tally.occupancy().expect("agents");
        let truth = erlang::occupancy(load, agents).expect("enough agents");
        assert!((occupied - truth).abs() < 0.02, "{occupied} of {truth}");
    }
}

#[test]
fn occupancy_agrees_over_independent_days() {
    let forecast = simplest(8, 120, 24).forecast(10, 100).expect("days");
    let occupancy = forecast.occupancy.expect("agents");
    assert!(occupancy.agrees_with(120.0 * 180.0 / 3600.0 / 8.0), "{occupancy:?}");
}

/// Two queues, agents of three sorts, a rush before noon, impatient callers.
const DAY: &str = "
[[queue]]
id = \"general\"
arrivals = [6, 9, 14, 20, 24, 22, 15, 8]
talk_s = 150
wrap_up_s = 30
patience_s = 120
target_s = 20

[[queue]]
id = \"booking\"
arrivals = [4, 6, 10, 12, 12, 10, 8, 5]
talk_s = 90
wrap_up_s = 10
patience_s = 90
target_s = 15

[[staff]]
queues = [\"general\"]
agents = [1, 2, 2, 2, 2, 2, 2, 1]

[[staff]]
queues = [\"booking\"]
agents = [0, 1, 1, 1, 1, 1, 1, 1]

[[staff]]
queues = [\"general\", \"booking\"]
agents = [1, 0, 0, 1, 1, 0, 0, 0]
";

#[test]
fn a_forecast_agrees_with_days_that_it_has_not_seen() {
    let whatif = WhatIf::read("day.toml", DAY).expect("a day");
    let forecast = whatif.forecast(20, 1).expect("days");
    let service_level = forecast.all.service_level.expect("callers");
    let answered_in = forecast.all.speed_of_answer_s.expect("callers");
    let abandoned = forecast.all.abandoned.expect("callers");
    let occupancy = forecast.occupancy.expect("agents");
    assert!((0.2..0.95).contains(&service_level.mean), "a day with something to tell: {service_level:?}");
    const UNSEEN: u64 = 40;
    let (mut agree, mut of) = (0, 0);
    for seed in 1000..1000 + UNSEEN {
        let day = whatif.day(seed).expect("a day");
        let all = day.all_queues();
        let measured = [
            (service_level, all.service_level()),
            (answered_in, all.speed_of_answer_s()),
            (abandoned, all.abandon_rate()),
            (occupancy, day.occupancy()),
        ];
        for (forecast, measured) in measured {
            of += 1;
            agree += u64::from(forecast.may_be(measured.expect("callers")));
        }
    }
    // 19 of 20, give or take.
    assert!(agree * 100 >= of * 90, "{agree} of {of}");
}

#[test]
fn the_sample_is_a_day_that_can_be_lived_through() {
    let sample = include_str!("../../../config/what-if.toml");
    let day = WhatIf::read("config/what-if.toml", sample).expect("a day").day(1).expect("a day");
    assert!(day.all_queues().offered > 500 && day.occupancy().is_some());
}

#[test]
fn more_agents_serve_better_and_are_less_busy() {
    let whatif = |text: &str| WhatIf::read("day.toml", text).expect("a day").forecast(6, 1).expect("days");
    let (few, many) =
        (whatif(DAY), whatif(&DAY.replace("[1, 2, 2, 2, 2, 2, 2, 1]", "[2, 3, 3, 4, 4, 4, 3, 2]")));
    let level =
        |forecast: &careline_simulate::whatif::Forecast| forecast.all.service_level.expect("callers").mean;
    let busy = |forecast: &careline_simulate::whatif::Forecast| forecast.occupancy.expect("agents").mean;
    assert!(level(&many) > level(&few) + 0.05 && busy(&many) < busy(&few));
}

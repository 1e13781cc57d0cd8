//! What theory says of the simplest call centre (M/M/n): callers by a Poisson process, exponential talk, endless patience,
//! one queue, n agents who do nothing else (A. K. Erlang 1917; Cooper, Introduction to Queueing Theory, 3.4).
//!
//! Load is in erlang: callers an hour times hours of handling each. Without as many agents as there is load the queue
//! grows for ever: then there is no answer.

/// Share of callers who would find all lines busy if nobody could wait (Erlang B).
#[must_use]
pub fn blocking(load: f64, lines: u32) -> f64 {
    let mut blocked = 1.0;
    for line in 1..=lines {
        blocked = load * blocked / (f64::from(line) + load * blocked);
    }
    blocked
}

/// Share of callers who must wait (Erlang C).
#[must_use]
pub fn waiting(load: f64, agents: u32) -> Option<f64> {
    let agents_f = f64::from(agents);
    if !load.is_finite() || load < 0.0 || load >= agents_f {
        return None;
    }
    let blocked = blocking(load, agents);
    Some(agents_f * blocked / (agents_f - load * (1.0 - blocked)))
}

/// Mean wait of all callers, in units of `handling`, which is the mean time that a caller keeps an agent.
#[must_use]
pub fn speed_of_answer(load: f64, agents: u32, handling: f64) -> Option<f64> {
    Some(waiting(load, agents)? * handling / (f64::from(agents) - load))
}

/// Share of callers who are answered within `target`, which is in the unit of `handling`.
#[must_use]
pub fn service_level(load: f64, agents: u32, handling: f64, target: f64) -> Option<f64> {
    let slack = f64::from(agents) - load;
    Some(1.0 - waiting(load, agents)? * (-slack * target / handling).exp())
}

/// Share of the agents' time that callers take.
#[must_use]
pub fn occupancy(load: f64, agents: u32) -> Option<f64> {
    waiting(load, agents).map(|_| load / f64::from(agents))
}

/// The fewest agents with whom so many are answered in time; none below `agents_max` when absent.
#[must_use]
pub fn agents_for(level: f64, load: f64, handling: f64, target: f64, agents_max: u32) -> Option<u32> {
    (1..=agents_max)
        .find(|agents| service_level(load, *agents, handling, target).is_some_and(|reached| reached >= level))
}

#[cfg(test)]
mod tests {
    use super::{agents_for, blocking, occupancy, service_level, speed_of_answer, waiting};

    fn near(one: f64, other: f64, by: f64) -> bool {
        (one - other).abs() <= by
    }

    #[test]
    fn busy_lines_are_those_of_the_printed_tables() {
        for (load, lines, blocked) in
            [(10.0, 10, 0.2146), (5.0, 10, 0.01838), (20.0, 30, 0.0085), (1.0, 1, 0.5)]
        {
            let is = blocking(load, lines);
            assert!(near(is, blocked, 0.0001), "{load} erlang, {lines} lines: {is}");
        }
    }

    #[test]
    fn the_textbook_centre_is_as_the_textbook_says() {
        // 100 callers in half an hour, three minutes each: 10 erlang; 14 agents.
        assert!(near(waiting(10.0, 14).expect("enough agents"), 0.1741, 0.0001));
        assert!(near(speed_of_answer(10.0, 14, 180.0).expect("enough agents"), 7.8, 0.05));
        assert!(near(service_level(10.0, 14, 180.0, 20.0).expect("enough agents"), 0.888, 0.0005));
        assert!(near(occupancy(10.0, 14).expect("enough agents"), 0.714, 0.001));
        assert_eq!(agents_for(0.8, 10.0, 180.0, 20.0, 100), Some(14));
    }

    #[test]
    fn one_agent_is_the_queue_of_one_server() {
        // M/M/1: who finds the agent busy waits, and the mean wait is load / (1 - load) handlings.
        assert!(near(waiting(0.6, 1).expect("enough agents"), 0.6, 1e-12));
        assert!(near(speed_of_answer(0.6, 1, 1.0).expect("enough agents"), 1.5, 1e-12));
    }

    #[test]
    fn too_few_agents_have_no_answer() {
        assert_eq!(waiting(10.0, 10), None);
        assert_eq!(waiting(f64::NAN, 10), None);
        assert_eq!(agents_for(0.8, 10.0, 180.0, 20.0, 9), None);
    }
}

//! The board at moments of the morning.

use crate::journal::{Journal, morning, shanghai, us, within};
use careline_model::AgentId;
use careline_model::stats::definitions::Terms;
use careline_model::stats::{Activity, Board, Levels, Members, Staff, Statistics, Threshold};

fn members() -> Members {
    let agents: [AgentId; 2] = ["1001".into(), "1002".into()];
    [("outpatient".into(), agents.into()), ("ward".into(), ["1002".into()].into())].into()
}

/// The board of the morning when the clock shows that.
fn at(clock: &str, terms: &Terms) -> Board {
    let Journal { mut events, .. } = morning();
    events.sort_by_key(|event| event.at_us);
    let mut stats = Statistics::new(shanghai());
    for event in events.iter().filter(|event| event.at_us <= us(clock)) {
        stats.take(event);
    }
    stats.advance(us(clock));
    stats.board(us(clock), &members(), terms)
}

#[test]
fn who_waits_and_how_long() {
    let board = at("08:15:05", &Terms::default());
    let row = &board.queues[0];
    assert_eq!((row.queue.as_str(), row.waiting, row.longest_wait_ms), ("outpatient", 1, 15_000));
    assert_eq!((row.offered, row.answered, row.abandoned), (5, 2, 1));
    let later = at("08:16:00", &Terms::default());
    assert_eq!((later.queues[0].waiting, later.queues[0].longest_wait_ms), (0, 0));
}

#[test]
fn what_the_agents_of_each_queue_do() {
    let board = at("08:15:30", &Terms::default());
    let staff = Staff { talking: 1, wrap_up: 1, logged_in: 2, ..Staff::default() };
    assert_eq!(board.queues[0].staff, staff);
    let ward = Staff { talking: 1, logged_in: 1, ..Staff::default() };
    assert_eq!((board.queues[1].queue.as_str(), board.queues[1].staff), ("ward", ward));
    let staff = at("08:25:00", &Terms::default()).queues[0].staff;
    assert_eq!((staff.ready, staff.not_ready, staff.logged_in), (1, 1, 2));
    let staff = at("08:55:00", &Terms::default()).queues[0].staff;
    assert_eq!((staff.ready, staff.logged_in), (1, 1));
}

#[test]
fn service_levels_of_today_and_of_the_last_half_hour() {
    let board = at("08:41:00", &Terms::default());
    let today = Levels { cn: Some(2.0 / 7.0), sl5: Some(2.0 / 6.0) };
    assert_eq!(board.queues[0].today, today);
    // Since 08:12: one after 30 s, one abandoned, one short, one flowed out, one after 5 s.
    let recent = Levels { cn: Some(1.0 / 5.0), sl5: Some(1.0 / 4.0) };
    assert_eq!(board.queues[0].recent, recent);
    let at_30 = at("08:41:00", &within(Threshold::S30)).queues[0].recent;
    assert_eq!(at_30, Levels { cn: Some(2.0 / 5.0), sl5: Some(2.0 / 4.0) });
    assert_eq!(at("09:30:00", &Terms::default()).queues[0].recent, Levels::default(), "nobody came");
}

#[test]
fn each_agent_with_what_she_did_today() {
    let board = at("08:55:00", &Terms::default());
    let one = &board.agents[0];
    assert_eq!((one.agent.as_str(), &one.activity), ("1001", &Activity::Ready));
    assert_eq!(one.since_us, us("08:42:25"));
    assert_eq!((one.handled, one.rona), (3, 0));
    assert_eq!((one.aht_s, one.acw_s), (Some(670.0 / 3.0), Some(70.0 / 3.0)));
    let two = &board.agents[1];
    assert_eq!((&two.activity, two.handled, two.rona), (&Activity::LoggedOut, 1, 1));
}

#[test]
fn a_new_day_begins_with_an_empty_board() {
    let mut stats = morning().told("09:00:00");
    let tomorrow_us = us("09:00:00") + 86_400_000_000;
    stats.advance(tomorrow_us);
    let board = stats.board(tomorrow_us, &members(), &Terms::default());
    assert_eq!((board.queues[0].offered, board.queues[0].today), (0, Levels::default()));
    assert_eq!(board.agents, [], "nobody signed in today");
}

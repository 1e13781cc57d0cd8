//! One morning counted by hand.

use crate::journal::{TODAY, assert_figure, figure, morning, shanghai, today, us, within};
use careline_model::event::{EndCause, OfferOutcome, QueueOutcome, TransferOutcome};
use careline_model::stats::definitions::{Terms, metric};
use careline_model::stats::{Cell, Sl3, Statistics, Threshold, WayOut};

fn queue_today(stats: &Statistics) -> Cell {
    today(&stats.queue(&"outpatient".into()).unwrap().by_entry).clone()
}

#[test]
fn every_entry_has_one_outcome_and_the_rows_add_up() {
    let stats = morning().told("09:00:00");
    assert_eq!(stats.oddities().total(), 0);
    let cell = queue_today(&stats);
    for (id, count) in [
        ("offered", 7.0),
        ("answered", 4.0),
        ("abandoned", 1.0),
        ("short_abandoned", 1.0),
        ("flow_out", 1.0),
        ("system_fault", 0.0),
        ("waiting", 0.0),
        ("handled", 4.0),
    ] {
        assert_figure(&cell, id, count);
    }
    assert_eq!(cell.entries.outcomes.of(QueueOutcome::FlowOutTimeout), 1);
    assert!(cell.balances());
}

#[test]
fn each_service_level_is_the_one_of_its_letter() {
    let stats = morning().told("09:00:00");
    let cell = queue_today(&stats);
    // Answered after 5, 8, 22 and 30 s; of 7 entries 1 was abandoned after 40 s, 1 within the short time, 1 flowed out.
    for (id, at_20, at_30) in [
        ("sl_cn", 2.0 / 7.0, 4.0 / 7.0),
        ("sl1", 2.0 / 4.0, 4.0 / 4.0),
        ("sl2", 2.0 / 5.0, 4.0 / 5.0),
        ("sl3", 2.0 / 5.0, 4.0 / 5.0),
        ("sl4", 3.0 / 7.0, 5.0 / 7.0),
        ("sl5", 2.0 / 6.0, 4.0 / 6.0),
    ] {
        assert_figure(&cell, id, at_20);
        let told = metric(id).unwrap().value(&cell, &within(Threshold::S30)).unwrap();
        assert!((told - at_30).abs() < 1e-9, "{id} at 30 s is {told}");
        assert_eq!(metric(id).unwrap().value(&cell, &within(Threshold::S15)), figure(&cell, id));
    }
    let all =
        Terms { sl3: Sl3 { abandoned: true, short_abandoned: true, flow_out: true }, ..Terms::default() };
    assert_eq!(metric("sl3").unwrap().value(&cell, &all), Some(2.0 / 7.0));
    assert!(metric("sl3").unwrap().includes_under(&all).unwrap().flow_out);
}

#[test]
fn times_and_rates_are_those_counted_by_hand() {
    let stats = morning().told("09:00:00");
    let cell = queue_today(&stats);
    for (id, value) in [
        ("answer_rate", 4.0 / 7.0),
        ("abandon_rate", 1.0 / 6.0),
        ("asa", (8.0 + 22.0 + 30.0 + 5.0) / 4.0),
        ("wait_p90", 30.0),
        ("wait_max", 120.0),
        ("aat", 40.0),
        ("ring_time", (8.0 + 7.0 + 5.0 + 5.0) / 4.0),
        ("att", (180.0 + 300.0 + 60.0 + 120.0) / 4.0),
        ("acw", (30.0 + 20.0 + 10.0 + 20.0) / 4.0),
        ("aht", (660.0 + 80.0) / 4.0),
        ("transfer_rate", 1.0 / 4.0),
        ("offers", 5.0),
        ("rona", 1.0),
        ("rona_rate", 1.0 / 5.0),
        ("agent_answer_rate", 4.0 / 5.0),
    ] {
        assert_figure(&cell, id, value);
    }
    let median = figure(&cell, "wait_p50").unwrap();
    assert!((median - 8.0).abs() <= 8.0 / 32.0, "{median}");
    assert_eq!(cell.transfers.outcomes.of(TransferOutcome::Connected), 1);
    assert_eq!((cell.transfers.connected_outside, cell.transfers.attended), (1, 0));
}

#[test]
fn an_entry_is_counted_in_the_quarter_of_its_entry_or_of_each_event() {
    let stats = morning().told("09:00:00");
    let views = stats.queue(&"outpatient".into()).unwrap();
    let row = |cell: &Cell| {
        let entries = &cell.entries;
        let of = |way| entries.of(way);
        (entries.offered, of(WayOut::Answered), of(WayOut::Abandoned), of(WayOut::FlowOut), entries.waiting)
    };
    let entry = views.by_entry.day(TODAY).unwrap();
    let rows: Vec<_> = entry.intervals().map(|(start, cell)| (start, row(cell))).collect();
    assert_eq!(
        rows,
        [
            (us("08:00:00"), (5, 3, 1, 0, 0)),
            (us("08:15:00"), (1, 0, 0, 1, 0)),
            (us("08:30:00"), (1, 1, 0, 0, 0)),
        ]
    );
    let event = views.by_event.day(TODAY).unwrap();
    let rows: Vec<_> = event.intervals().map(|(start, cell)| (start, row(cell))).collect();
    // The fifth caller came before the quarter and was answered after it.
    assert_eq!(
        rows,
        [
            (us("08:00:00"), (5, 2, 1, 0, 1)),
            (us("08:15:00"), (1, 1, 0, 1, -1)),
            (us("08:30:00"), (1, 1, 0, 0, 0)),
        ]
    );
    assert_eq!(entry.total().entries, event.total().entries, "the day is the same");

    let halves = entry.half_hours(&shanghai());
    let rows: Vec<_> = halves.iter().map(|(start, cell)| (*start, row(cell))).collect();
    assert_eq!(rows, [(us("08:00:00"), (6, 3, 1, 1, 0)), (us("08:30:00"), (1, 1, 0, 0, 0))]);
}

#[test]
fn an_agents_time_adds_up_to_her_login_time() {
    let stats = morning().told("09:00:00");
    let one = today(stats.agent(&"1001".into()).unwrap());
    for (id, value) in [
        ("login_time", 3600.0),
        ("ready_time", 3600.0 - 670.0 - 20.0),
        ("not_ready_time", 0.0),
        ("occupancy", 670.0 / (3600.0 - 20.0)),
        ("utilisation", 670.0 / 3600.0),
        ("handled", 3.0),
        ("agent_att", 200.0),
        ("aht", 670.0 / 3.0),
        ("rona_rate", 0.0),
        ("agent_answer_rate", 1.0),
        ("agent_transfer_rate", 1.0 / 3.0),
    ] {
        assert_figure(one, id, value);
    }
    assert_eq!(one.time.ringing_us, 20_000_000);
    let quarters = stats.agent(&"1001".into()).unwrap().day(TODAY).unwrap();
    let quarters: Vec<u64> = quarters.intervals().map(|(_, cell)| cell.time.login_us()).collect();
    assert_eq!(quarters, [900_000_000; 4], "every quarter of the hour is full");
}

#[test]
fn productive_codes_count_as_work_and_breaks_do_not() {
    let stats = morning().told("09:00:00");
    let two = today(stats.agent(&"1002".into()).unwrap());
    assert_figure(two, "login_time", 2700.0);
    assert_figure(two, "not_ready_time", 900.0);
    assert_figure(two, "ready_time", 2700.0 - 900.0 - 70.0 - 20.0);
    assert_figure(two, "occupancy", 70.0 / (70.0 + 1710.0));
    assert_figure(two, "utilisation", 70.0 / 2700.0);
    let terms = Terms { productive: ["followup".to_owned()].into(), ..Terms::default() };
    assert_eq!(metric("utilisation").unwrap().value(two, &terms), Some(370.0 / 2700.0));
    assert_figure(two, "rona_rate", 0.5);
    assert_eq!(two.offers.outcomes.of(OfferOutcome::NoAnswer), 1);
}

#[test]
fn a_lines_calls_are_told_apart_by_how_they_ended() {
    let stats = morning().told("09:00:00");
    let line = today(&stats.line(&"public".into()).unwrap().by_entry);
    for (cause, count) in [
        (EndCause::Completed, 4),
        (EndCause::QueueAbandoned, 2),
        (EndCause::FlowFinished, 1),
        (EndCause::IvrAbandoned, 1),
        (EndCause::Refused, 1),
    ] {
        assert_eq!(line.calls.ended.of(cause), count, "{cause:?}");
    }
    assert_figure(line, "calls", 9.0);
    assert_figure(line, "calls_queued", 7.0);
    assert_figure(line, "ivr_abandoned", 1.0);
    assert_figure(line, "refusal_rate", 1.0 / 9.0);
    assert_eq!(line.calls.talk.sum_ms, (180 + 300 + 60 + 585) * 1000);
}

#[test]
fn those_who_still_wait_are_in_the_sum() {
    let mut journal = morning();
    journal.at("08:58:00", crate::journal::offered(10, "public"));
    journal.enters("08:58:10", 10);
    let stats = journal.told("09:00:00");
    let cell = queue_today(&stats);
    assert_eq!((cell.entries.offered, cell.entries.outcomes.total(), cell.entries.waiting), (8, 7, 1));
    assert!(cell.balances());
}

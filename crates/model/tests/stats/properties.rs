//! What holds on every day, whatever happens.

use crate::journal::shanghai;
use crate::random::{Act, Centre, acts, cases, stats_of};
use careline_model::EventBody;
use careline_model::event::{CallDirection, OfferOutcome, QueueOutcome};
use careline_model::stats::definitions::{Terms, metrics};
use careline_model::stats::interval::{Series, Views};
use careline_model::stats::{Cell, Members, Statistics, Threshold};
use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::TestRunner;
use std::collections::BTreeMap;

/// Every series that there is.
pub fn all_series(stats: &Statistics) -> Vec<&Series> {
    let dialled = [CallDirection::Outbound, CallDirection::Internal];
    let views = stats.queues().map(|(_, views)| views).chain(stats.lines().map(|(_, views)| views));
    let views = views.chain(dialled.into_iter().filter_map(|direction| stats.dialled(direction)));
    let series = views.flat_map(|views| [&views.by_entry, &views.by_event]);
    series.chain(stats.agents().map(|(_, series)| series)).collect()
}

/// Days are sums of intervals, half hours of two, and nothing is lost between beginning and end.
pub fn assert_sums_agree(stats: &Statistics) {
    for series in all_series(stats) {
        for (date, day) in series.days() {
            let quarters: Cell = day.intervals().map(|(_, cell)| cell).collect();
            assert_eq!(&quarters, day.total(), "{date}");
            let halves = day.half_hours(stats.zone());
            assert_eq!(&halves.values().collect::<Cell>(), day.total(), "{date}");
            for (start_us, cell) in day.intervals() {
                assert!(cell.balances(), "{date} {start_us}: {cell:?}");
            }
            assert!(day.total().balances(), "{date}");
        }
    }
    for (queue, views) in stats.queues() {
        for (_, day) in views.by_entry.days() {
            assert!(day.intervals().all(|(_, cell)| cell.entries.waiting >= 0), "{queue}");
        }
    }
}

fn whole(series: &Series) -> Cell {
    series.days().map(|(_, day)| day.total()).collect()
}

fn waiting(stats: &Statistics, now_us: i64) -> BTreeMap<String, u32> {
    let board = stats.board(now_us, &Members::new(), &Terms::default());
    let rows = board.queues.iter().filter(|row| row.waiting > 0);
    rows.map(|row| (row.queue.to_string(), row.waiting)).collect()
}

fn expected_waiting(centre: &Centre) -> BTreeMap<String, u32> {
    centre.waiting().into_iter().map(|(queue, count)| (queue.to_string(), count)).collect()
}

#[test]
fn the_random_days_have_everything_in_them() {
    let mut runner = TestRunner::deterministic();
    let mut all = Cell::default();
    let mut crashes = 0;
    for _ in 0..32 {
        let acts = acts(600).new_tree(&mut runner).expect("acts are made without a filter").current();
        let centre = Centre::after(&acts);
        crashes += centre.events.iter().filter(|e| matches!(e.body, EventBody::SwitchStarted { .. })).count();
        all_series(&stats_of(&centre.events)).into_iter().for_each(|series| all.add(&whole(series)));
    }
    assert_eq!(all.entries.outcomes.iter().count(), 12, "{:?}", all.entries.outcomes);
    let offers =
        [OfferOutcome::Answered, OfferOutcome::NoAnswer, OfferOutcome::CallerLeft, OfferOutcome::Cancelled];
    assert!(offers.into_iter().all(|outcome| all.offers.outcomes.of(outcome) > 0), "{:?}", all.offers);
    assert_eq!(all.transfers.outcomes.iter().count(), 4, "{:?}", all.transfers);
    assert!(all.transfers.connected_outside > 0 && all.transfers.attended > 0);
    assert!(all.own_talk.count > 0 && all.wrap_up.count > 0 && all.handled > 0 && crashes > 0);
    let time = &all.time;
    let times = [
        time.ready_us,
        time.phone_away_us,
        time.ringing_us,
        time.talking_us,
        time.dialing_us,
        time.wrap_up_us,
    ];
    assert!(times.into_iter().all(|us| us > 0) && time.not_ready_us.len() == 2, "{time:?}");
    assert!(all.answered_wait.total.count > 0 && all.abandoned_wait.total.count > 0);
}

proptest! {
    #![proptest_config(cases(64))]

    #[test]
    fn an_onlooker_counts_the_same(acts in acts(600)) {
        let centre = Centre::after(&acts);
        let mut stats = stats_of(&centre.events);
        stats.advance(centre.now_us);
        prop_assert_eq!(stats.oddities().total(), 0, "{:?}", stats.oddities());
        assert_sums_agree(&stats);
        let by_queue = |of: fn(&Cell) -> u32| -> BTreeMap<_, _> {
            let queues = stats.queues().map(|(queue, views)| (queue.clone(), of(&whole(&views.by_entry))));
            queues.filter(|(_, count)| *count > 0).collect()
        };
        prop_assert_eq!(by_queue(|cell| cell.entries.offered), centre.offered.clone());
        let answered = by_queue(|cell| cell.entries.outcomes.of(QueueOutcome::Answered));
        prop_assert_eq!(answered, centre.answered.clone());
        prop_assert_eq!(waiting(&stats, centre.now_us), expected_waiting(&centre));
        let talk = |cell: Cell| cell.talk.sum_ms + cell.own_talk.sum_ms;
        let talk_ms: u64 = stats.agents().map(|(_, series)| talk(whole(series))).sum();
        prop_assert_eq!(talk_ms, centre.talk_ms);
        let login: BTreeMap<_, _> =
            stats.agents().map(|(agent, series)| (agent.clone(), whole(series).time.login_us())).collect();
        for (agent, us) in centre.login_us() {
            prop_assert_eq!(login.get(&agent).copied().unwrap_or(0), us, "{}", agent);
        }
    }

    #[test]
    fn the_sums_agree_after_every_single_event(acts in acts(120)) {
        let centre = Centre::after(&acts);
        let mut stats = stats_of(&[]);
        for event in &centre.events {
            stats.take(event);
            assert_sums_agree(&stats);
        }
    }

    #[test]
    fn by_entry_and_by_event_are_the_same_over_all(acts in acts(600)) {
        let stats = stats_of(&Centre::after(&acts).events);
        let same = |views: &Views| whole(&views.by_entry) == whole(&views.by_event);
        prop_assert!(stats.queues().all(|(_, views)| same(views)));
        prop_assert!(stats.lines().all(|(_, views)| same(views)));
    }

    #[test]
    fn a_queues_figures_are_those_of_its_agents(acts in acts(600)) {
        let stats = stats_of(&Centre::after(&acts).events);
        let queues: Vec<Cell> = stats.queues().map(|(_, views)| whole(&views.by_event)).collect();
        let agents: Vec<Cell> = stats.agents().map(|(_, series)| whole(series)).collect();
        let (queues, agents): (Cell, Cell) = (queues.iter().collect(), agents.iter().collect());
        prop_assert_eq!(queues.offers, agents.offers);
        prop_assert_eq!(queues.handled, agents.handled);
        prop_assert_eq!(queues.talk, agents.talk);
        prop_assert_eq!(queues.wrap_up, agents.wrap_up);
        prop_assert_eq!(queues.transfers, agents.transfers);
    }

    #[test]
    fn a_days_figure_is_that_of_the_sum_of_its_intervals(acts in acts(600)) {
        let stats = stats_of(&Centre::after(&acts).events);
        for within in Threshold::ALL {
            let terms = Terms { within, productive: ["followup".to_owned()].into(), ..Terms::default() };
            for day in all_series(&stats).into_iter().flat_map(|series| series.days().map(|(_, day)| day)) {
                let quarters: Cell = day.intervals().map(|(_, cell)| cell).collect();
                let halves: Cell = day.half_hours(&shanghai()).values().collect();
                for metric in metrics() {
                    let figure = metric.value(day.total(), &terms);
                    prop_assert_eq!(figure, metric.value(&quarters, &terms), "{}", metric.id);
                    prop_assert_eq!(figure, metric.value(&halves, &terms), "{}", metric.id);
                    prop_assert!(figure.is_none_or(f64::is_finite), "{}", metric.id);
                }
            }
        }
    }

    #[test]
    fn cells_add_in_any_order(one in acts(200), two in acts(200), three in acts(200)) {
        let cell = |acts: &[Act]| -> Cell {
            all_series(&stats_of(&Centre::after(acts).events)).into_iter().map(whole).collect::<Vec<_>>().iter().collect()
        };
        let [one, two, three] = [cell(&one), cell(&two), cell(&three)];
        let forth: Cell = [&one, &two, &three].into_iter().collect();
        let back: Cell = [&three, &two, &one].into_iter().collect();
        let mut nested = Cell::default();
        nested.add(&[&two, &three].into_iter().collect());
        nested.add(&one);
        prop_assert_eq!(&forth, &back);
        prop_assert_eq!(&forth, &nested);
    }
}

//! The follower against a switch that is played here: nothing lost, nothing twice, nothing acknowledged too early.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "deadlines of a test; its helpers may fail it"
)]

mod common;
mod played_switch;

use careline_desk::config::SwitchAddress;
use careline_desk::feed;
use careline_desk::storage::{Position, StorageHealth, Store, watch_health};
use careline_testkit::Database;
use common::place::{database, open};
use common::{SWITCH, answered_call, count, history, timed};
use played_switch::PlayedSwitch;
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Nothing here takes as long.
const PATIENCE: Duration = Duration::from_secs(20);

struct Desk {
    database: Database,
    store: Store,
    follower: JoinHandle<()>,
}

impl Desk {
    async fn following(switch: &PlayedSwitch) -> Self {
        Self::on(database().await, switch).await
    }

    async fn on(database: Database, switch: &PlayedSwitch) -> Self {
        let store = open(&database).await;
        let address = SwitchAddress { id: SWITCH.into(), address: switch.address() };
        let following = feed::follow(store.clone(), address, "desk".into());
        let follower = tokio::spawn(async move { match following.await {} });
        Self { database, store, follower }
    }

    async fn has(&self, position: Position) {
        until("it is stored", async || self.store.position(SWITCH).await.unwrap() == Some(position)).await;
    }

    /// Leaves the database as a killed process does.
    async fn killed(self) -> Database {
        self.follower.abort();
        let _ = self.follower.await;
        self.store.close().await;
        self.database
    }
}

async fn until(what: &str, mut holds: impl AsyncFnMut() -> bool) {
    let deadline = Instant::now() + PATIENCE;
    let mut looks = tokio::time::interval(Duration::from_millis(5));
    while !holds().await {
        assert!(Instant::now() < deadline, "waited in vain until {what}");
        looks.tick().await;
    }
}

fn calls(from: u64, upto: u64) -> Vec<careline_model::Event> {
    timed((from..=upto).flat_map(|call| answered_call(call, "+8613812345678")).collect())
}

/// The rows that these calls make when nothing goes wrong.
async fn expected(events: &[careline_model::Event]) -> Vec<String> {
    let database = database().await;
    let store = open(&database).await;
    store.apply(SWITCH, &common::numbered(events, 1, 0)).await.unwrap();
    store.close().await;
    history(&database).await
}

fn at(epoch: u64, number: u64) -> Position {
    Position { epoch, number }
}

#[tokio::test]
async fn everything_is_stored_then_acknowledged_and_live_events_follow() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 100);
    switch.tell(&events[..1000]);
    let desk = Desk::following(&switch).await;
    desk.has(at(7, 1000)).await;
    until("it is acknowledged", async || switch.acknowledged() == Some(at(7, 1000))).await;
    assert_eq!(
        switch.subscriptions()[0],
        ("desk".to_owned(), at(0, 0)),
        "an empty desk wants all that is kept"
    );
    switch.tell(&events[1000..]);
    desk.has(at(7, 1100)).await;
    until("it is acknowledged", async || switch.acknowledged() == Some(at(7, 1100))).await;
    assert_eq!(history(&desk.database).await, expected(&events).await);
}

#[tokio::test]
async fn a_killed_desk_goes_on_where_its_database_stands() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 4);
    switch.tell(&events[..20]);
    let desk = Desk::following(&switch).await;
    desk.has(at(7, 20)).await;
    let database = desk.killed().await;
    switch.tell(&events[20..]);
    let desk = Desk::on(database, &switch).await;
    desk.has(at(7, 44)).await;
    assert_eq!(switch.subscriptions().last(), Some(&("desk".to_owned(), at(7, 20))));
    assert_eq!(count(&desk.database, "switch_event").await, 44);
    assert_eq!(history(&desk.database).await, expected(&events).await);
}

#[tokio::test]
async fn a_new_epoch_may_repeat_facts_and_changes_nothing_twice() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 6);
    switch.tell(&events[..40]);
    let desk = Desk::following(&switch).await;
    desk.has(at(7, 40)).await;
    // An older journal was put back: a new epoch with what is known and more. The open stream ends with ABORTED.
    switch.new_journal(8, &events[10..30]);
    switch.tell(&events[30..]);
    desk.has(at(8, 56)).await;
    until("it is acknowledged", async || switch.acknowledged() == Some(at(8, 56))).await;
    assert_eq!(history(&desk.database).await, expected(&events).await);
    assert_eq!(count(&desk.database, "switch_event").await, 66);
    let feeds = desk.store.feeds().await.unwrap();
    assert_eq!((feeds[0].again, feeds[0].omitted), (30, 0));
}

#[tokio::test]
async fn a_deleted_journal_begins_again_from_one() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 6);
    switch.tell(&events[..33]);
    let desk = Desk::following(&switch).await;
    desk.has(at(7, 33)).await;
    switch.new_journal(9, &[]);
    switch.tell(&events[33..]);
    desk.has(at(9, 33)).await;
    assert_eq!(history(&desk.database).await, expected(&events).await);
}

#[tokio::test]
async fn what_no_journal_has_any_more_is_counted_once() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 2);
    switch.tell(&events[..5]);
    switch.omit(4);
    switch.tell(&events[9..]);
    let desk = Desk::following(&switch).await;
    desk.has(at(7, 22)).await;
    assert_eq!(desk.store.feeds().await.unwrap()[0].omitted, 4);
    assert_eq!(count(&desk.database, "switch_event").await, 19);
}

#[tokio::test]
async fn a_refused_acknowledgement_means_subscribe_again() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 2);
    switch.refuse_acknowledgements(1);
    switch.tell(&events[..11]);
    let desk = Desk::following(&switch).await;
    until("it called again", async || switch.subscriptions().len() >= 2).await;
    switch.tell(&events[11..]);
    desk.has(at(7, 22)).await;
    until("it is acknowledged", async || switch.acknowledged() == Some(at(7, 22))).await;
    assert_eq!(count(&desk.database, "switch_event").await, 22);
}

#[tokio::test]
async fn another_switch_at_the_address_is_not_believed() {
    let switch = PlayedSwitch::called(7, "switch-2").await;
    switch.tell(&calls(1, 1));
    let desk = Desk::following(&switch).await;
    until("it called again", async || switch.subscriptions().len() >= 2).await;
    assert_eq!(count(&desk.database, "switch_event").await, 0);
    assert_eq!(switch.acknowledged(), None);
}

#[tokio::test]
async fn while_the_database_is_locked_events_wait_and_everybody_knows_within_a_second() {
    let switch = PlayedSwitch::start(7).await;
    let events = calls(1, 60);
    switch.tell(&events[..11]);
    let desk = Desk::following(&switch).await;
    let watcher = tokio::spawn(watch_health(desk.store.clone()));
    let mut health = desk.store.health();
    until("it is acknowledged", async || switch.acknowledged() == Some(at(7, 11))).await;

    let begin = match desk.database.file() {
        Some(_) => "BEGIN IMMEDIATE",
        None => common::BEGIN_AT_SERVER,
    };
    let other = desk.database.beside().await.unwrap().execute(begin).await.unwrap();
    let locked = Instant::now();
    health.wait_for(|health| *health == StorageHealth::Locked).await.unwrap();
    assert!(locked.elapsed() < Duration::from_secs(1), "known after {:?}", locked.elapsed());
    switch.tell(&events[11..]);
    let refused = Instant::now();
    assert!(desk.store.save_note("call", "text", "account", 0, 1).await.is_err());
    assert!(refused.elapsed() < Duration::from_secs(1), "refused after {:?}", refused.elapsed());
    assert_eq!(desk.store.position(SWITCH).await.unwrap(), Some(at(7, 11)), "reading goes on");
    assert_eq!(switch.acknowledged(), Some(at(7, 11)), "nothing is acknowledged that is not stored");

    other.execute("ROLLBACK").await.unwrap().close().await.unwrap();
    health.wait_for(|health| *health == StorageHealth::Ok).await.unwrap();
    desk.has(at(7, 660)).await;
    until("it is acknowledged", async || switch.acknowledged() == Some(at(7, 660))).await;
    assert_eq!(history(&desk.database).await, expected(&events).await);
    let feeds = desk.store.feeds().await.unwrap();
    assert_eq!((feeds[0].again, count(&desk.database, "switch_event").await), (0, 660));
    watcher.abort();
}

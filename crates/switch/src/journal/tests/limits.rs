//! Full disks and full memory.

use super::*;

const DISK_FULL: &str = "PRAGMA max_page_count = 1";
const DISK_FREE: &str = "PRAGMA max_page_count = 1000000";

#[tokio::test]
async fn events_wait_in_memory_while_the_disk_is_full_and_come_in_order_after() {
    let folder = folder();
    let journal = open(&folder).await;
    let mut desk = journal.subscribe(Some("desk"), None).await.unwrap();
    execute(&journal, DISK_FULL).await;
    for at_us in 1..=5000 {
        journal.append(fact(at_us));
    }
    assert!(!journal.flush().await, "a full disk took 5000 events");
    assert!(journal.committed().number < journal.head().1);
    execute(&journal, DISK_FREE).await;
    // Nobody asks: the writer tries again by itself.
    assert_eq!(read(&mut desk, 5000).await, (1..=5000).collect::<Vec<i64>>());
    journal.close().await;
    assert_eq!(open(&folder).await.head().1, 5000);
}

#[tokio::test]
async fn open_calls_are_right_after_a_refused_commit() {
    let folder = folder();
    let journal = open(&folder).await;
    execute(&journal, DISK_FULL).await;
    journal.append(offered(1, 1));
    journal.append(offered(2, 2));
    for at_us in 0..5000 {
        journal.append(fact(at_us));
    }
    journal.append(ended(1));
    assert!(!journal.flush().await);
    execute(&journal, DISK_FREE).await;
    journal.close().await;
    let (_, calls) = Journal::open(options(&folder)).await.unwrap();
    assert_eq!(calls.iter().map(|open| open.call).collect::<Vec<_>>(), [call(2)]);
}

#[tokio::test]
async fn numbers_of_what_memory_could_not_hold_are_explained() {
    let folder = folder();
    let small = JournalOptions { memory_max: 4000, ..options(&folder) };
    let (journal, _) = Journal::open(small).await.unwrap();
    let mut desk = journal.subscribe(Some("desk"), None).await.unwrap();
    execute(&journal, DISK_FULL).await;
    for at_us in 1..=4000 {
        journal.append(if at_us <= 10 { digit() } else { fact(at_us) });
    }
    // The first new fact pushes all ten digits out, and there is room for ten; the rest is lost.
    for at_us in 4001..=4030 {
        journal.append(fact(at_us));
    }
    execute(&journal, DISK_FREE).await;
    journal.flush().await;
    assert_eq!(journal.append(fact(4031)), 4031);
    let seen = read(&mut desk, 4003).await;
    assert_eq!((seen[0], seen[4001], seen[4002]), (-10, -20, 4031));
    assert_eq!(seen[1..=4000], (11..=4010).collect::<Vec<i64>>());
}

#[tokio::test]
async fn at_the_limit_diagnostic_events_go_and_calls_stay() {
    let folder = folder();
    let small = JournalOptions { limit_bytes: 1, commit_max: 1, ..options(&folder) };
    let (journal, _) = Journal::open(small).await.unwrap();
    for event in [digit(), offered(1, 5), digit(), ended(1)] {
        journal.append(event);
    }
    journal.flush().await;
    let mut all = journal.subscribe(None, None).await.unwrap();
    // Deleted after the first look at the size, or not taken at all.
    let mut facts = 0;
    while facts < 2 {
        match all.next().await.unwrap().fact {
            Fact::Event(event) if !event.body.is_diagnostic() => facts += 1,
            Fact::Event(_) | Fact::Omitted(_) => {}
        }
    }
    let digits = || async {
        let page = journal.reader.page(position(&journal, 0), journal.committed().number).await.unwrap();
        page.iter().filter(|n| matches!(&n.fact, Fact::Event(e) if e.body.is_diagnostic())).count()
    };
    while digits().await > 0 {
        journal.append(fact(0));
        journal.flush().await;
    }
}

/// A figure for the log of the build, not a promise.
#[tokio::test]
async fn events_committed_per_second() {
    let folder = folder();
    let journal = open(&folder).await;
    let count = 50_000;
    let begin = std::time::Instant::now();
    for number in 0..count {
        journal.append(queued(number, 0));
    }
    assert!(journal.flush().await);
    let elapsed = begin.elapsed();
    println!("journal: {count} events in {elapsed:?}, {:.0} events/s", 50_000.0 / elapsed.as_secs_f64());
    let begin = std::time::Instant::now();
    let mut all = journal.subscribe(None, None).await.unwrap();
    read(&mut all, 50_000).await;
    println!("journal: read back in {:?}", begin.elapsed());
}

//! What subscribers see, and what is kept for them.

use super::*;

#[tokio::test]
async fn a_stream_goes_from_the_file_to_live_without_a_seam() {
    let folder = folder();
    let journal = open(&folder).await;
    let writing = journal.clone();
    let writer = tokio::spawn(async move {
        for at_us in 1..=3000 {
            writing.append(fact(at_us));
            if at_us % 100 == 0 {
                writing.flush().await;
            }
        }
    });
    let mut seen = Vec::new();
    // Cuts the line again and again, and goes on where it stood.
    while seen.len() < 3000 {
        let after = position(&journal, u64::try_from(seen.len()).unwrap());
        let mut stream = journal.subscribe(Some("desk"), Some(after)).await.unwrap();
        let count = 700.min(3000 - seen.len());
        seen.extend(read(&mut stream, count).await);
    }
    writer.await.unwrap();
    assert_eq!(seen, (1..=3000).collect::<Vec<i64>>());
}

#[tokio::test]
async fn a_slow_subscriber_reads_the_file_later_and_holds_one_page() {
    let folder = folder();
    let journal = open(&folder).await;
    let mut slow = journal.subscribe(Some("slow"), None).await.unwrap();
    for at_us in 1..=2000 {
        journal.append(fact(at_us));
    }
    journal.flush().await;
    for at_us in 1..=2000 {
        assert_eq!(read(&mut slow, 1).await, [at_us]);
        assert!(slow.held() < PAGE);
    }
}

#[tokio::test]
async fn without_a_position_a_stream_goes_on_after_the_last_acknowledgement() {
    let folder = folder();
    let journal = open(&folder).await;
    journal.subscribe(Some("desk"), None).await.unwrap();
    journal.subscribe(Some("archive"), None).await.unwrap();
    for at_us in 1..=10 {
        journal.append(fact(at_us));
    }
    journal.flush().await;
    journal.acknowledge("desk", position(&journal, 7)).await.unwrap();
    // An older acknowledgement that comes late takes nothing back.
    journal.acknowledge("desk", position(&journal, 3)).await.unwrap();
    journal.close().await;
    let journal = open(&folder).await;
    let mut desk = journal.subscribe(Some("desk"), None).await.unwrap();
    assert_eq!(read(&mut desk, 3).await, [8, 9, 10]);
    let mut archive = journal.subscribe(Some("archive"), None).await.unwrap();
    assert_eq!(read(&mut archive, 1).await, [1]);
}

#[tokio::test]
async fn what_all_acknowledged_goes_and_its_numbers_are_explained() {
    let folder = folder();
    let journal = open(&folder).await;
    for name in ["desk", "archive"] {
        journal.subscribe(Some(name), None).await.unwrap();
    }
    for at_us in 1..=10 {
        journal.append(fact(at_us));
    }
    journal.flush().await;
    journal.acknowledge("desk", position(&journal, 9)).await.unwrap();
    journal.acknowledge("archive", position(&journal, 4)).await.unwrap();
    let oldest = || async { journal.reader.before_oldest().await.unwrap() };
    while oldest().await < 4 {
        tokio::task::yield_now().await;
    }
    let mut onlooker = journal.subscribe(None, Some(position(&journal, 1))).await.unwrap();
    assert_eq!(read(&mut onlooker, 3).await, [-3, 5, 6]);
    journal.forget("archive").await.unwrap();
    while oldest().await < 9 {
        tokio::task::yield_now().await;
    }
    let mut onlooker = journal.subscribe(None, None).await.unwrap();
    assert_eq!(read(&mut onlooker, 1).await, [10]);
}

#[tokio::test]
async fn what_all_acknowledged_is_kept_for_a_desk_that_is_restored_from_a_backup() {
    let folder = folder();
    let journal = open(&folder).await;
    journal.subscribe(Some("desk"), None).await.unwrap();
    // The epoch is when the file began.
    let now_us = i64::try_from(journal.head().0).unwrap();
    let old_us =
        now_us - i64::try_from((options(&folder).keep + Duration::from_secs(60)).as_micros()).unwrap();
    for at_us in [old_us, old_us + 1, now_us, now_us + 1] {
        journal.append(fact(at_us));
    }
    journal.flush().await;
    journal.acknowledge("desk", position(&journal, 4)).await.unwrap();
    while journal.reader.before_oldest().await.unwrap() < 2 {
        tokio::task::yield_now().await;
    }
    let mut restored = journal.subscribe(Some("desk"), Some(position(&journal, 1))).await.unwrap();
    assert_eq!(read(&mut restored, 3).await, [-1, now_us, now_us + 1]);
}

#[tokio::test]
async fn a_subscriber_that_has_more_than_the_journal_makes_a_new_epoch() {
    let folder = folder();
    let journal = open(&folder).await;
    let mut other = journal.subscribe(Some("archive"), None).await.unwrap();
    journal.append(fact(1));
    journal.flush().await;
    journal.acknowledge("archive", position(&journal, 1)).await.unwrap();
    let (old, _) = journal.head();
    let mut desk = journal.subscribe(Some("desk"), Some(position(&journal, 800))).await.unwrap();
    let (new, number) = journal.head();
    assert!(new > old && number == 1, "{old} {new} {number}");
    assert!(matches!(other.next().await, Err(JournalError::EpochChanged)));
    journal.append(fact(2));
    journal.append(fact(3));
    let first = desk.next().await.unwrap();
    assert!(first.epoch_changed && first.position.epoch == new, "{first:?}");
    assert!(!desk.next().await.unwrap().epoch_changed);
    // The other comes back with its old key.
    let old = Position { epoch: old, number: 1 };
    let mut other = journal.subscribe(Some("archive"), Some(old)).await.unwrap();
    assert!(other.next().await.unwrap().epoch_changed);
    let refused = journal.acknowledge("archive", old).await;
    assert!(matches!(refused, Err(JournalError::NotOffered { .. })), "{refused:?}");
}

#[tokio::test]
async fn a_new_file_has_a_new_epoch() {
    let first = folder();
    let second = folder();
    let old = open(&first).await.head();
    let journal = open(&second).await;
    journal.append(fact(1));
    let after = Position { epoch: old.0, number: 500 };
    let mut desk = journal.subscribe(Some("desk"), Some(after)).await.unwrap();
    let message = desk.next().await.unwrap();
    assert!(message.epoch_changed && message.position.number == 1);
    assert_ne!(message.position.epoch, old.0);
}

#[tokio::test]
async fn names_are_checked_and_counted() {
    let folder = folder();
    let journal = open(&folder).await;
    for name in ["", "Desk", "a b", "../x", &"x".repeat(65)] {
        assert!(matches!(journal.subscribe(Some(name), None).await, Err(JournalError::Name)), "{name}");
    }
    for number in 0..SUBSCRIBERS_MAX {
        journal.subscribe(Some(&format!("desk-{number}")), None).await.unwrap();
    }
    let refused = journal.subscribe(Some("one-more"), None).await;
    assert!(matches!(refused, Err(JournalError::TooManySubscribers(_))), "{refused:?}");
    journal.subscribe(Some("desk-0"), None).await.unwrap();
    let unknown = journal.acknowledge("one-more", position(&journal, 0)).await;
    assert!(matches!(unknown, Err(JournalError::UnknownSubscriber(_))), "{unknown:?}");
}

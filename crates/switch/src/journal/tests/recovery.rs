//! What a start finds.

use super::*;

/// The file as a killed process leaves it: the database and its log, without the closing.
fn crash_image(folder: &TempDir) -> TempDir {
    let image = super::folder();
    for name in ["journal.sqlite", "journal.sqlite-wal"] {
        std::fs::copy(folder.path().join(name), image.path().join(name)).unwrap();
    }
    image
}

#[tokio::test]
async fn what_was_flushed_survives_a_kill_and_numbers_go_on() {
    let folder = folder();
    let journal = open(&folder).await;
    for at_us in 1..=500 {
        assert_eq!(journal.append(fact(at_us)), u64::try_from(at_us).unwrap());
    }
    assert!(journal.flush().await);
    let image = crash_image(&folder);
    let again = open(&image).await;
    assert_eq!(again.head(), journal.head());
    assert_eq!(again.append(fact(501)), 501);
    let mut all = again.subscribe(None, None).await.unwrap();
    assert_eq!(read(&mut all, 501).await, (1..=501).collect::<Vec<i64>>());
}

#[tokio::test]
async fn closing_writes_what_waits_and_keeps_the_epoch() {
    let folder = folder();
    let journal = open(&folder).await;
    journal.append(fact(1));
    let head = journal.head();
    journal.close().await;
    assert_eq!(open(&folder).await.head(), head);
}

#[tokio::test]
async fn calls_without_an_end_are_found_as_they_stood() {
    let folder = folder();
    let journal = open(&folder).await;
    for event in
        [offered(1, 10), queued(1, 20), offered(2, 30), queued(2, 40), left(2), offered(3, 50), ended(3)]
    {
        journal.append(event);
    }
    let recording = EventBody::RecordingStarted { call: call(1), recording: "r-1".into() };
    journal.append(Event { at_us: 60, body: recording });
    assert!(journal.flush().await);
    let image = crash_image(&folder);
    let (again, calls) = Journal::open(options(&image)).await.unwrap();
    let entry = Some((EntryId(1), QueueId::from("outpatient"), 20));
    let first = OpenCall {
        call: call(1),
        offered_at_us: 10,
        entry,
        offers: Vec::new(),
        talking: None,
        message: None,
        recordings: vec!["r-1".into()],
    };
    let second =
        OpenCall { call: call(2), offered_at_us: 30, entry: None, recordings: vec![], ..first.clone() };
    assert_eq!(calls, [first, second]);
    again.append(ended(1));
    again.append(ended(2));
    again.close().await;
    assert_eq!(Journal::open(options(&image)).await.unwrap().1, []);
}

#[tokio::test]
async fn a_file_that_cannot_be_used_is_refused_in_clear_words() {
    let folder = folder();
    let journal = open(&folder).await;
    assert!(refusal(options(&folder)).await.contains("is another switch running"));
    journal.append(fact(1));
    journal.close().await;

    let other = JournalOptions { switch_id: "switch-2".into(), ..options(&folder) };
    assert!(refusal(other).await.contains("belongs to switch \"switch-1\""));

    let file = options(&folder).file;
    let mut bytes = std::fs::read(&file).unwrap();
    bytes[4096..8192].fill(0x5a);
    std::fs::write(&file, &bytes).unwrap();
    let damaged = refusal(options(&folder)).await;
    assert!(damaged.contains("damaged") && damaged.contains("Move it away"), "{damaged}");
    std::fs::write(&file, "not a database, but long enough to look like one to a quick glance".repeat(100))
        .unwrap();
    assert!(refusal(options(&folder)).await.contains("damaged or no journal"));

    let nowhere = JournalOptions { file: folder.path().join("missing/journal.sqlite"), ..options(&folder) };
    assert!(refusal(nowhere).await.contains("failed to open"));
}

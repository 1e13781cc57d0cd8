//! Several messages in one transaction.

use crate::{Desk, code, good, message, pid, profile, pv1};
use careline_desk::his::mllp::framed;
use careline_desk::his::{Rules, take};
use careline_desk::storage::{Arrival, HisState, Received};

fn arrival(text: &str) -> Arrival {
    let taken = take(text.as_bytes(), &profile(Rules::default()));
    let (source, remote) = ("his".into(), "127.0.0.1".into());
    Arrival { source, remote, raw: text.as_bytes().to_vec(), taken, received_us: 1_772_294_400_000_000 }
}

async fn receive(desk: &Desk, texts: &[String]) -> Vec<HisState> {
    let arrivals: Vec<Arrival> = texts.iter().map(|text| arrival(text)).collect();
    let received = desk.store.receive(&arrivals).await.unwrap();
    received.into_iter().map(|received| received.expect("it is kept").state).collect()
}

/// From now on the database takes nobody of this name.
async fn refuse(desk: &Desk, name: &str) {
    let sql = match desk.database.file() {
        Some(_) => format!(
            "CREATE TRIGGER never BEFORE INSERT ON person WHEN NEW.name = '{name}' \
             BEGIN SELECT RAISE(ABORT, 'never'); END"
        ),
        None => format!("ALTER TABLE person ADD CONSTRAINT never CHECK (name <> '{name}')"),
    };
    desk.database.execute(&sql).await.unwrap();
}

#[tokio::test]
async fn what_stands_in_one_batch_is_done_in_its_order_and_known_to_what_follows() {
    let desk = Desk::new().await;
    let person = pid("7", "李^四", "13854312345");
    let came = message("1", "A01", "20260301080000", &format!("{person}\r{}", pv1("XNK^12^03", "ZY1")));
    let left = message("2", "A03", "20260308080000", &format!("{person}\r{}", pv1("XNK^12^03", "ZY1")));
    let other = message("1", "A08", "20260301080000", &pid("8", "王^五", "13854312346"));
    let refused = message("3", "A08", "20260301080000", "PID|||||无名氏");
    let batch = [&came, &other, &came, &left, &refused, &refused, &left].map(Clone::clone);
    use HisState::{Applied, Refused, Repeated};
    let states = receive(&desk, &batch).await;
    assert_eq!(states, [Applied, Applied, Repeated, Applied, Refused, Repeated, Repeated]);
    assert_eq!(desk.states().await, [("applied".to_owned(), 3), ("refused".to_owned(), 1)]);
    let visits = desk.database.rows("SELECT state FROM visit").await.unwrap();
    assert_eq!(format!("{visits:?}"), r#"[[("state", Some("left"))]]"#);
    let sql = "SELECT control_id, repeats, reused FROM his_message ORDER BY id";
    let rows = desk.database.rows(sql).await.unwrap();
    let mut rows: Vec<String> = rows
        .iter()
        .map(|row| row.iter().filter_map(|(_, value)| value.clone()).collect::<Vec<_>>().join(" "))
        .map(|row| row.replace("true", "1").replace("false", "0"))
        .collect();
    rows.sort();
    assert_eq!(
        rows,
        ["1 0 1", "1 1 0", "2 1 0", "3 1 0"],
        "number, how often again, number used for another"
    );
    // In the next one they are known as well.
    let states = receive(&desk, &batch).await;
    assert_eq!(states, [Repeated, Repeated, Repeated, Repeated, Refused, Repeated, Repeated]);
    counts_are_true(&desk).await;
}

/// The counts that are kept are those that one would count.
pub async fn counts_are_true(desk: &Desk) {
    let kept = "SELECT source, state, messages FROM his_count WHERE messages <> 0 AND state <> 'repeated' \
                ORDER BY source, state";
    let counted = "SELECT source, state, count(*) AS messages FROM his_message GROUP BY source, state \
                   ORDER BY source, state";
    let kept = desk.database.rows(kept).await.unwrap();
    assert_eq!(kept, desk.database.rows(counted).await.unwrap());
    let repeated =
        desk.database.number("SELECT messages FROM his_count WHERE state = 'repeated'").await.unwrap();
    let counted = "SELECT CAST(sum(repeats) AS BIGINT) FROM his_message";
    assert_eq!(repeated.unwrap_or(0), desk.database.number(counted).await.unwrap().unwrap_or(0));
}

#[tokio::test]
async fn one_that_the_database_refuses_waits_for_a_person_and_the_others_are_applied() {
    let desk = Desk::new().await;
    refuse(&desk, "坏").await;
    let of = |id: &str, name: &str| message(id, "A08", "20260301080000", &pid(id, name, "13854312345"));
    let texts: Vec<String> =
        (0..9).map(|id| of(&id.to_string(), if id == 4 { "坏" } else { "周九" })).collect();
    let states = receive(&desk, &texts).await;
    for (id, state) in states.iter().enumerate() {
        assert_eq!(*state, if id == 4 { HisState::Parked } else { HisState::Applied }, "{id}");
    }
    let waiting = desk.store.his_messages(&crate::in_state(HisState::Parked), 9).await.unwrap();
    assert_eq!((waiting.len(), waiting[0].control_id.as_str(), waiting[0].code), (1, "4", Some(207)));
    assert_eq!(desk.database.count("person").await.unwrap(), 8);
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn many_connections_are_answered_each_in_its_order_beside_one_that_sends_what_is_refused() {
    const EACH: usize = 40;
    let desk = Desk::new().await;
    refuse(&desk, "坏").await;
    let senders = (0..10).map(|line| {
        let desk = &desk;
        async move {
            let mut his = desk.sender().await;
            let name = if line == 3 { "坏" } else { "郑十" };
            let of = |turn: usize| {
                let id = format!("{line}-{turn}");
                message(&id, "A08", "20260301080000", &pid(&id, name, "13854312345"))
            };
            // All at once, without waiting for an answer.
            let all: Vec<u8> = (0..EACH).flat_map(|turn| framed(of(turn).as_bytes())).collect();
            his.send(&all).await;
            for turn in 0..EACH {
                assert_eq!(code(&his.answer().await.expect("an answer")), good(&format!("{line}-{turn}")));
            }
        }
    });
    futures_util::future::join_all(senders).await;
    let states = desk.states().await;
    assert_eq!(states, [("applied".to_owned(), 9 * EACH as i64), ("parked".to_owned(), EACH as i64)]);
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn what_came_of_a_system_is_counted() {
    let desk = Desk::new().await;
    let text = message("1", "A08", "20260301080000", &pid("7", "李^四", ""));
    let received = desk.store.receive(&[arrival(&text), arrival(&text)]).await.unwrap();
    assert_eq!(received.len(), 2);
    assert_eq!(received[1], Some(Received { state: HisState::Repeated, refusal: None, warning: None }));
    assert!(desk.store.receive(&[]).await.unwrap().is_empty());
    let totals = desk.store.his_totals().await.unwrap();
    assert_eq!((totals.len(), totals[0].source.as_str(), totals[0].oldest_us), (1, "his", None));
    assert_eq!(totals[0].by_state, [("applied".to_owned(), 1), ("repeated".to_owned(), 1)]);
    assert_eq!(totals[0].last_us, 1_772_294_400_000_000);
}

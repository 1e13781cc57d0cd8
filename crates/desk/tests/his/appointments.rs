//! Appointments follow the hospital's messages.

use crate::{Desk, good, message, pid};

fn booked(id: &str, event: &str, at: &str, starts: &str, more: &str) -> String {
    let schedule = format!("SCH|P1|F1|||||^复诊||||^^30^{starts}{more}");
    let who = pid("7", "李^四", "13854312345");
    let text = message(id, "A08", at, &format!("{schedule}\r{who}\rAIS|1||C1^心内科专家\rAIP|1||D7^王^芳"));
    text.replace("ADT^A08", &format!("SIU^{event}"))
}

#[tokio::test]
async fn an_appointment_is_booked_moved_changed_and_ends_in_whatever_order_it_is_told() {
    let told = [
        ("1", "S12", "20260301080000", "20260310090000", "booked"),
        ("2", "S13", "20260302080000", "20260311100000", "booked"),
        ("3", "S14", "20260303080000", "20260311100000", "booked"),
        ("4", "S15", "20260304080000", "20260311100000", "cancelled"),
    ];
    for order in [[0, 1, 2, 3], [3, 2, 1, 0], [1, 3, 0, 2]] {
        let desk = Desk::new().await;
        let mut his = desk.sender().await;
        for at in order {
            let (id, event, at, starts, _) = told[at];
            assert_eq!(his.ask(booked(id, event, at, starts, "").as_bytes()).await, good(id));
        }
        let owner = desk.store.owners_of("+8613854312345", 5).await.unwrap().remove(0);
        let mut appointments = desk.store.appointments_of(&owner.person.id, 5).await.unwrap();
        assert_eq!(appointments.len(), 1);
        let is = appointments.remove(0);
        let text = (is.number.as_str(), is.state.as_str(), is.service.as_str(), is.doctor_name.as_str());
        assert_eq!(text, ("F1", "cancelled", "心内科专家", "王芳"), "{order:?}");
        // 2026-03-11T10:00 in Shanghai.
        assert_eq!((is.starts_us, is.moves), (Some(1_773_194_400_000_000), 1), "{order:?}");
    }
}

#[tokio::test]
async fn ac_a_10_each_event_has_its_state_and_a_message_twice_moves_it_once() {
    for (event, state) in
        [("S12", "booked"), ("S13", "booked"), ("S14", "booked"), ("S15", "cancelled"), ("S26", "noshow")]
    {
        let desk = Desk::new().await;
        let mut his = desk.sender().await;
        for _ in 0..2 {
            let text = booked("1", event, "20260301080000", "20260310090000", "");
            assert_eq!(his.ask(text.as_bytes()).await, good("1"));
        }
        let rows = desk.database.rows("SELECT state, moves FROM appointment").await.unwrap();
        let values: Vec<_> = rows[0].iter().filter_map(|(_, value)| value.clone()).collect();
        assert_eq!(values, [state.to_owned(), i64::from(event == "S13").to_string()], "{event}");
    }
}

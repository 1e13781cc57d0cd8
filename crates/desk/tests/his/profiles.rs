//! AC-H-9: the answers that depend on how strictly a door reads.

use crate::batch::counts_are_true;
use crate::{Desk, code, good, message, pid, place, pv1};
use careline_desk::his::mllp::framed;
use careline_desk::his::{Codes, Rules, UnknownCode, UnknownPatient};
use std::collections::BTreeMap;

async fn desk(rules: Rules) -> Desk {
    Desk::with(place::database().await, rules, None).await
}

/// The answer whole, and the state that the last message has.
async fn told(desk: &Desk, text: &str) -> (String, String) {
    let mut his = desk.sender().await;
    his.send(&framed(text.as_bytes())).await;
    let answer = String::from_utf8(his.answer().await.expect("an answer")).unwrap();
    let sql = "SELECT state FROM his_message ORDER BY received_us DESC, id DESC LIMIT 1";
    let state = desk.database.rows(sql).await.unwrap()[0][0].1.clone().unwrap();
    (answer.replace('\r', "\n"), state)
}

#[tokio::test]
async fn ac_h_9_a_change_of_nobody_is_refused_until_the_system_tells_of_the_patient() {
    let desk = desk(Rules { unknown_patient: UnknownPatient::Refuse, ..Rules::default() }).await;
    let mut his = desk.sender().await;
    let changed = message("1", "A08", "20260301090000", &pid("7", "李^四", "13854312345"));
    let left =
        message("2", "A03", "20260301090000", &format!("{}\r{}", pid("7", "李^四", ""), pv1("N^1^1", "Z1")));
    let booked = message("3", "A08", "20260301090000", &format!("SCH|5\r{}", pid("7", "李^四", "")))
        .replace("ADT^A08", "SIU^S12");
    let joined = message("5", "A40", "20260301090000", &format!("{}\rMRG|8^^^HIS^MR", pid("7", "李^四", "")));
    for text in [&changed, &left, &booked, &joined] {
        let (answer, state) = told(&desk, text).await;
        assert!(
            answer.contains("MSA|AE|") && answer.contains("\nERR||PID^3|204^Unknown key identifier"),
            "{answer}"
        );
        assert_eq!(state, "refused");
    }
    assert_eq!(desk.database.count("person").await.unwrap(), 0);
    // It tells of the patient, and sends what was refused again: now it is used.
    let came = message("4", "A04", "20260301080000", &pid("7", "李^四", ""));
    for (text, id) in [(&came, "4"), (&changed, "1"), (&left, "2"), (&booked, "3"), (&joined, "5")] {
        assert_eq!(his.ask(text.as_bytes()).await, good(id));
    }
    assert_eq!(desk.states().await, [("applied".to_owned(), 5)]);
    assert_eq!(desk.store.owners_of("+8613854312345", 5).await.unwrap().len(), 1);
    // Of two numbers one is known: whoever stays may have a new one.
    let renamed =
        message("6", "A40", "20260302090000", &format!("{}\rMRG|7^^^HIS^MR", pid("9", "李^四", "")));
    assert_eq!(his.ask(renamed.as_bytes()).await, good("6"));
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn ac_h_9_a_change_of_nobody_makes_the_patient_unless_told_otherwise() {
    let desk = desk(Rules::default()).await;
    let mut his = desk.sender().await;
    let text = message("1", "A08", "20260301090000", &pid("7", "李^四", ""));
    assert_eq!(his.ask(text.as_bytes()).await, good("1"));
    assert_eq!(desk.database.count("person").await.unwrap(), 1);
}

#[tokio::test]
async fn ac_h_9_a_code_of_no_table_is_warned_of_parked_or_refused() {
    let text = |id: &str, sex: &str| {
        let who = pid(id, "李^四", "").replace("|1|||黄河", &format!("|{sex}|||黄河"));
        message(id, "A08", "20260301090000", &who)
    };
    for (unknown, answered, state) in [
        (UnknownCode::Lenient, "MSA|AA|1\n", "applied"),
        (UnknownCode::Park, "MSA|AA|1\n", "parked"),
        (UnknownCode::Strict, "MSA|AE|1|PID-8: ", "refused"),
    ] {
        let sex = BTreeMap::from([("8".to_owned(), "female")]);
        let codes = Codes { sex, unknown, ..Codes::default() };
        let desk = desk(Rules { codes, ..Rules::default() }).await;
        let (answer, became) = told(&desk, &text("1", "Q")).await;
        let answer = answer.replace("MSA|AA|1|PID-8: is a code of no table\n", "MSA|AA|1\n");
        assert!(answer.contains(answered), "{unknown:?}: {answer}");
        assert_eq!(became, state, "{unknown:?}");
        let warned = answer.contains("ERR||PID^8|103^Table value not found^HL70357|W|");
        assert_eq!(warned, unknown == UnknownCode::Lenient, "{answer}");
        let (answer, became) = told(&desk, &text("2", "8")).await;
        assert!(answer.contains("MSA|AA|2\n"), "{answer}");
        assert_eq!(became, "applied");
        let sql =
            "SELECT p.sex FROM person p JOIN person_identifier i ON i.person_id = p.id WHERE i.value = '2'";
        let sex = desk.database.rows(sql).await.unwrap();
        assert_eq!(sex[0][0].1.as_deref(), Some("female"), "by the system's own table");
    }
}

#[tokio::test]
async fn ac_h_9_codes_of_stays_are_the_hospitals() {
    let codes = Codes {
        class: BTreeMap::from([("ZY".to_owned(), "inpatient")]),
        department: BTreeMap::from([("CARD".to_owned(), "心内科".to_owned())]),
        disposition: BTreeMap::from([("HOME".to_owned(), "1")]),
        unknown: UnknownCode::Strict,
        ..Codes::default()
    };
    let desk = desk(Rules { codes, ..Rules::default() }).await;
    let mut his = desk.sender().await;
    let stay = |id: &str, class: &str, department: &str, end: &str| {
        let pv1 = pv1("N^1^1", &format!("Z{id}")).replace("|I|", &format!("|{class}|"));
        let pv1 = pv1.replace("CARD", department) + &"|".repeat(17) + end;
        message(id, "A03", "20260301090000", &format!("{}\r{pv1}", pid("7", "李^四", "")))
    };
    assert_eq!(his.ask(stay("1", "ZY", "CARD", "HOME").as_bytes()).await, good("1"));
    let visit = desk.database.rows("SELECT class, department, disposition FROM visit").await.unwrap();
    let visit: Vec<_> = visit[0].iter().filter_map(|(_, value)| value.as_deref()).collect();
    assert_eq!(visit, ["inpatient", "心内科", "1"]);
    for (id, class, department, end, path) in [
        ("2", "??", "CARD", "HOME", "PV1-2"),
        ("3", "I", "SUR", "HOME", "PV1-10"),
        ("4", "I", "CARD", "", ""),
    ] {
        let (answer, state) = told(&desk, &stay(id, class, department, end)).await;
        assert_eq!(state == "applied", path.is_empty(), "{answer}");
        assert!(answer.contains(path), "{answer}");
    }
}

#[tokio::test]
async fn ac_h_9_a_message_for_another_receiver_is_refused() {
    let rules = Rules { application: Some("CARE".into()), facility: Some("LINE".into()), ..Rules::default() };
    let desk = desk(rules).await;
    let mut his = desk.sender().await;
    let text = message("1", "A08", "20260301090000", &pid("7", "李^四", ""));
    assert_eq!(his.ask(text.as_bytes()).await, good("1"));
    for (other, place) in [("|OTHER|LINE|", "MSH^5"), ("|CARE||", "MSH^6")] {
        let (answer, state) = told(&desk, &text.replace("|CARE|LINE|", other)).await;
        assert!(answer.contains("MSA|AR|1|") && answer.contains(&format!("ERR||{place}|207^")), "{answer}");
        assert_eq!(state, "refused");
    }
}

#[tokio::test]
async fn ac_h_9_an_optional_date_that_is_none_is_left_out_with_a_warning() {
    let desk = desk(Rules::default()).await;
    let who = pid("7", "李^四", "").replace("19600504", "19600230");
    let (answer, state) = told(&desk, &message("1", "A08", "20260301090000", &who)).await;
    assert!(
        answer.contains("MSA|AA|1|") && answer.contains("ERR||PID^7|102^Data type error^HL70357|W|"),
        "{answer}"
    );
    assert_eq!(state, "applied");
    let born = desk.database.rows("SELECT birth_date FROM person").await.unwrap();
    assert_eq!(born[0][0].1, None);
}

#[tokio::test]
async fn ac_h_9_when_the_database_is_away_nothing_is_answered_and_the_sender_keeps_it() {
    let desk = desk(Rules::default()).await;
    let mut his = desk.sender().await;
    desk.store.close().await;
    his.send(&framed(message("1", "A08", "20260301090000", &pid("7", "李^四", "")).as_bytes())).await;
    assert_eq!(his.answer().await, None, "closed without an answer");
}

#[tokio::test]
async fn ac_h_9_several_messages_are_answered_one_by_one() {
    let desk = desk(Rules::default()).await;
    let mut his = desk.sender().await;
    let one = message("1", "A08", "20260301090000", &pid("7", "李^四", ""));
    let two = message("2", "A29", "20260301090000", &pid("7", "李^四", ""));
    his.send(&[framed(one.as_bytes()), framed(two.as_bytes())].concat()).await;
    assert_eq!(code(&his.answer().await.unwrap()), good("1"));
    assert_eq!(code(&his.answer().await.unwrap()), good("2"));
    assert_eq!(desk.states().await, [("applied".to_owned(), 1), ("parked".to_owned(), 1)]);
}

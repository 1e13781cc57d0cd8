//! Messages that could not be used: tried again, put aside.

use crate::batch::counts_are_true;
use crate::{Desk, good, message, pid, profile};
use careline_desk::config::HisDoor;
use careline_desk::his::listener::Door;
use careline_desk::his::{Codes, REPLAYS_MAX, Replay, Rules, UnknownCode, replay, replay_all};
use careline_desk::storage::{HisFilter, HisMessage, HisReason, HisState, Replayed};
use std::collections::BTreeMap;

const BY: (&str, i64) = ("sun", 1_772_294_400_000_000);

/// A door whose profile knows this sex.
fn doors(sex: Option<&str>) -> Vec<HisDoor> {
    let sex = sex.map(|code| (code.to_owned(), "female")).into_iter().collect();
    let codes = Codes { sex, unknown: UnknownCode::Park, ..Codes::default() };
    let profile = profile(Rules { codes, ..Rules::default() });
    let listen = "127.0.0.1:0".parse().unwrap();
    vec![HisDoor { listen, door: Door { profile, from: Vec::new(), tls: None }, tls: None }]
}

/// A desk that parked so many messages of a sex that it does not know.
async fn parked(messages: usize) -> (Desk, Vec<HisMessage>) {
    let rules = doors(None).remove(0).door.profile.rules;
    let desk = Desk::with(crate::place::database().await, rules, None).await;
    let mut his = desk.sender().await;
    for number in 0..messages {
        let id = number.to_string();
        let who = pid(&id, "李^四", "13854312345").replace("|1|||黄河", "|Q|||黄河");
        let at = format!("20260301{:02}0000", number % 24);
        assert_eq!(his.ask(message(&id, "A08", &at, &who).as_bytes()).await, good(&id));
    }
    let mut waiting = desk.store.his_messages(&HisFilter::default(), messages + 1).await.unwrap();
    waiting.reverse();
    assert_eq!(waiting.len(), messages);
    (desk, waiting)
}

async fn again(desk: &Desk, id: &str, doors: Vec<HisDoor>) -> String {
    match replay(&desk.store, &doors, id, BY).await.unwrap() {
        Replay::Known(Replayed::Done(received)) => received.state.as_str().to_owned(),
        Replay::Known(Replayed::Settled(state)) => format!("{state} before"),
        other => panic!("{other:?}"),
    }
}

/// Puts a message aside; its state before.
async fn aside(desk: &Desk, id: &str, why: &str) -> Option<String> {
    desk.store.discard(id, why, "sun", BY.1).await.unwrap()
}

#[tokio::test]
async fn a_message_is_tried_again_by_todays_profile_and_only_until_it_is_used() {
    let (desk, waiting) = parked(1).await;
    let id = &waiting[0].id;
    assert_eq!(replay(&desk.store, &doors(None), "nothing", BY).await.unwrap(), Replay::Unknown);
    assert_eq!(replay(&desk.store, &[], id, BY).await.unwrap(), Replay::NoDoor("his".into()));
    assert_eq!(again(&desk, id, doors(None)).await, "parked");
    let replays = || async {
        let row = desk.store.his_message(id).await.unwrap().unwrap();
        (row.message.replays, row.person_id.is_some(), row.message.reason.is_some())
    };
    assert_eq!(replays().await, (1, false, true));
    assert_eq!(again(&desk, id, doors(Some("Q"))).await, "applied");
    assert_eq!(replays().await, (2, true, false));
    for _ in 0..2 {
        assert_eq!(again(&desk, id, doors(Some("Q"))).await, "applied before");
    }
    assert_eq!(replays().await, (2, true, false));
    assert_eq!(desk.database.count("person").await.unwrap(), 1);
    assert_eq!(desk.states().await, [("applied".to_owned(), 1)]);
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn what_is_put_aside_is_kept_with_the_reason_and_may_still_be_tried_again() {
    let (desk, waiting) = parked(2).await;
    let id = &waiting[0].id;
    assert_eq!(desk.store.discard("nothing", "x", "sun", BY.1).await.unwrap(), None);
    assert_eq!(aside(&desk, id, "测试消息").await.as_deref(), Some("parked"));
    assert_eq!(aside(&desk, id, "另一个原因").await.as_deref(), Some("discarded"), "the first reason stays");
    let content = desk.store.his_message(id).await.unwrap().unwrap();
    assert_eq!(content.message.decision.as_deref(), Some("测试消息"));
    assert!(!content.raw.is_empty());
    let left = desk.store.his_messages(&HisFilter::default(), 9).await.unwrap();
    assert_eq!(left.len(), 1, "it waits for nobody");
    let discarded = desk.store.his_messages(&crate::in_state(HisState::Discarded), 9).await.unwrap();
    assert_eq!((discarded.len(), &discarded[0].id), (1, id));
    counts_are_true(&desk).await;
    let back = replay(&desk.store, &doors(Some("Q")), id, BY).await.unwrap();
    assert!(matches!(back, Replay::Known(Replayed::Done(received)) if received.state == HisState::Applied));
    assert_eq!(
        aside(&desk, id, "zu spät").await.as_deref(),
        Some("applied"),
        "what was used is not put aside"
    );
    assert_eq!(desk.states().await, [("applied".to_owned(), 1), ("parked".to_owned(), 1)]);
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn all_of_a_reason_are_tried_in_turns_the_oldest_first() {
    let messages = REPLAYS_MAX + 7;
    let (desk, waiting) = parked(messages).await;
    let reason = HisReason::of(&waiting[0]).unwrap();
    // None can be used yet; each is tried once.
    let (mut next, mut turns) = (None, Vec::new());
    loop {
        let turn = replay_all(&desk.store, &doors(None), (&reason, next), BY).await.unwrap();
        turns.push(turn.became);
        next = turn.next;
        if next.is_none() {
            break;
        }
    }
    assert_eq!(turns, [BTreeMap::from([("parked", REPLAYS_MAX)]), BTreeMap::from([("parked", 7)])]);
    let first = replay_all(&desk.store, &doors(Some("Q")), (&reason, None), BY).await.unwrap();
    assert_eq!(first.became, BTreeMap::from([("applied", REPLAYS_MAX)]));
    let left = desk.store.his_messages(&HisFilter::default(), messages).await.unwrap();
    assert_eq!(left.first().map(|left| &left.id), waiting.last().map(|last| &last.id));
    let rest = replay_all(&desk.store, &doors(Some("Q")), (&reason, first.next), BY).await.unwrap();
    assert_eq!((rest.became, rest.next), (BTreeMap::from([("applied", 7)]), None));
    let other = HisReason { path: "PID-9".into(), ..reason };
    assert!(replay_all(&desk.store, &doors(None), (&other, None), BY).await.unwrap().became.is_empty());
    assert_eq!(desk.states().await, [("applied".to_owned(), messages as i64)]);
    counts_are_true(&desk).await;
}

#[tokio::test]
async fn the_list_goes_on_where_it_ended() {
    let (desk, waiting) = parked(7).await;
    let (mut behind, mut got) = (None, Vec::new());
    loop {
        let filter = HisFilter { source: Some("his".into()), behind, ..HisFilter::default() };
        let page = desk.store.his_messages(&filter, 3).await.unwrap();
        behind = page.last().map(|last| (last.received_us, last.id.clone()));
        got.extend(page.iter().map(|message| message.id.clone()));
        if page.len() < 3 {
            break;
        }
    }
    got.reverse();
    assert_eq!(got, waiting.iter().map(|message| message.id.clone()).collect::<Vec<_>>());
    let other = HisFilter { source: Some("lis".into()), ..HisFilter::default() };
    assert!(desk.store.his_messages(&other, 9).await.unwrap().is_empty());
}

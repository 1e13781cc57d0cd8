//! The board follows events, and never shows what is not so.

use crate::facts::*;
use careline_desk::live::{Board, CALLS_MAX, CallStageWord, Change, DirectionWord, IVR_NODES_MAX, WorkWord};
use careline_model::event::{AgentWork, CallDirection, OfferOutcome, QueueOutcome, TransferOutcome};
use careline_model::snapshot::{CallStage, CallView, QueueView, Snapshot};
use careline_model::{EventBody, OfferId};

fn board() -> Board {
    let mut board = Board::new([SWITCH.to_owned()]);
    board.reset(SWITCH, quiet());
    board
}

fn tell(board: &mut Board, ms: i64, body: EventBody) -> Vec<Change> {
    board.handle(SWITCH, &at(ms, body))
}

#[test]
fn a_caller_is_passed_on_and_an_agent_dials() {
    let mut board = board();
    tell(&mut board, 0, offered(1, NUMBER, ""));
    for body in answered(1, "1001") {
        tell(&mut board, 1000, body);
    }
    let (to, agent) = ("1002".into(), "1001".into());
    tell(&mut board, 2000, EventBody::TransferStarted { call: call(1), agent, to, attended: false });
    assert_eq!(board.call_view(call(1)).unwrap().stage, CallStageWord::Transferring);
    let outcome = TransferOutcome::Connected;
    tell(&mut board, 3000, EventBody::TransferEnded { call: call(1), outcome, ring_ms: 1000 });
    let view = board.call_view(call(1)).unwrap();
    assert_eq!((view.stage, view.agent), (CallStageWord::Talking, None), "nobody of ours, so far");
    tell(&mut board, 3000, connected(1, "1002"));
    assert_eq!(board.call_view(call(1)).unwrap().agent.as_deref(), Some("1002"));

    let (direction, to, trunk_group) = (CallDirection::Outbound, NUMBER.into(), Some("city".into()));
    let agent = "1001".into();
    tell(&mut board, 4000, EventBody::CallDialled { call: call(2), agent, direction, to, trunk_group });
    let view = board.call_view(call(2)).unwrap();
    assert_eq!((view.stage, view.direction), (CallStageWord::Dialling, DirectionWord::Out));
    assert_eq!((view.caller_masked.as_str(), view.agent.as_deref()), (MASKED, Some("1001")));
    assert_eq!(board.queue_views()[0].waiting, 0, "who is dialled waits in no queue");
}

#[test]
fn a_call_from_arrival_to_its_end() {
    let mut board = board();
    assert_eq!(
        tell(&mut board, 0, offered(1, NUMBER, "王小明")),
        [Change::Arrived(call(1)), Change::Call(call(1))]
    );
    tell(&mut board, 10, node(1, "greeting"));
    tell(&mut board, 20, node(1, "menu"));
    tell(&mut board, 1000, queued(1));
    let queue = &board.queue_views()[0];
    assert_eq!((queue.waiting, queue.longest_since_us), (1, Some(START_US + 1_000_000)));

    let changes = tell(&mut board, 2000, offer(1, 7, "1001"));
    let made = Change::OfferMade {
        call: call(1),
        offer: OfferId(7),
        agent: "1001".into(),
        at_us: START_US + 2_000_000,
    };
    assert!(changes.contains(&made), "{changes:?}");
    let view = board.call_view(call(1)).unwrap();
    assert_eq!((view.caller_masked.as_str(), view.caller_name.as_str()), (MASKED, "王小明"));
    assert_eq!((view.stage, view.agent.as_deref()), (CallStageWord::Offered, Some("1001")));
    assert_eq!(board.queue_views()[0].waiting, 1, "whoever hears music waits");
    let live = board.call(call(1)).unwrap();
    assert_eq!((live.ivr.len(), live.waiting_since_us), (2, Some(START_US + 1_000_000)));

    // Nobody answers: the call waits on, and its wait did not begin anew.
    tell(&mut board, 5000, offer_ended(1, 7, "1001", OfferOutcome::NoAnswer));
    let view = board.call_view(call(1)).unwrap();
    assert_eq!((view.stage, view.agent), (CallStageWord::Queued, None));
    assert_eq!(board.agent_view(&"1001".into()).unwrap().call, None);
    assert_eq!(board.call(call(1)).unwrap().waiting_since_us, Some(START_US + 1_000_000));

    for body in answered(1, "1002").into_iter().skip(1) {
        tell(&mut board, 6000, body);
    }
    let view = board.call_view(call(1)).unwrap();
    assert_eq!((view.stage, view.agent.as_deref()), (CallStageWord::Talking, Some("1002")));
    assert_eq!(board.queue_views()[0].waiting, 0);
    assert_eq!(board.agent_view(&"1002".into()).unwrap().work, WorkWord::Talking);

    let changes = tell(&mut board, 60_000, ended(1));
    assert_eq!(changes, [Change::CallGone(call(1))]);
    assert_eq!(board.call_view(call(1)), None);
    // The agent still writes the call up.
    tell(&mut board, 60_001, agent_state("1002", AgentWork::WrapUp));
    assert_eq!(board.agent_view(&"1002".into()).unwrap().call, Some(call(1).to_string()));
    tell(&mut board, 90_000, agent_state("1002", AgentWork::Idle));
    assert_eq!(board.agent_view(&"1002".into()).unwrap().call, None);
}

#[test]
fn late_and_unknown_facts_change_nothing() {
    let mut board = board();
    for body in [queued(9), node(9, "x"), ended(9), connected(9, "1001"), offer(9, 1, "1001")] {
        let changes = tell(&mut board, 0, body);
        assert!(!changes.iter().any(|change| matches!(change, Change::Call(_) | Change::OfferMade { .. })));
    }
    assert_eq!(board.calls().count(), 0);
    assert!(board.handle("nobody", &at(0, offered(1, NUMBER, ""))).is_empty());
    assert!(tell(&mut board, 0, agent_state("9999", AgentWork::Idle)).is_empty());
}

#[test]
fn who_leaves_the_queue_by_the_rules_waits_no_more() {
    let mut board = board();
    tell(&mut board, 0, offered(1, NUMBER, ""));
    tell(&mut board, 0, queued(1));
    tell(&mut board, 60_000, left(1, QueueOutcome::FlowOutTimeout));
    assert_eq!(board.call_view(call(1)).unwrap().stage, CallStageWord::Flow);
    assert_eq!(board.queue_views()[0].waiting, 0);
}

#[test]
fn a_new_snapshot_keeps_what_it_does_not_tell_and_ends_what_is_gone() {
    let mut board = board();
    for number in [1, 2] {
        tell(&mut board, 0, offered(number, NUMBER, ""));
        tell(&mut board, 1, node(number, "menu"));
        tell(&mut board, 2, queued(number));
        tell(&mut board, 3, offer(number, number, "1001"));
    }
    board.found(call(1), 1, "王小明");
    assert_eq!(board.disconnected(SWITCH), [Change::Switch(SWITCH.to_owned())]);
    assert_eq!(board.disconnected(SWITCH), [], "said once");
    assert!(!board.switch_views()[0].connected);
    assert_eq!(board.calls().count(), 2, "what was true stays until somebody knows better");

    let view = CallView {
        call: call(1),
        direction: CallDirection::Inbound,
        caller: NUMBER.into(),
        caller_name: Default::default(),
        dialled: "12320".into(),
        line: "main".into(),
        medium: "tv".into(),
        stage: CallStage::Talking,
        queue: Some("general".into()),
        agent: Some("1001".into()),
        offer: None,
        offered_at_us: START_US,
        stage_since_us: START_US + 9,
    };
    let changes = board.reset(SWITCH, Snapshot { calls: vec![view], ..quiet() });
    assert!(changes.contains(&Change::Connected { call: call(1), agent: "1001".into() }));
    assert!(changes.contains(&Change::CallGone(call(2))));
    let ended = |change: &&Change| matches!(change, Change::OfferEnded { .. });
    assert_eq!(changes.iter().filter(ended).count(), 2, "{changes:?}");
    let live = board.call(call(1)).unwrap();
    assert_eq!(
        (live.ivr.as_slice(), live.persons, live.label.as_str()),
        (&["menu".to_owned()][..], Some(1), "王小明")
    );
}

#[test]
fn a_switch_that_begins_anew_has_no_old_calls() {
    let mut board = board();
    tell(&mut board, 0, offered(1, NUMBER, ""));
    let changes = tell(&mut board, 1, EventBody::SwitchStarted { version: "1".into() });
    assert_eq!(changes, [Change::CallGone(call(1))]);
}

#[test]
fn what_no_event_tells_is_refreshed() {
    let mut board = board();
    let queue = QueueView { agents_routable: 1, ..quiet().queues.remove(0) };
    assert_eq!(board.refresh_queues(SWITCH, std::slice::from_ref(&queue)).len(), 1);
    assert_eq!(board.refresh_queues(SWITCH, &[queue]), []);
    assert_eq!(board.queue_views()[0].agents_routable, 1);
}

#[test]
fn a_flood_stays_within_bounds() {
    let mut board = board();
    let calls = u64::try_from(CALLS_MAX).unwrap() + 10;
    for number in 0..calls {
        tell(&mut board, 0, offered(number, NUMBER, ""));
    }
    assert_eq!(board.calls().count(), CALLS_MAX);
    for _ in 0..1000 {
        tell(&mut board, 0, node(1, "round and round"));
    }
    assert_eq!(board.call(call(1)).unwrap().ivr.len(), IVR_NODES_MAX);
}

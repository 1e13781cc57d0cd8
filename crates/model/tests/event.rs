//! Events survive the journal: what is written as JSON is read back the same.

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, LookUpOutcome, OfferOutcome, Party,
};
use careline_model::{CallId, EntryId, Event, EventBody, Number, OfferId};

#[test]
fn events_read_back_as_they_were_written() {
    let call: CallId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    let bodies = [
        EventBody::CallOffered {
            call,
            caller: Number::default(),
            caller_name: "王小明".into(),
            dialled: "12320".into(),
            line: "public".into(),
            medium: "报纸".into(),
            trunk: Some("carrier".into()),
        },
        EventBody::OfferEnded {
            call,
            entry: EntryId(u64::MAX),
            offer: OfferId(1),
            agent: "1001".into(),
            outcome: OfferOutcome::NoAnswer,
            ring_ms: 15_000,
        },
        EventBody::AgentState {
            agent: "1001".into(),
            intent: AgentIntent::NotReady("meal".into()),
            work: AgentWork::WrapUp,
            device: AgentDevice::InUse,
        },
        EventBody::CallEnded {
            call,
            cause: EndCause::Completed,
            ended_by: Party::Caller,
            duration_ms: 2,
            talk_ms: 1,
        },
        EventBody::SwitchDraining { calls: 3 },
        EventBody::CallerLookedUp { call, outcome: LookUpOutcome::TimedOut, persons: 0, took_ms: 150 },
    ];
    for body in bodies {
        let event = Event { at_us: 1_790_557_200_000_000, body };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    }
}

#[test]
fn a_journal_of_an_earlier_version_reads_without_a_name() {
    let text = r#"{"at_us":1,"kind":"call_offered","call":"01920000-0000-7000-8000-000000000001","caller":"",
        "dialled":"12320","line":"public","medium":"","trunk":null}"#;
    let event: Event = serde_json::from_str(text).unwrap();
    assert!(matches!(event.body, EventBody::CallOffered { caller_name, .. } if caller_name.is_empty()));
}

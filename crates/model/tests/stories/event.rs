//! Events survive the journal: what is written as JSON is read back the same.

use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, EndCause, LookUpOutcome, OfferOutcome, Party,
};
use careline_model::event::{AgentLimit, ForcedWhen, LimitAction, WrapUpMode};
use careline_model::event::{PartyLeft, PeopleFact, WatchMode, WatchNotice};
use careline_model::hours::Opening;
use careline_model::screening::{
    BlockAction, ListChange, ListEntry, ListKind, Pattern, Scope, ScreenCause, ScreenOutcome,
};
use careline_model::{CallId, EntryId, Event, EventBody, Number, OfferId};

fn list_changed(scope: Scope, action: BlockAction) -> EventBody {
    let entry = ListEntry {
        list: ListKind::Black,
        pattern: Pattern::Prefix(Number::from("+86170")),
        scope,
        reason: "骚扰".into(),
        until_us: Some(1),
        action,
    };
    EventBody::CallerListChanged { change: ListChange::Set, entry: Box::new(entry), by: "3001".into() }
}

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
        EventBody::AgentNext { agent: "1001".into(), next: None },
        EventBody::AgentNext { agent: "1001".into(), next: Some(AgentIntent::NotReady("meal".into())) },
        EventBody::AgentForced {
            agent: "1001".into(),
            intent: AgentIntent::LoggedOut,
            when: ForcedWhen::AfterCall,
            by: "班长".into(),
            reason: "换班".into(),
        },
        EventBody::AgentLimit {
            agent: "1001".into(),
            limit: AgentLimit::Pause,
            code: Some("meal".into()),
            reached: true,
            then: LimitAction::Logout,
        },
        EventBody::WrapUpStarted {
            agent: "1001".into(),
            call,
            queue: "general".into(),
            mode: WrapUpMode::TimedFixed,
            ends_at_us: 7,
        },
        EventBody::Disposition { call, agent: "1001".into(), queue: "general".into(), code: "solved".into() },
        EventBody::SwitchDraining { calls: 3 },
        EventBody::CallScreened {
            call,
            cause: ScreenCause::BlackList,
            outcome: ScreenOutcome::AllowedByProtection,
            reason: "骚扰".into(),
            queue: Some("general".into()),
        },
        list_changed(Scope::Line("main".into()), BlockAction::Message("sorry".into())),
        list_changed(Scope::All, BlockAction::LowPriority),
        EventBody::HoursOverridden {
            hours: "office".into(),
            opening: Opening::Emergency,
            until_us: 1_790_557_200_000_001,
            by: "3001".into(),
            reason: "台风".into(),
        },
        EventBody::HoursReverted { hours: "office".into(), by: None },
        EventBody::EmergencyBegan {
            flow: "disaster".into(),
            until_us: None,
            by: "3001".into(),
            reason: "地震".into(),
        },
        EventBody::EmergencyEnded { by: Some("3002".into()) },
        EventBody::CallerLookedUp { call, outcome: LookUpOutcome::TimedOut, persons: 0, took_ms: 150 },
        EventBody::People(PeopleFact::WatchStarted {
            watch: call,
            supervisor: "3001".into(),
            agent: "1001".into(),
            by: "班长".into(),
            mode: WatchMode::PrivateWhisper,
            notice: WatchNotice::Icon,
        }),
        EventBody::People(PeopleFact::WatchFollowed { watch: call, call: None, held: false }),
        EventBody::People(PeopleFact::PartyLeft {
            call,
            party: 2,
            why: PartyLeft::Succeeded,
            joined_ms: u64::MAX,
        }),
    ];
    for body in bodies {
        let event = Event { at_us: 1_790_557_200_000_000, body };
        let text = serde_json::to_string(&event).unwrap();
        assert_eq!(serde_json::from_str::<Event>(&text).unwrap(), event, "{text}");
    }
}

/// Whoever reads a journal finds a fact by its kind, wherever it is written in the code.
#[test]
fn facts_of_people_have_a_kind_like_all_others() {
    let call: CallId = "01920000-0000-7000-8000-000000000001".parse().unwrap();
    let body = EventBody::People(PeopleFact::PartyJoined { call, party: 1 });
    assert_eq!(body.call(), Some(call));
    let text = serde_json::to_value(Event { at_us: 1, body }).unwrap();
    assert_eq!(text["kind"], "party_joined");
    let unknown = r#"{"at_us":1,"kind":"of_a_later_version"}"#;
    assert!(serde_json::from_str::<Event>(unknown).is_err());
}

#[test]
fn a_journal_of_an_earlier_version_reads_without_a_name() {
    let text = r#"{"at_us":1,"kind":"call_offered","call":"01920000-0000-7000-8000-000000000001","caller":"",
        "dialled":"12320","line":"public","medium":"","trunk":null}"#;
    let event: Event = serde_json::from_str(text).unwrap();
    assert!(matches!(event.body, EventBody::CallOffered { caller_name, .. } if caller_name.is_empty()));
}

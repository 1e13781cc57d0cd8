//! Every fact survives the wire, and nonsense does not become a fact.

use careline_model::callback::{
    Callback, CallbackMiss, CallbackOrigin, CallbackOutcome, CallbackStage, CallbackView,
};
use careline_model::event::{
    AgentDevice, AgentIntent, AgentWork, CallDirection, CallOrderKind, ChangeKind, ConfigChange, EndCause,
    LookUpOutcome, OfferOutcome, Party, QueueOutcome, ResumedBy, ScreenItem, TransferOutcome,
};
use careline_model::event::{AgentLimit, ForcedWhen, LimitAction, WrapUpMode};
use careline_model::event::{
    CallbackDialled, CallbackEnded, CallbackMerged, CallbackPostponed, CallbackQueued, CallbackReleased,
    SurveyAnswered, SurveyEnded, SurveyInvited, SurveyOutcome,
};
use careline_model::event::{HoldStep, ParkStep, PartyLeft, PeopleFact, WatchEnd, WatchMode, WatchNotice};
use careline_model::hours::{Change, HoursOverride, Opening, Outlook, Reason};
use careline_model::outbound::{
    CampaignFact, CampaignState, DialResult, DoNotCall, PreviewOutcome, Purpose, Relation, TaskOutcome,
};
use careline_model::quality::{LegParty, LegQuality, LegReading, Reception};
use careline_model::screening::{
    BlockAction, ListChange, ListEntry, ListKind, Pattern, Scope, ScreenCause, ScreenOutcome,
};
use careline_model::snapshot::{
    AgentView, CallStage, CallView, DispositionView, EmergencyView, HoursView, NotReadyCodeView, QueueView,
    Snapshot, WatchView, WrapUpView,
};
use careline_model::{
    AgentId, CallId, CallbackId, EntryId, Event, EventBody, MailboxId, Number, OfferId, RecordingId,
};
use careline_rpc::proto::switch_control::v1::{self as control, SnapshotResponse};
use careline_rpc::proto::switch_events::v1 as wire;
use careline_rpc::{ConversionError, Fact, Received, body_from_model};
use prost::Message;

fn call() -> CallId {
    "0190a5b0-1111-7abc-8def-0123456789ab".parse().expect("a UUID")
}

fn leg_quality(party: LegParty) -> LegQuality {
    let reception = Reception { loss: 0.01, jitter_ms: 3.5, r: 82.1, mos: 4.1 };
    let is_agent = party == LegParty::Agent;
    LegQuality {
        party,
        agent: is_agent.then(|| "1001".into()),
        trunk: (!is_agent).then(|| "pbx".into()),
        codec: "pcma".into(),
        received: 500,
        sent: u64::MAX,
        inbound: Some(reception),
        outbound: is_agent.then_some(reception),
        round_trip_ms: is_agent.then_some(12.5),
    }
}

/// One or more of each variant. The match makes the compiler ask for a new one.
fn all() -> Vec<EventBody> {
    use EventBody as E;
    let (call, entry, offer) = (call(), EntryId(7), OfferId(u64::MAX));
    let (agent, queue) = ("1001".into(), "outpatient".into());
    let mut all = vec![
        E::SwitchStarted { version: "0.1.0".into() },
        E::SwitchDraining { calls: u32::MAX },
        E::FlowEntered { call, flow: "main".into(), version: 3 },
        E::FlowNode { call, node: "menu".into() },
        E::FlowLeft { call, node: "menu".into(), branch: "1".into(), ms: 5 },
        E::CallAttribute { call, name: "call.language".into(), value: "zh-CN".into() },
        E::ScreenData { call, items: vec![ScreenItem { label: "就诊卡".into(), text: "*".into() }] },
        E::Digit { call, digit: '#', duration_ms: 120 },
        E::QueueEntered { call, entry, queue, position: 1 },
        E::OfferMade { call, entry, offer, agent },
        E::Campaign(CampaignFact::TaskAdded {
            campaign: "follow".into(),
            task: "t1".into(),
            person: "p1".into(),
        }),
        E::QueueReserved { call, entry, agent: "1002".into(), for_ms: 15_000 },
        E::QueueWidened { call, entry, queue: "booking".into(), step: 2, early: true },
        E::RankChanged { call, red_flag: true, class: Some(2), points: -5 },
        E::RankChanged { call, red_flag: false, class: None, points: 30 },
        E::QueueResumed { call, entry, queue: "booking".into(), earlier: call, age_ms: 70_000 },
        E::QueueWithdrawn {
            call,
            entry,
            queue: "booking".into(),
            to: "general".into(),
            reason: "误选".into(),
        },
        E::QueuePicked { call, entry, agent: "1002".into() },
        E::QueueAnnounced { call, entry, position: Some(3), wait_ms: None },
        E::QueueAnnounced { call, entry, position: None, wait_ms: Some(61_000) },
        E::WaitPredicted { call, entry, queue: "booking".into(), predicted_ms: 90_000, wait_ms: 80_000 },
        E::QueueLight { queue: "booking".into(), on: true },
        E::QueuePaused { agent: "1001".into(), queue: "booking".into(), paused: true },
        E::RecordingStarted { call, recording: "r-1".into() },
        E::RecordingFinished {
            call,
            recording: "r-1".into(),
            duration_ms: 1,
            bytes: u64::MAX,
            sha256: "00".into(),
            complete: true,
        },
        E::RecordingIncomplete { call, recording: "r-1".into(), reason: "磁盘已满".into() },
        E::RecordingPaused { call, recording: "r-1".into(), reason: "card".into() },
        E::RecordingResumed { call, recording: "r-1".into(), by: ResumedBy::Command },
        E::RecordingResumed { call, recording: "r-1".into(), by: ResumedBy::Limit },
    ];
    all.extend(messages(call));
    all.extend(screened());
    all.extend(decided());
    for trunk in [None, Some("pbx".into())] {
        all.push(E::CallOffered {
            call,
            caller: Number::from("+8613812345678"),
            caller_name: "王小明".into(),
            dialled: Number::from("1001"),
            line: "main".into(),
            medium: "web".into(),
            trunk,
        });
    }
    for queue in [None, Some("outpatient".into())] {
        all.push(E::CallConnected { call, agent: "1001".into(), queue });
    }
    let (to, group) = (Number::from("+8613812345678"), Some("city".into()));
    for (direction, trunk_group) in [(CallDirection::Outbound, group), (CallDirection::Internal, None)] {
        all.push(E::CallDialled { call, agent: "1001".into(), direction, to: to.clone(), trunk_group });
    }
    for attended in [false, true] {
        all.push(E::TransferStarted { call, agent: "1001".into(), to: to.clone(), attended });
    }
    use TransferOutcome as T;
    for outcome in
        [T::Connected, T::NoAnswer, T::Rejected, T::Busy, T::Unreachable, T::CallerLeft, T::Cancelled]
    {
        all.push(E::TransferEnded { call, outcome, ring_ms: 5 });
    }
    use LookUpOutcome as L;
    for outcome in [L::Found, L::Stranger, L::TimedOut, L::Unavailable] {
        all.push(E::CallerLookedUp { call, outcome, persons: 2, took_ms: 7 });
    }
    use OfferOutcome as O;
    for outcome in [
        O::Answered,
        O::NoAnswer,
        O::Rejected,
        O::Busy,
        O::DeviceLost,
        O::CallerLeft,
        O::LostRace,
        O::Cancelled,
    ] {
        all.push(E::OfferEnded { call, entry, offer, agent: "1001".into(), outcome, ring_ms: 4 });
    }
    use QueueOutcome as Q;
    for outcome in [
        Q::Answered,
        Q::Abandoned,
        Q::ShortAbandoned,
        Q::FlowOutTimeout,
        Q::FlowOutEmpty,
        Q::FlowOutClosed,
        Q::FlowOutAdmin,
        Q::SystemFault,
        Q::FlowOutOverflow,
        Q::FlowOutKey,
        Q::FlowOutCallback,
        Q::FlowOutVoicemail,
    ] {
        all.push(E::QueueLeft { call, entry, queue: "outpatient".into(), outcome, wait_ms: 4 });
    }
    use EndCause as C;
    for cause in [
        C::Completed,
        C::IvrAbandoned,
        C::QueueAbandoned,
        C::FlowFinished,
        C::Cancelled,
        C::MediaTimeout,
        C::DeviceLost,
        C::Refused,
        C::Command,
        C::SwitchCrashed,
        C::Fault,
        C::NoAnswer,
        C::Busy,
        C::Rejected,
        C::Unreachable,
    ] {
        for ended_by in [Party::Caller, Party::Agent, Party::Switch] {
            all.push(E::CallEnded { call, cause, ended_by, duration_ms: 9, talk_ms: 8 });
        }
    }
    for party in [LegParty::Caller, LegParty::Agent, LegParty::Outside] {
        all.push(E::LegQuality { call, quality: Box::new(leg_quality(party)) });
    }
    use AgentWork as W;
    for work in [W::Idle, W::Reserved, W::Ringing, W::Connecting, W::Talking, W::Dialing, W::WrapUp] {
        for device in [AgentDevice::None, AgentDevice::Registered, AgentDevice::InUse, AgentDevice::Lost] {
            for intent in [AgentIntent::LoggedOut, AgentIntent::NotReady("lunch".into()), AgentIntent::Ready]
            {
                all.push(E::AgentState { agent: "1001".into(), intent, work, device });
            }
        }
    }
    all.extend(facts_of_agents(call));
    all.extend(facts_of_people(call).into_iter().map(E::People));
    all
}

fn facts_of_people(call: CallId) -> Vec<PeopleFact> {
    use PeopleFact as F;
    let (watch, agent, by) = (call, || AgentId::from("1001"), || "班长".to_owned());
    let mut all = vec![
        F::WatchFollowed { watch, call: None, held: false },
        F::WatchFollowed { watch, call: Some(call), held: true },
        F::PartyAdded { call, party: 1, to: "1002".into(), agent: Some(agent()), by: agent() },
        F::PartyAdded { call, party: 2, to: "+8613912345678".into(), agent: None, by: agent() },
        F::PartyJoined { call, party: 1 },
        F::PartyChanged { call, party: 0, muted: true, held: false },
    ];
    use WatchMode as M;
    for mode in [M::Listen, M::PrivateWhisper, M::Whisper, M::Barge, M::TakeOver] {
        all.push(F::WatchChanged { watch, mode, by: by() });
        for notice in [WatchNotice::None, WatchNotice::Icon, WatchNotice::Tone] {
            let supervisor = "3001".into();
            all.push(F::WatchStarted { watch, supervisor, agent: agent(), by: by(), mode, notice });
        }
    }
    use WatchEnd as W;
    let ends = [W::Stopped, W::HungUp, W::NotAnswered, W::Lost, W::TakenOver];
    all.extend(ends.map(|why| F::WatchEnded { watch, why, heard_ms: 7 }));
    use PartyLeft as L;
    let left = [
        L::HungUp,
        L::Removed,
        L::NoAnswer,
        L::Rejected,
        L::Busy,
        L::Unreachable,
        L::CallEnded,
        L::Succeeded,
    ];
    all.extend(left.map(|why| F::PartyLeft { call, party: 3, why, joined_ms: 8 }));
    let holds = [HoldStep::Began, HoldStep::Long, HoldStep::Ended];
    all.extend(holds.map(|hold| F::CallHeld { call, agent: agent(), hold, held_ms: 9 }));
    let steps = [ParkStep::Parked, ParkStep::PickedUp, ParkStep::Returned, ParkStep::Ended];
    all.extend(steps.map(|step| F::CallParked { call, slot: 701, step, agent: None }));
    all
}

fn people(fact: &PeopleFact) -> usize {
    match fact {
        PeopleFact::WatchStarted { .. } => 0,
        PeopleFact::WatchChanged { .. } => 1,
        PeopleFact::WatchFollowed { .. } => 2,
        PeopleFact::WatchEnded { .. } => 3,
        PeopleFact::PartyAdded { .. } => 4,
        PeopleFact::PartyJoined { .. } => 5,
        PeopleFact::PartyChanged { .. } => 6,
        PeopleFact::PartyLeft { .. } => 7,
        PeopleFact::CallHeld { .. } => 8,
        PeopleFact::CallParked { .. } => 9,
    }
}

fn facts_of_agents(call: CallId) -> Vec<EventBody> {
    use EventBody as E;
    let agent = || AgentId::from("1001");
    let mut all = vec![
        E::AgentNext { agent: agent(), next: None },
        E::AgentNext { agent: agent(), next: Some(AgentIntent::NotReady("meal".into())) },
        E::WrapUpMoved { agent: agent(), call, ends_at_us: -1 },
        E::WrapUpEnded { agent: agent(), call, wrap_up_ms: 3 },
        E::Disposition { call, agent: agent(), queue: "general".into(), code: "solved".into() },
    ];
    for when in [ForcedWhen::IfFree, ForcedWhen::AfterCall, ForcedWhen::Now] {
        let (by, reason) = ("班长".into(), "换班".into());
        all.push(E::AgentForced { agent: agent(), intent: AgentIntent::LoggedOut, when, by, reason });
    }
    use WrapUpMode as M;
    for mode in [M::None, M::Optional, M::Discretionary, M::Timed, M::TimedFixed] {
        all.push(E::WrapUpStarted { agent: agent(), call, queue: "general".into(), mode, ends_at_us: 9 });
    }
    for limit in [AgentLimit::Pause, AgentLimit::Idle, AgentLimit::Calls] {
        for then in [LimitAction::None, LimitAction::Alert, LimitAction::Logout] {
            let code = (limit == AgentLimit::Pause).then(|| "meal".into());
            all.push(E::AgentLimit { agent: agent(), limit, code, reached: then == LimitAction::None, then });
        }
    }
    all
}

fn screened() -> Vec<EventBody> {
    use ScreenOutcome as O;
    let mut all = Vec::new();
    for cause in [
        ScreenCause::BlackList,
        ScreenCause::Anonymous,
        ScreenCause::CallerRate,
        ScreenCause::LineTotal,
        ScreenCause::LineWaiting,
    ] {
        for outcome in [
            O::Busy,
            O::Message,
            O::Voicemail,
            O::Asked,
            O::LowPriority,
            O::AllowedByWhiteList,
            O::AllowedByProtection,
            O::AllowedOnEmergencyLine,
        ] {
            let queue = (outcome == O::Busy).then(|| "outpatient".into());
            all.push(EventBody::CallScreened {
                call: call(), cause, outcome, reason: "骚扰".into(), queue
            });
        }
    }
    let number = Pattern::Number(Number::from("+8613812345678"));
    let prefix = Pattern::Prefix(Number::from("+86170"));
    let entries = [
        (ListKind::White, number.clone(), Scope::All, None, BlockAction::Busy),
        (ListKind::Black, prefix, Scope::Line("main".into()), Some(-1), BlockAction::Message("sorry".into())),
        (ListKind::Black, number.clone(), Scope::All, Some(9), BlockAction::Voicemail("vm".into())),
        (ListKind::Protected, number, Scope::Queue("outpatient".into()), None, BlockAction::LowPriority),
    ];
    for (list, pattern, scope, until_us, action) in entries {
        for change in [ListChange::Set, ListChange::Removed] {
            let (pattern, scope, action) = (pattern.clone(), scope.clone(), action.clone());
            let entry = ListEntry { list, pattern, scope, reason: "x".into(), until_us, action };
            all.push(EventBody::CallerListChanged { change, entry: Box::new(entry), by: "3001".into() });
        }
    }
    all
}

fn decided() -> Vec<EventBody> {
    use EventBody as E;
    let (by, reason) = (|| "3001".to_owned(), || "台风".to_owned());
    let mut all = Vec::new();
    for opening in [Opening::Open, Opening::Closed, Opening::Emergency] {
        all.push(E::HoursOverridden {
            hours: "office".into(),
            opening,
            until_us: 1,
            by: by(),
            reason: reason(),
        });
    }
    for (until_us, who) in [(None, None), (Some(-5), Some(by()))] {
        all.push(E::HoursReverted { hours: "office".into(), by: who.clone() });
        all.push(E::EmergencyBegan { flow: "main".into(), until_us, by: by(), reason: reason() });
        all.push(E::EmergencyEnded { by: who });
    }
    let change = |what: &str, how| ConfigChange { what: what.into(), id: "booking".into(), how };
    let changes = [ChangeKind::Added, ChangeKind::Removed, ChangeKind::Changed];
    let changes = changes.map(|how| change("queue", how)).to_vec();
    all.push(E::ConfigurationApplied { version: 8, by: by(), comment: reason(), changes, more: 3 });
    for order in [CallOrderKind::Rank, CallOrderKind::Skill, CallOrderKind::Withdraw, CallOrderKind::Pick] {
        all.push(E::CallOrdered { call: call(), by: by(), order });
    }
    all.push(E::QueueClosed { queue: "booking".into(), leave: true, by: by(), reason: reason() });
    all.push(E::QueueOpened { queue: "booking".into(), by: by() });
    all.push(E::SkillAsked { call: call(), skill: "children".into(), level: 3 });
    all.extend(callbacks());
    all.extend(surveys());
    all
}

fn promise(call: Option<CallId>) -> Callback {
    Callback {
        id: "0190a5b0".into(),
        number: Number::from("+8613812345678"),
        queue: "booking".into(),
        origin: CallbackOrigin::Program,
        call,
        line: "website".into(),
        dialled: Number::from("12320"),
        medium: "web".into(),
        language: call.map(|_| "en-GB".into()),
        owner: call.map(|_| "1001".into()),
        requested_us: 5,
        first_us: -5,
        due_us: 6,
        expires_us: i64::MAX,
        attempts: 2,
        red_flag: call.is_some(),
        class: call.map(|_| 9),
        points: -3,
        needs: [("english".into(), 4)].into(),
    }
}

fn callbacks() -> Vec<EventBody> {
    use EventBody as E;
    let (id, callback) = (call(), CallbackId::from("0190a5b0"));
    let mut all = Vec::new();
    for call in [None, Some(id)] {
        all.push(E::CallbackRequested(Box::new(promise(call))));
        let (callback, by) = (callback.clone(), "3001".to_owned());
        all.push(E::CallbackMerged(CallbackMerged {
            call,
            callback: callback.clone(),
            origin: CallbackOrigin::Agent,
        }));
        let (queue, outcome) = ("booking".into(), CallbackOutcome::Returned);
        all.push(E::CallbackEnded(CallbackEnded {
            call,
            callback,
            queue,
            outcome,
            attempts: 1,
            age_ms: u64::MAX,
            by,
        }));
    }
    all.push(E::CallbackQueued(CallbackQueued {
        call: id,
        callback: callback.clone(),
        number: Number::from("+8613812345678"),
        queue: "booking".into(),
        line: "".into(),
        medium: String::new(),
        owner: Some("1001".into()),
        attempt: 2,
        age_ms: 7,
    }));
    all.push(E::CallbackReleased(CallbackReleased {
        call: id,
        callback: callback.clone(),
        agent: "1001".into(),
    }));
    let trunk_group = "out".into();
    all.push(E::CallbackDialled(CallbackDialled {
        call: id,
        callback: callback.clone(),
        agent: None,
        trunk_group,
    }));
    let why = CallbackMiss::NotConfirmed;
    all.push(E::CallbackPostponed(CallbackPostponed {
        call: id,
        callback,
        why,
        attempts: 1,
        next_at_us: -1,
    }));
    all
}

fn surveys() -> Vec<EventBody> {
    use EventBody as E;
    let call = call();
    let (agent, queue) = (AgentId::from("1001"), careline_model::QueueId::from("booking"));
    let mut all = vec![E::SurveyInvited(SurveyInvited {
        call,
        agent: agent.clone(),
        queue: queue.clone(),
        flow: "survey".into(),
    })];
    for agent in [None, Some(agent.clone())] {
        all.push(E::SurveyAnswered(SurveyAnswered {
            call,
            queue: agent.as_ref().map(|_| queue.clone()),
            agent,
            question: "attitude".into(),
            answer: 2,
            scale: 5,
            low: true,
        }));
    }
    let outcome = SurveyOutcome::Partial;
    all.push(E::SurveyEnded(SurveyEnded { call, agent, queue, outcome, answers: 1 }));
    all
}

/// Facts of messages.
fn messages(call: CallId) -> Vec<EventBody> {
    use EventBody as E;
    use careline_model::event::{GreetingReason as G, MessageDrop as D, MessageState as S};
    let (mailbox, recording): (MailboxId, RecordingId) = ("general".into(), "r-2".into());
    let about = || (mailbox.clone(), recording.clone());
    let started = [G::Busy, G::Closed, G::Holiday].map(|reason| {
        let (mailbox, recording) = about();
        E::VoicemailStarted { call, mailbox, recording, reason }
    });
    let dropped = [D::TooShort, D::TakenAgain].map(|why| {
        let (mailbox, recording) = about();
        E::VoicemailDropped { call, mailbox, recording, why }
    });
    let states = [S::Open, S::Claimed, S::Handled, S::Archived];
    let moved = states.into_iter().zip([None, Some("1001".to_owned())].into_iter().cycle());
    let moved = moved.map(|(state, by)| {
        let (mailbox, recording) = about();
        E::VoicemailMoved { call, mailbox, recording, state, by }
    });
    let left = [(Some("booking".into()), None), (None, Some("1001".into()))].map(|(queue, agent)| {
        let ((mailbox, recording), urgent) = (about(), queue.is_some());
        E::VoicemailLeft { call, mailbox, recording, queue, agent, duration_ms: 5, urgent, due_at_us: -7 }
    });
    let locked = E::PinLocked { agent: "1001".into(), until_us: 9 };
    started.into_iter().chain(dropped).chain(moved).chain(left).chain([locked]).collect()
}

fn kind(body: &EventBody) -> usize {
    use EventBody as E;
    match body {
        E::SwitchStarted { .. } => 0,
        E::SwitchDraining { .. } => 1,
        E::CallOffered { .. } => 2,
        E::FlowEntered { .. } => 3,
        E::FlowNode { .. } => 4,
        E::Digit { .. } => 5,
        E::QueueEntered { .. } => 6,
        E::OfferMade { .. } => 7,
        E::OfferEnded { .. } => 8,
        E::QueueLeft { .. } => 9,
        E::CallConnected { .. } => 10,
        E::CallEnded { .. } => 11,
        E::AgentState { .. } => 12,
        E::RecordingStarted { .. } => 13,
        E::RecordingFinished { .. } => 14,
        E::RecordingIncomplete { .. } => 15,
        E::CallerLookedUp { .. } => 16,
        E::CallDialled { .. } => 17,
        E::TransferStarted { .. } => 18,
        E::TransferEnded { .. } => 19,
        E::LegQuality { .. } => 20,
        E::RecordingPaused { .. } => 21,
        E::RecordingResumed { .. } => 22,
        E::QueueReserved { .. } => 23,
        E::QueueWidened { .. } => 24,
        E::RankChanged { .. } => 25,
        E::CallScreened { .. } => 26,
        E::CallerListChanged { .. } => 27,
        E::HoursOverridden { .. } => 28,
        E::HoursReverted { .. } => 29,
        E::EmergencyBegan { .. } => 30,
        E::EmergencyEnded { .. } => 31,
        E::FlowLeft { .. } => 32,
        E::CallAttribute { .. } => 33,
        E::ScreenData { .. } => 34,
        E::QueueAnnounced { .. } => 35,
        E::WaitPredicted { .. } => 36,
        E::QueueResumed { .. } => 37,
        E::QueueWithdrawn { .. } => 38,
        E::QueuePicked { .. } => 39,
        E::AgentNext { .. } => 40,
        E::AgentForced { .. } => 41,
        E::AgentLimit { .. } => 42,
        E::WrapUpStarted { .. } => 43,
        E::WrapUpMoved { .. } => 44,
        E::WrapUpEnded { .. } => 45,
        E::Disposition { .. } => 46,
        E::VoicemailStarted { .. } => 47,
        E::VoicemailLeft { .. } => 48,
        E::VoicemailDropped { .. } => 49,
        E::VoicemailMoved { .. } => 50,
        E::PinLocked { .. } => 51,
        E::QueueLight { .. } => 52,
        E::QueuePaused { .. } => 53,
        E::CallbackRequested(_) => 54,
        E::CallbackMerged(_) => 55,
        E::CallbackQueued(_) => 56,
        E::CallbackReleased(_) => 57,
        E::CallbackDialled(_) => 58,
        E::CallbackPostponed(_) => 59,
        E::CallbackEnded(_) => 60,
        E::SurveyInvited(_) => 61,
        E::SurveyAnswered(_) => 62,
        E::SurveyEnded(_) => 63,
        E::ConfigurationApplied { .. } => 64,
        E::CallOrdered { .. } => 65,
        E::QueueClosed { .. } => 66,
        E::QueueOpened { .. } => 67,
        E::SkillAsked { .. } => 68,
        E::People(fact) => 69 + people(fact),
        E::Campaign(_) => 79,
    }
}

fn message(body: Option<wire::numbered::Body>) -> wire::Numbered {
    let switch_id = "switch-1".to_owned();
    wire::Numbered { switch_id, epoch: 1, number: 2, at_us: -3, epoch_changed: true, body }
}

#[test]
fn every_fact_comes_back_as_it_was() {
    let mut kinds = [false; 80];
    for body in all() {
        kinds[kind(&body)] = true;
        let bytes = message(Some(body_from_model(body.clone()))).encode_to_vec();
        let received = Received::try_from(wire::Numbered::decode(bytes.as_slice()).unwrap()).unwrap();
        assert_eq!(received.fact, Fact::Event(Event { at_us: -3, body }));
        assert_eq!((received.epoch, received.number, received.epoch_changed), (1, 2, true));
    }
    assert!(kinds.iter().all(|seen| *seen), "one kind is not tried: {kinds:?}");
}

#[test]
fn omitted_numbers_are_told_apart_from_facts() {
    let body = wire::numbered::Body::Omitted(wire::Omitted { count: 5 });
    assert_eq!(Received::try_from(message(Some(body))).unwrap().fact, Fact::Omitted(5));
}

#[test]
fn nonsense_is_refused_with_the_name_of_its_field() {
    use wire::numbered::Body;
    let refused = |body| Received::try_from(message(body)).unwrap_err();
    assert_eq!(refused(None), ConversionError::Missing("event body"));
    let node = wire::FlowNode { call: "1".into(), node: String::new() };
    assert_eq!(refused(Some(Body::FlowNode(node))), ConversionError::Invalid("call id"));
    let call = call().to_string();
    for digit in ["", "12"] {
        let digit = wire::Digit { call: call.clone(), digit: digit.into(), duration_ms: 0 };
        assert_eq!(refused(Some(Body::Digit(digit))), ConversionError::Invalid("digit"));
    }
    for cause in [0, 99] {
        let ended = wire::CallEnded { call: call.clone(), cause, ended_by: 1, duration_ms: 0, talk_ms: 0 };
        assert_eq!(refused(Some(Body::CallEnded(ended))), ConversionError::Missing("end cause"));
    }
    let state = wire::AgentState { agent: "1".into(), intent: None, work: 1, device: 1 };
    assert_eq!(refused(Some(Body::AgentState(state))), ConversionError::Missing("agent intent"));
    let quality = Some(wire::Quality::default());
    for (quality, field) in [(None, "leg quality"), (quality, "leg party")] {
        let leg = wire::LegQuality { call: call.clone(), quality };
        assert_eq!(refused(Some(Body::LegQuality(leg))), ConversionError::Missing(field));
    }
}

#[test]
fn a_snapshot_comes_back_as_it_was() {
    let stages = [
        CallStage::Flow,
        CallStage::Queued,
        CallStage::Offered,
        CallStage::Talking,
        CallStage::Dialling,
        CallStage::Transferring,
    ];
    let snapshot = Snapshot {
        calls: stages
            .into_iter()
            .map(|stage| CallView {
                call: call(),
                direction: CallDirection::Internal,
                caller: Number::from(""),
                caller_name: "王小明".into(),
                dialled: Number::from("1001"),
                line: "main".into(),
                medium: "web".into(),
                stage,
                queue: (stage != CallStage::Flow).then(|| "outpatient".into()),
                agent: (stage == CallStage::Talking).then(|| "1001".into()),
                offer: (stage == CallStage::Offered).then_some(OfferId(9)),
                offered_at_us: 1,
                stage_since_us: 2,
            })
            .collect(),
        queues: vec![QueueView {
            queue: "outpatient".into(),
            name: "门诊".into(),
            waiting: vec![call()],
            longest_wait_ms: 3,
            agents_routable: 4,
        }],
        agents: vec![AgentView {
            agent: "1001".into(),
            name: "张敏".into(),
            intent: AgentIntent::NotReady("lunch".into()),
            work: AgentWork::WrapUp,
            device: AgentDevice::InUse,
            call: Some(call()),
            since_us: 5,
            next: Some(AgentIntent::LoggedOut),
            wrap_up: Some(WrapUpView {
                call: call(),
                mode: WrapUpMode::TimedFixed,
                ends_at_us: 6,
                disposition: Some("solved".into()),
            }),
        }],
        not_ready_codes: vec![NotReadyCodeView {
            code: "lunch".into(),
            name: "用餐".into(),
            productive: false,
            staffed: true,
            max_s: 2400,
            warn_s: 2100,
            at_max: LimitAction::Alert,
            quota: 1,
            by_agent: true,
            by_supervisor: false,
        }],
        hours: hours_views(),
        emergency: Some(EmergencyView {
            flow: "disaster".into(),
            since_us: 6,
            until_us: Some(7),
            by: "3001".into(),
            reason: "地震".into(),
        }),
        dispositions: vec![DispositionView { code: "solved".into(), name: "已解决".into() }],
        watches: [None, Some(call())]
            .into_iter()
            .map(|heard| WatchView {
                watch: call(),
                supervisor: "3001".into(),
                agent: "1001".into(),
                mode: WatchMode::Whisper,
                call: heard,
            })
            .collect(),
    };
    let bytes = SnapshotResponse::from_model("switch-1", 6, 7, snapshot.clone()).encode_to_vec();
    let read = SnapshotResponse::decode(bytes.as_slice()).unwrap();
    assert_eq!((read.switch_id.as_str(), read.epoch, read.number), ("switch-1", 6, 7));
    assert_eq!(Snapshot::try_from(read).unwrap(), snapshot);
}

/// One for each reason.
fn hours_views() -> Vec<HoursView> {
    let over =
        HoursOverride {
            opening: Opening::Emergency, until_us: 8, by: "3001".into(), reason: "台风".into()
        };
    let name = Some("国庆节".into());
    let friday = careline_model::hours::parse_weekday("fri").expect("a weekday");
    let reasons = [
        Reason::Weekly,
        Reason::Holiday { name: name.clone() },
        Reason::OwnPeriods { name: None },
        Reason::MakeUpDay { name, like: friday },
        Reason::Override { by: over.by.clone(), reason: over.reason.clone() },
    ];
    let view = |reason: Reason| {
        let is_decided = matches!(reason, Reason::Override { .. });
        let next = is_decided.then_some(Change { at_us: 8, opening: Opening::Open });
        HoursView {
            hours: "office".into(),
            outlook: Outlook { opening: Opening::Closed, reason, next },
            overridden: is_decided.then(|| over.clone()),
        }
    };
    reasons.into_iter().map(view).collect()
}

#[test]
fn a_reading_comes_back_as_it_was() {
    for call in [None, Some(call())] {
        let reading = LegReading { call, at_us: 8, quality: leg_quality(LegParty::Agent) };
        let bytes = control::LegReading::from(reading.clone()).encode_to_vec();
        let read = control::LegReading::decode(bytes.as_slice()).unwrap();
        assert_eq!(LegReading::try_from(read).unwrap(), reading);
    }
}

#[test]
fn an_open_callback_comes_back_as_it_was() {
    let stages =
        [CallbackStage::Later, CallbackStage::Queued, CallbackStage::Offered, CallbackStage::Calling];
    for stage in stages {
        let view = CallbackView { callback: promise(Some(call())), stage, attempt: Some(call()) };
        let wire = control::OpenCallback::from(view.clone());
        assert_eq!(CallbackView::try_from(wire), Ok(view));
    }
}

#[test]
fn every_fact_of_campaigns_comes_back_as_it_was() {
    use CampaignFact as F;
    let (campaign, task, call) = (|| "follow".into(), || "t1".into(), call());
    let mut facts = vec![
        F::TaskAdded { campaign: campaign(), task: task(), person: "p1".into() },
        F::TaskPutOff { campaign: campaign(), task: task(), until_us: 7 },
        F::PreviewOffered { campaign: campaign(), task: task(), agent: "1001".into(), ends_at_us: -1 },
        F::TaskEnded {
            campaign: campaign(),
            task: task(),
            outcome: TaskOutcome::Reached,
            attempts: 2,
            call: Some(call),
        },
    ];
    for state in [CampaignState::Running, CampaignState::Paused, CampaignState::Stopped] {
        let (by, reason) = ("chief".into(), "flu".into());
        facts.push(F::CampaignChanged { campaign: campaign(), state, by, reason });
    }
    for outcome in [
        PreviewOutcome::Accepted,
        PreviewOutcome::Skipped,
        PreviewOutcome::Dialled,
        PreviewOutcome::TimedOut,
        PreviewOutcome::Yielded,
        PreviewOutcome::AgentLeft,
        PreviewOutcome::Withdrawn,
    ] {
        let (agent, reason) = ("1001".into(), "deceased".into());
        facts.push(F::PreviewEnded { campaign: campaign(), task: task(), agent, outcome, reason });
    }
    for relation in [Relation::Patient, Relation::Kin, Relation::Other] {
        let (agent, to) = ("1001".into(), Number::from("+8613812345678"));
        facts.push(F::AttemptBegan {
            campaign: campaign(),
            task: task(),
            call,
            agent,
            attempt: 3,
            to,
            relation,
        });
    }
    for (_, result) in DialResult::ALL {
        let (attempt, status, cause, ring_ms) = (3, 486, Some(17), 5);
        facts.push(F::AttemptEnded {
            campaign: campaign(),
            task: task(),
            call,
            attempt,
            result,
            status,
            cause,
            ring_ms,
        });
    }
    for outcome in [
        TaskOutcome::Exhausted,
        TaskOutcome::Expired,
        TaskOutcome::Skipped,
        TaskOutcome::DoNotCall,
        TaskOutcome::Withdrawn,
        TaskOutcome::Stopped,
    ] {
        facts.push(F::TaskEnded { campaign: campaign(), task: task(), outcome, attempts: 0, call: None });
    }
    let purposes = Purpose::ALL.map(|(_, purpose)| purpose).into();
    let entry = DoNotCall { number: Number::from("+8613812345678"), purposes, reason: "asked".into() };
    facts.push(F::DoNotCallChanged { entry: Box::new(entry), listed: true, by: "desk".into() });
    for fact in facts {
        let body = EventBody::Campaign(fact);
        let bytes = message(Some(body_from_model(body.clone()))).encode_to_vec();
        let read = Received::try_from(wire::Numbered::decode(&*bytes).expect("a message")).expect("a fact");
        let Fact::Event(Event { body: read, .. }) = read.fact else { panic!("no event") };
        assert_eq!(read, body);
    }
}

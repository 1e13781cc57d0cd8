//! From an event of a switch to the rows that follow from it: a pure function.
//!
//! Every change is written so that it may be applied twice: rows have the natural keys of what they are about (call,
//! entry, offer, recording), the first end of a thing is its end, and sums are taken over rows instead of added up. So
//! the same facts in the same order give the same rows, however they were cut into transactions and however often a
//! stretch of them came again under new numbers.

use careline_model::event::{AgentDevice, AgentIntent, AgentWork, CallDirection};
use careline_model::{Event, EventBody};
use serde::Serialize;

/// What a call is when it arrives, or is dialled.
#[derive(Debug, Clone, PartialEq)]
pub struct Arrival {
    /// UUID.
    pub call: String,
    /// `in`, `out` or `internal`.
    pub direction: &'static str,
    /// The agent who dialled.
    pub agent: Option<String>,
    /// Canonical number of the party that agents talk to, whole; empty when withheld.
    pub caller: String,
    /// Display name as the network sent it.
    pub caller_name: String,
    /// The dialled number.
    pub dialled: String,
    /// The line.
    pub line: String,
    /// Advertising medium.
    pub medium: String,
    /// The trunk.
    pub trunk: Option<String>,
    /// When, UTC microseconds.
    pub at_us: i64,
}

/// One change of the history.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum RowChange {
    /// A call arrived.
    Arrived(Box<Arrival>),
    /// It runs a flow.
    InFlow { call: String, flow: String },
    /// Its waiting.
    Visit(VisitChange),
    /// The ringing of an agent.
    Offer(OfferChange),
    /// Caller and agent hear each other.
    Connected { call: String, agent: String, at_us: i64 },
    /// An agent passes the party on.
    Transfer(TransferChange),
    /// The call is over.
    Ended { call: String, cause: String, ended_by: String, duration_ms: i64, talk_ms: i64, at_us: i64 },
    /// A recording of it.
    Recording(RecordingChange),
    /// A message that a caller left.
    Message(MessageChange),
    /// An agent's state changed.
    AgentState { agent: String, intent: String, work: String, device: String, at_us: i64 },
    /// A switch began: whatever of it is open since before then ended with its last run.
    ForgottenEnded { at_us: i64 },
}

/// One change of a stay in a queue.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum VisitChange {
    /// It began.
    Began { call: String, entry: u64, queue: String, at_us: i64 },
    /// It ended. Its beginning follows from the wait, should that be unknown.
    Ended { call: String, entry: u64, queue: String, outcome: String, wait_ms: i64, at_us: i64 },
}

/// One change of an offer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum OfferChange {
    /// An agent is rung.
    Made { call: String, offer: u64, entry: u64, agent: String, at_us: i64 },
    /// The ringing ended. Its beginning follows from its length, should that be unknown.
    Ended { call: String, offer: u64, entry: u64, agent: String, outcome: String, ring_ms: i64, at_us: i64 },
}

/// One change of a transfer.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum TransferChange {
    /// The third party is called.
    Began { call: String, agent: String, target: String, attended: bool, at_us: i64 },
    /// It ended: the one that began last before.
    Ended { call: String, outcome: String, ring_ms: i64, at_us: i64 },
}

/// One change of a recording.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum RecordingChange {
    /// It began.
    Began { call: String, recording: String, at_us: i64 },
    /// Its file is closed.
    Closed {
        call: String,
        recording: String,
        duration_ms: i64,
        bytes: i64,
        sha256: String,
        complete: bool,
        at_us: i64,
    },
    /// A part of it is missing.
    Trouble { call: String, recording: String, reason: String },
}

/// One change of a message that a caller left.
#[derive(Debug, Clone, PartialEq)]
#[allow(missing_docs, reason = "the fields are ids and amounts that carry their unit in the name")]
pub enum MessageChange {
    /// It is there.
    Left {
        message: String,
        call: String,
        mailbox: String,
        queue: Option<String>,
        agent: Option<String>,
        duration_ms: i64,
        urgent: bool,
        due_us: i64,
        at_us: i64,
    },
    /// What became of it.
    Moved { message: String, state: String, by: Option<String>, at_us: i64 },
}

/// The change that follows from one event, if any does.
#[must_use]
#[rustfmt::skip]
pub fn change_of(event: &Event) -> Option<RowChange> {
    use EventBody as E;
    let at_us = event.at_us;
    Some(match &event.body {
        E::SwitchStarted { .. } => RowChange::ForgottenEnded { at_us },
        E::CallOffered { call, caller, caller_name, dialled, line, medium, trunk } => {
            RowChange::Arrived(Box::new(Arrival {
                call: call.to_string(),
                direction: word_of(CallDirection::Inbound),
                agent: None,
                caller: caller.as_str().to_owned(),
                caller_name: caller_name.as_str().to_owned(),
                dialled: dialled.as_str().to_owned(),
                line: line.to_string(),
                medium: medium.clone(),
                trunk: trunk.as_ref().map(ToString::to_string),
                at_us,
            }))
        }
        E::CallDialled { call, agent, direction, to, .. } => RowChange::Arrived(Box::new(Arrival {
            call: call.to_string(),
            direction: word_of(*direction),
            agent: Some(agent.to_string()),
            caller: to.as_str().to_owned(),
            caller_name: String::new(),
            dialled: to.as_str().to_owned(),
            line: String::new(),
            medium: String::new(),
            trunk: None,
            at_us,
        })),
        E::CallbackQueued(fact) => RowChange::Arrived(Box::new(Arrival {
            call: fact.call.to_string(),
            direction: word_of(CallDirection::Outbound),
            agent: fact.owner.as_ref().map(ToString::to_string),
            caller: fact.number.as_str().to_owned(),
            caller_name: String::new(),
            dialled: fact.number.as_str().to_owned(),
            line: fact.line.to_string(),
            medium: fact.medium.clone(),
            trunk: None,
            at_us,
        })),
        E::TransferStarted { call, agent, to, attended } => RowChange::Transfer(TransferChange::Began {
            call: call.to_string(), agent: agent.to_string(), target: to.as_str().to_owned(), attended: *attended, at_us,
        }),
        E::TransferEnded { call, outcome, ring_ms } => RowChange::Transfer(TransferChange::Ended {
            call: call.to_string(), outcome: word(outcome), ring_ms: amount(*ring_ms), at_us,
        }),
        E::FlowEntered { call, flow, .. } => RowChange::InFlow { call: call.to_string(), flow: flow.to_string() },
        E::QueueEntered { call, entry, queue, .. } => RowChange::Visit(VisitChange::Began {
            call: call.to_string(), entry: entry.0, queue: queue.to_string(), at_us,
        }),
        E::QueueLeft { call, entry, queue, outcome, wait_ms } => RowChange::Visit(VisitChange::Ended {
            call: call.to_string(), entry: entry.0, queue: queue.to_string(),
            outcome: word(outcome), wait_ms: amount(*wait_ms), at_us,
        }),
        E::OfferMade { call, entry, offer, agent } => RowChange::Offer(OfferChange::Made {
            call: call.to_string(), offer: offer.0, entry: entry.0, agent: agent.to_string(), at_us,
        }),
        E::OfferEnded { call, entry, offer, agent, outcome, ring_ms } => RowChange::Offer(OfferChange::Ended {
            call: call.to_string(), offer: offer.0, entry: entry.0, agent: agent.to_string(),
            outcome: word(outcome), ring_ms: amount(*ring_ms), at_us,
        }),
        E::CallConnected { call, agent, .. } => {
            RowChange::Connected { call: call.to_string(), agent: agent.to_string(), at_us }
        }
        E::CallEnded { call, cause, ended_by, duration_ms, talk_ms } => RowChange::Ended {
            call: call.to_string(), cause: word(cause), ended_by: word(ended_by),
            duration_ms: amount(*duration_ms), talk_ms: amount(*talk_ms), at_us,
        },
        E::AgentState { agent, intent, work, device } => {
            agent_state(agent.to_string(), intent, *work, *device, at_us)
        }
        E::RecordingStarted { .. } | E::RecordingFinished { .. } | E::RecordingIncomplete { .. } => {
            RowChange::Recording(recording(&event.body, at_us)?)
        }
        E::VoicemailLeft { .. } | E::VoicemailMoved { .. } => RowChange::Message(message(&event.body, at_us)?),
        // Kept as events only: nothing of the history follows from them.
        E::SwitchDraining { .. } | E::CallerLookedUp { .. } | E::FlowNode { .. } | E::Digit { .. }
        | E::QueueReserved { .. } | E::QueueWidened { .. } | E::RankChanged { .. }
        | E::FlowLeft { .. } | E::CallAttribute { .. } | E::ScreenData { .. }
        | E::QueueResumed { .. } | E::QueueWithdrawn { .. } | E::QueuePicked { .. }
        | E::QueueAnnounced { .. } | E::WaitPredicted { .. }
        | E::AgentNext { .. } | E::AgentForced { .. } | E::AgentLimit { .. }
        | E::WrapUpStarted { .. } | E::WrapUpMoved { .. } | E::WrapUpEnded { .. } | E::Disposition { .. }
        | E::RecordingPaused { .. } | E::RecordingResumed { .. } | E::LegQuality { .. } | E::CallScreened { .. }
        | E::ConfigurationApplied { .. } | E::CallOrdered { .. } | E::QueueClosed { .. }
        | E::QueueOpened { .. } | E::SkillAsked { .. }
        | E::CallerListChanged { .. } | E::HoursOverridden { .. } | E::HoursReverted { .. }
        | E::EmergencyBegan { .. } | E::EmergencyEnded { .. }
        | E::VoicemailStarted { .. } | E::VoicemailDropped { .. } | E::PinLocked { .. } | E::People(_)
        | E::QueueLight { .. } | E::QueuePaused { .. } | E::Campaign(_)
        | E::CallbackRequested(_) | E::CallbackMerged(_) | E::CallbackReleased(_) | E::CallbackDialled(_)
        | E::CallbackPostponed(_) | E::CallbackEnded(_)
        | E::SurveyInvited(_) | E::SurveyAnswered(_) | E::SurveyEnded(_) => return None,
    })
}

fn message(body: &EventBody, at_us: i64) -> Option<MessageChange> {
    use EventBody as E;
    Some(match body {
        E::VoicemailLeft { call, mailbox, recording, queue, agent, duration_ms, urgent, due_at_us } => {
            MessageChange::Left {
                message: recording.to_string(),
                call: call.to_string(),
                mailbox: mailbox.to_string(),
                queue: queue.as_ref().map(ToString::to_string),
                agent: agent.as_ref().map(ToString::to_string),
                duration_ms: amount(*duration_ms),
                urgent: *urgent,
                due_us: *due_at_us,
                at_us,
            }
        }
        E::VoicemailMoved { recording, state, by, .. } => {
            MessageChange::Moved { message: recording.to_string(), state: word(state), by: by.clone(), at_us }
        }
        _ => return None,
    })
}

#[rustfmt::skip]
fn recording(body: &EventBody, at_us: i64) -> Option<RecordingChange> {
    use EventBody as E;
    Some(match body {
        E::RecordingStarted { call, recording } => RecordingChange::Began {
            call: call.to_string(), recording: recording.to_string(), at_us,
        },
        E::RecordingFinished { call, recording, duration_ms, bytes, sha256, complete } => {
            RecordingChange::Closed {
                call: call.to_string(), recording: recording.to_string(), duration_ms: amount(*duration_ms),
                bytes: amount(*bytes), sha256: sha256.clone(), complete: *complete, at_us,
            }
        }
        E::RecordingIncomplete { call, recording, reason } => RecordingChange::Trouble {
            call: call.to_string(), recording: recording.to_string(), reason: reason.clone(),
        },
        _ => return None,
    })
}

fn agent_state(
    agent: String,
    intent: &AgentIntent,
    work: AgentWork,
    device: AgentDevice,
    at_us: i64,
) -> RowChange {
    let intent = match intent {
        AgentIntent::LoggedOut => "logged_out".to_owned(),
        AgentIntent::Ready => "ready".to_owned(),
        AgentIntent::NotReady(code) => code.clone(),
    };
    RowChange::AgentState { agent, intent, work: word(&work), device: word(&device), at_us }
}

/// The word under which a direction is stored.
fn word_of(direction: CallDirection) -> &'static str {
    match direction {
        CallDirection::Inbound => "in",
        CallDirection::Outbound => "out",
        CallDirection::Internal => "internal",
    }
}

/// The word under which an enum of the model is stored: its name in the journal.
fn word(value: &impl Serialize) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        // An enum with fields, which none of ours is.
        Ok(other) => other.to_string(),
        Err(_) => String::new(),
    }
}

/// The database's numbers are signed; amounts are far below their greatest.
fn amount(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

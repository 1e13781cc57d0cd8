//! Events on the wire.

use crate::ConversionError;
use crate::agents;
use crate::callbacks;
use crate::campaigns::{campaign_fact, read_campaign_fact};
use crate::configuration::{applied, applied_of, call_ordered_of, skill_asked_of};
use crate::hours::read_overridden;
use crate::people;
use crate::proto::switch_events::v1 as wire;
use crate::screening::{read_list_changed, read_screened};
use crate::surveys;
use crate::voicemail;
use crate::waiting::{
    offer_ended, offer_ended_of, offer_made_of, queue_announced_of, queue_entered_of, queue_left_of,
    queue_light, queue_paused, queue_paused_of, queue_picked_of, queue_reserved, queue_reserved_of,
    queue_resumed_of, queue_widened, queue_widened_of, queue_withdrawn_of, rank_changed_of, wait_predicted,
    wait_predicted_of,
};
use careline_model::event::{ResumedBy, ScreenItem};
use careline_model::quality::LegQuality;
use careline_model::{
    AgentId, CallId, CallerName, Event, EventBody, FlowId, LineId, Number, QueueId, RecordingId,
    TrunkGroupId, TrunkId,
};
use wire::numbered::Body;

/// What came with one number.
#[derive(Debug, Clone, PartialEq)]
pub enum Fact {
    /// A fact.
    Event(Event),
    /// So many numbers, this one the last, that cannot be had any more.
    Omitted(u64),
}

/// One message of a subscription, read.
#[derive(Debug, Clone, PartialEq)]
pub struct Received {
    /// The configured name of the switch.
    pub switch_id: String,
    /// Life of the journal.
    pub epoch: u64,
    /// Within the epoch.
    pub number: u64,
    /// The stream does not continue where the subscriber stood.
    pub epoch_changed: bool,
    /// What it says.
    pub fact: Fact,
}

impl TryFrom<wire::Numbered> for Received {
    type Error = ConversionError;

    fn try_from(numbered: wire::Numbered) -> Result<Self, ConversionError> {
        let fact = match numbered.body.ok_or(ConversionError::Missing("event body"))? {
            Body::Omitted(omitted) => Fact::Omitted(omitted.count),
            body => Fact::Event(Event { at_us: numbered.at_us, body: body_to_model(body)? }),
        };
        Ok(Self {
            switch_id: numbered.switch_id,
            epoch: numbered.epoch,
            number: numbered.number,
            epoch_changed: numbered.epoch_changed,
            fact,
        })
    }
}

/// The body of the message that carries this fact.
#[must_use]
#[rustfmt::skip]
pub fn body_from_model(body: EventBody) -> Body {
    use EventBody as E;
    match body {
        E::SwitchStarted { version } => Body::SwitchStarted(wire::SwitchStarted { version }),
        E::SwitchDraining { calls } => Body::SwitchDraining(wire::SwitchDraining { calls }),
        E::CallOffered { call, caller, caller_name, dialled, line, medium, trunk } => Body::CallOffered(wire::CallOffered {
            call: call.to_string(), caller: text(caller.as_str()), dialled: text(dialled.as_str()),
            line: text(line.as_str()), medium, trunk: trunk.map(|trunk| text(trunk.as_str())),
            caller_name: text(caller_name.as_str()),
        }),
        E::CallDialled { call, agent, direction, to, trunk_group } => Body::CallDialled(wire::CallDialled {
            call: call.to_string(), agent: text(agent.as_str()),
            direction: wire::CallDirection::from(direction).into(), to: text(to.as_str()),
            trunk_group: trunk_group.map(|group| text(group.as_str())),
        }),
        E::TransferStarted { call, agent, to, attended } => Body::TransferStarted(wire::TransferStarted {
            call: call.to_string(), agent: text(agent.as_str()), to: text(to.as_str()), attended,
        }),
        E::TransferEnded { call, outcome, ring_ms } => Body::TransferEnded(wire::TransferEnded {
            call: call.to_string(), outcome: wire::TransferOutcome::from(outcome).into(), ring_ms,
        }),
        E::CallerLookedUp { call, outcome, persons, took_ms } => Body::CallerLookedUp(wire::CallerLookedUp {
            call: call.to_string(), outcome: wire::LookUpOutcome::from(outcome).into(), persons, took_ms,
        }),
        E::FlowEntered { call, flow, version } => {
            Body::FlowEntered(wire::FlowEntered { call: call.to_string(), flow: text(flow.as_str()), version })
        }
        E::FlowNode { call, node } => Body::FlowNode(wire::FlowNode { call: call.to_string(), node }),
        E::FlowLeft { call, node, branch, ms } => {
            Body::FlowLeft(wire::FlowLeft { call: call.to_string(), node, branch, ms })
        }
        E::CallAttribute { call, name, value } => {
            Body::CallAttribute(wire::CallAttribute { call: call.to_string(), name, value })
        }
        E::ScreenData { call, items } => screen_data(call, items),
        E::Digit { call, digit, duration_ms } => {
            Body::Digit(wire::Digit { call: call.to_string(), digit: digit.to_string(), duration_ms })
        }
        E::QueueEntered { call, entry, queue, position } => Body::QueueEntered(wire::QueueEntered {
            call: call.to_string(), entry: entry.0, queue: text(queue.as_str()), position,
        }),
        E::QueueReserved { call, entry, agent, for_ms } => queue_reserved(call, entry, &agent, for_ms),
        E::QueueWidened { call, entry, queue, step, early } => queue_widened(call, entry, &queue, step, early),
        E::RankChanged { call, red_flag, class, points } => {
            Body::RankChanged(wire::RankChanged { call: call.to_string(), red_flag, class: class.map(u32::from), points })
        }
        E::QueueResumed { call, entry, queue, earlier, age_ms } => Body::QueueResumed(wire::QueueResumed {
            call: call.to_string(), entry: entry.0, queue: text(queue.as_str()), earlier: earlier.to_string(), age_ms,
        }),
        E::QueueWithdrawn { call, entry, queue, to, reason } => Body::QueueWithdrawn(wire::QueueWithdrawn {
            call: call.to_string(), entry: entry.0, queue: text(queue.as_str()), to: text(to.as_str()), reason,
        }),
        E::QueuePicked { call, entry, agent } => Body::QueuePicked(wire::QueuePicked {
            call: call.to_string(), entry: entry.0, agent: text(agent.as_str()),
        }),
        E::QueueAnnounced { call, entry, position, wait_ms } => {
            Body::QueueAnnounced(wire::QueueAnnounced { call: call.to_string(), entry: entry.0, position, wait_ms })
        }
        E::WaitPredicted { call, entry, queue, predicted_ms, wait_ms } => {
            wait_predicted(call, entry, &queue, (predicted_ms, wait_ms))
        }
        E::OfferMade { call, entry, offer, agent } => Body::OfferMade(wire::OfferMade {
            call: call.to_string(), entry: entry.0, offer: offer.0, agent: text(agent.as_str()),
        }),
        E::OfferEnded { call, entry, offer, agent, outcome, ring_ms } => {
            offer_ended((call, entry, offer), &agent, outcome, ring_ms)
        }
        E::QueueLeft { call, entry, queue, outcome, wait_ms } => Body::QueueLeft(wire::QueueLeft {
            call: call.to_string(), entry: entry.0, queue: text(queue.as_str()),
            outcome: wire::QueueOutcome::from(outcome).into(), wait_ms,
        }),
        E::CallConnected { call, agent, queue } => Body::CallConnected(wire::CallConnected {
            call: call.to_string(), agent: text(agent.as_str()), queue: queue.map(|queue| text(queue.as_str())),
        }),
        E::CallbackRequested(fact) => callbacks::requested(*fact),
        E::CallbackMerged(fact) => callbacks::merged(&fact),
        E::CallbackQueued(fact) => callbacks::queued(fact),
        E::CallbackReleased(fact) => callbacks::released(&fact),
        E::CallbackDialled(fact) => callbacks::dialled(&fact),
        E::CallbackPostponed(fact) => callbacks::postponed(&fact),
        E::CallbackEnded(fact) => callbacks::ended(fact),
        E::SurveyInvited(fact) => surveys::invited(&fact),
        E::SurveyAnswered(fact) => surveys::answered(fact),
        E::SurveyEnded(fact) => surveys::ended(&fact),
        E::CallEnded { call, cause, ended_by, duration_ms, talk_ms } => Body::CallEnded(wire::CallEnded {
            call: call.to_string(), cause: wire::EndCause::from(cause).into(),
            ended_by: wire::Party::from(ended_by).into(), duration_ms, talk_ms,
        }),
        E::AgentState { agent, intent, work, device } => agents::state(&agent, intent, work, device),
        E::AgentNext { agent, next } => agents::next(&agent, next),
        E::AgentForced { agent, intent, when, by, reason } => agents::forced(&agent, intent, when, (by, reason)),
        E::AgentLimit { agent, limit, code, reached, then } => agents::limit(&agent, limit, code, reached, then),
        E::WrapUpStarted { agent, call, queue, mode, ends_at_us } => {
            agents::wrap_up_started(&agent, call, &queue, mode, ends_at_us)
        }
        E::WrapUpMoved { agent, call, ends_at_us } => agents::wrap_up_moved(&agent, call, ends_at_us),
        E::WrapUpEnded { agent, call, wrap_up_ms } => agents::wrap_up_ended(&agent, call, wrap_up_ms),
        E::Disposition { call, agent, queue, code } => agents::disposition(call, &agent, &queue, code),
        E::RecordingStarted { call, recording } => Body::RecordingStarted(wire::RecordingStarted {
            call: call.to_string(), recording: text(recording.as_str()),
        }),
        E::RecordingFinished { call, recording, duration_ms, bytes, sha256, complete } => {
            let (call, recording) = (call.to_string(), text(recording.as_str()));
            Body::RecordingFinished(wire::RecordingFinished { call, recording, duration_ms, bytes, sha256, complete })
        }
        E::RecordingIncomplete { call, recording, reason } => recording_incomplete(call, &recording, reason),
        E::RecordingPaused { call, recording, reason } => recording_paused(call, &recording, reason),
        E::RecordingResumed { call, recording, by } => recording_resumed(call, &recording, by),
        E::LegQuality { call, quality } => leg_quality(call, *quality),
        E::CallScreened { call, cause, outcome, reason, queue } => Body::CallScreened(wire::CallScreened {
            call: call.to_string(), cause: wire::ScreenCause::from(cause).into(),
            outcome: wire::ScreenOutcome::from(outcome).into(), reason, queue: queue.map(|queue| text(queue.as_str())),
        }),
        E::CallerListChanged { change, entry, by } => Body::CallerListChanged(wire::CallerListChanged {
            change: wire::ListChange::from(change).into(), entry: Some((*entry).into()), by,
        }),
        E::HoursOverridden { hours, opening, until_us, by, reason } => Body::HoursOverridden(wire::HoursOverridden {
            hours, opening: wire::Opening::from(opening).into(), until_us, by, reason,
        }),
        E::ConfigurationApplied { version, by, comment, changes, more } => applied(version, by, comment, changes, more),
        E::CallOrdered { call, by, order } => Body::CallOrdered(wire::CallOrdered {
            call: call.to_string(), by, order: wire::CallOrderKind::from(order).into(),
        }),
        E::QueueClosed { queue, leave, by, reason } => {
            Body::QueueClosed(wire::QueueClosed { queue: text(queue.as_str()), leave, by, reason })
        }
        E::QueueOpened { queue, by } => Body::QueueOpened(wire::QueueOpened { queue: text(queue.as_str()), by }),
        E::SkillAsked { call, skill, level } => Body::SkillAsked(wire::SkillAsked {
            call: call.to_string(), skill: text(skill.as_str()), level: u32::from(level),
        }),
        E::HoursReverted { hours, by } => Body::HoursReverted(wire::HoursReverted { hours, by }),
        E::EmergencyBegan { flow, until_us, by, reason } => {
            Body::EmergencyBegan(wire::EmergencyBegan { flow: text(flow.as_str()), until_us, by, reason })
        }
        E::EmergencyEnded { by } => Body::EmergencyEnded(wire::EmergencyEnded { by }),
        E::VoicemailStarted { call, mailbox, recording, reason } => voicemail::started(&(call, mailbox, recording), reason),
        E::VoicemailLeft { call, mailbox, recording, queue, agent, duration_ms, urgent, due_at_us } => {
            voicemail::left(&(call, mailbox, recording), (queue, agent), (duration_ms, urgent, due_at_us))
        }
        E::VoicemailDropped { call, mailbox, recording, why } => voicemail::dropped(&(call, mailbox, recording), why),
        E::VoicemailMoved { call, mailbox, recording, state, by } => voicemail::moved(&(call, mailbox, recording), state, by),
        E::PinLocked { agent, until_us } => voicemail::pin_locked(&agent, until_us),
        E::QueueLight { queue, on } => queue_light(&queue, on),
        E::QueuePaused { agent, queue, paused } => queue_paused(&agent, &queue, paused),
        E::People(fact) => people::body(fact),
        E::Campaign(fact) => campaign_fact(fact),
    }
}

#[rustfmt::skip]
fn body_to_model(body: Body) -> Result<EventBody, ConversionError> {
    use EventBody as E;
    Ok(match body {
        Body::Omitted(_) => return Err(ConversionError::Invalid("event body")),
        Body::SwitchStarted(b) => E::SwitchStarted { version: b.version },
        Body::SwitchDraining(b) => E::SwitchDraining { calls: b.calls },
        Body::CallOffered(b) => call_offered(b)?,
        Body::CallDialled(b) => call_dialled_of(b)?,
        Body::TransferStarted(b) => transfer_started_of(b)?,
        Body::TransferEnded(b) => transfer_ended_of(b)?,
        Body::CallerLookedUp(b) => E::CallerLookedUp {
            call: call_id(&b.call)?,
            outcome: known::<wire::LookUpOutcome>(b.outcome, "look-up outcome")?.try_into()?,
            persons: b.persons, took_ms: b.took_ms,
        },
        Body::FlowEntered(b) => {
            E::FlowEntered { call: call_id(&b.call)?, flow: FlowId::new(b.flow), version: b.version }
        }
        Body::FlowNode(b) => E::FlowNode { call: call_id(&b.call)?, node: b.node },
        Body::FlowLeft(b) => E::FlowLeft { call: call_id(&b.call)?, node: b.node, branch: b.branch, ms: b.ms },
        Body::CallAttribute(b) => E::CallAttribute { call: call_id(&b.call)?, name: b.name, value: b.value },
        Body::ScreenData(b) => read_screen_data(b)?,
        Body::Digit(b) => E::Digit { call: call_id(&b.call)?, digit: one_char(&b.digit)?, duration_ms: b.duration_ms },
        Body::QueueEntered(b) => queue_entered_of(b)?,
        Body::QueueReserved(b) => queue_reserved_of(b)?,
        Body::QueueWidened(b) => queue_widened_of(b)?,
        Body::RankChanged(b) => rank_changed_of(&b)?,
        Body::QueueResumed(b) => queue_resumed_of(b)?,
        Body::QueueWithdrawn(b) => queue_withdrawn_of(b)?,
        Body::QueuePicked(b) => queue_picked_of(b)?,
        Body::QueueAnnounced(b) => queue_announced_of(&b)?,
        Body::WaitPredicted(b) => wait_predicted_of(b)?,
        Body::OfferMade(b) => offer_made_of(b)?,
        Body::OfferEnded(b) => offer_ended_of(b)?,
        Body::QueueLeft(b) => queue_left_of(b)?,
        Body::CallConnected(b) => E::CallConnected {
            call: call_id(&b.call)?, agent: AgentId::new(b.agent), queue: b.queue.map(QueueId::new),
        },
        Body::CallbackRequested(b) => callbacks::requested_of(b)?,
        Body::CallbackMerged(b) => callbacks::merged_of(b)?,
        Body::CallbackQueued(b) => callbacks::queued_of(b)?,
        Body::CallbackReleased(b) => callbacks::released_of(b)?,
        Body::CallbackDialled(b) => callbacks::dialled_of(b)?,
        Body::CallbackPostponed(b) => callbacks::postponed_of(b)?,
        Body::CallbackEnded(b) => callbacks::ended_of(b)?,
        Body::SurveyInvited(b) => surveys::invited_of(b)?,
        Body::SurveyAnswered(b) => surveys::answered_of(b)?,
        Body::SurveyEnded(b) => surveys::ended_of(b)?,
        Body::CallEnded(b) => E::CallEnded {
            call: call_id(&b.call)?,
            cause: known::<wire::EndCause>(b.cause, "end cause")?.try_into()?,
            ended_by: known::<wire::Party>(b.ended_by, "party")?.try_into()?,
            duration_ms: b.duration_ms, talk_ms: b.talk_ms,
        },
        Body::AgentState(b) => b.try_into()?,
        Body::AgentNext(b) => b.try_into()?,
        Body::AgentForced(b) => b.try_into()?,
        Body::AgentLimit(b) => b.try_into()?,
        Body::WrapUpStarted(b) => b.try_into()?,
        Body::WrapUpMoved(b) => b.try_into()?,
        Body::WrapUpEnded(b) => b.try_into()?,
        Body::Disposition(b) => b.try_into()?,
        Body::RecordingStarted(b) => {
            E::RecordingStarted { call: call_id(&b.call)?, recording: RecordingId::new(b.recording) }
        }
        Body::RecordingFinished(b) => E::RecordingFinished {
            call: call_id(&b.call)?, recording: RecordingId::new(b.recording), duration_ms: b.duration_ms,
            bytes: b.bytes, sha256: b.sha256, complete: b.complete,
        },
        Body::RecordingIncomplete(b) => E::RecordingIncomplete {
            call: call_id(&b.call)?, recording: RecordingId::new(b.recording), reason: b.reason,
        },
        Body::RecordingPaused(b) => E::RecordingPaused {
            call: call_id(&b.call)?, recording: RecordingId::new(b.recording), reason: b.reason,
        },
        Body::RecordingResumed(b) => read_resumed(b)?,
        Body::LegQuality(b) => read_quality(b)?,
        Body::CallScreened(b) => read_screened(b)?,
        Body::CallerListChanged(b) => read_list_changed(b)?,
        Body::HoursOverridden(b) => read_overridden(b)?,
        Body::ConfigurationApplied(b) => applied_of(b)?,
        Body::CallOrdered(b) => call_ordered_of(b)?,
        Body::QueueClosed(b) => {
            E::QueueClosed { queue: QueueId::new(b.queue), leave: b.leave, by: b.by, reason: b.reason }
        }
        Body::QueueOpened(b) => E::QueueOpened { queue: QueueId::new(b.queue), by: b.by },
        Body::SkillAsked(b) => skill_asked_of(b)?,
        Body::HoursReverted(b) => E::HoursReverted { hours: b.hours, by: b.by },
        Body::EmergencyBegan(b) => E::EmergencyBegan {
            flow: FlowId::new(b.flow), until_us: b.until_us, by: b.by, reason: b.reason,
        },
        Body::EmergencyEnded(b) => E::EmergencyEnded { by: b.by },
        Body::VoicemailStarted(b) => voicemail::started_of(b)?,
        Body::VoicemailLeft(b) => voicemail::left_of(b)?,
        Body::VoicemailDropped(b) => voicemail::dropped_of(b)?,
        Body::VoicemailMoved(b) => voicemail::moved_of(b)?,
        Body::PinLocked(b) => voicemail::pin_locked_of(b),
        Body::QueueLight(b) => E::QueueLight { queue: QueueId::new(b.queue), on: b.on },
        Body::QueuePaused(b) => queue_paused_of(b),
        body @ (Body::WatchStarted(_) | Body::WatchChanged(_) | Body::WatchFollowed(_) | Body::WatchEnded(_)
        | Body::PartyAdded(_) | Body::PartyJoined(_) | Body::PartyChanged(_) | Body::PartyLeft(_)
        | Body::CallHeld(_) | Body::CallParked(_)) => people::fact(body)?,
        Body::Campaign(b) => read_campaign_fact(b)?,
    })
}

fn screen_data(call: CallId, items: Vec<ScreenItem>) -> Body {
    let items = items.into_iter().map(|item| wire::ScreenItem { label: item.label, text: item.text });
    Body::ScreenData(wire::ScreenData { call: call.to_string(), items: items.collect() })
}

fn read_screen_data(b: wire::ScreenData) -> Result<EventBody, ConversionError> {
    let items = b.items.into_iter().map(|item| ScreenItem { label: item.label, text: item.text });
    Ok(EventBody::ScreenData { call: call_id(&b.call)?, items: items.collect() })
}

fn call_dialled_of(b: wire::CallDialled) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallDialled {
        call: call_id(&b.call)?,
        agent: AgentId::new(b.agent),
        direction: known::<wire::CallDirection>(b.direction, "call direction")?.try_into()?,
        to: Number::from(b.to.as_str()),
        trunk_group: b.trunk_group.map(TrunkGroupId::new),
    })
}

fn transfer_started_of(b: wire::TransferStarted) -> Result<EventBody, ConversionError> {
    let (call, agent, to) = (call_id(&b.call)?, AgentId::new(b.agent), Number::from(b.to.as_str()));
    Ok(EventBody::TransferStarted { call, agent, to, attended: b.attended })
}

fn transfer_ended_of(b: wire::TransferEnded) -> Result<EventBody, ConversionError> {
    let outcome = known::<wire::TransferOutcome>(b.outcome, "transfer outcome")?.try_into()?;
    Ok(EventBody::TransferEnded { call: call_id(&b.call)?, outcome, ring_ms: b.ring_ms })
}

fn recording_incomplete(call: CallId, recording: &RecordingId, reason: String) -> Body {
    let (call, recording) = (call.to_string(), text(recording.as_str()));
    Body::RecordingIncomplete(wire::RecordingIncomplete { call, recording, reason })
}

fn recording_paused(call: CallId, recording: &RecordingId, reason: String) -> Body {
    let (call, recording) = (call.to_string(), text(recording.as_str()));
    Body::RecordingPaused(wire::RecordingPaused { call, recording, reason })
}

fn recording_resumed(call: CallId, recording: &RecordingId, by: ResumedBy) -> Body {
    let (call, recording) = (call.to_string(), text(recording.as_str()));
    Body::RecordingResumed(wire::RecordingResumed { call, recording, by: wire::ResumedBy::from(by).into() })
}

fn leg_quality(call: CallId, quality: LegQuality) -> Body {
    Body::LegQuality(wire::LegQuality { call: call.to_string(), quality: Some(quality.into()) })
}

fn read_resumed(b: wire::RecordingResumed) -> Result<EventBody, ConversionError> {
    Ok(EventBody::RecordingResumed {
        call: call_id(&b.call)?,
        recording: RecordingId::new(b.recording),
        by: known::<wire::ResumedBy>(b.by, "what resumed")?.try_into()?,
    })
}

fn read_quality(b: wire::LegQuality) -> Result<EventBody, ConversionError> {
    let quality = b.quality.ok_or(ConversionError::Missing("leg quality"))?.try_into()?;
    Ok(EventBody::LegQuality { call: call_id(&b.call)?, quality: Box::new(quality) })
}

fn call_offered(b: wire::CallOffered) -> Result<EventBody, ConversionError> {
    Ok(EventBody::CallOffered {
        call: call_id(&b.call)?,
        caller: Number::from(b.caller.as_str()),
        caller_name: CallerName::from(b.caller_name.as_str()),
        dialled: Number::from(b.dialled.as_str()),
        line: LineId::new(b.line),
        medium: b.medium,
        trunk: b.trunk.map(TrunkId::new),
    })
}

fn text(name: &str) -> String {
    name.to_owned()
}

pub(crate) fn call_id(text: &str) -> Result<CallId, ConversionError> {
    text.parse().map_err(|_| ConversionError::Invalid("call id"))
}

/// An enum of the wire; what a later version added is refused here.
pub(crate) fn known<T: TryFrom<i32>>(value: i32, field: &'static str) -> Result<T, ConversionError> {
    T::try_from(value).map_err(|_| ConversionError::Missing(field))
}

fn one_char(text: &str) -> Result<char, ConversionError> {
    let mut chars = text.chars();
    match (chars.next(), chars.next()) {
        (Some(only), None) => Ok(only),
        _ => Err(ConversionError::Invalid("digit")),
    }
}

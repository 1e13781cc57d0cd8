//! Facts of campaigns on the wire, and what is ordered about them.

use crate::ConversionError;
use crate::events::{call_id, known};
use crate::proto::switch_control::v1 as control;
use crate::proto::switch_events::v1 as wire;
use careline_model::outbound::{
    CampaignFact, CampaignState, CampaignView, DialResult, DoNotCall, NewTask, Purpose, TaskNumber,
    TaskTaken, TaskView, Window,
};
use careline_model::{AgentId, CampaignId, EventBody, Number, TaskId};
use wire::campaign_fact::Fact;
use wire::numbered::Body;

/// Priority of a task that says none.
const PRIORITY: u8 = 5;

#[rustfmt::skip]
pub(crate) fn campaign_fact(fact: CampaignFact) -> Body {
    use CampaignFact as F;
    let fact = match fact {
        F::CampaignChanged { campaign, state, by, reason } => Fact::Changed(wire::CampaignChanged {
            campaign: text(&campaign), state: wire::CampaignState::from(state).into(), by, reason,
        }),
        F::TaskAdded { campaign, task, person } => Fact::TaskAdded(wire::TaskAdded {
            campaign: text(&campaign), task: task.as_str().to_owned(), person,
        }),
        F::TaskPutOff { campaign, task, until_us } => Fact::TaskPutOff(wire::TaskPutOff {
            campaign: text(&campaign), task: task.as_str().to_owned(), until_us,
        }),
        F::PreviewOffered { campaign, task, agent, ends_at_us } => Fact::PreviewOffered(wire::PreviewOffered {
            campaign: text(&campaign), task: task.as_str().to_owned(), agent: agent.as_str().to_owned(), ends_at_us,
        }),
        F::PreviewEnded { campaign, task, agent, outcome, reason } => Fact::PreviewEnded(wire::PreviewEnded {
            campaign: text(&campaign), task: task.as_str().to_owned(), agent: agent.as_str().to_owned(),
            outcome: wire::PreviewOutcome::from(outcome).into(), reason,
        }),
        F::AttemptBegan { campaign, task, call, agent, attempt, to, relation } => {
            Fact::AttemptBegan(wire::AttemptBegan {
                campaign: text(&campaign), task: task.as_str().to_owned(), call: call.to_string(),
                agent: agent.as_str().to_owned(), attempt, to: to.as_str().to_owned(),
                relation: wire::NumberRelation::from(relation).into(),
            })
        }
        F::AttemptEnded { campaign, task, call, attempt, result, status, cause, ring_ms } => {
            Fact::AttemptEnded(wire::AttemptEnded {
                campaign: text(&campaign), task: task.as_str().to_owned(), call: call.to_string(), attempt,
                result: wire::DialResult::from(result).into(), status: u32::from(status),
                cause: cause.map(u32::from), ring_ms,
            })
        }
        F::TaskEnded { campaign, task, outcome, attempts, call } => Fact::TaskEnded(wire::TaskEnded {
            campaign: text(&campaign), task: task.as_str().to_owned(),
            outcome: wire::TaskOutcome::from(outcome).into(), attempts, call: call.map(|call| call.to_string()),
        }),
        F::DoNotCallChanged { entry, listed, by } => Fact::DoNotCallChanged(wire::DoNotCallChanged {
            entry: Some((*entry).into()), listed, by,
        }),
    };
    Body::Campaign(wire::CampaignFact { fact: Some(fact) })
}

#[rustfmt::skip]
pub(crate) fn read_campaign_fact(b: wire::CampaignFact) -> Result<EventBody, ConversionError> {
    use CampaignFact as F;
    let fact = match b.fact.ok_or(ConversionError::Missing("campaign fact"))? {
        Fact::Changed(b) => F::CampaignChanged {
            campaign: CampaignId::new(b.campaign),
            state: known::<wire::CampaignState>(b.state, "campaign state")?.try_into()?,
            by: b.by, reason: b.reason,
        },
        Fact::TaskAdded(b) => F::TaskAdded {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), person: b.person,
        },
        Fact::TaskPutOff(b) => F::TaskPutOff {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), until_us: b.until_us,
        },
        Fact::PreviewOffered(b) => F::PreviewOffered {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), agent: AgentId::new(b.agent),
            ends_at_us: b.ends_at_us,
        },
        Fact::PreviewEnded(b) => F::PreviewEnded {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), agent: AgentId::new(b.agent),
            outcome: known::<wire::PreviewOutcome>(b.outcome, "preview outcome")?.try_into()?, reason: b.reason,
        },
        Fact::AttemptBegan(b) => F::AttemptBegan {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), call: call_id(&b.call)?,
            agent: AgentId::new(b.agent), attempt: b.attempt, to: Number::from(b.to.as_str()),
            relation: known::<wire::NumberRelation>(b.relation, "number relation")?.try_into()?,
        },
        Fact::AttemptEnded(b) => F::AttemptEnded {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task), call: call_id(&b.call)?,
            attempt: b.attempt, result: known::<wire::DialResult>(b.result, "dial result")?.try_into()?,
            status: short(b.status, "status")?, cause: b.cause.map(|cause| short(cause, "cause")).transpose()?,
            ring_ms: b.ring_ms,
        },
        Fact::TaskEnded(b) => F::TaskEnded {
            campaign: CampaignId::new(b.campaign), task: TaskId::new(b.task),
            outcome: known::<wire::TaskOutcome>(b.outcome, "task outcome")?.try_into()?,
            attempts: b.attempts, call: b.call.as_deref().map(call_id).transpose()?,
        },
        Fact::DoNotCallChanged(b) => F::DoNotCallChanged {
            entry: Box::new(b.entry.ok_or(ConversionError::Missing("do-not-call entry"))?.try_into()?),
            listed: b.listed, by: b.by,
        },
    };
    Ok(EventBody::Campaign(fact))
}

fn short(value: u32, field: &'static str) -> Result<u16, ConversionError> {
    u16::try_from(value).map_err(|_| ConversionError::Invalid(field))
}

fn text(campaign: &CampaignId) -> String {
    campaign.as_str().to_owned()
}

impl From<DoNotCall> for wire::DoNotCallEntry {
    fn from(entry: DoNotCall) -> Self {
        let purposes = entry.purposes.into_iter().map(|purpose| wire::Purpose::from(purpose).into());
        Self { number: entry.number.as_str().to_owned(), purposes: purposes.collect(), reason: entry.reason }
    }
}

impl TryFrom<wire::DoNotCallEntry> for DoNotCall {
    type Error = ConversionError;

    fn try_from(entry: wire::DoNotCallEntry) -> Result<Self, ConversionError> {
        let read = |purpose: i32| Purpose::try_from(known::<wire::Purpose>(purpose, "purpose")?);
        let purposes = entry.purposes.into_iter().map(read).collect::<Result<_, _>>()?;
        Ok(Self { number: Number::from(entry.number.as_str()), purposes, reason: entry.reason })
    }
}

impl TryFrom<control::Task> for NewTask {
    type Error = ConversionError;

    fn try_from(task: control::Task) -> Result<Self, ConversionError> {
        let number = |number: control::TaskNumber| {
            let relation = known::<wire::NumberRelation>(number.relation, "relation of a number")?;
            Ok(TaskNumber { number: Number::from(number.number.as_str()), relation: relation.try_into()? })
        };
        Ok(Self {
            id: TaskId::new(task.id),
            person: task.person,
            numbers: task.numbers.into_iter().map(number).collect::<Result<_, ConversionError>>()?,
            not_before_us: task.not_before_us,
            not_after_us: task.not_after_us,
            windows: task
                .windows
                .into_iter()
                .map(|window| Window { from_us: window.from_us, to_us: window.to_us })
                .collect(),
            priority: match task.priority {
                0 => PRIORITY,
                priority => u8::try_from(priority).map_err(|_| ConversionError::Invalid("priority"))?,
            },
        })
    }
}

impl From<TaskTaken> for control::TaskTaken {
    fn from(taken: TaskTaken) -> Self {
        let (kind, wrong) = match taken {
            TaskTaken::Added => (control::TaskTakenKind::Added, String::new()),
            TaskTaken::Known => (control::TaskTakenKind::Known, String::new()),
            TaskTaken::Refused(wrong) => (control::TaskTakenKind::Refused, wrong),
        };
        Self { kind: kind.into(), wrong }
    }
}

impl From<CampaignView> for control::Campaign {
    fn from(view: CampaignView) -> Self {
        Self {
            id: text(&view.campaign),
            name: view.name,
            mode: control::CampaignMode::from(view.mode).into(),
            purpose: wire::Purpose::from(view.purpose).into(),
            state: wire::CampaignState::from(view.state).into(),
            ready: view.ready,
            later: view.later,
            in_hand: view.in_hand,
        }
    }
}

impl From<TaskView> for control::TaskStanding {
    fn from(view: TaskView) -> Self {
        Self {
            id: view.task.as_str().to_owned(),
            person: view.person,
            attempts: view.attempts,
            due_us: view.due_us,
            in_hand: view.in_hand,
        }
    }
}

/// The state that a campaign is to have.
///
/// # Errors
/// When it is unset or of a later version.
pub fn campaign_state_of(state: i32) -> Result<CampaignState, ConversionError> {
    known::<wire::CampaignState>(state, "campaign state")?.try_into()
}

/// What an agent heard.
///
/// # Errors
/// When it is unset or of a later version.
pub fn dial_result_of(result: i32) -> Result<DialResult, ConversionError> {
    known::<wire::DialResult>(result, "dial result")?.try_into()
}

//! What people decide above the configuration, as one value: shells carry it from where it was said to the centre.

use crate::action::Action;
use crate::centre::Centre;
use crate::command::CommandError;
use crate::rank::NewRank;
use careline_model::event::{CallOrderKind, EventBody, MessageState};
use careline_model::hours::Opening;
use careline_model::screening::{ListEntry, ListKind, Pattern, Scope};
use careline_model::{AgentId, CallId, Event, Now, QueueId, RecordingId, SkillId};

/// One decision. Times are in UTC microseconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Order {
    /// [`Centre::override_hours`]
    OverrideHours {
        /// The profile.
        hours: String,
        /// Which way callers take.
        opening: Opening,
        /// When the calendar decides again.
        until_us: i64,
        /// Why.
        reason: String,
    },
    /// [`Centre::revert_hours`]
    RevertHours {
        /// The profile.
        hours: String,
    },
    /// [`Centre::begin_emergency`]
    BeginEmergency {
        /// When it ends by itself.
        until_us: Option<i64>,
        /// Why.
        reason: String,
    },
    /// [`Centre::end_emergency`]
    EndEmergency,
    /// [`Centre::set_message`]
    SetMessage {
        /// Which.
        message: RecordingId,
        /// What it is to be.
        state: MessageState,
    },
    /// [`Centre::set_list_entry`]
    SetListEntry(ListEntry),
    /// [`Centre::remove_list_entry`]
    RemoveListEntry {
        /// Its list.
        list: ListKind,
        /// Its pattern.
        pattern: Pattern,
        /// Its scope.
        scope: Scope,
    },
    /// [`Centre::set_rank`]
    SetRank {
        /// The call.
        call: CallId,
        /// What its rank is to be.
        rank: NewRank,
    },
    /// [`Centre::ask_for_skill`]
    AskForSkill {
        /// The call.
        call: CallId,
        /// What it asks for.
        skill: SkillId,
        /// The lowest level that will do.
        level: u8,
    },
    /// [`Centre::withdraw`]
    Withdraw {
        /// The call.
        call: CallId,
        /// The queue it goes to.
        to: QueueId,
        /// Why.
        reason: String,
    },
    /// [`Centre::pick`]
    Pick {
        /// The call.
        call: CallId,
        /// Who takes it.
        agent: AgentId,
    },
    /// [`Centre::close_queue`]
    CloseQueue {
        /// The queue.
        queue: QueueId,
        /// Those who wait leave.
        leave: bool,
        /// Why.
        reason: String,
    },
    /// [`Centre::open_queue`]
    OpenQueue {
        /// The queue.
        queue: QueueId,
    },
}

impl Order {
    /// What is told of it beside what it does: who gave it.
    fn told(&self, by: &str) -> Option<EventBody> {
        let ordered = |call: &CallId, order| EventBody::CallOrdered { call: *call, by: by.to_owned(), order };
        Some(match self {
            Self::SetRank { call, .. } => ordered(call, CallOrderKind::Rank),
            Self::AskForSkill { call, .. } => ordered(call, CallOrderKind::Skill),
            Self::Withdraw { call, .. } => ordered(call, CallOrderKind::Withdraw),
            Self::Pick { call, .. } => ordered(call, CallOrderKind::Pick),
            Self::CloseQueue { queue, leave, reason } => EventBody::QueueClosed {
                queue: queue.clone(),
                leave: *leave,
                by: by.to_owned(),
                reason: reason.clone(),
            },
            Self::OpenQueue { queue } => EventBody::QueueOpened { queue: queue.clone(), by: by.to_owned() },
            // These name who decided themselves.
            Self::OverrideHours { .. }
            | Self::RevertHours { .. }
            | Self::BeginEmergency { .. }
            | Self::EndEmergency
            | Self::SetMessage { .. }
            | Self::SetListEntry(_)
            | Self::RemoveListEntry { .. } => return None,
        })
    }
}

impl Centre {
    /// Does what was decided; `by` says who decided, and stands in the events.
    ///
    /// # Errors
    /// Those of the order; nothing changes then.
    pub fn carry_out(&mut self, order: Order, by: &str, now: Now) -> Result<(), CommandError> {
        self.wake(now);
        let (told, before) = (order.told(by), self.actions.len());
        self.do_order(order, by, now)?;
        // Who ordered it is told before what it did, and only when it was done.
        if let Some(body) = told {
            self.actions.insert(before, Action::Emit(Event { at_us: now.wall_us, body }));
        }
        Ok(())
    }

    fn do_order(&mut self, order: Order, by: &str, now: Now) -> Result<(), CommandError> {
        match order {
            Order::OverrideHours { hours, opening, until_us, reason } => {
                self.override_hours(&hours, opening, until_us, by, &reason, now)
            }
            Order::RevertHours { hours } => self.revert_hours(&hours, by, now),
            Order::BeginEmergency { until_us, reason } => self.begin_emergency(until_us, by, &reason, now),
            Order::EndEmergency => self.end_emergency(by, now),
            Order::SetMessage { message, state } => self.set_message(&message, state, by, now),
            Order::SetListEntry(entry) => self.set_list_entry(entry, by, now),
            Order::RemoveListEntry { list, pattern, scope } => {
                self.remove_list_entry(list, &pattern, &scope, by, now)
            }
            Order::SetRank { call, rank } => self.set_rank(call, rank, now),
            Order::AskForSkill { call, skill, level } => self.ask_for_skill(call, skill, level, now),
            Order::Withdraw { call, to, reason } => self.withdraw(call, &to, &reason, now),
            Order::Pick { call, agent } => self.pick(call, &agent, now),
            Order::CloseQueue { queue, leave, reason: _ } => self.close_queue(&queue, leave, now),
            Order::OpenQueue { queue } => self.open_queue(&queue),
        }
    }
}

//! What a queue offers beside waiting: to be called back (CF 1E), and to say how it was (CF 1J).

use super::Plan;
use crate::id::{ClassId, FlowId, QueueId, TrunkGroupId};
use crate::number::{DialKind, Number, NumberKind};
use std::sync::Arc;
use std::time::Duration;

/// Whose phone rings first (CF E2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallbackMode {
    /// The agent's: the person never hears silence.
    AgentFirst,
    /// The person's, when an agent will be free by the time she has answered.
    CustomerFirst,
}

impl CallbackMode {
    /// All, by the word in the configuration.
    pub const ALL: [(&'static str, Self); 2] =
        [("agent_first", Self::AgentFirst), ("customer_first", Self::CustomerFirst)];
}

/// How a queue calls people back.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackRules {
    /// Whose phone rings first.
    pub mode: CallbackMode,
    /// A callback is offered to who would wait longer.
    pub wait_over: Duration,
    /// Attempts for one callback.
    pub attempts: u32,
    /// From an attempt that reached nobody to the next.
    pub spacing: Duration,
    /// From the offer to the agent until the person is called: for reading what it is about.
    pub preview: Duration,
    /// The person's phone rings for so long.
    pub ring: Duration,
    /// First minute of the day at which people are called.
    pub from_min: u16,
    /// The minute of the day from which on they are not.
    pub until_min: u16,
    /// Hours that say which days are business days; every day is one when absent.
    pub days: Option<Arc<str>>,
    /// The person is called first when her further wait is no longer.
    pub lead: Duration,
    /// Said to the person who was called first; then she presses 1. Nothing: whoever answers is connected.
    pub answer: Vec<Arc<str>>,
    /// Said at a waiting caller's turns when a callback helps and one of her keys leads to one.
    pub offer: Vec<Arc<str>>,
    /// Repeated to the agent until the network lets her hear the line herself.
    pub ringback: Option<Arc<str>>,
    /// An agent who promised a callback may be away for so long; then it is everybody's.
    pub owner_absent: Duration,
    /// What may be dialled.
    pub class: ClassId,
    /// Forms of numbers that may be called, as they are dialled here; any when empty.
    pub numbers: Vec<CallbackNumbers>,
    /// Open callbacks of this queue.
    pub open_max: usize,
}

/// Numbers that begin alike, and how long they are, in digits (CF E4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CallbackNumbers {
    /// Their beginning, as they are dialled here.
    pub prefix: String,
    /// Fewest digits.
    pub min: usize,
    /// Most digits.
    pub max: usize,
}

/// Who is asked how it was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SurveyRules {
    /// The flow that asks.
    pub flow: FlowId,
    /// So many of a hundred callers, by lot.
    pub percent: u32,
    /// Not after shorter conversations.
    pub min_talk: Duration,
}

/// Why a number is not called back. It names no number, so that it may be logged.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotCallable {
    /// The queue makes no callbacks.
    #[error("the queue makes no callbacks")]
    NoCallbacks,
    /// Nobody's number, or a withheld one.
    #[error("not the number of a person's telephone")]
    NotANumber,
    /// Not of a form that the configuration lists.
    #[error("not a length or a beginning that may be called back")]
    BadForm,
    /// The class of service does not allow it.
    #[error("the class of service for callbacks does not allow it")]
    Barred,
    /// No way out of the house.
    #[error("no route leads there")]
    NoRoute,
}

impl Plan {
    /// Whether a queue may call a number back, and through which trunks. Only people's numbers are: no extension, no
    /// service, no emergency number, whatever the class of service allows.
    ///
    /// # Errors
    /// [`NotCallable`] with the reason.
    pub fn may_call_back(&self, queue: &QueueId, number: &Number) -> Result<TrunkGroupId, NotCallable> {
        let rules = self.queues.get(queue).and_then(|queue| queue.callback.as_ref());
        let rules = rules.ok_or(NotCallable::NoCallbacks)?;
        let number = self.number(number.as_str());
        let kind = self.dial_kind(&number).map_err(|_| NotCallable::NotANumber)?;
        if !number.kind().is_subscriber() || matches!(kind, DialKind::Internal | DialKind::Emergency) {
            return Err(NotCallable::NotANumber);
        }
        let digits = self.as_dialled(&number);
        let fits = |form: &CallbackNumbers| {
            digits.starts_with(&form.prefix) && (form.min..=form.max).contains(&digits.len())
        };
        if !(rules.numbers.is_empty() || rules.numbers.iter().any(fits)) {
            return Err(NotCallable::BadForm);
        }
        let class = self.dialling.classes.get(&rules.class).ok_or(NotCallable::Barred)?;
        let barred = class.bar.iter().any(|prefix| number.as_str().starts_with(prefix.as_str()));
        if barred || !class.allow.contains(&kind) {
            return Err(NotCallable::Barred);
        }
        self.route_of(&number).ok_or(NotCallable::NoRoute)
    }

    /// A number as people here say and dial it, digits only: without the own country's code, land lines with the zero of
    /// their area; other countries behind 00.
    #[must_use]
    pub fn as_dialled(&self, number: &Number) -> String {
        let text = number.as_str();
        let Some(digits) = text.strip_prefix('+') else {
            return text.chars().filter(char::is_ascii_digit).collect();
        };
        match (digits.strip_prefix(self.country_code.as_str()), number.kind()) {
            (Some(national), NumberKind::Landline) => format!("0{national}"),
            (Some(national), _) => national.to_owned(),
            (None, _) => format!("00{digits}"),
        }
    }
}

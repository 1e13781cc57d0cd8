//! Words for who is let in (CF A9 to A11): entries of caller lists, what is done with a caller, and why.
//!
//! What it is not: it decides nothing; the call centre does, for each call at its arrival and at each queue.

use crate::id::{FlowId, LineId, QueueId};
use crate::number::Number;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::str::FromStr;
use thiserror::Error;

/// Which list an entry stands on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListKind {
    /// Let in, whatever the black list and the rate say.
    White,
    /// Met with the entry's action.
    Black,
    /// Never blocked: somebody with an open complaint, or who was discharged a short while ago. Set by the desk.
    Protected,
}

/// Which callers an entry means; numbers are in normal form.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Pattern {
    /// This number.
    Number(Number),
    /// All numbers that begin so, as `+86170`.
    Prefix(Number),
}

/// Where an entry counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Everywhere.
    #[default]
    All,
    /// For calls to one line.
    Line(LineId),
    /// For one queue, before the call would wait in it.
    Queue(QueueId),
}

/// What a caller meets who is not simply let in.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BlockAction {
    /// The call is refused as busy; before a queue it goes as if the queue were full.
    #[default]
    Busy,
    /// A flow that says why.
    Message(FlowId),
    /// A flow that takes a message.
    Voicemail(FlowId),
    /// Let in, behind everybody else.
    LowPriority,
}

/// Priority points of a call that is let in behind everybody else: each is worth a minute of waiting, so a day.
pub const LOW_PRIORITY_POINTS: i32 = -1440;

/// One entry of a caller list. Its key is list, pattern and scope.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ListEntry {
    /// Its list.
    pub list: ListKind,
    /// Whom it means.
    pub pattern: Pattern,
    /// Where it counts.
    pub scope: Scope,
    /// Why it is there, for supervisors.
    pub reason: String,
    /// When it ends to count, UTC microseconds; nothing: never.
    pub until_us: Option<i64>,
    /// What its callers meet; only the black list uses it.
    pub action: BlockAction,
}

impl ListEntry {
    /// Whether both have the same key.
    #[must_use]
    pub fn is_for_the_same(&self, other: &Self) -> bool {
        (self.list, &self.pattern, &self.scope) == (other.list, &other.pattern, &other.scope)
    }

    /// Whether it still counts at `wall_us` (UTC microseconds).
    #[must_use]
    pub fn counts_at(&self, wall_us: i64) -> bool {
        self.until_us.is_none_or(|until| wall_us < until)
    }
}

/// What made a call be looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenCause {
    /// An entry of the black list.
    BlackList,
    /// The number was withheld, and the line does not accept that.
    Anonymous,
    /// More calls of one number than the rate allows.
    CallerRate,
    /// As many calls as the line may have.
    LineTotal,
    /// As many callers waiting as the line may have.
    LineWaiting,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScreenOutcome {
    /// Refused as busy, or sent on as from a full queue.
    Busy,
    /// Hears a flow that says why.
    Message,
    /// Hears a flow that takes a message.
    Voicemail,
    /// Hears a flow that asks for the number.
    Asked,
    /// Let in behind everybody else.
    LowPriority,
    /// Let in: the white list goes before.
    AllowedByWhiteList,
    /// Let in: the number is protected.
    AllowedByProtection,
    /// Let in: the dialled number is an emergency line.
    AllowedOnEmergencyLine,
}

/// What happened to an entry of a caller list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ListChange {
    /// It was added, or put in the place of the one with its key.
    Set,
    /// It was taken out.
    Removed,
}

impl ListKind {
    /// All lists with their words.
    pub const ALL: [(&'static str, Self); 3] =
        [("white", Self::White), ("black", Self::Black), ("protected", Self::Protected)];

    /// Its word, as [`ListKind::from_str`] reads it.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, kind)| *kind == self).map_or("", |(word, _)| word)
    }
}

impl fmt::Display for ListKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.word())
    }
}

/// A word that names no list.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error("`{0}` is no list; allowed: white, black, protected")]
pub struct UnknownList(pub String);

impl FromStr for ListKind {
    type Err = UnknownList;

    fn from_str(text: &str) -> Result<Self, UnknownList> {
        let found = Self::ALL.iter().find(|(word, _)| *word == text);
        found.map(|(_, kind)| *kind).ok_or_else(|| UnknownList(text.to_owned()))
    }
}

//! What should not be in a journal, and how often it was.

use super::tally::Tally;
use serde::{Deserialize, Serialize};

/// A fact that does not fit to those before it. It never spoils a sum: what it would have counted is left out, or counted
/// as said here.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Oddity {
    /// It was told before, or comes after what ended it. Not counted again.
    Doubled,
    /// An end, or a part, of something whose beginning was not told. An end is not counted; a part is, as far as it
    /// says itself where it belongs.
    Unmatched,
    /// Something new began, or the whole ended, before the end of this was told: an entry counts as a system fault, an
    /// offer or a transfer as cancelled.
    Unfinished,
    /// Its time is before that of the fact before it. Durations that would be negative are zero.
    ClockWentBack,
    /// Its time is none, or an agent's state lasted longer than [`super::GAP_US_MAX`] without any sign of life. Not
    /// counted.
    BadTime,
    /// It belongs to a day that is not kept any longer. Not counted in that day.
    TooOld,
    /// A duration of more than a day; counted as a day.
    TooLong,
    /// There was no room for one more queue, line or agent (not counted), for one more interval (not counted), or for one
    /// more live call (the oldest one was taken for lost).
    NoRoom,
}

/// How many oddities of each kind there were.
pub type Oddities = Tally<Oddity>;

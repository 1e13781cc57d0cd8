//! How a queue stands this instant, for flows that branch by it (CF B8). It changes nothing and keeps nothing.

use crate::centre::Centre;
use careline_model::config::plan::{Presence, QueueFigure};
use careline_model::{Now, QueueId};
use std::time::Duration;

/// The figures of one queue.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct QueueFigures {
    /// Agents who serve it and could take a call this instant.
    pub(crate) available: usize,
    /// Agents who serve it and are ready or work, or pause with a code that counts as staffed.
    pub(crate) staffed: usize,
    /// Agents who serve it and are signed in with their phone there.
    pub(crate) online: usize,
    /// Callers who wait, those that an agent is rung for included.
    pub(crate) waiting: usize,
    /// The longest of their waits.
    pub(crate) longest_wait: Duration,
    /// How long one more would wait; nothing while nobody works.
    pub(crate) expected_wait: Option<Duration>,
}

impl QueueFigures {
    /// One of them, as a flow compares it.
    pub(crate) fn figure(&self, which: QueueFigure) -> i64 {
        let count = match which {
            QueueFigure::Available => self.available,
            QueueFigure::Staffed => self.staffed,
            QueueFigure::Online => self.online,
            QueueFigure::Waiting => self.waiting,
            QueueFigure::ExpectedWait => {
                let seconds = self.expected_wait.map(|wait| i64::try_from(wait.as_secs()));
                return seconds.and_then(Result::ok).unwrap_or(i64::MAX);
            }
            QueueFigure::LongestWait => {
                return i64::try_from(self.longest_wait.as_secs()).unwrap_or(i64::MAX);
            }
        };
        i64::try_from(count).unwrap_or(i64::MAX)
    }
}

impl Centre {
    /// All zero for a queue that is not there.
    pub(crate) fn queue_figures(&self, id: &QueueId, now: Now) -> QueueFigures {
        let mut figures = QueueFigures::default();
        let Some(queue) = self.queues.get(id) else { return figures };
        let entries = queue.entries.values().filter_map(|call| self.calls.get(call)?.stage.entry());
        let longest = entries.map(|entry| now.instant.saturating_duration_since(entry.entered)).max();
        figures.longest_wait = longest.unwrap_or_default();
        figures.waiting = queue.entries.len();
        figures.expected_wait = self.wait_of_one_more(id);
        for agent in self.agents.values().filter(|agent| agent.seats.contains_key(id)) {
            figures.available += usize::from(agent.is_there(Presence::Available));
            figures.staffed += usize::from(agent.is_there(Presence::Staffed));
            figures.online += usize::from(agent.is_there(Presence::Online));
        }
        figures
    }
}

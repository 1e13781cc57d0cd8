//! What must be over when.

use careline_model::{AgentId, CallId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// What must end.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Subject {
    /// What an agent does.
    Work(AgentId),
    /// A caller's wait.
    Wait(CallId),
    /// Our answer's way to the caller, or the dialling of a phone.
    Answer(CallId),
    /// A transfer.
    Transfer(CallId),
}

/// All limits, the earliest first.
#[derive(Debug, Default)]
pub(super) struct Limits {
    by_time: BTreeSet<(Duration, Subject)>,
    by_subject: BTreeMap<Subject, Duration>,
}

impl Limits {
    pub(super) fn set(&mut self, subject: Subject, at: Duration) {
        self.stop(&subject);
        self.by_time.insert((at, subject.clone()));
        self.by_subject.insert(subject, at);
    }

    pub(super) fn stop(&mut self, subject: &Subject) {
        if let Some(at) = self.by_subject.remove(subject) {
            self.by_time.remove(&(at, subject.clone()));
        }
    }

    /// What should have ended before.
    pub(super) fn overdue(&self, now: Duration) -> Option<String> {
        let (at, subject) = self.by_time.first().filter(|(at, _)| *at < now)?;
        Some(format!("{subject:?} should have ended at {at:?}"))
    }
}

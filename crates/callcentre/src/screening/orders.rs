//! Changes of the caller lists by command. They outlive the process, as the entries of the configuration do.

use super::lists::ENTRIES_MAX;
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use careline_model::event::EventBody;
use careline_model::hours::local_text;
use careline_model::screening::{BlockAction, ListChange, ListEntry, ListKind, Pattern, Scope};
use careline_model::{FlowId, LineId, Now, Number, QueueId};

impl Centre {
    /// Puts an entry on its list, in the place of the one with the same list, pattern and scope. A number may be
    /// written in any way; a prefix is one of normal form.
    ///
    /// # Errors
    /// [`CommandError::BadEntry`] and [`CommandError::ListFull`], which say what is allowed; nothing changes then.
    pub fn set_list_entry(&mut self, mut entry: ListEntry, by: &str, now: Now) -> Result<(), CommandError> {
        entry.pattern = self.normal_pattern(&entry.pattern)?;
        self.check_entry(&entry, now)?;
        self.wake(now);
        let list = entry.list;
        if !self.screening.lists.set(entry.clone(), now.wall_us) {
            return Err(CommandError::ListFull { list, entries: ENTRIES_MAX });
        }
        self.tell_list(ListChange::Set, entry, by, now);
        self.settle(now);
        Ok(())
    }

    /// Takes an entry out.
    ///
    /// # Errors
    /// [`CommandError::BadEntry`] when the pattern is none, [`CommandError::NoEntry`] when there is no such entry.
    pub fn remove_list_entry(
        &mut self,
        list: ListKind,
        pattern: &Pattern,
        scope: &Scope,
        by: &str,
        now: Now,
    ) -> Result<(), CommandError> {
        let pattern = self.normal_pattern(pattern)?;
        let removed = self.screening.lists.remove(list, &pattern, scope);
        let entry = removed.ok_or(CommandError::NoEntry { list })?;
        self.wake(now);
        self.tell_list(ListChange::Removed, entry, by, now);
        self.settle(now);
        Ok(())
    }

    /// The entries of one list that count now, in the order of their numbers, then of their prefixes.
    #[must_use]
    pub fn list_entries(&self, list: ListKind, now: Now) -> Vec<ListEntry> {
        self.screening.lists.entries(list, now.wall_us)
    }

    fn tell_list(&mut self, change: ListChange, entry: ListEntry, by: &str, now: Now) {
        let (entry, by) = (Box::new(entry), by.to_owned());
        self.tell(EventBody::CallerListChanged { change, entry, by }, now);
    }

    fn normal_pattern(&self, pattern: &Pattern) -> Result<Pattern, CommandError> {
        match pattern {
            Pattern::Number(number) => {
                let number = self.plan.number(number.as_str());
                let has_digits = number.as_str().chars().any(|c| c.is_ascii_digit());
                has_digits
                    .then_some(Pattern::Number(number))
                    .ok_or_else(|| bad("the number is none", "a number as callers have it".to_owned()))
            }
            Pattern::Prefix(prefix) => {
                let digits = prefix.as_str().strip_prefix('+').unwrap_or(prefix.as_str());
                let begins = digits.starts_with(|c: char| ('1'..='9').contains(&c));
                if begins && digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Ok(Pattern::Prefix(Number::from(prefix.as_str())));
                }
                let allowed = "+86531 or +44 for outside numbers, 80 for extensions".to_owned();
                Err(bad("the prefix begins no number in normal form", allowed))
            }
        }
    }

    fn check_entry(&self, entry: &ListEntry, now: Now) -> Result<(), CommandError> {
        if let Scope::Line(line) = &entry.scope
            && !self.plan.lines.contains_key(line)
        {
            let allowed = listed(self.plan.lines.keys().map(LineId::as_str));
            return Err(bad(&format!("line {line} is not known"), allowed));
        }
        if let Scope::Queue(queue) = &entry.scope
            && !self.plan.queues.contains_key(queue)
        {
            let allowed = listed(self.plan.queues.keys().map(QueueId::as_str));
            return Err(bad(&format!("queue {queue} is not known"), allowed));
        }
        if let BlockAction::Message(flow) | BlockAction::Voicemail(flow) = &entry.action
            && !self.plan.flows.contains_key(flow)
        {
            let allowed = listed(self.plan.flows.keys().map(FlowId::as_str));
            return Err(bad(&format!("flow {flow} is not known"), allowed));
        }
        if !entry.counts_at(now.wall_us) {
            let earliest = local_text(now.wall_us, &self.plan.timezone);
            return Err(bad("it would have expired already", format!("a time after {earliest}, or none")));
        }
        Ok(())
    }
}

fn bad(what: &str, allowed: String) -> CommandError {
    CommandError::BadEntry { what: what.to_owned(), allowed }
}

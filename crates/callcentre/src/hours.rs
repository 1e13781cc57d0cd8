//! What people decide above the calendar: overrides of opening hours (CF M3), and emergency mode (CF M4).
//!
//! Both end by themselves at a deadline. The deadline is on the monotonic clock; what was ordered is a time of day, so
//! a wall clock that was set meanwhile is looked at again when the deadline comes, and with everything that happens.

use crate::centre::Centre;
use crate::command::{CommandError, listed};
use crate::deadlines::Due;
use careline_model::event::EventBody;
use careline_model::hours::{HoursOverride, Opening, Outlook, local_text};
use careline_model::snapshot::{EmergencyView, HoursView};
use careline_model::{FlowId, Now};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// The longest override: who needs a longer one needs another calendar.
const OVERRIDE_MAX: Duration = Duration::from_secs(31 * 86_400);

impl Centre {
    /// Decides for a while, instead of the calendar, which way callers take at `hours` nodes of this profile. A second
    /// override takes the place of the first. `until_us` is in UTC microseconds, later than now and by at most 31 days.
    ///
    /// # Errors
    /// [`CommandError::UnknownHours`] and [`CommandError::BadUntil`], which say what is allowed; nothing changes then.
    pub fn override_hours(
        &mut self,
        hours: &str,
        opening: Opening,
        until_us: i64,
        by: &str,
        reason: &str,
        now: Now,
    ) -> Result<(), CommandError> {
        let id = self.known_hours(hours)?;
        let due = self.instant_of(until_us, now)?;
        self.wake(now);
        let (by, reason) = (by.to_owned(), reason.to_owned());
        let over = HoursOverride { opening, until_us, by: by.clone(), reason: reason.clone() };
        self.overrides.insert(id.clone(), over);
        self.deadlines.set(Due::Override(id), due);
        self.tell(EventBody::HoursOverridden { hours: hours.to_owned(), opening, until_us, by, reason }, now);
        self.hours_changed(hours, now);
        self.settle(now);
        Ok(())
    }

    /// Lets the calendar decide again.
    ///
    /// # Errors
    /// [`CommandError::UnknownHours`], or [`CommandError::NotOverridden`], which names the profiles that are.
    pub fn revert_hours(&mut self, hours: &str, by: &str, now: Now) -> Result<(), CommandError> {
        let id = self.known_hours(hours)?;
        if !self.overrides.contains_key(&id) {
            let allowed = match self.overrides.is_empty() {
                true => "none is overridden".to_owned(),
                false => listed(self.overrides.keys().map(|id| &**id)),
            };
            return Err(CommandError::NotOverridden { hours: hours.to_owned(), allowed });
        }
        self.wake(now);
        self.revert(&id, Some(by), now);
        self.settle(now);
        Ok(())
    }

    /// What happens at `at_us` (UTC microseconds) with this profile: open or closed, why, and when that changes next.
    /// The override in force counts until it expires.
    ///
    /// # Errors
    /// [`CommandError::UnknownHours`].
    pub fn preview_hours(&self, hours: &str, at_us: i64) -> Result<Outlook, CommandError> {
        let id = self.known_hours(hours)?;
        let calendar = self.plan.hours.get(&id).ok_or_else(|| self.unknown_hours(hours))?;
        Ok(calendar.outlook(at_us, self.overrides.get(&id)))
    }

    /// Callers of all lines hear the emergency flow of the configuration from now on; calls that are here keep their
    /// flow. A second command takes the place of the first. Without `until_us` (UTC microseconds, at most 31 days away)
    /// it ends by command alone.
    ///
    /// # Errors
    /// [`CommandError::NoEmergencyFlow`] and [`CommandError::BadUntil`]; nothing changes then.
    pub fn begin_emergency(
        &mut self,
        until_us: Option<i64>,
        by: &str,
        reason: &str,
        now: Now,
    ) -> Result<(), CommandError> {
        let flow = self.plan.emergency.clone().ok_or(CommandError::NoEmergencyFlow)?;
        let due = until_us.map(|until_us| self.instant_of(until_us, now)).transpose()?;
        self.wake(now);
        let since_us = self.emergency.as_ref().map_or(now.wall_us, |emergency| emergency.since_us);
        let (by, reason) = (by.to_owned(), reason.to_owned());
        self.emergency = Some(EmergencyView {
            flow: flow.clone(),
            since_us,
            until_us,
            by: by.clone(),
            reason: reason.clone(),
        });
        match due {
            Some(due) => self.deadlines.set(Due::Emergency, due),
            None => self.deadlines.stop(&Due::Emergency),
        }
        self.tell(EventBody::EmergencyBegan { flow, until_us, by, reason }, now);
        self.settle(now);
        Ok(())
    }

    /// Callers hear the flows of their lines again.
    ///
    /// # Errors
    /// [`CommandError::NoEmergency`] when emergency mode is not on.
    pub fn end_emergency(&mut self, by: &str, now: Now) -> Result<(), CommandError> {
        if self.emergency.is_none() {
            return Err(CommandError::NoEmergency);
        }
        self.wake(now);
        self.leave_emergency(Some(by), now);
        self.settle(now);
        Ok(())
    }

    /// Which way callers take now.
    pub(crate) fn opening_now(&self, hours: &str, now: Now) -> Opening {
        let over = self.overrides.get(hours).filter(|over| now.wall_us < over.until_us);
        let is_open = || self.plan.hours.get(hours).is_some_and(|hours| hours.is_open(now.wall_us));
        match over {
            Some(over) => over.opening,
            None if is_open() => Opening::Open,
            None => Opening::Closed,
        }
    }

    /// The flow of callers who arrive in emergency mode.
    pub(crate) fn emergency_flow(&self) -> Option<&FlowId> {
        self.emergency.as_ref().map(|emergency| &emergency.flow)
    }

    /// Ends what should have ended, should the wall clock have been set forward.
    pub(crate) fn end_overdue_overrides(&mut self, now: Now) {
        let overdue = self.overrides.iter().filter(|(_, over)| over.until_us <= now.wall_us);
        let overdue: Vec<Arc<str>> = overdue.map(|(id, _)| id.clone()).collect();
        overdue.iter().for_each(|id| self.revert(id, None, now));
        let until_us = self.emergency.as_ref().and_then(|emergency| emergency.until_us);
        if until_us.is_some_and(|until_us| until_us <= now.wall_us) {
            self.leave_emergency(None, now);
        }
    }

    pub(crate) fn override_is_due(&mut self, id: &Arc<str>, now: Now) {
        let Some(until_us) = self.overrides.get(id).map(|over| over.until_us) else { return };
        match rest(until_us, now) {
            Some(rest) => self.deadlines.set(Due::Override(id.clone()), now.instant + rest),
            None => self.revert(id, None, now),
        }
    }

    pub(crate) fn emergency_is_due(&mut self, now: Now) {
        let Some(until_us) = self.emergency.as_ref().and_then(|emergency| emergency.until_us) else { return };
        match rest(until_us, now) {
            Some(rest) => self.deadlines.set(Due::Emergency, now.instant + rest),
            None => self.leave_emergency(None, now),
        }
    }

    pub(crate) fn hours_views(&self, now: Now) -> Vec<HoursView> {
        let view = |(id, calendar): (&Arc<str>, &careline_model::hours::WeeklyHours)| {
            let overridden = self.overrides.get(id);
            HoursView {
                hours: id.to_string(),
                outlook: calendar.outlook(now.wall_us, overridden),
                overridden: overridden.cloned(),
            }
        };
        self.plan.hours.iter().map(view).collect()
    }

    pub(crate) fn revert(&mut self, id: &Arc<str>, by: Option<&str>, now: Now) {
        if self.overrides.remove(id).is_some() {
            self.deadlines.stop(&Due::Override(id.clone()));
            let (hours, by) = (id.to_string(), by.map(str::to_owned));
            self.tell(EventBody::HoursReverted { hours, by }, now);
            self.hours_changed(id, now);
        }
    }

    pub(crate) fn leave_emergency(&mut self, by: Option<&str>, now: Now) {
        if self.emergency.take().is_some() {
            self.deadlines.stop(&Due::Emergency);
            self.tell(EventBody::EmergencyEnded { by: by.map(str::to_owned) }, now);
        }
    }

    fn known_hours(&self, hours: &str) -> Result<Arc<str>, CommandError> {
        let known = self.plan.hours.get_key_value(hours);
        known.map(|(id, _)| id.clone()).ok_or_else(|| self.unknown_hours(hours))
    }

    fn unknown_hours(&self, hours: &str) -> CommandError {
        let allowed = listed(self.plan.hours.keys().map(|id| &**id));
        CommandError::UnknownHours { hours: hours.to_owned(), allowed }
    }

    /// The deadline of a time of day that must be ahead.
    fn instant_of(&self, until_us: i64, now: Now) -> Result<Instant, CommandError> {
        match rest(until_us, now) {
            Some(rest) if rest <= OVERRIDE_MAX => Ok(now.instant + rest),
            _ => {
                let text = |at_us| local_text(at_us, &self.plan.timezone);
                let (until, earliest) = (text(until_us), text(now.wall_us));
                let latest = text(now.after(OVERRIDE_MAX).wall_us);
                Err(CommandError::BadUntil { until, earliest, latest })
            }
        }
    }
}

/// How long it is until a time of day; nothing when that has come.
fn rest(until_us: i64, now: Now) -> Option<Duration> {
    let micros = u64::try_from(until_us.saturating_sub(now.wall_us)).ok()?;
    (micros > 0).then_some(Duration::from_micros(micros))
}

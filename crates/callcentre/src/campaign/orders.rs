//! What is ordered about campaigns and their tasks.

use super::{Hand, Key, Task};
use crate::agent::Work;
use crate::centre::Centre;
use crate::command::{CommandError, listed};
use careline_model::event::EventBody;
use careline_model::number::DialKind;
use careline_model::outbound::{
    CampaignFact, CampaignState, DialResult, DoNotCall, NUMBERS_MAX, NewTask, PreviewOutcome, TASKS_MAX,
    TEXT_CHARS_MAX, TaskOutcome, TaskTaken, WINDOWS_MAX,
};
use careline_model::{AgentId, CallId, CampaignId, Now, Number, TaskId};
use std::collections::BTreeSet;

/// Most entries of the do-not-call list.
const DO_NOT_CALL_MAX: usize = 50_000;

/// One order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignOrder {
    /// Takes tasks; each has its own answer.
    AddTasks {
        /// The campaign.
        campaign: CampaignId,
        /// Its new tasks.
        tasks: Vec<NewTask>,
    },
    /// Ends a task. A conversation that has begun goes on.
    Withdraw {
        /// The campaign.
        campaign: CampaignId,
        /// The task.
        task: TaskId,
    },
    /// Lets a campaign run, rest or end.
    SetState {
        /// The campaign.
        campaign: CampaignId,
        /// What it is to do.
        state: CampaignState,
        /// Who decides.
        by: String,
        /// Why.
        reason: String,
    },
    /// An agent dials the task that she is shown.
    Accept {
        /// The agent.
        agent: AgentId,
    },
    /// An agent does not dial it.
    Skip {
        /// The agent.
        agent: AgentId,
        /// Why.
        reason: String,
    },
    /// An agent says what she hears instead of a person: an announcement of the network, a machine.
    Heard {
        /// The agent.
        agent: AgentId,
        /// What that means.
        result: DialResult,
    },
    /// Calls an agent's phone, then somebody else for her.
    Dial {
        /// The agent.
        agent: AgentId,
        /// As it is dialled.
        number: String,
    },
    /// Puts somebody on the do-not-call list; in the place of the entry with this number.
    SetDoNotCall {
        /// The entry.
        entry: DoNotCall,
        /// Who decides.
        by: String,
    },
    /// Takes somebody off it.
    RemoveDoNotCall {
        /// The number.
        number: String,
        /// Who decides.
        by: String,
    },
}

/// What came of an order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CampaignReply {
    /// It is done.
    Done,
    /// What became of each task, in their order.
    Tasks(Vec<TaskTaken>),
    /// The call that began.
    Call(CallId),
}

impl Centre {
    /// Carries out an order about campaigns.
    ///
    /// # Errors
    /// What is wrong, and what would be allowed; nothing changes then.
    pub fn campaign_order(&mut self, order: CampaignOrder, now: Now) -> Result<CampaignReply, CommandError> {
        self.wake(now);
        let done = match order {
            CampaignOrder::AddTasks { campaign, tasks } => {
                self.add_tasks(&campaign, tasks, now).map(CampaignReply::Tasks)
            }
            CampaignOrder::Dial { agent, number } => {
                self.click_to_dial(&agent, &number, now).map(CampaignReply::Call)
            }
            CampaignOrder::Withdraw { campaign, task } => done(self.withdraw_task((campaign, task), now)),
            CampaignOrder::SetState { campaign, state, by, reason } => {
                done(self.set_campaign(&campaign, state, by, reason, now))
            }
            CampaignOrder::Accept { agent } => done(self.accept_preview(&agent, now)),
            CampaignOrder::Skip { agent, reason } => done(self.skip_preview(&agent, reason, now)),
            CampaignOrder::Heard { agent, result } => done(self.heard_instead(&agent, result, now)),
            CampaignOrder::SetDoNotCall { entry, by } => done(self.set_do_not_call(entry, by, now)),
            CampaignOrder::RemoveDoNotCall { number, by } => done(self.remove_do_not_call(&number, by, now)),
        };
        self.settle(now);
        done
    }

    fn known_campaign(&self, id: &CampaignId) -> Result<(), CommandError> {
        if self.plan.outbound.campaigns.contains_key(id) {
            return Ok(());
        }
        let allowed = listed(self.plan.outbound.campaigns.keys().map(CampaignId::as_str));
        Err(CommandError::BadEntry { what: format!("campaign {id} is not known"), allowed })
    }

    fn add_tasks(
        &mut self,
        campaign: &CampaignId,
        tasks: Vec<NewTask>,
        now: Now,
    ) -> Result<Vec<TaskTaken>, CommandError> {
        self.known_campaign(campaign)?;
        if self.campaigns.state(campaign) == CampaignState::Stopped {
            let what = format!("campaign {campaign} was stopped");
            return Err(CommandError::BadEntry { what, allowed: "when it runs or is paused".into() });
        }
        Ok(tasks.into_iter().map(|task| self.add_task(campaign, task, now)).collect())
    }

    fn add_task(&mut self, campaign: &CampaignId, given: NewTask, now: Now) -> TaskTaken {
        let key = (campaign.clone(), given.id.clone());
        if self.campaigns.knows(&key) {
            return TaskTaken::Known;
        }
        let given = match self.checked(given, now) {
            Ok(given) => given,
            Err(wrong) => return TaskTaken::Refused(wrong),
        };
        let own_max = self.plan.outbound.campaigns.get(campaign).map_or(0, |one| one.tasks_max);
        let all = self.campaigns.tasks.len();
        if all >= usize::try_from(TASKS_MAX).unwrap_or(usize::MAX) {
            return TaskTaken::Refused(format!(
                "campaigns are full; allowed: up to {TASKS_MAX} tasks at a time, all together"
            ));
        }
        if all >= own_max && self.campaigns.tasks_of(campaign).count() >= own_max {
            return TaskTaken::Refused(format!(
                "the campaign is full; allowed: up to {own_max} tasks at a time"
            ));
        }
        let (task, person) = (given.id.clone(), given.person.clone());
        self.campaigns.add(Task::new(campaign.clone(), given), None);
        let campaign = campaign.clone();
        self.tell(EventBody::Campaign(CampaignFact::TaskAdded { campaign, task, person }), now);
        TaskTaken::Added
    }

    /// With its numbers in normal form. What is wrong names no number.
    fn checked(&self, mut given: NewTask, now: Now) -> Result<NewTask, String> {
        let text = |what: &str, text: &str, least: usize| {
            let good = (least..=TEXT_CHARS_MAX).contains(&text.chars().count());
            let wrong =
                || format!("{what} is too long or empty; allowed: {least} to {TEXT_CHARS_MAX} characters");
            if good { Ok(()) } else { Err(wrong()) }
        };
        text("id", given.id.as_str(), 1)?;
        text("person", &given.person, 0)?;
        if !(1..=9).contains(&given.priority) {
            return Err(format!("priority {} is out of range; allowed: 1 to 9", given.priority));
        }
        if !(1..=NUMBERS_MAX).contains(&given.numbers.len()) {
            return Err(format!("{} numbers; allowed: 1 to {NUMBERS_MAX}", given.numbers.len()));
        }
        if given.windows.len() > WINDOWS_MAX || given.windows.iter().any(|one| one.from_us >= one.to_us) {
            return Err(format!(
                "windows are too many, or end before they begin; allowed: up to {WINDOWS_MAX}"
            ));
        }
        let last = [given.not_after_us, given.windows.iter().map(|window| window.to_us).max()];
        let first = now.wall_us.max(given.not_before_us.unwrap_or(i64::MIN));
        if last.into_iter().flatten().any(|last| last <= first) {
            return Err("its time is over, or never comes; allowed: times to come".into());
        }
        let mut seen = BTreeSet::new();
        for (at, number) in given.numbers.iter_mut().enumerate() {
            number.number = self.plan.number(number.number.as_str());
            let kind = self.plan.dial_kind(&number.number);
            let dialled = matches!(
                kind,
                Ok(DialKind::Local
                    | DialKind::National
                    | DialKind::Mobile
                    | DialKind::Service
                    | DialKind::International)
            );
            if !dialled || self.plan.route_of(&number.number).is_none() {
                return Err(format!(
                    "number {} cannot be dialled; allowed: numbers outside with a route",
                    at + 1
                ));
            }
            if !seen.insert(number.number.clone()) {
                return Err(format!("number {} is there twice; allowed: each number once", at + 1));
            }
        }
        Ok(given)
    }

    fn withdraw_task(&mut self, key: Key, now: Now) -> Result<(), CommandError> {
        self.known_campaign(&key.0)?;
        if !self.campaigns.tasks.contains_key(&key) {
            let what = format!("campaign {} has no task {}", key.0, key.1);
            return Err(CommandError::BadEntry { what, allowed: "a task that has not ended".into() });
        }
        self.close_task(&key, TaskOutcome::Withdrawn, now);
        Ok(())
    }

    /// Ends a task now, or when the call that is made for it is over.
    fn close_task(&mut self, key: &Key, outcome: TaskOutcome, now: Now) {
        let Some(task) = self.campaigns.tasks.get_mut(key) else { return };
        task.ends = Some(outcome);
        match task.hand.clone() {
            Hand::Free => self.end_task(key, outcome, None, now),
            Hand::Preview(agent) => {
                self.end_preview(&agent, PreviewOutcome::Withdrawn, String::new(), now);
            }
            Hand::Call(_) => {}
        }
    }

    fn set_campaign(
        &mut self,
        id: &CampaignId,
        state: CampaignState,
        by: String,
        reason: String,
        now: Now,
    ) -> Result<(), CommandError> {
        self.known_campaign(id)?;
        self.enter_campaign_state(id, state, by, reason, now);
        Ok(())
    }

    /// From now on; nothing when it was so before.
    pub(crate) fn enter_campaign_state(
        &mut self,
        id: &CampaignId,
        state: CampaignState,
        by: String,
        reason: String,
        now: Now,
    ) {
        if self.campaigns.states.insert(id.clone(), state) == Some(state) {
            return;
        }
        let campaign = id.clone();
        self.tell(EventBody::Campaign(CampaignFact::CampaignChanged { campaign, state, by, reason }), now);
        self.campaigns.dirty = true;
        if state == CampaignState::Running {
            return;
        }
        let looks = |(agent, key): (&AgentId, &Key)| (key.0 == *id).then(|| agent.clone());
        let looking: Vec<AgentId> = self.campaigns.busy.iter().filter_map(looks).collect();
        for agent in looking {
            if matches!(self.agents.get(&agent).map(|agent| &agent.work), Some(Work::Preview(_))) {
                self.end_preview(&agent, PreviewOutcome::Withdrawn, String::new(), now);
            }
        }
        if state == CampaignState::Stopped {
            let keys: Vec<Key> = self.campaigns.tasks_of(id).map(Task::key).collect();
            keys.iter().for_each(|key| self.close_task(key, TaskOutcome::Stopped, now));
        }
    }

    fn set_do_not_call(&mut self, entry: DoNotCall, by: String, now: Now) -> Result<(), CommandError> {
        let number = self.listed_number(entry.number.as_str())?;
        let reason = entry.reason.trim().to_owned();
        if entry.purposes.is_empty() || !(1..=TEXT_CHARS_MAX).contains(&reason.chars().count()) {
            let what = "an entry without a purpose or a reason".to_owned();
            let allowed = format!("1 purpose or more, and a reason of 1 to {TEXT_CHARS_MAX} characters");
            return Err(CommandError::BadEntry { what, allowed });
        }
        let list = &mut self.campaigns.do_not_call;
        if list.len() >= DO_NOT_CALL_MAX && !list.contains_key(&number) {
            let allowed = format!("up to {DO_NOT_CALL_MAX} entries");
            return Err(CommandError::BadEntry { what: "the do-not-call list is full".into(), allowed });
        }
        let entry = DoNotCall { number: number.clone(), purposes: entry.purposes, reason };
        list.insert(number, entry.clone());
        let entry = Box::new(entry);
        self.tell(EventBody::Campaign(CampaignFact::DoNotCallChanged { entry, listed: true, by }), now);
        Ok(())
    }

    fn remove_do_not_call(&mut self, number: &str, by: String, now: Now) -> Result<(), CommandError> {
        let number = self.listed_number(number)?;
        let Some(entry) = self.campaigns.do_not_call.remove(&number) else {
            let what = "the do-not-call list has no such entry".to_owned();
            return Err(CommandError::BadEntry { what, allowed: "a number that stands on it".into() });
        };
        let entry = Box::new(entry);
        self.tell(EventBody::Campaign(CampaignFact::DoNotCallChanged { entry, listed: false, by }), now);
        Ok(())
    }

    fn listed_number(&self, written: &str) -> Result<Number, CommandError> {
        let number = self.plan.number(written);
        if number.as_str().chars().any(|c| c.is_ascii_digit()) {
            return Ok(number);
        }
        Err(CommandError::BadEntry {
            what: "that is no number".into(),
            allowed: "a number as people have it".into(),
        })
    }
}

fn done(result: Result<(), CommandError>) -> Result<CampaignReply, CommandError> {
    result.map(|()| CampaignReply::Done)
}

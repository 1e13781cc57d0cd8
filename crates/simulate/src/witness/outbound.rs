//! Campaigns as events tell them: tasks, previews and attempts begin once and end once, in their order; nobody is called
//! when or oftener than the policy allows, and an agent does one thing at a time.

use super::Witness;
use super::limits::Subject;
use super::rules::Rules;
use careline_model::event::AgentWork;
use careline_model::outbound::{CampaignFact, DialResult, PreviewOutcome, Purpose};
use careline_model::{AgentId, CallId, CampaignId, Number, TaskId};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const ONCE: &str = "every task, preview and attempt ends once";
const POLICY: &str = "nobody is called at quiet hours or too often";
/// An attempt rings for 90 s at most, is joined in 2 s, and after it somebody may hear who called.
const ATTEMPT_LIMIT: Duration = Duration::from_secs(90 + 2 + 10);
const SAFE_LIMIT: Duration = Duration::from_secs(400);
const DAY_US: i64 = 86_400_000_000;
/// The simulated hospital is in China.
const ZONE_US: i64 = 8 * 3_600_000_000;

type Key = (CampaignId, TaskId);

/// All campaigns.
#[derive(Debug, Default)]
pub(super) struct Outbound {
    tasks: BTreeSet<Key>,
    previews: BTreeMap<AgentId, Key>,
    attempts: BTreeMap<CallId, (Key, Number, i64)>,
    /// When each number was called, and whether that was care.
    called: BTreeMap<Number, Vec<(i64, bool)>>,
    /// How often each number was tried for a task.
    tries: BTreeMap<(Key, Number), u32>,
}

impl Outbound {
    /// What is left, in words; tasks may wait for another day.
    pub(super) fn left(&self) -> Option<String> {
        let (previews, attempts) = (self.previews.len(), self.attempts.len());
        (previews + attempts > 0).then(|| format!("{previews} previews and {attempts} attempts did not end"))
    }

    /// What speaks against a call at this moment.
    fn wrong(&self, rules: &Rules, key: &Key, number: &Number, at_us: i64) -> Option<String> {
        let outbound = &rules.plan.outbound;
        let purpose = outbound.campaigns.get(&key.0)?.purpose;
        let minute = (at_us + ZONE_US).rem_euclid(DAY_US) / 60_000_000;
        let noon = purpose != Purpose::Clinical && (12 * 60..14 * 60).contains(&minute);
        if !(8 * 60..20 * 60).contains(&minute) || noon {
            return Some(format!("at minute {minute} for {purpose:?}"));
        }
        let clinical = purpose == Purpose::Clinical;
        let day = |at_us: i64| (at_us + ZONE_US).div_euclid(DAY_US);
        let alike = self.called.get(number).into_iter().flatten().filter(|(_, care)| *care == clinical);
        let (mut today, mut week) = (0, 0);
        for (called_us, _) in alike {
            today += u32::from(day(*called_us) == day(at_us));
            week += u32::from(*called_us > at_us - 7 * DAY_US);
        }
        let policy = &outbound.policy;
        let most = if clinical { policy.clinical_per_day } else { policy.per_day };
        (today >= most || !clinical && week >= policy.per_week)
            .then(|| format!("{today} times today and {week} in a week for {purpose:?}"))
    }
}

impl Witness {
    pub(super) fn campaign_fact(&mut self, fact: &CampaignFact) {
        match fact {
            CampaignFact::CampaignChanged { .. } | CampaignFact::DoNotCallChanged { .. } => {}
            CampaignFact::TaskAdded { campaign, task, .. } => {
                let new = self.outbound.tasks.insert((campaign.clone(), task.clone()));
                self.expect(ONCE, new, || format!("{task} is added twice"));
            }
            CampaignFact::TaskPutOff { campaign, task, .. } => self.task_lives(campaign, task),
            CampaignFact::TaskEnded { campaign, task, .. } => {
                let key = (campaign.clone(), task.clone());
                let known = self.outbound.tasks.remove(&key);
                let busy = self.outbound.previews.values().any(|other| *other == key);
                self.expect(ONCE, known && !busy, || format!("{task} ends twice, or in a preview"));
            }
            CampaignFact::PreviewOffered { campaign, task, agent, .. } => {
                self.task_lives(campaign, task);
                let new = self.outbound.previews.insert(agent.clone(), (campaign.clone(), task.clone()));
                let looks = self.does(agent, AgentWork::Preview);
                self.expect(ONCE, new.is_none() && looks, || {
                    format!("{agent} is shown {task} beside something")
                });
            }
            CampaignFact::PreviewEnded { campaign, task, agent, outcome, .. } => {
                self.task_lives(campaign, task);
                let key = (campaign.clone(), task.clone());
                let known = self.outbound.previews.remove(agent) == Some(key);
                if *outcome == PreviewOutcome::TimedOut {
                    self.rests(agent, self.rules.longest_rest);
                }
                self.expect(ONCE, known, || format!("{agent} ends a preview of {task} twice"));
            }
            CampaignFact::AttemptBegan { campaign, task, call, agent, to, .. } => {
                self.attempt_began((campaign.clone(), task.clone()), *call, agent, to);
            }
            CampaignFact::AttemptEnded { call, result, .. } => self.attempt_ended(*call, *result),
        }
    }

    fn task_lives(&mut self, campaign: &CampaignId, task: &TaskId) {
        let known = self.outbound.tasks.contains(&(campaign.clone(), task.clone()));
        self.expect(ONCE, known, || format!("{task} is over"));
    }

    fn does(&self, agent: &AgentId, work: AgentWork) -> bool {
        self.agents.all.get(agent).is_some_and(|agent| agent.work == work)
    }

    fn attempt_began(&mut self, key: Key, call: CallId, agent: &AgentId, to: &Number) {
        self.task_lives(&key.0, &key.1);
        let dials = self.does(agent, AgentWork::Dialing);
        self.expect("who dials does nothing else", dials, || format!("{agent} in {call}"));
        let wrong = self.outbound.wrong(&self.rules, &key, to, self.wall_us);
        self.expect(POLICY, wrong.is_none(), || wrong.unwrap_or_default());
        let most = self.rules.plan.outbound.campaigns.get(&key.0).map_or(0, |campaign| campaign.attempts_max);
        let tries = self.outbound.tries.entry((key.clone(), to.clone())).or_default();
        *tries += 1;
        let tries = *tries;
        self.expect("no number is tried oftener than it may be", tries <= most, || format!("{tries} times"));
        self.limits.set(Subject::Answer(call), self.now + ATTEMPT_LIMIT);
        let new = self.outbound.attempts.insert(call, (key, to.clone(), self.wall_us));
        self.expect(ONCE, new.is_none(), || format!("{call} tries two numbers at once"));
    }

    fn attempt_ended(&mut self, call: CallId, result: DialResult) {
        let Some((key, number, at_us)) = self.outbound.attempts.remove(&call) else {
            return self.expect(ONCE, false, || format!("an attempt of {call} ends twice"));
        };
        let rules = &self.rules.plan.outbound.campaigns;
        let clinical = rules.get(&key.0).is_some_and(|campaign| campaign.purpose == Purpose::Clinical);
        if !matches!(result, DialResult::Congestion | DialResult::Barred) {
            self.outbound.called.entry(number.clone()).or_default().push((at_us, clinical));
        }
        if matches!(result, DialResult::Congestion | DialResult::AgentLost)
            && let Some(tries) = self.outbound.tries.get_mut(&(key, number))
        {
            *tries = tries.saturating_sub(1);
        }
        if result == DialResult::Abandoned {
            self.limits.set(Subject::Answer(call), self.now + SAFE_LIMIT);
        }
    }
}

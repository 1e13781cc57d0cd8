//! Calls that begin with the agent's phone: she is on the line before anybody else is rung (CF K1, K3, K6).
//!
//! ```text
//! Summoning --she answers--> Dialling --somebody answers--> Joining --both hear each other--> talk
//!     | her phone does not       | busy, nobody, no such number: the next number      | her phone is lost, within 2 s
//!     v                          v                                                    v   of the answer or later
//!    over                  the next time, or over                                    Safe: who called, where to call back
//! ```
//!
//! With a task (`call.task`) it is a call of a campaign; without one she clicked on a number.

use crate::action::{Action, StopRinging};
use crate::agent::Work;
use crate::call::{Call, Stage, TaskCall};
use crate::campaign::{Hand, Key, When};
use crate::centre::{Centre, Role};
use crate::command::CommandError;
use crate::deadlines::Due;
use crate::dial::{Goal, OUTSIDE_RINGS, Shown};
use crate::input::{LegEnd, RefusedBy};
use crate::queue::millis;
use careline_model::event::{CallDirection, EndCause, EventBody, Party};
use careline_model::outbound::{CampaignFact, CampaignState, DialResult};
use careline_model::{AgentId, CallId, CallerName, LegId, Now, Number};
use std::time::{Duration, Instant};

mod end;

/// Her own phone rings for so long.
const SUMMONS: Duration = Duration::from_secs(20);
/// Who answers is talked to within this time, or hears why not (FTC 310.4(b)(4)(iii); CF K6).
pub(crate) const SAFE: Duration = Duration::from_secs(2);
/// An extension rings for so long.
const EXTENSION_RINGS: Duration = Duration::from_secs(45);

/// Whom to dial, the number that is shown there, and how long it rings.
type GoalShown = (Goal, Option<Number>, Duration);

/// A call on its way from an agent to somebody.
#[derive(Debug, Clone)]
pub(crate) struct Reach {
    pub(crate) agent: AgentId,
    /// Her leg.
    pub(crate) leg: LegId,
    /// Her leg is over.
    pub(crate) is_gone: bool,
    pub(crate) step: Step,
    goal: Goal,
    /// The number shown to the person, when it is not hers.
    shown: Option<Number>,
    rings: Duration,
    /// What she hears of the other phone.
    hears: Hears,
    /// Both had talked before her phone was lost.
    pub(crate) has_talked: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Step {
    /// Her phone rings.
    Summoning,
    /// The other one does.
    Dialling,
    /// Somebody answered; the legs are being joined.
    Joining,
    /// She is gone; the person hears who called.
    Safe,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Hears {
    Nothing,
    /// A tone of ours.
    RingBack,
    /// What the network sends.
    Network,
}

/// A number of a task that is dialled.
#[derive(Debug, Clone)]
pub(crate) struct Attempt {
    /// Its place in the task.
    pub(crate) at: usize,
    nth: u32,
    since: Instant,
    /// From dialling to the answer.
    answered_after: Option<Duration>,
    /// The refusal, in the words of the network: status of SIP and cause of Q.850.
    pub(crate) refusal: (u16, Option<u16>),
}

impl Centre {
    /// An agent asks for somebody by a page: her phone rings, then the other one.
    pub(crate) fn click_to_dial(
        &mut self,
        agent: &AgentId,
        dialled: &str,
        now: Now,
    ) -> Result<CallId, CommandError> {
        self.known_agent(agent)?;
        let number = self.plan.number(dialled);
        let cannot = |why: crate::action::Refusal| CommandError::BadEntry {
            what: format!("that number is not dialled for agent {agent}: {why:?}"),
            allowed: "what her class of service allows, and somebody who is there".to_owned(),
        };
        let goal = self.room_for(agent, &number).and_then(|()| self.goal_of(agent, &number));
        let goal = goal.map_err(cannot)?;
        if matches!(self.agents.get(agent).map(|agent| &agent.work), Some(Work::Preview(_))) {
            self.leave_preview(agent, now);
        }
        if self.can_be_rung(agent).is_err() {
            return Err(CommandError::NotFree { agent: agent.clone() });
        }
        Ok(self.summon(agent, goal, None, (None, OUTSIDE_RINGS), now))
    }

    /// A campaign calls an agent for one of its tasks.
    pub(crate) fn reach_for_task(&mut self, key: &Key, at: usize, agent: &AgentId, now: Now) {
        let Some((goal, shown, rings)) = self.goal_of_task(key, at, agent) else {
            self.campaigns.busy.remove(agent);
            self.campaigns.conclude(key, at, DialResult::Barred, &self.plan.clone(), now.wall_us);
            self.agent_changed(agent, now);
            return self.task_is_free(key, now);
        };
        let task = TaskCall { key: key.clone(), at, attempt: None, is_reached: false };
        let call = self.summon(agent, goal, Some(task), (shown, rings), now);
        if let Some(task) = self.campaigns.tasks.get_mut(key) {
            task.hand = Hand::Call(call);
        }
    }

    /// Where a number of a task leads; nothing when this agent may not dial it.
    fn goal_of_task(&self, key: &Key, at: usize, agent: &AgentId) -> Option<GoalShown> {
        let campaign = self.plan.outbound.campaigns.get(&key.0)?;
        let number = self.campaigns.tasks.get(key)?.number(at)?.clone();
        let goal = self.goal_of(agent, &number).ok()?;
        let Goal::Outside(number, route) = goal else { return None };
        let shown = campaign.shown_to(&number).cloned();
        let group = campaign.group.clone().unwrap_or(route);
        Some((Goal::Outside(number, group), shown, campaign.ring))
    }

    fn summon(
        &mut self,
        agent: &AgentId,
        goal: Goal,
        task: Option<TaskCall>,
        (shown, rings): (Option<Number>, Duration),
        now: Now,
    ) -> CallId {
        let id = CallId::new(now.wall_us, &mut self.rng);
        let (leg, party) = (self.new_leg(), self.new_leg());
        let (direction, trunk_group) = match &goal {
            Goal::Extension(_) => (CallDirection::Internal, None),
            Goal::Outside(_, group) => (CallDirection::Outbound, Some(group.clone())),
        };
        let to = goal.number();
        let body =
            EventBody::CallDialled { call: id, agent: agent.clone(), direction, to: to.clone(), trunk_group };
        self.tell(body, now);
        let reach = Reach {
            agent: agent.clone(),
            leg,
            is_gone: false,
            step: Step::Summoning,
            goal,
            shown,
            rings,
            hears: Hears::Nothing,
            has_talked: false,
        };
        let numbers = (to.clone(), to.clone());
        let call = Call { task, ..Call::new(id, direction, party, numbers, Stage::Reaching(reach), now) };
        self.calls.insert(id, call);
        self.legs.insert(leg, (id, Role::Agent));
        self.legs.insert(party, (id, Role::Caller));
        self.occupy(agent, id, now);
        self.deadlines.set(Due::Third(id), now.instant + SUMMONS);
        let auto_answer = self.plan.agents.get(agent).and_then(|agent| agent.auto_answer).unwrap_or(false);
        let (call, agent, caller, label, timeout) = (id, agent.clone(), to, CallerName::default(), SUMMONS);
        self.actions.push_back(Action::Ring { leg, call, agent, caller, label, timeout, auto_answer });
        id
    }

    fn reach_of(&mut self, id: CallId) -> Option<&mut Reach> {
        match &mut self.calls.get_mut(&id)?.stage {
            Stage::Reaching(reach) => Some(reach),
            _ => None,
        }
    }

    /// A phone of such a call rings: the other one is heard by the agent.
    pub(crate) fn reached_phone_rings(&mut self, leg: LegId) {
        let Some(id) = self.call_of(leg) else { return };
        let ring_back = self.plan.outbound.ring_back.clone();
        let language = self.calls.get(&id).and_then(|call| call.language.clone());
        let Some(reach) = self.reach_of(id) else { return };
        if reach.leg == leg || reach.step != Step::Dialling || reach.hears != Hears::Nothing {
            return;
        }
        let Some(item) = ring_back else { return };
        reach.hears = Hears::RingBack;
        let leg = reach.leg;
        let item = self.plan.prompts.named(language.as_deref(), &item);
        self.actions.push_back(Action::Music { leg, item: Some(item) });
    }

    /// The network sends sound before an answer: the agent hears it.
    pub(crate) fn reached_early(&mut self, leg: LegId) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(reach) = self.reach_of(id) else { return };
        if reach.leg == leg || reach.step != Step::Dialling || reach.hears == Hears::Network {
            return;
        }
        let (agent, before) = (reach.leg, std::mem::replace(&mut reach.hears, Hears::Network));
        self.end_ring_back(agent, before);
        self.actions.push_back(Action::Bridge { call: id, caller: leg, agent });
    }

    fn end_ring_back(&mut self, agent: LegId, heard: Hears) {
        if heard == Hears::RingBack {
            self.actions.push_back(Action::Music { leg: agent, item: None });
        }
    }

    /// A phone of such a call was answered.
    pub(crate) fn reached_answered(&mut self, leg: LegId, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(reach) = self.reach_of(id) else { return };
        match (reach.leg == leg, reach.step) {
            (true, Step::Summoning) => {
                reach.step = Step::Dialling;
                let agent = reach.agent.clone();
                if let Some(agent) = self.agents.get_mut(&agent) {
                    agent.missed.forgive();
                }
                self.dial_first(id, now);
            }
            (false, Step::Dialling) => {
                reach.step = Step::Joining;
                let (agent, before) = (reach.leg, std::mem::replace(&mut reach.hears, Hears::Network));
                self.end_ring_back(agent, before);
                let attempt = self.calls.get_mut(&id).and_then(|call| call.task.as_mut()?.attempt.as_mut());
                if let Some(attempt) = attempt {
                    attempt.answered_after = Some(now.instant.duration_since(attempt.since));
                }
                self.deadlines.set(Due::Third(id), now.instant + SAFE);
                self.actions.push_back(Action::Bridge { call: id, caller: leg, agent });
            }
            _ => {}
        }
    }

    /// She is there. Another agent may have dialled the number of the task meanwhile, and the hour be a quiet one.
    fn dial_first(&mut self, id: CallId, now: Now) {
        let chosen = self.calls.get(&id).and_then(|call| Some(call.task.as_ref()?.at));
        match (chosen, self.next_number(id, now)) {
            (None, _) => self.dial_goal(id, now),
            (Some(at), Some((_, next))) if at == next => self.dial_goal(id, now),
            (Some(_), Some((goal, next))) => self.redial(id, goal, next, now),
            (Some(_), None) => self.end_call(id, EndCause::Cancelled, Party::Switch, None, now),
        }
    }

    /// The other phone is rung.
    fn dial_goal(&mut self, id: CallId, now: Now) {
        self.begin_attempt(id, now);
        let Some(call) = self.calls.get(&id) else { return };
        let Stage::Reaching(reach) = &call.stage else { return };
        let (leg, by, goal) = (call.leg, reach.agent.clone(), reach.goal.clone());
        let (shown, timeout) = (reach.shown.clone(), reach.rings);
        match goal {
            Goal::Outside(number, group) => {
                self.deadlines.set(Due::Third(id), now.instant + timeout);
                let (call, caller_id) = (id, shown);
                self.actions.push_back(Action::DialOutside {
                    leg,
                    call,
                    by: Some(by),
                    group,
                    number,
                    caller_id,
                    timeout,
                });
            }
            Goal::Extension(callee) => {
                if self.can_be_rung(&callee).is_err() {
                    return self.party_failed(id, RefusedBy::Busy, now);
                }
                if let Some(call) = self.calls.get_mut(&id) {
                    call.callee = Some(callee.clone());
                }
                let name = self.plan.agents.get(&by).map(|agent| CallerName::from(agent.name.as_str()));
                let (caller, label) = (Number::from(by.as_str()), name.unwrap_or_default().cut(32));
                let shown = Shown { by, caller, label };
                self.ring_third(id, leg, &Goal::Extension(callee), shown, EXTENSION_RINGS, now);
            }
        }
    }

    fn begin_attempt(&mut self, id: CallId, now: Now) {
        let plan = self.plan.clone();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let Stage::Reaching(reach) = &call.stage else { return };
        let (agent, Some(task)) = (reach.agent.clone(), call.task.as_mut()) else { return };
        let ((campaign, task_id), at) = (task.key.clone(), task.at);
        let Some(known) = self.campaigns.tasks.get_mut(&task.key) else { return };
        known.dialled(at);
        let (nth, given) = (known.attempts, known.given.numbers.get(at).cloned());
        let Some(given) = given else { return };
        let clinical = plan
            .outbound
            .campaigns
            .get(&campaign)
            .is_some_and(|campaign| campaign.purpose == careline_model::outbound::Purpose::Clinical);
        self.campaigns.guard.note(&given.number, clinical, now.wall_us);
        task.attempt =
            Some(Attempt { at, nth, since: now.instant, answered_after: None, refusal: (0, None) });
        let fact = CampaignFact::AttemptBegan {
            campaign,
            task: task_id,
            call: id,
            agent,
            attempt: nth,
            to: given.number,
            relation: given.relation,
        };
        self.tell(EventBody::Campaign(fact), now);
    }

    /// Both hear each other.
    pub(crate) fn reached_bridged(&mut self, id: CallId, now: Now) {
        let Some(reach) = self.reach_of(id).cloned() else { return };
        if reach.step != Step::Joining || reach.is_gone {
            return;
        }
        // A phone that is lost right after the answer leaves somebody who heard nobody.
        self.deadlines.set(Due::Third(id), now.instant + SAFE);
        if !self.has_attempt(id) {
            self.deadlines.stop(&Due::Third(id));
        }
        self.begin_talk(id, Some(reach.agent), reach.leg, None, now);
    }

    pub(crate) fn has_attempt(&self, id: CallId) -> bool {
        let task = self.calls.get(&id).and_then(|call| call.task.as_ref());
        task.is_some_and(|task| task.attempt.is_some())
    }

    /// What came of dialling a number, once for each.
    pub(crate) fn dial_over(&mut self, id: CallId, result: DialResult, now: Now) {
        let Some(task) = self.calls.get_mut(&id).and_then(|call| call.task.as_mut()) else { return };
        let Some(attempt) = task.attempt.take() else { return };
        task.is_reached |= result == DialResult::Answered;
        let key = task.key.clone();
        let rang = attempt.answered_after.unwrap_or_else(|| now.instant.duration_since(attempt.since));
        let ((campaign, task), (status, cause)) = (key.clone(), attempt.refusal);
        let fact = CampaignFact::AttemptEnded {
            campaign,
            task,
            call: id,
            attempt: attempt.nth,
            result,
            status,
            cause,
            ring_ms: millis(rang),
        };
        self.tell(EventBody::Campaign(fact), now);
        if result != DialResult::Answered {
            self.campaigns.conclude(&key, attempt.at, result, &self.plan.clone(), now.wall_us);
        }
    }

    /// The words of the network about a refusal that follows.
    pub(crate) fn refusal_read(&mut self, leg: LegId, status: u16, cause: Option<u16>) {
        let call = self.call_of(leg).and_then(|id| self.calls.get_mut(&id));
        if let Some(attempt) = call.and_then(|call| call.task.as_mut()?.attempt.as_mut()) {
            attempt.refusal = (status, cause);
        }
    }

    /// A phone of such a call did not take it; that leg is over.
    pub(crate) fn reached_refused(&mut self, leg: LegId, why: RefusedBy, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(reach) = self.reach_of(id) else { return };
        if reach.leg != leg {
            return self.party_failed(id, why, now);
        }
        reach.is_gone = true;
        self.summons_failed(id, why, now);
    }

    /// Nobody was reached under the number that was dialled. Its leg is over.
    pub(crate) fn party_failed(&mut self, id: CallId, why: RefusedBy, now: Now) {
        let refusal =
            self.calls.get(&id).and_then(|call| Some(call.task.as_ref()?.attempt.as_ref()?.refusal));
        let result = match (refusal, why) {
            // Without a word of the network it was our own trunks.
            (Some(refusal), RefusedBy::Busy | RefusedBy::Unreachable) => {
                self.plan.outbound.result_of(refusal.0, refusal.1)
            }
            (Some((status, cause)), _) if status != 0 => self.plan.outbound.result_of(status, cause),
            (_, RefusedBy::NoAnswer) => DialResult::NoAnswer,
            (_, RefusedBy::Rejected) => DialResult::Rejected,
            (None, RefusedBy::Busy) => DialResult::Busy,
            (_, RefusedBy::Unreachable) => DialResult::Unreachable,
        };
        self.number_is_over(id, result, now);
    }

    /// The next number of the task while the agent is on the line, or the end of the call.
    pub(crate) fn number_is_over(&mut self, id: CallId, result: DialResult, now: Now) {
        self.dial_over(id, result, now);
        if let Some(reach) = self.reach_of(id) {
            let (agent, before) = (reach.leg, std::mem::replace(&mut reach.hears, Hears::Nothing));
            self.end_ring_back(agent, before);
        }
        if let Some((goal, at)) = self.next_number(id, now) {
            return self.redial(id, goal, at, now);
        }
        let cause = match result {
            DialResult::Busy => EndCause::Busy,
            DialResult::NoAnswer => EndCause::NoAnswer,
            DialResult::Rejected => EndCause::Rejected,
            DialResult::Cancelled => EndCause::Cancelled,
            DialResult::AgentLost => EndCause::DeviceLost,
            _ => EndCause::Unreachable,
        };
        self.end_call(id, cause, Party::Caller, None, now);
    }

    /// Only when nothing speaks against going on: callers, the campaign, the hour.
    fn next_number(&mut self, id: CallId, now: Now) -> Option<(GoalShown, usize)> {
        let call = self.calls.get(&id)?;
        let (Stage::Reaching(reach), Some(task)) = (&call.stage, &call.task) else { return None };
        let agent = self.agents.get(&reach.agent)?;
        let ends = self.campaigns.tasks.get(&task.key)?.ends.is_some();
        let stops = reach.is_gone
            || self.draining
            || ends
            || self.is_wanted(agent)
            || self.campaigns.state(&task.key.0) != CampaignState::Running;
        let When::Now(at) = self.campaigns.when(&task.key, &self.plan, now.wall_us) else { return None };
        if stops { None } else { Some((self.goal_of_task(&task.key, at, &reach.agent)?, at)) }
    }

    fn redial(&mut self, id: CallId, (goal, shown, rings): GoalShown, at: usize, now: Now) {
        let leg = self.new_leg();
        let Some(call) = self.calls.get_mut(&id) else { return };
        let old = std::mem::replace(&mut call.leg, leg);
        (call.caller, call.dialled) = (goal.number(), goal.number());
        if let Some(task) = &mut call.task {
            task.at = at;
        }
        if let Stage::Reaching(reach) = &mut call.stage {
            (reach.goal, reach.shown, reach.rings, reach.step) = (goal, shown, rings, Step::Dialling);
        }
        self.legs.remove(&old);
        self.legs.insert(leg, (id, Role::Caller));
        self.dial_goal(id, now);
    }

    /// An agent on the line says what she hears instead of a person (CF K8): announcements cannot be read without her.
    pub(crate) fn heard_instead(
        &mut self,
        agent: &AgentId,
        result: DialResult,
        now: Now,
    ) -> Result<(), CommandError> {
        self.known_agent(agent)?;
        let said = [
            DialResult::Busy,
            DialResult::NoAnswer,
            DialResult::Invalid,
            DialResult::SwitchedOff,
            DialResult::Suspended,
            DialResult::Unreachable,
            DialResult::Machine,
        ];
        if !said.contains(&result) {
            let allowed = crate::command::listed(said.iter().map(|result| result.word()));
            return Err(CommandError::BadEntry {
                what: format!("{} is heard by nobody", result.word()),
                allowed,
            });
        }
        let dials = |call: &&Call| match &call.stage {
            Stage::Reaching(reach) => reach.agent == *agent && reach.step == Step::Dialling,
            Stage::Talking(talk) => talk.agent.as_ref() == Some(agent) && result == DialResult::Machine,
            _ => false,
        };
        let call = self.calls.values().find(|call| call.task.is_some() && dials(call));
        let Some((id, leg, talks)) =
            call.map(|call| (call.id, call.leg, matches!(call.stage, Stage::Talking(_))))
        else {
            let what = format!("agent {agent} dials nobody for a campaign");
            let allowed = "while a number is dialled; machine also when it has answered".to_owned();
            return Err(CommandError::BadEntry { what, allowed });
        };
        if talks {
            self.machine_answered(id, now);
            return Ok(());
        }
        self.actions.push_back(Action::StopRinging { leg, why: StopRinging::Command });
        self.number_is_over(id, result, now);
        Ok(())
    }

    pub(crate) fn reaching_leg_ended(&mut self, leg: LegId, why: LegEnd, now: Now) {
        let Some(id) = self.call_of(leg) else { return };
        let Some(party) = self.calls.get(&id).map(|call| call.leg) else { return };
        let Some(reach) = self.reach_of(id) else { return };
        let hung_up = matches!(why, LegEnd::HungUp | LegEnd::Cancelled);
        let by = if hung_up { RefusedBy::Rejected } else { RefusedBy::Unreachable };
        if reach.leg == leg {
            reach.is_gone = true;
            let step = reach.step;
            return match step {
                Step::Summoning => self.summons_failed(id, by, now),
                Step::Dialling => {
                    self.actions.push_back(Action::StopRinging { leg: party, why: StopRinging::CallerLeft });
                    let result = if hung_up { DialResult::Cancelled } else { DialResult::AgentLost };
                    self.number_is_over(id, result, now);
                }
                Step::Joining => self.nobody_is_there(id, now),
                Step::Safe => {}
            };
        }
        match reach.step {
            Step::Summoning => {}
            Step::Dialling => self.party_failed(id, by, now),
            // Gone before anybody could be heard.
            Step::Joining => self.number_is_over(id, DialResult::Rejected, now),
            Step::Safe => self.end_call(id, EndCause::DeviceLost, Party::Caller, None, now),
        }
    }

    pub(crate) fn reach_is_due(&mut self, id: CallId, now: Now) {
        let Some(party) = self.calls.get(&id).map(|call| call.leg) else { return };
        let Some(reach) = self.reach_of(id) else { return };
        let leg = reach.leg;
        match reach.step {
            Step::Summoning => {
                self.actions.push_back(Action::StopRinging { leg, why: StopRinging::NoAnswer });
                if let Some(reach) = self.reach_of(id) {
                    reach.is_gone = true;
                }
                self.summons_failed(id, RefusedBy::NoAnswer, now);
            }
            Step::Dialling => {
                self.actions.push_back(Action::StopRinging { leg: party, why: StopRinging::NoAnswer });
                self.number_is_over(id, DialResult::NoAnswer, now);
            }
            Step::Joining => self.nobody_is_there(id, now),
            Step::Safe => {}
        }
    }
}

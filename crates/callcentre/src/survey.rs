//! After the conversation the caller is asked how it was (CF 1J): when the agent hangs up she is led to a flow of
//! questions. No agent can leave that out; for each conversation of a queue with a survey it is told what came of it.
//!
//! ```text
//! talking --the agent hangs up, the lot falls on the call--> survey --end of its flow--> completed, or refused
//!    |                                                         '--she hangs up--> partial, or refused
//!    '--anything else--> not sampled, caller left, not offered
//! ```

use crate::call::{Call, Talk};
use crate::centre::Centre;
use careline_model::config::plan::{Rate, SurveyRules};
use careline_model::event::{
    EndCause, EventBody, Party, SurveyAnswered, SurveyEnded, SurveyInvited, SurveyOutcome,
};
use careline_model::{AgentId, CallId, Now, QueueId};

/// A caller who is asked.
#[derive(Debug, Clone)]
pub(crate) struct Survey {
    agent: AgentId,
    queue: QueueId,
    answers: u32,
}

impl Centre {
    /// The agent hung up: leads her caller to the survey. False when there is none for this call: then it ends.
    pub(crate) fn invite_to_survey(&mut self, id: CallId, now: Now) -> bool {
        let Some(talk) = self.calls.get(&id).and_then(Call::talk).cloned() else { return false };
        let Some((agent, queue, rules)) = self.survey_after(id, &talk) else { return false };
        let (rules, plan) = (rules.clone(), self.plan.clone());
        let short = now.instant.duration_since(talk.since) < rules.min_talk;
        // The lot is of the call's own random bits: the same call has the same lot.
        let drawn = id.low_bits() % 100 < u64::from(rules.percent);
        let Some(flow) = plan.flows.get(&rules.flow).filter(|_| drawn && !short) else {
            self.tell_survey(id, (agent, queue), SurveyOutcome::NotSampled, 0, now);
            return false;
        };
        if self.end_talk(id, now).is_none() {
            return false;
        }
        let fact =
            SurveyInvited { call: id, agent: agent.clone(), queue: queue.clone(), flow: rules.flow.clone() };
        self.tell(EventBody::SurveyInvited(fact), now);
        if let Some(call) = self.calls.get_mut(&id) {
            call.survey = Some(Survey { agent: agent.clone(), queue: queue.clone(), answers: 0 });
            call.begin_flow(flow.clone(), now);
        }
        self.vacate(&agent, id, Some(&queue), now);
        self.run_flow(id, flow.start.clone(), now);
        true
    }

    /// Who is asked about a conversation, and by which rules.
    fn survey_after(&self, id: CallId, talk: &Talk) -> Option<(AgentId, QueueId, &SurveyRules)> {
        if self.calls.get(&id).is_some_and(|call| call.asks.is_some()) {
            return None; // an agent asked a queue
        }
        let (agent, home) = (talk.agent.clone()?, talk.home.as_ref()?);
        let rules = self.plan.queues.get(&home.queue)?.survey.as_ref()?;
        Some((agent, home.queue.clone(), rules))
    }

    /// A conversation ends without a survey; that is told, too.
    pub(crate) fn no_survey(&mut self, id: CallId, talk: &Talk, outcome: SurveyOutcome, now: Now) {
        let Some((agent, queue, _)) = self.survey_after(id, talk) else { return };
        self.tell_survey(id, (agent, queue), outcome, 0, now);
    }

    /// What the end of a call says about the conversation that ends with it.
    pub(crate) fn no_survey_at_end(&mut self, id: CallId, talk: &Talk, by: Party, cause: EndCause, now: Now) {
        let outcome = match (by, cause) {
            (Party::Caller, EndCause::Completed) => SurveyOutcome::CallerLeft,
            // What the agent's hanging up says was told when she did.
            (Party::Agent, EndCause::Completed) => return,
            _ => SurveyOutcome::NotOffered,
        };
        self.no_survey(id, talk, outcome, now);
    }

    /// The caller answered a question. Any flow may ask.
    pub(crate) fn rated(&mut self, id: CallId, rate: &Rate, key: &str, now: Now) {
        let Ok(answer) = key.parse::<u8>() else { return };
        let Some(call) = self.calls.get_mut(&id) else { return };
        if let Some(survey) = &mut call.survey {
            survey.answers += 1;
        }
        let agent = call.survey.as_ref().map(|survey| survey.agent.clone());
        let queue = call.survey.as_ref().map(|survey| survey.queue.clone()).or_else(|| call.queue.clone());
        let fact = SurveyAnswered {
            call: id,
            agent,
            queue,
            question: rate.question.to_string(),
            answer,
            scale: rate.scale,
            low: answer <= rate.low,
        };
        self.tell(EventBody::SurveyAnswered(fact), now);
    }

    /// The survey is over: its flow came to the end, or the call did. Gives true when there was one.
    pub(crate) fn survey_over(&mut self, id: CallId, finished: bool, now: Now) -> bool {
        let Some(survey) = self.calls.get_mut(&id).and_then(|call| call.survey.take()) else { return false };
        let outcome = match (survey.answers, finished) {
            (0, _) => SurveyOutcome::Refused,
            (_, true) => SurveyOutcome::Completed,
            (_, false) => SurveyOutcome::Partial,
        };
        self.tell_survey(id, (survey.agent, survey.queue), outcome, survey.answers, now);
        true
    }

    fn tell_survey(
        &mut self,
        call: CallId,
        (agent, queue): (AgentId, QueueId),
        outcome: SurveyOutcome,
        answers: u32,
        now: Now,
    ) {
        self.tell(EventBody::SurveyEnded(SurveyEnded { call, agent, queue, outcome, answers }), now);
    }
}

//! Carries out what was decided about a call, and tells of it.

use super::{Arrival, Hit, Occupancy, Verdict, Way};
use crate::call::Call;
use crate::centre::Centre;
use crate::rank::NewRank;
use careline_model::config::plan::Line;
use careline_model::event::EventBody;
use careline_model::{CallId, Now, Number, QueueId};
use std::sync::Arc;

/// Where the flow goes on that led to a queue.
#[derive(Debug)]
pub(crate) enum BeforeQueue {
    /// To the queue.
    Enter,
    /// As if the queue were full.
    Full,
    /// The call has another flow now; from this node on.
    Elsewhere(Arc<str>),
}

impl Centre {
    /// What is done with a call that arrives; whatever speaks against it is told.
    pub(crate) fn screened(&mut self, id: CallId, caller: &Number, line: &Line, now: Now) -> (Way, i32) {
        let capped = line.total_max.is_some() || line.waiting_max.is_some();
        let arrival = Arrival {
            caller,
            line,
            is_emergency_line: self.plan.is_never_shed(line.number.as_str()),
            occupancy: if capped { self.occupancy(line) } else { Occupancy::default() },
        };
        let rate = self.plan.screening.caller_rate.as_ref();
        let Verdict { hits, way, points } = self.screening.at_door(&arrival, rate, now);
        self.tell_hits(id, hits, None, now);
        (way, points)
    }

    /// Asks whether a call may wait in a queue. Who was sent away before is not asked again: that flow is meant for it.
    pub(crate) fn before_queue(&mut self, id: CallId, queue: &QueueId, now: Now) -> BeforeQueue {
        let Some(call) = self.calls.get(&id).filter(|call| !call.is_sent_away) else {
            return BeforeQueue::Enter;
        };
        let Some(line) = self.plan.lines.get(&call.line) else { return BeforeQueue::Enter };
        let Verdict { hits, way, points } = self.screening.at_queue(&call.caller, line, queue, now);
        self.tell_hits(id, hits, Some(queue), now);
        if let Some(call) = self.calls.get(&id).filter(|_| points != 0) {
            let (red_flag, class) = (call.red_flag, call.class);
            let points = call.priority_points.min(points);
            self.rank_call(id, NewRank { red_flag, class, points }, now);
        }
        match way {
            Way::In | Way::Ask(_) => BeforeQueue::Enter,
            Way::Busy => BeforeQueue::Full,
            Way::Away(flow) => {
                let (Some(flow), Some(call)) = (self.plan.flows.get(&flow), self.calls.get_mut(&id)) else {
                    return BeforeQueue::Full;
                };
                (call.flow, call.is_sent_away) = (Some(flow.clone()), true);
                let start = flow.start.clone();
                let (flow, version) = (flow.id.clone(), flow.version);
                self.tell(EventBody::FlowEntered { call: id, flow, version }, now);
                BeforeQueue::Elsewhere(start)
            }
        }
    }

    /// Looks at every call: a cap is a matter of a few hundred calls, and most lines have none.
    fn occupancy(&self, line: &Line) -> Occupancy {
        let counts = |call: &&Call| call.line == line.id && !call.is_sent_away;
        let calls = || self.calls.values().filter(counts);
        Occupancy {
            total: calls().count(),
            waiting: calls().filter(|call| call.stage.entry().is_some()).count(),
        }
    }

    fn tell_hits(&mut self, call: CallId, hits: Vec<Hit>, queue: Option<&QueueId>, now: Now) {
        for Hit { cause, outcome, reason } in hits {
            let queue = queue.cloned();
            self.tell(EventBody::CallScreened { call, cause, outcome, reason, queue }, now);
        }
    }
}

//! What is asked of the driver between two wake-ups.

use super::Driver;
use crate::grpc::{CampaignQuestion, ControlRequest, SnapshotReply};
use crate::metrics::Figures;
use careline_model::Now;
use std::sync::atomic::Ordering;

impl Driver {
    /// Answers; who asked may be gone.
    pub(super) fn take_control(&mut self, request: ControlRequest) {
        let now = self.clock.now();
        match request {
            ControlRequest::Snapshot(reply) => {
                // Events of this turn must be numbered before the snapshot says what it is true at.
                self.obey_all();
                let (epoch, number) = self.journal.head();
                let snapshot = self.board.snapshot(now);
                let _ = reply.send(SnapshotReply { epoch, number, snapshot });
            }
            ControlRequest::SetAgent { agent, intent, reply } => {
                let done = self.board.set_agent(now, &agent, intent).map_err(|error| error.to_string());
                let _ = reply.send(done);
            }
            ControlRequest::Agent { order, reply } => {
                let done = self.board.agent_order(now, order).map_err(|error| error.to_string());
                let _ = reply.send(done);
            }
            ControlRequest::People { order, reply } => {
                let done = self.board.people_order(now, order).map_err(|error| error.to_string());
                let _ = reply.send(done);
            }
            ControlRequest::Bans(reply) => {
                let _ = reply.send((self.board.bans(now), self.board.counters().unheard));
            }
            ControlRequest::LiftBan { source, reply } => {
                let _ = reply.send(self.board.lift_ban(now, source));
            }
            ControlRequest::Trunks(reply) => {
                let _ = reply.send(self.board.trunk_status(now));
            }
            ControlRequest::Metrics(reply) => {
                let _ = reply.send(Box::new(self.figures(now)));
            }
            ControlRequest::Quality(reply) => {
                let _ = reply.send(self.board.readings());
            }
            ControlRequest::PauseRecording { call, reason, reply } => {
                let done = self.board.pause_recording(now, call, &reason);
                let _ = reply.send(done.map_err(|error| error.to_string()));
            }
            ControlRequest::ResumeRecording { call, reply } => {
                let done = self.board.resume_recording(now, call);
                let _ = reply.send(done.map_err(|error| error.to_string()));
            }
            ControlRequest::Order { order, by, reply } => {
                let done = self.board.carry_out(now, *order, &by);
                let _ = reply.send(done.map_err(|error| error.to_string()));
            }
            ControlRequest::PreviewHours { hours, at_us, reply } => {
                let outlook = self.board.preview_hours(now, &hours, at_us);
                let _ = reply.send(outlook.map_err(|error| error.to_string()));
            }
            ControlRequest::ListEntries { list, reply } => {
                let _ = reply.send(self.board.list_entries(now, list));
            }
            ControlRequest::RequestCallback { order, reply } => {
                let made = self.board.request_callback(now, &order);
                let _ = reply.send(made.map_err(|error| error.to_string()));
            }
            ControlRequest::CancelCallback { callback, by, reply } => {
                let done = self.board.cancel_callback(now, &callback, &by);
                let _ = reply.send(done.map_err(|error| error.to_string()));
            }
            ControlRequest::Callbacks(reply) => {
                let _ = reply.send(self.board.callbacks());
            }
            ControlRequest::Replan { plan, told, by, reply } => {
                self.board.replan(now, plan, told, &by);
                let _ = reply.send(());
            }
            ControlRequest::Campaign { order, reply } => {
                let done = self.board.campaign_order(now, *order);
                let _ = reply.send(done.map_err(|error| error.to_string()));
            }
            ControlRequest::AskCampaigns(question) => self.say_of_campaigns(question),
            ControlRequest::HangUp { call, reply } => {
                let done = self.board.hang_up(now, call).map_err(|error| error.to_string());
                let _ = reply.send(done);
            }
        }
    }

    fn say_of_campaigns(&self, question: CampaignQuestion) {
        match question {
            CampaignQuestion::Campaigns(reply) => {
                let _ = reply.send(self.board.campaigns());
            }
            CampaignQuestion::Tasks { campaign, after, reply } => {
                let _ = reply.send(self.board.campaign_tasks(&campaign, after.as_ref()));
            }
            CampaignQuestion::DoNotCall { after, reply } => {
                let _ = reply.send(self.board.do_not_call(&after));
            }
        }
    }

    /// What the metrics page says.
    fn figures(&self, now: Now) -> Figures {
        let trunks = self.board.trunk_status(now).into_iter();
        Figures {
            snapshot: self.board.snapshot(now),
            legs: self.board.live_legs(),
            phones: self.board.registered_phones(),
            sip: self.board.live_sip(),
            door: self.board.counters(),
            wire: self.board.sip_counters().clone(),
            panics: self.panics.load(Ordering::Relaxed),
            late: self.lateness.last(),
            trunks: trunks.map(|trunk| (trunk.id, trunk.health, trunk.calls)).collect(),
            media: self.media.stats(),
            media_refused: self.media.refused(),
            journal: self.journal.backlog(),
            trace_dropped: self.trace.as_ref().map(crate::trace::Trace::dropped),
            sound: self.sound.clone(),
        }
    }
}

//! Supervisors listen to agents (CF 1H): a watch is bound to the agent, not to a call. It goes on over hold, transfer and her
//! next call, until the supervisor hangs up or it is stopped.
//!
//! ```text
//! Watch --> her phone rings --> up: hears what the agent is in, call after call --> over
//!                                \-- take over: her leg is the call's next agent, the watch is over
//! ```
//!
//! Who hears whom follows from the watches and the conversations as they are (`hearing.rs`); nothing of it is kept here.

use crate::action::{Action, HangUp, RecordingDetails, StopRinging, Track};
use crate::call::Stage;
use crate::centre::{Centre, Role};
use crate::command::{CommandError, listed};
use crate::deadlines::Due;
use crate::input::LegEnd;
use crate::queue::millis;
use careline_model::event::{EventBody, PeopleFact, WatchEnd, WatchMode};
use careline_model::snapshot::WatchView;
use careline_model::{AgentId, CallId, CallerName, LegId, Now, Number, RecordingId};
use std::collections::BTreeMap;
use std::time::Instant;

/// Longest name of an agent on a supervisor's display, in characters.
const NAME_CHARS_MAX: usize = 32;

/// A supervisor who listens, or whose phone rings for it.
#[derive(Debug)]
pub(crate) struct Watch {
    pub(super) supervisor: AgentId,
    pub(super) agent: AgentId,
    /// The supervisor's.
    pub(super) leg: LegId,
    pub(super) mode: WatchMode,
    /// Since when her phone is in it.
    pub(super) up: Option<Instant>,
    /// The call that she hears, and whether its other party is held, as it was told.
    pub(super) follows: Option<(CallId, bool)>,
    /// The call that the media of her leg are with.
    gathered: Option<CallId>,
    /// What she says in a segment of a call.
    track: Option<(CallId, u32, RecordingId)>,
}

/// All of them, one for each supervisor at most.
#[derive(Debug, Default)]
pub(crate) struct Watches {
    by_id: BTreeMap<CallId, Watch>,
    by_leg: BTreeMap<LegId, CallId>,
}

impl Watches {
    pub(crate) fn has(&self, leg: LegId) -> bool {
        self.by_leg.contains_key(&leg)
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.by_id.is_empty()
    }

    /// Those whose phone is in it, in the order in which they began.
    pub(super) fn up(&self) -> impl Iterator<Item = &Watch> {
        self.by_id.values().filter(|watch| watch.up.is_some())
    }

    /// As others see them.
    pub(crate) fn views(&self) -> Vec<WatchView> {
        let view = |(id, watch): (&CallId, &Watch)| WatchView {
            watch: *id,
            supervisor: watch.supervisor.clone(),
            agent: watch.agent.clone(),
            mode: watch.mode,
            call: watch.follows.map(|(call, _)| call),
        };
        self.by_id.iter().map(view).collect()
    }

    fn of_supervisor(&self, supervisor: &AgentId) -> Option<CallId> {
        self.by_id.iter().find(|(_, watch)| watch.supervisor == *supervisor).map(|(id, _)| *id)
    }
}

impl Centre {
    /// Rings a supervisor's phone, to listen to an agent.
    pub(super) fn watch(
        &mut self,
        supervisor: AgentId,
        agent: AgentId,
        mode: WatchMode,
        by: String,
        now: Now,
    ) -> Result<CallId, CommandError> {
        self.may_watch(&supervisor, &agent, mode)?;
        let busy = |what, allowed| CommandError::NotSo { supervisor: supervisor.clone(), what, allowed };
        if mode == WatchMode::TakeOver {
            return Err(busy("hears nobody yet", "listen, whisper or barge first"));
        }
        if self.watches.of_supervisor(&supervisor).is_some() {
            return Err(busy("listens already", "to change that, or to stop it first"));
        }
        let listeners = self.watches.by_id.values().filter(|watch| watch.agent == agent).count();
        if listeners >= self.plan.people.supervision.watchers_max {
            return Err(busy("comes too late: others listen", "as many as supervision.watchers_max"));
        }
        if self.draining {
            return Err(busy("cannot be rung", "before the switch ends"));
        }
        if self.can_be_rung(&supervisor).is_err() {
            return Err(busy("cannot be rung", "a phone that is there and in no call"));
        }
        let (id, leg) = (CallId::new(now.wall_us, &mut self.rng), self.new_leg());
        let name = self.plan.agents.get(&agent).map(|agent| CallerName::from(agent.name.as_str()));
        let label = name.unwrap_or_default().cut(NAME_CHARS_MAX);
        let timeout = self.plan.people.supervision.rings;
        let auto_answer = self.plan.agents.get(&supervisor).is_some_and(|one| one.auto_answer == Some(true));
        let notice = self.plan.people.supervision.notice;
        self.note_fact(
            PeopleFact::WatchStarted {
                watch: id,
                supervisor: supervisor.clone(),
                agent: agent.clone(),
                by,
                mode,
                notice,
            },
            now,
        );
        self.begin_watching(&supervisor, id, now);
        let caller = Number::from(agent.as_str());
        self.watches.by_leg.insert(leg, id);
        let watch = Watch {
            supervisor: supervisor.clone(),
            agent,
            leg,
            mode,
            up: None,
            follows: None,
            gathered: None,
            track: None,
        };
        self.watches.by_id.insert(id, watch);
        self.deadlines.set(Due::Watch(id), now.instant + timeout);
        let (call, agent) = (id, supervisor);
        self.actions.push_back(Action::Ring { leg, call, agent, caller, label, timeout, auto_answer });
        Ok(id)
    }

    /// Whether she may listen to that agent, and so (CF H5).
    fn may_watch(&self, supervisor: &AgentId, agent: &AgentId, mode: WatchMode) -> Result<(), CommandError> {
        let plan = &self.plan;
        let known = |id: &AgentId| {
            plan.agents.get(id).ok_or_else(|| CommandError::UnknownAgent {
                agent: id.clone(),
                allowed: listed(plan.agents.keys().map(AgentId::as_str)),
            })
        };
        let (boss, watched) = (known(supervisor)?, known(agent)?);
        let covers = |other: &careline_model::config::plan::Agent| {
            other.id != boss.id && boss.supervises.as_ref().is_some_and(|rights| rights.covers(other))
        };
        let rights = boss.supervises.as_ref().filter(|_| covers(watched));
        let refused = |what, allowed| CommandError::NoRight {
            supervisor: supervisor.clone(),
            what,
            agent: agent.clone(),
            allowed,
        };
        let Some(rights) = rights else {
            let theirs = plan.agents.values().filter(|other| covers(other));
            return Err(refused("listen to", listed(theirs.map(|other| other.id.as_str()))));
        };
        if mode > rights.up_to {
            return Err(refused(word(mode), format!("up to {}", word(rights.up_to))));
        }
        Ok(())
    }

    /// She takes part in another way.
    pub(super) fn change_watch(
        &mut self,
        supervisor: &AgentId,
        mode: WatchMode,
        by: String,
        now: Now,
    ) -> Result<(), CommandError> {
        let refused = |what, allowed| CommandError::NotSo { supervisor: supervisor.clone(), what, allowed };
        let nobody = refused("listens to nobody", "to listen first");
        let id = self.watches.of_supervisor(supervisor).ok_or(nobody)?;
        let Some(watch) = self.watches.by_id.get(&id) else { return Ok(()) };
        let (agent, was, is_up) = (watch.agent.clone(), watch.mode, watch.up.is_some());
        self.may_watch(supervisor, &agent, mode)?;
        if mode == WatchMode::TakeOver {
            let heard = self.heard_of(&agent).filter(|heard| is_up && heard.is_hers);
            let call = heard.map(|heard| heard.call);
            let none = refused("hears no call that could be taken over", "a conversation of the agent's own");
            return self.take_over(id, call.ok_or(none)?, by, now);
        }
        if was != mode {
            self.note_fact(PeopleFact::WatchChanged { watch: id, mode, by }, now);
            if let Some(watch) = self.watches.by_id.get_mut(&id) {
                watch.mode = mode;
            }
        }
        Ok(())
    }

    /// The agent is out of the call; the supervisor is its next agent, on the leg that she listened with.
    fn take_over(&mut self, id: CallId, call: CallId, by: String, now: Now) -> Result<(), CommandError> {
        self.note_fact(PeopleFact::WatchChanged { watch: id, mode: WatchMode::TakeOver, by }, now);
        self.gather(id, call);
        let Some(watch) = self.forget_watch(id, WatchEnd::TakenOver, now) else { return Ok(()) };
        let guests = self.take_guests(call);
        let Some(talk) = self.end_talk(call, now) else { return Ok(()) };
        let Some(caller) = self.calls.get(&call).map(|call| call.leg) else { return Ok(()) };
        self.actions.push_back(Action::HangUp { leg: talk.leg, why: HangUp::TakenOver });
        self.vacate(&watch.agent, call, talk.home.as_ref().map(|home| &home.queue), now);
        self.legs.insert(watch.leg, (call, Role::Agent));
        self.actions.push_back(Action::Bridge { call, caller, agent: watch.leg });
        self.begin_talk(call, Some(watch.supervisor.clone()), watch.leg, talk.home, now);
        self.end_watching(&watch.supervisor, now);
        self.give_guests(call, guests, now);
        Ok(())
    }

    pub(super) fn stop_watch(&mut self, supervisor: &AgentId, now: Now) -> Result<(), CommandError> {
        let what = "listens to nobody";
        let nobody = CommandError::NotSo { supervisor: supervisor.clone(), what, allowed: "to listen first" };
        let id = self.watches.of_supervisor(supervisor).ok_or(nobody)?;
        self.hang_up_watch(id, WatchEnd::Stopped, now);
        Ok(())
    }

    fn hang_up_watch(&mut self, id: CallId, why: WatchEnd, now: Now) {
        let Some(watch) = self.forget_watch(id, why, now) else { return };
        let leg = watch.leg;
        self.actions.push_back(match watch.up {
            Some(_) => Action::HangUp { leg, why: HangUp::Removed },
            None if why == WatchEnd::NotAnswered => Action::StopRinging { leg, why: StopRinging::NoAnswer },
            None => Action::StopRinging { leg, why: StopRinging::Command },
        });
        self.end_watching(&watch.supervisor, now);
    }

    /// Her leg is over.
    pub(crate) fn end_watch_of(&mut self, leg: LegId, why: WatchEnd, now: Now) {
        let Some(id) = self.watches.by_leg.get(&leg).copied() else { return };
        if let Some(watch) = self.forget_watch(id, why, now) {
            self.end_watching(&watch.supervisor, now);
        }
    }

    /// A watch is over, and told as such.
    fn forget_watch(&mut self, id: CallId, why: WatchEnd, now: Now) -> Option<Watch> {
        let watch = self.watches.by_id.remove(&id)?;
        self.watches.by_leg.remove(&watch.leg);
        self.hearing.remove(&watch.leg);
        self.deadlines.stop(&Due::Watch(id));
        if let Some((_, _, recording)) = &watch.track {
            self.actions.push_back(Action::StopRecording { recording: recording.clone() });
        }
        let heard_ms = watch.up.map_or(0, |since| millis(now.instant.duration_since(since)));
        self.note_fact(PeopleFact::WatchEnded { watch: id, why, heard_ms }, now);
        Some(watch)
    }

    pub(crate) fn watch_answered(&mut self, leg: LegId, now: Now) {
        let Some(id) = self.watches.by_leg.get(&leg).copied() else { return };
        self.deadlines.stop(&Due::Watch(id));
        if let Some(watch) = self.watches.by_id.get_mut(&id) {
            watch.up.get_or_insert(now.instant);
        }
    }

    pub(crate) fn watch_is_overdue(&mut self, id: CallId, now: Now) {
        self.hang_up_watch(id, WatchEnd::NotAnswered, now);
    }

    /// The last call of a switch that ends is over: nobody is left to listen to.
    pub(super) fn end_watches(&mut self, now: Now) {
        let all: Vec<CallId> = self.watches.by_id.keys().copied().collect();
        all.into_iter().for_each(|id| self.hang_up_watch(id, WatchEnd::Stopped, now));
    }

    /// Each watch follows its agent to the call that she is in now.
    pub(super) fn follow_agents(&mut self, now: Now) {
        let up: Vec<CallId> = self.watches.by_id.keys().copied().collect();
        for id in up {
            let Some(watch) = self.watches.by_id.get(&id).filter(|watch| watch.up.is_some()) else {
                continue;
            };
            let heard = self.heard_of(&watch.agent);
            let follows = heard.as_ref().map(|heard| (heard.call, heard.held));
            let before = watch.follows;
            let tone = heard.as_ref().filter(|heard| before.map(|(call, _)| call) != Some(heard.call));
            let tone = tone.map(|heard| heard.leg);
            if before != follows {
                if let Some(watch) = self.watches.by_id.get_mut(&id) {
                    watch.follows = follows;
                }
                let (call, held) = (follows.map(|(call, _)| call), follows.is_some_and(|(_, held)| held));
                self.note_fact(PeopleFact::WatchFollowed { watch: id, call, held }, now);
            }
            if let Some((call, _)) = follows {
                self.gather(id, call);
            }
            if let (Some(leg), Some(tone)) = (tone, self.plan.people.supervision.tone.clone()) {
                let playback = self.ids.next_playback();
                self.actions.push_back(Action::Play { leg, playback, prompts: vec![tone] });
            }
            self.keep_track(id, now);
        }
    }

    /// The media of a watch's leg go where the call's are.
    fn gather(&mut self, id: CallId, call: CallId) {
        let Some(watch) = self.watches.by_id.get_mut(&id).filter(|watch| watch.gathered != Some(call)) else {
            return;
        };
        watch.gathered = Some(call);
        let leg = watch.leg;
        // What a leg heard is forgotten on the way.
        self.hearing.remove(&leg);
        self.actions.push_back(Action::Gather { leg, call });
    }

    /// What a supervisor says into a recorded conversation is a recording of its own, and rests when that one does.
    fn keep_track(&mut self, id: CallId, now: Now) {
        let Some(watch) = self.watches.by_id.get(&id) else { return };
        let call = watch.follows.filter(|_| watch.mode != WatchMode::Listen).map(|(call, _)| call);
        let call = call.and_then(|call| self.calls.get(&call));
        let wanted = call.and_then(|call| match &call.stage {
            Stage::Talking(talk) if talk.recording.is_some() && !talk.paused => {
                Some((call.id, call.segments))
            }
            _ => None,
        });
        let running = watch.track.as_ref().map(|(call, segment, _)| (*call, *segment));
        if wanted == running {
            return;
        }
        let (supervisor, leg) = (watch.supervisor.clone(), watch.leg);
        let before = self.watches.by_id.get_mut(&id).and_then(|watch| watch.track.take());
        if let Some((_, _, recording)) = before {
            self.actions.push_back(Action::StopRecording { recording });
        }
        let Some((call, segment)) = wanted else { return };
        let Some(recording) = self.record_alone(call, leg, Track::Whisper, Some(supervisor), now) else {
            return;
        };
        if let Some(watch) = self.watches.by_id.get_mut(&id) {
            watch.track = Some((call, segment, recording));
        }
    }

    /// Begins a recording of one voice, named after the conversation that it belongs to.
    pub(super) fn record_alone(
        &mut self,
        id: CallId,
        leg: LegId,
        track: Track,
        agent: Option<AgentId>,
        now: Now,
    ) -> Option<RecordingId> {
        let call = self.calls.get_mut(&id)?;
        call.tracks += 1;
        let letter = if track == Track::Whisper { 'w' } else { 'p' };
        let recording = RecordingId::new(format!("{id}-{}{letter}{}", call.segments, call.tracks));
        let details = RecordingDetails {
            line: call.line.clone(),
            medium: call.medium.clone(),
            dialled: call.dialled.clone(),
            caller: call.caller.clone(),
            agent,
            queue: call.queue.clone(),
            segment: call.segments,
            beside: None,
            started_wall_us: now.wall_us,
        };
        self.actions.push_back(Action::RecordAlone {
            recording: recording.clone(),
            call: id,
            leg,
            track,
            details,
        });
        Some(recording)
    }

    pub(crate) fn note_fact(&mut self, fact: PeopleFact, now: Now) {
        self.tell(EventBody::People(fact), now);
    }
}

/// What the end of her leg means.
pub(crate) fn watch_end(why: LegEnd) -> WatchEnd {
    match why {
        LegEnd::HungUp | LegEnd::Cancelled => WatchEnd::HungUp,
        LegEnd::MediaTimeout | LegEnd::Failed => WatchEnd::Lost,
    }
}

/// A mode in the words of an error.
fn word(mode: WatchMode) -> &'static str {
    match mode {
        WatchMode::Listen => "listen to",
        WatchMode::PrivateWhisper | WatchMode::Whisper => "whisper to",
        WatchMode::Barge => "barge in on",
        WatchMode::TakeOver => "take over from",
    }
}

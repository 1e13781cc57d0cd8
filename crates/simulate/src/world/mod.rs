//! A world around a call centre: patients, agents and their phones on a virtual clock. Nothing happens by itself: the
//! next thing is the earliest of the script's, of what people are about to do, and of the centre's own deadlines.

mod begin;
mod campaigns;
mod people;
mod send;

use crate::exchange::Exchange;
use crate::hospital::Hospital;
use crate::manners::Manners;
use crate::script::{Caller, Mishap, News, Script, Wish};
use crate::story::Line;
use crate::witness::Witness;
use careline_callcentre::{Input, LegEnd, RefusedBy};
use careline_model::{AgentId, CallId, LegId, Now};
use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

/// What is under way when the script is over must end in this time.
const AFTERWARDS: Duration = Duration::from_secs(4 * 3600);
/// When all calls are over, the rests of agents and what a network remembers pass in this time.
const COOLING: Duration = Duration::from_secs(120);
/// Things that people are about to do; more is a mistake of ours.
const DEEDS_MAX: usize = 1_000_000;
/// Faults that wait for their occasion; the next ones are dropped.
const ARMED_MAX: usize = 64;
/// News that may come again.
const RECENT_MAX: usize = 64;

/// The world.
pub(crate) struct World<E> {
    pub(crate) exchange: E,
    hospital: Hospital,
    manners: Manners,
    script: Arc<Script>,
    origin: Now,
    now: Now,
    elapsed: Duration,
    /// What people are about to do, in the order of time and then of their making.
    deeds: BTreeMap<(Duration, u64), Deed>,
    made: u64,
    patients: BTreeMap<u32, Patient>,
    /// Living calls and their patients, if any.
    calls: BTreeMap<CallId, Option<u32>>,
    ended: Vec<CallId>,
    legs: BTreeMap<LegId, Leg>,
    phones: Vec<Phone>,
    /// Whose call arrives just now.
    arriving: Option<u32>,
    /// Transfers that were asked for: the asking leg, and whether it leaves when that is granted.
    refers: BTreeMap<u64, (LegId, bool)>,
    referred: u64,
    armed: VecDeque<(News, Mishap)>,
    silent_phones: u32,
    /// Nobody is called any longer.
    campaigns_over: bool,
    recent: VecDeque<Input>,
    pub(crate) witness: Witness,
    pub(crate) counts: Counts,
    /// The snapshot is compared after so many steps; 0 for never.
    compare_every: u64,
    log: Option<Vec<Line>>,
}

/// What was counted by the world itself.
#[derive(Debug, Clone, Default)]
pub(crate) struct Counts {
    pub(crate) steps: u64,
    /// Faults that hit, orders that were given, and oddities of agents, by kind.
    pub(crate) troubles: BTreeMap<&'static str, u64>,
}

/// Something that is about to be done. Whether it still makes sense is looked at when its time has come.
#[derive(Debug, Clone)]
enum Deed {
    /// News, which may go astray.
    Send(Input),
    /// News that went astray and come after all.
    Give(Input),
    /// A patient loses her patience, unless something else happened to her.
    GivesUp {
        patient: u32,
        epoch: u32,
    },
    /// All is said, unless something else happened.
    TalkOver {
        patient: u32,
        epoch: u32,
    },
    Rings(LegId),
    Answers(LegId),
    Refuses(LegId, RefusedBy),
    /// A leg's party hangs up, if it is still there.
    Ends(LegId, LegEnd),
    Wish {
        agent: usize,
        wish: Wish,
    },
    Phone {
        agent: usize,
        up: bool,
    },
    Busy {
        agent: usize,
        busy: bool,
    },
    Join {
        agent: usize,
    },
    Resume(LegId),
    /// An agent decides about the task that she is shown.
    Decides {
        agent: AgentId,
        accepts: bool,
    },
    /// Nobody of the patients is in it, so that somebody else must end it.
    CallOver(CallId),
}

/// A patient in a call.
#[derive(Debug)]
struct Patient {
    caller: Caller,
    leg: LegId,
    /// Changes whenever something happens to her.
    epoch: u32,
    /// Questions put so far.
    asked: usize,
    /// Phones rung for her so far.
    rings: u64,
    /// The leg she is joined with.
    with: Option<LegId>,
}

/// A leg that lives for its party.
#[derive(Debug)]
struct Leg {
    who: Who,
    call: Option<CallId>,
    /// What is played to it.
    playback: Option<u64>,
    answered: bool,
}

/// Whose leg.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Who {
    Patient(u32),
    /// An agent's phone that was rung.
    Agent(usize),
    /// An agent's phone that dialled.
    Dialler(usize),
    Outside,
}

#[derive(Debug, Clone, Default)]
struct Phone {
    up: bool,
}

/// How a world is made.
pub(crate) struct Making<'a> {
    pub(crate) hospital: &'a Hospital,
    pub(crate) manners: &'a Manners,
    pub(crate) script: Arc<Script>,
    pub(crate) origin: Now,
    pub(crate) compare_every: u64,
    pub(crate) logs: bool,
}

impl<E: Exchange> World<E> {
    pub(crate) fn new(exchange: E, witness: Witness, making: &Making<'_>) -> Self {
        Self {
            exchange,
            hospital: making.hospital.clone(),
            manners: making.manners.clone(),
            script: making.script.clone(),
            origin: making.origin,
            now: making.origin,
            elapsed: Duration::ZERO,
            deeds: BTreeMap::new(),
            made: 0,
            patients: BTreeMap::new(),
            calls: BTreeMap::new(),
            ended: Vec::new(),
            legs: BTreeMap::new(),
            phones: vec![Phone::default(); making.hospital.agents.len()],
            arriving: None,
            refers: BTreeMap::new(),
            referred: 0,
            armed: VecDeque::new(),
            silent_phones: 0,
            campaigns_over: false,
            recent: VecDeque::new(),
            witness,
            counts: Counts::default(),
            compare_every: making.compare_every,
            log: making.logs.then(Vec::new),
        }
    }

    /// Lives through the script, and until everybody has gone.
    pub(crate) fn run(&mut self) {
        let lived = catch_unwind(AssertUnwindSafe(|| self.live()));
        if lived.is_err() {
            self.witness.expect("the switch does not panic", false, || "a panic".to_owned());
        }
    }

    fn live(&mut self) {
        let script = self.script.clone();
        let mut coming = script.happenings.iter().peekable();
        let end = script.length + AFTERWARDS;
        while self.witness.violation.is_none() {
            if coming.peek().is_none() {
                self.stop_campaigns();
            }
            let theirs = coming.peek().map(|happening| happening.at);
            let people = self.deeds.first_key_value().map(|((at, _), _)| *at);
            let own = self.exchange.next_deadline().map(|at| self.kept_at(at));
            let over = theirs.is_none() && people.is_none() && self.exchange.live_calls() == 0;
            let Some(next) =
                theirs.into_iter().chain(people).chain(own).min().filter(|at| *at <= end && !over)
            else {
                break;
            };
            self.pass_to(next);
            if own == Some(next) {
                self.keep_deadlines();
            } else if theirs == Some(next) {
                if let Some(happening) = coming.next() {
                    self.begin(happening);
                }
            } else if let Some((_, deed)) = self.deeds.pop_first() {
                self.perform(deed);
            }
        }
        if self.witness.violation.is_none() {
            self.finish();
        }
    }

    /// Nobody is there any more: what is left?
    fn finish(&mut self) {
        let end = self.elapsed + COOLING;
        while let Some(due) = self.exchange.next_deadline().map(|at| self.kept_at(at)).filter(|at| *at <= end)
        {
            self.pass_to(due);
            self.keep_deadlines();
        }
        self.pass_to(self.elapsed);
        let legs = self.legs.len();
        self.witness.expect("no leg outlives its call", legs == 0, || format!("{legs} legs are left"));
        let left = self.exchange.leftovers();
        self.witness.expect("nothing is left over", left.is_none(), || left.unwrap_or_default());
        let snapshot = self.exchange.snapshot(self.now);
        self.witness.shown(&snapshot);
        self.witness.end();
    }

    /// When a deadline is kept: the driver does so on a grid.
    fn kept_at(&self, at: std::time::Instant) -> Duration {
        let since = at.saturating_duration_since(self.origin.instant);
        let grid = self.manners.grid.as_nanos();
        if grid == 0 {
            return since;
        }
        let late = since.as_nanos().next_multiple_of(grid) - since.as_nanos();
        since + Duration::from_nanos(u64::try_from(late).unwrap_or(0))
    }

    fn pass_to(&mut self, at: Duration) {
        self.elapsed = self.elapsed.max(at);
        self.now = self.origin.after(self.elapsed);
        self.witness.begin_step(self.elapsed, self.now.wall_us);
    }

    fn keep_deadlines(&mut self) {
        self.exchange.handle_deadline(self.now);
        self.settle();
    }

    /// Sees what came of the last input, and lets people react.
    fn settle(&mut self) {
        while let Some(action) = self.exchange.poll_action() {
            self.note(&action);
            self.witness.saw(&action);
            self.react(action);
        }
        self.witness.end_step();
        self.bury();
        self.counts.steps += 1;
        if self.compare_every > 0 && self.counts.steps.is_multiple_of(self.compare_every) {
            self.compare();
        }
    }

    /// Calls that ended in this step have no legs any more.
    fn bury(&mut self) {
        if self.ended.is_empty() {
            return;
        }
        let ended: BTreeSet<CallId> = std::mem::take(&mut self.ended).into_iter().collect();
        if self.exchange.is_immediate() {
            let left = self.legs.values().find(|leg| leg.call.is_some_and(|call| ended.contains(&call)));
            let left = left.map(|leg| leg.who);
            self.witness.expect("no leg outlives its call", left.is_none(), || format!("that of {left:?}"));
        }
    }

    fn compare(&mut self) {
        let snapshot = self.exchange.snapshot(self.now);
        self.witness.shown(&snapshot);
        let strange = self.legs.iter().find(|(leg, _)| self.exchange.knows_leg(**leg) == Some(false));
        let strange = strange.map(|(_, leg)| leg.who);
        self.witness.expect("no leg is forgotten", strange.is_none(), || format!("that of {strange:?}"));
    }

    /// Something will be done in this time.
    fn later(&mut self, after: Duration, deed: Deed) {
        if self.deeds.len() < DEEDS_MAX {
            self.made += 1;
            self.deeds.insert((self.elapsed + after, self.made), deed);
        }
    }

    fn count(&mut self, kind: &'static str) {
        *self.counts.troubles.entry(kind).or_default() += 1;
    }

    pub(crate) fn elapsed(&self) -> Duration {
        self.elapsed
    }

    pub(crate) fn log(&mut self) -> Option<&mut Vec<Line>> {
        self.log.as_mut()
    }

    /// Whose leg it is, as long as it lives.
    pub(crate) fn who(&self, leg: LegId) -> Option<Who> {
        self.legs.get(&leg).map(|leg| leg.who)
    }

    /// What was written down, when that was asked for.
    pub(crate) fn take_log(&mut self) -> Vec<Line> {
        self.log.take().unwrap_or_default()
    }
}

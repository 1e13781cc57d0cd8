//! Random days of a house that calls people back and asks how it was: whatever people and phones do, each promise, call,
//! entry, offer and survey ends once, and nobody is called at night.

use crate::common::callbacks::{flow, patient_house};
use crate::common::{OUTSIDE, Story};
use careline_callcentre::{Action, CallbackOrder, Input, LegEnd, RefusedBy};
use careline_model::callback::{CallbackOrigin, CallbackOutcome};
use careline_model::event::{AgentIntent, EventBody};
use careline_model::{AgentId, CallId, CallbackId, LegId};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};

const AGENTS: [(&str, &str); 2] =
    [("1001", "queues = [\"general\"]\nwrap_up_s = 0"), ("1002", "queues = [\"general\"]")];
const STEPS: usize = 400;
const HOUR_MS: u64 = 3_600_000;

/// Phones and people, as the centre's actions move them.
struct Day {
    story: Story,
    rng: ChaCha20Rng,
    ringing: Vec<LegId>,
    up: Vec<LegId>,
    bridged: Vec<LegId>,
    playing: BTreeMap<LegId, u64>,
    seen: usize,
    asked: u64,
}

impl Day {
    fn new(seed: u64) -> Self {
        let mode = match seed % 2 {
            0 => "mode = \"agent_first\"",
            _ => "mode = \"customer_first\"\nanswer = [\"you called\"]",
        };
        let callback =
            format!("wait_over_s = 0\n{mode}\n[queue.survey]\nflow = \"survey\"\nmin_talk_s = 0\n");
        let general = format!("handling_s = 60\n[queue.callback]\n{callback}");
        let survey = "id = \"survey\"\nversion = 1\nstart = \"q\"\n[node.q]\nkind = \"rate\"\nprompts = [\"q\"]\n\
                      question = \"q\"\nscale = 5\nnext = \"bye\"\notherwise = \"bye\"\n[node.bye]\nkind = \"hangup\"\n";
        let text = patient_house(&general, &AGENTS) + OUTSIDE;
        let plan = crate::common::plan_of_flows(&text, &flow(), &[survey.to_owned()]);
        Self {
            story: Story::of(plan),
            rng: ChaCha20Rng::seed_from_u64(seed),
            ringing: Vec::new(),
            up: Vec::new(),
            bridged: Vec::new(),
            playing: BTreeMap::new(),
            seen: 0,
            asked: 0,
        }
    }

    fn below(&mut self, most: usize) -> usize {
        usize::try_from(self.rng.next_u64() % most as u64).unwrap_or(0)
    }

    fn one_of(&mut self, legs: &[LegId]) -> Option<LegId> {
        if legs.is_empty() { None } else { Some(legs[self.below(legs.len())]) }
    }

    /// What the centre did with phones since the last look.
    fn look(&mut self) {
        for action in &self.story.actions[self.seen..] {
            match action {
                Action::Ring { leg, .. } | Action::DialOutside { leg, .. } => self.ringing.push(*leg),
                Action::StopRinging { leg, .. } | Action::HangUp { leg, .. } | Action::Refuse { leg, .. } => {
                    let known = self.ringing.contains(leg) || self.up.contains(leg);
                    assert!(known, "an order for a leg that is over: {action:?}");
                    self.ringing.retain(|one| one != leg);
                    self.up.retain(|one| one != leg);
                }
                Action::Bridge { caller, .. } => self.bridged.push(*caller),
                Action::Play { leg, playback, .. } => drop(self.playing.insert(*leg, *playback)),
                _ => {}
            }
        }
        self.seen = self.story.actions.len();
    }

    fn input(&mut self, input: Input) {
        self.story.input(input);
        self.look();
    }

    fn step(&mut self) {
        for leg in std::mem::take(&mut self.bridged) {
            self.input(Input::Bridged { leg });
        }
        let (ringing, up) = (self.ringing.clone(), self.up.clone());
        match self.below(14) {
            0 | 1 => {
                let number = format!("+861390000000{}", self.below(6));
                let leg = self.story.call_from(&number, "200");
                self.up.push(leg);
                self.look();
                self.input(Input::CallerUp { leg });
            }
            2 => {
                if let Some(leg) = self.one_of(&up)
                    && let Some(playback) = self.playing.get(&leg).copied()
                {
                    self.input(Input::PlaybackDone { leg, playback });
                }
            }
            3 | 4 => {
                let digit = ['1', '2', '2', '5', '#'][self.below(5)];
                if let Some(leg) = self.one_of(&up) {
                    self.input(Input::Digit { leg, digit, duration_ms: 100 });
                }
            }
            5 => {
                if let Some(leg) = self.one_of(&up) {
                    self.up.retain(|one| *one != leg);
                    let why = [LegEnd::HungUp, LegEnd::MediaTimeout, LegEnd::HungUp][self.below(3)];
                    self.input(Input::LegEnded { leg, why });
                }
            }
            6 | 7 => {
                if let Some(leg) = self.one_of(&ringing) {
                    self.ringing.retain(|one| *one != leg);
                    self.up.push(leg);
                    self.input(Input::Answered { leg });
                }
            }
            8 => {
                if let Some(leg) = self.one_of(&ringing) {
                    let whys = [RefusedBy::NoAnswer, RefusedBy::Busy, RefusedBy::Rejected];
                    self.ringing.retain(|one| *one != leg);
                    let why = whys[self.below(3)];
                    self.input(Input::Refused { leg, why });
                }
            }
            9 => {
                if let Some(leg) = self.one_of(&ringing) {
                    let early = self.below(2) == 0;
                    self.input(if early { Input::EarlyMedia { leg } } else { Input::Ringing { leg } });
                }
            }
            10 => self.pass(20_000),
            11 => {
                let most_ms = if self.below(8) == 0 { 3 * HOUR_MS } else { 60_000 };
                self.pass(most_ms);
            }
            12 => self.order(),
            _ => {
                let agent = AGENTS[self.below(2)].0;
                self.input(Input::DeviceUp { agent: agent.into() });
                let intent = match self.below(4) {
                    0 => AgentIntent::NotReady("meal".into()),
                    _ => AgentIntent::Ready,
                };
                self.story.wants(agent, intent);
                self.look();
            }
        }
    }

    fn pass(&mut self, most_ms: u64) {
        let by = self.rng.next_u64() % most_ms;
        let goal = self.story.now_ms() + by;
        self.story.at_ms(goal);
        self.look();
    }

    fn order(&mut self) {
        self.asked += 1;
        let id = CallbackId::from(format!("p{}", self.asked).as_str());
        let number = format!("1390000000{}", self.below(6));
        let owner = (self.below(3) == 0).then(|| AgentId::from("1002"));
        let order = CallbackOrder {
            id,
            number,
            queue: "general".into(),
            origin: CallbackOrigin::Program,
            owner,
            due_us: None,
        };
        let made = self.story.order(|centre, now| centre.request_callback(&order, now)).expect("it can be");
        if self.below(3) == 0 {
            self.story.order(|centre, now| centre.cancel_callback(&made.0, "x", now)).expect("it is open");
        }
        self.look();
    }

    fn everybody_goes(&mut self) {
        for leg in self.up.clone() {
            if self.up.contains(&leg) {
                self.up.retain(|one| *one != leg);
                self.input(Input::LegEnded { leg, why: LegEnd::HungUp });
            }
        }
        self.input(Input::Drain);
        let later = self.story.now_ms() + HOUR_MS;
        self.story.at_ms(later);
        self.look();
        let live: Vec<CallId> =
            self.story.centre.snapshot(self.story.now).calls.iter().map(|call| call.call).collect();
        for call in live {
            let _ = self.story.order(|centre, now| centre.hang_up(call, now));
        }
        self.look();
    }
}

/// Everything began once and ended once.
fn all_ends(day: &Day) -> BTreeMap<CallbackOutcome, usize> {
    let (mut calls, mut entries, mut offers) = (BTreeSet::new(), BTreeSet::new(), BTreeSet::new());
    let (mut open, mut outcomes) = (BTreeSet::new(), BTreeMap::new());
    let (mut talks, mut surveys) = (0_usize, 0_usize);
    for event in &day.story.events {
        match event {
            EventBody::CallOffered { call, .. } => assert!(calls.insert(*call)),
            EventBody::CallbackQueued(fact) => {
                assert!(calls.insert(fact.call));
                assert!(open.contains(&fact.callback), "who is called was promised it");
            }
            EventBody::CallEnded { call, .. } => assert!(calls.remove(call), "{call} ends twice"),
            EventBody::QueueEntered { entry, call, .. } => {
                assert!(calls.contains(call) && entries.insert(*entry));
            }
            EventBody::QueueLeft { entry, .. } => assert!(entries.remove(entry)),
            EventBody::OfferMade { offer, .. } => assert!(offers.insert(*offer)),
            EventBody::OfferEnded { offer, .. } => assert!(offers.remove(offer)),
            EventBody::CallbackRequested(fact) => assert!(open.insert(fact.id.clone())),
            EventBody::CallbackEnded(fact) => {
                assert!(open.remove(&fact.callback), "{} ends twice", fact.callback);
                *outcomes.entry(fact.outcome).or_default() += 1;
            }
            EventBody::CallConnected { queue: Some(_), .. } => talks += 1,
            EventBody::SurveyEnded(_) => surveys += 1,
            _ => {}
        }
    }
    assert!(calls.is_empty() && entries.is_empty() && offers.is_empty(), "{calls:?} {entries:?} {offers:?}");
    assert_eq!(open.len(), day.story.centre.callbacks().len());
    assert_eq!(talks, surveys, "each conversation has one outcome of its survey");
    outcomes
}

#[test]
fn each_promise_ends_once_whatever_people_and_phones_do() {
    let mut all: BTreeMap<CallbackOutcome, usize> = BTreeMap::new();
    for seed in 0..60 {
        let mut day = Day::new(seed);
        for agent in ["1001", "1002"] {
            day.input(Input::DeviceUp { agent: agent.into() });
        }
        for _ in 0..STEPS {
            day.step();
        }
        day.everybody_goes();
        for (outcome, count) in all_ends(&day) {
            *all.entry(outcome).or_default() += count;
        }
        assert_eq!(day.story.centre.live_calls(), 0, "seed {seed}");
    }
    for outcome in [CallbackOutcome::Reached, CallbackOutcome::Returned, CallbackOutcome::Failed] {
        assert!(all.contains_key(&outcome), "days in which nothing happens prove nothing: {all:?}");
    }
}

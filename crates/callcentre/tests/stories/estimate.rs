//! The wait that is said (CF C23, 1.6): what callers are told, and how true it is on a bad morning.

use crate::common::{Story, house};
use careline_callcentre::{Action, Input, LegEnd};
use careline_model::event::{AgentIntent, EventBody, QueueOutcome};
use careline_model::{EntryId, LegId};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::{RngCore, SeedableRng};
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

const WAITS: &str = "[queue.announce_wait]\nprompts = [\"w0\", \"w1\", \"w2\", \"w3\", \"w4\"]\n";
const ONE: [(&str, &str); 1] = [("1001", "queues = [\"general\"]")];

fn said(story: &mut Story, caller: &str) -> Vec<String> {
    let begin = format!("play {caller} ");
    story.told().iter().filter_map(|line| line.strip_prefix(&begin).map(str::to_owned)).collect()
}

#[test]
fn the_wait_is_said_in_round_words_and_the_error_is_told_at_the_end() {
    let mut story = Story::with(&house(&format!("handling_s = 240\n{WAITS}"), &ONE));
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking);
    let caller = story.waiting("200");
    story.heard(caller).forget().at(5);
    assert_eq!(story.told(), ["c2 told None Some(240000)", "stop music c2", "play c2 w2"]);
    story.heard(caller).ends(talking, LegEnd::HungUp).at(35).forget();
    assert!(story.centre.live_calls() == 1);
    story.talks("1001", caller);
    let told = story.told();
    assert!(told.contains(&"c2 predicted 245000 waited 35000".to_owned()), "{told:?}");
}

#[test]
fn nobody_at_work_means_that_no_wait_is_said() {
    let mut story = Story::with(&house(WAITS, &ONE));
    let caller = story.waiting("200");
    story.heard(caller).forget().at(5);
    assert!(story.told().is_empty());
    story.ends(caller, LegEnd::HungUp);
    assert!(!story.told().iter().any(|line| line.contains("predicted")));
}

#[test]
fn an_agent_for_whom_another_queue_waits_too_is_half_an_agent() {
    let both = [("1001", "queues = [\"general\", \"booking\"]")];
    for (others, expected) in [(false, "w1"), (true, "w2")] {
        let mut story = Story::with(&house(&format!("handling_s = 120\n{WAITS}"), &both));
        story.up("1001");
        let talking = story.waiting("200");
        story.talks("1001", talking);
        let caller = story.waiting("200");
        if others {
            story.waiting("300");
        }
        story.heard(caller).forget().at(5);
        assert_eq!(said(&mut story, "c2"), [expected], "{others}");
    }
}

#[test]
fn a_wait_is_said_again_only_when_it_is_another() {
    let switch = house(&format!("handling_s = 240\n{WAITS}"), &ONE);
    let mut story = Story::with(&switch.replace("max_wait_s = 60", "max_wait_s = 600"));
    story.up("1001");
    let talking = story.waiting("200");
    story.talks("1001", talking);
    let (ahead, caller) = (story.waiting("200"), story.waiting("200"));
    story.heard(caller).forget().at(5);
    assert_eq!(said(&mut story, "c3"), ["w3"], "eight minutes");
    story.heard(caller).forget().at(35);
    assert_eq!(said(&mut story, "c3"), [""; 0], "the same");
    story.ends(ahead, LegEnd::HungUp).forget().at(65);
    assert_eq!(said(&mut story, "c3"), ["w2"], "less, which needs no reason");
}

#[test]
fn a_longer_wait_is_never_said_without_its_reason() {
    for (busier, expected) in [("", None), ("busier = \"busier\"\n", Some("busier+w3".to_owned()))] {
        let agents = [
            ("1001", "queues = [\"general\"]"),
            ("1002", "queues = [\"general\"]"),
            ("1004", "queues = [\"general\"]"),
        ];
        let general = format!("handling_s = 600\n{WAITS}{busier}");
        let mut story = Story::with(&house(&general, &agents));
        story.up("1001").up("1002").up("1004");
        for agent in ["1001", "1002", "1004"] {
            let talking = story.waiting("200");
            story.talks(agent, talking);
        }
        let caller = story.waiting("200");
        story.heard(caller).forget().at(5);
        assert_eq!(said(&mut story, "c4"), ["w2"], "a third of ten minutes");
        story.heard(caller).wants("1001", AgentIntent::NotReady("meal".into()));
        story.wants("1002", AgentIntent::NotReady("meal".into())).forget().at(35);
        assert_eq!(said(&mut story, "c4"), Vec::from_iter(expected));
    }
}

/// What happens in the world outside, at a millisecond.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Happens {
    Arrives,
    GivesUp(LegId),
    Answers(LegId),
    Heard(LegId, u64),
    HangsUp(LegId),
    Lunch(usize),
    Back(usize),
}

const MINUTE_MS: u64 = 60_000;
const AGENTS: usize = 20;
/// Of ten agents, three go to lunch.
const AT_LUNCH: usize = AGENTS * 3 / 10;

/// Two hours: arrivals double from 0:30 to 1:00, and from 0:45 on 30 % of the staff are at lunch for half an hour.
struct Morning {
    story: Story,
    rng: ChaCha20Rng,
    agenda: BTreeSet<(u64, u64, Happens)>,
    planned: u64,
    seen: usize,
    talking: BTreeSet<LegId>,
}

impl Morning {
    fn new(seed: u64) -> Self {
        let ids: Vec<String> = (0..AGENTS).map(|at| format!("{}", 2000 + at)).collect();
        let agents: Vec<(&str, &str)> =
            ids.iter().map(|id| (id.as_str(), "queues = [\"general\"]")).collect();
        let general = format!("handling_s = 150\n{WAITS}busier = \"busier\"\n");
        let switch = house(&general, &agents).replace("calls_max = 20", "calls_max = 1000");
        let mut story = Story::with(&switch.replace("max_wait_s = 60", "max_wait_s = 7200"));
        for id in &ids {
            story.up(id);
        }
        let mut morning = Self {
            story,
            rng: ChaCha20Rng::seed_from_u64(seed),
            agenda: BTreeSet::new(),
            planned: 0,
            seen: 0,
            talking: BTreeSet::new(),
        };
        morning.plan(1000, Happens::Arrives);
        for at in 0..AT_LUNCH {
            morning.plan(45 * MINUTE_MS, Happens::Lunch(at));
            morning.plan(75 * MINUTE_MS, Happens::Back(at));
        }
        morning
    }

    fn plan(&mut self, at_ms: u64, what: Happens) {
        self.planned += 1;
        self.agenda.insert((at_ms, self.planned, what));
    }

    /// Exponential, with this mean.
    fn draw(&mut self, mean_ms: f64) -> u64 {
        let uniform = (self.rng.next_u64() >> 11) as f64 / (1u64 << 53) as f64;
        (-(1.0 - uniform).ln() * mean_ms) as u64 + 1
    }

    fn calls_a_minute(at_ms: u64) -> f64 {
        let rising = (at_ms as f64 / MINUTE_MS as f64 - 30.0).clamp(0.0, 30.0) / 30.0;
        if at_ms > 90 * MINUTE_MS { 5.0 } else { 5.0 + 5.0 * rising }
    }

    fn run(&mut self) {
        while let Some(at_ms) = self.agenda.first().map(|(at, ..)| *at).filter(|at| *at < 150 * MINUTE_MS) {
            match self.story.next_ms().filter(|due| *due <= at_ms) {
                Some(due) => _ = self.story.at_ms(due),
                None => {
                    let (at_ms, _, what) = self.agenda.pop_first().expect("just seen");
                    self.story.at_ms(at_ms);
                    self.happens(what, at_ms);
                }
            }
            self.look();
        }
    }

    fn happens(&mut self, what: Happens, at_ms: u64) {
        match what {
            Happens::Arrives => {
                let next = self.draw(60_000.0 / Self::calls_a_minute(at_ms));
                if at_ms < 120 * MINUTE_MS {
                    self.plan(at_ms + next, Happens::Arrives);
                }
                // Without a number: nobody has the place of another.
                let caller = self.story.call_from("", "200");
                self.story.input(Input::CallerUp { leg: caller }).heard(caller);
                let patience = self.draw(480_000.0);
                self.plan(at_ms + patience, Happens::GivesUp(caller));
            }
            Happens::GivesUp(leg) if self.talking.contains(&leg) => {}
            Happens::GivesUp(leg) | Happens::HangsUp(leg) => {
                self.story.ends(leg, LegEnd::HungUp);
            }
            Happens::Answers(leg) => _ = self.story.input(Input::Answered { leg }),
            Happens::Heard(leg, playback) => _ = self.story.input(Input::PlaybackDone { leg, playback }),
            Happens::Lunch(at) => {
                self.story.wants(&format!("{}", 2000 + at), AgentIntent::NotReady("meal".into()));
            }
            Happens::Back(at) => _ = self.story.wants(&format!("{}", 2000 + at), AgentIntent::Ready),
        }
    }

    /// What the call centre did makes other things happen.
    fn look(&mut self) {
        while let Some(action) = self.story.actions.get(self.seen).cloned() {
            self.seen += 1;
            let now_ms = self.story.now_ms();
            match action {
                Action::Ring { leg, .. } => {
                    self.story.input(Input::Ringing { leg });
                    self.plan(now_ms + 3000, Happens::Answers(leg));
                }
                Action::Play { leg, playback, .. } => self.plan(now_ms + 3000, Happens::Heard(leg, playback)),
                Action::Bridge { caller, .. } => {
                    self.talking.insert(caller);
                    self.story.input(Input::Bridged { leg: caller });
                    let talk = self.draw(150_000.0);
                    self.plan(now_ms + talk, Happens::HangsUp(caller));
                }
                _ => {}
            }
        }
    }
}

/// The kinds of wait that are told apart.
fn kind(wait: Duration) -> i32 {
    [60, 120, 300, 600].iter().filter(|limit| wait.as_secs() >= **limit).count() as i32
}

#[test]
fn four_in_five_announcements_of_a_bad_morning_are_true_within_one_kind_of_wait() {
    let (mut announced, mut true_enough, mut spread) = (0, 0, BTreeSet::new());
    for seed in 1..=3 {
        let mut morning = Morning::new(seed);
        morning.run();
        let mut open: BTreeMap<EntryId, Vec<(i64, u64)>> = BTreeMap::new();
        for action in &morning.story.actions {
            let Action::Emit(event) = action else { continue };
            match &event.body {
                EventBody::QueueAnnounced { entry, wait_ms: Some(wait_ms), .. } => {
                    open.entry(*entry).or_default().push((event.at_us, *wait_ms));
                }
                EventBody::QueueLeft { entry, outcome: QueueOutcome::Answered, .. } => {
                    for (at_us, wait_ms) in open.remove(entry).unwrap_or_default() {
                        let truth = Duration::from_micros(event.at_us.abs_diff(at_us));
                        let said = kind(Duration::from_millis(wait_ms));
                        announced += 1;
                        spread.insert(said);
                        true_enough += i32::from((kind(truth) - said).abs() <= 1);
                    }
                }
                _ => {}
            }
        }
    }
    assert!(announced > 500 && spread.len() >= 4, "{announced} announcements of kinds {spread:?}");
    assert!(true_enough * 100 >= announced * 80, "{true_enough} of {announced} within one kind");
}

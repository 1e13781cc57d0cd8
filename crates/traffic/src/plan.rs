//! The plan of a crowd: drawn whole from the seed before the first call, so that a run can be repeated.

use crate::draw::Draw;
use crate::pair::Pair;
use anyhow::Context;
use serde::Serialize;
use std::collections::BTreeSet;
use std::path::Path;
use std::time::Duration;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct PlanOptions {
    /// Same seed, same plan.
    pub seed: u64,
    /// Patients who ring, once each.
    pub calls: usize,
    /// Mean arrivals per second (Poisson).
    pub rate: f64,
    /// Mean length of a conversation; none is shorter than [`TALK_MIN`].
    pub talk_mean: Duration,
    /// Part of the patients who give up before they talk.
    pub abandon_share: f64,
    /// Agents, numbered from 0.
    pub agents: usize,
    /// Part of the offers that an agent lets ring or declines, half each.
    pub miss_share: f64,
    /// Numbers of people whom the hospital knows, as they are dialled: most patients ring from one of them
    /// ([`KNOWN_SHARE`]) while there are some left. Empty: nobody is known.
    pub known: Vec<String>,
}

/// Part of the patients who ring from a known number, when there are known numbers.
pub const KNOWN_SHARE: f64 = 0.8;

/// Most digits of a number (E.164, and a prefix).
const DIGITS_MAX: usize = 20;

/// The generator stream for who rings: known numbers do not shift the rest of the plan.
const CALLERS_STREAM: u64 = u64::MAX - 1;

/// Shortest conversation: both sides need time to be recognised.
pub const TALK_MIN: Duration = Duration::from_millis(2500);

/// Where a patient gives up.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case", tag = "at")]
pub enum Patience {
    /// Waits as long as it takes.
    Endless,
    /// In the menu, this long after the first word was heard.
    Menu {
        /// Milliseconds.
        after_ms: u64,
    },
    /// In the queue, this long after the key was pressed, unless somebody answers first.
    Queue {
        /// Milliseconds.
        after_ms: u64,
    },
    /// While an agent's phone rings for it, this long after it began.
    Ringing {
        /// Milliseconds.
        after_ms: u64,
    },
}

/// Who ends the conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// The patient.
    Patient,
    /// The agent.
    Agent,
}

/// One patient.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct PatientPlan {
    /// Its number, which tells it from all others of the run.
    pub number: String,
    /// When it dials, from the beginning.
    pub arrives_at: Duration,
    /// Where it gives up.
    pub patience: Patience,
    /// From the first word heard to the key pressed.
    pub listens: Duration,
    /// Length of the conversation, if there is one.
    pub talk: Duration,
    /// Who ends it.
    pub ends: Side,
    /// Its tone pair.
    pub pair: Pair,
    /// Which piece of speech it says.
    pub speech: usize,
}

/// What an agent does with one offer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Reaction {
    /// Answers after this long.
    Answer(Duration),
    /// Declines (486) after this long.
    Decline(Duration),
    /// Lets it ring.
    Ignore,
}

/// One agent: its reactions, offer by offer.
#[derive(Debug, Clone)]
pub struct AgentPlan {
    /// Its tone pair.
    pub pair: Pair,
    draw: Draw,
    miss_share: f64,
}

impl AgentPlan {
    /// The reaction to the next offer.
    pub fn react(&mut self) -> Reaction {
        let delay = self.draw.between(Duration::from_millis(300), Duration::from_secs(2));
        let (missed, how) = (self.draw.chance(self.miss_share), self.draw.chance(0.5));
        match (missed, how) {
            (false, _) => Reaction::Answer(delay),
            (true, true) => Reaction::Decline(delay),
            (true, false) => Reaction::Ignore,
        }
    }
}

/// The whole crowd.
#[derive(Debug, Clone)]
pub struct Plan {
    /// In the order of their arrival.
    pub patients: Vec<PatientPlan>,
    /// By number.
    pub agents: Vec<AgentPlan>,
}

impl Plan {
    /// Draws the crowd.
    ///
    /// # Errors
    /// When there are more people than tone pairs, or the rate is not positive.
    pub fn draw(options: &PlanOptions) -> anyhow::Result<Self> {
        anyhow::ensure!(options.rate > 0.0, "the rate must be above 0 calls per second");
        let mut pairs = Pair::all();
        let people = options.agents + options.calls;
        anyhow::ensure!(people <= pairs.len(), "{people} people, but only {} tone pairs", pairs.len());
        let mut draw = Draw::new(options.seed, 0);
        draw.shuffle(&mut pairs);
        let mut pairs = pairs.into_iter();
        let agents = pairs.by_ref().take(options.agents).zip(1..).map(|(pair, stream)| AgentPlan {
            pair,
            draw: Draw::new(options.seed, stream),
            miss_share: options.miss_share,
        });
        let agents = agents.collect();
        let first_number = draw.below(80_000_000);
        let callers = callers(options, first_number);
        let mut clock = Duration::ZERO;
        let patients = pairs.take(options.calls).zip(callers).map(|(pair, number)| {
            clock += draw.exponential(Duration::from_secs_f64(1.0 / options.rate));
            PatientPlan {
                number,
                arrives_at: clock,
                patience: patience(&mut draw, options.abandon_share),
                listens: draw.between(Duration::from_millis(600), Duration::from_millis(1600)),
                talk: TALK_MIN.max(draw.exponential(options.talk_mean)),
                ends: if draw.chance(0.5) { Side::Patient } else { Side::Agent },
                pair,
                speech: draw.below(1000),
            }
        });
        Ok(Self { patients: patients.collect(), agents })
    }
}

/// Everybody's number, each once.
fn callers(options: &PlanOptions, first_number: usize) -> Vec<String> {
    let mut draw = Draw::new(options.seed, CALLERS_STREAM);
    let known: BTreeSet<&String> = options.known.iter().collect();
    let mut left: Vec<&String> = known.iter().copied().collect();
    draw.shuffle(&mut left);
    let mut strangers = (first_number..).map(|number| format!("138{number:08}"));
    let caller = |_| {
        let of_known = draw.chance(KNOWN_SHARE).then(|| left.pop().cloned()).flatten();
        of_known.or_else(|| strangers.find(|number| !known.contains(number)))
    };
    (0..options.calls).filter_map(caller).collect()
}

/// Reads known numbers, one a line. Numbers that no phone can dial are refused.
///
/// # Errors
/// When the file cannot be read, has none, or has something else in it; the number itself is not told.
pub fn read_callers(file: &Path) -> anyhow::Result<Vec<String>> {
    let text = std::fs::read_to_string(file).with_context(|| format!("Failed to read {}", file.display()))?;
    let mut numbers = Vec::new();
    for (line, number) in (1..).zip(text.lines().map(str::trim)).filter(|(_, number)| !number.is_empty()) {
        let good = number.len() <= DIGITS_MAX && number.bytes().all(|byte| byte.is_ascii_digit());
        anyhow::ensure!(good, "{}:{line}: not a number of at most {DIGITS_MAX} digits", file.display());
        numbers.push(number.to_owned());
    }
    anyhow::ensure!(!numbers.is_empty(), "{} has no number", file.display());
    Ok(numbers)
}

/// What a number is without the prefix of its country or of a long-distance call, so that `05433256789` and
/// `+865433256789` are one.
#[must_use]
pub fn national(number: &str) -> &str {
    match number.strip_prefix("+86") {
        Some(national) => national,
        None => number.strip_prefix('0').unwrap_or(number),
    }
}

/// Draws the same number of values whatever comes out, so that one share does not shift the rest of the plan.
fn patience(draw: &mut Draw, abandon_share: f64) -> Patience {
    let (leaves, place, unit) = (draw.chance(abandon_share), draw.below(3), draw.unit());
    let between = |least: f64, most: f64| (least + (most - least) * unit) as u64;
    match (leaves, place) {
        (false, _) => Patience::Endless,
        (true, 0) => Patience::Menu { after_ms: between(300.0, 1500.0) },
        (true, 1) => Patience::Queue { after_ms: between(300.0, 4000.0) },
        // Before the fastest agent answers.
        (true, _) => Patience::Ringing { after_ms: between(30.0, 200.0) },
    }
}

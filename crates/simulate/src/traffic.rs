//! A generated time: shifts, patients by a Poisson process with the hours of a day, faults and orders, all from a seed.

use crate::chance::Chance;
use crate::hospital::Hospital;
use crate::script::{Act, Answer, Caller, Fault, Happening, Mishap, News, Script, What, Whom, Wish};
use std::time::Duration;

const HOUR: Duration = Duration::from_secs(3600);
const DAY_HOURS: u64 = 24;
/// Patients of an hour of the day, as a share of the busiest one; scripts begin at midnight.
const HOURS: [f64; 24] = [
    0.10, 0.07, 0.05, 0.05, 0.06, 0.10, 0.25, 0.55, 0.90, 1.00, 0.97, 0.85, 0.60, 0.70, 0.88, 0.90, 0.80,
    0.60, 0.45, 0.40, 0.35, 0.28, 0.20, 0.14,
];
/// Shares of agents whose shift begins at this hour; all last eight.
const SHIFTS: [(f64, u64); 3] = [(0.6, 8), (0.25, 15), (0.15, 23)];
const SHIFT: Duration = Duration::from_secs(8 * 3600);
const LUNCH: Duration = Duration::from_secs(30 * 60);
/// At the busiest hour an agent on duty gets so many callers an hour: about as many as she can serve.
const CALLERS_PER_AGENT_HOUR: f64 = 14.0;
/// Share of the agents who are on duty then.
const ON_DUTY: f64 = 0.6;

/// How much of what is generated.
#[derive(Debug, Clone, Copy)]
pub struct Traffic {
    /// The time that is simulated.
    pub length: Duration,
    /// Patients, 1 for what agents can just serve.
    pub load: f64,
    /// Faults, orders and oddities, 1 for the usual: an agent has some two an hour.
    pub trouble: f64,
    /// Agents' phones do more than take calls: they dial, hold and pass callers on.
    pub dialling: bool,
    /// No new calls from the last tenth of the time on.
    pub drains: bool,
}

impl Traffic {
    /// Writes everything down that will come from outside.
    #[must_use]
    pub fn script(&self, hospital: &Hospital, seed: u64) -> Script {
        let mut writer = Writer { traffic: *self, hospital, seed, happenings: Vec::new() };
        writer.shifts();
        writer.patients();
        writer.troubles();
        if self.drains {
            writer.add(self.length.mul_f64(0.9), What::Act(Act::Drain));
        }
        let mut happenings = writer.happenings;
        happenings.sort_by_key(|happening| happening.at);
        for (number, happening) in (1..).zip(&mut happenings) {
            happening.number = number;
        }
        Script { seed, length: self.length, happenings }
    }
}

struct Writer<'a> {
    traffic: Traffic,
    hospital: &'a Hospital,
    seed: u64,
    happenings: Vec<Happening>,
}

impl Writer<'_> {
    fn add(&mut self, at: Duration, what: What) {
        if at < self.traffic.length {
            self.happenings.push(Happening { at, number: 0, what });
        }
    }

    fn days(&self) -> u64 {
        self.traffic.length.as_secs() / (DAY_HOURS * 3600) + 1
    }

    /// Agents come, eat, take short breaks, and go.
    fn shifts(&mut self) {
        for agent in 0..self.hospital.agents.len() {
            let mut chance = Chance::new(self.seed, 1_000 + agent as u64);
            let begin = chance.pick(&SHIFTS).unwrap_or(8);
            // The night shift of the day before.
            if begin + 8 > DAY_HOURS {
                self.shift(agent, Duration::ZERO, HOUR * 7, &mut chance);
            }
            for day in 0..self.days() {
                let early = chance.between(Duration::ZERO, Duration::from_secs(900));
                let from = HOUR * u32::try_from(day * DAY_HOURS + begin).unwrap_or(u32::MAX);
                self.shift(agent, from.saturating_sub(early), SHIFT, &mut chance);
            }
        }
    }

    fn shift(&mut self, agent: usize, from: Duration, length: Duration, chance: &mut Chance) {
        let to = from + length + chance.between(Duration::ZERO, Duration::from_secs(600));
        self.add(from, What::Phone { agent, up: true });
        self.add(from + Duration::from_secs(5), What::Wish { agent, wish: Wish::Ready });
        let lunch = from + length.mul_f64(0.4 + 0.2 * chance.unit());
        self.add(lunch, What::Wish { agent, wish: Wish::Meal });
        self.add(lunch + LUNCH, What::Wish { agent, wish: Wish::Ready });
        for part in [0.2, 0.75] {
            let pause = from + length.mul_f64(part + 0.05 * chance.unit());
            let back = pause + chance.between(Duration::from_secs(20), Duration::from_secs(600));
            self.add(pause, What::Wish { agent, wish: Wish::Meal });
            self.add(back, What::Wish { agent, wish: Wish::Ready });
        }
        self.add(to, What::Wish { agent, wish: Wish::LoggedOut });
        self.add(to + Duration::from_secs(30), What::Phone { agent, up: false });
    }

    /// A Poisson process with changing rate, by leaving out some of one with the highest.
    fn patients(&mut self) {
        let mut chance = Chance::new(self.seed, 1);
        let staff = self.hospital.agents.len().max(1) as f64 * ON_DUTY;
        let busiest = staff * CALLERS_PER_AGENT_HOUR * self.traffic.load;
        if busiest <= 0.0 {
            return;
        }
        let gap = HOUR.div_f64(busiest);
        let mut at = chance.exponential(gap);
        while at < self.traffic.length {
            let hour = usize::try_from(at.as_secs() / 3600 % DAY_HOURS).unwrap_or(0);
            if chance.is(HOURS[hour]) {
                let caller = caller(self.hospital, &mut chance);
                self.add(at, What::Call(caller));
            }
            at += chance.exponential(gap);
        }
    }

    fn troubles(&mut self) {
        let agents = self.hospital.agents.len();
        let mut chance = Chance::new(self.seed, 2);
        let an_hour = (agents as f64 + 3.0) * 2.0 * self.traffic.trouble;
        if an_hour <= 0.0 {
            return;
        }
        let gap = HOUR.div_f64(an_hour);
        let mut at = chance.exponential(gap);
        while at < self.traffic.length {
            if let Some(what) = trouble(agents, self.traffic.dialling, &mut chance) {
                self.add(at, what);
            }
            at += chance.exponential(gap);
        }
    }
}

/// A patient: most are patient for minutes, some press keys at random, a few are odd.
fn caller(hospital: &Hospital, chance: &mut Chance) -> Caller {
    let line = chance.below(hospital.lines());
    let answers = (0..3).map(|_| answer(hospital.queues.len(), chance)).collect();
    let seconds = Duration::from_secs;
    Caller {
        line,
        withheld: chance.is(0.1),
        ack: (!chance.is(0.003))
            .then(|| chance.between(Duration::from_millis(5), Duration::from_millis(400))),
        answers,
        flow_patience: Some(match chance.is(0.05) {
            true => chance.between(Duration::ZERO, seconds(15)),
            false => chance.between(seconds(60), seconds(180)),
        }),
        patience: (!chance.is(0.02)).then(|| match chance.is(0.1) {
            true => chance.exponential(seconds(4)),
            false => chance.log_normal(seconds(150), 0.9),
        }),
        talk: match chance.is(0.03) {
            true => chance.exponential(seconds(2)),
            false => chance.log_normal(seconds(150), 0.8),
        }
        .min(HOUR),
        agent_ends: chance.is(0.3),
    }
}

fn answer(queues: usize, chance: &mut Chance) -> Option<Answer> {
    let keys = match chance.unit() {
        share if share < 0.8 => (chance.below(queues) + 1).to_string(),
        share if share < 0.9 => chance.pick(&[(1.0, "9"), (1.0, "77"), (1.0, "7"), (1.0, "*#0")])?.to_owned(),
        _ => return None,
    };
    Some(Answer { after: chance.between(Duration::from_millis(300), Duration::from_secs(9)), keys })
}

fn trouble(agents: usize, dialling: bool, chance: &mut Chance) -> Option<What> {
    let agent = chance.below(agents);
    let seconds = Duration::from_secs;
    let kinds: &[(f64, u8)] = &[
        (8.0, 0),
        (1.5, 1),
        (2.0, 2),
        (2.0, 3),
        (0.4, 4),
        (2.0, 5),
        (0.7, 6),
        (1.5, 7),
        (1.0, 8),
        (1.0, 9),
        (0.3, 10),
        (2.5, 11),
        (2.5, 12),
        (1.5, 13),
        (1.0, 14),
        (2.0, 15),
        (6.0, 16),
        (0.5, 17),
    ];
    let kind = chance.pick(kinds)?;
    if agents == 0 && matches!(kind, 4..=6 | 11..=17) {
        return None;
    }
    let pick = chance.below(1 << 20);
    Some(match kind {
        0 => What::Fault(Fault::News { kind: news(chance)?, how: mishap(chance) }),
        1 => What::Fault(Fault::SilentPhone),
        2 => What::Fault(Fault::LegFails { pick, no_sound: chance.is(0.5) }),
        3 => What::Fault(Fault::Stale { pick }),
        4 => What::Storm { agent, toggles: 100, gap: Duration::from_millis(10) },
        5 => What::PhoneLost {
            agent,
            back_after: chance.between(seconds(1), seconds(120)),
            silent_for: chance.between(seconds(1), seconds(30)),
        },
        6 if dialling => What::OwnCall { agent, lasts: chance.between(seconds(1), seconds(90)) },
        7 => What::Act(Act::HangUp(pick)),
        8 => What::Act(Act::PauseRecording(pick)),
        9 => What::Act(Act::ResumeRecording(pick)),
        10 => match chance.is(0.5) {
            true => What::Act(Act::Nonsense),
            false => What::Fault(Fault::UnknownLeg),
        },
        11 if dialling => {
            What::Dial { agent, to: whom(agents, chance), lasts: chance.between(seconds(2), seconds(120)) }
        }
        12 if dialling => What::PassOn { agent, to: whom(agents, chance), leaves: chance.is(0.5) },
        13 if dialling => What::Join { agent },
        14 if dialling => What::Hold { agent, lasts: chance.between(seconds(1), seconds(60)) },
        16 if dialling => What::Act(Act::Task(pick)),
        17 if dialling => What::Act(Act::Campaign(pick)),
        // On top of the shifts: breaks in the middle of anything.
        15 => What::Wish { agent, wish: chance.pick(&[(2.0, Wish::Meal), (3.0, Wish::Ready)])? },
        _ => return None,
    })
}

fn whom(agents: usize, chance: &mut Chance) -> Whom {
    match chance.unit() {
        share if share < 0.6 => Whom::Agent(chance.below(agents)),
        share if share < 0.9 => Whom::Outside,
        _ => Whom::Nobody,
    }
}

fn news(chance: &mut Chance) -> Option<News> {
    chance.pick(&[
        (2.0, News::PlaybackDone),
        (2.0, News::Bridged),
        (1.0, News::Ringing),
        (1.0, News::Answered),
        (2.0, News::Digit),
        (1.0, News::LookedUp),
        (1.0, News::CallerUp),
        (2.0, News::LegEnded),
    ])
}

fn mishap(chance: &mut Chance) -> Mishap {
    match chance.below(3) {
        0 => Mishap::Lost,
        1 => Mishap::Doubled,
        _ => Mishap::Late(chance.between(Duration::from_millis(50), Duration::from_secs(20))),
    }
}

//! Queues and who serves them: what is written makes sense together.

use super::check::{Check, listed};
use super::plan::{Queue, QueueStep, Seat, Sticky, Strategy};
use super::queue::{QueueConfig, StepConfig};
use super::switch::{AgentConfig, SwitchConfig};
use crate::hours::minute_of_day;
use crate::id::{QueueId, SkillId};
use crate::number::Number;
use serde_spanned::Spanned;
use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

/// Best level of a skill.
const LEVEL_MAX: u32 = 10;
/// Most tiers, classes, and priorities of a seat.
const RANKS_MAX: u32 = 9;
/// Most steps of one queue.
const STEPS_MAX: usize = 8;
/// Most points of priority, up or down: a day of waiting.
const POINTS_MAX: i32 = 1440;
/// Most skills that a queue asks for or an agent has.
const SKILLS_MAX: usize = 32;

type Written = BTreeMap<Spanned<String>, Spanned<u32>>;

impl Check<'_> {
    pub(super) fn minute_of_day(&mut self, key: &str, value: &Spanned<String>) -> u16 {
        let minute = minute_of_day(value.get_ref()).and_then(|minute| u16::try_from(minute).ok());
        minute.filter(|minute| *minute < 1440).unwrap_or_else(|| {
            let what = format!("`{}` is no time of day", value.get_ref());
            self.wrong(key, value, what, "HH:MM, 00:00 to 23:59");
            0
        })
    }

    pub(super) fn queues(&mut self, configs: &[QueueConfig]) -> (BTreeMap<QueueId, Queue>, Vec<QueueId>) {
        let (mut queues, mut order) = (BTreeMap::new(), Vec::new());
        for config in configs {
            let id: QueueId = self.unique("queue.id", &config.id, &queues);
            let needs = self.levels("queue.skills", &config.skills);
            let strategy = self.strategy(config.strategy.as_ref());
            let queue = Queue {
                id: id.clone(),
                name: config.name.clone(),
                strategy,
                ring_timeout: self.seconds("queue.ring_timeout_s", &config.ring_timeout_s, 1),
                ring_next: self.seconds("queue.ring_next_s", &config.ring_next_s, 1),
                wrap_up: self.wrap_up("queue", config.wrap_up_mode.as_ref(), config.wrap_up_s.as_ref()),
                auto_answer: config.auto_answer,
                max_wait: self.seconds("queue.max_wait_s", &config.max_wait_s, 1),
                short_abandon: self.seconds("queue.short_abandon_s", &config.short_abandon_s, 0),
                callers_max: self.count("queue.callers_max", &config.callers_max, 100_000),
                extension: config.extension.as_ref().map(|number| Number::from(number.get_ref().as_str())),
                music: self.prompt("queue.music", config.music.as_ref()),
                announce: self.prompt("queue.announce", config.announce.as_ref()),
                red_flag: config.red_flag,
                class: self.rank("queue.class", &config.class),
                priority: self.points("queue.priority", &config.priority),
                steps: self.steps(config, &needs),
                needs,
                sticky: config.sticky.as_ref().map(|sticky| Sticky {
                    window: Duration::from_secs(u64::from(
                        self.amount("queue.sticky.hours", &sticky.hours, 1, 24 * 365) * 3600,
                    )),
                    idle: self.seconds("queue.sticky.idle_s", &sticky.idle_s, 1),
                    busy: self.seconds("queue.sticky.busy_s", &sticky.busy_s, 1),
                }),
                comfort: self.comfort(config, strategy),
                vacancy: self.vacancy(config.empty.as_ref()),
                overflow: Vec::new(),
                closing: None,
                whisper: config.whisper.as_ref().map(|config| self.whisper(config)),
                agent_number: config.agent_number.as_ref().map(|config| self.agent_number(config)),
                callback: None,
                survey: self.survey(config),
                reconnect: self.seconds("queue.reconnect_s", &config.reconnect_s, 0),
                handling: self.seconds("queue.handling_s", &config.handling_s, 1),
            };
            order.push(id.clone());
            queues.insert(id, queue);
        }
        (queues, order)
    }

    fn strategy(&mut self, written: Option<&Spanned<String>>) -> Strategy {
        let Some(written) = written else { return Strategy::LongestIdle };
        let found = Strategy::ALL.iter().find(|(word, _)| word == written.get_ref());
        found.map_or_else(
            || {
                let what = format!("`{}` is no strategy", written.get_ref());
                self.wrong(
                    "queue.strategy",
                    written,
                    what,
                    listed(Strategy::ALL.iter().map(|(word, _)| word)),
                );
                Strategy::LongestIdle
            },
            |(_, strategy)| *strategy,
        )
    }

    fn rank(&mut self, key: &str, value: &Spanned<u32>) -> u8 {
        u8::try_from(self.amount(key, value, 1, RANKS_MAX)).unwrap_or(1)
    }

    fn points(&mut self, key: &str, value: &Spanned<i32>) -> i32 {
        let points = *value.get_ref();
        if !(-POINTS_MAX..=POINTS_MAX).contains(&points) {
            let allowed = format!("{} to {POINTS_MAX}", -POINTS_MAX);
            self.wrong(key, value, format!("{points} is out of range"), allowed);
        }
        points.clamp(-POINTS_MAX, POINTS_MAX)
    }

    pub(super) fn levels(&mut self, key: &str, written: &Written) -> BTreeMap<SkillId, u8> {
        let mut levels = BTreeMap::new();
        for (skill, level) in written {
            let id = SkillId::from(self.id(key, skill));
            levels.insert(id, u8::try_from(self.amount(key, level, 1, LEVEL_MAX)).unwrap_or(1));
        }
        if let Some((first, _)) = written.iter().next().filter(|_| written.len() > SKILLS_MAX) {
            let what = format!("{} skills are too many", written.len());
            self.wrong(key, first, what, format!("{SKILLS_MAX} or fewer"));
        }
        levels
    }

    fn steps(&mut self, config: &QueueConfig, needs: &BTreeMap<SkillId, u8>) -> Vec<QueueStep> {
        if let Some(ninth) = config.step.get(STEPS_MAX) {
            self.wrong("queue.step", &ninth.at_s, "one step too many", format!("{STEPS_MAX} steps"));
        }
        let (mut steps, mut before, mut asked) = (Vec::new(), None, needs.clone());
        for step in config.step.iter().take(STEPS_MAX) {
            let at = self.seconds("queue.step.at_s", &step.at_s, 0);
            if let Some(before) = before.filter(|before| *before >= at) {
                let what = format!("step at {} s does not come after the one before", at.as_secs());
                let allowed = format!("more than {}", Duration::as_secs(&before));
                self.wrong("queue.step.at_s", &step.at_s, what, allowed);
            }
            before = Some(at);
            steps.push(self.step(step, at, &mut asked));
        }
        steps
    }

    /// `asked` is what is still asked for before this step, then after it.
    fn step(&mut self, config: &StepConfig, at: Duration, asked: &mut BTreeMap<SkillId, u8>) -> QueueStep {
        let tiers = config.tier.as_ref().map(|tier| {
            let tier = self.rank("queue.step.tier", tier);
            if config.only { (tier, tier) } else { (1, tier) }
        });
        let lower = self.levels("queue.step.lower", &config.lower);
        for (skill, level) in &config.lower {
            let id = SkillId::from(skill.get_ref().as_str());
            let now = asked.get(&id).copied();
            if now.is_none_or(|now| u32::from(now) <= *level.get_ref()) {
                let allowed = match now {
                    Some(now) => format!("less than {now}"),
                    None => format!("one of those still asked for: {}", listed(asked.keys())),
                };
                let what = format!("`{id}` = {} lowers nothing", level.get_ref());
                self.wrong("queue.step.lower", skill, what, allowed);
            }
        }
        asked.extend(lower.clone());
        let mut dropped = BTreeSet::new();
        for skill in &config.drop {
            let id = SkillId::from(skill.get_ref().as_str());
            if asked.remove(&id).is_none() {
                let what = format!("`{id}` is not asked for");
                self.wrong("queue.step.drop", skill, what, listed(asked.keys()));
            }
            dropped.insert(id);
        }
        if tiers.is_none() && lower.is_empty() && dropped.is_empty() {
            self.wrong("queue.step", &config.at_s, "changes nothing", "tier, drop or lower");
        }
        QueueStep { at, tiers, drop: dropped, lower }
    }

    /// A skill that nobody has is a slip of the pen: its callers would be served by nobody before a step drops it.
    pub(super) fn known_skills(&mut self, config: &SwitchConfig) {
        let known: BTreeSet<&str> = config
            .agent
            .iter()
            .flat_map(|agent| agent.skills.keys().map(|skill| skill.get_ref().as_str()))
            .collect();
        for queue in &config.queue {
            for skill in queue.skills.keys().filter(|skill| !known.contains(skill.get_ref().as_str())) {
                let what = format!("no agent has skill `{}`", skill.get_ref());
                self.wrong("queue.skills", skill, what, listed(known.iter()));
            }
        }
    }

    pub(super) fn agent_skills(&mut self, agent: &AgentConfig) -> BTreeMap<SkillId, u8> {
        self.levels("agent.skills", &agent.skills)
    }

    /// The queues that an agent serves, and how.
    pub(super) fn seats(
        &mut self,
        agent: &AgentConfig,
        queues: &BTreeMap<QueueId, Queue>,
    ) -> BTreeMap<QueueId, Seat> {
        let mut seats = BTreeMap::new();
        let plain = agent.queues.iter().map(|queue| ("agent.queues", queue, None));
        let written = agent.queue.iter().map(|seat| ("agent.queue.id", &seat.id, Some(seat)));
        for (key, queue, config) in plain.chain(written) {
            let id = QueueId::from(queue.get_ref().as_str());
            let known = queues.get(&id);
            if known.is_none() {
                let what = format!("queue `{id}` is not known");
                self.wrong(key, queue, what, listed(queues.keys()));
            }
            let seat = config.map_or_else(Seat::default, |config| Seat {
                priority: self.rank("agent.queue.priority", &config.priority),
                delay: self.seconds("agent.queue.delay_s", &config.delay_s, 0),
                tier: self.rank("agent.queue.tier", &config.tier),
                weight: self.amount("agent.queue.weight", &config.weight, 1, 1000),
            });
            if let (Some(known), Some(config)) = (known, config) {
                let steps = known.steps.iter().filter_map(|step| step.tiers);
                let asked =
                    seat.tier == 1 || steps.clone().any(|(from, to)| (from..=to).contains(&seat.tier));
                if !asked {
                    let what = format!("tier {} of queue `{id}` is never asked", seat.tier);
                    let allowed =
                        format!("1, or a tier of the queue's steps: {}", listed(steps.map(|(_, to)| to)));
                    self.wrong("agent.queue.tier", &config.tier, what, allowed);
                }
            }
            if seats.insert(id.clone(), seat).is_some() {
                self.wrong(key, queue, format!("queue `{id}` is there twice"), "each queue once");
            }
        }
        seats
    }
}

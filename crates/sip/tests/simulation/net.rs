//! A network that loses, doubles, delays and reorders datagrams, and is at times cut altogether.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use careline_sip::Transmit;

use crate::dice::Dice;

/// The longest a datagram travels, milliseconds. Below T1, so that a copy never outlives the transaction it repeats.
const DELAY_MS_MAX: u64 = 300;

/// How bad the network is, in percent.
#[derive(Clone, Copy, Debug)]
pub struct Weather {
    pub lost: u64,
    pub doubled: u64,
    /// Datagrams that take their time, so that later ones overtake them.
    pub late: u64,
    /// From when to when nothing gets through.
    pub cut: Option<(Duration, Duration)>,
}

impl Weather {
    pub fn of(dice: &mut Dice) -> Self {
        let cut = dice.percent(10).then(|| {
            let from = dice.ms(0, 30_000);
            (from, from + dice.ms(500, 90_000))
        });
        Self {
            lost: dice.one_of(&[0, 0, 2, 10, 30]),
            doubled: dice.one_of(&[0, 2, 10]),
            late: dice.one_of(&[0, 10, 50]),
            cut,
        }
    }
}

impl Weather {
    /// Whether whatever is sent ten times gets through.
    pub fn is_fair(&self) -> bool {
        self.cut.is_none() && self.lost <= 10
    }
}

pub struct Net {
    weather: Weather,
    start: Instant,
    dice: Dice,
    flying: BTreeMap<(Instant, u64), Transmit>,
    count: u64,
}

impl Net {
    pub fn new(weather: Weather, start: Instant, dice: Dice) -> Self {
        Self { weather, start, dice, flying: BTreeMap::new(), count: 0 }
    }

    pub fn send(&mut self, now: Instant, transmit: Transmit) {
        let passed = now.duration_since(self.start);
        let is_cut = self.weather.cut.is_some_and(|(from, to)| (from..to).contains(&passed));
        let copies = if self.dice.percent(self.weather.doubled) { 2 } else { 1 };
        for _ in 0..copies {
            if is_cut || self.dice.percent(self.weather.lost) {
                continue;
            }
            let late = self.dice.percent(self.weather.late);
            let delay = if late { self.dice.ms(20, DELAY_MS_MAX) } else { self.dice.ms(5, 20) };
            self.count += 1;
            self.flying.insert((now + delay, self.count), transmit.clone());
        }
    }

    pub fn next(&self) -> Option<Instant> {
        self.flying.first_key_value().map(|((at, _), _)| *at)
    }

    pub fn arrived(&mut self, now: Instant) -> Option<Transmit> {
        let first = self.flying.first_entry().filter(|one| one.key().0 <= now)?;
        Some(first.remove())
    }
}

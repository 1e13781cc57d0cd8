//! The network: datagrams take a moment, and some get lost, come twice, or late and so out of order.

use crate::chance::Chance;
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Datagrams on the way; what comes then is lost.
const ON_THE_WAY_MAX: usize = 100_000;

/// What befalls datagrams, as shares of all.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Weather {
    /// Lost.
    pub lost: f64,
    /// Delivered twice.
    pub doubled: f64,
    /// Delivered up to a second late.
    pub late: f64,
}

impl Weather {
    /// A bad day of a hospital's network.
    pub const USUAL: Self = Self { lost: 0.01, doubled: 0.005, late: 0.01 };
}

/// For whom a datagram is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum To {
    /// The switch, from this peer.
    Switch(usize),
    Peer(usize),
}

/// What is on the way.
#[derive(Debug)]
pub(super) struct Post {
    weather: Weather,
    chance: Chance,
    on_the_way: BTreeMap<(Instant, u64), (To, Vec<u8>)>,
    sent: u64,
    lost: u64,
    doubled: u64,
    late: u64,
}

impl Post {
    pub(super) fn new(weather: Weather, chance: Chance) -> Self {
        Self { weather, chance, on_the_way: BTreeMap::new(), sent: 0, lost: 0, doubled: 0, late: 0 }
    }

    pub(super) fn send(&mut self, to: To, bytes: Vec<u8>, now: Instant) {
        if self.chance.is(self.weather.lost) || self.on_the_way.len() >= ON_THE_WAY_MAX {
            self.lost += 1;
            return;
        }
        let mut takes = Duration::from_millis(2) + Duration::from_millis(4).mul_f64(self.chance.unit());
        if self.chance.is(self.weather.late) {
            self.late += 1;
            takes += Duration::from_millis(900).mul_f64(self.chance.unit());
        }
        if self.chance.is(self.weather.doubled) {
            self.doubled += 1;
            let again = takes + Duration::from_millis(300).mul_f64(self.chance.unit());
            self.put(now + again, to, bytes.clone());
        }
        self.put(now + takes, to, bytes);
    }

    fn put(&mut self, at: Instant, to: To, bytes: Vec<u8>) {
        self.sent += 1;
        self.on_the_way.insert((at, self.sent), (to, bytes));
    }

    pub(super) fn next(&self) -> Option<Instant> {
        self.on_the_way.first_key_value().map(|((at, _), _)| *at)
    }

    /// The next one that is there by now.
    pub(super) fn arrived(&mut self, now: Instant) -> Option<(To, Vec<u8>)> {
        if self.next()? > now {
            return None;
        }
        self.on_the_way.pop_first().map(|(_, datagram)| datagram)
    }

    pub(super) fn counts(&self) -> BTreeMap<&'static str, u64> {
        BTreeMap::from([
            ("datagram_lost", self.lost),
            ("datagram_doubled", self.doubled),
            ("datagram_late", self.late),
        ])
    }
}

//! The packets that wait, in order, and their memory.

use std::collections::VecDeque;

use super::{Arrived, PACKETS_MAX};

/// One packet that waits. Times are in timestamp units, extended to 64 bits.
#[derive(Debug)]
pub(super) struct Waiting {
    pub(super) extended: u64,
    pub(super) timestamp: i64,
    pub(super) units: i64,
    pub(super) is_noise: bool,
    pub(super) payload: Vec<u8>,
}

/// Packets by number.
#[derive(Debug)]
pub(super) struct Store {
    waiting: VecDeque<Waiting>,
    /// Memory that was used before.
    free: Vec<Vec<u8>>,
    payload_bytes_max: usize,
}

impl Store {
    pub(super) fn new(payload_bytes_max: usize) -> Self {
        Self { waiting: VecDeque::new(), free: Vec::new(), payload_bytes_max }
    }

    /// False: full, or there already.
    pub(super) fn insert(&mut self, packet: &Arrived<'_>, timestamp: i64, units: i64) -> bool {
        // Nearly always at the end.
        let at = self
            .waiting
            .iter()
            .rposition(|waiting| waiting.extended <= packet.extended)
            .map_or(0, |before| before + 1);
        let is_there = at > 0 && self.waiting[at - 1].extended == packet.extended;
        if is_there || self.waiting.len() >= PACKETS_MAX {
            return false;
        }
        let mut payload = self.free.pop().unwrap_or_else(|| Vec::with_capacity(self.payload_bytes_max));
        payload.clear();
        payload.extend_from_slice(packet.payload);
        self.waiting.insert(
            at,
            Waiting { extended: packet.extended, timestamp, units, is_noise: packet.is_noise, payload },
        );
        true
    }

    pub(super) fn front(&self) -> Option<&Waiting> {
        self.waiting.front()
    }

    pub(super) fn pop(&mut self) -> Option<Waiting> {
        self.waiting.pop_front()
    }

    /// Takes memory back.
    pub(super) fn recycle(&mut self, payload: Vec<u8>) {
        if self.free.len() < PACKETS_MAX {
            self.free.push(payload);
        }
    }

    pub(super) fn len(&self) -> usize {
        self.waiting.len()
    }

    pub(super) fn clear(&mut self) {
        while let Some(waiting) = self.waiting.pop_front() {
            self.recycle(waiting.payload);
        }
    }
}

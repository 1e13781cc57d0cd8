//! A leg goes over into another call's group: who listens to an agent goes with her from call to call, who picks up a
//! parked caller comes from a call of her own.
//!
//! ```text
//! same thread:     the leg leaves one group and is in the other
//! another thread:  Expect --> taker        orders for the leg wait there
//!                  HandOver --> giver      it lets go of the leg, with its sockets, keys and counters
//!                  Adopt --> taker         the leg is here; the orders that waited are obeyed
//! ```
//! No thread waits for the other. The leg keeps its sockets, its latch, its keys and its numbers, so that its peer notices
//! nothing but that it hears others.

use std::os::fd::OwnedFd;
use std::sync::Arc;

use super::due::watch;
use super::leg::Leg;
use super::mixing::Membership;
use super::{Order, Worker};
use crate::channel::Sender;
use crate::command::{Command, LegId};
use crate::event::MediaEvent;

/// Orders that may wait for a leg on its way; what comes beyond is counted as ignored.
const ORDERS_MAX: usize = 64;

/// Where another thread takes its orders.
#[derive(Debug)]
pub(crate) struct Door {
    pub(crate) orders: Sender<Order>,
    pub(crate) wake: Arc<OwnedFd>,
}

/// A leg on its way from one thread to another, and the group that it will be in.
#[derive(Debug)]
pub(crate) struct Handed {
    leg: Leg,
    group: u64,
}

impl Worker {
    /// Keeps an order for a leg that is on its way here; gives it back otherwise.
    pub(super) fn unless_expected(&mut self, order: Order) -> Option<Order> {
        if self.expected.is_empty() {
            return Some(order);
        }
        let legs = match &order {
            Order::Command(command) => legs_of(command),
            Order::HandOver { leg, .. } => [Some(*leg), None],
            Order::Expect(_) | Order::Adopt { .. } | Order::Shutdown => [None; 2],
        };
        let leg = legs.into_iter().flatten().find(|leg| self.expected.contains_key(leg));
        let Some(waiting) = leg.and_then(|leg| self.expected.get_mut(&leg)) else { return Some(order) };
        if waiting.len() < ORDERS_MAX {
            waiting.push(order);
        } else {
            self.tally.commands_ignored += 1;
        }
        None
    }

    /// The leg stays with this thread and goes over into another group.
    pub(super) fn regroup(&mut self, id: LegId, group: u64) {
        let Some(slot) = self.slot(id) else { return };
        self.part(slot);
        let Some(leg) = self.legs[slot].as_mut().filter(|leg| leg.group != group) else { return };
        let before = std::mem::replace(&mut leg.group, group);
        (leg.membership, leg.also_hears) = (Membership::default(), Vec::new());
        for track in std::mem::take(&mut leg.tracks).into_iter().flatten() {
            self.leave_recording(track);
        }
        self.leave_group(slot, before);
        self.groups.entry(group).or_default().push(slot);
        self.refresh_pacing(slot);
    }

    /// Lets go of a leg, for another thread.
    pub(super) fn hand_over(&mut self, id: LegId, group: u64, door: &Door) {
        let leg = self.by_id.remove(&id).and_then(|slot| self.take_out(slot));
        if let Some(leg) = &leg {
            self.unwatch_control(&leg.control);
            self.tally.legs -= 1;
        }
        let handed = leg.map(|leg| Box::new(Handed { leg, group }));
        // A full queue ends the leg: its call centre is told, as of any leg that is lost.
        if door.orders.try_send(Order::Adopt { leg: id, handed }).is_err() {
            tracing::error!(leg = id.0, "a leg was lost on its way to another media thread");
            self.events.send(MediaEvent::TimedOut { leg: id });
        }
        let _ = rustix::io::write(&*door.wake, &1u64.to_ne_bytes());
    }

    /// A leg from another thread, and what was ordered for it meanwhile.
    pub(super) fn adopt(&mut self, id: LegId, handed: Option<Box<Handed>>) {
        let waiting = self.expected.remove(&id).unwrap_or_default();
        if let Some(handed) = handed {
            let Handed { leg, group } = *handed;
            self.take_in(leg, group);
        }
        for order in waiting {
            self.take_order(order);
        }
    }

    fn take_in(&mut self, mut leg: Leg, group: u64) {
        let (id, slot) = (leg.id, self.free.pop().unwrap_or(self.legs.len()));
        if slot == self.legs.len() {
            self.legs.push(None);
        }
        self.streams += 1;
        leg.group = group;
        // Names of streams are those of a thread.
        leg.stream = self.streams;
        (leg.membership, leg.also_hears, leg.paced) = (Membership::default(), Vec::new(), false);
        (leg.tracks, leg.unread, leg.due) = (Default::default(), false, None);
        // What waits in the socket already is told of when it is added.
        let watched = watch(&self.epoll, slot, &leg);
        if let Err(error) = watched.and_then(|()| self.watch_control(slot, &leg.control)) {
            tracing::error!(leg = id.0, %error, "failed to take over a leg");
            self.free.push(slot);
            let quality = Self::say_bye(&mut leg, self.now);
            return self.events.send(MediaEvent::LegClosed { leg: id, stats: leg.totals(), quality });
        }
        self.legs[slot] = Some(leg);
        self.by_id.insert(id, slot);
        self.groups.entry(group).or_default().push(slot);
        self.tally.legs += 1;
        self.refresh_pacing(slot);
    }
}

/// The legs that an order cannot be obeyed without.
fn legs_of(command: &Command) -> [Option<LegId>; 2] {
    match command {
        Command::Open { leg, .. }
        | Command::Remote { leg, .. }
        | Command::Play { leg, .. }
        | Command::StopPlay { leg }
        | Command::Music { leg, .. }
        | Command::Echo { leg, .. }
        | Command::WatchTones { leg, .. }
        | Command::Regroup { leg, .. }
        | Command::Overhear { leg, .. }
        | Command::SendKey { leg, .. }
        | Command::SeekKeys { leg, .. }
        | Command::RecordOne { leg, .. }
        | Command::PlaySound { leg, .. }
        | Command::MaskDigits { leg, .. }
        | Command::Close { leg } => [Some(*leg), None],
        Command::Bridge { a, b } | Command::Unbridge { a, b } => [Some(*a), Some(*b)],
        Command::Record { left, right, .. } => [Some(*left), Some(*right)],
        Command::StopRecording { .. } | Command::PauseRecording { .. } | Command::ResumeRecording { .. } => {
            [None; 2]
        }
    }
}

//! Looking at a socket when its next packet is due, instead of being told that it has come.
//!
//! ```text
//!           enough packets at their pace, and the thread works in ticks
//!   told --------------------------------------------------------------> looked at when due
//!        <--------------------------------------------------------------
//!           nothing came in time, or out of its time, or no ticks any more
//! ```
//! A socket that the kernel watches costs twice: its readiness is collected, and each packet that leaves by it wakes the
//! watch once more, for there is room to write again. Together that is a fifth of a relayed packet. A voice comes every
//! 20 ms; who knows that needs nobody to tell.
//!
//! The look is at the first tick at which the packet can be there: every now and then one tick earlier is tried, and a
//! stream that was late so many times running is looked at one tick later from then on. So no packet waits longer than
//! the tick that it would have waited for anyway.

use rustix::event::epoll;

use super::leg::Leg;
use super::{PHASE, Worker, phase_at};

/// Ticks that the wheel holds: longer than any step and its looks.
const WHEEL: u64 = 64;
/// Shortest and longest time between two packets of a stream that is looked at, in ticks.
const STEPS: std::ops::RangeInclusive<u64> = 4..=40;
/// Packets at their pace, one after the other, after which the next ones are looked for.
pub(super) const RUN_MIN: u8 = 8;
/// Looks in vain for one packet, one a tick, after which the kernel is to tell.
const MISSES_MAX: u64 = 4;
/// Packets running that were not there at the first look, after which the first look comes later.
const LATE_MAX: u8 = 8;
/// Every so many packets one tick earlier is tried.
const EARLY_EVERY: u8 = 16;

/// When a socket is looked at. In ticks of the phase grid.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Due {
    /// The next look.
    at: u64,
    /// The first look for this packet.
    first: u64,
    step: u64,
    /// The first look is the one tick earlier that is tried.
    is_trial: bool,
    late: u8,
    since_trial: u8,
}

impl Due {
    /// A packet was read in tick `now`; the next ones come `step` later each.
    fn begin(now: u64, step: u64) -> Self {
        let at = now + step;
        Self { at, first: at, step, is_trial: false, late: 0, since_trial: 0 }
    }

    /// The packet was there; `now` may be later than the look was due.
    fn found(&mut self, now: u64) {
        // What a trial shows in vain is that the tick after it is the right one.
        let usual = if self.is_trial && self.at > self.first { self.first + 1 } else { self.first };
        self.late = if self.at > usual { self.late + 1 } else { 0 };
        let mut next = usual + self.step;
        if self.late >= LATE_MAX {
            self.late = 0;
            next += 1;
        }
        self.since_trial += 1;
        self.is_trial = self.since_trial >= EARLY_EVERY && self.late == 0;
        if self.is_trial {
            self.since_trial = 0;
            next -= 1;
        }
        self.at = next.max(now + 1);
        self.first = self.at;
    }

    /// It was not; false: it is not looked for any longer.
    fn missed(&mut self, now: u64) -> bool {
        self.at = now + 1;
        self.at - self.first <= MISSES_MAX
    }
}

/// Who is looked at when.
#[derive(Debug)]
pub(super) struct Wheel {
    places: [Vec<usize>; WHEEL as usize],
    /// The next tick whose looks are due.
    next: u64,
}

impl Wheel {
    pub(super) fn new(now: u64) -> Self {
        Self { places: std::array::from_fn(|_| Vec::new()), next: now + 1 }
    }

    fn put(&mut self, slot: usize, at: u64) {
        self.places[(at % WHEEL) as usize].push(slot);
    }
}

impl Worker {
    /// Looks at every socket whose packet is due.
    pub(super) fn look_at_due(&mut self) {
        let now = phase_at(self.now);
        let first = self.wheel.next.max((now + 1).saturating_sub(WHEEL));
        for tick in first..=now {
            let place = (tick % WHEEL) as usize;
            let mut slots = std::mem::take(&mut self.wheel.places[place]);
            for slot in slots.drain(..) {
                self.look(slot, tick, now);
            }
            // Nothing is ever put where it has just been taken from; the room is kept.
            if self.wheel.places[place].is_empty() {
                self.wheel.places[place] = slots;
            }
        }
        self.wheel.next = self.wheel.next.max(now + 1);
    }

    fn look(&mut self, slot: usize, tick: u64, now: u64) {
        // The slot may have another leg by now, and the leg another tick.
        let due = self.legs.get(slot).and_then(Option::as_ref).and_then(|leg| leg.due);
        if due.is_none_or(|due| due.at > now || due.at % WHEEL != tick % WHEEL) {
            return;
        }
        let before = self.tally.received;
        self.readable(slot);
        let has_come = self.tally.received != before;
        self.tally.looks += 1;
        self.tally.looks_in_vain += u64::from(!has_come);
        let Some(leg) = self.legs[slot].as_mut() else { return };
        let Some(due) = &mut leg.due else { return };
        let goes_on = if has_come {
            due.found(now);
            leg.pace.run() > 0
        } else {
            due.missed(now)
        };
        match due.at {
            at if goes_on && self.is_ticking => self.wheel.put(slot, at),
            _ => self.be_told(slot),
        }
    }

    /// A stream that keeps its pace is looked at from now on. To be called after a packet in its time.
    pub(super) fn look_from_now_on(&mut self, slot: usize) {
        let Some(leg) = self.legs[slot].as_mut() else { return };
        if !self.is_ticking || leg.due.is_some() || leg.pace.run() < RUN_MIN {
            return;
        }
        let step = leg.pace.step().as_micros() as u64;
        let ticks = step / PHASE.as_micros() as u64;
        let is_whole = step.is_multiple_of(PHASE.as_micros() as u64);
        if is_whole && STEPS.contains(&ticks) && epoll::delete(&self.epoll, leg.socket()).is_ok() {
            let due = Due::begin(phase_at(self.now), ticks);
            leg.due = Some(due);
            self.wheel.put(slot, due.at);
        }
    }

    /// From now on the kernel tells when something comes, and at once what has come already.
    fn be_told(&mut self, slot: usize) {
        let Some(leg) = self.legs[slot].as_mut() else { return };
        leg.due = None;
        leg.pace.begin_again();
        if let Err(error) = watch(&self.epoll, slot, leg) {
            // No memory, or no watches left: nobody goes deaf for that.
            tracing::warn!(leg = leg.id.0, %error, "a media socket cannot be watched");
            let due = Due::begin(phase_at(self.now), 1);
            leg.due = Some(due);
            self.wheel.put(slot, due.at);
        }
    }

    /// Few packets are taken as they come.
    pub(super) fn stop_ticking(&mut self) {
        self.is_ticking = false;
        for slot in 0..self.legs.len() {
            if self.legs[slot].as_ref().is_some_and(|leg| leg.due.is_some()) {
                self.be_told(slot);
            }
        }
    }
}

/// Lets the kernel tell when something comes to a leg, once for all that has come.
pub(super) fn watch(epoll: &rustix::fd::OwnedFd, slot: usize, leg: &Leg) -> rustix::io::Result<()> {
    let once = epoll::EventFlags::IN | epoll::EventFlags::ET;
    epoll::add(epoll, leg.socket(), epoll::EventData::new_u64(slot as u64), once)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Ticks at which the packets of a stream are read, and the looks at it; packet n comes `comes(n)` ticks after the
    /// first, and can be read in the tick after.
    fn read(packets: u64, comes: impl Fn(u64) -> u64) -> (Vec<u64>, usize) {
        let mut due = Due::begin(1000, 10);
        let (mut found, mut looks) = (Vec::new(), 0);
        for packet in 1..packets {
            loop {
                looks += 1;
                let now = due.at;
                if 1000 + comes(packet) <= now {
                    due.found(now);
                    found.push(now - 1000 - comes(packet));
                    break;
                }
                assert!(due.missed(now), "packet {packet} was given up");
            }
        }
        (found, looks)
    }

    #[test]
    fn a_steady_stream_is_looked_at_once_a_packet_and_never_waits() {
        let (waits, looks) = read(1000, |packet| packet * 10);
        assert!(waits.iter().all(|&wait| wait == 0), "{waits:?}");
        assert!(looks < 1070, "{looks} looks for 1000 packets");
    }

    #[test]
    fn packets_that_are_late_now_and_then_do_not_make_the_others_wait() {
        let (waits, _) = read(1000, |packet| packet * 10 + if packet % 5 == 0 { 3 } else { 0 });
        assert!(waits.iter().all(|&wait| wait == 0), "{waits:?}");
    }

    #[test]
    fn a_stream_is_followed_where_its_clock_takes_it() {
        // One tick in 50 packets: 0.2 %, more than any clock is off.
        let (waits, looks) = read(5000, |packet| packet * 10 + packet / 50);
        assert!(waits.iter().all(|&wait| wait == 0) && looks < 6500, "{looks}");
        let (waits, looks) = read(5000, |packet| packet * 10 - packet / 50);
        let waiting: u64 = waits.iter().sum();
        assert!(waits.iter().all(|&wait| wait <= 1) && waiting < 2000 && looks < 5500, "{waiting} {looks}");
    }

    #[test]
    fn who_is_not_there_after_some_looks_is_not_looked_for() {
        let mut due = Due::begin(0, 10);
        let looks = (10..).take_while(|&now| due.missed(now)).count();
        assert_eq!(looks as u64, MISSES_MAX);
    }

    #[test]
    fn a_thread_that_was_late_looks_ahead_again() {
        let mut due = Due::begin(0, 10);
        due.found(95);
        assert_eq!(due.at, 96);
    }
}

//! One media thread: waits for packets, commands and deadlines, and does what is due. Its parts: [`commands`] obeys
//! the switch, [`receive`] handles packets, [`playout`] sends prompts and music, [`recordings`] begins and ends recordings.
//!
//! ```text
//! few packets:   epoll_wait until a packet, a command or the next deadline (timerfd)
//! many packets:  sleep until the next tick, then take everything that has come
//! ```

mod audible;
mod commands;
mod control;
mod counters;
mod due;
mod keys;
mod leg;
mod mixing;
mod moving;
mod pace;
mod place;
mod playout;
mod progress;
mod receive;
mod recordings;

use std::collections::HashMap;
use std::os::fd::OwnedFd;
use std::sync::Arc;
use std::time::Duration;

use rustix::buffer::spare_capacity;
use rustix::event::epoll;
use rustix::thread::{ClockId as SleepClock, clock_nanosleep_absolute};
use rustix::time::{
    ClockId, Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, clock_gettime,
    timerfd_create, timerfd_settime,
};

use crate::channel::{Receiver, Sender, channel};
use crate::command::{Command, LegId};
use crate::config::MediaConfig;
use crate::engine::MediaError;
use crate::event::{EventSender, MediaEvent};
use crate::mixer::pool::{DONE_MAX, PoolHandle, Task};
use crate::prompts::Prompts;
use crate::recorder::Feed;
use crate::recorder::capture::Capture;
pub(crate) use counters::{Counters, Tally};
use due::Wheel;
use leg::Leg;
use mixing::Mixing;
pub(crate) use moving::{Door, Handed};

/// From this many packets a second on, taken and sent, a thread coalesces them in ticks: 50 voices in and out.
pub const BUSY_PACKETS_MIN: u64 = 5000;
/// Below this many it takes them as they come again.
pub const QUIET_PACKETS_MAX: u64 = 3000;
/// Largest datagram taken; longer ones are cut off and then refused as malformed or ignored.
const DATAGRAM_BYTES_MAX: usize = 2048;
/// Readiness reports taken at once.
const READY_MAX: usize = 1024;
/// How often readiness is asked for in one turn before deadlines get theirs.
const POLLS_MAX: usize = 8;
/// Phases of a frame: every paced leg belongs to one.
const PHASES: u64 = 10;
/// Time between two phases.
const PHASE: Duration = Duration::from_millis(2);
/// Length of a frame.
const FRAME: Duration = Duration::from_millis(20);
/// How often time-outs, keys without an end and recordings are looked after.
const HOUSEKEEPING: Duration = Duration::from_millis(50);
/// Housekeepings over which the load is taken.
const LOAD_OVER: u64 = 4;
/// Legs are looked after in turns, so that thousands of them do not fill the cache twenty times a second.
const SLICES: usize = 4;

const WAKE: u64 = u64::MAX;
const TIMER: u64 = u64::MAX - 1;
/// Marks the control socket of a slot.
const CONTROL: u64 = 1 << 32;

/// What comes through the queue of a thread.
#[derive(Debug)]
pub(crate) enum Order {
    Command(Command),
    /// A leg is to be given to another thread.
    HandOver {
        leg: LegId,
        group: u64,
        door: Door,
    },
    /// A leg will come from another thread; orders for it wait.
    Expect(LegId),
    /// It is here; `None`: it had ended.
    Adopt {
        leg: LegId,
        handed: Option<Box<Handed>>,
    },
    Shutdown,
}

/// What joins a media thread to the rest of the engine.
pub(crate) struct Ties {
    pub(crate) orders: Receiver<Order>,
    pub(crate) wake: Arc<OwnedFd>,
    pub(crate) events: EventSender,
    pub(crate) feed: Feed,
    pub(crate) counters: Arc<Counters>,
    pub(crate) pool: PoolHandle,
}

/// A media thread's state.
pub(crate) struct Worker {
    config: MediaConfig,
    prompts: Arc<Prompts>,
    orders: Receiver<Order>,
    wake: Arc<OwnedFd>,
    events: EventSender,
    feed: Feed,
    counters: Arc<Counters>,
    tally: Tally,
    epoll: OwnedFd,
    timer: OwnedFd,
    /// Deadline to which the timer is set.
    timer_at: Option<Duration>,
    datagram: Box<[u8; DATAGRAM_BYTES_MAX]>,
    /// Packets are coalesced in ticks.
    is_ticking: bool,
    /// Packets a second, over the last few housekeepings.
    load: u64,
    /// Packets taken and sent until the last housekeeping.
    handled: u64,
    /// Legs whose sockets are looked at.
    wheel: Wheel,
    /// Legs whose sockets hold more than a turn's share.
    unread: Vec<usize>,
    legs: Vec<Option<Leg>>,
    free: Vec<usize>,
    by_id: HashMap<LegId, usize>,
    /// Slots of the legs that may hear each other.
    groups: HashMap<u64, Vec<usize>>,
    /// Orders for legs that are on their way here.
    expected: HashMap<LegId, Vec<Order>>,
    mixings: Vec<Option<Mixing>>,
    mixing_serial: u64,
    /// Groups to look at again before this turn ends.
    changed_groups: Vec<u64>,
    pool: PoolHandle,
    /// Frames back from the pool.
    done: Receiver<Task>,
    done_sender: Sender<Task>,
    captures: Vec<Option<Capture>>,
    phases: [Vec<usize>; PHASES as usize],
    /// Source of [`Leg::stream`].
    streams: u64,
    /// Unix time when the monotonic clock was zero, as seen at the start: reports do not follow a clock that is set.
    unix_at_zero: Duration,
    /// Monotonic clock, read once per turn.
    now: Duration,
    /// The next tick of the phase grid, counted from the clock's zero.
    next_phase: u64,
    housekeeping_at: Duration,
    /// Whose turn it is.
    slice: usize,
}

impl Worker {
    pub(crate) fn new(config: MediaConfig, prompts: Arc<Prompts>, ties: Ties) -> Result<Self, MediaError> {
        let Ties { orders, wake, events, feed, counters, pool } = ties;
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let timer =
            timerfd_create(TimerfdClockId::Monotonic, TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC)?;
        epoll::add(&epoll, &*wake, epoll::EventData::new_u64(WAKE), epoll::EventFlags::IN)?;
        // Edge-triggered: setting it anew is enough, nothing has to be read.
        let timer_flags = epoll::EventFlags::IN | epoll::EventFlags::ET;
        epoll::add(&epoll, &timer, epoll::EventData::new_u64(TIMER), timer_flags)?;
        let now = monotonic();
        let (done_sender, done) = channel(DONE_MAX);
        Ok(Self {
            config,
            prompts,
            orders,
            wake,
            events,
            feed,
            counters,
            tally: Tally::default(),
            epoll,
            timer,
            timer_at: None,
            datagram: Box::new([0; DATAGRAM_BYTES_MAX]),
            is_ticking: false,
            load: 0,
            handled: 0,
            wheel: Wheel::new(phase_at(now)),
            unread: Vec::new(),
            legs: Vec::new(),
            free: Vec::new(),
            by_id: HashMap::new(),
            groups: HashMap::new(),
            expected: HashMap::new(),
            mixings: Vec::new(),
            mixing_serial: 0,
            changed_groups: Vec::new(),
            pool,
            done,
            done_sender,
            captures: Vec::new(),
            phases: Default::default(),
            streams: 0,
            unix_at_zero: unix().saturating_sub(now),
            now,
            next_phase: phase_at(now) + 1,
            housekeeping_at: now,
            slice: 0,
        })
    }

    /// Until the shutdown is ordered; `index` among the media threads.
    pub(crate) fn run(mut self, index: usize) {
        place::take(&self.config, index);
        let mut ready = Vec::with_capacity(READY_MAX);
        while self.turn(&mut ready) {}
        self.close_all();
        self.feed.drain();
        self.events.flush();
        self.counters.publish(&self.tally);
    }

    /// One wake-up. False: end.
    fn turn(&mut self, ready: &mut Vec<epoll::Event>) -> bool {
        self.wait(ready);
        self.now = monotonic();
        self.tally.wakes += 1;
        let mut commands_wait = false;
        self.read_on();
        for _ in 0..POLLS_MAX {
            for event in &*ready {
                match event.data.u64() {
                    WAKE => commands_wait = true,
                    TIMER => self.timer_at = None,
                    slot if slot & CONTROL != 0 => self.control_readable((slot & !CONTROL) as usize),
                    slot => self.readable(slot as usize),
                }
            }
            if ready.len() < READY_MAX || commands_wait {
                break;
            }
            self.poll(ready, Some(&Timespec::default()));
        }
        self.look_at_due();
        let go_on = !commands_wait || self.take_orders();
        if !self.mixings.is_empty() {
            self.take_mixed();
        }
        self.playout();
        if self.now >= self.housekeeping_at {
            self.weigh_load();
            self.housekeeping_at = self.now + HOUSEKEEPING;
            self.housekeeping();
        }
        while let Some(group) = self.changed_groups.pop() {
            self.refresh_group(group);
        }
        self.events.flush();
        self.counters.publish(&self.tally);
        go_on
    }

    fn wait(&mut self, ready: &mut Vec<epoll::Event>) {
        if self.is_ticking {
            let tick = self.config.tick.as_nanos() as u64;
            let next = (monotonic().as_nanos() as u64 / tick + 1) * tick;
            // An interrupted sleep only means an early turn.
            let _ = clock_nanosleep_absolute(SleepClock::Monotonic, &timespec(Duration::from_nanos(next)));
            self.poll(ready, Some(&Timespec::default()));
        } else {
            self.set_timer();
            let at_once = Timespec::default();
            self.poll(ready, (!self.unread.is_empty()).then_some(&at_once));
        }
    }

    fn poll(&self, ready: &mut Vec<epoll::Event>, timeout: Option<&Timespec>) {
        ready.clear();
        // Interrupted by a signal: nothing is ready, the turn does what is due.
        let _ = epoll::wait(&self.epoll, spare_capacity(ready), timeout);
    }

    /// Sets the timer to the next deadline, if it is not set to it already.
    fn set_timer(&mut self) {
        let idle = self.by_id.is_empty() && self.captures.iter().all(Option::is_none);
        let deadline = match (self.next_paced(), idle) {
            (Some(paced), _) => Some(paced.min(self.housekeeping_at)),
            (None, false) => Some(self.housekeeping_at),
            (None, true) => Some(self.now + Duration::from_secs(1)),
        };
        if deadline == self.timer_at {
            return;
        }
        let value = deadline.map_or_else(Timespec::default, timespec);
        let setting = Itimerspec { it_interval: Timespec::default(), it_value: value };
        match timerfd_settime(&self.timer, TimerfdTimerFlags::ABSTIME, &setting) {
            Ok(_) => self.timer_at = deadline,
            Err(error) => tracing::error!(%error, "the media timer cannot be set"),
        }
    }

    /// Ticks or not, by what there was to do lately.
    fn weigh_load(&mut self) {
        let handled = self.tally.received + self.tally.sent;
        let since = (self.now + HOUSEKEEPING).saturating_sub(self.housekeeping_at).as_micros() as u64;
        let rate = (handled - self.handled) * 1_000_000 / since.max(1);
        self.handled = handled;
        self.load = (self.load * (LOAD_OVER - 1) + rate) / LOAD_OVER;
        if self.load >= BUSY_PACKETS_MIN && !self.config.tick.is_zero() {
            self.is_ticking = true;
        } else if self.is_ticking && self.load < QUIET_PACKETS_MAX {
            self.stop_ticking();
        }
    }

    /// Gives time-outs, ends of keys, recordings and waiting events their turn.
    fn housekeeping(&mut self) {
        let now = self.now;
        self.slice = (self.slice + 1) % SLICES;
        for slot in (self.slice..self.legs.len()).step_by(SLICES) {
            let Some(leg) = self.legs[slot].as_mut() else { continue };
            if leg.pace.has_paused(now) {
                self.readable(slot);
            }
            let Some(leg) = self.legs[slot].as_mut() else { continue };
            let ended = leg.digits.expire(now);
            if leg.is_connected() && leg.latch.is_silent(now) {
                leg.disconnect();
            }
            let silent = now.saturating_sub(leg.heard_at) >= self.config.media_timeout;
            if leg.may_receive && silent && !leg.timed_out {
                leg.timed_out = true;
                self.events.send(MediaEvent::TimedOut { leg: leg.id });
            }
            if let Some(digit) = ended {
                self.pressed(slot, digit);
            }
            self.report(slot);
        }
        for capture in self.captures.iter_mut().flatten() {
            if capture.turn(now, &mut self.feed) {
                let id = Arc::clone(&capture.id);
                self.events.send(MediaEvent::RecordingResumed { id });
            }
            if capture.take_sound() {
                self.events.send(MediaEvent::Heard { id: Arc::clone(&capture.id) });
            }
        }
        self.feed.flush();
        self.events.flush();
    }
}

/// The clock of the media threads.
fn monotonic() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

/// The wall clock.
fn unix() -> Duration {
    let time = clock_gettime(ClockId::Realtime);
    Duration::new(u64::try_from(time.tv_sec).unwrap_or(0), time.tv_nsec as u32)
}

fn timespec(time: Duration) -> Timespec {
    Timespec { tv_sec: time.as_secs() as i64, tv_nsec: i64::from(time.subsec_nanos()) }
}

/// The last tick of the phase grid at or before `time`.
fn phase_at(time: Duration) -> u64 {
    (time.as_nanos() / PHASE.as_nanos()) as u64
}

/// When a tick of the phase grid is due.
fn phase_due(tick: u64) -> Duration {
    Duration::from_nanos(tick * PHASE.as_nanos() as u64)
}

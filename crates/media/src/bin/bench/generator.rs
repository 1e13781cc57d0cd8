//! The phones: a process of its own, so that its work is not counted as the engine's.
//!
//! Conversation on stdin and stdout, one line of JSON each: [`Plan`] in; the phones' ports out; a [`Line`] for each of
//! them in; [`BEGUN`] out when the measured window begins, [`ENDED`] when it ends; [`Totals`] out. Phones 2n and 2n+1
//! talk with each other; in the scenarios without a partner everybody only talks to the engine. Who only listens says
//! something at the beginning, as every phone does: it is latched by that. From then on it says a packet twice a second, as
//! a phone that leaves out silence: one that says nothing for a second may have moved, and costs the engine more.

use std::io::{BufRead, Write};
use std::net::UdpSocket;
use std::time::Duration;

use careline_rtp::packet::HEADER_BYTES;
use careline_rtp::srtp;
use rustix::event::Timespec;
use rustix::thread::clock_nanosleep_absolute;
use rustix::time::{ClockId, clock_gettime};

use crate::Failed;
use crate::payload::{self, Said};
use crate::scenario::{Expect, Line, Plan, WARM_UP};

/// First argument of the generator process.
pub(crate) const ARGUMENT: &str = "generator";
/// Slots of 250 us in a frame of 20 ms; each phone belongs to one.
const SLOTS: u64 = 80;
/// The line that tells that the window has begun.
pub(crate) const BEGUN: &str = "begun";
/// The line that tells that it has ended.
pub(crate) const ENDED: &str = "ended";
/// Who only listens says one packet in so many frames.
const SIGN_EVERY_FRAMES: u64 = 25;
/// Length of a slot.
const SLOT: Duration = Duration::from_micros(250);
/// After the last packet, listening goes on for this long.
const TAIL: Duration = Duration::from_millis(500);
/// A packet is first looked for so many slots before the last one came in its frame.
const LOOK_AHEAD_SLOTS: u64 = 2;
/// After so many looks in vain a phone is looked at once in [`SELDOM_SLOTS`]: it hears nothing just now.
const LOOKS_IN_VAIN_MAX: u32 = 32;
/// 5 ms.
const SELDOM_SLOTS: u64 = 20;
/// Steps of the histograms: 10 us each, the last one takes the rest.
const STEPS: usize = 10_000;

/// What the phones have seen in the measured window.
#[derive(Clone, Default, serde::Serialize, serde::Deserialize)]
pub(crate) struct Totals {
    /// Packets sent that should have come out somewhere.
    pub(crate) sent: u64,
    /// Packets received with the right payload.
    pub(crate) received: u64,
    /// Packets received with another payload than was said.
    pub(crate) wrong: u64,
    /// From a phone's sending to the other's receiving, 99 of 100, microseconds.
    pub(crate) latency_p99_us: u64,
    /// How much later than 20 ms after the one before a paced packet came, 99 of 100, microseconds.
    pub(crate) pacing_p99_us: u64,
    /// Slots begun more than one slot late: the generator itself was held up.
    pub(crate) slots_late: u64,
}

/// Counts by 10 us.
struct Histogram(Vec<u64>);

impl Histogram {
    fn add(&mut self, value: Duration) {
        let step = (value.as_micros() as usize / 10).min(STEPS - 1);
        self.0[step] += 1;
    }

    fn p99_us(&self) -> u64 {
        let total: u64 = self.0.iter().sum();
        let mut seen = 0;
        let step = self.0.iter().position(|count| {
            seen += count;
            seen * 100 >= total * 99
        });
        step.unwrap_or(0) as u64 * 10
    }
}

struct Phone {
    socket: UdpSocket,
    index: u32,
    payload_type: u8,
    sequence: u16,
    timestamp: u32,
    crypto: Option<(srtp::Sender, srtp::Receiver)>,
    heard_at: Option<Duration>,
    /// Looks since the last packet.
    looks_in_vain: u32,
}

struct Crowd {
    phones: Vec<Phone>,
    plan: Plan,
    /// Who is to be looked at in which slot of a frame.
    looks: [Vec<usize>; SLOTS as usize],
    totals: Totals,
    latency: Histogram,
    pacing: Histogram,
    counting: bool,
}

/// The whole life of the process.
pub(crate) fn run() -> Result<(), Failed> {
    let mut lines = std::io::stdin().lock().lines();
    let mut line = || lines.next().ok_or_else(|| Failed::new("the bench has gone".to_owned()));
    let plan: Plan = serde_json::from_str(&line()??)?;
    let mut sockets = Vec::with_capacity(plan.phones);
    for _ in 0..plan.phones {
        sockets.push(UdpSocket::bind("127.0.0.1:0")?);
    }
    let own: Vec<u16> =
        sockets.iter().map(|socket| socket.local_addr().map(|own| own.port())).collect::<Result<_, _>>()?;
    say(&serde_json::to_string(&own)?)?;
    let lines: Vec<Line> = serde_json::from_str(&line()??)?;
    let mut phones = Vec::with_capacity(plan.phones);
    for (index, (socket, line)) in sockets.into_iter().zip(lines).enumerate() {
        socket.connect(("127.0.0.1", line.port))?;
        socket.set_nonblocking(true)?;
        let crypto = line.keys.map(|keys| keys.crypto()).transpose()?;
        let (index, payload_type) = (index as u32, line.payload_type);
        let (sequence, timestamp, heard_at, looks_in_vain) = (0, 0, None, 0);
        let phone =
            Phone { socket, index, payload_type, sequence, timestamp, crypto, heard_at, looks_in_vain };
        phones.push(phone);
    }
    let histogram = || Histogram(vec![0; STEPS]);
    let (latency, pacing) = (histogram(), histogram());
    let totals = Totals::default();
    let mut looks = std::array::from_fn(|_| Vec::new());
    (0..phones.len()).for_each(|index| looks[index % SLOTS as usize].push(index));
    let mut crowd = Crowd { phones, plan, looks, totals, latency, pacing, counting: false };
    crowd.talk()?;
    crowd.totals.latency_p99_us = crowd.latency.p99_us();
    crowd.totals.pacing_p99_us = crowd.pacing.p99_us();
    say(&serde_json::to_string(&crowd.totals)?)
}

fn say(line: &str) -> Result<(), Failed> {
    let mut out = std::io::stdout().lock();
    writeln!(out, "{line}")?;
    Ok(out.flush()?)
}

impl Crowd {
    /// Warm-up, then the window in which every packet counts; then the tail.
    fn talk(&mut self) -> Result<(), Failed> {
        let start = monotonic();
        let slots = |time: Duration| (time.as_nanos() / SLOT.as_nanos()) as u64;
        let warm = slots(WARM_UP);
        let end = warm + slots(Duration::from_secs(self.plan.seconds));
        let talk_until = if self.plan.expect == Expect::Paced { warm / 2 } else { end };
        for slot in 0..end + slots(TAIL) {
            let due = start + SLOT * u32::try_from(slot).unwrap_or(u32::MAX);
            sleep_until(due);
            self.look(slot);
            self.counting = (warm..end).contains(&slot);
            match slot {
                _ if slot == warm => say(BEGUN)?,
                _ if slot == end => say(ENDED)?,
                _ => {}
            }
            self.totals.slots_late += u64::from(self.counting && monotonic() > due + SLOT * 2);
            let is_sign_of_life = slot < end && (slot / SLOTS).is_multiple_of(SIGN_EVERY_FRAMES);
            if slot < talk_until || is_sign_of_life {
                for index in (slot % SLOTS..self.phones.len() as u64).step_by(SLOTS as usize) {
                    self.speak(index as usize);
                }
            }
        }
        Ok(())
    }

    /// Reads what has come for those whose packets are due. Nobody is told of a packet: to be woken by each of them
    /// would be charged to the engine, whose packets these are, and a network card is not woken by another host. So what
    /// comes is seen up to a slot later than it came.
    fn look(&mut self, slot: u64) {
        let place = (slot % SLOTS) as usize;
        let mut due = std::mem::take(&mut self.looks[place]);
        for index in due.drain(..) {
            let found = self.listen(index);
            while found && self.listen(index) {}
            let phone = &mut self.phones[index];
            phone.looks_in_vain = if found { 0 } else { phone.looks_in_vain.saturating_add(1) };
            let next = match phone.looks_in_vain {
                0 => SLOTS - LOOK_AHEAD_SLOTS,
                1..=LOOKS_IN_VAIN_MAX => 1,
                _ => SELDOM_SLOTS,
            };
            self.looks[((slot + next) % SLOTS) as usize].push(index);
        }
        // Its room is kept.
        if self.looks[place].is_empty() {
            self.looks[place] = due;
        }
    }

    fn speak(&mut self, index: usize) {
        let phone = &mut self.phones[index];
        let said = Said {
            phone: phone.index,
            payload_type: phone.payload_type,
            sequence: phone.sequence,
            counts: self.counting,
        };
        let mut packet = [0; payload::BUFFER_BYTES];
        let mut length = payload::write(&mut packet, &self.plan, &said, phone.timestamp, monotonic());
        phone.sequence = phone.sequence.wrapping_add(1);
        phone.timestamp = phone.timestamp.wrapping_add(self.plan.units_per_frame(phone.index));
        if let Some((sender, _)) = &mut phone.crypto {
            let Ok(protected) = sender.protect(&mut packet, length) else { return };
            length = protected;
        }
        let sent = phone.socket.send(&packet[..length]).is_ok();
        self.totals.sent += u64::from(sent && self.counting && self.plan.expect == Expect::Echoes);
    }

    /// Takes one packet; false: there is none.
    fn listen(&mut self, index: usize) -> bool {
        let phone = &mut self.phones[index];
        let mut buffer = [0; 2048];
        let Ok(mut length) = phone.socket.recv(&mut buffer) else { return false };
        let now = monotonic();
        if let Some((_, receiver)) = &mut phone.crypto {
            let Ok(opened) = receiver.unprotect(&mut buffer[..length]) else {
                // What came before the sockets were connected may have been somebody else's.
                self.totals.wrong += u64::from(self.counting);
                return true;
            };
            length = opened;
        }
        if length <= HEADER_BYTES {
            return true;
        }
        if self.plan.expect == Expect::Echoes {
            let partner = (index ^ 1) as u32;
            match payload::read(&buffer[..length], partner) {
                Some(read) if read.counts => {
                    self.totals.received += 1;
                    self.latency.add(now.saturating_sub(read.said_at));
                }
                Some(_) => {}
                None => self.totals.wrong += u64::from(self.counting),
            }
            return true;
        }
        if self.counting {
            self.totals.received += 1;
            if let Some(before) = phone.heard_at {
                self.pacing.add((now - before).saturating_sub(Duration::from_millis(20)));
            }
        }
        phone.heard_at = Some(now);
        true
    }
}

fn sleep_until(due: Duration) {
    let until = Timespec { tv_sec: due.as_secs() as i64, tv_nsec: i64::from(due.subsec_nanos()) };
    let _ = clock_nanosleep_absolute(ClockId::Monotonic, &until);
}

fn monotonic() -> Duration {
    let time = clock_gettime(ClockId::Monotonic);
    Duration::new(time.tv_sec as u64, time.tv_nsec as u32)
}

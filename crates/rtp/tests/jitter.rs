//! The jitter buffer in simulated time: what the listener hears on networks good and bad.

use std::collections::BTreeSet;
use std::time::Duration;

use careline_rtp::jitter::{Adjust, Arrived, Buffer, CONCEALED_MAX, Config, PACKETS_MAX, Pulled, Put};
use proptest::prelude::*;

const FRAME_US: u64 = 20_000;

fn us(us: u64) -> Duration {
    Duration::from_micros(us)
}

/// Numbers that look random and are the same each time.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// A packet on its way. `at`: when it arrives, microseconds.
#[derive(Clone, Copy)]
struct OnTheWay {
    at: u64,
    extended: u64,
    timestamp: u32,
    units: u32,
    is_noise: bool,
}

/// `count` packets of 20 ms at 8 kHz, sent from `start` on by a clock that runs `skew_ppm` fast.
fn stream(count: u64, start_us: u64, skew_ppm: i64) -> Vec<OnTheWay> {
    let step = FRAME_US as f64 / (1.0 + skew_ppm as f64 / 1e6);
    (0..count)
        .map(|n| OnTheWay {
            at: start_us + (step * n as f64) as u64,
            extended: 70_000 + n,
            timestamp: (1_000_000 + 160 * n) as u32,
            units: 160,
            is_noise: false,
        })
        .collect()
}

/// What the listener heard in 20 ms.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Heard {
    Voice,
    Concealed,
    Silence,
    Nothing,
}

/// A caller as the media thread is one: keeps what it decoded, obeys when it can.
struct Listener {
    buffer: Buffer,
    left: i64,
    heard: Vec<Heard>,
    /// Numbers of what was played.
    played: Vec<u64>,
    recovered: usize,
    shortened: u64,
    lengthened: u64,
    delay_max: f64,
}

impl Listener {
    fn new(config: Config) -> Self {
        Self {
            buffer: Buffer::new(config),
            left: 0,
            heard: Vec::new(),
            played: Vec::new(),
            recovered: 0,
            shortened: 0,
            lengthened: 0,
            delay_max: 0.0,
        }
    }

    fn tick(&mut self, now: Duration, quiet: bool) {
        let frame = i64::from(self.buffer.frame_units());
        let mut heard = Heard::Voice;
        while self.left < frame {
            match self.buffer.pull(now, quiet) {
                Pulled::Frame { payload, units, adjust } => {
                    self.played.push(u64::from_be_bytes(payload[..8].try_into().expect("a number")));
                    self.left += i64::from(units);
                    match adjust {
                        Adjust::Keep => {}
                        Adjust::Shorten(units) => {
                            self.left -= i64::from(units).min(frame);
                            self.shortened += u64::from(units);
                        }
                        Adjust::Lengthen(units) => {
                            self.left += i64::from(units);
                            self.lengthened += u64::from(units);
                        }
                    }
                }
                Pulled::Lost { units, next } => {
                    assert!(units > 0 && i64::from(units) <= frame);
                    self.recovered += usize::from(next.is_some());
                    self.left += i64::from(units);
                    heard = Heard::Concealed;
                }
                Pulled::Silence { units, .. } => {
                    self.left += i64::from(units);
                    heard = Heard::Silence;
                }
                Pulled::Wait { units } => {
                    self.left += i64::from(units);
                    heard = Heard::Nothing;
                }
            }
        }
        self.left -= frame;
        self.heard.push(heard);
        self.delay_max = self.delay_max.max(self.buffer.stats().delay_ms);
        assert!(self.buffer.waiting() <= PACKETS_MAX);
    }

    /// Plays from 0 to `until_us`, a frame each 20 ms, and takes the packets as they arrive.
    fn run(&mut self, mut packets: Vec<OnTheWay>, until_us: u64, quiet: impl Fn(u64) -> bool) {
        packets.sort_by_key(|packet| packet.at);
        let mut packets = packets.into_iter().peekable();
        let from = self.heard.len() as u64;
        for tick in from.. {
            let now = tick * FRAME_US + 3_000;
            if now >= until_us {
                break;
            }
            while let Some(packet) = packets.next_if(|packet| packet.at <= now) {
                self.put(packet);
            }
            self.tick(us(now), quiet(tick));
        }
    }

    fn put(&mut self, packet: OnTheWay) -> Put {
        let mut payload = [0; 160];
        payload[..8].copy_from_slice(&packet.extended.to_be_bytes());
        let arrived = Arrived {
            extended: packet.extended,
            timestamp: packet.timestamp,
            units: packet.units,
            payload: &payload,
            is_noise: packet.is_noise,
        };
        self.buffer.put(&arrived, us(packet.at))
    }

    fn count(&self, wanted: Heard) -> usize {
        self.heard.iter().filter(|heard| **heard == wanted).count()
    }

    /// The longest time without voice, in frames, after the first voice.
    fn longest_gap(&self) -> usize {
        let from = self.heard.iter().position(|heard| *heard == Heard::Voice).expect("voice");
        let voice = self.heard.iter().rposition(|heard| *heard == Heard::Voice).expect("voice");
        self.heard[from..=voice].split(|heard| *heard == Heard::Voice).map(<[Heard]>::len).max().unwrap_or(0)
    }

    fn assert_in_order(&self) {
        assert!(self.played.windows(2).all(|pair| pair[0] < pair[1]), "played twice or out of order");
    }
}

fn listener() -> Listener {
    Listener::new(Config::new(8000))
}

const TALKING: fn(u64) -> bool = |_| false;
/// Every fifth second is quiet.
const WITH_PAUSES: fn(u64) -> bool = |tick| tick % 250 < 50;

#[test]
fn on_a_steady_network_everything_is_heard_at_once_and_with_one_frame_of_delay() {
    let mut listener = listener();
    listener.run(stream(3000, 0, 0), 60_000_000, WITH_PAUSES);
    // The first frame is played at the first tick after its packet came.
    assert_eq!(listener.heard[0], Heard::Voice);
    assert_eq!(listener.longest_gap(), 0);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert_eq!((stats.lost, stats.late, stats.concealed_units), (0, 0, 0));
    assert!(stats.delay_ms <= 30.0 && stats.target_ms <= 20.0, "{stats:?}");
}

#[test]
fn jitter_up_to_80_ms_is_taken_out_once_it_is_known() {
    let mut dice = Dice(1);
    let mut packets = stream(6000, 0, 0);
    for packet in &mut packets {
        packet.at += dice.below(80_000);
    }
    let mut listener = listener();
    listener.run(packets.clone(), 20_000_000, WITH_PAUSES);
    let early = listener.buffer.stats();
    listener.run(packets.split_off(1000), 120_000_000, WITH_PAUSES);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert!(stats.target_ms >= 70.0 && stats.target_ms <= 90.0, "{stats:?}");
    assert!(stats.delay_ms < 130.0, "{stats:?}");
    let concealed = (stats.concealed_units - early.concealed_units) as f64 / (5000.0 * 160.0);
    assert!(concealed < 0.02, "{concealed} {stats:?}");
    assert!(stats.lost - early.lost < 50, "{stats:?}");
    assert!(listener.longest_gap() <= 3);
}

#[test]
fn every_lost_packet_is_concealed_for_its_own_length_and_nothing_else_is() {
    let mut dice = Dice(2);
    let sent = stream(10_000, 0, 0);
    let packets: Vec<_> = sent.into_iter().filter(|_| dice.below(100) >= 5).collect();
    let arrived = packets.len();
    let mut listener = listener();
    listener.run(packets, 200_000_000, WITH_PAUSES);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert!(listener.played.len().abs_diff(arrived) <= 2);
    assert_eq!((stats.late, stats.skipped), (0, 0));
    let lost = 10_000 - arrived as u64;
    assert!(stats.lost.abs_diff(lost) <= 2, "{stats:?}");
    let concealed = stats.concealed_units as f64 / (160.0 * lost as f64);
    assert!((0.9..1.1).contains(&concealed), "{concealed}");
    assert!(stats.delay_ms <= 45.0, "{stats:?}");
}

#[test]
fn with_some_delay_the_packet_behind_a_lost_one_is_there_for_error_correction() {
    let mut dice = Dice(3);
    let mut packets = stream(4000, 0, 0);
    for packet in &mut packets {
        packet.at += dice.below(50_000);
    }
    packets.retain(|packet| packet.extended % 20 != 7);
    let mut listener = listener();
    listener.run(packets, 80_000_000, WITH_PAUSES);
    assert!(listener.recovered > 120, "{} of 200", listener.recovered);
}

#[test]
fn a_burst_of_loss_is_concealed_then_silent_and_the_voice_comes_back_in_time() {
    let mut packets = stream(500, 0, 0);
    packets.retain(|packet| !(70_200..70_212).contains(&packet.extended));
    let mut listener = listener();
    listener.run(packets, 10_000_000, TALKING);
    listener.assert_in_order();
    assert_eq!(listener.count(Heard::Concealed), CONCEALED_MAX as usize);
    assert!(listener.longest_gap() <= 13, "{}", listener.longest_gap());
    let stats = listener.buffer.stats();
    assert_eq!((stats.lost, stats.late), (12, 0));
    assert!(stats.delay_ms <= 45.0, "{stats:?}");
}

#[test]
fn a_stall_of_the_network_is_caught_up_with() {
    let mut packets = stream(1500, 0, 0);
    for packet in &mut packets {
        // What was sent in 150 ms comes at once.
        if (5_000_000..5_150_000).contains(&packet.at) {
            packet.at = 5_150_000;
        }
    }
    let mut listener = listener();
    listener.run(packets, 30_000_000, WITH_PAUSES);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert!(listener.longest_gap() <= 8, "{}", listener.longest_gap());
    assert!(stats.delay_ms <= 60.0, "{stats:?}");
    assert!(listener.shortened > 0);
}

#[test]
fn reordered_and_doubled_packets_are_counted_and_played_once_in_order() {
    let mut packets = stream(3000, 0, 0);
    for n in (500..2900).step_by(10) {
        let (a, b) = (packets[n].at, packets[n + 1].at);
        (packets[n].at, packets[n + 1].at) = (b + 1, a);
    }
    let doubled: Vec<_> =
        packets.iter().step_by(7).map(|packet| OnTheWay { at: packet.at + 5_000, ..*packet }).collect();
    let count = doubled.len() as u64;
    packets.extend(doubled);
    let mut listener = listener();
    listener.run(packets, 60_000_000, WITH_PAUSES);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert_eq!((stats.duplicates, stats.reordered >= 240), (count, true));
    assert!(stats.lost <= 3, "{stats:?}");
}

fn hours_of_skew(ppm: i64, quiet: fn(u64) -> bool) -> Listener {
    const HOURS: u64 = 3;
    let mut dice = Dice(4);
    let mut packets = stream(HOURS * 180_000, 0, ppm);
    for packet in &mut packets {
        packet.at += dice.below(6_000);
    }
    let mut listener = listener();
    listener.run(packets, HOURS * 3_600_000_000 - 4_000_000, quiet);
    listener.assert_in_order();
    listener
}

#[test]
fn a_clock_200_ppm_off_is_corrected_for_hours_without_a_gap() {
    for ppm in [200, -200] {
        let listener = hours_of_skew(ppm, WITH_PAUSES);
        let stats = listener.buffer.stats();
        assert!((stats.skew_ppm - ppm as f64).abs() < 25.0, "{ppm}: {stats:?}");
        assert!(
            stats.delay_ms < 60.0 && listener.delay_max < 60.0,
            "{ppm}: {stats:?} {}",
            listener.delay_max
        );
        assert!(stats.late + stats.lost + stats.skipped <= 1, "{ppm}: {stats:?}");
        assert!(listener.count(Heard::Concealed) <= 1, "{ppm}: {stats:?}");
        // 2.16 s in three hours, as what is left out or added.
        let corrected = if ppm > 0 { listener.shortened } else { listener.lengthened };
        assert!((15_000..20_500).contains(&corrected), "{ppm}: {corrected}");
    }
}

#[test]
fn skew_is_corrected_also_under_a_voice_that_never_pauses() {
    for ppm in [200, -200] {
        let listener = hours_of_skew(ppm, TALKING);
        let stats = listener.buffer.stats();
        assert!(listener.delay_max < 100.0, "{ppm}: {stats:?} {}", listener.delay_max);
        assert!(stats.skipped + stats.lost == 0, "{ppm}: {stats:?}");
        assert!(listener.longest_gap() <= 1, "{ppm}");
    }
}

#[test]
fn a_sender_ten_times_too_fast_fills_nothing_and_is_still_heard() {
    let packets: Vec<_> =
        stream(30_000, 0, 0).into_iter().map(|packet| OnTheWay { at: packet.at / 10, ..packet }).collect();
    let mut listener = listener();
    listener.run(packets, 60_000_000, TALKING);
    listener.assert_in_order();
    let stats = listener.buffer.stats();
    assert!(stats.skipped + stats.overflowed > 20_000, "{stats:?}");
    assert!(listener.count(Heard::Voice) > 2900 && listener.longest_gap() <= 3);
}

#[test]
fn nobody_pulling_fills_the_buffer_to_its_limit_only() {
    let mut listener = listener();
    for packet in stream(1000, 0, 0) {
        listener.put(packet);
    }
    assert_eq!(listener.buffer.waiting(), PACKETS_MAX);
    assert_eq!(listener.buffer.stats().overflowed, 1000 - PACKETS_MAX as u64);
    // And when somebody does, it is the newest that he hears soon.
    for tick in 0..50 {
        listener.tick(us(20_000_000 + tick * FRAME_US), false);
    }
    assert_eq!(listener.played, [70_000 + PACKETS_MAX as u64 - 1]);
}

/// Two seconds of talk, then a pause of a second that a comfort-noise packet announces, or nothing does.
fn with_pauses(announced: bool) -> Vec<OnTheWay> {
    let mut extended = 500;
    let mut packets = Vec::new();
    for packet in stream(6000, 0, 0) {
        let in_cycle = (packet.extended - 70_000) % 150;
        let is_noise = announced && in_cycle == 100;
        if in_cycle < 100 || is_noise {
            let units = if is_noise { 0 } else { 160 };
            packets.push(OnTheWay { extended, is_noise, units, ..packet });
            extended += 1;
        }
    }
    packets
}

#[test]
fn pauses_of_the_sender_are_silence_and_no_loss() {
    for announced in [true, false] {
        let mut listener = listener();
        listener.run(with_pauses(announced), 120_000_000, TALKING);
        listener.assert_in_order();
        let stats = listener.buffer.stats();
        assert_eq!((stats.lost, stats.late, stats.skipped), (0, 0, 0), "{announced}");
        assert_eq!(listener.played.len(), 4000);
        let concealed = listener.count(Heard::Concealed);
        let expected = if announced { 0 } else { 40 * CONCEALED_MAX as usize };
        assert!(concealed <= expected + 1, "{announced}: {concealed}");
        let silent = listener.count(Heard::Silence);
        assert!((1900 - expected..2040).contains(&silent), "{announced}: {silent}");
        assert!(stats.delay_ms <= 41.0, "{stats:?}");
    }
}

#[test]
fn the_delay_is_set_anew_in_each_pause() {
    // Bad for a minute, then good: no need to keep the delay.
    let mut dice = Dice(5);
    let mut packets = with_pauses(true);
    for packet in packets.iter_mut().filter(|packet| packet.at < 60_000_000) {
        packet.at += dice.below(80_000);
    }
    let mut listener = listener();
    listener.run(packets.clone(), 60_000_000, TALKING);
    assert!(listener.buffer.stats().delay_ms > 60.0, "{:?}", listener.buffer.stats());
    packets.retain(|packet| packet.at >= 60_000_000);
    listener.run(packets, 120_000_000, TALKING);
    assert!(listener.buffer.stats().delay_ms <= 45.0, "{:?}", listener.buffer.stats());
}

#[test]
fn a_change_of_the_stream_leaves_no_gap_over_60_ms() {
    type Change = fn(&mut OnTheWay);
    let changes: [(&str, Change); 4] = [
        ("timestamps back by half a second", |packet| packet.timestamp -= 4000),
        ("timestamps back by a minute", |packet| packet.timestamp -= 480_000),
        ("timestamps forward by half a second", |packet| packet.timestamp += 4000),
        ("timestamps forward by an hour", |packet| packet.timestamp += 28_800_000),
    ];
    for (name, change) in changes {
        let mut packets = stream(1000, 0, 0);
        packets[500..].iter_mut().for_each(change);
        let mut listener = listener();
        listener.run(packets, 20_000_000, TALKING);
        assert!(listener.longest_gap() <= 3, "{name}: {}", listener.longest_gap());
        listener.assert_in_order();
        let stats = listener.buffer.stats();
        assert!(stats.delay_ms < 60.0 && stats.late <= 3, "{name}: {stats:?}");
    }
}

#[test]
fn another_source_is_heard_from_its_first_packet_on() {
    let mut listener = listener();
    listener.run(stream(500, 0, 0), 10_000_000, TALKING);
    listener.buffer.restart();
    let mut other = stream(500, 10_001_000, 0);
    for packet in &mut other {
        packet.extended += 5_000_000;
        packet.timestamp = packet.timestamp.wrapping_sub(77_777_777);
    }
    listener.run(other, 19_900_000, TALKING);
    assert!(listener.longest_gap() <= 1, "{}", listener.longest_gap());
    assert_eq!((listener.buffer.stats().restarts, listener.buffer.stats().lost), (1, 0));
    listener.assert_in_order();
}

#[test]
fn packets_of_10_to_60_ms_cover_every_frame_on_both_clocks() {
    for clock in [8000u32, 48_000] {
        for length_ms in [10u64, 20, 30, 40, 60] {
            let units = clock / 1000 * length_ms as u32;
            let packets: Vec<_> = (0..30_000 / length_ms)
                .map(|n| OnTheWay {
                    at: n * length_ms * 1000,
                    extended: 65_536 + n,
                    timestamp: u32::MAX - 5000,
                    units,
                    is_noise: false,
                })
                .enumerate()
                .map(|(n, packet)| OnTheWay {
                    timestamp: packet.timestamp.wrapping_add(units.wrapping_mul(n as u32)),
                    ..packet
                })
                .collect();
            let count = packets.len();
            let mut listener = Listener::new(Config::new(clock));
            listener.run(packets, 30_000_000, WITH_PAUSES);
            let stats = listener.buffer.stats();
            assert!(listener.played.len() >= count - 3, "{clock} {length_ms}: {stats:?}");
            let concealed = listener.count(Heard::Concealed) + listener.count(Heard::Silence);
            assert!(concealed <= 4, "{clock} {length_ms}: {concealed} {stats:?}");
            assert_eq!((stats.lost, stats.late), (0, 0));
        }
    }
}

#[test]
fn what_does_not_fit_is_refused() {
    let mut buffer = Buffer::new(Config { payload_bytes_max: 100, ..Config::new(8000) });
    let mut put = |units, length: usize| {
        let payload = vec![0; length];
        let arrived = Arrived { extended: 1, timestamp: 1, units, payload: &payload, is_noise: false };
        buffer.put(&arrived, us(0))
    };
    assert_eq!(
        (put(160, 101), put(160, 0), put(0, 50), put(8000, 50)),
        (Put::Odd, Put::Odd, Put::Odd, Put::Odd)
    );
    assert_eq!((put(160, 100), put(160, 100)), (Put::Stored, Put::Duplicate));
    assert_eq!(buffer.stats().odd, 4);
}

proptest! {
    #[test]
    fn whatever_comes_the_buffer_stays_small_and_gives_each_packet_once(
        steps in prop::collection::vec(
            (any::<u8>(), any::<u64>(), any::<u32>(), any::<u32>(), 0..400usize, any::<u32>()), 1..300),
        clock in any::<u32>(),
    ) {
        let mut buffer = Buffer::new(Config::new(clock));
        let frame = buffer.frame_units();
        let mut given = BTreeSet::new();
        let (mut now, mut extended, mut timestamp) = (0u64, 1u64 << 40, 0u32);
        for (kind, far, any_timestamp, any_units, length, advance) in steps {
            now += u64::from(advance % 40_000);
            if kind % 3 == 0 {
                if let Pulled::Frame { payload, units, .. } = buffer.pull(us(now), kind % 2 == 0) {
                    prop_assert!(units > 0 && units <= 6 * frame + 6);
                    if payload.len() >= 8 {
                        prop_assert!(given.insert(payload[..8].to_vec()));
                    }
                }
                continue;
            }
            // Mostly a stream, sometimes anything.
            let wild = kind % 16 == 1;
            extended = if wild { far } else { extended.saturating_add(u64::from(kind % 4)) };
            timestamp = if wild { any_timestamp } else { timestamp.wrapping_add(frame) };
            let units = if kind % 8 == 1 { any_units } else { frame };
            let mut payload = vec![0; length];
            if length >= 8 {
                payload[..8].copy_from_slice(&far.to_be_bytes());
            }
            let arrived = Arrived { extended, timestamp, units, payload: &payload, is_noise: kind % 32 == 2 };
            buffer.put(&arrived, us(now));
            prop_assert!(buffer.waiting() <= PACKETS_MAX);
            prop_assert!(buffer.stats().delay_ms.is_finite());
        }
        buffer.restart();
        let fresh = matches!(buffer.pull(us(u64::MAX / 2), true), Pulled::Wait { .. });
        prop_assert!(fresh);
    }
}

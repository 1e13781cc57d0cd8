//! The reports of one leg.

use core::time::Duration;

use rtcp_types::{Bye, ReceiverReport, ReportBlock, RtcpPacketParser as _, SenderReport};

use super::build::{Compound, SenderPart};
use super::datagram::{self, NotRtcp};
use super::interval::Interval;
use super::reception::Reception;

/// Seconds from 1900, where NTP begins, to 1970.
const NTP_AT_UNIX_ZERO_S: u64 = 2_208_988_800;
/// A round trip that seems longer than this is a peer's wrong clock or an invention.
const ROUND_TRIP_MAX: Duration = Duration::from_secs(30);
/// An answer that seems to come up to this much before the question came at once: clocks are read at different moments.
const ROUND_TRIP_SLACK: i32 = 65_536 / 100;

/// What the peer says of our stream.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct PeerReport {
    /// Share lost since its last report, 0 to 1.
    pub fraction_lost: f64,
    /// Lost in all.
    pub lost: u64,
    /// Interarrival jitter there, milliseconds.
    pub jitter_ms: f64,
    /// To the peer and back; known once it has heard a report of ours.
    pub round_trip: Option<Duration>,
    /// When it came.
    pub at: Duration,
}

/// What one datagram told.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Learnt {
    /// About our stream.
    pub report: Option<PeerReport>,
    /// The peer's stream has ended. A hint: the call ends by signalling.
    pub bye: bool,
}

/// One direction of a leg.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Direction {
    /// Received by whoever receives, or sent, as far as this end knows.
    pub packets: u64,
    /// Never came.
    pub lost: u64,
    /// Interarrival jitter at the receiving end, milliseconds.
    pub jitter_ms: f64,
}

impl Direction {
    /// Share lost since `earlier`, 0 to 1; of nothing, nothing is lost. `received`: whether [`Direction::packets`] counts
    /// received packets (inbound) or sent ones (outbound).
    #[must_use]
    pub fn loss_since(&self, earlier: &Self, received: bool) -> f64 {
        let lost = self.lost.saturating_sub(earlier.lost) as f64;
        let packets = self.packets.saturating_sub(earlier.packets) as f64;
        let expected = if received { packets + lost } else { packets };
        if expected > 0.0 { (lost / expected).min(1.0) } else { 0.0 }
    }
}

/// Both directions.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Figures {
    /// From the peer to us, as we measured it. `packets` were received.
    pub inbound: Direction,
    /// From us to the peer. `packets` were sent; the rest is what the peer said last, `None` when it never did.
    pub outbound: Option<Direction>,
    /// Packets sent, also when the peer reports nothing.
    pub sent: u64,
    /// Last known.
    pub round_trip: Option<Duration>,
}

#[derive(Clone, Copy, Debug)]
struct Sent {
    timestamp: u32,
    at: Duration,
}

/// Reports both ways.
#[derive(Clone, Debug)]
pub struct Reports {
    ssrc: u32,
    clock: u32,
    cname: [u8; 16],
    /// From `now` to NTP.
    unix_at_zero: Duration,
    interval: Interval,
    inbound: Reception,
    sent_packets: u64,
    sent_octets: u64,
    last_sent: Option<Sent>,
    /// Packets sent as of the last two reports: an SR is due while something was sent since (section 6.4).
    sent_before: [u64; 2],
    /// SSRC, middle 32 bits of NTP time and arrival of the peer's last SR.
    last_sr: Option<(u32, u32, Duration)>,
    peer: Option<PeerReport>,
    refused: u64,
}

impl Reports {
    /// For a stream of ours with this SSRC and clock (timestamp units a second).
    ///
    /// `unix_at_zero` is the Unix time when `now` was zero; it is taken once, so that nothing happens when somebody sets
    /// the clock. `seed` is random: it moves the intervals and makes the canonical name (RFC 7022, one for each call).
    #[must_use]
    pub fn new(ssrc: u32, clock: u32, unix_at_zero: Duration, seed: u64, now: Duration) -> Self {
        let mut cname = [0; 16];
        for (nibble, letter) in cname.iter_mut().enumerate() {
            *letter = b"0123456789abcdef"[(seed.rotate_left(13) >> (4 * nibble) & 15) as usize];
        }
        Self {
            ssrc,
            clock,
            cname,
            unix_at_zero,
            interval: Interval::new(seed, now),
            inbound: Reception::new(clock),
            sent_packets: 0,
            sent_octets: 0,
            last_sent: None,
            sent_before: [0; 2],
            last_sr: None,
            peer: None,
            refused: 0,
        }
    }

    /// Another codec has another clock.
    pub fn set_clock(&mut self, clock: u32) {
        self.clock = clock;
        self.inbound.set_clock(clock);
        self.last_sent = None;
    }

    /// A valid packet of the peer; see [`Reception::received`].
    pub fn received(&mut self, ssrc: u32, extended: u64, timestamp: u32, now: Duration) {
        self.inbound.received(ssrc, extended, timestamp, now);
    }

    /// A packet that we sent, with its payload's length.
    pub fn sent(&mut self, timestamp: u32, payload_bytes: usize, now: Duration) {
        self.sent_packets += 1;
        self.sent_octets += payload_bytes as u64;
        self.last_sent = Some(Sent { timestamp, at: now });
    }

    /// When [`Reports::build`] has something to do.
    #[must_use]
    pub fn next_deadline(&self) -> Duration {
        self.interval.next()
    }

    /// Writes the report that is due, as a compound packet, and draws the next deadline; [`super::REPORT_BYTES_MAX`] is
    /// room enough. 0: nothing is due yet, or there is no room.
    pub fn build(&mut self, now: Duration, out: &mut [u8]) -> usize {
        if now < self.interval.next() {
            return 0;
        }
        self.interval.advance(now);
        self.write(now, false, out)
    }

    /// Writes the last report, with BYE, due or not.
    pub fn build_bye(&mut self, now: Duration, out: &mut [u8]) -> usize {
        self.write(now, true, out)
    }

    /// Takes what came from the peer.
    ///
    /// # Errors
    /// Why nothing of it is used; it is counted.
    pub fn handle(&mut self, now: Duration, datagram: &[u8]) -> Result<Learnt, NotRtcp> {
        let mut learnt = Learnt::default();
        let result = self.read(now, datagram, &mut learnt);
        self.refused += u64::from(result.is_err());
        result.map(|()| learnt)
    }

    /// Loss, jitter and round trip as known now.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let inbound = Direction {
            packets: self.inbound.packets(),
            lost: self.inbound.lost(),
            jitter_ms: self.inbound.jitter_ms(),
        };
        let outbound = self.peer.map(|peer| Direction {
            packets: self.sent_packets,
            lost: peer.lost,
            jitter_ms: peer.jitter_ms,
        });
        let round_trip = self.peer.and_then(|peer| peer.round_trip);
        Figures { inbound, outbound, sent: self.sent_packets, round_trip }
    }

    /// What the peer said last.
    #[must_use]
    pub fn peer(&self) -> Option<PeerReport> {
        self.peer
    }

    /// Datagrams that were no valid RTCP.
    #[must_use]
    pub fn refused(&self) -> u64 {
        self.refused
    }

    fn write(&mut self, now: Duration, bye: bool, out: &mut [u8]) -> usize {
        let [_, before_last] = self.sent_before;
        let sender = self.last_sent.filter(|_| self.sent_packets > before_last).map(|sent| SenderPart {
            ntp: self.ntp(now),
            timestamp: sent.timestamp.wrapping_add(self.units(now.saturating_sub(sent.at))),
            packets: self.sent_packets as u32,
            octets: self.sent_octets as u32,
        });
        self.sent_before = [self.sent_packets, self.sent_before[0]];
        let last_sr = self.last_sr.filter(|(ssrc, ..)| self.inbound.ssrc() == Some(*ssrc));
        let (last, delay) =
            last_sr.map_or((0, 0), |(_, ntp, at)| (ntp, short(now.saturating_sub(at)) as u32));
        let block = self.inbound.block().map(|block| (block, last, delay));
        let cname = core::str::from_utf8(&self.cname).expect("hexadecimal digits");
        Compound { ssrc: self.ssrc, sender, block, cname, bye }.write(out)
    }

    fn read(&mut self, now: Duration, datagram: &[u8], learnt: &mut Learnt) -> Result<(), NotRtcp> {
        // All of it before any of it counts.
        for (kind, packet) in datagram::packets(datagram)? {
            let is_whole = match kind {
                datagram::SR => SenderReport::parse(packet).is_ok(),
                datagram::RR => ReceiverReport::parse(packet).is_ok(),
                datagram::BYE => Bye::parse(packet).is_ok(),
                _ => true,
            };
            if !is_whole {
                return Err(NotRtcp::Truncated);
            }
        }
        for (kind, packet) in datagram::packets(datagram)? {
            match kind {
                datagram::SR => {
                    let report = SenderReport::parse(packet).map_err(|_| NotRtcp::Truncated)?;
                    self.last_sr = Some((report.ssrc(), (report.ntp_timestamp() >> 16) as u32, now));
                    self.read_blocks(now, report.report_blocks(), learnt);
                }
                datagram::RR => {
                    let report = ReceiverReport::parse(packet).map_err(|_| NotRtcp::Truncated)?;
                    self.read_blocks(now, report.report_blocks(), learnt);
                }
                datagram::BYE => {
                    let bye = Bye::parse(packet).map_err(|_| NotRtcp::Truncated)?;
                    // Of the stream we hear, or of a peer that never sent one.
                    learnt.bye |=
                        bye.ssrcs().any(|ssrc| self.inbound.ssrc().is_none_or(|known| known == ssrc));
                }
                _ => {}
            }
        }
        Ok(())
    }

    fn read_blocks<'a>(
        &mut self,
        now: Duration,
        blocks: impl Iterator<Item = ReportBlock<'a>>,
        learnt: &mut Learnt,
    ) {
        for block in blocks.filter(|block| block.ssrc() == self.ssrc) {
            // 24 bits, signed.
            let lost = (block.cumulative_lost() << 8).cast_signed() >> 8;
            let report = PeerReport {
                fraction_lost: f64::from(block.fraction_lost()) / 256.0,
                lost: u64::try_from(lost).unwrap_or(0).min(self.sent_packets),
                jitter_ms: f64::from(block.interarrival_jitter()) * 1000.0 / f64::from(self.clock.max(1)),
                round_trip: self.round_trip(now, &block).or(self.peer.and_then(|peer| peer.round_trip)),
                at: now,
            };
            self.peer = Some(report);
            learnt.report = Some(report);
        }
    }

    /// Section 6.4.1: now, minus when our report left, minus how long the peer kept it.
    fn round_trip(&self, now: Duration, block: &ReportBlock<'_>) -> Option<Duration> {
        let left = block.last_sender_report_timestamp();
        if left == 0 {
            return None;
        }
        let here = (self.ntp(now) >> 16) as u32;
        let kept = block.delay_since_last_sender_report_timestamp();
        let units = here.wrapping_sub(left).wrapping_sub(kept).cast_signed();
        if units < -ROUND_TRIP_SLACK {
            return None;
        }
        let round_trip = Duration::from_micros(u64::from(units.max(0).unsigned_abs()) * 1_000_000 / 65_536);
        (round_trip <= ROUND_TRIP_MAX).then_some(round_trip)
    }

    fn ntp(&self, now: Duration) -> u64 {
        let unix = self.unix_at_zero.saturating_add(now);
        let seconds = unix.as_secs().wrapping_add(NTP_AT_UNIX_ZERO_S);
        (seconds << 32) | ((u64::from(unix.subsec_nanos()) << 32) / 1_000_000_000)
    }

    fn units(&self, time: Duration) -> u32 {
        (time.as_micros() * u128::from(self.clock) / 1_000_000) as u32
    }
}

/// In 1/65536 s.
fn short(time: Duration) -> u64 {
    (time.as_micros() * 65_536 / 1_000_000) as u64
}

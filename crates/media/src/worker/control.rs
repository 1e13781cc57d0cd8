//! RTCP of the legs: what comes, what is due, and how good each direction was, every five seconds and at the end.

use std::io;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

use careline_audio::codec::CodecKind;
use careline_rtp::latch::RtcpLatch;
use careline_rtp::quality::{Codec, Path};
use careline_rtp::rtcp::{Direction, Figures, REPORT_BYTES_MAX};
use careline_rtp::srtp::RTCP_OVERHEAD_MAX;
use rustix::event::epoll;

use super::leg::Leg;
use super::{DATAGRAM_BYTES_MAX, Worker};
use crate::event::{MediaEvent, Quality, Reception};
use crate::remote::Rtcp;

/// How often a leg's quality is told.
pub(super) const QUALITY_EVERY: Duration = Duration::from_secs(5);
/// The length of our packets.
const PACKET: Duration = Duration::from_millis(20);
/// Reports are small; longer ones are cut off and then refused.
const REPORT_READ_MAX: usize = DATAGRAM_BYTES_MAX;
/// Most jitter that a phone's buffer makes up for.
const JITTER_BUFFER_MAX_MS: f64 = 200.0;

/// Where reports of one leg travel.
#[derive(Debug)]
pub(super) struct Control {
    /// The socket beside the RTP socket.
    pub(super) socket: Option<UdpSocket>,
    pub(super) latch: RtcpLatch,
    pub(super) route: Rtcp,
    /// When the quality is told next, and what was known last time.
    pub(super) quality_at: Duration,
    pub(super) before: Figures,
}

impl Control {
    pub(super) fn new(socket: Option<UdpSocket>, now: Duration) -> io::Result<Self> {
        if let Some(socket) = &socket {
            socket.set_nonblocking(true)?;
        }
        Ok(Self {
            socket,
            latch: RtcpLatch::default(),
            route: Rtcp::Off,
            quality_at: now + QUALITY_EVERY,
            before: Figures::default(),
        })
    }
}

impl Worker {
    /// A control packet came on the RTP port. False: it may not come there.
    pub(super) fn control_on_rtp(&mut self, slot: usize, from: SocketAddr, length: usize) -> bool {
        let Some(leg) = self.legs[slot].as_mut() else { return false };
        if leg.control.route != Rtcp::Mux || !leg.latch.admits_rtcp(from) {
            return false;
        }
        self.control(slot, length)
    }

    /// The control socket has something.
    pub(super) fn control_readable(&mut self, slot: usize) {
        let Some(leg) = self.legs.get_mut(slot).and_then(Option::as_mut) else { return };
        let Some(socket) = &leg.control.socket else { return };
        let Ok((length, from)) = socket.recv_from(&mut self.datagram[..REPORT_READ_MAX]) else { return };
        let is_wanted = matches!(leg.control.route, Rtcp::Own(_));
        if !is_wanted || !leg.control.latch.observe(&leg.latch, from, self.now) || !self.control(slot, length)
        {
            self.tally.refused_control += 1;
        }
    }

    /// Opens and takes what came. False: it is of no use.
    fn control(&mut self, slot: usize, length: usize) -> bool {
        let Some(leg) = self.legs[slot].as_mut() else { return false };
        let datagram = &mut self.datagram[..length];
        let length = match &mut leg.crypto {
            None => length,
            Some(crypto) => match crypto.receiver.unprotect_rtcp(datagram) {
                Ok(length) => length,
                Err(_) => return false,
            },
        };
        leg.reports.handle(self.now, &datagram[..length]).is_ok()
    }

    /// Reports and figures that are due for this leg.
    pub(super) fn report(&mut self, slot: usize) {
        let now = self.now;
        let Some(leg) = self.legs[slot].as_mut() else { return };
        if now >= leg.reports.next_deadline() {
            let mut report = [0; REPORT_BYTES_MAX + RTCP_OVERHEAD_MAX];
            let length = leg.reports.build(now, &mut report[..REPORT_BYTES_MAX]);
            if length > 0 {
                send(leg, &mut report, length);
            }
        }
        if now >= leg.control.quality_at {
            leg.control.quality_at = now + QUALITY_EVERY;
            let (quality, stats) = (quality(leg, &leg.control.before), leg.totals());
            let event = MediaEvent::Quality { leg: leg.id, stats, quality };
            leg.control.before = leg.reports.figures();
            if leg.stats.received > 0 || leg.stats.sent > 0 {
                self.events.send(event);
            }
        }
    }

    /// The last words to the peer, and the figures of the whole leg.
    pub(super) fn say_bye(leg: &mut Leg, now: Duration) -> Quality {
        let mut report = [0; REPORT_BYTES_MAX + RTCP_OVERHEAD_MAX];
        let length = leg.reports.build_bye(now, &mut report[..REPORT_BYTES_MAX]);
        if length > 0 {
            send(leg, &mut report, length);
        }
        quality(leg, &Figures::default())
    }

    /// Follows the control socket too.
    /// The socket is another thread's business from now on.
    pub(super) fn unwatch_control(&self, control: &Control) {
        if let Some(socket) = &control.socket {
            let _ = epoll::delete(&self.epoll, socket);
        }
    }

    pub(super) fn watch_control(&self, slot: usize, control: &Control) -> rustix::io::Result<()> {
        let Some(socket) = &control.socket else { return Ok(()) };
        let data = epoll::EventData::new_u64(super::CONTROL | slot as u64);
        epoll::add(&self.epoll, socket, data, epoll::EventFlags::IN)
    }
}

/// Best effort: a report that does not go out is made up for by the next one.
fn send(leg: &mut Leg, report: &mut [u8], length: usize) {
    let length = match &mut leg.crypto {
        None => length,
        Some(crypto) => match crypto.sender.protect_rtcp(report, length) {
            Ok(length) => length,
            Err(_) => return,
        },
    };
    let report = &report[..length];
    match leg.control.route {
        Rtcp::Off => {}
        Rtcp::Mux => {
            let _ = leg.send_raw(report);
        }
        Rtcp::Own(_) => {
            let target = leg.control.latch.target(&leg.latch);
            if let (Some(socket), Some(target)) = (&leg.control.socket, target) {
                let _ = socket.send_to(report, target);
            }
        }
    }
}

/// What happened since `before`, rated.
fn quality(leg: &Leg, before: &Figures) -> Quality {
    let figures = leg.reports.figures();
    let one_way = figures.round_trip.unwrap_or_default() / 2;
    let rate = |now: &Direction, before: &Direction, received: bool, codec: CodecKind| {
        let loss = now.loss_since(before, received);
        // A phone's buffer holds about twice the jitter.
        let buffer_ms = (2.0 * now.jitter_ms).clamp(0.0, JITTER_BUFFER_MAX_MS);
        let path = Path {
            network: PACKET + one_way,
            jitter_buffer: Duration::from_secs_f64(buffer_ms / 1000.0),
            loss,
            codec: rated(codec),
            ..Path::default()
        };
        let rating = path.rate();
        Reception { loss, jitter_ms: now.jitter_ms, r: rating.r, mos: rating.mos }
    };
    Quality {
        inbound: rate(&figures.inbound, &before.inbound, true, leg.receive_format.codec),
        outbound: figures.outbound.map(|outbound| {
            rate(&outbound, &before.outbound.unwrap_or_default(), false, leg.send_format.codec)
        }),
        round_trip: figures.round_trip,
    }
}

fn rated(codec: CodecKind) -> Codec {
    match codec {
        CodecKind::Pcma | CodecKind::Pcmu => Codec::G711,
        CodecKind::G722 => Codec::G722,
        CodecKind::Opus => Codec::Opus,
    }
}

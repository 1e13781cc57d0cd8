//! An ear on the wire: what was really sent to a phone, whatever the phone makes of it. It hears by tcpdump.

use crate::child::OwnedChild;
use crate::place::Place;
use crate::rtp_clock::RtpClock;
use crate::wait;
use crate::wave::Wave;
use anyhow::Context;
use std::path::PathBuf;
use std::process::Command;
use std::time::Duration;

/// From exec to listening.
const START: Duration = Duration::from_secs(8);
/// Header of a capture file, and of each packet in it.
const FILE_HEADER_BYTES: usize = 24;
const RECORD_HEADER_BYTES: usize = 16;
/// Ethernet header, which the loopback device has too.
const LINK_BYTES: usize = 14;
const UDP_HEADER_BYTES: usize = 8;

/// A running capture of everything sent to a range of UDP ports.
#[derive(Debug)]
pub struct Wire {
    child: OwnedChild,
    capture: PathBuf,
}

impl Wire {
    /// Begins to listen for what is sent to these ports, first and last.
    ///
    /// # Errors
    /// When tcpdump is missing or may not listen.
    pub fn tap(place: &Place, ports: (u16, u16)) -> anyhow::Result<Self> {
        let capture = place.path(&format!("wire-{}.pcap", ports.0));
        let log = std::fs::File::create(place.path(&format!("wire-{}.log", ports.0)))?;
        let mut command = Command::new("tcpdump");
        command.args(["-i", "lo", "--immediate-mode", "-U", "-n", "-Z", "root", "-w"]).arg(&capture);
        command
            .arg(format!("udp and dst portrange {}-{}", ports.0, ports.1))
            .stdout(log.try_clone()?)
            .stderr(log);
        let mut child =
            OwnedChild::spawn(&mut command).context("tcpdump is needed: apt-get install tcpdump")?;
        wait::until_true("tcpdump to listen", START, || {
            anyhow::ensure!(child.ended()?.is_none(), "tcpdump left: it listens only for root");
            // It writes the header when it is about to listen.
            Ok(std::fs::metadata(&capture).is_ok_and(|file| file.len() >= FILE_HEADER_BYTES as u64))
        })?;
        Ok(Self { child, capture })
    }

    /// What was sent to the even ports, where RTP goes, on its true time from the first packet.
    ///
    /// # Errors
    /// When the capture cannot be read.
    pub fn heard(&self) -> anyhow::Result<Wave> {
        let bytes = std::fs::read(&self.capture)
            .with_context(|| format!("the capture of tcpdump ({}) cannot be read", self.child.id()))?;
        let mut clock = RtpClock::default();
        for (at, port, datagram) in datagrams(&bytes) {
            if port % 2 == 0 {
                clock.take(at, datagram);
            }
        }
        Ok(clock.wave())
    }
}

/// Time, destination port and payload of each complete packet of a little-endian capture with microseconds.
fn datagrams(capture: &[u8]) -> impl Iterator<Item = (Duration, u16, &[u8])> {
    let mut rest = capture.get(FILE_HEADER_BYTES..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (header, after) = rest.split_at_checked(RECORD_HEADER_BYTES)?;
        let number = |at: usize| u32::from_le_bytes(header[at..at + 4].try_into().expect("four bytes"));
        let (frame, after) = after.split_at_checked(usize::try_from(number(8)).ok()?)?;
        rest = after;
        let at = Duration::from_secs(number(0).into()) + Duration::from_micros(number(4).into());
        Some((at, frame))
    })
    .filter_map(|(at, frame)| udp_of(frame).map(|(port, payload)| (at, port, payload)))
}

/// Destination port and payload of an Ethernet frame with IPv4.
fn udp_of(frame: &[u8]) -> Option<(u16, &[u8])> {
    let ip = frame.get(LINK_BYTES..)?;
    let header_bytes = usize::from(ip.first()? & 0x0f) * 4;
    let (header, payload) = ip.get(header_bytes..)?.split_at_checked(UDP_HEADER_BYTES)?;
    Some((u16::from_be_bytes([header[2], header[3]]), payload))
}

#[cfg(test)]
mod tests {
    use super::{FILE_HEADER_BYTES, datagrams};

    #[test]
    fn packets_are_read_from_a_capture_that_still_grows() {
        let mut capture = vec![0; FILE_HEADER_BYTES];
        let mut frame = vec![0; 14];
        frame.push(0x45);
        frame.extend([0; 19]);
        frame.extend([0x10, 0, 0x20, 2, 0, 11, 0, 0, b'a', b'b', b'c']);
        let length = u32::try_from(frame.len()).expect("short");
        for value in [7, 250_000, length, length] {
            capture.extend(u32::to_le_bytes(value));
        }
        capture.extend(&frame);
        capture.extend([1, 2, 3]); // of the next record
        let read: Vec<_> = datagrams(&capture).collect();
        assert_eq!(read.len(), 1);
        let (at, port, payload) = read[0];
        assert_eq!((at.as_millis(), port, payload), (7250, 0x2002, &b"abc"[..]));
    }
}

//! A mouth and an ear on one RTP socket, for tools that speak SIP but have neither, such as SIPp.
//!
//! It says one tone, or tones in turn as a copper line does, in A-law to wherever the last packet came from, once one has
//! come, and keeps what it hears on its true time.

use crate::rtp_clock::{RTP_HEADER_BYTES, RtpClock};
use crate::wave::{TONE_DBFS, Wave};
use anyhow::Context;
use careline_audio::SAMPLE_RATE;
use careline_audio::g711::{self, Law};
use careline_audio::tone::Tone;
use std::collections::VecDeque;
use std::net::{IpAddr, SocketAddr, UdpSocket};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

/// Length of a packet.
const PACKET: Duration = Duration::from_millis(20);
/// Samples in it.
const PACKET_SAMPLES: usize = SAMPLE_RATE as usize / 50;
/// Payload type of A-law (RFC 3551 6).
const PCMA: u8 = 8;
/// Largest datagram looked at.
const DATAGRAM_BYTES: usize = 1500;

/// A handset; it is hung up on drop.
#[derive(Debug)]
pub struct Handset {
    local: SocketAddr,
    heard: Arc<Mutex<RtpClock>>,
    over: Arc<AtomicBool>,
    thread: Option<JoinHandle<()>>,
}

impl Handset {
    /// Takes a port of `ip` and begins to listen; says `frequency` as soon as somebody speaks to it.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn pick_up(ip: IpAddr, frequency: f64) -> anyhow::Result<Self> {
        Self::saying(ip, Sound::Steady(Tone::new(SAMPLE_RATE, &[(frequency, TONE_DBFS)])))
    }

    /// The same with sounds in turn, frequency (0 for a pause) and length, from the moment that somebody speaks to it;
    /// then silence.
    ///
    /// # Errors
    /// When no port can be had.
    pub fn line(ip: IpAddr, parts: &[(f64, Duration)]) -> anyhow::Result<Self> {
        let mut samples = Vec::new();
        for (frequency, length) in parts {
            let count = usize::try_from(length.as_millis()).unwrap_or(0) * SAMPLE_RATE as usize / 1000;
            match *frequency {
                0.0 => samples.extend(std::iter::repeat_n(0, count)),
                frequency => samples.extend(Tone::new(SAMPLE_RATE, &[(frequency, TONE_DBFS)]).take(count)),
            }
        }
        Self::saying(ip, Sound::InTurn(samples.into()))
    }

    fn saying(ip: IpAddr, sound: Sound) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind((ip, 0)).with_context(|| format!("no port for a handset on {ip}"))?;
        let local = socket.local_addr()?;
        let (heard, over) = (Arc::default(), Arc::new(AtomicBool::new(false)));
        let talk = Talk { socket, sound, heard: Arc::clone(&heard), over: Arc::clone(&over) };
        let thread = Some(std::thread::spawn(move || talk.run()));
        Ok(Self { local, heard, over, thread })
    }

    /// The port for its SDP.
    #[must_use]
    pub fn port(&self) -> u16 {
        self.local.port()
    }

    /// What it heard so far, on its true time from the first packet.
    #[must_use]
    pub fn heard(&self) -> Wave {
        self.heard.lock().unwrap_or_else(PoisonError::into_inner).wave()
    }
}

impl Drop for Handset {
    fn drop(&mut self) {
        self.over.store(true, Ordering::Relaxed);
        if let Some(thread) = self.thread.take() {
            let _ = thread.join(); // it holds nothing that is missed
        }
    }
}

/// What it says.
enum Sound {
    /// Goes on while nobody is there, so that its phase and the clock agree.
    Steady(Tone),
    /// Waits for somebody.
    InTurn(VecDeque<i16>),
}

impl Sound {
    fn next(&mut self, is_heard: bool) -> Vec<i16> {
        match self {
            Self::Steady(tone) => tone.take(PACKET_SAMPLES),
            Self::InTurn(_) if !is_heard => Vec::new(),
            Self::InTurn(left) => {
                let mut samples: Vec<i16> = left.drain(..PACKET_SAMPLES.min(left.len())).collect();
                samples.resize(PACKET_SAMPLES, 0);
                samples
            }
        }
    }
}

struct Talk {
    socket: UdpSocket,
    sound: Sound,
    heard: Arc<Mutex<RtpClock>>,
    over: Arc<AtomicBool>,
}

impl Talk {
    fn run(mut self) {
        let begin = Instant::now();
        let (mut peer, mut sent) = (None, 0_u32);
        let mut datagram = [0; DATAGRAM_BYTES];
        while !self.over.load(Ordering::Relaxed) {
            let due = begin + PACKET * sent;
            let left = due.saturating_duration_since(Instant::now());
            if left.is_zero() {
                self.say(sent, peer);
                sent += 1;
                continue;
            }
            // A socket that cannot wait, or an ICMP of a peer that has left: the next packet is due all the same.
            let _ = self.socket.set_read_timeout(Some(left));
            if let Ok((length, from)) = self.socket.recv_from(&mut datagram) {
                peer = Some(from);
                let mut heard = self.heard.lock().unwrap_or_else(PoisonError::into_inner);
                heard.take(begin.elapsed(), &datagram[..length]);
            }
        }
    }

    fn say(&mut self, number: u32, peer: Option<SocketAddr>) {
        let samples = self.sound.next(peer.is_some());
        let Some(peer) = peer else { return };
        let mut packet = Vec::with_capacity(RTP_HEADER_BYTES + PACKET_SAMPLES);
        let sequence = u16::try_from(number & 0xffff).expect("masked to 16 bits");
        let timestamp = number.wrapping_mul(u32::try_from(PACKET_SAMPLES).expect("160"));
        packet.extend([0x80, PCMA]);
        packet.extend(sequence.to_be_bytes());
        packet.extend(timestamp.to_be_bytes());
        packet.extend(u32::from(self.local_port()).to_be_bytes());
        packet.extend(samples.iter().map(|&sample| g711::encode(Law::A, sample)));
        // A peer that has gone is the story's business, not the mouth's.
        let _ = self.socket.send_to(&packet, peer);
    }

    fn local_port(&self) -> u16 {
        self.socket.local_addr().map_or(0, |local| local.port())
    }
}

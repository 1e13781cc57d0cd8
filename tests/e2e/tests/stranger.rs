//! Somebody who knows every media port of the switch and sends to all of them, before a call and in the middle of it: he
//! hears nothing, and nothing of him is heard or recorded.

use anyhow::Context;
use careline_audio::SAMPLE_RATE;
use careline_audio::g711::{self, Law};
use careline_audio::tone::Tone;
use careline_e2e::phones::PART;
use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wave::{TONE_DBFS, Wave};
use careline_testkit::{Answering, Phone, PhoneOptions, ports, wait};
use std::net::{IpAddr, Ipv4Addr, SocketAddr, UdpSocket};

/// Packets to each port, each time.
const PACKETS: u16 = 300;
/// Legs whose ports he knows: as many as the switch holds ready.
const LEGS: u16 = 64;
/// Samples of a packet.
const FRAME: usize = 160;

struct Stranger {
    socket: UdpSocket,
    switch: IpAddr,
    /// Numbers go on over both attacks, as those of a real stream would.
    sent: u16,
}

impl Stranger {
    fn at(address: SocketAddr, switch: IpAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(address).context("a port for the stranger")?;
        socket.set_nonblocking(true)?;
        Ok(Self { socket, switch, sent: 0 })
    }

    /// A steady tone to every RTP port, and an RTCP BYE (RFC 3550 6.6) to every port above.
    fn attack(&mut self) -> anyhow::Result<()> {
        let mut tone = Tone::new(SAMPLE_RATE, &[(voice::STRANGER_HZ, TONE_DBFS)]);
        let (first, _) = ports::SWITCH_RTP;
        for _ in 0..PACKETS {
            let mut packet = vec![0x80, 8];
            packet.extend(self.sent.to_be_bytes());
            packet.extend((u32::from(self.sent) * 160).to_be_bytes());
            packet.extend(0x5712_A9E2_u32.to_be_bytes());
            packet.extend(tone.take(FRAME).iter().map(|&sample| g711::encode(Law::A, sample)));
            let bye = [0x81, 203, 0, 1, 0x57, 0x12, 0xA9, 0xE2];
            for leg in 0..LEGS {
                self.socket.send_to(&packet, (self.switch, first + 2 * leg))?;
                self.socket.send_to(&bye, (self.switch, first + 2 * leg + 1))?;
            }
            self.sent += 1;
        }
        Ok(())
    }

    fn expect_nothing(&self) -> anyhow::Result<()> {
        let mut datagram = [0; 1500];
        match self.socket.recv_from(&mut datagram) {
            Ok((length, from)) => anyhow::bail!("the stranger got {length} bytes from {from}"),
            Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => Ok(()),
            // A port that nobody has says so by ICMP; that is all he learns.
            Err(error) if error.kind() == std::io::ErrorKind::ConnectionRefused => self.expect_nothing(),
            Err(error) => Err(error.into()),
        }
    }
}

fn never_heard(who: &str, wave: &Wave, channels: usize) -> anyhow::Result<()> {
    for channel in 0..channels {
        anyhow::ensure!(
            !wave.ever_has(channel, voice::STRANGER_HZ),
            "{who} has the stranger on channel {channel}"
        );
    }
    Ok(())
}

/// Both phones are at 127.0.0.1, where their sound comes from: what their descriptions name is true.
#[test]
fn who_is_not_named_by_signalling_hears_nothing_and_is_heard_by_nobody() {
    let loopback = IpAddr::from(Ipv4Addr::LOCALHOST);
    let trunk = ports::free_pair(loopback).expect("an address for the patient");
    let more = format!("[[trunk]]\nid = \"near\"\nsources = [\"{trunk}\"]\n\n");
    let options = HouseOptions { latch: "signalled", more, ..HouseOptions::default() };
    tell("stranger", options, |house| {
        let switch = house.sip()?;
        let mut stranger = Stranger::at(house.next_address()?, switch.ip())?;
        stranger.attack()?;
        let (his, hers) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let own = ports::free_pair(loopback)?;
        let agent = PhoneOptions::agent("1001", "pw1001", own, switch, Answering::Auto, &hers);
        let mut agent = Phone::start(house.place(), agent)?;
        let mut patient = Phone::start(house.place(), PhoneOptions::patient("13800138000", trunk, &his))?;
        let call = house.reach_an_agent(&mut patient)?;
        stranger.attack()?;
        wait::last(PART);
        stranger.attack()?;
        wait::last(PART);
        agent.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "agent")?;
        stranger.expect_nothing()?;
        let (patient, agent) = (patient.heard()?, agent.heard()?);
        patient.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        agent.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        let recording = Wave::read(&house.recording_of(&call)?.0)?;
        recording.expect_tone("the recording, left", 0, voice::PATIENT_HZ)?;
        recording.expect_tone("the recording, right", 1, voice::AGENT_HZ)?;
        never_heard("the patient", &patient, 1)?;
        never_heard("the agent", &agent, 1)?;
        never_heard("the recording", &recording, 2)
    });
}

//! Out of file descriptors: new calls get 503 and an operator an alarm, running ones live.
#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::Context;
use careline_e2e::{HouseOptions, SOON, STRAIGHT_NUMBER, tell, voice};
use careline_testkit::wait;
use careline_testkit::wave::Wave;
use std::net::{SocketAddr, UdpSocket};
use std::time::Duration;

/// What the switch may have. A quarter is not for calls, and a leg needs three of the rest.
const DESCRIPTORS: u32 = 256;
/// Hence so many legs.
const LEGS: usize = 64;

/// A trunk that brings callers who only wait.
struct Gateway {
    socket: UdpSocket,
    own: SocketAddr,
    switch: SocketAddr,
}

impl Gateway {
    fn request(&self, method: &str, call: &str, to_tag: &str) -> String {
        let (own, switch, ip) = (self.own, self.switch, self.own.ip());
        let body = if method == "INVITE" {
            format!(
                "v=0\r\no=- 1 1 IN IP4 {ip}\r\ns=-\r\nc=IN IP4 {ip}\r\nt=0 0\r\nm=audio 9000 RTP/AVP 8\r\n"
            )
        } else {
            String::new()
        };
        format!(
            "{method} sip:{STRAIGHT_NUMBER}@{switch} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{call}{method}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:13900139000@{own}>;tag=f{call}\r\n\
             To: <sip:{STRAIGHT_NUMBER}@{switch}>{to_tag}\r\nCall-ID: {call}\r\nCSeq: 1 {method}\r\n\
             Contact: <sip:x@{own}>\r\nContent-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    /// Brings one caller; gives the final answer's status.
    fn brings(&self, call: &str) -> anyhow::Result<u16> {
        self.socket.send_to(self.request("INVITE", call, "").as_bytes(), self.switch)?;
        let mut buffer = vec![0; 65_535];
        wait::until(&format!("an answer for {call}"), SOON, || {
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else { return Ok(None) };
            let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
            let status: u16 = text.get(8..11).and_then(|status| status.parse().ok()).unwrap_or(0);
            let is_its = text.contains(&format!("Call-ID: {call}\r\n")) && text.contains("INVITE\r\n");
            if status < 200 || !is_its {
                return Ok(None);
            }
            let tag = text.lines().find_map(|line| line.strip_prefix("To: ")?.split_once(";tag="));
            let tag = tag.context("an answer without a tag")?.1;
            self.socket.send_to(self.request("ACK", call, &format!(";tag={tag}")).as_bytes(), self.switch)?;
            Ok(Some(status))
        })
    }
}

#[test]
fn new_calls_are_refused_with_an_alarm_and_the_conversation_goes_on() {
    let options = HouseOptions { descriptors_max: Some(DESCRIPTORS), ..HouseOptions::default() };
    tell("descriptors", options, |house| {
        let mut talk = house.conversation()?;
        let own = house.trunk_address()?;
        let socket = UdpSocket::bind(own)?;
        socket.set_read_timeout(Some(Duration::from_millis(200)))?;
        let gateway = Gateway { socket, own, switch: house.sip()? };
        let (mut taken, mut refused) = (0, 0);
        for number in 0..LEGS + 5 {
            match gateway.brings(&format!("fills{number}"))? {
                200 => taken += 1,
                503 => refused += 1,
                other => anyhow::bail!("answered with {other}"),
            }
        }
        anyhow::ensure!((taken, refused) == (LEGS - 2, 7), "{taken} calls were taken, {refused} refused");
        let alarms = |log: &str| log.matches("no file descriptors for new calls").count();
        let log = house.switch()?.log();
        anyhow::ensure!(alarms(&log) == 1, "{} alarms", alarms(&log));
        wait::last(Duration::from_secs(2)); // of talk
        talk.agent.hang_up()?;
        talk.patient.wait_event("CALL_CLOSED", SOON)?;
        talk.agent.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&talk.call, "completed", "agent")?;
        talk.patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        talk.agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_HZ)?;
        let (file, side_car) = house.recording_of(&talk.call)?;
        anyhow::ensure!(side_car["complete"] == true, "{side_car}");
        Wave::read(&file)?.expect_tone("the recording", 1, voice::AGENT_HZ)?;
        let mut tries = 0..;
        wait::until_true("room for the next call", SOON, || {
            Ok(gateway.brings(&format!("next{}", tries.next().unwrap_or(0)))? == 200)
        })
    });
}

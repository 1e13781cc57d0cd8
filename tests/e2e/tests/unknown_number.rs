//! What arrives at the door: unknown numbers, TCP, and noise.

use careline_e2e::{House, HouseOptions, NUMBER, SOON, tell};
use careline_testkit::sipp::{self, SippRun, Transport};
use std::net::UdpSocket;
use std::time::Duration;

fn run(house: &mut House, scenario: &str, service: &str, transport: Transport) -> anyhow::Result<()> {
    let run = SippRun {
        name: "door",
        scenario,
        local: house.trunk_address()?,
        remote: house.sip()?,
        transport,
        service,
        keys: &[],
        when_called: None,
        auth_uri: None,
        calls: 1,
        within: Duration::from_secs(15),
    };
    sipp::run(house.place(), &run)?.all_as_scripted()
}

#[test]
fn an_unknown_number_is_not_found() {
    tell("unknown", HouseOptions::default(), |house| {
        let scenario = include_str!("../scenarios/refused.xml").replace("STATUS", "404");
        run(house, &scenario, "4009999999", Transport::Udp)
    });
}

#[test]
fn the_menu_is_reached_over_udp_and_over_tcp() {
    tell("menu", HouseOptions::default(), |house| {
        for transport in [Transport::Udp, Transport::Tcp] {
            run(house, include_str!("../scenarios/menu.xml"), NUMBER, transport)?;
        }
        let ended = careline_testkit::wait::until("two ended calls", SOON, || {
            Ok(Some(house.journal().of_kind("call_ended")?).filter(|ended| ended.len() == 2))
        })?;
        let left = ended.iter().all(|event| event["cause"] == "ivr_abandoned");
        anyhow::ensure!(left, "{ended:?}");
        Ok(())
    });
}

#[test]
fn noise_on_the_port_does_not_stop_an_answer() {
    tell("noise", HouseOptions::default(), |house| {
        let sip = house.sip()?;
        let socket = UdpSocket::bind(house.next_address()?)?;
        socket.set_read_timeout(Some(SOON))?;
        let mut state = 7_u32;
        let noise: Vec<u8> = (0..1400)
            .map(|_| {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                state.to_be_bytes()[0]
            })
            .collect();
        for length in [0, 1, 4, 20, 200, 1400] {
            socket.send_to(&noise[..length], sip)?;
        }
        for text in ["\r\n\r\n", "INVITE", "INVITE sip:x SIP/2.0\r\n\r\n", "SIP/2.0 200 OK\r\n\r\n"] {
            socket.send_to(text.as_bytes(), sip)?;
        }
        let own = socket.local_addr()?;
        let options = format!(
            "OPTIONS sip:{sip} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bKnoise;rport\r\n\
             From: <sip:a@{own}>;tag=1\r\nTo: <sip:{sip}>\r\nCall-ID: after-noise\r\nCSeq: 1 OPTIONS\r\n\
             Max-Forwards: 70\r\nContent-Length: 0\r\n\r\n"
        );
        socket.send_to(options.as_bytes(), sip)?;
        let mut answer = [0; 2000];
        // The broken requests may have earned an answer of their own.
        loop {
            let length = socket.recv(&mut answer)?;
            let text = String::from_utf8_lossy(&answer[..length]).into_owned();
            if text.contains("after-noise") {
                anyhow::ensure!(text.starts_with("SIP/2.0 200"), "{text}");
                return Ok(());
            }
        }
    });
}

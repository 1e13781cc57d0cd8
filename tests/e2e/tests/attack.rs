//! Attacks on the live signalling port: floods, dribblers, resets, scanners, and a kill that must cost no phone.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::{Context, ensure};
use careline_e2e::{House, HouseOptions, SOON, tell, voice};
use careline_testkit::{Answering, programs, wait};
use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// Requests of the flood and the time they take.
const FLOOD: u32 = 4000;
const FLOOD_LASTS: Duration = Duration::from_secs(4);
/// The slowest of the honest calls meanwhile.
const HONEST_P99: Duration = Duration::from_millis(200);
/// Connections that never finish a message, and what they may cost others.
const DRIBBLERS: usize = 300;
const BESIDE_DRIBBLERS: Duration = Duration::from_millis(500);
/// Connections that are reset in the middle of an INVITE.
const RESETS: usize = 150;
/// The switch may open a few files of its own meanwhile; a leak would be one for each of hundreds of connections.
const OWN_DESCRIPTORS: usize = 10;
/// A switch that has opened nothing for so long has all its media ports.
const STOCKED: Duration = Duration::from_millis(300);

const SDP: &str = "v=0\r\no=- 1 1 IN IP4 127.0.0.2\r\ns=-\r\nc=IN IP4 127.0.0.2\r\nt=0 0\r\nm=audio 30000 RTP/AVP 8\r\na=rtpmap:8 PCMA/8000\r\n";

/// One end that sends requests and reads answers.
struct Caller {
    socket: UdpSocket,
    own: SocketAddr,
    switch: SocketAddr,
}

impl Caller {
    fn at(own: SocketAddr, switch: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(own).with_context(|| format!("bind {own}"))?;
        Ok(Self { socket, own, switch })
    }

    fn text(&self, method: &str, key: &str, to_tag: &str, more: &str) -> String {
        let (own, switch) = (self.own, self.switch);
        let (kind, body) =
            if method == "INVITE" { ("Content-Type: application/sdp\r\n", SDP) } else { ("", "") };
        let cseq = if method == "BYE" { 2 } else { 1 };
        format!(
            "{method} sip:4001234567@{switch} SIP/2.0\r\nVia: SIP/2.0/UDP {own};branch=z9hG4bK{key}{method};rport\r\n\
             Max-Forwards: 70\r\nFrom: <sip:13800138000@{own}>;tag=f{key}\r\nTo: <sip:4001234567@{switch}>{to_tag}\r\n\
             Call-ID: {key}\r\nCSeq: {cseq} {method}\r\nContact: <sip:x@{own}>\r\n{kind}{more}Content-Length: {}\r\n\r\n{body}",
            body.len()
        )
    }

    fn send(&self, text: &str) -> anyhow::Result<()> {
        self.socket.send_to(text.as_bytes(), self.switch)?;
        Ok(())
    }

    /// The first answer of this status to this Call-ID, and how long it took.
    fn answer(&self, key: &str, status: u16, within: Duration) -> anyhow::Result<(String, Duration)> {
        let (start, mut buffer) = (Instant::now(), vec![0_u8; 65_535]);
        loop {
            let left =
                within.checked_sub(start.elapsed()).with_context(|| format!("no {status} for {key}"))?;
            self.socket.set_read_timeout(Some(left.max(Duration::from_millis(1))))?;
            let Ok((length, _)) = self.socket.recv_from(&mut buffer) else { continue };
            let text = String::from_utf8_lossy(buffer.get(..length).unwrap_or_default()).into_owned();
            if text.starts_with(&format!("SIP/2.0 {status}")) && text.contains(&format!("Call-ID: {key}\r\n"))
            {
                return Ok((text, start.elapsed()));
            }
        }
    }

    /// A whole call: INVITE, 200, ACK, BYE, 200; how long the answer took.
    fn call(&self, key: &str) -> anyhow::Result<Duration> {
        self.send(&self.text("INVITE", key, "", ""))?;
        let (answer, took) = self.answer(key, 200, SOON)?;
        let to = answer.lines().find_map(|line| line.strip_prefix("To: ")).context("a To")?;
        let (_, tag) = to.split_once(";tag=").context("a tag")?;
        let tag = format!(";tag={tag}");
        self.send(&self.text("ACK", key, &tag, ""))?;
        self.send(&self.text("BYE", key, &tag, ""))?;
        self.answer(key, 200, SOON)?;
        Ok(took)
    }

    fn ping(&self, key: &str) -> anyhow::Result<Duration> {
        self.send(&self.text("OPTIONS", key, "", ""))?;
        Ok(self.answer(key, 200, SOON)?.1)
    }
}

fn trunk(house: &mut House) -> anyhow::Result<Caller> {
    let sip = house.sip()?;
    Caller::at(house.trunk_address()?, sip)
}

fn stranger(house: &mut House) -> anyhow::Result<Caller> {
    let sip = house.sip()?;
    Caller::at(house.next_address()?, sip)
}

/// Open descriptors of the switch.
fn descriptors(house: &mut House) -> anyhow::Result<usize> {
    let id = house.switch()?.id();
    Ok(std::fs::read_dir(format!("/proc/{id}/fd"))?.count())
}

/// How many there are when the switch has filled its stock of media ports, which it does while it serves already.
fn descriptors_at_rest(house: &mut House) -> anyhow::Result<usize> {
    let (mut last, mut since) = (0, Instant::now());
    wait::until("the stock of media ports to be full", SOON, || {
        let now = descriptors(house)?;
        if now != last {
            (last, since) = (now, Instant::now());
        }
        Ok((since.elapsed() > STOCKED).then_some(now))
    })
}

#[test]
fn a_flood_of_strangers_does_not_delay_honest_calls() {
    tell("flood", HouseOptions::default(), |house| {
        let (honest, bad) = (trunk(house)?, stranger(house)?);
        honest.call("warm")?;
        let flood = std::thread::spawn(move || -> anyhow::Result<()> {
            let start = Instant::now();
            for number in 0..FLOOD {
                let method = if number % 2 == 0 { "INVITE" } else { "REGISTER" };
                bad.send(&bad.text(method, &format!("bad{number}"), "", ""))?;
                let due = start + FLOOD_LASTS * number / FLOOD;
                wait::last(due.saturating_duration_since(Instant::now()));
            }
            Ok(())
        });
        let mut took = Vec::new();
        while !flood.is_finished() {
            took.push(honest.call(&format!("good{}", took.len()))?);
        }
        flood.join().map_err(|_| anyhow::anyhow!("the flood panicked"))??;
        took.sort();
        let p99 = took.get(took.len() * 99 / 100).copied().context("no honest call was made")?;
        ensure!(took.len() >= 20, "{} calls in {FLOOD_LASTS:?}", took.len());
        ensure!(p99 < HONEST_P99, "p99 of {} calls: {p99:?}", took.len());
        Ok(())
    });
}

#[test]
fn dribbling_connections_cost_others_nothing() {
    tell("dribble", HouseOptions::default(), |house| {
        let (sip, honest) = (house.sip()?, trunk(house)?);
        let before = descriptors_at_rest(house)?;
        let mut dribblers = Vec::new();
        for _ in 0..DRIBBLERS {
            let mut stream = TcpStream::connect(sip)?;
            stream.write_all(b"INVITE sip:x@y SIP/2.0\r\nVia: ")?;
            dribblers.push(stream);
        }
        for round in 0..10 {
            for stream in &mut dribblers {
                // The switch may have closed it already: that is its right.
                let _ = stream.write_all(b"x");
            }
            let took = honest.ping(&format!("beside{round}"))?;
            ensure!(took < BESIDE_DRIBBLERS, "{took:?} beside {DRIBBLERS} dribblers");
        }
        drop(dribblers);
        wait::until_true("the descriptors to be given back", SOON, || {
            Ok(descriptors(house)? <= before + OWN_DESCRIPTORS)
        })
    });
}

#[test]
fn invites_over_connections_that_are_reset_lose_no_descriptor() {
    tell("reset", HouseOptions::default(), |house| {
        let (sip, honest) = (house.sip()?, trunk(house)?);
        let bad = stranger(house)?;
        honest.ping("before")?;
        let before = descriptors_at_rest(house)?;
        for number in 0..RESETS {
            let mut stream = TcpStream::connect(sip)?;
            let text =
                bad.text("INVITE", &format!("reset{number}"), "", "").replace("SIP/2.0/UDP", "SIP/2.0/TCP");
            let end = if number % 2 == 0 { text.len() } else { text.len() / 2 };
            stream.write_all(text.as_bytes().get(..end).unwrap_or_default())?;
            socket2::SockRef::from(&stream).set_linger(Some(Duration::ZERO))?;
        }
        wait::until_true("the descriptors to be given back", SOON, || {
            Ok(descriptors(house)? <= before + OWN_DESCRIPTORS)
        })?;
        ensure!(honest.call("after")? < SOON);
        Ok(())
    });
}

#[test]
fn a_scanner_is_banned_listed_and_heard_again_when_an_operator_says_so() {
    tell("scanner", HouseOptions::default(), |house| {
        let bad = stranger(house)?;
        let rpc = house.switch()?.rpc.to_string();
        bad.ping("first")?;
        bad.send(&bad.text("OPTIONS", "scan", "", "User-Agent: friendly-scanner\r\n"))?;
        let bans = |more: &[&str]| -> anyhow::Result<String> {
            let output = programs::switch_once(&[&["bans", "--rpc", &rpc], more].concat())?;
            let (out, wrong) = (output.stdout, output.stderr);
            ensure!(output.status.success(), "bans: {}", String::from_utf8_lossy(&wrong));
            Ok(String::from_utf8_lossy(&out).into_owned())
        };
        let address = bad.own.ip().to_string();
        let listed = wait::until("the ban to be listed", SOON, || {
            let text = bans(&[])?;
            Ok(text.contains(&address).then_some(text))
        })?;
        ensure!(listed.contains("scanner") && listed.starts_with("1 bans"), "{listed}");
        bad.send(&bad.text("OPTIONS", "unheard", "", ""))?;
        let silent = bad.answer("unheard", 200, Duration::from_millis(300)).is_err();
        ensure!(silent, "a banned address was answered");
        bans(&["--lift", &address])?;
        bad.ping("again")?;
        Ok(())
    });
}

/// Whoever is banned holds no connection open that a phone may need.
#[test]
fn a_scanner_on_a_connection_is_shown_the_door() {
    tell("scanner-tcp", HouseOptions::default(), |house| {
        let (sip, rpc) = (house.sip()?, house.switch()?.rpc.to_string());
        // Whether the connection ends without a word; otherwise the answer.
        let ask = |more: &str| -> anyhow::Result<Option<String>> {
            let mut stream = TcpStream::connect(sip)?;
            stream.set_read_timeout(Some(SOON))?;
            let own = stream.local_addr()?;
            let text = format!(
                "OPTIONS sip:{sip} SIP/2.0\r\nVia: SIP/2.0/TCP {own};branch=z9hG4bK{}\r\nMax-Forwards: 70\r\n\
                 From: <sip:a@{own}>;tag=1\r\nTo: <sip:{sip}>\r\nCall-ID: {}@door\r\nCSeq: 1 OPTIONS\r\n{more}\
                 Content-Length: 0\r\n\r\n",
                own.port(),
                own.port()
            );
            stream.write_all(text.as_bytes())?;
            let mut answer = [0; 2000];
            let length = stream.read(&mut answer).context("neither an answer nor the end")?;
            Ok((length > 0).then(|| String::from_utf8_lossy(&answer[..length]).into_owned()))
        };
        ensure!(ask("")?.is_some_and(|answer| answer.starts_with("SIP/2.0 200")), "a stranger asks");
        ensure!(ask("User-Agent: sipvicious\r\n")?.is_none(), "a scanner was answered");
        ensure!(ask("")?.is_none(), "a banned address was answered");
        let lifted = programs::switch_once(&["bans", "--rpc", &rpc, "--lift", "127.0.0.1"])?;
        ensure!(lifted.status.success(), "{lifted:?}");
        ensure!(ask("")?.is_some_and(|answer| answer.starts_with("SIP/2.0 200")), "the ban was lifted");
        Ok(())
    });
}

/// The phone does not know that the switch was away: it is rung by what the switch remembers.
#[test]
fn a_killed_switch_rings_its_phones_at_once_when_it_is_back() {
    tell("kept", HouseOptions::default(), |house| {
        let (said, answered) = (house.steady_voice(voice::PATIENT_HZ)?, house.steady_voice(voice::AGENT_HZ)?);
        let _agent = house.agent("1001", Answering::Auto, &answered)?;
        house.switch()?.kill()?;
        house.switch()?.restart()?;
        let mut patient = house.patient("13800138000", &said)?;
        house.ask_for_a_person(&mut patient)?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1001")?;
        Ok(())
    });
}

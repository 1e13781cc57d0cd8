//! The same odd messages at a live port, which survives all of them and still takes a call.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::{Context, ensure};
use careline_e2e::{House, HouseOptions, tell};
use careline_interop::cases::{self, From};
use careline_interop::{corpus, status};
use std::net::{SocketAddr, UdpSocket};
use std::time::{Duration, Instant};

/// How long an answer may take on a loaded machine.
const ANSWER: Duration = Duration::from_secs(2);
/// How long silence is listened to. Answers come in well under a millisecond.
const SILENCE: Duration = Duration::from_millis(150);

/// One person at the door: the messages leave from its address and the answers come to it.
struct Knocker {
    socket: UdpSocket,
    switch: SocketAddr,
}

impl Knocker {
    fn new(own: SocketAddr, switch: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(own).with_context(|| format!("bind {own}"))?;
        Ok(Self { socket, switch })
    }

    /// Sends, and listens until `enough` says so or the time is over.
    fn knock(
        &self,
        bytes: &[u8],
        within: Duration,
        enough: impl Fn(&[u16]) -> bool,
    ) -> anyhow::Result<Vec<u16>> {
        self.socket.send_to(bytes, self.switch)?;
        let give_up = Instant::now() + within;
        let mut answers = Vec::new();
        let mut buffer = vec![0_u8; 65_535];
        while !enough(&answers) {
            let left = give_up.saturating_duration_since(Instant::now());
            if left.is_zero() {
                break;
            }
            self.socket.set_read_timeout(Some(left))?;
            if let Ok((length, _)) = self.socket.recv_from(&mut buffer) {
                answers.extend(buffer.get(..length).and_then(status));
            }
        }
        Ok(answers)
    }
}

/// OPTIONS is answered within half a second by the same process.
fn alive(house: &mut House, number: usize) -> anyhow::Result<()> {
    let id = house.switch()?.id();
    ensure!(house.switch()?.ended()?.is_none(), "the switch is gone");
    let sip = house.sip()?;
    let knocker = Knocker::new(house.trunk_address()?, sip)?;
    let text = format!(
        "OPTIONS sip:x@{sip} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKalive{number};rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@{sip}>\r\nCall-ID: alive{number}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    let answers = knocker.knock(text.as_bytes(), ANSWER, |answers| answers.contains(&200))?;
    ensure!(answers.contains(&200), "no answer to OPTIONS: {answers:?}");
    ensure!(house.switch()?.id() == id, "another process answers");
    Ok(())
}

fn knocker(house: &mut House, from: From) -> anyhow::Result<Knocker> {
    let sip = house.sip()?;
    let own = match from {
        From::Trunk => house.trunk_address()?,
        From::Stranger => house.next_address()?,
    };
    Knocker::new(own, sip)
}

/// Many files share one branch: to a live port the second would be the first, sent again.
fn own_branch(bytes: &[u8], number: usize) -> Vec<u8> {
    const SHARED: &[u8] = b"z9hG4bKkdjuw";
    let mut own = bytes.to_vec();
    if let Some(at) = own.windows(SHARED.len()).position(|window| window == SHARED) {
        let unique = format!("z9hG4bKkdj{:02}", number % 100);
        own.splice(at..at + SHARED.len(), unique.into_bytes());
    }
    own
}

#[test]
fn every_odd_message_of_the_table_at_the_live_port() {
    tell("odd", HouseOptions::default(), |house| {
        let (trunk, stranger) = (knocker(house, From::Trunk)?, knocker(house, From::Stranger)?);
        let mut wrong = Vec::new();
        for (number, case) in cases::table().iter().enumerate() {
            let knocker = if case.from == From::Trunk { &trunk } else { &stranger };
            let within = if case.expect == cases::Expect::Silence { SILENCE } else { ANSWER };
            // Retransmitted finals of earlier cases may still arrive; what counts is that the right one does.
            let enough = |answers: &[u16]| {
                case.expect != cases::Expect::Silence && case.met_by(answers) && !answers.is_empty()
            };
            let answers = match case.expect {
                cases::Expect::Silence => {
                    // A socket of its own hears nothing of the others' retransmissions.
                    let own = Knocker::new(
                        if case.from == From::Trunk {
                            house.trunk_address()?
                        } else {
                            house.next_address()?
                        },
                        house.sip()?,
                    )?;
                    own.knock(&case.bytes, within, |_| false)?
                }
                cases::Expect::NoSuccess => {
                    knocker.knock(&case.bytes, SILENCE, |_| false)?.into_iter().rev().take(1).collect()
                }
                cases::Expect::Status(_) => knocker.knock(&case.bytes, within, enough)?,
            };
            if !case.met_by(&answers) && !matches!(case.expect, cases::Expect::NoSuccess) {
                wrong.push(format!("{}: {answers:?}, expected {:?}", case.name, case.expect));
            }
            if number % 10 == 0 {
                alive(house, number).with_context(|| case.name)?;
            }
        }
        alive(house, 1000)?;
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
}

#[test]
fn the_torture_messages_at_the_live_port() {
    let verdicts = match corpus::verdicts() {
        Ok(verdicts) => verdicts,
        Err(reason) => {
            println!("skipped: {reason}");
            return;
        }
    };
    tell("torture", HouseOptions::default(), |house| {
        let mut wrong = Vec::new();
        for (number, verdict) in verdicts.iter().enumerate() {
            let knocker = knocker(house, From::Trunk)?;
            let silent = verdict.allow == "none";
            let within = if silent || verdict.allow == "any" { SILENCE } else { ANSWER };
            let answers = knocker.knock(&own_branch(&verdict.bytes, number), within, |answers| {
                !silent && answers.iter().any(|status| *status > 100)
            })?;
            if !verdict.allows(&answers) {
                wrong.push(format!("{}: {answers:?}, allowed {}", verdict.file, verdict.allow));
            }
            alive(house, number).with_context(|| verdict.file.clone())?;
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
}

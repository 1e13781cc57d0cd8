//! Knocking at a live port: over UDP, and over a TCP connection of its own.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use crate::status;
use anyhow::{Context, ensure};
use careline_e2e::House;
use careline_sip::{Frame, StreamFramer};
use socket2::{Domain, Socket, Type};
use std::io::{Read, Write};
use std::net::{IpAddr, SocketAddr, TcpStream, UdpSocket};
use std::time::{Duration, Instant};

/// How long an answer may take on a loaded machine.
pub const ANSWER: Duration = Duration::from_secs(2);
/// How long a switch that has just been shot at may take to answer.
pub const ALIVE: Duration = Duration::from_millis(500);
/// How long silence is listened to. Answers come in well under a millisecond.
pub const SILENCE: Duration = Duration::from_millis(150);

/// One person at the door: the messages leave from its address and the answers come to it.
#[derive(Debug)]
pub struct Knocker {
    socket: UdpSocket,
    switch: SocketAddr,
}

impl Knocker {
    /// Binds its own address.
    ///
    /// # Errors
    /// When it is taken.
    pub fn new(own: SocketAddr, switch: SocketAddr) -> anyhow::Result<Self> {
        let socket = UdpSocket::bind(own).with_context(|| format!("bind {own}"))?;
        Ok(Self { socket, switch })
    }

    /// Sends, and listens until `enough` says so or the time is over.
    ///
    /// # Errors
    /// When the socket fails.
    pub fn knock(
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
///
/// # Errors
/// When it is not, or the switch has ended.
pub fn alive(house: &mut House, number: usize) -> anyhow::Result<()> {
    let id = house.switch()?.id();
    ensure!(house.switch()?.ended()?.is_none(), "the switch is gone");
    let sip = house.sip()?;
    let knocker = Knocker::new(house.trunk_address()?, sip)?;
    let text = format!(
        "OPTIONS sip:x@{sip} SIP/2.0\r\nVia: SIP/2.0/UDP 127.0.0.2;branch=z9hG4bKalive{number};rport\r\nMax-Forwards: 70\r\nFrom: <sip:a@b>;tag=1\r\nTo: <sip:x@{sip}>\r\nCall-ID: alive{number}\r\nCSeq: 1 OPTIONS\r\nContent-Length: 0\r\n\r\n"
    );
    let answers = knocker.knock(text.as_bytes(), ALIVE, |answers| answers.contains(&200))?;
    ensure!(answers.contains(&200), "no answer to OPTIONS within {ALIVE:?}: {answers:?}");
    ensure!(house.switch()?.id() == id, "another process answers");
    Ok(())
}

/// Sends bytes on a connection of their own and gives the status codes that come back, until `enough` says so, the time
/// is over or the connection is closed.
///
/// # Errors
/// When no connection can be made.
pub fn over_stream(
    own: IpAddr,
    switch: SocketAddr,
    bytes: &[u8],
    within: Duration,
    enough: impl Fn(&[u16]) -> bool,
) -> anyhow::Result<Vec<u16>> {
    let socket = Socket::new(Domain::for_address(switch), Type::STREAM, None)?;
    socket.bind(&SocketAddr::new(own, 0).into())?;
    socket.connect(&switch.into()).with_context(|| format!("no connection to {switch}"))?;
    let mut stream = TcpStream::from(socket);
    // The other side may close in the middle: that is an answer too.
    let _ = stream.write_all(bytes);
    let (mut framer, mut buffer, mut answers) = (StreamFramer::new(), vec![0_u8; 65_535], Vec::new());
    let give_up = Instant::now() + within;
    while !enough(&answers) {
        let left = give_up.saturating_duration_since(Instant::now());
        if left.is_zero() {
            break;
        }
        stream.set_read_timeout(Some(left))?;
        let Ok(length @ 1..) = stream.read(&mut buffer) else { break };
        framer.push(Instant::now(), buffer.get(..length).unwrap_or_default());
        while let Ok(Some(frame)) = framer.next_frame() {
            if let Frame::Message(message) = frame {
                answers.extend(status(&message));
            }
        }
    }
    Ok(answers)
}

/// Many files share one branch: to a live port the second would be the first, sent again.
#[must_use]
pub fn own_branch(bytes: &[u8], number: usize) -> Vec<u8> {
    const SHARED: &[u8] = b"z9hG4bKkdjuw";
    let mut own = bytes.to_vec();
    if let Some(at) = own.windows(SHARED.len()).position(|window| window == SHARED) {
        let unique = format!("z9hG4bKkdj{:02}", number % 100);
        own.splice(at..at + SHARED.len(), unique.into_bytes());
    }
    own
}

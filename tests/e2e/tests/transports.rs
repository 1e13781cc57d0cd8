//! The transports beside UDP and TCP: TLS with a certificate that changes, WebSockets for listed pages only, a peer
//! that dribbles, and IPv6.

use anyhow::Context;
use careline_e2e::{HouseOptions, NUMBER, SOON, tell};
use careline_testkit::certificates::{Authority, Issued};
use careline_testkit::{place::Place, ports, wait};
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv6Addr, SocketAddr, TcpStream, UdpSocket};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

fn options_request(via: &str, from: SocketAddr, to: SocketAddr) -> String {
    format!(
        "OPTIONS sip:{to} SIP/2.0\r\nVia: SIP/2.0/{via} {from};branch=z9hG4bK-{}\r\nMax-Forwards: 70\r\n\
         From: <sip:probe@{from}>;tag=1\r\nTo: <sip:{to}>\r\nCall-ID: {}@probe\r\nCSeq: 1 OPTIONS\r\n\
         Content-Length: 0\r\n\r\n",
        from.port(),
        from.port()
    )
}

/// What stands in the stream up to the end of a head.
fn read_head(stream: &mut impl Read) -> anyhow::Result<String> {
    let (mut head, mut byte) = (Vec::new(), [0_u8; 1]);
    while !head.ends_with(b"\r\n\r\n") {
        stream.read_exact(&mut byte).context("the stream ended before the head did")?;
        head.push(byte[0]);
    }
    Ok(String::from_utf8_lossy(&head).into_owned())
}

fn connect(to: SocketAddr) -> anyhow::Result<TcpStream> {
    let stream = TcpStream::connect(to)?;
    stream.set_read_timeout(Some(SOON))?;
    Ok(stream)
}

/// One TLS connection, by the openssl program, which checks the certificate.
struct TlsClient(Child);

impl TlsClient {
    fn connect(to: SocketAddr, ca: &Path) -> anyhow::Result<Self> {
        let ip = to.ip().to_string();
        let child = Command::new("openssl")
            .args([
                "s_client",
                "-quiet",
                "-verify_return_error",
                "-verify_ip",
                &ip,
                "-connect",
                &to.to_string(),
            ])
            .arg("-CAfile")
            .arg(ca)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        Ok(Self(child))
    }

    fn ask(&mut self, request: &str) -> anyhow::Result<String> {
        let input = self.0.stdin.as_mut().context("its input is a pipe")?;
        input.write_all(request.as_bytes())?;
        input.flush()?;
        read_head(self.0.stdout.as_mut().context("its output is a pipe")?)
    }
}

impl Drop for TlsClient {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn put_certificate(place: &Place, issued: &Issued) -> anyhow::Result<()> {
    std::fs::copy(&issued.key, place.path("switch.key"))?;
    std::fs::copy(&issued.certificate, place.path("switch.pem"))?;
    Ok(())
}

#[test]
fn a_new_certificate_is_used_without_a_restart_and_open_connections_stay() {
    tell("tls", HouseOptions::default(), |house| {
        let tls = house.switch_address()?;
        let old = Authority::new(&house.place().path("old-ca"))?;
        let new = Authority::new(&house.place().path("new-ca"))?;
        put_certificate(house.place(), &old.issue("pbx.test", tls.ip())?)?;
        house.configure(&format!(
            "\n[[listener]]\ntransport = \"tls\"\naddress = \"{tls}\"\n\n[tls]\ncertificate = \"switch.pem\"\n\
             key = \"switch.key\"\n"
        ));
        house.switch()?;
        let request = |port: u16| options_request("TLS", SocketAddr::new(tls.ip(), port), tls);
        let mut first = TlsClient::connect(tls, &old.certificate())?;
        let said = first.ask(&request(1))?;
        anyhow::ensure!(said.starts_with("SIP/2.0 200"), "over TLS: {said}");
        // Nonsense is passed over: the old certificate stays.
        std::fs::write(house.place().path("switch.pem"), "no certificate")?;
        let log = house.place().path("switch.log");
        wait::until_true("the complaint", SOON, || {
            Ok(std::fs::read_to_string(&log)?.contains("the new certificate is no good"))
        })?;
        let said = TlsClient::connect(tls, &old.certificate())?.ask(&request(2))?;
        anyhow::ensure!(said.starts_with("SIP/2.0 200"), "with the old certificate: {said}");
        put_certificate(house.place(), &new.issue("pbx.test", tls.ip())?)?;
        wait::until_true("the new certificate", SOON, || {
            Ok(TlsClient::connect(tls, &new.certificate())?.ask(&request(3)).is_ok())
        })?;
        anyhow::ensure!(
            TlsClient::connect(tls, &old.certificate())?.ask(&request(4)).is_err(),
            "still the old one"
        );
        let said = first.ask(&request(5))?;
        anyhow::ensure!(said.starts_with("SIP/2.0 200"), "on the first connection: {said}");
        Ok(())
    });
}

fn open_web_socket(to: SocketAddr, origin: &str, protocol: &str) -> anyhow::Result<(TcpStream, String)> {
    let mut stream = connect(to)?;
    stream.write_all(
        format!(
            "GET / HTTP/1.1\r\nHost: {to}\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\
             Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n{origin}{protocol}\r\n"
        )
        .as_bytes(),
    )?;
    let head = read_head(&mut stream)?;
    Ok((stream, head))
}

/// A whole text frame of a client, masked with zeros (RFC 6455 5.3).
fn text_frame(text: &str) -> anyhow::Result<Vec<u8>> {
    let mut frame = vec![0x81, 0x80 | 126];
    frame.extend(u16::try_from(text.len())?.to_be_bytes());
    frame.extend([0; 4]);
    frame.extend(text.as_bytes());
    Ok(frame)
}

#[test]
fn only_listed_pages_that_speak_sip_open_a_web_socket() {
    tell("ws", HouseOptions::default(), |house| {
        let ws = house.switch_address()?;
        house.configure(&format!(
            "\n[[listener]]\ntransport = \"ws\"\naddress = \"{ws}\"\n\n[ws]\norigins = [\"https://desk.test\"]\n"
        ));
        house.switch()?;
        let (ours, sip) = ("Origin: https://desk.test\r\n", "Sec-WebSocket-Protocol: sip\r\n");
        for (origin, protocol, status) in [
            ("Origin: https://evil.test\r\n", sip, "403"),
            ("Origin: https://desk.test.evil.test\r\n", sip, "403"),
            ("", sip, "403"),
            (ours, "", "400"),
            (ours, "Sec-WebSocket-Protocol: chat\r\n", "400"),
        ] {
            let (_, head) = open_web_socket(ws, origin, protocol)?;
            anyhow::ensure!(head.starts_with(&format!("HTTP/1.1 {status}")), "{origin}{protocol}: {head}");
        }
        let (mut stream, head) = open_web_socket(ws, ours, sip)?;
        anyhow::ensure!(head.starts_with("HTTP/1.1 101"), "{head}");
        anyhow::ensure!(head.to_ascii_lowercase().contains("sec-websocket-protocol: sip\r\n"), "{head}");
        stream.write_all(&text_frame(&options_request("WS", SocketAddr::new(ws.ip(), 9), ws))?)?;
        let answer = read_head(&mut stream)?;
        anyhow::ensure!(answer.contains("SIP/2.0 200"), "{answer}");
        // A frame of 2^63 bytes is refused by its header alone.
        stream.write_all(&[0x82, 0xff, 0x80, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0])?;
        let mut rest = Vec::new();
        stream.read_to_end(&mut rest).context("the connection was not closed")?;
        Ok(())
    });
}

#[test]
fn who_dribbles_is_dropped_while_others_are_served() {
    tell("dribble", HouseOptions::default(), |house| {
        let sip = house.sip()?;
        let mut dribbler = connect(sip)?;
        dribbler.set_read_timeout(Some(Duration::from_millis(500)))?;
        let other = UdpSocket::bind(house.next_address()?)?;
        other.set_read_timeout(Some(SOON))?;
        let request = options_request("TCP", dribbler.local_addr()?, sip);
        let mut bytes = request.bytes();
        let (dropped, took) = wait::timed(|| {
            wait::until("the end of the dribbling connection", Duration::from_secs(20), || {
                let byte = bytes.next().context("the whole request was taken")?;
                if dribbler.write_all(&[byte]).is_err() {
                    return Ok(Some(()));
                }
                other.send_to(options_request("UDP", other.local_addr()?, sip).as_bytes(), sip)?;
                let mut answer = [0_u8; 2000];
                let (length, _) = other.recv_from(&mut answer).context("somebody else was not served")?;
                anyhow::ensure!(answer[..length].starts_with(b"SIP/2.0 200"), "another answer");
                // Nothing to read yet is an error here; the end of the stream is 0 bytes.
                Ok(matches!(dribbler.read(&mut answer), Ok(0)).then_some(()))
            })
        });
        dropped?;
        anyhow::ensure!((9.0..16.0).contains(&took.as_secs_f64()), "dropped after {took:?}");
        // A STUN binding request keeps a NAT open on the same port (RFC 5626 4.4.2).
        let mut binding = vec![0, 1, 0, 0, 0x21, 0x12, 0xa4, 0x42];
        binding.extend([7; 12]);
        other.send_to(&binding, sip)?;
        let mut answer = [0_u8; 100];
        let (length, _) = other.recv_from(&mut answer)?;
        anyhow::ensure!(length == 32 && answer[..2] == [1, 1], "STUN: {:?}", &answer[..length]);
        Ok(())
    });
}

#[test]
fn a_call_over_ipv6_has_its_media_there_too() {
    tell("ipv6", HouseOptions::default(), |house| {
        let own: IpAddr = Ipv6Addr::LOCALHOST.into();
        let (six, line) = (ports::free(own)?, UdpSocket::bind((own, 0))?);
        line.set_read_timeout(Some(SOON))?;
        house.configure(&format!(
            "\n[[network]]\nid = \"six\"\nmedia_address = \"::1\"\n\n[[listener]]\ntransport = \"udp\"\n\
             address = \"{six}\"\nnetwork = \"six\"\n\n[[trunk]]\nid = \"six\"\nsources = [\"::1\"]\n"
        ));
        house.switch()?;
        let us = line.local_addr()?;
        let sdp = "v=0\r\no=- 1 1 IN IP6 ::1\r\ns=-\r\nc=IN IP6 ::1\r\nt=0 0\r\nm=audio 40000 RTP/AVP 8\r\n";
        let head = |method: &str, tag: &str, cseq: u32| {
            format!(
                "{method} sip:{NUMBER}@{six} SIP/2.0\r\nVia: SIP/2.0/UDP {us};branch=z9hG4bK-{method}\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:13800138000@{us}>;tag=6\r\nTo: <sip:{NUMBER}@{six}>{tag}\r\n\
                 Call-ID: six@story\r\nCSeq: {cseq} {method}\r\nContact: <sip:line@{us}>\r\n"
            )
        };
        let invite = format!(
            "{}Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}",
            head("INVITE", "", 1),
            sdp.len()
        );
        line.send_to(invite.as_bytes(), six)?;
        let answered = wait::until("the answer", SOON, || {
            let mut answer = vec![0_u8; 4000];
            let (length, _) = line.recv_from(&mut answer)?;
            let text = String::from_utf8_lossy(&answer[..length]).into_owned();
            Ok(text.starts_with("SIP/2.0 200").then_some(text))
        })?;
        anyhow::ensure!(answered.contains("c=IN IP6 ::1\r\n"), "{answered}");
        anyhow::ensure!(answered.contains(&format!("Contact: <sip:careline@{six}>")), "{answered}");
        let to = answered.lines().find(|line| line.starts_with("To:")).context("a To")?;
        let tag = to.find(";tag=").map(|at| &to[at..]).context("a tag")?;
        for request in [head("ACK", tag, 1), head("BYE", tag, 2)] {
            line.send_to(format!("{request}Content-Length: 0\r\n\r\n").as_bytes(), six)?;
        }
        house.journal().wait_for("call_ended", SOON, |event| event["ended_by"] == "caller")?;
        Ok(())
    });
}

//! Two networks that know nothing of each other: the line on one, the phone on the other, each in a network namespace
//! of its own. Each is told the switch's address on its own side, and no packet of one is seen on the other.

use anyhow::Context;
use careline_e2e::{HouseOptions, NUMBER, SOON, tell};
use careline_testkit::{child::OwnedChild, place::Place, wait};
use std::net::{SocketAddr, UdpSocket};
use std::process::Command;

/// A network namespace joined to ours by a pair of interfaces; gone on drop.
struct Segment {
    name: String,
    /// The first three numbers of its addresses; ours is .1, theirs .2.
    net: String,
    capture: OwnedChild,
    captured: std::path::PathBuf,
}

fn ip(args: &str) -> anyhow::Result<()> {
    let done = Command::new("ip").args(args.split_whitespace()).output().context("iproute2 is needed")?;
    anyhow::ensure!(done.status.success(), "ip {args}: {}", String::from_utf8_lossy(&done.stderr));
    Ok(())
}

impl Segment {
    /// Makes it, and captures everything in it that is from or for `foreign`.
    fn new(place: &Place, side: &str, net: String, foreign: &str) -> anyhow::Result<Self> {
        let name = format!("cl{}{side}", std::process::id());
        let captured = place.path(&format!("capture-{side}.log"));
        ip(&format!("netns add {name}"))?;
        ip(&format!("link add {name}o type veth peer name {name}i netns {name}"))?;
        ip(&format!("addr add {net}.1/24 dev {name}o"))?;
        ip(&format!("link set {name}o up"))?;
        ip(&format!("-n {name} addr add {net}.2/24 dev {name}i"))?;
        ip(&format!("-n {name} link set {name}i up"))?;
        let log = std::fs::File::create(&captured)?;
        let capture = OwnedChild::spawn(
            Command::new("ip")
                .args(["netns", "exec", &name, "tcpdump", "-lni", "any", "net", &format!("{foreign}.0/24")])
                .stdout(log.try_clone()?)
                .stderr(log),
        )?;
        let file = captured.clone();
        wait::until_true("tcpdump", SOON, || Ok(std::fs::read_to_string(&file)?.contains("listening on")))?;
        Ok(Self { name, net, capture, captured })
    }

    /// A socket in the namespace: it stays there when the thread that made it has gone.
    fn socket(&self, port: u16) -> anyhow::Result<UdpSocket> {
        let (path, address) = (format!("/run/netns/{}", self.name), format!("{}.2:{port}", self.net));
        let made = std::thread::spawn(move || -> anyhow::Result<UdpSocket> {
            let namespace = std::fs::File::open(path)?;
            let kind = Some(rustix::thread::LinkNameSpaceType::Network);
            rustix::thread::move_into_link_name_space(std::os::fd::AsFd::as_fd(&namespace), kind)?;
            Ok(UdpSocket::bind(address)?)
        });
        let socket = made.join().map_err(|_| anyhow::anyhow!("the thread in the namespace panicked"))??;
        socket.set_read_timeout(Some(SOON))?;
        Ok(socket)
    }

    /// Ends the capture; what it saw is nothing.
    fn saw_nothing_foreign(&mut self) -> anyhow::Result<()> {
        self.capture.terminate()?;
        self.capture.wait_end(SOON)?;
        let seen = std::fs::read_to_string(&self.captured)?;
        anyhow::ensure!(seen.contains("0 packets captured"), "in {}: {seen}", self.name);
        Ok(())
    }
}

impl Drop for Segment {
    fn drop(&mut self) {
        let _ = ip(&format!("link del {}o", self.name));
        let _ = ip(&format!("netns del {}", self.name));
    }
}

/// The next message that begins so; others are passed over.
fn receive(socket: &UdpSocket, begins: &str) -> anyhow::Result<String> {
    wait::until(begins, SOON, || {
        let mut bytes = vec![0_u8; 4000];
        let (length, _) = socket.recv_from(&mut bytes)?;
        let text = String::from_utf8_lossy(&bytes[..length]).into_owned();
        Ok(text.starts_with(begins).then_some(text))
    })
}

fn line_of<'a>(message: &'a str, name: &str) -> anyhow::Result<&'a str> {
    message.lines().find(|line| line.starts_with(name)).with_context(|| format!("no {name} in {message}"))
}

fn body(net: &str, port: u16) -> String {
    let sdp = format!(
        "v=0\r\no=- 1 1 IN IP4 {net}.2\r\ns=-\r\nc=IN IP4 {net}.2\r\nt=0 0\r\nm=audio {port} RTP/AVP 8\r\n"
    );
    format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len())
}

fn answer(request: &str, us: &str, sdp: &str) -> anyhow::Result<String> {
    let mut text = "SIP/2.0 200 OK\r\n".to_owned();
    for name in ["Via:", "From:", "Call-ID:", "CSeq:"] {
        text.push_str(&format!("{}\r\n", line_of(request, name)?));
    }
    text.push_str(&format!("{};tag=phone\r\nContact: <sip:1002@{us}>\r\n{sdp}", line_of(request, "To:")?));
    Ok(text)
}

#[test]
fn each_network_sees_only_its_own_side_of_a_call() {
    let options = HouseOptions { agents: Vec::new(), ..HouseOptions::default() };
    tell("networks", options, |house| {
        // Addresses of one story at a time: the process number tells them apart.
        let number = 64 + std::process::id() % 64;
        let (phones_net, lines_net) = (format!("10.{number}.1"), format!("10.{number}.2"));
        let mut phones = Segment::new(house.place(), "p", phones_net.clone(), &lines_net)?;
        let mut lines = Segment::new(house.place(), "l", lines_net.clone(), &phones_net)?;
        let (phone, line) = (phones.socket(5060)?, lines.socket(5060)?);
        let (phone_rtp, line_rtp) = (phones.socket(40_000)?, lines.socket(40_000)?);
        let mut more = String::new();
        for (id, net) in [("phones", &phones_net), ("lines", &lines_net)] {
            more.push_str(&format!(
                "\n[[network]]\nid = \"{id}\"\nmedia_address = \"{net}.1\"\n\n[[listener]]\ntransport = \"udp\"\n\
                 address = \"{net}.1:5060\"\nnetwork = \"{id}\"\n"
            ));
        }
        house.configure(&format!(
            "{more}\n[[trunk]]\nid = \"lines\"\nsources = [\"{lines_net}.2\"]\n\n[[agent]]\nid = \"1002\"\n\
             name = \"fixed\"\nqueues = [\"desk\"]\nready_on_register = true\ncontact = \"sip:1002@{phones_net}.2:5060\"\n"
        ));
        house.switch()?;
        let switch: SocketAddr = format!("{lines_net}.1:5060").parse()?;
        let head = |method: &str, tag: &str, cseq: u32| {
            format!(
                "{method} sip:{NUMBER}@{switch} SIP/2.0\r\nVia: SIP/2.0/UDP {lines_net}.2:5060;branch=z9hG4bK-{cseq}{method}\r\n\
                 Max-Forwards: 70\r\nFrom: <sip:13800138000@{lines_net}.2>;tag=l\r\nTo: <sip:{NUMBER}@{switch}>{tag}\r\n\
                 Call-ID: networks@story\r\nCSeq: {cseq} {method}\r\nContact: <sip:line@{lines_net}.2:5060>\r\n"
            )
        };
        let invite = format!("{}{}", head("INVITE", "", 1), body(&lines_net, 40_000));
        line.send_to(invite.as_bytes(), switch)?;
        let answered = receive(&line, "SIP/2.0 200")?;
        anyhow::ensure!(line_of(&answered, "c=")? == format!("c=IN IP4 {lines_net}.1"), "{answered}");
        anyhow::ensure!(!answered.contains(&phones_net), "the line sees the phones: {answered}");
        let to = line_of(&answered, "To:")?;
        let tag = &to[to.find(";tag=").context("a tag")?..];
        line.send_to(format!("{}Content-Length: 0\r\n\r\n", head("ACK", tag, 1)).as_bytes(), switch)?;
        house.journal().wait_for("flow_node", SOON, |event| event["node"] == "menu")?;
        let key = "Signal=0\r\nDuration=100\r\n";
        let info = format!(
            "{}Content-Type: application/dtmf-relay\r\nContent-Length: {}\r\n\r\n{key}",
            head("INFO", tag, 2),
            key.len()
        );
        line.send_to(info.as_bytes(), switch)?;
        let rung = receive(&phone, "INVITE")?;
        anyhow::ensure!(line_of(&rung, "c=")? == format!("c=IN IP4 {phones_net}.1"), "{rung}");
        anyhow::ensure!(line_of(&rung, "Via:")?.contains(&format!("{phones_net}.1:5060")), "{rung}");
        anyhow::ensure!(line_of(&rung, "Contact:")?.contains(&format!("{phones_net}.1:5060")), "{rung}");
        anyhow::ensure!(!rung.contains(&lines_net), "the phone sees the lines: {rung}");
        let picked_up = answer(&rung, &format!("{phones_net}.2:5060"), &body(&phones_net, 40_000))?;
        phone.send_to(picked_up.as_bytes(), format!("{phones_net}.1:5060"))?;
        house.journal().wait_for("call_connected", SOON, |event| event["agent"] == "1002")?;
        // Audio of one side is heard on the other, from the switch's address there.
        let media: u16 = line_of(&answered, "m=audio")?.split(' ').nth(1).context("a port")?.parse()?;
        hear(&line_rtp, &format!("{lines_net}.1:{media}"), &phone_rtp, &format!("{phones_net}.1"))?;
        line.send_to(format!("{}Content-Length: 0\r\n\r\n", head("BYE", tag, 3)).as_bytes(), switch)?;
        receive(&phone, "BYE")?;
        phones.saw_nothing_foreign()?;
        lines.saw_nothing_foreign()
    });
}

/// The phone's side of a call that it makes; every message is written by hand.
struct Dialling<'a> {
    socket: &'a UdpSocket,
    net: &'a str,
    number: &'a str,
    to_tag: String,
    cseq: u32,
}

impl Dialling<'_> {
    fn send(&mut self, method: &str, more: &str, content: &str) -> anyhow::Result<()> {
        let (net, number, tag) = (self.net, self.number, &self.to_tag);
        self.cseq += u32::from(method != "ACK");
        let cseq = self.cseq;
        let content = if content.is_empty() { "Content-Length: 0\r\n\r\n" } else { content };
        let text = format!(
            "{method} sip:{number}@{net}.1 SIP/2.0\r\nVia: SIP/2.0/UDP {net}.2:5060;branch=z9hG4bK-out{cseq}{method}\r\n\
             Max-Forwards: 70\r\nFrom: <sip:1002@{net}.1>;tag=p\r\nTo: <sip:{number}@{net}.1>{tag}\r\n\
             Call-ID: out@story\r\nCSeq: {cseq} {method}\r\nContact: <sip:1002@{net}.2:5060>\r\n{more}{content}"
        );
        self.socket.send_to(text.as_bytes(), format!("{net}.1:5060"))?;
        Ok(())
    }

    /// Offers a description; gives the 200 to it, acknowledged.
    fn offer(&mut self, content: &str) -> anyhow::Result<String> {
        self.send("INVITE", "", content)?;
        let answer = receive(self.socket, "SIP/2.0 200")?;
        self.send("ACK", "", "")?;
        Ok(answer)
    }
}

/// Where a description says that audio goes, and that nothing of it names another address of ours.
fn told(message: &str, net: &str, foreign: &str) -> anyhow::Result<u16> {
    anyhow::ensure!(line_of(message, "c=")? == format!("c=IN IP4 {net}.4"), "{message}");
    anyhow::ensure!(!message.contains(foreign), "one network is named on the other: {message}");
    Ok(line_of(message, "m=audio")?.split(' ').nth(1).context("a port")?.parse()?)
}

/// Signalling is at .1, media are bound at .3 and told as .4, as behind an address translator.
fn network_with_media_elsewhere(segment: &Segment, id: &str) -> anyhow::Result<String> {
    let net = &segment.net;
    ip(&format!("addr add {net}.3/24 dev {}o", segment.name))?;
    Ok(format!(
        "\n[[network]]\nid = \"{id}\"\nmedia_address = \"{net}.3\"\nmedia_advertise = \"{net}.4\"\n\n[[listener]]\n\
         transport = \"udp\"\naddress = \"{net}.1:5060\"\nnetwork = \"{id}\"\n"
    ))
}

#[test]
fn a_call_out_has_the_media_address_of_each_network_through_ringing_talk_and_hold() {
    let options = HouseOptions { agents: Vec::new(), ..HouseOptions::default() };
    tell("networks-out", options, |house| {
        let number = 128 + std::process::id() % 64;
        let (phones_net, lines_net) = (format!("10.{number}.1"), format!("10.{number}.2"));
        let mut phones = Segment::new(house.place(), "q", phones_net.clone(), &lines_net)?;
        let mut lines = Segment::new(house.place(), "m", lines_net.clone(), &phones_net)?;
        let more = network_with_media_elsewhere(&phones, "phones")?
            + &network_with_media_elsewhere(&lines, "lines")?;
        house.configure(&format!(
            "{more}\n[[trunk]]\nid = \"lines\"\nnetwork = \"lines\"\nproxy = [\"{lines_net}.2:5060\"]\n\
             options_interval_s = 0\n\n[[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"lines\" }}]\n\n\
             [[route]]\ngroup = \"out\"\n\n[[agent]]\nid = \"1002\"\nname = \"fixed\"\npassword = \"pw1002\"\n\
             queues = [\"desk\"]\ncontact = \"sip:1002@{phones_net}.2:5060\"\n"
        ));
        house.switch()?;
        let (phone, line) = (phones.socket(5060)?, lines.socket(5060)?);
        let (phone_rtp, line_rtp) = (phones.socket(40_000)?, lines.socket(40_000)?);
        let mut call = Dialling {
            socket: &phone,
            net: &phones_net,
            number: "13900001111",
            to_tag: String::new(),
            cseq: 0,
        };
        let offer = body(&phones_net, 40_000);
        call.send("INVITE", "", &offer)?;
        let challenged = receive(&phone, "SIP/2.0 401")?;
        call.send("ACK", "", "")?;
        let challenge =
            line_of(&challenged, "WWW-Authenticate:")?.trim_start_matches("WWW-Authenticate:").trim();
        let uri = format!("sip:13900001111@{phones_net}.1").parse()?;
        let invite = careline_sip::Method::Invite;
        let proof = careline_sip::auth::authorize(challenge, &invite, &uri, "1002", "pw1002", "c0ffee", 1);
        call.send("INVITE", &format!("Authorization: {}\r\n", proof.context("a challenge")?), &offer)?;

        // The line is called from its own network, and is heard before it answers.
        let dialled = receive(&line, "INVITE")?;
        let line_media = told(&dialled, &lines_net, &phones_net)?;
        for name in ["Via:", "Contact:"] {
            anyhow::ensure!(line_of(&dialled, name)?.contains(&format!("{lines_net}.1:5060")), "{dialled}");
        }
        let us = format!("{lines_net}.2:5060");
        let answered = answer(&dialled, &us, &body(&lines_net, 40_000))?;
        let progress = answered.replace("SIP/2.0 200 OK", "SIP/2.0 183 Session Progress");
        line.send_to(progress.as_bytes(), format!("{lines_net}.1:5060"))?;
        let early = receive(&phone, "SIP/2.0 183")?;
        let phone_media = told(&early, &phones_net, &lines_net)?;
        let (to_line, to_phone) =
            (format!("{lines_net}.3:{line_media}"), format!("{phones_net}.3:{phone_media}"));
        let (line_side, phone_side) = (format!("{lines_net}.3"), format!("{phones_net}.3"));
        hear(&line_rtp, &to_line, &phone_rtp, &phone_side).context("before the answer")?;

        line.send_to(answered.as_bytes(), format!("{lines_net}.1:5060"))?;
        receive(&line, "ACK")?;
        let connected = receive(&phone, "SIP/2.0 200")?;
        told(&connected, &phones_net, &lines_net)?;
        let to = line_of(&connected, "To:")?;
        to[to.find(";tag=").context("a tag")?..].clone_into(&mut call.to_tag);
        call.send("ACK", "", "")?;
        hear(&phone_rtp, &to_phone, &line_rtp, &line_side).context("the phone's voice")?;
        hear(&line_rtp, &to_line, &phone_rtp, &phone_side).context("the line's voice")?;

        // Hold and resume: the descriptions stay those of the phones' network.
        let sdp = |direction: &str| {
            let (_, sdp) = offer.split_once("\r\n\r\n").context("a body")?;
            let sdp =
                format!("{}a={direction}\r\n", sdp.replace("- 1 1", &format!("- 1 {}", direction.len())));
            anyhow::Ok(format!("Content-Type: application/sdp\r\nContent-Length: {}\r\n\r\n{sdp}", sdp.len()))
        };
        let held = call.offer(&sdp("sendonly")?)?;
        told(&held, &phones_net, &lines_net)?;
        anyhow::ensure!(held.contains("a=recvonly") || held.contains("a=inactive"), "{held}");
        let resumed = call.offer(&sdp("sendrecv")?)?;
        told(&resumed, &phones_net, &lines_net)?;
        hear(&line_rtp, &to_line, &phone_rtp, &phone_side).context("after the hold")?;

        call.send("BYE", "", "")?;
        receive(&line, "BYE")?;
        phones.saw_nothing_foreign()?;
        lines.saw_nothing_foreign()
    });
}

/// Sends A-law packets until one with the same sound comes out on the other side.
fn hear(from: &UdpSocket, to: &str, at: &UdpSocket, switch: &str) -> anyhow::Result<()> {
    let mut sequence = 0_u16;
    at.set_read_timeout(Some(std::time::Duration::from_millis(20)))?;
    wait::until("the voice on the other network", SOON, || {
        let mut packet = vec![0x80, 8];
        packet.extend(sequence.to_be_bytes());
        packet.extend((u32::from(sequence) * 160).to_be_bytes());
        packet.extend([0, 0, 0, 9]);
        packet.extend([0x2a; 160]);
        sequence = sequence.wrapping_add(1);
        from.send_to(&packet, to)?;
        let mut bytes = [0_u8; 400];
        let Ok((length, source)) = at.recv_from(&mut bytes) else { return Ok(None) };
        anyhow::ensure!(source.ip().to_string() == switch, "media came from {source}");
        Ok((length > 12 && bytes[12..length].iter().all(|byte| *byte == 0x2a)).then_some(()))
    })
}

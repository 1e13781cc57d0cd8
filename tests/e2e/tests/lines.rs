//! Calls out through lines that we did not write: SIPp as an IMS, an E1 gateway and an FXO gateway, and Kamailio as a
//! carrier that dies in mid-ring. A switchboard with one UDP socket is the caller; no media flows.

use careline_model::config::{check, parse};
use careline_model::{CallId, LegId, Now};
use careline_sip::{Flow, Transport as Carrier};
use careline_switchboard::{
    BoundListener, MediaOrder, MediaSignal, Output, OutsideCall, Settings, Switchboard,
};
use careline_testkit::sipp::{self, Sipp, SippRun, Transport};
use careline_testkit::{Kamailio, Place, kamailio, ports, wait};
use rand_chacha::ChaCha20Rng;
use rand_chacha::rand_core::SeedableRng;
use std::cell::Cell;
use std::net::{SocketAddr, UdpSocket};
use std::sync::Arc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

const SOON: Duration = Duration::from_secs(10);
/// Two probes in a row that nobody answers, on a loaded machine.
const DETECTION: Duration = Duration::from_secs(30);
const LEG: LegId = LegId(1);

/// A switchboard on one socket.
struct Caller {
    board: Switchboard,
    socket: UdpSocket,
    media: Vec<MediaOrder>,
}

impl Caller {
    fn new(own: SocketAddr, trunks: &str) -> anyhow::Result<Self> {
        let config = format!(
            "area_code = \"0543\"\n[media]\naddress = \"{ip}\"\n[sip]\nudp = [\"{own}\"]\n{trunks}\n[[route]]\ngroup = \"out\"\n",
            ip = own.ip()
        );
        let plan = check(&parse(&config, "line.toml")?, &[], &|_| true)
            .map_err(|errors| anyhow::anyhow!("{errors:#?}"))?;
        let listeners =
            vec![BoundListener { transport: Carrier::Udp, address: own, network: "default".into() }];
        let settings = Settings { listeners, user_agent: "careline-line".to_owned() };
        let mut board = Switchboard::new(Arc::new(plan), settings, ChaCha20Rng::seed_from_u64(1), now());
        for port in 0..4 {
            board.handle_port(SocketAddr::new(own.ip(), 30_000 + 2 * port));
        }
        let socket = UdpSocket::bind(own)?;
        socket.set_read_timeout(Some(Duration::from_millis(10)))?;
        Ok(Self { board, socket, media: Vec::new() })
    }

    fn dial(&mut self, number: &str) {
        let call = OutsideCall {
            leg: LEG,
            call: CallId(Default::default()),
            group: "out".into(),
            number: careline_model::Number::normalize(number, "86", Some("0543")),
            caller_id: None,
            codecs: Vec::new(),
            max_forwards: 70,
            timeout: Duration::from_secs(60),
        };
        self.board.dial_out(now(), call);
    }

    /// Ends the call.
    fn hang_up(&mut self) {
        self.board.handle_media(now(), MediaSignal::TimedOut { leg: LEG });
    }

    /// Lets messages come and go until `done`.
    fn until(&mut self, what: &str, within: Duration, done: impl Fn(&Self) -> bool) -> anyhow::Result<()> {
        wait::until_true(what, within, || {
            self.step()?;
            Ok(done(self))
        })
    }

    fn step(&mut self) -> anyhow::Result<()> {
        let at = now();
        if self.board.next_deadline().is_some_and(|due| due <= at.instant) {
            self.board.handle_deadline(at);
        }
        while let Some(output) = self.board.poll_output() {
            match output {
                Output::Transmit(transmit) => {
                    // A dead peer's port is closed: the kernel may tell so at the next call.
                    let _ = self.socket.send_to(&transmit.bytes, transmit.flow.remote);
                }
                Output::Media(order) => self.media.push(order),
                _ => {}
            }
        }
        let mut bytes = [0; 65_535];
        let local = self.socket.local_addr()?;
        if let Ok((length, remote)) = self.socket.recv_from(&mut bytes) {
            let flow = Flow { transport: Carrier::Udp, local, remote };
            self.board.handle_message(now(), flow, &bytes[..length]);
        }
        Ok(())
    }

    fn has_media(&self) -> bool {
        self.media.iter().any(|order| matches!(order, MediaOrder::Remote { .. }))
    }

    fn is_up(&self, trunk: usize) -> bool {
        self.board.trunk_status(now()).get(trunk).is_some_and(|status| status.proxies[0].1)
    }
}

#[expect(clippy::disallowed_methods, reason = "an edge: real programs answer by the real clock")]
fn now() -> Now {
    let wall = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let wall_us = i64::try_from(wall.as_micros()).unwrap_or(i64::MAX);
    Now { instant: std::time::Instant::now(), wall_us }.after(AHEAD.get())
}

thread_local! {
    /// How far the caller's clock is ahead of the world's: half a session is not waited for.
    static AHEAD: Cell<Duration> = const { Cell::new(Duration::ZERO) };
}

/// A gateway that checks the INVITE by a pattern, does `before` (further responses), answers, and waits for BYE.
fn gateway(pattern: &str, before: &[&str]) -> String {
    let response = |status: &str, body: bool| {
        let sdp = "v=0\no=- 1 1 IN IP4 [local_ip]\ns=-\nc=IN IP4 [local_ip]\nt=0 0\nm=audio 40000 RTP/AVP 8 101\n\
                   a=rtpmap:8 PCMA/8000\na=rtpmap:101 telephone-event/8000\n";
        let (kind, sdp) = if body { ("Content-Type: application/sdp\n", sdp) } else { ("", "") };
        format!(
            "<send><![CDATA[\nSIP/2.0 {status}\n[last_Via:]\n[last_From:]\n[last_To:];tag=gw[call_number]\n\
             [last_Call-ID:]\n[last_CSeq:]\n[last_Record-Route:]\nContact: <sip:gw@[local_ip]:[local_port]>\n{kind}\
             Content-Length: [len]\n\n{sdp}]]></send>\n"
        )
    };
    let before: String = before.iter().map(|status| response(status, status.starts_with("183"))).collect();
    format!(
        "<?xml version=\"1.0\"?>\n<scenario name=\"gateway\">\n<recv request=\"INVITE\"><action>\
         <ereg regexp=\"{pattern}\" search_in=\"msg\" check_it=\"true\" assign_to=\"1\"/></action></recv>\n\
         <Reference variables=\"1\"/>\n{before}<pause milliseconds=\"300\"/>\n{answer}<recv request=\"ACK\"/>\n\
         <recv request=\"BYE\"/>\n<send><![CDATA[\nSIP/2.0 200 OK\n[last_Via:]\n[last_From:]\n[last_To:]\n\
         [last_Call-ID:]\n[last_CSeq:]\nContent-Length: 0\n\n]]></send>\n</scenario>\n",
        answer = response("200 OK", true),
    )
}

fn listen(place: &Place, name: &str, local: SocketAddr, scenario: &str) -> anyhow::Result<Sipp> {
    let run = SippRun {
        name,
        scenario,
        local,
        remote: SocketAddr::new(local.ip(), 5060),
        transport: Transport::Udp,
        service: "gw",
        keys: &[],
        calls: 1,
        when_called: None,
        auth_uri: None,
        within: Duration::from_secs(60),
    };
    sipp::start(place, &run)
}

/// One call through a line of this profile: dialled, answered, ended by us, everything as the gateway expects it.
fn one_call(
    name: &str,
    trunk: &str,
    number: &str,
    pattern: &str,
    before: &[&str],
    check: impl FnOnce(&mut Caller) -> anyhow::Result<()>,
) -> anyhow::Result<()> {
    let place = Place::new(name)?;
    let (own, peer) = (ports::free(place.ip(1))?, ports::free(place.ip(2))?);
    let scenario = gateway(pattern, before);
    let gateway = listen(&place, name, peer, &scenario)?;
    let trunks = format!(
        "[[trunk]]\nid = \"line\"\nproxy = [\"{peer}\"]\noptions_interval_s = 0\nfirst_response_s = 20\n{trunk}\n\
         [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"line\" }}]\n"
    );
    let mut caller = Caller::new(own, &trunks)?;
    caller.dial(number);
    check(&mut caller)?;
    caller.until("the answer", SOON, Caller::has_media)?;
    // The ACK goes out before the BYE.
    let until = now().instant + Duration::from_millis(500);
    caller.until("half a second of talk", SOON, |_| now().instant >= until)?;
    caller.hang_up();
    caller.until("the end of the leg", SOON, |caller| caller.board.live_legs() == 0)?;
    let until = now().instant + Duration::from_millis(500);
    caller.until("the last messages", SOON, |_| now().instant >= until)?;
    gateway.finish()?.all_as_scripted()
}

#[test]
fn an_ims_gets_tel_addresses_and_a_preferred_identity_and_its_announcement_is_heard() {
    let trunk = "profile = \"ims-cn\"\ndomain = \"ims.example.com\"\ncaller_id = \"+8654332201000\"";
    let pattern = "INVITE tel:.8613812345678 .*P-Preferred-Identity: .sip:.8654332201000@ims.example.com";
    one_call("ims", trunk, "13812345678", pattern, &["183 Session Progress"], |caller| {
        caller.until("the announcement", SOON, Caller::has_media)
    })
    .unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn an_e1_gateway_gets_the_outside_digit() {
    let trunk = "profile = \"e1-gateway\"";
    let before = ["100 Trying", "180 Ringing"];
    one_call("e1", trunk, "010-62345678", "INVITE sip:901062345678@", &before, |_| Ok(()))
        .unwrap_or_else(|error| panic!("{error:#}"));
}

#[test]
fn a_ward_behind_an_e1_gateway_is_called_without_it() {
    one_call("ward", "profile = \"e1-gateway\"", "8021", "INVITE sip:8021@", &["180 Ringing"], |_| Ok(()))
        .unwrap_or_else(|error| panic!("{error:#}"));
}

/// It answers at once, before anybody was rung: what is to be known about the other end, the sound tells.
#[test]
fn an_fxo_gateway_answers_at_once_and_gets_local_numbers() {
    one_call("fxo", "profile = \"fxo-gateway\"", "0543-3226789", "INVITE sip:3226789@", &[], |_| Ok(()))
        .unwrap_or_else(|error| panic!("{error:#}"));
}

/// An IMS that wants its announcement confirmed (RFC 3262), answers without a further description, and has the session
/// refreshed by us every 90 s (RFC 4028).
const CONFIRMED: &str = include_str!("../scenarios/ims_confirmed.xml");

fn confirmed_and_refreshed() -> anyhow::Result<()> {
    let place = Place::new("prack")?;
    let (own, peer) = (ports::free(place.ip(1))?, ports::free(place.ip(2))?);
    let gateway = listen(&place, "prack", peer, CONFIRMED)?;
    let trunks = format!(
        "[[trunk]]\nid = \"line\"\nprofile = \"ims-cn\"\nproxy = [\"{peer}\"]\nfirst_response_s = 20\n\
         domain = \"ims.example.com\"\ncaller_id = \"+8654332201000\"\n\
         [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"line\" }}]\n"
    );
    let mut caller = Caller::new(own, &trunks)?;
    caller.dial("13812345678");
    caller.until("the announcement", SOON, Caller::has_media)?;
    let until = now().instant + Duration::from_secs(2);
    caller.until("PRACK, answer and ACK", SOON, |_| now().instant >= until)?;
    AHEAD.set(Duration::from_secs(46));
    let until = now().instant + Duration::from_secs(1);
    caller.until("the refresh", SOON, |_| now().instant >= until)?;
    anyhow::ensure!(caller.board.live_legs() == 1, "the call goes on");
    caller.hang_up();
    caller.until("the end of the leg", SOON, |caller| caller.board.live_legs() == 0)?;
    let until = now().instant + Duration::from_millis(500);
    caller.until("the last messages", SOON, |_| now().instant >= until)?;
    gateway.finish()?.all_as_scripted()
}

#[test]
fn an_ims_has_its_announcement_confirmed_and_its_session_refreshed() {
    confirmed_and_refreshed().unwrap_or_else(|error| panic!("{error:#}"));
}

fn carrier_that_dies_in_mid_ring() -> anyhow::Result<()> {
    let place = Place::new("failover")?;
    let own = ports::free(place.ip(1))?;
    let (first, second) = (ports::free(place.ip(2))?, ports::free(place.ip(3))?);
    let (ringing, answering) = (ports::free(place.ip(4))?, ports::free(place.ip(5))?);
    // Rings for longer than the story lasts.
    let endless = gateway("INVITE", &["180 Ringing"]).replace("\"300\"", "\"50000\"");
    let _ringing = listen(&place, "ringing", ringing, &endless)?;
    let answering_gateway = listen(&place, "answering", answering, &gateway("INVITE", &["180 Ringing"]))?;
    let mut first_proxy = Kamailio::start(&place, "first", first, &[ringing])?;
    let second_proxy = Kamailio::start(&place, "second", second, &[answering])?;
    let trunk = |id: &str, proxy: SocketAddr| {
        format!(
            "[[trunk]]\nid = \"{id}\"\noptions_interval_s = 1\noptions_failures = 2\n[trunk.register]\n\
             registrar = \"{proxy}\"\ndomain = \"{realm}\"\nuser = \"trunk-{id}\"\npassword = \"{password}\"\n",
            realm = kamailio::REALM,
            password = kamailio::PASSWORD,
        )
    };
    let trunks = format!(
        "{}{}[[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"a\", order = 1 }}, {{ trunk = \"b\", order = 2 }}]\n",
        trunk("a", first),
        trunk("b", second)
    );
    let mut caller = Caller::new(own, &trunks)?;
    caller.until("both registrations", SOON, |caller| {
        caller.board.trunk_status(now()).iter().all(|status| status.registered == Some(true))
    })?;
    caller.dial("10086");
    caller.until("the first carrier's gateway", SOON, |_| first_proxy.said().contains("to gateway"))?;
    let until = now().instant + Duration::from_secs(1);
    caller.until("a second of ringing", SOON, |_| now().instant >= until)?;
    first_proxy.die()?;
    caller.until("the second carrier's answer", DETECTION, Caller::has_media)?;
    anyhow::ensure!(!caller.is_up(0) && caller.is_up(1), "{:?}", caller.board.trunk_status(now()));
    anyhow::ensure!(second_proxy.said().contains("to gateway"), "{}", second_proxy.said());
    caller.hang_up();
    caller.until("the end of the leg", SOON, |caller| caller.board.live_legs() == 0)?;
    let until = now().instant + Duration::from_millis(500);
    caller.until("the last messages", SOON, |_| now().instant >= until)?;
    answering_gateway.finish()?.all_as_scripted()
}

#[test]
fn a_carrier_that_dies_in_mid_ring_is_replaced_within_the_call() {
    carrier_that_dies_in_mid_ring().unwrap_or_else(|error| panic!("{error:#}"));
}

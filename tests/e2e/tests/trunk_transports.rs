//! A carrier that is reached over TCP or TLS: Kamailio takes the registration, brings calls and takes them out.

use careline_e2e::phones::PART;
use careline_e2e::{House, HouseOptions, SOON, STRAIGHT_NUMBER, tell, text, voice};
use careline_testkit::certificates::{Authority, Issued};
use careline_testkit::wave::Wave;
use careline_testkit::{Answering, Kamailio, Phone, PhoneOptions, Place, Transport, kamailio, ports, wait};
use std::net::SocketAddr;
use std::path::Path;
use std::time::Duration;

/// The name in the carrier's certificate.
const CARRIER: &str = "sbc.carrier.test";
/// Until a trunk that lost its carrier registers again.
const COMES_BACK: Duration = Duration::from_secs(25);
/// Whom the agent calls outside.
const OUTSIDE: &str = "13912345678";

/// A carrier with one gateway, behind which somebody answers.
struct Carrier {
    place: Place,
    sip: SocketAddr,
    gateway: SocketAddr,
    certificate: Option<Issued>,
}

impl Carrier {
    fn new(name: &str, transport: Transport) -> anyhow::Result<Self> {
        let place = Place::new(name)?;
        let (sip, gateway) = (ports::free(place.ip(1))?, ports::free_pair(place.ip(2))?);
        let certificate = match transport {
            Transport::Tls => Some(Authority::new(&place.path("ca"))?.issue(CARRIER, sip.ip())?),
            Transport::Udp | Transport::Tcp => None,
        };
        Ok(Self { place, sip, gateway, certificate })
    }

    fn start(&self, name: &str) -> anyhow::Result<Kamailio> {
        Kamailio::start_with(&self.place, name, self.sip, &[self.gateway], self.certificate.as_ref())
    }

    /// The trunk in the switch's configuration. Its certificate has to be made out to `expected`.
    fn trunk(&self, transport: Transport, expected: &str) -> String {
        let (sip, word) = (self.sip, transport.word());
        let tls = match transport {
            Transport::Tls => format!(
                "[tls]\nca = \"{}\"\nnames = {{ \"{sip}\" = \"{expected}\" }}\n",
                self.place.path("ca/ca.pem").display()
            ),
            Transport::Udp | Transport::Tcp => String::new(),
        };
        format!(
            "[[trunk]]\nid = \"ims\"\ntransport = \"{word}\"\nproxy = [\"{sip}\"]\n[trunk.register]\n\
             registrar = \"{sip}\"\ndomain = \"{}\"\nuser = \"{STRAIGHT_NUMBER}\"\n\
             auth_user = \"{STRAIGHT_NUMBER}\"\npassword = \"{}\"\n\
             [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"ims\" }}]\n[[route]]\ngroup = \"out\"\n{tls}",
            kamailio::REALM,
            kamailio::PASSWORD,
        )
    }

    /// Whoever is behind the gateway.
    fn outside(&self, speech: &Path) -> anyhow::Result<Phone> {
        let options = PhoneOptions::patient(OUTSIDE, self.gateway, speech);
        Phone::start(&self.place, PhoneOptions { answering: Answering::Auto, ..options })
    }
}

/// A patient whom the carrier brings, and the agent hear each other; the agent hangs up.
fn a_call_comes_in(house: &House, carrier: &Carrier, agent: &mut Phone) -> anyhow::Result<()> {
    let speech = house.steady_voice(voice::PATIENT_HZ)?;
    let mut patient = house.patient("13800138000", &speech)?;
    patient.dial(STRAIGHT_NUMBER, carrier.sip)?;
    patient.wait_event("CALL_ESTABLISHED", SOON)?;
    let offered = house.journal().wait_for("call_offered", SOON, |event| event["trunk"] == "ims")?;
    let call = text(&offered, "call")?;
    house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
    wait::last(PART);
    agent.hang_up()?;
    patient.wait_event("CALL_CLOSED", SOON)?;
    house.expect_ended(&call, "completed", "agent")?;
    patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
    let recorded = Wave::read(&house.recording(&format!("{call}-1"))?.0)?;
    recorded.expect_tone("the patient on the left", 0, voice::PATIENT_HZ)?;
    recorded.expect_tone("the agent on the right", 1, voice::AGENT_HZ)
}

/// The agent and somebody outside hear each other; the one outside hangs up.
fn a_call_goes_out(house: &mut House, carrier: &Carrier) -> anyhow::Result<()> {
    let mut outside = carrier.outside(&house.steady_voice(voice::PATIENT_2_HZ)?)?;
    let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
    let switch = house.sip()?;
    agent.dial(OUTSIDE, switch)?;
    agent.wait_event("CALL_ESTABLISHED", SOON)?;
    wait::last(PART);
    outside.hang_up()?;
    agent.wait_event("CALL_CLOSED", SOON)?;
    let dialled = house.journal().wait_for("call_dialled", SOON, |event| event["agent"] == "1001")?;
    house.expect_ended(&text(&dialled, "call")?, "completed", "caller")?;
    agent.heard()?.expect_tone("the agent", 0, voice::PATIENT_2_HZ)?;
    outside.heard()?.expect_tone("the one outside", 0, voice::AGENT_HZ)
}

fn calls_both_ways(transport: Transport) {
    let word = transport.word();
    let carrier = Carrier::new(&format!("carrier-{word}"), transport).expect("a place for the carrier");
    let mut kamailio = carrier.start("first").expect("Kamailio");
    let more = carrier.trunk(transport, CARRIER);
    tell(&format!("trunk-{word}"), HouseOptions { more, ..HouseOptions::default() }, |house| {
        house.switch()?;
        let registered = format!("registered {STRAIGHT_NUMBER} over {word}");
        kamailio.wait_said(&registered, SOON)?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        house.expect_device("1001", "registered")?;
        a_call_comes_in(house, &carrier, &mut agent)?;
        drop(agent);
        a_call_goes_out(house, &carrier)?;
        // The carrier's machine loses its power: the trunk is back as soon as the carrier is.
        kamailio.die()?;
        kamailio = carrier.start("second")?;
        kamailio.wait_said(&registered, COMES_BACK)
    });
}

#[test]
fn a_carrier_over_tcp_brings_calls_and_takes_them_out() {
    calls_both_ways(Transport::Tcp);
}

#[test]
fn a_carrier_over_tls_brings_calls_and_takes_them_out() {
    calls_both_ways(Transport::Tls);
}

/// Whoever stands where the carrier should be learns nothing: neither the number nor an answer to a challenge.
#[test]
fn a_carrier_with_another_name_is_not_spoken_to() {
    let carrier = Carrier::new("carrier-other", Transport::Tls).expect("a place for the carrier");
    let kamailio = carrier.start("impostor").expect("Kamailio");
    let more = carrier.trunk(Transport::Tls, "sbc.another.test");
    tell("trunk-impostor", HouseOptions { more, ..HouseOptions::default() }, |house| {
        house.switch()?;
        let log = house.place().path("switch.log");
        wait::until_true("the complaint", SOON, || {
            let text = std::fs::read_to_string(&log)?;
            Ok(text.contains("no connection") && text.contains("certificate"))
        })?;
        let said = kamailio.said();
        anyhow::ensure!(!said.contains(&format!("registered {STRAIGHT_NUMBER}")), "{said}");
        Ok(())
    });
}

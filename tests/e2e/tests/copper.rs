//! Copper lines behind a gateway that SIPp plays: it answers at once, and only tones tell what happens.

use careline_e2e::{HouseOptions, SOON, STRAIGHT_NUMBER, tell, text, voice};
use careline_testkit::sipp::{self, Sipp, SippRun};
use careline_testkit::{Answering, Handset, Transport, ports};
use std::net::SocketAddr;
use std::time::Duration;

const ANSWERS: &str = include_str!("../scenarios/copper_answers.xml");
const CALLS: &str = include_str!("../scenarios/copper_calls.xml");
/// An exchange's tone in China, Hz.
const EXCHANGE_HZ: f64 = 450.0;
/// Longest run of a scenario.
const WITHIN: Duration = Duration::from_secs(40);

const fn ms(ms: u64) -> Duration {
    Duration::from_millis(ms)
}

/// The busy tone of an exchange.
fn busy() -> Vec<(f64, Duration)> {
    [(EXCHANGE_HZ, ms(350)), (0.0, ms(350))].repeat(12)
}

fn trunk(line: SocketAddr) -> String {
    format!(
        "[[trunk]]\nid = \"copper\"\nprofile = \"fxo-gateway\"\nsources = [\"{line}\"]\n\
         proxy = [\"{line}\"]\noptions_interval_s = 0\n[[trunk_group]]\nid = \"out\"\n\
         members = [{{ trunk = \"copper\" }}]\n[[route]]\ngroup = \"out\"\n"
    )
}

fn gateway(
    place: &careline_testkit::Place,
    scenario: &str,
    (line, handset): (SocketAddr, &Handset),
    (switch, number): (SocketAddr, &str),
) -> anyhow::Result<Sipp> {
    let port = handset.port().to_string();
    let run = SippRun {
        name: "copper",
        scenario,
        local: line,
        remote: switch,
        transport: Transport::Udp,
        service: number,
        keys: &[("handset", &port)],
        calls: 1,
        when_called: None,
        auth_uri: None,
        within: WITHIN,
    };
    sipp::start(place, &run)
}

#[test]
fn what_an_agent_dials_rings_until_a_voice_is_heard_and_ends_with_the_busy_tone() {
    tell("copper-out", HouseOptions::default(), |house| {
        let ip = house.next_address()?.ip();
        let mut parts = vec![(EXCHANGE_HZ, ms(1000)), (0.0, ms(4000)), (voice::PATIENT_HZ, ms(4000))];
        parts.extend(busy());
        let handset = Handset::line(ip, &parts)?;
        let line = ports::free(ip)?;
        house.configure(&trunk(line));
        let switch = house.sip()?;
        let gateway = gateway(house.place(), ANSWERS, (line, &handset), (switch, "line"))?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
        agent.dial("13912345678", switch)?;
        agent.wait_event("CALL_PROGRESS", SOON)?;
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON + SOON)?;
        gateway.finish()?.all_as_scripted()?;
        let dialled = house.journal().wait_for("call_dialled", SOON, |event| event["agent"] == "1001")?;
        let call = text(&dialled, "call")?;
        let ended = house.expect_ended(&call, "completed", "caller")?;
        // Of the eleven seconds or so that the gateway's call took, five were ringing.
        let (whole, talk) = (ended["duration_ms"].as_u64(), ended["talk_ms"].as_u64());
        let rang = whole.zip(talk).map_or(0, |(whole, talk)| whole.saturating_sub(talk));
        anyhow::ensure!(rang >= 4000, "it rang for {rang} ms: {ended}");
        Ok(())
    });
}

#[test]
fn a_patient_on_copper_who_hangs_up_frees_the_line_and_the_agent() {
    tell("copper-in", HouseOptions::default(), |house| {
        let ip = house.next_address()?.ip();
        let mut parts = vec![(voice::PATIENT_HZ, ms(5000))];
        parts.extend(busy());
        let handset = Handset::line(ip, &parts)?;
        let line = ports::free(ip)?;
        house.configure(&trunk(line));
        let switch = house.sip()?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Auto)?;
        let gateway = gateway(house.place(), CALLS, (line, &handset), (switch, STRAIGHT_NUMBER))?;
        let offered = house.journal().wait_for("call_offered", SOON, |event| event["trunk"] == "copper")?;
        let call = text(&offered, "call")?;
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        agent.wait_event("CALL_CLOSED", SOON + SOON)?;
        gateway.finish()?.all_as_scripted()?;
        house.expect_ended(&call, "completed", "caller")?;
        Ok(())
    });
}

/// The digits and the caller of an E1 gateway are the exchange's: four digits of ours, a 9 before callers from outside.
#[test]
fn a_call_of_an_e1_gateway_is_for_the_line_whose_last_digits_it_sends() {
    let menu = include_str!("../scenarios/menu.xml").replace("sip:13800138000@", "sip:913812345678@");
    tell("e1-in", HouseOptions::default(), |house| {
        let ip = house.next_address()?.ip();
        let line = ports::free(ip)?;
        house.configure(&format!(
            "[[trunk]]\nid = \"e1\"\nprofile = \"e1-gateway\"\nsources = [\"{line}\"]\nproxy = [\"{line}\"]\n\
             options_interval_s = 0\ninbound_rules = [{{ digits = 4, prepend = \"400123\" }}]\n"
        ));
        let switch = house.sip()?;
        let handset = Handset::pick_up(ip, voice::PATIENT_HZ)?;
        let gateway = gateway(house.place(), &menu, (line, &handset), (switch, "4567"))?;
        let offered = house.journal().wait_for("call_offered", SOON, |event| event["trunk"] == "e1")?;
        anyhow::ensure!(offered["caller"] == "+8613812345678", "without the outside digit: {offered}");
        anyhow::ensure!(offered["line"] == "main", "{offered}");
        gateway.finish()?.all_as_scripted()?;
        let call = text(&offered, "call")?;
        house.expect_ended(&call, "ivr_abandoned", "caller").map(|_| ())
    });
}

//! A carrier's proxy that we did not write: Kamailio registers the switch as a trunk and sends it calls.

use careline_e2e::{HouseOptions, NUMBER, SOON, tell, voice};
use careline_testkit::sipp::{self, SippRun};
use careline_testkit::{Answering, Ims, Kamailio, Place, Transport, kamailio, ports};
use std::time::Duration;

#[test]
fn a_registered_trunk_brings_calls() {
    let carrier = Place::new("kamailio").expect("a place for the carrier");
    let proxy = ports::free(carrier.ip(1)).expect("a port");
    let gateway = ports::free(carrier.ip(2)).expect("a port");
    let kamailio = Kamailio::start(&carrier, "kamailio", proxy, &[gateway]).expect("Kamailio");
    let more = format!(
        "[[trunk]]\nid = \"ims\"\nprofile = \"ims-cn\"\n[trunk.register]\nregistrar = \"{proxy}\"\n\
         domain = \"{}\"\nuser = \"{NUMBER}\"\nauth_user = \"{NUMBER}\"\npassword = \"{}\"\n",
        kamailio::REALM,
        kamailio::PASSWORD,
    );
    tell("carrier", HouseOptions { more, ..HouseOptions::default() }, |house| {
        house.switch()?;
        kamailio.wait_said(&format!("registered {NUMBER}"), SOON)?;
        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        patient.dial(NUMBER, kamailio.sip)?;
        patient.wait_event("CALL_ESTABLISHED", SOON)?;
        kamailio.wait_said("to trunk", SOON)?;
        let offered = house.journal().wait_for("call_offered", SOON, |event| event["trunk"] == "ims")?;
        let call = careline_e2e::text(&offered, "call")?;
        house
            .journal()
            .wait_for("flow_node", SOON, |event| event["call"] == *call && event["node"] == "menu")?;
        patient.hang_up()?;
        // The proxy's BYE finds its call.
        house.journal().wait_for("call_ended", SOON, |event| event["call"] == *call)?;
        Ok(())
    });
}

/// The number of ours that is dialled, and the one that the registration is under.
const OURS: &str = "+8654332201042";
const REGISTERED: &str = "+8654332201000";
/// Who calls, as the carrier asserts it.
const ASSERTED: &str = "+8613900000001";

/// As a carrier's IMS sells a line: one account with a login of its own stands for a block of numbers, calls take the
/// way that the registration was told, and who calls is asserted.
#[test]
fn an_ims_account_stands_for_its_block_and_calls_go_by_its_service_route() {
    let carrier = Place::new("ims").expect("a place for the carrier");
    let proxy = ports::free(carrier.ip(1)).expect("a port");
    let line = ports::free(carrier.ip(2)).expect("a port");
    let asserted = format!("tel:{ASSERTED}");
    let ims = Ims { block: "86543322010", user: REGISTERED, asserted: &asserted };
    let kamailio = Kamailio::start_ims(&carrier, "ims", proxy, &[line], ims).expect("Kamailio");
    let more = format!(
        "[[trunk]]\nid = \"ims\"\nprofile = \"ims-cn\"\nnumber_block = [\"{REGISTERED}-+8654332201099\"]\n\
         [trunk.register]\nregistrar = \"{proxy}\"\ndomain = \"{realm}\"\nuser = \"{REGISTERED}\"\n\
         auth_user = \"line-7\"\npassword = \"{password}\"\n\
         [[trunk_group]]\nid = \"out\"\nmembers = [{{ trunk = \"ims\" }}]\n[[route]]\ngroup = \"out\"\n\
         [[line]]\nid = \"block\"\nnumber = \"{OURS}\"\nflow = \"main\"\n",
        realm = kamailio::REALM,
        password = kamailio::PASSWORD,
    );
    tell("ims", HouseOptions { more, ..HouseOptions::default() }, |house| {
        house.switch()?;
        kamailio.wait_said(&format!("registered {REGISTERED} over udp as line-7"), SOON)?;

        let speech = house.steady_voice(voice::PATIENT_HZ)?;
        let mut patient = house.patient("13800138000", &speech)?;
        patient.dial(OURS, kamailio.sip)?;
        patient.wait_event("CALL_ESTABLISHED", SOON)?;
        let offered = house.journal().wait_for("call_offered", SOON, |event| event["trunk"] == "ims")?;
        anyhow::ensure!(offered["line"] == "block" && offered["dialled"] == OURS, "{offered}");
        anyhow::ensure!(offered["caller"] == ASSERTED, "not whom From names: {offered}");
        patient.hang_up()?;
        let call = careline_e2e::text(&offered, "call")?;
        house.journal().wait_for("call_ended", SOON, |event| event["call"] == *call)?;

        let (handset, _) = house.handset(voice::PATIENT_2_HZ)?;
        let port = handset.port().to_string();
        let scenario = include_str!("../scenarios/gateway.xml").replace("\"PART\"", "\"200\"");
        let run = SippRun {
            name: "behind",
            scenario: &scenario,
            local: line,
            remote: proxy,
            transport: Transport::Udp,
            service: "line",
            keys: &[("handset", &port)],
            calls: 1,
            when_called: None,
            auth_uri: None,
            within: Duration::from_secs(25),
        };
        let gateway = sipp::start(house.place(), &run)?;
        let switch = house.sip()?;
        let mut agent = house.start_baresip("1001", Transport::Udp, Answering::Manual)?;
        agent.dial("13912345678", switch)?;
        agent.wait_event("CALL_ESTABLISHED", SOON)?;
        kamailio.wait_said(&format!("by route <sip:{proxy};lr>"), SOON)?;
        agent.hang_up()?;
        gateway.finish()?.all_as_scripted()?;

        // The switch takes its registration back before it is gone.
        house.switch()?.terminate()?;
        let status = house.switch()?.wait_end(SOON)?;
        anyhow::ensure!(status.success(), "left with {status}");
        kamailio.wait_said(&format!("unregistered {REGISTERED}"), SOON)
    });
}

//! A carrier's proxy that we did not write: Kamailio registers the switch as a trunk and sends it calls.

use careline_e2e::{HouseOptions, NUMBER, SOON, tell, voice};
use careline_testkit::{Kamailio, Place, kamailio, ports};

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

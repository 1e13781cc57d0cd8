//! An analogue phone behind a gateway that passes keys on as sound: the menu hears them, and the recording of the talk
//! has the talk.

use careline_e2e::phones::PART;
use careline_e2e::{HouseOptions, SOON, tell, voice};
use careline_testkit::wave::{self, Wave};
use careline_testkit::{Answering, Phone, PhoneOptions, ports, wait};
use std::net::{IpAddr, Ipv4Addr};

/// When the patient presses: the menu has been speaking for some time.
const PRESSED_AT_S: f64 = 3.0;

#[test]
fn a_key_that_is_only_to_be_heard_leads_to_a_person() {
    let gateway =
        ports::free_pair(IpAddr::from(Ipv4Addr::new(127, 0, 0, 1))).expect("an address for the gateway");
    let more = format!("[[trunk]]\nid = \"analogue\"\nsources = [\"{gateway}\"]\ndtmf = \"inband\"\n\n");
    tell("inband", HouseOptions { more, ..HouseOptions::default() }, |house| {
        let pressing = house.place().path("pressing.wav");
        wave::write_keys(&pressing, 40.0, &[(PRESSED_AT_S, '0')])?;
        let hers = house.steady_voice(voice::AGENT_HZ)?;
        let agent = house.agent("1001", Answering::Auto, &hers)?;
        let mut patient =
            Phone::start(house.place(), PhoneOptions::patient("02088886666", gateway, &pressing))?;
        let call = house.reach_the_menu(&mut patient)?;
        let digit = house.journal().wait_for("digit", SOON, |event| event["call"] == *call)?;
        anyhow::ensure!(digit["digit"] == "0", "{digit}");
        house.journal().wait_for("call_connected", SOON, |event| event["call"] == *call)?;
        wait::last(PART);
        patient.hang_up()?;
        patient.wait_event("CALL_CLOSED", SOON)?;
        house.expect_ended(&call, "completed", "caller")?;
        patient.heard()?.expect_tone("the patient", 0, voice::AGENT_HZ)?;
        let pressed = house.events_of(&call)?.iter().filter(|event| event["kind"] == "digit").count();
        anyhow::ensure!(pressed == 1, "one key was heard {pressed} times");
        let recording = Wave::read(&house.recording_of(&call)?.0)?;
        recording.expect_tone("the recording, right", 1, voice::AGENT_HZ)?;
        drop(agent);
        Ok(())
    });
}

//! SIPp calls a baresip: the driver bounds the run and reads code and statistics.

use careline_testkit::sipp::{self, SippRun, Transport};
use careline_testkit::{Answering, Phone, PhoneOptions, Place, ports, wave};
use std::time::Duration;

/// Waits for a call that never comes.
const NOBODY_CALLS: &str =
    r#"<?xml version="1.0"?><scenario name="nobody"><recv request="INVITE" /></scenario>"#;

#[test]
fn a_scenario_runs_over_both_transports() -> anyhow::Result<()> {
    let place = Place::new("sipp")?;
    let speech = place.path("speech.wav");
    wave::write_steady(&speech, 10.0, 440.0)?;
    let phone = ports::free(place.ip(11))?;
    let options = PhoneOptions { answering: Answering::Auto, ..PhoneOptions::patient("600", phone, &speech) };
    let _phone = Phone::start(&place, options)?;
    for (name, transport) in [("udp", Transport::Udp), ("tcp", Transport::Tcp)] {
        let run = SippRun {
            name,
            scenario: include_str!("../../../tests/e2e/scenarios/menu.xml"),
            local: ports::free(place.ip(2))?,
            remote: phone,
            transport,
            service: "600",
            keys: &[],
            when_called: None,
            auth_uri: None,
            calls: 1,
            within: Duration::from_secs(15),
        };
        let result = sipp::run(&place, &run)?;
        result.all_as_scripted()?;
        assert_eq!(result.count("SuccessfulCall(C)"), 1, "{name}: {:?}", result.statistics);
    }
    Ok(())
}

#[test]
fn a_scenario_that_waits_in_vain_ends_by_itself() -> anyhow::Result<()> {
    let place = Place::new("sipp-vain")?;
    let run = SippRun {
        name: "vain",
        scenario: NOBODY_CALLS,
        local: ports::free(place.ip(2))?,
        remote: ports::free(place.ip(1))?,
        transport: Transport::Udp,
        service: "600",
        keys: &[],
        when_called: None,
        auth_uri: None,
        calls: 1,
        within: Duration::from_secs(1),
    };
    let result = sipp::run(&place, &run)?;
    assert!(result.all_as_scripted().is_err());
    Ok(())
}

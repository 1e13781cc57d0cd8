//! Two baresips ring each other without a switch: the driver, the dumps and the digits work.

use careline_testkit::wave;
use careline_testkit::{Answering, Phone, PhoneOptions, Place, ports, wait};
use std::time::Duration;

const SOON: Duration = Duration::from_secs(5);

#[test]
fn two_phones_hear_each_other_and_digits_arrive() -> anyhow::Result<()> {
    let place = Place::new("phones")?;
    let (said_by_a, said_by_b) = (place.path("a.wav"), place.path("b.wav"));
    wave::write_steady(&said_by_a, 30.0, 440.0)?;
    wave::write_steady(&said_by_b, 30.0, 620.0)?;
    let (sip_a, sip_b) = (ports::free(place.ip(11))?, ports::free(place.ip(12))?);
    let mut a = Phone::start(&place, PhoneOptions::patient("13800138000", sip_a, &said_by_a))?;
    let mut b = Phone::start(
        &place,
        PhoneOptions { answering: Answering::Manual, ..PhoneOptions::patient("1001", sip_b, &said_by_b) },
    )?;

    a.dial("1001", sip_b)?;
    b.wait_event("CALL_INCOMING", SOON)?;
    b.accept()?;
    a.wait_event("CALL_ESTABLISHED", SOON)?;
    b.wait_event("CALL_ESTABLISHED", SOON)?;
    a.press("5")?;
    let digit = b.wait_event("CALL_DTMF_START", SOON)?;
    assert_eq!(digit.param, "5");
    wait::last(Duration::from_secs(2));
    b.hang_up()?;
    a.wait_event("CALL_CLOSED", SOON)?;
    b.wait_event("CALL_CLOSED", SOON)?;

    a.heard()?.expect_tone("a", 0, 620.0)?;
    b.heard()?.expect_tone("b", 0, 440.0)?;
    a.said()?.expect_tone("a's own voice", 0, 440.0)
}

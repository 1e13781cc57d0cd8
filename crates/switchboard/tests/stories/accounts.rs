//! What an agent's account may have at once, and the number that stands for it outside.

use crate::lab::Lab;
use careline_model::config::plan::Identity;
use std::time::Duration;

/// The trunk `city` with these keys, and agent 1001 with those; gives the INVITE that city gets when 1001 dials.
fn invited(trunk: &str, agent: &str) -> careline_sip::Request {
    let mut lab = Lab::changed_twice(
        ("id = \"city\"", &format!("id = \"city\"\nnumber_block = [\"02012345000-02012345099\"]\n{trunk}")),
        ("id = \"1001\"", &format!("id = \"1001\"\n{agent}")),
    );
    let (phone, city) = (lab.agent("1001", 11), lab.phone("city", 3));
    lab.dial_from(phone, "13812345678");
    lab.phones[city].incoming.pop().expect("a call").1.request
}

fn user_in(request: &careline_sip::Request, header: &str) -> Option<String> {
    let address: careline_sip::NameAddr = request.headers.get(header)?.parse().expect("an address");
    address.uri.user_decoded()
}

#[test]
fn an_agents_number_stands_for_her_outside_as_the_trunk_wants_it_told() {
    let hers = "caller_id = \"02012345042\"";
    for (identity, header) in [
        (Identity::Asserted, Some("P-Asserted-Identity")),
        (Identity::Preferred, Some("P-Preferred-Identity")),
        (Identity::From, None),
    ] {
        let word = match identity {
            Identity::Asserted => "pai",
            Identity::Preferred => "ppi",
            Identity::From => "from",
            Identity::None => "none",
        };
        let invite = invited(&format!("identity = \"{word}\"\ncaller_id = \"02012345000\""), hers);
        assert_eq!(user_in(&invite, "From").as_deref(), Some("02012345042"), "{word}");
        for name in ["P-Asserted-Identity", "P-Preferred-Identity"] {
            let told = user_in(&invite, name);
            assert_eq!(told.as_deref(), (header == Some(name)).then_some("02012345042"), "{word}: {name}");
        }
    }
    let invite = invited("identity = \"none\"", hers);
    assert_eq!(user_in(&invite, "From").as_deref(), Some("anonymous"), "a trunk that shows nobody");
}

#[test]
fn who_has_no_number_has_that_of_the_trunk() {
    let invite = invited("caller_id = \"02012345000\"", "");
    assert_eq!(user_in(&invite, "From").as_deref(), Some("02012345000"));
}

#[test]
fn one_phone_too_many_takes_the_place_of_the_oldest() {
    let mut lab = Lab::changed("realm = \"careline\"", "realm = \"careline\"\nphones_per_agent_max = 2");
    let mut register = |host: u8| {
        lab.pass(Duration::from_secs(1));
        lab.agent("1001", host)
    };
    let phones = [21, 22, 23].map(&mut register);
    let patient = lab.phone("13800138000", 2);
    lab.dial(patient, "4001234567");
    let leg = lab.caller_leg();
    lab.signal(careline_switchboard::MediaSignal::Digit { leg, digit: '0', duration_ms: 100 });
    let rung = phones.map(|phone| lab.phones[phone].incoming.len());
    assert_eq!(rung, [0, 1, 1]);
}

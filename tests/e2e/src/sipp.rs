//! SIPp as the phone of agent 1001: the scenarios of `scenarios/phone`, with a handset for its media.

use crate::house::House;
use crate::phones::PART;
use careline_testkit::sipp::{self, Sipp, SippRun};
use careline_testkit::{Handset, Transport};
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// Registers, is there for a while, takes its registration back.
pub const REGISTERS: &str = include_str!("../scenarios/phone/registers.xml");
/// Tries a wrong password.
pub const REFUSED: &str = include_str!("../scenarios/phone/refused.xml");
/// Dials, talks, holds, resumes, hangs up.
pub const CALLS: &str = include_str!("../scenarios/phone/calls.xml");
/// Answers, talks, holds, resumes, hangs up.
pub const IS_CALLED: &str = include_str!("../scenarios/phone/is_called.xml");
/// Answers, talks, passes its party on to 1002 and is told how that goes.
pub const PASSES_ON: &str = include_str!("../scenarios/phone/passes_on.xml");

/// Registers, waits for [`JOINS_CALLED`] to hold its patient, and consults 1002.
pub const JOINS: &str = include_str!("../scenarios/phone/joins.xml");
/// Answers, talks, holds, and joins its patient with whom [`JOINS`] consulted.
pub const JOINS_CALLED: &str = include_str!("../scenarios/phone/joins_called.xml");

/// Longest run of a scenario.
const WITHIN: Duration = Duration::from_secs(25);

/// What one run plays.
#[derive(Debug, Clone, Copy)]
pub struct SippPhone<'a> {
    /// Names its files; differs from other runs of the story.
    pub name: &'a str,
    /// What it does by itself.
    pub scenario: &'a str,
    /// What it does when it is called meanwhile.
    pub when_called: Option<&'a str>,
    /// UDP or TCP.
    pub transport: Transport,
    /// Digest password.
    pub password: &'a str,
    /// Whom it dials.
    pub service: &'a str,
    /// How long `registers` stays before it takes its registration back.
    pub stays: Duration,
    /// The port of the handset for a second call.
    pub second: Option<u16>,
}

impl<'a> SippPhone<'a> {
    /// With the right password, for the scenarios that only register or are only called.
    #[must_use]
    pub fn new(name: &'a str, scenario: &'a str, transport: Transport) -> Self {
        let (password, service) = ("pw1001", crate::ECHO_NUMBER);
        Self { name, scenario, when_called: None, transport, password, service, stays: PART, second: None }
    }
}

impl House {
    /// A handset for SIPp on an address of its own, where SIPp speaks SIP too.
    ///
    /// # Errors
    /// When no address is free.
    pub fn handset(&mut self, frequency: f64) -> anyhow::Result<(Handset, IpAddr)> {
        let ip = self.next_address()?.ip();
        Ok((Handset::pick_up(ip, frequency)?, ip))
    }

    /// Starts it at `local` with its media at `handset` on the same address.
    ///
    /// # Errors
    /// When SIPp cannot be started.
    pub fn start_sipp(
        &mut self,
        phone: &SippPhone<'_>,
        local: SocketAddr,
        handset: u16,
    ) -> anyhow::Result<Sipp> {
        let stays = phone.stays.as_millis().to_string();
        let part = PART.as_millis().to_string();
        // Words of its own SIPp takes neither in pauses nor in passwords.
        let filled = |scenario: &str| {
            scenario
                .replace("\"STAY\"", &format!("\"{stays}\""))
                .replace("\"PART\"", &format!("\"{part}\""))
                .replace("=PASSWORD]", &format!("={}]", phone.password))
        };
        let (scenario, when_called) = (filled(phone.scenario), phone.when_called.map(filled));
        let second = phone.second.unwrap_or(handset).to_string();
        let handset = handset.to_string();
        let callee = format!("{}@{}", phone.service, self.sip()?);
        let run = SippRun {
            name: phone.name,
            scenario: &scenario,
            local,
            remote: self.sip()?,
            transport: phone.transport,
            service: phone.service,
            keys: &[("handset", &handset), ("second", &second)],
            calls: 1,
            when_called: when_called.as_deref(),
            auth_uri: (phone.scenario == CALLS).then_some(callee.as_str()),
            within: WITHIN,
        };
        sipp::start(self.place(), &run)
    }
}

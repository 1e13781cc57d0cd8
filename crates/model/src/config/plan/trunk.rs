//! Trunks: carriers, exchanges and gateways, and how one speaks with each.

mod written;

use super::{Audio, Plan, Transport};
use crate::config::Secret;
use crate::id::{NetworkId, TrunkId};
use crate::number::Number;
use std::net::{IpAddr, SocketAddr};
use std::time::Duration;

/// A carrier, an exchange or a gateway. Every default comes from its [`Profile`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Trunk {
    /// Its id.
    pub id: TrunkId,
    /// What its unwritten keys mean.
    pub profile: Profile,
    /// Where it calls from.
    pub sources: Vec<TrunkSource>,
    /// The network in which it is called.
    pub network: NetworkId,
    /// What carries our requests to it: UDP, TCP or TLS.
    pub transport: Transport,
    /// Where requests go, the next when one is down. Empty: nobody calls out through it.
    pub proxies: Vec<SocketAddr>,
    /// Host part of the addresses that we write.
    pub domain: String,
    /// The only digest realm whose challenges are answered.
    pub realm: String,
    /// How we register with it, if we do.
    pub register: Option<Registration>,
    /// What is agreed to about its audio, either way. A call of its own that offers none of the codecs may be in G.711.
    pub audio: Audio,
    /// How keys travel.
    pub dtmf: DtmfMode,
    /// Calls at the same time, both ways together.
    pub calls_max: Option<usize>,
    /// New calls in a second, both ways together.
    pub calls_per_second: Option<u32>,
    /// How it is asked whether it lives; `None` for a silent peer, whose health is told by calls and registration.
    pub probing: Option<Probing>,
    /// Silence after an INVITE, without even a provisional response, that counts as down.
    pub first_response: Duration,
    /// How numbers are written to it, before the rules.
    pub number_form: NumberForm,
    /// What an exchange wants before numbers of the outside world, and writes before callers from there.
    pub outside_digit: Option<char>,
    /// Rewrites numbers that we dial through it; the first that fits.
    pub outbound_rules: Vec<NumberRule>,
    /// Rewrites dialled numbers that it sends; the first that fits.
    pub inbound_rules: Vec<NumberRule>,
    /// Rewrites callers that it sends; the first that fits.
    pub caller_rules: Vec<NumberRule>,
    /// Which header tells it who calls.
    pub identity: Identity,
    /// Which header tells us who calls.
    pub caller_from: CallerFrom,
    /// The number that calls show which bring none of the block.
    pub caller_id: Option<Number>,
    /// Our numbers on it: one registration stands for all.
    pub number_block: Vec<NumberBlock>,
    /// How addresses with numbers are written.
    pub uri: UriForm,
    /// Reliable provisional responses (RFC 3262).
    pub reliable: Reliable,
    /// Time after which a call is refreshed or over (RFC 4028); `None` asks for no refreshing.
    pub session_expires: Option<Duration>,
    /// False for copper lines: their gateway answers at once, and that says nothing about a person.
    pub answer_supervision: bool,
    /// What its line says with tones.
    pub tones: LineTones,
}

/// What is made of the tones of a copper line.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LineTones {
    /// A busy tone ends a call as a BYE does.
    pub release_on_busy: bool,
    /// Without answer supervision: a call counts as answered when neither ring-back nor a voice was heard for so long.
    pub answer_after_silence: Duration,
    /// Frequencies of the exchange, Hz; never empty.
    pub frequencies_hz: Vec<u16>,
}

/// Presets for the kinds of lines that hospitals have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Profile {
    /// Nothing special.
    Plain,
    /// A carrier's IMS: E.164 in `tel:`, P-Preferred-Identity, silent to OPTIONS.
    ImsCn,
    /// A gateway to the house's own exchange over E1.
    E1Gateway,
    /// A gateway to copper lines.
    FxoGateway,
}

/// Our registration with a carrier (RFC 3261 10): one stands for the whole block of numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Registration {
    /// Where REGISTER goes, the next when one is down; never empty.
    pub registrars: Vec<SocketAddr>,
    /// Host of the Request-URI and of our address of record.
    pub domain: String,
    /// User part of our address of record.
    pub user: String,
    /// Digest user, which carriers like to give apart.
    pub auth_user: String,
    /// Digest password.
    pub password: Secret,
    /// What we ask for.
    pub expires: Duration,
}

/// How keys travel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DtmfMode {
    /// As telephone events in RTP (RFC 4733).
    Rfc4733,
    /// As INFO requests.
    Info,
    /// As sound.
    Inband,
}

/// OPTIONS as a question for health.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Probing {
    /// How often.
    pub interval: Duration,
    /// So many unanswered in a row mean down.
    pub failures: u32,
    /// So many answered in a row mean up again.
    pub successes: u32,
}

/// How a number in normal form is written for a trunk.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NumberForm {
    /// `+8654312345678`; what has no such form stays as it is dialled.
    E164,
    /// As dialled anywhere in the country: `054312345678`, `13812345678`, `0044...`.
    National,
    /// As dialled in the own area: `12345678`, mobiles of other areas with a zero.
    Local,
}

/// A rule that rewrites a number. It fits what begins with `prefix` and, if given, has so many `digits`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberRule {
    /// Beginning that it wants.
    pub prefix: String,
    /// Length that it wants, in characters.
    pub digits: Option<usize>,
    /// Characters cut off at the front.
    pub strip: usize,
    /// Characters put in front.
    pub prepend: String,
}

/// Which header tells the trunk who calls (RFC 3325).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Identity {
    /// P-Asserted-Identity: it trusts us.
    Asserted,
    /// P-Preferred-Identity: it asserts one of our numbers itself.
    Preferred,
    /// From alone.
    From,
    /// None: From is anonymous.
    None,
}

/// Which header tells us who calls.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerFrom {
    /// P-Asserted-Identity; From when there is none.
    Asserted,
    /// From, whatever else it says.
    From,
}

/// Numbers from one to another of the same length.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NumberBlock {
    /// The first.
    pub first: Number,
    /// The last.
    pub last: Number,
}

impl Trunk {
    /// Whether its legs are listened to for tones.
    #[must_use]
    pub fn is_listened_to(&self) -> bool {
        self.tones.release_on_busy || !self.answer_supervision
    }
}

impl NumberBlock {
    /// Whether a number in normal form is one of these.
    #[must_use]
    pub fn contains(&self, number: &Number) -> bool {
        number.as_str().len() == self.first.as_str().len() && (&self.first..=&self.last).contains(&number)
    }
}

/// How addresses with numbers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum UriForm {
    /// `sip:number@domain`
    Sip,
    /// `sip:number@domain;user=phone`
    SipPhone,
    /// `tel:number` (RFC 3966); numbers without a plus have `;phone-context=domain`.
    Tel,
}

/// Reliable provisional responses (RFC 3262).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reliable {
    /// Not offered.
    Never,
    /// Offered.
    Supported,
    /// Insisted upon.
    Required,
}

impl Plan {
    /// The trunk that calls from `source`; the one with the narrowest match when there are several.
    #[must_use]
    pub fn trunk_of(&self, source: SocketAddr) -> Option<&Trunk> {
        let narrowest = |trunk: &Trunk| {
            trunk.sources.iter().filter(|s| s.matches(source)).map(|s| (s.port.is_some(), s.prefix)).max()
        };
        let matching = self.trunks.values().filter_map(|trunk| Some((narrowest(trunk)?, trunk)));
        matching.max_by_key(|(width, _)| *width).map(|(_, trunk)| trunk)
    }
}

/// One network that a trunk calls from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TrunkSource {
    /// Address, of which the first `prefix` bits count.
    pub network: IpAddr,
    /// Bits that count.
    pub prefix: u8,
    /// The one port, when given.
    pub port: Option<u16>,
}

impl TrunkSource {
    /// One address, any port.
    #[must_use]
    pub fn host(address: IpAddr) -> Self {
        Self { network: address, prefix: bits(address), port: None }
    }

    /// Reads `ip`, `ip/prefix` or `ip:port`.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            let network = address.ip();
            return Some(Self { network, prefix: bits(network), port: Some(address.port()) });
        }
        let (address, prefix) = match text.split_once('/') {
            Some((address, prefix)) => (address, Some(prefix.parse::<u8>().ok()?)),
            None => (text, None),
        };
        let network: IpAddr = address.parse().ok()?;
        let prefix = prefix.unwrap_or(bits(network));
        (prefix <= bits(network)).then_some(Self { network, prefix, port: None })
    }

    /// True when `source` lies in this network.
    #[must_use]
    pub fn matches(&self, source: SocketAddr) -> bool {
        if self.port.is_some_and(|port| port != source.port()) {
            return false;
        }
        match (self.network, source.ip().to_canonical()) {
            (IpAddr::V4(ours), IpAddr::V4(theirs)) => {
                let mask = u32::MAX.checked_shl(u32::from(32 - self.prefix)).unwrap_or(0);
                (ours.to_bits() ^ theirs.to_bits()) & mask == 0
            }
            (IpAddr::V6(ours), IpAddr::V6(theirs)) => {
                let mask = u128::MAX.checked_shl(u32::from(128 - self.prefix)).unwrap_or(0);
                (ours.to_bits() ^ theirs.to_bits()) & mask == 0
            }
            (IpAddr::V4(_), IpAddr::V6(_)) | (IpAddr::V6(_), IpAddr::V4(_)) => false,
        }
    }
}

fn bits(address: IpAddr) -> u8 {
    if address.is_ipv4() { 32 } else { 128 }
}

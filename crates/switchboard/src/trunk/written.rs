//! How a call is written to a trunk: addresses, identity, route.

use careline_model::Number;
use careline_model::config::Plan;
use careline_model::config::plan::{Identity, Trunk, UriForm};
use careline_sip::{NameAddr, Uri};
use std::net::{IpAddr, SocketAddr};

/// The Request-URI (and To) of a call to `number`.
pub fn target(trunk: &Trunk, proxy: SocketAddr, number: &Number, plan: &Plan) -> Uri {
    let digits = trunk.written(number, plan);
    let plain = address(trunk, proxy, &digits);
    let wanted = match trunk.uri {
        UriForm::Sip => return plain,
        UriForm::SipPhone => format!("{plain};user=phone"),
        UriForm::Tel if digits.starts_with('+') => format!("tel:{digits}"),
        // RFC 3966 5.1.5: a local number says where it is local.
        UriForm::Tel => format!("tel:{digits};phone-context={}", trunk.domain),
    };
    wanted.parse().unwrap_or(plain)
}

/// A `sip:` address at the trunk: its domain, or the proxy itself when it has none but an address.
pub fn address(trunk: &Trunk, proxy: SocketAddr, user: &str) -> Uri {
    match trunk.domain.parse::<IpAddr>() {
        Ok(_) => Uri::sip(Some(user), &proxy.ip().to_string(), Some(proxy.port())),
        Err(_) => Uri::sip(Some(user), &trunk.domain, None),
    }
}

/// From, and the headers that tell the trunk who calls (RFC 3325). Only numbers of ours are told: one that is not goes
/// out as the trunk's own. A withheld number hides ours from the called party, not from the trunk.
pub fn caller(
    trunk: &Trunk,
    proxy: SocketAddr,
    wanted: Option<&Number>,
    plan: &Plan,
) -> (NameAddr, Vec<(String, String)>) {
    let number = wanted.filter(|number| trunk.may_show(number, plan)).or(trunk.caller_id.as_ref());
    let user = match (number, &trunk.register) {
        (Some(number), _) => Some(trunk.written_caller(number, plan)),
        (None, Some(register)) => Some(register.user.clone()),
        (None, None) => None,
    };
    let Some(user) = user.filter(|_| trunk.identity != Identity::None) else {
        return (nobody(), vec![("Privacy".to_owned(), "id".to_owned())]);
    };
    let from = NameAddr::new(address(trunk, proxy, &user));
    let hidden = wanted.is_some_and(Number::is_withheld);
    let header = match trunk.identity {
        Identity::Asserted => Some("P-Asserted-Identity"),
        Identity::Preferred => Some("P-Preferred-Identity"),
        // The trunk has to know us by something.
        Identity::From if hidden => Some("P-Preferred-Identity"),
        Identity::From | Identity::None => None,
    };
    let mut headers: Vec<_> = header.map(|name| (name.to_owned(), from.to_string())).into_iter().collect();
    if hidden {
        headers.push(("Privacy".to_owned(), "id".to_owned()));
        return (nobody(), headers);
    }
    (from, headers)
}

/// RFC 3323 4.1.1.3.
fn nobody() -> NameAddr {
    let nobody = NameAddr::new(Uri::sip(Some("anonymous"), "anonymous.invalid", None));
    NameAddr { display: Some("Anonymous".to_owned()), ..nobody }
}

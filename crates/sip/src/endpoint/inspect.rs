//! What a UAS looks at before it does anything (RFC 3261 8.2).

use super::{Endpoint, NewRequest};
use crate::message::{Method, Request, Response};
use crate::transaction::{MergeKey, ServerKey};

/// Methods we understand at all.
pub(super) const ALLOW: &str =
    "INVITE, ACK, BYE, CANCEL, OPTIONS, REGISTER, INFO, PRACK, UPDATE, REFER, NOTIFY";
/// The one body we understand in an INVITE.
pub(super) const SDP: &str = "application/sdp";

impl Endpoint {
    /// Inspects an admitted request in the order of RFC 3261 8.2; `None` means that nothing speaks against it, otherwise
    /// here is the response.
    pub fn inspect(&self, new: &NewRequest) -> Option<Response> {
        let request = &new.request;
        if let Some(status) = method_refusal(&request.method) {
            return Some(self.refusal(request, status, &[("Allow", ALLOW)]));
        }
        // 8.2.2.1 and 26.2.2: sips promises TLS on the way to us, so it has to have come over it.
        let scheme = request.uri.scheme();
        let is_known = match scheme.to_ascii_lowercase().as_str() {
            "sip" | "tel" => true,
            "sips" => new.flow.transport.is_secure(),
            _ => false,
        };
        if !is_known {
            return Some(self.refusal(request, 416, &[]));
        }
        // 12.2.2: a tag that names no dialog, or a method that makes sense in a dialog only.
        let tagged = request.to().is_some_and(|to| to.tag().is_some());
        let needs_dialog = matches!(
            request.method,
            Method::Bye | Method::Info | Method::Prack | Method::Update | Method::Notify
        );
        if needs_dialog || (tagged && request.method != Method::Register) {
            return Some(self.refusal(request, 481, &[]));
        }
        if self.is_merged(new) {
            return Some(self.refusal(request, 482, &[]));
        }
        if let Some(status) = self.forwarding_refusal(new) {
            return Some(self.refusal(request, status, &[]));
        }
        self.content_refusal(request)
    }

    /// 8.2.2.3 and 8.2.3: extensions and bodies, the same inside and outside of a dialog.
    pub(super) fn content_refusal(&self, request: &Request) -> Option<Response> {
        let required: Vec<&str> =
            request.headers.list("Require").filter(|one| !is_understood(&request.method, one)).collect();
        if !required.is_empty() {
            return Some(self.refusal(request, 420, &[("Unsupported", &required.join(", "))]));
        }
        if !request.body.is_empty() && !is_body_understood(request) {
            return Some(self.refusal(request, 415, &[("Accept", SDP), ("Accept-Encoding", "identity")]));
        }
        if let Some(floor) = self.too_short(request) {
            return Some(self.refusal(request, 422, &[("Min-SE", &floor.as_secs().to_string())]));
        }
        // 20.1: an Accept that leaves no room for a session description cannot be satisfied by any answer.
        let offers = request.headers.contains("Accept") && request.method == Method::Invite;
        (offers && !request.headers.list("Accept").any(admits_sdp)).then(|| self.refusal(request, 406, &[]))
    }

    pub(super) fn refusal(&self, request: &Request, status: u16, headers: &[(&str, &str)]) -> Response {
        let mut response = self.response_to(request, status);
        for (name, value) in headers {
            response.headers.push(name, *value);
        }
        response
    }

    /// 8.2.2.2: the same request is already here and came another way.
    fn is_merged(&self, new: &NewRequest) -> bool {
        let Some(id) = MergeKey::of(&new.request).and_then(|key| self.merges.get(&key).copied()) else {
            return false;
        };
        let same =
            ServerKey::of(&new.request, new.flow.remote.ip()).and_then(|key| self.servers.get(&key).copied());
        same != Some(id)
    }
}

/// 405 for methods we know and do not offer, 501 for those we do not know (RFC 3261 21.4.6, 21.5.2).
pub(super) fn method_refusal(method: &Method) -> Option<u16> {
    match method {
        Method::Invite | Method::Ack | Method::Bye | Method::Cancel | Method::Options => None,
        Method::Register | Method::Info | Method::Prack | Method::Update => None,
        Method::Refer | Method::Notify => None,
        Method::Subscribe | Method::Message | Method::Publish => Some(405),
        Method::Other(_) => Some(501),
    }
}

/// Extensions a peer may insist on.
fn is_understood(method: &Method, option: &str) -> bool {
    match method {
        Method::Invite => {
            ["replaces", "100rel", "timer"].into_iter().any(|known| option.eq_ignore_ascii_case(known))
        }
        Method::Update => option.eq_ignore_ascii_case("timer"),
        Method::Refer => option.eq_ignore_ascii_case("norefersub"),
        _ => false,
    }
}

fn is_body_understood(request: &Request) -> bool {
    let headers = &request.headers;
    let optional = headers.get("Content-Disposition").is_some_and(|text| {
        text.split(';')
            .skip(1)
            .any(|one| one.trim().to_ascii_lowercase().replace(' ', "") == "handling=optional")
    });
    if optional || matches!(request.method, Method::Info | Method::Notify) {
        return true;
    }
    let is_plain = headers.list("Content-Encoding").all(|one| one.eq_ignore_ascii_case("identity"));
    let kind = headers.get("Content-Type").unwrap_or(SDP);
    is_plain && kind.split(';').next().unwrap_or_default().trim().eq_ignore_ascii_case(SDP)
}

fn admits_sdp(range: &str) -> bool {
    let kind = range.split(';').next().unwrap_or_default().trim();
    kind == "*/*" || kind.eq_ignore_ascii_case("application/*") || kind.eq_ignore_ascii_case(SDP)
}

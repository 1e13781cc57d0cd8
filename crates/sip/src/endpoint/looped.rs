//! Requests that came back to us (RFC 3261 16.3, RFC 5393) or have come too far.

use hmac::{Hmac, Mac};
use sha2::Sha256;

use super::{Endpoint, NewRequest};
use crate::message::{Request, Uri, Via};

/// Vias looked at for our own mark: a request that Max-Forwards lets pass has no more.
const VIAS_MAX: usize = 70;
/// Characters of a branch of ours after the cookie: 16 of chance, 8 that seal them.
const BRANCH_CHARS: usize = 24;
const CHANCE_CHARS: usize = 16;
/// What stands for a missing Max-Forwards (RFC 3261 16.6: "SHOULD be 70").
const MAX_FORWARDS: u32 = 70;

impl NewRequest {
    /// Max-Forwards; 70 when absent. A call that this request causes goes out with one less, so that a circle of
    /// switches ends.
    pub fn max_forwards(&self) -> u32 {
        self.request.headers.get("Max-Forwards").and_then(|text| text.parse().ok()).unwrap_or(MAX_FORWARDS)
    }
}

impl Endpoint {
    /// Text nobody can guess for a branch, sealed together with the Request-URI: when the request comes back with the
    /// URI it left with, we know it; with another one it is a spiral, which is allowed (RFC 5393 4.2).
    pub(super) fn branch_for(&mut self, uri: &Uri) -> String {
        let chance = self.token();
        let seal = self.seal(&chance, uri);
        chance + &seal
    }

    fn seal(&self, chance: &str, uri: &Uri) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.tag_key).expect("HMAC takes a key of any length");
        mac.update(b"branch\n");
        mac.update(chance.as_bytes());
        mac.update(uri.as_str().as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..(BRANCH_CHARS - CHANCE_CHARS) / 2])
    }

    /// 482 for a request of ours that came back unchanged. Max-Forwards 0 is no reason here: a call that we answer
    /// ourselves has arrived. Who passes it on refuses it with 483 then (RFC 7332 4.1).
    pub(super) fn forwarding_refusal(&self, new: &NewRequest) -> Option<u16> {
        self.is_looped(&new.request).then_some(482)
    }

    fn is_looped(&self, request: &Request) -> bool {
        request.headers.list("Via").take(VIAS_MAX).any(|via| {
            let via = via.parse::<Via>();
            let branch = via.as_ref().ok().filter(|via| via.has_unique_branch()).and_then(Via::branch);
            let Some(ours) = branch.and_then(|branch| branch.get(crate::message::MAGIC_COOKIE.len()..))
            else {
                return false;
            };
            match (ours.get(..CHANCE_CHARS), ours.get(CHANCE_CHARS..)) {
                (Some(chance), Some(seal)) if ours.len() == BRANCH_CHARS => {
                    self.seal(chance, &request.uri) == seal
                }
                _ => false,
            }
        })
    }
}

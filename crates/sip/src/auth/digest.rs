//! The digest itself (RFC 7616 3.4) and the syntax of challenges and credentials.
//!
//! `rsip::services::DigestGenerator` is right for first responses on plain host names and is the oracle of our tests;
//! it is not used here because it prints the nonce count as a decimal, has no `-sess`, and signs a URI that it has
//! re-written instead of the one on the wire.

use md5::Md5;
use sha2::{Digest, Sha256};

use super::Algorithm;
use crate::message::{Method, Uri, quote, split_list, unquote};

/// The fields of one `Digest` header value, quotes taken off.
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// `None` for any other scheme and for malformed ones.
    pub(super) fn parse(value: &str) -> Option<Self> {
        let (scheme, rest) = value.trim().split_once([' ', '\t'])?;
        if !scheme.eq_ignore_ascii_case("Digest") {
            return None;
        }
        let field = |one: &str| {
            let (name, value) = one.split_once('=')?;
            let value = value.trim();
            let plain = if value.starts_with('"') { unquote(value)? } else { value.to_owned() };
            Some((name.trim().to_owned(), plain))
        };
        split_list(rest).map(field).collect::<Option<Vec<_>>>().map(Self)
    }

    pub(super) fn get(&self, name: &str) -> Option<&String> {
        self.0.iter().find(|(one, _)| one.eq_ignore_ascii_case(name)).map(|(_, value)| value)
    }
}

fn hash(algorithm: Algorithm, text: &str) -> String {
    #[cfg(test)]
    work::note(algorithm, text);
    match algorithm {
        Algorithm::Md5 => hex::encode(Md5::digest(text)),
        Algorithm::Sha256 => hex::encode(Sha256::digest(text)),
    }
}

pub(super) fn ha1(algorithm: Algorithm, user: &str, realm: &str, password: &str) -> String {
    hash(algorithm, &format!("{user}:{realm}:{password}"))
}

/// The response for `qop=auth`.
pub(super) fn response(
    algorithm: Algorithm,
    ha1: &str,
    nonce: &str,
    nc: &str,
    cnonce: &str,
    method: &str,
    uri: &str,
) -> String {
    let ha2 = hash(algorithm, &format!("{method}:{uri}"));
    hash(algorithm, &format!("{ha1}:{nonce}:{nc}:{cnonce}:auth:{ha2}"))
}

/// What was computed, for the comparison of known and unknown users.
#[cfg(test)]
pub(super) mod work {
    use super::Algorithm;
    use std::cell::RefCell;

    thread_local! {
        static DONE: RefCell<Vec<(Algorithm, usize)>> = const { RefCell::new(Vec::new()) };
    }

    /// MD5 and SHA-256 both work in blocks of 64 bytes, with 9 bytes of padding at least.
    pub(super) fn note(algorithm: Algorithm, text: &str) {
        DONE.with_borrow_mut(|done| done.push((algorithm, (text.len() + 9).div_ceil(64))));
    }

    /// Algorithm and number of blocks of each hash since the last call.
    pub fn take() -> Vec<(Algorithm, usize)> {
        DONE.take()
    }
}

/// The challenge to answer of those in a response: SHA-256 where it is offered (RFC 8760 2.4), and only one of `realm`
/// if one is given. `None` when there is none we speak.
pub fn best_challenge<'a>(challenges: impl Iterator<Item = &'a str>, realm: Option<&str>) -> Option<&'a str> {
    let rated = challenges.filter_map(|challenge| {
        let fields = Fields::parse(challenge)?;
        let algorithm =
            fields.get("algorithm").map_or(Some(Algorithm::Md5), |name| Algorithm::named(name))?;
        let is_ours = realm.is_none_or(|realm| fields.get("realm").is_some_and(|named| named == realm));
        is_ours.then_some((algorithm, challenge))
    });
    // Of equal ones the first, which the peer prefers.
    rated.reduce(|best, next| if next.0 > best.0 { next } else { best }).map(|(_, challenge)| challenge)
}

/// The client's side: the value of Authorization (or Proxy-Authorization) that answers `challenge`. A challenge without
/// qop is answered as RFC 2069 had it. `None` when the scheme, algorithm or qop is one we do not speak.
pub fn authorize(
    challenge: &str,
    method: &Method,
    uri: &Uri,
    user: &str,
    password: &str,
    cnonce: &str,
    nc: u32,
) -> Option<String> {
    let fields = Fields::parse(challenge)?;
    let (realm, nonce) = (fields.get("realm")?, fields.get("nonce")?);
    let named = fields.get("algorithm");
    let algorithm = named.map_or(Some(Algorithm::Md5), |name| Algorithm::named(name))?;
    let ha1 = ha1(algorithm, user, realm, password);
    let (method, uri) = (method.as_str(), uri.as_str());
    let (answer, qop) = match fields.get("qop") {
        Some(offered) if offered.split(',').any(|one| one.trim().eq_ignore_ascii_case("auth")) => {
            let nc = format!("{nc:08x}");
            let answer = response(algorithm, &ha1, nonce, &nc, cnonce, method, uri);
            (answer, format!(", qop=auth, nc={nc}, cnonce={}", quote(cnonce)))
        }
        Some(_) => return None,
        None => {
            let ha2 = hash(algorithm, &format!("{method}:{uri}"));
            (hash(algorithm, &format!("{ha1}:{nonce}:{ha2}")), String::new())
        }
    };
    let opaque = fields.get("opaque").map(|text| format!(", opaque={}", quote(text))).unwrap_or_default();
    let algorithm = named.map(|_| format!(", algorithm={}", algorithm.as_str())).unwrap_or_default();
    let (user, realm, nonce) = (quote(user), quote(realm), quote(nonce));
    Some(format!(
        "Digest username={user}, realm={realm}, nonce={nonce}, uri=\"{uri}\", response=\"{answer}\"{algorithm}{qop}{opaque}"
    ))
}

#[cfg(test)]
mod tests;

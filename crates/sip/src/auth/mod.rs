//! Digest authentication (RFC 3261 22, RFC 7616, RFC 8760): a server side that keeps no state for a challenge, and the
//! client side.
//!
//! A nonce is its time and a MAC over time and source address, so a challenge costs no memory and a nonce from another
//! address is worthless. What is remembered is which nonce counts a *granted* user has used; the memory is bounded, and
//! a nonce that fell out of it is treated as stale. Only `qop=auth` is spoken: without it a response could be replayed.

mod digest;
mod replay;

use std::fmt;
use std::net::IpAddr;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::message::{Request, Uri};
use digest::Fields;
use replay::Replays;

pub use digest::authorize;

/// How long a nonce is good, seconds.
pub const NONCE_LIFE_S: u64 = 300;

/// A digest algorithm we offer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Algorithm {
    /// RFC 2617: what every phone speaks.
    Md5,
    /// RFC 8760.
    Sha256,
}

impl Algorithm {
    /// The name on the wire.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Md5 => "MD5",
            Self::Sha256 => "SHA-256",
        }
    }

    fn named(text: &str) -> Option<Self> {
        [Self::Md5, Self::Sha256].into_iter().find(|one| one.as_str().eq_ignore_ascii_case(text))
    }
}

/// What the directory knows of a user.
#[derive(Clone, PartialEq, Eq)]
pub enum Secret {
    /// The password in clear.
    Password(String),
    /// H(user:realm:password) in hexadecimal, per algorithm.
    Ha1 {
        /// For MD5.
        md5: Option<String>,
        /// For SHA-256.
        sha256: Option<String>,
    },
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

/// What a request's credentials are worth.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// They are right.
    Granted {
        /// Whose they are.
        user: String,
    },
    /// Wrong password, unknown user, or a digest over another request; the three cannot be told apart.
    Denied,
    /// The password is right, but the nonce is old, foreign or used: challenge again with `stale`.
    Stale,
    /// There are none for this realm, or of another scheme.
    Missing,
}

/// One realm of users.
pub struct Realm {
    realm: String,
    key: [u8; 32],
    replays: Replays,
}

impl Realm {
    /// A realm whose nonces are made with `key`, which nobody else knows.
    pub fn new(realm: String, key: [u8; 32]) -> Self {
        Self { realm, key, replays: Replays::default() }
    }

    /// The name of the realm.
    pub fn name(&self) -> &str {
        &self.realm
    }

    /// Values of WWW-Authenticate, one per algorithm in the order given, the preferred first (RFC 8760 2.1). `wall_s` is
    /// seconds since the epoch.
    pub fn challenge(
        &self,
        wall_s: u64,
        source: IpAddr,
        algorithms: &[Algorithm],
        stale: bool,
    ) -> Vec<String> {
        let (realm, nonce) = (crate::message::quote(&self.realm), self.nonce(wall_s, source));
        let stale = if stale { ", stale=true" } else { "" };
        let one = |algorithm: &Algorithm| {
            format!(
                "Digest realm={realm}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
                algorithm.as_str()
            )
        };
        algorithms.iter().map(one).collect()
    }

    /// Checks the credentials of a request. `password_of` gives the secret of a user; the same work is done for a user
    /// it does not know.
    pub fn check(
        &mut self,
        wall_s: u64,
        source: IpAddr,
        request: &Request,
        password_of: impl Fn(&str) -> Option<Secret>,
    ) -> Verdict {
        let lines =
            request.headers.get_all("Authorization").chain(request.headers.get_all("Proxy-Authorization"));
        let fields = lines.filter_map(Fields::parse).find(|one| one.get("realm") == Some(&self.realm));
        let Some(fields) = fields else { return Verdict::Missing };
        let Some(credentials) = Credentials::of(&fields) else { return Verdict::Denied };
        let secret = password_of(credentials.user);
        let known = secret.is_some();
        // An unknown user is checked against a password nobody has, for equal answers in equal time.
        let secret = secret.unwrap_or_else(|| Secret::Password(hex::encode(self.key)));
        let ha1 = match secret {
            Secret::Password(password) => {
                Some(digest::ha1(credentials.algorithm, credentials.user, &self.realm, &password))
            }
            Secret::Ha1 { md5, sha256 } => match credentials.algorithm {
                Algorithm::Md5 => md5,
                Algorithm::Sha256 => sha256,
            },
        };
        let known = known && ha1.is_some();
        let expected = digest::response(
            credentials.algorithm,
            &ha1.unwrap_or_default(),
            credentials.nonce,
            credentials.nc_text,
            credentials.cnonce,
            request.method.as_str(),
            credentials.uri,
        );
        let matches = is_equal(expected.as_bytes(), credentials.response.to_ascii_lowercase().as_bytes());
        if !matches || !known || !is_for(credentials.uri, &request.uri) {
            return Verdict::Denied;
        }
        let Some(made_s) = self.nonce_time(credentials.nonce, source) else { return Verdict::Stale };
        let fresh = made_s <= wall_s.saturating_add(1) && wall_s.saturating_sub(made_s) <= NONCE_LIFE_S;
        let name = (credentials.nonce, credentials.user, credentials.cnonce);
        if !fresh || !self.replays.is_new(made_s, name, credentials.nc) {
            return Verdict::Stale;
        }
        Verdict::Granted { user: credentials.user.to_owned() }
    }

    fn nonce(&self, made_s: u64, source: IpAddr) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(&made_s.to_be_bytes());
        mac.update(source.to_string().as_bytes());
        format!("{made_s:010x}{}", hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    /// When a nonce was made, if it is one of ours for that source.
    fn nonce_time(&self, nonce: &str, source: IpAddr) -> Option<u64> {
        let made_s = u64::from_str_radix(nonce.get(..10)?, 16).ok()?;
        is_equal(self.nonce(made_s, source).as_bytes(), nonce.as_bytes()).then_some(made_s)
    }
}

impl fmt::Debug for Realm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Realm").field("realm", &self.realm).finish_non_exhaustive()
    }
}

/// The parts of an Authorization that the check needs.
struct Credentials<'a> {
    user: &'a str,
    nonce: &'a str,
    uri: &'a str,
    cnonce: &'a str,
    nc_text: &'a str,
    nc: u32,
    response: &'a str,
    algorithm: Algorithm,
}

impl<'a> Credentials<'a> {
    fn of(fields: &'a Fields) -> Option<Self> {
        let nc_text = fields.get("nc")?;
        let is_hex = nc_text.len() == 8 && nc_text.bytes().all(|byte| byte.is_ascii_hexdigit());
        if !is_hex || !fields.get("qop")?.eq_ignore_ascii_case("auth") {
            return None;
        }
        Some(Self {
            user: fields.get("username")?,
            nonce: fields.get("nonce")?,
            uri: fields.get("uri")?,
            cnonce: fields.get("cnonce")?,
            nc_text,
            nc: u32::from_str_radix(nc_text, 16).ok()?,
            response: fields.get("response")?,
            algorithm: fields.get("algorithm").map_or(Some(Algorithm::Md5), |name| Algorithm::named(name))?,
        })
    }
}

/// RFC 3261 22.4: the digest is over the request it comes with. Port and parameters differ between honest phones.
fn is_for(signed: &str, uri: &Uri) -> bool {
    let Ok(signed) = signed.parse::<Uri>() else { return false };
    signed.user() == uri.user() && signed.host().eq_ignore_ascii_case(uri.host())
}

/// Compares in a time that depends on the lengths alone.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

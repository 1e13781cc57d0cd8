//! Digest authentication (RFC 3261 22, RFC 7616, RFC 8760): a server side that keeps no state for a challenge, and the
//! client side.
//!
//! A nonce is its time, a number and a MAC over both and the source address, so a challenge costs no memory and a nonce
//! from another address is worthless. What is remembered is which nonce counts a *granted* user has used; the memory is
//! bounded, and a nonce that fell out of it is treated as stale. Only `qop=auth` is spoken: without it a response could
//! be replayed.
//!
//! Who guesses names learns nothing: an unknown user costs the same digests as a known one, over a secret of the usual
//! length that is derived from the name and the realm's key (for known ones too, in vain), and is answered alike.

mod digest;
mod replay;

use std::fmt;
use std::net::IpAddr;

use hmac::{Hmac, Mac};
use sha2::Sha256;

use crate::message::{Request, Uri};
use digest::Fields;
use replay::Replays;

pub use digest::{authorize, best_challenge};

/// How long a nonce is good, seconds.
pub const NONCE_LIFE_S: u64 = 300;

/// Longest user name and longest client nonce that are looked at, bytes; they are remembered for those granted.
const NAME_MAX: usize = 256;

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

/// A user as the directory knows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Account {
    /// What the user has to know.
    pub secret: Secret,
    /// Answers by other algorithms are denied: the weaker one cannot be forced upon an account that excludes it
    /// (RFC 8760 4).
    pub accepts: &'static [Algorithm],
}

impl Account {
    /// An account that may answer by either algorithm.
    pub fn new(password: impl Into<String>) -> Self {
        Self { secret: Secret::Password(password.into()), accepts: &[Algorithm::Sha256, Algorithm::Md5] }
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
    /// Challenges so far: no two nonces of one second are alike, whatever client nonces their users choose.
    challenges: u32,
    /// Nonces made up to then are stale: who has used them how often is not remembered.
    since_s: u64,
}

impl Realm {
    /// A realm whose nonces are made with `key`, which nobody else knows.
    pub fn new(realm: String, key: [u8; 32]) -> Self {
        Self { realm, key, replays: Replays::default(), challenges: 0, since_s: 0 }
    }

    /// A realm that begins now, `wall_s` seconds since the epoch. Answers to nonces of an earlier life with the same key
    /// are stale: which of them were used is forgotten, so a captured one would be good once more.
    #[must_use]
    pub fn begun_at(mut self, wall_s: u64) -> Self {
        self.since_s = wall_s;
        self
    }

    /// Makes nonces with this key from now on, and knows those that were made with it before.
    pub fn use_key(&mut self, key: [u8; 32]) {
        self.key = key;
    }

    /// The name of the realm.
    pub fn name(&self) -> &str {
        &self.realm
    }

    /// Values of WWW-Authenticate, one per algorithm in the order given, the preferred first (RFC 8760 2.1). `wall_s` is
    /// seconds since the epoch.
    pub fn challenge(
        &mut self,
        wall_s: u64,
        source: IpAddr,
        algorithms: &[Algorithm],
        stale: bool,
    ) -> Vec<String> {
        self.challenges = self.challenges.wrapping_add(1);
        // In the second of the start, too, a nonce is newer than those of an earlier life.
        let made_s = wall_s.max(self.since_s.saturating_add(1));
        let (realm, nonce) =
            (crate::message::quote(&self.realm), self.nonce(made_s, self.challenges, source));
        let stale = if stale { ", stale=true" } else { "" };
        let one = |algorithm: &Algorithm| {
            format!(
                "Digest realm={realm}, nonce=\"{nonce}\", algorithm={}, qop=\"auth\"{stale}",
                algorithm.as_str()
            )
        };
        algorithms.iter().map(one).collect()
    }

    /// Checks the credentials of a request. `account_of` gives what is known of a user; the same work is done for one
    /// it does not know.
    pub fn check(
        &mut self,
        wall_s: u64,
        source: IpAddr,
        request: &Request,
        account_of: impl Fn(&str) -> Option<Account>,
    ) -> Verdict {
        let lines =
            request.headers.get_all("Authorization").chain(request.headers.get_all("Proxy-Authorization"));
        let fields = lines.filter_map(Fields::parse).find(|one| one.get("realm") == Some(&self.realm));
        let Some(fields) = fields else { return Verdict::Missing };
        let Some(credentials) = Credentials::of(&fields) else { return Verdict::Denied };
        let account = account_of(credentials.user);
        let accepted = account.as_ref().is_some_and(|one| one.accepts.contains(&credentials.algorithm));
        let secret = account.map(|one| one.secret);
        let (ha1, known) = self.ha1(&credentials, secret);
        let expected = digest::response(
            credentials.algorithm,
            &ha1,
            credentials.nonce,
            credentials.nc_text,
            credentials.cnonce,
            request.method.as_str(),
            credentials.uri,
        );
        let matches = is_equal(expected.as_bytes(), credentials.response.to_ascii_lowercase().as_bytes());
        if !matches || !known || !accepted || !is_for(credentials.uri, &request.uri) {
            return Verdict::Denied;
        }
        let Some(made_s) = self.nonce_time(credentials.nonce, source) else { return Verdict::Stale };
        let fresh = made_s <= wall_s.saturating_add(1)
            && wall_s.saturating_sub(made_s) <= NONCE_LIFE_S
            && made_s > self.since_s;
        let name = (credentials.nonce, credentials.user, credentials.cnonce);
        if !fresh || !self.replays.is_new(made_s, name, credentials.nc) {
            return Verdict::Stale;
        }
        Verdict::Granted { user: credentials.user.to_owned() }
    }

    /// H(user:realm:password), and whether it is anybody's. One hash, whoever asks and however the secret is kept.
    fn ha1(&self, credentials: &Credentials<'_>, secret: Option<Secret>) -> (String, bool) {
        let stored = match &secret {
            Some(Secret::Ha1 { md5, sha256 }) => match credentials.algorithm {
                Algorithm::Md5 => md5.clone(),
                Algorithm::Sha256 => sha256.clone(),
            },
            _ => None,
        };
        // Made for everybody, also where it is not needed: to leave it out would tell who is known.
        let nobodys = self.derived_password(credentials.user);
        let (password, known) = match secret {
            Some(Secret::Password(password)) => (password, true),
            _ => (nobodys, stored.is_some()),
        };
        let computed = digest::ha1(credentials.algorithm, credentials.user, &self.realm, &password);
        (stored.unwrap_or(computed), known)
    }

    /// A password that nobody has, as long as one that somebody might have.
    fn derived_password(&self, user: &str) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(b"nobody");
        mac.update(user.as_bytes());
        hex::encode(&mac.finalize().into_bytes()[..6])
    }

    /// Whether a request answers a challenge that was sent to its source: its sender is where he says he is.
    pub fn was_challenged(&self, wall_s: u64, source: IpAddr, request: &Request) -> bool {
        let lines =
            request.headers.get_all("Authorization").chain(request.headers.get_all("Proxy-Authorization"));
        let mut nonces = lines.filter_map(Fields::parse).filter_map(|fields| fields.get("nonce").cloned());
        nonces.any(|nonce| {
            self.nonce_time(&nonce, source)
                .is_some_and(|made_s| wall_s.saturating_sub(made_s) <= NONCE_LIFE_S)
        })
    }

    fn nonce(&self, made_s: u64, number: u32, source: IpAddr) -> String {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes a key of any length");
        mac.update(&made_s.to_be_bytes());
        mac.update(&number.to_be_bytes());
        mac.update(source.to_string().as_bytes());
        format!("{made_s:010x}{number:08x}{}", hex::encode(&mac.finalize().into_bytes()[..16]))
    }

    /// When a nonce was made, if it is one of ours for that source.
    fn nonce_time(&self, nonce: &str, source: IpAddr) -> Option<u64> {
        let made_s = u64::from_str_radix(nonce.get(..10)?, 16).ok()?;
        let number = u32::from_str_radix(nonce.get(10..18)?, 16).ok()?;
        is_equal(self.nonce(made_s, number, source).as_bytes(), nonce.as_bytes()).then_some(made_s)
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
        if ["username", "cnonce"].iter().any(|name| fields.get(name).is_some_and(|one| one.len() > NAME_MAX))
        {
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

/// RFC 3261 22.4: the digest is over the request it comes with. Port and parameters differ between honest phones, and
/// some (SIPp is one) sign the house alone, whomever they call there; who names somebody else is refused.
fn is_for(signed: &str, uri: &Uri) -> bool {
    let Ok(signed) = signed.parse::<Uri>() else { return false };
    (signed.user().is_none() || signed.user() == uri.user()) && signed.host().eq_ignore_ascii_case(uri.host())
}

/// Compares in a time that depends on the lengths alone.
fn is_equal(one: &[u8], other: &[u8]) -> bool {
    one.len() == other.len() && one.iter().zip(other).fold(0, |sum, (a, b)| sum | (a ^ b)) == 0
}

#[cfg(test)]
mod tests;

//! Passwords: argon2id hashes, made and compared on threads of their own, because each takes tens of milliseconds.

use anyhow::{Context, bail};
use argon2::password_hash::{PasswordHash, PasswordHasher, PasswordVerifier, SaltString};
use argon2::{Algorithm, Argon2, Params, Version};
use std::sync::LazyLock;
use tokio::sync::Semaphore;
use tokio::task::spawn_blocking;

/// Memory of one hash in KiB, passes, lanes: the OWASP minimum for argon2id.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
/// Shortest and longest password, in characters and in bytes.
const CHARS_MIN: usize = 8;
const BYTES_MAX: usize = 256;
/// Hashes at the same time, 19 MiB each; more sign-ins wait their turn.
const AT_ONCE_MAX: usize = 4;
const SALT_BYTES: usize = 16;

static TURNS: Semaphore = Semaphore::const_new(AT_ONCE_MAX);

/// Of nobody: compared with when a login is unknown, so that the answer takes as long as for a known one.
static NOBODY: LazyLock<String> =
    LazyLock::new(|| hashed(b"nobody", &[0; SALT_BYTES]).expect("fixed input is hashed"));

/// The PHC string of a new password.
///
/// # Errors
/// When the password is too short or too long, or the system has no randomness for its salt.
pub async fn hash(password: &str) -> anyhow::Result<String> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        bail!("a password has {CHARS_MIN} characters or more, and {BYTES_MAX} bytes at most");
    }
    let password = password.to_owned();
    spawn_blocking(move || {
        let mut salt = [0_u8; SALT_BYTES];
        getrandom::fill(&mut salt).map_err(|_| anyhow::anyhow!("the system gives no randomness"))?;
        hashed(password.as_bytes(), &salt)
    })
    .await
    .context("the hash was broken off")?
}

/// Whether the password is the hash's. Without a hash (an unknown login) it takes as long, and the answer is no.
pub async fn verify(password: &str, hash: Option<&str>) -> bool {
    // Longer than any password that was ever accepted: not worth the work, and equally so for everybody.
    if password.len() > BYTES_MAX {
        return false;
    }
    let Ok(_turn) = TURNS.acquire().await else { return false };
    let (password, hash) = (password.to_owned(), hash.map(str::to_owned));
    let compared = spawn_blocking(move || {
        let known = hash.is_some();
        let hash = hash.unwrap_or_else(|| NOBODY.clone());
        let same = PasswordHash::new(&hash).is_ok_and(|hash| {
            argon2id().is_ok_and(|argon2| argon2.verify_password(password.as_bytes(), &hash).is_ok())
        });
        known && same
    });
    compared.await.unwrap_or(false)
}

fn argon2id() -> anyhow::Result<Argon2<'static>> {
    let params = Params::new(MEMORY_KIB, PASSES, LANES, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(Argon2::new(Algorithm::Argon2id, Version::V0x13, params))
}

fn hashed(password: &[u8], salt: &[u8; SALT_BYTES]) -> anyhow::Result<String> {
    let salt = SaltString::encode_b64(salt).map_err(|error| anyhow::anyhow!("{error}"))?;
    let hash = argon2id()?.hash_password(password, &salt).map_err(|error| anyhow::anyhow!("{error}"))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_password_is_known_again_and_no_other_is() {
        let hash = hash("correct horse").await.unwrap();
        assert!(hash.starts_with("$argon2id$v=19$m=19456,t=2,p=1$"), "{hash}");
        assert!(verify("correct horse", Some(&hash)).await);
        assert!(!verify("correct horsf", Some(&hash)).await);
        assert!(!verify("nobody", None).await, "an unknown login is refused with any password");
        assert!(!verify("x", Some("no hash at all")).await);
        assert!(!verify(&"x".repeat(1000), Some(&hash)).await);
    }

    #[tokio::test]
    async fn the_same_password_hashes_differently_and_a_bad_one_not_at_all() {
        assert_ne!(hash("correct horse").await.unwrap(), hash("correct horse").await.unwrap());
        assert!(hash("short").await.is_err());
        assert!(hash(&"x".repeat(257)).await.is_err());
    }
}

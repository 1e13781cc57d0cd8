//! What lies sealed in the database, and by what it is found again.
//!
//! One file holds one secret of 32 bytes; two keys follow from it (HKDF, RFC 5869): one seals (AES-256-GCM, NIST SP
//! 800-38D, a nonce of chance for each value), one makes digests by which a whole value can be looked up (HMAC-SHA-256,
//! RFC 2104). Every value names algorithm and key: `a256gcm:<key>:<base64>`, `hs256:<key>:<hex>`.

use aws_lc_rs::aead::{AES_256_GCM, Aad, NONCE_LEN, Nonce, RandomizedNonceKey};
use aws_lc_rs::{hkdf, hmac};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::fmt;
use std::fs::OpenOptions;
use std::io::{self, Write};
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};
use zeroize::Zeroizing;

/// The first word of a key file: what it is, and its form.
const HEAD: &str = "careline-data-key-1";
/// Bytes of the secret and of each key that follows from it.
const KEY_BYTES: usize = 32;
/// Names of the two keys; they are part of the form.
const SEAL: &[u8] = b"careline data 1 seal";
const LOOK_UP: &[u8] = b"careline data 1 look up";
/// What a key is called by: the beginning of the digest of its name under itself.
const NAME: &[u8] = b"careline data 1 name";
const NAME_HEX: usize = 8;
const SEALED: &str = "a256gcm";
const DIGEST: &str = "hs256";

/// Why there is no key, or a value does not open.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be read or written.
    #[error("the key file {0} cannot be used")]
    File(PathBuf, #[source] io::Error),
    /// It is no key file.
    #[error("{0} is no key file: it holds \"{HEAD} <64 hex digits>\"")]
    Form(PathBuf),
    /// The system gave no randomness.
    #[error("the system gives no randomness")]
    Randomness,
    /// It was sealed by another key, or changed.
    #[error("a sealed value does not open with this key")]
    Sealed,
}

/// The two keys.
pub struct Keys {
    seal: RandomizedNonceKey,
    look_up: hmac::Key,
    name: String,
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("name", &self.name).finish_non_exhaustive()
    }
}

struct Length;

impl hkdf::KeyType for Length {
    fn len(&self) -> usize {
        KEY_BYTES
    }
}

impl Keys {
    /// The keys that follow from a secret.
    ///
    /// # Errors
    /// When the library refuses it.
    pub fn of(secret: &[u8; KEY_BYTES]) -> Result<Self, KeyError> {
        let root = hkdf::Salt::new(hkdf::HKDF_SHA256, HEAD.as_bytes()).extract(secret);
        let key = |name: &[u8]| -> Result<Zeroizing<[u8; KEY_BYTES]>, KeyError> {
            let mut bytes = Zeroizing::new([0_u8; KEY_BYTES]);
            let filled = root.expand(&[name], Length).and_then(|key| key.fill(bytes.as_mut()));
            filled.map_err(|_| KeyError::Sealed)?;
            Ok(bytes)
        };
        let look_up = hmac::Key::new(hmac::HMAC_SHA256, key(LOOK_UP)?.as_ref());
        let seal =
            RandomizedNonceKey::new(&AES_256_GCM, key(SEAL)?.as_ref()).map_err(|_| KeyError::Sealed)?;
        let mut name = hex::encode(hmac::sign(&look_up, NAME).as_ref());
        name.truncate(NAME_HEX);
        Ok(Self { seal, look_up, name })
    }

    /// Reads a key file; nothing when there is none.
    ///
    /// # Errors
    /// When it cannot be read, or is none.
    pub fn read(file: &Path) -> Result<Option<Self>, KeyError> {
        let text = match std::fs::read_to_string(file) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(KeyError::File(file.to_owned(), error)),
        };
        let secret = text.trim().strip_prefix(HEAD).and_then(|rest| hex::decode(rest.trim()).ok());
        let secret: Option<[u8; KEY_BYTES]> =
            secret.and_then(|bytes| Zeroizing::new(bytes).as_slice().try_into().ok());
        let secret = Zeroizing::new(secret.ok_or_else(|| KeyError::Form(file.to_owned()))?);
        Self::of(&secret).map(Some)
    }

    /// Writes a new key file that only its owner may read.
    ///
    /// # Errors
    /// When there is one already, or it cannot be written.
    pub fn create(file: &Path) -> Result<Self, KeyError> {
        let mut secret = Zeroizing::new([0_u8; KEY_BYTES]);
        getrandom::fill(secret.as_mut()).map_err(|_| KeyError::Randomness)?;
        let text = Zeroizing::new(format!("{HEAD} {}\n", hex::encode(secret.as_ref())));
        let written = || -> io::Result<()> {
            let mut out = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
            out.write_all(text.as_bytes())?;
            out.sync_all()
        };
        written().map_err(|error| KeyError::File(file.to_owned(), error))?;
        Self::of(&secret)
    }

    /// By what the key is told from others; says nothing about it.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// A value sealed. What it is and whose is bound to it: moved elsewhere it does not open.
    ///
    /// # Errors
    /// When the library refuses it.
    pub fn seal(&self, value: &str, belongs_to: &str) -> Result<String, KeyError> {
        let mut bytes = value.as_bytes().to_vec();
        let nonce = self.seal.seal_in_place_append_tag(Aad::from(belongs_to.as_bytes()), &mut bytes);
        let nonce = nonce.map_err(|_| KeyError::Sealed)?;
        let whole = [nonce.as_ref().as_slice(), &bytes].concat();
        Ok(format!("{SEALED}:{}:{}", self.name, STANDARD.encode(whole)))
    }

    /// A sealed value, opened.
    ///
    /// # Errors
    /// [`KeyError::Sealed`] when it was sealed by another key, for another place, or was changed.
    pub fn open(&self, sealed: &str, belongs_to: &str) -> Result<Zeroizing<String>, KeyError> {
        let open = || {
            let rest = sealed.strip_prefix(SEALED)?.strip_prefix(':')?.strip_prefix(self.name.as_str())?;
            let mut whole = STANDARD.decode(rest.strip_prefix(':')?).ok()?;
            if whole.len() < NONCE_LEN {
                return None;
            }
            let mut bytes = whole.split_off(NONCE_LEN);
            let nonce = Nonce::try_assume_unique_for_key(&whole).ok()?;
            let opened = self.seal.open_in_place(nonce, Aad::from(belongs_to.as_bytes()), &mut bytes).ok()?;
            Some(Zeroizing::new(std::str::from_utf8(opened).ok()?.to_owned()))
        };
        open().ok_or(KeyError::Sealed)
    }

    /// By what a whole value is looked up; `kind` tells values of different kinds apart.
    #[must_use]
    pub fn digest(&self, kind: &str, value: &str) -> String {
        let mut context = hmac::Context::with_key(&self.look_up);
        context.update(kind.as_bytes());
        context.update(&[0]);
        context.update(value.as_bytes());
        format!("{DIGEST}:{}:{}", self.name, hex::encode(context.sign().as_ref()))
    }
}

#[cfg(test)]
mod tests {
    use super::{KeyError, Keys};
    use std::os::unix::fs::PermissionsExt;

    #[test]
    fn what_was_sealed_opens_with_its_key_at_its_place_only() {
        let (keys, other) = (Keys::of(&[1; 32]).expect("keys"), Keys::of(&[2; 32]).expect("keys"));
        let sealed = keys.seal("11010519491231002X", "person/1").expect("it seals");
        assert!(sealed.starts_with(&format!("a256gcm:{}:", keys.name())) && !sealed.contains("1101051949"));
        assert_ne!(
            sealed,
            keys.seal("11010519491231002X", "person/1").expect("it seals"),
            "a nonce for each"
        );
        assert_eq!(keys.open(&sealed, "person/1").expect("it opens").as_str(), "11010519491231002X");
        let mut changed = sealed.clone().into_bytes();
        changed[40] = if changed[40] == b'A' { b'B' } else { b'A' };
        let changed = String::from_utf8(changed).expect("ASCII");
        for (keys, sealed, place) in [
            (&keys, sealed.as_str(), "person/2"),
            (&other, sealed.as_str(), "person/1"),
            (&keys, changed.as_str(), "person/1"),
            (&keys, "a256gcm:00000000:", "person/1"),
            (&keys, "", "person/1"),
        ] {
            assert!(matches!(keys.open(sealed, place), Err(KeyError::Sealed)), "{place}");
        }
    }

    #[test]
    fn the_same_value_has_the_same_digest_of_its_kind() {
        let (keys, other) = (Keys::of(&[1; 32]).expect("keys"), Keys::of(&[2; 32]).expect("keys"));
        assert_eq!(keys.digest("id", "7"), keys.digest("id", "7"));
        assert_ne!(keys.digest("id", "7"), keys.digest("card", "7"));
        assert_ne!(keys.digest("a", "b7"), keys.digest("ab", "7"));
        assert_ne!(keys.digest("id", "7"), other.digest("id", "7"));
        assert!(keys.digest("id", "7").starts_with("hs256:"));
    }

    #[test]
    fn a_key_file_is_made_once_and_is_its_owners() {
        let folder = tempfile::tempdir().expect("a folder");
        let file = folder.path().join("desk.key");
        assert!(Keys::read(&file).expect("no file is no mistake").is_none());
        let keys = Keys::create(&file).expect("it is made");
        let mode = std::fs::metadata(&file).expect("it is there").permissions().mode() & 0o777;
        assert_eq!(mode, 0o600);
        assert_eq!(
            Keys::read(&file).expect("it reads").map(|keys| keys.name().to_owned()).as_deref(),
            Some(keys.name())
        );
        assert!(matches!(Keys::create(&file), Err(KeyError::File(..))), "a key is never written over");
        for text in ["", "careline-data-key-1", "careline-data-key-1 00", "careline-data-key-2 ", "00"] {
            std::fs::write(&file, text).expect("it writes");
            assert!(matches!(Keys::read(&file), Err(KeyError::Form(_))), "{text}");
        }
    }
}

//! Master keys and what is derived from them (RFC 3711 section 4.3, RFC 7714 section 11). Key derivation rate 0: once.

use core::fmt;

use aes::cipher::generic_array::GenericArray;
use aes::cipher::{
    BlockCipher, BlockEncrypt, BlockSizeUser, InnerIvInit, KeyInit, StreamCipher, consts::U16,
};
use aes::{Aes128Enc, Aes256Enc};
use zeroize::Zeroizing;

use super::{Profile, SrtpError};

/// Longest session key.
pub(super) const KEY_BYTES_MAX: usize = 32;
/// Longest session salt.
pub(super) const SALT_BYTES_MAX: usize = 14;
/// Length of the HMAC-SHA1 key.
pub(super) const AUTH_BYTES: usize = 20;

/// Master key and salt of one direction.
#[derive(Clone)]
pub struct Keys {
    profile: Profile,
    master_key: Zeroizing<[u8; KEY_BYTES_MAX]>,
    master_salt: Zeroizing<[u8; SALT_BYTES_MAX]>,
}

impl Keys {
    /// Takes what the SDP carries: the master key, followed by the master salt.
    ///
    /// # Errors
    /// [`SrtpError::KeyLength`].
    pub fn new(profile: Profile, key_and_salt: &[u8]) -> Result<Self, SrtpError> {
        if key_and_salt.len() != profile.material_bytes() {
            return Err(SrtpError::KeyLength);
        }
        let (key, salt) = key_and_salt.split_at(profile.key_bytes());
        let mut keys = Self { profile, master_key: Zeroizing::default(), master_salt: Zeroizing::default() };
        keys.master_key[..key.len()].copy_from_slice(key);
        // A salt of 96 bits stands left in the 112 bits, RFC 7714 section 11.
        keys.master_salt[..salt.len()].copy_from_slice(salt);
        Ok(keys)
    }

    /// The profile they are for.
    #[must_use]
    pub fn profile(&self) -> Profile {
        self.profile
    }

    /// The session keys of RTP.
    pub(super) fn rtp(&self) -> SessionKeys {
        self.session(0)
    }

    /// The session keys of RTCP.
    pub(super) fn rtcp(&self) -> SessionKeys {
        self.session(3)
    }

    fn session(&self, first_label: u8) -> SessionKeys {
        let mut session = SessionKeys::default();
        let key_bytes = self.profile.key_bytes();
        self.derive(first_label, &mut session.key[..key_bytes]);
        if !self.profile.is_aead() {
            self.derive(first_label + 1, session.auth.as_mut());
        }
        self.derive(first_label + 2, &mut session.salt[..self.profile.salt_bytes()]);
        session
    }

    /// The pseudo-random function for one label (section 4.3.3): key stream of the master key.
    pub(super) fn derive(&self, label: u8, out: &mut [u8]) {
        let mut iv = [0; 16];
        iv[..SALT_BYTES_MAX].copy_from_slice(self.master_salt.as_ref());
        // The label stands left of 48 bits of index, which is 0 at derivation rate 0.
        iv[7] ^= label;
        out.fill(0);
        match self.profile.key_bytes() {
            16 => key_stream(&Aes128Enc::new_from_slice(&self.master_key[..16]).expect("16 bytes"), iv, out),
            _ => key_stream(&Aes256Enc::new_from_slice(self.master_key.as_ref()).expect("32 bytes"), iv, out),
        }
    }
}

impl fmt::Debug for Keys {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Keys").field("profile", &self.profile).finish_non_exhaustive()
    }
}

/// What one kind of packet is protected with; unused ends are zero.
#[derive(Clone, Default)]
pub(super) struct SessionKeys {
    pub(super) key: Zeroizing<[u8; KEY_BYTES_MAX]>,
    pub(super) auth: Zeroizing<[u8; AUTH_BYTES]>,
    pub(super) salt: Zeroizing<[u8; SALT_BYTES_MAX]>,
}

/// Adds the key stream from counter block `iv` on (section 4.1.1). A packet is shorter than the 2^16 blocks after which
/// the counter would run into the index.
pub(super) fn key_stream<C>(cipher: &C, iv: [u8; 16], data: &mut [u8])
where
    C: BlockEncrypt + BlockCipher + BlockSizeUser<BlockSize = U16>,
{
    let core = ctr::CtrCore::<&C, ctr::flavors::Ctr128BE>::inner_iv_init(cipher, &GenericArray::from(iv));
    ctr::cipher::StreamCipherCoreWrapper::from_core(core).apply_keystream(data);
}

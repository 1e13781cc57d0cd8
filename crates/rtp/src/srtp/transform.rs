//! The ciphers themselves. They know where a packet's parts stand and nothing of what came before.

use aes::cipher::{BlockCipher, BlockEncrypt, BlockSizeUser, KeyInit, consts::U16};
use aes::{Aes128Enc, Aes256Enc};
use aws_lc_rs::aead::{AES_128_GCM, AES_256_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use hmac::{Hmac, Mac};
use sha1::Sha1;
use zeroize::Zeroizing;

use super::keys::{AUTH_BYTES, SALT_BYTES_MAX, SessionKeys, key_stream};
use super::wire::{E_BIT, INDEX_BYTES, RTCP_HEADER_BYTES};
use super::{Profile, SrtpError};

const GCM_TAG_BYTES: usize = 16;
const CM_RTCP_TAG_BYTES: usize = 10;

/// Whose packet it is, and its number: 48 bits for RTP, 31 for RTCP.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    pub(super) ssrc: u32,
    pub(super) index: u64,
}

/// The ciphers of RTP with their keys expanded; on the heap, as their sizes differ.
pub(super) enum Transform {
    Cm128(Box<Cm<Aes128Enc>>),
    Cm256(Box<Cm<Aes256Enc>>),
    Gcm(Gcm),
}

impl Transform {
    pub(super) fn new(profile: Profile, keys: &SessionKeys) -> Self {
        match profile {
            Profile::AesCm128HmacSha1_80 | Profile::AesCm128HmacSha1_32 => {
                Self::Cm128(Box::new(Cm::new(keys)))
            }
            Profile::AesCm256HmacSha1_80 => Self::Cm256(Box::new(Cm::new(keys))),
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => Self::Gcm(Gcm::new(profile, keys)),
        }
    }

    /// Encrypts `packet` from `header` on and fills the tag, which are its last `tag` bytes.
    pub(super) fn seal_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        tag: usize,
        at: Place,
    ) -> Result<(), SrtpError> {
        match self {
            Self::Cm128(cm) => cm.seal_rtp(packet, header, tag, at),
            Self::Cm256(cm) => cm.seal_rtp(packet, header, tag, at),
            Self::Gcm(gcm) => {
                let (text, tag) = packet.split_at_mut(packet.len() - GCM_TAG_BYTES);
                let (header, text) = text.split_at_mut(header);
                return gcm.seal(gcm.nonce(at), header, text, tag);
            }
        }
        Ok(())
    }

    /// The reverse. After an error the packet's content is undefined with GCM and untouched otherwise.
    pub(super) fn open_rtp(
        &self,
        packet: &mut [u8],
        header: usize,
        tag: usize,
        at: Place,
    ) -> Result<(), SrtpError> {
        match self {
            Self::Cm128(cm) => cm.open_rtp(packet, header, tag, at),
            Self::Cm256(cm) => cm.open_rtp(packet, header, tag, at),
            Self::Gcm(gcm) => {
                let (header, text) = packet.split_at_mut(header);
                gcm.open(gcm.nonce(at), header, text)
            }
        }
    }
}

/// The ciphers of RTCP: the keys of counter mode are expanded for each packet, those of GCM (on the heap) kept.
pub(super) enum Control {
    Cm128(SessionKeys),
    Cm256(SessionKeys),
    Gcm(Gcm),
}

impl Control {
    pub(super) fn new(profile: Profile, keys: SessionKeys) -> Self {
        match profile {
            Profile::AesCm128HmacSha1_80 | Profile::AesCm128HmacSha1_32 => Self::Cm128(keys),
            Profile::AesCm256HmacSha1_80 => Self::Cm256(keys),
            Profile::AeadAes128Gcm | Profile::AeadAes256Gcm => Self::Gcm(Gcm::new(profile, &keys)),
        }
    }

    /// Encrypts an RTCP packet of `length` bytes and appends tag and index, for which `packet` ends with room.
    pub(super) fn seal(&self, packet: &mut [u8], length: usize, at: Place) -> Result<(), SrtpError> {
        let word = (E_BIT | at.index as u32).to_be_bytes();
        match self {
            Self::Cm128(keys) => Cm::<Aes128Enc>::new(keys).seal_rtcp(packet, length, word, at),
            Self::Cm256(keys) => Cm::<Aes256Enc>::new(keys).seal_rtcp(packet, length, word, at),
            Self::Gcm(gcm) => {
                let aad = rtcp_aad(packet, word);
                let (text, rest) = packet.split_at_mut(length);
                let (tag, index) = rest.split_at_mut(GCM_TAG_BYTES);
                index.copy_from_slice(&word);
                return gcm.seal(gcm.nonce(at), &aad, &mut text[RTCP_HEADER_BYTES..], tag);
            }
        }
        Ok(())
    }

    /// The index word of a protected RTCP packet, which is long enough.
    pub(super) fn index_word(&self, packet: &[u8]) -> u32 {
        let end = match self {
            Self::Cm128(_) | Self::Cm256(_) => packet.len() - CM_RTCP_TAG_BYTES,
            Self::Gcm(_) => packet.len(),
        };
        let word = packet[..end].last_chunk::<INDEX_BYTES>().expect("the caller has checked the length");
        u32::from_be_bytes(*word)
    }

    /// The reverse of [`Control::seal`].
    pub(super) fn open(&self, packet: &mut [u8], at: Place) -> Result<(), SrtpError> {
        match self {
            Self::Cm128(keys) => Cm::<Aes128Enc>::new(keys).open_rtcp(packet, at),
            Self::Cm256(keys) => Cm::<Aes256Enc>::new(keys).open_rtcp(packet, at),
            Self::Gcm(gcm) => {
                let aad = rtcp_aad(packet, (E_BIT | at.index as u32).to_be_bytes());
                let end = packet.len() - INDEX_BYTES;
                gcm.open(gcm.nonce(at), &aad, &mut packet[RTCP_HEADER_BYTES..end])
            }
        }
    }
}

/// Header and index word together (RFC 7714 section 9.2).
fn rtcp_aad(packet: &[u8], word: [u8; INDEX_BYTES]) -> [u8; RTCP_HEADER_BYTES + INDEX_BYTES] {
    let mut aad = [0; RTCP_HEADER_BYTES + INDEX_BYTES];
    aad[..RTCP_HEADER_BYTES].copy_from_slice(&packet[..RTCP_HEADER_BYTES]);
    aad[RTCP_HEADER_BYTES..].copy_from_slice(&word);
    aad
}

/// Counter mode with HMAC-SHA1: key schedule, and HMAC with inner and outer key already hashed.
pub(super) struct Cm<C> {
    cipher: C,
    mac: Hmac<Sha1>,
    salt: Zeroizing<[u8; SALT_BYTES_MAX]>,
}

impl<C> Cm<C>
where
    C: KeyInit + BlockEncrypt + BlockCipher + BlockSizeUser<BlockSize = U16>,
{
    fn new(keys: &SessionKeys) -> Self {
        Self {
            cipher: C::new_from_slice(&keys.key[..C::key_size()]).expect("cut to length"),
            mac: <Hmac<Sha1> as Mac>::new_from_slice(&keys.auth[..AUTH_BYTES])
                .expect("HMAC takes any length"),
            salt: keys.salt.clone(),
        }
    }

    fn iv(&self, at: Place) -> [u8; 16] {
        let mut iv = [0; 16];
        iv[..SALT_BYTES_MAX].copy_from_slice(self.salt.as_ref());
        let place = u128::from(at.ssrc) << 64 | u128::from(at.index) << 16;
        (u128::from_be_bytes(iv) ^ place).to_be_bytes()
    }

    fn seal_rtp(&self, packet: &mut [u8], header: usize, tag: usize, at: Place) {
        let (text, tag) = packet.split_at_mut(packet.len() - tag);
        key_stream(&self.cipher, self.iv(at), &mut text[header..]);
        let full = self.rtp_mac(text, at).finalize().into_bytes();
        tag.copy_from_slice(&full[..tag.len()]);
    }

    fn open_rtp(&self, packet: &mut [u8], header: usize, tag: usize, at: Place) -> Result<(), SrtpError> {
        let (text, tag) = packet.split_at_mut(packet.len() - tag);
        self.rtp_mac(text, at).verify_truncated_left(tag).map_err(|_| SrtpError::Unauthentic)?;
        key_stream(&self.cipher, self.iv(at), &mut text[header..]);
        Ok(())
    }

    fn rtp_mac(&self, text: &[u8], at: Place) -> Hmac<Sha1> {
        let rollover = (at.index >> 16) as u32;
        self.mac.clone().chain_update(text).chain_update(rollover.to_be_bytes())
    }

    fn seal_rtcp(&self, packet: &mut [u8], length: usize, word: [u8; INDEX_BYTES], at: Place) {
        key_stream(&self.cipher, self.iv(at), &mut packet[RTCP_HEADER_BYTES..length]);
        let (text, tag) = packet.split_at_mut(length + INDEX_BYTES);
        text[length..].copy_from_slice(&word);
        let full = self.mac.clone().chain_update(&text).finalize().into_bytes();
        tag.copy_from_slice(&full[..CM_RTCP_TAG_BYTES]);
    }

    fn open_rtcp(&self, packet: &mut [u8], at: Place) -> Result<(), SrtpError> {
        let (text, tag) = packet.split_at_mut(packet.len() - CM_RTCP_TAG_BYTES);
        let mac = self.mac.clone().chain_update(&text);
        mac.verify_truncated_left(tag).map_err(|_| SrtpError::Unauthentic)?;
        let end = text.len() - INDEX_BYTES;
        key_stream(&self.cipher, self.iv(at), &mut text[RTCP_HEADER_BYTES..end]);
        Ok(())
    }
}

/// AES-GCM.
pub(super) struct Gcm {
    key: LessSafeKey,
    salt: [u8; 12],
}

impl Gcm {
    fn new(profile: Profile, keys: &SessionKeys) -> Self {
        let algorithm = if profile.key_bytes() == 32 { &AES_256_GCM } else { &AES_128_GCM };
        let key = UnboundKey::new(algorithm, &keys.key[..profile.key_bytes()])
            .expect("the profile names the length");
        Self { key: LessSafeKey::new(key), salt: *keys.salt.first_chunk().expect("14 are more than 12") }
    }

    /// 16 zero bits, SSRC, and for RTP rollover counter and sequence number (RFC 7714 section 8.1), for RTCP 17 zero
    /// bits and the index (section 9.1): the same form.
    fn nonce(&self, at: Place) -> Nonce {
        let place = (u128::from(at.ssrc) << 48 | u128::from(at.index)).to_be_bytes();
        let mut nonce = self.salt;
        for (byte, place) in nonce.iter_mut().zip(&place[4..]) {
            *byte ^= place;
        }
        Nonce::assume_unique_for_key(nonce)
    }

    fn seal(&self, nonce: Nonce, aad: &[u8], text: &mut [u8], tag: &mut [u8]) -> Result<(), SrtpError> {
        // It refuses only texts of gigabytes.
        let made = self.key.seal_in_place_separate_tag(nonce, Aad::from(aad), text);
        tag.copy_from_slice(made.map_err(|_| SrtpError::Malformed)?.as_ref());
        Ok(())
    }

    fn open(&self, nonce: Nonce, aad: &[u8], text: &mut [u8]) -> Result<(), SrtpError> {
        self.key.open_in_place(nonce, Aad::from(aad), text).map(drop).map_err(|_| SrtpError::Unauthentic)
    }
}

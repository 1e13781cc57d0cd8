//! Which ciphers, and how long everything is.

/// A crypto suite of SDES.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Profile {
    /// `AES_CM_128_HMAC_SHA1_80` (RFC 4568 section 6.2): what every phone speaks.
    AesCm128HmacSha1_80,
    /// `AES_CM_128_HMAC_SHA1_32`: RTP tags of 4 bytes; those of RTCP stay 10.
    AesCm128HmacSha1_32,
    /// `AES_256_CM_HMAC_SHA1_80` (RFC 6188).
    AesCm256HmacSha1_80,
    /// `AEAD_AES_128_GCM` (RFC 7714).
    AeadAes128Gcm,
    /// `AEAD_AES_256_GCM` (RFC 7714).
    AeadAes256Gcm,
}

impl Profile {
    /// All of them, the preferred first: GCM takes half the time, the short tag is weak.
    pub const ALL: [Self; 5] = [
        Self::AeadAes256Gcm,
        Self::AeadAes128Gcm,
        Self::AesCm256HmacSha1_80,
        Self::AesCm128HmacSha1_80,
        Self::AesCm128HmacSha1_32,
    ];

    /// The name in the SDP.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::AesCm128HmacSha1_80 => "AES_CM_128_HMAC_SHA1_80",
            Self::AesCm128HmacSha1_32 => "AES_CM_128_HMAC_SHA1_32",
            Self::AesCm256HmacSha1_80 => "AES_256_CM_HMAC_SHA1_80",
            Self::AeadAes128Gcm => "AEAD_AES_128_GCM",
            Self::AeadAes256Gcm => "AEAD_AES_256_GCM",
        }
    }

    /// The profile of a name, in any case. `AES_CM_256_HMAC_SHA1_80` is what a draft of RFC 6188 called it and older
    /// phones still do; an answer must repeat the offer's own word.
    #[must_use]
    pub fn from_name(name: &str) -> Option<Self> {
        if name.eq_ignore_ascii_case("AES_CM_256_HMAC_SHA1_80") {
            return Some(Self::AesCm256HmacSha1_80);
        }
        Self::ALL.into_iter().find(|profile| name.eq_ignore_ascii_case(profile.name()))
    }

    /// Length of the master key in bytes, and of the session keys.
    #[must_use]
    pub const fn key_bytes(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_80 | Self::AesCm128HmacSha1_32 | Self::AeadAes128Gcm => 16,
            Self::AesCm256HmacSha1_80 | Self::AeadAes256Gcm => 32,
        }
    }

    /// Length of the master salt in bytes.
    #[must_use]
    pub const fn salt_bytes(self) -> usize {
        if self.is_aead() { 12 } else { 14 }
    }

    /// Length of what the SDP carries: master key and salt.
    #[must_use]
    pub const fn material_bytes(self) -> usize {
        self.key_bytes() + self.salt_bytes()
    }

    /// Bytes that [`super::Sender::protect`] adds.
    #[must_use]
    pub const fn rtp_overhead(self) -> usize {
        match self {
            Self::AesCm128HmacSha1_32 => 4,
            Self::AesCm128HmacSha1_80 | Self::AesCm256HmacSha1_80 => 10,
            Self::AeadAes128Gcm | Self::AeadAes256Gcm => 16,
        }
    }

    /// Bytes that [`super::Sender::protect_rtcp`] adds: tag and index.
    #[must_use]
    pub const fn rtcp_overhead(self) -> usize {
        if self.is_aead() { 20 } else { 14 }
    }

    pub(super) const fn is_aead(self) -> bool {
        matches!(self, Self::AeadAes128Gcm | Self::AeadAes256Gcm)
    }
}

//! `[phones]`, and the keys about audio that phones, single agents and trunks have in common.

use super::check::Check;
use super::plan::{Audio, AudioCodec, Latch, Srtp, SrtpSuite};
use super::switch::AgentConfig;
use super::trunk::TrunkConfig;
use super::trunk_profile::Word;
use serde::Deserialize;
use serde_spanned::Spanned;

/// A list of words, as written.
pub(super) type Words = Spanned<Vec<Spanned<String>>>;

/// `[phones]`: what holds for the phone of every agent that says nothing else.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct PhonesConfig {
    /// Codecs, best first: `pcma`, `pcmu`, `g722`, `opus`.
    pub codecs: Option<Spanned<Vec<Spanned<String>>>>,
    /// `off`, `optional` or `required`.
    pub srtp: Option<Spanned<String>>,
    /// SRTP suites, best first.
    pub srtp_suites: Option<Spanned<Vec<Spanned<String>>>>,
}

/// The three keys where they are written.
pub(super) struct WrittenAudio<'a> {
    pub codecs: Option<&'a Words>,
    pub srtp: Option<&'a Spanned<String>>,
    pub suites: Option<&'a Words>,
}

impl PhonesConfig {
    pub(super) fn audio(&self) -> WrittenAudio<'_> {
        WrittenAudio {
            codecs: self.codecs.as_ref(),
            srtp: self.srtp.as_ref(),
            suites: self.srtp_suites.as_ref(),
        }
    }
}

impl TrunkConfig {
    pub(super) fn audio(&self) -> WrittenAudio<'_> {
        WrittenAudio {
            codecs: self.codecs.as_ref(),
            srtp: self.srtp.as_ref(),
            suites: self.srtp_suites.as_ref(),
        }
    }
}

impl AgentConfig {
    pub(super) fn audio(&self) -> WrittenAudio<'_> {
        WrittenAudio {
            codecs: self.codecs.as_ref(),
            srtp: self.srtp.as_ref(),
            suites: self.srtp_suites.as_ref(),
        }
    }
}

impl Check<'_> {
    /// `of` is the table that the keys stand in; what it does not say is `unwritten`.
    pub(super) fn audio(&mut self, of: &str, written: &WrittenAudio<'_>, unwritten: &Audio) -> Audio {
        Audio {
            codecs: self.words(&format!("{of}.codecs"), written.codecs, &unwritten.codecs),
            srtp: self.word(&format!("{of}.srtp"), written.srtp, unwritten.srtp),
            suites: self.words(&format!("{of}.srtp_suites"), written.suites, &unwritten.suites),
        }
    }

    /// Each word once, in order; an empty list is a mistake.
    pub(super) fn words<W: Word + PartialEq>(
        &mut self,
        key: &str,
        written: Option<&Words>,
        unwritten: &[W],
    ) -> Vec<W> {
        let Some(written) = written else { return unwritten.to_vec() };
        let mut known = Vec::new();
        for word in written.get_ref() {
            match W::read(word.get_ref()) {
                Some(word) if !known.contains(&word) => known.push(word),
                Some(_) => {}
                None => self.wrong(key, word, format!("`{}` is not known", word.get_ref()), W::allowed()),
            }
        }
        if written.get_ref().is_empty() {
            self.wrong(key, written, "is empty", W::allowed());
        }
        known
    }
}

impl Word for AudioCodec {
    const WORDS: &[(&str, Self)] =
        &[("pcma", Self::Pcma), ("pcmu", Self::Pcmu), ("g722", Self::G722), ("opus", Self::Opus)];
}

impl Word for Srtp {
    const WORDS: &[(&str, Self)] =
        &[("off", Self::Off), ("optional", Self::Optional), ("required", Self::Required)];
}

impl Word for SrtpSuite {
    const WORDS: &[(&str, Self)] = &[
        (Self::Aes256Gcm.name(), Self::Aes256Gcm),
        (Self::Aes128Gcm.name(), Self::Aes128Gcm),
        (Self::Aes256CmSha1_80.name(), Self::Aes256CmSha1_80),
        (Self::Aes128CmSha1_80.name(), Self::Aes128CmSha1_80),
        (Self::Aes128CmSha1_32.name(), Self::Aes128CmSha1_32),
    ];
}

impl Word for Latch {
    const WORDS: &[(&str, Self)] = &[("signalled", Self::Signalled), ("any", Self::Any)];
}

//! What the profiles of trunks preset, and the words of their keys.

use super::plan::{CallerFrom, DtmfMode, Identity, NumberForm, Profile, Reliable, Transport, UriForm};

/// The values of keys that a profile decides when nobody writes them.
#[derive(Debug, Clone, Copy)]
pub(super) struct Preset {
    pub options_interval_s: u32,
    pub number_form: NumberForm,
    pub outside_digit: Option<char>,
    pub identity: Identity,
    pub caller_from: CallerFrom,
    pub uri: UriForm,
    pub reliable: Reliable,
    pub session_expires_s: u32,
    pub answer_supervision: bool,
}

impl Profile {
    pub(super) fn preset(self) -> Preset {
        let plain = Preset {
            options_interval_s: 30,
            number_form: NumberForm::National,
            outside_digit: None,
            identity: Identity::Asserted,
            caller_from: CallerFrom::Asserted,
            uri: UriForm::Sip,
            reliable: Reliable::Supported,
            session_expires_s: 1800,
            answer_supervision: true,
        };
        match self {
            Self::Plain => plain,
            // The border of an IMS leaves OPTIONS of subscribers without an answer, and asserts identities itself.
            Self::ImsCn => Preset {
                options_interval_s: 0,
                number_form: NumberForm::E164,
                identity: Identity::Preferred,
                uri: UriForm::Tel,
                ..plain
            },
            Self::E1Gateway => Preset {
                number_form: NumberForm::Local,
                outside_digit: Some('9'),
                identity: Identity::From,
                caller_from: CallerFrom::From,
                session_expires_s: 0,
                ..plain
            },
            Self::FxoGateway => Preset {
                number_form: NumberForm::Local,
                identity: Identity::From,
                caller_from: CallerFrom::From,
                reliable: Reliable::Never,
                session_expires_s: 0,
                answer_supervision: false,
                ..plain
            },
        }
    }
}

/// A value that a configuration names by a word.
pub(super) trait Word: Sized + Copy + 'static {
    /// Words and what they mean.
    const WORDS: &[(&str, Self)];

    fn read(word: &str) -> Option<Self> {
        Self::WORDS.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
    }

    fn allowed() -> String {
        Self::WORDS.iter().map(|(name, _)| *name).collect::<Vec<_>>().join(", ")
    }
}

impl Word for Profile {
    const WORDS: &[(&str, Self)] = &[
        ("plain", Self::Plain),
        ("ims-cn", Self::ImsCn),
        ("e1-gateway", Self::E1Gateway),
        ("fxo-gateway", Self::FxoGateway),
    ];
}

impl Word for Transport {
    // Trunks are no browsers.
    const WORDS: &[(&str, Self)] = &[("udp", Self::Udp), ("tcp", Self::Tcp), ("tls", Self::Tls)];
}

impl Word for DtmfMode {
    const WORDS: &[(&str, Self)] =
        &[("rfc4733", Self::Rfc4733), ("info", Self::Info), ("inband", Self::Inband)];
}

impl Word for NumberForm {
    const WORDS: &[(&str, Self)] =
        &[("e164", Self::E164), ("national", Self::National), ("local", Self::Local)];
}

impl Word for Identity {
    const WORDS: &[(&str, Self)] =
        &[("pai", Self::Asserted), ("ppi", Self::Preferred), ("from", Self::From), ("none", Self::None)];
}

impl Word for CallerFrom {
    const WORDS: &[(&str, Self)] = &[("asserted", Self::Asserted), ("from", Self::From)];
}

impl Word for UriForm {
    const WORDS: &[(&str, Self)] = &[("sip", Self::Sip), ("sip-phone", Self::SipPhone), ("tel", Self::Tel)];
}

impl Word for Reliable {
    const WORDS: &[(&str, Self)] =
        &[("never", Self::Never), ("supported", Self::Supported), ("required", Self::Required)];
}

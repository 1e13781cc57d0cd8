//! What is measured: who talks to whom, under what conditions.

use std::sync::OnceLock;
use std::time::Duration;

use careline_audio::codec::{CodecKind, Encoder, OpusSettings};
use careline_audio::tone::Tone;
use careline_media::{Format, StreamKeys};
use careline_rtp::srtp::{Keys, Profile, Receiver, Sender};

use crate::Failed;

/// Talking before the measurement begins: latches, bridges, files.
pub(crate) const WARM_UP: Duration = Duration::from_secs(3);
/// Frames of prepared speech.
const SPEECH_FRAMES: usize = 50;

/// One row of the figures.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Scenario {
    /// Two legs, the same codec.
    Relay,
    /// The same, every call recorded.
    Record,
    /// The same, the second leg encrypted (AES_CM_128_HMAC_SHA1_80).
    RecordSrtp,
    /// A prompt in a loop for every leg; nobody talks.
    Playback,
    /// Three legs, everybody hears the other two; a third of them is called a call's second half.
    Mix,
    /// The second leg speaks Opus: decoded, encoded, not recorded.
    Opus,
}

impl Scenario {
    /// All of them.
    pub(crate) const ALL: [Self; 6] =
        [Self::Relay, Self::Record, Self::RecordSrtp, Self::Playback, Self::Mix, Self::Opus];

    /// Legs of one call.
    pub(crate) fn legs(self) -> usize {
        if self == Self::Mix { 3 } else { 2 }
    }

    /// More than this is more than two processors can do, or the generator: fewer calls are measured then.
    pub(crate) fn calls_max(self) -> usize {
        match self {
            Self::Opus => 100,
            Self::Mix => 660,
            Self::Relay | Self::Record | Self::RecordSrtp | Self::Playback => usize::MAX,
        }
    }

    /// As `--only` names it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Relay => "relay",
            Self::Record => "record",
            Self::RecordSrtp => "record_srtp",
            Self::Playback => "playback",
            Self::Mix => "mix",
            Self::Opus => "opus",
        }
    }

    pub(crate) fn is_recorded(self) -> bool {
        matches!(self, Self::Record | Self::RecordSrtp)
    }

    pub(crate) fn plays(self) -> bool {
        self == Self::Playback
    }

    /// The format of a leg.
    pub(crate) fn format(self, leg: usize) -> Format {
        if self == Self::Opus && leg % 2 == 1 {
            return Format { payload_type: 111, codec: CodecKind::Opus };
        }
        Format::PCMA
    }

    /// The keys of a leg, as the engine sees them.
    pub(crate) fn keys(self, leg: usize) -> Result<Option<StreamKeys>, Failed> {
        let Some(phone) = self.phone_keys(leg) else { return Ok(None) };
        let (send, receive) = (phone.receive()?, phone.send()?);
        Ok(Some(StreamKeys { send, receive, send_generation: leg as u64, receive_generation: leg as u64 }))
    }

    /// The keys of a leg, as its phone sees them.
    pub(crate) fn phone_keys(self, leg: usize) -> Option<PhoneKeys> {
        let is_secure = self == Self::RecordSrtp && !leg.is_multiple_of(2);
        is_secure.then(|| PhoneKeys::of(leg))
    }

    /// The generator's part of it.
    pub(crate) fn plan(self, phones: usize, seconds: u64) -> Plan {
        let expect = match self {
            Self::Playback => Expect::Paced,
            Self::Mix | Self::Opus => Expect::Sound,
            Self::Relay | Self::Record | Self::RecordSrtp => Expect::Echoes,
        };
        Plan { scenario: self, phones, seconds, expect }
    }
}

/// What a phone should hear.
#[derive(Clone, Copy, PartialEq, Eq, Debug, serde::Serialize, serde::Deserialize)]
pub(crate) enum Expect {
    /// What its partner said, byte by byte.
    Echoes,
    /// A packet each 20 ms, of our prompt.
    Paced,
    /// A packet each 20 ms, of what others say: other bytes than they said.
    Sound,
}

/// What the generator is told.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Plan {
    pub(crate) scenario: Scenario,
    /// How many there are.
    pub(crate) phones: usize,
    /// Length of the window.
    pub(crate) seconds: u64,
    pub(crate) expect: Expect,
}

impl Plan {
    pub(crate) fn units_per_frame(&self, phone: u32) -> u32 {
        self.scenario.format(phone as usize).codec.rtp_clock() / 50
    }

    /// The packet to say instead of a stamped one: where a codec changes the bytes, real ones are needed.
    pub(crate) fn speech(&self, phone: u32, sequence: u16) -> Option<&'static [u8]> {
        static SPEECH: [OnceLock<Vec<Vec<u8>>>; 2] = [OnceLock::new(), OnceLock::new()];
        let codec = self.scenario.format(phone as usize).codec;
        if self.expect == Expect::Echoes {
            return None;
        }
        let frames = SPEECH[usize::from(codec == CodecKind::Opus)].get_or_init(|| speech(codec));
        frames.get(usize::from(sequence) % SPEECH_FRAMES).map(Vec::as_slice)
    }
}

/// Where one phone talks to, and how; the phones' order is that of the legs.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct Line {
    /// The engine's port.
    pub(crate) port: u16,
    /// What the phone's packets are numbered with.
    pub(crate) payload_type: u8,
    pub(crate) keys: Option<PhoneKeys>,
}

/// Keys and salts, hexadecimal, as the phone sees them.
#[derive(serde::Serialize, serde::Deserialize)]
pub(crate) struct PhoneKeys {
    /// Name of the suite.
    profile: String,
    send: String,
    receive: String,
}

impl PhoneKeys {
    fn of(leg: usize) -> Self {
        let profile = Profile::AesCm128HmacSha1_80;
        let material = |direction: u8| {
            let mut material = vec![direction; profile.material_bytes()];
            material[..8].copy_from_slice(&(leg as u64).to_be_bytes());
            hex::encode(material)
        };
        Self { profile: profile.name().to_owned(), send: material(2), receive: material(1) }
    }

    fn send(&self) -> Result<Keys, Failed> {
        self.keys(&self.send)
    }

    fn receive(&self) -> Result<Keys, Failed> {
        self.keys(&self.receive)
    }

    /// The phone's half of the work.
    pub(crate) fn crypto(&self) -> Result<(Sender, Receiver), Failed> {
        Ok((Sender::new(&self.send()?), Receiver::new(&self.receive()?)))
    }

    fn keys(&self, material: &str) -> Result<Keys, Failed> {
        let profile = Profile::from_name(&self.profile)
            .ok_or_else(|| Failed::new(format!("no suite is called {}", self.profile)))?;
        Ok(Keys::new(profile, &hex::decode(material)?)?)
    }
}

fn speech(codec: CodecKind) -> Vec<Vec<u8>> {
    let mut tone = Tone::new(codec.rate(), &[(440.0, -13.0), (1100.0, -20.0)]);
    let Ok(mut encoder) = Encoder::new(codec, &OpusSettings::default()) else { return Vec::new() };
    (0..SPEECH_FRAMES)
        .map(|_| {
            let mut packet = Vec::new();
            let _ = encoder.encode(&tone.take(codec.frame_samples()), &mut packet);
            packet
        })
        .collect()
}

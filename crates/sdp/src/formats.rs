//! The formats of one stream: what its payload types mean, and what else its codecs were told.

use crate::{Codec, FORMATS_MAX};
use sdp_types::{Attribute, Media};

/// Highest payload type there is (RFC 3550 5.1: seven bits).
const PAYLOAD_TYPE_MAX: u8 = 127;
/// First dynamic payload type (RFC 3551 6).
pub(crate) const DYNAMIC_FIRST: u8 = 96;

/// What a payload type means, as far as we know it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Codec(Codec),
    /// Telephone events; only the clocks of our codecs are of use.
    Events {
        clock_hz: u32,
    },
}

impl Format {
    /// The number in a first offer of ours. Browsers use the same ones, so peers have met them.
    pub fn usual_number(self) -> u8 {
        match self {
            Self::Codec(codec) => codec.static_payload_type().unwrap_or(111),
            Self::Events { clock_hz: 48_000 } => 110,
            Self::Events { .. } => 101,
        }
    }
}

/// The formats of a stream that we know, in its own order, each payload type once. `fallback` says what a dynamic type
/// without `a=rtpmap` means: in an answer some peers leave out what the offer had said.
pub(crate) fn formats(media: &Media, fallback: &[(u8, Format)]) -> Vec<(u8, Format)> {
    let maps = rtpmaps(&media.attributes);
    let mut known: Vec<(u8, Format)> = Vec::new();
    for number in media.fmt.split_ascii_whitespace().take(FORMATS_MAX).filter_map(payload_type) {
        if known.iter().any(|(listed, _)| *listed == number) {
            continue;
        }
        let format = match maps[usize::from(number)] {
            Some(encoding) => of_encoding(number, encoding),
            None => Codec::of_static(number)
                .map(Format::Codec)
                .or_else(|| fallback.iter().find(|(said, _)| *said == number).map(|(_, format)| *format)),
        };
        known.extend(format.map(|format| (number, format)));
    }
    known
}

fn rtpmaps(attributes: &[Attribute]) -> [Option<&str>; 128] {
    let mut maps = [None; 128];
    for (number, encoding) in values(attributes, "rtpmap").filter_map(numbered) {
        // The first one holds: a second is a mistake or a trick.
        maps[usize::from(number)].get_or_insert(encoding);
    }
    maps
}

/// Values of the attributes of this name.
pub(crate) fn values<'a>(attributes: &'a [Attribute], name: &'a str) -> impl Iterator<Item = &'a str> {
    attributes.iter().filter(move |one| one.attribute == name).filter_map(|one| one.value.as_deref())
}

/// `<payload type> <rest>`, as in rtpmap and fmtp.
fn numbered(value: &str) -> Option<(u8, &str)> {
    let (number, rest) = value.trim().split_once(|letter: char| letter.is_ascii_whitespace())?;
    Some((payload_type(number)?, rest.trim()))
}

fn payload_type(text: &str) -> Option<u8> {
    // "+8" is a number to Rust, but no format that an answer could name.
    let digits = text.bytes().all(|byte| byte.is_ascii_digit());
    text.parse().ok().filter(|number| digits && *number <= PAYLOAD_TYPE_MAX)
}

fn of_encoding(number: u8, encoding: &str) -> Option<Format> {
    let mut parts = encoding.split('/').map(str::trim);
    let name = parts.next()?;
    let clock_hz: u32 = parts.next()?.parse().ok()?;
    let channels: u32 = match parts.next() {
        Some(text) => text.parse().ok()?,
        None => 1,
    };
    if name.eq_ignore_ascii_case("telephone-event") {
        let is_ours = channels == 1 && matches!(clock_hz, 8_000 | 48_000);
        return is_ours.then_some(Format::Events { clock_hz });
    }
    // G.722 as it really is: wrong by RFC 3551 4.5.2, but on type 9 nothing else can be meant.
    if number == 9 && name.eq_ignore_ascii_case("G722") && clock_hz == 16_000 {
        return Some(Format::Codec(Codec::G722));
    }
    Codec::of_encoding(name, clock_hz, channels).map(Format::Codec)
}

/// What an Opus decoder would like to get (RFC 7587 6.1). Wishes, not limits: every decoder decodes everything.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OpusWishes {
    /// It makes use of in-band forward error correction.
    pub in_band_fec: bool,
    /// It prefers that nothing be sent in silence.
    pub dtx: bool,
    /// It plays two channels; mono otherwise.
    pub stereo: bool,
    /// Highest rate of sound that it plays, in Hz: 8000 to 48000.
    pub max_playback_hz: u32,
    /// Highest mean bit rate, in bit/s: 6000 to 510000; `None` when it has no opinion.
    pub max_average_bit_s: Option<u32>,
}

impl Default for OpusWishes {
    fn default() -> Self {
        Self {
            in_band_fec: false,
            dtx: false,
            stereo: false,
            max_playback_hz: 48_000,
            max_average_bit_s: None,
        }
    }
}

impl OpusWishes {
    /// Ours, as it stands in `a=fmtp`: telephone sound is mono, and 16 kHz is the widest that is mixed and recorded.
    pub(crate) const OURS: &str = "stereo=0;useinbandfec=1;maxplaybackrate=16000;sprop-maxcapturerate=16000";

    /// The wishes in the stream's `a=fmtp` for this payload type; what cannot be read is as if it were not there.
    pub(crate) fn of(media: &Media, payload_type: u8) -> Self {
        let mut wishes = Self::default();
        let lines = values(&media.attributes, "fmtp").filter_map(numbered);
        let Some((_, parameters)) = lines.into_iter().find(|(number, _)| *number == payload_type) else {
            return wishes;
        };
        for (name, value) in parameters.split(';').filter_map(|one| one.split_once('=')) {
            let (name, value) = (name.trim().to_ascii_lowercase(), value.trim());
            match (name.as_str(), value.parse::<u32>()) {
                ("useinbandfec", Ok(flag)) => wishes.in_band_fec = flag == 1,
                ("usedtx", Ok(flag)) => wishes.dtx = flag == 1,
                ("stereo", Ok(flag)) => wishes.stereo = flag == 1,
                ("maxplaybackrate", Ok(hz)) => wishes.max_playback_hz = hz.clamp(8_000, 48_000),
                ("maxaveragebitrate", Ok(bits)) => {
                    wishes.max_average_bit_s = Some(bits.clamp(6_000, 510_000));
                }
                _ => {}
            }
        }
        wishes
    }
}

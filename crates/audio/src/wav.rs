//! WAV through hound: prompts in, recordings out.
//!
//! Recordings grow for hours, a thousand at once: their samples are appended by the recorder itself (hound keeps a
//! block of its own for each file), between a header that hound has made ([`Header`]) and a reader that is hound's.

use std::io::{Cursor, Read, Seek, Write};

use hound::{SampleFormat, WavReader, WavSpec, WavWriter};

use crate::SAMPLE_RATE;

/// Bytes before the samples in every file that [`stereo_writer`] starts.
pub const HEADER_BYTES: u64 = 44;
/// Bytes of one stereo frame.
pub const STEREO_FRAME_BYTES: u64 = 4;

/// Why a file is no prompt.
#[derive(Debug, thiserror::Error)]
pub enum PromptFormatError {
    /// Cannot be opened or is no WAV that hound reads.
    #[error("not a readable WAV file")]
    Wav(#[from] hound::Error),
    /// Some other format. The message says which and how to get the right one.
    #[error(
        "is {bits}-bit {format} with {channels} channel(s) at {rate} Hz; needed is 16-bit PCM, 1 channel, 8000 Hz \
         (sox in.wav -r 8000 -c 1 -b 16 out.wav)"
    )]
    Format {
        /// Bits per sample.
        bits: u16,
        /// `PCM` or `float`.
        format: &'static str,
        /// Channels.
        channels: u16,
        /// Samples per second.
        rate: u32,
    },
}

/// All samples of a prompt: 16-bit PCM mono at 8 kHz.
///
/// # Errors
/// [`PromptFormatError`] says what is wrong.
pub fn read_prompt<R: Read>(reader: R) -> Result<Vec<i16>, PromptFormatError> {
    let wav = WavReader::new(reader)?;
    let spec = wav.spec();
    let right = spec.bits_per_sample == 16
        && spec.sample_format == SampleFormat::Int
        && spec.channels == 1
        && spec.sample_rate == SAMPLE_RATE;
    if !right {
        return Err(PromptFormatError::Format {
            bits: spec.bits_per_sample,
            format: match spec.sample_format {
                SampleFormat::Int => "PCM",
                SampleFormat::Float => "float",
            },
            channels: spec.channels,
            rate: spec.sample_rate,
        });
    }
    Ok(wav.into_samples::<i16>().collect::<Result<_, _>>()?)
}

/// A 16-bit WAV taken apart.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Channels {
    /// Samples per second.
    pub rate: u32,
    /// One vector per channel, equally long.
    pub samples: Vec<Vec<i16>>,
}

/// Any 16-bit PCM WAV, channel by channel.
///
/// # Errors
/// What hound says, also for other sample formats.
pub fn read_channels<R: Read>(reader: R) -> Result<Channels, hound::Error> {
    let wav = WavReader::new(reader)?;
    let spec = wav.spec();
    let channels = usize::from(spec.channels);
    let mut samples = vec![Vec::new(); channels];
    for (index, sample) in wav.into_samples::<i16>().enumerate() {
        samples[index % channels].push(sample?);
    }
    Ok(Channels { rate: spec.sample_rate, samples })
}

/// Writes a whole mono file of 16-bit PCM at 8 kHz.
///
/// # Errors
/// What the writer says.
pub fn write_mono<W: Write + Seek>(writer: W, samples: &[i16]) -> Result<(), hound::Error> {
    let mut wav = WavWriter::new(writer, spec(1))?;
    let mut block = wav.get_i16_writer(u32::try_from(samples.len()).map_err(|_| hound::Error::TooWide)?);
    for &sample in samples {
        block.write_sample(sample);
    }
    block.flush()?;
    wav.finalize()
}

/// Starts a stereo recording: 16-bit PCM at 8 kHz, left and right interleaved. `flush` on the result rewrites the
/// header, so that what was written so far can be read.
///
/// # Errors
/// What the writer says.
pub fn stereo_writer<W: Write + Seek>(writer: W) -> Result<WavWriter<W>, hound::Error> {
    WavWriter::new(writer, spec(2))
}

/// Appends frames; the shorter channel ends with silence.
///
/// # Errors
/// What the writer says; the file's end is then undefined.
pub fn write_stereo<W: Write + Seek>(
    wav: &mut WavWriter<W>,
    left: impl ExactSizeIterator<Item = i16>,
    right: impl ExactSizeIterator<Item = i16>,
) -> Result<(), hound::Error> {
    let frames = left.len().max(right.len());
    let samples = u32::try_from(frames * 2).map_err(|_| hound::Error::TooWide)?;
    let mut block = wav.get_i16_writer(samples);
    let (mut left, mut right) = (left, right);
    for _ in 0..frames {
        block.write_sample(left.next().unwrap_or(0));
        block.write_sample(right.next().unwrap_or(0));
    }
    block.flush()
}

/// What is in a recording: 16-bit PCM of this rate, interleaved.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Format {
    /// Samples per second and channel.
    pub rate: u32,
    /// 1 or 2.
    pub channels: u16,
}

impl Format {
    /// Bytes of one sample of each channel.
    #[must_use]
    pub const fn frame_bytes(self) -> u64 {
        self.channels as u64 * 2
    }

    /// Milliseconds of so many frames, rounded down.
    #[must_use]
    pub const fn ms(self, frames: u64) -> u64 {
        frames.saturating_mul(1000) / if self.rate == 0 { 1 } else { self.rate as u64 }
    }
}

/// The first [`HEADER_BYTES`] of a recording, with the lengths as they are now.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Header {
    bytes: [u8; HEADER_BYTES as usize],
    format: Format,
}

impl Header {
    /// The header that hound writes for this format, of a file without samples.
    ///
    /// # Errors
    /// What hound says about the format.
    pub fn new(format: Format) -> Result<Self, hound::Error> {
        let spec = WavSpec { channels: format.channels, sample_rate: format.rate, ..spec(1) };
        let mut file = Cursor::new(Vec::with_capacity(HEADER_BYTES as usize));
        WavWriter::new(&mut file, spec)?.finalize()?;
        let bytes = file.into_inner().try_into().map_err(|_| hound::Error::Unsupported)?;
        Ok(Self { bytes, format })
    }

    /// Reads the format of a file that [`Header::new`] began, whatever its lengths say.
    ///
    /// # Errors
    /// When it is no such header.
    pub fn parse(bytes: &[u8; HEADER_BYTES as usize]) -> Result<Self, hound::Error> {
        let spec = WavReader::new(&bytes[..])?.spec();
        let mut header = Self::new(Format { rate: spec.sample_rate, channels: spec.channels })?;
        // Everything but the lengths must be as hound would write it.
        header.bytes[4..8].copy_from_slice(&bytes[4..8]);
        header.bytes[40..44].copy_from_slice(&bytes[40..44]);
        if header.bytes == *bytes { Ok(header) } else { Err(hound::Error::Unsupported) }
    }

    /// What the file holds.
    #[must_use]
    pub const fn format(&self) -> Format {
        self.format
    }

    /// The header of a file of so many frames. Lengths beyond 4 GiB (37 hours of stereo at 8 kHz) stay at the most
    /// that the format can say.
    #[must_use]
    pub fn with_frames(&mut self, frames: u64) -> &[u8; HEADER_BYTES as usize] {
        let audio = frames.saturating_mul(self.format.frame_bytes());
        let field = |value: u64| u32::try_from(value).unwrap_or(u32::MAX).to_le_bytes();
        self.bytes[4..8].copy_from_slice(&field(audio.saturating_add(HEADER_BYTES - 8)));
        self.bytes[40..44].copy_from_slice(&field(audio));
        &self.bytes
    }
}

fn spec(channels: u16) -> WavSpec {
    WavSpec { channels, sample_rate: SAMPLE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int }
}

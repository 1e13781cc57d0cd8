//! WAV through hound: prompts in, stereo recordings out.

use std::io::{Read, Seek, Write};

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

fn spec(channels: u16) -> WavSpec {
    WavSpec { channels, sample_rate: SAMPLE_RATE, bits_per_sample: 16, sample_format: SampleFormat::Int }
}

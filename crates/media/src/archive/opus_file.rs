//! Ogg Opus (RFC 7845) from a WAV and back, block by block: nothing is held as a whole.
//!
//! Two channels are two mono streams in one file (channel mapping family 1, no coupled stream), because Opus' own stereo
//! codes sum and difference: a loud patient would then be heard, faintly, in the agent's channel. Every player that
//! knows Ogg Opus plays it as left and right.

use std::io::{self, BufReader, BufWriter, Read, Seek, Write};

use careline_audio::wav::{Format, HEADER_BYTES, Header};
use ogg::{PacketReader, PacketWriteEndInfo, PacketWriter};
use opus::{Application, Bitrate, MSDecoder, MSEncoder, Signal};

/// Opus counts time in these, whatever it codes (RFC 7845 section 4).
const CLOCK: u64 = 48_000;
/// Frames a second: packets of 20 ms.
const PACKETS_PER_SECOND: u64 = 50;
/// Packets of a page: a second, so that little is lost with a page.
const PAGE_PACKETS: u64 = 50;
/// Effort of libopus, 0 to 10: twice as fast as 10, and nobody hears it at 24 kbit/s.
const COMPLEXITY: i32 = 5;
/// Most bytes of a packet of two streams.
const PACKET_BYTES_MAX: usize = 2 * 1275 + 7;
/// The only logical stream of a file; nothing is ever multiplexed with it.
const SERIAL: u32 = 1;

/// Why a file could not be made or read.
#[derive(Debug, thiserror::Error)]
pub(crate) enum OpusFileError {
    #[error(transparent)]
    Io(#[from] io::Error),
    #[error("not a file that the archive has written: {0}")]
    Format(&'static str),
    #[error("libopus: {0}")]
    Opus(#[from] opus::Error),
    #[error("told to end")]
    Stopped,
}

impl From<ogg::OggReadError> for OpusFileError {
    fn from(error: ogg::OggReadError) -> Self {
        match error {
            ogg::OggReadError::ReadError(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                Self::Format("it ends in the middle of a page")
            }
            ogg::OggReadError::ReadError(error) => Self::Io(error),
            _ => Self::Format("a page is damaged"),
        }
    }
}

/// Called after each second of sound; an error ends the work.
pub(crate) type Breathe<'a> = &'a mut dyn FnMut() -> Result<(), OpusFileError>;

fn mapping(channels: u16) -> Result<&'static [u8], OpusFileError> {
    match channels {
        1 => Ok(&[0]),
        2 => Ok(&[0, 1]),
        _ => Err(OpusFileError::Format("neither one channel nor two")),
    }
}

/// A WAV that the recorder has written, read block by block.
pub(crate) struct WavBlocks<R> {
    reader: BufReader<R>,
    pub(crate) format: Format,
    /// Frames that are still to come.
    left: u64,
    pub(crate) frames: u64,
}

impl<R: Read> WavBlocks<R> {
    /// `bytes`: length of the file.
    pub(crate) fn new(reader: R, bytes: u64) -> Result<Self, OpusFileError> {
        let mut reader = BufReader::new(reader);
        let mut header = [0; HEADER_BYTES as usize];
        reader.read_exact(&mut header)?;
        let format =
            Header::parse(&header).map_err(|_| OpusFileError::Format("no WAV of the recorder's"))?.format();
        let frames = bytes.saturating_sub(HEADER_BYTES) / format.frame_bytes();
        Ok(Self { reader, format, left: frames, frames })
    }

    /// The next `frames` frames, interleaved; fewer at the end, and then none.
    pub(crate) fn next(&mut self, frames: usize, samples: &mut Vec<i16>) -> io::Result<()> {
        let frames = self.left.min(frames as u64);
        self.left -= frames;
        let mut bytes = vec![0; (frames * self.format.frame_bytes()) as usize];
        self.reader.read_exact(&mut bytes)?;
        samples.clear();
        samples.extend(bytes.chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])));
        Ok(())
    }
}

/// Codes a whole WAV. `bits_per_second` for each channel.
pub(crate) fn encode<R: Read>(
    wav: &mut WavBlocks<R>,
    bits_per_second: u32,
    name: &str,
    out: impl Write,
    breathe: Breathe<'_>,
) -> Result<(), OpusFileError> {
    let Format { rate, channels } = wav.format;
    let mapping = mapping(channels)?;
    let mut encoder = MSEncoder::new(rate, mapping.len() as u8, 0, mapping, Application::Voip)?;
    encoder.set_complexity(COMPLEXITY)?;
    encoder.set_signal(Signal::Voice)?;
    let bits = bits_per_second.saturating_mul(u32::from(channels));
    encoder.set_bitrate(Bitrate::Bits(i32::try_from(bits).unwrap_or(i32::MAX)))?;
    let ahead = u64::try_from(encoder.get_lookahead()?).unwrap_or(0);
    let ticks = CLOCK / u64::from(rate);
    let pre_skip = ahead * ticks;

    let mut writer = PacketWriter::new(BufWriter::new(out));
    let page = PacketWriteEndInfo::EndPage;
    writer.write_packet(head(wav.format, pre_skip, mapping), SERIAL, page, 0)?;
    writer.write_packet(tags(name), SERIAL, page, 0)?;
    let block = rate as usize / PACKETS_PER_SECOND as usize;
    let end = pre_skip + wav.frames * ticks;
    // At least one packet, so that the last page exists; the end says how much of the last one counts.
    let packets = (wav.frames + ahead).div_ceil(block as u64).max(1);
    let mut samples = Vec::with_capacity(block * mapping.len());
    let mut packet = vec![0; PACKET_BYTES_MAX];
    for index in 1..=packets {
        wav.next(block, &mut samples)?;
        samples.resize(block * mapping.len(), 0);
        let length = encoder.encode(&samples, &mut packet)?;
        let granule = (index * block as u64 * ticks).min(end);
        let info = if index == packets {
            PacketWriteEndInfo::EndStream
        } else if index % PAGE_PACKETS == 0 {
            PacketWriteEndInfo::EndPage
        } else {
            PacketWriteEndInfo::NormalPacket
        };
        writer.write_packet(packet[..length].to_vec(), SERIAL, info, granule)?;
        if index % PACKETS_PER_SECOND == 0 {
            breathe()?;
        }
    }
    writer.into_inner().flush()?;
    Ok(())
}

fn head(format: Format, pre_skip: u64, mapping: &[u8]) -> Vec<u8> {
    let mut head = b"OpusHead\x01".to_vec();
    head.push(mapping.len() as u8);
    head.extend(u16::try_from(pre_skip).unwrap_or(u16::MAX).to_le_bytes());
    head.extend(format.rate.to_le_bytes());
    head.extend([0, 0]);
    if mapping.len() == 1 {
        head.push(0);
    } else {
        head.extend([1, mapping.len() as u8, 0]);
        head.extend(mapping);
    }
    head
}

fn tags(name: &str) -> Vec<u8> {
    let vendor = concat!("careline ", env!("CARGO_PKG_VERSION"));
    let comment = format!("TITLE={name}");
    let mut tags = b"OpusTags".to_vec();
    let mut text = |text: &str| {
        tags.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        tags.extend(text.as_bytes());
    };
    text(vendor);
    tags.extend(1_u32.to_le_bytes());
    let mut text = |text: &str| {
        tags.extend(u32::try_from(text.len()).unwrap_or(0).to_le_bytes());
        tags.extend(text.as_bytes());
    };
    text(&comment);
    tags
}

/// A file of the archive, decoded block by block.
pub(crate) struct OpusBlocks<R: Read + Seek> {
    packets: PacketReader<BufReader<R>>,
    decoder: MSDecoder,
    pub(crate) format: Format,
    /// Frames at the beginning that only the decoder needs.
    skip: usize,
    /// Frames that are still to be given; known at the last page only, hence given by the caller.
    left: u64,
    /// The last packet read was the stream's last.
    ended: bool,
    block: Vec<i16>,
}

impl<R: Read + Seek> OpusBlocks<R> {
    /// `frames`: length of the original.
    pub(crate) fn new(reader: R, frames: u64) -> Result<Self, OpusFileError> {
        let mut packets = PacketReader::new(BufReader::new(reader));
        let head = packets.read_packet()?.ok_or(OpusFileError::Format("empty"))?;
        let (format, pre_skip) = read_head(&head.data)?;
        let tags = packets.read_packet()?.ok_or(OpusFileError::Format("no tags"))?;
        if !tags.data.starts_with(b"OpusTags") {
            return Err(OpusFileError::Format("no tags"));
        }
        let mapping = mapping(format.channels)?;
        let decoder = MSDecoder::new(format.rate, mapping.len() as u8, 0, mapping)?;
        let skip = (u64::from(pre_skip) * u64::from(format.rate) / CLOCK) as usize;
        // The longest packet that Opus knows has 120 ms.
        let block = vec![0; format.rate as usize * 120 / 1000 * mapping.len()];
        Ok(Self { packets, decoder, format, skip, left: frames, ended: frames == 0, block })
    }

    /// The next few frames, interleaved; none at the end.
    pub(crate) fn next(&mut self, samples: &mut Vec<i16>) -> Result<(), OpusFileError> {
        samples.clear();
        let channels = usize::from(self.format.channels);
        while samples.is_empty() && self.left > 0 {
            let packet = self.packets.read_packet()?.ok_or(OpusFileError::Format("it ends too early"))?;
            self.ended = packet.last_in_stream();
            let frames = self.decoder.decode(&packet.data, &mut self.block, false)?;
            let skipped = self.skip.min(frames);
            self.skip -= skipped;
            let taken = usize::try_from(self.left).unwrap_or(usize::MAX).min(frames - skipped);
            self.left -= taken as u64;
            samples.extend_from_slice(&self.block[skipped * channels..(skipped + taken) * channels]);
        }
        Ok(())
    }

    /// Gives no more than so many frames in all; to be called before the first.
    pub(crate) fn limit(&mut self, frames: u64) {
        self.left = frames;
    }

    /// Whether the file, too, ended with the last frame given.
    pub(crate) fn is_at_end(&self) -> bool {
        self.ended && self.left == 0
    }
}

fn read_head(head: &[u8]) -> Result<(Format, u16), OpusFileError> {
    let wrong = OpusFileError::Format("no Opus head");
    let Some((fixed, rest)) = head.split_first_chunk::<19>() else { return Err(wrong) };
    if !fixed.starts_with(b"OpusHead\x01") {
        return Err(wrong);
    }
    let channels = u16::from(fixed[9]);
    let pre_skip = u16::from_le_bytes([fixed[10], fixed[11]]);
    let rate = u32::from_le_bytes([fixed[12], fixed[13], fixed[14], fixed[15]]);
    let known_mapping = match (channels, fixed[18]) {
        (1, 0) => rest.is_empty(),
        (2, 1) => rest == [2, 0, 0, 1],
        _ => false,
    };
    if !known_mapping || !matches!(rate, 8000 | 16_000) {
        return Err(OpusFileError::Format("another way of channels"));
    }
    Ok((Format { rate, channels }, pre_skip))
}

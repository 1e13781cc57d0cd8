//! How long a payload plays.

use careline_audio::codec::CodecKind;

/// Timestamp units of a payload; `None` when it stands for nothing.
pub(super) fn units(codec: CodecKind, payload: &[u8]) -> Option<u32> {
    match codec {
        // G.722 counts 8000 units a second and has 8000 bytes, by an old mistake (RFC 3551 section 4.5.2).
        CodecKind::Pcma | CodecKind::Pcmu | CodecKind::G722 => u32::try_from(payload.len()).ok(),
        CodecKind::Opus => opus_units(payload),
    }
    .filter(|&units| units > 0)
}

/// RFC 6716 section 3.1: the first byte says how long a frame is and how many there are. At 48 kHz.
fn opus_units(payload: &[u8]) -> Option<u32> {
    let (&first, rest) = payload.split_first()?;
    let (config, code) = (first >> 3, first & 3);
    let frame = match config {
        0..=11 => [480, 960, 1920, 2880][usize::from(config % 4)],
        12..=15 => [480, 960][usize::from(config % 2)],
        _ => [120, 240, 480, 960][usize::from(config % 4)],
    };
    let frames = match code {
        0 => 1,
        1 | 2 => 2,
        _ => u32::from(rest.first()? & 0x3f),
    };
    // 120 ms at most.
    Some(frame * frames).filter(|&units| units <= 5760)
}

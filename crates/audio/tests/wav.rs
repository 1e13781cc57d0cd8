//! Prompts in, recordings out.

use std::io::Cursor;

use careline_audio::wav::{
    HEADER_BYTES, PromptFormatError, read_channels, read_prompt, stereo_writer, write_mono, write_stereo,
};

#[test]
fn a_mono_file_comes_back_as_a_prompt() {
    let mut file = Cursor::new(Vec::new());
    let samples: Vec<i16> = (-300..300).collect();
    write_mono(&mut file, &samples).unwrap();
    assert_eq!(read_prompt(Cursor::new(file.into_inner())).unwrap(), samples);
}

#[test]
fn stereo_keeps_left_and_right_apart_and_pads_the_shorter() {
    let mut file = Cursor::new(Vec::new());
    let mut wav = stereo_writer(&mut file).unwrap();
    write_stereo(&mut wav, [1, 2, 3].into_iter(), [-1].into_iter()).unwrap();
    wav.finalize().unwrap();
    let bytes = file.into_inner();
    assert_eq!(bytes.len() as u64, HEADER_BYTES + 12);
    let channels = read_channels(Cursor::new(&bytes)).unwrap();
    assert_eq!((channels.rate, channels.samples), (8000, vec![vec![1, 2, 3], vec![-1, 0, 0]]));
}

#[test]
fn a_stereo_file_is_no_prompt_and_the_message_says_why() {
    let mut file = Cursor::new(Vec::new());
    let mut wav = stereo_writer(&mut file).unwrap();
    write_stereo(&mut wav, [0].into_iter(), [0].into_iter()).unwrap();
    wav.finalize().unwrap();
    let error = read_prompt(Cursor::new(file.into_inner())).unwrap_err();
    assert!(matches!(error, PromptFormatError::Format { channels: 2, rate: 8000, bits: 16, .. }));
    assert!(error.to_string().contains("needed is 16-bit PCM, 1 channel, 8000 Hz"));
    assert!(matches!(read_prompt(Cursor::new(b"RIFF no")).unwrap_err(), PromptFormatError::Wav(_)));
}

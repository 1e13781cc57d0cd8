//! Prompts in, recordings out.

use std::io::Cursor;

use careline_audio::wav::{
    Format, HEADER_BYTES, Header, PromptFormatError, read_channels, read_prompt, stereo_writer, write_mono,
    write_stereo,
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

#[test]
fn a_header_of_ours_is_what_hound_writes_for_a_file_of_that_length() {
    for (rate, channels) in [(8000, 1), (8000, 2), (16_000, 1), (16_000, 2)] {
        let format = Format { rate, channels };
        let mut header = Header::new(format).unwrap();
        let bytes = *header.with_frames(3);
        let mut file = bytes.to_vec();
        file.extend(std::iter::repeat_n(7, 6 * usize::from(channels)));
        let read = read_channels(&file[..]).unwrap();
        assert_eq!((read.rate, read.samples.len()), (rate, usize::from(channels)));
        assert!(read.samples.iter().all(|channel| channel == &[0x0707; 3]));
        assert_eq!(Header::parse(&bytes).unwrap().format(), format);
        assert_eq!(format.ms(u64::from(rate)), 1000);
    }
    assert_eq!(
        Header::new(Format { rate: 8000, channels: 2 }).unwrap().with_frames(u64::MAX)[40..],
        [0xff; 4]
    );
}

#[test]
fn what_is_no_header_of_ours_is_refused() {
    let mut bytes = *Header::new(Format { rate: 8000, channels: 2 }).unwrap().with_frames(0);
    bytes[30] ^= 1;
    assert!(Header::parse(&bytes).is_err());
    assert!(Header::parse(&[0; 44]).is_err());
}

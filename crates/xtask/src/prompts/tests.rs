//! The committed prompts: complete, as their manifest says, and fit for a telephone.

use super::check;
use std::collections::BTreeSet;
use std::path::PathBuf;
use toml::{Table, Value};

/// No prompt is longer, milliseconds.
const LONGEST_MS: usize = 10_000;
/// Linear amplitude of -2.9 dBFS: nothing is louder.
const PEAK_MAX: u16 = 23_480;
/// Linear amplitude of -14 dBFS: speech is louder somewhere.
const PEAK_MIN: u16 = 6_500;
/// The last samples of speech are this quiet: nothing is cut off.
const END_MAX: u16 = 64;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts")
}

fn read(name: &str) -> Table {
    let text = std::fs::read_to_string(folder().join(name)).expect("a file of the prompts");
    toml::from_str(&text).expect("TOML")
}

fn entries(table: &Table) -> impl Iterator<Item = &Table> {
    table["prompt"].as_array().expect("a list").iter().map(|entry| entry.as_table().expect("a table"))
}

fn text<'a>(entry: &'a Table, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

/// The samples of a WAV as our generator writes it: a header of 44 bytes, 16-bit PCM, mono, 8 kHz.
fn samples(id: &str) -> Vec<i16> {
    let bytes = std::fs::read(folder().join(format!("zh-CN/{id}.wav"))).expect("a prompt");
    assert_eq!(&bytes[..4], b"RIFF", "{id}");
    assert_eq!(&bytes[20..24], [1, 0, 1, 0], "{id} is PCM and mono");
    assert_eq!(bytes[24..28], 8000_u32.to_le_bytes(), "{id} has 8 kHz");
    assert_eq!(bytes[34..36], [16, 0], "{id} has 16 bits");
    bytes[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[test]
fn the_manifest_tells_every_text_and_every_file() {
    let manifest = read("zh-CN/manifest.toml");
    let made: BTreeSet<&str> = entries(&manifest).map(|entry| text(entry, "id")).collect();
    let texts = read("prompts.toml");
    let mut wanted: BTreeSet<&str> = entries(&texts).map(|entry| text(entry, "id")).collect();
    wanted.insert("hold-music");
    assert_eq!(made, wanted);
    for entry in entries(&manifest) {
        let file = folder().join(format!("zh-CN/{}.wav", text(entry, "id")));
        check(&file, text(entry, "sha256")).expect("the file of the manifest");
    }
}

#[test]
fn speech_is_loud_enough_not_too_loud_and_not_cut_off() {
    for entry in entries(&read("zh-CN/manifest.toml")) {
        let id = text(entry, "id");
        let samples = samples(id);
        assert!((200..=LONGEST_MS).contains(&(samples.len() / 8)), "{id} lasts {} ms", samples.len() / 8);
        let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default();
        assert!((PEAK_MIN..=PEAK_MAX).contains(&peak), "{id} has a peak of {peak}");
        if id != "hold-music" {
            let loudest = |part: &[i16]| part.iter().map(|sample| sample.unsigned_abs()).max();
            assert!(loudest(&samples[samples.len() - 16..]) < Some(END_MAX), "{id} ends abruptly");
            assert!(loudest(&samples[..16]) < Some(END_MAX), "{id} begins abruptly");
        }
    }
}

#[test]
fn hold_music_joins_its_own_beginning() {
    let music = samples("hold-music");
    let step = |a: i16, b: i16| i32::from(a).abs_diff(i32::from(b));
    let largest = music.windows(2).map(|pair| step(pair[0], pair[1])).max().unwrap_or_default();
    assert!(step(music[music.len() - 1], music[0]) <= largest, "the seam can be heard");
    assert_eq!(music.len() % 160, 0, "whole packets of 20 ms");
}

#[test]
fn every_text_is_translated() {
    for entry in entries(&read("prompts.toml")) {
        assert!(!text(entry, "zh").is_empty() && !text(entry, "en").is_empty(), "{}", text(entry, "id"));
        assert!(
            !text(entry, "zh").chars().any(|c| c.is_ascii_alphanumeric()),
            "{}: as spoken",
            text(entry, "id")
        );
    }
}

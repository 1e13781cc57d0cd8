//! The committed prompts: complete, as their manifests say, what the switch says with them, and fit for a telephone.

use super::check;
use careline_model::spoken::{Language, vocabulary};
use std::collections::BTreeMap;
use std::path::PathBuf;
use toml::{Table, Value};

/// No prompt is longer, milliseconds.
const LONGEST_MS: usize = 10_000;
/// None is shorter, milliseconds.
const SHORTEST_MS: usize = 150;
/// Linear amplitude of -2.9 dBFS: nothing is louder.
const PEAK_MAX: u16 = 23_480;
/// Linear amplitude of -14 dBFS: speech is louder somewhere.
const PEAK_MIN: u16 = 6_500;
/// The last samples of speech are this quiet: nothing is cut off.
const END_MAX: u16 = 64;
/// All prompts of a language together are no larger, bytes: they are kept in memory in two laws.
const LANGUAGE_BYTES_MAX: u64 = 6_000_000;
/// Key of the texts, and the folder.
const LANGUAGES: [(&str, &str); 2] = [("zh", "zh-CN"), ("en", "en-GB")];
/// Made without words.
const COMPOSED: [&str; 4] = ["hold-music", "pause", "beep", "ring-back"];

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../config/prompts")
}

fn read(name: &str) -> Table {
    let text = std::fs::read_to_string(folder().join(name)).expect("a file of the prompts");
    toml::from_str(&text).expect("TOML")
}

fn entries<'a>(table: &'a Table, key: &str) -> impl Iterator<Item = &'a Table> {
    table[key].as_array().expect("a list").iter().map(|entry| entry.as_table().expect("a table"))
}

fn text<'a>(entry: &'a Table, key: &str) -> &'a str {
    entry.get(key).and_then(Value::as_str).unwrap_or_default()
}

fn number(entry: &Table, key: &str, default: i64) -> i64 {
    entry.get(key).and_then(Value::as_integer).unwrap_or(default)
}

fn list<'a>(entry: &'a Table, key: &str) -> Option<Vec<&'a str>> {
    let list = entry.get(key)?.as_array()?;
    Some(list.iter().map(|item| item.as_str().expect("a text")).collect())
}

/// Id and text of all prompts that are spoken in a language.
fn texts(language: &str) -> BTreeMap<String, String> {
    let all = read("prompts.toml");
    let mut texts = Vec::new();
    for prompt in entries(&all, "prompt").filter(|prompt| prompt.contains_key(language)) {
        let voice = prompt.get("voice").and_then(Value::as_str).unwrap_or("hotline");
        if all["voices"][voice].as_table().expect("a voice").contains_key(language) {
            texts.push((text(prompt, "id").to_owned(), text(prompt, language).to_owned()));
        }
    }
    for series in entries(&all, "series") {
        let names = list(series, "names");
        for (index, said) in list(series, language).unwrap_or_default().into_iter().enumerate() {
            let count = i64::try_from(index).expect("a short list");
            let name = match &names {
                Some(names) => names[index].to_owned(),
                None => (number(series, "first", 0) + count * number(series, "step", 1)).to_string(),
            };
            texts.push((format!("{}-{name}", text(series, "id")), said.to_owned()));
        }
    }
    let count = texts.len();
    let texts: BTreeMap<String, String> = texts.into_iter().collect();
    assert_eq!(texts.len(), count, "each id once");
    texts
}

/// The samples of a WAV as our generator writes it: a header of 44 bytes, 16-bit PCM, mono, 8 kHz.
fn samples(name: &str) -> Vec<i16> {
    let bytes = std::fs::read(folder().join(format!("{name}.wav"))).expect("a prompt");
    assert_eq!(&bytes[..4], b"RIFF", "{name}");
    assert_eq!(&bytes[20..24], [1, 0, 1, 0], "{name} is PCM and mono");
    assert_eq!(bytes[24..28], 8000_u32.to_le_bytes(), "{name} has 8 kHz");
    assert_eq!(bytes[34..36], [16, 0], "{name} has 16 bits");
    bytes[44..].chunks_exact(2).map(|pair| i16::from_le_bytes([pair[0], pair[1]])).collect()
}

#[test]
fn the_manifests_tell_every_text_and_every_file() {
    for (language, name) in LANGUAGES {
        let manifest = read(&format!("{name}/manifest.toml"));
        let mut made: Vec<&str> = entries(&manifest, "prompt").map(|entry| text(entry, "id")).collect();
        let texts = texts(language);
        let mut wanted: Vec<&str> = texts.keys().map(String::as_str).chain(COMPOSED).collect();
        made.sort_unstable();
        wanted.sort_unstable();
        assert_eq!(made, wanted);
        let mut bytes = 0;
        for entry in entries(&manifest, "prompt") {
            let file = folder().join(format!("{name}/{}.wav", text(entry, "id")));
            check(&file, text(entry, "sha256")).expect("the file of the manifest");
            bytes += file.metadata().expect("a file").len();
        }
        assert!(bytes <= LANGUAGE_BYTES_MAX, "{name} has {bytes} bytes");
        let files = std::fs::read_dir(folder().join(name)).expect("a folder").count();
        assert_eq!(files, made.len() + 1, "{name} has nothing but the prompts and their manifest");
    }
}

#[test]
fn the_switch_says_values_with_the_words_that_were_recorded() {
    for (language, name) in LANGUAGES {
        let texts = texts(language);
        for (id, said) in vocabulary(Language::of_tag(name).expect("a language that we speak")) {
            if !COMPOSED.contains(&&*id) {
                assert_eq!(texts.get(&id), Some(&said), "{name}/{id}");
            }
        }
    }
}

#[test]
fn speech_is_loud_enough_not_too_loud_and_not_cut_off() {
    for (_, name) in LANGUAGES {
        for entry in entries(&read(&format!("{name}/manifest.toml")), "prompt") {
            let id = text(entry, "id");
            let samples = samples(&format!("{name}/{id}"));
            let lasts = samples.len() / 8;
            assert!((SHORTEST_MS..=LONGEST_MS).contains(&lasts), "{name}/{id} lasts {lasts} ms");
            let peak = samples.iter().map(|sample| sample.unsigned_abs()).max().unwrap_or_default();
            if id == "pause" {
                assert_eq!(peak, 0, "{name}/{id} is silence");
                continue;
            }
            assert!((PEAK_MIN..=PEAK_MAX).contains(&peak), "{name}/{id} has a peak of {peak}");
            if id != "hold-music" {
                let loudest = |part: &[i16]| part.iter().map(|sample| sample.unsigned_abs()).max();
                assert!(loudest(&samples[samples.len() - 16..]) < Some(END_MAX), "{name}/{id} ends abruptly");
                assert!(loudest(&samples[..16]) < Some(END_MAX), "{name}/{id} begins abruptly");
            }
        }
    }
}

#[test]
fn hold_music_joins_its_own_beginning() {
    let music = samples("zh-CN/hold-music");
    let step = |a: i16, b: i16| i32::from(a).abs_diff(i32::from(b));
    let largest = music.windows(2).map(|pair| step(pair[0], pair[1])).max().unwrap_or_default();
    assert!(step(music[music.len() - 1], music[0]) <= largest, "the seam can be heard");
    assert_eq!(music.len() % 160, 0, "whole packets of 20 ms");
}

#[test]
fn what_one_language_says_the_other_says_too() {
    let words = |tag| vocabulary(tag).map(|(id, _)| id).collect::<Vec<String>>();
    let [mandarin, english] = [Language::Mandarin, Language::English].map(words);
    for prompt in entries(&read("prompts.toml"), "prompt") {
        let id = text(prompt, "id").to_owned();
        let (zh, en) = (text(prompt, "zh"), text(prompt, "en"));
        assert!(!zh.is_empty() || !mandarin.contains(&id) && english.contains(&id), "{id} has no zh");
        assert!(!en.is_empty() || !english.contains(&id) && mandarin.contains(&id), "{id} has no en");
    }
}

#[test]
fn texts_are_written_as_they_are_spoken() {
    for (id, said) in texts("zh") {
        let foreign = |c: char| c.is_ascii_alphanumeric() && !id.starts_with("letter-");
        assert!(!said.chars().any(foreign), "{id}: {said}");
    }
    for (id, said) in texts("en") {
        assert!(said.is_ascii() && !said.chars().any(|c| c.is_ascii_digit()), "{id}: {said}");
    }
}

//! Digits and letters one by one, in the groups that people make of them.

use super::{CODE_CHARS_MAX, Language, Unspeakable, Word};

/// Digits that are said in one breath.
const BREATH_MAX: usize = 5;
/// Longest group of a longer row.
const GROUP_MAX: usize = 4;
/// Length of an identity card's number: six for the place, eight for the day of birth, four more.
const IDENTITY_CHARS: usize = 18;

/// A telephone number, a record's number: grouped by what it looks like.
pub(super) fn digits(text: &str, language: Language) -> Result<Vec<Word>, Unspeakable> {
    let said = characters(text, language)?;
    let mut words = Vec::new();
    let mut rest = said.as_slice();
    for length in groups(text) {
        let (group, others) = rest.split_at(length.min(rest.len()));
        words.extend((!words.is_empty()).then_some(Word::Pause));
        words.extend_from_slice(group);
        rest = others;
    }
    Ok(words)
}

/// An agent's number: grouped as it is written.
pub(super) fn agent_number(number: &str, language: Language) -> Result<Vec<Word>, Unspeakable> {
    let is_mark = |c: char| matches!(c, '-' | '_' | '.');
    let plain: String = number.chars().filter(|c| !is_mark(*c)).take(CODE_CHARS_MAX + 1).collect();
    characters(&plain, language)?;
    let mut words = Vec::new();
    for group in number.split(is_mark).filter(|group| !group.is_empty()) {
        words.extend((!words.is_empty()).then_some(Word::Pause));
        words.extend(characters(group, language)?);
    }
    Ok(words)
}

fn characters(text: &str, language: Language) -> Result<Vec<Word>, Unspeakable> {
    if text.is_empty() {
        return Err(Unspeakable::Empty);
    }
    if text.len() > CODE_CHARS_MAX {
        return Err(Unspeakable::TooLong { chars: text.chars().count() });
    }
    let word = |c: char| match c {
        '1' if language == Language::Mandarin => Ok(Word::Yao),
        '0'..='9' => Ok(Word::Digit(c as u8 - b'0')),
        'A'..='Z' | 'a'..='z' => Ok(Word::Letter(c.to_ascii_uppercase())),
        _ => Err(Unspeakable::Character(c)),
    };
    text.chars().map(word).collect()
}

/// How many characters each group has. `text` is ASCII.
fn groups(text: &str) -> Vec<usize> {
    let length = text.len();
    if text.starts_with('1') && length == 11 {
        return vec![3, 4, 4];
    }
    // A trunk zero and an area code of three digits (Beijing and 02x) or four, then a number of seven or eight.
    if text.starts_with('0') && (10..=12).contains(&length) {
        let area = if text.starts_with("010") || text.starts_with("02") { 3 } else { 4 };
        return [vec![area], evenly(length - area)].concat();
    }
    if length == IDENTITY_CHARS {
        return vec![6, 4, 4, 4];
    }
    evenly(length)
}

/// Groups of three and four, the longer ones last; a short row is one group.
fn evenly(length: usize) -> Vec<usize> {
    if length <= BREATH_MAX {
        return vec![length];
    }
    let count = length.div_ceil(GROUP_MAX);
    let longer = length % count;
    (0..count).map(|index| length / count + usize::from(index >= count - longer)).collect()
}

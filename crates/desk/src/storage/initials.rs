//! Pinyin initials of a name: 张建国 is found by typing `zjg`.

use crate::surname;
use pinyin::ToPinyin;

/// Longest key kept, in characters.
const INITIALS_MAX: usize = 16;

/// The first letter of each syllable, lower case; surnames as surnames are read. Latin letters and digits stand for
/// themselves; what has no sound is left out.
#[must_use]
pub fn initials(name: &str) -> String {
    let (surname, rest) = surname::unusual_initials(name).unwrap_or(("", name));
    surname.chars().chain(rest.chars().filter_map(letter)).take(INITIALS_MAX).collect()
}

fn letter(c: char) -> Option<char> {
    match c.to_pinyin() {
        Some(pinyin) => pinyin.first_letter().chars().next(),
        None if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
        None => None,
    }
}

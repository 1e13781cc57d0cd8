//! Pinyin initials of a name: 张建国 is found by typing `zjg`.

use pinyin::ToPinyin;

/// Longest key kept, in characters.
const INITIALS_MAX: usize = 16;

/// The first letter of each syllable, lower case. Latin letters and digits stand for themselves; what has no sound is
/// left out.
#[must_use]
pub fn initials(name: &str) -> String {
    let letter = |c: char| match c.to_pinyin() {
        Some(pinyin) => pinyin.first_letter().chars().next(),
        None if c.is_ascii_alphanumeric() => Some(c.to_ascii_lowercase()),
        None => None,
    };
    name.chars().filter_map(letter).take(INITIALS_MAX).collect()
}

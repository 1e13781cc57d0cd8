//! From what a network or a person wrote to digits: characters, wrapping, extension, separators.

use super::NUMBER_CHARS_MAX;
use std::borrow::Cow;
use unicode_normalization::UnicodeNormalization;

/// How much of a text is looked at, in characters. A URI with parameters is shorter; the rest is not read.
const RAW_CHARS_MAX: usize = 256;

/// Longest extension behind a number, in digits.
const EXTENSION_DIGITS_MAX: usize = 5;

/// What networks and people write in the place of a number that is withheld.
const WITHHELD: [&str; 6] = ["anonymous", "restricted", "unavailable", "unknown", "private", "withheld"];

/// What stands between a number and its extension. The longer first, for one may end with another.
const EXTENSION_MARKS: [&str; 7] = ["转分机", "分机", "转", "ext", "x", "#", ","];

/// The text in one form: full-width characters become plain, invisible ones go, and what is left of a URI goes.
pub(super) fn clean(raw: &str) -> String {
    // Nearly every number is plain, and many are read when people are imported.
    let plain = raw.len() <= RAW_CHARS_MAX && raw.bytes().all(|b| matches!(b, b' '..=b'~'));
    let visible = match plain {
        true => Cow::Borrowed(raw),
        false => raw.chars().filter(|c| !is_invisible(*c)).take(RAW_CHARS_MAX).nfkc().collect(),
    };
    let mut text: &str = &visible;
    // What a cut leaves may again look wrapped; each round shortens the text or is the last.
    loop {
        let rest = cut(strip_wrapping(text));
        if rest.len() == text.len() {
            return rest.to_owned();
        }
        text = rest;
    }
}

/// The text means that the number is withheld.
pub(super) fn is_withheld(text: &str) -> bool {
    text.is_empty() || WITHHELD.iter().any(|word| text.eq_ignore_ascii_case(word))
}

/// Number and extension, when the end of the text can be read so. `dash`: a hyphen before the last digits counts as
/// well, which only the number before it can decide.
pub(super) fn split_extension(text: &str) -> Option<(&str, &str, bool)> {
    let head = text.trim_end_matches(|c: char| c.is_ascii_digit());
    let extension = &text[head.len()..];
    if extension.is_empty() || extension.len() > EXTENSION_DIGITS_MAX {
        return None;
    }
    let head = head.trim_end_matches([' ', ':', '.']);
    let marked = EXTENSION_MARKS.iter().find_map(|mark| strip_suffix_ignore_case(head, mark));
    match marked {
        Some(number) => Some((number.trim_end(), extension, false)),
        None => head.strip_suffix(is_hyphen).map(|number| (number.trim_end(), extension, true)),
    }
}

/// The digits without separators, and whether a plus stood before them; nothing when it is not a number.
pub(super) fn digits_of(text: &str) -> Option<(bool, String)> {
    let mut international = false;
    let mut digits = String::with_capacity(text.len());
    // The trunk zero that some write for readers at home: +86 (0)543.
    let text = if text.contains("(0)") { text.replacen("(0)", "()", 1) } else { text.to_owned() };
    for c in text.chars() {
        match c {
            '0'..='9' => digits.push(c),
            '+' if digits.is_empty() && !international => international = true,
            '.' | '(' | ')' | '[' | ']' => {}
            c if c.is_whitespace() || is_hyphen(c) => {}
            _ => return None,
        }
    }
    (!digits.is_empty() || international).then_some((international, digits))
}

/// Removes what is left of a URI: `<`, `tel:`, `sip:`, parameters and the host.
fn strip_wrapping(raw: &str) -> &str {
    let mut text = raw.trim().trim_start_matches('<').trim_end_matches('>');
    for scheme in ["tel:", "sip:", "sips:"] {
        if text.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)) {
            text = &text[scheme.len()..];
        }
    }
    text.split([';', '@']).next().unwrap_or_default().trim()
}

fn cut(text: &str) -> &str {
    super::first(text, NUMBER_CHARS_MAX)
}

fn strip_suffix_ignore_case<'a>(text: &'a str, suffix: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(suffix.len())?;
    text.get(at..).filter(|end| end.eq_ignore_ascii_case(suffix)).map(|_| &text[..at])
}

fn is_hyphen(c: char) -> bool {
    matches!(c, '-' | '\u{2010}'..='\u{2015}' | '\u{2212}')
}

/// Controls, and the marks of direction and width that come along when a number is copied from a page.
fn is_invisible(c: char) -> bool {
    (c.is_control() && !c.is_whitespace())
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

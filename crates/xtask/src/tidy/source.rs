//! One Rust file as the rules see it.

use super::Finding;
use super::blank::blank;

/// Crates that decide: no clock, no socket, no async runtime, no map of random order.
pub const PURE: &[&str] = &["sip", "sdp", "rtp", "audio", "model", "callcentre", "switchboard"];

/// One file.
#[derive(Debug)]
pub struct Source {
    /// Path from the root.
    pub path: String,
    /// Code without comments and strings, line by line.
    pub lines: Vec<String>,
    /// Which lines are tests.
    pub test_lines: Vec<bool>,
}

impl Source {
    /// Reads the text of a file.
    #[must_use]
    pub fn new(path: &str, text: &str) -> Self {
        let lines: Vec<String> = blank(text).lines().map(str::to_owned).collect();
        let test_lines = if is_test_file(path) { vec![true; lines.len()] } else { inline_tests(&lines) };
        Self { path: path.into(), lines, test_lines }
    }

    /// Lines of code that are no tests, with their numbers from 1.
    pub fn real_lines(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbered().filter(|(number, _)| !self.test_lines[number - 1])
    }

    /// Lines of tests, with their numbers from 1.
    pub fn tests(&self) -> impl Iterator<Item = (usize, &str)> {
        self.numbered().filter(|(number, _)| self.test_lines[number - 1])
    }

    fn numbered(&self) -> impl Iterator<Item = (usize, &str)> {
        (1..).zip(self.lines.iter().map(String::as_str))
    }

    /// The folder in `crates/`, for files of a crate's `src`.
    #[must_use]
    pub fn crate_src(&self) -> Option<&str> {
        let (name, rest) = self.path.strip_prefix("crates/")?.split_once('/')?;
        rest.starts_with("src/").then_some(name)
    }

    /// Whether it is the source of a pure crate.
    #[must_use]
    pub fn is_pure(&self) -> bool {
        self.crate_src().is_some_and(|name| PURE.contains(&name))
    }

    /// A finding in this file.
    #[must_use]
    pub fn finding(&self, rule: &'static str, line: usize, what: &str, advice: &str) -> Finding {
        Finding { rule, file: self.path.clone(), line, what: what.into(), advice: advice.into() }
    }
}

/// Integration tests, stories, and `tests` submodules kept in files of their own.
fn is_test_file(path: &str) -> bool {
    path.ends_with("/tests.rs") || path.split('/').any(|part| part == "tests" || part == "benches")
}

/// Lines from `#[cfg(test)]` to the end of the item it stands on.
fn inline_tests(lines: &[String]) -> Vec<bool> {
    let mut marks = vec![false; lines.len()];
    let mut at = 0;
    while at < lines.len() {
        if !lines[at].trim_start().starts_with("#[cfg(test)]") {
            at += 1;
            continue;
        }
        let end = item_end(lines, at);
        marks[at..=end].fill(true);
        at = end + 1;
    }
    marks
}

/// The last line of the item that begins at `from`: its closing brace, or its semicolon when it has no body.
#[must_use]
pub fn item_end(lines: &[String], from: usize) -> usize {
    let (mut braces, mut brackets) = (0_usize, 0_usize);
    for (at, line) in lines.iter().enumerate().skip(from) {
        for c in line.chars() {
            match c {
                '(' | '[' => brackets += 1,
                ')' | ']' => brackets = brackets.saturating_sub(1),
                '{' => braces += 1,
                '}' => {
                    braces = braces.saturating_sub(1);
                    if braces == 0 && brackets == 0 {
                        return at;
                    }
                }
                ';' if braces == 0 && brackets == 0 => return at,
                _ => {}
            }
        }
    }
    lines.len().saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::Source;

    #[test]
    fn inline_tests_are_told_from_code() {
        let text = "fn a() {}\n#[cfg(test)]\nmod tests {\n  fn b() {}\n}\nfn c() {}\n";
        let source = Source::new("crates/x/src/lib.rs", text);
        assert_eq!(source.real_lines().map(|(line, _)| line).collect::<Vec<_>>(), [1, 6]);
        assert_eq!(source.tests().count(), 4);
    }

    #[test]
    fn test_folders_are_tests_and_pure_crates_are_known() {
        assert_eq!(Source::new("tests/e2e/src/lib.rs", "fn a() {}\n").real_lines().count(), 0);
        assert_eq!(Source::new("crates/sip/src/lex/tests.rs", "fn a() {}\n").real_lines().count(), 0);
        assert!(Source::new("crates/sip/src/lib.rs", "").is_pure());
        assert!(!Source::new("crates/sip/tests/rfc.rs", "").is_pure());
        assert!(!Source::new("crates/switch/src/lib.rs", "").is_pure());
    }
}

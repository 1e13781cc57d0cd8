//! Rules that look at one line, and at how many there are.

use super::Finding;
use super::source::Source;

/// Files stop here; tests count apart.
const FILE_LINES_MAX: usize = 600;
/// From here on one thinks of the second noun.
const FILE_LINES_THINK: usize = 400;

/// What a pure crate does not say.
const IMPURE: &[&str] = &[
    "Instant::now",
    "SystemTime::now",
    "Utc::now",
    "Timestamp::now",
    "Zoned::now",
    "thread_rng",
    "HashMap",
    "HashSet",
    "UdpSocket",
    "std::fs",
];

/// Names that say nothing.
const EMPTY_NAMES: &[&str] = &["Session", "Manager", "Context", "Handler", "Helper", "Util", "Data", "Info"];

/// All rules of this module.
pub fn check(source: &Source) -> Vec<Finding> {
    let mut findings = Vec::new();
    if source.is_pure() {
        for (line, code) in source.real_lines() {
            for word in IMPURE.iter().filter(|word| has_word(code, word)) {
                findings.push(source.finding(
                    "pure",
                    line,
                    word,
                    "a pure crate gets time, chance and bytes from its caller",
                ));
            }
        }
    }
    for (line, code) in source.real_lines() {
        if let Some(name) = empty_name(code) {
            findings.push(source.finding("name", line, name, "use the field's word for what it is"));
        }
        if code.contains(".unwrap()") {
            findings.push(source.finding(
                "unwrap",
                line,
                "unwrap()",
                "give the error on, or expect(\"why it holds\")",
            ));
        }
    }
    let waits =
        source.tests().filter(|(_, code)| code.contains("thread::sleep") || code.contains("time::sleep"));
    findings
        .extend(waits.map(|(line, _)| {
            source.finding("sleep", line, "sleep", "wait for what happens (testkit::wait)")
        }));
    findings.extend(endless_channels(source));
    let length = source.real_lines().count();
    if length > FILE_LINES_MAX {
        let what = format!("{length} lines");
        findings.push(source.finding(
            "file-length",
            0,
            &what,
            &format!("at most {FILE_LINES_MAX}: which is the second noun?"),
        ));
    }
    findings
}

/// A remark on a file that grows long.
pub fn long(source: &Source) -> Option<String> {
    let length = source.real_lines().count();
    (FILE_LINES_THINK + 1..=FILE_LINES_MAX).contains(&length).then(|| {
        format!("{} has {length} lines (think at {FILE_LINES_THINK}, stop at {FILE_LINES_MAX})", source.path)
    })
}

/// Sources of pages stop at the same length; what is generated from the interface's description, and tests, do not
/// count.
pub fn page_length(path: &str, text: &str) -> Option<Finding> {
    let counts = [".vue", ".ts", ".css"].iter().any(|end| path.ends_with(end))
        && ![".d.ts", ".test.ts"].iter().any(|end| path.ends_with(end));
    let length = text.lines().count();
    (counts && length > FILE_LINES_MAX).then(|| Finding {
        rule: "file-length",
        file: path.into(),
        line: 0,
        what: format!("{length} lines"),
        advice: format!("at most {FILE_LINES_MAX}: which is the second noun?"),
    })
}

/// Channels without a length. A bare `channel()` is std's when the file uses std's module.
fn endless_channels(source: &Source) -> Vec<Finding> {
    let std_channels = source.lines.iter().any(|code| code.contains("std::sync::mpsc"));
    source
        .real_lines()
        .filter(|(_, code)| {
            let call = |name: &str| has_word(code, name) && !code.trim_start().starts_with("use ");
            call("unbounded_channel") || call("unbounded") || (std_channels && bare_channel(code))
        })
        .map(|(line, _)| {
            source.finding("unbounded", line, "channel", "every queue has a limit and an answer when full")
        })
        .collect()
}

fn bare_channel(code: &str) -> bool {
    code.match_indices("channel()").any(|(at, _)| {
        let before = &code[..at];
        before.ends_with("mpsc::")
            || !before.ends_with(|c: char| c == ':' || c == '_' || c == '.' || c.is_alphanumeric())
    })
}

/// The name of a type declared in this line, if it says nothing.
fn empty_name(code: &str) -> Option<&str> {
    let mut words = code.split(|c: char| !(c.is_alphanumeric() || c == '_')).filter(|word| !word.is_empty());
    words.find(|word| matches!(*word, "struct" | "enum" | "trait" | "type" | "union"))?;
    words.next().filter(|name| EMPTY_NAMES.contains(name))
}

/// Whether `word` stands in the code as a whole word.
fn has_word(code: &str, word: &str) -> bool {
    let part_of_name = |c: char| c.is_alphanumeric() || c == '_';
    code.match_indices(word).any(|(at, _)| {
        !code[..at].ends_with(part_of_name) && !code[at + word.len()..].starts_with(part_of_name)
    })
}

#[cfg(test)]
mod tests {
    use super::{check, long, page_length};
    use crate::tidy::source::Source;

    fn rules(path: &str, text: &str) -> Vec<&'static str> {
        check(&Source::new(path, text)).into_iter().map(|finding| finding.rule).collect()
    }

    #[test]
    fn a_pure_crate_reads_no_clock_and_keeps_no_random_order() {
        let text = "fn a() { let t = Instant::now(); }\nuse std::collections::HashMap;\n";
        assert_eq!(rules("crates/sip/src/lib.rs", text), ["pure", "pure"]);
        assert!(rules("crates/switch/src/lib.rs", text).is_empty());
        assert!(rules("crates/sip/src/lib.rs", "// Instant::now\nstruct MyHashMap;\n").is_empty());
    }

    #[test]
    fn names_that_say_nothing_are_refused_only_as_whole_names() {
        assert_eq!(rules("crates/switch/src/a.rs", "pub(crate) struct Session {\n}\n"), ["name"]);
        assert_eq!(rules("crates/switch/src/a.rs", "enum Data { A }\n"), ["name"]);
        assert!(
            rules("crates/switch/src/a.rs", "struct SessionExpires; fn data() {}\nuse anyhow::Context;\n")
                .is_empty()
        );
    }

    #[test]
    fn unwrap_is_for_tests() {
        let text = "fn a() { b().unwrap(); }\n#[cfg(test)]\nmod tests { fn c() { d().unwrap(); } }\n";
        assert_eq!(rules("crates/media/src/a.rs", text), ["unwrap"]);
    }

    #[test]
    fn tests_do_not_sleep_but_programs_may() {
        let text = "fn a() { std::thread::sleep(d); }\n";
        assert_eq!(rules("tests/e2e/tests/a.rs", text), ["sleep"]);
        assert!(rules("crates/testkit/src/wait.rs", text).is_empty());
    }

    #[test]
    fn channels_have_a_length() {
        assert_eq!(rules("crates/media/src/a.rs", "let (a, b) = unbounded_channel();\n"), ["unbounded"]);
        let std =
            "use std::sync::mpsc::{self, channel};\nlet (a, b) = channel();\nlet c = mpsc::channel();\n";
        assert_eq!(rules("crates/media/src/a.rs", std), ["unbounded", "unbounded"]);
        assert!(rules("crates/media/src/a.rs", "let (a, b) = oneshot::channel();\n").is_empty());
        assert!(rules("crates/media/src/a.rs", "let (a, b) = mpsc::channel(32);\n").is_empty());
    }

    #[test]
    fn long_pages_are_refused_unless_generated() {
        let text = "a\n".repeat(601);
        assert!(page_length("crates/desk/ui/src/A.vue", &text).is_some());
        assert!(page_length("crates/desk/ui/src/api/schema.d.ts", &text).is_none());
        assert!(page_length("crates/desk/ui/src/A.vue", &"a\n".repeat(600)).is_none());
    }

    #[test]
    fn long_files_are_noted_and_longer_ones_refused() {
        let lines = |count: usize| "const A: u8 = 1;\n".repeat(count);
        assert!(long(&Source::new("crates/media/src/a.rs", &lines(401))).is_some());
        assert!(long(&Source::new("crates/media/src/a.rs", &lines(400))).is_none());
        assert_eq!(rules("crates/media/src/a.rs", &lines(601)), ["file-length"]);
        assert!(rules("crates/media/tests/a.rs", &lines(601)).is_empty());
    }
}

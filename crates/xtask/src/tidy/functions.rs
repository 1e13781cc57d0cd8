//! The length of functions, by matching braces.

use super::Finding;
use super::source::{Source, item_end};

/// Lines from `fn` to the closing brace.
const FUNCTION_LINES_MAX: usize = 70;

/// Functions outside tests that are too long.
pub fn check(source: &Source) -> Vec<Finding> {
    source
        .real_lines()
        .filter_map(|(line, code)| {
            let name = function_name(code)?;
            let length = item_end(&source.lines, line - 1) + 2 - line;
            (length > FUNCTION_LINES_MAX).then(|| {
                let advice = format!("{length} lines, at most {FUNCTION_LINES_MAX}");
                source.finding("function-length", line, name, &advice)
            })
        })
        .collect()
}

/// The name of the function that is declared in this line.
fn function_name(code: &str) -> Option<&str> {
    let mut words = code.split_whitespace();
    let qualifier = |word: &str| {
        matches!(word, "pub" | "const" | "async" | "unsafe" | "extern")
            || word.starts_with("pub(")
            || word.ends_with(')')
    };
    let keyword = words.find(|word| !qualifier(word))?;
    let name = (keyword == "fn").then(|| words.next()).flatten()?;
    name.split(['(', '<']).next()
}

#[cfg(test)]
mod tests {
    use super::{check, function_name};
    use crate::tidy::source::Source;

    #[test]
    fn functions_are_known_by_their_names() {
        assert_eq!(function_name("    pub(crate) async fn run<T>(t: T) {"), Some("run"));
        assert_eq!(function_name("pub(in crate::a) const fn f() {"), Some("f"));
        assert_eq!(function_name("let f: fn() = g;"), None);
    }

    #[test]
    fn a_long_function_is_found_and_its_neighbours_are_not() {
        let body = |lines: usize| "    a();\n".repeat(lines);
        let text =
            format!("fn short() {{\n{}}}\nfn long(a: [u8; 2]) {{\n{}}}\nfn next();\n", body(68), body(69));
        let found = check(&Source::new("crates/media/src/a.rs", &text));
        assert_eq!(found.iter().map(|finding| finding.what.as_str()).collect::<Vec<_>>(), ["long"]);
        assert!(found[0].advice.starts_with("71 lines"), "{found:?}");
    }
}

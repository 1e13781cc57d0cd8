//! Rust text with comments, strings and character literals blanked, so that what is left is code. Lines keep their
//! numbers and columns.

/// Blanks everything that is not code. Quotes stay, so that an empty string still looks like one.
#[must_use]
pub fn blank(text: &str) -> String {
    let mut left = text;
    let mut code = String::with_capacity(text.len());
    let mut last = ' ';
    while let Some(first) = left.chars().next() {
        let length = not_code(left, last);
        let length = if length == 0 {
            code.push(first);
            first.len_utf8()
        } else {
            code.extend(left[..length].chars().map(|c| if c == '\n' { '\n' } else { ' ' }));
            length
        };
        last = left[..length].chars().next_back().unwrap_or(' ');
        left = &left[length..];
    }
    code
}

/// How many bytes at the beginning are a comment or a literal; 0 when it is code. `last` is the character before.
fn not_code(text: &str, last: char) -> usize {
    let in_a_name = last.is_alphanumeric() || last == '_';
    if text.starts_with("//") {
        text.find('\n').unwrap_or(text.len())
    } else if text.starts_with("/*") {
        block_comment(text)
    } else if text.starts_with('"') {
        quoted(text)
    } else if text.starts_with('\'') {
        character(text)
    } else if !in_a_name && text.starts_with(['r', 'b', 'c']) {
        let letters = text.find(|c| !matches!(c, 'r' | 'b' | 'c')).unwrap_or(text.len());
        match &text[letters..] {
            rest if letters <= 2 && text[..letters].contains('r') && rest.starts_with(['"', '#']) => {
                raw(rest).map_or(0, |length| letters + length)
            }
            _ => 0, // b"..." and b'.' : the letter stays, the quote is met next
        }
    } else {
        0
    }
}

fn block_comment(text: &str) -> usize {
    let (mut depth, mut at) = (0, 0);
    while at < text.len() {
        let rest = &text.as_bytes()[at..];
        if rest.starts_with(b"/*") {
            depth += 1;
            at += 2;
        } else if rest.starts_with(b"*/") {
            depth -= 1;
            at += 2;
            if depth == 0 {
                return at;
            }
        } else {
            at += 1;
        }
    }
    text.len()
}

fn quoted(text: &str) -> usize {
    let mut escaped = false;
    for (at, c) in text.char_indices().skip(1) {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => return at + 1,
            _ => {}
        }
    }
    text.len()
}

/// A character literal; 0 for a lifetime.
fn character(text: &str) -> usize {
    let mut chars = text.char_indices().skip(1);
    match chars.next() {
        Some((_, '\\')) => {
            text[2..].char_indices().skip(1).find(|(_, c)| *c == '\'').map_or(0, |(at, _)| at + 3)
        }
        Some(_) => match chars.next() {
            Some((at, '\'')) => at + 1,
            _ => 0,
        },
        None => 0,
    }
}

/// From the first `#` or quote of a raw string to its end; `None` when it is none (`r#type`).
fn raw(text: &str) -> Option<usize> {
    let hashes = text.find(|c| c != '#')?;
    let body = text[hashes..].strip_prefix('"')?;
    let end = format!("\"{}", "#".repeat(hashes));
    Some(body.find(&end).map_or(text.len(), |at| hashes + 1 + at + end.len()))
}

#[cfg(test)]
mod tests {
    use super::blank;

    #[test]
    fn comments_and_literals_go_and_code_stays() {
        let code = blank("let a = \"x { \\\" y\"; // {\n/* { /* { */ */ fn f<'a>(c: &'a str) { '{' }\n");
        assert_eq!(code.matches('{').count(), 1);
        assert_eq!(code.lines().count(), 2);
        assert!(code.contains("fn f<'a>(c: &'a str) {"), "{code}");
    }

    #[test]
    fn raw_and_byte_strings_go_but_raw_names_stay() {
        let code = blank("r#\"a \" {\"#; b\"{\"; br\"{\"; b'{'; b'\\''; r#type; var_r; '\\u{41}'; '\\'';");
        assert!(!code.contains('{'), "{code}");
        assert!(code.contains("r#type; var_r;"), "{code}");
    }
}

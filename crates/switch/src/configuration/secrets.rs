//! Passwords in configuration texts: hidden from who reads, and put back for who publishes what he read.
//!
//! What it is not: no guard of the disk. The versions are private files; `password_file` keeps passwords out of them.

/// What is shown.
const HIDDEN: &str = "*";

/// The text with each `password = "..."` shown as `password = "*"`.
#[must_use]
pub fn mask(text: &str) -> String {
    text.split_inclusive('\n').map(|line| replaced(line, |_| Some(HIDDEN.to_owned()))).collect()
}

/// The text with each password `*` as it is in `current`, in the agent or trunk of the same id; one that is not there
/// stays `*`.
#[must_use]
pub fn unmask(text: &str, current: &str) -> String {
    let known = blocks(current);
    let mut out = String::with_capacity(text.len());
    for (kind, lines) in blocks(text) {
        let id = id_of(&lines);
        let same = known.iter().find(|(other, theirs)| *other == kind && id.is_some() && id_of(theirs) == id);
        let password = same.and_then(|(_, lines)| lines.iter().find_map(|line| password_of(line)));
        for line in lines {
            out += &replaced(line, |value| password.clone().filter(|_| value == HIDDEN));
        }
    }
    out
}

/// The text from one `[[agent]]` or `[[trunk]]` to the next, with the lines before as a part of their own.
fn blocks(text: &str) -> Vec<(&str, Vec<&str>)> {
    let mut blocks = vec![("", Vec::new())];
    for line in text.split_inclusive('\n') {
        let bare = line.trim();
        let kind = match bare.split('#').next().unwrap_or_default().trim_end() {
            "[[agent]]" => Some("agent"),
            "[[trunk]]" => Some("trunk"),
            other if other.starts_with("[[") => Some("other"),
            _ => None,
        };
        if let Some(kind) = kind {
            blocks.push((kind, Vec::new()));
        }
        if let Some((_, lines)) = blocks.last_mut() {
            lines.push(line);
        }
    }
    blocks
}

fn id_of<'t>(lines: &[&'t str]) -> Option<&'t str> {
    lines.iter().find_map(|line| {
        let value = line.trim_start().strip_prefix("id")?.trim_start().strip_prefix('=')?.trim_start();
        value.strip_prefix('"')?.split('"').next()
    })
}

/// Where in a line the text of its password stands, without the quotes.
fn place_of(line: &str) -> Option<std::ops::Range<usize>> {
    let mut from = 0;
    while let Some(found) = line[from..].find("password") {
        let (begin, end) = (from + found, from + found + "password".len());
        let word = |c: char| c.is_ascii_alphanumeric() || c == '_';
        let before = line[..begin].chars().next_back();
        let rest = line[end..].trim_start();
        if !before.is_some_and(word)
            && !line[..begin].contains('#')
            && let Some(value) = rest.strip_prefix('=')
        {
            let value = value.trim_start();
            let quote = value.chars().next().filter(|c| matches!(c, '"' | '\''))?;
            let start = line.len() - value.len() + 1;
            return Some(start..start + close(&line[start..], quote)?);
        }
        from = end;
    }
    None
}

fn close(text: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' if quote == '"' => escaped = true,
            _ if c == quote => return Some(at),
            _ => {}
        }
    }
    None
}

fn password_of(line: &str) -> Option<String> {
    place_of(line).map(|place| line[place].to_owned())
}

fn replaced(line: &str, with: impl Fn(&str) -> Option<String>) -> String {
    let place = place_of(line);
    match place.and_then(|place| Some((with(&line[place.clone()])?, place))) {
        Some((value, place)) => format!("{}{value}{}", &line[..place.start], &line[place.end..]),
        None => line.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "[[agent]]\nid = \"1001\"\npassword = \"s\\\"x\" # secret\npassword_file = \"f\"\n\
                        [[trunk]]\nid = \"city\"\nregister = { user = \"u\", password = 'p' }\n";

    #[test]
    fn passwords_are_hidden_and_come_back_where_they_were() {
        let hidden = mask(TEXT);
        assert!(hidden.contains("password = \"*\" # secret\npassword_file = \"f\"\n"), "{hidden}");
        assert!(hidden.contains("password = '*' }"), "{hidden}");
        assert_eq!(unmask(&hidden, TEXT), TEXT);
    }

    #[test]
    fn a_new_password_is_taken_and_a_strangers_star_stays() {
        let put =
            "[[agent]]\nid = \"1002\"\npassword = \"*\"\n[[agent]]\nid = \"1001\"\npassword = \"new\"\n";
        assert_eq!(unmask(put, TEXT), put);
    }
}

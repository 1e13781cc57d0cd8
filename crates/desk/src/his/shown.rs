//! A message as people see it: its lines, without what nobody needs to mend it. Names stay, for whoever mends it has to
//! find the patient; telephone and identity numbers show their ends only.

use super::Charset;

/// Segments that tell of people.
const OF_PEOPLE: [&str; 7] = ["PID", "NK1", "GT1", "IN1", "IN2", "MRG", "SCH"];
/// Fields that hold telephone numbers.
const TELEPHONES: [(&str, &[usize]); 4] =
    [("PID", &[13, 14, 40]), ("NK1", &[5, 6, 31]), ("GT1", &[6, 7]), ("SCH", &[13, 17])];
/// A shorter run of digits in a field of telephones is an extension or an area.
const TELEPHONE_DIGITS_MIN: usize = 7;
/// Digits that show at either end of a number that is hidden.
const ENDS: (usize, usize) = (3, 4);

/// The lines of a message; what cannot be read shows as U+FFFD.
#[must_use]
pub fn segments(raw: &[u8], charset: &str) -> Vec<String> {
    let text = Charset::named(charset).and_then(|charset| charset.decode(raw));
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(raw).into_owned());
    let bar = text.trim_start_matches('\u{feff}').trim_start().chars().nth(3).unwrap_or('|');
    let lines = text.trim_start_matches('\u{feff}').split(['\r', '\n']);
    lines.filter(|line| !line.trim().is_empty()).map(|line| shown(line.trim_start(), bar)).collect()
}

fn shown(line: &str, bar: char) -> String {
    let name = line.split(bar).next().unwrap_or_default();
    if !OF_PEOPLE.contains(&name) {
        return line.to_owned();
    }
    let telephones = TELEPHONES.iter().find(|(of, _)| *of == name).map_or(&[][..], |(_, fields)| fields);
    let fields = line.split(bar).enumerate().map(|(field, text)| hidden(text, telephones.contains(&field)));
    fields.collect::<Vec<_>>().join(&bar.to_string())
}

/// A field with the middle of its numbers hidden.
fn hidden(field: &str, telephones: bool) -> String {
    let mut shown = String::with_capacity(field.len());
    let mut run = String::new();
    for letter in field.chars() {
        if letter.is_ascii_digit() || (letter == 'X' && run.len() == 17) {
            run.push(letter);
        } else {
            shown += &end_of_run(&run, telephones);
            run.clear();
            shown.push(letter);
        }
    }
    shown + &end_of_run(&run, telephones)
}

fn end_of_run(run: &str, telephones: bool) -> String {
    let is_mobile = run.len() == 11 && run.starts_with('1') || run.len() == 13 && run.starts_with("861");
    let is_identity = matches!(run.len(), 15 | 18);
    if !(is_mobile || is_identity || telephones && run.len() >= TELEPHONE_DIGITS_MIN) {
        return run.to_owned();
    }
    let (first, last) = if run.len() > ENDS.0 + ENDS.1 { ENDS } else { (2, 2) };
    let (head, tail) =
        (run.get(..first).unwrap_or_default(), run.get(run.len() - last..).unwrap_or_default());
    format!("{head}{}{tail}", "*".repeat(run.len() - first - last))
}

#[cfg(test)]
mod tests {
    use super::segments;

    #[test]
    fn numbers_show_their_ends_and_names_stay() {
        let text = "MSH|^~\\&|HIS|医院|||20260301080000||ADT^A08|13854312345|P|2.4\r\n\
                    PID|1||37123419600504001X^^^^NI~0012345^^^HIS^MR||张^三||19600504|1|||黄河五路||13854312345~0543-3256789\n\
                    NK1|1|李^四|2||^PRN^PH^^^0543^3250000\r\rPV1||I||||||||||||||||13854312345";
        assert_eq!(
            segments(text.as_bytes(), "UTF-8"),
            [
                "MSH|^~\\&|HIS|医院|||20260301080000||ADT^A08|13854312345|P|2.4",
                "PID|1||371***********001X^^^^NI~0012345^^^HIS^MR||张^三||19600504|1|||黄河五路||138****2345~0543-32***89",
                "NK1|1|李^四|2||^PRN^PH^^^0543^32***00",
                "PV1||I||||||||||||||||13854312345",
            ]
        );
    }

    #[test]
    fn what_cannot_be_read_is_shown_all_the_same() {
        assert_eq!(segments(b"MSH|\xD5\rPID|7", "UTF-8"), ["MSH|\u{fffd}", "PID|7"]);
        assert!(segments(b"", "GB18030").is_empty() && segments(b"\r\n", "?").is_empty());
    }
}

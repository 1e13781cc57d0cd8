//! Escape sequences of HL7 (2.7). The parser's own way counts characters and cuts at bytes, so that it ends with a panic
//! when one stands behind Chinese; hence ours.

use hl7_parser::message::Separators;

/// Longest sequence between two escape characters; what is longer is text.
const SEQUENCE_BYTES_MAX: usize = 64;

/// The text that a value stands for. What is no sequence stays as it is written.
pub(super) fn unescaped(separators: &Separators, raw: &str) -> String {
    let escape = separators.escape;
    let mut text = String::with_capacity(raw.len());
    let mut rest = raw;
    while let Some((before, behind)) = rest.split_once(escape) {
        text.push_str(before);
        let sequence = behind.split_once(escape).filter(|(name, _)| name.len() <= SEQUENCE_BYTES_MAX);
        rest = match sequence.and_then(|(name, behind)| Some((meant(separators, name)?, behind))) {
            Some((meant, behind)) => {
                text.push_str(&meant);
                behind
            }
            None => {
                text.push(escape);
                behind
            }
        };
    }
    text.push_str(rest);
    text
}

/// What a sequence stands for; nothing for one that is none.
fn meant(separators: &Separators, name: &str) -> Option<String> {
    Some(match name {
        "F" => separators.field.into(),
        "S" => separators.component.into(),
        "T" => separators.subcomponent.into(),
        "R" => separators.repetition.into(),
        "E" => separators.escape.into(),
        ".br" => "\n".into(),
        // Highlighting begins and ends.
        "H" | "N" => String::new(),
        _ => {
            let bytes = hex::decode(name.strip_prefix('X')?).ok()?;
            String::from_utf8_lossy(&bytes).into_owned()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::unescaped;
    use hl7_parser::message::Separators;

    #[test]
    fn sequences_become_what_they_stand_for_also_behind_chinese() {
        let read = |raw: &str| unescaped(&Separators::default(), raw);
        assert_eq!(read(r"滨州市\F\黄河\T\五路\E\"), "滨州市|黄河&五路\\");
        assert_eq!(read(r"a\S\b\R\c\X41e5BC80\d"), "a^b~cA开".to_owned() + "d");
        assert_eq!(read(r"\H\重要\N\的\.br\话"), "重要的\n话");
    }

    #[test]
    fn what_is_no_sequence_stays() {
        let read = |raw: &str| unescaped(&Separators::default(), raw);
        for raw in [r"滨州\", r"\\", r"a\Q\b", r"\X4\", r"\", "", r"C:\地址"] {
            assert_eq!(read(raw), raw);
        }
        assert_eq!(read(r"\Q\F\"), r"\Q|");
    }
}

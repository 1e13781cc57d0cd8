//! Resident identity numbers (GB 11643): what they say by themselves, and whether they can be right.

use jiff::civil::Date;
use std::fmt;

/// Letters of a whole number.
const LETTERS: usize = 18;
/// Letters of the form before 1999, without century and check letter.
const OLD_LETTERS: usize = 15;
/// ISO 7064 MOD 11-2: weights of the first 17 digits...
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// ...and the check letter of each remainder.
const CHECK: [u8; 11] = *b"10X98765432";
/// Letters that are shown at the beginning and at the end.
const SHOWN: usize = 4;

/// A number that can be right: 18 letters, a day that exists, the check letter of its digits.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct IdNumber(String);

/// Why a text is no ID number.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdNumberError {
    /// Neither 18 nor 15 letters, or others than digits.
    #[error("an ID number has 18 digits, the last one may be X")]
    Form,
    /// No such day, or before 1850.
    #[error("digits 7 to 14 of an ID number are a birth date")]
    BirthDate,
    /// The last letter does not fit.
    #[error("the last digit of the ID number does not fit the others")]
    CheckDigit,
}

impl IdNumber {
    /// Reads a number; blanks and full-width letters are forgiven, one of 15 digits becomes one of 18.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, IdNumberError> {
        use unicode_normalization::UnicodeNormalization;
        let written: String =
            text.nfkc().filter(|letter| !letter.is_whitespace() && *letter != '-').collect();
        let written = written.to_ascii_uppercase();
        let digits = written.bytes().take_while(u8::is_ascii_digit).count();
        let number = match (written.len(), digits) {
            (LETTERS, LETTERS) => written,
            (LETTERS, 17) if written.ends_with('X') => written,
            (OLD_LETTERS, OLD_LETTERS) => {
                let mut number = format!("{}19{}", &written[..6], &written[6..]);
                number.push(check_letter(&number));
                number
            }
            _ => return Err(IdNumberError::Form),
        };
        let number = Self(number);
        if number.birth_date().is_none_or(|date| date.year() < 1850) {
            return Err(IdNumberError::BirthDate);
        }
        if !number.0.ends_with(check_letter(&number.0)) {
            return Err(IdNumberError::CheckDigit);
        }
        Ok(number)
    }

    /// All letters. It goes to no page and into no log.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The birth date in it.
    #[must_use]
    pub fn birth_date(&self) -> Option<Date> {
        let part = |from: usize, to: usize| self.0.get(from..to)?.parse::<i16>().ok();
        let (month, day) = (i8::try_from(part(10, 12)?).ok()?, i8::try_from(part(12, 14)?).ok()?);
        Date::new(part(6, 10)?, month, day).ok()
    }

    /// `male` or `female`: digit 17 is odd or even.
    #[must_use]
    pub fn sex(&self) -> &'static str {
        let odd = self.0.as_bytes().get(16).is_some_and(|digit| digit % 2 == 1);
        if odd { "male" } else { "female" }
    }

    /// `3723**********1234`.
    #[must_use]
    pub fn masked(&self) -> String {
        let hidden = "*".repeat(LETTERS - 2 * SHOWN);
        format!("{}{hidden}{}", &self.0[..SHOWN], &self.0[LETTERS - SHOWN..])
    }

    /// The last four letters, by which a caller may be asked.
    #[must_use]
    pub fn tail(&self) -> &str {
        &self.0[LETTERS - SHOWN..]
    }
}

/// Masked: a number that is printed by mistake tells nobody's.
impl fmt::Debug for IdNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("IdNumber").field(&self.masked()).finish()
    }
}

/// Of the first 17 digits.
fn check_letter(number: &str) -> char {
    let digits = number.bytes().map(|digit| u32::from(digit.wrapping_sub(b'0')));
    let sum: u32 = digits.zip(WEIGHTS).map(|(digit, weight)| digit * weight).sum();
    char::from(CHECK[(sum % 11) as usize])
}

#[cfg(test)]
mod tests {
    use super::{IdNumber, IdNumberError};
    use proptest::prelude::*;

    #[test]
    fn a_number_says_when_somebody_was_born_and_is_shown_masked() {
        // The example of GB 11643 itself, and one that ends in X.
        let number = IdNumber::parse("11010519491231002X").expect("it is right");
        assert_eq!(number.birth_date().map(|date| date.to_string()).as_deref(), Some("1949-12-31"));
        assert_eq!((number.sex(), number.tail()), ("female", "002X"));
        assert_eq!(number.masked(), "1101**********002X");
        assert_eq!(format!("{number:?}"), "IdNumber(\"1101**********002X\")");
        assert_eq!(IdNumber::parse("440524188001010014").map(|number| number.sex()), Ok("male"));
    }

    #[test]
    fn it_may_be_written_in_other_ways() {
        let right = IdNumber::parse("11010519491231002X");
        for written in [
            "11010519491231002x",
            " 110105 19491231 002X ",
            "１１０１０５１９４９１２３１００２Ｘ",
            "110105-19491231-002X",
        ] {
            assert_eq!(IdNumber::parse(written), right, "{written}");
        }
        assert_eq!(IdNumber::parse("110105491231002"), right, "the old form");
    }

    #[test]
    fn what_is_wrong_is_said() {
        for (text, error) in [
            ("", IdNumberError::Form),
            ("1101051949123100", IdNumberError::Form),
            ("1101051949123100X2", IdNumberError::Form),
            ("3.72301E+17", IdNumberError::Form),
            ("110105194913310029", IdNumberError::BirthDate),
            ("110105194902300020", IdNumberError::BirthDate),
            ("110105194912310021", IdNumberError::CheckDigit),
        ] {
            assert_eq!(IdNumber::parse(text), Err(error), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_frightens_it(text in "\\PC{0,24}") {
            let _ = IdNumber::parse(&text);
        }

        #[test]
        fn one_wrong_digit_is_noticed(place in 0_usize..17, other in 0_u8..10) {
            let right = "440524188001010014";
            let mut letters: Vec<u8> = right.bytes().collect();
            letters[place] = b'0' + other;
            let text = String::from_utf8(letters).expect("digits");
            prop_assert_eq!(IdNumber::parse(&text).is_ok(), text == right);
        }
    }
}

//! One message before all of them.

use crate::faults::{Ruling, faults};
use crate::reasons::{Case, Seen, why};
use crate::text::Text;
use crate::witness::{View, WITNESSES, ask, ours};

/// A difference, or a verdict of ours that the message does not deserve.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Who differs; `careline` when our verdict stands against the grammar.
    pub who: &'static str,
    /// The field, `refused` or `accepted`.
    pub field: &'static str,
    /// What explains it, if something does.
    pub why: Option<&'static str>,
    /// What was read here and there.
    pub read: String,
}

/// The fields in which two views differ; one that a witness has no word for is no difference.
fn differing(ours: &Result<View, String>, theirs: &Result<View, String>) -> Vec<&'static str> {
    match (ours, theirs) {
        (Err(_), Err(_)) => Vec::new(),
        (Ok(_), Err(_)) => vec!["refused"],
        (Err(_), Ok(_)) => vec!["accepted"],
        (Ok(ours), Ok(theirs)) => {
            let differs =
                |field: &&str| theirs.get(field).is_some_and(|value| Some(value) != ours.get(field));
            ours.keys().copied().filter(differs).collect()
        }
    }
}

/// What every message is checked for, besides what the others make of it: our verdict against the table of faults: refused with a fault that deserves it, read with none that forbids it.
fn verdict(text: &Text, mine: &Result<View, String>) -> Option<Finding> {
    let words: Vec<_> = faults(text)
        .into_iter()
        .filter_map(|fault| match fault.ruling {
            Ruling::Refused(words) => Some((fault.what, words)),
            Ruling::Read => None,
        })
        .collect();
    let (field, read) = match mine {
        Ok(_) => {
            let (what, _) = words.first()?;
            ("accepted", format!("we read a message with {what}"))
        }
        Err(why) if words.iter().any(|(_, words)| words.contains(&why.as_str())) => return None,
        Err(why) => ("refused", format!("we refuse for {why}, but {words:?} is what is wrong")),
    };
    Some(Finding { who: "careline", field, why: None, read })
}

/// Reads the message with everybody and explains what differs.
#[must_use]
pub fn compare(bytes: &[u8]) -> Vec<Finding> {
    let (text, mine) = (Text::of(bytes), ours(bytes));
    let mut findings: Vec<Finding> = verdict(&text, &mine).into_iter().collect();
    for (who, witness) in WITNESSES {
        let theirs = ask(*witness, bytes);
        let seen = Seen::by(who, &text);
        for field in differing(&mine, &theirs) {
            let case = Case { text: &text, seen: &seen, field, ours: &mine, theirs: &theirs };
            let read = |view: &Result<View, String>| match view {
                Ok(view) => format!("{:?}", view.get(field)),
                Err(why) => why.clone(),
            };
            let read = format!("we read {}, they {}", read(&mine), read(&theirs));
            findings.push(Finding { who, field, why: why(who, &case), read });
        }
    }
    findings
}

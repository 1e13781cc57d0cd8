//! Every parser reads the same messages; what differs must be in the table.

use careline_differential::facts::{Fact, facts};
use careline_differential::generate::Generator;
use careline_differential::reasons::{TABLE, why};
use careline_differential::witness::{View, WITNESSES, ask, ours};
use std::collections::BTreeMap;

/// The fields in which two views differ; one that a witness has no word for is no difference.
fn differing(ours: &Result<View, String>, theirs: &Result<View, String>) -> Vec<&'static str> {
    match (ours, theirs) {
        (Err(_), Err(_)) => Vec::new(),
        (Ok(_), Err(_)) => vec!["refused"],
        (Err(_), Ok(_)) => vec!["accepted"],
        (Ok(ours), Ok(theirs)) => {
            // A value that both read and read differently is worse than one that nobody read.
            let differs =
                |field: &&str| theirs.get(field).is_some_and(|value| Some(value) != ours.get(field));
            ours.keys().copied().filter(differs).collect()
        }
    }
}

#[test]
fn every_difference_to_other_parsers_is_explained() {
    // The others panic on some damage and would fill the output.
    std::panic::set_hook(Box::new(|_| {}));
    let total = if std::env::var_os("CARELINE_LONG").is_some() { 200_000 } else { 10_000 };
    let mut generator = Generator::new(1);
    let mut unexplained: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut explained = 0;
    for count in 0..total {
        let whole = generator.message();
        let bytes = if count % 2 == 0 { whole } else { generator.damaged(&whole) };
        let (mine, mut facts) = (ours(&bytes), facts(&bytes));
        if count % 2 == 1 {
            facts.insert(Fact::Damaged);
        } else {
            assert!(
                mine.is_ok(),
                "a valid message was refused: {mine:?}\n{}",
                String::from_utf8_lossy(&bytes)
            );
        }
        for (who, witness) in WITNESSES {
            let theirs = ask(*witness, &bytes);
            for field in differing(&mine, &theirs) {
                let unread = theirs.as_ref().is_ok_and(|view| view.get(field).is_some_and(Option::is_none));
                if why(who, field, &facts).is_some() || (unread && why(who, "unread", &facts).is_some()) {
                    explained += 1;
                    continue;
                }
                let read = |view: &Result<View, String>| match view {
                    Ok(view) => format!("{:?}", view.get(field)),
                    Err(why) => why.clone(),
                };
                let example = format!(
                    "{facts:?}\nwe read {}, they {}\n{}",
                    read(&mine),
                    read(&theirs),
                    String::from_utf8_lossy(&bytes)
                );
                let entry = unexplained.entry(format!("{who}: {field}: {facts:?}")).or_insert((0, example));
                entry.0 += 1;
            }
        }
    }
    let _ = std::panic::take_hook();
    let mut list: Vec<_> =
        unexplained.into_iter().map(|(name, (count, example))| (count, name, example)).collect();
    list.sort_by_key(|one| std::cmp::Reverse(one.0));
    let summary: Vec<String> =
        list.iter().take(70).map(|(count, name, _)| format!("{count} x {name}")).collect();
    let examples: Vec<&str> = list.iter().take(12).map(|(_, _, example)| example.as_str()).collect();
    assert!(
        list.is_empty(),
        "{} kinds:\n{}\n\n{}",
        list.len(),
        summary.join("\n"),
        examples.join("\n----\n")
    );
    println!("{explained} differences in {total} messages, all of {} kinds", TABLE.len());
}

#[test]
fn damage_of_equal_seeds_is_equal() {
    let (mut one, mut two) = (Generator::new(9), Generator::new(9));
    for _ in 0..100 {
        let message = one.message();
        assert_eq!(message, two.message());
        assert_eq!(one.damaged(&message), two.damaged(&message));
    }
}

//! Every parser reads the same messages; what differs must have a reason that shows in the message.
//!
//! 10,000 messages in the quick tier, 200,000 with `CARELINE_LONG=1`; `CARELINE_SEED=n` for others.
#![allow(clippy::unwrap_used, reason = "a test fails by panic")]

use careline_differential::compare::compare;
use careline_differential::faults::{FAULTS, faults};
use careline_differential::generate::Generator;
use careline_differential::plain::{PLAIN, changed};
use careline_differential::reasons::{Case, Seen, table};
use careline_differential::text::Text;
use careline_differential::witness::{View, WITNESSES, ours};
use std::collections::{BTreeMap, BTreeSet};

/// Messages shown of each kind that nothing explains.
const EXAMPLES: usize = 4;

/// What came up in all messages.
#[derive(Default)]
struct Tally {
    messages: usize,
    /// By who, field and reason.
    explained: BTreeMap<(&'static str, &'static str, &'static str), usize>,
    /// By who and field: how often, and messages that show it.
    unexplained: BTreeMap<(&'static str, &'static str), (usize, String)>,
    /// What was wrong with a message at least once.
    faults: BTreeSet<&'static str>,
}

impl Tally {
    fn add(&mut self, bytes: &[u8]) {
        self.messages += 1;
        self.faults.extend(faults(&Text::of(bytes)).iter().map(|fault| fault.what));
        for finding in compare(bytes) {
            if let Some(why) = finding.why {
                *self.explained.entry((finding.who, finding.field, why)).or_default() += 1;
                continue;
            }
            let entry = self.unexplained.entry((finding.who, finding.field)).or_default();
            entry.0 += 1;
            if entry.0 <= EXAMPLES {
                let message = String::from_utf8_lossy(bytes);
                entry.1.push_str(&format!("{}\n{}\n", finding.read, message.escape_debug()));
            }
        }
    }

    fn report(&self) -> String {
        let lines = self.unexplained.iter();
        let lines = lines.map(|((who, field), (count, shown))| format!("{count} x {who}: {field}\n{shown}"));
        lines.collect::<Vec<_>>().join("----\n")
    }

    /// Rows of the tables that explained nothing: either what they tell of is gone, or another row has it too.
    fn idle(&self) -> Vec<String> {
        let used: BTreeSet<_> = self.explained.keys().map(|(who, _, why)| (*who, *why)).collect();
        let rows = WITNESSES.iter().flat_map(|(who, _)| table(who).iter().map(move |row| (*who, row.why)));
        let rows = rows.filter(|row| !used.contains(row)).map(|(who, why)| format!("{who}: {why}"));
        let faults = FAULTS.iter().map(|fault| fault.what).filter(|what| !self.faults.contains(what));
        rows.chain(faults.map(ToOwned::to_owned)).collect()
    }
}

#[test]
fn every_difference_to_other_parsers_shows_its_reason_in_the_message() {
    let total = if std::env::var_os("CARELINE_LONG").is_some() { 200_000 } else { 10_000 };
    let seed = std::env::var("CARELINE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (mut generator, mut tally) = (Generator::new(seed), Tally::default());
    let mut refused = Vec::new();
    for _ in 0..total / 2 {
        let whole = generator.message();
        if let Err(why) = ours(&whole) {
            refused.push(format!("{why}: {}", String::from_utf8_lossy(&whole)));
        }
        tally.add(&whole);
        tally.add(&generator.damaged(&whole));
    }
    changed().for_each(|bytes| tally.add(&bytes));
    assert!(refused.is_empty(), "valid messages were refused:\n{}", refused.join("\n"));
    assert!(tally.unexplained.is_empty(), "{} kinds:\n{}", tally.unexplained.len(), tally.report());
    let differences: usize = tally.explained.values().sum();
    let kinds = tally.explained.len();
    println!("{differences} differences in {} messages, of {kinds} kinds, all explained", tally.messages);
    assert_eq!(tally.idle(), Vec::<String>::new(), "rows that stand for nothing");
}

#[test]
fn a_plain_message_excuses_nobody() {
    let text = Text::of(PLAIN.as_bytes());
    assert!(faults(&text).is_empty());
    let ours = ours(PLAIN.as_bytes());
    let fields: Vec<_> = ours.as_ref().unwrap().keys().copied().collect();
    let made_up = |value: Option<&str>| -> Result<View, String> {
        Ok(fields.iter().map(|field| (*field, value.map(str::to_owned))).collect())
    };
    let excuses = [made_up(None), made_up(Some("")), made_up(Some("made up")), Err("made up".to_owned())];
    for (who, _) in WITNESSES {
        let seen = Seen::by(who, &text);
        for (row, theirs) in table(who).iter().flat_map(|row| excuses.iter().map(move |one| (row, one))) {
            for field in row.fields {
                let case = Case { text: &text, seen: &seen, field, ours: &ours, theirs };
                assert!(!(row.shows)(&case), "{who}: {field}: {}", row.why);
            }
        }
    }
}

#[test]
fn the_others_read_a_plain_message_as_we_do() {
    assert!(compare(PLAIN.as_bytes()).is_empty());
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

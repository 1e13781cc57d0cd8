//! AC-H-8: messages damaged in every way by seed, through everything that reads them.

use crate::{message, pid, profile, pv1};
use careline_desk::his::ack::{Outcome, acks};
use careline_desk::his::mllp::{Frames, framed};
use careline_desk::his::{Charset, Codes, Rules, UnknownCode, Verdict, segments, take};
use rand_chacha::ChaCha20Rng;
use rand_core::{RngCore, SeedableRng};
use std::collections::BTreeMap;
use std::time::{Duration, Instant};

/// Messages of a usual run; a long one goes on for [`LONG`].
const MESSAGES: usize = 20_000;
const LONG: Duration = Duration::from_secs(600);

/// What HL7, MLLP and the two character sets give a meaning to.
const MEANT: [&[u8]; 16] = [
    b"|",
    b"^",
    b"~",
    b"\\",
    b"&",
    b"\r",
    b"\n",
    b"\x0b",
    b"\x1c",
    b"\0",
    b"\xef\xbb\xbf",
    b"\xd5\xc5",
    b"\x81\x30\x81\x30",
    b"\"\"",
    b"\\X0D\\",
    b"\\.br\\",
];

struct Damage(ChaCha20Rng);

impl Damage {
    fn below(&mut self, bound: usize) -> usize {
        usize::try_from(self.0.next_u64() % bound.max(1) as u64).unwrap()
    }

    fn done_to(&mut self, bytes: &mut Vec<u8>, others: &[Vec<u8>]) {
        let (at, length) = (self.below(bytes.len() + 1), self.below(24));
        let end = (at + length).min(bytes.len());
        match self.below(7) {
            0 => drop(bytes.drain(at..end)),
            1 => drop(bytes.splice(at..at, MEANT[self.below(MEANT.len())].iter().copied())),
            2 => drop(bytes.splice(at..end, MEANT[self.below(MEANT.len())].iter().copied())),
            3 => {
                let other = &others[self.below(others.len())];
                let from = self.below(other.len());
                let to = (from + self.below(200)).min(other.len());
                drop(bytes.splice(at..at, other[from..to].iter().copied()));
            }
            4 => bytes.truncate(at),
            5 => {
                let letter = u8::try_from(self.below(256)).unwrap();
                bytes.iter_mut().skip(at).take(1).for_each(|byte| *byte = letter);
            }
            _ => {
                let part: Vec<u8> = bytes[at..end].repeat(self.below(40));
                drop(bytes.splice(at..at, part));
            }
        }
    }
}

fn whole() -> Vec<Vec<u8>> {
    let who = pid("0012345", "张^建国", "13854312345");
    let stay = format!("{who}\rNK1|1|李^四|2||0543-3256789\r{}", pv1("XNK^12^03", "ZY1"));
    let text = message("1", "A01", "20260301080000", &stay);
    let booked =
        message("2", "A08", "20260301080000", &format!("SCH|5\r{who}")).replace("ADT^A08", "SIU^S12");
    let merged = message("3", "A40", "20260301080000", &format!("{who}\rMRG|3"));
    let said = text.replace("|P|2.4", "|P|2.4|||AL|AL||GB 18030-2000");
    vec![
        text.clone().into(),
        booked.into(),
        merged.into(),
        Charset::Gb18030.encode(&said),
        text.replace('\r', "\n").into(),
    ]
}

/// Everything that is done with bytes before a database sees them.
fn read(bytes: &[u8], rules: &Rules) -> Verdict {
    let taken = take(bytes, &profile(rules.clone()));
    assert!(taken.header.control_id.chars().count() < 200 && taken.speaks_of.len() <= 14);
    let mut number = 0;
    let outcome = match &taken.verdict {
        Verdict::Refused(fault) | Verdict::Parked(fault) => Outcome::Refused(fault.clone()),
        Verdict::Upsert(_) | Verdict::Merge(..) | Verdict::Ignored => Outcome::Accepted,
    };
    let answers = acks(&taken.header, taken.charset, &outcome, "20260301080000", || {
        number += 1;
        format!("C{number}")
    });
    for answer in answers {
        assert!(!answer.contains(&0x0b) && !answer.contains(&0x1c), "an answer does not break its frame");
        assert!(answer.ends_with(b"\r"));
    }
    assert!(segments(bytes, taken.charset.as_str()).len() <= bytes.len());
    taken.verdict
}

#[test]
fn ac_h_8_damaged_messages_are_read_without_a_panic() {
    let others = whole();
    let codes = Codes {
        sex: BTreeMap::from([("8".to_owned(), "female")]),
        department: BTreeMap::from([("CARD".to_owned(), "心内科".to_owned())]),
        unknown: UnknownCode::Strict,
        ..Codes::default()
    };
    let rules = [Rules::default(), Rules { codes, ..Rules::default() }];
    let long = std::env::var_os("CARELINE_LONG").is_some();
    let (mut damage, began, mut used) = (Damage(ChaCha20Rng::seed_from_u64(8)), Instant::now(), [0_usize; 4]);
    let mut number = 0;
    while if long { began.elapsed() < LONG } else { number < MESSAGES } {
        let mut bytes = others[number % others.len()].clone();
        for _ in 0..damage.below(6) {
            damage.done_to(&mut bytes, &others);
        }
        let kind = match read(&bytes, &rules[number % 2]) {
            Verdict::Upsert(_) | Verdict::Merge(..) => 0,
            Verdict::Ignored => 1,
            Verdict::Parked(_) => 2,
            Verdict::Refused(_) => 3,
        };
        used[kind] += 1;
        // The same in frames, cut anywhere.
        let mut frames = Frames::default();
        let size = damage.below(300) + 1;
        for part in framed(&bytes).chunks(size) {
            let _ = frames.push(part).expect("it is short");
        }
        number += 1;
    }
    println!("{number} messages: {used:?} were used, ignored, parked, refused");
    assert!(used[0] > number / 10 && used[3] > number / 10, "damaged enough, and not too much: {used:?}");
}

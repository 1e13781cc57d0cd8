//! The bodies of the fuzz targets on the stable compiler: over the corpora as they are, then with damage by seed. 3,000
//! inputs each in the quick tier, 100,000 with `CARELINE_LONG=1`; `CARELINE_SEED=n` for other damage.

#[path = "../../fuzz/bodies/endpoint.rs"]
mod endpoint;
#[path = "../../fuzz/bodies/parse.rs"]
mod parse;
#[path = "../../fuzz/bodies/sdp.rs"]
mod sdp;

use careline_interop::mutate::Mutator;
use careline_interop::{cases, corpus};

/// Datagrams that an input for the endpoint is made of.
const DATAGRAMS: usize = 4;

fn originals() -> Vec<Vec<u8>> {
    let mut all: Vec<Vec<u8>> = cases::table().into_iter().map(|case| case.bytes).collect();
    match corpus::verdicts() {
        Ok(verdicts) => all.extend(verdicts.into_iter().map(|verdict| verdict.bytes)),
        Err(reason) => corpus::skipped(&reason),
    }
    all.extend(corpus::jain().unwrap_or_default().into_iter().map(|message| message.bytes));
    all.retain(|bytes| !bytes.is_empty());
    all
}

/// Runs a target over everything; what it was given is told when it panics.
fn drive(run: fn(&[u8]), shape: impl Fn(&[Vec<u8>], &mut Mutator) -> Vec<u8>) {
    let total = if std::env::var_os("CARELINE_LONG").is_some() { 100_000 } else { 3_000 };
    let seed = std::env::var("CARELINE_SEED").ok().and_then(|seed| seed.parse().ok()).unwrap_or(1);
    let (originals, mut dice) = (originals(), Mutator::new(seed));
    for original in &originals {
        run(original);
    }
    for count in 0..total {
        let input = shape(&originals, &mut dice);
        if std::panic::catch_unwind(|| run(&input)).is_err() {
            panic!("input {count} of seed {seed}:\n{}", input.escape_ascii());
        }
    }
}

fn one(originals: &[Vec<u8>], dice: &mut Mutator) -> Vec<u8> {
    let (original, other) = (dice.below(originals.len()), dice.below(originals.len()));
    dice.damaged(&originals[original], &originals[other])
}

#[test]
fn what_parses_prints_and_parses_again_to_the_same() {
    drive(parse::run, one);
}

#[test]
fn an_endpoint_is_left_with_nothing_whatever_it_was_sent() {
    drive(endpoint::run, |originals, dice| {
        let datagrams: Vec<Vec<u8>> = (0..DATAGRAMS).map(|_| one(originals, dice)).collect();
        datagrams.join(&[0, 0][..])
    });
}

#[test]
fn no_description_makes_the_reader_panic() {
    drive(sdp::run, |originals, dice| {
        let whole = one(originals, dice);
        let body = whole.windows(4).position(|four| four == b"\r\n\r\n").map_or(0, |at| at + 4);
        whole[body..].to_vec()
    });
}

//! Two phones, a bad network, and people who press keys at the worst moment: after thousands of calls by seed no dialog
//! and no transaction is left, and every call has ended exactly once on each side.
//!
//! `CARELINE_SEED=n` tells one evening again; `CARELINE_LONG=1` makes 10,000 calls instead of 2,000.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

mod dice;
mod net;
mod phone;
mod witness;

use std::time::Instant;

use dice::Dice;
use net::{Net, Weather};
use phone::Phone;
use witness::Witness;

/// Calls of one evening; half of them begin at each phone, many at the same time.
const CALLS: usize = 10;
/// More steps than any evening has.
const STEPS_MAX: usize = 200_000;
/// More messages than a call needs when the network is fair.
const MESSAGES_PER_CALL_MAX: usize = 100;

/// What became of one evening.
struct Evening {
    calls: usize,
    answered: usize,
    held: usize,
    messages: usize,
}

fn evening(seed: u64) -> Result<Evening, String> {
    #[allow(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
    let start = Instant::now();
    let mut dice = Dice::new(seed);
    let weather = Weather::of(&mut dice);
    let mut net = Net::new(weather, start, Dice::new(seed ^ 0xca11));
    let [here, there] = ["192.0.2.1:5060".parse().unwrap(), "192.0.2.9:5060".parse().unwrap()];
    let mut phones = [Phone::new(seed * 2 + 1, here, there), Phone::new(seed * 2 + 2, there, here)];
    for call in 0..CALLS {
        let at = start + dice.ms(0, 20_000);
        phones[call % 2].dial_at(at);
    }
    let mut now = start;
    let mut messages = 0;
    let mut witness = Witness::default();
    for step in 0.. {
        let due = phones.iter().map(Phone::next).chain([net.next()]).flatten().min();
        let Some(at) = due else { break };
        now = now.max(at);
        if step == STEPS_MAX || now.duration_since(start) > Phone::PATIENCE {
            return Err(format!("{weather:?}: no end in sight after {step} steps"));
        }
        while let Some(one) = net.arrived(now) {
            messages += 1;
            witness.arrived(&one);
            let (to, from) = (one.flow.remote, one.flow.local);
            if let Some(phone) = phones.iter_mut().find(|phone| phone.local() == to) {
                phone.receive(now, from, &one.bytes);
            }
        }
        for phone in &mut phones {
            phone.tick(now);
            while let Some(transmit) = phone.endpoint.poll_transmit() {
                witness.sent(now, &transmit);
                net.send(now, transmit);
            }
        }
    }
    let calls = phones.iter_mut().map(Phone::reckon).sum();
    witness.reckon();
    let mut broken = witness.broken;
    for phone in &mut phones {
        broken.append(&mut phone.broken);
        if weather.is_fair() && phone.never_acked > 0 {
            broken.push(format!("{} calls were never acknowledged", phone.never_acked));
        }
    }
    if weather.is_fair() && messages > CALLS * MESSAGES_PER_CALL_MAX {
        broken.push(format!("{messages} messages"));
    }
    if !broken.is_empty() {
        return Err(format!("{weather:?}:\n{}", broken.join("\n")));
    }
    let held = phones.iter().map(|phone| phone.held).sum();
    Ok(Evening { calls, held, answered: phones.iter().map(Phone::answered).sum(), messages })
}

#[test]
fn no_call_is_left_over_and_each_ends_once_whatever_the_network_does() {
    if let Some(seed) = std::env::var("CARELINE_SEED").ok().and_then(|seed| seed.parse().ok()) {
        let told = evening(seed).unwrap_or_else(|why| panic!("CARELINE_SEED={seed}: {why}"));
        println!(
            "{} calls, {} answered, {} offers taken, {} messages",
            told.calls, told.answered, told.held, told.messages
        );
        return;
    }
    let evenings = if std::env::var_os("CARELINE_LONG").is_some() { 1000 } else { 200 };
    let mut wrong = Vec::new();
    let (mut calls, mut answered, mut held) = (0, 0, 0);
    for seed in 0..evenings {
        match evening(seed) {
            Ok(told) => {
                calls += told.calls;
                answered += told.answered;
                held += told.held;
            }
            Err(why) => wrong.push(format!("CARELINE_SEED={seed}: {why}")),
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {evenings} evenings:\n{}",
        wrong.len(),
        wrong[..wrong.len().min(5)].join("\n")
    );
    assert_eq!(calls, evenings as usize * CALLS);
    // Otherwise the simulation would show nothing.
    assert!(held * 10 > calls, "only {held} offers in {calls} calls were taken");
    assert!(answered * 3 > calls, "only {answered} of {calls} calls were answered");
}

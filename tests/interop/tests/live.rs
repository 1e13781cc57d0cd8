//! The same odd messages at a live port, which survives all of them and still takes a call.

#![allow(clippy::disallowed_methods, reason = "a live port answers in real time")]

use anyhow::{Context, ensure};
use careline_e2e::{House, HouseOptions, tell};
use careline_interop::cases::{self, From};
use careline_interop::corpus;
use careline_interop::knock::{ANSWER, Knocker, SILENCE, alive, over_stream, own_branch};

fn knocker(house: &mut House, from: From) -> anyhow::Result<Knocker> {
    let sip = house.sip()?;
    let own = match from {
        From::Trunk => house.trunk_address()?,
        From::Stranger => house.next_address()?,
    };
    Knocker::new(own, sip)
}

#[test]
fn every_odd_message_of_the_table_at_the_live_port() {
    tell("odd", HouseOptions::default(), |house| {
        let (trunk, stranger) = (knocker(house, From::Trunk)?, knocker(house, From::Stranger)?);
        let mut wrong = Vec::new();
        for (number, case) in cases::table().iter().enumerate() {
            let knocker = if case.from == From::Trunk { &trunk } else { &stranger };
            // Retransmitted finals of earlier cases may still arrive; what counts is that the right one does.
            let enough = |answers: &[u16]| case.met_by(answers);
            let answers = match case.expect {
                // A socket of its own hears nothing of the others' retransmissions.
                cases::Expect::Silence | cases::Expect::NoSuccess => {
                    self::knocker(house, case.from)?.knock(&case.bytes, SILENCE, |_| false)?
                }
                cases::Expect::Status(_) => knocker.knock(&case.bytes, ANSWER, enough)?,
            };
            if !case.met_by(&answers) {
                wrong.push(format!("{}: {answers:?}, expected {:?}", case.name, case.expect));
            }
            if number % 10 == 0 {
                alive(house, number).with_context(|| case.name)?;
            }
        }
        alive(house, 1000)?;
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
}

#[test]
fn the_torture_messages_at_the_live_port() {
    let verdicts = match corpus::verdicts() {
        Ok(verdicts) => verdicts,
        Err(reason) => {
            corpus::skipped(&reason);
            return;
        }
    };
    tell("torture", HouseOptions::default(), |house| {
        let mut wrong = Vec::new();
        for (number, verdict) in verdicts.iter().enumerate() {
            let knocker = knocker(house, From::Trunk)?;
            let silent = verdict.allow == "none";
            let within = if silent || verdict.allow == "any" { SILENCE } else { ANSWER };
            let answers = knocker.knock(&own_branch(&verdict.bytes, number), within, |answers| {
                !silent && answers.iter().any(|status| *status > 100)
            })?;
            if !verdict.allows(&answers) {
                wrong.push(format!("{}: {answers:?}, allowed {}", verdict.file, verdict.allow));
            }
            alive(house, number).with_context(|| verdict.file.clone())?;
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
}

/// What a stream makes of a message that a datagram gives otherwise: the length is what cuts it, so what is too short
/// waits, and what has no length has no body.
const OTHERWISE_ON_STREAMS: [(&str, &str); 3] = [
    // Content-Length 9999: the rest is waited for.
    ("rfc4475/clerr.dat", "any"),
    // No empty line at its end.
    ("rfc4475/baddn.dat", "any"),
    // The second message is one of its own here, and its description ("m =video") is none: 400 for that one.
    ("rfc4475/dblreq.dat", "any"),
];

#[test]
fn the_torture_messages_on_connections_of_the_live_port() {
    let verdicts = match corpus::verdicts() {
        Ok(verdicts) => verdicts,
        Err(reason) => {
            corpus::skipped(&reason);
            return;
        }
    };
    tell("torture-tcp", HouseOptions::default(), |house| {
        let mut wrong = Vec::new();
        for (number, mut verdict) in verdicts.into_iter().enumerate() {
            if let Some((_, allow)) = OTHERWISE_ON_STREAMS.iter().find(|(file, _)| *file == verdict.file) {
                verdict.allow = (*allow).to_owned();
            }
            let silent = verdict.allow == "none";
            let within = if silent || verdict.allow == "any" { SILENCE } else { ANSWER };
            let bytes = own_branch(&verdict.bytes, number);
            let answers =
                over_stream(house.trunk_address()?.ip(), house.sip()?, &bytes, within, |answers| {
                    !silent && answers.iter().any(|status| *status > 100)
                })?;
            if !verdict.allows(&answers) {
                wrong.push(format!("{}: {answers:?}, allowed {}", verdict.file, verdict.allow));
            }
            alive(house, number).with_context(|| verdict.file.clone())?;
        }
        ensure!(wrong.is_empty(), "{}", wrong.join("\n"));
        Ok(())
    });
}

#[test]
fn the_jain_sip_requests_leave_the_live_port_alive() {
    let messages = match corpus::jain() {
        Ok(messages) => messages,
        Err(reason) => {
            corpus::skipped(&reason);
            return;
        }
    };
    ensure_many(messages.len());
    tell("jain", HouseOptions::default(), |house| {
        let (trunk, stranger) = (knocker(house, From::Trunk)?, knocker(house, From::Stranger)?);
        for (number, message) in messages.iter().enumerate() {
            // Nobody waits for an answer: what counts is that the port goes on.
            for knocker in [&trunk, &stranger] {
                knocker.knock(&message.bytes, std::time::Duration::ZERO, |_| true)?;
            }
            if number % 20 == 0 {
                let (own, sip) = (house.trunk_address()?.ip(), house.sip()?);
                over_stream(own, sip, &message.bytes, SILENCE, |answers| !answers.is_empty())?;
                alive(house, number).with_context(|| message.start_line())?;
            }
        }
        alive(house, messages.len())
    });
}

fn ensure_many(count: usize) {
    assert!(count > 300, "only {count} messages were found");
}

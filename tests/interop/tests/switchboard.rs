//! Odd messages at the switchboard's outputs.

use careline_interop::cases::{self, From};
use careline_interop::{Door, corpus};
use std::net::SocketAddr;
use std::time::Duration;

fn source(from: From) -> SocketAddr {
    match from {
        From::Trunk => ([127, 0, 0, 2], 5060).into(),
        From::Stranger => ([127, 0, 0, 9], 5060).into(),
    }
}

#[test]
fn every_odd_message_of_the_table_gets_what_it_deserves() {
    let table = cases::table();
    assert!(table.len() >= 60, "{} cases", table.len());
    let mut wrong = Vec::new();
    for case in &table {
        let answers = Door::new().knock(source(case.from), &case.bytes);
        if !case.met_by(&answers) {
            wrong.push(format!("{}: {answers:?}, expected {:?}", case.name, case.expect));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
}

#[test]
fn one_door_takes_the_whole_table_and_nothing_is_left_in_it() {
    let mut door = Door::new();
    for case in cases::table() {
        door.knock(source(case.from), &case.bytes);
    }
    // Nobody acknowledged anything: 64*T1 and the goodbyes later all is over.
    door.wait(Duration::from_secs(600));
    assert_eq!(door.alive(), (0, 0));
}

#[test]
fn the_torture_messages_get_their_verdicts_from_a_trunk_and_from_a_stranger() {
    let verdicts = match corpus::verdicts() {
        Ok(verdicts) => verdicts,
        Err(reason) => {
            corpus::skipped(&reason);
            return;
        }
    };
    let mut wrong = Vec::new();
    for from in [From::Trunk, From::Stranger] {
        for verdict in &verdicts {
            let answers = Door::new().knock(source(from), &verdict.bytes);
            let tolerated = from == From::Stranger && answers == [401] && verdict.class != "drop";
            if !verdict.allows(&answers) && !tolerated {
                let (file, allow) = (&verdict.file, &verdict.allow);
                wrong.push(format!("{file} from {from:?}: {answers:?}, allowed {allow}"));
            }
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

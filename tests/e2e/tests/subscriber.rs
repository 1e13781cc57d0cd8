//! A desk that goes away and comes back misses nothing and sees nothing twice.

use careline_e2e::rpc::{Delivered, Subscriber};
use careline_e2e::{House, HouseOptions, SOON, tell, voice};
use serde_json::Value;

/// A whole short call: dialled, greeted, hung up in the menu. Gives its id.
fn short_call(house: &mut House, number: &str) -> anyhow::Result<String> {
    let speech = house.steady_voice(voice::PATIENT_HZ)?;
    let mut patient = house.patient(number, &speech)?;
    let call = house.reach_the_menu(&mut patient)?;
    patient.hang_up()?;
    Ok(call)
}

fn end_of(call: &str) -> impl Fn(&Value) -> bool + use<'_> {
    move |event| event["kind"] == "call_ended" && event["call"] == *call
}

/// Numbers grow by one, in one epoch, with nothing omitted.
fn without_hole_or_repeat(delivered: &[Delivered]) -> anyhow::Result<()> {
    for pair in delivered.windows(2) {
        anyhow::ensure!(pair[0].epoch == pair[1].epoch, "the epoch changed: {pair:?}");
        anyhow::ensure!(pair[0].number + 1 == pair[1].number, "a hole or a repeat: {pair:?}");
    }
    let omitted = delivered.iter().any(|item| item.event["kind"] == "omitted");
    anyhow::ensure!(!omitted, "something was omitted");
    Ok(())
}

#[test]
fn a_killed_subscriber_goes_on_where_it_was() {
    tell("subscriber", HouseOptions::default(), |house| {
        let rpc = house.switch()?.rpc;
        let mut desk = Subscriber::start(rpc, "desk", None)?;
        let first = short_call(house, "13800138001")?;
        desk.wait_for("the end of the first call", SOON, end_of(&first))?;
        let mut all = desk.delivered().to_vec();
        drop(desk);

        let second = short_call(house, "13800138002")?;
        house.journal().wait_for("call_ended", SOON, end_of(&second))?;
        let mut desk = Subscriber::start(rpc, "desk", all.last())?;
        desk.wait_for("the end of the second call", SOON, end_of(&second))?;
        all.extend_from_slice(desk.delivered());
        without_hole_or_repeat(&all)?;
        for call in [&first, &second] {
            let ends = all.iter().filter(|item| end_of(call)(&item.event)).count();
            anyhow::ensure!(ends == 1, "{ends} ends of one call");
        }
        Ok(())
    });
}

#[test]
fn what_was_acknowledged_does_not_come_again_and_what_was_not_does() {
    tell("acknowledged", HouseOptions::default(), |house| {
        let rpc = house.switch()?.rpc;
        let mut desk = Subscriber::start(rpc, "desk", None)?;
        let call = short_call(house, "13800138001")?;
        let end = desk.wait_for("the end of the call", SOON, end_of(&call))?;
        let offered = desk.wait_for("its beginning", SOON, |event| event["kind"] == "call_offered")?;
        desk.acknowledge(&offered)?;
        drop(desk);
        // As a desk that lost its own memory: it names no position.
        let mut desk = Subscriber::start(rpc, "desk", None)?;
        desk.wait_for("the end of the call again", SOON, end_of(&call))?;
        let first = desk.delivered().first().map(|item| item.number);
        anyhow::ensure!(first == Some(offered.number + 1), "began at {first:?} after {}", offered.number);
        anyhow::ensure!(desk.delivered().contains(&end), "the end was lost");
        without_hole_or_repeat(desk.delivered())
    });
}

#[test]
fn what_happens_while_nobody_listens_is_told_later() {
    tell("nobody", HouseOptions::default(), |house| {
        let call = short_call(house, "13800138001")?;
        house.journal().wait_for("call_ended", SOON, end_of(&call))?;
        house.switch()?.terminate()?;
        house.switch()?.wait_end(SOON)?;
        house.switch()?.restart()?;
        let mut desk = Subscriber::start(house.switch()?.rpc, "desk", None)?;
        desk.wait_for("the end of the call", SOON, end_of(&call))?;
        without_hole_or_repeat(desk.delivered())?;
        anyhow::ensure!(desk.delivered()[0].event["kind"] == "switch_started", "{:?}", desk.delivered()[0]);
        Ok(())
    });
}

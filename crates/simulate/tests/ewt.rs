//! What callers are told about their wait is near what comes (CF 1.6).

/// Target of CF 1.6.
const TARGET: f64 = 0.8;

#[test]
fn four_of_five_waits_that_are_said_are_at_most_one_kind_off_on_a_morning_that_goes_wrong() {
    let said = careline_simulate::ewt::mornings(6, 1).expect("a call centre that keeps its promises");
    assert!(said.all > 500, "{said:?}");
    let within = said.share_within_one().expect("waits were said");
    assert!(within >= TARGET, "{within:.3} of {} announcements", said.all);
}

//! A switch that ends takes its registrations back.

use super::ims;
use super::street::{Manner, Street};

fn expires(street: &Street) -> Vec<&str> {
    let registers = street.carriers[0].registers.iter();
    registers.map(|one| one.headers.get("Expires").expect("an Expires")).collect()
}

#[test]
fn a_registration_is_taken_back_and_not_made_again() {
    let mut street = ims("ims.example.com");
    assert_eq!(expires(&street), ["3600", "3600"], "challenged once");
    street.board.leave_trunks(street.now);
    assert!(street.board.is_leaving_trunks());
    street.run();
    assert_eq!(expires(&street), ["3600", "3600", "0", "0"], "challenged once more");
    let last = street.carriers[0].registers.last().expect("a REGISTER");
    assert!(last.headers.get("Authorization").expect("credentials").contains("ims-user"));
    assert!(last.headers.get("Contact").expect("a Contact").contains("+8654332201000@"));
    assert!(!street.board.is_leaving_trunks());
    assert_eq!(street.board.trunk_status(street.now)[0].registered, Some(false));
    street.after(10_000);
    assert_eq!(street.carriers[0].registers.len(), 4);
}

#[test]
fn a_registration_under_way_is_waited_for_and_then_taken_back() {
    let mut street = ims("ims.example.com");
    street.carriers[0].manner = Manner::Dead;
    street.after(50);
    street.board.leave_trunks(street.now);
    street.run();
    assert!(street.board.is_leaving_trunks());
    street.carriers[0].manner = Manner::Answers;
    street.after(5);
    assert_eq!(expires(&street), ["3600", "3600", "3600", "0", "0"]);
    assert!(!street.board.is_leaving_trunks());
}

#[test]
fn a_registrar_that_is_gone_holds_nobody_for_ever() {
    let mut street = ims("ims.example.com");
    street.carriers[0].manner = Manner::Dead;
    street.board.leave_trunks(street.now);
    street.run();
    assert!(street.board.is_leaving_trunks(), "the shell waits as long as it likes");
    street.after(40);
    assert!(!street.board.is_leaving_trunks());
    street.after(10_000);
    assert_eq!(street.board.trunk_status(street.now)[0].registered, Some(false));
}

#[test]
fn who_was_never_registered_has_nothing_to_take_back() {
    let mut street = ims("evil.example.com");
    street.after(7);
    let asked = street.carriers[0].registers.len();
    street.board.leave_trunks(street.now);
    assert!(!street.board.is_leaving_trunks());
    street.after(1_000);
    assert_eq!(street.carriers[0].registers.len(), asked);
}

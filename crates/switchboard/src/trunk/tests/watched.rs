//! What operators are told of trunks.

use super::street::{Manner, Street};
use super::{TWO, ims, probed, two};
use crate::TrunkHealth::{self, Down, Impaired, Up};

/// How and why, as it was told.
fn told(street: &Street) -> Vec<(TrunkHealth, &str)> {
    street.news.iter().map(|news| (news.health, news.reason.as_deref().unwrap_or(""))).collect()
}

#[test]
fn a_trunk_that_answers_no_options_is_told_as_down_once_and_as_up_once() {
    let mut street = probed(Manner::Dead, Manner::Answers);
    street.after(60);
    let down = (Down, "127.0.1.1:5060 leaves OPTIONS without an answer");
    assert_eq!(told(&street), [down]);
    let status = &street.board.trunk_status(street.now)[0];
    assert_eq!((status.health, status.reason.as_deref()), (Down, Some(down.1)));
    let for_s = (street.now.wall_us - status.since_us) / 1_000_000;
    assert!((45..=55).contains(&for_s), "since the second lost OPTIONS: {for_s} s");
    street.carriers[0].manner = Manner::Answers;
    street.after(20);
    assert_eq!(told(&street), [down, (Up, "")]);
    assert_eq!(street.board.trunk_status(street.now)[0].reason, None);
}

#[test]
fn a_trunk_that_leaves_a_call_in_silence_is_told_too() {
    let mut street = two(Manner::Dead, Manner::Answers);
    street.dial(1, "10086");
    street.after(5);
    let down = (Down, "127.0.1.1:5060 left a call or a registration without an answer");
    assert_eq!(told(&street), [down]);
    street.after(40);
    assert_eq!(told(&street), [down], "a rest that is over proves nothing");
    street.carriers[0].manner = Manner::Answers;
    street.dial(2, "10086");
    assert_eq!(told(&street), [down, (Up, "")]);
}

#[test]
fn one_dead_proxy_of_two_impairs_a_trunk() {
    let config = TWO
        .replace("proxy = [\"127.0.1.1:5060\"]", "proxy = [\"127.0.1.1:5060\", \"127.0.1.2:5060\"]")
        .replace("id = \"b\"\nproxy = [\"127.0.1.2:5060\"]", "id = \"b\"\nproxy = [\"127.0.1.3:5060\"]");
    let mut street = Street::new(&config, 2);
    (street.carriers[0].manner, street.carriers[1].manner) = (Manner::Dead, Manner::Answers);
    street.dial(1, "10086");
    street.after(5);
    assert_eq!(told(&street), [(Impaired, "127.0.1.1:5060 left a call or a registration without an answer")]);
    let status = &street.board.trunk_status(street.now)[0];
    assert_eq!((status.calls, status.calls_max), (1, None), "the call went through the other one");
}

#[test]
fn a_refused_registration_is_told_with_its_reason_and_not_again_each_time() {
    let mut street = ims("evil.example.com");
    street.after(600);
    assert!(street.carriers[0].registers.len() > 3, "it is tried again and again");
    let why = "not registered: challenged for realm `evil.example.com`, not `ims.example.com`";
    assert_eq!(told(&street), [(Down, why)]);
}

#[test]
fn a_registration_that_lapses_is_told_when_it_does() {
    let mut street = ims("ims.example.com");
    assert_eq!(told(&street), [(Up, "")], "it was down until it was registered");
    street.carriers[0].manner = Manner::Dead;
    // The answer gives 100 s; the renewal at half of that stays without an answer for 32 s.
    street.after(90);
    assert_eq!(told(&street).last().map(|news| news.0), Some(Down), "{:?}", told(&street));
    street.after(20);
    let (health, reason) = *told(&street).last().expect("news");
    assert_eq!((health, reason), (Down, "not registered: no answer"));
}

use super::*;
use careline_model::config::{Guard, check, parse};
use std::time::Duration;

fn base() -> Instant {
    #[expect(clippy::disallowed_methods, reason = "any base will do; all times are relative to it")]
    Instant::now()
}

fn limits(table: &str) -> Guard {
    let config = parse(&format!("[guard]\n{table}\n"), "switch.toml").expect("config");
    check(&config, &[], &|_| true).expect("plan").guard
}

fn ip(text: &str) -> Source {
    Source::of(text.parse().expect("an address"))
}

#[test]
fn bans_grow_expire_and_are_lifted() {
    let limits = limits("ban_s = 100\nban_max_s = 350\nfailures_max = 3\nfailures_within_s = 60");
    let (mut bans, mut now, bad) = (Bans::default(), base(), ip("192.0.2.66"));
    for lasts in [100, 200, 350, 350] {
        assert!(!bans.failed(bad, now, &limits) && !bans.failed(bad, now, &limits));
        assert!(bans.failed(bad, now, &limits), "the third is one too many");
        bans.ban(bad, now, BanReason::WrongPasswords, &limits);
        assert_eq!(bans.list(now)[0].left, Duration::from_secs(lasts));
        now += Duration::from_secs(lasts - 1);
        assert!(bans.is_banned(bad, now));
        now += Duration::from_secs(1);
        assert!(!bans.is_banned(bad, now) && bans.list(now).is_empty());
    }
    now += Duration::from_secs(351);
    bans.ban(bad, now, BanReason::Scanner, &limits);
    assert_eq!(bans.list(now)[0].times, 1, "long ago is forgotten");
    assert!(bans.lift(bad, now) && !bans.is_banned(bad, now) && !bans.lift(bad, now));
}

#[test]
fn failures_count_within_their_time_and_a_success_forgives_them() {
    let limits = limits("failures_max = 2\nfailures_within_s = 60");
    let (mut bans, now, source) = (Bans::default(), base(), ip("192.0.2.1"));
    assert!(!bans.failed(source, now, &limits));
    assert!(!bans.failed(source, now + Duration::from_secs(61), &limits), "a new count");
    bans.succeeded(source);
    assert!(!bans.failed(source, now + Duration::from_secs(62), &limits));
    assert!(bans.failed(source, now + Duration::from_secs(63), &limits));
}

#[test]
fn the_lists_are_bounded() {
    let limits = limits("failures_max = 2");
    let (mut bans, now) = (Bans::default(), base());
    for number in 0..20_000_u32 {
        let source = Source::of(IpAddr::V4((0x0a00_0000 + number).into()));
        bans.failed(source, now, &limits);
        bans.ban(source, now + Duration::from_millis(u64::from(number)), BanReason::Scanner, &limits);
    }
    let list = bans.list(now);
    assert!(list.len() <= bans::BANS_MAX && list.len() >= bans::BANS_MAX * 9 / 10, "{}", list.len());
    let last = list.last().map(|ban| ban.source);
    assert_eq!(last, Some(IpAddr::V4((0x0a00_0000 + 19_999).into())), "the oldest went");
}

#[test]
fn one_host_has_all_of_its_ipv6_network() {
    assert_eq!(ip("2001:db8::1"), ip("2001:db8::ffff:ffff:ffff:ffff"));
    assert_ne!(ip("2001:db8::1"), ip("2001:db8:0:1::1"));
    assert_eq!(ip("::ffff:192.0.2.1"), ip("192.0.2.1"));
    let range = ip("2001:db8::1").addresses();
    assert!(range.contains(&"2001:db8::ffff:0:0:1".parse::<IpAddr>().expect("an address")));
    assert!(!range.contains(&"2001:db8:0:1::".parse::<IpAddr>().expect("an address")));
}

#[test]
fn each_kind_of_request_has_its_own_bucket_and_each_source_its_own() {
    let limits = limits("invites_per_second = 1\nregisters_per_second = 2");
    let mut guards = Guards::new(&limits, 10);
    let (now, one) = (base(), "192.0.2.1".parse().expect("an address"));
    let count = |guards: &mut Guards, method: Method, source| {
        (0..1000).filter(|_| guards.may_answer(&method, source, now)).count()
    };
    assert_eq!(count(&mut guards, Method::Invite, one), 4);
    assert_eq!(count(&mut guards, Method::Register, one), 8);
    assert_eq!(count(&mut guards, Method::Options, one), 40);
    assert_eq!(count(&mut guards, Method::Message, one), 200);
    assert_eq!(count(&mut guards, Method::Invite, "192.0.2.2".parse().expect("an address")), 4);
    assert!(guards.may_answer(&Method::Invite, one, now + Duration::from_secs(1)));
}

/// Goodput at 1 to 5 times the limit, on a fake clock; each call comes as INVITE, again after 500 ms when refused
/// silently, and once more with credentials when admitted.
#[test]
fn goodput_stays_at_the_limit_whatever_is_offered() {
    let limits = limits("calls_per_second_max = 200");
    for times in 1..=5_u32 {
        let (mut shedder, start) = (Shedder::default(), base());
        let (offered, seconds) = (200 * times, 10);
        let mut good = 0;
        for call in 0..offered * seconds {
            let now = start + Duration::from_secs(1) * call / offered;
            let key = CallKey::of(&call.to_string(), "t");
            let admitted = shedder.admit(now, key, 1, &limits);
            assert_eq!(shedder.admit(now, key, 1, &limits), admitted, "repeated");
            if admitted {
                assert!(shedder.admit(now, key, 2, &limits), "with credentials: never charged again");
                good += 1;
            }
        }
        let nominal = 200 * seconds;
        assert!(good * 100 >= nominal * 80, "{times} times: {good} of {nominal}");
        assert!(good <= nominal + 200, "{times} times: {good}");
        let later = start + Duration::from_secs(15);
        assert!(
            (0..200_u32)
                .all(|call| { shedder.admit(later, CallKey::of(&format!("l{call}"), "t"), 1, &limits) })
        );
    }
}

#[test]
fn a_refused_call_is_judged_again_when_it_is_made_again() {
    let limits = limits("calls_per_second_max = 1");
    let (mut shedder, now) = (Shedder::default(), base());
    let (one, other) = (CallKey::of("a", "t"), CallKey::of("b", "t"));
    assert!(shedder.admit(now, one, 1, &limits));
    assert!(!shedder.admit(now, other, 1, &limits));
    let later = now + Duration::from_secs(2);
    assert!(!shedder.admit(later, other, 1, &limits), "the same INVITE again");
    assert!(shedder.admit(later, other, 2, &limits));
}

#[test]
fn a_late_loop_takes_no_new_calls_until_it_has_caught_up() {
    let limits = limits("lag_max_ms = 200");
    let (mut shedder, mut now) = (Shedder::default(), base());
    let ms = Duration::from_millis;
    let lags =
        [(150, false), (250, false), (250, false), (250, true), (150, true), (100, false), (150, false)];
    for (lag, late) in lags.into_iter().chain([(201, false), (150, false), (150, true)]) {
        now += ms(250);
        shedder.lag(now, ms(lag), &limits);
        assert_eq!(shedder.is_late(now), late, "{lag} ms");
    }
    assert!(!shedder.admit(now, CallKey::of("a", "t"), 1, &limits));
    assert!(!shedder.is_late(now + ms(1001)), "nothing waits when nothing comes");
}

#[test]
fn a_machine_that_stood_still_once_refuses_nobody_and_a_full_queue_refuses_at_once() {
    let limits = limits("lag_max_ms = 100");
    let (mut shedder, now) = (Shedder::default(), base());
    let ms = Duration::from_millis;
    // Away for three seconds; all that waited is taken up within some hundred milliseconds.
    for (at, lag) in [(0, 3000), (10, 3000), (50, 2900), (400, 300), (450, 20)] {
        shedder.lag(now + ms(at), ms(lag), &limits);
        assert!(shedder.admit(now + ms(at), CallKey::of(&at.to_string(), "t"), 1, &limits), "at {at}");
    }
    // Away again after a while: it is not the same lateness.
    shedder.lag(now + ms(700), ms(150), &limits);
    shedder.lag(now + ms(2000), ms(150), &limits);
    assert!(!shedder.is_late(now + ms(2000)));
    shedder.lag(now + ms(2010), Duration::MAX, &limits);
    assert!(!shedder.admit(now + ms(2010), CallKey::of("x", "t"), 1, &limits));
}

#[test]
fn judgements_are_forgotten_in_time_and_in_number() {
    let limits = limits("calls_per_second_max = 1");
    let (mut shedder, now) = (Shedder::default(), base());
    for call in 0..100_000_u32 {
        shedder.admit(now, CallKey::of(&call.to_string(), "t"), 1, &limits);
    }
    assert!(shedder.remembered() <= shed::JUDGED_MAX);
    shedder.admit(now + Duration::from_secs(33), CallKey::of("x", "t"), 1, &limits);
    assert_eq!(shedder.remembered(), 1);
}

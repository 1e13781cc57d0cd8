//! What the desk does each night by itself, when few call.

use crate::storage::Store;
use careline_daemon::Clock;
use jiff::civil::{Date, Time, time};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};
use std::convert::Infallible;
use std::time::Duration;

/// When it begins, in the hospital's time.
const AT: Time = time(2, 30, 0, 0);
/// After a failure it is tried again.
const AGAIN_AFTER: Duration = Duration::from_secs(600);
/// Longest sleep without a look at the clock, which may have been set.
const SLEEP_MAX: Duration = Duration::from_secs(600);

/// Looks for people who may be one person, once each night.
pub async fn look_for_duplicates(store: Store, clock: Clock, zone: TimeZone) -> Infallible {
    let mut due_us = next_night(clock.now().wall_us, &zone);
    loop {
        let now_us = clock.now().wall_us;
        if now_us < due_us {
            let left = Duration::from_micros(u64::try_from(due_us - now_us).unwrap_or(0));
            tokio::time::sleep(left.min(SLEEP_MAX)).await;
            continue;
        }
        match store.find_duplicates(today(now_us, &zone), now_us).await {
            Ok(scan) => {
                tracing::info!(
                    compared = scan.compared,
                    found = scan.found,
                    cut = scan.cut,
                    "looked for duplicates"
                );
                due_us = next_night(now_us, &zone);
            }
            Err(error) => {
                tracing::warn!(%error, "the search for duplicates did not end; it begins again");
                tokio::time::sleep(AGAIN_AFTER).await;
            }
        }
    }
}

/// The date of a moment in the hospital's time.
#[must_use]
pub fn today(now_us: i64, zone: &TimeZone) -> Date {
    let now = Timestamp::from_microsecond(now_us).unwrap_or_default();
    now.to_zoned(zone.clone()).date()
}

/// The beginning of the next night's work, UTC microseconds. A night that has no such hour has the one after it.
#[must_use]
pub fn next_night(now_us: i64, zone: &TimeZone) -> i64 {
    let mut day = today(now_us, zone);
    for _ in 0..=2 {
        let begins =
            day.to_datetime(AT).to_zoned(zone.clone()).map(|begins| begins.timestamp().as_microsecond());
        if let Some(begins_us) = begins.ok().filter(|begins_us| *begins_us > now_us) {
            return begins_us;
        }
        day = day.checked_add(1.day()).unwrap_or(day);
    }
    now_us.saturating_add(86_400_000_000)
}

#[cfg(test)]
mod tests {
    use super::next_night;
    use jiff::tz::TimeZone;

    #[test]
    fn the_next_night_is_tonight_or_tomorrow() {
        let zone = TimeZone::get("Asia/Shanghai").expect("it is bundled");
        let at = |text: &str| text.parse::<jiff::Timestamp>().expect("a time").as_microsecond();
        for (now, night) in [
            ("2026-03-01T18:29:59Z", "2026-03-01T18:30:00Z"),
            ("2026-03-01T18:30:00Z", "2026-03-02T18:30:00Z"),
            ("2026-03-01T10:00:00Z", "2026-03-01T18:30:00Z"),
            ("2026-12-31T16:00:00Z", "2026-12-31T18:30:00Z"),
        ] {
            assert_eq!(next_night(at(now), &zone), at(night), "{now}");
        }
        // 02:30 is skipped once a year there; the night after it comes an hour later by the clock of the wall.
        let zone = TimeZone::get("Europe/Berlin").expect("it is bundled");
        let night = next_night(at("2026-03-28T23:00:00Z"), &zone);
        assert!(night > at("2026-03-29T00:00:00Z") && night <= at("2026-03-29T02:30:00Z"), "{night}");
    }
}

//! Waiting for the real world: ask again until a deadline, never sleep and hope.

use std::time::{Duration, Instant};

/// How often the question is asked again.
const ASK_EVERY: Duration = Duration::from_millis(10);

/// Asks `probe` until it gives a value; fails with `what` when `within` has passed.
///
/// # Errors
/// When the deadline passes, naming what was awaited, or at once when the probe itself fails.
pub fn until<T>(
    what: &str,
    within: Duration,
    mut probe: impl FnMut() -> anyhow::Result<Option<T>>,
) -> anyhow::Result<T> {
    let deadline = Instant::now() + within;
    loop {
        if let Some(value) = probe()? {
            return Ok(value);
        }
        if Instant::now() >= deadline {
            anyhow::bail!("waited {within:?} for {what}");
        }
        std::thread::sleep(ASK_EVERY);
    }
}

/// As [`until`], for a plain yes.
///
/// # Errors
/// As [`until`].
pub fn until_true(
    what: &str,
    within: Duration,
    mut probe: impl FnMut() -> anyhow::Result<bool>,
) -> anyhow::Result<()> {
    until(what, within, || Ok(probe()?.then_some(())))
}

/// Lets the world go on for a stretch that is itself part of the story, as "two seconds of talk". Never a guess at
/// when something will have happened: that is [`until`].
pub fn last(length: Duration) {
    std::thread::sleep(length);
}

/// What `work` gives and how long it took, for promises such as "the page says so within a second".
pub fn timed<T>(work: impl FnOnce() -> T) -> (T, Duration) {
    let begin = Instant::now();
    let given = work();
    (given, begin.elapsed())
}

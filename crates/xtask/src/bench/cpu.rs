//! Processor time of another process.

use anyhow::Context;
use std::time::Duration;

/// The kernel's unit in `/proc/<pid>/stat` (`USER_HZ`): a hundredth of a second on every architecture of Debian.
const TICK: Duration = Duration::from_millis(10);

/// User and system time that the process has used so far, all threads.
///
/// # Errors
/// When there is no such process.
pub fn used(pid: u32) -> anyhow::Result<Duration> {
    let text = std::fs::read_to_string(format!("/proc/{pid}/stat")).context("the process has gone")?;
    parse(&text).context("/proc/<pid>/stat has another form")
}

/// Fields 14 and 15; the second is the program's name in brackets, which may hold anything.
fn parse(stat: &str) -> Option<Duration> {
    let (_, fields) = stat.rsplit_once(") ")?;
    let mut fields = fields.split(' ').skip(11);
    let (user, system): (u32, u32) = (fields.next()?.parse().ok()?, fields.next()?.parse().ok()?);
    Some(TICK * (user + system))
}

#[cfg(test)]
mod tests {
    use super::{parse, used};
    use std::time::Duration;

    #[test]
    fn the_name_may_hold_brackets_and_blanks() {
        let stat = "7 (a) b (c) S 1 7 7 0 -1 4194560 100 0 0 0 12 30 0 0 20 0 4 0 1000 0 0";
        assert_eq!(parse(stat), Some(Duration::from_millis(420)));
        assert!(parse("7 (a) S 1").is_none());
    }

    #[test]
    fn our_own_time_can_be_read() {
        assert!(used(std::process::id()).is_ok());
    }
}

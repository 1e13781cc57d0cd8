//! What became of a call going out, told to the call centre.

use crate::switchboard::Switchboard;
use careline_callcentre::{Input, RefusedBy};
use careline_model::{LegId, Now};

/// News of a call going out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Report {
    /// It rings.
    Ringing,
    /// It rings, and the trunk sends sound: announcements, ring-back.
    EarlyMedia,
    /// Somebody answered.
    Answered,
    /// Nobody will; the most telling status.
    Refused(u16),
}

impl Switchboard {
    pub(super) fn report(&mut self, now: Now, leg: LegId, report: Report) {
        #[cfg(test)]
        self.trunks.reports.push((leg, report));
        let input = match report {
            Report::Ringing => Input::Ringing { leg },
            Report::EarlyMedia => Input::EarlyMedia { leg },
            Report::Answered => Input::Answered { leg },
            Report::Refused(status) => Input::Refused { leg, why: why(status) },
        };
        self.centre.handle(input, now);
    }
}

fn why(status: u16) -> RefusedBy {
    match status {
        486 | 600 => RefusedBy::Busy,
        // Who is sent elsewhere was turned away: redirections are not followed.
        300..=399 | 403 | 603 | 607 | 608 => RefusedBy::Rejected,
        408 | 480 | 487 => RefusedBy::NoAnswer,
        _ => RefusedBy::Unreachable,
    }
}

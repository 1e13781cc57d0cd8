//! Session timers (RFC 4028) as values: what the two sides agree on, and when what is due.

use std::time::{Duration, Instant};

use crate::message::{Headers, lex};

/// The longest interval that is understood: longer ones are as good as none, but a number.
const INTERVAL_MAX_S: u64 = 86_400;

/// Who of the two sides of a transaction refreshes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Refresher {
    /// Who sent the request.
    Uac,
    /// Who answered it.
    Uas,
}

impl Refresher {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Uac => "uac",
            Self::Uas => "uas",
        }
    }
}

/// A Session-Expires header.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionExpires {
    pub(crate) interval: Duration,
    pub(crate) refresher: Option<Refresher>,
}

impl SessionExpires {
    /// None without the header, and for a malformed one.
    pub(crate) fn of(headers: &Headers) -> Option<Self> {
        let line = headers.get("Session-Expires")?;
        let end = line.find(';').unwrap_or(line.len());
        let interval = seconds(&line[..end])?;
        let params = lex::params(&line[end..])?;
        let refresher = match lex::param(&params, "refresher").map(str::to_ascii_lowercase).as_deref() {
            Some("uac") => Some(Refresher::Uac),
            Some("uas") => Some(Refresher::Uas),
            _ => None,
        };
        Some(Self { interval, refresher })
    }
}

/// The value of Min-SE.
pub(crate) fn min_se(headers: &Headers) -> Option<Duration> {
    let line = headers.get("Min-SE")?;
    seconds(line.split(';').next().unwrap_or_default())
}

fn seconds(text: &str) -> Option<Duration> {
    lex::number(text.trim(), u64::from(u32::MAX)).map(|one| Duration::from_secs(one.min(INTERVAL_MAX_S)))
}

/// Whether the sender knows an extension.
pub(crate) fn supports(headers: &Headers, option: &str) -> bool {
    let mut named = headers.list("Supported").chain(headers.list("Require"));
    named.any(|one| one.eq_ignore_ascii_case(option))
}

/// What our 2xx says of the session timer (RFC 4028 9).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Terms {
    pub(crate) interval: Duration,
    pub(crate) refresher: Refresher,
    /// The peer knows of session timers.
    pub(crate) supported: bool,
}

impl Terms {
    /// What we answer to a request: `ours` is the interval we like, zero for none of our own; `floor` the shortest we
    /// accept. Without the peer's word on who refreshes we do, which does not depend on its remembering to.
    pub(crate) fn answering(headers: &Headers, ours: Duration, floor: Duration) -> Option<Self> {
        let supported = supports(headers, "timer");
        let theirs = SessionExpires::of(headers);
        let low = min_se(headers).unwrap_or_default().max(floor);
        let interval = match theirs {
            // "it MUST NOT increase the value of the Session-Expires header field", nor go below Min-SE.
            Some(theirs) if ours.is_zero() => theirs.interval.max(floor),
            Some(theirs) => theirs.interval.min(ours.max(low)).max(floor),
            None if supported && !ours.is_zero() => ours.max(low),
            None => return None,
        };
        let asked = theirs.and_then(|theirs| theirs.refresher).filter(|_| supported);
        Some(Self { interval, refresher: asked.unwrap_or(Refresher::Uas), supported })
    }
}

/// The session timer of one call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct SessionTimer {
    pub(crate) interval: Duration,
    /// We refresh; otherwise the peer does.
    pub(crate) ours: bool,
    refresh_at: Instant,
    pub(crate) expire_at: Instant,
}

impl SessionTimer {
    /// RFC 4028 10: refreshed at half the interval; ended before it is over by "the minimum of 32 seconds and one third
    /// of the session interval".
    pub(crate) fn start(now: Instant, interval: Duration, ours: bool) -> Self {
        let margin = Duration::from_secs(32).min(interval / 3);
        Self { interval, ours, refresh_at: now + interval / 2, expire_at: now + interval - margin }
    }

    pub(crate) fn next_deadline(&self) -> Instant {
        if self.ours { self.refresh_at.min(self.expire_at) } else { self.expire_at }
    }

    pub(crate) fn is_refresh_due(&self, now: Instant) -> bool {
        self.ours && self.refresh_at <= now
    }

    /// A refresh went out, or cannot go out just now: the next one when half of the rest is over.
    pub(crate) fn postpone(&mut self, now: Instant) {
        let rest = self.expire_at.saturating_duration_since(now);
        self.refresh_at = now + (rest / 2).max(Duration::from_secs(1));
    }
}

//! Which new calls are refused when there are too many: by rate, and by how late the event loop is.
//!
//! A call is judged once, at its first INVITE. The INVITE that answers our challenge is the same call; a refused INVITE
//! that comes again is refused again and costs nothing.

use careline_model::config::Guard;
use std::collections::{BTreeMap, VecDeque};
use std::time::{Duration, Instant};

/// Most calls whose judgement is remembered; beyond it the oldest is forgotten (and judged anew).
pub const JUDGED_MAX: usize = 65_536;
/// How long a judgement is remembered: as long as an INVITE may be repeated (64*T1, RFC 3261 17.1.1.2).
const JUDGED_FOR: Duration = Duration::from_secs(32);
/// A loop that is too late for so long has more to do than it can. One that was away once, because the machine stood
/// still, takes up what waited and refuses nobody (the standing queue of CoDel, RFC 8289 3.1).
pub const STANDING: Duration = Duration::from_millis(500);
/// Without a word about the lag for so long, nothing waited.
const LAG_GOOD_FOR: Duration = Duration::from_secs(1);
/// A refused caller tries again after so many seconds at least (RFC 3261 20.33)...
pub const RETRY_AFTER_MIN_S: u32 = 5;
/// ...and at most, so that not all of them come back at once.
pub const RETRY_AFTER_MAX_S: u32 = 15;

/// What tells one call from another before it exists: a digest of Call-ID and From tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct CallKey(u64);

impl CallKey {
    /// The key of the call of this request.
    #[must_use]
    pub fn of(call_id: &str, from_tag: &str) -> Self {
        use std::hash::{DefaultHasher, Hash, Hasher};
        let mut hasher = DefaultHasher::new();
        (call_id, from_tag).hash(&mut hasher);
        Self(hasher.finish())
    }
}

#[derive(Debug, Clone, Copy)]
struct Judgement {
    cseq: u32,
    admitted: bool,
}

/// The shedder.
#[derive(Debug, Default)]
pub struct Shedder {
    tokens: Option<(f64, Instant)>,
    /// The loop is too late: since when, and the last word about it.
    late: Option<(Instant, Instant)>,
    judged: BTreeMap<CallKey, Judgement>,
    order: VecDeque<(Instant, CallKey)>,
}

impl Shedder {
    /// How long the message that is handled now has waited; [`Duration::MAX`]: too many wait behind it. Too late is over
    /// when it is half of what is allowed.
    pub fn lag(&mut self, now: Instant, lag: Duration, limits: &Guard) {
        let before = self.late.filter(|(_, at)| now.saturating_duration_since(*at) <= LAG_GOOD_FOR);
        let since = before.map(|(since, _)| since);
        self.late = if lag == Duration::MAX {
            Some((now.checked_sub(STANDING).unwrap_or(now), now))
        } else if lag > limits.lag_max {
            Some((since.unwrap_or(now), now))
        } else if lag <= limits.lag_max / 2 {
            None
        } else {
            since.map(|since| (since, now))
        };
    }

    /// Whether the event loop has been too late for new work for half a second.
    #[must_use]
    pub fn is_late(&self, now: Instant) -> bool {
        self.late.is_some_and(|(since, at)| {
            now.saturating_duration_since(at) <= LAG_GOOD_FOR
                && at.saturating_duration_since(since) >= STANDING
        })
    }

    /// Judges a call at an INVITE: false is a 503. A call that was admitted stays admitted; one that was refused is
    /// judged again when its caller makes a new INVITE of it.
    pub fn admit(&mut self, now: Instant, call: CallKey, cseq: u32, limits: &Guard) -> bool {
        self.forget(now);
        if let Some(before) = self.judged.get(&call)
            && (before.admitted || before.cseq >= cseq)
        {
            return before.admitted;
        }
        let admitted = !self.is_late(now) && self.take_token(now, limits);
        if self.judged.insert(call, Judgement { cseq, admitted }).is_none() {
            self.order.push_back((now, call));
        }
        admitted
    }

    /// One token of the rate's bucket, which holds what one second brings.
    fn take_token(&mut self, now: Instant, limits: &Guard) -> bool {
        let Some(rate) = limits.calls_per_second_max.map(f64::from) else { return true };
        let (tokens, at) = self.tokens.unwrap_or((rate, now));
        let tokens = (tokens + now.saturating_duration_since(at).as_secs_f64() * rate).min(rate);
        let enough = tokens >= 1.0;
        self.tokens = Some((if enough { tokens - 1.0 } else { tokens }, now));
        enough
    }

    /// How many judgements are remembered.
    #[must_use]
    pub fn remembered(&self) -> usize {
        self.judged.len().max(self.order.len())
    }

    fn forget(&mut self, now: Instant) {
        while let Some((at, call)) = self.order.front().copied() {
            let over = now.saturating_duration_since(at) > JUDGED_FOR;
            if !over && self.order.len() < JUDGED_MAX {
                return;
            }
            self.order.pop_front();
            self.judged.remove(&call);
        }
    }
}

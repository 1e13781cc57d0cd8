//! What a refusal of a trunk means for the call: whether another trunk is asked, and which word remains in the end.

/// What follows from a final response.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is the called party's word, or no trunk could do better.
    Final,
    /// Another way may do better; this one answered.
    ElsewhereButAlive,
    /// Another way may do better; this one was silent or out of order.
    Elsewhere,
}

/// Judges a final response to an INVITE (RFC 3261 21).
///
/// Before ringing: 408 and 5xx of a network (500, 502, 503, 504) ask the next trunk; so do 401, 403 and 407, by which
/// a carrier says that it will not take this call from us (credit, caller id, lost registration), which another may.
/// After ringing the called party was reached: only a trunk that broke (408, 5xx) is replaced. The called party's own
/// answers (404, 480, 484, 486, 6xx) are final. So are redirections: 3xx is not followed, because a stranger would
/// choose what we dial.
pub fn judge(status: u16, rang: bool) -> Verdict {
    match status {
        408 | 503 | 504 => Verdict::Elsewhere,
        500 | 502 => Verdict::ElsewhereButAlive,
        401 | 403 | 407 if !rang => Verdict::ElsewhereButAlive,
        _ => Verdict::Final,
    }
}

/// Of two refusals the one that says more: a word about the called party or the call, then silence, then a network's
/// trouble (RFC 3261 16.7 step 6 in spirit). 0 is none.
pub fn best(one: u16, other: u16) -> u16 {
    let rank = |status: u16| match status {
        0 => 0,
        401 | 407 => 1,
        500..=599 => 2,
        408 => 3,
        300..=499 => 4,
        _ => 5,
    };
    if rank(other) > rank(one) { other } else { one }
}

//! Which trunk of a group comes next: lowest order first, by weight among equals, none twice.

use careline_model::TrunkId;
use careline_model::config::plan::Member;

/// Whether a trunk can take a call now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Readiness {
    /// It can.
    Ready,
    /// It has no room: busy.
    Full,
    /// It is not there.
    Down,
}

/// What came of looking for a trunk.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Choice {
    /// This one.
    Trunk(TrunkId),
    /// None; at least one had no room.
    Full,
    /// None at all.
    Nobody,
}

/// The next trunk among `members` that `tried` does not name. `draw` is any number; equal ones give equal choices.
pub fn choose(
    members: &[Member],
    tried: &[TrunkId],
    mut readiness: impl FnMut(&TrunkId) -> Readiness,
    draw: u64,
) -> Choice {
    let mut ready: Vec<&Member> = Vec::new();
    let mut full = false;
    for member in members.iter().filter(|member| !tried.contains(&member.trunk)) {
        if ready.first().is_some_and(|first| first.order != member.order) {
            break;
        }
        match readiness(&member.trunk) {
            Readiness::Ready => ready.push(member),
            Readiness::Full => full = true,
            Readiness::Down => {}
        }
    }
    let total: u64 = ready.iter().map(|member| u64::from(member.weight)).sum();
    let Some(mut left) = draw.checked_rem(total) else {
        return if full { Choice::Full } else { Choice::Nobody };
    };
    for member in &ready {
        let weight = u64::from(member.weight);
        if left < weight {
            return Choice::Trunk(member.trunk.clone());
        }
        left -= weight;
    }
    Choice::Nobody
}

//! Where randomness comes from in programs; tests seed their own.

use rand_chacha::ChaCha20Rng;
use rand_core::SeedableRng;

/// A generator seeded by the operating system. Make one at the start and pass it down.
///
/// # Errors
/// When the operating system has no randomness to give.
pub fn system_rng() -> anyhow::Result<ChaCha20Rng> {
    let mut seed = [0_u8; 32];
    getrandom::fill(&mut seed).map_err(|error| anyhow::anyhow!("the system gives no randomness: {error}"))?;
    Ok(ChaCha20Rng::from_seed(seed))
}

#[cfg(test)]
mod tests {
    use super::*;
    use rand_core::RngCore;

    #[test]
    fn two_generators_differ() {
        assert_ne!(system_rng().unwrap().next_u64(), system_rng().unwrap().next_u64());
    }
}

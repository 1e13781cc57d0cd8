//! Digests of what is kept. Each value names its algorithm, so that another can follow without a guess about the old ones.

mod keys;

pub use keys::{KeyError, Keys};

use serde::Serialize;
use sha2::{Digest, Sha256};

/// FIPS 180-4.
const SHA_256: &str = "sha256";

/// The digest of an entry that follows another one: a change anywhere before it changes it.
///
/// The entry is digested as a JSON array with the digest before it, so that no two entries read the same.
#[must_use]
pub fn chained(previous: &str, entry: &impl Serialize) -> String {
    let text = serde_json::to_vec(&(previous, entry)).unwrap_or_default();
    format!("{SHA_256}:{}", hex::encode(Sha256::digest(text)))
}

#[cfg(test)]
mod tests {
    use super::chained;

    #[test]
    fn what_stands_before_counts_and_fields_do_not_run_together() {
        let one = chained("", &("a", "bc"));
        assert!(one.starts_with("sha256:") && one.len() == 7 + 64, "{one}");
        assert_ne!(one, chained("", &("ab", "c")));
        assert_ne!(one, chained("x", &("a", "bc")));
    }
}

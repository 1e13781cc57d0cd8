//! Ids of new rows: the one place of the desk's storage where randomness comes in.

use super::{Result, StorageError};
use sha2::{Digest, Sha256};
use uuid::Builder;

/// A version 7 UUID of this moment, so that ids sort by time.
pub(super) fn new_id(now_us: i64) -> Result<String> {
    let mut random = [0_u8; 10];
    getrandom::fill(&mut random).map_err(|_| StorageError::Randomness)?;
    let millis = u64::try_from(now_us / 1000).unwrap_or(0);
    Ok(Builder::from_unix_timestamp_millis(millis, &random).into_uuid().to_string())
}

/// The id of a person's number: always the same for the same two, so that the same import gives the same rows.
pub(super) fn phone_id(person_id: &str, number: &str) -> String {
    let digest = Sha256::new().chain_update(person_id).chain_update("/").chain_update(number).finalize();
    let mut bytes = [0_u8; 16];
    bytes.copy_from_slice(&digest[..16]);
    Builder::from_custom_bytes(bytes).into_uuid().to_string()
}

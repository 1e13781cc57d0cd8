//! What one recorded call costs in memory, by calculation from the types themselves.

use super::*;
use crate::recorder::chunk::{FLYING_PER_RECORDING, FLYING_SPARE};

/// Calls of the calculation.
const CALLS: usize = 1000;

#[test]
fn a_recorded_call_has_at_most_40_kilobytes_even_when_the_disk_stands_still() {
    let block = CHUNK_FRAMES;
    let in_hand = 2 * block;
    // For a fifth of the time late packets are waited for, and the next chunk's blocks are there already.
    let ahead = 2 * block / 5;
    // A block is either on its way or idle.
    let flying = (FLYING_PER_RECORDING * CALLS + FLYING_SPARE) * 2 * block / CALLS;
    let idle = (CALLS + 64) * block / CALLS;
    let queue = RecorderConfig::default().queue_chunks_max * size_of::<Job>() / CALLS;
    let capture = size_of::<Capture>();
    // The writer's entry, and its side-car: 25 fields of some 60 bytes with their keys.
    let open = 512 + 25 * 120;
    let usual = in_hand + ahead + idle + queue + capture + open;
    let worst = in_hand + ahead + flying + queue + capture + open;
    assert!(usual <= 20_000, "{usual} bytes");
    assert!(worst <= 35_000, "{worst} bytes");
}

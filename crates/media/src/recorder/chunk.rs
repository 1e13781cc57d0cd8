//! What travels from a media thread to the writer: pieces of sound, and the blocks that hold them.
//!
//! Memory for one recording of two G.711 legs at 8 kHz and chunks of 500 ms: a block of 4,000 bytes for each side in
//! hand, for a fifth of the time a second one (late packets), and at most [`FLYING_PER_RECORDING`] chunks on their way
//! to the disk. More is never held, however slow the disk: what comes then is counted and becomes silence.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use careline_audio::g711::Law;

use crate::channel::{Receiver, Sender, channel};

/// Chunks of one recording that may wait for the disk: a second of it.
pub(crate) const FLYING_PER_RECORDING: usize = 2;
/// Chunks that may wait besides, whoever they belong to: a few recordings may wait longer than a thousand.
pub(crate) const FLYING_SPARE: usize = 256;
/// Blocks kept for reuse besides one for each open recording.
const IDLE_SPARE: usize = 64;
/// Most blocks that may wait in the channel that brings them back.
const POOL_MAX: usize = 4096;

/// One side of a recording over the time of a chunk.
#[derive(Debug)]
pub(crate) enum Voice {
    /// G.711 at 8 kHz, whatever the file's rate.
    Law(Law, Box<[u8]>),
    /// Samples at the file's rate.
    Pcm(Box<[i16]>),
    /// A mono recording has no such side.
    Absent,
}

/// A finished piece of one recording.
#[derive(Debug)]
pub(crate) struct Chunk {
    pub(crate) key: u64,
    /// First frame of the file's rate, counted from the start of the recording.
    pub(crate) start: u64,
    /// Valid frames of the file's rate.
    pub(crate) frames: usize,
    pub(crate) sides: [Voice; 2],
    /// Frames of each side in which tones of keys are not to be heard: first, and behind the last.
    pub(crate) secret: [Option<(u32, u32)>; 2],
}

/// A media thread's stock of blocks.
#[derive(Debug)]
pub(crate) struct Pool {
    blocks: Receiver<Box<[u8]>>,
    back: Back,
    block_bytes: usize,
}

/// Where the writer brings blocks back to.
#[derive(Clone, Debug)]
pub(crate) struct Back {
    blocks: Sender<Box<[u8]>>,
    counts: Arc<Counts>,
}

#[derive(Debug, Default)]
struct Counts {
    /// Blocks in the channel.
    idle: AtomicUsize,
    /// Open recordings of the thread.
    open: AtomicUsize,
}

impl Pool {
    pub(crate) fn new(block_bytes: usize) -> Self {
        let (sender, blocks) = channel(POOL_MAX);
        Self { blocks, back: Back { blocks: sender, counts: Arc::default() }, block_bytes }
    }

    /// A block of silence, used or new.
    pub(crate) fn block(&self, law: Law) -> Box<[u8]> {
        match self.blocks.take() {
            Some(mut block) => {
                self.back.counts.idle.fetch_sub(1, Ordering::Relaxed);
                block.fill(law.silence());
                block
            }
            None => vec![law.silence(); self.block_bytes].into_boxed_slice(),
        }
    }

    pub(crate) fn back(&self) -> Back {
        self.back.clone()
    }

    /// One recording more.
    pub(crate) fn opened(&self) {
        self.back.counts.open.fetch_add(1, Ordering::Relaxed);
    }
}

impl Back {
    /// Takes the blocks of a chunk back, unless there are enough. Blocks of samples are few and not kept.
    pub(crate) fn give(&self, sides: [Voice; 2]) {
        let keep = self.counts.open.load(Ordering::Relaxed) + IDLE_SPARE;
        for side in sides {
            let Voice::Law(_, block) = side else { continue };
            if self.counts.idle.fetch_add(1, Ordering::Relaxed) >= keep
                || self.blocks.try_send(block).is_err()
            {
                self.counts.idle.fetch_sub(1, Ordering::Relaxed);
            }
        }
    }

    /// One recording less.
    pub(crate) fn closed(&self) {
        self.counts.open.fetch_sub(1, Ordering::Relaxed);
    }

    #[cfg(test)]
    pub(crate) fn idle(&self) -> usize {
        self.counts.idle.load(Ordering::Relaxed)
    }
}

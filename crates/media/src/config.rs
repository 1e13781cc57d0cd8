//! What the engine and the recorder may be told, with defaults and units.

use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use careline_audio::codec::OpusSettings;

/// How the engine runs.
#[derive(Clone, Debug)]
pub struct MediaConfig {
    /// Media threads; at least 1. All legs of one call live on one thread.
    pub threads: usize,
    /// Coalescing period of a busy thread. Zero means: handle every packet at once, whatever the load.
    pub tick: Duration,
    /// A leg that should be heard and sends no valid packet for this long is reported as timed out.
    pub media_timeout: Duration,
    /// Where and how recordings are written.
    pub recordings: RecorderConfig,
    /// Threads beside the media threads, for codecs that cost more than a packet's way through the kernel; 1 to 64.
    pub codec_threads: usize,
    /// How Opus is encoded.
    pub opus: OpusSettings,
    /// Ask the system for real-time priority (`SCHED_FIFO`) of the media threads, or else for a raised one; the engine
    /// runs without when both are refused.
    pub realtime: bool,
    /// Processors of the media threads, the first for the first, again from the front when there are more threads.
    /// Empty: wherever the system puts them.
    pub processors: Vec<usize>,
}

impl Default for MediaConfig {
    fn default() -> Self {
        Self {
            threads: 1,
            tick: Duration::from_millis(2),
            media_timeout: Duration::from_secs(30),
            recordings: RecorderConfig::default(),
            codec_threads: 1,
            opus: OpusSettings::default(),
            realtime: false,
            processors: Vec::new(),
        }
    }
}

/// How recordings are written.
#[derive(Clone, Debug)]
pub struct RecorderConfig {
    /// The root of all recordings; its file system's free space is the one that is watched.
    pub directory: PathBuf,
    /// Length of one piece handed from a media thread to the writer: the most that a killed program loses,
    /// but for the reorder window of 100 ms. Between 20 ms and 4 s.
    pub chunk: Duration,
    /// Below this many free bytes nothing more is recorded, so that the event journal still has room.
    pub free_space_min_bytes: u64,
    /// Pieces that may wait for the writer, whatever the memory would allow; what comes when it is full is counted as
    /// lost.
    pub queue_chunks_max: usize,
    /// How often everything is put on the disk.
    pub sync_every: Duration,
    /// A paused recording goes on by itself after so long.
    pub pause_max: Duration,
}

impl Default for RecorderConfig {
    fn default() -> Self {
        Self {
            directory: PathBuf::from("recordings"),
            chunk: Duration::from_millis(500),
            free_space_min_bytes: 1 << 30,
            queue_chunks_max: 4096,
            sync_every: Duration::from_secs(3),
            pause_max: Duration::from_secs(90),
        }
    }
}

/// One recording: where it goes and what its side-car says besides what the recorder knows itself.
#[derive(Clone, Debug)]
pub struct RecordingSpec {
    /// `<call id>-<segment>`: the stem of both files. No path separators.
    pub id: Arc<str>,
    /// When it starts, microseconds UTC; copied to the side-car.
    pub started_wall_us: i64,
    /// The folder, year, month and day already resolved; created when missing.
    pub directory: PathBuf,
    /// Samples per second of the file: 8000, or 16,000 when a leg is wideband and the house wants that kept. Anything
    /// else is 8000. Fixed for the whole file.
    pub rate: u32,
    /// An object whose fields are merged into the side-car (call id, line, agent, ...). The recorder's own
    /// fields win over fields of the same name.
    pub sidecar: serde_json::Value,
}

//! An adaptive jitter buffer, for paths that decode. Relaying needs none: the phones at the ends have one.
//!
//! ```text
//! put(packet, now) --> [ packets in order ] --> pull(now, quiet) --> Frame | Lost | Silence | Wait
//!        \                                          |
//!         arrival against timestamp: how late do packets come, how late is played now --> Adjust
//! ```
//! **Pulling.** Whoever plays asks every 20 ms until what it got covers 20 ms, and keeps the rest of longer packets in
//! decoded form: each packet is handed out exactly once and whole, because codecs have a memory. So a packet of 60 ms
//! serves three frames and two of 10 ms serve one. `Lost`, `Silence` and `Wait` cover at most one frame.
//!
//! **Delay.** The relative delay of a packet is how much longer it took than the fastest ones of the last 20 s; the
//! *target* is what 97.5 % of the packets of the last ten seconds stayed within, at least one frame. Playing starts with
//! the first packet, without waiting (a change of path in mid-call leaves no gap), and the delay grows by itself when a
//! packet is late: what is missing is concealed, and the packet is played when it comes. Each pause in the talk
//! (comfort noise, DTX, or nothing for [`CONCEALED_MAX`] frames) sets the delay to the target. Within talk the buffer
//! only asks ([`Adjust`]): whole frames when the caller says it is quiet, a quarter of a frame when the delay is far off.
//! Who does not obey is asked again; beyond the delay limit packets are skipped. Clock skew is corrected by the same
//! means, and estimated besides ([`Stats::skew_ppm`]).
//!
//! **Restart.** Another SSRC ([`Buffer::restart`]), timestamps that go back while numbers go on, or that jump by more
//! than a second against the clock: the new stream is played from its first packet on.
//!
//! Memory: [`PACKETS_MAX`] packets of a configured size at most, allocated when first needed and used again. Relative
//! times are kept in timestamp units since any fixed point. What it is not: it knows no codec and makes no sound.

mod buffer;
mod delay;
mod store;

pub use buffer::Buffer;
pub use delay::TRANSIT_JUMP;

use core::time::Duration;

/// Packets held at once: 1.28 s of 20 ms. A further one is dropped and counted.
pub const PACKETS_MAX: usize = 64;
/// The delay never gets longer than this, whatever is configured.
pub const DELAY_MAX: Duration = Duration::from_millis(300);
/// Frames without a packet that are concealed; then it is a pause.
pub const CONCEALED_MAX: u32 = 3;

/// What a buffer is made for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Config {
    /// Timestamp units a second: 8000 for G.711, G.722 and telephone events, 48000 for Opus. Up to 192,000.
    pub clock: u32,
    /// The longest delay that is aimed at; [`DELAY_MAX`] at most, two frames at least.
    pub delay_max: Duration,
    /// Longest payload that is taken; up to 1500 bytes.
    pub payload_bytes_max: usize,
}

impl Config {
    /// For a codec with this clock: delay up to 200 ms, payloads up to 1500 bytes.
    #[must_use]
    pub fn new(clock: u32) -> Self {
        Self { clock, delay_max: Duration::from_millis(200), payload_bytes_max: 1500 }
    }
}

/// A packet as it came.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Arrived<'a> {
    /// From [`crate::sequence`].
    pub extended: u64,
    /// As received.
    pub timestamp: u32,
    /// How many timestamp units the payload plays; the codec knows. For comfort noise 0.
    pub units: u32,
    /// As received.
    pub payload: &'a [u8],
    /// A comfort-noise packet (RFC 3389): what follows is a pause.
    pub is_noise: bool,
}

/// What became of a packet.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Put {
    /// Will be played.
    Stored,
    /// Will be played; what was there before is gone, as the stream has begun anew.
    Restarted,
    /// Came after its time.
    Late,
    /// Was there before.
    Duplicate,
    /// No room: the sender is too fast, or nobody pulls.
    Full,
    /// Payload or duration beyond what is configured, or nothing in it.
    Odd,
}

/// What the caller should do to the samples of this packet, to correct the delay. Obeying in part, or not at all, is
/// allowed: the buffer sees what is still to correct.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Adjust {
    /// Play as it is.
    Keep,
    /// Leave out up to so many units: drop them when it is quiet, else compress.
    Shorten(u32),
    /// Add up to so many units: repeat them when it is quiet, else stretch.
    Lengthen(u32),
}

/// What comes next.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Pulled<'a> {
    /// Decode and play this.
    Frame {
        /// As it was put.
        payload: &'a [u8],
        /// As it was put.
        units: u32,
        /// Correction of the delay.
        adjust: Adjust,
    },
    /// Conceal so many units.
    Lost {
        /// At most a frame.
        units: u32,
        /// The payload of the very next packet, if it is there already: Opus carries the lost one in it (in-band FEC).
        /// It will come again as a `Frame`.
        next: Option<&'a [u8]>,
    },
    /// A pause in the talk: play comfort noise.
    Silence {
        /// At most a frame.
        units: u32,
        /// A comfort-noise packet that has just been reached; it describes the noise from here on.
        noise: Option<&'a [u8]>,
    },
    /// Nothing has come yet.
    Wait {
        /// A frame.
        units: u32,
    },
}

/// Counters and estimates.
#[derive(Clone, Copy, PartialEq, Debug, Default)]
pub struct Stats {
    /// Packets put, whatever became of them.
    pub received: u64,
    /// Played.
    pub played: u64,
    /// Never came, or too late: numbers left out when playing went on behind them.
    pub lost: u64,
    /// Came after their time.
    pub late: u64,
    /// Came twice.
    pub duplicates: u64,
    /// Came after a later one, in time or not.
    pub reordered: u64,
    /// Had no room.
    pub overflowed: u64,
    /// Left out to bring the delay down, or at a restart.
    pub skipped: u64,
    /// Payload or duration out of bounds.
    pub odd: u64,
    /// Units concealed.
    pub concealed_units: u64,
    /// How often the stream began anew.
    pub restarts: u64,
    /// How long the packet played last had waited, and what would have been enough, milliseconds.
    pub delay_ms: f64,
    /// The delay that is aimed at, milliseconds.
    pub target_ms: f64,
    /// How much faster the sender's clock runs than ours, parts per million; after minutes, not seconds.
    pub skew_ppm: f64,
}

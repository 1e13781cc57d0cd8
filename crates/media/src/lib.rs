//! The media engine: RTP in, RTP out, prompts, music, bridges, recordings.
//!
//! Plain threads own whole calls: epoll, one UDP socket per leg (connected once its peer is known), no lock and no
//! allocation per packet. Commands come in through a bounded queue and an eventfd, [`MediaEvent`]s go out the same
//! way. Few packets are taken one by one as they come; from [`BUSY_PACKETS_MIN`] a second on a thread wakes once per
//! tick (2 ms) and takes all that has come. Paced sources (prompts, music) belong to one of ten phases of a 20 ms frame on
//! a grid of absolute deadlines.
//!
//! What a leg hears, first that applies: a prompt ([`Command::Play`]), its bridge, music, its own echo. Sequence
//! numbers and timestamps of the outgoing stream are continuous over all changes.
//!
//! What it is not: it knows no SIP and no SDP, decides nothing about calls, and does not depend on tokio.
//!
//! ```text
//! switch -- Command --> [ worker thread ]* -- MediaEvent --> switch
//!                            | chunks of 500 ms, bounded queue
//!                            v
//!                       [ writer ] -- closed files --> [ finisher: fsync, SHA-256, side-car ] -- MediaEvent --> switch
//! ```
//! The relaying rules are RFC 3550; events are RFC 4733; nothing is sent to a source that was not validated
//! ([`careline_rtp::latch`]), only to the address of the SDP or to the latched one.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: reads the clock, owns sockets and files"
)]

pub mod archive;
mod channel;
pub mod command;
pub mod config;
pub mod engine;
pub mod event;
mod mixer;
pub mod prompts;
pub mod recorder;
pub mod remote;
mod worker;

pub use careline_audio::busy::LineTone;
pub use careline_audio::codec::CodecKind;
pub use careline_rtp::latch::Sources;
pub use command::{Command, LegId};
pub use config::{MediaConfig, RecorderConfig, RecordingSpec};
pub use engine::{Engine, MediaError, Player, QueueFull, Stats};
pub use event::{EventReceiver, LegStats, MediaEvent, Quality, Reception};
pub use prompts::{PromptError, Prompts, Sound, SoundError};
pub use recorder::manifest::{Problem, Verified, verify};
pub use recorder::repair::{Repaired, repair};
pub use remote::{Format, RemoteStream, Rtcp, StreamKeys};
pub use worker::{BUSY_PACKETS_MIN, QUIET_PACKETS_MAX};

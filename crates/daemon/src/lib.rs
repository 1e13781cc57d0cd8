//! What both programs share: logs, signals, the clock, the seed of randomness.
//!
//! What it is not: no configuration, no policy, no network. Everything here is called from `main` or handed down from
//! it; nothing is global except the log subscriber and the panic hook.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: the one place that reads the clock of the operating system"
)]

mod clock;
mod panics;
mod randomness;
mod readiness;
pub mod signals;
pub mod telemetry;

pub use clock::Clock;
pub use randomness::system_rng;
pub use readiness::{ending, ready};

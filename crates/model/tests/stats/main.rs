//! Statistics out of events: mornings that were counted by hand, random days, and journals that should not be.
#![expect(clippy::unwrap_used, reason = "helpers of tests: a panic is the finding")]

mod board;
mod definitions;
mod hostile;
mod journal;
mod later;
mod morning;
mod night;
mod properties;
mod random;
mod restart;

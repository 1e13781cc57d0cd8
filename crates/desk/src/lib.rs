//! The desk: who is calling, what was said before, and the pages people work in.
//!
//! What it is not: it carries no call. When it is away, the switch takes, queues, connects and records calls all the
//! same; what happened meanwhile is read from the switch's journal afterwards, each event exactly once.
#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: HTTP libraries bring their own maps, and one clock is read here"
)]

pub mod backup;
pub mod cli;
pub mod config;
pub mod consent;
pub mod directory;
pub mod feed;
pub mod his;
pub mod http;
pub mod hub;
pub mod identity;
pub mod live;
pub mod live_feed;
pub mod nightly;
pub mod passwords;
pub mod pop;
pub mod rights;
pub mod run;
pub mod sealing;
pub mod seed;
pub mod statistics;
pub mod storage;
pub mod surname;

//! The endpoint on a fake clock, told story by story in one program: it is linked once.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panic")]

mod admission;
mod authentication;
mod calls;
mod codec;
mod informing;
mod jain;
mod large;
mod logins;
mod lost_connections;
mod offers;
mod races;
mod refer;
mod reliable;
mod reoffers;
mod session_timers;
mod support;
mod timers;
mod torture;

//! What is shown while it happens: the board, who is told what, the follower, the directory.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

mod board;
mod directory;
mod facts;
mod feed;
#[path = "../common/place.rs"]
mod place;
mod room;

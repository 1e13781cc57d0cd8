//! The HTTP interface over a real database, with a switch that is played.
#![allow(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a test: what surprises it ends it, and it waits by the clock"
)]

mod calls;
mod consents;
mod documents;
#[path = "../live/facts.rs"]
mod facts;
mod his;
mod merges;
mod messages;
mod people;
#[path = "../common/place.rs"]
mod place;
mod play;
mod range;
mod reveal;
mod rights;
mod sign_in;
mod stream;
mod world;

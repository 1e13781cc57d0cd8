//! The HTTP interface over a real database, with a switch that is played.

mod calls;
mod documents;
#[path = "../live/facts.rs"]
mod facts;
mod people;
mod play;
mod range;
mod sign_in;
mod stream;
mod world;

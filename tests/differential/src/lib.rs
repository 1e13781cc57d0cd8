//! Our SIP codec against others: generated and damaged messages are read by all of them, and what they read is laid side
//! by side. Every difference needs a reason that shows in the message itself ([`reasons`]); and whatever the others say,
//! we refuse a message when, and only when, the table of [`faults`] has a fault in it.
//!
//! `rsip` and `rsipstack` are always asked, `rsiprtp` with the feature of that name.

pub mod compare;
pub mod faults;
pub mod generate;
pub mod grammar;
pub mod plain;
pub mod reasons;
pub mod text;
pub mod witness;

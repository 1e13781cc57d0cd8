//! Our SIP codec against others: generated and damaged messages are read by all of them, and what they read is laid side
//! by side. A difference that no line of [`reasons::TABLE`] explains is a finding.
//!
//! `rsip` and `rsipstack` are always asked, `rsiprtp` with the feature of that name.

pub mod facts;
pub mod generate;
pub mod reasons;
pub mod witness;

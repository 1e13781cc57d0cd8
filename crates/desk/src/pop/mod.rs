//! Who is calling (来电弹屏): found while the caller still hears the greeting, shown when the agent's phone rings.
//!
//! ```text
//! call offered / directory asked --> find (storage, once a call) --> Findings --> cache --.
//! offer made ------------------------------------------------------------------------------+--> Pop --> page
//! ```
//!
//! Ranking ([`rank`]) is a function; [`PopCache`] is a plain value; only [`find`] asks the database. When that fails or
//! is slow, the pop goes out with the number alone and is filled in later: a call waits for no database.

mod build;
mod cache;
mod find;
mod rank;
mod view;

pub use build::{PopCall, build};
pub use cache::{POPS_MAX, PopCache, Prepared, Summary};
pub(crate) use find::age;
pub use find::{CONTACTS_MAX, FIND_MAX, Findings, find};
pub use rank::{CANDIDATES_MAX, Claim, RankedClaim, rank};
pub use view::{Candidate, Contact, Offer, Pop, SexWord};

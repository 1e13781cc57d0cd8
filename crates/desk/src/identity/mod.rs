//! Who is whom: whether two rows speak of one person (主索引), without looking at anything else.
//!
//! Two people are compared by [`compare`]: a rule says how alike they are, guards say why they are not the same in spite
//! of it (a newborn and its mother, twins, two people who share a telephone). Nothing here joins anybody: what is
//! [`Grade::Possible`] or better goes onto a list that a person works off.
//!
//! ```text
//! rows that share something (name and birth date, number, ID number) --compare--> Comparison --> work list --> merge
//!                        storage                                        pure       storage      a person     storage
//! ```
//!
//! Sources: GB 11643 (ID numbers), the shape block - compare - grade of enterprise master patient indexes.

mod compare;
mod id_number;
mod name;

pub use compare::{Comparison, Grade, Guard, Rule, Traits, compare};
pub use id_number::{IdNumber, IdNumberError};
pub use name::{Likeness, is_anonymous, is_newborn, likeness};

/// From this score on a person is asked.
pub const REVIEW_FROM: u16 = 750;

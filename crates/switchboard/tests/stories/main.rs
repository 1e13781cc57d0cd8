//! The switchboard between simulated phones, told story by story in one program: it is linked once.

mod accounts;
mod call;
mod caller;
mod copper;
mod encryption;
mod forking;
mod keys;
mod lab;
mod late_offer;
mod phone_calls;
mod refusals;
mod shedding;
mod sound;
mod strangers;
mod trunk_terms;

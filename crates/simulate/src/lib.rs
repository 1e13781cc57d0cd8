//! The call centre on a virtual clock.
//!
//! A [`Script`] is everything that will come from outside: patients, shifts, faults, orders; [`Traffic`] writes one from a
//! seed. A [`Simulation`] lives through it with the real call centre and people who react to it, and a witness checks
//! after every step what the call centre promises. When a promise is broken, [`shrink()`] finds the shortest script that
//! breaks it too. [`erlang`] is
//! what theory says of the simplest case, [`whatif`] tells what a day would be like.
//!
//! What it is not: nothing here opens a socket, reads a clock or has a thread; hours pass as fast as they are counted.
//! Nothing here decides about calls: that is the call centre's, which does not know that it is simulated.
//!
//! ```text
//!  Script --begins--> World --inputs--> Exchange (Centre, or Switchboard with phones)
//!                       ^ people react       | actions, events, snapshot
//!                       +--------------------+----> Witness: promises, figures
//! ```

mod chance;
pub mod erlang;
pub mod ewt;
mod exchange;
pub mod figures;
mod hospital;
mod manners;
mod script;
mod shrink;
mod simulate;
mod story;
mod tampered;
mod traffic;
pub mod whatif;
mod wired;
mod witness;
mod world;

pub use hospital::{Hospital, QueueShape};
pub use manners::Manners;
pub use script::{Act, Answer, Caller, Fault, Happening, Mishap, News, Script, What, Whom, Wish};
pub use shrink::{Shrunk, shrink};
pub use simulate::{Depth, Outcome, Simulation};
pub use story::Line;
pub use traffic::Traffic;
pub use wired::Weather;
pub use witness::{ByPlan, Demand, Fairness, QueueTally, SaidWaits, Tally, Violation};

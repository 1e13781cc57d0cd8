//! What the hospital's own systems tell: patients, so that whoever calls is known by name.
//!
//! Today one door is open: HL7 version 2 over MLLP. Every message is kept as it came before it is acknowledged, with what
//! became of it; what cannot be used is parked with the reason and never blocks the next one. Stays come and go with
//! it. Appointments and results are kept and ignored, merges parked: not yet applied.
//!
//! ```text
//! HIS --TCP--> mllp::Frames --frame--> take (charset, parse, judge) --one transaction--> inbox + person, phones
//!  ^                                     pure                               storage          |
//!  '-------------------- ack, only after the commit --------------------------------------'
//! ```
//!
//! Sources: HL7 v2.3-2.8, chapters 2, 2.C (codes 0008, 0357) and 3; MLLP release 1.

pub mod ack;
mod charset;
mod header;
pub mod listener;
pub mod mllp;
mod patient;
mod reader;
mod take;
mod visit;

pub use charset::Charset;
pub use header::Header;
pub use patient::{Identifier, PatientUpsert, Phone};
pub use take::{Fault, Severity, Taken, Told, Verdict, take};
pub use visit::{Moved, VisitChange};

use careline_model::number::NumberPlan;
use jiff::tz::TimeZone;

/// What is known of one sender.
#[derive(Debug, Clone)]
pub struct Profile {
    /// Its name; identifiers of patients are told apart by it.
    pub id: String,
    /// How its bytes are to be read when a message does not say.
    pub charset: Option<Charset>,
    /// How its telephone numbers are read.
    pub numbers: NumberPlan,
    /// The zone of its times.
    pub timezone: TimeZone,
}

//! What the hospital's own systems tell: patients, so that whoever calls is known by name.
//!
//! Today one door is open: HL7 version 2 over MLLP. Every message is kept as it came before it is acknowledged, with what
//! became of it; what cannot be used is parked with the reason and never blocks the next one. Stays come and go with
//! it, and so do appointments. Results are kept and ignored, merges parked: not yet applied. What could not be used is shown to
//! supervisors, who try it again or put it aside.
//!
//! ```text
//! HIS --TCP, TLS--> mllp::Frames --frame--> take (charset, parse, judge) --> intake --one transaction--> inbox + person,
//!  ^                                          pure                          batch: pure     storage          phones, stay
//!  '------------------------- ack, only after the commit ---------------------------------------------------'
//! ```
//!
//! Sources: HL7 v2.3-2.8, chapters 2, 2.C (codes 0008, 0357) and 3; MLLP release 1.

pub mod ack;
mod appointment;
pub mod batch;
mod charset;
pub mod codes;
mod escapes;
mod header;
pub mod intake;
pub mod listener;
pub mod mllp;
mod patient;
mod reader;
mod replay;
mod shown;
mod take;
pub mod tls;
mod visit;

pub use appointment::AppointmentChange;
pub use charset::Charset;
pub use codes::{Codes, UnknownCode};
pub use header::Header;
pub use patient::{Identifier, PatientUpsert, Phone};
pub use replay::{REPLAYS_MAX, Replay, Replays, replay, replay_all};
pub use shown::segments;
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
    /// How strictly it is read.
    pub rules: Rules,
}

/// How strictly a sender is read. By default everything is taken that can be.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Rules {
    /// Codes of its own.
    pub codes: Codes,
    /// What becomes of a message that changes a patient whom nobody knows.
    pub unknown_patient: UnknownPatient,
    /// MSH-5 of its messages, when others are not for us.
    pub application: Option<String>,
    /// MSH-6 of its messages, when others are not for us.
    pub facility: Option<String>,
}

/// What becomes of a message that changes a patient whom nobody knows.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum UnknownPatient {
    /// The patient is made of it: feeds begin in the middle.
    #[default]
    Create,
    /// It is refused (204), and its sender has to tell of the patient first.
    Refuse,
}

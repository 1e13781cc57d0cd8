//! End-to-end stories: the built switch, phones we did not write, and proof by what was heard and journalled.
//!
//! This library is the house every story happens in; the stories are the files of `tests/`, one behaviour each. A
//! [`House`] has a trunk's address to ring from, agents with passwords, one line with a greeting, a menu (0 for a
//! person, 9 for goodbye) and a queue. Every prompt is a tone of its own, so that "the greeting was heard" is
//! arithmetic.
//!
//! What it is not: it starts nothing that was not built (`cargo xtask test e2e` builds), and it waits for nothing
//! without a deadline.

mod config;
pub mod desk;
mod house;
pub mod metrics;
pub mod phones;
pub mod rpc;
pub mod sipp;
pub mod story;

pub use config::HouseOptions;
pub use house::{House, SOON, Talk, Tls, text};
pub use story::tell;

/// The hospital's number.
pub const NUMBER: &str = "4001234567";

/// Its number that leads straight into the queue.
pub const STRAIGHT_NUMBER: &str = "4007654321";

/// Phones that dial this hear themselves.
pub const ECHO_NUMBER: &str = "9196";

/// What each prompt sounds like, Hz: apart from each other and from the voices.
pub mod prompt {
    /// `greeting`
    pub const GREETING_HZ: f64 = 350.0;
    /// `menu`
    pub const MENU_HZ: f64 = 410.0;
    /// `music`
    pub const MUSIC_HZ: f64 = 530.0;
    /// `announce`
    pub const ANNOUNCE_HZ: f64 = 470.0;
    /// `goodbye`
    pub const GOODBYE_HZ: f64 = 590.0;
    /// `echo-intro`
    pub const ECHO_INTRO_HZ: f64 = 650.0;
}

/// What each person sounds like, Hz.
pub mod voice {
    /// The patient.
    pub const PATIENT_HZ: f64 = 730.0;
    /// A second patient.
    pub const PATIENT_2_HZ: f64 = 790.0;
    /// The agent.
    pub const AGENT_HZ: f64 = 1010.0;
    /// A second agent.
    pub const AGENT_2_HZ: f64 = 1130.0;
    /// A supervisor.
    pub const SUPERVISOR_HZ: f64 = 1250.0;
    /// Somebody who was not asked.
    pub const STRANGER_HZ: f64 = 1370.0;
}

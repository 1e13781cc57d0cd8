//! Calls, IVR, queues, agents and the matcher as one pure value.

mod action;
mod centre;
mod command;
mod input;

pub use action::{Action, HangUp, RecordingDetails, Refusal, StopRinging};
pub use centre::Centre;
pub use command::CommandError;
pub use input::{Input, LegEnd, RefusedBy};

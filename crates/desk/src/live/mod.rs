//! What happens at the switches now, as pages show it: calls, queues, agents.
//!
//! [`Board`] is a plain value: a snapshot and the events after it go in, the [`Change`]s that matter to pages come out.
//! It knows no page, no person and no database; it stands still when a switch is away and says so.

mod board;
mod floor;
mod view;

pub use board::{Board, Change};
pub use floor::{AGENTS_MAX, CALLS_MAX, IVR_NODES_MAX, LiveCall, QUEUES_MAX};
pub use view::{
    AgentLive, CallLive, CallStageWord, DeviceWord, DirectionWord, IntentWord, NotReadyReason, QueueLive,
    SwitchLive, WorkWord,
};

//! Values that every part of Careline agrees on: typed ids, time, numbers, the working calendar, the configuration
//! of the switch, how a value is spoken, and the events that the switch tells the world.
//!
//! What it is not: it has no state, reads no clock and no file, and knows no protocol. Everything here is a type or
//! a pure function.

pub mod callback;
pub mod caller_name;
pub mod config;
pub mod event;
pub mod hours;
pub mod id;
pub mod number;
pub mod outbound;
pub mod quality;
pub mod screening;
pub mod snapshot;
pub mod spoken;
pub mod stats;
pub mod time;

pub use caller_name::CallerName;
pub use event::{Event, EventBody};
pub use id::{
    AgentId, CallId, CallbackId, CampaignId, ClassId, EntryId, FlowId, LegId, LineId, MailboxId, NetworkId,
    OfferId, QueueId, RecordingId, SkillId, TaskId, TrunkGroupId, TrunkId,
};
pub use number::Number;
pub use time::Now;

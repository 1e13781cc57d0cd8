//! Generated gRPC code from `proto/`, and its conversions to and from the model.
//!
//! What it is not: no server and no client of ours, no network, no policy. A new variant of
//! [`careline_model::EventBody`] does not compile here until somebody decides how it goes over the wire.
//!
//! Reading is strict where a wrong value would become a wrong fact (ids, unset enums), and says which field it was.

mod agents;
mod callbacks;
mod campaigns;
mod configuration;
mod enums;
mod events;
mod hours;
mod people;
mod quality;
mod screening;
mod snapshot;
mod surveys;
mod voicemail;
mod waiting;

pub use campaigns::{campaign_state_of, dial_result_of};
pub use events::{Fact, Received, body_from_model};
pub use hours::opening_of;
pub use people::mode_of;
pub use screening::list_of;
pub use voicemail::message_state_of;

/// The code that is generated from `proto/`.
#[allow(
    missing_docs,
    clippy::all,
    clippy::allow_attributes_without_reason,
    unused_qualifications,
    reason = "generated; the comments stand in proto/"
)]
pub mod proto {
    /// Numbered facts.
    pub mod switch_events {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.switch_events.v1");
        }
    }
    /// What may be asked of the switch now.
    pub mod switch_control {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.switch_control.v1");
        }
    }
    /// What an administrator may ask of the switch.
    pub mod switch_admin {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.switch_admin.v1");
        }
    }
    /// What a switch counts of its own events.
    pub mod switch_statistics {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.switch_statistics.v1");
        }
    }
    /// How others hear recordings.
    pub mod recordings {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.recordings.v1");
        }
    }
    /// What the desk knows of people, for the switch.
    pub mod directory {
        /// Version 1.
        pub mod v1 {
            tonic::include_proto!("careline.directory.v1");
        }
    }
}

/// A message that does not say what its `.proto` demands.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ConversionError {
    /// A field that must be there is not, or an enum is unset or of a later version.
    #[error("{0} is missing or unknown")]
    Missing(&'static str),
    /// A field has a value that cannot be.
    #[error("{0} has an impossible value")]
    Invalid(&'static str),
}

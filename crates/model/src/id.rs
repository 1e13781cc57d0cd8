//! Typed ids: one type for each kind of thing, so that a queue cannot be passed as an agent.

use rand_core::RngCore;
use serde::{Deserialize, Serialize};
use std::fmt;
use std::sync::Arc;

macro_rules! text_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(Arc<str>);

        impl $name {
            /// Takes the configured name as it stands.
            pub fn new(text: impl Into<Arc<str>>) -> Self {
                Self(text.into())
            }

            /// The name as configured.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl From<&str> for $name {
            fn from(text: &str) -> Self {
                Self(text.into())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!(stringify!($name), "({})"), self.0)
            }
        }
    };
}

text_id!(
    /// An agent: the user part of the phone's address and of the digest user name.
    AgentId
);
text_id!(
    /// A queue.
    QueueId
);
text_id!(
    /// A network that the switch stands in.
    NetworkId
);
text_id!(
    /// An IVR programme.
    FlowId
);
text_id!(
    /// A line: one dialled number of the hospital.
    LineId
);
text_id!(
    /// A trunk: a carrier or a PBX known by its address.
    TrunkId
);
text_id!(
    /// A group of trunks that calls go out through.
    TrunkGroupId
);
text_id!(
    /// A class of service: what its holders may dial.
    ClassId
);
text_id!(
    /// A skill: something that an agent can do and a call may ask for, as a language.
    SkillId
);
text_id!(
    /// A mailbox for voice messages.
    MailboxId
);
text_id!(
    /// A campaign: calls that the house makes for one purpose.
    CampaignId
);
text_id!(
    /// A task of a campaign, named by whoever gives it.
    TaskId
);
text_id!(
    /// A recording: `<call id>-<segment>`, also the stem of its file.
    RecordingId
);

text_id!(
    /// A callback: our own ids are those of the calls that asked, others come from the programs that ask.
    CallbackId
);

/// A call: one person's concern from the first ring to the last report. A version 7 UUID, so that ids sort by time.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct CallId(pub uuid::Uuid);

impl CallId {
    /// A new id from the wall clock and the generator passed in.
    pub fn new(wall_us: i64, rng: &mut dyn RngCore) -> Self {
        let mut random = [0_u8; 10];
        rng.fill_bytes(&mut random);
        let millis = u64::try_from(wall_us / 1000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid())
    }

    /// No call that began at `wall_us` or later has a smaller id.
    #[must_use]
    pub fn earliest(wall_us: i64) -> Self {
        let millis = u64::try_from(wall_us / 1000).unwrap_or(0);
        Self(uuid::Builder::from_unix_timestamp_millis(millis, &[0; 10]).into_uuid())
    }

    /// A number of 64 random bits of the id; groups the media of one call on one thread.
    #[must_use]
    pub fn low_bits(self) -> u64 {
        self.0.as_u64_pair().1
    }
}

impl fmt::Display for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl fmt::Debug for CallId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CallId({})", self.0)
    }
}

impl std::str::FromStr for CallId {
    type Err = uuid::Error;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        text.parse().map(Self)
    }
}

macro_rules! number_id {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(transparent)]
        pub struct $name(pub u64);

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.fmt(f)
            }
        }
    };
}

number_id!(
    /// A leg: one SIP dialog with its media. Unique within one run of the switch.
    LegId
);
number_id!(
    /// A queue entry: one stay of a call in a queue. Unique within one run of the switch.
    EntryId
);
number_id!(
    /// An offer: one lease of an agent for a call. Unique within one run of the switch.
    OfferId
);

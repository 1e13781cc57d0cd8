//! The switch as a program: sockets, the driver, the event journal, gRPC, and what happens at start and end.
//!
//! What it is not: it decides nothing. Every decision is made by `careline_switchboard`, which is fed and obeyed by
//! one task, the [`driver`]:
//!
//! ```text
//! sockets --+                          +--> sockets
//! media   --+--> driver: switchboard --+--> media engine
//! gRPC    --+       (one task)         +--> journal --> subscribers
//! desk    --+                          +--> desk (who may be calling)
//! ```

#![allow(
    clippy::disallowed_types,
    clippy::disallowed_methods,
    reason = "an edge: it reads the clock and keeps maps that never reach a decision"
)]

pub mod boundary;
pub mod cli_bans;
pub mod cli_config;
pub mod cli_events;
pub mod cli_quality;
pub mod cli_recordings;
pub mod cli_trace;
pub mod cli_trunks;
pub mod configuration;
pub mod descriptors;
pub mod directory_client;
pub mod driver;
pub mod flow_client;
pub mod grpc;
pub mod journal;
pub mod keeper;
pub mod keeping;
pub mod kept;
pub mod kept_messages;
pub mod lateness;
pub mod media_glue;
pub mod metrics;
pub mod ports;
pub mod recovery;
pub mod run;
pub mod startup;
pub mod statistics;
pub mod trace;
pub mod transport;
pub mod trunk_check;

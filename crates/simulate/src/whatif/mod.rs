//! What would a day be like? For supervisors: queues, staff and traffic in, service level, speed of answer, abandoned
//! callers and occupancy out. The day is not computed, it is lived through a few times with the real call centre, so that
//! agents of several queues, impatient callers and wrap-up count as they do in truth.

mod forecast;
mod given;

pub use forecast::{Forecast, QueueForecast};
pub use given::Refused;

/// A day that is asked about.
#[derive(Debug, Clone)]
pub struct WhatIf {
    pub(crate) interval_s: u64,
    /// How long agents need to answer, seconds.
    pub(crate) answer_s: f64,
    pub(crate) queues: Vec<Queue>,
    pub(crate) staff: Vec<Staff>,
}

#[derive(Debug, Clone)]
pub(crate) struct Queue {
    pub(crate) id: String,
    /// Callers in each interval.
    pub(crate) arrivals: Vec<f64>,
    pub(crate) talk_s: f64,
    pub(crate) talk_variation: f64,
    pub(crate) wrap_up_s: u32,
    /// Mean; they wait for ever when absent.
    pub(crate) patience_s: Option<f64>,
    pub(crate) target_s: u32,
    pub(crate) short_abandon_s: u32,
}

/// Agents who serve the same queues.
#[derive(Debug, Clone)]
pub(crate) struct Staff {
    /// By number.
    pub(crate) queues: Vec<usize>,
    /// How many are there in each interval.
    pub(crate) agents: Vec<usize>,
}

//! The pop of a call from what the switch said and what the database knows.

use super::find::Findings;
use super::view::Pop;
use crate::live::LiveCall;
use crate::storage::Interaction;
use careline_model::number::place_of;
use careline_model::{CallId, CallerName, Number};

/// What the switch said of a call, live or later.
#[derive(Debug, Clone, PartialEq)]
pub struct PopCall {
    /// The call.
    pub call: CallId,
    /// The caller's number, whole.
    pub caller: Number,
    /// What the network sent as a name.
    pub caller_name: CallerName,
    /// The line.
    pub line: String,
    /// Advertising medium of the dialled number.
    pub medium: String,
    /// The queue.
    pub queue: Option<String>,
    /// Since when the caller waits; nothing when that is over for long.
    pub waited_since_us: Option<i64>,
    /// Nodes of the menu that were passed.
    pub ivr: Vec<String>,
}

impl PopCall {
    /// A call that has not ended.
    #[must_use]
    pub fn live(call: CallId, live: &LiveCall) -> Self {
        Self {
            call,
            caller: live.caller.clone(),
            caller_name: live.caller_name.clone(),
            line: live.line.as_str().to_owned(),
            medium: live.medium.clone(),
            queue: live.queue.as_ref().map(|queue| queue.as_str().to_owned()),
            waited_since_us: live.waiting_since_us,
            ivr: live.ivr.clone(),
        }
    }

    /// A call of the history.
    #[must_use]
    pub fn past(call: CallId, interaction: &Interaction) -> Self {
        Self {
            call,
            caller: Number::from(interaction.caller.as_str()),
            caller_name: CallerName::from(interaction.caller_name.as_str()),
            line: interaction.line.clone(),
            medium: interaction.medium.clone(),
            queue: interaction.queue.clone(),
            waited_since_us: None,
            ivr: Vec::new(),
        }
    }
}

/// The pop; without findings it shows the number alone and says that it is stale.
#[must_use]
pub fn build(call: PopCall, findings: Option<&Findings>) -> Pop {
    let stale = findings.is_none();
    let Findings { candidates, number_contacts, chosen } = findings.cloned().unwrap_or_default();
    Pop {
        call: call.call.to_string(),
        caller_masked: call.caller.masked(),
        withheld: call.caller.is_withheld(),
        caller_name: call.caller_name.as_str().to_owned(),
        place: place_of(&call.caller).map(|place| place.to_string()).unwrap_or_default(),
        line: call.line,
        medium: call.medium,
        queue: call.queue,
        waited_since_us: call.waited_since_us,
        ivr: call.ivr,
        candidates,
        number_contacts,
        chosen,
        stale,
    }
}

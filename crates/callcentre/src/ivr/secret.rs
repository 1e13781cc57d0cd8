//! Keys that are nobody's business: a patient's number, a code. Events show `*` for them, and recordings no tone.
//!
//! ```text
//! not secret --enters a secret question, or what is said right before one--> secret
//!     ^------another question is entered, or the caller talks to somebody-----------------'
//! ```
//!
//! They stay secret behind the question, so that the last keys of an answer that was cut short are not shown either, and
//! begin before it, because who knows the question answers early.

use crate::action::Action;
use crate::centre::Centre;
use careline_model::CallId;
use careline_model::config::plan::{Flow, Node};
use std::sync::Arc;

/// Whether keys are a secret from this node on; nothing when it changes nothing.
pub(super) fn secrecy_of(name: &Arc<str>, flow: &Flow) -> Option<bool> {
    let is_question = flow.nodes.get(name).is_some_and(|node| node.ask().is_some());
    let secret = match flow.next_question(name)? {
        Node::Menu(menu) => menu.secret,
        Node::Collect(collect) => collect.secret,
        _ => false,
    };
    // What comes before a question may only begin the secret: what was before ends with the next question.
    if is_question { Some(secret) } else { secret.then_some(true) }
}

impl Centre {
    /// The caller's keys are a secret from now on, or no longer.
    pub(crate) fn hide_keys(&mut self, id: CallId, secret: bool) {
        let Some(call) = self.calls.get_mut(&id).filter(|call| call.keys_secret != secret) else { return };
        call.keys_secret = secret;
        let leg = call.leg;
        self.actions.push_back(Action::MaskKeys { leg, on: secret });
    }
}

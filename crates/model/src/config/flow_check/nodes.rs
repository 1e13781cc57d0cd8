//! Each kind of node: its name, and which of the readers knows its keys.

use super::Check;
use super::reader::Reader;
use crate::config::check::listed;
use crate::config::flow::NodeConfig;
use crate::config::flow_value::Written;
use crate::config::plan::{Exits, LeaveMessage, Node};
use crate::event::GreetingReason;
use crate::id::{AgentId, MailboxId};
use serde_spanned::Spanned;
use std::sync::Arc;
use std::time::Duration;

const KINDS: &str = "play, menu, collect, confirm, hours, queue, hangup, safety, set, switch, queue_state, priority, \
    language, percent, wait, loop, subflow, return, screen_data, lookup, identify, \
    voicemail, callback_offer, callback, rate";

/// How long a caller is kept for one agent when it is not said, and at most, in seconds.
const KEPT_S: u32 = 30;
const KEPT_S_MAX: u32 = 3600;

impl<'a> Check<'a, '_> {
    /// One node; nothing when not even its kind is known.
    pub(super) fn node(&mut self, name: &'a Spanned<String>, node: &'a Spanned<NodeConfig>) -> Option<Node> {
        let path = format!("node.{}", name.get_ref());
        let Some(kind) = node.get_ref().get("kind") else {
            self.wrong(name.span(), &format!("{path}.kind"), "is missing".into(), KINDS.into());
            return None;
        };
        let span = kind.span();
        let Written::Text(kind) = kind.get_ref() else {
            self.wrong(span, &format!("{path}.kind"), "is no text".into(), KINDS.into());
            return None;
        };
        let names = (path, format!("a {kind} node"));
        let mut reader = Reader::new(self, names, &node.get_ref().0, span.clone());
        let read = reader.of_kind(kind);
        if read.is_none() && !KINDS.split(", ").any(|known| known == kind) {
            reader.wrong(span, "kind", format!("`{kind}` is no kind of node"), KINDS);
            return None;
        }
        reader.finish();
        read
    }
}

impl Reader<'_, '_, '_> {
    fn of_kind(&mut self, kind: &str) -> Option<Node> {
        Some(match kind {
            "play" => {
                let interruptible = self.flag_after_prompts();
                let prompts = self.needed_prompts("prompts", interruptible);
                let short = self.optional_prompts("short", interruptible);
                Node::Play { prompts, short, next: self.node("next") }
            }
            "menu" => Node::Menu(self.menu()),
            "collect" => Node::Collect(self.collect()),
            "confirm" => Node::Confirm(self.confirm()),
            "hours" => {
                let all = listed(self.check.known.hours.keys());
                let hours = self.text("hours", &all);
                if let Some((hours, span)) =
                    hours.clone().filter(|(hours, _)| !self.check.known.hours.contains_key(*hours))
                {
                    self.wrong(span, "hours", format!("hours `{hours}` are not known"), all);
                }
                let hours = hours.map_or("", |(hours, _)| hours).into();
                let (open, closed) = (self.node("open"), self.node("closed"));
                let emergency = self.optional_node("emergency").unwrap_or_else(|| closed.clone());
                Node::Hours { hours, open, closed, emergency }
            }
            "queue" => {
                let queue = self.queue_id();
                let agent = self.kept_for();
                let prompts = self.prompts("prompts", false);
                Node::Queue { queue, agent, prompts, exits: Arc::new(self.exits()) }
            }
            "hangup" => Node::Hangup { prompts: self.prompts("prompts", false) },
            "safety" => Node::Safety(self.safety()),
            "set" => self.set(),
            "switch" => return self.switch(),
            "queue_state" => self.queue_state(),
            "priority" => self.priority(),
            "language" => {
                let language = self.language();
                Node::Language { language, next: self.node("next") }
            }
            "percent" => self.percent(),
            "wait" => self.wait(),
            "loop" => self.repeat(),
            "subflow" => self.subflow(),
            "return" => Node::Return,
            "screen_data" => self.screen_data(),
            "lookup" => self.look_up(None),
            "identify" => self.look_up(Some("identify")),
            "voicemail" => self.leave_message(),
            "callback_offer" => Node::CallbackOffer(self.callback_offer()),
            "callback" => Node::Callback(self.callback()),
            "rate" => Node::Rate(self.rate()),
            _ => return None,
        })
    }

    /// Whom a caller of this node is for.
    fn kept_for(&mut self) -> Option<(AgentId, Duration)> {
        let all = listed(self.check.known.agents.iter());
        let agent = self.optional_text("agent", &all);
        let seconds = u64::from(self.amount("agent_s", KEPT_S, 1, KEPT_S_MAX));
        let written = self.is_written("agent_s");
        let Some((name, span)) = agent else {
            if written {
                self.wrong_here("agent", "is missing beside agent_s", all);
            }
            return None;
        };
        if !self.check.known.agents.contains(name) {
            self.wrong(span, "agent", format!("agent `{name}` is not known"), all);
        }
        Some((AgentId::from(name), Duration::from_secs(seconds)))
    }

    fn leave_message(&mut self) -> Node {
        let all = listed(self.check.known.mailboxes.iter());
        let mailbox = self.text("mailbox", &all);
        if let Some((name, span)) =
            mailbox.clone().filter(|(name, _)| !self.check.known.mailboxes.contains(name))
        {
            self.wrong(span, "mailbox", format!("mailbox `{name}` is not known"), all);
        }
        let mailbox = MailboxId::from(mailbox.map_or("", |(name, _)| name));
        let written = self.is_written("reason");
        self.optional("reason");
        let reason = if written { self.word("reason", &GreetingReason::ALL) } else { None };
        let next = self.node("next");
        let nothing = self.optional_node("nothing").unwrap_or_else(|| next.clone());
        Node::Voicemail(LeaveMessage { mailbox, reason, next, nothing })
    }

    /// The ways out of a queue.
    fn exits(&mut self) -> Exits {
        let timeout = self.node("timeout");
        let full = self.optional_node("full").unwrap_or_else(|| timeout.clone());
        let mut other = |key| self.optional_node(key).unwrap_or_else(|| full.clone());
        let (empty, closed, overflow) = (other("empty"), other("closed"), other("overflow"));
        let keys = if self.is_written("keys") { self.answers("keys", 1) } else { Vec::new() };
        let keys = keys.into_iter().filter_map(|(key, node)| Some((key.chars().next()?, node))).collect();
        Exits { timeout, full, empty, closed, overflow, keys }
    }
}

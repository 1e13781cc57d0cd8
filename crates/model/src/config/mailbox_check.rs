//! `[voicemail]` and `[[mailbox]]`: every box has one owner, a greeting, and limits that leave room for a message.

use super::check::{Check, listed};
use super::mailbox::{MailboxConfig, VoicemailConfig};
use super::plan::{Agent, Mailbox, MailboxOwner, Queue, Voicemail, VoicemailWords};
use super::switch::SwitchConfig;
use crate::event::GreetingReason;
use crate::hours::WeeklyHours;
use crate::id::{AgentId, MailboxId, QueueId};
use serde_spanned::Spanned;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// Longest message, in seconds: it is kept in memory while it is heard.
const MESSAGE_S_MAX: u32 = 600;
/// Longest silence within one, in seconds.
const SILENCE_S_MAX: u32 = 60;
/// Most messages of one box.
const MESSAGES_MAX: u32 = 1000;
/// Most mailboxes.
const MAILBOXES_MAX: usize = 1000;
/// Longest time to handle a message: 30 days, in minutes.
const DUE_MIN_MAX: u32 = 43_200;
/// Most wrong PINs.
const PIN_TRIES_MAX: u32 = 10;
/// Longest lock: a day, in minutes.
const LOCK_MIN_MAX: u32 = 1440;
/// Most prompts of one greeting.
const GREETING_MAX: usize = 10;

/// What a mailbox may refer to.
pub(super) struct Owners<'a> {
    pub(super) hours: &'a BTreeMap<Arc<str>, WeeklyHours>,
    pub(super) queues: &'a BTreeMap<QueueId, Queue>,
    pub(super) agents: &'a BTreeMap<AgentId, Agent>,
}

impl Check<'_> {
    pub(super) fn mailboxes(
        &mut self,
        config: &SwitchConfig,
        owners: &Owners<'_>,
    ) -> BTreeMap<MailboxId, Mailbox> {
        let mut mailboxes = BTreeMap::new();
        for written in &config.mailbox {
            let id: MailboxId = self.unique("mailbox.id", &written.id, &mailboxes);
            if mailboxes.len() == MAILBOXES_MAX {
                self.wrong("mailbox.id", &written.id, "is one too many", format!("up to {MAILBOXES_MAX}"));
            }
            let mailbox = self.mailbox(id.clone(), written, owners);
            mailboxes.insert(id, mailbox);
        }
        mailboxes
    }

    fn mailbox(&mut self, id: MailboxId, written: &MailboxConfig, owners: &Owners<'_>) -> Mailbox {
        let owner = self.mailbox_owner(written, owners);
        let hours = written.hours.as_ref().map(|hours| {
            let text = hours.get_ref().as_str();
            if !owners.hours.contains_key(text) {
                let what = format!("hours `{text}` are not known");
                self.wrong("mailbox.hours", hours, what, listed(owners.hours.keys()));
            }
            Arc::from(text)
        });
        let busy = self.greeting("mailbox.busy", &written.busy);
        let closed = written.closed.as_ref().map(|said| self.greeting("mailbox.closed", said));
        let closed = closed.unwrap_or_else(|| busy.clone());
        let holiday = written.holiday.as_ref().map(|said| self.greeting("mailbox.holiday", said));
        let holiday = holiday.unwrap_or_else(|| closed.clone());
        let min = self.amount("mailbox.min_s", &written.min_s, 1, MESSAGE_S_MAX);
        let max = self.amount("mailbox.max_s", &written.max_s, 5, MESSAGE_S_MAX);
        if min >= max {
            self.wrong("mailbox.min_s", &written.min_s, "is no less than max_s", format!("less than {max}"));
        }
        let silence = self.amount("mailbox.silence_s", &written.silence_s, 2, SILENCE_S_MAX);
        let due = self.amount("mailbox.due_min", &written.due_min, 1, DUE_MIN_MAX);
        let seconds = |amount: u32| Duration::from_secs(u64::from(amount));
        Mailbox {
            id,
            name: written.name.clone(),
            owner,
            hours,
            greetings: BTreeMap::from([
                (GreetingReason::Busy, busy),
                (GreetingReason::Closed, closed),
                (GreetingReason::Holiday, holiday),
            ]),
            min: seconds(min),
            max: seconds(max),
            silence: seconds(silence),
            messages_max: self.count("mailbox.messages_max", &written.messages_max, MESSAGES_MAX),
            due: seconds(due.saturating_mul(60)),
            review: written.review,
        }
    }

    fn mailbox_owner(&mut self, written: &MailboxConfig, owners: &Owners<'_>) -> MailboxOwner {
        match (&written.queue, &written.agent) {
            (Some(queue), None) => {
                let id = QueueId::from(queue.get_ref().as_str());
                if !owners.queues.contains_key(&id) {
                    let what = format!("queue `{id}` is not known");
                    self.wrong("mailbox.queue", queue, what, listed(owners.queues.keys()));
                }
                MailboxOwner::Queue(id)
            }
            (None, Some(agent)) => {
                let id = AgentId::from(agent.get_ref().as_str());
                if !owners.agents.contains_key(&id) {
                    let what = format!("agent `{id}` is not known");
                    self.wrong("mailbox.agent", agent, what, listed(owners.agents.keys()));
                }
                MailboxOwner::Agent(id)
            }
            (Some(_), Some(_)) | (None, None) => {
                self.wrong("mailbox.queue", &written.id, "a mailbox has one owner", "one of queue, agent");
                MailboxOwner::Queue(QueueId::from(""))
            }
        }
    }

    fn greeting(&mut self, key: &str, written: &Spanned<Vec<Spanned<String>>>) -> Vec<Arc<str>> {
        let prompts = written.get_ref();
        if prompts.is_empty() || prompts.len() > GREETING_MAX {
            let what = format!("has {} prompts", prompts.len());
            self.wrong(key, written, what, format!("1 to {GREETING_MAX}: a tone alone asks for nothing"));
        }
        prompts.iter().filter_map(|prompt| self.prompt(key, Some(prompt))).collect()
    }

    /// The prompts have to be there as soon as somebody can hear them.
    pub(super) fn voicemail(&mut self, config: &SwitchConfig) -> Voicemail {
        let written = &config.voicemail;
        let number = written.number.as_ref().map(|number| {
            let text = number.get_ref();
            if text.is_empty() || !text.chars().all(|c| c.is_ascii_digit() || matches!(c, '*' | '#')) {
                self.wrong("voicemail.number", number, format!("`{text}` is no number"), "digits, * and #");
            }
            if *text == *config.echo_number.get_ref()
                || config.agent.iter().any(|agent| agent.id.get_ref() == text)
            {
                self.wrong(
                    "voicemail.number",
                    number,
                    format!("`{text}` is somebody else's"),
                    "another number",
                );
            }
            text.clone()
        });
        let lock = self.amount("voicemail.pin_lock_min", &written.pin_lock_min, 1, LOCK_MIN_MAX);
        Voicemail {
            number,
            pin_tries: self.amount("voicemail.pin_tries", &written.pin_tries, 1, PIN_TRIES_MAX),
            pin_lock: Duration::from_secs(u64::from(lock) * 60),
            words: if config.mailbox.is_empty() {
                VoicemailWords::default()
            } else {
                self.voicemail_words(written)
            },
        }
    }

    fn voicemail_words(&mut self, written: &VoicemailConfig) -> VoicemailWords {
        let mut word = |key: &str, prompt: &Spanned<String>| {
            self.prompt(&format!("voicemail.{key}"), Some(prompt)).unwrap_or_default()
        };
        VoicemailWords {
            beep: word("beep", &written.beep),
            review: word("review", &written.review),
            urgent: word("urgent", &written.urgent),
            saved: word("saved", &written.saved),
            short: word("short", &written.short),
            pin: word("pin", &written.pin),
            pin_wrong: word("pin_wrong", &written.pin_wrong),
            pin_locked: word("pin_locked", &written.pin_locked),
            none: word("none", &written.none),
            next: word("next", &written.next),
            message: word("message", &written.message),
            handled: word("handled", &written.handled),
        }
    }
}

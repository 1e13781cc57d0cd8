//! `[voicemail]` and `[[mailbox]]` as they are written.

use super::switch::unwritten;
use serde::Deserialize;
use serde_spanned::Spanned;

/// `[voicemail]`: what all mailboxes have in common.
#[derive(Debug, Clone, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VoicemailConfig {
    /// A phone that dials it hears its agent's messages.
    pub number: Option<Spanned<String>>,
    /// Wrong PINs in a row after which it is locked.
    pub pin_tries: Spanned<u32>,
    /// For so many minutes.
    pub pin_lock_min: Spanned<u32>,
    /// The tone after which the caller speaks.
    pub beep: Spanned<String>,
    /// What the keys 1 to 4 do with the message.
    pub review: Spanned<String>,
    /// The message is marked urgent.
    pub urgent: Spanned<String>,
    /// The message is kept.
    pub saved: Spanned<String>,
    /// Nothing was heard.
    pub short: Spanned<String>,
    /// Asks an agent for her PIN.
    pub pin: Spanned<String>,
    /// It was wrong.
    pub pin_wrong: Spanned<String>,
    /// It was wrong too often.
    pub pin_locked: Spanned<String>,
    /// No message is left.
    pub none: Spanned<String>,
    /// Said before a message.
    pub next: Spanned<String>,
    /// What the keys 1 to 3 do with it.
    pub message: Spanned<String>,
    /// It is marked as handled.
    pub handled: Spanned<String>,
}

impl Default for VoicemailConfig {
    fn default() -> Self {
        let prompt = |id: &str| unwritten(id.to_owned());
        Self {
            number: None,
            pin_tries: unwritten(3),
            pin_lock_min: unwritten(15),
            beep: prompt("beep"),
            review: prompt("voicemail-review"),
            urgent: prompt("voicemail-urgent"),
            saved: prompt("voicemail-saved"),
            short: prompt("voicemail-short"),
            pin: prompt("pin"),
            pin_wrong: prompt("pin-wrong"),
            pin_locked: prompt("pin-locked"),
            none: prompt("voicemail-none"),
            next: prompt("voicemail-next"),
            message: prompt("voicemail-message"),
            handled: prompt("voicemail-handled"),
        }
    }
}

/// `[[mailbox]]`: exactly one of `queue` and `agent`.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailboxConfig {
    /// Its id, which flows refer to.
    pub id: Spanned<String>,
    /// The name on screens.
    pub name: String,
    /// The queue whose agents have its messages.
    #[serde(default)]
    pub queue: Option<Spanned<String>>,
    /// The agent who has its messages.
    #[serde(default)]
    pub agent: Option<Spanned<String>>,
    /// Opening hours: which greeting is heard.
    #[serde(default)]
    pub hours: Option<Spanned<String>>,
    /// Said before the tone while the house is open.
    pub busy: Spanned<Vec<Spanned<String>>>,
    /// Said when it is closed; as `busy` when absent.
    #[serde(default)]
    pub closed: Option<Spanned<Vec<Spanned<String>>>>,
    /// Said on special days; as `closed` when absent.
    #[serde(default)]
    pub holiday: Option<Spanned<Vec<Spanned<String>>>>,
    /// Shortest message, seconds.
    #[serde(default = "min_s")]
    pub min_s: Spanned<u32>,
    /// Longest message, seconds.
    #[serde(default = "max_s")]
    pub max_s: Spanned<u32>,
    /// A silence that ends it, seconds.
    #[serde(default = "silence_s")]
    pub silence_s: Spanned<u32>,
    /// Messages that are not handled.
    #[serde(default = "messages_max")]
    pub messages_max: Spanned<u32>,
    /// To be handled within so many minutes.
    #[serde(default = "due_min")]
    pub due_min: Spanned<u32>,
    /// The caller may hear, repeat and mark her message.
    #[serde(default = "yes")]
    pub review: bool,
}

fn min_s() -> Spanned<u32> {
    unwritten(2)
}

fn max_s() -> Spanned<u32> {
    unwritten(180)
}

fn silence_s() -> Spanned<u32> {
    unwritten(6)
}

fn messages_max() -> Spanned<u32> {
    unwritten(100)
}

fn due_min() -> Spanned<u32> {
    unwritten(240)
}

fn yes() -> bool {
    true
}

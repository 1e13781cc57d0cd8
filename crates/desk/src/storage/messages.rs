//! Messages that callers left. The sound stays at the switch.

use super::sql::query;
use super::{Result, Store, classified, limited};
use sqlx::FromRow;

/// One message, with who left it.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct MessageRow {
    /// Of its recording.
    pub id: String,
    /// The call that left it.
    pub call_id: String,
    /// Where it can be heard.
    pub switch_id: String,
    /// Its box.
    pub mailbox: String,
    /// The queue whose agents have it.
    pub queue: Option<String>,
    /// Whose it is, when it is one person's.
    pub agent: Option<String>,
    /// Canonical number of the caller, whole; empty when withheld.
    pub caller: String,
    /// When, UTC microseconds.
    pub left_us: i64,
    /// Length in milliseconds.
    pub duration_ms: i64,
    /// The caller says that it cannot wait.
    pub urgent: bool,
    /// When it is to be handled at the latest, UTC microseconds.
    pub due_us: i64,
    /// `open`, `claimed`, `handled` or `archived`.
    pub state: String,
    /// Who works on it, or decided last.
    pub holder: Option<String>,
    /// Since when, UTC microseconds.
    pub state_us: i64,
}

/// Which messages.
#[derive(Debug, Clone, Default)]
pub struct MessageFilter {
    /// Those that this agent may see: of queues, and her own. All when absent.
    pub agent: Option<String>,
    /// Those that are handled; otherwise those that are not.
    pub handled: bool,
}

macro_rules! messages {
    ($where:literal) => {
        concat!(
            "SELECT m.id, m.call_id, m.switch_id, m.mailbox, m.queue, m.agent, COALESCE(i.caller, '') AS caller, \
             m.left_us, m.duration_ms, m.urgent, m.due_us, m.state, m.holder, m.state_us \
             FROM voice_message m LEFT JOIN interaction i ON i.call_id = m.call_id WHERE ",
            $where
        )
    };
}

/// $1 the agent, $2 how many.
const HANDLED: &str = messages!(
    "($1 IS NULL OR m.agent IS NULL OR m.agent = $1) AND m.state = 'handled' \
     ORDER BY m.state_us DESC, m.id LIMIT $2"
);
/// $1 the agent, $2 how many.
const NOT_HANDLED: &str = messages!(
    "($1 IS NULL OR m.agent IS NULL OR m.agent = $1) AND m.state <> 'handled' \
     ORDER BY m.urgent DESC, m.due_us, m.id LIMIT $2"
);
/// $1 its id.
const ONE: &str = messages!("m.id = $1");

impl Store {
    /// Messages: those that are not handled with the urgent ones first, then by their due time; or those that are, the
    /// latest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn messages(&self, filter: &MessageFilter, limit: usize) -> Result<Vec<MessageRow>> {
        let sql = if filter.handled { HANDLED } else { NOT_HANDLED };
        let query = query(sql).bind(&filter.agent).bind(limited(limit));
        query.fetch_all(&self.reader).await.map_err(classified)
    }

    /// One message.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn message(&self, id: &str) -> Result<Option<MessageRow>> {
        query(ONE).bind(id).fetch_optional(&self.reader).await.map_err(classified)
    }
}

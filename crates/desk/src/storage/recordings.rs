//! Which recordings there are. The sound itself stays at the switch.

use super::sql::query;
use super::{Result, Store, classified};
use sqlx::FromRow;

/// One segment of a recorded conversation.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct RecordingRow {
    /// `<call id>-<segment>`.
    pub id: String,
    /// The call.
    pub call_id: String,
    /// Where it can be heard.
    pub switch_id: String,
    /// Its beginning, UTC microseconds.
    pub started_us: Option<i64>,
    /// When its file was closed, UTC microseconds; absent while it is being written.
    pub finished_us: Option<i64>,
    /// Length in milliseconds.
    pub duration_ms: Option<i64>,
    /// Size of the file.
    pub bytes: Option<i64>,
    /// False when a part is missing.
    pub complete: Option<bool>,
    /// Why a part is missing, for operators.
    pub trouble: Option<String>,
}

impl Store {
    /// The recordings of a call, in order.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn recordings_of(&self, call_id: &str) -> Result<Vec<RecordingRow>> {
        let sql = "SELECT id, call_id, switch_id, started_us, finished_us, duration_ms, bytes, complete, trouble \
                   FROM recording WHERE call_id = $1 ORDER BY started_us NULLS FIRST, id";
        query(sql).bind(call_id).fetch_all(&self.reader).await.map_err(classified)
    }

    /// One recording.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn recording(&self, id: &str) -> Result<Option<RecordingRow>> {
        let sql = "SELECT id, call_id, switch_id, started_us, finished_us, duration_ms, bytes, complete, trouble \
                   FROM recording WHERE id = $1";
        query(sql).bind(id).fetch_optional(&self.reader).await.map_err(classified)
    }
}

//! Who passed a call on, and to whom.

use super::sql::query;
use super::{Result, Store, classified, limited};
use sqlx::FromRow;

/// Transfers of one call that are shown: the first ones. People pass a call on once or twice.
pub const TRANSFERS_MAX: usize = 32;

/// One transfer of a call. Times are the switch's, UTC microseconds.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct TransferRow {
    /// Who passed the party on.
    pub agent: String,
    /// The extension, or the number in canonical form, whole.
    pub target: String,
    /// The agent had spoken to the third party before.
    pub attended: bool,
    /// Its beginning.
    pub began_us: i64,
    /// Its end; nothing while the third party is rung.
    pub ended_us: Option<i64>,
    /// How it ended, in the journal's word.
    pub outcome: Option<String>,
    /// From its beginning to its end, milliseconds.
    pub ring_ms: Option<i64>,
}

/// $1 call, $2 how many.
pub(super) const TRANSFERS: &str = "SELECT agent, target, attended, began_us, ended_us, outcome, ring_ms \
     FROM transfer WHERE call_id = $1 ORDER BY began_us LIMIT $2";

impl Store {
    /// The transfers of a call in order, the first [`TRANSFERS_MAX`].
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn transfers_of(&self, call_id: &str) -> Result<Vec<TransferRow>> {
        let query = query(TRANSFERS).bind(call_id).bind(limited(TRANSFERS_MAX));
        query.fetch_all(&self.reader).await.map_err(classified)
    }
}

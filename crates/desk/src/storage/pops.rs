//! When a pop was sent and when it was on the screen.

use super::sql::query;
use super::{Result, Store};

impl Store {
    /// Notes that a pop was sent to an agent's page; a second sending of the same pop changes nothing.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn pop_sent(
        &self,
        call_id: &str,
        offer: u64,
        agent: &str,
        offered_us: i64,
        sent_us: i64,
        candidates: usize,
    ) -> Result<()> {
        let sql = "INSERT INTO pop (call_id, offer, agent, offered_us, sent_us, candidates) \
                   VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (call_id, offer) DO NOTHING";
        let query = query(sql)
            .bind(call_id)
            .bind(super::signed(offer))
            .bind(agent)
            .bind(offered_us)
            .bind(sent_us)
            .bind(super::limited(candidates));
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Notes that the pop was on the screen; the first time counts.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn pop_painted(&self, call_id: &str, offer: u64, now_us: i64) -> Result<()> {
        let sql = "UPDATE pop SET painted_us = $3 WHERE call_id = $1 AND offer = $2 AND painted_us IS NULL";
        let query = query(sql).bind(call_id).bind(super::signed(offer)).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }
}

//! Who looked at what: rows that are only ever added, each with a digest over itself and the digest before it.
//!
//! Whoever changes or takes out a row breaks the chain behind it. Cutting off its end breaks nothing: therefore the
//! newest digest is to be noted elsewhere now and then, and must still be found.

use super::sql::{Outcome, Row, query};
use super::{Result, Store, limited};
use crate::sealing::chained;

/// Rows that are looked at together.
const PAGE: usize = 5_000;

/// Something that somebody looked at or did. References only, no content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditRow {
    /// Grows by time.
    pub id: i64,
    /// UTC microseconds.
    pub at_us: i64,
    /// Who; empty for somebody who did not get in.
    pub account: String,
    /// What was done.
    pub action: String,
    /// To what kind of thing.
    pub entity: String,
    /// To which.
    pub entity_id: String,
    /// Over this row and the digest before it.
    pub digest: String,
}

/// Which rows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// Those before this one.
    pub before: Option<i64>,
    /// Of this account.
    pub account: Option<String>,
    /// About this kind of thing, and this one of them.
    pub about: Option<(String, String)>,
}

/// What following the chain found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Chain {
    /// Every row is as it was written.
    Whole {
        /// Rows.
        rows: u64,
        /// The newest digest; empty when there is no row.
        head: String,
        /// The digest that was asked for is in it.
        found: bool,
    },
    /// This row, or one right before it, was changed or taken out.
    Broken {
        /// Its id.
        id: i64,
        /// When it was written, UTC microseconds.
        at_us: i64,
    },
}

impl Store {
    /// Notes who saw or did what.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn log_access(
        &self,
        at_us: i64,
        account_id: &str,
        action: &str,
        entity: &str,
        entity_id: &str,
    ) -> Result<()> {
        self.log_accesses(at_us, account_id, action, entity, &[entity_id]).await
    }

    /// The same of several things at once.
    ///
    /// # Errors
    /// What the database refuses; then none is noted.
    pub async fn log_accesses(
        &self,
        at_us: i64,
        account_id: &str,
        action: &str,
        entity: &str,
        entity_ids: &[&str],
    ) -> Result<()> {
        let mut transaction = self.begin().await?;
        let last = query("SELECT digest FROM access_log ORDER BY id DESC LIMIT 1");
        let last: Option<String> = self.wrote(last.fetch_scalar(&mut transaction).await)?;
        let mut last = last.unwrap_or_default();
        for entity_id in entity_ids {
            last = chained(&last, &(at_us, account_id, action, entity, entity_id));
            let sql = "INSERT INTO access_log (at_us, account_id, action, entity, entity_id, digest) \
                       VALUES ($1, $2, $3, $4, $5, $6)";
            let query = query(sql).bind(at_us).bind(account_id).bind(action).bind(entity);
            self.wrote(query.bind(entity_id).bind(&last).execute(&mut transaction).await)?;
        }
        self.commit(transaction).await
    }

    /// What was done, newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn audit(&self, filter: &AuditFilter, limit: usize) -> Result<Vec<AuditRow>> {
        let (entity, entity_id) = filter.about.clone().unzip();
        let sql = "SELECT id, at_us, account_id, action, entity, entity_id, digest FROM access_log \
                   WHERE id < $1 AND ($2 IS NULL OR account_id = $2) \
                   AND ($3 IS NULL OR (entity = $3 AND entity_id = $4)) ORDER BY id DESC LIMIT $5";
        let query = query(sql).bind(filter.before.unwrap_or(i64::MAX)).bind(&filter.account);
        let rows = query.bind(entity).bind(entity_id).bind(limited(limit)).fetch_rows(&self.reader).await;
        rows.map_err(super::classified)?.iter().map(row).collect()
    }

    /// Follows the chain from its beginning; `noted` is a digest that has to be in it. Rows from before there was a
    /// chain are passed over.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn audit_chain(&self, noted: Option<&str>) -> Result<Chain> {
        let (mut last, mut head, mut rows) = (i64::MIN, String::new(), 0);
        let mut found = noted.is_none();
        loop {
            let sql = "SELECT id, at_us, account_id, action, entity, entity_id, digest FROM access_log \
                       WHERE id > $1 ORDER BY id LIMIT $2";
            let page = query(sql).bind(last).bind(limited(PAGE)).fetch_rows(&self.reader).await;
            let page = page.map_err(super::classified)?;
            for next in &page {
                let AuditRow { id, at_us, account, action, entity, entity_id, digest } = row(next)?;
                last = id;
                if digest.is_empty() && rows == 0 {
                    continue;
                }
                let right = chained(&head, &(at_us, &account, &action, &entity, &entity_id));
                if right != digest {
                    return Ok(Chain::Broken { id, at_us });
                }
                found |= noted == Some(digest.as_str());
                (head, rows) = (digest, rows + 1);
            }
            if page.len() < PAGE {
                return Ok(Chain::Whole { rows, head, found });
            }
        }
    }
}

fn row(row: &Row) -> Result<AuditRow> {
    let read = || -> Outcome<AuditRow> {
        Ok(AuditRow {
            id: row.get("id")?,
            at_us: row.get("at_us")?,
            account: row.get("account_id")?,
            action: row.get("action")?,
            entity: row.get("entity")?,
            entity_id: row.get("entity_id")?,
            digest: row.get("digest")?,
        })
    };
    read().map_err(super::classified)
}

//! From the switch's offer to the screen: what the pages themselves reported.

use super::{Database, Spread};
use anyhow::Context;
use serde::Serialize;
use std::path::Path;

/// The result.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Pops {
    /// Median from the offer at the switch to the painted page, milliseconds.
    pub pop_p50_ms: f64,
    /// 95 of 100 were faster, milliseconds.
    pub pop_p95_ms: f64,
    /// The slowest, milliseconds.
    pub pop_max_ms: f64,
    /// Pops that were painted.
    pub pops: usize,
    /// Pops that were sent and never painted: the caller left at once, or the page was away.
    pub unpainted: usize,
}

/// Reads all pops.
///
/// # Errors
/// When the database cannot be read, or nothing was painted.
pub async fn measure(database: &Path) -> anyhow::Result<Pops> {
    let mut database = Database::open(database).await?;
    let sql = "SELECT offered_us, painted_us FROM pop";
    let rows: Vec<(i64, Option<i64>)> =
        sqlx::query_as(sql).fetch_all(&mut database.0).await.context("Failed to read the pops")?;
    database.close().await?;
    let painted: Vec<i64> =
        rows.iter().filter_map(|(offered, painted)| Some((*painted)? - offered)).collect();
    let pops = painted.len();
    let spread = Spread::of(painted).context("no pop was painted")?;
    Ok(Pops {
        pop_p50_ms: spread.p50_ms,
        pop_p95_ms: spread.p95_ms,
        pop_max_ms: spread.max_ms,
        pops,
        unpainted: rows.len() - pops,
    })
}

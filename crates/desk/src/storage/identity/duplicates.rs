//! Pairs that may be one person: found by what they share, kept for somebody to decide.

use super::super::sql::{Tx, query};
use super::super::{Result, StorageError, Store, classified, limited};
use super::traits;
use crate::identity::{Grade, compare};
use jiff::civil::Date;
use sqlx::FromRow;
use std::collections::BTreeSet;

/// Numbers that are looked at together.
const NUMBERS: usize = 1_000;
/// Pairs of one block; what is beyond it shares too much to say anything.
const PAIRS_MAX: usize = 50_000;
/// Pairs written in one transaction.
const WRITE_CHUNK: usize = 500;

/// What was decided of a pair.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PairState {
    /// Nothing yet.
    Open,
    /// Somebody looked and could not say.
    Later,
    /// Two people. The pair does not come again.
    NotDuplicate,
    /// One person.
    Merged,
}

impl PairState {
    /// Its word in the table.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Later => "later",
            Self::NotDuplicate => "not_duplicate",
            Self::Merged => "merged",
        }
    }
}

/// Two people who may be one.
#[derive(Debug, Clone, PartialEq, Eq, FromRow)]
pub struct DuplicatePair {
    /// Person id that sorts first.
    pub a_id: String,
    /// The other one.
    pub b_id: String,
    /// Word of [`crate::identity::Rule`].
    pub rule: String,
    /// Thousandths.
    pub score: i64,
    /// When the newest search saw them, UTC microseconds.
    pub found_us: i64,
    /// Word of [`PairState`].
    pub state: String,
}

/// What a search did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Scan {
    /// Pairs that share something, and were compared.
    pub compared: u64,
    /// Pairs that may be one person.
    pub found: u64,
    /// Blocks of which only the first pairs were looked at.
    pub cut: u64,
}

struct Found {
    pair: (String, String),
    rule: &'static str,
    score: u16,
}

impl Store {
    /// Looks for people who may be one: those of one birth date whose names begin alike, and those of one telephone whose
    /// names do, and those of one ID number. Pairs that nobody decided and that are none any more are taken from the list.
    ///
    /// # Errors
    /// What the database refuses; what was found until then is kept.
    pub async fn find_duplicates(&self, today: Date, now_us: i64) -> Result<Scan> {
        let mut scan = Scan::default();
        self.of_one_birth(&mut scan, today, now_us).await?;
        self.of_one_number(&mut scan, today, now_us).await?;
        self.of_one_id_number(&mut scan, today, now_us).await?;
        let gone = query("DELETE FROM duplicate_pair WHERE state = 'open' AND found_us < $1").bind(now_us);
        self.wrote(gone.execute(&self.writer).await)?;
        Ok(scan)
    }

    /// Month by month.
    async fn of_one_birth(&self, scan: &mut Scan, today: Date, now_us: i64) -> Result<()> {
        let first: Option<Option<String>> = query("SELECT min(birth_date) FROM person")
            .fetch_scalar(&self.reader)
            .await
            .map_err(classified)?;
        let Some(first) = first.flatten().and_then(|date| date.get(..4)?.parse::<i16>().ok()) else {
            return Ok(());
        };
        let sql = "SELECT a.id, b.id FROM person a JOIN person b ON b.birth_date = a.birth_date \
                   AND b.name_initials = a.name_initials AND b.id > a.id WHERE a.birth_date >= $1 AND a.birth_date < $2 \
                   AND a.merged_into IS NULL AND b.merged_into IS NULL LIMIT $3";
        for year in first..=today.year() {
            for month in 1..=12 {
                let (from, to) = (format!("{year:04}-{month:02}-00"), format!("{year:04}-{month:02}-99"));
                let pairs = query(sql).bind(from).bind(to).bind(limited(PAIRS_MAX));
                let pairs = pairs.fetch_all(&self.reader).await.map_err(classified)?;
                self.look_at(pairs, scan, today, now_us).await?;
            }
        }
        Ok(())
    }

    /// A thousand numbers at a time.
    async fn of_one_number(&self, scan: &mut Scan, today: Date, now_us: i64) -> Result<()> {
        let several = "SELECT number FROM person_phone WHERE number > $1 AND shared = $2 GROUP BY number \
                       HAVING count(*) > 1 ORDER BY number LIMIT $3";
        let pairs = "SELECT x.person_id, y.person_id FROM person_phone x JOIN person_phone y ON y.number = x.number \
                     AND y.person_id > x.person_id JOIN person a ON a.id = x.person_id JOIN person b ON b.id = y.person_id \
                     WHERE x.number > $1 AND x.number <= $2 AND x.shared = $3 AND a.name_initials = b.name_initials \
                     AND a.merged_into IS NULL AND b.merged_into IS NULL LIMIT $4";
        let mut after = String::new();
        loop {
            let numbers = query(several).bind(&after).bind(false).bind(limited(NUMBERS));
            let numbers: Vec<(String,)> = numbers.fetch_all(&self.reader).await.map_err(classified)?;
            let Some((last,)) = numbers.last().cloned() else { return Ok(()) };
            let found = query(pairs).bind(&after).bind(&last).bind(false).bind(limited(PAIRS_MAX));
            let found = found.fetch_all(&self.reader).await.map_err(classified)?;
            self.look_at(found, scan, today, now_us).await?;
            after = last;
        }
    }

    async fn of_one_id_number(&self, scan: &mut Scan, today: Date, now_us: i64) -> Result<()> {
        let sql = "SELECT a.id, b.id FROM person a JOIN person b ON b.id_digest = a.id_digest AND b.id > a.id \
                   WHERE a.id_digest IS NOT NULL AND a.merged_into IS NULL AND b.merged_into IS NULL LIMIT $1";
        let pairs = query(sql).bind(limited(PAIRS_MAX)).fetch_all(&self.reader).await.map_err(classified)?;
        self.look_at(pairs, scan, today, now_us).await
    }

    async fn look_at(
        &self,
        pairs: Vec<(String, String)>,
        scan: &mut Scan,
        today: Date,
        now_us: i64,
    ) -> Result<()> {
        scan.cut += u64::from(pairs.len() >= PAIRS_MAX);
        let pairs: BTreeSet<(String, String)> = pairs.into_iter().collect();
        let pairs: Vec<(String, String)> = pairs.into_iter().collect();
        for pairs in pairs.chunks(traits::CHUNK) {
            let ids: BTreeSet<&str> = pairs.iter().flat_map(|(a, b)| [a.as_str(), b.as_str()]).collect();
            let ids: Vec<&str> = ids.into_iter().collect();
            let people = traits::of(self, &ids).await.map_err(classified)?;
            let mut found = Vec::new();
            for pair in pairs {
                let (Some(a), Some(b)) = (people.get(&pair.0), people.get(&pair.1)) else { continue };
                scan.compared += 1;
                let compared = compare(a, b, today);
                if let Some(rule) = compared.rule.filter(|_| compared.grade >= Grade::Possible) {
                    found.push(Found { pair: pair.clone(), rule: rule.as_str(), score: compared.score });
                }
            }
            scan.found += u64::try_from(found.len()).unwrap_or(u64::MAX);
            self.note_pairs(&found, now_us).await?;
        }
        Ok(())
    }

    async fn note_pairs(&self, found: &[Found], now_us: i64) -> Result<()> {
        for found in found.chunks(WRITE_CHUNK) {
            let mut transaction = self.begin().await?;
            for found in found {
                self.wrote(note_pair(&mut transaction, found, now_us).await)?;
            }
            self.commit(transaction).await?;
        }
        Ok(())
    }

    /// Pairs of a state, those that are likeliest one person first; only of people who stand for themselves.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn duplicate_pairs(&self, state: PairState, limit: usize) -> Result<Vec<DuplicatePair>> {
        let sql = "SELECT d.a_id, d.b_id, d.rule, d.score, d.found_us, d.state FROM duplicate_pair d \
                   JOIN person a ON a.id = d.a_id JOIN person b ON b.id = d.b_id WHERE d.state = $1 \
                   AND a.merged_into IS NULL AND b.merged_into IS NULL ORDER BY d.score DESC, d.a_id, d.b_id LIMIT $2";
        let pairs = query(sql).bind(state.as_str()).bind(limited(limit)).fetch_all(&self.reader).await;
        pairs.map_err(classified)
    }

    /// How many pairs are open.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn open_duplicates(&self) -> Result<i64> {
        let sql = "SELECT count(*) FROM duplicate_pair d JOIN person a ON a.id = d.a_id JOIN person b ON b.id = d.b_id \
                   WHERE d.state = 'open' AND a.merged_into IS NULL AND b.merged_into IS NULL";
        Ok(query(sql).fetch_scalar(&self.reader).await.map_err(classified)?.unwrap_or(0))
    }

    /// How many stays and how many calls somebody has.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn counts_of(&self, person_id: &str) -> Result<(i64, i64)> {
        let sql = "SELECT (SELECT count(*) FROM visit WHERE person_id = $1) AS visits, \
                   (SELECT count(*) FROM interaction_person WHERE person_id = $1) AS calls";
        let counts = query(sql).bind(person_id).fetch_optional(&self.reader).await.map_err(classified)?;
        Ok(counts.unwrap_or_default())
    }

    /// Notes what somebody decided of a pair that was found.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such a pair, or what the database refuses.
    pub async fn decide_pair(
        &self,
        (one, other): (&str, &str),
        state: PairState,
        by: &str,
        now_us: i64,
    ) -> Result<()> {
        let (a, b) = if one < other { (one, other) } else { (other, one) };
        let sql = "UPDATE duplicate_pair SET state = $3, decided_by = $4, decided_us = $5 \
                   WHERE a_id = $1 AND b_id = $2 AND state <> 'merged'";
        let decided = query(sql).bind(a).bind(b).bind(state.as_str()).bind(by).bind(now_us);
        match self.wrote(decided.execute(&self.writer).await)? {
            0 => Err(StorageError::Unknown("pair")),
            _ => Ok(()),
        }
    }
}

/// What was decided stays decided, whatever the next search thinks of it.
async fn note_pair(
    transaction: &mut Tx,
    Found { pair: (a, b), rule, score }: &Found,
    now_us: i64,
) -> super::Outcome<()> {
    let sql = "INSERT INTO duplicate_pair (a_id, b_id, rule, score, found_us, state) VALUES ($1, $2, $3, $4, $5, 'open') \
               ON CONFLICT (a_id, b_id) DO UPDATE SET rule = excluded.rule, score = excluded.score, \
               found_us = excluded.found_us";
    query(sql)
        .bind(a)
        .bind(b)
        .bind(*rule)
        .bind(i64::from(*score))
        .bind(now_us)
        .execute(transaction)
        .await
        .map(|_| ())
}

//! The history of calls as pages and pops ask for it.

use super::sql::{Outcome, Row, query};
use super::{Result, Store, classified, limited};
use sqlx::FromRow;

/// Calls of one number that are looked at to tell who spoke on it last.
const NUMBER_CALLS_MAX: i64 = 200;

/// The one statement that says who a caller was. "The only candidate" never overrules what a person said.
pub(super) const CHOOSE: &str = "INSERT INTO interaction_person (call_id, person_id, reason, account_id, at_us) \
     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (call_id) DO UPDATE SET person_id = excluded.person_id, \
     reason = excluded.reason, account_id = excluded.account_id, at_us = excluded.at_us \
     WHERE excluded.reason <> 'only' OR interaction_person.reason = 'only'";

/// One call, whole. Times are the switch's, UTC microseconds.
#[derive(Debug, Clone, PartialEq, FromRow)]
pub struct Interaction {
    /// UUID of the call.
    pub call_id: String,
    /// Which switch carried it.
    pub switch_id: String,
    /// `phone`.
    pub channel: String,
    /// `in`.
    pub direction: String,
    /// Canonical number, whole; empty when withheld.
    pub caller: String,
    /// Display name as the network sent it.
    pub caller_name: String,
    /// The dialled number.
    pub dialled: String,
    /// The line.
    pub line: String,
    /// Advertising medium of the line.
    pub medium: String,
    /// The trunk.
    pub trunk: Option<String>,
    /// The last flow.
    pub flow: Option<String>,
    /// The last queue.
    pub queue: Option<String>,
    /// The last agent who talked.
    pub agent: Option<String>,
    /// Arrival.
    pub offered_us: i64,
    /// First conversation.
    pub connected_us: Option<i64>,
    /// End.
    pub ended_us: Option<i64>,
    /// In queues, in all.
    pub wait_ms: i64,
    /// In conversation.
    pub talk_ms: i64,
    /// In all.
    pub duration_ms: i64,
    /// Why it ended.
    pub end_cause: Option<String>,
    /// Who ended it.
    pub ended_by: Option<String>,
}

/// One call in a list of earlier contacts.
#[derive(Debug, Clone, PartialEq)]
pub struct Contact {
    /// UUID of the call.
    pub call_id: String,
    /// Arrival, UTC microseconds.
    pub offered_us: i64,
    /// First conversation.
    pub connected_us: Option<i64>,
    /// End.
    pub ended_us: Option<i64>,
    /// The last agent who talked.
    pub agent: Option<String>,
    /// The last queue.
    pub queue: Option<String>,
    /// The line.
    pub line: String,
    /// Advertising medium of the line.
    pub medium: String,
    /// In conversation.
    pub talk_ms: i64,
    /// Why it ended.
    pub end_cause: Option<String>,
    /// `in`, `out` or `internal`.
    pub direction: String,
    /// What was written down.
    pub note: Option<String>,
    /// Who the caller was.
    pub person_id: Option<String>,
    /// Ids of the recordings, in order.
    pub recordings: Vec<String>,
}

/// One call in the list of calls.
#[derive(Debug, Clone, PartialEq)]
pub struct CallRow {
    /// What an earlier contact shows too.
    pub contact: Contact,
    /// Canonical number, whole; empty when withheld.
    pub caller: String,
    /// Display name as the network sent it.
    pub caller_name: String,
    /// Who the caller was: id and name.
    pub person: Option<(String, String)>,
    /// In queues, in all.
    pub wait_ms: i64,
    /// How often it was passed on, or tried to be.
    pub transfers: i64,
}

/// Which calls to list.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CallFilter {
    /// Calls in which this agent talked, also those that were passed on.
    pub agent: Option<String>,
    /// Calls that arrived before, UTC microseconds.
    pub before_us: Option<i64>,
}

impl Store {
    /// One call.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn interaction(&self, call_id: &str) -> Result<Option<Interaction>> {
        let sql = "SELECT call_id, switch_id, channel, direction, caller, caller_name, dialled, line, medium, trunk, \
             flow, queue, agent, offered_us, connected_us, ended_us, wait_ms, talk_ms, duration_ms, end_cause, \
             ended_by FROM interaction WHERE call_id = $1";
        query(sql).bind(call_id).fetch_optional(&self.reader).await.map_err(classified)
    }

    /// Earlier contacts with a person, newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn contacts_of_person(&self, person_id: &str, limit: usize) -> Result<Vec<Contact>> {
        let query = query(CONTACTS_OF_PERSON).bind(person_id).bind(limited(limit));
        contacts(&query.fetch_rows(&self.reader).await.map_err(classified)?)
    }

    /// Calls from a number that arrived before a moment, newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn contacts_of_number(
        &self,
        number: &str,
        before_us: i64,
        limit: usize,
    ) -> Result<Vec<Contact>> {
        if number.is_empty() {
            return Ok(Vec::new());
        }
        let query = query(CONTACTS_OF_NUMBER).bind(number).bind(before_us).bind(limited(limit));
        contacts(&query.fetch_rows(&self.reader).await.map_err(classified)?)
    }

    /// Who spoke on a number since a moment: person, last time in UTC microseconds, how often; newest first. Looks at
    /// the last 200 calls of the number.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn last_persons_on(&self, number: &str, since_us: i64) -> Result<Vec<(String, i64, u32)>> {
        if number.is_empty() {
            return Ok(Vec::new());
        }
        let query = query(LAST_PERSONS).bind(number).bind(since_us).bind(NUMBER_CALLS_MAX);
        let rows: Vec<(String, i64, i64)> = query.fetch_all(&self.reader).await.map_err(classified)?;
        let times = |count: i64| u32::try_from(count).unwrap_or(u32::MAX);
        Ok(rows.into_iter().map(|(person, last_us, count)| (person, last_us, times(count))).collect())
    }

    /// Calls, newest first.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn recent_calls(&self, filter: &CallFilter, limit: usize) -> Result<Vec<CallRow>> {
        let before_us = filter.before_us.unwrap_or(i64::MAX);
        let limit = limited(limit);
        let rows = match &filter.agent {
            None => query(ALL_CALLS).bind(before_us).bind(limit).fetch_rows(&self.reader).await,
            Some(agent) => {
                let query = query(CALLS_OF_AGENT).bind(before_us).bind(limit).bind(agent);
                query.fetch_rows(&self.reader).await
            }
        };
        let rows = rows.map_err(classified)?;
        rows.iter().map(call_row).collect::<std::result::Result<_, _>>().map_err(classified)
    }

    /// Whether the call was ever offered to this agent, or passed on by her.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn was_with(&self, call_id: &str, agent: &str) -> Result<bool> {
        let sql = "SELECT call_id FROM offer WHERE call_id = $1 AND agent = $2 \
                   UNION ALL SELECT call_id FROM transfer WHERE call_id = $1 AND agent = $2 LIMIT 1";
        let found = query(sql).bind(call_id).bind(agent).fetch_rows(&self.reader).await;
        Ok(!found.map_err(classified)?.is_empty())
    }

    /// Notes who the caller was. `only` (the one candidate) never overrules `chosen` or `new`.
    ///
    /// # Errors
    /// [`super::StorageError::Unknown`] without such a person, or what the database refuses.
    pub async fn choose_person(
        &self,
        call_id: &str,
        person_id: &str,
        reason: &str,
        account_id: &str,
        now_us: i64,
    ) -> Result<()> {
        // Who asks may not know of a merge yet.
        let person_id = self.living_person(person_id).await?;
        let query = query(CHOOSE).bind(call_id).bind(person_id).bind(reason).bind(account_id).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Who the caller was, and how that is known: person id and reason.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn chosen_person(&self, call_id: &str) -> Result<Option<(String, String)>> {
        let sql = "SELECT person_id, reason FROM interaction_person WHERE call_id = $1";
        query(sql).bind(call_id).fetch_optional(&self.reader).await.map_err(classified)
    }
}

/// $1 person, $2 how many.
pub(super) const CONTACTS_OF_PERSON: &str = "SELECT i.call_id, i.direction, i.offered_us, i.connected_us, i.ended_us, i.agent, i.queue, i.line, i.medium, \
             i.talk_ms, i.end_cause, n.text AS note, ip.person_id, \
             (SELECT string_agg(r.id, ' ') FROM recording r WHERE r.call_id = i.call_id) AS recordings \
             FROM interaction_person ip JOIN interaction i ON i.call_id = ip.call_id \
             LEFT JOIN note n ON n.call_id = i.call_id \
             WHERE ip.person_id = $1 ORDER BY i.offered_us DESC, i.call_id DESC LIMIT $2";

/// $1 number, $2 before, $3 how many.
pub(super) const CONTACTS_OF_NUMBER: &str = "SELECT i.call_id, i.direction, i.offered_us, i.connected_us, i.ended_us, i.agent, i.queue, i.line, i.medium, \
             i.talk_ms, i.end_cause, n.text AS note, ip.person_id, \
             (SELECT string_agg(r.id, ' ') FROM recording r WHERE r.call_id = i.call_id) AS recordings \
             FROM interaction i LEFT JOIN interaction_person ip ON ip.call_id = i.call_id \
             LEFT JOIN note n ON n.call_id = i.call_id \
             WHERE i.caller = $1 AND i.offered_us < $2 ORDER BY i.offered_us DESC LIMIT $3";

/// $1 number, $2 since, $3 calls looked at.
pub(super) const LAST_PERSONS: &str = "SELECT ip.person_id, max(seen.offered_us) AS last_us, count(*) AS times FROM ( \
             SELECT call_id, offered_us FROM interaction WHERE caller = $1 AND offered_us >= $2 \
             ORDER BY offered_us DESC LIMIT $3) AS seen \
             JOIN interaction_person ip ON ip.call_id = seen.call_id \
             GROUP BY ip.person_id ORDER BY last_us DESC, ip.person_id";

/// $1 before, $2 how many.
pub(super) const ALL_CALLS: &str = "SELECT i.call_id, i.direction, i.offered_us, i.connected_us, i.ended_us, i.agent, i.queue, i.line, \
     i.medium, i.talk_ms, i.end_cause, n.text AS note, ip.person_id, p.name AS person_name, i.caller, i.caller_name, \
     i.wait_ms, (SELECT count(*) FROM transfer t WHERE t.call_id = i.call_id) AS transfers, \
     (SELECT string_agg(r.id, ' ') FROM recording r WHERE r.call_id = i.call_id) AS recordings \
     FROM interaction i LEFT JOIN interaction_person ip ON ip.call_id = i.call_id \
     LEFT JOIN person p ON p.id = ip.person_id LEFT JOIN note n ON n.call_id = i.call_id \
     WHERE i.offered_us < $1 ORDER BY i.offered_us DESC LIMIT $2";

/// $1 before, $2 how many, $3 agent. A call that went on to another agent is also the first one's: the answered offer
/// tells, or the transfer where none brought it (dialled, or passed on to her).
pub(super) const CALLS_OF_AGENT: &str = "SELECT i.call_id, i.direction, i.offered_us, i.connected_us, i.ended_us, i.agent, i.queue, i.line, \
     i.medium, i.talk_ms, i.end_cause, n.text AS note, ip.person_id, p.name AS person_name, i.caller, i.caller_name, \
     i.wait_ms, (SELECT count(*) FROM transfer t WHERE t.call_id = i.call_id) AS transfers, \
     (SELECT string_agg(r.id, ' ') FROM recording r WHERE r.call_id = i.call_id) AS recordings \
     FROM interaction i LEFT JOIN interaction_person ip ON ip.call_id = i.call_id \
     LEFT JOIN person p ON p.id = ip.person_id LEFT JOIN note n ON n.call_id = i.call_id \
     WHERE i.offered_us < $1 AND i.call_id IN ( \
     SELECT call_id FROM (SELECT call_id FROM interaction WHERE agent = $3 AND offered_us < $1 \
     ORDER BY offered_us DESC LIMIT $2) AS talked \
     UNION SELECT call_id FROM (SELECT o.call_id FROM offer o JOIN interaction c ON c.call_id = o.call_id \
     WHERE o.agent = $3 AND o.outcome = 'answered' AND c.offered_us < $1 ORDER BY o.made_us DESC LIMIT $2) AS answered \
     UNION SELECT call_id FROM (SELECT t.call_id FROM transfer t JOIN interaction c ON c.call_id = t.call_id \
     WHERE t.agent = $3 AND c.offered_us < $1 ORDER BY t.began_us DESC LIMIT $2) AS passed_on) \
     ORDER BY i.offered_us DESC LIMIT $2";

fn contacts(rows: &[Row]) -> Result<Vec<Contact>> {
    rows.iter().map(contact).collect::<std::result::Result<_, _>>().map_err(classified)
}

fn contact(row: &Row) -> Outcome<Contact> {
    let recordings: Option<String> = row.get("recordings")?;
    let mut recordings: Vec<String> =
        recordings.unwrap_or_default().split_whitespace().map(str::to_owned).collect();
    // `<call id>-<segment>`: a shorter one comes before a longer one, so that 10 follows 9.
    recordings.sort_by(|a, b| a.len().cmp(&b.len()).then_with(|| a.cmp(b)));
    Ok(Contact {
        call_id: row.get("call_id")?,
        offered_us: row.get("offered_us")?,
        connected_us: row.get("connected_us")?,
        ended_us: row.get("ended_us")?,
        agent: row.get("agent")?,
        queue: row.get("queue")?,
        line: row.get("line")?,
        medium: row.get("medium")?,
        talk_ms: row.get("talk_ms")?,
        end_cause: row.get("end_cause")?,
        direction: row.get("direction")?,
        note: row.get("note")?,
        person_id: row.get("person_id")?,
        recordings,
    })
}

fn call_row(row: &Row) -> Outcome<CallRow> {
    let contact = contact(row)?;
    let name: Option<String> = row.get("person_name")?;
    Ok(CallRow {
        person: contact.person_id.clone().zip(name),
        contact,
        caller: row.get("caller")?,
        caller_name: row.get("caller_name")?,
        wait_ms: row.get("wait_ms")?,
        transfers: row.get("transfers")?,
    })
}

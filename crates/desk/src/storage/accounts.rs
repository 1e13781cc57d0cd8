//! Who may use the desk, who is signed in, and who looked at what.

use super::ids::new_id;
use super::{Result, StorageError, Store};
use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::sqlite::SqliteRow;
use std::fmt;
use std::str::FromStr;

/// What an account may see and do.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema, clap::ValueEnum)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Answers calls; sees their own.
    Agent,
    /// Sees everything.
    Supervisor,
}

impl Role {
    /// The word under which it is stored.
    #[must_use]
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Agent => "agent",
            Self::Supervisor => "supervisor",
        }
    }
}

impl fmt::Display for Role {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Role {
    type Err = StorageError;

    fn from_str(text: &str) -> Result<Self> {
        match text {
            "agent" => Ok(Self::Agent),
            "supervisor" => Ok(Self::Supervisor),
            _ => Err(StorageError::Unknown("role")),
        }
    }
}

/// A person who works here.
#[derive(Debug, Clone, PartialEq)]
pub struct Account {
    /// UUID.
    pub id: String,
    /// What is typed to sign in.
    pub login: String,
    /// What pages show.
    pub name: String,
    /// Rights.
    pub role: Role,
    /// The agent at the switch, for role agent.
    pub agent: Option<String>,
    /// PHC string, argon2id.
    pub password_hash: String,
    /// May not sign in any more.
    pub disabled: bool,
}

/// An account to add.
#[derive(Debug, Clone, PartialEq)]
pub struct NewAccount {
    /// What is typed to sign in.
    pub login: String,
    /// What pages show.
    pub name: String,
    /// Rights.
    pub role: Role,
    /// The agent at the switch, for role agent.
    pub agent: Option<String>,
    /// PHC string, argon2id; see [`crate::passwords`].
    pub password_hash: String,
    /// UTC microseconds.
    pub created_us: i64,
}

/// A browser that is signed in.
#[derive(Debug, Clone, PartialEq)]
pub struct SignIn {
    /// Whose.
    pub account: Account,
    /// Since when, UTC microseconds.
    pub created_us: i64,
    /// Last touched, UTC microseconds.
    pub seen_us: i64,
}

impl Store {
    /// The account with this login, also a disabled one.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>> {
        let sql =
            "SELECT id, login, name, role, agent, password_hash, disabled FROM account WHERE login = $1";
        let row = sqlx::query(sql).bind(login).fetch_optional(&self.reader).await;
        row.map_err(super::classified)?.as_ref().map(account).transpose()
    }

    /// The account with this id, also a disabled one.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn account(&self, id: &str) -> Result<Option<Account>> {
        let sql = "SELECT id, login, name, role, agent, password_hash, disabled FROM account WHERE id = $1";
        let row = sqlx::query(sql).bind(id).fetch_optional(&self.reader).await;
        row.map_err(super::classified)?.as_ref().map(account).transpose()
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let sql = "SELECT id, login, name, role, agent, password_hash, disabled FROM account ORDER BY login";
        let rows = sqlx::query(sql).fetch_all(&self.reader).await.map_err(super::classified)?;
        rows.iter().map(account).collect()
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`StorageError::LoginTaken`], [`StorageError::AgentTaken`], or what the database refuses.
    pub async fn add_account(&self, new: NewAccount) -> Result<Account> {
        let id = new_id(new.created_us)?;
        let added = sqlx::query(
            "INSERT INTO account (id, login, name, role, agent, password_hash, created_us) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        )
        .bind(&id)
        .bind(&new.login)
        .bind(&new.name)
        .bind(new.role.as_str())
        .bind(&new.agent)
        .bind(&new.password_hash)
        .bind(new.created_us)
        .execute(&self.writer)
        .await;
        if let Err(error) = &added
            && let Some(database) = error.as_database_error()
            && database.is_unique_violation()
        {
            let agent = database.message().contains("account.agent");
            return Err(if agent { StorageError::AgentTaken } else { StorageError::LoginTaken });
        }
        self.wrote(added)?;
        let NewAccount { login, name, role, agent, password_hash, created_us: _ } = new;
        Ok(Account { id, login, name, role, agent, password_hash, disabled: false })
    }

    /// Takes an account's rights, or gives them back. A disabled account's sign-ins end with it.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such a login, or what the database refuses.
    pub async fn set_disabled(&self, login: &str, disabled: bool, now_us: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        let changed = sqlx::query("UPDATE account SET disabled = $2 WHERE login = $1")
            .bind(login)
            .bind(disabled)
            .execute(&mut *transaction)
            .await;
        if self.wrote(changed)?.rows_affected() == 0 {
            return Err(StorageError::Unknown("account"));
        }
        if disabled {
            let sql = "UPDATE sign_in SET ended_us = $2 WHERE ended_us IS NULL \
                       AND account_id = (SELECT id FROM account WHERE login = $1)";
            self.wrote(sqlx::query(sql).bind(login).bind(now_us).execute(&mut *transaction).await)?;
        }
        self.commit(transaction).await
    }

    /// Notes that a browser signed in. Only the digest of its cookie is kept, lower-case hex.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such an account, or what the database refuses.
    pub async fn start_sign_in(&self, token_sha256: &str, account_id: &str, now_us: i64) -> Result<()> {
        let sql =
            "INSERT INTO sign_in (token_sha256, account_id, created_us, seen_us) VALUES ($1, $2, $3, $3)";
        let query = sqlx::query(sql).bind(token_sha256).bind(account_id).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Who is signed in with this cookie; nobody when it ended or the account is disabled. How old is too old is the
    /// asker's to say.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn sign_in(&self, token_sha256: &str) -> Result<Option<SignIn>> {
        let sql = "SELECT a.id, a.login, a.name, a.role, a.agent, a.password_hash, a.disabled, \
                   s.created_us, s.seen_us FROM sign_in s JOIN account a ON a.id = s.account_id \
                   WHERE s.token_sha256 = $1 AND s.ended_us IS NULL AND a.disabled = $2";
        let query = sqlx::query(sql).bind(token_sha256).bind(false);
        let Some(row) = query.fetch_optional(&self.reader).await.map_err(super::classified)? else {
            return Ok(None);
        };
        let times: std::result::Result<(i64, i64), sqlx::Error> =
            row.try_get(7).and_then(|created| Ok((created, row.try_get(8)?)));
        let (created_us, seen_us) = times.map_err(super::classified)?;
        Ok(Some(SignIn { account: account(&row)?, created_us, seen_us }))
    }

    /// Notes that the browser is still there.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn touch_sign_in(&self, token_sha256: &str, now_us: i64) -> Result<()> {
        let sql =
            "UPDATE sign_in SET seen_us = $2 WHERE token_sha256 = $1 AND ended_us IS NULL AND seen_us < $2";
        let query = sqlx::query(sql).bind(token_sha256).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Ends a sign-in; one that ended before stays as it is.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn end_sign_in(&self, token_sha256: &str, now_us: i64) -> Result<()> {
        let sql = "UPDATE sign_in SET ended_us = $2 WHERE token_sha256 = $1 AND ended_us IS NULL";
        let query = sqlx::query(sql).bind(token_sha256).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Notes who saw or did what. References only, no content.
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
        let sql = "INSERT INTO access_log (at_us, account_id, action, entity, entity_id) \
                   VALUES ($1, $2, $3, $4, $5)";
        let query = sqlx::query(sql).bind(at_us).bind(account_id).bind(action).bind(entity).bind(entity_id);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }
}

fn account(row: &SqliteRow) -> Result<Account> {
    let read = || -> std::result::Result<(Account, String), sqlx::Error> {
        let account = Account {
            id: row.try_get("id")?,
            login: row.try_get("login")?,
            name: row.try_get("name")?,
            role: Role::Agent,
            agent: row.try_get("agent")?,
            password_hash: row.try_get("password_hash")?,
            disabled: row.try_get("disabled")?,
        };
        Ok((account, row.try_get("role")?))
    };
    let (account, role) = read().map_err(super::classified)?;
    Ok(Account { role: role.parse()?, ..account })
}

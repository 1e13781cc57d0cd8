//! Who may use the desk, and who is signed in.

use super::ids::new_id;
use super::sql::{Outcome, Row, Tx, query};
use super::{Result, StorageError, Store};
use crate::rights::{Role, Roles};

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
    pub roles: Roles,
    /// The agent at the switch, for roles that take calls.
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
    pub roles: Roles,
    /// The agent at the switch, for roles that take calls.
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
        let sql = format!("{ACCOUNT} WHERE a.login = $1");
        let rows = query(sqlx::AssertSqlSafe(sql)).bind(login).fetch_rows(&self.reader).await;
        Ok(accounts_of(&rows.map_err(super::classified)?)?.pop())
    }

    /// The account with this id, also a disabled one.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn account(&self, id: &str) -> Result<Option<Account>> {
        let sql = format!("{ACCOUNT} WHERE a.id = $1");
        let rows = query(sqlx::AssertSqlSafe(sql)).bind(id).fetch_rows(&self.reader).await;
        Ok(accounts_of(&rows.map_err(super::classified)?)?.pop())
    }

    /// All accounts, by login.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn accounts(&self) -> Result<Vec<Account>> {
        let sql = format!("{ACCOUNT} ORDER BY a.login, r.role");
        let rows = query(sqlx::AssertSqlSafe(sql)).fetch_rows(&self.reader).await;
        accounts_of(&rows.map_err(super::classified)?)
    }

    /// Adds an account.
    ///
    /// # Errors
    /// [`StorageError::LoginTaken`], [`StorageError::AgentTaken`], or what the database refuses.
    pub async fn add_account(&self, new: NewAccount) -> Result<Account> {
        let id = new_id(new.created_us)?;
        let mut transaction = self.begin().await?;
        let added = query(
            "INSERT INTO account (id, login, name, agent, password_hash, created_us) \
             VALUES ($1, $2, $3, $4, $5, $6)",
        )
        .bind(&id)
        .bind(&new.login)
        .bind(&new.name)
        .bind(&new.agent)
        .bind(&new.password_hash)
        .bind(new.created_us)
        .execute(&mut transaction)
        .await;
        if let Err(error) = &added
            && let Some(database) = error.as_database_error()
            && database.is_unique_violation()
        {
            // SQLite names the column, PostgreSQL the constraint.
            let agent =
                ["account.agent", "account_agent_key"].iter().any(|name| database.message().contains(name));
            return Err(if agent { StorageError::AgentTaken } else { StorageError::LoginTaken });
        }
        self.wrote(added)?;
        self.grant(&mut transaction, &id, &new.roles).await?;
        self.commit(transaction).await?;
        let NewAccount { login, name, roles, agent, password_hash, created_us: _ } = new;
        Ok(Account { id, login, name, roles, agent, password_hash, disabled: false })
    }

    async fn grant(&self, transaction: &mut Tx, id: &str, roles: &Roles) -> Result<()> {
        for role in roles.iter() {
            let query = query("INSERT INTO account_role (account_id, role) VALUES ($1, $2)");
            self.wrote(query.bind(id).bind(role.as_str()).execute(&mut *transaction).await)?;
        }
        Ok(())
    }

    /// Gives an account these roles instead of those that it has; its sign-ins go on with the new ones.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such an account, or what the database refuses.
    pub async fn set_roles(&self, id: &str, roles: &Roles) -> Result<()> {
        let mut transaction = self.begin().await?;
        let gone = query("DELETE FROM account_role WHERE account_id = $1").bind(id);
        // Every account has a role: where there is none there is no account.
        if self.wrote(gone.execute(&mut transaction).await)? == 0 {
            return Err(StorageError::Unknown("account"));
        }
        self.grant(&mut transaction, id, roles).await?;
        self.commit(transaction).await
    }

    /// Gives an account another password, and ends its sign-ins.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such an account, or what the database refuses.
    pub async fn set_password(&self, id: &str, password_hash: &str, now_us: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        let changed = query("UPDATE account SET password_hash = $2 WHERE id = $1");
        let changed = changed.bind(id).bind(password_hash).execute(&mut transaction).await;
        if self.wrote(changed)? == 0 {
            return Err(StorageError::Unknown("account"));
        }
        let ended = query("UPDATE sign_in SET ended_us = $2 WHERE ended_us IS NULL AND account_id = $1");
        self.wrote(ended.bind(id).bind(now_us).execute(&mut transaction).await)?;
        self.commit(transaction).await
    }

    /// Takes an account's rights, or gives them back. A disabled account's sign-ins end with it.
    ///
    /// # Errors
    /// [`StorageError::Unknown`] without such a login, or what the database refuses.
    pub async fn set_disabled(&self, login: &str, disabled: bool, now_us: i64) -> Result<()> {
        let mut transaction = self.begin().await?;
        let changed = query("UPDATE account SET disabled = $2 WHERE login = $1")
            .bind(login)
            .bind(disabled)
            .execute(&mut transaction)
            .await;
        if self.wrote(changed)? == 0 {
            return Err(StorageError::Unknown("account"));
        }
        if disabled {
            let sql = "UPDATE sign_in SET ended_us = $2 WHERE ended_us IS NULL \
                       AND account_id = (SELECT id FROM account WHERE login = $1)";
            self.wrote(query(sql).bind(login).bind(now_us).execute(&mut transaction).await)?;
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
        let query = query(sql).bind(token_sha256).bind(account_id).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Who is signed in with this cookie; nobody when it ended or the account is disabled. How old is too old is the
    /// asker's to say.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn sign_in(&self, token_sha256: &str) -> Result<Option<SignIn>> {
        let sql = "SELECT a.id, a.login, a.name, r.role, a.agent, a.password_hash, a.disabled, \
                   s.created_us, s.seen_us FROM sign_in s JOIN account a ON a.id = s.account_id \
                   JOIN account_role r ON r.account_id = a.id \
                   WHERE s.token_sha256 = $1 AND s.ended_us IS NULL AND a.disabled = $2";
        let query = query(sql).bind(token_sha256).bind(false);
        let rows = query.fetch_rows(&self.reader).await.map_err(super::classified)?;
        let (Some(account), Some(row)) = (accounts_of(&rows)?.pop(), rows.first()) else { return Ok(None) };
        let times: Outcome<(i64, i64)> =
            row.get("created_us").and_then(|created| Ok((created, row.get("seen_us")?)));
        let (created_us, seen_us) = times.map_err(super::classified)?;
        Ok(Some(SignIn { account, created_us, seen_us }))
    }

    /// Notes that the browser is still there.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn touch_sign_in(&self, token_sha256: &str, now_us: i64) -> Result<()> {
        let sql =
            "UPDATE sign_in SET seen_us = $2 WHERE token_sha256 = $1 AND ended_us IS NULL AND seen_us < $2";
        let query = query(sql).bind(token_sha256).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }

    /// Ends a sign-in; one that ended before stays as it is.
    ///
    /// # Errors
    /// What the database refuses.
    pub async fn end_sign_in(&self, token_sha256: &str, now_us: i64) -> Result<()> {
        let sql = "UPDATE sign_in SET ended_us = $2 WHERE token_sha256 = $1 AND ended_us IS NULL";
        let query = query(sql).bind(token_sha256).bind(now_us);
        self.wrote(query.execute(&self.writer).await).map(|_| ())
    }
}

/// Accounts with one row for each of their roles.
const ACCOUNT: &str = "SELECT a.id, a.login, a.name, r.role, a.agent, a.password_hash, a.disabled \
                       FROM account a JOIN account_role r ON r.account_id = a.id";

/// Rows of [`ACCOUNT`] as accounts; those of one account stand together.
fn accounts_of(rows: &[Row]) -> Result<Vec<Account>> {
    let read = |row: &Row| -> Outcome<(Account, String)> {
        let account = Account {
            id: row.get("id")?,
            login: row.get("login")?,
            name: row.get("name")?,
            roles: Role::Agent.into(),
            agent: row.get("agent")?,
            password_hash: row.get("password_hash")?,
            disabled: row.get("disabled")?,
        };
        Ok((account, row.get("role")?))
    };
    let mut accounts: Vec<(Account, Vec<Role>)> = Vec::new();
    for row in rows {
        let (account, role) = read(row).map_err(super::classified)?;
        let role: Role = role.parse().map_err(|_| StorageError::Unknown("role"))?;
        match accounts.last_mut() {
            Some((last, roles)) if last.id == account.id => roles.push(role),
            _ => accounts.push((account, vec![role])),
        }
    }
    let whole = accounts.into_iter().map(|(account, roles)| {
        Ok(Account { roles: Roles::new(roles).map_err(|_| StorageError::Unknown("role"))?, ..account })
    });
    whole.collect()
}

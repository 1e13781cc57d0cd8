//! `/api/accounts`: who may sign in, and as what. Each change is in the access log; nobody changes the own account.

use super::desk::Desk;
use super::extract::{Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::passwords;
use crate::rights::{Role, Roles};
use crate::storage::{Account, NewAccount};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest login, name and agent, in characters.
const CHARS_MAX: usize = 64;

/// All accounts.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountList {
    /// By login.
    pub accounts: Vec<AccountInfo>,
}

/// An account.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct AccountInfo {
    /// Id.
    pub account: String,
    /// What is typed to sign in.
    pub login: String,
    /// The name on screens.
    pub name: String,
    /// What it is there for.
    pub roles: Roles,
    /// The agent at the switch, for roles that take calls.
    pub agent: Option<String>,
    /// May not sign in any more.
    pub disabled: bool,
}

impl From<Account> for AccountInfo {
    fn from(account: Account) -> Self {
        let Account { id, login, name, roles, agent, password_hash: _, disabled } = account;
        Self { account: id, login, name, roles, agent, disabled }
    }
}

/// An account to add.
#[derive(Deserialize, ToSchema)]
pub(super) struct NewAccountForm {
    /// 1 to 64 characters.
    login: String,
    /// 1 to 64 characters.
    name: String,
    /// One or more; administrators and services have no other beside.
    roles: Vec<Role>,
    /// The agent at the switch; only and always for roles that take calls.
    agent: Option<String>,
    /// 8 characters to 256 bytes.
    password: String,
}

/// What an account is there for.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct RolesForm {
    /// One or more; administrators and services have no other beside.
    roles: Vec<Role>,
}

/// Whether an account may be used.
#[derive(Debug, Deserialize, ToSchema)]
pub(super) struct StateForm {
    /// May not sign in any more; who is signed in is out at once.
    disabled: bool,
}

/// A password.
#[derive(Deserialize, ToSchema)]
pub(super) struct PasswordForm {
    /// 8 characters to 256 bytes.
    password: String,
}

/// All accounts.
#[utoipa::path(get, path = "/api/accounts", tag = "accounts", security(("cookie" = [])), responses(
    (status = 200, body = AccountList), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn list(State(desk): State<Desk>) -> Result<Json<AccountList>, Refusal> {
    let accounts = desk.store.accounts().await?;
    Ok(Json(AccountList { accounts: accounts.into_iter().map(AccountInfo::from).collect() }))
}

/// Adds an account.
#[utoipa::path(post, path = "/api/accounts", tag = "accounts", request_body = NewAccountForm,
    security(("cookie" = [])), responses(
    (status = 201, body = AccountInfo), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "login_taken or agent_taken"), (status = 422, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn add(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Body(form): Body<NewAccountForm>,
) -> Result<(StatusCode, Json<AccountInfo>), Refusal> {
    let NewAccountForm { login, name, roles, agent, password } = form;
    let (login, name) = (word(&login)?, word(&name)?);
    let roles = roles_of(roles)?;
    let agent = agent.filter(|agent| !agent.trim().is_empty()).map(|agent| word(&agent)).transpose()?;
    fits(&roles, agent.as_deref())?;
    let password_hash = hashed(&password).await?;
    let created_us = desk.now_us();
    let new = NewAccount { login, name, roles, agent, password_hash, created_us };
    let account = desk.store.add_account(new).await?;
    desk.log(&signed_in.me, "account_added", "account", &account.id).await?;
    Ok((StatusCode::CREATED, Json(account.into())))
}

/// Gives an account other roles.
#[utoipa::path(put, path = "/api/accounts/{id}/roles", tag = "accounts", params(("id" = String, Path)),
    request_body = RolesForm, security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "own_account or last_security_admin"),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn set_roles(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(RolesForm { roles }): Body<RolesForm>,
) -> Result<StatusCode, Refusal> {
    let account = desk.other_account(&signed_in, &id).await?;
    let roles = roles_of(roles)?;
    fits(&roles, account.agent.as_deref())?;
    if !roles.has(Role::SecurityAdmin) {
        desk.leaves_a_security_admin(&account).await?;
    }
    desk.log(&signed_in.me, "account_roles", "account", &account.id).await?;
    desk.store.set_roles(&account.id, &roles).await?;
    desk.forget(&account);
    Ok(StatusCode::NO_CONTENT)
}

/// Takes an account's rights, or gives them back.
#[utoipa::path(put, path = "/api/accounts/{id}/state", tag = "accounts", params(("id" = String, Path)),
    request_body = StateForm, security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "own_account or last_security_admin"),
    (status = 503, body = Problem)))]
pub(super) async fn set_state(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(StateForm { disabled }): Body<StateForm>,
) -> Result<StatusCode, Refusal> {
    let account = desk.other_account(&signed_in, &id).await?;
    if disabled {
        desk.leaves_a_security_admin(&account).await?;
    }
    let action = if disabled { "account_disabled" } else { "account_enabled" };
    desk.log(&signed_in.me, action, "account", &account.id).await?;
    desk.store.set_disabled(&account.login, disabled, desk.now_us()).await?;
    desk.forget(&account);
    Ok(StatusCode::NO_CONTENT)
}

/// Gives an account another password; who is signed in with it is out at once.
#[utoipa::path(put, path = "/api/accounts/{id}/password", tag = "accounts", params(("id" = String, Path)),
    request_body = PasswordForm, security(("cookie" = [])), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "own_account"), (status = 422, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn set_password(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(id): Named<String>,
    Body(PasswordForm { password }): Body<PasswordForm>,
) -> Result<StatusCode, Refusal> {
    let account = desk.other_account(&signed_in, &id).await?;
    let hash = hashed(&password).await?;
    desk.log(&signed_in.me, "account_password", "account", &account.id).await?;
    desk.store.set_password(&account.id, &hash, desk.now_us()).await?;
    desk.forget(&account);
    Ok(StatusCode::NO_CONTENT)
}

impl Desk {
    /// An account that is not the asker's own.
    async fn other_account(&self, signed_in: &SignedIn, id: &str) -> Result<Account, Refusal> {
        if signed_in.me.account == id {
            return Err(Refusal::own_account());
        }
        self.store.account(id).await?.ok_or_else(Refusal::unknown_account)
    }

    /// Somebody has to be left who can give rights.
    async fn leaves_a_security_admin(&self, gone: &Account) -> Result<(), Refusal> {
        if !gone.roles.has(Role::SecurityAdmin) {
            return Ok(());
        }
        let accounts = self.store.accounts().await?;
        let left =
            |other: &Account| other.id != gone.id && !other.disabled && other.roles.has(Role::SecurityAdmin);
        if accounts.iter().any(left) { Ok(()) } else { Err(Refusal::last_security_admin()) }
    }

    /// What an account may do has changed: its pages end, and open again with what it may do now.
    fn forget(&self, account: &Account) {
        let theirs = self.sign_ins().of_account(&account.id);
        for digest in theirs {
            self.sign_ins().forget(&digest);
            self.hub.handle(crate::hub::Input::SignedOut { sign_in: digest });
        }
    }
}

/// A word without blanks around it.
fn word(text: &str) -> Result<String, Refusal> {
    let text = text.trim();
    if text.is_empty() || text.chars().count() > CHARS_MAX || text.chars().any(char::is_control) {
        return Err(Refusal::invalid(
            "用户名、姓名和坐席为 1 到 64 个字，不含控制字符。",
            "Login, name and agent have 1 to 64 characters, none of them a control character.",
        ));
    }
    Ok(text.to_owned())
}

fn roles_of(roles: Vec<Role>) -> Result<Roles, Refusal> {
    Roles::new(roles).map_err(|error| {
        let zh = "账号须有一个或多个角色；管理员和服务账号不能兼任其他角色。";
        let en = "An account has one role or more; administrators and services have no other beside.";
        Refusal::invalid(zh, en).detail(error.to_string())
    })
}

/// Who takes calls has a phone, and nobody else.
fn fits(roles: &Roles, agent: Option<&str>) -> Result<(), Refusal> {
    if roles.take_calls() == agent.is_some() {
        return Ok(());
    }
    Err(Refusal::invalid(
        "接听电话的角色（坐席、随访护士）须指定坐席，其他角色不能有坐席。",
        "Roles that take calls (agent, follow-up nurse) name the agent at the switch; others have none.",
    ))
}

async fn hashed(password: &str) -> Result<String, Refusal> {
    passwords::hash(password).await.map_err(|_| {
        Refusal::invalid(
            "密码至少 8 个字，最多 256 字节。",
            "A password has 8 characters or more, and 256 bytes at most.",
        )
    })
}

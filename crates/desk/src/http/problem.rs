//! What went wrong, for people and for programs (RFC 9457), in Chinese and English.

use super::desk::Desk;
use crate::storage::{MergeRefusal, StorageError, StorageHealth};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use std::time::Duration;
use utoipa::ToSchema;

/// A refused request. `code` is for programs and never changes; `title` is for people.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Problem {
    /// `urn:careline:problem:<code>`.
    #[serde(rename = "type")]
    pub kind: String,
    /// One sentence in the language of the browser.
    pub title: String,
    /// HTTP status.
    pub status: u16,
    /// What exactly was wrong; may be absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub detail: Option<String>,
    /// The problem's fixed name.
    pub code: String,
    /// With `note_conflict`: the note as it is saved; null when there is none.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<super::notes::NoteText>)]
    pub current: Option<serde_json::Value>,
}

/// A problem before its language is known.
#[derive(Debug, Clone)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    zh: &'static str,
    en: &'static str,
    detail: Option<Box<str>>,
    retry_after: Option<Duration>,
    current: Option<Box<serde_json::Value>>,
}

impl Refusal {
    const fn new(status: StatusCode, code: &'static str, zh: &'static str, en: &'static str) -> Self {
        Self { status, code, zh, en, detail: None, retry_after: None, current: None }
    }

    pub(super) fn detail(mut self, detail: impl Into<Box<str>>) -> Self {
        self.detail = Some(detail.into());
        self
    }

    pub(super) fn not_signed_in() -> Self {
        Self::new(StatusCode::UNAUTHORIZED, "not_signed_in", "请先登录。", "Sign in first.")
    }

    pub(super) fn sign_in_refused() -> Self {
        let (zh, en) = ("用户名或密码不正确。", "The login or the password is not right.");
        Self::new(StatusCode::UNAUTHORIZED, "sign_in_refused", zh, en)
    }

    pub(super) fn locked(wait: Duration) -> Self {
        let zh = "失败次数过多，请稍后再试。";
        let en = "Too many failures: wait and try again.";
        let mut refusal = Self::new(StatusCode::TOO_MANY_REQUESTS, "locked", zh, en);
        refusal.retry_after = Some(wait);
        refusal
    }

    pub(super) fn origin() -> Self {
        let zh = "该请求不是来自本站页面。";
        let en = "The request does not come from a page of this desk.";
        Self::new(StatusCode::FORBIDDEN, "origin", zh, en)
    }

    pub(super) fn no_agent() -> Self {
        let zh = "该账号没有坐席。";
        let en = "This account has no agent at a switch.";
        Self::new(StatusCode::FORBIDDEN, "no_agent", zh, en)
    }

    /// Whoever has no right to a thing is not told whether it is there.
    pub(super) fn no_right() -> Self {
        let zh = "没有这个内容，或您无权使用。";
        let en = "There is no such thing, or you have no right to it.";
        Self::new(StatusCode::NOT_FOUND, "no_right", zh, en)
    }

    pub(super) fn method() -> Self {
        let (zh, en) = ("不支持该方法。", "This address does not take this method.");
        Self::new(StatusCode::METHOD_NOT_ALLOWED, "method", zh, en)
    }

    pub(super) fn unknown_account() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_account", "没有这个账号。", "There is no such account.")
    }

    pub(super) fn login_taken() -> Self {
        let (zh, en) = ("该用户名已被使用。", "This login is somebody's already.");
        Self::new(StatusCode::CONFLICT, "login_taken", zh, en)
    }

    pub(super) fn agent_taken() -> Self {
        let (zh, en) = ("该坐席已有账号。", "This agent has an account already.");
        Self::new(StatusCode::CONFLICT, "agent_taken", zh, en)
    }

    pub(super) fn own_account() -> Self {
        let zh = "不能修改自己的账号，请由另一位安全管理员操作。";
        let en = "Nobody changes the own account: ask another security administrator.";
        Self::new(StatusCode::CONFLICT, "own_account", zh, en)
    }

    pub(super) fn last_security_admin() -> Self {
        let zh = "这是最后一个可用的安全管理员账号。";
        let en = "This is the last security administrator who may sign in.";
        Self::new(StatusCode::CONFLICT, "last_security_admin", zh, en)
    }

    pub(super) fn unknown_call() -> Self {
        let zh = "没有这个通话，或您无权查看。";
        let en = "There is no such call among yours.";
        Self::new(StatusCode::NOT_FOUND, "unknown_call", zh, en)
    }

    pub(super) fn unknown_person() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_person", "没有这个人。", "There is no such person.")
    }

    /// The reason is one of a few sentences, each in both languages.
    pub(super) fn merge_refused(refusal: MergeRefusal) -> Self {
        let (zh, en) = match refusal {
            MergeRefusal::Same => ("不能与自己合并。", "Nobody can be joined with themselves."),
            MergeRefusal::Merged => (
                "其中一人已被合并，请刷新后再试。",
                "One of them was joined with somebody before: reload and look again.",
            ),
            MergeRefusal::Changed => (
                "其中一人的资料刚被修改，请刷新后再试。",
                "One of them was changed meanwhile: reload and look again.",
            ),
            MergeRefusal::NotActive => {
                ("没有这次合并，或已被撤销。", "There is no such merge, or it was undone already.")
            }
            MergeRefusal::Later => {
                ("之后还有相关的合并，请先撤销后面的合并。", "Undo the later merge of the same people first.")
            }
            MergeRefusal::RecordNumber => {
                ("病历号现已属于他人，无法撤销。", "The record number belongs to somebody else by now.")
            }
        };
        Self::new(StatusCode::CONFLICT, "merge_refused", zh, en)
    }

    pub(super) fn too_many_reveals() -> Self {
        let zh = "一小时内查看完整信息过多，请稍后再试；已记录。";
        let en = "Too much was shown whole within an hour: wait and try again. It was noted.";
        Self::new(StatusCode::TOO_MANY_REQUESTS, "too_many_reveals", zh, en)
    }

    pub(super) fn unknown_pair() -> Self {
        Self::new(StatusCode::NOT_FOUND, "unknown_pair", "没有这一对。", "There is no such pair.")
    }

    pub(super) fn unknown_his_message() -> Self {
        let (zh, en) = ("没有这条医院接口消息。", "There is no such message of the hospital's systems.");
        Self::new(StatusCode::NOT_FOUND, "unknown_his_message", zh, en)
    }

    pub(super) fn his_settled() -> Self {
        let zh = "该消息已处理，不能再作废。";
        let en = "The message was used already and cannot be discarded.";
        Self::new(StatusCode::CONFLICT, "his_settled", zh, en)
    }

    pub(super) fn his_without_door() -> Self {
        let zh = "配置中已没有该系统的接口，无法解读该消息。";
        let en = "No door of the configuration has the name of this system: how to read it is not known.";
        Self::new(StatusCode::CONFLICT, "his_without_door", zh, en)
    }

    pub(super) fn unknown_recording() -> Self {
        let zh = "没有这个录音，或您无权收听。";
        let en = "There is no such recording among yours.";
        Self::new(StatusCode::NOT_FOUND, "unknown_recording", zh, en)
    }

    /// What is wrong with the call is told as being wrong with its recording.
    pub(super) fn about_recording(self) -> Self {
        if self.status == StatusCode::NOT_FOUND { Self::unknown_recording() } else { self }
    }

    pub(super) fn unknown_path() -> Self {
        Self::new(
            StatusCode::NOT_FOUND,
            "unknown_path",
            "没有这个地址。",
            "There is nothing at this address.",
        )
    }

    pub(super) fn bad_request(status: StatusCode, detail: impl Into<Box<str>>) -> Self {
        let zh = "请求内容不正确。";
        let en = "The request is not what this address takes.";
        Self::new(status, "bad_request", zh, en).detail(detail)
    }

    pub(super) fn invalid(zh: &'static str, en: &'static str) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", zh, en)
    }

    pub(super) fn note_conflict(current: serde_json::Value) -> Self {
        let zh = "备注已在别处修改。";
        let en = "The note was changed meanwhile.";
        let mut refusal = Self::new(StatusCode::CONFLICT, "note_conflict", zh, en);
        refusal.current = Some(Box::new(current));
        refusal
    }

    pub(super) fn switch_refused(words: &str) -> Self {
        let (zh, en) = ("交换机拒绝了该操作。", "The switch refuses.");
        Self::new(StatusCode::CONFLICT, "switch_refused", zh, en).detail(words)
    }

    pub(super) fn switch_away() -> Self {
        let (zh, en) = ("交换机暂时无法连接。", "The switch cannot be reached now.");
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "switch_away", zh, en)
    }

    pub(super) fn busy() -> Self {
        let (zh, en) = ("系统繁忙，请稍后再试。", "Busy: try again in a second.");
        let mut refusal = Self::new(StatusCode::SERVICE_UNAVAILABLE, "busy", zh, en);
        refusal.retry_after = Some(Duration::from_secs(1));
        refusal
    }

    pub(super) fn range_not_satisfiable() -> Self {
        let zh = "请求的范围超出了录音。";
        let en = "The range lies behind the end of the recording.";
        Self::new(StatusCode::RANGE_NOT_SATISFIABLE, "range", zh, en)
    }

    pub(super) fn damaged() -> Self {
        let (zh, en) = ("录音文件无法读取。", "The recording cannot be read.");
        Self::new(StatusCode::BAD_GATEWAY, "recording_damaged", zh, en)
    }

    fn words(&self, chinese: bool) -> Problem {
        Problem {
            kind: format!("urn:careline:problem:{}", self.code),
            title: if chinese { self.zh } else { self.en }.to_owned(),
            status: self.status.as_u16(),
            detail: self.detail.as_deref().map(str::to_owned),
            code: self.code.to_owned(),
            current: self.current.as_deref().cloned(),
        }
    }
}

impl From<StorageError> for Refusal {
    fn from(error: StorageError) -> Self {
        let unavailable = StatusCode::SERVICE_UNAVAILABLE;
        match error.health() {
            StorageHealth::Locked => {
                let zh = "数据库被占用，内容尚未保存。";
                Self::new(unavailable, "storage_locked", zh, "The database is locked; nothing was saved.")
            }
            StorageHealth::ReadOnly => {
                let zh = "数据库只读，内容尚未保存。";
                Self::new(
                    unavailable,
                    "storage_read_only",
                    zh,
                    "The database is read-only; nothing was saved.",
                )
            }
            StorageHealth::Failed => {
                let zh = "数据库故障，内容尚未保存。";
                Self::new(unavailable, "storage_failed", zh, "The database failed; nothing was saved.")
            }
            StorageHealth::Away => {
                let zh = "数据库服务器连不上，内容尚未保存。";
                let en = "The database's server cannot be reached; nothing was saved.";
                Self::new(unavailable, "storage_away", zh, en)
            }
            StorageHealth::Ok => match error {
                StorageError::Unknown("account") => Self::not_signed_in(),
                StorageError::Unknown("pair") => Self::unknown_pair(),
                StorageError::Unknown(_) => Self::unknown_person(),
                StorageError::Merge(refusal) => Self::merge_refused(refusal),
                StorageError::LoginTaken => Self::login_taken(),
                StorageError::AgentTaken => Self::agent_taken(),
                other => {
                    tracing::error!(error = %other, "storage refused what it should not");
                    Self::busy()
                }
            },
        }
    }
}

impl IntoResponse for Refusal {
    /// The words come later, in [`speak`].
    fn into_response(self) -> Response {
        let mut response = self.status.into_response();
        if let Some(wait) = self.retry_after {
            let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
            response.headers_mut().insert(header::RETRY_AFTER, HeaderValue::from(seconds));
        }
        response.extensions_mut().insert(self);
        response
    }
}

/// Puts refusals into words of the browser's language; an error that axum made itself gets a code of its own.
pub(super) async fn speak(State(desk): State<Desk>, request: Request, next: Next) -> Response {
    let chinese = wants_chinese(request.headers(), &desk.config.language);
    let mut response = next.run(request).await;
    let refusal = match response.extensions_mut().remove::<Refusal>() {
        Some(refusal) => refusal,
        None if response.status() == StatusCode::METHOD_NOT_ALLOWED => Refusal::method(),
        None => return response,
    };
    let body = serde_json::to_vec(&refusal.words(chinese)).unwrap_or_default();
    let (mut parts, _) = response.into_parts();
    parts.headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
    parts.headers.remove(header::CONTENT_LENGTH);
    Response::from_parts(parts, body.into())
}

/// The first of the browser's languages that we speak; the configured one when there is none.
fn wants_chinese(headers: &HeaderMap, configured: &str) -> bool {
    let asked =
        headers.get(header::ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok()).unwrap_or_default();
    let spoken = asked.split(',').map(str::trim).find_map(|language| {
        let language = language.to_ascii_lowercase();
        if language.starts_with("zh") {
            Some(true)
        } else if language.starts_with("en") {
            Some(false)
        } else {
            None
        }
    });
    spoken.unwrap_or_else(|| configured.starts_with("zh"))
}

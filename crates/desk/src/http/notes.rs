//! `/api/calls/{call}/note`: what the agent writes down, saved while it is typed.

use super::desk::Desk;
use super::extract::{Body, Named};
use super::problem::{Problem, Refusal};
use super::who::SignedIn;
use crate::storage::Note;
use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// Longest note, in characters.
const NOTE_CHARS_MAX: usize = 4_000;

/// A note as it is saved.
#[derive(Debug, Clone, PartialEq, Default, Serialize, ToSchema)]
pub struct NoteText {
    /// The text; empty when there is no note.
    pub text: String,
    /// Grows with every save; 0 when there is no note.
    pub version: i64,
    /// Last save, UTC microseconds; nothing when there is no note.
    pub at_us: Option<i64>,
}

impl From<Note> for NoteText {
    fn from(note: Note) -> Self {
        Self { text: note.text, version: note.version, at_us: Some(note.at_us) }
    }
}

/// A note to save.
#[derive(Debug, Clone, PartialEq, Deserialize, ToSchema)]
pub struct NoteToSave {
    /// At most 4000 characters.
    pub text: String,
    /// The version that was on the screen; 0 for none.
    pub version: i64,
}

/// A note was saved.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct NoteSaved {
    /// The version to give with the next save.
    pub version: i64,
    /// When, UTC microseconds.
    pub at_us: i64,
}

/// The note of a call.
#[utoipa::path(get, path = "/api/calls/{call}/note", tag = "notes", params(("call" = String, Path)),
    security(("cookie" = [])), responses(
    (status = 200, body = NoteText), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 503, body = Problem)))]
pub(super) async fn show(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
) -> Result<Json<NoteText>, Refusal> {
    let seen = desk.call_of(&signed_in, &call).await?;
    let note = desk.store.note(&seen.id.to_string()).await?;
    Ok(Json(note.map(NoteText::from).unwrap_or_default()))
}

/// Saves the note over the version that was on the screen.
#[utoipa::path(put, path = "/api/calls/{call}/note", tag = "notes", params(("call" = String, Path)),
    request_body = NoteToSave, security(("cookie" = [])), responses(
    (status = 200, body = NoteSaved), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem, description = "note_conflict; `current` is the note as it is saved"),
    (status = 422, body = Problem), (status = 503, body = Problem)))]
pub(super) async fn save(
    signed_in: SignedIn,
    State(desk): State<Desk>,
    Named(call): Named<String>,
    Body(NoteToSave { text, version }): Body<NoteToSave>,
) -> Result<Json<NoteSaved>, Refusal> {
    let seen = desk.call_of(&signed_in, &call).await?;
    let me = signed_in.me;
    if text.chars().count() > NOTE_CHARS_MAX {
        return Err(Refusal::invalid("备注不能超过 4000 字。", "A note has at most 4000 characters."));
    }
    if version < 0 {
        return Err(Refusal::invalid("版本号不能为负。", "A version is 0 or more."));
    }
    let saved =
        desk.store.save_note(&seen.id.to_string(), &text, &me.account, version, desk.now_us()).await?;
    match saved {
        Ok(note) => Ok(Json(NoteSaved { version: note.version, at_us: note.at_us })),
        Err(conflict) => {
            let current = serde_json::to_value(conflict.current.map(NoteText::from));
            Err(Refusal::note_conflict(current.unwrap_or_default()))
        }
    }
}

//! `/api/hospital`: what pages show before anybody is signed in.

use super::desk::Desk;
use crate::config::Named;
use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;

/// The hospital and its words.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Hospital {
    /// The name on pages.
    pub name: String,
    /// `zh-CN` or `en`: the language of a browser that asks for neither.
    pub language: String,
    /// The start page signs in with one click.
    pub demo: bool,
    /// How a new caller came to us; the key is the place in this list, from 1.
    pub sources: Vec<Choice>,
    /// Names of advertising media.
    pub media: Vec<Choice>,
    /// Names of lines.
    pub lines: Vec<Choice>,
    /// Version of the program.
    pub version: String,
}

/// A code and what people call it.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Choice {
    /// As it stands in the data.
    pub code: String,
    /// Chinese.
    pub name: String,
    /// English.
    pub name_en: String,
}

impl From<&Named> for Choice {
    fn from(named: &Named) -> Self {
        let Named { code, name, name_en } = named.clone();
        Self { code, name, name_en }
    }
}

/// The hospital.
#[utoipa::path(get, path = "/api/hospital", tag = "hospital", responses((status = 200, body = Hospital)))]
pub(super) async fn show(State(desk): State<Desk>) -> Json<Hospital> {
    let config = &desk.config;
    let choices = |named: &[Named]| named.iter().map(Choice::from).collect();
    Json(Hospital {
        name: config.hospital.clone(),
        language: config.language.clone(),
        demo: config.demo,
        sources: choices(&config.sources),
        media: choices(&config.media),
        lines: choices(&config.lines),
        version: env!("CARGO_PKG_VERSION").to_owned(),
    })
}

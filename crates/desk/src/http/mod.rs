//! The desk's HTTP interface: pages, their API and their WebSocket.
//!
//! One file for each noun, in the order types, document, handler. What holds for all of them stands in
//! `guards`, `who` and `problem`: who is signed in, where a request comes from, how long it may take, what may be
//! remembered. What each role may do stands in [`crate::rights`], which is asked before any handler runs.
//!
//! No full telephone number leaves by this way. Whoever may not see a thing is told that there is none.
#![allow(unused_qualifications, reason = "the macro of the documents writes them")]

mod access;
mod accounts;
mod assets;
mod audit;
mod calls;
mod consents;
mod demo;
mod desk;
mod door;
mod extract;
mod guards;
mod health;
mod his;
mod hospital;
mod merges;
mod messages;
mod my_state;
mod notes;
mod persons;
mod play;
mod pops;
mod problem;
mod range;
mod recordings;
mod reports;
mod reveal;
mod serve;
mod sign_in;
mod stream;
mod who;

pub use crate::rights::PUBLIC;
pub use accounts::{AccountInfo, AccountList};
pub use audit::{AuditEntry, AuditList, ChainInfo};
pub use calls::{CallDetail, CallList, CallSummary, PersonName, RecordingInfo, TransferInfo};
pub use consents::{ConsentWord, Consents, PurposeInfo};
pub use desk::Desk;
pub use door::{Door, LOGINS_MAX, Locked};
pub use health::{Health, SwitchLiveness};
pub use his::{
    HisCount, HisDoorInfo, HisDoorList, HisMessageDetail, HisMessageInfo, HisMessageList, HisReplayed,
    HisReplayedAll,
};
pub use hospital::{Choice, Hospital};
pub use merges::{MergeInfo, MergeList, Pair, PairList, PairSide, Unmerged};
pub use messages::{MessageInfo, MessageList};
pub use notes::{NoteSaved, NoteText, NoteToSave};
pub use persons::{NewPersonForm, PersonCard, PersonFile, PersonList, VisitInfo};
pub use problem::Problem;
pub use range::{ByteRange, NotSatisfiable, requested};
pub use recordings::Peaks;
pub use reports::{IntervalReport, IntervalRow, LiveAgent, LiveBoard, LiveQueue, MetricInfo};
pub use reveal::Revealed;
pub use serve::{CONNECTIONS_MAX, READ_MAX, serve};
pub use sign_in::COOKIE;
pub use stream::{SILENT_MAX, WRITE_MAX};

use crate::hub::{PageMessage, ServerMessage};
use axum::Router;
use axum::extract::DefaultBodyLimit;
use axum::middleware::{from_fn, from_fn_with_state};
use utoipa::OpenApi;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, SecurityScheme};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

/// Longest body of a request, in bytes.
pub const BODY_BYTES_MAX: usize = 64 * 1024;

#[derive(OpenApi)]
#[openapi(
    info(title = "Careline desk", description = "People, calls and pages of a hospital's call centre."),
    components(schemas(ServerMessage, PageMessage, Problem))
)]
struct Document;

/// The whole interface with its document.
pub fn router(desk: Desk) -> Router {
    let (api, _) = api(&desk).split_for_parts();
    api.fallback(assets::page)
        .layer(from_fn_with_state(desk.clone(), problem::speak))
        .layer(from_fn(guards::security_headers))
        .with_state(desk)
}

/// The document of every endpoint and every message, OpenAPI 3.1.
#[must_use]
pub fn openapi() -> utoipa::openapi::OpenApi {
    let mut document = quick().merge(streams()).into_openapi();
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(COOKIE)));
    document.components.get_or_insert_default().add_security_scheme("cookie", cookie);
    document
}

fn api(desk: &Desk) -> OpenApiRouter<Desk> {
    let quick = quick().layer(from_fn(guards::in_time));
    quick
        .merge(streams())
        .route_layer(from_fn_with_state(desk.clone(), who::permit))
        .layer(DefaultBodyLimit::max(BODY_BYTES_MAX))
        .layer(from_fn(guards::same_origin))
        .layer(from_fn(guards::not_remembered))
}

/// What is answered at once.
fn quick() -> OpenApiRouter<Desk> {
    OpenApiRouter::with_openapi(Document::openapi())
        .routes(routes!(hospital::show))
        .routes(routes!(demo::accounts))
        .routes(routes!(demo::sign_in))
        .routes(routes!(sign_in::start, sign_in::me, sign_in::end))
        .routes(routes!(my_state::set))
        .routes(routes!(messages::list))
        .routes(routes!(messages::set))
        .routes(routes!(calls::list))
        .routes(routes!(calls::show))
        .routes(routes!(calls::hang_up))
        .routes(routes!(pops::show))
        .routes(routes!(pops::choose))
        .routes(routes!(notes::show, notes::save))
        .routes(routes!(persons::search, persons::add))
        .routes(routes!(persons::show))
        .routes(routes!(reveal::reveal))
        .routes(routes!(consents::show, consents::add))
        .routes(routes!(merges::pairs))
        .routes(routes!(merges::decide))
        .routes(routes!(merges::list, merges::join))
        .routes(routes!(merges::reverse))
        .routes(routes!(recordings::peaks))
        .routes(routes!(reports::intervals))
        .routes(routes!(reports::board))
        .routes(routes!(reports::metrics))
        .routes(routes!(accounts::list, accounts::add))
        .routes(routes!(accounts::set_roles))
        .routes(routes!(accounts::set_state))
        .routes(routes!(accounts::set_password))
        .routes(routes!(audit::list))
        .routes(routes!(audit::chain))
        .routes(routes!(his::doors))
        .routes(routes!(his::list))
        .routes(routes!(his::show))
        .routes(routes!(his::try_again))
        .routes(routes!(his::try_all_again))
        .routes(routes!(his::put_aside))
        .routes(routes!(health::show))
        .routes(routes!(health::ready))
}

/// What takes its time.
fn streams() -> OpenApiRouter<Desk> {
    OpenApiRouter::new().routes(routes!(play::audio)).routes(routes!(stream::open))
}
